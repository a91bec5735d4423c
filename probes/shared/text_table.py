"""Lay out tables of fixed width, for terminals and logs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from repsearch.storage.visible import visible


def fixed_width(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, left: Sequence[int] = (0,)
) -> str:
    """Lay out rows of text in columns two blanks apart, with a rule below the header.

    Parameters
    ----------
    header : sequence of str
        Heading of each column.
    rows : sequence of sequence of str
        Cells, as many in each row as headings.
    left : sequence of int, default (0,)
        Numbers, from 0, of the columns aligned to the left; the others, of numbers, to the right.

    Returns
    -------
    str
        Lines without blanks at their ends, and no line end at the last; letters that a
        terminal would act on are written as escapes. Columns are
        as wide as a terminal shows them: a Chinese character takes two places.

    Examples
    --------
    >>> print(fixed_width(["word", "mode"], [["Rhine", "7"], ["ライン", "12"]]))
    word    mode
    ------------
    Rhine      7
    ライン    12
    """
    header = [visible(cell) for cell in header]
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - cell_len(cell))
            padded.append(cell + blanks if column in left else blanks + cell)
        return "  ".join(padded).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(header), rule, *map(line, rows)])

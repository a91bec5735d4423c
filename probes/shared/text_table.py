"""Lay out tables of fixed width, for terminals and logs."""

from __future__ import annotations

from collections.abc import Sequence


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
        Lines without blanks at their ends, and no line end at the last.

    Examples
    --------
    >>> print(fixed_width(("family", "pairs"), [("plurals", "12"), ("capitals", "9")]))
    family    pairs
    ---------------
    plurals      12
    capitals      9
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(header), rule, *map(line, rows)])

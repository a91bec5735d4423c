"""Lay out tables of fixed width, for terminals and logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from rich.cells import cell_len, set_cell_size

from repsearch.storage.visible import visible

_WHOLE: ContextVar[bool] = ContextVar("_WHOLE", default=False)
_NARROWEST = 12
"""To so many places a name is shortened for its table to fit, and no further."""


@contextmanager
def whole_tables() -> Iterator[None]:
    """Lay tables out whole, however wide: for files and pipes, which have no edge.

    Yields
    ------
    None
        While names are not shortened.

    Examples
    --------
    >>> with whole_tables():
    ...     print(fixed_width(["name", "n"], [["representation", "7"]], width=14))
    name            n
    -----------------
    representation  7
    """
    before = _WHOLE.set(True)
    try:
        yield
    finally:
        _WHOLE.reset(before)


def fixed_width(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    left: Sequence[int] = (0,),
    width: int | None = None,
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
    width : int, optional
        Places that a line may have: the names in the first column are shortened as far as that
        takes, an ellipsis at their end. As wide as it comes by default, and in `whole_tables`.

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
    if width is not None and not _WHOLE.get():
        over = sum(widths) + 2 * (len(widths) - 1) - width
        room = min(widths[0], max(_NARROWEST, widths[0] - over))
        rows = [[_fitted(row[0], room), *row[1:]] for row in rows]
        widths[0] = max(cell_len(header[0]), *(cell_len(row[0]) for row in rows), 0)

    def line(cells: Sequence[str]) -> str:
        padded = []
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - cell_len(cell))
            padded.append(cell + blanks if column in left else blanks + cell)
        return "  ".join(padded).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return "\n".join([line(header), rule, *map(line, rows)])


def _fitted(name: str, room: int) -> str:
    if cell_len(name) <= room:
        return name
    return f"{set_cell_size(name, room - 1).rstrip()}…"


def evenly_spread(numbers: Sequence[int], most: int) -> list[int]:
    """Choose at most so many numbers, evenly spread, the first and the last among them.

    Parameters
    ----------
    numbers : sequence of int
        Such as layers.
    most : int
        At least 2.

    Returns
    -------
    list of int
        All of them where there are no more.

    Examples
    --------
    >>> evenly_spread(range(10), 4)
    [0, 3, 6, 9]
    """
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[round(k * (len(numbers) - 1) / (most - 1))] for k in range(most)]

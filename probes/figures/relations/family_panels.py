"""Lay out one small panel for each family, and say which families have none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from matplotlib.figure import Figure

from probes.drawing.labels import family_label, shortened
from probes.drawing.refusals import PanelsError
from probes.drawing.style import WIDTH, literal
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PANELS = 12
"""Panels that a page holds."""
_PANEL = 1.35
_LABEL_WIDTH = 27

Family = TypeVar("Family")


def with_most_pairs(
    families: Sequence[Family], pairs: Sequence[int], most: int = MOST_PANELS
) -> tuple[list[Family], int]:
    """Choose the families that have a panel: those with the most pairs, in their own order.

    Of few pairs an interval is all that can be seen.

    Parameters
    ----------
    families : sequence
        Whatever is drawn.
    pairs : sequence of int
        Number of pairs of each.
    most : int, default 12
        Panels at most.

    Returns
    -------
    list, int
        The families that are drawn, and how many are not.

    Examples
    --------
    >>> with_most_pairs(["a", "b", "c"], [5, 2, 9], 2)
    (['a', 'c'], 1)
    """
    order = sorted(range(len(families)), key=lambda k: (-pairs[k], k))
    kept = sorted(order[:most])
    return [families[k] for k in kept], len(families) - len(kept)


def not_drawn(number: int) -> str:
    """Say below an axis that some families have no panel.

    Parameters
    ----------
    number : int
        How many.

    Returns
    -------
    str
        A line to append; empty where all are drawn.

    Examples
    --------
    >>> not_drawn(0), not_drawn(2).strip()
    ('', '(2 families are in the table only, having the fewest pairs)')
    """
    if not number:
        return ""
    what = "1 family is" if number == 1 else f"{number} families are"
    return f"\n({what} in the table only, having the fewest pairs)"


def family_panels(number: int, columns: int) -> tuple[Figure, list[Axes]]:
    """Make a figure with so many panels on common axes; those left over are hidden.

    Parameters
    ----------
    number : int
        How many families.
    columns : int
        Panels in a row at most.

    Returns
    -------
    Figure, list of Axes
        The figure and its panels, row by row.

    Raises
    ------
    InputError
        No family or no column.

    Examples
    --------
    >>> figure, axes = family_panels(5, 3)
    >>> len(axes), sum(ax.get_visible() for ax in figure.axes)
    (5, 5)
    """
    if number < 1 or columns < 1:
        raise InputError(f"{number} families in {columns} columns; pass at least one of each")
    columns = min(columns, number)
    rows = -(-number // columns)
    figure = Figure(figsize=(WIDTH, 0.9 + _PANEL * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, ax in enumerate(axes.flat):
        ax.set_visible(place < number)
        # The lowest panel of each column has the labels of the axis.
        if number - columns <= place < number:
            ax.tick_params(labelbottom=True)
    return figure, list(axes.flat)[:number]


def name_panel(ax: Axes, family: str, pairs: int | None = None) -> None:
    """Write a family's name, and its number of pairs where there is room, above its panel.

    Parameters
    ----------
    ax : Axes
        The panel.
    family : str
        Name of the family.
    pairs : int, optional
        How many it has.
    """
    name = shortened(family_label(family), _LABEL_WIDTH)
    said, size = (name, 7.5) if pairs is None else (f"{name} ({pairs})", 8.5)
    literal(ax.set_title(said, loc="left", fontsize=size))


def refuse_axes(ax: Axes | None) -> None:
    """Refuse axes for a picture of several panels.

    Parameters
    ----------
    ax : Axes or None
        What the user passed.

    Raises
    ------
    PanelsError
        They are not None.
    """
    if ax is not None:
        raise PanelsError("the picture has a panel for each family; leave ax out")

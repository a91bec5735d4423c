"""List the pictures of emergence, and draw them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from probes.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIGURES = "probes.figures.relations"
_MEASURES = {"": ("share", "accuracy"), "-answers": ("reciprocal_rank", "margin")}
Picture = Callable[["Axes | None"], "Axes"]


def pictures_of(found: Result, predicted: Result | None) -> dict[str, Picture]:
    """Give what draws each picture of emergence, by the name of its file.

    Parameters
    ----------
    found : Emergence
        What was measured.
    predicted : Emergence or None
        What the closed form has.

    Returns
    -------
    dict of str to callable
        Curves over time and over dimension, and the plane of both; each raises
        `NothingToDrawError` where there is a single time or dimension.
    """
    drawn: dict[str, Picture] = {
        f"emergence-{against}{name}": partial(
            curves, found, predicted, against=against, measures=measures
        )
        for against in ("time", "d")
        for name, measures in _MEASURES.items()
    }
    return {**drawn, "plane": partial(_drawn, "share_plane:draw_share_plane", found)}


def curves(found: Result, predicted: Result | None, ax: Axes | None = None, **options: Any) -> Axes:
    """Draw measures of every family against time or dimension.

    Parameters
    ----------
    found : Emergence
        What was measured.
    predicted : Emergence or None
        What the closed form has.
    ax : matplotlib.axes.Axes, optional
        None, for there is a panel for each family.
    **options
        Keywords of `probes.figures.plot_emergence`.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel.

    Raises
    ------
    InputError
        Axes were given.
    """
    return _drawn("emergence:draw_emergence", found, ax, predicted=predicted, **options)


def _drawn(function: str, found: Result, ax: Axes | None, **options: Any) -> Axes:
    # By name: figures are made of results and stand above them.
    module, _, name = function.partition(":")
    drawn: Axes = getattr(import_module(f"{_FIGURES}.{module}"), name)(found, ax=ax, **options)
    return drawn

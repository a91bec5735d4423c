"""Draw the steps at which relations are learned beside learning times and co-occurrences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import PALETTE, WIDTH, key_above, styled
from probes.figures.relations.family_panels import refuse_axes
from probes.learning.order import OrderOfLearning, RelationOrder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = {
    "direction": ("o", "first step as a direction"),
    "half": ("s", "half of the final share"),
    "growth": ("^", "half of the final |m|²"),
}


def plot_order_of_learning(found: OrderOfLearning, *, ax: Axes | None = None) -> Axes:
    """Draw a point for each relation and measure that is dated from both sides.

    Parameters
    ----------
    found : OrderOfLearning
        What `probes.learning.order_of_learning` gave.
    ax : Axes, optional
        None: the picture has two panels.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        No relation is dated from both sides.
    PanelsError
        Axes were given.

    Examples
    --------
    >>> from probes import Interval
    >>> from probes.learning import RelationOrder
    >>> one = RelationOrder("plural", 100, None, None, Interval(0.2, 0.1, 0.3), 40.0)
    >>> plot_order_of_learning(OrderOfLearning((one,), {}, {})).get_ylabel()
    'training step'
    """
    refuse_axes(ax)
    dated = [
        one for one in found.relations if any(np.isfinite(_step(one, name)) for name in _MARKS)
    ]
    if not dated:
        raise NothingToDrawError("no relation is dated from both sides")
    with styled():
        figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
        left: Axes
        left, right = figure.subplots(1, 2, sharey=True)
        lines = []
        for color, (name, (mark, label)) in zip(PALETTE, _MARKS.items(), strict=False):
            steps = [_step(one, name) for one in dated]
            lines.append(Line2D([], [], color=color, marker=mark, linestyle="", label=label))
            for panel, at in (
                (left, [one.learning.value if one.learning else np.nan for one in dated]),
                (right, [one.co_occurrences for one in dated]),
            ):
                panel.plot(at, steps, mark, color=color, markersize=4.5)
        left.set_yscale("log")
        right.set_xscale("log")
        left.set_ylabel("training step")
        left.set_xlabel("learning time in closed form")
        right.set_xlabel("co-occurrences of a pair, median")
        key_above(figure, lines)
    return left


def _step(one: RelationOrder, name: str) -> float:
    """NaN where it is not known from both sides."""
    found = getattr(one, name)
    return float("nan") if found is None else float(getattr(found, "value", found))

"""Draw the loss over time, with the plateaus between the modes' learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.drawing.style import FAINT, MUTED, PALETTE, axes_or_new, log_axis_below, styled
from probes.figures.modes.singular_values import TIME_LABEL, times_after_start
from repsearch.dynamics import plateaus

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repsearch.dynamics.trajectory import Trajectory

_CLOSEST = 0.045
"""Share of the axis between two plateaus that can be told apart."""


def plot_loss_curve(trajectory: Trajectory, *, ax: Axes | None = None) -> Axes:
    """Draw the quartic loss over flow time, with the plateaus between the modes' learning.

    Horizontal lines mark the loss once the first m modes are learned and no
    other is, those that can be told apart; the scale on the right
    is the share of ||M||_F^2 that the model explains.

    Parameters
    ----------
    trajectory : Trajectory
        Training in closed form; of its times, those after 0 are drawn.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        Fewer than two times after 0.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> plot_loss_curve(flow).get_ylabel()
    'quartic loss L (0 at W = 0)'
    """
    times = times_after_start(trajectory)
    # The closed form is known at any time: between times far apart it is no straight line.
    times = np.union1d(times, np.geomspace(times[0], times[-1], 300))
    loss = trajectory.loss(times)
    values = trajectory.spectrum.eigenvalues[: trajectory.dimension].astype(float)
    levels = plateaus(values)
    whole = trajectory.spectrum.squared_norm / 4 or 1.0
    with styled():
        ax = axes_or_new(ax, height=3.9)
        log_axis_below(ax)
        shown = _told_apart(levels)
        for m, level in shown:
            above = m == 0 or m < shown[-1][0]
            ax.axhline(level, color=FAINT, linewidth=0.8, zorder=1)
            ax.annotate(
                f"{m}" if m else "modes learned: 0",
                (0.0, level),
                xycoords=("axes fraction", "data"),
                xytext=(3, 1.5 if above else -1.5),
                textcoords="offset points",
                ha="left",
                va="bottom" if above else "top",
                fontsize=7.2,
                color=MUTED,
            )
        ax.plot(times, loss, color=PALETTE[0], linewidth=1.6, zorder=2)
        ax.set_xlim(times[0], times[-1])
        ax.ticklabel_format(axis="y", scilimits=(-3, 4))
        ax.tick_params(which="both", length=0)
        ax.set_xlabel(TIME_LABEL)
        ax.set_ylabel("quartic loss L (0 at W = 0)")
        right = ax.secondary_yaxis(
            "right",
            functions=(
                lambda y: -100 * np.asarray(y, float) / whole,
                lambda share: -whole / 100 * np.asarray(share, float),
            ),
        )
        right.set_ylabel("explained share of ‖M‖² (%)")
        right.tick_params(length=0)
        right.spines["right"].set_visible(False)
    return ax


def _told_apart(levels: NDArray[np.float64]) -> list[tuple[int, float]]:
    """Numbers of modes learned, and the loss then: lines that do not crowd, and the end."""
    room = _CLOSEST * float(levels[0] - levels[-1])
    shown = [(0, float(levels[0]))]
    for m, level in enumerate(levels.tolist()):
        if shown[-1][1] - level > room:
            shown.append((m, level))
    end = int(np.argmin(levels))
    return shown if shown[-1][0] == end else [*shown, (end, float(levels[end]))]

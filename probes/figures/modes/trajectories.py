"""Draw how near the leading modes of two trajectories are over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probes.drawing.style import FAINT, MARKERS, MUTED, PALETTE, axes_or_new, legend_above, styled
from probes.modes.trajectories import TrajectoryComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_trajectory_comparison(found: TrajectoryComparison, *, ax: Axes | None = None) -> Axes:
    """Draw the overlap of the spans, and their distance, against time.

    Parameters
    ----------
    found : TrajectoryComparison
        Overlaps at one time or more.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.modes import compare_trajectories
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> axes = plot_trajectory_comparison(compare_trajectories(flow, flow, [1.0, 9.0], k=2))
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['overlap of the spans', 'root mean squared sine', 'overlap of random spans']
    """
    _, k, _ = found.overlaps.shape
    curves = {
        "overlap of the spans": found.subspace_overlaps,
        "root mean squared sine": found.distances,
    }
    with styled():
        ax = axes_or_new(ax, height=3.6)
        for number, (label, values) in enumerate(curves.items()):
            ax.plot(
                found.times,
                values,
                color=PALETTE[number],
                linewidth=1.2,
                marker=MARKERS[number],
                markersize=3.5,
                markeredgewidth=0,
                label=label,
            )
        ax.axhline(
            found.expected_overlap,
            color=MUTED,
            linewidth=0.9,
            linestyle=":",
            label="overlap of random spans",
        )
        ax.set_ylim(-0.03, 1.03)
        ax.margins(x=0.02)
        ax.grid(visible=True, axis="y", color=FAINT)
        ax.set_xlabel("time t")
        ax.set_ylabel(f"leading {k} modes")
        legend_above(ax)
    return ax

"""Signal of families against dimension: ours with accuracy beside it, and the paper's ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from probes.concepts.signal_to_noise.snr_curve import SnrCurve
from probes.drawing.labels import family_label, shortened
from probes.drawing.style import (
    MARKERS,
    MUTED,
    PALETTE,
    WIDTH,
    axes_or_new,
    literal,
    styled,
)
from probes.shared.intervals import Interval
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL = 1.35
_LABEL_WIDTH = 26


def plot_snr_curves(
    curves: Sequence[SnrCurve],
    accuracies: Mapping[str, Sequence[Interval | None]] | None = None,
    *,
    columns: int = 3,
) -> Figure:
    """Share of the mean in the differences against d, one small panel a family.

    The share is SNR / (1 + SNR), between 0 and 1 as accuracy is, so that both
    stand on one scale. A dashed line is what the share exceeds with
    probability 0.05 where the order within pairs means nothing; a tick below
    marks the peak, with a bar for its interval.

    Parameters
    ----------
    curves : sequence of SnrCurve
        One a family.
    accuracies : mapping of str to sequence of Interval or None, optional
        Analogy accuracies by family, one for each of its curve's dimensions.
    columns : int, default 3
        Panels in a row.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        There is no curve, or accuracies do not fit the dimensions.
    """
    if not curves or columns < 1:
        raise InputError(f"{len(curves)} curves in {columns} columns; pass at least one of each")
    columns = min(columns, len(curves))
    rows = -(-len(curves) // columns)
    with styled():
        figure = Figure(figsize=(WIDTH, 0.6 + _PANEL * rows), layout="constrained")
        axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for place, ax in enumerate(axes.flat):
            if place >= len(curves):
                ax.set_visible(False)
                continue
            curve = curves[place]
            scores = (accuracies or {}).get(curve.family)
            if scores is not None and len(scores) != len(curve.dims):
                raise InputError(
                    f"{len(scores)} accuracies of {curve.family} do not fit {len(curve.dims)} "
                    "dimensions; pass one for each"
                )
            _draw_curve(ax, curve, scores)
            # The lowest panel of each column has the labels of the axis.
            if place + columns >= len(curves):
                ax.tick_params(labelbottom=True)
        figure.supxlabel("dimension d", fontsize=9.0)
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=len(handles))
    return figure


def plot_published_snr(
    curves: Sequence[SnrCurve],
    reference: Mapping[str, tuple[Sequence[int], Sequence[float]]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """The paper's signal-to-noise ratio against d, with published curves as thin lines.

    Parameters
    ----------
    curves : sequence of SnrCurve
        At most eight families.
    reference : mapping of str to (dims, values), optional
        Published curves by family.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Raises
    ------
    InputError
        There is no curve, or more than eight.
    """
    if not 1 <= len(curves) <= len(PALETTE):
        raise InputError(f"{len(curves)} curves; pass 1 to {len(PALETTE)}, the colours there are")
    with styled():
        ax = axes_or_new(ax, height=3.4)
        for number, curve in enumerate(curves):
            colour = PALETTE[number]
            ax.plot(
                curve.dims,
                [paper.value for paper in curve.published],
                color=colour,
                marker=MARKERS[number],
                markersize=3.5,
                linewidth=1.4,
                label=shortened(family_label(curve.family), 40),
            )
            if reference and curve.family in reference:
                ax.plot(
                    *reference[curve.family], color=colour, linewidth=0.9, linestyle=(0, (3, 2))
                )
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ticks = [1, 2, 5, 10, 20, 50]
        ax.set_yticks(ticks, labels=[str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set_xticks(*_powers(curves[0].dims))
        ax.set_xlabel("dimension d")
        ax.set_ylabel("λ₁(G) rank(G) / Tr G")
        ax.grid(visible=True)
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        if reference:
            ax.set_title("dashed: published", loc="right", color=MUTED)
    return ax


def _draw_curve(ax: Axes, curve: SnrCurve, scores: Sequence[Interval | None] | None) -> None:
    dims = np.asarray(curve.dims, dtype=np.float64)
    shares = [found.share for found in curve.signals]
    ax.fill_between(
        dims,
        [share.low for share in shares],
        [share.high for share in shares],
        color=PALETTE[0],
        alpha=0.18,
        linewidth=0,
    )
    ax.plot(
        dims, [s.value for s in shares], color=PALETTE[0], linewidth=1.4, label="share of the mean"
    )
    ax.plot(
        dims,
        [found.null_95 for found in curve.signals],
        color=MUTED,
        linewidth=0.9,
        linestyle=(0, (4, 3)),
        label="95 % of the null",
    )
    if scores is not None:
        known = [k for k, score in enumerate(scores) if score is not None]
        kept = [score for score in scores if score is not None]
        ax.fill_between(
            dims[known],
            [score.low for score in kept],
            [score.high for score in kept],
            color=PALETTE[1],
            alpha=0.15,
            linewidth=0,
        )
        ax.plot(
            dims[known],
            [score.value for score in kept],
            color=PALETTE[1],
            linewidth=1.2,
            label="analogy accuracy",
        )
    ax.plot([curve.peak.low, curve.peak.high], [-0.09] * 2, color=PALETTE[0], linewidth=2.2)
    ax.plot([curve.peak.value], [-0.09], color=PALETTE[0], marker="|", markersize=6)
    ax.set_xscale("log", base=2)
    ax.set_xticks(*_powers(curve.dims))
    ax.minorticks_off()
    ax.set_ylim(-0.17, 1.04)
    ax.set_yticks([0.0, 0.5, 1.0])
    ax.grid(visible=True)
    name = shortened(family_label(curve.family), _LABEL_WIDTH)
    literal(ax.set_title(f"{name} ({curve.signals[0].pairs})", loc="left", fontsize=8.5))


def _powers(dims: Sequence[int]) -> tuple[list[int], list[str]]:
    """Powers of four within the range, and their labels."""
    found = [4**k for k in range(8) if dims[0] <= 4**k <= dims[-1]]
    return found, [f"{d:,}" for d in found]

"""Draw the signal of families against dimension and time, and the paper's ratio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from probes.concepts.signal_to_noise.published_snr import PublishedSnr
from probes.concepts.signal_to_noise.snr_curve import SnrCurve
from probes.concepts.signal_to_noise.snr_curves import SnrCurves
from probes.concepts.signal_to_noise.snr_plane import SnrPlane
from probes.drawing.labels import family_label, shortened
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import (
    MARKERS,
    MUTED,
    PALETTE,
    axes_or_new,
    key_above,
    legend_above,
    literal,
    styled,
)
from probes.figures.relations.family_panels import (
    family_panels,
    name_panel,
    not_drawn,
    refuse_axes,
    with_most_pairs,
)
from probes.shared.intervals import Interval
from probes.shared.wording import interval_of
from repsearch.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_snr_curves(found: SnrCurves, *, columns: int = 3, ax: Axes | None = None) -> Axes:
    """Draw the share of the mean in the differences against d, one small panel a family.

    The share is SNR / (1 + SNR), between 0 and 1 as accuracy is, so that both
    stand on one scale. A dashed line is what the share exceeds with
    probability 0.05 where the order within pairs means nothing; a tick below
    marks the peak, with a bar for its interval. The twelve families with the most pairs are
    drawn.

    Parameters
    ----------
    found : SnrCurves
        One curve a family, and analogy accuracies where they were asked.
    columns : int, default 3
        Panels in a row.
    ax : None
        None, for the picture has several panels.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        There is no curve.
    InputError
        `ax` is given, or there is no column.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.concepts import snr_curves
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> axes = plot_snr_curves(snr_curves(emb, Relations(world.relations), accuracy=False))
    >>> len(axes.get_figure().axes), axes.get_title(loc="left")
    (6, 'attribute 1 (8)')
    """
    refuse_axes(ax)
    if not found.curves:
        raise NothingToDrawError("there is no curve to draw")
    pairs = [curve.signals[0].pairs for curve in found.curves]
    curves, left = with_most_pairs(found.curves, pairs)
    with styled():
        figure, axes = family_panels(len(curves), columns)
        for panel, curve in zip(axes, curves, strict=True):
            _draw_curve(panel, curve, found.accuracies.get(curve.family))
        figure.supxlabel(f"dimension d{not_drawn(left)}", fontsize=9.0)
        said = ", analogy accuracy" if found.accuracies else ""
        figure.supylabel(f"common share{said}", fontsize=9.0)
        key_above(figure, _key(axes[0], curves[0].peak.level))
    return axes[0]


def plot_snr_curve(found: SnrCurve, *, ax: Axes | None = None) -> Axes:
    """Draw the share of the mean of one family against d, beside 95 % of the null.

    Parameters
    ----------
    found : SnrCurve
        Curve of a family.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import difference_vectors, snr_curve
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> pairs = world.relations["attribute 1"]
    >>> curve = snr_curve(difference_vectors(world.spectrum().embeddings(6), pairs))
    >>> plot_snr_curve(curve).get_xlabel()
    'dimension d'
    """
    with styled():
        ax = axes_or_new(ax, height=2.4)
        _draw_curve(ax, found, None)
        ax.set_xlabel("dimension d")
        legend_above(ax)
    return ax


def plot_snr_plane(found: SnrPlane, *, ax: Axes | None = None) -> Axes:
    """Draw the share of the mean on the plane of training time and dimension.

    Parameters
    ----------
    found : SnrPlane
        Shares of a family.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import snr_plane
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> plane = snr_plane(flow, world.relations["attribute 1"], [2.0, 20.0], [2, 4])
    >>> plot_snr_plane(plane).get_ylabel()
    'time'
    """
    with styled():
        ax = axes_or_new(ax, height=1.6 + 0.24 * len(found.times))
        image = ax.imshow(
            found.shares, cmap="viridis", vmin=0.0, vmax=1.0, origin="lower", aspect="auto"
        )
        ax.set_xticks(np.arange(len(found.dims)), labels=[f"{d:,}" for d in found.dims])
        ax.set_yticks(np.arange(len(found.times)), labels=[f"{time:.3g}" for time in found.times])
        ax.set_xlabel("dimension d")
        ax.set_ylabel("time")
        ax.tick_params(length=0)
        literal(ax.set_title(family_label(found.family), loc="left"))
        figure = ax.get_figure(root=True)
        if figure is not None:
            figure.colorbar(image, ax=ax).set_label("share of the mean")
    return ax


def plot_published_ratio(found: PublishedSnr, *, ax: Axes | None = None) -> Axes:
    """Draw the published ratio, as it is and with the full rank, below its largest value.

    Parameters
    ----------
    found : PublishedSnr
        Ratio of a family.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import difference_vectors, published_snr
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> pairs = world.relations["attribute 1"]
    >>> found = published_snr(difference_vectors(world.spectrum().embeddings(6), pairs))
    >>> len(plot_published_ratio(found).patches)
    2
    """
    with styled():
        ax = axes_or_new(ax, height=1.3)
        ax.barh([0, 1], [found.value, found.corrected], height=0.6, color=PALETTE[0])
        ax.axvline(found.full_rank, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        ax.set_yticks([0, 1], labels=[f"as published (rank {found.rank})", "with full rank"])
        ax.invert_yaxis()
        ax.set_xlim(left=0.0)
        ax.tick_params(length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("λ₁(G) rank(G) / Tr G (dashed: its largest value)")
    return ax


def plot_published_snr(
    curves: Sequence[SnrCurve],
    reference: Mapping[str, tuple[Sequence[int], Sequence[float]]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw the paper's signal-to-noise ratio against d, with published curves as thin lines.

    Parameters
    ----------
    curves : sequence of SnrCurve
        Curves of at most eight families.
    reference : mapping of str to (dims, values), optional
        Published curves by family.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        There is no curve, or more than eight.

    Examples
    --------
    >>> from probes.concepts import difference_vectors, snr_curve
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> curves = [
    ...     snr_curve(difference_vectors(emb, pairs, name=name))
    ...     for name, pairs in world.relations.items()
    ... ]
    >>> len(plot_published_snr(curves).get_lines())
    4
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
    ax.plot(dims, [s.value for s in shares], color=PALETTE[0], linewidth=1.4, label="common share")
    ax.plot(
        dims,
        [found.null_95 for found in curve.signals],
        color=MUTED,
        linewidth=0.9,
        linestyle=(0, (4, 3)),
        label="95 % of the null, pairs flipped",
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
    name_panel(ax, curve.family, curve.signals[0].pairs)


def _key(ax: Axes, level: float) -> list[Any]:
    """What the lines, bands and bars of a panel are."""
    handles: list[Any] = ax.get_legend_handles_labels()[0]
    band = Patch(color=PALETTE[0], alpha=0.18, linewidth=0, label=interval_of(level))
    peak = Line2D(
        [0, 1], [0, 0], color=PALETTE[0], linewidth=2.2, marker="|", markersize=6,
        markevery=[0], label=f"d of the largest share, {interval_of(level)}",
    )  # fmt: skip
    return [*handles, band, peak]


def _powers(dims: Sequence[int]) -> tuple[list[int], list[str]]:
    """Powers of four within the range, and their labels."""
    found = [4**k for k in range(8) if dims[0] <= 4**k <= dims[-1]]
    return found, [f"{d:,}" for d in found]

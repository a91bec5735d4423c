"""Draw the overlaps of modes of two bases, and the lineage of modes through training."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import PowerNorm
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import (
    FAINT,
    INK,
    PALETTE,
    axes_or_new,
    legend_above,
    literal,
    styled,
)
from probes.modes.lineage import ModeLineage, births, deaths, mode_path
from probes.modes.matching import ModeMatching
from repsearch.errors import InputError

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

_WIDEST = 2.2


def plot_overlap(
    overlaps: ArrayLike | ModeMatching,
    *,
    one: str = "one",
    other: str = "other",
    ax: Axes | None = None,
) -> Axes:
    """Draw a heat map of (v_i . u_j)^2, modes numbered from 1, the first at the top left.

    The shade goes with the root of the overlap, |v_i . u_j|, so that modes
    which are mixed over several others can still be seen.

    Parameters
    ----------
    overlaps : (d_a, d_b) array_like or ModeMatching
        Overlaps between 0 and 1, as of `probes.modes.overlap`, or a matching that has them.
    one, other : str
        Names of the two bases at the axes.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    InputError
        No matrix of numbers from 0 to 1.

    Examples
    --------
    >>> from probes.modes import overlap
    >>> turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    >>> plot_overlap(overlap(np.eye(2), turned), other="another text").get_xlabel()
    'mode of another text'
    """
    if isinstance(overlaps, ModeMatching):
        overlaps = overlaps.overlaps
    squares = np.asarray(overlaps, float)
    if squares.ndim != 2 or not squares.size:
        raise InputError(f"overlaps have shape {squares.shape}; pass a matrix, (d_a, d_b)")
    if not np.all((squares >= 0) & (squares <= 1 + 1e-6)):
        raise InputError("an overlap is not between 0 and 1; pass those of probes.modes.overlap")
    rows, columns = squares.shape
    with styled():
        ax = axes_or_new(ax, height=4.6, width=5.4)
        image = ax.imshow(
            squares,
            cmap="Blues",
            norm=PowerNorm(0.5, vmin=0.0, vmax=1.0),
            extent=(0.5, columns + 0.5, rows + 0.5, 0.5),
            interpolation="nearest",
        )
        literal(ax.set_xlabel(f"mode of {other}"))
        literal(ax.set_ylabel(f"mode of {one}"))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 2.5, 5, 10]))
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
        figure = ax.get_figure(root=True)
        if figure is not None:
            bar = figure.colorbar(image, ax=ax, shrink=0.85, ticks=[0, 0.01, 0.1, 0.25, 0.5, 1])
            bar.ax.set_yticklabels(["0", "0.01", "0.1", "0.25", "0.5", "1"])
            bar.set_label("overlap (v · u)²")
            bar.outline.set_visible(False)
    return ax


def plot_lineage(followed: ModeLineage, *, ax: Axes | None = None) -> Axes:
    """Draw singular values against time, joined where modes continue each other.

    Lines are the wider, the larger the overlap. Circles mark births and crosses
    deaths; colours go round among the modes.

    Parameters
    ----------
    followed : ModeLineage
        Modes through time, as of `probes.modes.lineage`.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Raises
    ------
    NothingToDrawError
        There is no mode in the lineage.

    Examples
    --------
    >>> from probes.modes import lineage
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> axes = plot_lineage(lineage(flow, [1.0, 5.0, 20.0], threshold=0.05))
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('time t', 'singular value')
    """
    graph = followed.graph
    if not len(graph):
        raise NothingToDrawError(
            "no mode appears in this lineage; lower its threshold or add later times"
        )
    with styled():
        ax = axes_or_new(ax, height=4.1)
        for colour, start in enumerate(births(followed)):
            _draw(graph, mode_path(followed, start), ax, PALETTE[colour % len(PALETTE)])
        later = [node for node in births(followed) if node[0] > 0]
        _mark(graph, later, ax, "o", "birth")
        _mark(graph, deaths(followed), ax, "x", "death")
        ax.grid(visible=True, axis="y", color=FAINT)
        ax.set_ylim(bottom=0)
        ax.margins(x=0.02)
        ax.set_xlabel("time t")
        ax.set_ylabel("singular value")
        legend_above(ax)
    return ax


def _draw(graph: nx.DiGraph, path: list[tuple[int, int]], ax: Axes, colour: str) -> None:
    places = np.array([[graph.nodes[node]["time"], graph.nodes[node]["value"]] for node in path])
    widths = [_WIDEST * graph.edges[edge]["overlap"] for edge in pairwise(path)]
    segments: Any = np.stack([places[:-1], places[1:]], axis=1)
    ax.add_collection(LineCollection(segments, linewidths=widths, colors=colour, alpha=0.85))
    ax.plot(*places.T, linestyle="none", marker=".", markersize=2.5, color=colour)


def _mark(
    graph: nx.DiGraph, nodes: list[tuple[int, int]], ax: Axes, marker: str, label: str
) -> None:
    if nodes:
        times = [graph.nodes[node]["time"] for node in nodes]
        values = [graph.nodes[node]["value"] for node in nodes]
        ax.plot(
            times,
            values,
            linestyle="none",
            marker=marker,
            markersize=5,
            markerfacecolor="none",
            color=INK,
            label=label,
        )

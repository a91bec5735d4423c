"""Draw figure 5: how far the modes of word2vec, QWEM and PPMI agree."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from probes.drawing.style import MARKERS, MUTED, PALETTE, WIDTH, legend_above, literal, styled
from probes.figures.modes.overlap import plot_overlap
from probes.modes import overlap, subspace_overlap
from probes.modes.bases import Source, basis
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column, grouped

_MODES = 64
_NEAR = 5
_AT = (1, 2, 3, 5, 8, 12, 16, 24, 32, 45, 64)


def measure(have: Have) -> Measured:
    """Compare modes one by one and by the spans of the leading ones.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured
    """
    found = Measured(tables={"matrix": [], "spans": []})
    bases: dict[str, Source] = {"QWEM": have.modes, "PPMI": have.spectrum("ppmi")}
    pairs = [("QWEM", "PPMI")]
    if have.minimum is not None:
        bases["word2vec"] = have.minimum
        pairs = [("word2vec", "QWEM"), ("word2vec", "PPMI"), *pairs]
    else:
        found.notes.append("word2vec is left out, for there is no torch here.")
    # Brought to orthonormal columns once, and not for every k. Those beyond the modes that are
    # shown are what the last of these may lie on.
    made = {name: basis(source).leading(min(_MODES + _NEAR, _dimension(source)))
            for name, source in bases.items()}  # fmt: skip
    for one, other in pairs:
        beyond = min(made[name].dimension for name in (one, other))
        most = min(_MODES, beyond)
        squares = overlap(made[one], made[other], k=beyond)
        base: Row = {"one": one, "other": other}
        found.tables["matrix"] += [
            {**base, "mode_one": i + 1, "mode_other": j + 1, "overlap": float(squares[i, j])}
            for i in range(most)
            for j in range(most)
        ]
        near = near_the_diagonal(squares[:most])
        astray = np.flatnonzero(~near)
        found.facts[f"{one} and {other}"] = (
            f"{np.count_nonzero(near)} of {most} modes of {one} have half of themselves within "
            f"{_NEAR} modes of {other}'s diagonal"
            + (f"; the first that has not is mode {astray[0] + 1}" if len(astray) else "")
        )
        for k in (k for k in _AT if k <= most):
            span = subspace_overlap(made[one], made[other], k=k)
            found.tables["spans"].append(
                {**base, "k": k, "overlap": span.value, "chance": span.expected,
                 "chance_deviation": span.spread}
            )  # fmt: skip
    return found


def near_the_diagonal(squares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which modes of one model have half of themselves near the diagonal of another's.

    Parameters
    ----------
    squares : (m, n) float
        Squared cosines of the modes of one model with those of another.

    Returns
    -------
    (m,) bool
        Whether within 5 modes of it.

    Examples
    --------
    >>> near_the_diagonal(np.roll(np.diag([1, 0.4, 1]), 1, axis=1)).tolist()
    [True, False, True]
    >>> near_the_diagonal(np.roll(np.eye(8), 6, axis=1)).tolist()[0]
    False
    """
    rows, columns = np.indices(squares.shape)
    found: NDArray[np.bool_] = (squares * (np.abs(rows - columns) <= _NEAR)).sum(axis=1) >= 0.5
    return found


def _dimension(source: Source) -> int:
    return int(source.shape[1] if isinstance(source, np.ndarray) else source.dimension)


def draw(found: Measured) -> Figure:
    """Draw each matrix of overlaps, and the overlaps of spans as curves.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    parts = dict(grouped(found.tables["matrix"], "one", "other"))
    with styled():
        panels = len(parts) + 1
        across = 2
        down = -(-panels // across)
        figure = Figure(figsize=(1.5 * WIDTH, 0.1 + 4.0 * down), layout="constrained")
        axes = figure.subplots(down, across, squeeze=False).ravel()
        for ax, ((one, other), rows) in zip(axes, parts.items(), strict=False):
            size = round(len(rows) ** 0.5)
            plot_overlap(column(rows, "overlap").reshape(size, size), one=str(one),
                         other=str(other), ax=ax)  # fmt: skip
        _draw_spans(axes[len(parts)], found.tables["spans"])
        for ax in axes[panels:]:
            ax.set_visible(False)
    return figure


def _draw_spans(ax: Axes, spans: list[Row]) -> None:
    chance: list[Row] = []
    for number, ((one, other), rows) in enumerate(grouped(spans, "one", "other")):
        ax.plot(column(rows, "k"), column(rows, "overlap"), color=PALETTE[number],
                marker=MARKERS[number], markersize=3.5, label=f"{one}, {other}")  # fmt: skip
        chance = rows
    ax.plot(column(chance, "k"), column(chance, "chance"), color=MUTED, linestyle=":",
            label="random spans")  # fmt: skip
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlim(0, None)
    ax.grid(visible=True)
    ax.tick_params(length=0)
    ax.set_xlabel("leading modes k")
    literal(ax.set_ylabel("overlap of their spans"))
    legend_above(ax, columns=2)

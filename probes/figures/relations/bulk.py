"""Draw eigenvalues of difference vectors beside the law of their noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from probes.drawing.style import INK, MUTED, PALETTE, axes_or_new, legend_above, styled
from probes.random_matrix.result import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from probes.random_matrix.result import SpikedCovariance

_Floats = NDArray[np.float64]

_FAR = 5.0
"""Largest over smallest of what is drawn, from which the axis is logarithmic."""
_POINTS = 400


def plot_spiked_covariance(fit: SpikedCovariance, *, ax: Axes | None = None) -> Axes:
    """Draw a histogram of the eigenvalues of R Rᵀ / d, the fitted noise law, and the outlier.

    Histogram and law are densities of one eigenvalue drawn from all N; the law
    has N − 1 of them, for the mean takes one. On a logarithmic axis both are
    densities of ln λ. Nothing is fitted to the histogram.

    Parameters
    ----------
    fit : SpikedCovariance
        Fitted spiked covariance.
    ax : Axes, optional
        Axes to draw on; those of a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from probes.random_matrix import fit_spiked_covariance
    >>> rows = np.random.default_rng(0).normal(size=(12, 40)) + 1
    >>> plot_spiked_covariance(fit_spiked_covariance(rows, resamples=100)).get_ylabel()
    'density of ln λ'
    """
    values = fit.eigenvalues[fit.eigenvalues > 1e-9 * fit.eigenvalues[0]]
    law = fit.law.noise
    low, high = law.support[0][0], law.support[-1][1]
    least = min(float(values.min()), max(low, 1e-3 * high))
    most = max(float(values.max()), high, fit.predicted_outlier)
    logarithmic = most > _FAR * least
    with styled():
        ax = axes_or_new(ax, height=3.6)
        edges = _edges(values, least, most, logarithmic=logarithmic)
        counted = np.histogram(values, edges)[0]
        widths = np.diff(np.log(edges)) if logarithmic else np.diff(edges)
        heights = counted / (len(fit.eigenvalues) * widths)
        if logarithmic:
            ax.set_xscale("log")
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
            ax.xaxis.set_minor_formatter(NullFormatter())
        ax.bar(
            edges[:-1], heights, np.diff(edges), align="edge", color=PALETTE[4], alpha=0.55,
            edgecolor="white", linewidth=0.6, label="eigenvalues of the pairs",
        )  # fmt: skip
        ax.plot(values, np.zeros(len(values)), "|", color=INK, markersize=9, clip_on=False)
        x, density = _law(fit, least, most, logarithmic=logarithmic)
        ax.plot(x, density, color=PALETTE[1], linewidth=1.5, label=_noise_label(fit))
        top = 1.12 * max(float(heights.max()), float(density.max()))
        ax.set_ylim(0, top)
        ax.axvline(
            fit.predicted_outlier, color=PALETTE[2], linewidth=1.3, linestyle="--",
            label="first eigenvalue, predicted",
        )  # fmt: skip
        ax.plot(
            [fit.eigenvalues[0]], [0.05 * top], "v", color=PALETTE[2], markersize=6,
            label="first eigenvalue, seen",
        )  # fmt: skip
        ax.set_xlabel("eigenvalue λ of R Rᵀ / d")
        ax.set_ylabel("density of ln λ" if logarithmic else "density of λ")
        ax.tick_params(which="both", length=3, color=MUTED)
        legend_above(ax, columns=2)
    return ax


def _noise_label(fit: SpikedCovariance) -> str:
    """Name the law in the legend, with the p value of the fit where it is refused."""
    if fit.fit.p_value <= SMALL:
        return f"noise (fit refused, p = {fit.fit.p_value:.2g})"
    return "noise, fitted by moments"


def _edges(values: _Floats, low: float, high: float, *, logarithmic: bool) -> _Floats:
    """Place the edges of the histogram's bins."""
    bins = int(np.clip(np.ceil(1.5 * np.sqrt(len(values))), 5, 30)) * 2
    if logarithmic:
        return np.geomspace(low * 0.95, high * 1.1, bins + 1)
    margin = 0.04 * (high - low)
    return np.linspace(max(0.0, low - margin), high + margin, bins + 1)


def _law(
    fit: SpikedCovariance, low: float, high: float, *, logarithmic: bool
) -> tuple[_Floats, _Floats]:
    """Compute the law's density, times the share of eigenvalues that are noise."""
    x = np.geomspace(low * 0.9, high * 1.05, _POINTS) if logarithmic else np.linspace(
        max(1e-12 * high, low - 0.05 * (high - low)), high * 1.02, _POINTS
    )  # fmt: skip
    density = fit.law.noise.density(x) * (fit.noise.rows - 1) / fit.noise.rows
    return x, density * x if logarithmic else density

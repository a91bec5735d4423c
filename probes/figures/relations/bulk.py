"""Draw eigenvalues of difference vectors beside the law of their noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from probes.drawing.style import MUTED, PALETTE, axes_or_new, legend_above, styled
from probes.shared.several_tests import is_finding

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from probes.random_matrix.result import SpikedCovariance

_Floats = NDArray[np.float64]

_FAR = 5.0
"""Largest over smallest of what is drawn, from which the axis is logarithmic."""
_POINTS = 400


def plot_spiked_covariance(fit: SpikedCovariance, *, ax: Axes | None = None) -> Axes:
    """Draw the fitted noise law, and below it the eigenvalues of R Rᵀ / d themselves.

    The law is the density of one eigenvalue drawn from all N, of which it
    has N − 1, for the mean takes one; on a logarithmic axis it is the density of ln λ. It is
    fitted by moments, and not to the dots. Of a model that is refused it is dashed.

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
    'density of ln λ, noise law'
    """
    values = fit.eigenvalues[fit.eigenvalues > 1e-9 * fit.eigenvalues[0]]
    law = fit.law.noise
    low, high = law.support[0][0], law.support[-1][1]
    least = min(float(values.min()), max(low, 1e-3 * high))
    most = max(float(values.max()), high, fit.predicted_outlier)
    logarithmic = most > _FAR * least
    with styled():
        ax = axes_or_new(ax, height=3.6)
        if logarithmic:
            ax.set_xscale("log")
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
            ax.xaxis.set_minor_formatter(NullFormatter())
        x, density = _law(fit, least, most, logarithmic=logarithmic)
        refused = is_finding(fit.fit.p_value)
        line = (0, (5, 2)) if refused else "-"
        ax.plot(
            x, density, color=PALETTE[1], linewidth=1.5, linestyle=line, label=_noise_label(fit)
        )
        top = 1.12 * float(density.max())
        # The eigenvalues stand on a strip of their own below the law, so that none is hidden.
        strip = -0.13 * top
        ax.axhline(0, color=MUTED, linewidth=0.7)
        ax.plot(
            values[1:], np.full(len(values) - 1, strip), "o", color=PALETTE[0], alpha=0.75,
            markersize=5, markeredgewidth=0, label=f"other eigenvalues ({len(values) - 1})",
        )  # fmt: skip
        ax.plot(
            values[:1], [strip], "D", color=PALETTE[2], markersize=6, markeredgewidth=0,
            label="first eigenvalue",
        )  # fmt: skip
        ax.axvline(
            fit.predicted_outlier, color=PALETTE[2], linewidth=1.3, linestyle="--",
            label="where the model puts it",
        )  # fmt: skip
        ax.set_ylim(2.2 * strip, top)
        ax.yaxis.set_major_locator(MaxNLocator(5, prune=None))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}" if y >= 0 else ""))
        ax.set_xlabel("eigenvalue λ of R Rᵀ / d")
        ax.set_ylabel(f"density of {'ln λ' if logarithmic else 'λ'}, noise law")
        ax.tick_params(which="both", length=3, color=MUTED)
        legend_above(ax, columns=2)
    return ax


def _noise_label(fit: SpikedCovariance) -> str:
    """Name the law in the legend, with the p value of the fit where it is refused."""
    if is_finding(fit.fit.p_value):
        return f"noise (fit refused, p = {fit.fit.p_value:.2g})"
    return "noise, fitted by moments"


def _law(
    fit: SpikedCovariance, low: float, high: float, *, logarithmic: bool
) -> tuple[_Floats, _Floats]:
    """Compute the law's density, times the share of eigenvalues that are noise."""
    x = np.geomspace(low * 0.9, high * 1.05, _POINTS) if logarithmic else np.linspace(
        max(1e-12 * high, low - 0.05 * (high - low)), high * 1.02, _POINTS
    )  # fmt: skip
    density = fit.law.noise.density(x) * (fit.noise.rows - 1) / fit.noise.rows
    return x, density * x if logarithmic else density

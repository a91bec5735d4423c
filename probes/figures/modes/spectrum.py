"""Draw eigenvalues against their rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from probes.drawing.style import (
    INK,
    PALETTE,
    axes_or_new,
    legend_above,
    literal,
    styled,
)
from probes.modes.power_law import FEWEST_RANKS, FIRST_RANK, PowerLaw, fit_power_law

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repsearch.spectrum.spectrum import Spectrum


def spectrum_power_law(spectrum: Spectrum) -> PowerLaw | None:
    """Fit a power law to the eigenvalues from rank 10 on.

    Parameters
    ----------
    spectrum : Spectrum
        With d eigenvalues.

    Returns
    -------
    PowerLaw or None
        None where too few of the eigenvalues are positive.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum_power_law(BinaryAttributes([0.3, 0.2]).spectrum()) is None
    True
    """
    positive = int(np.count_nonzero(spectrum.eigenvalues > 0))
    if positive - FIRST_RANK + 1 < FEWEST_RANKS:
        return None
    return fit_power_law(spectrum.eigenvalues)


def plot_spectrum(
    spectrum: Spectrum, *, power_law: PowerLaw | None = None, ax: Axes | None = None
) -> Axes:
    """Draw eigenvalues against rank, both axes logarithmic, with a power law.

    Parameters
    ----------
    spectrum : Spectrum
        With a positive eigenvalue. Those that are not positive are left out.
    power_law : PowerLaw, optional
        The line to draw; by default that of `fit_power_law` for ranks 10 to d; where fewer than
        21 eigenvalues are positive, none is drawn.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Those drawn on.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> axes = plot_spectrum(BinaryAttributes([0.3, 0.2]).spectrum())
    >>> axes.get_xlabel(), axes.get_yscale()
    ('rank k', 'log')
    """
    values = np.asarray(spectrum.eigenvalues, dtype=np.float64)
    ranks = np.arange(1, len(values) + 1)
    drawn = values > 0
    power_law = power_law or spectrum_power_law(spectrum)
    with styled():
        ax = axes_or_new(ax, height=4.1)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.plot(
            ranks[drawn],
            values[drawn],
            marker="o",
            linestyle="none",
            markersize=3.2,
            markeredgewidth=0,
            color=PALETTE[0],
            alpha=0.85,
            label=f"eigenvalues of {spectrum.target}",
        )
        if power_law is not None:
            _draw(power_law, ax, last=int(ranks[drawn][-1]))
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
            axis.set_minor_locator(LogLocator(subs=tuple(range(1, 10))))
            axis.set_minor_formatter(NullFormatter())
        ax.grid(visible=True, which="major")
        ax.tick_params(which="both", length=0)
        ax.set_xlabel("rank k")
        literal(ax.set_ylabel(f"eigenvalue λ of {spectrum.target}"))
        legend_above(ax, columns=1)
    return ax


def _draw(power_law: PowerLaw, ax: Axes, *, last: int) -> None:
    fitted = np.array([power_law.first, power_law.last])
    ax.plot(
        fitted,
        power_law.at(fitted),
        color=INK,
        linewidth=1.4,
        label=(
            f"power law, ranks {power_law.first} to {power_law.last}: exponent\n"
            f"{-power_law.exponent:.2f} (descriptive interval "
            f"{-power_law.high:.2f} to {-power_law.low:.2f})"
        ).replace("-", "−"),
    )
    for ends in ((1, power_law.first), (power_law.last, last)):
        if ends[0] < ends[1]:
            ax.plot(
                ends,
                power_law.at(ends),
                color=INK,
                linewidth=0.9,
                linestyle=(0, (2, 3)),
            )

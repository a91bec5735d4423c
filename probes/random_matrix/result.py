"""Report a fitted spiked covariance: its numbers, its law, and what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.goodness_of_fit import ASPECTS, GoodnessOfFit
from probes.random_matrix.laws.spiked import Spike
from probes.random_matrix.noise.noise_fit import NoiseFit
from probes.random_matrix.spikes.spike_count import SpikeCount
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.storage.tables import Cell

_Floats = NDArray[np.float64]
_FREE = frozenset(
    {
        *("pairs", "columns", "p value of the mean", "share of the mean", "first eigenvalue"),
        *("overlap seen", "spikes, parallel analysis", "p value of the fit"),
        *(f"p value, {aspect}" for aspect in ASPECTS),
    }
)
"""Quantities that do not rest on the model of the noise."""


@dataclass(frozen=True, eq=False)
class SpikedCovariance(Result):
    """Rows as a common mean plus noise of spectrum u_k^α: what was found, and whether it fits.

    Made by `fit_spiked_covariance`.

    Parameters
    ----------
    eigenvalues : (N,) float
        Eigenvalues of R Rᵀ / d (not centred), in decreasing order.
    noise : NoiseFit
        Noise level, effective dimension and aspect ratio, with intervals.
    counts : tuple of SpikeCount
        Number of spikes by each method.
    others : int
        Number of spikes that are not the mean, which were left out of the noise.
    mean_p_value : float
        P value of "the rows have mean 0", by flipping signs of rows.
    mean_share : float
        Share 1ᵀ G 1 / (N λ₁) of the first eigenvalue that the mean explains
        (arXiv 2502.09863, appendix A.6).
    strength : Interval
        Strength θ = N |m|² / (d σ²), the part of noise taken out.
    outlier_strength : float
        Strength θ as the first eigenvalue alone tells it, through the inverse of the
        outlier's place; 0 where that eigenvalue lies inside the noise.
    threshold : float
        Strength θ above which a mean in no special direction leaves an outlier.
    predicted_outlier : float
        Mean place of the first eigenvalue for the fitted θ and noise.
    overlap : Interval
        Mean squared overlap of the first eigenvector with 1/√N, predicted for the fitted
        θ and for the ends of its interval.
    overlap_seen : float
        That squared overlap in the data.
    direction : Interval
        Squared cosine θ / (1 + θ) between the mean of the rows and m.
    fit : GoodnessOfFit
        Test of whether a mean plus such noise describes the rows.
    settings : dict
        Level of the intervals, false-positive rate, resamples and seed.

    Examples
    --------
    >>> from probes.random_matrix import fit_spiked_covariance
    >>> rows = np.random.default_rng(0).normal(size=(12, 40)) + 1
    >>> found = fit_spiked_covariance(rows, resamples=100)
    >>> found.fit.p_value > 0.05, found.strength.low > found.threshold
    (True, True)
    >>> [row["quantity"] for row in found.table()][:3]
    ['noise variance', 'effective dimension', 'aspect ratio']
    """

    name = "spiked-covariance"
    figure = "probes.figures.relations.bulk:plot_spiked_covariance"

    eigenvalues: _Floats
    noise: NoiseFit
    counts: tuple[SpikeCount, ...]
    others: int
    mean_p_value: float
    mean_share: float
    strength: Interval
    outlier_strength: float
    threshold: float
    predicted_outlier: float
    overlap: Interval
    overlap_seen: float
    direction: Interval
    fit: GoodnessOfFit
    settings: dict[str, Cell]

    @property
    def refused(self) -> bool:
        """Tell whether the test of fit refuses the model, on which most numbers here rest.

        Returns
        -------
        bool
            True at a p value below 0.05.
        """
        return is_finding(self.fit.p_value)

    @property
    def variance(self) -> Interval:
        """Give σ², the mean square of an entry about its column's mean.

        Returns
        -------
        Interval
            In the square of the units of the rows.
        """
        return self.noise.variance

    @property
    def effective_dimension(self) -> Interval:
        """Give the effective dimension (Tr Σ)² / Tr Σ² of the noise.

        Returns
        -------
        Interval
            Number of dimensions.
        """
        return self.noise.effective_dimension

    @property
    def aspect_ratio(self) -> Interval:
        """Give N over the effective dimension.

        Returns
        -------
        Interval
            Pairs for each dimension.
        """
        return self.noise.aspect_ratio

    @property
    def law(self) -> Spike:
        """Give the fitted law of the noise, with the places and overlaps of a mean on top of it.

        Returns
        -------
        Spike
            A mean shift in no special direction.
        """
        return spike_of(self.noise)

    def summary(self) -> str:
        """Say what was found, and whether a mean plus noise fits.

        Returns
        -------
        str
            Sentences without line breaks.
        """
        noise = self.noise
        return " ".join(
            [
                f"{noise.rows} pairs in {noise.columns:,} columns.",
                f"Noise{_under(self)}: variance {with_interval(self.variance)}, effective "
                f"dimension {with_interval(self.effective_dimension)}, so "
                f"{with_interval(self.aspect_ratio)} pairs a dimension."
                + (
                    f" Spikes beside the mean, left out of it: {self.others}."
                    if self.others
                    else ""
                ),
                _mean(self),
                _overlap_found(self),
                "Spikes: "
                + "; ".join(f"{found.count or 'none'} by {found.method}" for found in self.counts)
                + f" (false-positive rate {self.counts[0].level:g} each).",
                _goodness(self),
            ]
        )

    def text(self, width: int = WIDTH) -> str:
        """Lay the numbers out for a terminal.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has fewer.

        Returns
        -------
        str
            A line for each quantity, with its interval where it has one, marked where it rests
            on a model that is refused.
        """
        rows = [
            (
                str(row["quantity"]),
                _shown(row["value"]),
                "" if row["low"] is None else f"[{_shown(row['low'])}, {_shown(row['high'])}]",
                "refused" if row["model"] == "refused" else "",
            )
            for row in self.table()
        ]
        level = f"{100 * self.strength.level:g} % interval"
        if not self.refused:
            return fixed_width(("quantity", "value", level), [row[:3] for row in rows])
        return fixed_width(("quantity", "value", level, "model"), rows) + "\n" + _goodness(self)

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of pairs and columns, and the settings of the fit.

        Returns
        -------
        dict
            Name to value.
        """
        return {"pairs": self.noise.rows, "columns": self.noise.columns, **self.settings}

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity, with its interval where it has one.

        Returns
        -------
        list of dict
            Keys ``quantity``, ``value``, ``low``, ``high``, ``level``, ``interval`` and
            ``model``: "fits" or "refused" for what rests on the model, empty for the rest.
        """
        intervals = {
            "noise variance": self.variance,
            "effective dimension": self.effective_dimension,
            "aspect ratio": self.aspect_ratio,
            "strength": self.strength,
            "overlap": self.overlap,
            "direction": self.direction,
        }
        numbers = {
            "pairs": float(self.noise.rows),
            "columns": float(self.noise.columns),
            **{f"spikes, {found.method}": float(found.count) for found in self.counts},
            "spikes beside the mean": float(self.others),
            "p value of the mean": self.mean_p_value,
            "share of the mean": self.mean_share,
            "strength by the outlier": self.outlier_strength,
            "threshold": self.threshold,
            "first eigenvalue": float(self.eigenvalues[0]),
            "predicted outlier": self.predicted_outlier,
            "overlap seen": self.overlap_seen,
            "p value of the fit": self.fit.p_value,
            **{f"p value, {name}": p for name, p in self.fit.aspects},
        }
        rows = [
            {"quantity": name, **interval_cells("value", interval, missing="")}
            for name, interval in intervals.items()
        ]
        for name, number in numbers.items():
            cells = interval_cells("value", None, missing="")
            rows.append({"quantity": name, **cells, "value": number})
        model = "refused" if self.refused else "fits"
        return [{**row, "model": "" if row["quantity"] in _FREE else model} for row in rows]


def spike_of(noise: NoiseFit) -> Spike:
    """Give the law of fitted noise, with what a mean on top of it does.

    Parameters
    ----------
    noise : NoiseFit
        Noise of N rows, of which N − 1 are about their mean.

    Returns
    -------
    Spike
        A mean shift in no special direction.
    """
    law = noise.family.law(noise.rows - 1, exponent=noise.exponent, variance=noise.variance.value)
    return Spike(law)


def _under(fit: SpikedCovariance) -> str:
    """Mark what rests on a model that is refused."""
    return " (model refused)" if fit.refused else ""


def _mean(fit: SpikedCovariance) -> str:
    shown = (
        "The pairs share a direction"
        if is_finding(fit.mean_p_value)
        else "No shared direction is shown"
    )
    return (
        f"{shown} (p = {fit.mean_p_value:.2g}): strength {with_interval(fit.strength)}"
        f"{_under(fit)} against a threshold of {fit.threshold:.3g}; the mean of the pairs has a "
        f"squared cosine of {with_interval(fit.direction)} with it."
    )


def _overlap_found(fit: SpikedCovariance) -> str:
    return (
        f"The first eigenvector has a squared overlap of {fit.overlap_seen:.3g} with the mean, "
        f"where {with_interval(fit.overlap)} is predicted{_under(fit)}; its eigenvalue is "
        f"{fit.eigenvalues[0]:.3g}, where {fit.predicted_outlier:.3g} is predicted."
    )


def _goodness(fit: SpikedCovariance) -> str:
    if fit.refused:
        return (
            f"One mean plus noise does NOT fit (p = {fit.fit.p_value:.2g}), worst in the "
            f"{fit.fit.worst}: what is marked rests on a model that is refused."
        )
    return f"One mean plus noise fits (p = {fit.fit.p_value:.2g})."


def _shown(value: Cell) -> str:
    """Write a number with three digits, a whole one with all of its own."""
    number = float(value or 0)
    return f"{number:,.0f}" if number.is_integer() else f"{number:.3g}"

"""A fit in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probes.intervals import Interval
    from probes.random_matrix.fit import SpikedCovariance

_SMALL = 0.05


def summary(fit: SpikedCovariance) -> str:
    """Say what was found, one finding a line."""
    noise = fit.noise
    lines = [
        f"{noise.rows} pairs in {noise.columns:,} columns.",
        f"Noise: variance {_range(fit.variance)}, effective dimension "
        f"{_range(fit.effective_dimension)}, so {_range(fit.aspect_ratio)} pairs a dimension.",
        _mean(fit),
        _overlap(fit),
        "Spikes: "
        + "; ".join(f"{_count(found.count)} by {found.method}" for found in fit.counts)
        + f" (false-positive rate {fit.counts[0].level:g} each).",
        _goodness(fit),
    ]
    return "\n".join(lines)


def _mean(fit: SpikedCovariance) -> str:
    shown = (
        "The pairs share a direction"
        if fit.mean_p_value <= _SMALL
        else "No shared direction is shown"
    )
    return (
        f"{shown} (p = {fit.mean_p_value:.2g}): strength {_range(fit.strength)} against a "
        f"threshold of {fit.threshold:.3g}; the mean of the pairs has a squared cosine of "
        f"{_range(fit.direction)} with it."
    )


def _overlap(fit: SpikedCovariance) -> str:
    return (
        f"The first eigenvector has a squared overlap of {fit.overlap_seen:.3g} with the mean, "
        f"where {_range(fit.overlap)} is predicted; its eigenvalue is {fit.eigenvalues[0]:.3g}, "
        f"where {fit.predicted_outlier:.3g} is predicted."
    )


def _goodness(fit: SpikedCovariance) -> str:
    if fit.fit.p_value <= _SMALL:
        return (
            f"One mean plus noise does NOT fit (p = {fit.fit.p_value:.2g}), worst in the "
            f"{fit.fit.worst}: take the intervals above with care."
        )
    return f"One mean plus noise fits (p = {fit.fit.p_value:.2g})."


def _count(number: int) -> str:
    return "none" if number == 0 else str(number)


def _range(interval: Interval) -> str:
    return f"{interval.value:.3g} [{interval.low:.3g}, {interval.high:.3g}]"

"""Average what changes did over held-out pairs, with intervals over groups of pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from probes.interventions.asked import AskedPairs
from probes.interventions.result import Dose, Edit, Response
from probes.shared.intervals import Interval, range_of_null

Real = NDArray[np.float64]


def mean_over_groups(values: Real, groups: NDArray[np.int64], *, level: float) -> Interval:
    """Give the mean over pairs, its interval over groups of pairs that share words.

    Delete-one jackknife over groups, with Student's t; pairs that are groups of their own get
    Student's interval of a mean.

    Parameters
    ----------
    values : (N,) float
        One a pair.
    groups : (N,) int
        Group of each, numbered from 0; at least two.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval

    Examples
    --------
    >>> found = mean_over_groups(np.array([1.0, 2.0, 3.0]), np.arange(3), level=0.95)
    >>> reach = stats.t.ppf(0.975, 2) / 3**0.5
    >>> print(f"{found.value - found.low:.6f} {reach:.6f}")
    2.484138 2.484138
    """
    sums, sizes = np.bincount(groups, weights=values), np.bincount(groups)
    number = len(sizes)
    left = (values.sum() - sums) / (len(values) - sizes)
    error = np.sqrt((number - 1) / number * np.sum((left - left.mean()) ** 2))
    mean, reach = float(values.mean()), float(stats.t.ppf((1 + level) / 2, number - 1) * error)
    method = f"jackknife over {number} groups of pairs, Student's t"
    return Interval(mean, mean - reach, mean + reach, level, method)


def held_out(asked: AskedPairs, effects: Real) -> Real:
    """Take of each pair what the direction of the other folds did to it.

    Parameters
    ----------
    asked : AskedPairs
        The pairs, with their folds.
    effects : (sources, ..., N) float
        Effects of each source, those of the folds first.

    Returns
    -------
    (..., N) float
    """
    return np.asarray(np.stack([effects[f, ..., n] for n, f in enumerate(asked.folds)], axis=-1))


def dose_of(
    asked: AskedPairs,
    layer: int,
    edit: Edit,
    dose: float | None,
    effects: Real,
    elsewhere: Real,
    *,
    level: float,
) -> Dose:
    """Average one change over pairs, beside the random ones.

    Parameters
    ----------
    asked : AskedPairs
        The pairs.
    layer : int
        Layer that was changed.
    edit : {"add", "project out", "erase"}
        What was done.
    dose : float or None
        How much.
    effects : (sources, N) float
        Change of log-odds, mean over prompts; sources of the folds first, random ones after.
    elsewhere : (sources,) float
        Divergence over other tokens, mean over prompts.
    level : float
        Nominal coverage.

    Returns
    -------
    Dose
    """
    number = asked.number_of_folds
    drawn = effects[number:].mean(axis=1)
    what = "erasers of flipped labels" if edit == "erase" else "random directions"
    return Dose(
        layer=layer,
        edit=edit,
        dose=dose,
        effect=mean_over_groups(held_out(asked, effects), asked.groups, level=level),
        random=range_of_null(drawn, f"{len(drawn)} {what}"),
        elsewhere=float(elsewhere[:number].mean()),
        random_elsewhere=float(elsewhere[number:].mean()),
    )


def response_of(
    asked: AskedPairs, layer: int, effects: Real, doses: Real, *, level: float
) -> Response:
    """Fit a line through no effect at no dose, for the direction and for random ones.

    Parameters
    ----------
    asked : AskedPairs
        The pairs.
    layer : int
        Layer that was changed.
    effects : (sources, D, N) float
        Change of log-odds, mean over prompts; sources of the folds first, random ones after.
    doses : (D,) float
        The doses.
    level : float
        Nominal coverage.

    Returns
    -------
    Response
    """
    slopes = np.einsum("sdn,d->sn", effects, doses) / float(doses @ doses)
    slope = mean_over_groups(held_out(asked, slopes), asked.groups, level=level)
    drawn = slopes[asked.number_of_folds :].mean(axis=1)
    above = int(np.count_nonzero(drawn >= slope.value))
    return Response(
        layer=layer,
        slope=slope,
        random=range_of_null(drawn, f"{len(drawn)} random directions"),
        p_value=(1 + above) / (1 + len(drawn)),
    )

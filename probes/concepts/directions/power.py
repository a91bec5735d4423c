"""Find the smallest common share that the test of held-out pairs would have found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.shared.resampling import Flips, flips

Real = NDArray[np.float64]
POWER = 0.8
_TRIALS = 200
_STEPS = 8  # halvings of [0, 1]: shares to 1/256


def power_of_share(
    share: float,
    *,
    groups: int,
    effective_dimension: float,
    threshold: float,
    permutations: int,
    seed: int,
) -> float:
    """Simulate how often a common share is found, by the same test of held-out pairs.

    Parameters
    ----------
    share : float
        |m|^2 over |m|^2 + Tr Sigma, from 0 to below 1.
    groups : int
        Pairs without a common word, C.
    effective_dimension : float
        That of the noise, whose rows are Gaussian and isotropic in as many dimensions.
    threshold : float
        p-value that is called a finding.
    permutations : int
        Flips at most.
    seed : int
        Seed of families and flips; families of all shares have the same noise.

    Returns
    -------
    float
        From 0 to 1, of 200 families.

    Examples
    --------
    >>> found = power_of_share(
    ...     0.5, groups=9, effective_dimension=50, threshold=0.05, permutations=200, seed=0
    ... )
    >>> found > 0.95
    True
    """
    d = max(1, round(effective_dimension))
    rng = np.random.default_rng([seed, groups, d])
    drawn = flips(groups, most=permutations, seed=seed)
    mean = np.sqrt(share / (1 - share) * d)
    hits = 0
    for _ in range(_TRIALS):
        rows = rng.standard_normal((groups, d))
        rows[:, 0] += mean
        hits += _p_value(rows @ rows.T, drawn) <= threshold
    return hits / _TRIALS


def smallest_share_found(
    *, groups: int, effective_dimension: float, threshold: float, permutations: int, seed: int
) -> float | None:
    """Give the smallest common share that is found 8 times of 10.

    Parameters
    ----------
    groups : int
        Pairs without a common word, C.
    effective_dimension : float
        That of the noise.
    threshold : float
        p-value that is called a finding.
    permutations : int
        Flips at most.
    seed : int
        Seed of the simulation.

    Returns
    -------
    float or None
        To 1/256. None where even a share of 1 is not found, for want of flips.

    Examples
    --------
    Five pairs have 16 flips, so that no p-value is below 1/16:

    >>> smallest_share_found(
    ...     groups=5, effective_dimension=50, threshold=0.05, permutations=200, seed=0
    ... ) is None
    True
    """
    low, high = 0.0, 1.0 - 2.0**-_STEPS

    def found(share: float) -> bool:
        power = power_of_share(
            share,
            groups=groups,
            effective_dimension=effective_dimension,
            threshold=threshold,
            permutations=permutations,
            seed=seed,
        )
        return power >= POWER

    if not found(high):
        return None
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high


def _p_value(gram: Real, drawn: Flips) -> float:
    """Test held-out pairs as `held_out` does with the mean of the others, one pair a group."""
    others = gram - np.diag(np.diagonal(gram))
    observed = float(np.mean(others.sum(axis=1) > 0))
    along = drawn.signs * (drawn.signs @ others)
    return drawn.p_value(observed, np.mean(along > 0, axis=1))

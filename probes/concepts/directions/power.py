"""Find the smallest common share that the test of held-out pairs would have found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.random_matrix.gram import centred
from probes.random_matrix.noise.effective_dimension import dimension_from_traces
from probes.shared.resampling import Flips, flips
from probes.shared.several_tests import is_finding

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
        p-values below this are called findings.
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
        hits += is_finding(_p_value(rows @ rows.T, drawn), threshold)
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
        p-values below this are called findings.
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


def smallest_share_of(
    differences: Differences, *, threshold: float, permutations: int, seed: int
) -> float | None:
    """Give the smallest share that would have been found in a family, with noise like its own.

    Parameters
    ----------
    differences : Differences
        The family; its noise is taken to be isotropic in as many dimensions as it has.
    threshold : float
        p-values below this are called findings.
    permutations : int
        Flips at most.
    seed : int
        Seed of the simulation.

    Returns
    -------
    float or None
        As of `smallest_share_found`.
    """
    about = centred(differences.gram)
    freedom = len(differences) - 1
    dimension = dimension_from_traces(
        float(np.trace(about)), float(np.sum(about**2)), float(freedom)
    )
    return smallest_share_found(
        groups=int(differences.groups.max()) + 1,
        effective_dimension=float(np.clip(dimension, 1.0, differences.dimension)),
        threshold=threshold,
        permutations=permutations,
        seed=seed,
    )


def _p_value(gram: Real, drawn: Flips) -> float:
    """Test held-out pairs as `held_out` does with the mean of the others, one pair a group."""
    others = gram - np.diag(np.diagonal(gram))
    observed = float(np.mean(others.sum(axis=1) > 0))
    along = drawn.signs * (drawn.signs @ others)
    return drawn.p_value(observed, np.mean(along > 0, axis=1))

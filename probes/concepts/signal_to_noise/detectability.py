"""Estimate how far a family's mean stands out of the noise of its differences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from probes.concepts.differences import Differences
from probes.shared.intervals import Interval, check_level
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
FEWEST_PAIRS = 4


@one_blas_thread()
def detectability(differences: Differences, *, level: float = 0.95) -> Interval | None:
    """Estimate |m|^2 / sqrt(Tr Sigma^2), with a jackknife interval.

    The noise of two differences, projected on each other, has the variance
    Tr Sigma^2; the detectability is the size of what they have in common against
    that. It is SNR = |m|^2 / Tr Sigma times the root of the effective dimension
    (Tr Sigma)^2 / Tr Sigma^2. Columns of small noise that carry none of the
    mean lower the SNR but raise the effective dimension, so the detectability can
    still grow where the SNR falls.

    Numerator and squared denominator are unbiased for independent pairs with
    Gaussian noise; pairs that share a word are taken as independent here.

    Parameters
    ----------
    differences : Differences
        At least four pairs.
    level : float, default 0.95
        Nominal coverage of the interval.

    Returns
    -------
    Interval or None
        None for fewer than four pairs, or where the noise is estimated as zero.

    Raises
    ------
    InputError
        The level is not between 0 and 1.

    References
    ----------
    It is what the power of Chen and Qin's test of a mean depends on (2010, Annals of
    Statistics 38, 808-835).

    Examples
    --------
    >>> rows = 0.5 + np.random.default_rng(0).normal(size=(30, 64))
    >>> found = detectability(Differences(rows, tuple((f"a{k}", f"b{k}") for k in range(30))))
    >>> 0.25 * 64 / 64**0.5 in found
    True
    """
    check_level(level)
    n = len(differences)
    if n < FEWEST_PAIRS:
        return None
    gram = differences.gram
    value = _detectability(gram)
    left = [_detectability(np.delete(np.delete(gram, k, 0), k, 1)) for k in range(n)]
    known = [one for one in left if one is not None]
    if value is None or len(known) < n:
        return None
    error = float(np.sqrt((n - 1) * np.var(known)))
    reach = float(stats.t.ppf((1 + level) / 2, n - 1)) * error
    return Interval(
        value, value - reach, value + reach, level, f"jackknife over {n} pairs, Student's t"
    )


def squared_noise(gram: Real) -> float:
    """Estimate Tr Sigma^2 from the Gram matrix of Gaussian rows, without bias.

    The centred Gram matrix C has E Tr C^2 = k T^2 + k (k + 1) S and E (Tr C)^2 =
    k^2 T^2 + 2 k S with k = N − 1, T = Tr Sigma and S = Tr Sigma^2; S is what
    solves both. Sampling can take it below zero.

    Parameters
    ----------
    gram : (N, N) float
        Inner products of the rows, N from 3 up.

    Returns
    -------
    float
        In fourth powers of the rows' unit.
    """
    k = len(gram) - 1
    centred = gram - gram.mean(axis=0) - gram.mean(axis=1)[:, None] + gram.mean()
    return float((np.sum(centred**2) - np.trace(centred) ** 2 / k) / (k * (k + 1) - 2))


def _detectability(gram: Real) -> float | None:
    n = len(gram)
    noise = squared_noise(gram)
    # Of equal rows rounding is left, a multiple of eps of their squared lengths' square.
    if noise <= (1e-12 * float(np.abs(gram).max())) ** 2:
        return None
    return float((gram.sum() - np.trace(gram)) / (n * (n - 1)) / np.sqrt(noise))

"""Predict how far eigenvalues of M* from a finite sample are from the truth."""

from __future__ import annotations

import numpy as np

from repsearch.errors import InputError
from repsearch.synthetic.checks import check_whole
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.world import Real


def eigenvalue_errors(world: PairWorld, n_pairs: int, *, d: int) -> Real:
    """Predict the standard errors of the top eigenvalues of a sampled M*.

    By the delta method: to first order the error of lambda_k is v_k^T dM* v_k,
    a linear function sum_ij A_ij dP_ij of the sampled P, with variance
    (E A^2 - (E A)^2) / n_pairs over pairs drawn from P. It holds for single
    eigenvalues that lie further apart than the errors, and for samples in which
    few pairs with P_ij > 0 are missing.

    Parameters
    ----------
    world : PairWorld
        The world that is sampled from, as `PairWorld.sample` does.
    n_pairs : int
        Number of pairs drawn.
    d : int
        Number of eigenvalues, the largest first.

    Returns
    -------
    (d,) float64
        Standard errors; they fall as 1 / sqrt(n_pairs).

    Raises
    ------
    InputError
        A number out of range, or a world with pairs that never occur.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.5, 0.7])
    >>> eigenvalue_errors(world, 10_000, d=2).round(3)
    array([0.083, 0.084])
    >>> eigenvalue_errors(world, 40_000, d=2).round(3)
    array([0.042, 0.042])
    """
    check_whole("n_pairs", n_pairs, 1)
    check_whole("d", d, 1, len(world.words))
    ratio = world.ratio() / world.negatives
    if ratio.min() <= 0:
        raise InputError(
            f"{int(np.count_nonzero(ratio <= 0))} pairs of this world never occur, where M* is "
            "no smooth function of P; take one in which every pair has a chance"
        )
    slope = 4 * ratio / (1 + ratio) ** 2  # dM* / d log(ratio)
    variances = []
    for v in world.spectrum().eigenvectors[:, :d].T:
        weights = np.outer(v, v) * slope
        # Each P_i is a sum over P_ij, so it moves with every entry of its row.
        single = weights.sum(axis=1) / world.marginals
        influence = weights / world.P - single[:, None] - single
        mean = float(np.sum(world.P * influence))
        variances.append(float(np.sum(world.P * influence**2)) - mean**2)
    return np.sqrt(np.array(variances) / n_pairs)

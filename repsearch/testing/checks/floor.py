"""Check the least value that the normalised loss of minibatch training can reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.testing.check import Check
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]

EPS = float(np.finfo(float).eps)


def normalised_loss(distribution: Real, w: Real, *, negatives: float = 1.0) -> float:
    """Compute the expected minibatch loss under Setting 3.1, over mean(M*^2), plus 1.

    Pairs are drawn from P, and `negatives` as many from P_i P_j, and each is
    weighted by mean(G) / G_ij with G_ij = P_ij + k P_i P_j, so that the
    factorisation is unweighted. It is 1 at W = 0. The reference implementation of arXiv
    2502.09863 reports this loss.

    Parameters
    ----------
    distribution : (V, V) float
        P, symmetric, with sum 1.
    w : (V, d) float
        Embeddings.
    negatives : float
        k, negative pairs per positive pair.

    Returns
    -------
    float
        The normalised loss.

    Raises
    ------
    InputError
        Words that are all independent, so that M* = 0 and there is nothing to learn.

    Examples
    --------
    >>> p = np.array([[0.4, 0.1], [0.1, 0.4]])
    >>> normalised_loss(p, np.zeros((2, 1)))
    1.0
    """
    pairs = WeightedPairs.unweighted(distribution, negatives=negatives)
    g = pairs.weights
    size = float((pairs.target**2).mean())
    if size == 0:
        raise InputError("all words are independent, so the loss cannot be normalised by M* = 0")
    x = w @ w.T
    drawn = pairs.positive * (x**2 / 4 - x) + pairs.negative * (x**2 / 4 + x)
    weighted = np.divide(drawn * g.mean(), g, out=np.zeros_like(g), where=g > 0)
    return 1 + float(weighted.sum()) / size


def normalised_floor(
    distribution: Real, *, negatives: float = 1.0, floor: float | None = None
) -> Check:
    """Check the least normalised loss: 1 - ((1 + k)/4) times the explained part of ||M*||_F^2.

    With k = 1 it is at least 1/2: the value 0 that the reference implementation
    normalises by would need twice the loss there is.

    Parameters
    ----------
    distribution : (V, V) float
        P, symmetric, with sum 1 and no zero row.
    negatives : float
        k, negative pairs per positive pair.
    floor : float, optional
        The least value as it is claimed; by default as above, from the positive
        eigenvalues of M*.

    Returns
    -------
    Check
        The error is the difference of the claim from the loss at the global minimum in
        V dimensions; 256 V machine epsilon are allowed.

    Raises
    ------
    InputError
        Words that are all independent, so that M* = 0 and there is nothing to learn.

    Examples
    --------
    >>> p = np.array([[0.4, 0.1], [0.1, 0.4]])
    >>> normalised_floor(p).holds, normalised_floor(p, floor=0.0).holds
    (True, False)
    """
    m = WeightedPairs.unweighted(distribution, negatives=negatives).target
    values, vectors = np.linalg.eigh(m)
    positive = np.maximum(values, 0)
    found = normalised_loss(distribution, vectors * np.sqrt(positive), negatives=negatives)
    explained = float((positive**2).sum() / (values**2).sum())
    claimed = 1 - (1 + negatives) / 4 * explained if floor is None else floor
    return Check(
        claim="the least normalised loss is 1 - (1 + k)/4 of the part of ||M*||^2 explained",
        error=abs(found - claimed),
        tolerance=256 * len(m) * EPS * max(1.0, (1 + negatives) / 4),
        witness={"P": distribution, "k": negatives, "least": found, "claimed": claimed},
    )

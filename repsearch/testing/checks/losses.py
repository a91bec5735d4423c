"""Check the quartic and the logistic loss, and how they are related.

`repsearch.testing.checks.minima` checks where they are least.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError
from repsearch.testing.check import Check
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]
Loss = Callable[[Real], float]

EPS = float(np.finfo(float).eps)

# Nodes and weights of the first derivative, exact for polynomials up to degree 4.
_NODES = np.array([-2, -1, 1, 2])
_WEIGHTS = np.array([1, -8, 8, -1]) / 12


def quartic_loss(pairs: WeightedPairs, w: Real) -> float:
    """Compute the quartic loss by definition, with tied weights (arXiv 2502.09863, eq. 3).

    Parameters
    ----------
    pairs : WeightedPairs
        Weighted probabilities of pairs.
    w : (V, d) float
        Embeddings.

    Returns
    -------
    float
        The loss; 0 at W = 0.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.4, 0.1], [0.1, 0.4]])
    >>> round(quartic_loss(pairs, np.array([[1.0], [1.0]])), 6)
    0.5
    """
    x = w @ w.T
    terms = pairs.positive * (x**2 / 4 - x) + pairs.negative * (x**2 / 4 + x)
    return float(terms.sum())


def logistic_loss(pairs: WeightedPairs, w: Real) -> float:
    """Compute word2vec's loss (SGNS) by definition, with tied weights (arXiv 2502.09863, eq. 1).

    Parameters
    ----------
    pairs : WeightedPairs
        Weighted probabilities of pairs.
    w : (V, d) float
        Embeddings.

    Returns
    -------
    float
        The loss; ln 2 times the sum of all weights at W = 0.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.4, 0.1], [0.1, 0.4]])
    >>> round(logistic_loss(pairs, np.zeros((2, 1))), 6)  # 2 ln 2
    1.386294
    """
    x = w @ w.T
    terms = pairs.positive * np.logaddexp(0, -x) + pairs.negative * np.logaddexp(0, x)
    return float(terms.sum())


def term_size(pairs: WeightedPairs, w: Real) -> float:
    """Add the magnitudes of all terms of the quartic loss, as the scale of its rounding.

    Inner products are taken at their largest, ||w_i|| ||w_j||, so that it does not
    change when the embeddings are rotated. The logistic loss has half of these
    terms, about, and ln 2 times the sum of the weights.

    Parameters
    ----------
    pairs : WeightedPairs
        Weighted probabilities of pairs.
    w : (V, d) float
        Embeddings.

    Returns
    -------
    float
        Sum of G_ij (x^2 / 4 + x) at x = ||w_i|| ||w_j||.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.4, 0.1], [0.1, 0.4]])
    >>> round(term_size(pairs, np.array([[1.0], [1.0]])), 6)
    2.5
    """
    norms = np.linalg.norm(w, axis=1)
    x = np.outer(norms, norms)
    return float((pairs.weights * (x**2 / 4 + x)).sum())


def quartic_is_factorisation(
    pairs: WeightedPairs,
    w: Real,
    *,
    loss: Loss | None = None,
    target: Real | None = None,
    weights: Real | None = None,
) -> Check:
    """Check L(W) = (1/4) sum_ij G_ij ((W W^T - M*)_ij^2 - M*_ij^2).

    arXiv 2502.09863, Proposition 2; with constant G, Theorem 1.

    Parameters
    ----------
    pairs : WeightedPairs
        Weighted probabilities of pairs.
    w : (V, d) float
        Embeddings.
    loss : callable, optional
        The quartic loss of embeddings; `quartic_loss` by default.
    target, weights : (V, V) float, optional
        M* and G, by their definitions by default.

    Returns
    -------
    Check
        The error is the difference of the two; 16 + d machine epsilon times the magnitudes
        of all terms are allowed.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.4, 0.1], [0.1, 0.4]])
    >>> w = np.array([[1.0], [0.5]])
    >>> quartic_is_factorisation(pairs, w).holds
    True
    >>> quartic_is_factorisation(pairs, w, target=np.log(pairs.positive / pairs.negative)).holds
    False
    """
    m = pairs.target if target is None else target
    g = pairs.weights if weights is None else weights
    found = quartic_loss(pairs, w) if loss is None else loss(w)
    x = w @ w.T
    # (x - M)^2 - M^2 as a product, which keeps its digits where x is small.
    expected = float((g * x * (x - 2 * m)).sum()) / 4
    return Check(
        claim="the quartic loss is a weighted factorisation of M*",
        error=abs(found - expected),
        tolerance=(16 + w.shape[1]) * EPS * term_size(pairs, w),
        witness={"loss": found, "factorisation": expected, "W": w, "M*": m, "G": g},
    )


def gradient_matches(
    loss: Loss, gradient: Callable[[Real], Real], w: Real, *, scale: float | None = None
) -> Check:
    """Check a gradient against differences of its loss, entry by entry.

    The formula of five points is exact for the quartic loss, so that only rounding
    remains; of another smooth loss it leaves an error of fourth order in a step
    of 1/1024 of the largest entry.

    Parameters
    ----------
    loss : callable
        Loss of embeddings (V, d).
    gradient : callable
        Gives the gradient (V, d) at embeddings (V, d).
    w : (V, d) float
        Embeddings at which to compare.
    scale : float, optional
        Magnitude of the terms the loss adds up near `w`; the largest loss seen,
        at least 1, by default.

    Returns
    -------
    Check
        The error is the largest difference of an entry; 16 machine epsilon times the scale
        over the step are allowed.

    Raises
    ------
    InputError
        A gradient of another shape than `w`.

    Examples
    --------
    >>> w = np.array([[1.0], [0.5]])
    >>> gradient_matches(lambda w: (w**2).sum(), lambda w: 2 * w, w).holds
    True
    """
    step = float(np.abs(w).max(initial=0) or 1.0) / 1024
    slopes = np.empty(w.shape)
    largest = 1.0
    for place in np.ndindex(*w.shape):
        values = []
        for node in _NODES.tolist():
            moved = w.copy()
            moved[place] += node * step
            values.append(loss(moved))
        slopes[place] = _WEIGHTS @ values / step
        largest = max(largest, *map(abs, values))
    found = np.asarray(gradient(w))
    if found.shape != w.shape:
        raise InputError(f"the gradient has shape {found.shape}; it must have W's, {w.shape}")
    return Check(
        claim="the gradient is that of the loss",
        error=float(np.abs(found - slopes).max(initial=0)),
        tolerance=16 * EPS * (largest if scale is None else scale) / step,
        witness={"W": w, "gradient": found, "differences": slopes},
    )


def rotation_invariant(loss: Loss, w: Real, rotation: Real, *, scale: float | None = None) -> Check:
    """Check L(W U) = L(W) for an orthogonal U (arXiv 2502.09863, eq. 4).

    Parameters
    ----------
    loss : callable
        Loss of embeddings (V, d).
    w : (V, d) float
        Embeddings.
    rotation : (d, d) float
        U.
    scale : float, optional
        Magnitude of the terms the loss adds up (`term_size`); the larger loss,
        at least 1, by default.

    Returns
    -------
    Check
        The error is the difference of the losses; 16 d machine epsilon times the scale are
        allowed.

    Raises
    ------
    InputError
        U is not orthogonal, or does not fit the columns of `w`.

    Examples
    --------
    >>> w, swap = np.array([[1.0, 0.5]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> rotation_invariant(lambda w: (w**2).sum(), w, swap).holds
    True
    >>> rotation_invariant(lambda w: w[0, 0], w, swap).holds
    False
    """
    d = w.shape[1]
    if rotation.shape != (d, d) or np.abs(rotation.T @ rotation - np.eye(d)).max() > 64 * d * EPS:
        raise InputError("the rotation is not an orthogonal matrix that fits W's columns")
    before, after = loss(w), loss(w @ rotation)
    size = max(abs(before), abs(after), 1.0) if scale is None else scale
    return Check(
        claim="the loss does not change when the embeddings are rotated",
        error=abs(after - before),
        tolerance=16 * d * EPS * size,
        witness={"W": w, "U": rotation, "L(W)": before, "L(W U)": after},
    )


def logistic_expansion(scores: ArrayLike, *, curve: Callable[[Real], Real] | None = None) -> Check:
    """Check |log(1 + e^-x) - (ln 2 - x/2 + x^2/8)| <= x^4/192.

    So the logistic loss is half the quartic one plus a constant near the origin,
    and moves at half its speed (arXiv 2502.09863, eq. 1 and 3).

    Parameters
    ----------
    scores : array_like
        x, the inner products of embeddings.
    curve : callable, optional
        What stands for log(1 + e^-x).

    Returns
    -------
    Check
        The error is what exceeds the bound, in units of the terms' magnitudes;
        8 machine epsilon are allowed.

    Examples
    --------
    >>> logistic_expansion([-2.0, 0.0, 0.1, 3.0]).holds
    True
    """
    x = np.asarray(scores, dtype=float)
    found = np.asarray(np.logaddexp(0, -x) if curve is None else curve(x))
    remainder = np.abs(found - (math.log(2) - x / 2 + x**2 / 8))
    excess = (remainder - x**4 / 192) / (math.log(2) + np.abs(x) / 2 + x**2 / 8)
    worst = int(np.argmax(excess))
    return Check(
        claim="log(1 + exp(-x)) is ln 2 - x/2 + x^2/8 up to x^4/192",
        error=max(float(excess.flat[worst]), 0.0),
        tolerance=8 * EPS,
        witness={"x": float(x.flat[worst]), "curve": float(found.flat[worst])},
    )


def logistic_is_stationary(pairs: WeightedPairs, *, scores: Real | None = None) -> Check:
    """Check that the logistic loss is stationary at PMI_ij + log(Psi+_ij / Psi-_ij).

    arXiv 2502.09863, eq. (2): with nothing to constrain them, the scores w_i.w'_j
    at which every entry of the gradient, Psi- PP sigma(x) - Psi+ P sigma(-x), is 0.

    Parameters
    ----------
    pairs : WeightedPairs
        Weighted probabilities of pairs, all positive.
    scores : (V, V) float, optional
        Where it is claimed to be stationary; by default as above.

    Returns
    -------
    Check
        The error is relative to the weight of a pair; (8 + 2 |x|) machine epsilon
        are allowed.

    Raises
    ------
    InputError
        A pair of weight 0, for which there is no stationary point.

    Examples
    --------
    >>> pairs = WeightedPairs.unweighted([[0.4, 0.1], [0.1, 0.4]])
    >>> logistic_is_stationary(pairs).holds
    True
    >>> logistic_is_stationary(pairs, scores=pairs.target).holds
    False
    """
    if not (pairs.positive > 0).all() or not (pairs.negative > 0).all():
        raise InputError("a pair has the weight 0, so its best score is infinite; pass none")
    x = np.log(pairs.positive / pairs.negative) if scores is None else scores
    rising = np.exp(-np.logaddexp(0, -x))
    falling = np.exp(-np.logaddexp(0, x))
    slopes = (pairs.negative * rising - pairs.positive * falling) / pairs.weights
    worst = np.unravel_index(int(np.argmax(np.abs(slopes))), x.shape)
    return Check(
        claim="the logistic loss is stationary at PMI + log(Psi+ / Psi-)",
        error=float(np.abs(slopes).max()),
        tolerance=(8 + 2 * float(np.abs(x).max())) * EPS,
        witness={
            "Psi+ P": pairs.positive,
            "Psi- PP": pairs.negative,
            "pair": tuple(int(k) for k in worst),
            "score": float(x[worst]),
            "slope": float(slopes[worst]),
        },
    )

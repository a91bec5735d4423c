"""Check how the quartic loss curves at its minimum and at its saddle points.

The weight g is constant, as in `repsearch.testing.checks.minima`. The curvatures follow
from arXiv 2502.09863, Theorem 1; the paper does not state them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.testing.check import Check
from repsearch.testing.checks.minima import closed_form, factorisation_loss, signed_eigenpairs

Real = NDArray[np.float64]

EPS = float(np.finfo(float).eps)


def critical_points(
    matrix: Real,
    chosen: Sequence[int],
    *,
    weight: float = 1.0,
    loss: Callable[[Real], float] | None = None,
) -> Check:
    """Check that W = V_S Lambda_S^(1/2) is critical, with curvature g (lambda_j - lambda_i).

    The curvature is along column j moved by v_i, for j in S and i not in S: where
    S leaves out a larger eigenvalue it is negative and the point is a strict saddle.

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    chosen : sequence of int
        S, places in the decreasing order of eigenvalues, of those that are not
        negative.
    weight : float
        g, the constant weight of all pairs.
    loss : callable, optional
        Loss of embeddings (V, d); `factorisation_loss` by default.

    Returns
    -------
    Check
        The error is the largest of slopes over sqrt(lambda) and of differences
        of curvatures; 256 V machine epsilon of g ||M||_F are allowed.

    Raises
    ------
    InputError
        Nothing chosen, a place that does not exist or comes twice, or a negative
        eigenvalue.

    Examples
    --------
    >>> critical_points(np.diag([3.0, 2.0, 1.0]), [0, 2]).holds  # a saddle: 1 was left out
    True
    """
    values, vectors = signed_eigenpairs(matrix)
    kept = list(chosen)
    if not kept or len(set(kept)) < len(kept) or not set(kept) <= set(range(len(values))):
        raise InputError(f"chosen is {kept}; pass distinct places from 0 to {len(values) - 1}")
    # A zero eigenvalue comes out as a few machine epsilon of either sign.
    if min(values[kept]) < -16 * len(values) * EPS * np.abs(values).max():
        raise InputError(f"eigenvalue {min(values[kept]):.3g} was chosen; pass none below 0")
    w = vectors[:, kept] * np.sqrt(np.maximum(values[kept], 0))

    def own_loss(moved: Real) -> float:
        return factorisation_loss(matrix, moved, weight=weight)

    measured = loss or own_loss
    norm = float(np.linalg.norm(matrix)) or 1.0
    step = np.sqrt(norm) / 2
    worst, at = 0.0, {"slope": 0.0, "curvature": 0.0, "predicted": 0.0}
    for i in range(len(values)):
        for column, j in enumerate(kept):
            direction = np.zeros_like(w)
            direction[:, column] = vectors[:, i]
            line = [measured(w + k * step * direction) for k in (-2, -1, 0, 1, 2)]
            # Both formulas are exact on a polynomial of degree 4.
            slope = (line[0] - 8 * line[1] + 8 * line[3] - line[4]) / (12 * step)
            second = -line[0] + 16 * line[1] - 30 * line[2] + 16 * line[3] - line[4]
            curvature = second / (12 * step**2)
            predicted = weight * (values[j] - values[i]) if i not in kept else curvature
            error = max(abs(slope) / np.sqrt(norm), abs(curvature - predicted))
            if error > worst:
                worst = error
                at = {"slope": slope, "curvature": curvature, "predicted": predicted}
    return Check(
        claim="eigenpairs chosen in any way are critical, with curvature g (lambda_j - lambda_i)",
        error=worst,
        tolerance=256 * len(values) * EPS * weight * norm,
        witness={"M": matrix, "eigenvalues": values, "chosen": kept, **at},
    )


def hessian_at_minimum(matrix: Real, dimension: int, *, weight: float = 1.0) -> Check:
    """Check all V d curvatures at the minimum.

    With r of the top d eigenvalues positive they are, over g: lambda_j + lambda_k
    for j <= k <= r; lambda_j - lambda_i for j <= r < i; -lambda_i, d - r times, for
    i > r; and 0, (r (r - 1)/2 + r (d - r)) times, for rotations. The largest is
    2 lambda_1 or lambda_1 - lambda_V if any is positive, and gradient descent is stable
    up to a step of 2 over it.

    Parameters
    ----------
    matrix : (V, V) float
        M, symmetric.
    dimension : int
        d, the number of columns of the embeddings.
    weight : float
        g, the constant weight of all pairs.

    Returns
    -------
    Check
        The error is the largest difference of a curvature; 64 V d machine epsilon of
        g ||M||_F are allowed.

    Examples
    --------
    >>> found = hessian_at_minimum(np.diag([3.0, 1.0]), 1)
    >>> found.holds, found.witness["found"].round(6).tolist()
    (True, [2.0, 6.0])
    """
    values, _ = signed_eigenpairs(matrix)
    w = closed_form(matrix, dimension)
    residual = w @ w.T - matrix
    columns = []
    for place in np.ndindex(*w.shape):
        z = np.zeros_like(w)
        z[place] = 1
        columns.append(((w @ z.T + z @ w.T) @ w + residual @ z).ravel() * weight)
    found = np.linalg.eigvalsh(np.array(columns))
    r = int(np.count_nonzero(values[:dimension] > 0))
    inside, outside, spare = values[:r], values[r:], dimension - r
    predicted = [
        *(inside[j] + inside[k] for j in range(r) for k in range(j, r)),
        *(one - other for one in inside for other in outside),
        *np.repeat(-outside, spare),
        *[0.0] * (r * (r - 1) // 2 + r * spare),
    ]
    expected = weight * np.sort(predicted)
    return Check(
        claim="the Hessian at the minimum has the eigenvalues that the spectrum predicts",
        error=float(np.abs(found - expected).max()),
        tolerance=64 * w.size * EPS * weight * float(np.linalg.norm(matrix)),
        witness={"eigenvalues": values, "d": dimension, "found": found, "predicted": expected},
    )

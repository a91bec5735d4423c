"""Check targets, and the eigenpairs found in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.mstar import mstar
from repsearch.target.weighting import Unweighted
from repsearch.testing.check import Check
from repsearch.testing.counts_from import counts_from

Real = NDArray[np.float64]
Solver = Callable[[Real, int], tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]]
TargetOf = Callable[[Counts], NDArray[np.floating[Any]]]

EPS = float(np.finfo(float).eps)


def mstar_is_tanh(
    counts: Counts, *, negatives: float = 1.0, target: TargetOf | None = None
) -> Check:
    """Check M*_ij = 2 tanh((PMI_ij - log k) / 2), and -2 where a pair was never seen.

    The identity follows from arXiv 2502.09863, eq. (5). The ratio P_ij / (P_i P_j) is taken
    from the whole numbers, as a fraction.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    negatives : float
        k, negative pairs per positive pair.
    target : callable, optional
        Gives the (V, V) array M* for counts; `repsearch.mstar` by default.

    Returns
    -------
    Check
        The error is the largest difference of an entry; 16 machine epsilon are allowed.

    Examples
    --------
    >>> counts = counts_from(np.array([[4, 1], [1, 0]]))
    >>> found = mstar_is_tanh(counts)
    >>> found.holds, found.witness["should be"].round(3).tolist()
    (True, [[-0.041, 0.182], [0.182, -2.0]])
    """
    matrix = [[int(c) for c in row] for row in counts.matrix().toarray().tolist()]
    sums, total = [sum(row) for row in matrix], sum(map(sum, matrix))
    k = Fraction(negatives)

    def entry(i: int, j: int) -> float:
        if matrix[i][j] == 0:
            return -2.0
        ratio = Fraction(matrix[i][j] * total, sums[i] * sums[j]) / k
        return 2 * math.tanh(math.log(ratio) / 2)

    size = range(len(matrix))
    expected = np.array([[entry(i, j) for j in size] for i in size])
    found = mstar(counts, Unweighted(negatives)).dense() if target is None else target(counts)
    return Check(
        claim="M* is 2 tanh((PMI - log k) / 2)",
        error=float(np.abs(found - expected).max()),
        tolerance=16 * EPS,
        witness={
            "counts": counts.matrix().toarray(),
            "k": negatives,
            "found": found,
            "should be": expected,
        },
    )


def permutation_equivariant(
    counts: Counts, order: Sequence[int], *, target: TargetOf | None = None
) -> Check:
    """Check that a target only renumbers its entries when the vocabulary is renumbered.

    Parameters
    ----------
    counts : Counts
        Co-occurrence counts.
    order : sequence of int
        The words' numbers in their new order.
    target : callable, optional
        Gives a (V, V) array for counts; `repsearch.mstar` by default.

    Returns
    -------
    Check
        The error is the largest difference of an entry; 16 machine epsilon are allowed, for
        sums in another order.

    Raises
    ------
    InputError
        An order that is not one of all words.

    Examples
    --------
    >>> permutation_equivariant(counts_from(np.array([[4, 1], [1, 0]])), [1, 0]).holds
    True
    """
    places = list(order)
    if sorted(places) != list(range(len(counts.words))):
        raise InputError(f"order is {places}; pass the numbers of all words, each once")
    of = target or (lambda given: mstar(given).dense())
    full = counts.matrix().toarray().astype(np.int64)
    renumbered = counts_from(
        full[np.ix_(places, places)],
        words=[counts.words[k] for k in places],
        word_counts=np.asarray(counts.word_counts)[places],
        window=counts.window,
    )
    expected, found = of(counts)[np.ix_(places, places)], of(renumbered)
    return Check(
        claim="the target does not depend on the numbers that words have",
        error=float(np.abs(found - expected).max()),
        tolerance=16 * EPS,
        witness={"counts": full, "order": places, "found": found, "should be": expected},
    )


def top_by_signed_value(matrix: Real, dimension: int, *, solver: Solver) -> Check:
    """Check that a solver finds the top d eigenpairs by signed value.

    Solvers that order by magnitude (singular values, power iteration) fail as
    soon as a negative eigenvalue is larger in magnitude, as it is in M* of real text.

    Parameters
    ----------
    matrix : (V, V) float
        A symmetric matrix.
    dimension : int
        d, the number of eigenpairs.
    solver : callable
        Gives eigenvalues (d,) and eigenvectors (V, d) when called with `matrix` and
        `dimension`.

    Returns
    -------
    Check
        The error is the largest of the differences of eigenvalues, the residuals and
        ||M|| times the deviation from orthonormality; 64 V machine epsilon of ||M||_F
        are allowed.

    Raises
    ------
    InputError
        A solver that gives arrays of other shapes.

    Examples
    --------
    >>> def by_lapack(matrix, d):
    ...     values, vectors = np.linalg.eigh(matrix)
    ...     return values[::-1][:d], vectors[:, ::-1][:, :d]
    >>> top_by_signed_value(np.diag([1.0, -2.0]), 1, solver=by_lapack).holds
    True
    """
    values, vectors = (np.asarray(part, dtype=float) for part in solver(matrix, dimension))
    if values.shape != (dimension,) or vectors.shape != (len(matrix), dimension):
        raise InputError(
            f"the solver gave arrays of shape {values.shape} and {vectors.shape}; "
            f"({dimension},) and ({len(matrix)}, {dimension}) were asked for"
        )
    expected = np.linalg.eigvalsh(matrix)[::-1][:dimension]
    norm = float(np.linalg.norm(matrix))
    residuals = np.linalg.norm(matrix @ vectors - vectors * values, axis=0)
    skew = np.abs(vectors.T @ vectors - np.eye(dimension)).max(initial=0)
    error = max(float(np.abs(values - expected).max()), float(residuals.max()), norm * float(skew))
    return Check(
        claim="the eigenpairs are the top d by signed value",
        error=error,
        tolerance=64 * len(matrix) * EPS * norm,
        witness={"matrix": matrix, "d": dimension, "found": values, "should be": expected},
    )

"""Compute leading eigenpairs by Lanczos (ARPACK), from one end of the spectrum or both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from repsearch.errors import InputError
from repsearch.progress import Progress

Rank = Literal["value", "magnitude"]
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
"""Relative accuracy asked for where none is given."""


def leading(values: NDArray[np.floating], d: int, by: Rank) -> NDArray[np.intp]:
    """Choose the d leading eigenvalues.

    Parameters
    ----------
    values : (n,) float
        Eigenvalues in any order.
    d : int
        Number to choose.
    by : {"value", "magnitude"}
        Whether the largest lead or those farthest from zero.

    Returns
    -------
    (d,) int
        Their places, in decreasing signed order.

    Examples
    --------
    >>> values = np.array([1.0, -5.0, 3.0])
    >>> leading(values, 2, "value").tolist(), leading(values, 2, "magnitude").tolist()
    ([2, 0], [2, 1])
    """
    rank = values if by == "value" else np.abs(values)
    chosen = np.argsort(-rank, kind="stable")[:d]
    places: NDArray[np.intp] = chosen[np.argsort(-values[chosen], kind="stable")]
    return places


def top_eigenpairs(
    multiply: Callable[[NDArray[Any]], NDArray[Any]],
    size: int,
    d: int,
    dtype: str,
    tolerance: float | None,
    seed: int,
    progress: Progress,
    *,
    by: Rank = "value",
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the leading d eigenpairs of a symmetric operator.

    From a single start vector Lanczos may find only one eigenvector of a
    repeated eigenvalue. So it searches again, from another start vector, in the
    space orthogonal to all it found, until nothing there exceeds the smallest;
    by magnitude, at both ends of what is left.

    Parameters
    ----------
    multiply : callable
        Product of the operator with a vector.
    size : int
        Number of its rows.
    d : int
        Number of eigenpairs.
    dtype : {"float32", "float64"}
        Precision of the vectors.
    tolerance : float or None
        Relative accuracy asked of ARPACK; None for that of `dtype`.
    seed : int
        Seed of the start vectors.
    progress : Progress
        Called with the number of products computed.
    by : {"value", "magnitude"}
        Whether the largest lead or those farthest from zero.

    Returns
    -------
    values : (d,) float
        Eigenvalues.
    vectors : (size, d) float
        Their eigenvectors.

    Raises
    ------
    InputError
        No convergence.

    Examples
    --------
    >>> from repsearch.progress import silent
    >>> diagonal = np.arange(50.0)
    >>> values, _ = top_eigenpairs(lambda x: diagonal * x, 50, 2, "float64", None, 0, silent)
    >>> sorted(values.round(6).tolist())
    [48.0, 49.0]
    """
    tolerance = tolerance or TOLERANCE[dtype]
    random = np.random.default_rng(seed)
    basis = min(size, max(2 * d + 1, 20))
    done = 0

    def counted(x: NDArray[Any]) -> NDArray[Any]:
        nonlocal done
        done += 1
        # How many restarts it takes is not known; about three bases' worth is usual.
        progress("eigenpairs", done, max(3 * basis, done), "products")
        return multiply(x)

    def find(
        product: Callable[[NDArray[Any]], NDArray[Any]],
        k: int,
        basis: int,
        tolerance: float,
        which: Literal["LA", "LM"],
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        operator = LinearOperator((size, size), matvec=product, dtype=np.dtype(dtype))
        start = random.standard_normal(size).astype(dtype)
        try:
            found: tuple[NDArray[np.floating], NDArray[np.floating]] = eigsh(
                operator, k, which=which, v0=start, ncv=basis, tol=tolerance
            )
        except ArpackNoConvergence as error:
            raise InputError(
                f"only {len(error.eigenvalues)} of {k} eigenpairs converged; ask for fewer, "
                "a larger tolerance, float64 or the dense way"
            ) from error
        except ArpackError as error:
            raise InputError(f"Lanczos failed ({error}); use the dense way") from error
        return found

    values, vectors = find(counted, d, basis, tolerance, "LA" if by == "value" else "LM")
    for sign in (1,) if by == "value" else (1, -1):
        # One rough eigenvalue is enough to see that something was missed.
        again = 1, min(size, max(d + 1, 100)), max(tolerance, 1e-3)
        for _ in range(d + 1):  # each search finds at least one more
            others, found = find(_deflated(sign * values, vectors, counted, sign), *again, "LA")
            rank = values if by == "value" else np.abs(values)
            missed = others > rank.min() + 10 * tolerance * np.abs(values).max()
            if not missed.any():
                break
            values = np.concatenate([values, sign * others])
            order = leading(values, d, by)
            values, vectors = values[order], np.hstack([vectors, found])[:, order]
            again = d, basis, tolerance
    progress("eigenpairs", done, done, "products")
    return values, vectors


def _deflated(
    values: NDArray[np.floating],
    vectors: NDArray[np.floating],
    multiply: Callable[[NDArray[Any]], NDArray[Any]],
    sign: int,
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """`sign` times the product, with the given eigenpairs moved below all others that matter."""
    low = values.min() - np.maximum(2 * np.abs(values).max(), 1)

    def product(x: NDArray[Any]) -> NDArray[Any]:
        inside = vectors @ (vectors.T @ x.reshape(-1))
        y = sign * multiply(x.reshape(-1) - inside)
        rest: NDArray[Any] = y - vectors @ (vectors.T @ y) + low * inside
        return rest

    return product

"""Follow the gradient flow of the quartic loss under weights g_i g_j, by numerical integration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import LinearOperator
from threadpoolctl import threadpool_limits

from repsearch.checks import number_of_threads
from repsearch.errors import InputError
from repsearch.target.scaled import scaled
from repsearch.target.target import Target


@dataclass(frozen=True, eq=False)
class WeightedPath:
    """Embeddings along the gradient flow; made by `weighted_flow`.

    Parameters
    ----------
    times : (T,) float64
        Flow times.
    vectors : (T, V, d) float64
        W at these times.
    losses : (T,) float64
        The weighted loss there.
    evaluations : int
        How often the velocity was worked out.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.dynamics import weighted_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> target = rs.mstar(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0))
    >>> path = weighted_flow(target, np.ones(4), 0.1 * np.eye(4, 2), [0.0, 1.0, 2.0])
    >>> path.vectors.shape, bool((np.diff(path.losses) < 0).all())
    ((3, 4, 2), True)
    """

    times: NDArray[np.float64]
    vectors: NDArray[np.float64]
    losses: NDArray[np.float64]
    evaluations: int


def weighted_loss(target: Target, g: ArrayLike, vectors: ArrayLike) -> float:
    """Work out the quartic loss under G = g gᵀ, ¼ sum_ij g_i g_j ((w_i·w_j - M*_ij)² - M*_ij²).

    arXiv 2502.09863, Proposition 2, eq. (8). No V x V array is made: with D = diag(g) it is
    ¼ ||Wᵀ D W||² - ½ tr(Wᵀ D M* D W).

    Parameters
    ----------
    target : Target
        M*, symmetric.
    g : (V,) array_like of float
        Weights of words, all positive.
    vectors : (V, d) array_like of float
        W.

    Returns
    -------
    float
        The loss, 0 at W = 0.

    Raises
    ------
    InputError
        A target that is not symmetric, bad weights, vectors of another shape.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.dynamics import weighted_loss, weighted_minimiser
    >>> from repsearch.synthetic import BinaryAttributes
    >>> target = rs.mstar(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0))
    >>> g = [1.0, 0.5, 0.5, 2.0]
    >>> found = weighted_minimiser(target, g, d=2)
    >>> bool(np.isclose(weighted_loss(target, g, found.embeddings().vectors), found.loss))
    True
    """
    with _problem(target, g, 1) as (weights, operator):
        return _loss(operator, weights, _checked_vectors(vectors, len(weights)))


def weighted_flow(
    target: Target,
    g: ArrayLike,
    start: ArrayLike,
    times: Sequence[float] | NDArray[np.float64],
    *,
    tolerance: float = 1e-8,
    threads: int | None = None,
) -> WeightedPath:
    """Follow dW/dt = -½ grad L = ½ D (M* - W Wᵀ) D W with D = diag(g), from W(0).

    For g = 1 this is the flow of arXiv 2502.09863, Lemma 3.1. It is integrated
    by DOP853 (Hairer, Nørsett and Wanner 1993), since modes are coupled when g
    is not constant. An evaluation costs d products with M* and 2 V d²
    operations. The steps are limited by stability to about 12 / |lambda|, with
    lambda the eigenvalue of D M* D of largest magnitude: at thousands of words
    the minimiser in closed form is the way to the end, and this the way to see
    the beginning.

    Parameters
    ----------
    target : Target
        M*, symmetric.
    g : (V,) array_like of float
        Weights of words, all positive.
    start : (V, d) array_like of float
        W(0).
    times : (T,) sequence of float
        Flow times at which to look: increasing, none negative.
    tolerance : float
        Relative error allowed in a step; entries far smaller than the largest
        of the start are known less well.
    threads : int, optional
        Threads for the products; all processors by default. They do not change the result.

    Returns
    -------
    WeightedPath
        W and the loss at these times.

    Raises
    ------
    InputError
        A target that is not symmetric, bad weights, a start of another shape,
        times that are not increasing, a tolerance out of range, a flow that
        outruns the integrator.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.dynamics import weighted_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.4, 0.3])
    >>> target, start = rs.mstar(world.sample(1000, seed=0)), 0.1 * np.eye(4, 2)
    >>> path = weighted_flow(target, np.ones(4), start, [1.0, 5.0])
    >>> exact = rs.gradient_flow(rs.eigenpairs(target, 4), rs.Given(start), times=[1.0, 5.0])
    >>> bool(np.allclose(path.losses, exact.loss(), atol=1e-6))  # g = 1: Lemma 3.1
    True
    """
    when = np.asarray(times, float)
    if when.ndim != 1 or not len(when) or not (np.diff(when) > 0).all() or when[0] < 0:
        raise InputError("times must be increasing numbers, none negative, at least one of them")
    if not when[-1] < np.inf:
        raise InputError(f"the last time is {when[-1]}; pass finite times")
    if not 1e-13 < tolerance < 1:
        raise InputError(f"tolerance is {tolerance!r}; pass a number between 1e-13 and 1")
    with _problem(target, g, number_of_threads(threads)) as (weights, operator):
        first = _checked_vectors(start, len(weights))

        def velocity(_: float, flat: NDArray[np.float64]) -> NDArray[np.float64]:
            return -0.5 * _gradient(operator, weights, flat.reshape(first.shape)).reshape(-1)

        from scipy.integrate import solve_ivp  # takes as long to import as all the rest of it

        scale = float(np.abs(first).max()) or 1.0
        found = solve_ivp(
            velocity,
            (0.0, max(float(when[-1]), np.finfo(float).tiny)),
            first.reshape(-1),
            method="DOP853",
            t_eval=when,
            rtol=tolerance,
            atol=tolerance * scale,
        )
        if not found.success:
            raise InputError(
                f"the integration stopped at time {found.t[-1] if len(found.t) else 0:.3g} "
                f"({found.message}); ask for earlier times or a larger tolerance"
            )
        vectors = np.ascontiguousarray(found.y.T).reshape(len(when), *first.shape)
        losses = np.array([_loss(operator, weights, w) for w in vectors])
    return WeightedPath(when, vectors, losses, int(found.nfev))


@contextmanager
def _problem(
    target: Target, g: ArrayLike, threads: int
) -> Iterator[tuple[NDArray[np.float64], LinearOperator]]:
    """Check target and weights; give the weights, and M* in float64 on some threads."""
    if not target.symmetric:
        raise InputError(
            f"{target.name} with these weights is not symmetric; symmetrise the weighting"
        )
    weights = scaled(target, g).g
    # BLAS adds up in another order on another number of threads.
    with ThreadPoolExecutor(threads) as pool, threadpool_limits(1, "blas"):
        yield weights, target.operator(np.float64, pool)


def _loss(operator: LinearOperator, g: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    weighed = g[:, None] * w
    gram = w.T @ weighed
    return float(0.25 * (gram**2).sum() - 0.5 * (weighed * operator.matmat(weighed)).sum())


def _gradient(
    operator: LinearOperator, g: NDArray[np.float64], w: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Work out (G o (W Wᵀ - M*)) W for G = g gᵀ."""
    weighed = g[:, None] * w
    gradient: NDArray[np.float64] = weighed @ (w.T @ weighed)
    gradient -= g[:, None] * operator.matmat(weighed)
    return gradient


def _checked_vectors(vectors: ArrayLike, size: int) -> NDArray[np.float64]:
    w = np.asarray(vectors, float)
    if w.ndim != 2 or len(w) != size or not w.shape[1]:
        raise InputError(f"vectors of shape {w.shape} were passed; pass one row for each of {size}")
    if not np.isfinite(w).all():
        raise InputError("the vectors hold a number that is not finite; pass finite ones")
    return w

"""Factorise M* under any weights G of pairs, by majorisation.

Weighted low-rank approximation is NP-hard in general (Gillis and Glineur 2011),
but wherever it stands it can be improved in closed form: if G_ij <= h_i h_j,

    sum G (X - M)² <= sum h hᵀ (X - Z)² + const,   Z = X_t + (G / h hᵀ) o (M - X_t),

with equality at X = X_t, and the right side is minimised by Proposition 2 of
arXiv 2502.09863 for g = h. With constant h this is the EM of Srebro and Jaakkola
2003, an unweighted eigenproblem a step; an h close to G makes far longer steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from repsearch.checks import is_whole
from repsearch.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GeneralMinimum:
    """The best point found under general weights; made by `general_minimiser`.

    Parameters
    ----------
    vectors : (V, d) float64
        W.
    losses : (steps + 1,) float64
        The loss before each step of the best run and after the last; it falls
        with every step.
    converged : bool
        Whether that run stopped because its loss no longer changed.
    restarts : (starts,) float64
        The last loss of every run, in the order of the starts.

    Examples
    --------
    >>> from repsearch.dynamics import general_minimiser
    >>> target = np.diag([4.0, 2.0, 1.0])
    >>> found = general_minimiser(target, np.ones((3, 3)), d=2, restarts=2)
    >>> found.converged, len(found.restarts), bool((np.diff(found.losses) <= 0).all())
    (True, 2, True)
    """

    vectors: Array
    losses: Array
    converged: bool
    restarts: Array

    @property
    def loss(self) -> float:
        """The least loss found."""
        return float(self.losses[-1])


def general_loss(target: ArrayLike, weights: ArrayLike, vectors: ArrayLike) -> float:
    """Work out ¼ sum_ij G_ij ((w_i·w_j - M*_ij)² - M*_ij²), the quartic loss.

    arXiv 2502.09863, Proposition 2, eq. (8), up to its constant.

    Parameters
    ----------
    target : (V, V) array_like of float
        M*.
    weights : (V, V) array_like of float
        G.
    vectors : (V, d) array_like of float
        W.

    Returns
    -------
    float
        The loss, 0 at W = 0.

    Raises
    ------
    InputError
        Shapes that do not fit.

    Examples
    --------
    >>> general_loss([[4.0, 0.0], [0.0, 1.0]], np.ones((2, 2)), [[2.0, 0.0], [0.0, 1.0]])
    -4.25
    """
    m, g, w = _fitting(target, weights, vectors)
    x = w @ w.T
    return float(0.25 * (g * x * (x - 2 * m)).sum())


def general_gradient(target: ArrayLike, weights: ArrayLike, vectors: ArrayLike) -> Array:
    """Work out (G o (W Wᵀ - M*)) W, the gradient of `general_loss` for symmetric G and M*.

    Parameters
    ----------
    target : (V, V) array_like of float
        M*, symmetric.
    weights : (V, V) array_like of float
        G, symmetric.
    vectors : (V, d) array_like of float
        W.

    Returns
    -------
    (V, d) float64
        The gradient.

    Raises
    ------
    InputError
        Shapes that do not fit.

    Examples
    --------
    >>> general_gradient([[4.0, 0.0], [0.0, 1.0]], np.ones((2, 2)), [[2.0], [0.0]]).tolist()
    [[0.0], [0.0]]
    """
    m, g, w = _fitting(target, weights, vectors)
    gradient: Array = (g * (w @ w.T - m)) @ w
    return gradient


def general_minimiser(
    target: ArrayLike,
    weights: ArrayLike,
    d: int,
    *,
    start: ArrayLike | None = None,
    restarts: int = 4,
    tolerance: float = 1e-8,
    most_steps: int = 10_000,
    seed: int = 0,
) -> GeneralMinimum:
    """Descend from several starts and keep the best end: a local minimum, not surely the global.

    A step is one dense eigenproblem, so this is for a few hundred words: the
    reference that the closed form with rank-1 weights (arXiv 2502.09863, Proposition 2) is
    compared with.

    Parameters
    ----------
    target : (V, V) array_like of float
        M*, symmetric.
    weights : (V, V) array_like of float
        G, symmetric, none negative, at least one positive in each row.
    d : int
        Dimension of the embeddings.
    start : (V, d) array_like of float, optional
        Where the first run starts, before those from random starts.
    restarts : int
        How many runs start from random vectors.
    tolerance : float
        A run stops when a step lowers the loss by less than this share of it.
    most_steps : int
        A run stops after this many steps at the latest.
    seed : int
        Seed of the random starts.

    Returns
    -------
    GeneralMinimum
        The end of the best run.

    Raises
    ------
    InputError
        Arrays of another shape, not symmetric or not finite; negative weights; a
        row without weight; d or a setting out of range; no start at all.

    Examples
    --------
    >>> from repsearch.dynamics import general_minimiser
    >>> target = np.diag([4.0, 2.0, 1.0])
    >>> found = general_minimiser(target, np.ones((3, 3)), d=2)
    >>> round(found.loss, 4)  # -(4^2 + 2^2) / 4, as with constant weights
    -5.0
    """
    m, g = _checked(target, weights)
    size = len(m)
    if not is_whole(d) or not 1 <= d <= size:
        raise InputError(f"d is {d!r}; pass a whole number from 1 to {size}")
    for name, number, least in (("restarts", restarts, 0), ("most_steps", most_steps, 1)):
        if not is_whole(number) or number < least:
            raise InputError(f"{name} is {number!r}; pass a whole number of at least {least}")
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance is {tolerance!r}; pass a small positive number such as 1e-8")
    rng = np.random.default_rng(seed)
    # The size of a random start is that of the target: w_i·w_i is about the mean |M_ii|.
    spread = np.sqrt(max(float(np.abs(np.diag(m)).mean()), np.finfo(float).tiny) / d)
    starts = [rng.standard_normal((size, d)) * spread for _ in range(restarts)]
    if start is not None:
        first = np.asarray(start, float)
        if first.shape != (size, d) or not np.isfinite(first).all():
            raise InputError(
                f"the start has shape {first.shape}; pass {size} finite rows of {d} numbers"
            )
        starts.insert(0, first)
    if not starts:
        raise InputError("there is no start; pass one, or ask for at least 1 restart")
    h = dominating(g)
    runs = [_descend(m, g, h, w, tolerance, most_steps) for w in starts]
    vectors, losses, converged = min(runs, key=lambda run: float(run[1][-1]))
    return GeneralMinimum(vectors, losses, converged, np.array([run[1][-1] for run in runs]))


def dominating(weights: ArrayLike) -> Array:
    """Find some h with G_ij <= h_i h_j, such that no single h_i could be smaller.

    Parameters
    ----------
    weights : (V, V) array_like of float
        G, symmetric, none negative, at least one positive in each row.

    Returns
    -------
    (V,) float64
        h, up to rounding.

    Examples
    --------
    >>> dominating([[4.0, 2.0], [2.0, 1.0]]).tolist()
    [2.0, 1.0]
    """
    g = np.asarray(weights, float)
    h: Array = g.sum(axis=1)
    h *= np.sqrt((g / h / h[:, None]).max())
    for i in range(len(h)):
        others = np.delete(g[i] / h, i)
        h[i] = max(float(others.max(initial=0)), float(np.sqrt(g[i, i])))
    return h


def _descend(
    m: Array, g: Array, h: Array, w: Array, tolerance: float, most_steps: int
) -> tuple[Array, Array, bool]:
    size, d = w.shape
    gamma = np.sqrt(h)
    share = g / h / h[:, None]
    losses = [general_loss(m, g, w)]
    for _ in range(most_steps):
        x = w @ w.T
        z = gamma[:, None] * (x + share * (m - x)) * gamma
        values, vectors = scipy.linalg.eigh(
            z, subset_by_index=(size - d, size - 1), overwrite_a=True, check_finite=False
        )
        after = vectors * np.sqrt(np.maximum(values, 0)) / gamma[:, None]
        loss = general_loss(m, g, after)
        if loss >= losses[-1]:  # nothing but rounding is left
            return w, np.array(losses), True
        w = after
        losses.append(loss)
        if losses[-2] - loss <= tolerance * abs(loss):
            return w, np.array(losses), True
    return w, np.array(losses), False


def _fitting(
    target: ArrayLike, weights: ArrayLike, vectors: ArrayLike
) -> tuple[Array, Array, Array]:
    m, g, w = (np.asarray(x, float) for x in (target, weights, vectors))
    if w.ndim != 2 or m.shape != (len(w),) * 2 or g.shape != m.shape:
        raise InputError(
            f"M*, weights and vectors have shapes {m.shape}, {g.shape} and {w.shape}; "
            "pass (V, V) twice and (V, d)"
        )
    return m, g, w


def _checked(target: ArrayLike, weights: ArrayLike) -> tuple[Array, Array]:
    m, g = np.asarray(target, float), np.asarray(weights, float)
    for name, array in (("matrix M*", m), ("matrix of weights", g)):
        if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
            raise InputError(f"the {name} has shape {array.shape}; pass a square array")
        if not np.isfinite(array).all():
            raise InputError(f"the {name} holds a number that is not finite; pass finite ones")
        asymmetry = float(np.abs(array - array.T).max())
        if asymmetry > 1e-9 * float(np.abs(array).max()):
            raise InputError(
                f"the {name} is not symmetric: entries differ by up to {asymmetry:.3g} from their "
                "mirror images; pass the mean of it and its transpose"
            )
    if m.shape != g.shape:
        raise InputError(f"target and weights have shapes {m.shape} and {g.shape}; pass equal ones")
    if g.min() < 0:
        raise InputError(f"the weights hold {g.min():g}; pass none below 0")
    if not g.any(axis=1).all():
        row = int(np.flatnonzero(~g.any(axis=1))[0])
        raise InputError(f"row {row} of the weights is 0 throughout; leave that word out")
    return m, g

"""Generate initial embeddings, times and integrated trajectories."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.testing.oracle import integrate_tied
from repsearch.testing.strategies.bounds import check_bounds
from repsearch.testing.strategies.spectra import (
    Operator,
    Signs,
    check_signs,
    symmetric_operators,
)

Real = NDArray[np.float64]

_SCALES = (1.0, 0.1, 1e-3, 1e-6, 1e-12)


@dataclass(frozen=True, eq=False)
class IntegratedTrajectory:
    """A solution of dW/dt = (1/2) (M - W W^T) W, found by numerical integration.

    Parameters
    ----------
    operator : Operator
        M.
    start : (V, d) float
        W(0).
    times : (T,) float
        Flow times, increasing, from 0.

    Examples
    --------
    >>> from repsearch.testing.strategies import Operator
    >>> flow = IntegratedTrajectory(
    ...     Operator(np.array([2.0, 1.0]), np.eye(2)), 0.1 * np.eye(2), np.array([0.0, 4.0, 20.0])
    ... )
    >>> flow.singular_values.round(2)
    array([[0.1 , 0.1 ],
           [1.37, 0.6 ],
           [1.41, 1.  ]])
    """

    operator: Operator
    start: Real
    times: Real

    @cached_property
    def embeddings(self) -> Real:
        """(T, V, d) W at each time."""
        return integrate_tied(self.operator.matrix, self.start, self.times)

    @property
    def singular_values(self) -> Real:
        """(T, min(V, d)) singular values of W at each time, decreasing."""
        return np.asarray(np.linalg.svd(self.embeddings, compute_uv=False))


def initialisations(
    words: int, dimension: int, *, min_scale: float = 1e-12, full_rank: bool = False
) -> st.SearchStrategy[Real]:
    """Generate initial embeddings W(0); shrinks to the first columns of the identity.

    The identity plus whole numbers from -3 to 3, times a power of ten. In two of
    three its rank is deficient: the last column is zero, or is the first one again.

    Parameters
    ----------
    words, dimension : int
        V and d.
    min_scale : float
        Smallest power of ten.
    full_rank : bool
        Whether to leave out deficient ranks.

    Returns
    -------
    strategy for (V, d) float64
        Initial embeddings.

    Raises
    ------
    InputError
        A size below 1; a `min_scale` that is not above 0 and at most 1.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(initialisations(3, 2), lambda w: abs(w).max() < 0.1).tolist()
    [[0.001, 0.0], [0.0, 0.001], [0.0, 0.0]]
    """
    check_bounds("the number of words", words, words)
    check_bounds("the dimension", dimension, dimension)
    _check_scale(min_scale)
    return _initialisations(words, dimension, min_scale, full_rank=full_rank)


@st.composite
def _initialisations(
    draw: st.DrawFn, words: int, dimension: int, min_scale: float, *, full_rank: bool
) -> Real:
    scale = draw(st.sampled_from([s for s in _SCALES if s >= min_scale]))
    added = hnp.arrays(np.int64, (words, dimension), elements=st.integers(-3, 3))
    whole = np.eye(words, dimension) + draw(
        added.filter(lambda z: not full_rank or _has_full_rank(np.eye(*z.shape) + z))
    )
    if not full_rank:
        last = draw(st.sampled_from(["as drawn", "zero", "like the first"]))
        if last == "zero":
            whole[:, -1] = 0
        elif last == "like the first":
            whole[:, -1] = whole[:, 0]
    return np.asarray(whole * scale)


def _check_scale(min_scale: float) -> None:
    if not 0 < min_scale <= 1:
        raise InputError(f"min_scale is {min_scale!r}; pass a number above 0, at most 1")


def _has_full_rank(matrix: Real) -> bool:
    return bool(np.linalg.matrix_rank(matrix) == min(matrix.shape))


def aligned_modes(
    max_size: int = 6, *, signs: Signs = "any", min_scale: float = 1e-12
) -> st.SearchStrategy[tuple[Real, Real]]:
    """Generate starts that are aligned with the spectrum: eigenvalues and singular values.

    Both are small whole numbers, the start times a power of ten; shrinks to one mode.

    Parameters
    ----------
    max_size : int
        Largest number n of modes.
    signs : {"any", "positive", "non-negative", "negative"}
        Signs of eigenvalues allowed; ``"any"`` and ``"non-negative"`` include 0.
    min_scale : float
        Smallest power of ten of the start.

    Returns
    -------
    strategy for ((n,) float64, (n,) float64)
        Eigenvalues in decreasing order, and initial singular values s_k(0) > 0.

    Raises
    ------
    InputError
        An option out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(aligned_modes(signs="positive"), lambda modes: len(modes[0]) == 2)
    (array([1., 1.]), array([1., 1.]))
    """
    check_bounds("the number of modes", 1, max_size)
    check_signs(signs)
    _check_scale(min_scale)
    lowest = {"any": -8, "positive": 1, "non-negative": 0, "negative": -8}[signs]
    value = st.integers(lowest, -1 if signs == "negative" else 8)
    # A mode is drawn as a whole, so that shrinking can leave out any of them.
    modes = st.lists(st.tuples(value, st.integers(1, 3)), min_size=1, max_size=max_size)
    scale = st.sampled_from([s for s in _SCALES if s >= min_scale])
    return st.builds(_aligned, modes, scale)


def _aligned(modes: list[tuple[int, int]], scale: float) -> tuple[Real, Real]:
    values, start = np.array(sorted(modes, key=lambda mode: -mode[0]), float).T
    return values.copy(), start * scale


def times(
    max_times: int = 5, *, min_times: int = 1, latest: float = 16.0
) -> st.SearchStrategy[Real]:
    """Generate increasing flow times from 0 on; multiples of 1/64 of the latest.

    Parameters
    ----------
    max_times, min_times : int
        Bounds of the number of times, at most 65; the first time is 0.
    latest : float
        Largest time.

    Returns
    -------
    strategy for (T,) float64
        Increasing times.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(times(latest=4.0), lambda at: at[-1] >= 1)
    array([0., 1.])
    """
    check_bounds("the number of times", min_times, max_times)
    if max_times > 65:
        raise InputError(f"max_times is {max_times}; pass at most 65")
    if not 0 < latest < math.inf:
        raise InputError(f"latest is {latest!r}; pass a positive number")
    steps = st.sets(st.integers(1, 64), min_size=min_times - 1, max_size=max_times - 1)
    return steps.map(lambda k: np.array([0, *sorted(k)]) * (latest / 64))


def trajectories(
    max_words: int = 4,
    *,
    operators: st.SearchStrategy[Operator] | None = None,
    min_scale: float = 1e-6,
    max_times: int = 5,
    latest: float = 4.0,
) -> st.SearchStrategy[IntegratedTrajectory]:
    """Generate gradient flows of the quartic loss, integrated when they are first asked for.

    Parameters
    ----------
    max_words : int
        Largest V; d is from 1 to V.
    operators : strategy for Operator, optional
        Makes M; `symmetric_operators` of at most `max_words` words by default.
    min_scale : float
        Smallest power of ten of the start, as in `initialisations`.
    max_times : int
        Largest number of times.
    latest : float
        Largest time.

    Returns
    -------
    strategy for IntegratedTrajectory
        From 0 to at most `latest`.

    Raises
    ------
    InputError
        An option out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> found = find(trajectories(), lambda flow: flow.times[-1] > 0)
    >>> found.operator, found.start, found.times
    (Operator(eigenvalues=[1.0], eigenvectors=the identity), array([[1.]]), array([0.    , 0.0625]))
    """
    moments = times(max_times, latest=latest)
    if operators is None:
        operators = symmetric_operators(max_words)

    def flows(operator: Operator) -> st.SearchStrategy[IntegratedTrajectory]:
        size = len(operator.eigenvalues)
        start = st.integers(1, size).flatmap(
            lambda d: initialisations(size, d, min_scale=min_scale)
        )
        return st.builds(IntegratedTrajectory, st.just(operator), start, moments)

    return operators.flatmap(flows)

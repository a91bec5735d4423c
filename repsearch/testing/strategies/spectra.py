"""Generate spectra, rotations, and symmetric matrices with known eigenpairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.testing.strategies.bounds import check_bounds

Signs = Literal["any", "positive", "non-negative", "negative"]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Operator:
    """A symmetric matrix given by its eigenpairs.

    Parameters
    ----------
    eigenvalues : (V,) float
        Eigenvalues, decreasing.
    eigenvectors : (V, V) float
        Orthonormal eigenvectors in columns.

    Examples
    --------
    >>> operator = Operator(np.array([3.0, 1.0]), np.array([[0.6, 0.8], [0.8, -0.6]]))
    >>> operator.matrix.round(2)
    array([[1.72, 0.96],
           [0.96, 2.28]])
    """

    eigenvalues: Real
    eigenvectors: Real

    @cached_property
    def matrix(self) -> Real:
        """(V, V) the matrix, symmetric to the bit."""
        product = (self.eigenvectors * self.eigenvalues) @ self.eigenvectors.T
        return np.asarray((product + product.T) / 2)

    def __repr__(self) -> str:
        size = len(self.eigenvalues)
        vectors = "the identity"
        if not np.array_equal(self.eigenvectors, np.eye(size)):
            vectors = str(np.round(self.eigenvectors, 3).tolist())
        return f"Operator(eigenvalues={self.eigenvalues.tolist()}, eigenvectors={vectors})"


def eigenvalues(
    size: int, *, gap: float = 0.0, signs: Signs = "any", decay: float | None = None
) -> st.SearchStrategy[Real]:
    """Generate eigenvalues in decreasing order; shrinks to small whole positive numbers.

    Parameters
    ----------
    size : int
        Number of eigenvalues.
    gap : float
        Least difference between two of them; 0 allows equal ones.
    signs : {"any", "positive", "non-negative", "negative"}
        Signs allowed; ``"any"`` and ``"non-negative"`` include 0.
    decay : float, optional
        Exponent that makes the magnitudes proportional to k^-decay, k = 1, 2, ..., in any
        order of signs. By default they are multiples of the gap, or of 1 without one.

    Returns
    -------
    strategy for (size,) float64
        Decreasing eigenvalues.

    Raises
    ------
    InputError
        An option out of range; a gap between equal magnitudes (``decay=0``).

    Examples
    --------
    >>> from hypothesis import find
    >>> find(eigenvalues(3, gap=1.0), lambda values: values.sum() < 0)
    array([ 1., -1., -2.])
    """
    check_bounds("the number of eigenvalues", size, size)
    if not 0 <= gap < math.inf:
        raise InputError(f"gap is {gap!r}; pass a finite number from 0 on")
    check_signs(signs)
    if decay is None:
        return _stepped(size, gap, signs)
    if not 0 <= decay < math.inf:
        raise InputError(f"decay is {decay!r}; pass a finite number from 0 on, or None")
    if decay == 0 and gap > 0 and size > 1:
        raise InputError(f"a gap of {gap!r} cannot be between magnitudes that do not decay")
    return _decaying(size, gap, signs, decay)


def check_signs(signs: str) -> None:
    """Refuse anything but the names of signs.

    Parameters
    ----------
    signs : str
        What was passed.

    Raises
    ------
    InputError
        Unless it is one of `Signs`.
    """
    if signs not in get_args(Signs):
        raise InputError(
            f"signs is {signs!r}; choose 'any', 'positive', 'non-negative' or 'negative'"
        )


@st.composite
def _stepped(draw: st.DrawFn, size: int, gap: float, signs: Signs) -> Real:
    negative = size if signs == "negative" else 0
    zeros = 0
    if signs == "any":
        negative = draw(st.integers(0, size))
    if signs in ("any", "non-negative"):
        zeros = draw(st.integers(0, size - negative if gap == 0 else min(1, size - negative)))
    unit = gap or 1.0
    steps = np.array(draw(_padded(size, st.integers(0, 3))), float)

    def magnitudes(n: int, steps: Real) -> Real:
        # The first is a unit away from zero, each next one at least a gap away.
        return np.cumsum(steps[:n] * unit + np.where(np.arange(n) == 0, unit, gap))

    above = size - negative - zeros
    parts = [magnitudes(above, steps)[::-1], np.zeros(zeros), -magnitudes(negative, steps[above:])]
    return np.concatenate(parts)


@st.composite
def _decaying(draw: st.DrawFn, size: int, gap: float, signs: Signs, decay: float) -> Real:
    sizes = np.arange(1.0, size + 1) ** -decay
    if signs == "any":
        flips = draw(_padded(size, st.integers(0, 1)))
        sizes = np.where(flips, -sizes, sizes)
    elif signs == "non-negative":
        sizes[size - draw(st.integers(0, min(1, size))) :] = 0
    elif signs == "negative":
        sizes = -sizes
    values = np.sort(sizes)[::-1] * draw(st.integers(1, 40))
    least = float(-np.diff(values).max(initial=-math.inf))
    # A hair more than the gap, for the product is rounded.
    return values if least >= gap else values * (gap / least) * (1 + 1e-12)


def rotations(size: int, *, max_reflections: int = 3) -> st.SearchStrategy[Real]:
    """Generate orthogonal matrices: products of reflections with whole-number normals.

    Shrinks to the identity, the empty product; a single normal (1, -1) swaps two words.

    Parameters
    ----------
    size : int
        V, the number of rows.
    max_reflections : int
        Largest number of reflections.

    Returns
    -------
    strategy for (V, V) float64
        Orthogonal matrices, of either determinant.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(rotations(2), lambda q: q[0, 0] < 1).round(1)
    array([[-1.,  0.],
           [ 0.,  1.]])
    """
    check_bounds("the size of a rotation", size, size)
    check_bounds("the number of reflections", 0, max_reflections, least=0)
    normals = st.lists(_padded(size, st.integers(-4, 4)), max_size=max_reflections)
    # By a public name, so that what Hypothesis prints of a failure can be run.
    return st.builds(product_of_reflections, st.just(size), normals)


def _padded(size: int, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    # Shorter lists with zeros after them: then shrinking can lower the size by itself.
    return st.lists(numbers, max_size=size).map(lambda short: short + [0] * (size - len(short)))


def product_of_reflections(size: int, normals: Sequence[Sequence[int]]) -> Real:
    """Multiply the reflections at the planes through 0 with the given normals.

    Parameters
    ----------
    size : int
        V, the number of rows.
    normals : sequence of sequences of V int
        Normals of the planes; one that is zero leaves everything in place.

    Returns
    -------
    (V, V) float64
        Orthogonal; the identity without a normal.

    Examples
    --------
    >>> product_of_reflections(2, [(1, -1)])
    array([[0., 1.],
           [1., 0.]])
    """
    product = np.eye(size)
    for entries in normals:
        normal = np.array(entries)
        square = float(normal @ normal)
        if square:
            product -= np.outer(product @ normal, normal) * (2 / square)
    return product


def symmetric_operators(
    max_size: int = 6,
    *,
    min_size: int = 1,
    gap: float = 0.0,
    signs: Signs = "any",
    decay: float | None = None,
) -> st.SearchStrategy[Operator]:
    """Generate symmetric matrices with known eigenpairs; shrinks to a small diagonal one.

    Parameters
    ----------
    max_size, min_size : int
        Bounds of V.
    gap : float
        Least difference between two eigenvalues; 0 allows equal ones.
    signs : {"any", "positive", "non-negative", "negative"}
        Signs of eigenvalues allowed; ``"any"`` and ``"non-negative"`` include 0.
    decay : float, optional
        Exponent that makes the magnitudes of eigenvalues proportional to k^-decay.

    Returns
    -------
    strategy for Operator
        With the eigenvalues of `eigenvalues` and the eigenvectors of `rotations`.

    Raises
    ------
    InputError
        An option out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(symmetric_operators(min_size=2, gap=1.0), lambda _: True)
    Operator(eigenvalues=[2.0, 1.0], eigenvectors=the identity)
    """
    check_bounds("the number of words", min_size, max_size)

    def of_size(size: int) -> st.SearchStrategy[Operator]:
        values = eigenvalues(size, gap=gap, signs=signs, decay=decay)
        return st.builds(Operator, values, rotations(size))

    of_size(max_size)  # wrong options are reported here, not in a test's first example
    return st.integers(min_size, max_size).flatmap(of_size)

"""Generate count matrices, counts and distributions of pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies.bounds import check_bounds


def count_matrices(
    max_size: int = 7, *, min_size: int = 1, zeros: bool = True, max_count: int = 10**6
) -> st.SearchStrategy[NDArray[np.int64]]:
    """Generate symmetric matrices of whole numbers from 0 on, not all of them 0.

    Shrinks to few words and small numbers.

    Parameters
    ----------
    max_size, min_size : int
        Bounds of V.
    zeros : bool
        Whether pairs may have the count 0.
    max_count : int
        Largest count.

    Returns
    -------
    strategy for (V, V) int64
        Symmetric matrices.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(count_matrices(min_size=2), lambda matrix: True)
    array([[0, 1],
           [1, 0]])
    """
    check_bounds("the number of words", min_size, max_size)
    check_bounds("a count", 1, max_count)
    return _count_matrices(min_size, max_size, 0 if zeros else 1, max_count)


@st.composite
def _count_matrices(
    draw: st.DrawFn, min_size: int, max_size: int, least: int, most: int
) -> NDArray[np.int64]:
    size = draw(st.integers(min_size, max_size))
    # Half of the counts are small, so that equal ones and zeros come up.
    entry = st.integers(least, min(12, most)) | st.integers(least, most)
    half = np.tril(draw(hnp.arrays(np.int64, (size, size), elements=entry)))
    if not half.any():
        half[-1, 0] = 1
    return np.asarray(half + np.tril(half, -1).T)


def counts(
    max_size: int = 7, *, min_size: int = 1, zeros: bool = True, max_count: int = 10**6
) -> st.SearchStrategy[Counts]:
    """Generate `Counts` with any matrix of `count_matrices`.

    How often words occur is unrelated to the matrix, so that no two definitions of a word's
    probability agree by accident.

    Parameters
    ----------
    max_size, min_size : int
        Bounds of V.
    zeros : bool
        Whether pairs may have the count 0.
    max_count : int
        Largest count of a pair or word.

    Returns
    -------
    strategy for Counts
        Of words w0, w1, ...

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> matrix = find(counts(), lambda found: found.total > 2).matrix().toarray()
    >>> bool((matrix == matrix.T).all())
    True
    """
    return _counts(
        count_matrices(max_size, min_size=min_size, zeros=zeros, max_count=max_count), max_count
    )


@st.composite
def _counts(draw: st.DrawFn, matrices: st.SearchStrategy[NDArray[np.int64]], most: int) -> Counts:
    matrix = draw(matrices)
    size = len(matrix)
    occurrences = draw(st.lists(st.integers(1, most), min_size=size, max_size=size))
    return counts_from(matrix, word_counts=occurrences)


def distributions(
    max_size: int = 6, *, min_size: int = 2, zeros: bool = False, max_count: int = 10**6
) -> st.SearchStrategy[NDArray[np.float64]]:
    """Generate symmetric P that sum to 1: `count_matrices` divided by their sums.

    Parameters
    ----------
    max_size, min_size : int
        Bounds of V.
    zeros : bool
        Whether pairs may have the probability 0; then a whole row may be zero.
    max_count : int
        Largest count before the division.

    Returns
    -------
    strategy for (V, V) float64
        Symmetric matrices with sum 1.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(distributions(), lambda p: True)
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    matrices = count_matrices(max_size, min_size=min_size, zeros=zeros, max_count=max_count)
    return matrices.map(normalised)


def normalised(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Divide a matrix by its sum.

    It has a name so that Hypothesis prints failures in few words.

    Parameters
    ----------
    matrix : (V, V) int64
        Counts, not all 0.

    Returns
    -------
    (V, V) float64
        A matrix with sum 1.
    """
    return np.asarray(matrix / matrix.sum())

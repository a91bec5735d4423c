"""Take frequency out of modes and spaces, and permute words among words of about their frequency.

What a model and a corpus have in common may be no more than that both know how frequent a word
is: leading directions of both follow frequency. So functions of it are projected out of both
first, piecewise linear in the rank with knots at the ends of bins, and chance is words permuted
within these bins, which leaves what of frequency is left where it was.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
NEAR = 0.2
"""A bin reaches from a rank to a fifth beyond it ..."""
LEAST = 10
"""... or has so many words, whichever is more."""


def frequency_bins(n_words: int) -> NDArray[np.int64]:
    """Number the bins of words that stand in the order of their frequency.

    Parameters
    ----------
    n_words : int
        V.

    Returns
    -------
    (V,) int
        Bin of each word, from 0; the last takes what is left over where that is less than half
        of what it should have.

    Examples
    --------
    >>> np.bincount(frequency_bins(120)).tolist()
    [10, 10, 10, 10, 10, 10, 12, 14, 17, 17]
    """
    edges = _edges(n_words)
    return np.repeat(np.arange(len(edges) - 1), np.diff(edges))


def frequency_functions(n_words: int) -> Real:
    """Give the functions of the rank that are linear between the ends of bins.

    Parameters
    ----------
    n_words : int
        V, words in the order of frequency.

    Returns
    -------
    (V, m) float
        An orthonormal basis of them, the constant among them.

    Examples
    --------
    >>> functions = frequency_functions(40)
    >>> bool(np.allclose(functions @ (functions.T @ np.arange(40.0)), np.arange(40.0)))
    True
    """
    rank, knots = np.arange(n_words), _edges(n_words)
    # The last knot lies one beyond the last word, and has a hat as any other.
    hats = np.stack([np.interp(rank, knots, one) for one in np.eye(len(knots))], axis=1)
    return np.asarray(np.linalg.qr(hats).Q)


def without_frequency(columns: Real) -> Real:
    """Project functions of frequency out of columns over words.

    Parameters
    ----------
    columns : (V, n) float
        Words in the order of frequency.

    Returns
    -------
    (V, n) float
        What is orthogonal to all functions of the rank that are linear between the ends of bins,
        the constant among them.

    Examples
    --------
    >>> line = np.arange(40.0)[:, None]
    >>> bool(np.abs(without_frequency(np.hstack([line, line + 3]))).max() < 1e-12)
    True
    """
    basis = frequency_functions(len(columns))
    # Twice, for the first time leaves rounding along the functions.
    for _ in range(2):
        columns = columns - basis @ (basis.T @ columns)
    return columns


def _edges(n_words: int) -> list[int]:
    edges = [0]
    while edges[-1] < n_words:
        wide = max(LEAST, int(NEAR * edges[-1]))
        end = edges[-1] + wide
        edges.append(n_words if n_words - end < wide / 2 else end)
    return edges


def permuted_rows(bins: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Permute rows within their bins.

    Parameters
    ----------
    bins : (V,) int
        Bin of each row, not decreasing.
    rng : numpy.random.Generator
        Source of the permutation.

    Returns
    -------
    (V,) int
        Row that takes the place of each.

    Examples
    --------
    >>> bins = np.array([0, 0, 0, 1, 1])
    >>> rows = permuted_rows(bins, np.random.default_rng(0))
    >>> sorted(rows[:3].tolist()), sorted(rows[3:].tolist())
    ([0, 1, 2], [3, 4])
    """
    # Sorted by bin first and at random within it.
    return np.lexsort((rng.random(len(bins)), bins))

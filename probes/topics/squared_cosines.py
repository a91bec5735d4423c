"""Measure squared cosines of words with modes: the share of each vector that lies on each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.topics.topics import Modes
from repsearch.embeddings.neighbours import unit_rows

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]


def leading_rows(source: Modes | Embeddings, considered: int) -> Real:
    """Take the rows of W = V √Λ, or of embeddings, of the most frequent words.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes; those of a spectrum whose eigenvalue is not positive are zero in W.
    considered : int
        How many words; all if there are fewer.

    Returns
    -------
    (n, d) float64
        A row for each word.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> leading_rows(BinaryAttributes([0.3, 0.2]).spectrum(), 3).shape
    (3, 4)
    """
    if not isinstance(source, Modes):
        return np.asarray(source.vectors[:considered], dtype=np.float64)
    eigenvalues = np.asarray(source.eigenvalues, dtype=np.float64)
    vectors = np.asarray(source.eigenvectors[:considered], dtype=np.float64)
    return vectors * np.sqrt(np.maximum(eigenvalues, 0.0))


def squared_cosines(rows: Real) -> Real:
    """Divide each word's squared length among the modes: its squared cosine with each.

    Parameters
    ----------
    rows : (n, d) float
        Vectors of words, as of `leading_rows`.

    Returns
    -------
    (n, d) float64
        Rows sum to 1, or to 0 for a word whose vector is zero.

    Examples
    --------
    >>> squared_cosines(np.array([[3.0, 4.0], [0.0, 0.0]])).round(2).tolist()
    [[0.36, 0.64], [0.0, 0.0]]
    """
    return np.square(unit_rows(rows))

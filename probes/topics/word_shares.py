"""How much of each word's embedding lies on each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.topics.topics import Modes
from repsearch.embeddings.neighbours import unit_rows

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]


def word_entries(source: Modes | Embeddings, considered: int) -> Real:
    """Rows of W = V √Λ, or of embeddings, of the most frequent words.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes; those of a spectrum whose eigenvalue is not positive are zero in W.
    considered : int
        How many words; all if there are fewer.

    Returns
    -------
    (n, d) float64
    """
    if not isinstance(source, Modes):
        return np.asarray(source.vectors[:considered], dtype=np.float64)
    eigenvalues = np.asarray(source.eigenvalues, dtype=np.float64)
    vectors = np.asarray(source.eigenvectors[:considered], dtype=np.float64)
    return vectors * np.sqrt(np.maximum(eigenvalues, 0.0))


def word_shares(entries: Real) -> Real:
    """Share of each word's squared length on each mode, its squared cosine with the mode.

    Parameters
    ----------
    entries : (n, d) float
        Of `word_entries`.

    Returns
    -------
    (n, d) float64
        Rows sum to 1, or to 0 for a word whose vector is zero.
    """
    return np.square(unit_rows(entries))

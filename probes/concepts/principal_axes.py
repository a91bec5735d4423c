"""Turn embeddings so that their columns are the modes of the vocabulary, in order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
_PROBES = 4
_ROUNDING = 16 * float(np.finfo(np.float32).eps)


@one_blas_thread()
def on_principal_axes(embeddings: Embeddings) -> Embeddings:
    """Turn embeddings so that column k is the k-th mode of the vocabulary.

    W = U S O^T becomes U S: left singular vectors times singular values. The
    Gram matrix of the words stays as it is. Closed-form embeddings already
    have this form; those that were trained have their columns in no order, and
    "the first d columns" means something only after turning.

    Parameters
    ----------
    embeddings : Embeddings
        V words and vectors (V, d).

    Returns
    -------
    Embeddings
        In float64; the entry of largest magnitude of each column is positive.

    Examples
    --------
    >>> words = ("a", "b", "c")
    >>> emb = Embeddings(words, np.array([[1.0, 1.0], [1.0, -1.0], [2.0, 2.0]]))
    >>> turned = on_principal_axes(emb).vectors
    >>> np.round(turned.T @ turned, 6) + 0.0  # columns are orthogonal, the longest first
    array([[10.,  0.],
           [ 0.,  2.]])
    """
    vectors = embeddings.vectors.astype(np.float64)
    energies = np.einsum("vk,vk->k", vectors, vectors)
    if _orthogonal(vectors, energies):
        turned = vectors[:, np.argsort(-energies, kind="stable")]
    else:
        _, axes = np.linalg.eigh(vectors.T @ vectors)
        turned = vectors @ axes[:, ::-1]
    extreme = turned[np.argmax(np.abs(turned), axis=0), np.arange(turned.shape[1])]
    return Embeddings(embeddings.words, turned * np.where(extreme < 0, -1.0, 1.0), embeddings.name)


def _orthogonal(vectors: Real, energies: Real) -> bool:
    """Whether the columns are orthogonal to the rounding of float32.

    For random signs x the mean of |(W^T W − D) x|^2 is the sum of squares of
    what is off the diagonal, at the cost of a few products with vectors.
    """
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (vectors.shape[1], _PROBES))
    off = vectors.T @ (vectors @ signs) - energies[:, None] * signs
    allowed = _ROUNDING * np.linalg.norm(energies)
    return bool(np.linalg.norm(off, axis=0).max() <= allowed)

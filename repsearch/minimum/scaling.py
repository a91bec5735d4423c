"""Scale weights so that a loss curves alike in all directions, as far as words and modes decide it.

The curvature of the loss along row i of W is sum_j G_ij w_j w_j^T, about h_i C with
C = sum_j h_j w_j w_j^T where the weights of pairs are about G_ij = h_i h_j. In
Z = D^(1/2) W C^(1/2), D = diag(h), it is about 1 in all of these directions
(Tong, Ma and Chi 2021, "Accelerating ill-conditioned low-rank matrix estimation via
scaled gradient descent", with weights of words).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.dynamics import LossExpansion
from repsearch.training.terms.pair_terms import PairTerms

_FLOOR = 0.1
"""Least eigenvalue of C that is told from 0, as a share of their mean."""
_LIGHTEST = 1e-8
"""Least weight of a word, as a share of the mean weight."""


def word_weights(
    terms: PairTerms, expansion: LossExpansion
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find weights h of words and h' of contexts with G_ij about h_i h'_j, from sums of G.

    G_ij = f+''(0) Psi+_ij P_ij + f-''(0) Psi-_ij P_i P_j. Where G is an outer product they
    are exact.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    expansion : LossExpansion
        Derivatives of the loss at 0.

    Returns
    -------
    words, contexts : (V,) float64
        All positive.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import Quartic, pair_terms
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(1000, seed=0)
    >>> words, contexts = word_weights(pair_terms(counts, rs.Setting31()), Quartic().expansion)
    >>> (words * contexts).round(6).tolist()  # G = 1, and f'' = 1/2
    [0.5, 0.5, 0.5, 0.5]
    """
    up, down = expansion.positive[1], expansion.negative[1]
    matrix = scipy.sparse.csr_matrix(
        (terms.positive, terms.columns, terms.indptr), shape=(terms.n_words,) * 2, copy=False
    )
    seen = (up - down * terms.seen) * (matrix @ np.ones(terms.n_words))
    rows = seen + down * (terms.right.sum(1) @ terms.left)
    columns = seen + down * (terms.left.sum(1) @ terms.right)
    total = float(rows.sum())
    return _positive(rows / np.sqrt(total)), _positive(columns / np.sqrt(total))


def _positive(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(weights, _LIGHTEST * float(weights.mean()))


@dataclass(frozen=True, eq=False)
class Scaling:
    """The map between weights W and Z = D^(1/2) W C^(1/2); made by `scaling_at`.

    Parameters
    ----------
    rows : (V, 1) or (2, V, 1) tensor
        D^(1/2).
    columns, inverse : (d, d) or (2, d, d) tensor
        C^(1/2) and its inverse.
    """

    rows: Tensor
    columns: Tensor
    inverse: Tensor

    def scaled(self, weights: Tensor) -> Tensor:
        """Give Z of weights."""
        return (self.rows * weights) @ self.columns

    def weights(self, scaled: Tensor) -> Tensor:
        """Give the weights of Z."""
        return (scaled / self.rows) @ self.inverse

    def gradient(self, gradient: Tensor) -> Tensor:
        """Give the gradient with respect to Z from that with respect to the weights."""
        return (gradient / self.rows) @ self.inverse


def scaling_at(
    weights: Tensor,
    words: NDArray[np.float64],
    contexts: NDArray[np.float64],
    ridge: float = 0.0,
) -> Scaling:
    """Make the scaling for weights about which the loss is to be minimised.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.
    words, contexts : (V,) float64
        h and h', from `word_weights`.
    ridge : float
        Half of this times the sum of squares of all weights is added to the loss.

    Returns
    -------
    Scaling
        With C of the contexts for words and the other way round; of tied weights with twice C,
        for the loss changes by w_i . w_j and by w_j . w_i.
    """
    tied = weights.ndim == 2
    h = np.sqrt(words * contexts) if tied else np.stack([words, contexts])
    rows = torch.as_tensor(h, dtype=torch.float64).sqrt()[..., None]
    here = weights.double().cpu() * rows
    gram = here.mT @ here
    gram = 2 * gram if tied else gram.flip(0)
    values, vectors = torch.linalg.eigh(gram)
    floor = _FLOOR * values.mean(-1, keepdim=True)
    values = values.clamp_min(floor)
    # The ridge adds to h_i C what is the same for all words.
    typical = values.median(-1).values[..., None, None]
    rows = (rows.square() + ridge / typical.clamp_min(1e-300)).sqrt()
    roots = values.sqrt()
    kind = {"dtype": weights.dtype, "device": weights.device}
    return Scaling(
        rows.to(**kind),
        ((vectors * roots[..., None, :]) @ vectors.mT).to(**kind),
        ((vectors / roots[..., None, :]) @ vectors.mT).to(**kind),
    )

"""Turn weights to principal axes, which changes no inner product of a word and a context."""

from __future__ import annotations

import torch
from torch import Tensor


def principal_axes(weights: Tensor) -> Tensor:
    """Give the weights with orthogonal columns, the longest first; untied ones balanced.

    W = U S R^T of tied weights becomes U S, with the same W W^T. Words A and contexts B become
    U S^(1/2) and U' S^(1/2) with A B^T = U S U'^T, so that A^T A = B^T B: of all factors of
    A B^T those of the least sum of squares. Of each column of the words the entry of largest
    magnitude is positive.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; words and contexts of untied ones.

    Returns
    -------
    (V, d) or (2, V, d) float64 tensor
        On the device of the weights.

    Examples
    --------
    >>> words, contexts = torch.tensor([[4.0], [0.0]]), torch.tensor([[0.0], [1.0]])
    >>> principal_axes(torch.stack([words, contexts])).abs().tolist()
    [[[2.0], [0.0]], [[0.0], [2.0]]]
    """
    exact = weights.double()
    d = weights.shape[-1]
    if weights.ndim == 2:
        u, s, _ = torch.linalg.svd(exact, full_matrices=False)
        turned = u * s
    else:
        (qa, ra), (qb, rb) = (torch.linalg.qr(side) for side in exact)
        u, s, vt = torch.linalg.svd(ra @ rb.T)
        turned = torch.stack([qa @ u, qb @ vt.T]) * s.sqrt()
    words = turned if weights.ndim == 2 else turned[0]
    largest = words.abs().argmax(0)
    signs = torch.sign(words[largest, torch.arange(words.shape[1], device=words.device)])
    turned = turned * torch.where(signs == 0, torch.ones_like(signs), signs)
    # Fewer words than dimensions: the rest is 0.
    return torch.nn.functional.pad(turned, (0, d - turned.shape[-1]))

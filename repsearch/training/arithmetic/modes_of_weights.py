"""Work out singular values and modes of weights, to the same bits on any number of threads."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@one_blas_thread()
def singular_values(weights: NDArray[np.floating]) -> Real:
    """Work out the singular values of W, or of A B^T from untied weights.

    By way of the triangle of a QR decomposition, since the d x d Gram matrix loses
    those below 1e-8 of the largest. Of V < d words the last ones are 0.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) array of float
        W of tied weights; A and B of untied ones.

    Returns
    -------
    (d,) float64
        Singular values, decreasing.

    Examples
    --------
    >>> singular_values(np.diag([1.0, 3.0])).round(6).tolist()
    [3.0, 1.0]
    >>> singular_values(np.stack([np.diag([1.0, 3.0])] * 2)).round(6).tolist()
    [9.0, 1.0]
    """
    triangles = [np.asarray(np.linalg.qr(part, mode="r")) for part in _parts(weights)]
    core = triangles[0] if len(triangles) == 1 else triangles[0] @ triangles[1].T
    found = np.zeros(weights.shape[-1])
    values = np.linalg.svd(core, compute_uv=False)
    found[: len(values)] = values
    return found


@one_blas_thread()
def singular_values_on_device(weights: Tensor) -> Real:
    """Work out the singular values of weights on a device, of which d x d numbers leave it.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) tensor
        W of tied weights; A and B of untied ones.

    Returns
    -------
    (d,) float64
        As `singular_values` gives, to rounding.

    Examples
    --------
    >>> singular_values_on_device(torch.tensor([[3.0, 0.0], [0.0, 1.0]])).round(6).tolist()
    [3.0, 1.0]
    """
    stacked = (weights[None] if weights.ndim == 2 else weights).detach().double()
    triangles = [torch.linalg.qr(part, mode="r").R for part in stacked]
    core = triangles[0] if len(triangles) == 1 else triangles[0] @ triangles[1].T
    found = np.zeros(weights.shape[-1])
    # Of V < d words the triangles are V x d.
    values = np.linalg.svd(core.cpu().numpy(), compute_uv=False)
    found[: len(values)] = values
    return found


@one_blas_thread()
def left_modes(weights: NDArray[np.floating]) -> tuple[Real, Real]:
    """Work out the left singular vectors and singular values of W, of A B^T if untied.

    Parameters
    ----------
    weights : (V, d) or (2, V, d) array of float
        W of tied weights; A and B of untied ones.

    Returns
    -------
    left : (V, min(V, d)) float64
        Left singular vectors.
    values : (d,) float64
        Singular values, as in `singular_values`.
    """
    first, *others = _parts(weights)
    q, core = np.linalg.qr(first)
    for other in others:
        core = core @ np.asarray(np.linalg.qr(other, mode="r")).T
    left, values, _ = np.linalg.svd(core, full_matrices=False)
    found = np.zeros(weights.shape[-1])
    found[: len(values)] = values
    return q @ left, found


@one_blas_thread()
def leading_overlaps(left: Real, modes: Real) -> Real:
    """Work out (1/k) ||V_k^T V*_k||_F^2 for k = 1..K, the overlap of the first k modes.

    Parameters
    ----------
    left : (V, r) float64
        Orthonormal columns, r >= K.
    modes : (V, K) float64
        Orthonormal columns.

    Returns
    -------
    (K,) float64
        1 where the two spans are equal, k/V on average for spans drawn at random.

    Examples
    --------
    >>> leading_overlaps(np.eye(3), np.eye(3)[:, [0, 2]]).tolist()
    [1.0, 0.5]
    """
    k = modes.shape[1]
    squares = np.square(left[:, :k].T @ modes)
    inside: Real = np.diagonal(squares.cumsum(0).cumsum(1))
    return inside / np.arange(1, k + 1)


def _parts(weights: NDArray[np.floating]) -> list[Real]:
    stacked = weights[None] if weights.ndim == 2 else weights
    return [part.astype(np.float64) for part in stacked]

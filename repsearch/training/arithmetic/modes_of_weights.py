"""Work out singular values and modes of weights, to the same bits on any number of threads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@one_blas_thread()
def singular_values(weights: NDArray[np.floating]) -> Real:
    """Singular values (d,) of W, or of A B^T from (2, V, d) untied weights; decreasing.

    By way of the triangle of a QR decomposition, since the d x d Gram matrix loses
    those below 1e-8 of the largest. Of V < d words the last ones are 0.
    """
    triangles = [np.asarray(np.linalg.qr(part, mode="r")) for part in _parts(weights)]
    core = triangles[0] if len(triangles) == 1 else triangles[0] @ triangles[1].T
    found = np.zeros(weights.shape[-1])
    values = np.linalg.svd(core, compute_uv=False)
    found[: len(values)] = values
    return found


@one_blas_thread()
def left_modes(weights: NDArray[np.floating]) -> tuple[Real, Real]:
    """Left singular vectors (V, min(V, d)) and singular values (d,), as `singular_values`."""
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
    """(1/k) ||V_k^T V*_k||_F^2 for k = 1..K, from (V, r) and (V, K) orthonormal columns, K <= r.

    1 where the two spans are equal, k/V on average for spans drawn at random.
    """
    k = modes.shape[1]
    squares = np.square(left[:, :k].T @ modes)
    inside: Real = np.diagonal(squares.cumsum(0).cumsum(1))
    return inside / np.arange(1, k + 1)


def _parts(weights: NDArray[np.floating]) -> list[Real]:
    stacked = weights[None] if weights.ndim == 2 else weights
    return [part.astype(np.float64) for part in stacked]

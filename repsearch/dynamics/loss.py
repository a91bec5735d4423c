"""The quartic loss along a trajectory, and what of the target is explained.

All under Setting 3.1 with G = 1, where L(W) = (1/4)(||W W^T - M||_F^2 - ||M||_F^2)
(arXiv 2502.09863, Theorem 1); for a constant G = g multiply by g. With
A = V^T W they need the K x d matrix A alone:
||W W^T||_F = ||A^T A||_F and Tr(W^T M W) = Tr(A^T Lambda A).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics.inputs.checks import checked_eigenvalues
from repsearch.dynamics.inputs.numpy_or_torch import Array, on_numpy
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@one_blas_thread()
def quartic_loss(eigenvalues: Array, coordinates: Array) -> Array:
    """L(W) = (1/4) ||A^T A||_F^2 - (1/2) Tr(A^T Lambda A), 0 at W = 0.

    Parameters
    ----------
    eigenvalues : (K,) array
    coordinates : (..., K, d) array
        A = V^T W.

    Returns
    -------
    (...) array
    """
    values, a, back = on_numpy(eigenvalues, coordinates)
    checked_eigenvalues(values)
    gram = np.swapaxes(a, -1, -2) @ a
    return back(
        np.square(gram).sum((-1, -2)) / 4 - (values[:, None] * np.square(a)).sum((-1, -2)) / 2
    )


def aligned_loss(eigenvalues: Array, singular_values: Array) -> Array:
    """The same on an aligned trajectory, sum_k s_k^4 / 4 - lambda_k s_k^2 / 2.

    Parameters
    ----------
    eigenvalues : (d,) array
    singular_values : (..., d) array

    Returns
    -------
    (...) array
    """
    values, s, back = on_numpy(eigenvalues, singular_values)
    checked_eigenvalues(values)
    squares = s * s
    return back((squares * (squares / 4 - values / 2)).sum(-1))


def plateaus(eigenvalues: Array) -> Array:
    """Loss while the first m modes are learned and no other is, m = 0, ..., d.

    -(1/4) sum_{k <= m} lambda_k^2 over the positive eigenvalues, which are to be in
    decreasing order; modes of negative ones are never learned and add nothing.

    Returns
    -------
    (d + 1,) array
    """
    values, back = on_numpy(eigenvalues)
    learned = np.maximum(checked_eigenvalues(values), 0.0)
    return back(-np.concatenate([[0.0], np.cumsum(learned**2)]) / 4)


def effective_rank(singular_values: Array) -> Array:
    """Effective rank of W W^T: the exponential of the entropy of s_k^2 / sum s^2.

    Roy and Vetterli 2007; 0 at W = 0.

    Parameters
    ----------
    singular_values : (..., d) array
        Of W.

    Returns
    -------
    (...) array
        Between 1 and d.
    """
    s, back = on_numpy(singular_values)
    largest = s.max(-1, keepdims=True)
    squares = np.square(s / np.where(largest > 0, largest, 1.0))
    shares = squares / np.where(largest > 0, squares.sum(-1, keepdims=True), 1.0)
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(-1)
    return back(np.where(largest[..., 0] > 0, np.exp(entropy), 0.0))

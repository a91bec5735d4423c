"""Work out the quartic loss along a trajectory, its plateaus and the effective rank.

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
    """Work out L(W) = (1/4) ||A^T A||_F^2 - (1/2) Tr(A^T Lambda A), 0 at W = 0.

    arXiv 2502.09863, Theorem 1, eq. (6) with g = 1.

    Parameters
    ----------
    eigenvalues : (K,) array
        Eigenvalues of the target M.
    coordinates : (..., K, d) array
        A = V^T W, in any rotation.

    Returns
    -------
    (...) array
        The loss, of the kind of `eigenvalues`.

    Raises
    ------
    InputError
        Eigenvalues that are not finite numbers in one dimension.

    Examples
    --------
    >>> from repsearch.dynamics import quartic_loss
    >>> minimiser = np.diag([2.0, 1.0])
    >>> float(quartic_loss([4.0, 1.0], minimiser))  # -(4^2 + 1^2) / 4
    -4.25
    """
    values, a, back = on_numpy(eigenvalues, coordinates)
    checked_eigenvalues(values)
    gram = np.swapaxes(a, -1, -2) @ a
    return back(
        np.square(gram).sum((-1, -2)) / 4 - (values[:, None] * np.square(a)).sum((-1, -2)) / 2
    )


def aligned_loss(eigenvalues: Array, singular_values: Array) -> Array:
    """Work out the loss of an aligned trajectory, sum_k s_k^4 / 4 - lambda_k s_k^2 / 2.

    `quartic_loss` for A = diag(s), 0 at s = 0.

    Parameters
    ----------
    eigenvalues : (d,) array
        Eigenvalues of the target.
    singular_values : (..., d) array
        s_k, in the order of the eigenvalues.

    Returns
    -------
    (...) array
        The loss, of the kind of `eigenvalues`.

    Raises
    ------
    InputError
        Eigenvalues that are not finite numbers in one dimension.

    Examples
    --------
    >>> from repsearch.dynamics import aligned_loss
    >>> aligned_loss([4.0, 1.0], [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0]]).tolist()
    [0.0, -4.0, -4.25]
    """
    values, s, back = on_numpy(eigenvalues, singular_values)
    checked_eigenvalues(values)
    squares = s * s
    return back((squares * (squares / 4 - values / 2)).sum(-1))


def plateaus(eigenvalues: Array) -> Array:
    """Predict the loss while the first m modes are learned and no other is, m = 0, ..., d.

    -(1/4) sum_{k <= m} lambda_k^2 over the positive eigenvalues (arXiv 2502.09863, Theorem 1
    and Result 3, with g = 1); modes of negative ones are never learned and add nothing.

    Parameters
    ----------
    eigenvalues : (d,) array
        Eigenvalues of the target, in decreasing order.

    Returns
    -------
    (d + 1,) array
        The loss on each plateau, 0 first; the last is the minimum at dimension d.

    Raises
    ------
    InputError
        Eigenvalues that are not finite numbers in one dimension.

    Examples
    --------
    >>> from repsearch.dynamics import plateaus
    >>> plateaus([4.0, 1.0, -2.0])[1:].tolist()
    [-4.0, -4.25, -4.25]
    """
    values, back = on_numpy(eigenvalues)
    learned = np.maximum(checked_eigenvalues(values), 0.0)
    return back(-np.concatenate([[0.0], np.cumsum(learned**2)]) / 4)


def effective_rank(singular_values: Array) -> Array:
    """Work out the effective rank of W W^T, the exponential of the entropy of s_k^2 / sum s^2.

    Roy and Vetterli 2007.

    Parameters
    ----------
    singular_values : (..., d) array
        Singular values of W.

    Returns
    -------
    (...) array
        Between 1 and d; 0 at W = 0.

    Examples
    --------
    >>> from repsearch.dynamics import effective_rank
    >>> effective_rank([[1.0, 1.0, 0.0], [3.0, 0.0, 0.0]]).round(6).tolist()
    [2.0, 1.0]
    """
    s, back = on_numpy(singular_values)
    largest = s.max(-1, keepdims=True)
    squares = np.square(s / np.where(largest > 0, largest, 1.0))
    shares = squares / np.where(largest > 0, squares.sum(-1, keepdims=True), 1.0)
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(-1)
    return back(np.where(largest[..., 0] > 0, np.exp(entropy), 0.0))

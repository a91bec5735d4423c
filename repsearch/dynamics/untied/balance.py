"""Make balanced starts of untied weights, and work out what their flow conserves."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.inputs.numpy_or_torch import Array, as_float64, on_numpy
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]

_EPS = float(np.finfo(float).eps)


@one_blas_thread()
def conserved(words: Array, contexts: Array) -> Array:
    """Work out A^T A - B^T B, which untied gradient flow conserves.

    So it does from any start, for any target, any weights of pairs, and for every
    loss that depends on A B^T alone, the logistic one of word2vec included (Saxe et al.
    2014 for the square loss).

    Parameters
    ----------
    words : (V, d) array
        A.
    contexts : (U, d) array
        B.

    Returns
    -------
    (d, d) array
        Symmetric, of the kind and type of `words`.

    Raises
    ------
    InputError
        Different numbers of columns, or numbers that are not finite.

    Examples
    --------
    >>> from repsearch.dynamics import conserved
    >>> conserved([[1.0, 0.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]]).tolist()
    [[0.0, 0.0], [0.0, 3.0]]
    """
    *_, back = on_numpy(words)
    a, b = checked_pair(words, contexts)
    return back(a.T @ a - b.T @ b)


@one_blas_thread()
def balanced_contexts(
    words0: Array, *, imbalance: float = 0.0, n_contexts: int | None = None, seed: int = 0
) -> Array:
    """Draw contexts B in a random direction with A^T A - B^T B = l I for the given words A.

    With A = L S R^T, B = L' (S^2 - l)^(1/2) R^T, where L' is a random orthonormal
    basis: the same right singular vectors, and for l = 0 the same singular
    values. Of a Gaussian A the result is a Gaussian B turned so that it
    balances (arXiv 2602.15029, appendix B.2, B = Q A with Q orthogonal).

    Parameters
    ----------
    words0 : (V, d) array
        A.
    imbalance : float
        The l, at most the least eigenvalue of A^T A (which is 0 where V < d).
    n_contexts : int, optional
        Rows of B, as many as words by default. B^T B = A^T A - l I is to have
        at most that rank, so d rows suffice, and fewer only for an A of low rank.
    seed : int
        Seed of the draw of L'.

    Returns
    -------
    (n_contexts, d) array
        B, of the kind and type of `words0`.

    Raises
    ------
    InputError
        No such contexts exist, or an argument out of range.

    Examples
    --------
    >>> from repsearch.dynamics import balanced_contexts, conserved
    >>> words = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    >>> contexts = balanced_contexts(words, imbalance=0.5)
    >>> np.abs(conserved(words, contexts)).round(6).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    words, back = on_numpy(words0)
    _check_matrix("words0", words)
    rows = len(words) if n_contexts is None else n_contexts
    if not is_whole(rows) or rows < 1:
        raise InputError(f"n_contexts is {n_contexts!r}; pass a whole number of at least 1")
    if not math.isfinite(imbalance):
        raise InputError(f"imbalance is {imbalance!r}; pass a finite number")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    d = words.shape[1]
    (triangle,) = scipy.linalg.qr(words, mode="r")
    _, sizes, right = np.linalg.svd(triangle[:d], full_matrices=True)
    # In units of the larger of A and sqrt(|l|): the squares of 1e-200 are 0.
    scale = max(float(sizes.max()), math.sqrt(abs(imbalance))) or 1.0
    sizes = np.pad(sizes / scale, (0, d - len(sizes)))
    squares = sizes**2 - imbalance / scale / scale
    rounding = 4 * d * _EPS
    if squares.min() < -rounding:
        raise InputError(
            f"imbalance is {imbalance:g}, but the least eigenvalue of A^T A is "
            f"{(sizes.min() * scale) ** 2:g}, so B^T B would have to be negative there; "
            "pass a smaller imbalance or larger words"
        )
    # sqrt(S^2) would lose singular values under 1e-8 of the largest.
    wanted = sizes if imbalance == 0 else np.sqrt(np.maximum(squares, 0.0))
    rank = int(np.count_nonzero(wanted**2 > rounding))
    if rank > rows:
        raise InputError(
            f"B^T B must have rank {rank}, which {rows} contexts cannot have; "
            f"pass n_contexts of at least {rank}"
        )
    kept = min(d, rows)
    # A stream of its own, because words are often drawn by default_rng(seed).
    drawn = np.random.default_rng([seed, rows, kept]).standard_normal((rows, kept))
    basis, r = np.linalg.qr(drawn)
    basis *= np.sign(np.diag(r))  # uniform: Householder's signs go by the pivots
    return back(scale * (basis * wanted[:kept]) @ right[:kept])


def checked_imbalance(words: Array, contexts: Array) -> float:
    """Work out the l of A^T A - B^T B = l I.

    Parameters
    ----------
    words : (V, d) array
        A.
    contexts : (U, d) array
        B.

    Returns
    -------
    float
        l, 0 if it is 0 to the rounding of the type that the arrays came in.

    Raises
    ------
    InputError
        Matrices that do not fit, or that are not balanced.
    """
    eps = max(_EPS, *(rounding_of(given) for given in (words, contexts)))
    a, b = checked_pair(words, contexts)
    scale = max(float(np.abs(a).max()), float(np.abs(b).max())) or 1.0
    a, b = a / scale, b / scale  # the squares of 1e-200 are 0
    difference = a.T @ a - b.T @ b
    level = float(np.trace(difference)) / a.shape[1]
    off = float(np.linalg.norm(difference - level * np.eye(a.shape[1])))
    # Inner products of n terms are off by about sqrt(n) eps, and so may the start be.
    size = float((a**2).sum() + (b**2).sum())
    allowed = (8 + math.sqrt(max(len(a), len(b)))) * eps * size
    if off > allowed:
        raise InputError(
            f"words0 and contexts0 are not balanced: A^T A - B^T B differs from a multiple of the "
            f"identity by {off / (size or 1.0):.2g} of its terms, and only balanced starts have a "
            "closed form; take contexts0 = balanced_contexts(words0), or integrate numerically"
        )
    return level * scale * scale if abs(level) > allowed else 0.0


def checked_pair(words: Array, contexts: Array) -> tuple[Real, Real]:
    """Give words and contexts in float64.

    Parameters
    ----------
    words : (V, d) array
        A.
    contexts : (U, d) array
        B.

    Returns
    -------
    words : (V, d) float64
        A.
    contexts : (U, d) float64
        B.

    Raises
    ------
    InputError
        Something else than matrices of finite numbers with as many columns.
    """
    a, b = as_float64(words), as_float64(contexts)
    _check_matrix("words", a)
    _check_matrix("contexts", b)
    if a.shape[1] != b.shape[1]:
        raise InputError(
            f"words have {a.shape[1]} columns and contexts {b.shape[1]}; pass as many of each"
        )
    return a, b


def _check_matrix(name: str, array: Real) -> None:
    if array.ndim != 2 or not array.size or not np.isfinite(array).all():
        raise InputError(
            f"{name} of shape {array.shape} will not do; pass a matrix of finite numbers"
        )


def rounding_of(given: Array) -> float:
    """Give the rounding of the type that something was in before it became float64.

    Parameters
    ----------
    given : array
        An array, a list or a tensor.

    Returns
    -------
    float
        The eps of float32 or of float64.
    """
    single = "float32" in str(getattr(given, "dtype", ""))
    return float(np.finfo(np.float32 if single else np.float64).eps)

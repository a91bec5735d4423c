"""Find the leading eigenpairs of a symmetric matrix over words."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np
import scipy.linalg
from numpy.typing import DTypeLike, NDArray
from scipy.sparse.linalg import LinearOperator
from threadpoolctl import threadpool_limits

from repsearch.checks import is_whole, number_of_threads
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.spectrum import block_lanczos
from repsearch.spectrum.leading import TOLERANCE, Rank, leading
from repsearch.spectrum.spectrum import Spectrum
from repsearch.spectrum.vectors import HostVectors
from repsearch.storage.memory import require_memory
from repsearch.target.scaled import Scaled
from repsearch.target.target import Target

_LOG = logging.getLogger(__name__)

if TYPE_CHECKING:
    import torch

Method = Literal["auto", "dense", "krylov"]
_DENSE_WORDS: dict[Rank, int] = {"value": 5_000, "magnitude": 1_000}
"""Words up to which LAPACK is taken: by magnitude it finds all eigenpairs, to choose among them."""
_AT_ONCE = 16


class OverWords(Protocol):
    """Describe a square matrix over words, such as `Target` or `Scaled`, to `eigenpairs`."""

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""

    @property
    def name(self) -> str:
        """Name of the matrix."""

    @property
    def symmetric(self) -> bool:
        """Whether it is symmetric."""

    @property
    def squared_norm(self) -> float:
        """Its squared Frobenius norm."""

    def dense(self, dtype: DTypeLike = ...) -> NDArray[np.floating]:
        """Return the whole matrix.

        Parameters
        ----------
        dtype : dtype
            Type of the array.

        Returns
        -------
        (V, V) float
            The matrix.
        """

    def operator(
        self, dtype: DTypeLike = ..., pool: ThreadPoolExecutor | None = ...
    ) -> LinearOperator:
        """Return the matrix as a linear operator on vectors.

        Parameters
        ----------
        dtype : dtype
            Precision of the products.
        pool : ThreadPoolExecutor, optional
            Threads that compute parts of a product.

        Returns
        -------
        LinearOperator
            The matrix, of shape (V, V).
        """


def eigenpairs(
    target: OverWords,
    d: int = 200,
    *,
    by: Rank = "value",
    method: Method = "auto",
    dtype: Literal["float32", "float64"] | None = None,
    tolerance: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    device: str | torch.device = "cpu",
    progress: Progress = silent,
) -> Spectrum:
    """Find d leading eigenpairs of a target, by signed value unless asked otherwise.

    The eigenvalue of M* of largest magnitude is often negative, several times
    the largest positive one, so tied weights need the order by signed value. On
    the CPU the result is the same to the bit for any number of threads.

    Parameters
    ----------
    target : Target or Scaled
        Symmetric matrix over words.
    d : int
        Number of eigenpairs.
    by : {"value", "magnitude"}
        Order in which eigenvalues lead: the d largest, which tied weights learn, or
        the d farthest from zero, which untied weights learn. Either way they are
        listed in decreasing signed order.
    method : {"auto", "dense", "krylov"}
        Algorithm: LAPACK on the dense array, or block Lanczos with thick restarts
        and products by the sparse-plus-constant operator; ``"auto"`` takes the dense
        one up to 5,000 words (by magnitude, 1,000; on a torch device with the memory,
        20,000) or where d is more than a third of V.
    dtype : {"float32", "float64"}, optional
        Precision of products and vectors; float32 by default, but float64 for the dense
        way on a torch device whose memory allows it.
    tolerance : float, optional
        Relative accuracy asked of Lanczos: residuals up to this times the eigenvalue;
        1e-5 in float32, 1e-10 in float64. The dense way is as exact as its precision.
    seed : int
        Seed of the start vectors of Lanczos.
    threads : int, optional
        Number of threads for the products; all processors by default.
    device : str or torch.device
        Device that computes. ``"cpu"`` uses NumPy; on a torch device all but numbers of
        the size of d is computed there, from the stored entries, which go there once.
    progress : Progress
        Called with the number of products computed.

    Returns
    -------
    Spectrum
        Eigenpairs with their residuals.

    Raises
    ------
    InputError
        A target that is not symmetric, d out of range, an unknown choice,
        no convergence, a device without torch, a device for anything but a `Target`
        or a `Scaled` one.

    Examples
    --------
    Words with two binary attributes have one leading mode for each.

    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.3])
    >>> counts = world.sample(1_000_000, seed=0)
    >>> print(rs.eigenpairs(rs.mstar(counts), d=2).eigenvalues.round(2))
    [2.08 1.13]
    >>> print(world.spectrum().eigenvalues[:2].round(2))
    [2.08 1.13]
    """
    _check(target, d, by, method, dtype, tolerance, seed)
    threads = number_of_threads(threads)
    # The order in which BLAS adds up depends on its number of threads.
    with ThreadPoolExecutor(threads) as pool, threadpool_limits(1, "blas"):
        if str(device) == "cpu":
            values, vectors = _on_host(
                target, d, by, method, dtype or "float32", tolerance, seed, pool, progress
            )
            residuals = _residuals(target, values, vectors, pool)
        else:
            from repsearch.spectrum import torch_solver

            if not isinstance(target, Target | Scaled):
                raise InputError(
                    f"on device {str(device)!r} eigenpairs of a Target or a scaled one are found, "
                    f"not of {target.name}; leave out device"
                )
            values, vectors, residuals = torch_solver.solve(
                target, d, by, method, dtype, tolerance, seed, device, progress
            )
    order = np.argsort(-values, kind="stable")
    return Spectrum(
        words=target.words,
        eigenvalues=values[order],
        eigenvectors=_with_fixed_signs(vectors[:, order]),
        residuals=residuals[order],
        squared_norm=target.squared_norm,
        target=target.name,
    )


def _on_host(
    target: OverWords,
    d: int,
    by: Rank,
    method: Method,
    dtype: str,
    tolerance: float | None,
    seed: int,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    size = len(target.words)
    method = "dense" if is_dense(size, d, by, method) else "krylov"
    _LOG.info(
        "%d eigenpairs of %s over %d words, by %s, the %s way", d, target.name, size, by, method
    )
    if method == "dense":
        # The matrix, and what LAPACK works with.
        require_memory(
            3 * size**2 * np.dtype(dtype).itemsize,
            f"the dense way with {size:,} words",
            "take the other way (krylov), fewer words, or fewer eigenpairs than a third",
        )
        return _dense(target, d, by, dtype, progress)
    return _krylov(target, d, by, dtype, tolerance, seed, pool, progress)


def is_dense(size: int, d: int, by: Rank, method: Method = "auto") -> bool:
    """Tell whether LAPACK finds eigenpairs on the CPU, or Lanczos.

    Parameters
    ----------
    size : int
        Number of words.
    d : int
        Number of eigenpairs.
    by : {"value", "magnitude"}
        Order in which eigenvalues lead.
    method : {"auto", "dense", "krylov"}
        As for `eigenpairs`.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_dense(4500, 200, "value"), is_dense(10_000, 200, "value"), is_dense(300, 200, "value")
    (True, False, True)
    """
    if method == "auto":
        return size <= _DENSE_WORDS[by] or 3 * d > size
    return method == "dense"


def _dense(
    target: OverWords,
    d: int,
    by: Rank,
    dtype: str,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    size = len(target.words)
    progress("eigenpairs", 0, 1, "decompositions")
    full = target.dense(dtype)
    # By magnitude both ends of the spectrum are needed.
    ends = (size - d, size - 1) if by == "value" else (0, size - 1)
    values, vectors = scipy.linalg.eigh(
        full, subset_by_index=ends, overwrite_a=True, check_finite=False
    )
    if by == "magnitude":
        chosen = leading(values, d, by)
        values, vectors = values[chosen], vectors[:, chosen]
    progress("eigenpairs", 1, 1, "decompositions")
    return values, vectors


def _krylov(
    target: OverWords,
    d: int,
    by: Rank,
    dtype: str,
    tolerance: float | None,
    seed: int,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    operator = target.operator(dtype, pool)
    space = HostVectors(operator.matmat, len(target.words), dtype, pool)
    asked = tolerance or TOLERANCE[dtype]
    values, vectors = block_lanczos.leading_pairs(space, d, asked, seed, progress, by=by)
    return values.astype(dtype), vectors


def _residuals(
    target: OverWords,
    values: NDArray[np.floating],
    vectors: NDArray[np.floating],
    pool: ThreadPoolExecutor,
) -> NDArray[np.float64]:
    multiply = target.operator(np.float64, pool).matmat
    norms = []
    # Some at a time, so that in float64 they do not take much memory.
    for first in range(0, vectors.shape[1], _AT_ONCE):
        block = vectors[:, first : first + _AT_ONCE].astype(float)
        off = multiply(block) - block * values[first : first + _AT_ONCE].astype(float)
        norms.append(np.linalg.norm(off, axis=0))
    return np.concatenate(norms)


def _with_fixed_signs(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    largest = np.argmax(np.abs(vectors), axis=0)
    signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return np.ascontiguousarray(vectors * np.where(signs == 0, 1, signs).astype(vectors.dtype))


def _check(
    target: OverWords,
    d: int,
    by: str,
    method: str,
    dtype: str | None,
    tolerance: float | None,
    seed: int,
) -> None:
    size = len(target.words)
    if not target.symmetric:
        raise InputError(
            f"{target.name} is not symmetric, so that it has no real eigenpairs in general; take "
            "its singular vectors, which untied weights learn: singular_triplets(target)"
        )
    if not is_whole(d) or not 1 <= d <= size:
        raise InputError(f"d is {d!r}; pass a whole number from 1 to {size}, the number of words")
    if by not in get_args(Rank):
        raise InputError(f"by is {by!r}; choose 'value' or 'magnitude'")
    if method not in get_args(Method):
        raise InputError(f"method is {method!r}; choose 'auto', 'dense' or 'krylov'")
    if dtype not in (None, "float32", "float64"):
        raise InputError(f"dtype is {dtype!r}; choose 'float32' or 'float64'")
    if tolerance is not None and not 0 < tolerance < 1:
        raise InputError(f"tolerance is {tolerance!r}; pass a small positive number such as 1e-6")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")

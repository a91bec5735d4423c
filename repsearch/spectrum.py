"""The leading eigenpairs of a target, by signed value, each with its residual."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from repsearch.checks import is_whole, number_of_threads
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.files import replacing
from repsearch.progress import Progress, silent
from repsearch.target import Target

if TYPE_CHECKING:
    import torch

FORMAT = "repsearch-spectrum"
VERSION = 1
Method = Literal["auto", "dense", "krylov"]
_DENSE_WORDS = 1_500


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Leading eigenpairs of a symmetric target, largest eigenvalue first.

    Parameters
    ----------
    words : tuple of str
        The vocabulary.
    eigenvalues : (d,) float
        In decreasing order, signed (a large negative eigenvalue comes last, not
        first).
    eigenvectors : (V, d) float
        Orthonormal columns; of each, the entry of largest magnitude is positive
        (the first such entry where two are equal).
    residuals : (d,) float
        ||M v - lambda v||_2 of each pair, in float64: an eigenvalue of M lies
        within this distance of lambda.
    squared_norm : float
        ||M||_F^2.
    target : str
        Name of the target.
    """

    words: tuple[str, ...]
    eigenvalues: NDArray[np.floating]
    eigenvectors: NDArray[np.floating]
    residuals: NDArray[np.floating]
    squared_norm: float
    target: str

    @property
    def dimension(self) -> int:
        """Number of eigenpairs."""
        return len(self.eigenvalues)

    @property
    def n_positive(self) -> int:
        """How many of the eigenvalues are positive by more than their residual."""
        return int(np.count_nonzero(self.eigenvalues > self.residuals))

    @property
    def explained(self) -> NDArray[np.float64]:
        """(d,) share of ||M||_F^2 that the first k positive modes explain together."""
        positive = np.maximum(self.eigenvalues, 0).astype(float)
        shares: NDArray[np.float64] = np.cumsum(positive**2) / (self.squared_norm or 1.0)
        return shares

    def embeddings(self, d: int | None = None) -> Embeddings:
        """The minimiser of the quartic loss, W = V_d Lambda_d^(1/2) (arXiv 2502.09863, Theorem 1).

        Parameters
        ----------
        d : int, optional
            Dimension; all eigenpairs by default.

        Raises
        ------
        InputError
            `d` out of range, or more than there are positive eigenvalues: the
            square root of a negative one does not exist and the minimiser has
            no such dimension.
        """
        d = self.dimension if d is None else d
        if not is_whole(d) or not 1 <= d <= self.dimension:
            raise InputError(
                f"d is {d!r}; pass a whole number from 1 to {self.dimension}, "
                "for that many eigenpairs are in this spectrum"
            )
        if d > self.n_positive:
            remedy = (
                f"ask for at most {self.n_positive}"
                if self.n_positive
                else "take another target, or counts of more text"
            )
            raise InputError(
                f"embeddings of dimension {d} were asked for, but only {self.n_positive} of the "
                f"{self.dimension} leading eigenvalues of {self.target} are positive; {remedy}"
            )
        vectors = self.eigenvectors[:, :d] * np.sqrt(self.eigenvalues[:d])
        return Embeddings(words=self.words, vectors=vectors, name=self.target)

    def __repr__(self) -> str:
        return (
            f"Spectrum({self.target}, {len(self.words):,} words, d = {self.dimension}, "
            f"lambda_1 = {self.eigenvalues[0]:.4g}, lambda_d = {self.eigenvalues[-1]:.4g}, "
            f"largest residual {self.residuals.max():.1e})"
        )

    def save(self, path: str | Path) -> None:
        """Write a safetensors file (docs/formats.md).

        Raises
        ------
        InputError
            The file cannot be written.
        """
        tensors = {
            "eigenvalues": self.eigenvalues,
            "eigenvectors": np.ascontiguousarray(self.eigenvectors),
            "residuals": self.residuals,
            "squared_norm": np.array([self.squared_norm]),
            "words": np.frombuffer("\n".join(self.words).encode("utf-8"), np.uint8),
        }
        metadata = {
            "format": FORMAT,
            "version": str(VERSION),
            "target": self.target,
            "sha256": _digest(self.target, tensors),
        }
        with replacing(path) as stream:
            stream.write(_in_order(to_safetensors(tensors, metadata)))

    @staticmethod
    def is_at(path: str | Path) -> bool:
        """Whether there is a spectrum file at `path`, whatever its version."""
        try:
            with safe_open(path, "numpy") as file:
                return bool((file.metadata() or {}).get("format") == FORMAT)
        except (SafetensorError, OSError):
            return False

    @classmethod
    def open(cls, path: str | Path) -> Spectrum:
        """Open a spectrum file.

        Raises
        ------
        InputError
            No such file, no spectrum in it, a damaged one, or one of another version.
        """
        path = Path(path)
        if not path.exists():
            raise InputError(f"{path} does not exist; check the path")
        if path.is_dir():
            raise InputError(f"{path} is a folder; give the spectrum file in it")
        try:
            with safe_open(path, "numpy") as file:
                metadata = file.metadata() or {}
                if metadata.get("format") != FORMAT:
                    raise InputError(f"{path} is no spectrum; make one with 'repsearch solve'")
                if metadata["version"] != str(VERSION):
                    raise InputError(
                        f"{path} is a spectrum of version {metadata['version']}, this program "
                        f"reads version {VERSION}; solve again"
                    )
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if metadata["sha256"] != _digest(metadata["target"], tensors):
                raise InputError(f"{path} is damaged: its checksum is wrong; solve again")
            return cls(
                words=tuple(tensors["words"].tobytes().decode("utf-8").split("\n")),
                eigenvalues=tensors["eigenvalues"],
                eigenvectors=tensors["eigenvectors"],
                residuals=tensors["residuals"],
                squared_norm=float(tensors["squared_norm"][0]),
                target=metadata["target"],
            )
        except PermissionError:
            raise InputError(f"cannot read {path}: no permission") from None
        except (SafetensorError, OSError, KeyError, TypeError) as error:
            raise InputError(f"{path} is damaged or is no spectrum; solve again") from error


def eigenpairs(
    target: Target,
    d: int = 200,
    *,
    method: Method = "auto",
    dtype: Literal["float32", "float64"] = "float32",
    tolerance: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    device: str | torch.device = "cpu",
    progress: Progress = silent,
) -> Spectrum:
    """Find the top d eigenpairs of a target by signed value.

    The eigenvalue of M* of largest magnitude is often negative, several times
    the largest positive one, so nothing here orders by magnitude. On the CPU
    the result is the same to the bit for any number of threads.

    Parameters
    ----------
    target : Target
        A symmetric target.
    d : int
        Number of eigenpairs.
    method : {"auto", "dense", "krylov"}
        LAPACK on the dense array, or implicitly restarted Lanczos (ARPACK) with
        products by the sparse-plus-constant operator; ``"auto"`` takes the
        dense way up to 1,500 words or where d is more than a third of V.
    dtype : {"float32", "float64"}
        Precision of products and vectors.
    tolerance : float, optional
        Relative accuracy asked of ARPACK; 1e-5 in float32, 1e-10 in float64.
    seed : int
        Of the Krylov start vector.
    threads : int, optional
        For the products; all processors by default.
    device : str or torch.device
        ``"cpu"`` uses NumPy. A torch device computes the products (or the
        dense eigendecomposition) there; needs torch.
    progress : Progress
        Called with the number of products made.

    Raises
    ------
    InputError
        A target that is not symmetric, d out of range, an unknown choice,
        no convergence, a device without torch.
    """
    _check(target, d, method, dtype, tolerance, seed)
    size = len(target.words)
    if method == "auto":
        method = "dense" if size <= _DENSE_WORDS or 3 * d > size else "krylov"
    if method == "krylov" and d >= size:
        raise InputError(
            f"Lanczos finds at most {size - 1} of {size} eigenpairs; use the dense way"
        )
    threads = number_of_threads(threads)
    # BLAS adds up in another order on another number of threads.
    with ThreadPoolExecutor(threads) as pool, threadpool_limits(1, "blas"):
        if str(device) == "cpu":
            solve = _dense if method == "dense" else _krylov
            values, vectors = solve(target, d, dtype, tolerance, seed, pool, progress)
        else:
            from repsearch import torch_solver

            values, vectors = torch_solver.solve(
                target, d, method, dtype, tolerance, seed, device, progress
            )
        order = np.argsort(-values, kind="stable")
        values, vectors = values[order], _signed(vectors[:, order])
        residuals = _residuals(target, values, vectors, pool)
    return Spectrum(
        words=target.words,
        eigenvalues=values,
        eigenvectors=vectors,
        residuals=residuals,
        squared_norm=target.squared_norm,
        target=target.name,
    )


def arpack(
    multiply: Callable[[NDArray[Any]], NDArray[Any]],
    size: int,
    d: int,
    dtype: str,
    tolerance: float | None,
    seed: int,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Top d eigenpairs by signed value of a symmetric product, by ARPACK.

    From a single start vector Lanczos may see only one eigenvector of a
    repeated eigenvalue. So it looks again, from another start vector, in the
    space orthogonal to all it found, until nothing there exceeds the smallest.

    Raises
    ------
    InputError
        No convergence.
    """
    tolerance = tolerance or {"float32": 1e-5, "float64": 1e-10}[dtype]
    random = np.random.default_rng(seed)
    basis = min(size, max(2 * d + 1, 20))
    done = 0

    def counted(x: NDArray[Any]) -> NDArray[Any]:
        nonlocal done
        done += 1
        # How many restarts it takes is not known; about three bases' worth is usual.
        progress("eigenpairs", done, max(3 * basis, done), "products")
        return multiply(x)

    def top(
        product: Callable[[NDArray[Any]], NDArray[Any]], k: int, basis: int, tolerance: float
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        operator = LinearOperator((size, size), matvec=product, dtype=np.dtype(dtype))
        start = random.standard_normal(size).astype(dtype)
        try:
            found: tuple[NDArray[np.floating], NDArray[np.floating]] = eigsh(
                operator, k, which="LA", v0=start, ncv=basis, tol=tolerance
            )
        except ArpackNoConvergence as error:
            raise InputError(
                f"only {len(error.eigenvalues)} of {k} eigenpairs converged; ask for fewer, "
                "a larger tolerance, float64 or the dense way"
            ) from error
        except ArpackError as error:
            raise InputError(f"Lanczos failed ({error}); use the dense way") from error
        return found

    values, vectors = top(counted, d, basis, tolerance)
    # One rough answer is enough to see that something was missed.
    again = 1, min(size, max(d + 1, 100)), max(tolerance, 1e-3)
    for _ in range(d + 1):  # each time one is found at least
        others, found = top(_without(values, vectors, counted), *again)
        missed = others > values.min() + 10 * tolerance * np.abs(values).max()
        if not missed.any():
            break
        values = np.concatenate([values, others])
        order = np.argsort(-values, kind="stable")[:d]
        values, vectors = values[order], np.hstack([vectors, found])[:, order]
        again = d, basis, tolerance
    progress("eigenpairs", done, done, "products")
    return values, vectors


def _without(
    values: NDArray[np.floating],
    vectors: NDArray[np.floating],
    multiply: Callable[[NDArray[Any]], NDArray[Any]],
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The same product, with the given eigenpairs moved below all others that matter."""
    low = values.min() - np.maximum(2 * np.abs(values).max(), 1)

    def product(x: NDArray[Any]) -> NDArray[Any]:
        inside = vectors @ (vectors.T @ x.reshape(-1))
        y = multiply(x.reshape(-1) - inside)
        rest: NDArray[Any] = y - vectors @ (vectors.T @ y) + low * inside
        return rest

    return product


def _dense(
    target: Target,
    d: int,
    dtype: str,
    tolerance: float | None,
    seed: int,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    size = len(target.words)
    full = target.dense(dtype)
    values, vectors = scipy.linalg.eigh(
        full, subset_by_index=(size - d, size - 1), overwrite_a=True, check_finite=False
    )
    return values, vectors


def _krylov(
    target: Target,
    d: int,
    dtype: str,
    tolerance: float | None,
    seed: int,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    operator = target.operator(dtype, pool)
    return arpack(operator.matvec, len(target.words), d, dtype, tolerance, seed, progress)


def _residuals(
    target: Target,
    values: NDArray[np.floating],
    vectors: NDArray[np.floating],
    pool: ThreadPoolExecutor,
) -> NDArray[np.float64]:
    multiply = target.operator(np.float64, pool).matvec
    return np.array(
        [
            np.linalg.norm(multiply(v) - value * v)
            for value, v in zip(values.astype(float), vectors.T.astype(float), strict=True)
        ]
    )


def _signed(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    largest = np.argmax(np.abs(vectors), axis=0)
    signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return np.ascontiguousarray(vectors * np.where(signs == 0, 1, signs).astype(vectors.dtype))


def _digest(target: str, tensors: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 of the target's name and of arrays with their names, types and shapes."""
    hashed = hashlib.sha256(f"{target}\n".encode())
    for name in sorted(tensors):
        array = tensors[name]
        hashed.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.hexdigest()


def _in_order(file: bytes) -> bytes:
    """The same safetensors file with a sorted header: the library's order is left to chance."""
    length = int.from_bytes(file[:8], "little")
    header = json.dumps(
        json.loads(file[8 : 8 + length]), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    return file[:8] + header.encode("utf-8").ljust(length) + file[8 + length :]


def _check(
    target: Target, d: int, method: str, dtype: str, tolerance: float | None, seed: int
) -> None:
    size = len(target.words)
    if not target.symmetric:
        raise InputError(
            f"{target.name} with these weights is not symmetric and has no real eigenpairs "
            "in general; symmetrise the weighting"
        )
    if not is_whole(d) or not 1 <= d <= size:
        raise InputError(f"d is {d!r}; pass a whole number from 1 to {size}, the number of words")
    if method not in get_args(Method):
        raise InputError(f"method is {method!r}; choose 'auto', 'dense' or 'krylov'")
    if dtype not in ("float32", "float64"):
        raise InputError(f"dtype is {dtype!r}; choose 'float32' or 'float64'")
    if tolerance is not None and not 0 < tolerance < 1:
        raise InputError(f"tolerance is {tolerance!r}; pass a small positive number such as 1e-6")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")

"""Find the leading singular vectors of a target, symmetric or not: words and contexts apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.spectrum.eigensolver import Method, eigenpairs
from repsearch.spectrum.sane import check_triplets
from repsearch.spectrum.tensor_file import joined, read_tensors, write_tensors
from repsearch.storage.visible import visible
from repsearch.target.target import Target
from repsearch.target.two_sided import TwoSided

FORMAT = "repsearch-singular"
_NOTHING = 1e-5
"""Share of the largest singular value below which there is no direction."""


@dataclass(frozen=True, eq=False)
class SingularTriplets:
    """Hold the leading d singular values and vectors of a target; made by `singular_triplets`.

    Parameters
    ----------
    words : tuple of str
        Vocabulary.
    values : (d,) float
        Singular values, largest first.
    left, right : (V, d) float
        Vectors of words and of contexts, of length 1 in each column.
    residuals : (d,) float64
        Distance of (M v, M^T u) from s (u, v), over the square root of 2.
    target : str
        Name of the target.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.shifted_ppmi(rs.count(corpus, rs.Window(1)), exponent=0.75)
    >>> found = rs.singular_triplets(target, 2)
    >>> bool(np.allclose(found.values, np.linalg.svd(target.dense())[1][:2]))
    True
    """

    words: tuple[str, ...]
    values: NDArray[np.floating]
    left: NDArray[np.floating]
    right: NDArray[np.floating]
    residuals: NDArray[np.float64]
    target: str

    def embeddings(self, d: int | None = None, *, exponent: float = 0.5) -> Embeddings:
        """Return vectors of words, U_d Sigma_d^exponent.

        Parameters
        ----------
        d : int, optional
            Dimension; the number of singular values by default.
        exponent : float
            1/2 shares the singular values out between words and contexts, as untied weights
            trained from a small start do; 0 leaves them out, 1 gives all to words
            (Levy, Goldberg and Dagan 2015).

        Returns
        -------
        Embeddings
            Of words.

        Raises
        ------
        InputError
            `d` out of range, an exponent that is not from 0 to 1.
        """
        return self._side(self.left, d, exponent)

    def contexts(self, d: int | None = None, *, exponent: float = 0.5) -> Embeddings:
        """Return vectors of contexts, V_d Sigma_d^(1 - exponent).

        Parameters
        ----------
        d : int, optional
            Dimension; the number of singular values by default.
        exponent : float
            That of `embeddings`, so that the two make up M.

        Returns
        -------
        Embeddings
            Of contexts.

        Raises
        ------
        InputError
            `d` out of range, an exponent that is not from 0 to 1.
        """
        return self._side(self.right, d, exponent, rest=True)

    def _side(
        self, side: NDArray[np.floating], d: int | None, exponent: float, *, rest: bool = False
    ) -> Embeddings:
        d = len(self.values) if d is None else d
        if not is_whole(d) or not 1 <= d <= len(self.values):
            raise InputError(
                f"d is {d!r}; pass a whole number from 1 to {len(self.values)}, for that many "
                "singular values were found"
            )
        if not 0 <= exponent <= 1:
            raise InputError(f"exponent is {exponent!r}; pass a number from 0 to 1")
        power = 1 - exponent if rest else exponent
        vectors = side[:, :d] * self.values[:d] ** power
        name = self.target if exponent == 0.5 else f"{self.target}, singular values^{power:g}"
        return Embeddings(words=self.words, vectors=vectors, name=name)

    def save(self, path: str | Path) -> None:
        """Write a safetensors file (docs/formats.md).

        Parameters
        ----------
        path : path
            Final name; it appears when the file is whole.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        tensors = {
            "values": self.values,
            "left": np.ascontiguousarray(self.left),
            "right": np.ascontiguousarray(self.right),
            "residuals": self.residuals,
            "words": joined(self.words),
        }
        write_tensors(path, FORMAT, self.target, tensors)

    @classmethod
    def open(cls, path: str | Path) -> SingularTriplets:
        """Open a file of singular vectors.

        Parameters
        ----------
        path : path
            File that `save` or ``repsearch solve --untied`` wrote.

        Returns
        -------
        SingularTriplets
            As they were saved.

        Raises
        ------
        InputError
            No such file, no singular vectors in it, a damaged one, or one of another version.
        """
        path = Path(path)
        target, tensors = read_tensors(path, FORMAT, "file of singular vectors")
        words = check_triplets(tensors, path)
        return cls(
            words,
            tensors["values"],
            tensors["left"],
            tensors["right"],
            tensors["residuals"],
            target,
        )

    def __repr__(self) -> str:
        return (
            f"SingularTriplets({visible(self.target)}, {len(self.words):,} words, "
            f"d = {len(self.values)}, s_1 = {self.values[0]:.4g}, s_d = {self.values[-1]:.4g}, "
            f"largest residual {self.residuals.max():.1e})"
        )


def singular_triplets(
    target: Target,
    d: int = 200,
    *,
    method: Method = "auto",
    dtype: Literal["float32", "float64"] = "float32",
    tolerance: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = silent,
) -> SingularTriplets:
    """Find d leading singular values and vectors of a target.

    Those of a target that is not symmetric, such as PPMI with smoothed contexts, which has no
    eigenpairs. Of a symmetric one they are its eigenpairs by magnitude. The same to the bit for
    any number of threads.

    Parameters
    ----------
    target : Target
        Matrix over words and contexts.
    d : int
        Number of singular values.
    method : {"auto", "dense", "krylov"}
        Algorithm, as of `eigenpairs`, on a matrix of twice the size.
    dtype : {"float32", "float64"}
        Precision of products and vectors.
    tolerance : float, optional
        Relative accuracy asked of Lanczos, as of `eigenpairs`.
    seed : int
        Seed of the start vectors of Lanczos.
    threads : int, optional
        Number of threads for the products; all processors by default.
    progress : Progress
        Called with the number of products computed.

    Returns
    -------
    SingularTriplets
        Singular values and vectors with their residuals.

    Raises
    ------
    InputError
        d out of range, or more than the rank of the target; an unknown choice; no convergence.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(1_000_000, seed=0)
    >>> target = rs.shifted_ppmi(counts, exponent=0.75)
    >>> found = rs.singular_triplets(target, 2)
    >>> bool(np.allclose(found.values, np.linalg.svd(target.dense())[1][:2]))
    True
    """
    found = triplets_to_rank(
        target,
        d,
        method=method,
        dtype=dtype,
        tolerance=tolerance,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    rank = len(found.values)
    if rank < d:
        raise InputError(
            f"{d} singular vectors are asked for, but {target.name} of these counts has rank "
            f"{rank}; ask for at most {rank}"
        )
    return found


def triplets_to_rank(
    target: Target,
    d: int,
    *,
    method: Method = "auto",
    dtype: Literal["float32", "float64"] = "float32",
    tolerance: float | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = silent,
) -> SingularTriplets:
    """Find d leading singular values and vectors of a target, or as many as its rank.

    Parameters
    ----------
    target : Target
        Matrix over words and contexts.
    d : int
        Number of singular values, at most the number of words.
    method, dtype, tolerance, seed, threads, progress
        As of `singular_triplets`.

    Returns
    -------
    SingularTriplets
        Singular values and vectors with their residuals.

    Raises
    ------
    InputError
        d out of range, an unknown choice, no convergence, a target that is 0.
    """
    size = len(target.words)
    if not is_whole(d) or not 1 <= d <= size:
        raise InputError(f"d is {d!r}; pass a whole number from 1 to {size}, the number of words")
    found = eigenpairs(
        TwoSided(target),
        d,
        method=method,
        dtype=dtype,
        tolerance=tolerance,
        seed=seed,
        threads=threads,
        progress=progress,
    )
    rank = int(np.count_nonzero(found.eigenvalues > _NOTHING * found.eigenvalues[0]))
    if not rank:
        raise InputError(f"{target.name} of these counts is 0 everywhere; take another target")
    values = found.eigenvalues[:rank]
    halves = found.eigenvectors[:, :rank].reshape(2, size, rank)
    # Each half has the length 1/sqrt 2 but for rounding.
    left, right = halves / np.linalg.norm(halves, axis=1, keepdims=True)
    residuals = found.residuals[:rank].astype(np.float64)
    return SingularTriplets(target.words, values, left, right, residuals, target.name)

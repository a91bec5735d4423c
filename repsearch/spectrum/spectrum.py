"""Hold the leading eigenpairs of a target, by signed value, with their residuals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.notebook import html_table
from repsearch.spectrum.sane import check_spectrum
from repsearch.spectrum.tensor_file import (
    format_of,
    joined,
    read_tensors,
    write_tensors,
)
from repsearch.storage.visible import visible

_SHOWN = 10

FORMAT = "repsearch-spectrum"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Hold the leading eigenpairs of a symmetric target, largest eigenvalue first.

    Parameters
    ----------
    words : tuple of str
        Vocabulary.
    eigenvalues : (d,) float
        Eigenvalues in decreasing signed order (a large negative one comes last, not
        first).
    eigenvectors : (V, d) float
        Orthonormal columns; of each, the entry of largest magnitude is positive
        (the first such entry where two are equal).
    residuals : (d,) float
        Norms ||M v - lambda v||_2, in float64: an eigenvalue of M is within this
        distance of lambda.
    squared_norm : float
        Squared Frobenius norm ||M||_F^2 of the target.
    target : str
        Name of the target.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(1_000_000, seed=0)
    >>> spectrum = rs.eigenpairs(rs.mstar(counts), d=3, dtype="float64")
    >>> spectrum.n_positive, spectrum.explained.round(2).tolist()
    (3, [0.71, 0.92, 0.92])
    >>> spectrum.embeddings(2)
    <Embeddings 'M*', 4 words, 2 dimensions, float64>
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
        """Number of eigenvalues that are positive by more than their residual."""
        return int(np.count_nonzero(self.eigenvalues > self.residuals))

    @property
    def explained(self) -> NDArray[np.float64]:
        """Fractions of ||M||_F^2 that the first k positive modes explain together, (d,)."""
        positive = np.maximum(self.eigenvalues, 0).astype(float)
        explained: NDArray[np.float64] = np.cumsum(positive**2) / (self.squared_norm or 1.0)
        return explained

    def leading(self, number: int) -> Spectrum:
        """Keep the first eigenpairs.

        Parameters
        ----------
        number : int
            How many, from 1 to `dimension`.

        Returns
        -------
        Spectrum

        Raises
        ------
        InputError
            There are not so many.

        Examples
        --------
        >>> from repsearch.synthetic import BinaryAttributes
        >>> BinaryAttributes([0.5, 0.3]).spectrum().leading(1).dimension
        1
        """
        if not is_whole(number) or not 1 <= number <= self.dimension:
            raise InputError(
                f"{number!r} eigenpairs are asked for; pass a whole number from 1 to "
                f"{self.dimension}"
            )
        return replace(
            self,
            eigenvalues=self.eigenvalues[:number],
            eigenvectors=self.eigenvectors[:, :number],
            residuals=self.residuals[:number],
        )

    def embeddings(self, d: int | None = None, *, exponent: float = 0.5) -> Embeddings:
        """Return the minimiser of the quartic loss, W = V_d Lambda_d^(1/2).

        arXiv 2502.09863, Theorem 1: W W^T is the best approximation of M* of rank
        d; any rotation of W has the same loss.

        Parameters
        ----------
        d : int, optional
            Dimension; the number of eigenpairs by default.
        exponent : float
            Power of the eigenvalues. With any other than 1/2 the embeddings are not the minimiser
            of a loss; smaller ones give weak modes more weight (Levy, Goldberg and Dagan 2015).

        Returns
        -------
        Embeddings
            Rows of W, column k being mode k.

        Raises
        ------
        InputError
            An exponent that is not from 0 to 1; `d` out of range, or more than there
            are positive eigenvalues: the square root of a negative one does not exist
            and the minimiser has no such dimension.
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
        if not 0 <= exponent <= 1:
            raise InputError(f"exponent is {exponent!r}; pass a number from 0 to 1")
        # The square root is rounded correctly, a power is not.
        values = self.eigenvalues[:d]
        scales = np.sqrt(values) if exponent == 0.5 else values**exponent
        vectors = self.eigenvectors[:, :d] * scales
        name = self.target if exponent == 0.5 else f"{self.target}, eigenvalues^{exponent:g}"
        return Embeddings(words=self.words, vectors=vectors, name=name)

    def __repr__(self) -> str:
        return (
            f"Spectrum({visible(self.target)}, {len(self.words):,} words, d = {self.dimension}, "
            f"lambda_1 = {self.eigenvalues[0]:.4g}, lambda_d = {self.eigenvalues[-1]:.4g}, "
            f"largest residual {self.residuals.max():.1e})"
        )

    def _repr_html_(self) -> str:
        pairs = zip(self.eigenvalues, self.residuals, self.explained, strict=True)
        shown: list[dict[str, int | float]] = [
            {
                "mode": k,
                "eigenvalue": float(value),
                "residual": float(residual),
                "explained": float(explained),
            }
            for k, (value, residual, explained) in enumerate(pairs, start=1)
        ]
        return html_table(repr(self), shown, words="Eigenpairs by signed value:", most=_SHOWN)

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
            "eigenvalues": self.eigenvalues,
            "eigenvectors": np.ascontiguousarray(self.eigenvectors),
            "residuals": self.residuals,
            "squared_norm": np.array([self.squared_norm]),
            "words": joined(self.words),
        }
        write_tensors(path, FORMAT, self.target, tensors)

    @staticmethod
    def is_at(path: str | Path) -> bool:
        """Whether a file is a spectrum, whatever its version.

        Parameters
        ----------
        path : path
            File to look at.

        Returns
        -------
        bool
            False also where there is no such file.
        """
        return format_of(path) == FORMAT

    @classmethod
    def open(cls, path: str | Path) -> Spectrum:
        """Open a spectrum file.

        Parameters
        ----------
        path : path
            File that `save` or ``repsearch solve`` wrote.

        Returns
        -------
        Spectrum
            The spectrum as it was saved.

        Raises
        ------
        InputError
            No such file, no spectrum in it, a damaged one, or one of another version.
        """
        path = Path(path)
        target, tensors = read_tensors(path, FORMAT, "spectrum")
        words = check_spectrum(tensors, path)
        return cls(
            words=words,
            eigenvalues=tensors["eigenvalues"],
            eigenvectors=tensors["eigenvectors"],
            residuals=tensors["residuals"],
            squared_norm=float(tensors["squared_norm"][0]),
            target=target,
        )

"""What all synthetic worlds have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]
Pairs = tuple[tuple[str, str], ...]


class World(Protocol):
    """Words with an M* that is known exactly."""

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of the rows."""

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Pairs of words that differ in the same way, by name; empty where there are none."""

    def mstar(self) -> Real:
        """(V, V) M*, without sampling error."""

    def spectrum(self) -> Spectrum:
        """All V eigenpairs of M*, largest eigenvalue first."""


def spectrum_of(words: tuple[str, ...], matrix: Real, *, name: str = "M*") -> Spectrum:
    """All eigenpairs of a symmetric matrix by LAPACK, with their residuals.

    Parameters
    ----------
    words : tuple of str
        Of the V rows.
    matrix : (V, V) float64
        Symmetric.
    name : str
        What the matrix is called.

    Raises
    ------
    InputError
        A matrix of another shape, one that is not symmetric or not finite.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.shape != (len(words), len(words)):
        raise InputError(
            f"the matrix has shape {matrix.shape} for {len(words)} words; pass one row and one "
            "column for each"
        )
    if not np.isfinite(matrix).all():
        raise InputError(
            f"{name} has an entry that is not finite; leave out pairs that never co-occur"
        )
    asymmetry = float(np.abs(matrix - matrix.T).max(initial=0))
    if asymmetry > 8 * np.finfo(float).eps * np.abs(matrix).max(initial=0):
        raise InputError(f"{name} is off symmetric by {asymmetry:.1e}; pass a symmetric matrix")
    values, vectors = np.linalg.eigh(matrix)
    return known_spectrum(words, matrix, values, vectors, name=name)


def known_spectrum(
    words: tuple[str, ...], matrix: Real, values: Real, vectors: Real, *, name: str = "M*"
) -> Spectrum:
    """Eigenpairs known from theory, put in order, with the residuals that they leave.

    Parameters
    ----------
    words : tuple of str
        Of the V rows.
    matrix : (V, V) float64
        Symmetric.
    values, vectors : (V,), (V, V) float64
        Eigenvalues and orthonormal eigenvectors, in any order.
    name : str
        What the matrix is called.
    """
    order = np.argsort(-values, kind="stable")
    values, vectors = values[order], vectors[:, order]
    largest = np.argmax(np.abs(vectors), axis=0)
    vectors = vectors * np.where(vectors[largest, np.arange(len(values))] < 0, -1.0, 1.0)
    return Spectrum(
        words=words,
        eigenvalues=values,
        eigenvectors=vectors,
        residuals=np.linalg.norm(matrix @ vectors - vectors * values, axis=0),
        squared_norm=float(np.sum(matrix**2)),
        target=name,
    )


def kronecker(factors: Sequence[Real]) -> Real:
    """Kronecker product of arrays, the first one slowest."""
    product = factors[0]
    for factor in factors[1:]:
        product = np.asarray(np.kron(product, factor), np.float64)
    return product


def letters(number: int, width: int) -> str:
    """A number as `width` lower-case letters, which every tokeniser keeps as one word."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 26)
        digits.append(chr(ord("a") + digit))
    return "".join(reversed(digits))


def letters_needed(count: int) -> int:
    """Width at which `letters` tells `count` numbers apart."""
    width = 1
    while 26**width < count:
        width += 1
    return width

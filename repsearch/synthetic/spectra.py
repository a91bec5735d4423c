"""Make the `Spectrum` of a dense matrix, from LAPACK or from eigenpairs known in theory."""

from __future__ import annotations

import numpy as np

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.world import Real


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

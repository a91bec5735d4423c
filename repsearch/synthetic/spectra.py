"""Make the `Spectrum` of a dense matrix, by LAPACK or from eigenpairs known in closed form."""

from __future__ import annotations

import numpy as np

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.world import Real


def spectrum_of(words: tuple[str, ...], matrix: Real, *, name: str = "M*") -> Spectrum:
    """Compute all eigenpairs of a symmetric matrix by LAPACK, with their residuals.

    Parameters
    ----------
    words : tuple of str
        Words of the V rows.
    matrix : (V, V) float64
        A symmetric matrix.
    name : str
        What the matrix is called, in errors and in the spectrum.

    Returns
    -------
    Spectrum
        V eigenpairs, largest eigenvalue first.

    Raises
    ------
    InputError
        A matrix of another shape, or one that is not symmetric or not finite.

    Examples
    --------
    >>> found = spectrum_of(("sun", "moon"), np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> found.eigenvalues.round(6)
    array([3., 1.])
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
    """Put eigenpairs known in closed form in order, with the residuals that they leave.

    Parameters
    ----------
    words : tuple of str
        Words of the V rows.
    matrix : (V, V) float64
        The symmetric matrix that the eigenpairs are of.
    values, vectors : (V,), (V, V) float64
        Eigenvalues and orthonormal eigenvectors in columns, in any order.
    name : str
        What the matrix is called in the spectrum.

    Returns
    -------
    Spectrum
        V eigenpairs, largest eigenvalue first; the largest entry of each vector is positive.

    Examples
    --------
    >>> found = known_spectrum(("a", "b"), np.diag([1.0, 3.0]), np.array([1.0, 3.0]), -np.eye(2))
    >>> found.eigenvalues, float(found.eigenvectors[1, 0]), float(found.residuals.max())
    (array([3., 1.]), 1.0, 0.0)
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

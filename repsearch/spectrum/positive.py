"""Keep the eigenpairs that tied weights can learn: those with positive eigenvalues."""

from __future__ import annotations

from dataclasses import replace

from repsearch.spectrum.spectrum import Spectrum

DEFAULT_DIMENSION = 200
"""Number of eigenpairs, the paper's, where a user asks for none in particular."""


def positive_pairs(spectrum: Spectrum) -> Spectrum:
    """Leave out eigenpairs whose eigenvalue is not positive by more than its residual.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs by signed value.

    Returns
    -------
    Spectrum
        The positive ones; the first where there is none.

    Examples
    --------
    >>> import repsearch as rs
    >>> counts = rs.count(rs.encode(["the cat sat", "the dog ran"], vocabulary_size=None))
    >>> spectrum = rs.eigenpairs(rs.mstar(counts), d=5, dtype="float64")
    >>> spectrum.dimension, positive_pairs(spectrum).dimension
    (5, 1)
    """
    kept = max(spectrum.n_positive, 1)
    if kept >= spectrum.dimension:
        return spectrum
    return replace(
        spectrum,
        eigenvalues=spectrum.eigenvalues[:kept],
        eigenvectors=spectrum.eigenvectors[:, :kept],
        residuals=spectrum.residuals[:kept],
    )

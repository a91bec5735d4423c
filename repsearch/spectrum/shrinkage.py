"""Optimal shrinkage of eigenvalues for a low-rank matrix seen through noise."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum


def shrunk(eigenvalues: ArrayLike, edge: float) -> NDArray[np.float64]:
    """Eigenvalues that make the error of the matrix least, sign(λ) sqrt(λ² - edge²).

    For a symmetric matrix of low rank plus independent noise of equal variance
    σ² the noise fills [-edge, edge] with edge = 2 σ sqrt(V); an eigenvalue θ of
    the former shows as θ + (edge/2)²/θ, and its eigenvector overlaps with the
    true one by 1 - (edge/2)²/θ² in square (Benaych-Georges and Nadakuditi 2011).
    The value that makes the Frobenius error least is then sqrt(λ² - edge²), and
    0 within the bulk: the rule of Gavish and Donoho 2017 for square matrices.

    Parameters
    ----------
    eigenvalues : array_like of float
        As observed.
    edge : float
        Of the noise, in their unit; 0 for none.

    Raises
    ------
    InputError
        An edge that is negative or not finite.
    """
    if not 0 <= edge < np.inf:
        raise InputError(f"the edge of the noise is {edge!r}; pass a number of at least 0")
    values = np.asarray(eigenvalues, float)
    # Not the difference of squares, which would overflow before its root does.
    size = np.sqrt(np.maximum(np.abs(values) - edge, 0)) * np.sqrt(np.abs(values) + edge)
    found: NDArray[np.float64] = np.copysign(size, values)
    return found


def noise_edge(spectrum: Spectrum, outside: Iterable[float] = ()) -> float:
    """Edge 2 sqrt(R / V) of the noise, R being the part of ||M||_F² that no eigenpair explains.

    R takes all that is beyond the eigenpairs for noise of equal variance. It is
    an upper bound where signal is left there, and far too large where a large
    negative eigenvalue is, unless that is given as `outside`.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs.
    outside : iterable of float
        Eigenvalues that are known besides those and are no noise.
    """
    known = np.concatenate([spectrum.eigenvalues.astype(float), np.fromiter(outside, float)])
    rest = max(spectrum.squared_norm - float((known**2).sum()), 0.0)
    return 2 * float(np.sqrt(rest / len(spectrum.words)))

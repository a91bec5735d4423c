"""Shrink eigenvalues of a low-rank matrix observed with noise."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum


def shrunk(eigenvalues: ArrayLike, edge: float) -> NDArray[np.float64]:
    """Shrink eigenvalues so that the error of the matrix is least, sign(λ) sqrt(λ² - edge²).

    For a symmetric matrix of low rank plus independent noise of equal variance
    σ² the noise fills [-edge, edge] with edge = 2 σ sqrt(V); an eigenvalue θ of
    the former shows as θ + (edge/2)²/θ, and its eigenvector overlaps with the
    true one by 1 - (edge/2)²/θ² in square (Benaych-Georges and Nadakuditi 2011).
    The value that makes the Frobenius error least is then sqrt(λ² - edge²), and
    0 within the bulk: the rule of Gavish and Donoho 2017 for square matrices.

    Parameters
    ----------
    eigenvalues : array_like of float
        Observed eigenvalues λ.
    edge : float
        Edge of the noise's spectrum, in their unit; 0 for no noise.

    Returns
    -------
    array of float64
        Shrunk eigenvalues in the same order.

    Raises
    ------
    InputError
        An edge that is negative or not finite.

    Examples
    --------
    >>> shrunk([5.0, 2.5, -1.0], edge=2.0).round(2).tolist()
    [4.58, 1.5, -0.0]
    """
    if not 0 <= edge < np.inf:
        raise InputError(f"the edge of the noise is {edge!r}; pass a number of at least 0")
    values = np.asarray(eigenvalues, float)
    # Not the difference of squares, which would overflow before its root does.
    size = np.sqrt(np.maximum(np.abs(values) - edge, 0)) * np.sqrt(np.abs(values) + edge)
    found: NDArray[np.float64] = np.copysign(size, values)
    return found


def noise_edge(spectrum: Spectrum, outside: Iterable[float] = ()) -> float:
    """Estimate the edge 2 sqrt(R / V) of the noise, R = ||M||_F² less all known λ².

    All that is beyond the known eigenpairs is taken for noise of equal variance. The
    estimate is an upper bound where signal is left there, and far too large where a
    large negative eigenvalue is left, unless that is given as `outside`.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs.
    outside : iterable of float
        Other eigenvalues that are known not to be noise.

    Returns
    -------
    float
        Edge of the noise's semicircle, in the unit of the eigenvalues.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3, 0.2, 0.1]).sample(20_000, seed=0)
    >>> positive = rs.eigenpairs(rs.mstar(counts), d=4)
    >>> both_ends = rs.eigenpairs(rs.mstar(counts), d=5, by="magnitude")
    >>> print(both_ends.eigenvalues.round(2))
    [ 6.48  4.77  3.06  1.54 -2.47]
    >>> print(round(noise_edge(positive), 2), round(noise_edge(both_ends), 2))
    1.34 0.52
    """
    known = np.concatenate([spectrum.eigenvalues.astype(float), np.fromiter(outside, float)])
    rest = max(spectrum.squared_norm - float((known**2).sum()), 0.0)
    return 2 * float(np.sqrt(rest / len(spectrum.words)))

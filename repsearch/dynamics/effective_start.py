"""Find the size from which each mode starts, in the limit of a small W(0).

From a small random start every mode follows the logistic curve of an aligned
start, but not from the singular values of W(0): mode k begins at |R_kk|, the
diagonal of the QR decomposition of W(0)^T V*. What the modes before it leave
of its row is what it has to grow from. arXiv 2502.09863, Result 3, has the
singular values instead; with them every learning time is off by a time of the
order of the step's own width, however small the start.

For a Gaussian start with entries N(0, scale^2), R_kk^2 / scale^2 is
chi-squared with d - k + 1 degrees of freedom (Bartlett), k = 1, ..., d.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.special import gammainccinv

from repsearch.dynamics.inputs.checks import checked_projection
from repsearch.dynamics.inputs.numpy_or_torch import Array, on_numpy
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@one_blas_thread()
def effective_start(projection: Array) -> Array:
    """Work out |R_kk(0)|: where the modes' logistic curves begin, for a small start.

    Derived for this project: the paper's Result 3 (arXiv 2502.09863, eq. 13) begins at the
    singular values of W(0), and holds pointwise; from |R_kk| it holds uniformly in time.

    Parameters
    ----------
    projection : (K, d) array
        V*^T W(0), eigenvalues in decreasing order.

    Returns
    -------
    (min(K, d),) array
        |R_kk| of the QR decomposition of the transpose, of the kind of `projection`.

    Raises
    ------
    InputError
        Not a matrix of finite numbers.

    Examples
    --------
    >>> from repsearch.dynamics import effective_start
    >>> effective_start([[3.0, 4.0], [3.0, 4.5]]).round(6).tolist()  # little of the second is new
    [5.0, 0.3]
    """
    start, back = on_numpy(projection)
    start = checked_projection(start, len(np.atleast_1d(start)))
    (r,) = scipy.linalg.qr(start.T, mode="r", check_finite=False)
    return back(np.abs(np.diag(r)))


def start_quantiles(modes: int, scale: float, d: int, probabilities: Real) -> Real:
    """Work out the sizes |R_kk| from which modes start, by the quantile of their learning time.

    For Gaussian starts of small scale R_kk^2 / scale^2 is chi-squared with d - k + 1
    degrees of freedom (Bartlett 1933), and learning early is starting large: the quantiles
    are those from above.

    Parameters
    ----------
    modes : int
        Number of modes, at most `d`.
    scale : float
        Standard deviation of an entry of W(0).
    d : int
        Dimension of the embeddings.
    probabilities : (n,) float64
        Quantiles of the learning time, between 0 and 1.

    Returns
    -------
    (n, modes) float64
        |R_kk|, large for small probabilities.
    """
    freedom = d - np.arange(modes)
    sizes: Real = scale * np.sqrt(2 * gammainccinv(freedom / 2, probabilities[:, None]))
    return sizes

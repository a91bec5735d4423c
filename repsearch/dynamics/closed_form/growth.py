"""Work out how modes grow near the origin, in forms that neither overflow nor cancel.

The flow dW/dt = (1/2)(M* - W W^T) W has, near the origin, modes that grow as
e^(lambda t / 2). The closed forms need

    phi_t(lambda) = (e^(lambda t) - 1) / lambda,

the time integral of e^(lambda s), which is positive for every sign of lambda,
t where lambda = 0, and beyond any float once lambda t > 709. So its logarithm
is kept, split into a part that is linear in t and the rest: differences of two
modes' logarithms are then exact to rounding even where each is a million.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]


class Growth(NamedTuple):
    """Growth of modes at one time or several; arrays over (..., K).

    Parameters
    ----------
    steep : (..., K) float64
        max(lambda, 0) t, the part of log phi that grows with t.
    rest : (..., K) float64
        log phi - steep; -inf at t = 0.
    log_ceiling : (..., K) float64
        (1/2) log(e^(lambda t) / phi_t): of the height at which the logistic
        curve stands now if the mode began infinitely large. inf at t = 0.
    half_log : (..., K) float64
        lambda t / 2.
    """

    steep: Real
    rest: Real
    log_ceiling: Real
    half_log: Real

    @property
    def log_phi(self) -> Real:
        """The logarithm of phi_t(lambda), (..., K)."""
        total: Real = self.steep + self.rest
        return total


def growth(eigenvalues: Real, times: Real | float) -> Growth:
    """Work out the growth of modes with the given eigenvalues at the given times.

    Parameters
    ----------
    eigenvalues : (K,) float64
        lambda, of any sign.
    times : (T, 1) float64 or float
        Flow times, at least 0; broadcast against the eigenvalues.

    Returns
    -------
    Growth
        Arrays over the broadcast shape.

    Examples
    --------
    >>> growth(np.array([0.0, 1000.0]), 2.0).log_phi.round(4).tolist()
    [0.6931, 1993.0922]
    """
    x = eigenvalues * times
    size = np.abs(x)
    # (1 - e^-|x|) / |x|, which is 1 at x = 0
    mean = np.where(size > 0, -np.expm1(-size) / np.where(size > 0, size, 1.0), 1.0)
    with np.errstate(divide="ignore"):
        log_time = np.broadcast_to(np.log(times), x.shape)
    rest = log_time + np.log(mean)
    return Growth(
        steep=np.maximum(eigenvalues, 0.0) * times,
        rest=rest,
        log_ceiling=(np.minimum(x, 0.0) - rest) / 2,
        half_log=x / 2,
    )

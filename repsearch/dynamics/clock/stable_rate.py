"""Bound the learning rate at which gradient descent stays at the minimum."""

from __future__ import annotations

import math

from repsearch.dynamics.clock.batches import Batch
from repsearch.dynamics.clock.flow_time import clock
from repsearch.dynamics.clock.loss_expansion import QUARTIC, LossExpansion
from repsearch.errors import InputError


def stable_learning_rate(
    largest: float,
    smallest: float,
    *,
    loss: LossExpansion = QUARTIC,
    tied: bool = True,
    weight: float = 1.0,
    batch: Batch | None = None,
) -> float:
    """Give the learning rate above which the expected step is unstable at the minimum.

    2 over the largest eigenvalue of the Hessian there. In flow time a step must
    stay below 4 / max(2 lambda_1, lambda_1 - lambda_min) with tied weights, and
    below 2 / max |lambda| with untied ones of equal Gram matrices. Exact for the
    quartic loss under Setting 3.1, whatever the dimension; for other losses it
    is the bound of their expansion at 0.

    Parameters
    ----------
    largest, smallest : float
        Eigenvalues of the target at the two ends, signed.
    loss : LossExpansion
        `QUARTIC`, `SGNS` or the user's own.
    tied : bool
        Whether words and contexts share their vectors, W' = W.
    weight : float
        The g of Setting 3.1, or the unit of weight, as in `repsearch.dynamics.clock`.
    batch : Batch, optional
        How a step draws on pairs; the sum over all by default.

    Returns
    -------
    float
        The bound; infinite for a target that is 0.

    Raises
    ------
    InputError
        The eigenvalues are in the wrong order, or a number is out of range.

    Examples
    --------
    >>> from repsearch.dynamics import stable_learning_rate
    >>> stable_learning_rate(2.0, -6.0)  # the most negative eigenvalue sets it
    0.25
    >>> stable_learning_rate(2.0, -1.0)
    0.5
    """
    if not (math.isfinite(largest) and math.isfinite(smallest)) or largest < smallest:
        raise InputError(
            f"largest is {largest!r} and smallest is {smallest!r}; pass the finite eigenvalues "
            "at the two ends, the largest by signed value first"
        )
    # Without a positive eigenvalue the minimum is the origin.
    top = max(largest, 0.0)
    curvature = max(2 * top, top - smallest) / 4 if tied else max(top, -smallest) / 2
    rate = clock(1.0, loss=loss, tied=tied, weight=weight, batch=batch).rate
    return 1.0 / (curvature * rate) if curvature > 0 else math.inf

"""Choose which eigenvalues lead, and how well they must be known."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rank = Literal["value", "magnitude"]
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
"""Relative accuracy asked of Lanczos where none is given."""


def leading(values: NDArray[np.floating], d: int, by: Rank) -> NDArray[np.intp]:
    """Choose the d leading eigenvalues.

    Parameters
    ----------
    values : (n,) float
        Eigenvalues in any order.
    d : int
        Number to choose.
    by : {"value", "magnitude"}
        Whether the largest lead or those farthest from zero.

    Returns
    -------
    (d,) int
        Their places, in decreasing signed order.

    Examples
    --------
    >>> values = np.array([1.0, -5.0, 3.0])
    >>> leading(values, 2, "value").tolist(), leading(values, 2, "magnitude").tolist()
    ([2, 0], [2, 1])
    """
    rank = values if by == "value" else np.abs(values)
    chosen = np.argsort(-rank, kind="stable")[:d]
    places: NDArray[np.intp] = chosen[np.argsort(-values[chosen], kind="stable")]
    return places

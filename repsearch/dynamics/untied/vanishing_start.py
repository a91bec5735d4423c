"""Find the size from which each mode of an untied model starts, in the limit of a small start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

_EPS = float(np.finfo(float).eps)


def residual_sizes(values: Real, start: Real) -> Real:
    """Orthogonalise the rows of a start by |value|, and give the length of what each has left.

    |R_kk| of the QR decomposition of the transpose, in that order, by Gram-Schmidt. It
    takes at most d rows, and passes over rows of which only rounding is left.

    Parameters
    ----------
    values : (K,) float64
        Modes are learned in the order of |value|.
    start : (>= K, d) float64
        Row k is what the start has of mode k.

    Returns
    -------
    (K,) float64
        In the order of `values`; 0 for rows that are passed over.
    """
    found = np.zeros(len(values))
    scale = np.abs(start).max() or 1.0
    used = np.zeros((0, start.shape[1]))
    for k in np.argsort(-np.abs(values), kind="stable").tolist():
        row = start[k] / scale
        rest = row - used.T @ (used @ row)
        rest -= used.T @ (used @ rest)  # once more: the first pass leaves rounding of `row`
        size = float(np.linalg.norm(rest))
        if len(used) < start.shape[1] and size > _EPS * len(rest) * np.linalg.norm(row):
            used = np.vstack([used, rest / size])
            found[k] = size * scale
    return found

"""Eliminate with complete pivoting where rows differ in scale beyond floats, compiled."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True, nogil=True)
def eliminate(
    matrix: NDArray[np.float64], log_scale: NDArray[np.float64]
) -> tuple[Any, Any, Any, Any]:
    """Factor diag(e^log_scale) matrix = L D U, pivots by decreasing magnitude.

    Row scales cancel in every step of the elimination but the choice of pivots,
    so `matrix` is worked on as it is and the scales, which may be as far apart
    as e^(-1e6) and e^(1e6), enter as logarithms only.

    Parameters
    ----------
    matrix : (K, d) float
        Matrix with entries up to about 1 in magnitude.
    log_scale : (K,) float
        Logarithm of each row's scale.

    Returns
    -------
    rows : (r,) int
        Pivot rows in order, r the numerical rank.
    multipliers : (K, r) float
        m_ip = y_ip / y_pp at step p, before scaling; 1 in row p, 0 in rows that
        were pivots earlier. L_ip = e^(log_scale_i - log_scale_p) m_ip.
    pivots : (r,) float
        y_pp; D_p = e^(log_scale_p) y_pp.
    upper : (r, d) float
        Row p of U, y_pj / y_pp, at most 1 in magnitude.

    Examples
    --------
    >>> matrix = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> rows, multipliers, pivots, upper = eliminate(matrix, np.array([0.0, 800.0]))
    >>> rows.tolist(), pivots.tolist()
    ([1, 0], [1.0, 0.75])
    """
    size, d = matrix.shape
    y = matrix.copy()
    # The largest term that entered each entry: what cancellation leaves of the entry
    # is noise where it is no larger than a rounding error of that term.
    largest = np.abs(y)
    most = min(size, d)
    noise = 8.0 * max(size, d) * 2.220446049250313e-16
    rows = np.zeros(most, np.int64)
    multipliers = np.zeros((size, most))
    pivots = np.zeros(most)
    upper = np.zeros((most, d))
    row_open = np.ones(size, np.bool_)
    top, history = np.zeros(size), np.zeros(size)
    for i in range(size):
        for j in range(d):
            top[i] = max(top[i], abs(y[i, j]))
        history[i] = top[i]
    rank = 0
    for step in range(most):
        best, p = -np.inf, -1
        for i in range(size):
            if row_open[i] and top[i] > 0.0:
                height = np.log(top[i]) + log_scale[i]
                if height > best:
                    best, p = height, i
        if p < 0:
            break
        q = step
        for j in range(step, d):
            if abs(y[p, j]) > abs(y[p, q]):
                q = j
        # Swapped to the front, so that the columns not yet eliminated are contiguous.
        for block in (y, largest, upper):
            for i in range(len(block)):
                block[i, step], block[i, q] = block[i, q], block[i, step]
        pivot = y[p, step]
        rows[step], pivots[step] = p, pivot
        ratios = upper[step, step:]
        ratios[:] = y[p, step:] / pivot
        multipliers[p, step] = 1.0
        row_open[p] = False
        rank += 1
        for i in range(size):
            if row_open[i]:
                entry = y[i, step]
                multipliers[i, step] = entry / pivot
                left, seen = 0.0, 0.0
                mine, history_i = y[i], largest[i]
                for j in range(step + 1, d):
                    # The ratio is at most 1, so that nothing overflows.
                    term = entry * upper[step, j]
                    now = mine[j] - term
                    past = max(history_i[j], abs(term))
                    mine[j], history_i[j] = now, past
                    left, seen = max(left, abs(now)), max(seen, past)
                if left <= noise * seen:
                    # Only noise is left: it is no pivot, nor part of later multipliers.
                    left = 0.0
                    mine[step + 1 :] = 0.0
                top[i], history[i] = left, seen
    return rows[:rank], multipliers[:, :rank], pivots[:rank], upper[:rank]

"""Evaluate the loss of skip-gram with negative sampling on a tile of pairs, in one pass; compiled.

softplus(x) = max(x, 0) + log(1 + e) and sigma(x) = 1 / (1 + e) or e / (1 + e), by the sign of
x, with e = exp(-|x|). Torch takes a dozen passes over a tile for what needs one.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic
from numpy.typing import NDArray

_F = np.float32
_SMALLEST = _F(-87.0)  # below, exp is not a normal number
_LOG2_E = _F(math.log2(math.e))
# ln 2 in two parts, the first with so few digits that its products with small whole numbers
# are exact.
_LN2_HIGH = _F(0.693359375)
_LN2_LOW = _F(math.log(2) - 0.693359375)
_ROUNDER = _F(1.5 * 2**23)
"""Added to a small number and taken off again it leaves the nearest whole number."""
_ZERO, _ONE, _TWO = _F(0), _F(1), _F(2)
_E2, _E3, _E4, _E5, _E6, _E7 = (_F(1 / math.factorial(k)) for k in range(2, 8))
_L3, _L5, _L7, _L9, _L11, _L13 = (_F(1 / k) for k in range(3, 14, 2))


@intrinsic
def _power_of_two(typingctx: Any, shifted: Any) -> Any:
    """Give 2^k of k + `_ROUNDER`, whose last bits are k: they are moved to the exponent."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = ir.IntType(32)
        bits = builder.bitcast(arguments[0], whole)
        bits = builder.add(builder.shl(bits, whole(23)), whole(127 << 23))
        return builder.bitcast(bits, ir.FloatType())

    return numba.float32(numba.float32), build


@numba.njit(inline="always", error_model="numpy")
def _exp(y: np.float32) -> np.float32:
    """Give exp(y) as 2^k exp(r), k whole and r at most ln 2 / 2."""
    shifted = y * _LOG2_E + _ROUNDER
    k = shifted - _ROUNDER
    r = (y - k * _LN2_HIGH) - k * _LN2_LOW
    tail = _E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * (_E6 + r * _E7))))
    power: np.float32 = _power_of_two(shifted)
    return (_ONE + (r + r * r * tail)) * power


@numba.njit(inline="always", error_model="numpy")
def _log1p(e: np.float32) -> np.float32:
    """Give log(1 + e) as 2 artanh(s), s = e / (2 + e), which is at most 1/3."""
    s = e / (_TWO + e)
    q = s * s
    tail = _L3 + q * (_L5 + q * (_L7 + q * (_L9 + q * (_L11 + q * _L13))))
    return _TWO * (s + s * q * tail)


@numba.njit(inline="always", error_model="numpy")
def _above(x: np.float32) -> np.float32:
    """max(x, 0), and NaN of NaN."""
    return _ZERO if x < _ZERO else x


@numba.njit(inline="always", error_model="numpy")
def _sigma(x: np.float32, e: np.float32) -> np.float32:
    """Give sigma(x), with e = exp(-|x|)."""
    return (e if x < _ZERO else _ONE) / (_ONE + e)


@numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz"})
def _sum(row: NDArray[np.float32]) -> float:
    """Add up in float64, several at a time."""
    total = 0.0
    for one in row:
        total += np.float64(one)
    return total


# Division by 0 cannot come up, and a test for it would keep the loops from being vectorised.
@numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def sgns_tile(
    indptr: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    seen: float,
    first_row: int,
    first_column: int,
    want_loss: bool,  # noqa: FBT001  # compiled functions take no keywords
    want_slopes: bool,  # noqa: FBT001
    x: NDArray[np.float32],
) -> float:
    """Work out the loss of a tile, and put the slopes dL/dx in the place of x.

    L = sum P softplus(-x) + (sum_r left_r right_r^T - seen P) softplus(x). What is not wanted
    is not worked out and changes no bit of what is; NaN gives NaN.

    Parameters
    ----------
    indptr : (V + 1,) int64
        Bounds of the rows of P among its entries.
    columns : (nnz,) int32
        Column of each entry, increasing within a row.
    values : (nnz,) float32
        Entries of the sparse matrix P.
    left, right : (R, V) float32
        Factors of the negative part.
    seen : float
        Factor of P in the negative part.
    first_row, first_column : int
        Upper left corner of the tile.
    want_loss, want_slopes : bool
        What to work out.
    x : (n, m) float32
        Inner products; overwritten if slopes are wanted.

    Returns
    -------
    float
        The loss, from terms in float32; 0 if it is not wanted.
    """
    height, width = x.shape
    part = _F(seen)
    weights, terms = np.empty(width, _F), np.empty(width, _F)
    small, soft = np.empty(width, _F), np.empty(width, _F)
    total = 0.0
    for i in range(height):
        row, mine = first_row + i, x[i]
        weights[:] = _ZERO
        for r in range(len(left)):
            factor, others = left[r, row], right[r, first_column : first_column + width]
            for j in range(width):
                weights[j] += factor * others[j]
        for j in range(width):
            y = -abs(mine[j])
            small[j] = _exp(_SMALLEST if y < _SMALLEST else y)
        begin, end = indptr[row], indptr[row + 1]
        begin += np.searchsorted(columns[begin:end], first_column)
        end = begin + np.searchsorted(columns[begin:end], first_column + width)
        if want_loss:
            for j in range(width):
                soft[j] = _log1p(small[j])
                terms[j] = weights[j] * (soft[j] + _above(mine[j]))
            for k in range(begin, end):
                place = np.uint64(columns[k] - first_column)
                at, both = mine[place], soft[place]
                terms[place] += values[k] * ((both + _above(-at)) - part * (both + _above(at)))
            total += _sum(terms)
        if want_slopes:
            for j in range(width):
                terms[j] = weights[j] * _sigma(mine[j], small[j])
            for k in range(begin, end):
                place = np.uint64(columns[k] - first_column)
                at, e = mine[place], small[place]
                terms[place] -= values[k] * (_sigma(-at, e) + part * _sigma(at, e))
            mine[:] = terms
    return total

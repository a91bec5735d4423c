"""Vectors of length one, in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit_rows(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rows divided by their lengths, in float64; a row of zeros stays one.

    In float64 whatever the input, because cosines that are equal must come out
    equal to many more digits than float32 has for ties to be seen.

    Parameters
    ----------
    rows : ndarray of float, shape (n, d)
        Vectors of any length.

    Returns
    -------
    ndarray of float64, shape (n, d)
    """
    wide = np.asarray(rows, dtype=np.float64)
    # Dividing by the largest entry first keeps the squares from over- and underflow.
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0.0)
    wide = wide / np.where(largest > 0, largest, 1.0)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))[:, None]
    return np.asarray(wide / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)

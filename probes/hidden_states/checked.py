"""Check hidden states before anything is computed from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError


def centred_rows(states: ArrayLike) -> NDArray[np.float64]:
    """Check, scale and centre states: no direction depends on it, and squares stay in range.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer.

    Returns
    -------
    (n, d) float64

    Raises
    ------
    InputError
        Another shape, no real numbers, or one that is not finite.
    """
    given = np.asarray(states)
    if given.ndim != 2 or min(given.shape) < 1 or given.dtype.kind not in "fiu":
        raise InputError(
            f"the states have the shape {given.shape} and the type {given.dtype}; pass real "
            "numbers of the shape (n, d), one layer at a time"
        )
    rows = given.astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(f"state {row + 1} has a NaN or an infinity; mend it or leave it out")
    rows /= float(np.abs(rows).max()) or 1.0
    return np.asarray(rows - rows.mean(axis=0))

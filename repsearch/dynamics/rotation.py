"""Choose among the rotations of W that the loss leaves open.

L(W U) = L(W) for every orthogonal U, so W(t) is known up to a rotation from the right.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Gauge = Literal["spectrum", "previous"]
Real = NDArray[np.float64]


def rotated(now: Real, reference: Real) -> Real:
    """Turn a matrix from the right to where ||now U - reference||_F is least (Procrustes).

    Parameters
    ----------
    now : (K, d) float64
        V^T W(t), in any rotation.
    reference : (K, d) float64
        What it is brought close to.

    Returns
    -------
    (K, d) float64
        now U with U orthogonal.
    """
    left, _, right = np.linalg.svd(now.T @ reference)
    found: Real = now @ (left @ right)
    return found

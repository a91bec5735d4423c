"""Multiply arrays by Kronecker's product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repsearch.synthetic.world import Real


def kronecker(factors: Sequence[Real]) -> Real:
    """Multiply arrays by Kronecker's product, the first array varying slowest.

    Parameters
    ----------
    factors : sequence of float arrays
        At least one array; all with the same number of axes.

    Returns
    -------
    float64 array
        Each axis as long as the product of the factors' axes.

    Examples
    --------
    >>> kronecker([np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0])])
    array([ 1.,  2.,  3., 10., 20., 30.])
    """
    product = factors[0]
    for factor in factors[1:]:
        product = np.asarray(np.kron(product, factor), np.float64)
    return product

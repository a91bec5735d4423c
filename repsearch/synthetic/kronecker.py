"""Multiply arrays by Kronecker's product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from repsearch.synthetic.world import Real


def kronecker(factors: Sequence[Real]) -> Real:
    """Kronecker product of arrays, the first one slowest."""
    product = factors[0]
    for factor in factors[1:]:
        product = np.asarray(np.kron(product, factor), np.float64)
    return product

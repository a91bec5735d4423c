"""Products of a symmetric matrix with blocks: right, and the same bits on any number of threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from repsearch.kernels.symmetric_block import LANES, SymmetricBlockProduct


def lower(size: int, density: float, seed: int, dtype: Any) -> tuple[Any, NDArray[np.float64]]:
    """Arrays of a lower triangle and the whole matrix."""
    rng = np.random.default_rng(seed)
    half = np.tril(rng.standard_normal((size, size)) * (rng.random((size, size)) < density))
    half = half.astype(dtype)
    rows = sparse.csr_array(half)
    whole = half.astype(float) + np.tril(half.astype(float), -1).T
    return (rows.indptr.astype(np.int64), rows.indices.astype(np.int32), rows.data), whole


@settings(max_examples=80)
@given(
    size=st.integers(1, 60),
    density=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    width=st.integers(1, 2 * LANES + 3),
    seed=st.integers(0, 1_000),
    kinds=st.sampled_from([("float32", "float32"), ("float32", "float64"), ("float64", "float64")]),
    order=st.sampled_from("CF"),
)
def test_it_is_the_product_of_the_whole_matrix(
    size: int, density: float, width: int, seed: int, kinds: tuple[str, str], order: Any
) -> None:
    arrays, whole = lower(size, density, seed, kinds[0])
    block = np.random.default_rng(seed + 1).standard_normal((size, width)).astype(kinds[1])
    block = np.asarray(block, order=order)
    found = SymmetricBlockProduct(*arrays, np.dtype(kinds[1]))(block)
    assert found.dtype == kinds[1]
    epsilon = np.finfo(kinds[1]).eps
    # Each entry is a sum of at most `size` products.
    allowed = 2 * size * epsilon * (np.abs(whole) @ np.abs(block.astype(float)))
    assert (np.abs(found - whole @ block.astype(float)) <= allowed).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_do_not_depend_on_threads_nor_on_the_columns_beside(dtype: str) -> None:
    arrays, _ = lower(333, 0.4, 0, "float32")
    block = np.random.default_rng(1).standard_normal((333, 37)).astype(dtype)
    alone = SymmetricBlockProduct(*arrays, np.dtype(dtype))(block)
    for threads in (1, 3, 8):
        with ThreadPoolExecutor(threads) as pool:
            product = SymmetricBlockProduct(*arrays, np.dtype(dtype), pool)
            assert product(block).tobytes() == alone.tobytes()
            # A second product finds the sums of the first in its room.
            assert product(block[:, 5:6]).tobytes() == alone[:, 5:6].tobytes()


def test_what_is_given_is_not_changed() -> None:
    arrays, _ = lower(20, 1.0, 0, "float64")
    block = np.ones((20, 3))
    product = SymmetricBlockProduct(*arrays, np.dtype(float))
    first = product(block)
    kept = first.copy()
    product(2 * block)
    assert (block == 1).all()
    assert (first == kept).all()

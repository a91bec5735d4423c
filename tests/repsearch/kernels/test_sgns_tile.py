"""The one pass over a tile of SGNS against its definition in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from repsearch.kernels.sgns_tile import sgns_tile

EPS = float(np.finfo(np.float32).eps)


def one_row(x: Any, *, loss: bool, slopes: bool) -> tuple[float, NDArray[np.float32]]:
    """softplus(x) added up, and sigma(x), by a tile of one row without seen pairs."""
    row = np.array([x], np.float32)
    ones = np.ones((1, row.size), np.float32)
    nothing = np.zeros(2, np.int64), np.empty(0, np.int32), np.empty(0, np.float32)
    found = sgns_tile(*nothing, ones[:, :1], ones, 1.0, 0, 0, loss, slopes, row)
    return found, row[0]


def test_both_functions_are_right_to_the_last_bits_on_the_whole_axis() -> None:
    x = np.concatenate([np.linspace(-87, 87, 20_001), [0.0, -0.0, 1e-30, -1e-30, 0.5, -0.5]])
    x = x.astype(np.float32)
    exact = x.astype(np.float64)
    _, sigma = one_row(x, loss=False, slopes=True)
    assert np.abs(sigma / expit(exact) - 1).max() < 3 * EPS
    soft = np.array([one_row([one], loss=True, slopes=False)[0] for one in x[::50]])
    assert np.abs(soft / np.logaddexp(0, exact[::50]) - 1).max() < 3 * EPS


@pytest.mark.parametrize("x", [200.0, 3e38, np.inf])
def test_far_out_it_is_x_on_one_side_and_nothing_on_the_other(x: float) -> None:
    assert one_row([x], loss=True, slopes=False)[0] == np.float32(x)
    assert one_row([-x], loss=True, slopes=False)[0] < 1e-37
    assert one_row([x], loss=False, slopes=True)[1] == 1
    assert one_row([-x], loss=False, slopes=True)[1] < 1e-37


def test_what_is_no_number_is_not_taken_for_one() -> None:
    x = [0.0] * 20 + [np.nan]
    loss, slopes = one_row(x, loss=True, slopes=True)
    assert np.isnan(loss)
    assert np.isnan(slopes).tolist() == [False] * 20 + [True]


@given(
    size=st.integers(1, 40),
    corner=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    density=st.sampled_from([0.0, 0.1, 1.0]),
    rank=st.integers(1, 3),
    seen=st.sampled_from([0.0, 0.5, 1.0]),
    scale=st.sampled_from([1e-6, 1.0, 30.0]),
    seed=st.integers(0, 1_000),
)
def test_loss_and_slopes_of_a_tile(
    size: int,
    corner: tuple[float, float],
    density: float,
    rank: int,
    seen: float,
    scale: float,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    first, start = (int(part * (size - 1)) for part in corner)
    height, width = rng.integers(1, [size - first + 1, size - start + 1])
    whole = rng.random((size, size)) * (rng.random((size, size)) < density)
    held = sparse.csr_array(whole.astype(np.float32))
    left, right = rng.random((2, rank, size)).astype(np.float32)
    x = (scale * rng.standard_normal((height, width))).astype(np.float32)
    arrays = held.indptr.astype(np.int64), held.indices.astype(np.int32), held.data, left, right

    def run(*, loss: bool, slopes: bool) -> tuple[float, NDArray[np.float32]]:
        mine = x.copy()
        return sgns_tile(*arrays, seen, first, start, loss, slopes, mine), mine

    found, slope = run(loss=True, slopes=True)
    place = slice(first, first + height), slice(start, start + width)
    up = held.toarray()[place].astype(np.float64)
    down = (left.T.astype(np.float64) @ right)[place] - seen * up
    exact = x.astype(np.float64)
    terms = up * np.logaddexp(0, -exact), down * np.logaddexp(0, exact)
    parts = (left.T @ right)[place] + up
    room = 20 * EPS * (parts * np.logaddexp(0, np.abs(exact)))
    assert abs(found - (terms[0] + terms[1]).sum()) <= room.sum()
    wanted = down * expit(exact) - up * expit(-exact)
    assert np.all(np.abs(slope - wanted) <= 20 * EPS * parts)
    # What is not asked for changes no bit, and leaves x as it was.
    assert run(loss=True, slopes=False)[0] == found
    assert np.array_equal(run(loss=True, slopes=False)[1], x)
    nothing, alone = run(loss=False, slopes=True)
    assert nothing == 0
    assert np.array_equal(alone, slope)

"""Block Lanczos against LAPACK: clusters, copies, spectra far below zero, all of a space."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch.parallel import one_blas_thread
from repsearch.progress import silent
from repsearch.spectrum import block_lanczos
from repsearch.spectrum.block_lanczos import leading_pairs
from repsearch.spectrum.vectors import HostVectors

EPS = {"float32": float(np.finfo(np.float32).eps), "float64": float(np.finfo(np.float64).eps)}
ASKED = {"float32": 1e-5, "float64": 1e-10}


def matrix_of(values: Any, seed: int = 0) -> NDArray[np.float64]:
    """A matrix with given eigenvalues in a random basis."""
    values = np.asarray(values, float)
    basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values),) * 2))[0]
    made: NDArray[np.float64] = (basis * values) @ basis.T
    return (made + made.T) / 2


def solved(
    matrix: NDArray[np.float64],
    d: int,
    *,
    dtype: str = "float64",
    seed: int = 0,
    by: Any = "value",
    threads: int = 1,
    tolerance: float | None = None,
    progress: Any = silent,
) -> tuple[NDArray[Any], NDArray[Any]]:
    mine = matrix.astype(dtype)
    with ThreadPoolExecutor(threads) as pool, one_blas_thread():
        space = HostVectors(lambda block: mine @ block, len(mine), dtype, pool)
        asked = tolerance or ASKED[dtype]
        return leading_pairs(space, d, asked, seed, progress, by=by)


def check(matrix: NDArray[np.float64], d: int, dtype: str = "float64", **how: Any) -> None:
    """Values are LAPACK's, vectors orthonormal, residuals as small as was asked for."""
    values, vectors = solved(matrix, d, dtype=dtype, **how)
    every = np.linalg.eigvalsh(matrix)[::-1]
    size, scale = len(matrix), float(np.abs(every).max())
    if how.get("by") == "magnitude":
        wanted = np.sort(np.abs(every))[::-1][:d]
        got = np.sort(np.abs(values))[::-1]
    else:
        wanted, got = every[:d], values
    allowed = (50 * np.sqrt(size) * EPS[dtype] + 2 * ASKED[dtype]) * scale
    assert vectors.shape == (size, d)
    assert vectors.dtype == dtype
    assert (np.diff(values) <= 0).all()
    assert np.abs(got - wanted).max() <= allowed
    vectors = vectors.astype(float)
    skew = np.abs(vectors.T @ vectors - np.eye(d)).max()
    assert skew <= 50 * np.sqrt(size) * EPS[dtype] + ASKED[dtype]
    assert np.linalg.norm(matrix @ vectors - vectors * values, axis=0).max() <= allowed


BULK = np.linspace(-1, 1, 300)

SPECTRA = {
    "a clear few": np.r_[BULK, 9, 7, 5, 3, 2],
    "one far below": np.r_[BULK, 3, 2, -4_000],
    "many far below": np.r_[BULK, 3, 2, -np.geomspace(50, 5_000, 40)],
    "a cluster": np.r_[BULK, 5 + 1e-7 * np.arange(25)],
    "copies at the top": np.r_[BULK, [4.0] * 60, 3],
    "copies at the bound": np.r_[BULK, 9, 8, [4.0] * 60],
    "copies below": np.r_[BULK, [4.0] * 3, [-90.0] * 40],
    "only copies": [1.0] * 100 + [-1.0] * 100,
    "a projection": [1.0] * 7 + [0.0] * 200,
    "all the same": [2.0] * 90,
    "all below zero": -np.geomspace(1, 100, 150),
    "a power law": np.arange(1, 500) ** -0.7,
    "zeros": np.zeros(400),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SPECTRA)
def test_pairs_are_lapacks(name: str, dtype: str) -> None:
    matrix = matrix_of(SPECTRA[name])
    for d in (1, 4, 30):
        for by in ("value", "magnitude"):
            check(matrix, d, dtype, by=by, seed=d)


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 33, 60, 150])
def test_all_or_almost_all_of_a_space(size: int) -> None:
    matrix = matrix_of(np.random.default_rng(size).normal(size=size))
    for d in {1, max(size // 2, 1), max(size - 1, 1), size}:
        for dtype in ("float32", "float64"):
            check(matrix, d, dtype)
            check(matrix, d, dtype, by="magnitude")


@settings(max_examples=40)
@given(
    values=st.lists(st.sampled_from([-1e4, -30.0, -1.0, 0.0, 1e-3, 1.0, 2.0, 30.0]), min_size=1,
                    max_size=80),
    by=st.sampled_from(["value", "magnitude"]),
    data=st.data(),
)  # fmt: skip
def test_any_mixture_of_copies(values: list[float], by: str, data: st.DataObject) -> None:
    d = data.draw(st.integers(1, len(values)))
    check(matrix_of(values), d, by=by)


def test_without_the_search_for_what_was_missed_copies_are_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The tests above can fail: blocks of 16 see 16 copies (until rounding shows more).
    matrix = matrix_of(SPECTRA["copies at the top"])
    monkeypatch.setattr(block_lanczos._Search, "has_missed", lambda *_: False)
    values, _ = solved(matrix, 30, tolerance=1e-2)
    assert np.allclose(values[:16], 4)
    assert values[16] < 3.5
    monkeypatch.undo()
    values, _ = solved(matrix, 30, tolerance=1e-2)
    assert np.allclose(values, 4)


@pytest.mark.parametrize(("second", "by"), [(8.0, "value"), (-8.0, "magnitude")])
def test_one_that_a_start_is_blind_to_is_found(
    monkeypatch: pytest.MonkeyPatch, second: float, by: str
) -> None:
    # The first start block has nothing along the second eigenvector.
    values = np.r_[9.0, second, 7.0, BULK]
    matrix = np.diag(values)
    draws = []

    class Blind:
        def __init__(self, seed: int) -> None:
            self.random = np.random.Generator(np.random.PCG64(seed))

        def standard_normal(self, shape: tuple[int, int]) -> NDArray[np.float64]:
            drawn = self.random.standard_normal(shape)
            if not draws:
                drawn[1] = 0
            draws.append(shape)
            return drawn

    monkeypatch.setattr(block_lanczos.np.random, "default_rng", Blind)
    found, vectors = solved(matrix, 3, by=by)
    order = np.argsort(-values[:3])
    assert np.allclose(found, values[order], atol=1e-9)
    assert np.allclose(np.abs(vectors), np.eye(len(values))[:, order], atol=1e-8)
    assert len(draws) >= 3


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_do_not_depend_on_threads(dtype: str) -> None:
    matrix = matrix_of(SPECTRA["a power law"])
    one, two, five = (solved(matrix, 20, dtype=dtype, threads=n) for n in (1, 2, 5))
    for other in (two, five):
        assert one[0].tobytes() == other[0].tobytes()
        assert one[1].tobytes() == other[1].tobytes()


def test_a_larger_tolerance_takes_fewer_products() -> None:
    matrix = matrix_of(SPECTRA["a power law"])
    used = []
    for tolerance in (1e-2, 1e-12):
        seen: list[float] = []

        def note(_: str, done: float, *rest: Any, seen: list[float] = seen) -> None:
            seen.append(done)

        solved(matrix, 20, tolerance=tolerance, progress=note)
        assert seen == sorted(seen)
        used.append(seen[-1])
    assert used[0] < used[1]

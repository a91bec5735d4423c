"""Eigenpairs on a torch device: the right ones, and nothing of the size V x V on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from strategies import counts_from

from repsearch.errors import InputError
from repsearch.progress import silent
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.mstar import mstar
from repsearch.target.scaled import Scaled, scaled
from repsearch.target.target import Target

torch = pytest.importorskip("torch", reason="torch, an extra, is not installed")

from repsearch.spectrum import torch_matrix, torch_solver  # noqa: E402

PLACE = torch.device("cpu:0")
ALLOWED = {"float32": 1e-5, "float64": 1e-10}


def target_of(size: int, mean: float = 0.3, seed: int = 0) -> Target:
    """M* of random counts, most pairs unseen, some rows without any."""
    half = np.tril(np.random.default_rng(seed).poisson(mean, (size, size)))
    half[np.arange(1, size), np.arange(size - 1)] += 1
    return mstar(counts_from(half + np.tril(half, -1).T))


def weighted(target: Target) -> Scaled:
    return scaled(target, np.exp(np.random.default_rng(1).normal(size=len(target.words))))


@pytest.mark.smoke
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", ["dense", "krylov"])
@pytest.mark.parametrize("by", ["value", "magnitude"])
@pytest.mark.parametrize("kind", ["plain", "scaled"])
def test_it_finds_the_pairs_of_the_host(kind: str, by: Any, method: Any, dtype: Any) -> None:
    plain = target_of(260)
    matrix: Target | Scaled = plain if kind == "plain" else weighted(plain)
    whole = matrix.dense()
    every = np.linalg.eigvalsh(whole)
    scale = float(np.abs(every).max())
    for d in (1, 12, 80):
        found = eigenpairs(matrix, d, by=by, method=method, dtype=dtype, device="cpu:0")
        rank = every if by == "value" else np.abs(every)
        wanted = np.sort(every[np.argsort(-rank)[:d]])[::-1]
        assert np.abs(found.eigenvalues - wanted).max() <= ALLOWED[dtype] * scale
        assert found.eigenvalues.dtype == found.eigenvectors.dtype == dtype
        vectors = found.eigenvectors.astype(float)
        off = whole @ vectors - vectors * found.eigenvalues.astype(float)
        assert np.abs(np.linalg.norm(off, axis=0) - found.residuals).max() <= 1e-12 * scale
        assert found.residuals.max() <= 2 * ALLOWED[dtype] * scale
        assert np.abs(vectors.T @ vectors - np.eye(d)).max() <= 10 * ALLOWED[dtype]
        assert (np.diff(found.eigenvalues) <= 0).all()


@pytest.mark.parametrize("piece", [1, 50, 10**9])
@pytest.mark.parametrize("kind", ["plain", "scaled"])
def test_the_matrix_made_there_is_the_one_made_here(
    kind: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_matrix, "_PIECE", piece)
    plain = target_of(40)
    matrix: Target | Scaled = plain if kind == "plain" else weighted(plain)
    there = torch_matrix.dense(matrix, "float64", PLACE).numpy()
    assert np.abs(there - matrix.dense()).max() <= 1e-14 * np.abs(matrix.dense()).max()
    block = np.random.default_rng(0).normal(size=(40, 3))
    product = torch_matrix.Product(matrix, "float64", PLACE)(torch.from_numpy(block)).numpy()
    with ThreadPoolExecutor(1) as pool:
        assert np.allclose(product, matrix.operator(pool=pool) @ block, rtol=1e-12, atol=1e-10)


def test_what_crosses_to_the_device_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    target, d = target_of(300), 20
    size = len(target.words)
    there, back = [], []
    to_device, to_host = torch_matrix.to_device, torch_matrix.to_host
    monkeypatch.setattr(
        torch_matrix, "to_device", lambda a, place: there.append(a.nbytes) or to_device(a, place)
    )
    monkeypatch.setattr(torch_matrix, "to_host", lambda t: back.append(t.nbytes) or to_host(t))
    monkeypatch.setattr(Target, "dense", lambda *_: pytest.fail("the array was made on the host"))
    seen: list[str] = []

    class Seen(TorchDispatchMode):
        def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), how: Any = None) -> Any:
            seen.append(str(op))
            return op(*args, **(how or {}))

    with Seen():
        torch_solver.solve(target, d, "value", "dense", "float64", None, 0, PLACE, silent)
    # The entries once, the lengths of rows, the chosen places and values.
    assert len(there) == 5
    assert sum(there) <= target.columns.nbytes + target.below.nbytes + 8 * (size + 2 * d)
    # Eigenvalues, eigenvectors, residuals.
    assert back == [8 * size, 8 * size * d, 8 * d]
    # Nothing else waits for the device.
    assert not [op for op in seen if "_local_scalar_dense" in op or "nonzero" in op]
    assert sum("linalg_eigh" in op for op in seen) == 1


def test_float64_is_taken_where_the_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    target = target_of(50)
    kinds = []
    for room in (10**9, 5 * 50**2 * 8 - 1):
        monkeypatch.setattr(torch_solver, "_free", lambda place, room=room: room)
        kinds.append(eigenpairs(target, 3, device="cpu:0").eigenvalues.dtype.name)
    assert kinds == ["float64", "float32"]
    assert eigenpairs(target, 3, device="cpu:0", dtype="float32").eigenvalues.dtype == "float32"


def test_without_the_memory_the_dense_way_is_refused_or_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = target_of(50)
    monkeypatch.setattr(torch_solver, "_free", lambda place: 1_000)
    with pytest.raises(InputError) as raised:
        eigenpairs(target, 3, method="dense", device="cpu:0")
    assert str(raised.value) == (
        "the dense way with 50 words asks for 48.8 KiB of memory, device 'cpu:0' has 1000 bytes "
        "free; take the other way (krylov), fewer words, or another precision"
    )
    monkeypatch.setattr(torch_solver, "_dense", lambda *_: pytest.fail("the dense way was taken"))
    assert eigenpairs(target, 3, device="cpu:0").dimension == 3


def test_what_was_allowed_for_training_does_not_reach_eigenpairs() -> None:
    before = torch.get_float32_matmul_precision()
    seen = []
    torch.set_float32_matmul_precision("high")
    try:
        eigenpairs(
            target_of(60), 3, method="krylov", device="cpu:0",
            progress=lambda *_: seen.append(torch.get_float32_matmul_precision()),
        )  # fmt: skip
        assert set(seen) == {"highest"}
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)

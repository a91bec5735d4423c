"""Targets and eigenpairs of counts on disk: the same to the bit as in memory, and right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from repsearch import Counts
from repsearch.kernels import symmetric_block
from repsearch.kernels.symmetric_block import PARTS, SymmetricBlockProduct
from repsearch.storage.mapped import is_mapped
from repsearch.synthetic.word_names import base26


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counts") / "a.npz"
    random = np.random.default_rng(0)
    words = np.array([base26(k, 2) for k in range(400)])
    texts = [" ".join(words[(400 ** random.random(60)).astype(int) - 1]) for _ in range(300)]
    rs.count(rs.encode(texts, vocabulary_size=None)).save(path)
    return path


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_eigenpairs_are_those_of_memory_to_the_bit(path: Path, threads: int, dtype: str) -> None:
    targets = [rs.mstar(Counts.open(path, memory=m), dtype=dtype) for m in (None, 0)]
    assert [is_mapped(target.below) for target in targets] == [False, True]
    assert targets[0].squared_norm == targets[1].squared_norm
    exact = float((targets[0].dense() ** 2).sum())
    assert targets[0].squared_norm == pytest.approx(exact, rel=1e-6)
    one, other = (
        rs.eigenpairs(target, 9, method="krylov", dtype=dtype, threads=n)  # type: ignore[arg-type]
        for target, n in zip(targets, (2, threads), strict=True)
    )
    for name in ("eigenvalues", "eigenvectors", "residuals"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    exact_values = np.linalg.eigvalsh(targets[0].dense())[::-1][:9]
    assert np.allclose(other.eigenvalues, exact_values, rtol=1e-5)
    assert other.residuals.max() < 1e-4 * other.eigenvalues[0]


def test_targets_that_are_not_symmetric_are_mapped_on_both_sides(path: Path) -> None:
    one, other = (rs.shifted_ppmi(Counts.open(path, memory=m), exponent=0.75) for m in (None, 0))
    assert is_mapped(other.below)
    assert is_mapped(other.above)
    assert np.array_equal(one.dense(), other.dense())
    found = [rs.singular_triplets(target, 4, method="krylov") for target in (one, other)]
    assert np.array_equal(found[0].left, found[1].left)


@pytest.mark.parametrize("together", [1, 3, 7, PARTS])
@pytest.mark.parametrize("width", [1, 16, 21])
def test_products_are_the_same_however_many_results_are_held(
    path: Path, monkeypatch: pytest.MonkeyPatch, together: int, width: int
) -> None:
    target = rs.mstar(Counts.open(path))
    block = np.random.default_rng(1).standard_normal((len(target.words), width))

    def product() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        arrays = (target.indptr, target.columns, target.below)
        return SymmetricBlockProduct(*arrays, np.dtype(float))(block)

    expected = product()
    dense = target.dense() - target.constant
    assert np.allclose(expected, dense @ block, atol=1e-9)
    monkeypatch.setattr(symmetric_block, "_together", lambda *_: together)
    assert np.array_equal(product(), expected)


def test_every_entry_is_let_go_of_once_for_sixteen_vectors(path: Path) -> None:
    target = rs.mstar(Counts.open(path))
    gone: list[tuple[int, int]] = []
    product = SymmetricBlockProduct(
        target.indptr, target.columns, target.below, np.dtype(float), done=lambda *e: gone.append(e)
    )
    product(np.ones((len(target.words), 16)))
    assert [low for low, _ in gone] == [0, *(high for _, high in gone[:-1])]
    assert gone[-1][1] == len(target.columns)

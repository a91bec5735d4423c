"""Singular vectors of targets that are not symmetric, against LAPACK on the dense array."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from places import FORMATS
from strategies import counts_from

import repsearch as rs
from repsearch import Counts, InputError, SingularTriplets, shifted_ppmi, singular_triplets

SIZE = 60


def some_counts(size: int = SIZE, seed: int = 0) -> Counts:
    rng = np.random.default_rng(seed)
    often = rng.lognormal(sigma=1.0, size=size)
    half = np.tril(rng.poisson(np.outer(often, often)))
    return counts_from(half + np.tril(half, -1).T + np.eye(size, dtype=int) * 2)


@pytest.mark.parametrize("method", ["dense", "krylov"])
@pytest.mark.parametrize("exponent", [0.0, 0.75, 1.0])
def test_they_are_those_of_the_dense_array(method: Any, exponent: float) -> None:
    target = shifted_ppmi(some_counts(), exponent=exponent)
    dense = target.dense()
    left, values, right = np.linalg.svd(dense)
    found = singular_triplets(target, 8, method=method, dtype="float64")
    assert found.values == pytest.approx(values[:8], rel=1e-9)
    for mine, theirs in ((found.left, left[:, :8]), (found.right, right[:8].T)):
        assert np.abs(mine.T @ theirs).round(6).tolist() == np.eye(8).tolist()
    # The two signs go together.
    assert np.einsum("id,ij,jd->d", found.left, dense, found.right) == pytest.approx(values[:8])
    assert found.residuals.max() < 1e-8 * values[0]


def test_words_and_contexts_make_up_the_target() -> None:
    target = shifted_ppmi(some_counts(12), exponent=0.75)
    rank = np.linalg.matrix_rank(target.dense())
    found = singular_triplets(target, rank, dtype="float64")
    for exponent in (0.0, 0.5, 1.0):
        words = found.embeddings(exponent=exponent)
        contexts = found.contexts(exponent=exponent)
        assert words.vectors @ contexts.vectors.T == pytest.approx(target.dense(), abs=1e-9)
    assert found.embeddings(3).vectors.shape == (12, 3)
    assert words.words == target.words


def test_of_a_symmetric_target_they_are_eigenpairs_by_magnitude() -> None:
    target = rs.mstar(some_counts(), rs.Setting31())
    pairs = rs.eigenpairs(target, 5, by="magnitude", dtype="float64")
    found = singular_triplets(target, 5, dtype="float64")
    assert found.values == pytest.approx(np.sort(np.abs(pairs.eigenvalues))[::-1])


def test_the_same_bits_on_any_number_of_threads() -> None:
    target = shifted_ppmi(some_counts(200), exponent=0.75)
    one, other = (singular_triplets(target, 4, method="krylov", threads=n) for n in (1, 3))
    assert one.left.tobytes() == other.left.tobytes()
    assert one.right.tobytes() == other.right.tobytes()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"d": 0}, "d is 0; pass a whole number from 1 to 60, the number of words"),
        ({"d": 61}, "d is 61; pass a whole number"),
        ({"method": "best"}, "method is 'best'"),
    ],
)
def test_bad_arguments(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refused:
        singular_triplets(shifted_ppmi(some_counts(), exponent=0.75), **{"d": 3, **given})
    assert str(refused.value).startswith(says)


def test_more_than_the_rank_is_refused() -> None:
    # Two groups of two words that never meet: PPMI of rank 2.
    block = np.kron(np.eye(2, dtype=int), np.full((2, 2), 4))
    target = shifted_ppmi(counts_from(block), exponent=0.75)
    assert singular_triplets(target, 2).values == pytest.approx([np.log(2) * 2] * 2, rel=1e-5)
    with pytest.raises(InputError, match="has rank 2; ask for at most 2"):
        singular_triplets(target, 3)


def test_bad_sides() -> None:
    found = singular_triplets(shifted_ppmi(some_counts(), exponent=0.75), 3)
    with pytest.raises(InputError, match="d is 4; pass a whole number from 1 to 3"):
        found.embeddings(4)
    with pytest.raises(InputError, match="exponent is 2; pass a number from 0 to 1"):
        found.contexts(exponent=2)
    assert repr(found).startswith("SingularTriplets(PPMI (contexts^0.75), 60 words, d = 3, s_1 = ")


# ------------------------------------------------------------ files


@pytest.fixture
def found() -> SingularTriplets:
    counts = rs.count(
        rs.encode(["a b c d a c b d d a"], vocabulary_size=None), rs.Window(2, left=1)
    )
    return singular_triplets(rs.shifted_ppmi(counts), 2)


def test_a_file_comes_back_as_it_was(found: SingularTriplets, tmp_path: Path) -> None:
    found.save(tmp_path / "s")
    opened = SingularTriplets.open(tmp_path / "s")
    assert (opened.words, opened.target) == (found.words, found.target)
    for name in ("values", "left", "right", "residuals"):
        assert getattr(opened, name).tobytes() == getattr(found, name).tobytes(), name
    again = SingularTriplets.open(tmp_path / "s")
    again.save(tmp_path / "t")
    assert (tmp_path / "s").read_bytes() == (tmp_path / "t").read_bytes()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"values": np.array([1.0, 2.0])}, "values are not in decreasing order"),
        ({"values": np.array([1.0, -2.0])}, "values[1] is -2"),
        ({"left": np.ones((4, 2))}, "left are not orthonormal"),
        ({"right": np.full((4, 2), np.nan)}, "right[0, 0] is nan, not a finite number"),
        ({"right": np.eye(3)[:, :2]}, "right has shape (3, 2), not (4, 2)"),
        ({"words": ("a", "b", "c")}, "left has shape (4, 2), not (3, 2)"),
    ],
)
def test_what_cannot_be_singular_vectors_is_refused(
    found: SingularTriplets, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    replace(found, **change).save(tmp_path / "s")
    with pytest.raises(InputError) as caught:
        SingularTriplets.open(tmp_path / "s")
    assert says in str(caught.value)


def test_damaged_files_and_those_of_another_kind_are_refused(
    found: SingularTriplets, tmp_path: Path
) -> None:
    path = tmp_path / "s"
    found.save(path)
    whole = path.read_bytes()
    for place in (5, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InputError, match=r"solve again|make one with"):
            SingularTriplets.open(path)
    path.write_bytes(whole)
    with pytest.raises(InputError, match=r"s is no spectrum; make one with 'repsearch solve'"):
        rs.Spectrum.open(path)
    with pytest.raises(InputError, match=r"absent does not exist; check the path"):
        SingularTriplets.open(tmp_path / "absent")


def test_a_file_of_version_1_is_read_for_ever() -> None:
    opened = SingularTriplets.open(FORMATS / "singular-v1.safetensors")
    assert opened.words == ("the", "naïve", "猫")
    assert opened.target == "PPMI (contexts^0.75)"
    assert opened.values.tolist() == np.array([2.5, 1e-3], np.float32).tolist()
    assert opened.left.tolist() == np.array([[0.6, 0], [0, 1], [0.8, 0]], np.float32).tolist()
    assert opened.right.tolist() == [[0, 1], [1, 0], [0, 0]]
    assert opened.residuals.tolist() == [1e-7, 1 / 3]

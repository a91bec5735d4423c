"""Procrustes alignment against scipy and a grid of turns, with its null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as scipys

from repsearch.embeddings import Embeddings, align
from repsearch.errors import InputError

WORDS = tuple(f"w{n}" for n in range(40))


def made(seed: int, d: int = 4, words: tuple[str, ...] = WORDS) -> Embeddings:
    return Embeddings(words, np.random.default_rng(seed).normal(size=(len(words), d)))


def turn_of(seed: int, d: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d))).Q


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.0, 0.3, 3.0]))
def test_as_scipys_over_the_shared_words(seed: int, d: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    first = made(seed, d)
    vectors = first.vectors @ turn_of(seed, d) + noise * rng.normal(size=first.vectors.shape)
    order = rng.permutation(40)
    second = Embeddings(
        ("own", *(WORDS[k] for k in order[:30])), np.vstack([np.ones(d), vectors[order[:30]]])
    )
    found = align(first, second, permutations=1)
    a, b = first.rows(second.words[1:]), second.rows(second.words[1:])
    turn, _ = orthogonal_procrustes(a, b)
    np.testing.assert_allclose(found.turn, turn, atol=1e-8)
    np.testing.assert_allclose(found.turn @ found.turn.T, np.eye(d), atol=1e-12)
    whole = (a**2).sum() + (b**2).sum()
    assert found.residual == pytest.approx(np.linalg.norm(a @ turn - b) / whole**0.5, abs=1e-7)
    assert found.before == pytest.approx(np.linalg.norm(a - b) / whole**0.5)
    assert found.residual <= found.before + 1e-12
    long = np.sum((a @ turn) * b) / (np.linalg.norm(a) * np.linalg.norm(b))
    assert found.cosine == pytest.approx(long)
    assert found.shared == 30
    assert found.embeddings.words == WORDS
    np.testing.assert_allclose(found.embeddings.vectors, first.vectors @ turn, atol=1e-8)
    if not noise:
        assert found.residual < 1e-7


def test_no_turn_of_the_plane_is_better() -> None:
    first, second = made(1, 2), made(2, 2)
    best = align(first, second).residual
    whole = (first.vectors**2).sum() + (second.vectors**2).sum()
    for angle in np.linspace(0, 2 * np.pi, 721):
        c, s = np.cos(angle), np.sin(angle)
        for turn in (np.array([[c, -s], [s, c]]), np.array([[c, s], [s, -c]])):
            there = np.linalg.norm(first.vectors @ turn - second.vectors) / whole**0.5
            assert there >= best - 1e-9


def test_the_disparity_of_scipy_after_centring_and_scaling() -> None:
    first, second = made(3), made(4)
    one, other = (
        Embeddings(WORDS, (x - x.mean(0)) / np.linalg.norm(x - x.mean(0)))
        for x in (first.vectors, second.vectors)
    )
    _, _, disparity = scipys(other.vectors, one.vectors)
    # SciPy scales one of them besides: 1 - s^2 for a sum of singular values s, and ours 1 - s.
    assert align(one, other).residual ** 2 == pytest.approx(1 - (1 - disparity) ** 0.5)


def test_by_chance_unrelated_embeddings_are_as_near_as_shuffled_ones() -> None:
    found = align(made(5), made(6), permutations=200)
    assert found.cosine == pytest.approx(found.by_chance, abs=0.06)
    related = align(made(5), Embeddings(WORDS, made(5).vectors @ turn_of(1, 4)))
    assert related.residual < 1e-7
    assert related.by_chance < 0.5 < related.cosine
    assert repr(related).startswith("<Alignment of 40 shared words: residual 0.00 (before")
    again = align(made(5), made(6), permutations=200)
    assert (again.by_chance, again.cosine) == (found.by_chance, found.cosine)
    assert align(made(5), made(6), seed=1).by_chance != align(made(5), made(6)).by_chance


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_any_size_of_vectors(scale: float) -> None:
    first = Embeddings(WORDS, scale * made(7).vectors)
    found = align(first, Embeddings(WORDS, scale * made(7).vectors @ turn_of(2, 4)))
    assert found.residual < 1e-7
    assert found.before > 0.5
    other = align(first, Embeddings(WORDS, 1e3 * first.vectors @ turn_of(2, 4)))
    assert other.cosine == pytest.approx(1.0)
    assert other.residual == pytest.approx(999 / (1 + 1e6) ** 0.5)


def test_the_type_of_number_stays() -> None:
    first = Embeddings(WORDS, made(8).vectors.astype(np.float32))
    assert align(first, made(9)).embeddings.vectors.dtype == np.float32


@pytest.mark.parametrize(
    ("other", "options", "said"),
    [
        (made(0, 3), {}, r"4 and 3 dimensions; .*truncate\(3\)"),
        (made(0, words=("a", "b")), {}, "share 0 words and have 4 dimensions"),
        (made(0, words=("w1", "w2", "w3")), {}, "share 3 words"),
        (Embeddings(WORDS, np.zeros((40, 4))), {}, "are zero in one"),
        (made(0), {"permutations": 0}, "permutations is 0"),
        (made(0), {"permutations": 1.5}, r"permutations is 1\.5"),
        (made(0), {"seed": -1}, "seed is a whole number"),
    ],
)
def test_refused(other: Embeddings, options: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        align(made(0), other, **options)

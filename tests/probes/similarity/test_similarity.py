"""Word similarity against scipy and gensim; coverage of the interval; bad files are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from probes.relations.similarity_files import read_similarity, similarity_sets
from probes.relations.similarity_sets import SimilaritySet
from probes.shared import rank_correlation
from probes.shared.rank_correlation import _weighted_spearman, spearman_interval
from probes.similarity.similarity import similarity
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError


def toy(size: int = 30, d: int = 4, seed: int = 0) -> Embeddings:
    vectors = np.random.default_rng(seed).normal(size=(size, d))
    return Embeddings(tuple(f"w{n}" for n in range(size)), vectors, "toy")


def some_pairs(size: int, seed: int = 1) -> SimilaritySet:
    rng = np.random.default_rng(seed)
    pairs = tuple((f"w{i}", f"w{j}") for i, j in rng.integers(30, size=(size, 2)))
    return SimilaritySet(pairs, rng.integers(0, 11, size=size).astype(float), name="toy set")


def test_the_carried_sets() -> None:
    sets = similarity_sets()
    assert {name: len(found) for name, found in sets.items()} == {
        "wordsim353": 353,
        "men3000": 3000,
        "simlex999": 999,
    }
    men = sets["men3000"]
    assert men.pairs[0] == ("sun", "sunlight")
    assert men.scores[0] == 50.0
    assert all(found.name == name and found.source for name, found in sets.items())
    # The one pair that WordSim has twice stays twice.
    assert sets["wordsim353"].pairs.count(("money", "cash")) == 2
    with pytest.raises(ValueError, match="read-only"):
        men.scores[0] = 1.0
    assert any(word != word.lower() for word in sets["wordsim353"].words())
    assert similarity_sets(keep_case=True)["wordsim353"].keep_case


def test_files_with_tabs_or_blanks_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "toy.tsv"
    path.write_text("# a set\nSun\tMoon\t7.5\n\nice cream\tcake\t3\nnight day 1e0\n")
    dataset = read_similarity(path)
    assert dataset.pairs == (("Sun", "Moon"), ("ice cream", "cake"), ("night", "day"))
    assert dataset.scores.tolist() == [7.5, 3.0, 1.0]
    assert (dataset.name, dataset.source, len(dataset)) == ("toy", str(path), 3)
    assert read_similarity(path, keep_case=True).keep_case


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\tb\t1\na\tb\n", "line 2 .* has 2 fields"),
        ("a b\n", "line 1 .* has 2 fields"),
        ("a\tb\t1\t2\n", "line 1 .* has 2 numbers after its two words"),
        ("a\tb\tx\ty\n", "line 1 .* has no numbers after its two words"),
        ("a\tb\t1\nc\td\t1\t2\n", "line 2 .* has 4 fields"),
        ("a\n", "line 1 .* has 1 field;"),
        ("# c\na\tb\thigh\n", "line 2 .* score 'high'"),
        ("a\tb\tnan\n", "line 1 .* score 'nan'"),
        ("a\t\t1\n", "line 1 .* empty field"),
        ("# nothing\n", "holds no pair"),
    ],
)
def test_fault_24_a_bad_line_is_an_error_and_not_dropped(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_similarity(path)


def test_fault_24_coverage_is_reported() -> None:
    dataset = SimilaritySet(
        (("w0", "w1"), ("w2", "absent"), ("w3", "w4"), ("gone", "absent"), ("w5", "w6")),
        np.arange(5.0),
        name="toy set",
    )
    result = similarity(toy(), dataset)
    assert (result.pairs_in_file, result.pairs_used) == (5, 3)
    assert result.missing == ("absent", "gone")
    assert "(3 of 5 pairs)" in str(result)
    row = result.table()[0]
    assert (row["pairs_in_file"], row["pairs_used"]) == (5, 3)


@pytest.mark.parametrize(
    ("pairs", "scores", "said"),
    [
        ((), [], "has no pair"),
        ((("a", "b"),), [1.0, 2.0], r"shape \(2,\)"),
        ((("a", "b"),), [float("inf")], "score of a b is inf"),
    ],
)
def test_sets_refuse(pairs: tuple[tuple[str, str], ...], scores: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        SimilaritySet(pairs, np.array(scores), name="bad")


def test_as_scipy_and_gensim(tmp_path: Path) -> None:
    embeddings, dataset = toy(), some_pairs(120)
    result = similarity(embeddings, dataset)
    cosines = [
        np.dot(embeddings[a], embeddings[b])
        / np.linalg.norm(embeddings[a])
        / np.linalg.norm(embeddings[b])
        for a, b in dataset.pairs
    ]
    expected = spearmanr(np.round(cosines, 12), dataset.scores).statistic
    assert result.spearman is not None
    assert result.spearman.value == pytest.approx(expected, abs=1e-12)
    path = tmp_path / "toy.tsv"
    lines = [f"{a}\t{b}\t{s}" for (a, b), s in zip(dataset.pairs, dataset.scores, strict=True)]
    path.write_text("\n".join([*lines, "w0\tabsent\t3"]))
    keyed = pytest.importorskip("gensim.models.keyedvectors").KeyedVectors(embeddings.dimension)
    keyed.add_vectors(list(embeddings.words), embeddings.vectors)
    _, spearman, missing = keyed.evaluate_word_pairs(str(path))
    ours = similarity(embeddings, read_similarity(path))
    assert ours.spearman is not None
    assert ours.spearman.value == pytest.approx(spearman[0], abs=1e-4)
    assert 100 * (1 - ours.pairs_used / ours.pairs_in_file) == pytest.approx(missing)


@given(st.integers(0, 2**32 - 1), st.integers(3, 25), st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_weighted_ranks_are_those_of_repeated_points(seed: int, n: int, values: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(values, size=(2, n)).astype(float)
    counts = np.bincount(rng.integers(n, size=n), minlength=n)
    repeated_x, repeated_y = np.repeat(x, counts), np.repeat(y, counts)
    found = _weighted_spearman(x, y, counts[None].astype(float))[0]
    if np.ptp(repeated_x) == 0 or np.ptp(repeated_y) == 0:
        assert np.isnan(found)
    else:
        expected = spearmanr(repeated_x, repeated_y).statistic
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "rho"), [(8, 0.4), (40, 0.0), (40, 0.7), (120, 0.7)])
def test_the_interval_covers(n: int, rho: float) -> None:
    rng = np.random.default_rng(n)
    root = np.linalg.cholesky(np.array([[1, rho], [rho, 1]]))
    truth = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's correlation of a normal pair
    trials = 200
    covered = 0
    for trial in range(trials):
        x, y = root @ rng.normal(size=(2, n))
        covered += truth in spearman_interval(x, y, seed=trial, level=0.95, resamples=300)
    assert 0.90 <= covered / trials <= 1.0


@pytest.mark.parametrize("n", [4, 9, 40])
def test_a_perfect_correlation_has_an_interval_of_some_width(n: int) -> None:
    interval = spearman_interval(np.arange(n), np.arange(n) ** 3, seed=0, level=0.95, resamples=200)
    assert interval.value == interval.high == 1.0
    assert interval.low < 1.0
    assert "Fisher" in interval.method


def test_three_points_tell_nothing() -> None:
    interval = spearman_interval([1, 2, 3], [1, 3, 2], seed=0, level=0.95, resamples=200)
    assert (interval.value, interval.low, interval.high) == (pytest.approx(0.5), -1.0, 1.0)
    with pytest.raises(InputError, match="three points"):
        spearman_interval([1, 2], [1, 2], seed=0, level=0.95, resamples=200)


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        (SimilaritySet((("x", "y"),), np.ones(1)), "fewer than 3 pairs"),
        (SimilaritySet((("w0", "w1"), ("w2", "w3")), np.arange(2.0)), "fewer than 3 pairs"),
        (SimilaritySet((("w0", "w1"), ("w2", "w3"), ("w4", "w5")), np.ones(3)), "human scores"),
        (SimilaritySet((("w0", "w0"), ("w2", "w2"), ("w4", "w4")), np.arange(3.0)), "cosines"),
    ],
)
def test_no_correlation_has_a_reason(dataset: SimilaritySet, said: str) -> None:
    result = similarity(toy(), dataset)
    assert result.spearman is None
    assert said in result.reason
    assert said in str(result)
    row = result.table()[0]
    assert (row["spearman"], row["interval"]) == (None, result.reason)
    assert json.loads(json.dumps(row, allow_nan=False)) == row


@given(st.integers(0, 1000), st.floats(1e-6, 1e6))
@settings(max_examples=20, deadline=None)
def test_turning_and_scaling_change_nothing(seed: int, scale: float) -> None:
    embeddings, dataset = toy(), some_pairs(40)
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    lengths = rng.lognormal(size=(30, 1))
    turned = Embeddings(embeddings.words, scale * lengths * (embeddings.vectors @ turn), "toy")
    plain = similarity(embeddings, dataset, resamples=100).spearman
    changed = similarity(turned, dataset, resamples=100).spearman
    assert plain is not None
    assert changed is not None
    assert changed.value == pytest.approx(plain.value, abs=1e-9)


def test_a_seed_repeats() -> None:
    embeddings, dataset = toy(), some_pairs(40)
    assert similarity(embeddings, dataset, seed=4) == similarity(embeddings, dataset, seed=4)
    assert similarity(embeddings, dataset, seed=4) != similarity(embeddings, dataset, seed=5)


@pytest.mark.parametrize("options", [{"seed": -1}, {"level": 0}, {"resamples": 5}])
def test_bad_arguments(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"got (-1|0|5)"):
        similarity(toy(), some_pairs(40), **options)


@pytest.mark.parametrize("n", [11, 250, 251])
def test_resamples_ranked_at_a_time_change_no_bit(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.random(n), rng.integers(0, 9, n)
    found = set()
    for entries in (1, 7 * n, 30 * n, 1 << 16, 1 << 30):
        monkeypatch.setattr(rank_correlation, "_ENTRIES", entries)
        one = spearman_interval(x, y, seed=0, level=0.95, resamples=100)
        found.add((one.value, one.low, one.high))
    assert len(found) == 1

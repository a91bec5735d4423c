"""Stability of modes and of their topics: planted turns, noise, halves of a corpus."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from places import DOCS
from scipy import stats
from strategies import by_words, corpora, windows

import repsearch as rs
from probes.modes import Basis
from probes.topics import topic_stability
from probes.topics.coherence import CoherenceTable, TopicCoherence
from probes.topics.stability.list_overlap import LEAST, NEAR, frequency_matched, list_overlap
from probes.topics.stability.result import in_runs
from repsearch.corpus import halves as corpus_halves
from repsearch.corpus.halves import split_corpus
from repsearch.counts.merging import merge
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic import TopicMixture

Real = NDArray[np.float64]
EPS = np.finfo(float).eps
V = 60
WORDS = tuple(f"w{k}" for k in range(V))
seeds = st.integers(0, 10**6)
few = {"words": 5, "permutations": 100}


def orthonormal(seed: int, rows: int = V, columns: int = 4) -> Real:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))[0]


def basis_of(vectors: Real, values: list[float] | None = None) -> Basis:
    d = vectors.shape[1]
    return Basis(vectors, np.array(values or [float(d - k) for k in range(d)]), WORDS)


def rotation(seed: int, size: int) -> Real:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


# ---------------------------------------------------------------------- modes


@given(seeds)
def test_a_basis_is_stable_against_itself_whatever_the_signs(seed: int) -> None:
    vectors = orthonormal(seed)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], 4)
    found = topic_stability(basis_of(vectors), [basis_of(vectors * signs)], **few)
    for one in found.modes:
        assert one.stable
        assert one.partners == ((one.mode,),)
        assert one.overlaps[0] == pytest.approx(1, abs=10 * V * EPS)
        assert [end.common for end in one.ends] == [(5,), (5,)]
        assert one.gap == pytest.approx(1 / (5 - one.mode))
    said = found.summary()
    assert "modes 1 to 4. Their lists have 5 of 5 words in common in the median" in said
    assert said.endswith("Whether their words belong together was not measured.")


@given(seeds, st.floats(0, 1.5))
def test_the_overlap_of_a_turned_mode_is_the_squared_cosine(seed: int, angle: float) -> None:
    # Towards a direction that no mode has, so that nothing else can be its partner.
    vectors = orthonormal(seed, columns=5)
    turned = vectors[:, :4].copy()
    turned[:, 0] = np.cos(angle) * vectors[:, 0] + np.sin(angle) * vectors[:, 4]
    assume(abs(np.cos(angle) ** 2 - 0.5) > 1e-9)
    found = topic_stability(basis_of(vectors[:, :4]), [basis_of(turned)], **few)
    first = found.modes[0]
    assert first.overlaps[0] == pytest.approx(np.cos(angle) ** 2, abs=10 * V * EPS)
    assert first.stable == (np.cos(angle) ** 2 > 0.5)
    assert all(one.stable for one in found.modes[1:])


@given(seeds, st.integers(2, 6), st.integers(2, 6))
def test_a_mode_with_half_of_another_has_no_nearer_one(seed: int, m: int, n: int) -> None:
    """What is said of 1/2: above it, partners are each other's nearest."""
    one, other = orthonormal(seed, 7, m), orthonormal(seed + 1, 7, n)
    squares = (one.T @ other) ** 2
    for i, j in np.argwhere(squares > 0.5):
        assert squares[i].sum() - squares[i, j] < squares[i, j]
        assert squares[:, j].sum() - squares[i, j] < squares[i, j]


@given(seeds, st.floats(0.01, 0.999))
def test_gaps_that_a_perturbation_cannot_close_keep_their_modes(seed: int, size: float) -> None:
    """Davis and Kahan: a gap above 3 ||E|| leaves an overlap of 3/4 or more."""
    rng = np.random.default_rng(seed)
    vectors = orthonormal(seed, V, V)
    values = np.concatenate([[9.0, 6.0, 3.0], np.zeros(V - 3)])
    noise = rng.standard_normal((V, V))
    noise += noise.T
    noise *= size / np.linalg.norm(noise, 2)
    eigenvalues, turned = np.linalg.eigh((vectors * values) @ vectors.T + noise)
    one = basis_of(vectors[:, :3], [9.0, 6.0, 3.0])
    other = basis_of(turned[:, ::-1][:, :3], eigenvalues[::-1][:3].tolist())
    found = topic_stability(one, [other], **few)
    assert all(mode.stable and mode.overlaps[0] >= 0.75 for mode in found.modes)


def test_modes_that_turn_among_each_other_are_kept_as_a_group() -> None:
    vectors = orthonormal(0)
    # All entries of this rotation are 1/3 or 2/3 in size: no square reaches 1/2.
    third = np.array([[1.0, -2.0, 2.0], [2.0, -1.0, -2.0], [2.0, 2.0, 1.0]]) / 3
    turned = vectors.copy()
    turned[:, 1:] = vectors[:, 1:] @ third
    found = topic_stability(basis_of(vectors, [9, 2.1, 2.05, 2]), [basis_of(turned)], **few)
    assert [one.stable for one in found.modes] == [True, False, False, False]
    # Without one of three axes each mode keeps 1 - 4/9 or more, so two neighbours are enough.
    assert [one.kept_with for one in found.modes] == [(), (2, 3), (2, 3), (3, 4)]
    assert max(found.modes[1].overlaps) == pytest.approx(4 / 9)
    said = found.summary()
    assert "the other: mode 1. Their lists" in said
    assert said.endswith(
        "Only as a group: modes 2, 3 (2.4% from the nearest eigenvalue). "
        "Only within modes 3, 4: mode 4 (2.5% from the nearest eigenvalue)."
    )
    # Given a tolerance that makes them a cluster, they are matched as a whole.
    whole = topic_stability(
        basis_of(vectors, [9, 2.1, 2.05, 2]),
        [basis_of(turned, [9, 2.1, 2.05, 2])],
        tolerance=0.06,
        **few,
    )
    assert whole.modes[1].cluster == (2, 3, 4)
    assert all(one.stable for one in whole.modes)
    # Projected on the span that they share, the lists are the same again.
    assert whole.modes[1].ends[0].common == (5,)


@given(seeds)
def test_a_spectrum_with_equal_eigenvalues_is_stable_in_any_basis(seed: int) -> None:
    """Equal up to rounding: the residuals say that they cannot be told apart."""
    vectors = orthonormal(seed)
    values = np.array([3.0, 2.0 + 1e-12, 2.0, 1.0])
    turned = vectors.copy()
    turned[:, 1:3] = vectors[:, 1:3] @ rotation(seed, 2)
    one, other = (
        Spectrum(WORDS, values, basis, np.full(4, 1e-11), 20.0, "M*") for basis in (vectors, turned)
    )
    found = topic_stability(one, [other], **few)
    assert found.modes[1].cluster == (2, 3)
    assert all(mode.overlaps[0] == pytest.approx(1, abs=1e-12) for mode in found.modes)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_stable_in_an_unrelated_basis(seed: int) -> None:
    found = topic_stability(
        basis_of(orthonormal(seed)), [basis_of(orthonormal(seed + 9))], words=5, permutations=400
    )
    assert not any(one.stable or one.kept_with for one in found.modes)
    assert min(one.p_value for one in found.modes) > 0.01
    assert not any(one.deserves_name(end.end) for one in found.modes for end in one.ends)
    assert found.summary().startswith("No mode is found again in the other")
    assert found.summary().endswith("Not in the other, alone or with neighbours: modes 1 to 4.")


def test_every_other_must_have_the_mode() -> None:
    vectors = orthonormal(0, columns=5)
    lost = vectors[:, [0, 1, 2, 4]]
    found = topic_stability(
        basis_of(vectors[:, :4]), [basis_of(vectors[:, :4]), basis_of(lost)], **few
    )
    assert [one.stable for one in found.modes] == [True, True, True, False]
    assert found.modes[3].overlaps[0] == pytest.approx(1)
    assert found.modes[3].overlaps[1] < 1e-20
    assert "all 2 others: modes 1 to 3" in found.summary()
    assert "[0.00, 1.00]" in str(found)


def test_an_other_with_fewer_modes_leaves_some_without_a_partner() -> None:
    vectors = orthonormal(3)
    found = topic_stability(basis_of(vectors), [basis_of(vectors[:, :2])], **few)
    assert [one.partners[0] for one in found.modes] == [(1,), (2,), (), ()]
    assert found.modes[3].overlaps == (0.0,)
    assert found.modes[3].p_value == 1.0
    assert [end.common for end in found.modes[3].ends] == [(0,), (0,)]
    assert found.modes[3].ends[0].p_value == 1.0


def test_a_mode_that_comes_later_in_the_other_is_found() -> None:
    vectors = orthonormal(4)
    found = topic_stability(basis_of(vectors), [basis_of(vectors[:, ::-1])], k=2, **few)
    assert [one.partners[0] for one in found.modes] == [(4,), (3,)]
    assert all(one.stable for one in found.modes)


def test_words_need_not_be_the_same() -> None:
    vectors = orthonormal(5)
    order = np.random.default_rng(5).permutation(V)
    other = Basis(vectors[order], np.arange(4.0, 0, -1), tuple(WORDS[k] for k in order))
    fewer = Embeddings(WORDS[:50], vectors[:50] * [4, 3, 2, 1])
    found = topic_stability(basis_of(vectors), [other, fewer], **few)
    assert all(one.overlaps[0] == pytest.approx(1, abs=10 * V * EPS) for one in found.modes)
    assert all(end.common[0] == 5 for one in found.modes for end in one.ends)
    assert 0.5 < found.modes[0].overlaps[1] < 1


# --------------------------------------------------------------------- coherence


def coherence_with(p: list[float]) -> CoherenceTable:
    names = [f"{k // 2 + 1}{'+-'[k % 2]}" for k in range(len(p))]
    made = tuple(
        TopicCoherence(n, ("a", "b"), 0.1, 0.0, one) for n, one in zip(names, p, strict=True)
    )
    return CoherenceTable(made, "npmi", "co-occurrence", 1.0)


def test_a_stable_end_without_coherence_deserves_no_name() -> None:
    vectors = orthonormal(6, columns=2)
    judged = coherence_with([0.001, 0.9, 0.001, 0.001])
    found = topic_stability(basis_of(vectors), [basis_of(vectors)], coherence=judged, **few)
    assert found.modes[0].deserves_name("+")
    assert not found.modes[0].deserves_name("-")
    assert "Of these, not coherent above chance: 1-." in found.summary()
    unknown = topic_stability(basis_of(vectors), [basis_of(vectors)], **few)
    assert unknown.modes[0].deserves_name("-")
    assert "Whether their words belong together was not measured." in unknown.summary()
    assert {row["deserves_name"] for row in found.table() if row["end"] == "+"} == {"true"}


# ------------------------------------------------------------- lists of words


@given(seeds, st.integers(1, 12), st.integers(12, 80))
def test_frequency_matched_words_are_different_words_of_about_the_frequency(
    seed: int, size: int, n_words: int
) -> None:
    rng = np.random.default_rng(seed)
    ranks = rng.permutation(n_words)[:size]
    drawn = frequency_matched(ranks, n_words, permutations=50, rng=rng)
    assert drawn.shape == (50, size)
    assert drawn.min() >= 0
    assert drawn.max() < n_words
    assert all(len(set(row)) == size for row in drawn.tolist())


def test_frequency_matched_words_keep_to_their_window_where_nothing_crowds_them() -> None:
    ranks = np.array([0, 100, 1000])
    drawn = frequency_matched(ranks, 5000, permutations=2000, rng=np.random.default_rng(0))
    for column, rank in zip(drawn.T, ranks, strict=True):
        reach = max(LEAST, (rank + 1) * (NEAR - 1))
        assert column.max() <= rank + reach
        assert column.min() >= max(0, rank - reach)
        # All of the window is used.
        assert column.max() - column.min() > 0.9 * (min(rank, reach * 0.8) + reach)


def test_words_in_common_by_chance_are_what_windows_give() -> None:
    # Windows of ranks far apart do not meet, so the mean is the sum of shares of each window.
    n = 4000
    second = np.array([50, 400, 3000])
    first = np.array([45, 60, 410, 1500])
    one, other = np.zeros(n), np.zeros(n)
    one[first] = [4, 3, 2, 1]
    other[second] = [3, 2, 1]
    draws = 4000
    found = list_overlap(one, other, words=3, permutations=draws, rng=np.random.default_rng(0))
    assert found.common == 0
    drawn = frequency_matched(second, n, permutations=draws, rng=np.random.default_rng(1))
    shares = []
    for column, rank in zip(drawn.T, second, strict=True):
        low, high = column.min(), column.max() + 1
        assert low <= rank < high
        shares.append(sum(low <= k < high for k in first[:3]) / (high - low))
    # Poisson-like numbers of hits; four standard errors.
    expected = sum(shares)
    assert found.by_chance == pytest.approx(expected, abs=4 * np.sqrt(expected / draws))
    assert found.p_value == 1.0


def test_lists_that_agree_because_both_like_frequent_words_are_no_finding() -> None:
    rng = np.random.default_rng(0)
    n, repeats, level = 1000, 400, 0.05
    likes = 1 / (1 + np.arange(n) / 30)
    matched, uniform = [], []
    for _ in range(repeats):
        one, other = likes * rng.standard_normal((2, n))
        found = list_overlap(one, other, words=10, permutations=200, rng=rng)
        matched.append(found.p_value)
        uniform.append(stats.hypergeom.sf(found.common - 1, n, 10, 10))
    allowed = level + 4 * np.sqrt(level * (1 - level) / repeats)
    assert np.mean(np.array(matched) <= level) <= allowed
    # Random words of any frequency would make a finding of it.
    assert np.mean(np.array(uniform) <= level) > 2 * allowed


def test_equal_lists_are_a_finding() -> None:
    entries = np.random.default_rng(1).standard_normal(2000)
    found = list_overlap(entries, entries, words=10, permutations=999, rng=np.random.default_rng(0))
    assert (found.common, found.p_value) == (10, 1 / 1000)
    assert found.by_chance < 2


# ---------------------------------------------------------------- words, errors


@given(seeds, st.integers(2, 6))
def test_a_kept_run_holds_half_of_each_of_its_modes(seed: int, d: int) -> None:
    """Against all sets of modes of the other, one by one."""
    vectors = orthonormal(seed, columns=d)
    mixing = rotation(seed + 1, d)
    found = topic_stability(basis_of(vectors), [basis_of(vectors @ mixing)], **few)
    for one in found.modes:
        if one.stable:
            assert one.kept_with == ()
            continue
        # The whole span is the same, so that there is always a run.
        assert one.mode in one.kept_with
        rows = (mixing**2)[[mode - 1 for mode in one.kept_with]]
        assert any(
            (rows[:, list(chosen)].sum(axis=1) >= 0.5 - 1e-12).all()
            for chosen in combinations(range(d), len(one.kept_with))
        )


def test_numbers_in_runs() -> None:
    assert in_runs([3]) == "mode 3"
    assert in_runs([2, 1]) == "modes 1, 2"
    assert in_runs([1, 2, 3, 5, 7, 8, 9, 10]) == "modes 1 to 3, 5, 7 to 10"


def test_equal_seeds_give_equal_tables() -> None:
    one, other = basis_of(orthonormal(0)), basis_of(orthonormal(1))
    assert topic_stability(one, [other], seed=3, **few) == topic_stability(
        one, [other], seed=3, **few
    )
    rows = topic_stability(one, [other], **few).table()
    assert len(rows) == 8
    # Two lists of five words with c in common have 10 - c words in all.
    for row in rows:
        common = int(str(row["words_in_common"]))
        assert row["jaccard"] == common / (10 - common)


@pytest.mark.parametrize(
    ("others", "options", "message"),
    [
        ([], {}, "nothing to compare with"),
        (basis_of(orthonormal(0)), {}, "pass a list"),
        (Embeddings(WORDS, orthonormal(0)), {}, "pass a list"),
        ([Basis(orthonormal(0))], {}, "has no words"),
        ([basis_of(orthonormal(0))], {"k": 5}, "k is 5"),
        ([basis_of(orthonormal(0))], {"words": 0}, "words is 0"),
        ([basis_of(orthonormal(0))], {"frequent": 0}, "frequent is 0"),
        ([basis_of(orthonormal(0))], {"words": 61}, "lists of 61 words"),
        ([basis_of(orthonormal(0))], {"permutations": 5}, "100 resamples"),
        ([basis_of(orthonormal(0))], {"seed": -1}, "seed"),
        ([basis_of(orthonormal(0))], {"coherence": coherence_with([0.1] * 4)}, "'3\\+' has no"),
    ],
)
def test_bad_arguments(others: list[Basis], options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        topic_stability(basis_of(orthonormal(0)), others, **{**few, **options})  # type: ignore[arg-type]


# ------------------------------------------------------------ halves of a corpus


def documents_of(corpus: rs.Corpus) -> list[tuple[int, ...]]:
    return [
        tuple(corpus.tokens[begin:end].tolist()) for begin, end in pairwise(corpus.offsets.tolist())
    ]


@given(corpora(), windows(6), seeds, st.integers(1, 9))
def test_counts_of_halves_add_up_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory,
    corpus: rs.Corpus,
    window: rs.Window,
    seed: int,
    piece: int,
) -> None:
    assume(corpus.n_documents >= 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(corpus_halves, "_CHUNK", piece)
        halves = split_corpus(corpus, tmp_path_factory.mktemp("halves"), seed=seed)
    found = [text for half in halves for text in documents_of(half)]
    assert sorted(found) == sorted(documents_of(corpus))
    sizes = [half.n_documents for half in halves]
    assert sizes[0] - sizes[1] in (0, 1)
    assert sum(half.n_words_read for half in halves) == corpus.n_words_read
    whole = rs.count(corpus, window)
    parts = [rs.count(half, window) for half in halves]
    added = parts[0].matrix() + parts[1].matrix()
    np.testing.assert_array_equal(added.toarray(), whole.matrix().toarray())
    assert np.array_equal(sum(part.word_counts for part in parts), whole.word_counts)
    assume(halves[0].digest != halves[1].digest)
    assert by_words(merge(parts)) == by_words(whole)


def test_halves_are_corpora_like_any_other(tmp_path: Path) -> None:
    texts = TopicMixture(topics=4, others=30).documents(3000, seed=0, length=20)
    corpus = rs.encode(texts, vocabulary_size=None)
    first, second = split_corpus(corpus, tmp_path, seed=1)
    again = rs.Corpus.open(tmp_path / "first")
    assert again.digest == first.digest
    assert again.words == corpus.words
    assert np.array_equal(again.tokens, first.tokens)
    # In the order of the text, and not the first and the last half of it.
    places = {text: k for k, text in enumerate(documents_of(corpus))}
    order = [places[text] for text in documents_of(first)]
    assert order == sorted(order)
    assert order != list(range(len(order)))
    assert split_corpus(corpus, tmp_path / "b", seed=1)[1].digest == second.digest
    assert split_corpus(corpus, tmp_path / "b", seed=2)[1].digest != second.digest


@pytest.mark.parametrize(
    ("texts", "seed", "message"),
    [(["a b"], 0, "1 document cannot be halved"), (["a b", "c"], -1, "seed is -1")],
)
def test_what_cannot_be_halved(tmp_path: Path, texts: list[str], seed: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split_corpus(rs.encode(texts, vocabulary_size=None), tmp_path, seed=seed)


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match=r"letter\.txt"):
        split_corpus(rs.encode(["a b", "c d"], vocabulary_size=None), tmp_path)
    assert (tmp_path / "first" / "letter.txt").read_text() == "mine"


def test_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (DOCS / "topics.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    world = TopicMixture(topics=6, concepts=1, others=2500, concentration=0.05)
    (tmp_path / "articles.txt").write_text("\n".join(world.documents(150_000, seed=0)))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "topics.md", "exec"), names)
    found = names["stability"]
    assert "Stable enough to deserve a name" in found.summary()  # type: ignore[attr-defined]

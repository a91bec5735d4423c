"""Coherence of topics, against gensim, against counting by hand, and where gensim is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import strategies  # noqa: F401  the profile of hypothesis
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel
from hypothesis import given
from hypothesis import strategies as st

import repsearch as rs
from probes.topics.coherence import coherence, coherence_of, in_counts, in_documents, in_windows
from probes.topics.topics import topics
from repsearch.embeddings import UnknownWordError

OURS = {"c_npmi": "npmi", "c_v": "c_v", "u_mass": "u_mass"}
LETTERS = "abcdefghijklmnop"
documents = st.lists(
    st.lists(st.sampled_from(LETTERS[:5]), min_size=1, max_size=14), min_size=1, max_size=6
)
Make = Callable[[Sequence[Sequence[str]]], rs.Corpus]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    folder = tmp_path_factory.mktemp("text")

    def made(texts: Sequence[Sequence[str]]) -> rs.Corpus:
        path: Path = folder / "text.txt"
        path.write_text("\n".join(" ".join(text) for text in texts))
        return rs.encode(path, vocabulary_size=None)

    return made


def by_hand(texts: Sequence[Sequence[str]], words: Sequence[str], size: int | None) -> np.ndarray:
    """P_ij from sets of words, window by window."""
    windows = [
        set(text[begin : begin + size]) if size else set(text)
        for text in texts
        for begin in (range(max(1, len(text) - size + 1)) if size else (0,))
    ]
    return np.array(
        [[np.mean([a in one and b in one for one in windows]) for b in words] for a in words]
    )


@given(texts=documents, size=st.one_of(st.none(), st.integers(1, 16)))
def test_windows_are_counted_as_by_hand(
    make: Make, texts: list[list[str]], size: int | None
) -> None:
    corpus = make(texts)
    seen = in_windows(corpus, corpus.words, size)
    np.testing.assert_allclose(seen.joint, by_hand(texts, corpus.words, size), rtol=1e-15)
    assert np.array_equal(seen.single, seen.joint.diagonal())


def without_repeats(seed: int, length: int) -> list[list[str]]:
    """Documents in which no word comes back within a window."""
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(12):
        topic = rng.permutation(8) + 8 * rng.integers(2)
        texts.append([LETTERS[k] for k in topic[:length]])
    return texts


@pytest.mark.parametrize(("measure", "size"), [("c_npmi", 4), ("c_v", 5), ("u_mass", None)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_values_are_those_of_gensim(make: Make, measure: str, size: int | None, seed: int) -> None:
    texts = without_repeats(seed, 8)
    lists = [["a", "b", "c"], ["i", "j", "k", "l"], ["a", "i", "b", "j"]]
    dictionary = Dictionary(texts)
    given_ = {"corpus": [dictionary.doc2bow(text) for text in texts]} if size is None else {}
    model = CoherenceModel(
        topics=lists,
        texts=texts,
        dictionary=dictionary,
        coherence=measure,
        window_size=size,
        processes=1,
        **given_,
    )
    theirs = model.get_coherence_per_topic()
    ours = coherence(lists, make(texts), measure=OURS[measure], window=size)  # type: ignore[arg-type]
    np.testing.assert_allclose([topic.value for topic in ours.topics], theirs, rtol=1e-9)


def test_gensim_forgets_a_word_that_comes_back_within_the_window(make: Make) -> None:
    # The window (a, b, a) loses its first a and still holds the other; gensim drops both.
    texts = [["a", "b", "a", "c", "d", "c", "d", "e"]]
    dictionary = Dictionary(texts)
    model = CoherenceModel(
        topics=[["a", "b"]],
        texts=texts,
        dictionary=dictionary,
        coherence="c_npmi",
        window_size=3,
        processes=1,
    )
    (theirs,) = model.get_coherence_per_topic()
    ours = coherence([["a", "b"]], make(texts), window=3).topics[0].value
    joint = by_hand(texts, "ab", 3)
    right = np.log(joint[0, 1] / (joint[0, 0] * joint[1, 1])) / -np.log(joint[0, 1])
    assert ours == pytest.approx(right, rel=1e-9)
    assert abs(theirs - right) > 0.01


@given(texts=documents)
def test_bounds_and_limits(make: Make, texts: list[list[str]]) -> None:
    corpus = make(texts)
    seen = in_windows(corpus, corpus.words, 3)
    for pair in combinations(corpus.words, 2):
        for measure in ("npmi", "c_v", "u_mass"):
            value = coherence_of(pair, seen, measure)  # type: ignore[arg-type]
            assert np.isfinite(value)
            assert -28 < value <= (1e-9 if measure == "u_mass" else 1 + 1e-9)


def test_words_that_only_occur_together_have_coherence_1(make: Make) -> None:
    texts = [["a", "b"], ["c", "d"], ["a", "b"], ["c"]]
    seen = in_documents(make(texts), "abcd")
    assert coherence_of(["a", "b"], seen, "npmi") == pytest.approx(1)
    assert coherence_of(["a", "b"], seen, "c_v") == pytest.approx(1)
    assert coherence_of(["a", "b"], seen, "u_mass") == pytest.approx(0, abs=1e-11)
    assert coherence_of(["a", "c"], seen, "npmi") < -0.9
    # In every document: P = 1, and the quotient 0 / 0 has a limit.
    always = in_documents(make([["a", "b"], ["b", "a"]]), "ab")
    assert coherence_of(["a", "b"], always, "npmi") == pytest.approx(1)


def test_random_topics_are_at_the_null_and_real_ones_are_not(make: Make) -> None:
    rng = np.random.default_rng(0)
    groups = [list(LETTERS[k : k + 4]) for k in (0, 4, 8, 12)]
    corpus = make([rng.permutation(groups[k % 4]).tolist() for k in range(40)])
    real = coherence([list("abcd"), list("ijkl"), list("efgh"), list("mnop")], corpus, window=4)
    assert all(topic.p < 0.05 for topic in real.topics)
    assert real.diversity == 1
    drawn = rng.permutation(list(LETTERS)).reshape(4, 4).tolist()
    chance = coherence(drawn, corpus, window=4)
    assert np.median([topic.p for topic in chance.topics]) > 0.1
    again = coherence(drawn, corpus, window=4)
    assert again == chance
    assert "100% of the words of these topics are different." in real.summary()


def test_counts_serve_as_well_and_topics_of_modes_are_taken(make: Make) -> None:
    texts = [text for seed in range(6) for text in without_repeats(seed, 8)]
    corpus = make(texts)
    counts = rs.count(corpus, rs.Window(3))
    seen = in_counts(counts, reversed(counts.words))
    order = [counts.words.index(word) for word in seen.words]
    whole = counts.matrix().toarray()[np.ix_(order, order)] / counts.total
    np.testing.assert_allclose(seen.joint, whole, rtol=1e-15)
    np.testing.assert_allclose(seen.single, counts.marginals[order], rtol=1e-15)
    spectrum = rs.eigenpairs(rs.mstar(counts), 3)
    table = topics(spectrum, modes=[1], words_per_end=3)
    found = coherence(table, counts)
    assert [topic.name for topic in found.topics] == ["1+", "1-"]
    assert found.table()[0]["words"] == " ".join(table.topics[0].words)


@pytest.mark.parametrize(
    ("lists", "options", "message"),
    [
        ([], {}, "no topics"),
        ([["a"]], {}, "two or more different words"),
        ([["a", "a"]], {}, "two or more different words"),
        (["ab"], {}, "pass lists"),
        ([["a", "b"]], {"measure": "c_uci"}, "measure is 'c_uci'"),
        ([["a", "b"]], {"window": 0}, "size is 0"),
        ([["a", "b"]], {"measure": "u_mass", "window": 3}, "drop the window"),
        ([["a", "b"]], {"seed": -1}, "seed"),
    ],
)
def test_bad_arguments(make: Make, lists: list[list[str]], options: dict, message: str) -> None:
    with pytest.raises(rs.InputError, match=message):
        coherence(lists, make([["a", "b"], ["b", "a"]]), **options)


def test_unknown_words_and_words_that_never_occur_are_named(make: Make) -> None:
    corpus = make([["a", "b"]])
    with pytest.raises(UnknownWordError, match="zebra"):
        coherence([["a", "zebra"]], corpus)
    with pytest.raises(rs.InputError, match="drop the window"):
        coherence([["a", "b"]], rs.count(corpus, rs.Window(1)), window=3)

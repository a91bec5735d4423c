"""Labels of topics: their own words, no two alike, a warning where they mean nothing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st

import repsearch as rs
from probes.topics import LabelTable, topic_labels
from probes.topics.coherence import CoherenceTable, TopicCoherence, above_chance, coherence
from probes.topics.shared_stem import beginning, share_stem
from probes.topics.squared_cosines import leading_rows, squared_cosines
from probes.topics.topics import topics
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic import TopicMixture

seeds = st.integers(0, 10**6)


def random_embeddings(seed: int, n: int = 40, d: int = 5) -> Embeddings:
    vectors = np.random.default_rng(seed).standard_normal((n, d))
    return Embeddings(tuple(f"{chr(97 + k // 26)}{chr(97 + k % 26)}q" for k in range(n)), vectors)


def words_of(table: LabelTable) -> dict[str, tuple[str, ...]]:
    return {label.name: label.words for label in table.labels}


# ------------------------------------------------------------- forms of a word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("city", "cities"),
        ("war", "wars"),
        ("religion", "religious"),
        ("transport", "transportation"),
        ("estimate", "estimated"),
        ("estimates", "estimating"),
        ("price", "prices"),
        ("germany", "german"),
        ("direct", "director"),
        ("box", "boxes"),
    ],
)
def test_forms_of_one_word(one: str, other: str) -> None:
    assert share_stem(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("international", "internet"),
        ("car", "cart"),
        ("for", "ford"),
        ("man", "many"),
        ("car", "care"),
        ("he", "her"),
        ("contract", "control"),
        ("s", "es"),
        ("molecule", "molecular"),
    ],
)
def test_different_words(one: str, other: str) -> None:
    # The last pair is one to a reader; endings alone do not say so.
    assert not share_stem(one, other)


@given(st.text("abesy", max_size=8), st.text("abesy", max_size=8))
def test_being_alike_is_mutual(one: str, other: str) -> None:
    assert share_stem(one, one)
    assert share_stem(one, other) == share_stem(other, one)


@given(
    st.text("abesy", max_size=4),
    st.sampled_from(["", "s", "es", "y", "ies", "ed", "ing", "ation", "a"]),
    st.sampled_from(["", "s", "es", "y", "ies", "ed", "ing", "ation", "e"]),
)
def test_words_of_one_stem_begin_alike(stem: str, one: str, other: str) -> None:
    # Words of other beginnings are not compared.
    if share_stem(stem + one, stem + other):
        assert beginning(stem + one) == beginning(stem + other)
    assert beginning(stem) == stem[:3]


# --------------------------------------------------------- what a label is made of


@given(seeds)
def test_shares_are_squared_cosines(seed: int) -> None:
    vectors = random_embeddings(seed)
    entries = leading_rows(vectors, 30)
    np.testing.assert_array_equal(entries, vectors.vectors[:30])
    lengths = np.linalg.norm(entries, axis=1, keepdims=True)
    np.testing.assert_allclose(squared_cosines(entries), (entries / lengths) ** 2, rtol=1e-13)
    assert not squared_cosines(np.zeros((2, 3))).any()


def test_a_spectrum_gives_the_entries_of_its_embeddings() -> None:
    found = TopicMixture(topics=4, others=30).spectrum()
    np.testing.assert_allclose(
        leading_rows(found, 20)[:, :3],
        found.embeddings(3).vectors[:20],
        rtol=4 * np.finfo(float).eps,
    )


def test_a_word_extreme_in_every_mode_names_none() -> None:
    # "the" has the largest entry of mode 1, and of 2 and 3; it is particular to none of them.
    vectors = np.array(
        [[1.2, 1.2, 1.2], [1.0, 0.1, 0.0], [0.9, 0.0, 0.1], [0.0, 1.0, 0.1], [0.1, 0.0, 1.0]]
    )
    source = Embeddings(("the", "iron", "gold", "love", "king"), vectors)
    assert topics(source, words_per_end=1, modes=[1]).topics[0].words == ("the",)
    found = words_of(topic_labels(source, words=2))
    assert found["1+"] == ("iron", "gold")
    assert found["2+"][0] == "love"
    assert found["3+"][0] == "king"


def test_the_score_is_the_entry_times_the_cosine() -> None:
    # Entry times cosine: 1.0 * 1.0, 1.3 * 1.3/1.58 = 1.07, 0.9 * 1.
    vectors = np.array([[1.0, 0.0], [1.3, 0.9], [0.9, 0.0], [0.0, 2.0]])
    found = topic_labels(Embeddings(("one", "two", "six", "far"), vectors), modes=[1])
    assert found["1+"].words == ("two", "one", "six")
    assert found["1+"].shares == pytest.approx((1.69 / 2.5, 1.0, 1.0))
    assert found["1-"].words == ()
    assert str(found["1-"]) == "(no word of its own)"


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_no_word_and_no_form_of_it_comes_twice(seed: int, d: int, words: int) -> None:
    rng = np.random.default_rng(seed)
    stems = ["king", "war", "city", "music", "paint"]
    names = tuple(stem + end for stem in stems for end in ("", "s", "ed", "er", "ing"))
    table = topic_labels(Embeddings(names, rng.standard_normal((len(names), d))), words=words)
    used = [word for label in table.labels for word in label.words]
    # Of the stems four make one word each; "war" has three letters, and -ed, -er, -ing are
    # endings of longer ones.
    assert all(not share_stem(a, b) for a, b in combinations(used, 2))
    assert len(used) == len(set(used))
    assert all(len(label.words) <= words for label in table.labels)


@given(seeds, st.integers(1, 5))
def test_every_word_is_at_the_end_that_its_entry_says(seed: int, d: int) -> None:
    source = random_embeddings(seed, d=d)
    place = {word: row for row, word in enumerate(source.words)}
    for label in topic_labels(source).labels:
        column = source.vectors[:, label.mode - 1]
        for word in label.words:
            assert (column[place[word]] > 0) == (label.end == "+")


@given(seeds, st.integers(2, 5))
def test_signs_swap_ends_and_scale_changes_nothing(seed: int, d: int) -> None:
    source = random_embeddings(seed, d=d)
    signs = np.random.default_rng(seed + 1).choice([-1.0, 1.0], d)
    turned = Embeddings(source.words, 3 * source.vectors * signs)
    swap = {"+": "-", "-": "+"}
    before, after = words_of(topic_labels(source)), words_of(topic_labels(turned))
    for name, words in before.items():
        mode, end = int(name[:-1]), name[-1]
        assert after[f"{mode}{end if signs[mode - 1] > 0 else swap[end]}"] == words


def test_own_words_come_first_and_only_then_those_of_other_modes() -> None:
    # Both words lie most on mode 2, so mode 1 has the one that mode 2 leaves.
    vectors = np.array([[0.9, 1.0], [0.8, 1.1], [0.0, -1.0]])
    source = Embeddings(("sun", "moon", "sea"), vectors)
    found = words_of(topic_labels(source, words=1))
    assert found == {"1+": ("sun",), "1-": (), "2+": ("moon",), "2-": ("sea",)}


def test_only_frequent_words_serve() -> None:
    source = random_embeddings(0)
    used = {word for label in topic_labels(source, frequent=12).labels for word in label.words}
    assert used <= set(source.words[:12])


# -------------------------------------------------------------- planted and random


@pytest.mark.parametrize("seed", range(6))
def test_planted_topics_are_labelled_with_their_own_words(seed: int) -> None:
    world = TopicMixture(
        topics=2, concepts=1, others=200, strength=0.8, concentration=0.1, seed=seed
    )
    weights = dict(zip(world.words, world.topic_weights, strict=True))
    found = topic_labels(world.spectrum(), modes=[1])
    owners = []
    for label in found.labels:
        assert len(label.words) == 3
        topic = int(np.argmax(weights[label.words[0]]))
        # More of the topic than most words: a word drawn at random has so much
        # in fewer than half of all cases, whichever topic is its own.
        assert min(weights[word][topic] for word in label.words) >= np.quantile(
            world.topic_weights[:, topic], 0.75
        )
        owners.append(topic)
    assert sorted(owners) == [0, 1]


@pytest.fixture(scope="module")
def mixture() -> tuple[Spectrum, rs.Counts]:
    world = TopicMixture(topics=6, concepts=1, others=300, strength=0.8, concentration=0.05)
    corpus = rs.encode(world.documents(60_000, seed=0), vocabulary_size=None)
    counts = rs.count(corpus)
    return rs.eigenpairs(rs.mstar(counts), 8, method="dense", dtype="float64"), counts


def test_labels_of_planted_topics_are_reliable(mixture: tuple[Spectrum, rs.Counts]) -> None:
    spectrum, counts = mixture
    table = topics(spectrum, modes=range(1, 6))
    measured = coherence(table, counts, permutations=400)
    found = topic_labels(spectrum, modes=range(1, 6), coherence=measured)
    # Six topics make five modes, and these have two ends each.
    assert sum(label.reliable for label in found.labels) >= 8


@pytest.mark.parametrize("seed", range(3))
def test_labels_of_random_directions_are_flagged(
    mixture: tuple[Spectrum, rs.Counts], seed: int
) -> None:
    spectrum, counts = mixture
    vectors = np.random.default_rng(seed).standard_normal((len(spectrum.words), 5))
    source = Embeddings(spectrum.words, vectors)
    measured = coherence(topics(source), counts, permutations=400, seed=seed)
    found = topic_labels(source, coherence=measured)
    assert all(label.words for label in found.labels)
    # Of ten true nulls one or more is called coherent with a chance of 5 %.
    assert sum(label.reliable for label in found.labels) <= 1
    assert "unreliable: no more coherent than chance" in str(found)


def test_without_coherence_nothing_is_said_of_it() -> None:
    found = topic_labels(random_embeddings(0))
    assert {label.coherent for label in found.labels} == {None}
    assert not any(label.reliable for label in found.labels)
    assert "unreliable" not in str(found)


def table_of(p_values: list[float]) -> CoherenceTable:
    made = tuple(
        TopicCoherence(f"{k // 2 + 1}{'+-'[k % 2]}", ("a", "b"), 0.0, 0.0, p)
        for k, p in enumerate(p_values)
    )
    return CoherenceTable(made, "npmi", "co-occurrence", 1.0)


def test_many_topics_are_tested_at_once() -> None:
    # By hand: sorted p_k against k/4 * 0.05; the largest k that passes takes those below along.
    assert list(above_chance(table_of([0.01, 0.03, 0.036, 0.9])).values()) == [
        True,
        True,
        True,
        False,
    ]
    assert not any(above_chance(table_of([0.02, 0.03, 0.04, 0.9])).values())
    assert list(above_chance(table_of([0.04]), level=0.05).values()) == [True]


# ---------------------------------------------------------------- tables, errors


def test_table_and_text() -> None:
    source = random_embeddings(1, d=2)
    found = topic_labels(source, coherence=table_of([0.001, 0.9, 0.001, 0.9]), words=2)
    rows = found.table()
    assert [(row["mode"], row["end"]) for row in rows] == [(1, "+"), (1, "-"), (2, "+"), (2, "-")]
    assert [row["coherent"] for row in rows] == ["true", "false", "true", "false"]
    assert rows[0]["label"] == " ".join(found["1+"].words)
    assert all(len(line) <= 60 for line in found.text(60).splitlines())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"words": 0}, "1 to 5 words; got 0"),
        ({"words": 6}, "got 6"),
        ({"words": True}, "got True"),
        ({"modes": [6]}, "no mode 6"),
        ({"frequent": 0}, "frequent"),
        ({"coherence": table_of([0.1, 0.2])}, "topic '2\\+' has no coherence"),
        ({"coherence": table_of([0.1] * 10), "level": 1.5}, "level"),
    ],
)
def test_bad_arguments(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        topic_labels(random_embeddings(0), **options)  # type: ignore[arg-type]


def test_a_topic_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"'9\+'; those labelled are 1\+, 1-"):
        topic_labels(random_embeddings(0))["9+"]

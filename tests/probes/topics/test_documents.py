"""Topics of documents: the definition by brute force, mixtures that are known, the null."""

from __future__ import annotations

import json
from functools import cache
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import binomtest, false_discovery_control

import repsearch as rs
from probes.topics import search_topics, topic_study, topics
from probes.topics.documents import (
    Documents,
    document_topics,
    representatives,
    topics_by_value,
)
from probes.topics.documents.entries import ComparedEntries, frequency_blocks
from probes.topics.documents.weights import weigh
from probes.topics.squared_cosines import leading_rows
from repsearch import Embeddings, encode
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.synthetic import TopicMixture
from repsearch.text.files import TextFiles

WORDS = ("ice", "cold", "snow", "frost", "wave", "tide", "salt", "fish")


def two_topics() -> Embeddings:
    return Embeddings(WORDS, np.repeat([[1.0], [-1.0]], 4, axis=0))


@cache
def world() -> TopicMixture:
    """Five topics, few words of more than one of them."""
    return TopicMixture(
        topics=5, concepts=2, pairs=6, others=276, strength=0.5, concentration=0.15, seed=3
    )


@cache
def modes() -> rs.Spectrum:
    """Modes of the world itself, which no text has gone into."""
    return world().spectrum().leading(4)


def drawn(shares: np.ndarray, *, words: int, number: int, seed: int) -> csr_array:
    """Counts of documents whose words are drawn one by one."""
    return csr_array(np.random.default_rng(seed).multinomial(words, shares, size=number) * 1.0)


def held() -> ComparedEntries:
    return ComparedEntries.of(leading_rows(modes(), 300), world().marginals)


# ---------------------------------------------------------------- the definition


@st.composite
def small(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies of two blocks and a word alone, entries of two modes, three documents."""
    ints = st.integers(-5, 5)
    entries = np.array(draw(st.lists(st.tuples(ints, ints), min_size=7, max_size=7)), dtype=float)
    number = st.integers(0, 6)
    counts = np.array(
        draw(st.lists(st.lists(number, min_size=7, max_size=7), min_size=3, max_size=3)),
        dtype=float,
    )
    return np.array([40, 9, 8.5, 8, 4, 3.9, 3.8]), entries, counts


@given(small())
def test_weight_noise_and_p_are_those_of_all_exchanges(
    given_all: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    frequencies, rows, counts = given_all
    blocks = [[0], [1, 2, 3], [4, 5, 6]]
    found = frequency_blocks(frequencies / frequencies.sum())
    assert [np.flatnonzero(found == b).tolist() for b in range(3)] == blocks
    compared = ComparedEntries.of(rows, frequencies)
    weights = weigh(csr_array(counts), compared, permutations=99, seed=1)
    share = frequencies / frequencies.sum()
    for d, document in enumerate(counts):
        n = document.sum()
        for k in range(2):
            column = [
                rows[i, k] - np.mean([rows[j, k] for j in block]) for block in blocks for i in block
            ]
            mean = sum(p * r for p, r in zip(share, column, strict=True))
            square = sum(p * r * r for p, r in zip(share, column, strict=True))
            spread = np.sqrt(max(square - mean**2, 0))
            if n == 0:
                assert np.isnan(weights.weight[d, k])
                assert weights.p[d, k] == 1
                continue
            if spread < 1e-9:
                assert weights.weight[d, k] == pytest.approx(0, abs=1e-6)
                continue
            excess = [c / n - p for c, p in zip(document, share, strict=True)]
            weight = sum(e * r for e, r in zip(excess, column, strict=True)) / spread
            assert weights.weight[d, k] == pytest.approx(weight, abs=1e-9)
            every = [
                sum(excess[i] * column[j] for i, j in zip(range(7), (0, *one, *other), strict=True))
                / spread
                for one, other in product(permutations([1, 2, 3]), permutations([4, 5, 6]))
            ]
            assert np.mean(every) == pytest.approx(0, abs=1e-9)
            assert weights.noise[d, k] == pytest.approx(np.std(every), abs=1e-9)


def test_p_is_the_share_of_exchanges_with_a_mode_that_stands_out_as_far() -> None:
    rng = np.random.default_rng(0)
    frequencies = np.array([40, 9, 8.5, 8, 4, 3.9, 3.8])
    rows, counts = rng.normal(size=(7, 2)), rng.poisson(3.0, size=(4, 7)) * 1.0
    compared = ComparedEntries.of(rows, frequencies)
    many = weigh(csr_array(counts), compared, permutations=20_000, seed=0)
    entries, share = compared.entries, frequencies / frequencies.sum()
    for d, document in enumerate(counts):
        excess = document - document.sum() * share
        every = np.array(
            [
                excess @ entries[[0, *one, *other]]
                for one, other in product(permutations([1, 2, 3]), permutations([4, 5, 6]))
            ]
        )
        z = np.abs(every) / every.std(axis=0)
        for k in range(2):
            exact = np.mean(z.max(axis=1) >= z[0, k] - 1e-9)
            assert many.p[d, k] == pytest.approx(exact, abs=0.015)


def test_the_most_frequent_word_and_repetition_of_the_text_itself_add_nothing() -> None:
    compared = ComparedEntries.of(np.arange(7.0)[:, None], np.array([40, 9, 8.5, 8, 4, 3.9, 3.8]))
    assert compared.entries[0, 0] == 0
    assert compared.entries[1:4].sum() == pytest.approx(0)


@given(st.integers(8, 40), st.integers(0, 1000))
def test_exchanges_stay_within_blocks(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    compared = ComparedEntries.of(rng.normal(size=(size, 1)), rng.uniform(1, 8, size=size))
    found = compared.exchanged(rng)
    assert sorted(found.tolist()) == list(range(size))
    assert (compared.blocks[found] == compared.blocks).all()


# ---------------------------------------------------------------- mixtures that are known


def expected() -> np.ndarray:
    """(T, K) weights of a document of one topic alone, from the world's own probabilities."""
    compared = held()
    excess = world().word_given_topic - world().marginals
    return excess @ compared.entries / compared.spread


@pytest.mark.parametrize("words", [40, 400])
def test_documents_of_a_topic_have_its_weights_whatever_their_length(words: int) -> None:
    for topic, shares in enumerate(world().word_given_topic):
        counts = drawn(shares, words=words, number=200, seed=topic)
        weights = weigh(counts, held(), permutations=19, seed=0).weight
        error = weights.std(axis=0, ddof=1) / np.sqrt(200)
        assert (np.abs(weights.mean(axis=0) - expected()[topic]) < 4.5 * error).all()


def test_mixed_documents_have_the_mean_of_the_weights() -> None:
    mixed = np.array([0.5, 0.3, 0.0, 0.0, 0.2])
    counts = drawn(mixed @ world().word_given_topic, words=300, number=300, seed=0)
    weights = weigh(counts, held(), permutations=19, seed=0).weight
    error = weights.std(axis=0, ddof=1) / np.sqrt(300)
    assert (np.abs(weights.mean(axis=0) - mixed @ expected()) < 4.5 * error).all()


def test_a_document_is_told_by_its_weights_which_topic_it_is_of() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(5, size=300)
    counts = csr_array(np.stack([rng.multinomial(150, world().word_given_topic[t]) for t in truth]))
    weights = weigh(csr_array(counts * 1.0), held(), permutations=19, seed=0)
    apart = np.linalg.norm(weights.weight[:, None] - expected()[None], axis=2)
    assert np.mean(apart.argmin(axis=1) == truth) > 0.97


def test_modes_learned_from_a_text_find_the_topics_of_another_text() -> None:
    """From raw text to topics: four fifths and more of new documents are told right."""
    learned = rs.eigenpairs(
        rs.mstar(rs.count(encode(world().documents(200_000, seed=1), vocabulary_size=None))), 4
    )
    rng = np.random.default_rng(2)
    truth = rng.integers(5, size=200)
    texts = [
        " ".join(rng.choice(world().words, size=120, p=world().word_given_topic[t])) for t in truth
    ]
    found = document_topics(learned, Documents.of_texts(texts), seed=0)
    assert np.mean(found.own >= 0) > 0.9
    # Of each end the documents are of one topic, as far as they can be: it is a topic's own.
    right = 0
    for place in range(len(found.topics)):
        mine = truth[found.own == place]
        right += np.bincount(mine).max() if len(mine) else 0
    assert right / np.count_nonzero(found.own >= 0) > 0.8


# ---------------------------------------------------------------- the null


@pytest.mark.parametrize("kind", ["single words", "bursts", "rare words"])
def test_documents_without_a_topic_say_so(kind: str) -> None:
    """The stated rate, over documents whose words have nothing to do with the modes."""
    compared = held()
    rng = np.random.default_rng(5)
    shares = world().marginals / world().marginals.sum()
    if kind == "rare words":
        shares = shares * (np.arange(300) > 200)
        shares /= shares.sum()
    below = called = 0
    for seed in range(40):
        # Of one draw of exchanges the documents are not independent: many draws, few documents.
        if kind == "bursts":
            counts = np.zeros((15, 300))
            for row in counts:
                row[rng.choice(300, size=12, replace=False, p=shares)] = rng.geometric(0.1, size=12)
        else:
            counts = rng.multinomial(100, shares, size=15) * 1.0
        # The words of a document without a topic are exchanged among those of their frequency.
        counts = np.stack([row[compared.exchanged(rng)] for row in counts])
        found = weigh(csr_array(counts), compared, permutations=99, seed=seed)
        best = found.p.min(axis=1)
        below += np.count_nonzero(best <= 0.05)
        called += bool(np.any(false_discovery_control(best) <= 0.05))
    assert binomtest(below, 600, 0.05).pvalue > 1e-3, below / 600
    # No topic at all in 95 of 100 such collections.
    assert binomtest(called, 40, 0.05, alternative="greater").pvalue > 1e-3, called


def test_without_the_burst_null_repetition_would_be_a_topic() -> None:
    """The adversary of the null: one word, often repeated, weighs much and is no topic."""
    units = held().entries[:, 0] / held().spread[0]
    row = int(np.argmin(np.abs(units - 1.5)))
    counts = np.zeros((1, 300))
    counts[0, row] = 60
    weights = weigh(csr_array(counts), held(), permutations=199, seed=0)
    assert weights.weight[0, 0] == pytest.approx(1.5, abs=0.1)
    # Sixty words drawn one by one would stand out by 1.5 √60, more than eleven deviations.
    assert weights.z[0, 0] < 2.5
    assert weights.p.min() > 0.05


def test_words_drawn_one_by_one_have_no_topic_either() -> None:
    """The null of shuffled documents, which exchanges of words do not assume."""
    shares = world().marginals / world().marginals.sum()
    below = 0
    for seed in range(40):
        counts = drawn(shares, words=100, number=15, seed=1000 + seed)
        found = weigh(counts, held(), permutations=99, seed=seed)
        below += np.count_nonzero(found.p.min(axis=1) <= 0.05)
    assert binomtest(below, 600, 0.05).pvalue > 1e-3, below / 600


def test_modes_have_learned_the_chance_of_their_own_text_and_not_of_another() -> None:
    """Of shuffled words: the stated rate holds for new documents only, and the summary says so."""
    rng = np.random.default_rng(0)
    shares = 1 / np.arange(1, 401)
    words = np.array([f"w{a}{b}" for a in "abcdefghijklmnopqrst" for b in "abcdefghijklmnopqrst"])

    def texts() -> list[str]:
        return [" ".join(rng.choice(words, 200, p=shares / shares.sum())) for _ in range(200)]

    own, new = texts(), texts()
    counts = rs.count(encode(own, vocabulary_size=None))
    learned = rs.eigenpairs(rs.mstar(counts), 10)
    below = []
    for documents in (own, new):
        found = document_topics(
            learned, Documents.of_texts(documents), against=counts, permutations=99
        )
        below.append(np.count_nonzero(found.weights.p.min(axis=1) <= 0.05))
        assert "the rate holds for others" in found.summary()
    assert below[0] > 40
    assert binomtest(int(below[1]), 200, 0.05).pvalue > 1e-3


def test_with_few_draws_for_many_documents_it_is_said_that_none_could_be_told() -> None:
    texts = ["ice fish wave salt tide snow"] * 50
    found = document_topics(two_topics(), Documents.of_texts(texts), permutations=19)
    assert found.fewest == 50
    assert "so of so many documents 50 or more have to stand out" in found.summary()


def test_a_topic_is_found_with_power_and_more_so_in_longer_documents() -> None:
    shares = world().word_given_topic[0]
    found = []
    for words in (5, 40, 300):
        weights = weigh(drawn(shares, words=words, number=100, seed=1), held(), permutations=99,
                        seed=0)  # fmt: skip
        found.append(np.mean(weights.p.min(axis=1) <= 0.05))
    assert found[0] < found[1] <= found[2]
    assert found[2] == 1


# ---------------------------------------------------------------- documents


def test_texts_and_a_corpus_of_them_have_the_same_counts() -> None:
    texts = ["the cat sat on the mat", "a dog, the dog!", "mat"]
    corpus = encode(texts, vocabulary_size=None)
    one, other = Documents.of_texts(texts), Documents.of_corpus(corpus)
    assert (one.over(corpus.words) != other.over(corpus.words)).nnz == 0
    assert one.lengths.tolist() == other.lengths.tolist() == [6, 4, 1]
    assert one.names == other.names == ("1", "2", "3")
    assert other.openings[0] == "the cat sat on the mat"


def test_words_that_keep_their_place_are_no_words_of_documents() -> None:
    corpus = encode(["a b c a", "c c"], vocabulary_size=1, out_of_vocabulary="keep-place")
    assert corpus.words == ("c",)
    assert Documents.of_corpus(corpus).counts.toarray().tolist() == [[1], [2]]


def test_documents_without_words_keep_their_place() -> None:
    found = document_topics(
        two_topics(), Documents.of_texts(["", "ice snow", "123", "unknown", "fish"])
    )
    assert found.known.tolist() == [0, 2, 0, 0, 1]
    assert next(row["weight"] for row in found.table()) is None
    assert "3 documents have no known word" in found.summary()


def test_openings_are_one_harmless_line_of_few_letters() -> None:
    found = Documents.of_texts(["one\ntwo\tthree   " + 50 * "four ", "x" * 500])
    assert found.openings[0].startswith("one two three four four")
    assert all(len(one) <= 60 for one in found.openings)


def test_files_are_read_by_line_by_file_and_by_field(tmp_path: Path) -> None:
    for name, text in (("a", "ice snow\nfish"), ("b", "cold")):
        (tmp_path / f"{name}.txt").write_text(text)
    lines = Documents.read(TextFiles((tmp_path,)))
    assert lines.names == ("a.txt:1", "a.txt:2", "b.txt")
    files = Documents.read(TextFiles((tmp_path,), document="file"))
    assert files.names == ("a.txt", "b.txt")
    assert files.lengths.tolist() == [3, 1]
    records = tmp_path / "c.jsonl"
    records.write_text(
        '{"t": "ice", "year": 1999}\n{"t": "fish", "year": "2001"}\n{"t": "cold"}\n'
        '{"t": 5, "year": 1}\n{"t": "", "year": null}\n{"t": "salt", "year": 1.50}\n'
    )
    found = Documents.read(TextFiles((records,), field="t"), by="year")
    assert found.values == ("1999", "2001", None, None, "1.50")
    assert found.by == "year"
    assert found.notes == ("1 of 6 records has no text in the field and was left out",)


def test_numbers_of_thousands_of_digits_are_kept_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"t": "ice", "n": 0}]).replace("0}", f"{'9' * 6000}}}"))
    assert Documents.read(TextFiles((file,), field="t"), by="n").values == ("9" * 6000,)


BAD_FIELDS = [
    ('{"t": "ice", "y": [1]}', "line 1, has a list in the field 'y'; choose a field of texts"),
    ('{"t": "ice", "x": 1}', r"none of the 1 records of .* has something in a field 'y'; .* 'x'"),
    ('{"t": "ice", "y": {}}', "an object in the field 'y'"),
]


@pytest.mark.parametrize(("line", "said"), BAD_FIELDS)
def test_fields_that_cannot_be_compared_are_refused(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "a.jsonl").write_text(line)
    with pytest.raises(InputError, match=said):
        Documents.read(TextFiles((tmp_path / "a.jsonl",), field="t"), by="y")


def test_plain_text_has_no_field(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("ice")
    with pytest.raises(
        InputError, match=r"a\.txt is plain text, whose documents have no field 'y'"
    ):
        Documents.read(TextFiles((tmp_path / "a.txt",)), by="y")


# ---------------------------------------------------------------- what is said of them


def test_what_documents_are_held_against() -> None:
    texts = ["ice snow frost cold ice"] * 6 + ["wave tide salt fish"] * 6
    together = document_topics(two_topics(), Documents.of_texts(texts))
    assert together.rests_on()["against"] == "the documents together"
    counts = rs.count(encode(texts, vocabulary_size=None))
    again = document_topics(two_topics(), Documents.of_texts(texts), against=counts)
    assert again.weights.weight == pytest.approx(together.weights.weight)
    alone = document_topics(two_topics(), Documents.of_texts(texts[:1]), against=counts)
    assert alone.weights.weight == pytest.approx(together.weights.weight[:1])
    assert alone.rests_on()["against"] == "the counts"


def test_the_clearest_documents_are_those_of_the_topic_that_are_surely_so() -> None:
    """Of two documents of one weight that of more different words comes first."""
    ice, sea = ([f"{end}{letter}" for letter in "abcdefghijklmnopqrst"] for end in "is")
    emb = Embeddings((*ice, *sea), np.repeat([[1.0], [-1.0]], 20, axis=0))
    even = rs.count(encode([" ".join(ice + sea)], vocabulary_size=None))
    texts = [" ".join(3 * ice[:9]), " ".join(ice), " ".join(ice + sea[:8]), " ".join(sea)]
    found = document_topics(emb, Documents.of_texts(texts), against=even)
    assert found.towards(0)[:2] == pytest.approx([1, 1])
    typical = representatives(found, number=2)
    assert [(one.topic, one.document) for one in typical.documents] == [
        ("1+", 2),
        ("1+", 1),
        ("1-", 4),
    ]
    assert [one.place for one in typical.documents] == [1, 2, 1]
    with pytest.raises(InputError, match="number is 0; pass how many"):
        representatives(found, number=0)


def test_the_table_has_each_document_and_each_topic() -> None:
    texts = ["ice cold snow frost " * 4] * 5 + ["wave tide salt fish " * 4] * 5
    found = document_topics(two_topics(), Documents.of_texts(texts, values=["a"] * 10))
    rows = found.table()
    assert [row["topic"] for row in rows] == ["1+"] * 5 + ["1-"] * 5
    assert rows[0]["weight"] == rows[0]["mode 1"]
    assert rows[9]["weight"] == -rows[9]["mode 1"]
    assert rows[0]["value"] == "a"
    of_topics = found.topic_rows()
    assert [row["documents"] for row in of_topics] == [5, 5]
    assert of_topics[0]["share"] == 0.5
    assert 0.18 < of_topics[0]["low"] < of_topics[0]["high"] < 0.82


def test_documents_of_other_words_are_said_to_be_so() -> None:
    found = document_topics(
        two_topics(), Documents.of_texts(["ice snow and many other words here"] * 4 + ["fish"])
    )
    assert "Only 31% of the words" in found.summary()


# ---------------------------------------------------------------- by value


def texts_of(shares: np.ndarray, *, words: int, number: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, size=words, p=shares)) for _ in range(number)]


EVEN = np.full(8, 1 / 8)
TILTED = np.repeat([0.15, 0.10], 4)


def test_a_topic_that_grows_over_time_is_found_and_has_its_weight() -> None:
    texts = texts_of(EVEN, words=60, number=25, seed=0) + texts_of(
        TILTED, words=60, number=25, seed=1
    )
    documents = Documents.of_texts(texts, values=["1999"] * 25 + ["2001"] * 25, by="year")
    found = topics_by_value(document_topics(two_topics(), documents), permutations=199)
    assert found.p_values == {1: 1 / 200}
    before, after = found.rows
    assert before.weight is not None
    assert after.weight is not None
    # P(i|d) = P_i (1 + a z_i) with z = 1: 0.15 against 0.125 at one end is a difference of 0.2.
    difference = after.weight.value - before.weight.value
    assert abs(difference - 0.2) < 0.1
    assert "1 differs between the 2 values of 'year'" in found.summary()


def test_longer_documents_alone_are_no_change() -> None:
    """The adversary: the same topic in both, clear in long documents only."""
    rng = np.random.default_rng(0)
    shares = 0.7 * world().marginals + 0.3 * world().word_given_topic[0]
    texts = [
        " ".join(rng.choice(world().words, size=words, p=shares / shares.sum()))
        for words in (10, 800)
        for _ in range(30)
    ]
    counts = rs.count(encode(world().documents(60_000, seed=2), vocabulary=world().words))
    documents = Documents.of_texts(texts, values=["short"] * 30 + ["long"] * 30, by="length")
    found = topics_by_value(document_topics(modes(), documents, against=counts))
    ends = {
        value: [s for row in found.rows if row.value == value for s in (row.first, row.second)]
        for value in ("short", "long")
    }
    place = int(np.argmax([share.value for share in ends["long"]]))
    assert ends["short"][place].high < ends["long"][place].low
    assert min(found.p_values.values()) > 0.05
    assert "shares of documents with a topic do" in found.summary()


def test_shuffled_values_differ_at_the_stated_rate() -> None:
    below = 0
    for seed in range(150):
        texts = texts_of(EVEN, words=20, number=24, seed=seed)
        documents = Documents.of_texts(texts, values=list("abc" * 8))
        weighed = document_topics(two_topics(), documents, permutations=19)
        below += topics_by_value(weighed, permutations=99, seed=seed).p_values[1] <= 0.05
    assert binomtest(below, 150, 0.05).pvalue > 1e-3


def test_values_stand_in_the_order_of_numbers_or_of_the_alphabet() -> None:
    def order(values: list[str | None]) -> tuple[str, ...]:
        documents = Documents.of_texts(["ice", "fish"] * 4, values=values)
        return topics_by_value(document_topics(two_topics(), documents)).values

    assert order(["10", "9", "9", "10"] * 2) == ("9", "10")
    assert order(["2020-11", "2020-02"] * 4) == ("2020-02", "2020-11")
    assert order(["b", "a", None, None] * 2) == ("a", "b")


BAD_VALUES = [
    (None, "the documents have no values"),
    (["a"] * 8, "have 1 value in 'field'; two are needed"),
    ([None] * 8, "have 0 values"),
    (list("abcdefgh"), "'field' has 8 values in 8 documents, so that most have one"),
]


@pytest.mark.parametrize(("values", "said"), BAD_VALUES)
def test_values_that_cannot_be_compared(values: list[str | None] | None, said: str) -> None:
    documents = Documents.of_texts(["ice", "fish"] * 4, values=values)
    with pytest.raises(InputError, match=said):
        topics_by_value(document_topics(two_topics(), documents))


# ---------------------------------------------------------------- the search


def test_cosines_of_a_search_are_those_of_the_definition() -> None:
    spectrum = modes()
    asked = [spectrum.words[5], spectrum.words[40]]
    found = search_topics(spectrum, asked)
    rows = leading_rows(spectrum, 300)
    together = unit_rows(rows)[[5, 40]].sum(axis=0)
    cosines = together / np.linalg.norm(together)
    by_name = {one.topic: one for one in found.topics}
    for mode in range(1, 5):
        end = "+" if cosines[mode - 1] > 0 else "-"
        one = by_name[f"{mode}{end}"]
        assert one.cosine == pytest.approx(abs(cosines[mode - 1]))
        order = np.argsort(-rows[:, mode - 1] if end == "+" else rows[:, mode - 1], kind="stable")
        assert one.places == tuple(int(np.flatnonzero(order == row)[0]) + 1 for row in (5, 40))
    assert sum(one.share for one in found.topics) == pytest.approx(1)
    assert [one.cosine for one in found.topics] == sorted(
        (one.cosine for one in found.topics), reverse=True
    )


def test_of_words_at_random_the_stated_share_is_as_near() -> None:
    rng = np.random.default_rng(0)
    emb = Embeddings([f"w{k}" for k in range(600)], rng.normal(size=(600, 12)))
    among = topics(emb, modes=[1, 4])
    below = sum(
        one.p <= 0.05
        for k in range(0, 600, 3)
        for one in search_topics(emb, [f"w{k}"], among=among, permutations=99).topics
    )
    assert binomtest(below, 400, 0.05).pvalue > 1e-3


def test_the_share_that_is_as_near_is_that_of_all_words() -> None:
    """One word of 300, of which all are within reach: the share is counted and not drawn."""
    spectrum, rows = modes(), unit_rows(leading_rows(modes(), 300))
    found = search_topics(spectrum, [spectrum.words[7]], permutations=9_999)
    for one in found.topics:
        column = np.abs(rows[:, int(one.topic[:-1]) - 1])
        assert one.p == pytest.approx(np.mean(column >= column[7] - 1e-9), abs=0.02)


def test_a_search_says_what_is_not_there() -> None:
    found = search_topics(two_topics(), ["Ice", "desert"])
    assert found.asked == ("ice",)
    assert "Not among the words of the modes: desert." in found.summary()
    with pytest.raises(InputError, match=r"none of the words searched for \('desert'\)"):
        search_topics(two_topics(), ["desert"])
    with pytest.raises(InputError, match="these words have no direction together"):
        search_topics(two_topics(), ["ice", "fish"])
    for bad in ("ice", []):
        with pytest.raises(InputError, match="pass a list of one or more"):
            search_topics(two_topics(), bad)


# ---------------------------------------------------------------- bad arguments, the study


BAD = [
    ({"permutations": 18.5}, "permutations is a whole number"),
    ({"permutations": 18}, "permutations is a whole number of at least 19"),
    ({"seed": -1}, "a seed"),
    ({"modes": [2]}, "no mode 2"),
    ({"documents": Documents.of_texts(["ice snow"])}, "a single document cannot be held against"),
    ({"documents": Documents.of_texts(["Wüste", "x"])}, "no document has a word of the modes"),
    ({"against": encode(["ice snow"], vocabulary_size=None)}, "6 of the 8 words of the modes"),
]


@pytest.mark.parametrize(("changed", "said"), BAD)
def test_bad_arguments(changed: dict[str, object], said: str) -> None:
    arguments = {"documents": Documents.of_texts(["ice", "fish"])} | changed
    with pytest.raises(InputError, match=said):
        document_topics(two_topics(), **arguments)  # type: ignore[arg-type]


BAD_TEXTS = [
    ({"texts": "ice"}, "one string; pass a list"),
    ({"texts": ["ice", 5]}, "document 2 is of type int"),
    ({"texts": []}, "no word in the documents"),
    ({"texts": ["1 2"]}, "no word in the documents"),
    ({"texts": ["ice"], "names": []}, "0 names and 1 documents"),
    ({"texts": ["ice"], "values": ["a", "b"]}, "2 values and 1 documents"),
    ({"texts": ["ice"], "tokenizer": "klingon"}, "unknown"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD_TEXTS)
def test_bad_texts(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Documents.of_texts(**arguments)  # type: ignore[arg-type]


def test_words_of_which_no_two_are_equally_frequent_cannot_be_compared() -> None:
    documents = Documents.of_texts(["a " * 64 + "b " * 16 + "c " * 4, "a c"])
    emb = Embeddings(("a", "b", "c"), np.eye(3)[:, :1])
    with pytest.raises(InputError, match="no two words of the modes have a similar frequency"):
        document_topics(emb, documents)


def test_a_study_has_what_was_asked_for() -> None:
    texts = ["ice cold snow frost " * 4] * 5 + ["wave tide salt fish " * 4] * 5
    documents = Documents.of_texts(texts, values=["a", "b"] * 5)
    found = topic_study(two_topics(), documents=documents, search=["ice"], k=1, words=4)
    assert list(found.parts()) == [
        "topics",
        "labels",
        "coherence",  # the carried counts have the words
        "topic-search",
        "document-topics",
        "topic-documents",
        "topics-by-value",
    ]
    assert found.rests_on()["documents"] == 10
    for part in (found.search, found.documents, found.typical, found.by_value):
        assert part is not None
        assert part.summary() in found.summary()
    without = topic_study(two_topics(), k=1, words=4)
    assert list(without.parts()) == ["topics", "labels", "coherence"]

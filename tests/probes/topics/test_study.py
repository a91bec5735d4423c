"""The study of topics: its parts, what it says of what is missing, and its pictures."""

from __future__ import annotations

import numpy as np
import pytest
from made_words import counts, made_coherence, made_labels, made_study, spectrum

from probes.figures import plot_coherence, plot_labels, plot_topics
from probes.topics import LabelTable, TopicLabel, topic_graph, topic_labels, topic_study, topics
from probes.topics.coherence import coherence
from repsearch import encode
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError


def test_its_parts_are_what_the_probes_find_one_by_one() -> None:
    found = made_study()
    table = topics(spectrum(), modes=range(1, 4), words_per_end=4)
    scored = coherence(table, counts())
    labels = topic_labels(spectrum(), modes=range(1, 4), coherence=scored)
    assert list(found.parts()) == ["topics", "labels", "coherence", "stability", "topic-graph"]
    assert (found.topics, found.labels, found.coherence) == (table, labels, scored)
    assert found.graph is not None
    assert found.graph.labels == labels
    assert found.graph.table() == topic_graph(spectrum(), modes=range(1, 4)).table()
    assert found.stability is not None
    assert found.stability.coherence_known


def test_only_what_was_asked_for_is_there() -> None:
    found = topic_study(spectrum(), k=1, words=3)
    assert list(found.parts()) == ["topics", "labels"]
    assert found.coherence is None
    assert "6 of the 6 words" in found.not_measured
    assert f"Coherence was not measured: {found.not_measured}." in found.summary()
    assert "was not measured" in found.labels.summary()


def test_the_summary_says_all_that_the_parts_say() -> None:
    found = made_study()
    for part in (found.coherence, found.stability, found.graph):
        assert part is not None
        assert part.summary() in found.summary()
    assert max(map(len, found.text(60).splitlines())) <= 60


def test_c_v_is_measured_in_a_corpus() -> None:
    corpus = encode(["a b c d"] * 9 + ["e f g h"] * 9, vocabulary_size=None)
    vectors = np.kron([[1.0, 0.1], [-1.0, 0.2]], np.ones((4, 1)))
    found = topic_study(
        Embeddings(tuple("abcdefgh"), vectors), counted=corpus, k=1, words=4, measure="c_v"
    )
    assert found.coherence is not None
    assert [topic.value for topic in found.coherence.topics] == pytest.approx([1, 1])


def topic_vectors(*words: str) -> Embeddings:
    return Embeddings(words, np.kron([[1.0, 0.1], [-1.0, 0.2]], np.ones((4, 1))))


def test_a_word_that_the_reference_lacks_is_left_out_of_its_topic() -> None:
    corpus = encode(["a b c"] * 9 + ["e f g h"] * 9, vocabulary_size=None)
    found = topic_study(topic_vectors(*"abcdefgh"), counted=corpus, k=1, words=4)
    assert found.coherence is not None
    assert sorted(topic.words for topic in found.coherence.topics) == [
        ("a", "b", "c"),
        ("e", "f", "g", "h"),
    ]
    assert "1 is not in the vocabulary" in found.summary()
    assert found.rests_on()["words_missing"] == 1


def test_topics_of_cased_vectors_are_counted_in_a_lower_case_text() -> None:
    corpus = encode(["a b c d"] * 9 + ["e f g h"] * 9, vocabulary_size=None)
    found = topic_study(topic_vectors(*"ABCDEFGH"), counted=corpus, k=1, words=4)
    assert found.coherence is not None
    assert [topic.value for topic in found.coherence.topics] == pytest.approx([1, 1])
    assert "0 are found as given, 8 in lower case" in found.summary()


def test_a_topic_that_is_mostly_missing_is_not_scored_by_the_rest() -> None:
    corpus = encode(["a b c d"] * 9 + ["e x"] * 9, vocabulary_size=None)
    with pytest.raises(InputError, match=r"too many to score topic '1[-+]'"):
        topic_study(topic_vectors(*"abcdefgh"), counted=corpus, k=1, words=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "c_v"}, "pass a corpus"),
        ({"counted": counts(), "measure": "u_mass"}, "pass a corpus"),
        ({"counted": counts()}, "'a', are not in the counts"),
        ({"k": 3}, "no mode 3"),
        ({"words": 0}, "words_per_end"),
    ],
)
def test_bad_arguments(options: dict, message: str) -> None:
    embeddings = Embeddings(("a", "b"), np.eye(2))
    with pytest.raises(InputError, match=message):
        topic_study(embeddings, **{"words": 2, **options})


# ------------------------------------------------------------------ pictures


def test_random_topics_stand_beside_each_topic() -> None:
    table = made_coherence()
    ax = plot_coherence(table)
    values, null = ax.containers
    np.testing.assert_array_equal(values.lines[0].get_xdata(), [one.value for one in table.topics])
    np.testing.assert_array_equal(null.lines[0].get_xdata(), [one.null for one in table.topics])
    for one in table.topics:
        assert one.null_range is not None
        assert one.null_range[0] < one.null < one.null_range[1]


def test_labels_that_mean_nothing_are_grey() -> None:
    table = made_labels()
    colours = {
        label.coherent: text.get_color()
        for label, text in zip(table.labels, plot_labels(table).get_yticklabels(), strict=True)
    }
    assert colours[True] != colours[False]
    with pytest.raises(InputError, match="no label has a word"):
        plot_labels(LabelTable((TopicLabel(1, "+", (), (), None),)))


def test_leading_modes_are_panels() -> None:
    table = topics(spectrum(), words_per_end=3)
    ax = plot_topics(table)
    figure = ax.get_figure(root=True)
    assert figure is not None
    assert [one.get_title(loc="left")[:6] for one in figure.axes] == [
        f"mode {mode}" for mode in range(1, 5)
    ]
    with pytest.raises(InputError, match="panels"):
        plot_topics(table, ax=ax)
    alone = topics(spectrum(), modes=[2], words_per_end=3)
    assert plot_topics(alone, ax=ax) is ax

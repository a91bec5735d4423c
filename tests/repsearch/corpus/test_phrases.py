"""Phrases and stop words: against plain Python over lists of words, and against gensim."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import documents

import repsearch as rs
from repsearch.corpus import bigrams
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.corpus.first_pass import draft_corpus
from repsearch.corpus.phrases import Phrases, learn_phrases
from repsearch.corpus.vocabulary import Vocabulary, merge_vocabularies
from repsearch.errors import InputError
from repsearch.progress import silent
from repsearch.text.tokenizers import LATIN

TEXT = [
    "new york is in new york state",
    "in new jersey and in new york",
    "the state of new york",
    "new york new york",
]


def by_hand(
    texts: list[str], min_count: int, threshold: float, scoring: str
) -> dict[tuple[str, str], float]:
    """Scores of the phrases of a text, from the definition."""
    lists = [text.split() for text in texts]
    words = Counter(word for one in lists for word in one)
    pairs = Counter(pair for one in lists for pair in pairwise(one))
    total = sum(words.values())
    found = {}
    for (a, b), n in pairs.items():
        if n < min_count:
            continue
        if scoring == "npmi":
            score = math.log(n * total / (words[a] * words[b])) / -math.log(n / total)
        else:
            score = (n - min_count) / words[a] / words[b] * (len(words) + len(pairs))
        if score > threshold:
            found[a, b] = score
    return found


def joined_by_hand(words: list[str], pairs: set[tuple[str, str]]) -> list[str]:
    """Words from left to right, the first of overlapping pairs joined."""
    found, k = [], 0
    while k < len(words):
        if tuple(words[k : k + 2]) in pairs:
            found.append("_".join(words[k : k + 2]))
            k += 2
        else:
            found.append(words[k])
            k += 1
    return found


# ------------------------------------------------------------ finding phrases


@given(
    documents(max_words=4),
    st.integers(1, 3),
    st.sampled_from([-0.5, 0.0, 0.3, 2.0]),
    st.sampled_from(["npmi", "default"]),
)
def test_phrases_are_those_of_the_definition(
    texts: list[str], min_count: int, threshold: float, scoring: Any
) -> None:
    wanted = by_hand(texts, min_count, threshold, scoring)
    options = {"min_count": min_count, "threshold": threshold, "scoring": scoring}
    if not wanted:
        with pytest.raises(InputError, match="no pair of words occurs"):
            learn_phrases(texts, **options)
        return
    found = learn_phrases(texts, **options)
    assert found.scores is not None
    assert found.counts is not None
    assert set(found.pairs) == set(wanted)
    assert np.allclose(found.scores, [wanted[pair] for pair in found.pairs])
    assert list(found.scores) == sorted(found.scores, reverse=True)
    pairs = Counter(pair for text in texts for pair in pairwise(text.split()))
    assert list(found.counts) == [pairs[pair] for pair in found.pairs]


@settings(max_examples=60)
@given(documents(max_length=40), st.integers(1, 6), st.integers(1, 9))
def test_pairs_are_counted_exactly_in_any_memory(
    texts: list[str], most_held: int, chunk: int
) -> None:
    wanted = Counter(pair for text in texts for pair in pairwise(text.split()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("repsearch.corpus.first_pass._CHUNK", chunk)
        with draft_corpus(texts, LATIN, 1, None, silent) as draft:
            parts = list(bigrams.count_bigrams(draft, most_held=most_held))
    assert all(len(part.counts) <= most_held for part in parts)
    found: Counter[tuple[str, str]] = Counter()
    for part in parts:
        for first, second, n in zip(part.first, part.second, part.counts, strict=True):
            pair = (draft.words[first], draft.words[second])
            assert pair not in found  # each in one part
            found[pair] = int(n)
    assert found == wanted


def test_the_phrases_of_gensim_are_found() -> None:
    phrases = pytest.importorskip("gensim.models.phrases")
    rng = np.random.default_rng(0)
    words = [f"w{chr(97 + k)}" for k in rng.zipf(1.6, 4_000) % 23]
    for k in rng.integers(0, len(words) - 1, 300).tolist():
        words[k : k + 2] = ["red", "wine"] if k % 3 else ["ice", "cream"]
    lists = [words[k : k + 17] for k in range(0, len(words), 17)]
    texts = [" ".join(one) for one in lists]
    for scoring, threshold in (("npmi", 0.1), ("default", 0.02)):
        theirs = phrases.Phrases(lists, min_count=4, threshold=threshold, scoring=scoring)
        wanted = theirs.export_phrases()
        found = learn_phrases(texts, min_count=4, threshold=threshold, scoring=scoring)  # type: ignore[arg-type]
        assert found.scores is not None
        scores = {f"{a}_{b}": s for (a, b), s in zip(found.pairs, found.scores, strict=True)}
        assert scores == pytest.approx(wanted, rel=1e-12)
        assert len(scores) > 5
        corpus = encode(texts, vocabulary_size=None, phrases=found)
        assert [corpus.document(k) for k in range(corpus.n_documents)] == list(theirs[lists])


def test_stop_words_are_in_no_phrase() -> None:
    plain = learn_phrases(TEXT, min_count=2, threshold=-1.0)
    assert ("in", "new") in plain.pairs
    for stopped in (["in"], iter(["in", "absent"])):
        found = learn_phrases(TEXT, min_count=2, threshold=-1.0, stop_words=stopped)
        assert set(found.pairs) == {pair for pair in plain.pairs if "in" not in pair}
    with pytest.raises(InputError, match="no pair of words occurs"):
        learn_phrases(TEXT, min_count=2, threshold=-1.0, stop_words=1)


# ------------------------------------------------------------ joining them


@settings(max_examples=150)
@given(
    texts=documents(max_words=3, max_length=20),
    pairs=st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1),
    chunk=st.integers(1, 9),
    place=st.sampled_from(["memory", "folder"]),
)
def test_pairs_are_joined_from_left_to_right(
    texts: list[str], pairs: set[tuple[str, str]], chunk: int, place: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("joined") / "corpus" if place == "folder" else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("repsearch.corpus.first_pass._CHUNK", chunk)
        corpus = encode(texts, folder, vocabulary_size=None, phrases=Phrases(tuple(pairs)))
    wanted = [joined_by_hand(text.split(), pairs) for text in texts if text]
    assert [corpus.document(k) for k in range(corpus.n_documents)] == wanted
    tally = Counter(word for one in wanted for word in one)
    assert dict(zip(corpus.words, corpus.word_counts.tolist(), strict=True)) == tally
    assert corpus.n_words_read == sum(tally.values())


def test_a_phrase_that_is_a_word_of_the_text_already_is_that_word() -> None:
    corpus = encode(
        ["new york new_york"], vocabulary_size=None, tokenizer="split",
        phrases=Phrases((("new", "york"),)),
    )  # fmt: skip
    assert corpus.words == ("new_york",)
    assert corpus.word_counts.tolist() == [2]


# ------------------------------------------------------------ stop words


@given(
    documents(),
    st.sets(st.sampled_from("abc"), min_size=1),
    st.sampled_from(["remove", "keep-place"]),
)
def test_stop_words_are_words_out_of_the_vocabulary(
    texts: list[str], stopped: set[str], oov: Any
) -> None:
    kept = {word for text in texts for word in text.split()} - stopped
    if not kept:
        with pytest.raises(InputError, match="no word but stop words occurs"):
            encode(texts, vocabulary_size=None, stop_words=stopped)
        return
    corpus = encode(texts, vocabulary_size=None, stop_words=stopped, out_of_vocabulary=oov)
    same = encode(texts, vocabulary=list(corpus.words), out_of_vocabulary=oov)
    assert set(corpus.words) == kept
    assert corpus.tokens.tolist() == same.tokens.tolist()
    assert corpus.offsets.tolist() == same.offsets.tolist()
    assert corpus.n_words_read == sum(len(text.split()) for text in texts)


@given(documents(), st.integers(1, 5))
def test_so_many_of_the_most_frequent_words_are_left_out(texts: list[str], number: int) -> None:
    tally = Counter(word for text in texts for word in text.split())
    ordered = sorted(tally, key=lambda word: (-tally[word], word))
    if number >= len(ordered):
        with pytest.raises(InputError, match="none would be left; pass a smaller number"):
            encode(texts, vocabulary_size=None, stop_words=number)
        return
    by_number = encode(texts, vocabulary_size=None, stop_words=number)
    assert list(by_number.words) == ordered[number:]
    # What counts is the list that the number came to.
    by_list = encode(texts, vocabulary_size=None, stop_words=ordered[:number])
    assert by_number.tokenizer == by_list.tokenizer
    assert by_number.digest == by_list.digest


# ------------------------------------------------------------ what is recorded


def test_counts_with_other_phrases_or_stop_words_do_not_merge() -> None:
    words = ["new", "york", "state"]
    one = {"phrases": Phrases((("in", "new"),))}
    others: list[dict[str, Any]] = [
        {},
        {"phrases": Phrases((("of", "new"),))},
        one | {"stop_words": ["the"]},
        {"stop_words": ["the"]},
        {"stop_words": ["in"]},
    ]

    def counted(text: str, **options: Any) -> rs.Counts:
        return rs.count(encode([text], vocabulary=words, **options))

    first = counted(TEXT[0], **one)
    assert rs.merge([first, counted(TEXT[2], **one)]).total > first.total
    for other in others:
        with pytest.raises(InputError, match="counts with tokenizer latin"):
            rs.merge([first, counted(TEXT[2], **other)])
    parts = [Vocabulary.of(encode([text], vocabulary_size=None, **one)) for text in TEXT[:2]]
    assert merge_vocabularies(parts).tokenizer == first.tokenizer
    with pytest.raises(InputError, match="cannot be added"):
        merge_vocabularies([parts[0], Vocabulary.of(encode([TEXT[1]], vocabulary_size=None))])


def test_the_order_of_a_list_makes_no_difference() -> None:
    pairs = (("new", "york"), ("new", "jersey"))
    assert Phrases(pairs).name == Phrases(pairs[::-1]).name
    assert Phrases(pairs).name != Phrases(pairs[:1]).name


def test_a_corpus_on_disk_keeps_and_compares_them(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n".join(TEXT))
    phrases = Phrases((("new", "york"),))

    def made(**options: Any) -> Corpus:
        return encode(text, tmp_path / "corpus", vocabulary_size=None, **options)

    options: list[dict[str, Any]] = [
        {"phrases": phrases},
        {"phrases": phrases, "stop_words": ["in", "the"]},
        {"phrases": phrases, "stop_words": 2},
        {"stop_words": 2},
        {},
        {"phrases": Phrases((("new", "jersey"),))},
    ]
    names = []
    for one in options:
        first = made(**one)
        written = (tmp_path / "corpus" / "corpus.json").stat().st_mtime_ns
        again = made(**one)
        assert (tmp_path / "corpus" / "corpus.json").stat().st_mtime_ns == written
        assert again.tokenizer == first.tokenizer == Corpus.open(tmp_path / "corpus").tokenizer
        assert again.words == encode(TEXT, vocabulary_size=None, **one).words
        names.append(first.tokenizer)
    assert len(set(names)) == len(options)
    assert names[4] == "latin"


def test_phrases_come_back_from_their_file(tmp_path: Path) -> None:
    found = learn_phrases(TEXT, min_count=2, threshold=0.0)
    found.save(tmp_path / "phrases.tsv")
    opened = Phrases.open(tmp_path / "phrases.tsv")
    assert (opened.pairs, opened.counts, opened.scores) == (found.pairs, found.counts, found.scores)
    (tmp_path / "mine").write_text("new york\nnew   jersey\tsome note\n")
    mine = Phrases.open(tmp_path / "mine")
    assert mine.pairs == (("new", "york"), ("new", "jersey"))
    assert (mine.counts, mine.scores) == (None, None)


# ------------------------------------------------------------ bad arguments


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "has no phrase; write one a line"),
        ("new york city\n", "line 1, is not two words; write a phrase a line"),
        ("new york\nnew\n", "line 2, is not two words"),
        ("new york\na b\nnew york\t3\n", "has 'new york' in lines 1 and 3; leave one out"),
    ],
)
def test_bad_files_of_phrases(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "phrases").write_text(content)
    with pytest.raises(InputError) as caught:
        Phrases.open(tmp_path / "phrases")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"min_count": 0}, "min_count is 0; pass a whole number of at least 1"),
        ({"min_count": 2.5}, "min_count is 2.5; pass a whole number"),
        ({"threshold": math.nan}, "threshold is nan; pass a number"),
        ({"threshold": "0.5"}, "threshold is '0.5'; pass a number"),
        ({"scoring": "pmi"}, "scoring is 'pmi'; choose 'npmi' or 'default'"),
        ({"stop_words": 0}, "stop_words is 0; pass a number of at least 1"),
        ({"stop_words": "the"}, "stop_words is 'the'; pass a list of words"),
        ({"min_count": 99}, "no pair of words occurs 99 times or more with a score above 0.5"),
    ],
)
def test_bad_arguments_of_learn_phrases(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        learn_phrases(TEXT, **options)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"phrases": [("new", "york")]}, "phrases is of type list; pass Phrases(pairs)"),
        ({"stop_words": ["new york"]}, "the stop words hold 'new york'; a word holds no"),
        ({"stop_words": -3}, "stop_words is -3; pass a number of at least 1"),
        ({"stop_words": 2.5}, "stop_words is 2.5; pass a list of words, or how many"),
        ({"vocabulary": ["new", "the"], "stop_words": ["the"]}, "'the' is in the vocabulary and"),
        ({"vocabulary": ["new"], "stop_words": 3}, "vocabulary says which words are kept, and"),
    ],
)
def test_bad_arguments_of_encode(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        encode(TEXT, **options)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ((), "there is no phrase; pass at least one pair"),
        ((("a", "b"), ("a", "b")), "the phrases hold 'a b' twice; leave one out"),
        ((("a", "b c"),), "a phrase is a pair of words"),
        ((("a", "b", "c"),), "a phrase is a pair of words"),
    ],
)
def test_bad_pairs(pairs: Any, says: str) -> None:
    with pytest.raises(InputError) as caught:
        Phrases(pairs)
    assert says in str(caught.value)


def test_no_phrase_crosses_the_end_of_a_document() -> None:
    texts = ["x new", "york y"] * 9
    found = encode(texts, vocabulary_size=None, phrases=Phrases((("new", "york"),)))
    assert "new_york" not in found.words


def test_a_joined_phrase_is_a_word_of_no_other_pair() -> None:
    phrases = Phrases((("new", "york"), ("zero", "new_york")))
    corpus = encode(
        ["zero of zero the new york of zero x"], vocabulary_size=None, phrases=phrases, min_count=1
    )
    words = [corpus.words[token] for token in corpus.tokens]
    assert words == ["zero", "of", "zero", "the", "new_york", "of", "zero", "x"]

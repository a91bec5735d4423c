"""Vocabularies: what is written is read, and shards add up to the whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsearch.corpus import Vocabulary, encode, merge_vocabularies
from repsearch.corpus.word_file import read_words
from repsearch.errors import InputError


def of(*texts: str) -> Vocabulary:
    return Vocabulary.of(encode(list(texts), vocabulary_size=None, tokenizer="split"))


def same(one: Vocabulary, other: Vocabulary) -> bool:
    return (one.words, one.counts.tolist()) == (other.words, other.counts.tolist())


@given(st.lists(st.text("ab#é🦉", min_size=1, max_size=3), min_size=2, max_size=30), st.data())
def test_shards_in_any_order_add_up_to_the_whole(words: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(words) - 1))
    # Another line at the end of each, so that two equal shards are not one corpus.
    shards = [of(" ".join(words[:cut]), "first"), of(" ".join(words[cut:]), "second")]
    whole = of(" ".join(words), "first second")
    assert same(merge_vocabularies(shards), whole)
    assert same(merge_vocabularies(shards[::-1]), whole)
    assert list(zip(-whole.counts, whole.words, strict=True)) == sorted(
        zip(-whole.counts, whole.words, strict=True)
    )


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    made = merge_vocabularies([of("# a b b"), of("naïve 🦉 b")])
    made.save(path)
    read = Vocabulary.open(path)
    assert same(read, made)
    assert (read.tokenizer, read.corpora) == ("split", made.corpora)
    assert read_words(path) == list(made.words)
    assert path.read_text("utf-8").splitlines()[1] == "b\t3"


def test_the_leading_words() -> None:
    found = of("a b b c c c")
    assert found.leading(2).words == ("c", "b")
    assert found.leading(9).words == ("c", "b", "a")
    assert found.leading(min_count=2).words == ("c", "b")
    assert same(found.leading(), found)


def test_words_of_a_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "plain"
    path.write_bytes(b"\xef\xbb\xbfowl\r\ncat\t9\r\n#\r\nlynx 7\r\n")
    assert read_words(path) == ["owl", "cat", "#", "lynx"]


HEADER = "# repsearch vocabulary; tokenizer latin; corpora ab\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "PATH is no vocabulary file of repsearch; write one by 'repsearch vocabulary'"),
        ("owl\t3\n", "PATH is no vocabulary file"),
        ("# repsearch vocabulary; tokenizer latin\nowl\t3\n", "PATH, line 1, is damaged"),
        (HEADER + "owl\t3\ncat\n", "PATH, line 3, is no word, tab and count; mend it"),
        (HEADER + "owl\t-3\n", "PATH, line 2, is no word, tab and count"),
        (HEADER + "owl\t3.5\n", "PATH, line 2, is no word, tab and count"),
        (HEADER + "an owl\t3\n", "PATH, line 2, is no word, tab and count"),
        (HEADER + "owl\t3\nowl\t4\n", "PATH, line 3, has 'owl' again; mend it"),
        (HEADER + f"owl\t{2**63}\n", "the sum of these counts exceeds 64-bit integers"),
    ],
)
def test_bad_files(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "bad"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError) as refused:
        Vocabulary.open(path)
    assert str(refused.value).startswith(says.replace("PATH", str(path)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "PATH has no words; write one a line"),
        (HEADER.encode(), "PATH has no words; write one a line"),
        (b"owl\nthe cat\n", "PATH, line 2, is not one word"),
        (b"owl\n7 lives\n", "PATH, line 2, is not one word"),
        (b"owl\n\ncat\n", "PATH, line 2, is not one word"),
        (b"owl\ncat\nowl\n", "PATH has 'owl' in lines 1 and 3"),
        (b"\xff\xfe", "PATH is not UTF-8"),
        (None, "cannot read PATH"),
    ],
)
def test_bad_word_files(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "bad"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_words(path)
    assert str(refused.value).startswith(says.replace("PATH", str(path)))


def test_what_cannot_be_merged() -> None:
    with pytest.raises(InputError, match="no vocabulary to merge"):
        merge_vocabularies([])
    with pytest.raises(InputError, match="would be counted twice"):
        merge_vocabularies([of("a b"), of("c"), of("a b")])
    latin = Vocabulary.of(encode(["a b"], vocabulary_size=None))
    with pytest.raises(InputError, match="by tokeniser latin and split cannot be added"):
        merge_vocabularies([of("a"), latin])
    functions = [
        Vocabulary.of(encode([text], vocabulary_size=None, tokenizer=str.split)) for text in "ab"
    ]
    with pytest.raises(InputError, match="without a name of its own"):
        merge_vocabularies(functions)
    with pytest.raises(InputError, match="size is 0"):
        latin.leading(0)
    with pytest.raises(InputError, match="no word occurs 9 times"):
        latin.leading(min_count=9)

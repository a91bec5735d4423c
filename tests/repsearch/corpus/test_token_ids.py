"""Text as word ids: the same corpus as from its words, and no id out of range."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsearch.corpus import token_ids
from repsearch.corpus.encoding import encode
from repsearch.corpus.token_ids import TokenIds
from repsearch.errors import InputError

WORDS = ["the", "cat", "sat", "on", "mat"]


def made(folder: Path, *arrays: object, words: str = "\n".join(WORDS)) -> TokenIds:
    paths = []
    for k, array in enumerate(arrays):
        paths.append(folder / f"{k}.npy")
        np.save(paths[-1], np.asarray(array))
    (folder / "words.txt").write_text(words, encoding="utf-8")
    return TokenIds(tuple(paths), folder / "words.txt")


def documents(source: TokenIds) -> list[list[str | None]]:
    corpus = encode(source, vocabulary_size=None)
    return [corpus.document(k) for k in range(corpus.n_documents)]


@given(
    st.lists(st.lists(st.integers(0, 4), max_size=6), max_size=8),
    st.sampled_from(["int8", "int32", "int64", ">i4"]),
    st.integers(1, 9),
)
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_ids_and_words_give_the_same_corpus(tmp_path, texts, dtype, chunk):
    texts = [[0], *texts]
    flat = np.array([i for text in texts for i in [*text, -1]], dtype)
    longest = max(map(len, texts))
    rows = np.array([text + [-1] * (longest - len(text)) for text in texts], dtype)
    expected = encode([" ".join(WORDS[i] for i in text) for text in texts], vocabulary_size=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_ids, "_CHUNK", chunk)
        for array in (flat, flat[:-1], rows, np.asfortranarray(rows)):
            corpus = encode(made(tmp_path, array), vocabulary_size=None)
            assert corpus.digest == expected.digest
            assert corpus.tokenizer == "ids"


def test_a_file_ends_a_document(tmp_path):
    assert documents(made(tmp_path, [0, 1], [2, 3])) == [["the", "cat"], ["sat", "on"]]


def test_what_follows_a_word_is_ignored(tmp_path):
    assert documents(made(tmp_path, [0, 1], words="the 70\ncat\t3\n")) == [["the", "cat"]]


def test_a_corpus_on_disk_is_used_again(tmp_path):
    source = made(tmp_path, [0, 1, 2])
    tokens = tmp_path / "corpus" / "tokens.i32"
    encode(source, tmp_path / "corpus", vocabulary_size=None)
    before = tokens.stat().st_mtime_ns
    encode(source, tmp_path / "corpus", vocabulary_size=None)
    assert tokens.stat().st_mtime_ns == before
    assert encode(made(tmp_path, [3, 3]), tmp_path / "corpus", vocabulary_size=None).words == (
        "on",
    )


OUT_OF_RANGE = {
    "behind the last": ([0, 5], "holds the id 5, but"),
    "below -1": ([0, -2], "holds the id -2, but"),
    "unsigned -1": (np.array([0, 2**32 - 1], np.uint32), "holds the id 4,294,967,295, but"),
    "beyond 64 bits": (np.array([2**63], np.uint64), "holds the id 9,223,372,036,854,775,808"),
    "in a row": ([[0, 1], [7, 1]], "holds the id 7, but"),
}


@pytest.mark.parametrize("case", OUT_OF_RANGE)
def test_ids_out_of_range(tmp_path, case):
    array, said = OUT_OF_RANGE[case]
    with pytest.raises(InputError, match=said) as caught:
        encode(made(tmp_path, array), vocabulary_size=None)
    assert "has 5 words: ids are from 0 to 4, and -1 ends a document" in str(caught.value)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros(3), "holds float64 of 1 axes; word ids are whole numbers"),
        (np.zeros((1, 1, 1), int), "of 3 axes; word ids"),
        (np.array(3), "of 0 axes; word ids"),
        (np.array([True]), "holds bool"),
        (np.array(["the"]), "word ids are whole numbers"),
        (np.array([], int), "found no word"),
    ],
)
def test_other_arrays(tmp_path, array, said):
    with pytest.raises(InputError, match=said):
        encode(made(tmp_path, array), vocabulary_size=None)


def saved(array: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(array))
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"the cat",
        saved([1, 2, 3])[:-1],
        saved([1, 2, 3])[:30],
        saved([1, 2, 3]).replace(b"(3,)", b"(9,)"),
        saved([1, 2, 3]).replace(b"<i8", b"<q8"),
        saved([1, 2, 3]).replace(b"{'descr'", b"{('descr'"),
        pickle.dumps([1, 2, 3]),
    ],
)
def test_damaged_files(tmp_path, data):
    source = made(tmp_path, [0])
    source.paths[0].write_bytes(data)
    with pytest.raises(InputError, match=r"is no .npy file of word ids, or it is damaged"):
        TokenIds(source.paths, source.vocabulary)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("the\n\ncat", "words.txt, line 2, is not one word"),
        ("the\ncat\nthe", "has 'the' in lines 1 and 3"),
        ("", "has no words; write one a line"),
    ],
)
def test_bad_words(tmp_path, words, said):
    with pytest.raises(InputError, match=said):
        made(tmp_path, [0], words=words)


def test_files_that_are_not_there(tmp_path):
    source = made(tmp_path, [0])
    with pytest.raises(InputError, match=r"absent.npy does not exist"):
        TokenIds((tmp_path / "absent.npy",), source.vocabulary)
    with pytest.raises(InputError, match=r"cannot read .*absent.txt"):
        TokenIds(source.paths, tmp_path / "absent.txt")
    with pytest.raises(InputError, match="no word ids given"):
        TokenIds((), source.vocabulary)

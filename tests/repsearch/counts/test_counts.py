"""Counts: files give back what was saved, damage is reported, and sums are exact."""

from __future__ import annotations

import importlib.util
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import FORMATS
from strategies import by_words, count_matrices, counts_from, documents, same_counts, windows

from repsearch.corpus.encoding import encode
from repsearch.counts import counts as counts_module
from repsearch.counts import counts_file
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.possible import contradiction
from repsearch.counts.window import Window
from repsearch.data import carried_counts
from repsearch.errors import InputError
from repsearch.text.tokenizers import Tokenizer

COMPRESSIONS = ["none", "lzma"]
NASTY_WORDS = [
    "naïve",
    "猫",
    "e\u0301",
    "🦉",
    "\x00",
    "\ufeff",
    "owl's",
    "\u200d",
    '"',
    "\\",
    "1e5",
]


@st.composite
def any_counts(draw: st.DrawFn) -> Counts:
    """Counts over words of any script, with entries of up to 60 bits."""
    matrix = draw(count_matrices(largest=6) | st.just(np.zeros((2, 2), np.int64)))
    matrix = matrix * draw(st.sampled_from([1, 255, 2**16, 2**32, 10**11]))
    letters = st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp"])
    word = st.sampled_from(NASTY_WORDS) | st.text(letters, min_size=1, max_size=4)
    word = word.filter(lambda text: text.split() == [text])
    size = len(matrix)
    return counts_from(
        matrix,
        words=draw(st.lists(word, min_size=size, max_size=size, unique=True)),
        word_counts=draw(st.lists(st.integers(1, 2**50), min_size=size, max_size=size)),
        window=draw(windows(20)),
        corpora=tuple(sorted(draw(st.sets(st.text("0123456789abcdef", max_size=64))))),
        tokenizer=draw(st.sampled_from(["latin", "unicode", "größe.猫"])),
        out_of_vocabulary=draw(st.sampled_from(["remove", "keep-place"])),
    )


def same(one: Counts, other: Counts) -> bool:
    notes = ("window", "tokenizer", "out_of_vocabulary", "n_words_read", "n_documents", "corpora")
    return same_counts(one, other) and all(getattr(one, n) == getattr(other, n) for n in notes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts.npz"


def small() -> Counts:
    matrix = np.array([[2, 300, 0, 0], [300, 0, 7, 0], [0, 7, 70_000, 0], [0, 0, 0, 0]])
    return counts_from(matrix, words=["the", "naïve", "猫", "alone"])


# ------------------------------------------------------------- round trips


@pytest.mark.smoke
@settings(max_examples=60)
@given(counts=any_counts(), chunk=st.sampled_from([1, 2, 3, 1 << 22]))
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_what_goes_in_comes_out(
    counts: Counts, chunk: int, compression: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"{compression}.npz"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "_CHUNK", chunk)
        patch.setattr(counts_file, "_CHUNK", chunk)
        counts.save(path, compression=compression)
        opened = Counts.open(path)
        assert same(counts, opened)
        assert np.array_equal(opened.row_sums, counts.matrix().sum(axis=1))
    assert opened.values.dtype == counts.values.dtype
    assert opened.total == counts.total
    again = path.read_bytes()
    opened.save(path, compression=compression)
    assert path.read_bytes() == again


def test_gaps_wider_than_a_byte_come_out(path: Path) -> None:
    rng = np.random.default_rng(0)
    half = np.tril((rng.random((700, 700)) < 0.005) * rng.integers(1, 9, (700, 700)))
    half[699, 0] = 5
    counts = counts_from(half + np.tril(half, -1).T)
    assert np.diff(counts.columns).max() > 2**8
    counts.save(path)
    assert same(counts, Counts.open(path))


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_equal_counts_give_equal_bytes_whatever_they_are_held_in(
    compression: Any, tmp_path: Path
) -> None:
    one = count(encode(["a b c a", "c c b"], vocabulary_size=None), Window(2))
    other = replace(one, values=one.values.astype(np.int64), words=tuple(one.words))
    for name, counts in (("one", one), ("other", other)):
        counts.save(tmp_path / name, compression=compression)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_the_file_is_an_npz_without_pickles(compression: Any, path: Path) -> None:
    small().save(path, compression=compression)
    with np.load(path, allow_pickle=False) as archive:
        members = {name: archive[name] for name in archive.files}
    assert set(members) == {
        "header", "words", "word_counts", "row_lengths", "gaps.0", "values.0", "values.1",
        "values.2",
    }  # fmt: skip
    assert all(array.dtype.kind in "ui" and array.ndim == 1 for array in members.values())
    header = json.loads(members["header"].tobytes())
    assert header["format"] == "repsearch-counts"
    assert header["total"] == small().total
    assert members["row_lengths"].tolist() == [1, 1, 2, 0]


@pytest.mark.smoke
def test_a_stored_file_of_version_1_opens() -> None:
    specification = importlib.util.spec_from_file_location("make", FORMATS / "make_counts.py")
    assert specification is not None
    assert specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    opened = Counts.open(FORMATS / "counts-v1.npz")
    assert same(opened, made.COUNTS)
    assert opened.window == Window(3, "harmonic")
    assert opened.window.unit == 6
    assert opened.matrix().toarray().tolist() == [
        [2**40 + 6, 255, 256, 0, 0],
        [255, 0, 65_536, 0, 0],
        [256, 65_536, 2, 2**32 - 1, 0],
        [0, 0, 2**32 - 1, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    assert opened.n_tokens == 90_000_000_144


@pytest.mark.smoke
def test_the_carried_counts_open() -> None:
    counts = carried_counts()
    assert len(counts.words) == 4_500
    assert counts.window == Window(16)
    assert (
        counts.total
        == counts.row_sums.sum()
        == 2 * counts.values.astype(int).sum() - (counts.lower().diagonal().sum())
    )
    assert (np.diff(counts.word_counts) <= 0).all()


# ------------------------------------------------------------------ damage

DAMAGED = "is damaged or is no counts file; count again"


def refusal(path: Path) -> str:
    """What `open` says of a file, which names it and is one sentence."""
    with pytest.raises(InputError) as caught:
        Counts.open(path)
    sentence = str(caught.value)
    assert sentence.startswith((f"{path} ", f"cannot read {path}"))
    assert sentence.isprintable()
    assert "\n" not in sentence
    assert "; " in sentence or "no permission" in sentence
    return sentence.removeprefix(f"{path} ")


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_file_cut_short_anywhere_is_refused(compression: Any, path: Path) -> None:
    small().save(path, compression=compression)
    content = path.read_bytes()
    for length in [*range(0, len(content), 37), len(content) - 1]:
        path.write_bytes(content[:length])
        assert refusal(path) == DAMAGED


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_flipped_byte_is_refused_or_harmless(compression: Any, path: Path) -> None:
    counts = small()
    counts.save(path, compression=compression)
    content = path.read_bytes()
    harmless = 0
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= (0x01, 0x80, 0xFF)[place % 3]
        path.write_bytes(flipped)
        try:
            opened = Counts.open(path)
        except InputError as error:
            assert str(error).startswith((f"{path} is", f"cannot read {path}: "))  # noqa: PT017
        else:
            # Dates, attributes and other notes of the archive that nobody reads.
            harmless += 1
            assert same(opened, counts)
    assert harmless < len(content)


Members = dict[str, np.ndarray]


def edited(path: Path, edit: Callable[[Members], Any]) -> None:
    """Write the small counts with members changed by `edit`, checksums and all."""
    small().save(path)
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    edit(members)
    with zipfile.ZipFile(path, "w") as archive_out:
        for name, array in members.items():
            stream = io.BytesIO()
            np.lib.format.write_array(stream, array, version=(1, 0))
            archive_out.writestr(f"{name}.npy", stream.getvalue())


def header_with(**changes: Any) -> Callable[[Members], None]:
    def edit(members: Members) -> None:
        header = json.loads(members["header"].tobytes()) | changes
        kept = {name: value for name, value in header.items() if value is not ...}
        members["header"] = np.frombuffer(json.dumps(kept).encode(), np.uint8)

    return edit


def member_as(name: str, change: Callable[[np.ndarray], Any]) -> Callable[[Members], None]:
    return lambda members: members.update({name: np.asarray(change(members[name]))})


WRONG_SUM = "is damaged: its counts do not add up; count again"
NEWER = "is a counts file of version 3, this program reads versions 1 and 2; count again"
OTHER = "is no counts file; make one with 'repsearch count'"


def altered(what: str) -> str:
    return f"is damaged or was altered: {what}; count again"


def count_of(number: float) -> Callable[[Members], None]:
    """Another number of occurrences for the first word."""
    return member_as("word_counts", lambda a: np.concatenate([[number], a[1:]]).astype(a.dtype))


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        *(
            pytest.param(
                lambda members, name=name: members.pop(name), altered(f"it lacks {name}"),
                id=f"no {name}",
            )
            for name in ("words", "word_counts", "row_lengths", "gaps.0", "values.0", "header")
        ),
        (lambda members: members.pop("values.1"), altered("it lacks the array 'values.1'")),
        (header_with(format="word2vec"), OTHER),
        (header_with(version=3), NEWER),
        (header_with(version=...), NEWER.replace("version 3", "version None")),
        (header_with(total=17), WRONG_SUM),
        (header_with(total=-1), altered("total is -1, less than 0")),
        (header_with(total=2.0), altered("total is 2.0, which is no whole number")),
        (lambda members: members.pop("values.2"), WRONG_SUM),
        (header_with(corpora=...), altered("its header lacks corpora")),
        (header_with(corpora=[1]), altered("corpora is [1], which is no list of texts")),
        (header_with(n_documents=True), altered("n_documents is True, which is no whole number")),
        (
            header_with(out_of_vocabulary="lost"),
            altered("out_of_vocabulary is 'lost', none of 'remove', 'keep-place'"),
        ),
        (header_with(tokenizer=None), altered("tokenizer is None, which is no text")),
        (header_with(window={"width": 2}), altered("its window lacks size")),
        (header_with(window=7), altered("window is 7, which is no record")),
        (
            header_with(window={"size": 0, "weighting": "flat"}),
            altered("size is 0, less than 1"),
        ),
        (
            header_with(window={"size": 10**18, "weighting": "harmonic"}),
            altered(f"window.size is {10**18}, too wide for harmonic weights"),
        ),
        (member_as("header", lambda a: np.frombuffer(b"[1]", np.uint8)), OTHER),
        (
            member_as("words", lambda a: np.frombuffer(b"a\nb\nc\na", np.uint8)),
            altered("word 4, 'a', is word 1 again"),
        ),
        (
            member_as("words", lambda a: np.frombuffer(b"a\nb\nc\n\xff", np.uint8)),
            altered("word 4 is not UTF-8"),
        ),
        (
            member_as("words", lambda a: np.frombuffer(b"a\n\nc\nd", np.uint8)),
            altered("word 2 is empty"),
        ),
        (member_as("words", lambda a: a.astype(np.int16)), altered("words is int16, not uint8")),
        (member_as("word_counts", lambda a: a[1:]), altered("word_counts has shape (3,), not (4)")),
        (
            member_as("word_counts", lambda a: a * np.nan),
            altered("word_counts is float64, not int64"),
        ),
        (count_of(-1), altered("word_counts[0] is -1, less than 0")),
        (count_of(2**62), altered("word_counts add up to more than n_words_read")),
        (member_as("row_lengths", lambda a: a[1:]), altered("row_lengths has shape (3,), not (4)")),
        (member_as("row_lengths", lambda a: -a), altered("row_lengths[0] is -1, less than 0")),
        (member_as("row_lengths", lambda a: a[::-1]), WRONG_SUM),
        (
            member_as("row_lengths", lambda a: a * 2**29),
            altered(f"row_lengths[0] is {2**29}, more than the row has places"),
        ),
        (
            member_as("row_lengths", lambda a: np.array([1, 2, 3, 4], "<i4")),
            altered("gaps.0 has shape (4,), not (10)"),
        ),
        (member_as("gaps.0", lambda a: a * 0), altered("gaps are not all from 1 to 4")),
        (member_as("gaps.0", lambda a: a + 7), altered("gaps are not all from 1 to 4")),
        (member_as("gaps.0", lambda a: a + 1), altered("columns lie beyond the diagonal")),
        (member_as("gaps.0", lambda a: a[:1]), altered("gaps.0 has shape (1,), not (4)")),
        (member_as("values.0", lambda a: a[:1]), altered("values.0 has shape (1,), not (4)")),
        (
            member_as("values.1", lambda a: np.append(a, a)),
            altered("values.1 has shape (8,), not (4)"),
        ),
        (
            member_as("values.2", lambda a: a.astype(float)),
            altered("values.2 is float64, not uint8"),
        ),
        (
            lambda members: members.update(
                {f"values.{k}": np.full(4, 255, np.uint8) for k in range(8)}
            ),
            altered("values hold -1, less than 1"),
        ),
        (
            lambda members: members.update(
                {f"values.{k}": np.full(4, 127, np.uint8) for k in range(8)}
            ),
            altered("values add up to more than 64-bit integers hold"),
        ),
        (
            lambda members: members.update(
                {f"values.{k}": np.ones(4, np.uint8) for k in range(9)}
            ),
            altered("values have 9 bytes each, not 1 to 8"),
        ),
    ],
)  # fmt: skip
def test_a_member_that_is_wrong_is_refused(
    edit: Callable[[Members], Any], sentence: str, path: Path
) -> None:
    edited(path, edit)
    assert refusal(path) == sentence


def test_a_pickled_object_is_refused_unopened(path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (pytest.fail, ("it was unpickled",))

    edited(path, member_as("words", lambda a: np.array([Trap()], object)))
    assert refusal(path) == (
        f"cannot read {path}: 'words' holds Python objects, which are not loaded because they can "
        "run code; count again"
    )


@pytest.mark.parametrize(
    "header", [b"\xff{}", b"{", b"[" * 100_000, b'{"total": ' + b"9" * 5000 + b"}", b"NaN"]
)
def test_a_header_that_is_no_json_is_refused(header: bytes, path: Path) -> None:
    edited(path, member_as("header", lambda _: np.frombuffer(header, np.uint8)))
    assert refusal(path).startswith(f"cannot read {path}: it ")


@pytest.mark.parametrize(
    "window",
    [Window(4), Window(6), Window(5, "flat"), Window(5, "harmonic"), Window(50)],
)
@pytest.mark.parametrize("documents", [1, 3])
def test_a_window_that_was_altered_contradicts_the_counts(
    window: Window, documents: int, path: Path
) -> None:
    text = " ".join(f"w{k % 7} w{k % 11}" for k in range(200))
    counts = count(encode([text] * documents, vocabulary_size=None), Window(5))
    counts.save(path)
    assert same(Counts.open(path), counts)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    old = b'"size": 5,\n  "weighting": "linear"'
    assert old in members["header.npy"]
    new = b'"size": %d,\n  "weighting": "%s"' % (window.size, window.weighting.encode())
    array = np.load(io.BytesIO(members["header.npy"])).tobytes().replace(old, new)
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.frombuffer(array, np.uint8), version=(1, 0))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, stream.getvalue() if name == "header.npy" else content)
    found = refusal(path)
    assert found.startswith("is damaged or was altered: the counts")
    assert f"{window.weighting} window of {window.size}" in found


@given(
    texts=documents(),
    window=windows(),
    others=st.sampled_from(["remove", "keep-place"]),
    words=st.sampled_from([["a"], ["a", "b", "z"], list("abcdef")]),
)
def test_no_counts_of_a_text_contradict_themselves(
    texts: list[str], window: Window, others: str, words: list[str]
) -> None:
    corpus = encode(texts, vocabulary=words, out_of_vocabulary=others)
    counts = count(corpus, window)
    assert contradiction(counts) is None
    assert contradiction(merge([counts, replace(counts, corpora=("other",))])) is None


def test_what_is_no_archive_is_refused(path: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.npz") == "does not exist; check the path"
    assert refusal(tmp_path) == "is a folder; give the counts file in it"
    path.write_text("the 5\nof 4\n")
    assert refusal(path) == DAMAGED
    np.save(tmp_path / "array.npy", np.arange(5))
    assert refusal(tmp_path / "array.npy") == DAMAGED
    np.savez(path, vectors=np.arange(5))
    assert refusal(path) == DAMAGED


# ------------------------------------------------------------------- merge


@given(st.lists(count_matrices(4, 4), min_size=1, max_size=4), st.data())
def test_merging_adds_whatever_the_order_of_words_and_of_parts(
    matrices: list[Any], data: st.DataObject
) -> None:
    words = ["ant", "bee", "cat", "dog"]
    parts, total = [], np.zeros((4, 4), np.int64)
    for number, matrix in enumerate(matrices):
        order = data.draw(st.permutations(range(4)))
        occurrences = data.draw(st.lists(st.integers(1, 3), min_size=4, max_size=4))
        parts.append(
            counts_from(
                matrix,
                words=[words[k] for k in order],
                word_counts=occurrences,
                corpora=(f"digest {number}",),
            )
        )
        place = [order.index(k) for k in range(4)]
        total += matrix[np.ix_(place, place)]
    merged = merge(parts)
    expected = {(words[i], words[j]): int(total[i, j]) for i, j in np.argwhere(total).tolist()}
    assert by_words(merged) == expected
    occurrences_of = [
        sum(int(part.word_counts[part.words.index(word)]) for part in parts) for word in words
    ]
    assert dict(zip(merged.words, merged.word_counts.tolist(), strict=True)) == dict(
        zip(words, occurrences_of, strict=True)
    )
    assert list(merged.words) == sorted(
        words, key=lambda word: (-occurrences_of[words.index(word)], word)
    )
    assert merged.n_words_read == sum(part.n_words_read for part in parts)
    shuffled = data.draw(st.permutations(parts))
    assert same(merge(shuffled), merged)


def test_merging_beyond_32_bits_is_exact() -> None:
    parts = [counts_from(np.array([[0, 2**31], [2**31, 4]]), corpora=(f"{k}",)) for k in range(3)]
    merged = merge(parts)
    assert merged.values.dtype == np.int64
    assert by_words(merged)["w0", "w1"] == 3 * 2**31
    assert merge(parts[:1]).values.dtype == np.uint32


BASE = counts_from(np.array([[1, 2], [2, 0]]), words=["owl", "猫"])


def variant(**changes: Any) -> Counts:
    return replace(BASE, **{"corpora": ("another",), **changes})


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([], "no counts to merge; pass at least one"),
        (
            [BASE, variant(words=("owl", "naïve"))],
            "counts over different words cannot be added ('naïve' is in one only); encode both "
            "texts with the same words: encode(..., vocabulary=words)",
        ),
        (
            [BASE, variant(window=Window(5))],
            "counts in a linear window of 2 and in a linear window of 5 cannot be added; "
            "count every text alike",
        ),
        (
            [BASE, variant(window=Window(2, "flat"))],
            "counts in a linear window of 2 and in a flat window of 2 cannot be added; "
            "count every text alike",
        ),
        (
            [BASE, variant(), variant(tokenizer="unicode", corpora=("third",))],
            "counts with tokenizer latin and unicode cannot be added; count every text alike",
        ),
        (
            [variant(tokenizer="unstated:__main__.<lambda>", corpora=(one,)) for one in "ab"],
            "the words were split by a function without a name of its own "
            "(unstated:__main__.<lambda>), and another function may be recorded alike; give it "
            "one that changes with the rule, encode(..., tokenizer=Tokenizer('my-rule-1', "
            "function)), and count again",
        ),
        (
            [BASE, variant(out_of_vocabulary="keep-place")],
            "counts with out_of_vocabulary remove and keep-place cannot be added; "
            "count every text alike",
        ),
        (
            [BASE, variant(), BASE],
            "a corpus (digest made...) would be counted twice; leave one file out",
        ),
        (
            [BASE, variant(corpora=("another", "made"))],
            "a corpus (digest made...) would be counted twice; leave one file out",
        ),
        (
            [counts_from(np.array([[0, 2**61], [2**61, 0]]), corpora=(f"{k}",)) for k in range(2)],
            "the sum of these counts exceeds 64-bit integers; merge fewer, or count with a "
            "narrower window",
        ),
    ],
)
def test_what_cannot_be_merged(parts: list[Counts], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        merge(parts)
    assert str(caught.value) == sentence


def test_the_same_text_twice_is_refused_and_two_texts_are_not() -> None:
    one = count(encode(["a b a"], vocabulary_size=None), Window(2))
    again = count(encode(["a b a"], vocabulary_size=None), Window(2))
    other = count(encode(["b a b"], vocabulary_size=None), Window(2))
    with pytest.raises(InputError, match="counted twice"):
        merge([one, again])
    with pytest.raises(InputError, match="counted twice"):
        merge([merge([one, other]), again])
    assert by_words(merge([one, other]))["a", "b"] == 2 * by_words(one)["a", "b"]


# ------------------------------------------------------------ bad arguments


def test_an_unknown_compression_is_refused_before_anything_is_written(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        small().save(path, compression="zip")  # type: ignore[arg-type]
    assert str(caught.value) == "compression is 'zip'; choose 'none' or 'lzma'"
    assert not list(path.parent.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot write .*; "):
        small().save(tmp_path / "file" / "counts.npz")
    with pytest.raises(InputError, match=r"cannot write .*folder"):
        small().save(tmp_path)


def test_it_prints_as_one_line() -> None:
    assert repr(small()) == (
        "Counts(4 words, 70,620 tokens, linear window of 2, 4 pairs, density 37.5%)"
    )


def test_counts_of_functions_are_added_where_they_state_a_name() -> None:
    def made(text: str, tokenizer: Any) -> Counts:
        return count(encode([text], vocabulary=["a", "b"], tokenizer=tokenizer), Window(1))

    # Two functions that differ are recorded alike.
    with pytest.raises(InputError, match="without a name of its own"):
        merge([made("a b", lambda text: text.split()), made("A b", lambda text: list("ab"))])
    named = Tokenizer("mine-1", str.split)
    assert merge([made("a b", named), made("b a b", named)]).total == 6


@given(count_matrices(), st.integers(1, 7))
def test_pieces_of_entries_say_the_row_of_each(matrix: Any, chunk: int) -> None:
    counts = counts_from(matrix)
    n = len(counts.values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "_CHUNK", chunk)
        pieces = list(counts.blocks())
    bounds = [(low, min(low + chunk, n)) for low in range(0, n, chunk)]
    assert [(low, high) for low, high, _ in pieces] == bounds
    rows = np.repeat(np.arange(len(counts.words)), np.diff(counts.indptr))
    assert [row for _, _, piece in pieces for row in piece] == rows.tolist()

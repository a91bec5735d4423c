"""Vocabulary, offsets, digests and the folder of an encoded corpus."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repsearch.corpus import corpus as corpus_module
from repsearch.corpus import first_pass as drafting
from repsearch.corpus import folder as folder_of_corpus
from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.encoding import encode
from repsearch.corpus.folder import write_manifest
from repsearch.counts import counting as cooccurrence
from repsearch.counts.merging import merge
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.text import chunks
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import Tokenizer

# Other work on the machine makes no test fail.
PATIENT = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
FILES = ["corpus.json", "offsets.i64", "tokens.i32", "vocabulary.tsv"]
SOME = ["the cat sat", "the dog", "a cat and the other cat"]
OTHER = ["quite another text", "with other words"]

# Few letters, so that counts tie and words come back.
word_lists = st.lists(st.text("ab", min_size=1, max_size=2), max_size=9)
corpora = st.lists(word_lists, min_size=1, max_size=9)


def joined(documents: list[list[str]]) -> list[str]:
    return [" ".join(words) for words in documents]


def write(path: Path, documents: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{document}\n" for document in documents), encoding="utf-8")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def documents_of(corpus: Corpus) -> list[list[str | None]]:
    return [corpus.document(k) for k in range(corpus.n_documents)]


def assert_equal(one: Corpus, other: Corpus) -> None:
    for name in ("words", "tokenizer", "settings", "n_words_read", "n_documents_dropped", "digest"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("word_counts", "tokens", "offsets"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(mine, theirs)


# ------------------------------------------------------- against a plain way


def plainly(
    documents: list[list[str]],
    size: int | None,
    min_count: int,
    min_length: int,
    out_of_vocabulary: str,
    vocabulary: list[str] | None = None,
) -> dict[str, object]:
    kept = [words for words in documents if len(words) >= max(min_length, 1)]
    counted = Counter(word for words in kept for word in words)
    order = sorted(counted, key=lambda word: (-counted[word], word))
    order = [word for word in order if counted[word] >= min_count][:size]
    chosen = order if vocabulary is None else vocabulary
    place = {word: k for k, word in enumerate(chosen)}
    found = [[word if word in place else None for word in words] for words in kept]
    if out_of_vocabulary == "remove":
        found = [[word for word in words if word is not None] for words in found]
    return {
        "words": tuple(chosen),
        "word_counts": [counted[word] for word in chosen],
        "documents": found,
        "offsets": np.cumsum([0, *map(len, found)]).tolist(),
        "n_words_read": sum(map(len, kept)),
        "n_documents_dropped": sum(0 < len(words) < min_length for words in documents),
    }


def seen(corpus: Corpus) -> dict[str, object]:
    return {
        "words": corpus.words,
        "word_counts": corpus.word_counts.tolist(),
        "documents": documents_of(corpus),
        "offsets": corpus.offsets.tolist(),
        "n_words_read": corpus.n_words_read,
        "n_documents_dropped": corpus.n_documents_dropped,
    }


@given(
    documents=corpora,
    size=st.none() | st.integers(1, 5),
    min_count=st.integers(1, 3),
    min_length=st.integers(1, 4),
    out_of_vocabulary=st.sampled_from(["remove", "keep-place"]),
    chunk=st.integers(1, 9),
    block_bytes=st.integers(1, 30),
    tokenizer=st.sampled_from(["latin", "unicode"]),
    vocabulary=st.none()
    | st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, unique=True),
)
@PATIENT
def test_the_plain_way(
    tmp_path,
    documents,
    size,
    min_count,
    min_length,
    out_of_vocabulary,
    chunk,
    block_bytes,
    tokenizer,
    vocabulary,
):
    settings = CorpusSettings(size, min_count, min_length, out_of_vocabulary)
    expected = plainly(documents, size, min_count, min_length, out_of_vocabulary, vocabulary)
    eligible = len(plainly(documents, None, min_count, min_length, "remove")["words"])
    folder = tmp_path / "corpus"
    shutil.rmtree(folder, ignore_errors=True)

    def encoded(folder: Path | None = None) -> Corpus:
        return encode(
            joined(documents),
            folder,
            settings=settings,
            vocabulary=vocabulary,
            tokenizer=tokenizer,
        )

    if not expected["documents"] or (vocabulary is None and max(size or 1, 1) > eligible):
        with pytest.raises(InputError):
            encoded()
        return
    whole = encoded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafting, "_CHUNK", chunk)
        patch.setattr(chunks, "BLOCK_BYTES", block_bytes)
        corpus = encoded()
        on_disk = encoded(folder)
    assert seen(corpus) == expected
    assert whole.digest == corpus.digest
    assert_equal(whole, corpus)
    assert_equal(whole, on_disk)
    n_kept = int(corpus.word_counts.sum())
    assert corpus.coverage == n_kept / corpus.n_words_read
    assert n_kept == np.count_nonzero(corpus.tokens >= 0)


def test_min_document_length_counts_words_before_any_is_removed():
    documents = ["rare words only here", "a a", "a a a a"]
    corpus = encode(documents, vocabulary_size=1, min_document_length=4)
    assert documents_of(corpus) == [[], ["a"] * 4]
    assert corpus.n_documents_dropped == 1
    assert corpus.word_counts.tolist() == [4]
    assert corpus.coverage == 0.5


def test_a_long_document_that_turns_out_too_short(monkeypatch):
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 16)
    documents = ["b " * 100, "a " * 99, "", "c " * 100, "a " * 30]
    corpus = encode(documents, vocabulary_size=None, min_document_length=100)
    assert documents_of(corpus) == [["b"] * 100, ["c"] * 100]
    assert (corpus.n_documents_dropped, corpus.n_words_read) == (2, 200)


def test_documents_by_number():
    corpus = encode(SOME, vocabulary_size=None)
    assert corpus.document(-1) == corpus.document(2) == SOME[2].split()
    for k in (3, -4):
        with pytest.raises(IndexError):
            corpus.document(k)


def test_numpy_numbers_are_numbers():
    corpus = encode(SOME, vocabulary_size=np.int64(2), min_count=np.int32(1))
    assert corpus.settings == CorpusSettings(2)
    assert type(corpus.settings.vocabulary_size) is int


def test_what_is_printed():
    corpus = encode(SOME, vocabulary_size=2)
    assert repr(corpus) == (
        "Corpus(2 words, 6 tokens, 3 documents, coverage 54.5%, tokenizer 'latin')"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"vocabulary_size": 10_000},
            "a vocabulary of 10,000 words was asked for, but the text has only 7 distinct words; "
            "ask for at most that many",
        ),
        (
            {"vocabulary_size": 3, "min_count": 3},
            "a vocabulary of 3 words was asked for, but the text has only 2 distinct words that "
            "occur at least 3 times; ask for at most that many",
        ),
        (
            {"min_count": 2000},
            "no word occurs 2,000 times or more; lower min_count",
        ),
        (
            {"min_document_length": 3000},
            "no document has 3,000 words or more (3 were left out); lower min_document_length",
        ),
        ({"vocabulary_size": 0}, "vocabulary_size is 0; pass a whole number of at least 1"),
        ({"vocabulary_size": -1}, "vocabulary_size is -1; pass a whole number"),
        ({"vocabulary_size": 2.0}, "vocabulary_size is 2.0; pass a whole number"),
        ({"vocabulary_size": "2"}, "vocabulary_size is '2'; pass a whole number"),
        ({"vocabulary_size": True}, "vocabulary_size is True; pass a whole number"),
        ({"min_count": 0}, "min_count is 0; pass a whole number of at least 1"),
        ({"min_count": None}, "min_count is None; pass a whole number of at least 1"),
        ({"min_document_length": 0}, "min_document_length is 0; pass a whole number"),
        (
            {"out_of_vocabulary": "drop"},
            "out_of_vocabulary is 'drop'; choose 'remove' or 'keep-place'",
        ),
        ({"vocabulary": []}, "vocabulary has no word in it; pass at least one, or None to choose"),
        ({"vocabulary": "the cat"}, "vocabulary is of type str; pass a list of words"),
        ({"vocabulary": {"the": 1}}, "vocabulary is of type dict; pass a list of words"),
        ({"vocabulary": ["the", "cat", "the"]}, "vocabulary holds 'the' twice; leave one out"),
        ({"vocabulary": ["the", ""]}, "vocabulary holds ''; a word is a string that is not empty"),
        ({"vocabulary": ["the cat"]}, "vocabulary holds 'the cat'; a word is a string that"),
        ({"vocabulary": ["the", 3]}, "vocabulary holds 3; a word is a string that"),
        (
            {"vocabulary": ["the"], "vocabulary_size": 1},
            "vocabulary says which words are kept; leave out vocabulary_size",
        ),
        (
            {"vocabulary": ["the"], "min_count": 2},
            "vocabulary says which words are kept; leave out min_count",
        ),
    ],
)
def test_bad_settings_are_explained(tmp_path, changes, message):
    if "vocabulary" not in changes:
        changes = {"vocabulary_size": None, **changes}
    folder = tmp_path / "corpus"
    for place in (None, folder):
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            encode(SOME, place, **changes)
    assert names(tmp_path) == []


def test_an_unknown_setting_is_named():
    with pytest.raises(TypeError, match="vocab_size"):
        encode(SOME, vocab_size=3)


# ------------------------------------------------------------------- digests


@given(corpora.filter(any), st.data())
@PATIENT
def test_the_digest_changes_with_any_change(documents, data):
    documents = [words for words in documents if words]
    digest = encode(joined(documents), vocabulary_size=None).digest
    assert encode(joined(documents), vocabulary_size=None).digest == digest
    k = data.draw(st.integers(0, len(documents) - 1))
    i = data.draw(st.integers(0, len(documents[k]) - 1))
    changed = [list(words) for words in documents]
    changed[k][i] += "c"
    others = [changed]
    if len(documents[k]) > 1 and i:
        others.append([*documents[:k], documents[k][:i], documents[k][i:], *documents[k + 1 :]])
    if len(documents) > 1:
        others.append([documents[0] + documents[1], *documents[2:]])
    if documents[k][i] != documents[k][0]:
        swapped = [list(words) for words in documents]
        swapped[k][i], swapped[k][0] = swapped[k][0], swapped[k][i]
        others.append(swapped)
    digests = [encode(joined(other), vocabulary_size=None).digest for other in others]
    assert digest not in digests


def test_words_tokens_and_offsets_cannot_be_taken_for_each_other():
    # One more word, or one more token, or one more document of the same bytes.
    corpora = [
        encode(["a a"], vocabulary_size=None),
        encode(["a a a a"], vocabulary_size=None),
        encode(["a a", "a a"], vocabulary_size=None),
        encode(["a"], vocabulary=["a", "b"]),
        encode(["a"], vocabulary=["a"]),
        encode(["a b"], vocabulary=["a"], out_of_vocabulary="keep-place"),
    ]
    assert len({corpus.digest for corpus in corpora}) == len(corpora)


# ---------------------------------------------------------- given vocabulary


def test_given_words_keep_their_order_and_may_be_missing(tmp_path):
    given_words = ["zebra", "cat", "The", "the"]
    for folder in (None, tmp_path / "corpus"):
        corpus = encode(SOME, folder, vocabulary=given_words)
        assert corpus.words == tuple(given_words)
        assert corpus.word_counts.tolist() == [0, 3, 0, 3]
        assert documents_of(corpus) == [["the", "cat"], ["the"], ["cat", "the", "cat"]]
        assert corpus.settings == CorpusSettings(4)


@pytest.mark.parametrize("out_of_vocabulary", ["remove", "keep-place"])
def test_a_text_without_any_given_word(tmp_path, out_of_vocabulary):
    for folder in (None, tmp_path / "corpus"):
        corpus = encode(SOME, folder, vocabulary=("z",), out_of_vocabulary=out_of_vocabulary)
        assert corpus.coverage == 0
        assert corpus.n_documents == 3
        assert corpus.tokens.tolist() == ([] if out_of_vocabulary == "remove" else [-1] * 11)
    assert_equal(Corpus.open(tmp_path / "corpus"), corpus)


def test_another_vocabulary_is_noticed(tmp_path):
    path = write(tmp_path / "a.txt", SOME)
    folder = tmp_path / "corpus"
    made = []
    for vocabulary in (["the", "cat"], ["cat", "the"], ["the", "dog"], ("the", "dog"), None):
        changes = {"vocabulary_size": 2} if vocabulary is None else {"vocabulary": vocabulary}
        corpus = encode(path, folder, **changes)
        assert_equal(corpus, encode(SOME, **changes))
        made.append((folder / "corpus.json").stat().st_mtime_ns)
    assert len(set(made)) == 4
    assert made[2] == made[3]


def test_shards_with_one_vocabulary_merge_to_the_whole():
    whole = encode(SOME + OTHER, vocabulary_size=6)
    shards = [encode(part, vocabulary=whole.words) for part in (SOME, OTHER)]
    assert (shards[1].word_counts == 0).any()
    window = Window(3)
    merged = merge(cooccurrence.count(shard, window) for shard in shards)
    at_once = cooccurrence.count(whole, window)
    assert merged.words == at_once.words
    np.testing.assert_array_equal(merged.matrix().toarray(), at_once.matrix().toarray())
    np.testing.assert_array_equal(merged.word_counts, at_once.word_counts)
    assert merged.n_words_read == at_once.n_words_read


# ---------------------------------------------------------------- the folder


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    status = {name: (folder / name).stat() for name in names(folder)}
    return {name: (s.st_ino, s.st_mtime_ns, s.st_size) for name, s in status.items()}


@pytest.mark.smoke
@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
def test_a_folder_is_written_once_and_used_again(tmp_path, tokenizer):
    path = write(tmp_path / "a.txt", SOME)
    folder = tmp_path / "new" / "corpus"
    first = encode(path, folder, vocabulary_size=3, tokenizer=tokenizer)
    before = stamps(folder)
    assert names(folder) == FILES
    assert names(folder.parent) == ["corpus"]
    calls = []
    again = encode(
        str(path),
        str(folder),
        vocabulary_size=3,
        tokenizer=tokenizer,
        progress=lambda *call: calls.append(call),
    )
    assert calls == []
    assert stamps(folder) == before
    for corpus in (first, again, Corpus.open(folder)):
        assert_equal(corpus, encode(SOME, vocabulary_size=3, tokenizer=tokenizer))
        assert isinstance(corpus.tokens, np.memmap)
        assert not corpus.tokens.flags.writeable


CHANGES = {
    "vocabulary_size": {"vocabulary_size": 2},
    "min_count": {"min_count": 2, "vocabulary_size": 2},
    "min_document_length": {"min_document_length": 2},
    "out_of_vocabulary": {"out_of_vocabulary": "keep-place"},
    "tokenizer": {"tokenizer": "unicode"},
    "vocabulary": {"vocabulary": ["a", "cat", "the"]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_settings_are_noticed(tmp_path, change):
    path = write(tmp_path / "a.txt", SOME)
    usual = {} if "vocabulary" in CHANGES[change] else {"vocabulary_size": 3}
    encode(path, tmp_path / "corpus", vocabulary_size=3)
    corpus = encode(path, tmp_path / "corpus", **{**usual, **CHANGES[change]})
    assert_equal(corpus, encode(SOME, **{**usual, **CHANGES[change]}))


def test_other_files_and_layouts_are_noticed(tmp_path):
    path = write(tmp_path / "text" / "a.txt", SOME)
    folder = tmp_path / "corpus"

    def digests(source: object) -> str:
        corpus = encode(source, folder, vocabulary_size=None)
        assert corpus.digest == encode(source, vocabulary_size=None).digest
        return corpus.digest

    found = [digests(path), digests(TextFiles(path, "file"))]
    write(path, [*SOME[:2], "a cat and the other dog"])
    os.utime(path, ns=(1, 1))  # the same size, an older file
    found.append(digests(path))
    write(path.with_name("b.txt"), OTHER)
    found.append(digests(path.parent))
    assert len(set(found)) == 4


def test_what_cannot_be_known_again_is_encoded_again(tmp_path):
    path = write(tmp_path / "a.txt", SOME)
    folder = tmp_path / "corpus"
    for k, source in enumerate([path, path, list(SOME), list(SOME)]):
        words = [["one"], ["two"]][k % 2]
        mine = Tokenizer("mine", lambda _document, words=words: words)
        assert encode(source, folder, vocabulary_size=None, tokenizer=mine).words == tuple(words)
    for documents in (SOME, OTHER):
        corpus = encode(documents, folder, vocabulary_size=None)
        assert_equal(corpus, encode(documents, vocabulary_size=None))


def test_an_open_corpus_outlives_its_replacement(tmp_path):
    old = encode(SOME, tmp_path / "corpus", vocabulary_size=None)
    before = documents_of(old)
    encode(OTHER, tmp_path / "corpus", vocabulary_size=None)
    assert documents_of(old) == before
    assert names(tmp_path) == ["corpus"]


def test_a_corpus_that_is_replaced_while_it_is_opened_is_read_again(tmp_path, monkeypatch):
    encode(SOME, tmp_path / "corpus", vocabulary_size=None)
    expected = encode(OTHER, vocabulary_size=None)
    read, replaced = folder_of_corpus.read_manifest, []

    def read_before_it_is_replaced(path):
        manifest = read(path)
        if not replaced:
            replaced.append(path)
            shutil.rmtree(path)
            encode(OTHER, path, vocabulary_size=None)
        return manifest

    monkeypatch.setattr(corpus_module, "read_manifest", read_before_it_is_replaced)
    assert_equal(Corpus.open(tmp_path / "corpus"), expected)
    assert replaced


def test_a_corpus_that_never_stays_is_refused(tmp_path):
    def read_and_touch():
        (tmp_path / "file").write_text("")
        (tmp_path / "file").unlink()
        return 0

    with pytest.raises(InputError, match="again and again by another process; wait for its end"):
        folder_of_corpus.read_unreplaced(tmp_path, read_and_touch)


def test_a_folder_with_other_files_is_refused_before_any_work(tmp_path):
    path = write(tmp_path / "a.txt", SOME)
    calls = []
    with pytest.raises(InputError, match=r"holds 'a.txt', which would be lost; choose a new or em"):
        encode(path, tmp_path, vocabulary_size=None, progress=lambda *call: calls.append(call))
    assert calls == []
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("name", ["", "corpus", "deep/corpus"])
def test_a_folder_among_the_text_is_refused(tmp_path, name):
    # Its files would be read as text the next time.
    write(tmp_path / "text" / "a.txt", SOME)
    with pytest.raises(InputError, match=r"for the corpus is in .*; choose a folder outside"):
        encode(tmp_path / "text", tmp_path / "text" / name, vocabulary_size=None)
    assert names(tmp_path / "text") == ["a.txt"]
    encode(tmp_path / "text", tmp_path / "text-corpus", vocabulary_size=None)


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "corpus").mkdir()
    assert_equal(
        encode(SOME, tmp_path / "corpus", vocabulary_size=3), encode(SOME, vocabulary_size=3)
    )


# ------------------------------------------------------------- interruptions


@pytest.mark.parametrize("stage", ["reading text", "encoding"])
@pytest.mark.parametrize("tokenizer", ["latin", "unicode"])
@pytest.mark.parametrize("there_before", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_what_was_there(
    tmp_path, stage, tokenizer, there_before, error, threads_left
):
    path = write(tmp_path / "a.txt", SOME * 1000)
    folder = tmp_path / "corpus"
    if there_before:
        old = encode(OTHER, folder, vocabulary_size=None)

    def interrupt(where: str, done: float, total: float | None, unit: str) -> None:
        if where == stage:
            raise error

    with pytest.raises(error):
        encode(path, folder, vocabulary_size=3, tokenizer=tokenizer, progress=interrupt)
    assert names(tmp_path) == (["a.txt", "corpus"] if there_before else ["a.txt"])
    if there_before:
        assert_equal(Corpus.open(folder), old)
    assert threads_left() == []
    with pytest.raises(error):
        encode(path, vocabulary_size=3, tokenizer=tokenizer, progress=interrupt)
    assert threads_left() == []


def test_a_failure_while_text_is_read_ahead_stops_the_reader(tmp_path, monkeypatch, threads_left):
    path = write(tmp_path / "a.txt", ["one two three"] * 20_000)
    monkeypatch.setattr(chunks, "BLOCK_BYTES", 1000)

    def full(self, numbers):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(drafting._Drafter, "add", full)
    for folder in (None, tmp_path / "corpus"):
        with pytest.raises(InputError, match="the disk is full") as caught:
            encode(path, folder, vocabulary_size=3)
        place = "name another folder in TMPDIR" if folder is None else "choose another folder"
        assert str(caught.value).endswith(f"free some space or {place}")
        assert folder is None or str(caught.value).startswith(f"cannot write {folder}:")
        assert threads_left() == []
    assert names(tmp_path) == ["a.txt"]


def run(code: str, *arguments: object, **kwargs) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        **kwargs,
    )


KILLED = """
import os, signal, sys
from repsearch.corpus.encoding import encode
from repsearch.corpus.first_pass import _Drafter

def die(stage, done, total, unit):
    if stage == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

encode(sys.argv[1], sys.argv[2], vocabulary_size=3, progress=die)
"""


@pytest.mark.parametrize("stage", ["reading text", "encoding"])
def test_a_killed_run_leaves_the_old_corpus(tmp_path, stage):
    path = write(tmp_path / "a.txt", SOME * 1000)
    folder = tmp_path / "corpus"
    if stage == "encoding":
        old = encode(OTHER, folder, vocabulary_size=None)
    done = run(KILLED, path, folder, stage)
    assert done.returncode == -signal.SIGKILL, done.stderr
    if stage == "encoding":
        assert_equal(Corpus.open(folder), old)
    else:
        assert not folder.exists()
    left = [name for name in names(tmp_path) if name not in ("a.txt", "corpus")]
    assert all(name.startswith(".corpus.") and name.endswith(".tmp") for name in left)
    # What is left behind is in nobody's way.
    assert_equal(encode(path, folder, vocabulary_size=3), encode(SOME * 1000, vocabulary_size=3))


# ------------------------------------------------------------ no room, no way

REFUSED = """
import resource, sys
from repsearch.corpus.encoding import encode
from repsearch.errors import InputError
if sys.argv[3] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    encode(sys.argv[1], sys.argv[2], vocabulary_size=None)
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [100_000, 2_500_000])
def test_a_limit_on_the_size_of_files(tmp_path, limit):
    # 600,000 words make a draft and tokens of 2.4 MB each, documents offsets of 4.8 MB.
    path = write(tmp_path / "a.txt", ["one"] * 600_000)
    done = run(REFUSED, path, tmp_path / "corpus", limit)
    assert done.stdout.startswith(f"cannot write {tmp_path / 'corpus'}: the file would be larger")
    assert done.stderr == ""
    assert names(tmp_path) == ["a.txt"]


# Room for nothing, for half of the draft, for the draft and half of the
# tokens, for both and half of the offsets.
@pytest.mark.parametrize("kilobytes", [64, 1200, 3600, 6000])
def test_a_full_disk(tmp_path, kilobytes):
    path = write(tmp_path / "a.txt", ["one"] * 600_000)
    disk = tmp_path / "disk"
    disk.mkdir()
    # In a name space of mounts of its own, which ends with the process.
    mount = f"mount -t tmpfs -o size={kilobytes}k none {disk}"
    if shutil.which("unshare") is None or run_shell(mount).returncode:
        pytest.skip("no permission to mount a small disk")
    python = f"{sys.executable} -c '{REFUSED}' {path} {disk / 'corpus'} 0"
    done = run_shell(f"{mount} && {python} && ls -A {disk} | wc -l")
    assert done.stdout.splitlines() == [
        f"cannot write {disk / 'corpus'}: the disk is full; free some space or choose another "
        "folder",
        "0",
    ]
    assert done.stderr == ""


def run_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", command],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_path_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("precious")
    for folder, remedy in (
        (Path("/dev/null/x"), "/dev/null is a file, not a folder; choose another path"),
        (tmp_path / "file" / "x", f"{tmp_path / 'file'} is a file, not a folder"),
        (tmp_path / "file", "a file of that name is in the way; remove it or choose another path"),
        (tmp_path / ("x" * 300), "the name is too long; choose a shorter one"),
    ):
        with pytest.raises(InputError, match=f"^cannot write {folder}: {remedy}"):
            encode(SOME, folder, vocabulary_size=3)
    assert (tmp_path / "file").read_text() == "precious"


# -------------------------------------------------------------------- damage


def edit_manifest(**changes):
    def edit(folder: Path) -> None:
        path = folder / "corpus.json"
        manifest = json.loads(path.read_text())
        for name, value in changes.items():
            manifest[name] = value
            if value is ...:
                del manifest[name]
        del manifest["sha256"]
        write_manifest(folder, manifest)

    return edit


def rewrite(name: str, change):
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


DAMAGE = {
    "no folder": (
        shutil.rmtree,
        "FOLDER holds no whole corpus (corpus.json is missing); encode on",
    ),
    "truncated tokens": (
        rewrite("tokens.i32", lambda data: data[:-2]),
        "FOLDER/tokens.i32 has 26 bytes instead of 28; encode the corpus again",
    ),
    "longer tokens": (rewrite("tokens.i32", lambda data: data * 2), "has 56 bytes instead of 28"),
    "truncated offsets": (
        rewrite("offsets.i64", lambda data: b""),
        "FOLDER/offsets.i64 has 0 bytes instead of 32",
    ),
    "zeroed offsets": (
        rewrite("offsets.i64", lambda data: bytes(len(data))),
        "FOLDER/offsets.i64 is damaged; encode the corpus again",
    ),
    "mixed offsets": (
        rewrite("offsets.i64", lambda data: data[:8] + data[16:24] + data[8:16] + data[24:]),
        "FOLDER/offsets.i64 is damaged",
    ),
    "truncated vocabulary": (
        rewrite("vocabulary.tsv", lambda data: data[:-3]),
        "FOLDER/vocabulary.tsv has 2 lines instead of 3; encode the corpus again",
    ),
    "vocabulary without counts": (
        rewrite("vocabulary.tsv", lambda data: data.replace(b"\t", b" ")),
        "FOLDER/vocabulary.tsv, line 1, is no word with its count; encode the corpus again",
    ),
    "vocabulary in Latin-1": (
        rewrite("vocabulary.tsv", lambda data: b"\xe9" + data),
        "FOLDER/vocabulary.tsv is damaged; encode the corpus again",
    ),
    **{
        f"no {name}": (
            lambda folder, name=name: (folder / name).unlink(),
            f"FOLDER holds no whole corpus ({name} is missing); encode one there",
        )
        for name in FILES
    },
    **{
        f"garbage manifest {data!r}": (
            rewrite("corpus.json", lambda _, data=data: data),
            "FOLDER/corpus.json is damaged; encode the corpus again",
        )
        for data in (b"", b"{", b"\xff\xfe", b"[" * 100_000)
    },
    **{
        f"foreign manifest {data!r}": (
            rewrite("corpus.json", lambda _, data=data: data),
            "FOLDER/corpus.json is not the manifest of a corpus; encode the corpus again",
        )
        for data in (b"[]", b"{}", b'{"format": "word2vec"}')
    },
    "a later version": (
        edit_manifest(version=3),
        "FOLDER is a corpus of format version 3, this program reads versions up to 2; "
        "encode it again",
    ),
    "no version": (edit_manifest(version=...), "is a corpus of format version None"),
    **{
        f"manifest with {changes}": (
            edit_manifest(**changes),
            "FOLDER/corpus.json is damaged; encode the corpus again",
        )
        for changes in (
            {"n_tokens": ...},
            {"n_tokens": "8"},
            {"digest": None},
            {"settings": {"vocabulary_size": 0}},
            {"settings": {"speed": 3}},
            {"settings": [3]},
        )
    },
    "manifest with a negative number": (
        edit_manifest(n_documents=-5),
        "FOLDER/offsets.i64 has 32 bytes instead of -32",
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_folder_is_explained_and_made_again(tmp_path, case):
    damage, message = DAMAGE[case]
    path = write(tmp_path / "a.txt", SOME)
    folder = tmp_path / "corpus"
    whole = encode(path, folder, vocabulary_size=3)
    damage(folder)
    with pytest.raises(InputError) as caught:
        Corpus.open(folder)
    assert message.replace("FOLDER", str(folder)) in str(caught.value)
    assert_equal(encode(path, folder, vocabulary_size=3), whole)
    assert_equal(Corpus.open(folder), whole)


# -------------------------------------------------------------------- memory

PEAK = """
import sys
from repsearch.corpus.encoding import encode
from repsearch.counts.merging import merge
from repsearch.text.files import TextFiles
corpus = encode(TextFiles(sys.argv[1], sys.argv[3]), sys.argv[2], vocabulary_size=1000)
print(corpus.n_words_read)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see the peak")
@pytest.mark.parametrize("layout", ["lines", "one line", "one file"])
def test_memory_does_not_grow_with_the_corpus(tmp_path, layout):
    rng = np.random.default_rng(0)
    vocabulary = [f"w{''.join(chr(97 + int(c)) for c in str(k))}" for k in range(3000)]
    part = " ".join(rng.choice(vocabulary, 250_000)) + (" " if layout == "one line" else "\n")
    if layout == "lines":
        part = part.replace(" wa", "\nwa")
    peaks = []
    for times in (6, 18):
        path = tmp_path / f"{times}.txt"
        path.write_text(part * times)
        unit = "file" if layout == "one file" else "line"
        done = run(PEAK, path, tmp_path / f"corpus-{times}", unit)
        assert done.returncode == 0, done.stderr
        n_words, peak = map(int, done.stdout.split())
        assert n_words == 250_000 * times
        peaks.append(peak / 1024)
    # The text grows by 16 MB, the token ids by 12 MB in the draft and again in the
    # corpus. Of each document some 8 bytes are held, for a moment more than once.
    assert peaks[1] - peaks[0] < 8

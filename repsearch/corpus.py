"""The encoded corpus: word ids in order, with the place where each document begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from repsearch.encoding import Draft, draft_corpus
from repsearch.errors import InputError
from repsearch.files import replacing_folder
from repsearch.progress import Progress, silent
from repsearch.text import TextFiles
from repsearch.tokenizers import LATIN, Tokenize, Tokenizer, as_tokenizer

FORMAT = "repsearch-corpus"
VERSION = 1

TextInput: TypeAlias = str | Path | TextFiles | Iterable[str]
OutOfVocabulary = Literal["remove", "keep-place"]


@dataclass(frozen=True)
class CorpusSettings:
    """What decides how text becomes word ids.

    Parameters
    ----------
    vocabulary_size : int, optional
        Keep this many of the most frequent words (ties in the order of the
        alphabet); None keeps all.
    min_count : int
        Leave out words that occur less often.
    min_document_length : int
        Leave out documents of fewer words, counted before words are left out.
        The paper keeps Wikipedia articles of at least 500.
    out_of_vocabulary : {"remove", "keep-place"}
        Whether words out of the vocabulary are removed before windows are
        laid, so that their neighbours move together (the paper, word2vec), or
        keep their place as the id -1.

    Raises
    ------
    InputError
        A size or a minimum below 1, an unknown choice.
    """

    vocabulary_size: int | None = 10_000
    min_count: int = 1
    min_document_length: int = 1
    out_of_vocabulary: OutOfVocabulary = "remove"

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "min_count", "min_document_length"):
            value = getattr(self, name)
            if value is None and name == "vocabulary_size":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"{name} is {value!r}; pass a whole number of at least 1")
        if self.out_of_vocabulary not in ("remove", "keep-place"):
            raise InputError(
                f"out_of_vocabulary is {self.out_of_vocabulary!r}; choose 'remove' or 'keep-place'"
            )


@dataclass(frozen=True, eq=False)
class Corpus:
    """Text as word ids.

    Made by `encode` or `Corpus.open`; on disk it is a folder (docs/formats.md).

    Parameters
    ----------
    words : tuple of str
        The vocabulary, most frequent word first, ties in the order of the
        alphabet. A word's id is its place here.
    word_counts : (V,) int64
        How often each word occurs in the documents that were kept.
    tokens : (n,) int32
        Word ids of all documents one behind the other; -1 for a word out of
        the vocabulary that keeps its place. Memory-mapped where the corpus
        lies in a folder.
    offsets : (n_documents + 1,) int64
        Document k is ``tokens[offsets[k]:offsets[k + 1]]``.
    tokenizer : str
        The name of the tokeniser.
    settings : CorpusSettings
        As passed to `encode`.
    n_words_read : int
        Words read in the documents that were kept, in the vocabulary or not.
    n_documents_dropped : int
        Documents left out because they were too short or not UTF-8.
    digest : str
        SHA-256 of vocabulary, tokens and offsets.
    """

    words: tuple[str, ...]
    word_counts: NDArray[np.int64]
    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    tokenizer: str
    settings: CorpusSettings
    n_words_read: int
    n_documents_dropped: int
    digest: str

    @property
    def n_documents(self) -> int:
        """Number of documents."""
        return len(self.offsets) - 1

    @property
    def coverage(self) -> float:
        """Share of the words read that are in the vocabulary."""
        return int(self.word_counts.sum()) / max(self.n_words_read, 1)

    def document(self, k: int) -> list[str | None]:
        """Words of document `k`, None for a word out of the vocabulary that keeps its place."""
        ids = self.tokens[self.offsets[k] : self.offsets[k + 1]].tolist()
        return [self.words[i] if i >= 0 else None for i in ids]

    def __repr__(self) -> str:
        return (
            f"Corpus({len(self.words):,} words, {len(self.tokens):,} tokens, "
            f"{self.n_documents:,} documents, coverage {self.coverage:.1%}, "
            f"tokenizer {self.tokenizer!r})"
        )

    @classmethod
    def open(cls, folder: str | Path) -> Corpus:
        """Open an encoded corpus; its tokens are mapped into memory, not read.

        Raises
        ------
        InputError
            No corpus there, one of another version, or a file of another size
            than the manifest says.
        """
        folder = Path(folder)
        manifest = _read_manifest(folder)
        words, counts = _read_vocabulary(folder / "vocabulary.tsv")
        n, n_documents = manifest["n_tokens"], manifest["n_documents"]
        for name, size in (("tokens.i32", 4 * n), ("offsets.i64", 8 * (n_documents + 1))):
            file = folder / name
            if not file.exists() or file.stat().st_size != size:
                raise InputError(f"{file} is not of {size:,} bytes; encode the corpus again")
        # A file of no bytes cannot be mapped.
        tokens = np.memmap(folder / "tokens.i32", "<i4", "r") if n else np.empty(0, np.int32)
        return cls(
            words=words,
            word_counts=counts,
            tokens=tokens,
            offsets=np.fromfile(folder / "offsets.i64", "<i8"),
            tokenizer=manifest["tokenizer"],
            settings=CorpusSettings(**manifest["settings"]),
            n_words_read=manifest["n_words_read"],
            n_documents_dropped=manifest["n_documents_dropped"],
            digest=manifest["digest"],
        )


def encode(
    source: TextInput,
    folder: str | Path | None = None,
    *,
    settings: CorpusSettings | None = None,
    tokenizer: str | Tokenizer | Tokenize = LATIN,
    progress: Progress = silent,
    **changes: Any,
) -> Corpus:
    """Encode text as word ids.

    The text is read once. Memory grows with the number of distinct words, not
    with the number of words.

    Parameters
    ----------
    source : path, TextFiles, or iterable of str
        A file or folder of text with one document a line; `TextFiles` for
        several paths or another layout; or the documents themselves.
    folder : path, optional
        Where to keep the corpus. If it already holds the corpus of the same
        files (name, size and time of change) with the same settings, that one
        is opened. None keeps everything in memory.
    settings : CorpusSettings, optional
        The paper's vocabulary of 10,000 words by default.
    tokenizer : {"latin", "unicode"}, Tokenizer or callable
        ``"latin"`` is the paper's ``[a-z]+`` on lower-cased text.
    progress : Progress
        Called now and then.
    **changes
        Fields of `settings` to set otherwise, for example
        ``vocabulary_size=5000``.

    Raises
    ------
    InputError
        A bad file, a bad setting, fewer distinct words than asked for, no
        document long enough, a folder that cannot be written.
    """
    settings = replace(settings or CorpusSettings(), **changes)
    cutter = as_tokenizer(tokenizer)
    files = TextFiles((Path(source),)) if isinstance(source, str | Path) else source
    fingerprint = _fingerprint(files) if isinstance(files, TextFiles) else None
    if folder is None:
        with draft_corpus(files, cutter, settings.min_document_length, None, progress) as draft:
            words, counts, tokens, offsets = _finish(draft, settings, progress)
        return _corpus(words, counts, tokens, offsets, draft, cutter, settings)
    folder = Path(folder)
    if _reusable(folder, fingerprint, cutter, settings):
        return Corpus.open(folder)
    with replacing_folder(folder) as temporary:
        with draft_corpus(
            files, cutter, settings.min_document_length, temporary, progress
        ) as draft:
            words, counts, tokens, offsets = _finish(draft, settings, progress, temporary)
        corpus = _corpus(words, counts, tokens, offsets, draft, cutter, settings)
        _write(corpus, temporary, fingerprint)
    return Corpus.open(folder)


# ------------------------------------------------------------ from a draft


def _finish(
    draft: Draft, settings: CorpusSettings, progress: Progress, folder: Path | None = None
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    if draft.n_documents == 0:
        raise InputError(
            f"no document has {settings.min_document_length:,} words or more "
            f"({draft.n_dropped:,} are shorter); lower min_document_length"
        )
    kept, words, counts = _select(draft, settings)
    rank = np.full(len(draft.words), -1, np.int32)
    rank[kept] = np.arange(len(kept), dtype=np.int32)
    keep_place = settings.out_of_vocabulary == "keep-place"
    n = draft.n_tokens if keep_place else int(counts.sum())
    tokens: NDArray[np.int32]
    if folder is None or n == 0:
        tokens = np.empty(n, np.int32)
        if folder is not None:
            (folder / "tokens.i32").touch()
    else:
        tokens = np.memmap(folder / "tokens.i32", "<i4", "w+", shape=(n,))
    offsets = np.zeros(draft.n_documents + 1, np.int64)
    written = 0
    bounds = draft.ends
    document = 0
    for begin, chunk in draft.chunks():
        ids = rank[chunk]
        # Ends of documents that fall into this chunk, as places within it.
        last = int(np.searchsorted(bounds, begin + len(chunk), side="right"))
        ends = bounds[document:last] - begin
        if keep_place:
            offsets[document + 1 : last + 1] = written + ends
        else:
            inside = ids >= 0
            before = np.concatenate([[0], np.cumsum(inside)])
            offsets[document + 1 : last + 1] = written + before[ends]
            ids = ids[inside]
        tokens[written : written + len(ids)] = ids
        written += len(ids)
        document = last
        progress("encoding", begin + len(chunk), draft.n_tokens, "tokens")
    return words, counts, tokens, offsets


def _select(
    draft: Draft, settings: CorpusSettings
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.int64]]:
    """Provisional numbers, words and counts of the vocabulary, in its order."""
    counts = draft.counts
    eligible = np.flatnonzero(counts >= settings.min_count)
    size = settings.vocabulary_size or len(eligible)
    if size > len(eligible):
        often = f" that occur at least {settings.min_count} times" if settings.min_count > 1 else ""
        raise InputError(
            f"a vocabulary of {size:,} words was asked for, but the text has only "
            f"{len(eligible):,} distinct words{often}; ask for at most that many"
        )
    if size == 0:
        raise InputError(f"no word occurs {settings.min_count:,} times or more; lower min_count")
    # Only words that may be kept are sorted by name: those as frequent as the last one.
    if size < len(eligible):
        least = np.partition(counts[eligible], len(eligible) - size)[len(eligible) - size]
        eligible = eligible[counts[eligible] >= least]
    order = sorted(eligible.tolist(), key=lambda k: (-int(counts[k]), draft.words[k]))[:size]
    kept = np.array(order, np.int64)
    return kept, tuple(draft.words[k] for k in order), counts[kept]


def _corpus(
    words: tuple[str, ...],
    counts: NDArray[np.int64],
    tokens: NDArray[np.int32],
    offsets: NDArray[np.int64],
    draft: Draft,
    tokenizer: Tokenizer,
    settings: CorpusSettings,
) -> Corpus:
    hashed = hashlib.sha256()
    hashed.update("\n".join(words).encode("utf-8"))
    arrays: tuple[Any, Any] = (offsets.astype("<i8", copy=False), tokens.astype("<i4", copy=False))
    for array in arrays:
        hashed.update(array)
    return Corpus(
        words=words,
        word_counts=counts,
        tokens=tokens,
        offsets=offsets,
        tokenizer=tokenizer.name,
        settings=settings,
        n_words_read=draft.n_tokens,
        n_documents_dropped=draft.n_dropped,
        digest=hashed.hexdigest(),
    )


# ------------------------------------------------------------ the folder


def _write(corpus: Corpus, folder: Path, fingerprint: str | None) -> None:
    if isinstance(corpus.tokens, np.memmap):
        corpus.tokens.flush()
    corpus.offsets.astype("<i8").tofile(folder / "offsets.i64")
    lines = (f"{w}\t{n}\n" for w, n in zip(corpus.words, corpus.word_counts.tolist(), strict=True))
    (folder / "vocabulary.tsv").write_text("".join(lines), encoding="utf-8", newline="")
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "tokenizer": corpus.tokenizer,
        "settings": asdict(corpus.settings),
        "source": fingerprint,
        "n_tokens": len(corpus.tokens),
        "n_documents": corpus.n_documents,
        "n_words_read": corpus.n_words_read,
        "n_documents_dropped": corpus.n_documents_dropped,
        "digest": corpus.digest,
    }
    (folder / "corpus.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / "corpus.json"
    if not path.exists():
        raise InputError(f"{folder} holds no encoded corpus (no corpus.json); encode one there")
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise InputError(f"{path} is damaged; encode the corpus again") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InputError(f"{path} is not the manifest of a corpus; encode the corpus again")
    if manifest["version"] != VERSION:
        raise InputError(
            f"{folder} is a corpus of format version {manifest['version']}, this program reads "
            f"version {VERSION}; encode it again"
        )
    return manifest


def _read_vocabulary(path: Path) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    words, counts = [], []
    for number, line in enumerate(path.read_text("utf-8").split("\n")[:-1], start=1):
        word, _, count = line.partition("\t")
        if not count.isdecimal():
            raise InputError(f"{path}, line {number}, is no word with its count; encode again")
        words.append(word)
        counts.append(int(count))
    return tuple(words), np.array(counts, np.int64)


def _fingerprint(files: TextFiles) -> str:
    """Names, sizes and times of change of the files, and their layout, as one digest."""
    hashed = hashlib.sha256(repr((files.document, files.json_field, files.bad_bytes)).encode())
    for path in files.files:
        status = path.stat()
        hashed.update(repr((str(path.resolve()), status.st_size, status.st_mtime_ns)).encode())
    return hashed.hexdigest()


def _reusable(
    folder: Path, fingerprint: str | None, tokenizer: Tokenizer, settings: CorpusSettings
) -> bool:
    # A callable may have changed since under the same name, so only the named
    # tokenisers of this package are trusted.
    if fingerprint is None or "." in tokenizer.name or not (folder / "corpus.json").exists():
        return False
    try:
        manifest = _read_manifest(folder)
    except InputError:
        return False
    found = (manifest["source"], manifest["tokenizer"], manifest["settings"])
    return found == (fingerprint, tokenizer.name, asdict(settings))

"""The encoded corpus: word ids in order, with the place where each document begins."""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.encoding import Draft, draft_corpus
from repsearch.errors import InputError
from repsearch.files import replacing_folder
from repsearch.progress import Progress, silent
from repsearch.text import TextFiles
from repsearch.tokenizers import LATIN, TOKENIZERS, Tokenize, Tokenizer, as_tokenizer, is_word

FORMAT = "repsearch-corpus"
VERSION = 1
_MANIFEST, _VOCABULARY, _TOKENS, _OFFSETS = (
    "corpus.json",
    "vocabulary.tsv",
    "tokens.i32",
    "offsets.i64",
)
_FIELDS = {
    "tokenizer": str,
    "settings": dict,
    "n_words": int,
    "n_tokens": int,
    "n_documents": int,
    "n_words_read": int,
    "n_documents_dropped": int,
    "digest": str,
}

TextInput: TypeAlias = str | Path | TextFiles | Iterable[str]
OutOfVocabulary = Literal["remove", "keep-place"]


@dataclass(frozen=True)
class CorpusSettings:
    """What decides how text becomes word ids.

    Parameters
    ----------
    vocabulary_size : int, optional
        Keep this many of the most frequent words (ties in the order of the
        alphabet); None keeps all. The number of words where they are given.
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
            try:
                whole = operator.index(value)  # numpy's whole numbers as well
            except TypeError:
                whole = 0
            if isinstance(value, bool) or whole < 1:
                raise InputError(f"{name} is {value!r}; pass a whole number of at least 1")
            object.__setattr__(self, name, whole)
        if self.out_of_vocabulary not in get_args(OutOfVocabulary):
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
        alphabet; or in the order given to `encode`. A word's id is its place
        here.
    word_counts : (V,) int64
        How often each word occurs in the documents that were kept; 0 only for
        a word given to `encode` that never occurs.
    tokens : (n,) int32
        Word ids of all documents one behind the other; -1 for a word out of
        the vocabulary that keeps its place. Memory-mapped where the corpus
        lies in a folder.
    offsets : (n_documents + 1,) int64
        Document k is ``tokens[offsets[k]:offsets[k + 1]]``; it is empty where
        all its words were removed.
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
        """Words of document `k`, None for a word out of the vocabulary that keeps its place.

        Raises
        ------
        IndexError
            There is no document `k`; as in a list, -1 is the last.
        """
        k = range(self.n_documents)[k]
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
            No corpus there, one of another version, or files that do not fit
            the manifest.
        """
        folder = Path(folder)
        manifest = _read_manifest(folder)
        n, n_documents = manifest["n_tokens"], manifest["n_documents"]
        for name, size in ((_TOKENS, 4 * n), (_OFFSETS, 8 * (n_documents + 1))):
            file = folder / name
            if not file.exists():
                raise _missing(file)
            if file.stat().st_size != size:
                raise InputError(
                    f"{file} has {file.stat().st_size:,} bytes instead of {size:,}; "
                    "encode the corpus again"
                )
        words, counts = _read_vocabulary(folder / _VOCABULARY, manifest["n_words"])
        offsets = np.fromfile(folder / _OFFSETS, "<i8")
        if offsets[0] != 0 or offsets[-1] != n or (np.diff(offsets) < 0).any():
            raise InputError(f"{folder / _OFFSETS} is damaged; encode the corpus again")
        try:
            settings = CorpusSettings(**manifest["settings"])
        except (TypeError, InputError):
            raise _damaged(folder / _MANIFEST) from None
        return cls(
            words=words,
            word_counts=counts,
            tokens=_mapped(folder / _TOKENS, n),
            offsets=offsets,
            tokenizer=manifest["tokenizer"],
            settings=settings,
            n_words_read=manifest["n_words_read"],
            n_documents_dropped=manifest["n_documents_dropped"],
            digest=manifest["digest"],
        )


def encode(
    source: TextInput,
    folder: str | Path | None = None,
    *,
    settings: CorpusSettings | None = None,
    vocabulary: Sequence[str] | None = None,
    tokenizer: str | Tokenizer | Tokenize = LATIN,
    progress: Progress = silent,
    **changes: Any,
) -> Corpus:
    """Encode text as word ids.

    The text is read once. Memory grows with the number of distinct words and of
    documents, not with the number of words; a tokeniser other than ``"latin"``
    holds one whole document at a time. While a folder is written, it takes up
    to twice the space of the corpus.

    Parameters
    ----------
    source : path, TextFiles, or iterable of str
        A file or folder of text with one document a line; `TextFiles` for
        several paths or another layout; or the documents themselves.
    folder : path, optional
        Where to keep the corpus. If it already holds the corpus of the same
        files (name, size and time of change) with the same settings, vocabulary
        and tokeniser of this package, that one is opened; any other corpus
        there is replaced when the new one is whole. A folder that holds other
        files is refused. None keeps everything in memory.
    settings : CorpusSettings, optional
        The paper's vocabulary of 10,000 words by default.
    vocabulary : sequence of str, optional
        The words to keep, in this order, instead of the most frequent ones; a
        word that never occurs has the count 0. Texts encoded with the
        vocabulary of one of them have counts that can be merged. It takes the
        place of `vocabulary_size` and `min_count`.
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
        A bad file, a bad setting, fewer distinct words than asked for, a bad
        vocabulary, no document long enough, a folder that cannot be written or
        holds other files.
    """
    settings = replace(settings or CorpusSettings(), **changes)
    if vocabulary is not None:
        _check_vocabulary(vocabulary, changes)
        settings = replace(settings, vocabulary_size=len(vocabulary), min_count=1)
    cutter = as_tokenizer(tokenizer)
    text = TextFiles((Path(source),)) if isinstance(source, str | Path) else source
    if not isinstance(text, TextFiles | Iterable):
        raise InputError(
            f"the text is of type {type(text).__name__}; pass a path, TextFiles, or documents "
            "as strings"
        )
    if folder is None:
        with draft_corpus(text, cutter, settings.min_document_length, None, progress) as draft:
            return _finish(draft, cutter, settings, vocabulary, None, progress)
    folder = Path(folder)
    if isinstance(text, TextFiles):
        _check_apart(folder, text)
    recipe = _recipe(text, cutter, settings, vocabulary)
    kept = _kept(folder, recipe)
    if kept is not None:
        return kept
    with replacing_folder(folder, (_MANIFEST, _VOCABULARY, _TOKENS, _OFFSETS)) as temporary:
        with draft_corpus(text, cutter, settings.min_document_length, temporary, progress) as draft:
            corpus = _finish(draft, cutter, settings, vocabulary, temporary, progress)
        _write(corpus, temporary, recipe)
    return Corpus.open(folder)


def _check_apart(folder: Path, text: TextFiles) -> None:
    for path in text.paths:
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"the folder {folder} for the corpus is in {path}, whose files are read as text; "
                "choose a folder outside"
            )


def _check_vocabulary(vocabulary: Sequence[str], changes: dict[str, Any]) -> None:
    for name in ("vocabulary_size", "min_count"):
        if name in changes:
            raise InputError(f"vocabulary says which words are kept; leave out {name}")
    if isinstance(vocabulary, str) or not isinstance(vocabulary, Sequence):
        raise InputError(f"vocabulary is of type {type(vocabulary).__name__}; pass a list of words")
    if not vocabulary:
        raise InputError("vocabulary has no word in it; pass at least one, or None to choose")
    seen = set()
    for word in vocabulary:
        if not is_word(word):
            raise InputError(
                f"vocabulary holds {word!r}; a word is a string that is not empty and holds "
                "no white space"
            )
        if word in seen:
            raise InputError(f"vocabulary holds {word!r} twice; leave one out")
        seen.add(word)


# ------------------------------------------------------------ from a draft


def _finish(
    draft: Draft,
    tokenizer: Tokenizer,
    settings: CorpusSettings,
    vocabulary: Sequence[str] | None,
    folder: Path | None,
    progress: Progress,
) -> Corpus:
    """Renumber a draft, into `folder` if there is one."""
    if draft.n_documents == 0:
        shorter = f" ({draft.n_dropped:,} were left out)" if draft.n_dropped else ""
        if settings.min_document_length == 1:
            raise InputError(
                f"tokeniser {tokenizer.name!r} found no word in the text{shorter}; "
                "give other text or choose another tokeniser"
            )
        raise InputError(
            f"no document has {settings.min_document_length:,} words or more{shorter}; "
            "lower min_document_length"
        )
    if vocabulary is None:
        numbers = _most_frequent(draft, settings)
        words = tuple(draft.words[k] for k in numbers.tolist())
    else:
        words = tuple(vocabulary)
        place = {word: k for k, word in enumerate(draft.words)}
        numbers = np.array([place.get(word, -1) for word in words], np.int64)
    occurs = numbers >= 0
    counts = np.where(occurs, draft.counts[numbers], 0)
    rank = np.full(len(draft.words), -1, np.int32)
    rank[numbers[occurs]] = np.flatnonzero(occurs)
    keep_place = settings.out_of_vocabulary == "keep-place"
    n = draft.n_tokens if keep_place else int(counts.sum())
    tokens: NDArray[np.int32] = np.empty(n if folder is None else 0, np.int32)
    offsets = np.zeros(draft.n_documents + 1, np.int64)
    written = 0
    document = 0
    # Not into a mapped file: on a full disk that ends the process.
    with nullcontext() if folder is None else (folder / _TOKENS).open("wb") as stream:
        for begin, chunk in draft.chunks():
            ids = rank[chunk]
            # Ends of documents that fall into this chunk, as places within it.
            last = int(np.searchsorted(draft.ends, begin + len(chunk), side="right"))
            ends = draft.ends[document:last] - begin
            if keep_place:
                offsets[document + 1 : last + 1] = written + ends
            else:
                inside = ids >= 0
                before = np.concatenate([[0], np.cumsum(inside)])
                offsets[document + 1 : last + 1] = written + before[ends]
                ids = ids[inside]
            if stream is None:
                tokens[written : written + len(ids)] = ids
            else:
                stream.write(ids.astype("<i4", copy=False).data)
            written += len(ids)
            document = last
            progress("encoding", begin + len(chunk), draft.n_tokens, "tokens")
    if folder is not None:
        tokens = _mapped(folder / _TOKENS, n)
    hashed = hashlib.sha256("\n".join(words).encode())
    hashed.update(offsets.astype("<i8", copy=False).data)
    hashed.update(tokens.astype("<i4", copy=False).data)
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


def _most_frequent(draft: Draft, settings: CorpusSettings) -> NDArray[np.int64]:
    """Provisional numbers of the vocabulary, in its order."""
    counts = draft.counts
    eligible = np.flatnonzero(counts >= settings.min_count)
    if not len(eligible):
        raise InputError(f"no word occurs {settings.min_count:,} times or more; lower min_count")
    size = settings.vocabulary_size or len(eligible)
    if size > len(eligible):
        often = (
            f" that occur at least {settings.min_count:,} times" if settings.min_count > 1 else ""
        )
        raise InputError(
            f"a vocabulary of {size:,} words was asked for, but the text has only "
            f"{len(eligible):,} distinct words{often}; ask for at most that many"
        )
    # Only words that may be kept are sorted by name: those as frequent as the last one.
    if size < len(eligible):
        least = np.partition(counts[eligible], len(eligible) - size)[len(eligible) - size]
        eligible = eligible[counts[eligible] >= least]
    order = sorted(eligible.tolist(), key=lambda k: (-int(counts[k]), draft.words[k]))
    return np.array(order[:size], np.int64)


# ------------------------------------------------------------ the folder


def _write(corpus: Corpus, folder: Path, recipe: dict[str, Any]) -> None:
    """Write all but the tokens."""
    (folder / _OFFSETS).write_bytes(corpus.offsets.astype("<i8", copy=False).data)
    counted = zip(corpus.words, corpus.word_counts.tolist(), strict=True)
    lines = "".join(f"{word}\t{count}\n" for word, count in counted)
    (folder / _VOCABULARY).write_bytes(lines.encode())
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        **recipe,
        "n_words": len(corpus.words),
        "n_tokens": len(corpus.tokens),
        "n_documents": corpus.n_documents,
        "n_words_read": corpus.n_words_read,
        "n_documents_dropped": corpus.n_documents_dropped,
        "digest": corpus.digest,
    }
    (folder / _MANIFEST).write_bytes(json.dumps(manifest, indent=1).encode())


def _mapped(file: Path, n: int) -> NDArray[np.int32]:
    # A file of no bytes cannot be mapped.
    return np.memmap(file, "<i4", "r", shape=(n,)) if n else np.empty(0, np.int32)


def _missing(path: Path) -> InputError:
    return InputError(
        f"{path.parent} holds no whole corpus ({path.name} is missing); encode one there"
    )


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged; encode the corpus again")


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise _damaged(path) from None
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error.strerror}); check it, or encode the corpus again"
        ) from error


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / _MANIFEST
    try:
        manifest = json.loads(_read_text(path))
    except (json.JSONDecodeError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InputError(f"{path} is not the manifest of a corpus; encode the corpus again")
    if manifest.get("version") != VERSION:
        raise InputError(
            f"{folder} is a corpus of format version {manifest.get('version')}, this program "
            f"reads version {VERSION}; encode it again"
        )
    if not all(type(manifest.get(name)) is kind for name, kind in _FIELDS.items()):
        raise _damaged(path)
    return manifest


def _read_vocabulary(path: Path, size: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    lines = _read_text(path).split("\n")[:-1]
    if len(lines) != size:
        raise InputError(
            f"{path} has {len(lines):,} lines instead of {size:,}; encode the corpus again"
        )
    words, counts = [], []
    for number, line in enumerate(lines, start=1):
        word, _, count = line.partition("\t")
        if not (is_word(word) and count.isdecimal() and len(count) < 19):
            raise InputError(
                f"{path}, line {number:,}, is no word with its count; encode the corpus again"
            )
        words.append(word)
        counts.append(int(count))
    return tuple(words), np.array(counts, np.int64)


def _recipe(
    text: TextFiles | Iterable[str],
    tokenizer: Tokenizer,
    settings: CorpusSettings,
    vocabulary: Sequence[str] | None,
) -> dict[str, Any]:
    """What a corpus is made from, as far as it can be told; `source` None where it cannot."""
    # A callable may have changed since under the same name.
    known = isinstance(text, TextFiles) and tokenizer in TOKENIZERS.values()
    return {
        "tokenizer": tokenizer.name,
        "settings": asdict(settings),
        "vocabulary": None
        if vocabulary is None
        else hashlib.sha256("\n".join(vocabulary).encode()).hexdigest(),
        "source": _fingerprint(text) if known and isinstance(text, TextFiles) else None,
    }


def _fingerprint(files: TextFiles) -> str:
    """Names, sizes and times of change of the files, and their layout, as one digest."""
    hashed = hashlib.sha256(repr((files.document, files.json_field, files.bad_bytes)).encode())
    for path in files.files:
        status = path.stat()
        hashed.update(repr((str(path.resolve()), status.st_size, status.st_mtime_ns)).encode())
    return hashed.hexdigest()


def _kept(folder: Path, recipe: dict[str, Any]) -> Corpus | None:
    """The corpus that `folder` holds, if it was made by `recipe` and is whole."""
    if recipe["source"] is None:
        return None
    try:
        manifest = _read_manifest(folder)
        if any(manifest.get(name) != value for name, value in recipe.items()):
            return None
        return Corpus.open(folder)
    except InputError:
        return None

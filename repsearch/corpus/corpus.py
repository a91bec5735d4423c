"""Hold an encoded corpus: word ids in order, and where each document begins."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.folder import (
    FORMAT,
    MANIFEST,
    OFFSETS,
    TOKENS,
    VERSION,
    VOCABULARY,
    check_files,
    damaged,
    mapped_tokens,
    read_manifest,
    read_offsets,
    read_unreplaced,
    read_vocabulary,
    write_manifest,
)
from repsearch.corpus.token_sum import TokenSum
from repsearch.errors import InputError
from repsearch.storage.atomic import sha256
from repsearch.text.record import MOST_LOST, TextRecord

OutOfVocabulary = Literal["remove", "keep-place"]
PAPER_SIZE = 10_000
"""Number of words of the paper's vocabulary."""


@dataclass(frozen=True)
class CorpusSettings:
    """Choose which words and documents of a text are kept.

    Parameters
    ----------
    vocabulary_size : int or "auto", optional
        Number of words to keep, the most frequent ones (ties in alphabetical
        order); None keeps all. ``"auto"`` keeps the paper's 10,000, or all of a
        text that has fewer; a number that is larger than the text has words is
        refused. The number of words where they are given.
    min_count : int
        Least number of occurrences of a word that is kept.
    min_document_length : int
        Least number of words of a document that is kept, counted before words
        are left out. The paper keeps Wikipedia articles of at least 500.
    out_of_vocabulary : {"remove", "keep-place"}
        Whether words out of the vocabulary are removed before windows are
        placed, so that their neighbours move together (the paper, word2vec), or
        keep their place as the id -1.

    Raises
    ------
    InputError
        A size or a minimum below 1, an unknown choice.

    Examples
    --------
    >>> import repsearch as rs
    >>> settings = CorpusSettings(vocabulary_size=2, out_of_vocabulary="keep-place")
    >>> rs.encode(["the cat saw the dog saw"], settings=settings).document(0)
    ['the', None, 'saw', 'the', None, 'saw']
    """

    vocabulary_size: int | Literal["auto"] | None = "auto"
    min_count: int = 1
    min_document_length: int = 1
    out_of_vocabulary: OutOfVocabulary = "remove"

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "min_count", "min_document_length"):
            value = getattr(self, name)
            if name == "vocabulary_size" and (value is None or value == "auto"):
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
    """Hold text as word ids.

    Made by `encode` or `Corpus.open`; on disk it is a folder (docs/formats.md).

    Parameters
    ----------
    words : tuple of str
        Vocabulary, most frequent word first, ties in alphabetical order; or in
        the order given to `encode`. A word's id is its position here.
    word_counts : (V,) int64
        Occurrences of each word in the documents that were kept; 0 only for a
        word given to `encode` that never occurs.
    tokens : (n,) int32
        Word ids of all documents, one document after the other; -1 for a word
        out of the vocabulary that keeps its place. Memory-mapped where the
        corpus is in a folder.
    offsets : (n_documents + 1,) int64
        Bounds of documents: document k is ``tokens[offsets[k]:offsets[k + 1]]``,
        empty where all its words were removed.
    tokenizer : str
        Name of the tokeniser; where pairs of words were joined or stop words left out, with
        ``+phrases:`` and ``+stop:`` and a digest of each list.
    settings : CorpusSettings
        Settings passed to `encode`.
    n_words_read : int
        Number of words in the documents that were kept, in the vocabulary or not.
    n_documents_dropped : int
        Number of documents left out because they were too short or not UTF-8.
    digest : str
        SHA-256 of vocabulary, tokens and offsets.
    record : TextRecord
        What was read as text: files by format, what was left out, letters that the
        tokeniser dropped.
    folder : Path, optional
        Folder that the tokens are mapped from; None where they are in memory.
    token_sum : int, optional
        Checksum of the tokens in the folder, to which they are held when they are read.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog ran"], vocabulary_size=3)
    >>> corpus
    Corpus(3 words, 4 tokens, 2 documents, coverage 66.7%, tokenizer 'latin')
    >>> corpus.words, corpus.tokens.tolist(), corpus.offsets.tolist()
    (('the', 'cat', 'dog'), [0, 1, 0, 2], [0, 2, 4])
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
    record: TextRecord = field(default_factory=TextRecord)
    folder: Path | None = None
    token_sum: int | None = None

    @property
    def n_documents(self) -> int:
        """Number of documents."""
        return len(self.offsets) - 1

    @property
    def coverage(self) -> float:
        """Fraction of the words read that are in the vocabulary."""
        return int(self.word_counts.sum()) / max(self.n_words_read, 1)

    @property
    def notes(self) -> list[str]:
        """What a reader of the counts has to know of how the text was read, a sentence each."""
        return notes_of(self.record, self.tokenizer, self.settings, len(self.words))

    def document(self, k: int) -> list[str | None]:
        """Return the words of a document.

        Parameters
        ----------
        k : int
            Number of the document, from 0; -1 is the last.

        Returns
        -------
        list of str or None
            Its words in order, None for a word out of the vocabulary that keeps
            its place.

        Raises
        ------
        IndexError
            There is no document `k`.
        """
        k = range(self.n_documents)[k]
        ids = self.tokens[self.offsets[k] : self.offsets[k + 1]].tolist()
        return [self.words[i] if i >= 0 else None for i in ids]

    def __repr__(self) -> str:
        return (
            f"Corpus({len(self.words):,} words, {len(self.tokens):,} tokens, "
            f"{self.n_documents:,} documents, coverage {self.coverage:.1%}, "
            f"tokenizer {self.tokenizer!r}{self._loss()})"
        )

    def _loss(self) -> str:
        lost = self.record.share_dropped
        return f", {lost:.1%} of the letters dropped" if lost > MOST_LOST else ""

    @classmethod
    def open(cls, folder: str | Path) -> Corpus:
        """Open an encoded corpus; its tokens are mapped into memory, not read.

        Parameters
        ----------
        folder : path
            Folder that `encode` wrote.

        Returns
        -------
        Corpus
            The corpus as it was encoded.

        Raises
        ------
        InputError
            No corpus there, one of another version, or files that do not fit
            the manifest.
        """
        folder = Path(folder)
        return read_unreplaced(folder, lambda: cls._read(folder))

    @classmethod
    def _read(cls, folder: Path) -> Corpus:
        manifest = read_manifest(folder)
        n = manifest["n_tokens"]
        offsets = read_offsets(folder, n, manifest["n_documents"])
        words, counts = read_vocabulary(folder / VOCABULARY, manifest["n_words"])
        check_files(folder, manifest)
        try:
            settings = CorpusSettings(**manifest["settings"])
        except (TypeError, InputError):
            raise damaged(folder / MANIFEST) from None
        return cls(
            words=words,
            word_counts=counts,
            tokens=mapped_tokens(folder / TOKENS, n),
            offsets=offsets,
            tokenizer=manifest["tokenizer"] + manifest.get("stop_list", ""),
            settings=settings,
            n_words_read=manifest["n_words_read"],
            n_documents_dropped=manifest["n_documents_dropped"],
            digest=manifest["digest"],
            record=TextRecord.from_json(manifest.get("record")),
            folder=folder,
            token_sum=manifest.get("token_sum"),
        )


def notes_of(
    record: TextRecord, tokenizer: str, settings: CorpusSettings, n_words: int
) -> list[str]:
    """Say what a reader of the counts has to know of how the text was read.

    Parameters
    ----------
    record : TextRecord
        What was read.
    tokenizer : str
        Name of the tokeniser.
    settings : CorpusSettings
        Words and documents asked for.
    n_words : int
        Number of words kept.

    Returns
    -------
    list of str
        A sentence each.
    """
    said = [*record.warnings(tokenizer), *record.notes()]
    if settings.vocabulary_size == "auto" and n_words < PAPER_SIZE:
        often = f" that occur {settings.min_count:,} times or more"
        said.append(
            f"the text has {n_words:,} distinct words"
            f"{often if settings.min_count > 1 else ''}, fewer than the {PAPER_SIZE:,} "
            "of the default vocabulary; all are kept"
        )
    return said


def write_all_but_tokens(corpus: Corpus, folder: Path, recipe: dict[str, Any]) -> None:
    """Write the files of a corpus that hold no tokens.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    folder : Path
        Folder that holds its tokens already.
    recipe : dict
        What the corpus was made from, for the manifest.
    """
    (folder / OFFSETS).write_bytes(corpus.offsets.astype("<i8", copy=False).data)
    counted = zip(corpus.words, corpus.word_counts.tolist(), strict=True)
    lines = "".join(f"{word}\t{count}\n" for word, count in counted)
    (folder / VOCABULARY).write_bytes(lines.encode())
    tokens = TokenSum(len(corpus.words))
    tokens.add(corpus.tokens)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        **recipe,
        "stop_list": corpus.tokenizer.removeprefix(recipe["tokenizer"]),
        "n_words": len(corpus.words),
        "n_tokens": len(corpus.tokens),
        "n_documents": corpus.n_documents,
        "n_words_read": corpus.n_words_read,
        "n_documents_dropped": corpus.n_documents_dropped,
        "digest": corpus.digest,
        "record": corpus.record.to_json(),
        "token_sum": tokens.value(),
        "files": {name: sha256(folder / name) for name in (VOCABULARY, OFFSETS)},
    }
    write_manifest(folder, manifest)

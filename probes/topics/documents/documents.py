"""Hold documents as counts of words, with their names, first words and values of a field."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from repsearch.corpus.corpus import Corpus
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text.documents import check_document, read_labelled
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord
from repsearch.text.tokenizers import LATIN, Tokenize, Tokenizer, as_tokenizer
from repsearch.text.utf8 import Gap

_OPENING = 60
"""Letters of the beginning of a document that are kept to know it by."""
_TOKENS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Documents:
    """Documents as counts of words: their order within a document is not kept.

    Made by `of_texts`, `of_corpus` or `read`.

    Parameters
    ----------
    words : tuple of str
        V words.
    counts : (D, V) csr_array of float
        How often each document has each word.
    lengths : (D,) int64
        Number of words of each document, in `words` or not where that is known.
    names : tuple of str
        A name for each: its number, or its file.
    openings : tuple of str
        First words of each, in one line.
    values : tuple of str or None, optional
        What each has in the field `by`, None where it has nothing there.
    by : str
        Name of that field; empty where there is none.
    notes : tuple of str
        What a reader has to know of how they were read, a sentence each.

    Examples
    --------
    >>> found = Documents.of_texts(["the cat sat", "the dog, the cat"], values=["1999", "2001"])
    >>> found
    <2 documents, 7 words, 4 of them different>
    >>> found.words, found.counts.toarray().astype(int).tolist()
    (('the', 'cat', 'sat', 'dog'), [[1, 1, 1, 0], [2, 1, 0, 1]])
    """

    words: tuple[str, ...]
    counts: csr_array
    lengths: NDArray[np.int64]
    names: tuple[str, ...]
    openings: tuple[str, ...]
    values: tuple[str | None, ...] | None = None
    by: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return (
            f"<{len(self):,} document{'s' * (len(self) != 1)}, {int(self.lengths.sum()):,} words, "
            f"{len(self.words):,} of them different>"
        )

    @classmethod
    def of_texts(
        cls,
        texts: Iterable[str],
        *,
        tokenizer: str | Tokenizer | Tokenize = LATIN,
        names: Sequence[str] | None = None,
        values: Sequence[str | None] | None = None,
        by: str = "field",
    ) -> Documents:
        """Count the words of documents that are strings.

        Parameters
        ----------
        texts : iterable of str
            Documents in order; one without a word keeps its place.
        tokenizer : {"latin", "unicode", "turkish", "split"}, Tokenizer or callable
            Rule that splits them into words, that of the text which the modes are of.
        names : sequence of str, optional
            A name for each; numbers from 1 by default.
        values : sequence of str or None, optional
            Something that documents have in common, such as their year.
        by : str, default "field"
            What `values` are called.

        Returns
        -------
        Documents

        Raises
        ------
        InputError
            A text that is no string, no text at all, or not as many names or values as texts.
        """
        if isinstance(texts, str):
            raise InputError("the documents are one string; pass a list of strings, one a document")
        count = _Counting(as_tokenizer(tokenizer))
        for number, text in enumerate(texts, start=1):
            check_document(text, number)
            count.add(text)
        many = len(count.lengths)
        for what, given in (("names", names), ("values", values)):
            if given is not None and len(given) != many:
                raise InputError(
                    f"there are {len(given):,} {what} and {many:,} documents; pass one for each"
                )
        return count.documents(
            tuple(names) if names is not None else tuple(map(str, range(1, many + 1))),
            None if values is None else tuple(values),
            by if values is not None else "",
        )

    @classmethod
    def read(
        cls,
        source: TextFiles,
        *,
        by: str | None = None,
        tokenizer: str | Tokenizer | Tokenize = LATIN,
        progress: Progress = silent,
    ) -> Documents:
        """Count the words of the documents of files.

        Parameters
        ----------
        source : TextFiles
            Files and how they hold documents.
        by : str, optional
            Field of JSON records by whose values the documents are to be told apart.
        tokenizer : {"latin", "unicode", "turkish", "split"}, Tokenizer or callable
            Rule that splits them into words.
        progress : Progress
            Called with the bytes read.

        Returns
        -------
        Documents
            Named by their number; where there are several files, by file and number in it.

        Raises
        ------
        InputError
            What the reading of text raises; no document.
        """
        count, record = _Counting(as_tokenizer(tokenizer)), TextRecord()
        places: list[tuple[Path, int]] = []
        values: list[str | None] = []
        gone = 0
        for one in read_labelled(source, record, by=by, progress=progress):
            if isinstance(one.text, Gap):
                gone += 1
                continue
            count.add(one.text)
            places.append((one.path, one.number))
            values.append(one.value)
        notes = record.notes()
        if gone:
            was = "document was" if gone == 1 else "documents were"
            notes.append(f"{gone:,} {was} left out: {Gap.NOT_UTF8.value}")
        return count.documents(
            _names(places, source),
            None if by is None else tuple(values),
            by or "",
            tuple(notes),
        )

    @classmethod
    def of_corpus(cls, corpus: Corpus) -> Documents:
        """Count the words of the documents of an encoded corpus.

        Parameters
        ----------
        corpus : Corpus
            The corpus; it keeps neither names nor words out of its vocabulary.

        Returns
        -------
        Documents
            Named by their number, from 1.

        Examples
        --------
        >>> from repsearch import encode
        >>> found = Documents.of_corpus(encode(["the cat sat", "the dog"], vocabulary_size=2))
        >>> found.names, found.openings, found.lengths.tolist()
        (('1', '2'), ('the cat', 'the'), [2, 1])
        """
        many, size = corpus.n_documents, len(corpus.words)
        pieces = []
        first = 0
        while first < many:
            # As many whole documents as have some two million words, one at the least.
            end = corpus.offsets[first] + _TOKENS_AT_ONCE
            last = max(first + 1, int(np.searchsorted(corpus.offsets, end, side="right")) - 1)
            pieces.append(_counted_ids(corpus, first, last, size))
            first = last
        rows, columns, numbers = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        counts = csr_array((numbers, (rows, columns)), shape=(many, size))
        openings = []
        for k in range(many):
            begin, end = corpus.offsets[k], corpus.offsets[k + 1]
            ids = corpus.tokens[begin : min(end, begin + _OPENING // 2)].tolist()
            openings.append(_opening(" ".join(corpus.words[i] for i in ids if i >= 0)))
        return cls(
            corpus.words,
            counts,
            np.asarray(counts.sum(axis=1), dtype=np.int64),
            tuple(map(str, range(1, many + 1))),
            tuple(openings),
        )

    def over(self, words: Sequence[str]) -> csr_array:
        """Give the counts over other words: those of modes.

        Parameters
        ----------
        words : sequence of str
            V' distinct words, spelt as the documents' words are.

        Returns
        -------
        (D, V') csr_array of float
            Words that the documents lack have empty columns; others of theirs are left out.
        """
        place = {word: k for k, word in enumerate(words)}
        column = np.array([place.get(word, -1) for word in self.words], dtype=np.int64)
        entries = self.counts.tocoo()
        rows, found = entries.coords[0], column[entries.coords[1]]
        kept = found >= 0
        return csr_array(
            (entries.data[kept], (rows[kept], found[kept])), shape=(len(self), len(words))
        )


class _Counting:
    """Counts of words, document after document."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.split = tokenizer.tokenize
        self.ids: dict[str, int] = {}
        self.columns, self.numbers = array("i"), array("i")
        self.ends, self.lengths = array("q", [0]), array("q")
        self.openings: list[str] = []

    def add(self, text: str) -> None:
        counted = Counter(self.split(text))
        ids = self.ids
        self.columns.extend(ids.setdefault(word, len(ids)) for word in counted)
        self.numbers.extend(counted.values())
        self.ends.append(len(self.columns))
        self.lengths.append(sum(counted.values()))
        self.openings.append(_opening(text))

    def documents(
        self,
        names: tuple[str, ...],
        values: tuple[str | None, ...] | None,
        by: str,
        notes: tuple[str, ...] = (),
    ) -> Documents:
        if not any(self.lengths):
            raise InputError(
                "there is no word in the documents; give other text or choose another tokeniser"
            )
        columns, numbers = (np.frombuffer(one, np.intc) for one in (self.columns, self.numbers))
        ends = np.frombuffer(self.ends, np.int64)
        shape = (len(self.lengths), len(self.ids))
        return Documents(
            tuple(self.ids),
            csr_array((numbers.astype(np.float64), columns, ends), shape=shape),
            np.array(self.lengths, np.int64),
            names,
            tuple(self.openings),
            values,
            by,
            notes,
        )


def _counted_ids(
    corpus: Corpus, first: int, last: int, size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Rows, columns and counts of the documents from `first` up to `last`."""
    bounds = corpus.offsets[first : last + 1]
    ids = np.asarray(corpus.tokens[bounds[0] : bounds[-1]], dtype=np.int64)
    rows = np.repeat(np.arange(first, last), np.diff(bounds))
    inside = ids >= 0
    keys, numbers = np.unique(rows[inside] * size + ids[inside], return_counts=True)
    rows, columns = (one.astype(np.int32) for one in (keys // size, keys % size))
    return rows, columns, numbers.astype(np.float64)


def _opening(text: str) -> str:
    """First words of a text in one line, whole words as long as they fit."""
    # A piece long enough for the words; a document may have megabytes.
    words = text[: 20 * _OPENING].split()
    kept = ""
    for word in islice(words, _OPENING):
        longer = f"{kept} {word}" if kept else word[:_OPENING]
        if len(longer) > _OPENING:
            break
        kept = longer
    return kept


def _names(places: Sequence[tuple[Path, int]], source: TextFiles) -> tuple[str, ...]:
    """The number of a document; its file's name where there are several, with its number there."""
    if len(source.files) == 1:
        return tuple(str(number) for _, number in places)
    per_file = Counter(path for path, _ in places)
    alike = Counter(path.name for path in per_file)
    names = []
    for path, number in places:
        name = path.name if alike[path.name] == 1 else str(path)
        names.append(name if per_file[path] == 1 else f"{name}:{number}")
    return tuple(names)

"""Number words provisionally in a first pass over the text.

Only when all text is read is it known which words are kept, so the first pass
writes provisional numbers to a temporary file and the second, a table look-up,
renumbers them. The text itself is read and decompressed once.
"""

from __future__ import annotations

import queue
import tempfile
import threading
from array import array
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.token_ids import TokenIds
from repsearch.errors import InputError
from repsearch.kernels.word_table import WordTable
from repsearch.progress import Progress
from repsearch.storage.refusals import explaining_write_errors
from repsearch.text.blocks import Block
from repsearch.text.documents import check_document, given_blocks, read_blocks, read_documents
from repsearch.text.files import TextFiles
from repsearch.text.record import TextRecord
from repsearch.text.scripts import share_of_phrases
from repsearch.text.tokenizers import BOUNDARIES, LATIN, TOKENIZERS, Tokenizer, is_word
from repsearch.text.utf8 import Gap

_CHUNK = 1 << 18
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Draft:
    """Hold a corpus under provisional word numbers.

    Parameters
    ----------
    words : list of str
        Distinct words in the order of first appearance.
    counts : (len(words),) int64
        Occurrences of each in the documents that were kept.
    ends : (n_documents,) int64
        Number of words up to the end of each document that was kept.
    n_dropped : int
        Number of documents left out.
    stream : binary file
        Provisional numbers of all words in order, int32.
    record : TextRecord
        What was read as text.
    """

    words: list[str]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]
    n_dropped: int
    stream: IO[bytes]
    record: TextRecord

    @property
    def n_documents(self) -> int:
        """Number of documents kept."""
        return len(self.ends)

    @property
    def n_tokens(self) -> int:
        """Number of words in the documents kept."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def chunks(self) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """Read the provisional numbers in pieces.

        Yields
        ------
        begin : int
            Place of the piece among all words.
        numbers : (n,) int32
            The piece.
        """
        yield from _numbers(self.stream, self.n_tokens)


@contextmanager
def draft_corpus(
    source: TextFiles | TokenIds | Iterable[str],
    tokenizer: Tokenizer,
    min_length: int,
    folder: Path | None,
    progress: Progress,
) -> Iterator[Draft]:
    """Make the first pass; the draft's temporary file is deleted when the context ends.

    Parameters
    ----------
    source : TextFiles, TokenIds, or iterable of str
        Files to read, or the documents themselves.
    tokenizer : Tokenizer
        Rule that splits documents into words.
    min_length : int
        Least number of words of a document that is kept.
    folder : Path or None
        Folder for the temporary file; the system's by default.
    progress : Progress
        Called with the bytes read from disk.

    Yields
    ------
    Draft
        The text under provisional numbers.

    Raises
    ------
    InputError
        A file that cannot be read or decoded; a document that is no string; a
        tokeniser that gives something else than words; a full disk where `folder`
        is None.
    """
    explaining: AbstractContextManager[None] = nullcontext()
    if folder is None:
        explaining = explaining_write_errors(
            Path(tempfile.gettempdir()), elsewhere="name another folder in TMPDIR"
        )
    record = TextRecord()
    with explaining, tempfile.TemporaryFile(dir=folder) as stream:
        drafter = _Drafter(stream, min_length)
        if isinstance(source, TokenIds):
            words = list(source.words)
            for numbers, ended in source.chunks(record, progress):
                drafter.add_documents(numbers, ended)
        elif tokenizer in TOKENIZERS.values():
            boundary = BOUNDARIES[tokenizer.name]
            # An iterable of the caller's runs in the caller's thread.
            blocks = (
                _read_ahead(read_blocks(source, boundary, record, progress=progress))
                if isinstance(source, TextFiles)
                else given_blocks(source, boundary)
            )
            with closing(blocks):
                if tokenizer == LATIN:
                    words = _draft_latin(blocks, drafter, record)
                else:
                    words = _draft_blocks(blocks, tokenizer, drafter)
        elif isinstance(source, TextFiles):
            with closing(read_documents(source, record, progress=progress)) as documents:
                words = _draft_documents(documents, tokenizer, drafter)
        else:
            words = _draft_documents(source, tokenizer, drafter)
        drafter.close()
        ends = np.array(drafter.ends, np.int64)
        n = int(ends[-1]) if len(ends) else 0
        counts = np.zeros(len(words), np.int64)
        for _, chunk in _numbers(stream, n):
            np.add.at(counts, chunk, 1)
        if tokenizer != LATIN:
            record.phrases = share_of_phrases(words, counts)
        yield Draft(words, counts, ends, drafter.n_dropped, stream, record)


class _Drafter:
    """Write word numbers and where documents end; erase documents that are dropped."""

    def __init__(self, stream: IO[bytes], min_length: int) -> None:
        self.stream = stream
        self.min_length = min_length
        self.ends = array("q")
        self.written = 0
        self.n_dropped = 0

    def add(self, numbers: NDArray[np.int32]) -> None:
        """Append words to the current document."""
        self.stream.write(numbers.astype("<i4", copy=False).tobytes())
        self.written += len(numbers)

    def end_document(self, *, drop: bool = False) -> None:
        """End the current document; one without words does not count as a document."""
        begin = self.ends[-1] if self.ends else 0
        length = self.written - begin
        if drop or length < self.min_length:
            self.n_dropped += int(drop or length > 0)
            if length:
                self.stream.seek(4 * begin)
                self.stream.truncate()
                self.written = begin
        else:
            self.ends.append(self.written)

    def add_documents(self, numbers: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        """Append words with the places where documents end; the last document is not ended."""
        if not len(ends):
            self.add(numbers)
            return
        self.add(numbers[: ends[0]])
        self.end_document()
        lengths = np.diff(ends)
        kept = lengths >= self.min_length
        self.n_dropped += int(np.count_nonzero(~kept & (lengths > 0)))
        self.ends.extend((self.written + np.cumsum(lengths[kept])).tolist())
        whole = numbers[ends[0] : ends[-1]]
        self.add(whole if kept.all() else whole[np.repeat(kept, lengths)])
        self.add(numbers[ends[-1] :])

    def close(self) -> None:
        self.stream.flush()


def _draft_latin(blocks: Iterable[Block], drafter: _Drafter, record: TextRecord) -> list[str]:
    """Number the words of blocks with the compiled tokeniser."""
    table = WordTable()
    for block in blocks:
        if block.text:
            drafter.add_documents(
                *table.numbers(block.text, newline_ends_document=block.newline_ends_document)
            )
        if block.ends_document:
            drafter.end_document(drop=block.drops_document)
    record.letters = table.letters + table.letters_dropped
    record.letters_dropped = table.letters_dropped
    return table.words()


def _draft_blocks(blocks: Iterable[Block], tokenizer: Tokenizer, drafter: _Drafter) -> list[str]:
    """Number the words of blocks with another tokeniser of this package."""
    known: dict[str, int] = {}
    for block in blocks:
        if block.text:
            text = block.text.decode()
            lines = text.split("\n") if block.newline_ends_document else [text]
            ids: list[int] = []
            ends = []
            for line in lines:
                ids.extend([known.setdefault(w, len(known)) for w in tokenizer.tokenize(line)])
                ends.append(len(ids))
            drafter.add_documents(np.array(ids, np.int32), np.array(ends[:-1], np.int64))
        if block.ends_document:
            drafter.end_document(drop=block.drops_document)
    return list(known)


def _draft_documents(
    documents: Iterable[str | Gap], tokenizer: Tokenizer, drafter: _Drafter
) -> list[str]:
    known: dict[str, int] = {}
    for number, document in enumerate(documents, start=1):
        if isinstance(document, Gap):
            drafter.end_document(drop=True)
            continue
        check_document(document, number)
        words = _words(tokenizer, document)
        checked = len(known)
        try:
            ids = [known.setdefault(word, len(known)) for word in words]
        except TypeError:  # a list, say, cannot be a key
            raise _bad_word(tokenizer, next(w for w in words if not is_word(w))) from None
        for word in islice(reversed(known), len(known) - checked):
            if not is_word(word):
                raise _bad_word(tokenizer, word)
        drafter.add(np.array(ids, np.int32))
        drafter.end_document()
    return list(known)


def _words(tokenizer: Tokenizer, document: str) -> list[str]:
    given = tokenizer.tokenize(document)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            f"tokeniser {tokenizer.name!r} gave {type(given).__name__} for a document; "
            "a tokeniser gives the words, for example as a list"
        )
    return list(given)


def _bad_word(tokenizer: Tokenizer, word: object) -> InputError:
    return InputError(
        f"tokeniser {tokenizer.name!r} gave {word!r} as a word; a word is a string that is "
        "not empty and holds neither white space nor lone surrogates"
    )


def _numbers(stream: IO[bytes], n: int) -> Iterator[tuple[int, NDArray[np.int32]]]:
    stream.seek(0)
    for begin in range(0, n, _CHUNK):
        size = min(_CHUNK, n - begin)
        yield begin, np.frombuffer(stream.read(4 * size), "<i4")


def _read_ahead(items: Generator[_T], depth: int = 4) -> Generator[_T]:
    """Iterate in another thread, a few items ahead.

    Reading and decompressing release the interpreter's lock, as the compiled
    tokeniser does, so two cores are kept busy. An exception in the thread is raised
    here; leaving early stops the thread.
    """
    handed: queue.Queue[tuple[bool, _T | BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: tuple[bool, _T | BaseException | None]) -> None:
        while not stopped.is_set():
            try:
                handed.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def iterate() -> None:
        try:
            for item in items:
                put((True, item))
                if stopped.is_set():
                    return
            put((False, None))
        except BaseException as error:
            put((False, error))
        finally:
            items.close()

    thread = threading.Thread(target=iterate, name="repsearch-reader")
    thread.start()
    try:
        while True:
            is_item, item = handed.get()
            if is_item:
                yield item  # type: ignore[misc]
            elif item is None:
                return
            else:
                raise item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()

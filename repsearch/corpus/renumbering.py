"""Renumber the words of a draft by frequency, and leave out those out of the vocabulary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.first_pass import Draft
from repsearch.corpus.folder import TOKENS, mapped_tokens
from repsearch.corpus.kept_words import most_frequent
from repsearch.corpus.stop_words import stop_name, stop_numbers
from repsearch.errors import InputError
from repsearch.progress import Progress


@dataclass(frozen=True, eq=False)
class ChosenWords:
    """Hold the words that a text is to keep.

    Parameters
    ----------
    name : str
        How the text was split, with what was joined and left out, for `Corpus.tokenizer`.
    words : tuple of str
        The vocabulary, in its order.
    numbers : (V,) int64
        Number of each word in the draft that they were chosen for; -1 of a word it does not have.
    """

    name: str
    words: tuple[str, ...]
    numbers: NDArray[np.int64]


def choose_words(
    draft: Draft,
    name: str,
    settings: CorpusSettings,
    vocabulary: Sequence[str] | None,
    stop_words: tuple[str, ...] | int | None,
) -> ChosenWords:
    """Choose the words that a text keeps.

    Parameters
    ----------
    draft : Draft
        The text under provisional numbers.
    name : str
        How it was split.
    settings : CorpusSettings
        How many words, and which documents were kept.
    vocabulary : sequence of str, optional
        The words instead, in this order.
    stop_words : tuple of str or int, optional
        Words to leave out, or how many of the most frequent ones.

    Returns
    -------
    ChosenWords
        The words.

    Raises
    ------
    InputError
        No document, or not so many words.
    """
    if draft.n_documents == 0:
        shorter = f" ({draft.n_dropped:,} were left out)" if draft.n_dropped else ""
        if settings.min_document_length == 1:
            raise InputError(
                f"tokeniser {name!r} found no word in the text{shorter}; "
                "give other text or choose another tokeniser"
            )
        raise InputError(
            f"no document has {settings.min_document_length:,} words or more{shorter}; "
            "lower min_document_length (--min-length)"
        )
    stopped = stop_numbers(draft, stop_words)
    if stop_words is not None:
        # Of a number, the list that it came to: shards with other lists do not add up.
        listed = [draft.words[k] for k in stopped] if isinstance(stop_words, int) else stop_words
        name = f"{name}+{stop_name(listed)}"
    if vocabulary is not None:
        return words_in(draft, name, vocabulary)
    numbers = most_frequent(draft, settings, stopped)
    return ChosenWords(name, tuple(draft.words[k] for k in numbers.tolist()), numbers)


def words_in(draft: Draft, name: str, words: Sequence[str]) -> ChosenWords:
    """Look up given words in a draft.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers; it may have none of them, or no document.
    name : str
        How it was split.
    words : sequence of str
        The vocabulary.

    Returns
    -------
    ChosenWords
        The words in their order.
    """
    place = {word: k for k, word in enumerate(draft.words)}
    numbers = np.array([place.get(word, -1) for word in words], np.int64)
    return ChosenWords(name, tuple(words), numbers)


def renumbered(
    draft: Draft,
    chosen: ChosenWords,
    settings: CorpusSettings,
    folder: Path | None,
    progress: Progress,
) -> Corpus:
    """Make the corpus of a draft.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers.
    chosen : ChosenWords
        Words that are kept, with their numbers in this draft.
    settings : CorpusSettings
        What the corpus is made with.
    folder : Path, optional
        Folder that the tokens are written to; None keeps them in memory.
    progress : Progress
        Called with the number of tokens encoded.

    Returns
    -------
    Corpus
        With ids in the order of the words.
    """
    words, numbers = chosen.words, chosen.numbers
    occurs = numbers >= 0
    counts = np.zeros(len(words), np.int64)
    counts[occurs] = draft.counts[numbers[occurs]]
    rank = np.full(len(draft.words), -1, np.int32)
    rank[numbers[occurs]] = np.flatnonzero(occurs)
    keep_place = settings.out_of_vocabulary == "keep-place"
    n = draft.n_tokens if keep_place else int(counts.sum())
    tokens: NDArray[np.int32] = np.empty(n if folder is None else 0, np.int32)
    offsets = np.zeros(draft.n_documents + 1, np.int64)
    written = 0
    document = 0
    # Not into a mapped file: writing to one on a full disk would kill the process.
    with nullcontext() if folder is None else (folder / TOKENS).open("wb") as stream:
        for begin, chunk in draft.chunks():
            ids = rank[chunk]
            # Ends of the documents that end in this chunk, as places within it.
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
        tokens = mapped_tokens(folder / TOKENS, n)
    return Corpus(
        words=words,
        word_counts=counts,
        tokens=tokens,
        offsets=offsets,
        tokenizer=chosen.name,
        settings=settings,
        n_words_read=draft.n_tokens,
        n_documents_dropped=draft.n_dropped,
        digest=digest_of(words, [offsets], [tokens]),
        record=draft.record,
    )


def digest_of(
    words: Sequence[str],
    offsets: Sequence[NDArray[np.int64]],
    tokens: Iterable[NDArray[np.int32]],
) -> str:
    """Digest a corpus, given in one piece or in several.

    Parameters
    ----------
    words : sequence of str
        The vocabulary.
    offsets : sequence of (n,) int64
        Bounds of documents, in pieces.
    tokens : iterable of (m,) int32
        Word ids, in pieces.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    hashed = hashlib.sha256("\n".join(words).encode())
    for bounds in offsets:
        hashed.update(bounds.astype("<i8", copy=False).data)
    for ids in tokens:
        hashed.update(ids.astype("<i4", copy=False).data)
    return hashed.hexdigest()

"""Split a corpus into random halves, to see what another sample of the text would give."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.corpus.corpus import Corpus, write_all_but_tokens
from repsearch.corpus.folder import FILES, TOKENS, mapped_tokens
from repsearch.corpus.token_check import check_tokens
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing_folder

_CHUNK = 1 << 20


def split_corpus(corpus: Corpus, folder: str | Path, *, seed: int = 0) -> tuple[Corpus, Corpus]:
    """Split the documents of a corpus into two halves at random.

    Both keep the words of the whole in its order, so that their counts are over the same
    words and add up to the counts of the whole exactly: no window crosses a document's end,
    and each document is in one half. Halves have the same number of documents (the first has
    one more of an odd number). Tokens are written a piece at a time, never all in memory.

    Parameters
    ----------
    corpus : Corpus
        Corpus of at least two documents.
    folder : path
        Folder that gets the folders ``first`` and ``second``, each a corpus of its own.
    seed : int, default 0
        Seed of the random split.

    Returns
    -------
    first, second : Corpus
        The halves, mapped from their folders. How many words were read is not known of a part
        whose words out of the vocabulary were removed: `n_words_read` is divided in proportion
        to the tokens, and adds up. Documents that were dropped are in neither half.

    Raises
    ------
    InputError
        Fewer than two documents, a bad seed, a damaged corpus, or a folder that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> corpus = rs.encode(["a b c", "a c", "b a", "c c a"], vocabulary_size=None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     halves = split_corpus(corpus, folder, seed=1)
    ...     merged = rs.merge(rs.count(half) for half in halves)
    >>> [half.n_documents for half in halves], merged.total == rs.count(corpus).total
    ([2, 2], True)
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")
    if corpus.n_documents < 2:
        raise InputError(
            f"a corpus of {corpus.n_documents} document cannot be halved; encode a text with one "
            "document a line"
        )
    check_tokens(corpus)
    order = np.random.default_rng(seed).permutation(corpus.n_documents)
    first = np.zeros(corpus.n_documents, bool)
    first[order[: (corpus.n_documents + 1) // 2]] = True
    lengths = np.diff(corpus.offsets)
    read = corpus.n_words_read * int(lengths[first].sum()) // max(len(corpus.tokens), 1)
    return (
        _part(corpus, first, Path(folder) / "first", read, f"first half, seed {seed}"),
        _part(
            corpus,
            ~first,
            Path(folder) / "second",
            corpus.n_words_read - read,
            f"second half, seed {seed}",
        ),
    )


def _part(
    corpus: Corpus, chosen: NDArray[np.bool_], folder: Path, n_words_read: int, name: str
) -> Corpus:
    """Write the chosen documents as a corpus of their own."""
    lengths = np.diff(corpus.offsets)[chosen]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    counts = np.zeros(len(corpus.words), np.int64)
    hashed = hashlib.sha256("\n".join(corpus.words).encode())
    hashed.update(offsets.astype("<i8", copy=False).data)
    with replacing_folder(folder, FILES) as temporary:
        with (temporary / TOKENS).open("wb") as stream:
            for piece in _pieces(corpus, chosen):
                counts += np.bincount(piece[piece >= 0], minlength=len(counts))
                stream.write(piece.data)
                hashed.update(piece.data)
        part = Corpus(
            words=corpus.words,
            word_counts=counts,
            tokens=mapped_tokens(temporary / TOKENS, int(offsets[-1])),
            offsets=offsets,
            tokenizer=corpus.tokenizer,
            settings=corpus.settings,
            n_words_read=n_words_read,
            n_documents_dropped=0,
            digest=hashed.hexdigest(),
        )
        recipe = {
            "tokenizer": corpus.tokenizer,
            "settings": asdict(corpus.settings),
            "vocabulary": None,
            # Not the fingerprint of any text, so that `encode` never takes a half for its own.
            "source": f"{name} of {corpus.digest}",
        }
        write_all_but_tokens(part, temporary, recipe)
    return Corpus.open(folder)


def _pieces(corpus: Corpus, chosen: NDArray[np.bool_]) -> Iterator[NDArray[np.int32]]:
    """Tokens of the chosen documents in order, little-endian, about so many at a time."""
    for begin in range(0, len(corpus.tokens), _CHUNK):
        tokens = np.asarray(corpus.tokens[begin : begin + _CHUNK])
        end = begin + len(tokens)
        first = int(np.searchsorted(corpus.offsets, begin, side="right")) - 1
        last = int(np.searchsorted(corpus.offsets, end, side="left"))
        ends = np.clip(corpus.offsets[first : last + 1], begin, end)
        inside: NDArray[np.int64] = np.diff(ends)
        yield np.ascontiguousarray(tokens[np.repeat(chosen[first:last], inside)], dtype="<i4")

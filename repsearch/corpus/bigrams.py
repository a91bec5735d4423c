"""Count pairs of neighbouring words, and join some of them to one, in an encoded draft."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.first_pass import Draft
from repsearch.errors import InputError
from repsearch.progress import Progress, silent

MOST_HELD = 1 << 23
"""Distinct pairs that are held at a time; a text with more is read several times."""
_MOST_WORDS = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Bigrams:
    """Hold pairs of neighbouring words with their counts.

    Parameters
    ----------
    first, second : (m,) int64
        Numbers of the two words.
    counts : (m,) int64
        How often the second follows the first in a document.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    counts: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> Bigrams:
        """Keep some of the pairs.

        Parameters
        ----------
        chosen : (m,) bool
            Which.

        Returns
        -------
        Bigrams
            Those.
        """
        return Bigrams(self.first[chosen], self.second[chosen], self.counts[chosen])


def count_bigrams(
    draft: Draft,
    among: NDArray[np.bool_] | None = None,
    *,
    most_held: int = MOST_HELD,
    progress: Progress = silent,
) -> Iterator[Bigrams]:
    """Count all pairs of neighbours exactly, holding no more than so many at a time.

    Where there are more distinct pairs than may be held, those of the first words are counted
    first, and the words are read again for the others.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers.
    among : (len(draft.words),) bool, optional
        Words of which both of a pair have to be; any by default.
    most_held : int
        Most distinct pairs that are held.
    progress : Progress
        Called with the number of words read.

    Yields
    ------
    Bigrams
        Pairs in increasing order of their first words, each once over all parts.
    """
    size = len(draft.words)
    low, top = 0, size * size
    while True:
        held = _Held(low, top, most_held)
        for begin, tokens in _overlapping(draft):
            pairs = _inside(draft, begin, tokens)
            first, second = tokens[:-1][pairs].astype(np.int64), tokens[1:][pairs]
            if among is not None:
                both = among[first] & among[second]
                first, second = first[both], second[both]
            held.add(first * size + second)
            progress("counting pairs of words", begin + len(tokens), draft.n_tokens, "words")
        keys, counts = held.merged()
        yield Bigrams(keys // size, keys % size, counts)
        if held.high == top:
            return
        low = held.high


class _Held:
    """Count keys in [low, high), and lower `high` where there are too many."""

    def __init__(self, low: int, high: int, most: int) -> None:
        self.low, self.high, self.most = low, high, most
        self._keys: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        self._counts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        self._waiting = 0

    def add(self, keys: NDArray[np.int64]) -> None:
        keys, counts = np.unique(keys[(keys >= self.low) & (keys < self.high)], return_counts=True)
        self._keys.append(keys)
        self._counts.append(counts.astype(np.int64))
        self._waiting += len(keys)
        if self._waiting > self.most:
            self.merged()

    def merged(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        keys, where = np.unique(np.concatenate(self._keys), return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, where, np.concatenate(self._counts))
        if len(keys) > self.most:
            # The upper half is left to the next reading.
            half = max(self.most // 2, 1)
            self.high = int(keys[half])
            keys, counts = keys[:half], counts[:half]
        self._keys, self._counts, self._waiting = [keys], [counts], 0
        return keys, counts


def _overlapping(draft: Draft) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Pieces of the text, each beginning with the last word of the one before."""
    last = np.empty(0, np.int32)
    for begin, chunk in draft.chunks():
        yield begin - len(last), np.concatenate([last, chunk])
        last = chunk[-1:]


def _inside(draft: Draft, begin: int, tokens: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each word and the next are of one document."""
    inside = np.ones(max(len(tokens) - 1, 0), bool)
    low, high = np.searchsorted(draft.ends, [begin + 1, begin + len(tokens)])
    inside[draft.ends[low:high] - begin - 1] = False
    return inside


@contextmanager
def joined(
    draft: Draft, pairs: tuple[tuple[str, str], ...], joint: str, folder: Path | None
) -> Iterator[Draft]:
    """Join pairs of words to one wherever they follow one another, from left to right.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers.
    pairs : tuple of (str, str)
        Pairs to join; those that are not in the text make no difference.
    joint : str
        What stands between the two words.
    folder : Path or None
        Folder for the temporary file; the system's by default.

    Yields
    ------
    Draft
        The text with the pairs as words.

    Raises
    ------
    InputError
        More than 2^31 words with the phrases.
    """
    known = {word: k for k, word in enumerate(draft.words)}
    size = len(known)
    keys, numbers = [], []
    for first, second in pairs:
        one, other = known.get(first, size), known.get(second, size)
        # Words of the text alone: a phrase that was joined just now is a word of no other.
        if one < size and other < size:
            keys.append(one * size + other)
            numbers.append(known.setdefault(f"{first}{joint}{second}", len(known)))
    if len(known) > _MOST_WORDS:
        raise InputError("there are more than 2^31 distinct words; read less text")
    order = np.argsort(np.array(keys, np.int64))
    sorted_keys = np.array(keys, np.int64)[order]
    of_key = np.array(numbers, np.int32)[order]
    counts = np.zeros(len(known), np.int64)
    ends = np.empty_like(draft.ends)
    written = document = 0
    with tempfile.TemporaryFile(dir=folder) as stream:
        for begin, tokens, taken in _taken(draft, sorted_keys):
            place = np.flatnonzero(taken)
            pair_keys = tokens[place].astype(np.int64) * size + tokens[place + 1]
            merged = tokens.copy()
            merged[place] = of_key[np.searchsorted(sorted_keys, pair_keys)]
            kept = np.ones(len(tokens), bool)
            kept[place + 1] = False
            before = np.concatenate([[0], np.cumsum(kept)])
            last = int(np.searchsorted(draft.ends, begin + len(tokens), side="right"))
            ends[document:last] = written + before[draft.ends[document:last] - begin]
            document = last
            found = merged[kept]
            np.add.at(counts, found, 1)
            stream.write(found.astype("<i4", copy=False).tobytes())
            written += len(found)
        stream.flush()
        yield Draft(list(known), counts, ends, draft.n_dropped, stream, draft.record)


def _taken(
    draft: Draft, keys: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.bool_]]]:
    """Pieces of the text, and where in each a pair begins that is joined.

    Of pairs that overlap the first is joined, then the first that begins after it: every
    other one of a row of pairs. No pair that is joined lies in two pieces.
    """
    size = len(draft.words)
    rest, begin = np.empty(0, np.int32), 0
    for _, chunk in draft.chunks():
        tokens = np.concatenate([rest, chunk])
        is_pair = _inside(draft, begin, tokens)
        pair_keys = tokens[:-1].astype(np.int64) * size + tokens[1:]
        if len(keys):
            at = np.minimum(np.searchsorted(keys, pair_keys), len(keys) - 1)
            is_pair &= keys[at] == pair_keys
        else:
            is_pair[:] = False
        # How many pairs of its row come before each.
        number = np.arange(len(is_pair))
        starts = np.where(is_pair & ~np.concatenate([[False], is_pair[:-1]]), number, 0)
        taken = is_pair & ((number - np.maximum.accumulate(starts)) % 2 == 0)
        taken = np.append(taken, False)
        # The last word waits for the next, unless it is joined to the one before it.
        end = len(tokens) - (0 if len(tokens) > 1 and taken[-2] else 1)
        yield begin, tokens[:end], taken[:end]
        rest, begin = tokens[end:], begin + end
    if len(rest):
        yield begin, rest, np.zeros(len(rest), bool)

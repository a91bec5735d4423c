"""Choose the words that an encoded text keeps: given ones, or the most frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import PAPER_SIZE, CorpusSettings
from repsearch.corpus.first_pass import Draft
from repsearch.errors import InputError
from repsearch.text.tokenizers import is_word


def check_vocabulary(vocabulary: Sequence[str], changes: dict[str, Any]) -> None:
    """Refuse words that cannot be a vocabulary, or settings beside it that choose one.

    Parameters
    ----------
    vocabulary : sequence of str
        Words to keep.
    changes : dict
        Settings that were passed with it, by name.

    Raises
    ------
    InputError
        Naming the word or the setting.
    """
    for name in ("vocabulary_size", "min_count"):
        if name in changes:
            raise InputError(f"vocabulary says which words are kept; leave out {name}")
    if isinstance(vocabulary, str) or not isinstance(vocabulary, Sequence):
        raise InputError(
            f"vocabulary is of type {type(vocabulary).__name__}; pass a list of words (how many "
            "words to keep is vocabulary_size)"
        )
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


def check_not_stopped(
    vocabulary: Sequence[str] | None, stop_words: tuple[str, ...] | int | None
) -> None:
    """Refuse a vocabulary with a stop word in it, or with stop words that it would choose.

    Parameters
    ----------
    vocabulary : sequence of str, optional
        Words to keep.
    stop_words : tuple of str or int, optional
        Words to leave out, or how many.

    Raises
    ------
    InputError
        They contradict each other.
    """
    if vocabulary is None or stop_words is None:
        return
    if isinstance(stop_words, int):
        raise InputError(
            "vocabulary says which words are kept, and stop_words how many are not; leave one "
            "of them out"
        )
    stopped = set(stop_words)
    both = next((word for word in vocabulary if word in stopped), None)
    if both is not None:
        raise InputError(
            f"{both!r} is in the vocabulary and among the stop words; leave it out of one of them"
        )


def most_frequent(
    draft: Draft, settings: CorpusSettings, stopped: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Choose the most frequent words of a text, ties in alphabetical order.

    Parameters
    ----------
    draft : Draft
        Text under provisional numbers.
    settings : CorpusSettings
        How many, and how often they occur at least.
    stopped : (n,) int64
        Numbers of words that are left out.

    Returns
    -------
    (V,) int64
        Provisional numbers of the vocabulary, in its order.

    Raises
    ------
    InputError
        There are not so many.
    """
    counts = draft.counts
    if len(stopped):
        counts = counts.copy()
        counts[stopped] = 0
    eligible = np.flatnonzero(counts >= settings.min_count)
    if not len(eligible):
        raise InputError(
            f"no word {'but stop words ' * bool(len(stopped))}occurs {settings.min_count:,} times "
            "or more; lower min_count (--min-count)"
        )
    asked = settings.vocabulary_size
    size = min(PAPER_SIZE, len(eligible)) if asked == "auto" else asked or len(eligible)
    if size > len(eligible):
        often = (
            f" that occur at least {settings.min_count:,} times" if settings.min_count > 1 else ""
        )
        raise InputError(
            f"a vocabulary of {size:,} words was asked for, but the text has only "
            f"{len(eligible):,} distinct words{often}; ask for at most that many"
        )
    # Only words that may be kept are sorted by name: those at least as frequent as the last.
    if size < len(eligible):
        least = np.partition(counts[eligible], len(eligible) - size)[len(eligible) - size]
        eligible = eligible[counts[eligible] >= least]
    order = sorted(eligible.tolist(), key=lambda k: (-int(counts[k]), draft.words[k]))
    return np.array(order[:size], np.int64)

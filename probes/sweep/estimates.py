"""Estimate how long the tasks of a sweep take, roughly, on two cores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from probes.studies.estimates import Estimate, training
from probes.studies.estimates import counting as counting_of
from probes.studies.estimates import solving as solving_of
from probes.sweep.grid import Settings, Source
from repsearch.counts.counts_size import CountsSize
from repsearch.spectrum.eigensolver import is_dense

# Of a text that is not read yet: distinct words grow with the root of the length (Heaps' law);
# 10,000 are kept by default.
_MOST_WORDS, _HEAPS, _BYTES_A_WORD, _LIKELY_DENSITY = 10_000, 30, 6, 0.2
# Seconds that a task takes however small it is.
_LEAST = {"solve": 0.1, "minimise": 1.0, "ask": 0.03}
# Seconds of a probe over the 4,500 words of the carried counts, by probes/sweep itself.
_ASKING = {"fit": 0.02, "analogies": 0.3, "similarity": 0.4, "isotropy": 1.0, "concepts": 3.0}
# And whatever the vocabulary: permutations of the pairs of each relation.
_OF_PAIRS = {"concepts": 3.0}
_CARRIED = 4500
_READ_SHARE = 0.8
"""Of the time from text to counts, what it takes to read and encode it."""
_USUAL_SHARE = 0.7
"""Of the most iterations of a minimum, what it takes mostly."""


_PROGRAM, _WORKING = 0.4e9, 2 << 30
"""Bytes of a process that asks, and of working memory that counting may take."""


class Cost(NamedTuple):
    """About how long a task takes on two cores, and how much memory.

    Parameters
    ----------
    seconds : float
        How long.
    memory : float
        Bytes at the peak, of the whole process.
    """

    seconds: float
    memory: float


def size_of(source: Source, how: Settings) -> tuple[int, int]:
    """Give the number of words and of stored pairs; of a text, what is likely.

    Parameters
    ----------
    source : Source
        Corpus.
    how : mapping
        How it is counted, if it is a text.

    Returns
    -------
    (int, int)
        Words and pairs.
    """
    if source.counted:
        return source.words, source.pairs
    words = how["vocabulary"]
    if not isinstance(words, int):
        tokens = sum(size for _, size, _ in source.states) / _BYTES_A_WORD
        words = min(_MOST_WORDS, round(_HEAPS * tokens**0.5))
    return words, round(_LIKELY_DENSITY * words**2 / 2)


def reading(source: Source) -> Cost:
    """Estimate how long a text takes to be read and encoded.

    Parameters
    ----------
    source : Source
        A text.

    Returns
    -------
    Cost
    """
    return _of_text(source, _READ_SHARE)


def counting(source: Source) -> Cost:
    """Estimate how long an encoded text takes to be counted.

    Parameters
    ----------
    source : Source
        A text.

    Returns
    -------
    Cost
    """
    return _of_text(source, 1 - _READ_SHARE)


def solving(words: int, pairs: int, d: int) -> Cost:
    """Estimate how long eigenpairs take.

    Parameters
    ----------
    words, pairs : int
        Size of the counts.
    d : int
        Number of eigenpairs.

    Returns
    -------
    Cost

    Examples
    --------
    >>> 1 < solving(4500, 4_000_000, 50).seconds < 20
    True
    """
    dense = is_dense(words, min(d, words), "value")
    expected = solving_of(CountsSize(words, pairs, 1), d, dense=dense, threads=2)
    return _cost(expected, _LEAST["solve"])


def minimising(words: int, pairs: int, settings: Mapping[str, Any]) -> Cost:
    """Estimate how long the minimum of a loss takes to be found.

    Parameters
    ----------
    words, pairs : int
        Size of the counts.
    settings : mapping
        Of the loss.

    Returns
    -------
    Cost
    """
    expected = training(
        CountsSize(words, pairs, 1), settings["d"], gradients=_USUAL_SHARE * settings["iterations"],
        loss=settings["loss"], by_tiles=settings["weights"] in ("word2vec", "word2vec.c"),
        dtype="float32", tied=settings["tied"], held=6, threads=2,
    )  # fmt: skip
    return _cost(expected, _LEAST["minimise"])


def asking(probe: str, words: int) -> Cost:
    """Estimate how long a probe takes.

    Parameters
    ----------
    probe : str
        Its name.
    words : int
        Size of the vocabulary.

    Returns
    -------
    Cost
    """
    fixed = _LEAST["ask"] + _OF_PAIRS.get(probe, 0.0)
    return Cost(fixed + _ASKING[probe] * words / _CARRIED, _PROGRAM)


def _of_text(source: Source, share: float) -> Cost:
    found = counting_of([path for path, _, _ in source.states], memory=_WORKING, threads=2)
    if found is None:
        return Cost(1.0, _PROGRAM)
    whole = _cost(found, 0.0)
    return Cost(share * whole.seconds, whole.memory)


def _cost(found: Estimate, least: float) -> Cost:
    ends = found.seconds or (1.0, 1.0)
    return Cost(least + (ends[0] * ends[1]) ** 0.5, found.memory)

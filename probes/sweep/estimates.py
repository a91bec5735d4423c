"""Estimate how long the tasks of a sweep take, roughly, on two cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from probes.studies.estimates import counting as counting_of
from probes.studies.estimates import solving as solving_of
from probes.studies.estimates import training
from probes.sweep.grid import Settings, Source
from repsearch.counts.counts import Counts
from repsearch.spectrum.eigensolver import is_dense

# Of a text that is not read yet: distinct words grow with the root of the length (Heaps' law);
# 10,000 are kept by default.
_MOST_WORDS, _HEAPS, _BYTES_A_WORD, _LIKELY_DENSITY = 10_000, 30, 6, 0.2
# Seconds that a task takes however small it is.
_LEAST = {"solve": 0.1, "minimise": 1.0, "ask": 0.03}
# Seconds of a probe over the 4,500 words of the carried counts, by probes/sweep itself.
_ASKING = {"fit": 0.02, "analogies": 0.3, "similarity": 0.4, "isotropy": 1.0, "concepts": 8.0}
_CARRIED = 4500
_READ_SHARE = 0.8
"""Of the time from text to counts, what it takes to read and encode it."""
_USUAL_SHARE = 0.7
"""Of the most iterations of a minimum, what it takes mostly."""


@dataclass(frozen=True)
class _Size:
    """What estimates look at of counts: how many words and pairs."""

    words: range
    values: range

    @property
    def density(self) -> float:
        return 2 * len(self.values) / max(len(self.words), 1) ** 2


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


def reading(source: Source) -> float:
    """Estimate how long a text takes to be read and encoded.

    Parameters
    ----------
    source : Source
        A text.

    Returns
    -------
    float
        Seconds.
    """
    return _READ_SHARE * _text_seconds(source)


def counting(source: Source) -> float:
    """Estimate how long an encoded text takes to be counted.

    Parameters
    ----------
    source : Source
        A text.

    Returns
    -------
    float
        Seconds.
    """
    return (1 - _READ_SHARE) * _text_seconds(source)


def solving(words: int, pairs: int, d: int) -> float:
    """Estimate how long eigenpairs take.

    Parameters
    ----------
    words, pairs : int
        Size of the counts.
    d : int
        Number of eigenpairs.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> 1 < solving(4500, 4_000_000, 50) < 20
    True
    """
    dense = is_dense(words, min(d, words), "value")
    expected = solving_of(_counts(words, pairs), d, dense=dense, threads=2)
    return _LEAST["solve"] + _middle(expected.seconds)


def minimising(words: int, pairs: int, settings: Mapping[str, Any]) -> float:
    """Estimate how long the minimum of a loss takes to be found.

    Parameters
    ----------
    words, pairs : int
        Size of the counts.
    settings : mapping
        Of the loss.

    Returns
    -------
    float
        Seconds.
    """
    expected = training(
        _counts(words, pairs), settings["d"], gradients=_USUAL_SHARE * settings["iterations"],
        loss=settings["loss"], by_tiles=settings["weights"] in ("word2vec", "word2vec.c"),
        dtype="float32", tied=settings["tied"], held=6, threads=2,
    )  # fmt: skip
    return _LEAST["minimise"] + _middle(expected.seconds)


def asking(probe: str, words: int) -> float:
    """Estimate how long a probe takes.

    Parameters
    ----------
    probe : str
        Its name.
    words : int
        Size of the vocabulary.

    Returns
    -------
    float
        Seconds.
    """
    return _LEAST["ask"] + _ASKING[probe] * words / _CARRIED


def _text_seconds(source: Source) -> float:
    found = counting_of([path for path, _, _ in source.states], memory=2**31, threads=2)
    return 1.0 if found is None else _middle(found.seconds)


def _counts(words: int, pairs: int) -> Counts:
    return cast("Counts", _Size(range(words), range(pairs)))


def _middle(ends: tuple[float, float] | None) -> float:
    return 1.0 if ends is None else (ends[0] * ends[1]) ** 0.5

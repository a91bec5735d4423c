"""What is followed over time, at its times, and the differences of families in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.signal_to_noise.snr_plane import OverTime
from probes.relations.relations import Relations
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

_FEWEST_GROUPS = 2
_ROUNDING = 64 * float(np.finfo(float).eps)


def times_of(
    source: Embeddings | OverTime, times: Sequence[float] | None
) -> tuple[float | None, ...]:
    """Times to look at, checked.

    Raises
    ------
    InputError
        Times for embeddings, none at all, or times that do not increase.
    """
    if isinstance(source, Embeddings):
        if times is not None:
            raise InputError("embeddings have no training time; leave times out, or pass a run")
        return (None,)
    if times is None:
        times = getattr(source, "snapshot_times", getattr(source, "times", ()))
    at = tuple(float(time) for time in times)
    if not at or any(later <= earlier for earlier, later in pairwise(at)):
        raise InputError(f"the times {list(at)} are none or do not increase; sort them")
    return at


def embeddings_at(source: Embeddings | OverTime, time: float | None) -> Embeddings:
    """Embeddings of a source at one of its times."""
    if isinstance(source, Embeddings):
        return source
    assert time is not None
    return source.embeddings(time)


def differences_or_none(
    embeddings: Embeddings, relations: Relations, family: str
) -> Differences | None:
    """Differences of a family, None where there is nothing to estimate from.

    That is where no two of its pairs are without a common word, or where all
    differences are zero to rounding.
    """
    known = [
        (a, b)
        for a, b in relations.families[family]
        if a != b and a in embeddings and b in embeddings
    ]
    if not known:
        return None
    found = difference_vectors(embeddings, known, name=family)
    some = float(np.sum(found.vectors**2)) > rounding_of(embeddings, found)
    return found if some and found.groups.max() + 1 >= _FEWEST_GROUPS else None


def rounding_of(embeddings: Embeddings, differences: Differences) -> float:
    """Sum of squared differences below which they are rounding of the words' vectors."""
    words = embeddings.rows(differences.words).astype(np.float64)
    return len(differences) * _ROUNDING**2 * float(np.sum(words**2, axis=1).max())

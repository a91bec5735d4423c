"""Measures of coherence: whether the words of a topic occur together.

Roeder, Both and Hinneburg 2015 (WSDM, "Exploring the space of topic coherence measures"), whose
names, windows and segmentations are taken; U_mass is that of Mimno et al. 2011 (EMNLP).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from probes.coherence.occurrences import Occurrences
from repsearch.errors import InputError

Real = NDArray[np.float64]
Measure = Literal["npmi", "c_v", "u_mass"]

EPSILON = 1e-12
"""Added to joint probabilities, so that words that never meet have a finite value."""


def coherence_of(words: Sequence[str], seen: Occurrences, measure: Measure) -> float:
    """Coherence of one topic.

    Parameters
    ----------
    words : sequence of str
        At least two, the most important first (only U_mass depends on the order).
    seen : Occurrences
        In documents for U_mass, in windows (10 words for NPMI, 110 for C_v) otherwise.
    measure : {"npmi", "c_v", "u_mass"}
        NPMI: mean over pairs, between -1 and 1, 0 for independent words. C_v: mean cosine
        of each word's NPMI with all words of the topic and the sum of these, between -1 and
        1. U_mass: mean of log P(w_m, w_l) / P(w_l) over l < m, at most 0.

    Returns
    -------
    float
        Always finite.

    Raises
    ------
    InputError
        Fewer than two different words, one that never occurs, another measure.
    """
    if measure not in get_args(Measure):
        raise InputError(f"measure is {measure!r}; pass one of {', '.join(get_args(Measure))}")
    if len(set(words)) < 2 or len(set(words)) < len(words):
        raise InputError(f"a topic has two or more different words; got {', '.join(words)!r}")
    rows = seen.rows(words)
    joint, single = seen.joint[np.ix_(rows, rows)], seen.single[rows]
    measures: dict[str, Callable[[Real, Real], float]] = {
        "npmi": _npmi,
        "c_v": _c_v,
        "u_mass": _u_mass,
    }
    return measures[measure](joint, single)


def npmi(joint: Real, single: Real) -> Real:
    """log(P_ij / (P_i P_j)) / -log P_ij, (K, K); 1 for words that only occur together."""
    raised = joint + EPSILON
    # A pair in every unit: -log P = 0, and the limit is 1.
    surprise = -np.log(np.minimum(raised, 1.0))
    pmi = np.log(raised / np.multiply.outer(single, single))
    safe = np.where(surprise > 0, surprise, 1.0)
    return np.where(surprise > 0, pmi / safe, 1.0)


def _npmi(joint: Real, single: Real) -> float:
    above = np.triu_indices(len(single), 1)
    return float(npmi(joint, single)[above].mean())


def _c_v(joint: Real, single: Real) -> float:
    contexts = npmi(joint, single)
    whole = contexts.sum(axis=0)
    lengths = np.linalg.norm(contexts, axis=1) * np.linalg.norm(whole)
    # A word's NPMI with itself is above 0, so only the sum can vanish.
    cosines = contexts @ whole / np.where(lengths > 0, lengths, 1.0)
    return float(cosines.mean())


def _u_mass(joint: Real, single: Real) -> float:
    later, earlier = np.tril_indices(len(single), -1)
    return float(np.log((joint[later, earlier] + EPSILON) / single[earlier]).mean())

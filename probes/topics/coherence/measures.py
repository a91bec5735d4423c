"""Compute measures of coherence from how often words occur, alone and together.

Roeder, Both and Hinneburg 2015 (WSDM, "Exploring the space of topic coherence measures"), whose
names, windows and segmentations are taken; U_mass is that of Mimno et al. 2011 (EMNLP).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from probes.topics.coherence.occurrences import Occurrences
from repsearch.errors import InputError

Real = NDArray[np.float64]
Measure = Literal["npmi", "c_v", "u_mass"]

EPSILON = 1e-12
"""Added to joint probabilities, so that words that never meet have a finite value."""


def coherence_of(words: Sequence[str], seen: Occurrences, measure: Measure) -> float:
    """Measure the coherence of one topic.

    Parameters
    ----------
    words : sequence of str
        Two words or more, the most important first (only U_mass depends on the order).
    seen : Occurrences
        Counts in documents for U_mass, in windows (10 words for NPMI, 110 for C_v) otherwise.
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

    Examples
    --------
    "ice" and "cold" in two of four documents, together; "red" in two others:

    >>> import numpy as np
    >>> joint = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 0.5]])
    >>> seen = Occurrences(("ice", "cold", "red"), np.array([0.5, 0.5, 0.5]), joint, "document")
    >>> round(coherence_of(["ice", "cold"], seen, "npmi"), 3)
    1.0
    >>> round(coherence_of(["ice", "red"], seen, "npmi"), 3)
    -0.95
    """
    if measure not in get_args(Measure):
        raise InputError(f"measure is {measure!r}; pass one of {', '.join(get_args(Measure))}")
    if len(set(words)) < 2 or len(set(words)) < len(words):
        raise InputError(f"a topic has two or more different words; got {', '.join(words)!r}")
    return float(coherences(seen.rows(words), seen, measure))


def coherences(rows: NDArray[np.intp], seen: Occurrences, measure: Measure) -> Real:
    """Measure the coherence of many topics of n words at once.

    Parameters
    ----------
    rows : (..., n) int
        Places of their words in `seen`, the most important first.
    seen : Occurrences
        Probabilities of words and pairs.
    measure : {"npmi", "c_v", "u_mass"}
        Which, as for `coherence_of`.

    Returns
    -------
    (...,) float64
        One for each topic.
    """
    joint = seen.joint[rows[..., :, None], rows[..., None, :]]
    measures: dict[str, Callable[[Real, Real], Real]] = {
        "npmi": _npmi,
        "c_v": _c_v,
        "u_mass": _u_mass,
    }
    return measures[measure](joint, seen.single[rows])


def npmi(joint: Real, single: Real) -> Real:
    """Compute log(P_ij / (P_i P_j)) / -log P_ij, with `EPSILON` added to P_ij.

    Parameters
    ----------
    joint : (..., K, K) float64
        P_ij.
    single : (..., K) float64
        P_i.

    Returns
    -------
    (..., K, K) float64
        Between -1 and 1; 1 for words that only occur together.
    """
    raised = joint + EPSILON
    # A pair in every unit: -log P = 0, and the limit is 1.
    surprise = -np.log(np.minimum(raised, 1.0))
    pmi = np.log(raised / (single[..., :, None] * single[..., None, :]))
    safe = np.where(surprise > 0, surprise, 1.0)
    return np.where(surprise > 0, pmi / safe, 1.0)


def _npmi(joint: Real, single: Real) -> Real:
    first, second = np.triu_indices(single.shape[-1], 1)
    return np.asarray(npmi(joint, single)[..., first, second].mean(axis=-1))


def _c_v(joint: Real, single: Real) -> Real:
    contexts = npmi(joint, single)
    whole = contexts.sum(axis=-2)
    lengths = np.linalg.norm(contexts, axis=-1) * np.linalg.norm(whole, axis=-1)[..., None]
    # A word's NPMI with itself is above 0, so only the sum can vanish.
    along = np.einsum("...ij,...j->...i", contexts, whole)
    return np.asarray((along / np.where(lengths > 0, lengths, 1.0)).mean(axis=-1))


def _u_mass(joint: Real, single: Real) -> Real:
    later, earlier = np.tril_indices(single.shape[-1], -1)
    shares = (joint[..., later, earlier] + EPSILON) / single[..., earlier]
    return np.asarray(np.log(shares).mean(axis=-1))

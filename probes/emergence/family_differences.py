"""Take the difference vectors of a family, or tell that there is nothing to estimate from."""

from __future__ import annotations

import numpy as np

from probes.concepts.differences import Differences, difference_vectors
from probes.relations.relations import Relations
from repsearch.embeddings import Embeddings

_FEWEST_GROUPS = 2
_ROUNDING = 64 * float(np.finfo(float).eps)


def differences_or_none(
    embeddings: Embeddings, relations: Relations, family: str
) -> Differences | None:
    """Take the differences of a family, None where there is nothing to estimate from.

    That is where no two of its pairs are without a common word, or where all
    differences are zero to rounding. Zero vectors count, so that the pairs are
    the same at all times.

    Parameters
    ----------
    embeddings : Embeddings
        Words and their vectors.
    relations : Relations
        Families of pairs.
    family : str
        Name of one of them.

    Returns
    -------
    Differences or None
        Of its pairs in the vocabulary.
    """
    pairs = relations.families[family]
    if not pairs:
        return None
    asked = relations.select([family])
    words = asked.look_up(embeddings, zero=True)
    known = {words.spelling(word) for word in words.rows}
    spelt = [
        (first, second)
        for first, second in asked.spelt(words).families[family]
        if first != second and first in known and second in known
    ]
    if not spelt:
        return None
    found = difference_vectors(embeddings, spelt, name=family, zero=True)
    some = float(np.sum(found.vectors**2)) > rounding_of(embeddings, found)
    return found if some and found.groups.max() + 1 >= _FEWEST_GROUPS else None


def rounding_of(embeddings: Embeddings, differences: Differences) -> float:
    """Give the sum of squared differences below which they are rounding of the words' vectors.

    Parameters
    ----------
    embeddings : Embeddings
        Words and their vectors.
    differences : Differences
        Of pairs of these words.

    Returns
    -------
    float
        In squared units of the embeddings.
    """
    words = embeddings.rows(differences.words).astype(np.float64)
    return len(differences) * _ROUNDING**2 * float(np.sum(words**2, axis=1).max())

"""Ask analogies of a family's own words paired at random: what being of one kind gives.

A margin near 1 is no analogy by itself. Where an embedding has hardly a dimension, all words of
one kind lie in one place: b − a is next to nothing, and any a′ is as close to any b′ as another
word can be. Words of the same family whose partners are exchanged tell that from a relation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.emergence.answers import measure_questions
from repsearch.embeddings import Embeddings

Rows = NDArray[np.int64]

QUESTIONS = 40
"""Questions drawn for each family."""


@dataclass(frozen=True)
class Repaired:
    """How questions are answered whose pairs are put together at random from a family's words.

    Parameters
    ----------
    accuracy : float
        Share of right answers.
    margin : float or None
        Mean margin, over the questions that have one.

    Examples
    --------
    >>> Repaired(accuracy=0.0, margin=0.99).margin
    0.99
    """

    accuracy: float
    margin: float | None


def repaired_questions(pairs: Rows, *, seed: int) -> Rows:
    """Draw questions a : b :: a′ : b′ of a family's words, of which neither pair is the family's.

    Parameters
    ----------
    pairs : (N, 2) int
        Rows of the family's words.
    seed : int
        Seed of the draw.

    Returns
    -------
    (n, 4) int
        At most 40, of four different words; none where there is no such question.

    Examples
    --------
    >>> drawn = repaired_questions(np.array([[0, 1], [2, 3], [4, 5]]), seed=0)
    >>> (0, 1) in {tuple(row) for row in drawn[:, :2].tolist()}, len(drawn) > 20
    (False, True)
    """
    own = {(a, b) for a, b in pairs.tolist()}
    if not own:
        return np.empty((0, 4), dtype=np.int64)
    firsts, seconds = np.array(sorted(own), dtype=np.int64).T
    rng = np.random.default_rng(seed)
    drawn = np.column_stack(
        [words[rng.integers(len(words), size=4 * QUESTIONS)] for words in (firsts, seconds) * 2]
    )
    kept = [
        (a, b, c, d)
        for a, b, c, d in drawn.tolist()
        if len({a, b, c, d}) == 4 and (a, b) not in own and (c, d) not in own
    ]
    return np.array(kept[:QUESTIONS], dtype=np.int64).reshape(-1, 4)


def repaired_answers(
    embeddings: Embeddings, questions: Mapping[str, Rows]
) -> dict[str, Repaired | None]:
    """Answer such questions of every family.

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors.
    questions : mapping of str to (n, 4) int
        By family, rows of the four words; perhaps none.

    Returns
    -------
    dict of str to Repaired or None
        None where a family has no question.

    Examples
    --------
    Words of one kind in one place:

    >>> vectors = np.vstack([np.full((6, 2), 1.0), -np.eye(2)])
    >>> emb = Embeddings(tuple("abcdefgh"), vectors)
    >>> found = repaired_answers(emb, {"kind": np.array([[0, 3, 2, 1]])})
    >>> round(found["kind"].margin, 6)
    1.0
    """
    rows = np.concatenate([np.empty((0, 4), dtype=np.int64), *questions.values()])
    if not len(rows):
        return dict.fromkeys(questions)
    ranks, cosines, neighbours = measure_questions(embeddings.vectors, rows)
    known = neighbours > 0
    margins = np.where(known, cosines / np.where(known, neighbours, 1.0), np.nan)
    found: dict[str, Repaired | None] = {}
    begin = 0
    for family, asked in questions.items():
        part = slice(begin, begin + len(asked))
        begin += len(asked)
        some = margins[part][known[part]]
        found[family] = (
            Repaired(float(np.mean(ranks[part] == 1)), float(some.mean()) if len(some) else None)
            if len(asked)
            else None
        )
    return found

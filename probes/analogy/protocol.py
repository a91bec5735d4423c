"""Make the questions of a family by combining its pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.analogy.pair_bootstrap import PairOutcomes
from probes.relations.questions import Questions, pairs_of
from probes.relations.relations import Pair, Relations

Unanswerable = Literal["left out", "wrong"]


@dataclass(frozen=True, eq=False)
class AskedFamily:
    """The n questions of one family that the vocabulary allows.

    Parameters
    ----------
    family : str
        Name of the family.
    pairs : tuple of (str, str)
        Pairs with both words in the vocabulary.
    places : ndarray of int, shape (n, 2)
        The two pairs of each question, as places in `pairs`.
    rows : ndarray of int, shape (n, 4)
        The words a, b, a′, b′ of each question, as rows of the embeddings.
    pairs_in_file, questions_in_file : int
        With those whose words are not in the vocabulary.
    unanswerable : int
        Questions in the vocabulary whose answer is one of their query words.
    """

    family: str
    pairs: tuple[Pair, ...]
    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    pairs_in_file: int
    questions_in_file: int
    unanswerable: int

    def outcomes(self, right: NDArray[np.bool_]) -> PairOutcomes:
        """Arrange answers by the pairs that made their questions.

        Parameters
        ----------
        right : ndarray of bool, shape (n,)
            Whether each question was answered rightly.

        Returns
        -------
        PairOutcomes
            Counts of questions and of right answers, by pair and pair.
        """
        shape = (len(self.pairs), len(self.pairs))
        asked, correct = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        # A file may ask the same question twice, hence add and not set.
        np.add.at(asked, tuple(self.places.T), 1)
        np.add.at(correct, tuple(self.places.T), right.astype(np.int64))
        return PairOutcomes(self.family, self.pairs, asked, correct)


def ask(
    family: str,
    relations: Relations | Questions,
    index: Mapping[str, int],
    *,
    unanswerable: Unanswerable,
) -> AskedFamily:
    """List the questions of one family that the vocabulary allows.

    Parameters
    ----------
    family : str
        One of `relations`.
    relations : Relations or Questions
        All ordered pairs of distinct pairs are asked of the one, the given
        questions of the other.
    index : mapping of str to int
        Row of every word in the vocabulary.
    unanswerable : {"left out", "wrong"}
        Whether questions whose answer is a query word are asked.

    Returns
    -------
    AskedFamily
        Perhaps without any question.
    """
    if isinstance(relations, Relations):
        in_file = relations.families[family]
        questions_in_file = len(in_file) * (len(in_file) - 1)
    else:
        questions = relations.families[family]
        in_file = tuple(dict.fromkeys(pair for q in questions for pair in pairs_of(q)))
        questions_in_file = len(questions)
    # "in", and not the row's truth: the word of row 0 is a word as any other.
    pairs = tuple(pair for pair in in_file if pair[0] in index and pair[1] in index)
    if isinstance(relations, Relations):
        places = np.argwhere(~np.eye(len(pairs), dtype=bool))
    else:
        place = {pair: number for number, pair in enumerate(pairs)}
        places = np.array(
            [
                (place[first], place[second])
                for first, second in map(pairs_of, relations.families[family])
                if first in place and second in place
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
    words = np.array([[index[a], index[b]] for a, b in pairs], dtype=np.int64).reshape(-1, 2)
    rows = words[places].reshape(-1, 4)
    hopeless = (rows[:, :3] == rows[:, 3:]).any(axis=1)
    kept = ~hopeless if unanswerable == "left out" else np.ones_like(hopeless)
    return AskedFamily(
        family=family,
        pairs=pairs,
        places=places[kept],
        rows=rows[kept],
        pairs_in_file=len(in_file),
        questions_in_file=questions_in_file,
        unanswerable=int(hopeless.sum()),
    )

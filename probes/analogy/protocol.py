"""Make the questions of a family by combining its pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.analogy.pair_bootstrap import PairOutcomes
from probes.relations.questions import Questions, pairs_of
from probes.relations.relations import Pair, Relations
from repsearch.embeddings import WordsFound

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
        The words a, b, a′, b′ of each question, as rows of the embeddings; of several right
        answers b′ is the first that is no query word.
    right : ndarray of int, shape (n, m)
        Rows of all words that are right as b′, filled up with the first of them.
    pairs_in_file, questions_in_file : int
        With those whose words are not in the vocabulary.
    unanswerable : int
        Questions in the vocabulary whose answer is one of their query words.
    repeated : int
        Pairs left out because an earlier one has the same vectors.
    """

    family: str
    pairs: tuple[Pair, ...]
    places: NDArray[np.int64]
    rows: NDArray[np.int64]
    right: NDArray[np.int64]
    pairs_in_file: int
    questions_in_file: int
    unanswerable: int
    repeated: int = 0

    def answered(self, found: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Tell which questions were answered rightly.

        Parameters
        ----------
        found : ndarray of int, shape (n,)
            Row of the word found for each question.

        Returns
        -------
        ndarray of bool, shape (n,)
            Whether it is one of the right ones.
        """
        return np.asarray((self.right == np.asarray(found)[:, None]).any(axis=1))

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


@dataclass(frozen=True, eq=False)
class AskedEach(AskedFamily):
    """The n questions of one family where each pair is asked for once, from all others.

    Parameters
    ----------
    ends : ndarray of int, shape (N, 2)
        Rows of both words of each of `pairs`; of several right answers the first.
    others : ndarray of bool, shape (n, N)
        Of each question, the pairs that share no word with the pair that is asked for.
    alone : int
        Pairs that are not asked for, since every other one of the family shares a word with
        them.
    """

    ends: NDArray[np.int64] = field(kw_only=True)
    others: NDArray[np.bool_] = field(kw_only=True)
    alone: int = field(kw_only=True)


def ask(
    family: str,
    relations: Relations | Questions,
    words: WordsFound,
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
    words : WordsFound
        Where the words of `relations` are in the vocabulary.
    unanswerable : {"left out", "wrong"}
        Whether questions whose answer is a query word are asked.

    Returns
    -------
    AskedFamily
        Perhaps without any question.
    """
    asks_pairs = isinstance(relations, Relations)
    if isinstance(relations, Relations):
        in_file = relations.families[family]
        questions_in_file = len(in_file) * (len(in_file) - 1)
    else:
        questions = relations.families[family]
        in_file = tuple(dict.fromkeys(pair for q in questions for pair in pairs_of(q)))
        questions_in_file = len(questions)
    known = _known(family, in_file, relations, words, distinct=asks_pairs)
    if isinstance(relations, Relations):
        places = np.argwhere(~np.eye(len(known.pairs), dtype=bool))
    else:
        place = {pair: number for number, pair in enumerate(known.pairs)}
        places = np.array(
            [
                (place[first], place[second])
                for first, second in map(pairs_of, relations.families[family])
                if first in place and second in place
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
    rows = known.ends[places].reshape(-1, 4)
    answers = known.right[places[:, 1]]
    rows, hopeless = _with_answers(rows, answers)
    kept = ~hopeless if unanswerable == "left out" else np.ones_like(hopeless)
    return AskedFamily(
        family=family,
        pairs=known.pairs,
        places=places[kept],
        rows=rows[kept],
        right=answers[kept],
        pairs_in_file=len(in_file),
        questions_in_file=questions_in_file,
        unanswerable=int(hopeless.sum()),
        repeated=known.repeated,
    )


def ask_each(
    family: str, relations: Relations, words: WordsFound, *, unanswerable: Unanswerable
) -> AskedEach:
    """List the pairs of one family that can be asked for from its other pairs.

    Parameters
    ----------
    family : str
        One of `relations`.
    relations : Relations
        Pairs by family.
    words : WordsFound
        Where the words of `relations` are in the vocabulary.
    unanswerable : {"left out", "wrong"}
        Whether pairs of twice the same word are asked for.

    Returns
    -------
    AskedEach
        Perhaps without any question. A pair's question stands on the diagonal of the outcomes.
    """
    in_file = relations.families[family]
    known = _known(family, in_file, relations, words, distinct=True)
    own = np.column_stack([known.ends[:, 0], known.right])
    shares = (own[:, None, :, None] == known.ends[None, :, None, :]).any(axis=(2, 3))
    others = ~(shares | np.eye(len(known.pairs), dtype=bool))
    places = np.repeat(np.arange(len(known.pairs))[:, None], 2, axis=1)
    # The pair itself is in the place of the one that is compared with: only a' is a query word.
    rows = known.ends[places].reshape(-1, 4)
    rows[:, 1] = rows[:, 0]
    rows, hopeless = _with_answers(rows, known.right)
    alone = ~others.any(axis=1)
    kept = ~alone & (~hopeless if unanswerable == "left out" else True)
    return AskedEach(
        family=family,
        pairs=known.pairs,
        places=places[kept],
        rows=rows[kept],
        right=known.right[kept],
        pairs_in_file=len(in_file),
        questions_in_file=len(in_file),
        unanswerable=int((hopeless & ~alone).sum()),
        repeated=known.repeated,
        ends=known.ends,
        others=others[kept],
        alone=int(alone.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Known:
    """The N pairs of a family that a vocabulary has, with rows (N, 2) and right rows (N, m)."""

    pairs: tuple[Pair, ...]
    ends: NDArray[np.int64]
    right: NDArray[np.int64]
    repeated: int


def _known(
    family: str,
    in_file: Sequence[Pair],
    relations: Relations | Questions,
    words: WordsFound,
    *,
    distinct: bool,
) -> _Known:
    further: Mapping[Pair, tuple[str, ...]] = {}
    if isinstance(relations, Relations):
        further = relations.answers.get(family, {})
    pairs: list[Pair] = []
    ends: list[tuple[int, int]] = []
    right: list[tuple[int, ...]] = []
    seen: set[tuple[int, int]] = set()
    repeated = 0
    for pair in in_file:
        second = [pair[1], *further.get(pair, ())]
        # "in", and not the row's truth: the word of row 0 is a word as any other.
        known = [words.rows[word] for word in second if word in words.rows]
        if pair[0] not in words.rows or not known:
            continue
        end = (words.rows[pair[0]], known[0])
        # A second copy of a pair is no second instance; questions are asked as they are.
        if distinct and (end in seen or (end[0] == end[1] and pair[0] != pair[1])):
            repeated += 1
            continue
        seen.add(end)
        pairs.append(pair)
        ends.append(end)
        right.append(tuple(dict.fromkeys(known)))
    widest = max(map(len, right), default=1)
    filled = np.array([one + one[:1] * (widest - len(one)) for one in right], dtype=np.int64)
    return _Known(
        tuple(pairs),
        np.array(ends, dtype=np.int64).reshape(-1, 2),
        filled.reshape(-1, widest),
        repeated,
    )


def _with_answers(
    rows: NDArray[np.int64], answers: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Questions (n, 4) with an answer that is no query word, and which of them have none."""
    # A question cannot be answered when each right word is one of the query.
    asked_for = (answers[:, :, None] == rows[:, None, :3]).any(axis=2)
    if len(rows):
        rows[:, 3] = answers[np.arange(len(rows)), asked_for.argmin(axis=1)]
    return rows, asked_for.all(axis=1)

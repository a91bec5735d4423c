"""Measure how well analogies are answered, by rank, cosine and margin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.analogy.protocol import AskedFamily, ask
from probes.analogy.search import TIE
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

# Words and questions at a time: temporary arrays stay below 20 MB whatever the vocabulary.
_WORDS = 2048
_QUESTIONS = 256
_SHOWN = 20
_NEAREST = 4
"""Three of a word's nearest neighbours may be the query words, so that the fourth is needed."""


@dataclass(frozen=True, eq=False)
class Answers(Result):
    """The n questions of one family a : b :: a′ : b′ and how well they are answered.

    Parameters
    ----------
    asked : AskedFamily
        The questions; those whose answer is a query word are left out.
    ranks : (n,) int
        Place of b′ among all words but a, b and a′, ordered by their cosine with
        x̂ = b̂ − â + â′ of unit words; 1 is right. Of words equal to 1e-9 the
        lower row comes first, as in `probes.analogies`.
    cosines : (n,) float
        cos(x̂, b′), 0 where x̂ vanishes.
    neighbours : (n,) float
        The largest cos(v, b′) of the words v that are none of a, b, a′, b′; NaN
        where there is no other word.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import answers
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = answers(world.spectrum().embeddings(3), Relations(world.relations))["attribute 1"]
    >>> found.ranks.tolist()[:4], found.cosines.round(6).tolist()[:4]
    ([1, 1, 1, 1], [1.0, 1.0, 1.0, 1.0])
    """

    name = "answers"
    figure = "probes.figures.relations.emergence:plot_answer_ranks"

    asked: AskedFamily
    ranks: Whole
    cosines: Real
    neighbours: Real

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,) whether b′ comes first."""
        return np.asarray(self.ranks == 1)

    def summary(self) -> str:
        """Say how many questions are answered right, and how far the others are from it.

        Returns
        -------
        str
            A paragraph. Questions of one family share pairs: `emergence` has intervals.
        """
        family, number = self.asked.family, len(self.ranks)
        if not number:
            return f"No question of {family} can be asked in this vocabulary."
        text = (
            f"{int(self.right.sum()):,} of {counted(number, 'question')} of {family} are answered "
            f"right; the right word has rank {np.median(self.ranks):.3g} in the median, and a "
            f"cosine of {self.cosines.mean():.2f} with the prediction in the mean."
        )
        margins = self.margins[np.isfinite(self.margins)]
        if len(margins):
            text += f" The mean margin is {margins.mean():.2f}."
        return text + " Questions share pairs, so that their number is no sample size."

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each question.

        Returns
        -------
        list of dict
            The four words, rank, cosine, and cosine of the nearest neighbour and margin, which
            are None where there are none.
        """
        pairs = self.asked.pairs
        rows: list[dict[str, Cell]] = []
        for (one, other), rank, *numbers in zip(
            self.asked.places.tolist(),
            self.ranks.tolist(),
            self.cosines.tolist(),
            self.neighbours.tolist(),
            self.margins.tolist(),
            strict=True,
        ):
            cosine, neighbour, margin = (
                number if np.isfinite(number) else None for number in numbers
            )
            rows.append(
                {
                    "a": pairs[one][0],
                    "b": pairs[one][1],
                    "a_prime": pairs[other][0],
                    "b_prime": pairs[other][1],
                    "rank": rank,
                    "cosine": cosine,
                    "neighbour": neighbour,
                    "margin": margin,
                }
            )
        return rows

    def text(self, width: int = WIDTH) -> str:
        """Lay out the first 20 questions.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal, which long words may exceed.

        Returns
        -------
        str
            A table, and how many questions more there are.
        """
        rows = self.table()
        shown = [
            [
                *(str(row[word]) for word in ("a", "b", "a_prime", "b_prime", "rank")),
                f"{row['cosine']:.3f}",
                "-" if row["margin"] is None else f"{row['margin']:.3f}",
            ]
            for row in rows[:_SHOWN]
        ]
        found = fixed_width(
            ("a", "b", "a'", "b'", "rank", "cosine", "margin"), shown, left=(0, 1, 2, 3)
        )
        more = len(rows) - len(shown)
        return f"{found}\n... and {counted(more, 'question')} more" if more else found

    def rests_on(self) -> dict[str, Cell]:
        """Give the family and the numbers of pairs and questions.

        Returns
        -------
        dict
            Name to value, with the questions that were left out.
        """
        return {
            "family": self.asked.family,
            "pairs": len(self.asked.pairs),
            "questions": len(self.ranks),
            "left out, answer is a query word": self.asked.unanswerable,
        }

    @property
    def margins(self) -> Real:
        """(n,) cosine over that of the nearest neighbour of b′ (arXiv 2502.09863, figure 8).

        Above 1 the prediction is closer to b′ than any other word is. NaN where
        no other word has a positive cosine with b′, so that the ratio says nothing.
        """
        known = self.neighbours > 0
        return np.where(known, self.cosines / np.where(known, self.neighbours, 1.0), np.nan)


def answers(embeddings: Embeddings, relations: Relations) -> dict[str, Answers]:
    """Rank the right answer of every question, and measure how close the prediction comes.

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors (V, d); lengths do not matter.
    relations : Relations
        Every ordered pair of distinct pairs of a family is asked.

    Returns
    -------
    dict of str to Answers
        By family, in the order of the relations; a family that has no question
        in the vocabulary has empty arrays.

    Raises
    ------
    InputError
        No family has a question.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = answers(world.spectrum().embeddings(3), Relations(world.relations))
    >>> [(family, int(one.right.sum()), len(one.ranks)) for family, one in found.items()]
    [('attribute 1', 12, 12), ('attribute 2', 12, 12), ('attribute 3', 12, 12)]
    """
    words = relations.look_up(embeddings, zero=True)
    asked = {
        family: ask(family, relations, words, unanswerable="left out")
        for family in relations.families
    }
    rows = np.concatenate([one.rows for one in asked.values()])
    if not len(rows):
        raise InputError(
            "no family has two pairs in the vocabulary whose question has an answer that is no "
            f"query word; pass larger families, or check the language. {words}"
        )
    ranks, cosines, neighbours = measure_questions(embeddings.vectors, rows)
    ends = np.cumsum([len(one.rows) for one in asked.values()])[:-1]
    parts = zip(*(np.split(array, ends) for array in (ranks, cosines, neighbours)), strict=True)
    return {
        family: Answers(one, *part)
        for (family, one), part in zip(asked.items(), parts, strict=True)
    }


@one_blas_thread()
def measure_questions(vectors: NDArray[np.floating], rows: Whole) -> tuple[Whole, Real, Real]:
    """Find ranks, cosines and neighbours of questions given as rows.

    Parameters
    ----------
    vectors : (V, d) array
        Of all words; lengths do not matter.
    rows : (n, 4) int
        Rows of a, b, a′ and b′, the last none of the others.

    Returns
    -------
    ranks, cosines, neighbours : (n,) arrays
        As `Answers` has them.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> vectors = BinaryAttributes([0.6, 0.4, 0.3]).spectrum().embeddings(3).vectors
    >>> ranks, cosines, _ = measure_questions(vectors, np.array([[0, 1, 2, 3]]))
    >>> ranks.tolist(), cosines.round(6).tolist()
    ([1], [1.0])
    """
    distinct, places = np.unique(rows, return_inverse=True)
    places = places.reshape(rows.shape)
    units = unit_rows(np.asarray(vectors[distinct], np.float64))
    scores, cosines = _predictions(units, places)
    # Of the words of the questions, only answers have neighbours to be found.
    answered, answer = np.unique(places[:, 3], return_inverse=True)
    near = _Nearest(distinct[answered])
    ahead = np.zeros(len(rows), dtype=np.int64)
    room = TIE * np.maximum(1.0, np.abs(scores))
    for first in range(0, len(vectors), _WORDS):
        words = unit_rows(np.asarray(vectors[first : first + _WORDS], np.float64))
        products = units @ words.T
        near.see(products[answered], first)
        for begin in range(0, len(rows), _QUESTIONS):
            part = slice(begin, begin + _QUESTIONS)
            ahead[part] += _ahead(
                products, places[part], rows[part], first, scores[part], room[part]
            )
    return ahead + 1, cosines, near.best(answer, rows[:, :3])


def _predictions(units: Real, places: Whole) -> tuple[Real, Real]:
    """Score x̂ . b′ of every question, and its cosine."""
    scores, cosines = np.zeros((2, len(places)))
    for begin in range(0, len(places), _QUESTIONS):
        part = slice(begin, begin + _QUESTIONS)
        a, b, a_prime, right = units[places[part].T]
        predicted = b - a + a_prime
        score = np.einsum("ij,ij->i", predicted, right)
        length = np.linalg.norm(predicted, axis=1)
        # A prediction of no length is rounding and points nowhere; words of no length score 0.
        some = length > TIE
        scores[part] = score
        cosines[part] = np.where(some, score / np.where(some, length, 1.0), 0.0)
    return scores, cosines


def _ahead(
    products: Real, places: Whole, rows: Whole, first: int, scores: Real, room: Real
) -> Whole:
    """Count the words of a block that come before the right answer of each question."""
    a, b, a_prime, _ = places.T
    found = products[b]
    found -= products[a]
    found += products[a_prime]
    inside = rows[:, :3] - first
    here, which = np.nonzero((inside >= 0) & (inside < found.shape[1]))
    found[here, inside[here, which]] = -np.inf
    last = (rows[:, 3] - first)[:, None]
    above = found > (scores + room)[:, None]
    number = np.count_nonzero(above, axis=1)
    tied = found >= (scores - room)[:, None]
    # The right answer itself is one of those that are tied.
    itself = ((last >= 0) & (last < found.shape[1]))[:, 0]
    more = np.flatnonzero(np.count_nonzero(tied, axis=1) > number + itself)
    if more.size:
        earlier = np.arange(found.shape[1]) < last[more]
        number[more] += np.count_nonzero(tied[more] & ~above[more] & earlier, axis=1)
    return np.asarray(number, dtype=np.int64)


class _Nearest:
    """The four words of largest cosine with each of some words, beside itself, block by block."""

    def __init__(self, rows: Whole) -> None:
        self._rows = rows
        self._cosines = np.full((len(rows), _NEAREST), -np.inf)
        self._words = np.full((len(rows), _NEAREST), -1, dtype=np.int64)

    def see(self, cosines: Real, first: int) -> None:
        """Take note of a block of words, of which `cosines` may be overwritten."""
        own = self._rows - first
        here = np.flatnonzero((own >= 0) & (own < cosines.shape[1]))
        cosines[here, own[here]] = -np.inf
        kept = min(_NEAREST, cosines.shape[1])
        best = np.argpartition(cosines, -kept, axis=1)[:, -kept:]
        together = np.hstack([self._cosines, np.take_along_axis(cosines, best, axis=1)])
        words = np.hstack([self._words, best + first])
        order = np.argsort(-together, axis=1, kind="stable")[:, :_NEAREST]
        self._cosines = np.take_along_axis(together, order, axis=1)
        self._words = np.take_along_axis(words, order, axis=1)

    def best(self, which: Whole, excluded: Whole) -> Real:
        """(n,) largest cosine of `which` word, without the `excluded` rows (n, 3)."""
        taken = (self._words[which][:, :, None] == excluded[:, None, :]).any(axis=2)
        cosines = np.where(taken, -np.inf, self._cosines[which]).max(axis=1)
        return np.where(np.isfinite(cosines), cosines, np.nan)

"""Hold analogy accuracies by family and in total, with intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from probes.analogy.pair_bootstrap import PairOutcomes
from probes.analogy.protocol import Unanswerable
from probes.analogy.search import Method
from probes.drawing.labels import family_label
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.embeddings import WordsFound
from repsearch.storage.tables import Cell

Protocol = Literal["re-paired", "as given", "each pair once"]


@dataclass(frozen=True, eq=False)
class FamilyScore:
    """Analogy accuracy in one family.

    Parameters
    ----------
    family : str
        Name of the family.
    pairs_in_file, pairs_used : int
        Distinct pairs, and those with both words in the vocabulary.
    questions_in_file : int
        Questions that could be asked if all words were in the vocabulary.
    questions : int
        Questions asked, all with their words in the vocabulary.
    unanswerable : int
        Questions with their words in the vocabulary whose answer is a query word.
    correct : int
        Questions answered rightly.
    accuracy : Interval or None
        Right answers among the questions, a fraction; None without a question.
    outcomes : PairOutcomes
        Each answer, by the two pairs that made its question.

    Examples
    --------
    >>> import probes
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> found = probes.analogies(world.spectrum().embeddings(3), probes.Relations(world.relations))
    >>> family = found.families[0]
    >>> family.pairs_used, family.questions, family.correct
    (4, 12, 12)
    """

    family: str
    pairs_in_file: int
    pairs_used: int
    questions_in_file: int
    questions: int
    unanswerable: int
    correct: int
    accuracy: Interval | None
    outcomes: PairOutcomes = field(repr=False)


@dataclass(frozen=True, eq=False)
class AnalogyResult(Result):
    """Analogy accuracy by family and in total.

    Parameters
    ----------
    method : {"3CosAdd", "3CosMul", "PairDirection", "3CosAvg"}
        How candidates were scored.
    protocol : {"re-paired", "as given", "each pair once"}
        Whether all pairs of pairs were asked, the questions of a file, or each pair from the
        others of its family.
    relations, embeddings : str
        Names of what was asked and of whom.
    families : tuple of FamilyScore
        Scores by family, in the order of the relations.
    micro : Interval
        Right answers among all questions, a fraction.
    macro : Interval
        Mean accuracy of the families with a question, a fraction.
    unanswerable : {"left out", "wrong"}
        How questions were treated whose answer is a query word.
    words : WordsFound, optional
        How the words of the pairs were found in the vocabulary.
    repeated : mapping of str to int, optional
        Pairs left out by family because their words, or an earlier pair and they, have the
        same vectors.
    alone : mapping of str to int, optional
        Pairs that were not asked for by family because each other pair shares a word with them.

    Examples
    --------
    >>> import probes
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> found = probes.analogies(world.spectrum().embeddings(2), probes.Relations(world.relations))
    >>> f"{found.micro.value:.2f}", found.correct, found.questions
    ('0.78', 28, 36)
    """

    name = "analogies"
    figure = "probes.figures.relations.analogies:plot_analogies"

    method: Method
    protocol: Protocol
    relations: str
    embeddings: str
    families: tuple[FamilyScore, ...]
    micro: Interval
    macro: Interval
    unanswerable: Unanswerable = "left out"
    words: WordsFound | None = field(default=None, repr=False)
    repeated: Mapping[str, int] = field(default_factory=dict, repr=False)
    alone: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def questions(self) -> int:
        """Count the questions asked.

        Returns
        -------
        int
            In all families together.
        """
        return sum(family.questions for family in self.families)

    @property
    def correct(self) -> int:
        """Count the questions answered rightly.

        Returns
        -------
        int
            In all families together.
        """
        return sum(family.correct for family in self.families)

    def summary(self) -> str:
        """Say how many analogies are solved, in which family most and in which fewest."""
        scored = [score for score in self.families if score.accuracy is not None]
        level = f"{100 * self.micro.level:g}%"
        lines = [
            f"{self.method} answers {with_interval(self.micro, '.1%')} of "
            f"{counted(self.questions, 'question')} rightly, and "
            f"{with_interval(self.macro, '.1%')} in the mean of "
            f"{counted(len(scored), 'family', 'families')} ({level} intervals from the "
            "number of pairs)."
        ]
        if len(scored) > 1:
            ordered = sorted(scored, key=lambda score: -_value(score))
            best, worst = ordered[0], ordered[-1]
            lines.append(
                f"The family solved best is {best.family} ({_value(best):.1%}), the one "
                f"solved least {worst.family} ({_value(worst):.1%})."
            )
        open_ = [score for score in scored if score.accuracy and score.accuracy.low <= 0]
        if open_:
            lines.append(
                f"In {counted(len(open_), 'family', 'families')} the interval reaches down to 0: "
                "what is right there could be chance."
            )
        if hopeless := sum(score.unanswerable for score in self.families):
            counted_as = "were left out" if self.unanswerable == "left out" else "count as wrong"
            lines.append(
                f"{counted(hopeless, 'question')} with a query word for the answer {counted_as}."
            )
        if empty := len(self.families) - len(scored):
            lines.append(
                f"{counted(empty, 'family has', 'families have')} no question in this vocabulary."
            )
        return " ".join([*lines, *self._words_said()])

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each family, then the two totals.

        Returns
        -------
        list of dict
            ``kind`` is "family" or "total", the totals being called "micro" and "macro".
            Accuracy and interval are fractions, None for a family without a question;
            ``interval`` names the method.
        """
        rows = [
            _row("family", score.family, _counts([score]), score.accuracy)
            for score in self.families
        ]
        rows.append(_row("total", "micro", _counts(self.families), self.micro))
        rows.append(_row("total", "macro", _counts(self.families), self.macro))
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give what was asked of whom and how, and the numbers of pairs and questions."""
        return {
            "embeddings": self.embeddings,
            "relations": self.relations,
            "method": self.method,
            "protocol": self.protocol,
            "families": len(self.families),
            "pairs": sum(score.pairs_used for score in self.families),
            "questions": self.questions,
            "correct": self.correct,
            "unanswerable": self.unanswerable,
            **({} if self.words is None else self.words.cells()),
            "pairs_on_the_same_vectors": sum(self.repeated.values()),
            **({"pairs_alone": sum(self.alone.values())} if self.method == "3CosAvg" else {}),
            "level": self.micro.level,
            "intervals": "effective trials of the pairs",
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out a table of families and totals below a title."""
        # A column of zeros would push the table past a terminal's edge.
        unanswerable = any(score.unanswerable for score in self.families)
        header = ["family", "pairs", "questions", "accuracy %", "interval"]
        if unanswerable:
            header.insert(3, "unanswerable")
        rows = [
            *(
                (family_label(score.family), _counts([score]), score.accuracy)
                for score in self.families
            ),
            ("all questions", _counts(self.families), self.micro),
            ("mean of families", _counts(self.families), self.macro),
        ]
        body = [
            (
                name,
                f"{counts['pairs_used']:,} of {counts['pairs_in_file']:,}",
                f"{counts['questions']:,}",
                *([f"{counts['unanswerable']:,}"] if unanswerable else []),
                *_percent(accuracy),
            )
            for name, counts, accuracy in rows
        ]
        title = " ".join(word for word in (self.relations, "analogies", self.embeddings) if word)
        title = (
            f"{title}: {self.method}, {self.protocol}; "
            f"{100 * self.micro.level:g} % intervals from pairs"
        )
        return f"{textwrap.fill(title, width)}\n{fixed_width(header, body, width=width)}"

    def _words_said(self) -> list[str]:
        """How words were found, and which pairs that left out."""
        said = [] if self.words is None else [str(self.words)]
        if self.repeated:
            families = ", ".join(
                f"{number} of {family}" for family, number in self.repeated.items()
            )
            said.append(
                f"Left out, for their words or an earlier pair have the same vectors: {families}."
            )
        if self.alone:
            families = ", ".join(f"{number} of {family}" for family, number in self.alone.items())
            said.append(f"Not asked for, as every other pair shares a word with it: {families}.")
        return said


_COUNTS = (
    "pairs_in_file",
    "pairs_used",
    "questions_in_file",
    "questions",
    "unanswerable",
    "correct",
)


def _counts(scores: list[FamilyScore] | tuple[FamilyScore, ...]) -> dict[str, int]:
    return {name: sum(getattr(score, name) for score in scores) for name in _COUNTS}


def _row(
    kind: str, family: str, counts: dict[str, int], accuracy: Interval | None
) -> dict[str, Cell]:
    return {
        "kind": kind,
        "family": family,
        **counts,
        **interval_cells("accuracy", accuracy, missing="no questions"),
    }


def _value(score: FamilyScore) -> float:
    return score.accuracy.value if score.accuracy is not None else 0.0


def _percent(accuracy: Interval | None) -> tuple[str, str]:
    if accuracy is None:
        return "no questions", ""
    return (
        f"{100 * accuracy.value:.1f}",
        f"[{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]",
    )

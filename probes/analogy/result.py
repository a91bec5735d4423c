"""What scoring analogies finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from probes.analogy.pair_bootstrap import PairOutcomes
from probes.analogy.search import Method
from probes.shared.intervals import Interval, interval_cells
from probes.shared.text_table import fixed_width

Protocol = Literal["re-paired", "as given"]


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
class AnalogyResult:
    """Analogy accuracy by family and in total.

    Parameters
    ----------
    method : {"3CosAdd", "3CosMul"}
        How candidates were scored.
    protocol : {"re-paired", "as given"}
        Whether all pairs of pairs were asked, or the questions of a file.
    relations, embeddings : str
        Names of what was asked and of whom.
    families : tuple of FamilyScore
        In the order of the relations.
    micro : Interval
        Right answers among all questions, a fraction.
    macro : Interval
        Mean accuracy of the families with a question, a fraction.
    seed : int
        Of the resampling behind the intervals.
    """

    method: Method
    protocol: Protocol
    relations: str
    embeddings: str
    families: tuple[FamilyScore, ...]
    micro: Interval
    macro: Interval
    seed: int = 0

    @property
    def questions(self) -> int:
        """Questions asked."""
        return sum(family.questions for family in self.families)

    @property
    def correct(self) -> int:
        """Questions answered rightly."""
        return sum(family.correct for family in self.families)

    def table(self) -> list[dict[str, str | int | float | None]]:
        """Rows for a CSV or JSON file: one a family, then the two totals.

        The column ``kind`` is "family" or "total", the totals being called
        "micro" and "macro". Accuracy and interval are fractions, None (an empty
        cell) for a family without a question; ``interval`` names the method.
        """
        rows = [
            _row("family", score.family, _counts([score]), score.accuracy)
            for score in self.families
        ]
        rows.append(_row("total", "micro", _counts(self.families), self.micro))
        rows.append(_row("total", "macro", _counts(self.families), self.macro))
        return rows

    def __str__(self) -> str:
        header = ("family", "pairs", "of", "questions", "unanswerable", "accuracy %", "interval")
        rows = [
            *((score.family, _counts([score]), score.accuracy) for score in self.families),
            ("all questions", _counts(self.families), self.micro),
            ("mean of families", _counts(self.families), self.macro),
        ]
        cells = ("pairs_used", "pairs_in_file", "questions", "unanswerable")
        body = [
            (name, *(f"{counts[cell]:,}" for cell in cells), *_percent(accuracy))
            for name, counts, accuracy in rows
        ]
        title = " ".join(word for word in (self.relations, "analogies", self.embeddings) if word)
        return (
            f"{title}: {self.method}, {self.protocol}; "
            f"{100 * self.micro.level:g} % intervals from resampled pairs\n"
            f"{fixed_width(header, body)}"
        )


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
) -> dict[str, str | int | float | None]:
    return {
        "kind": kind,
        "family": family,
        **counts,
        **interval_cells("accuracy", accuracy, missing="no questions"),
    }


def _percent(accuracy: Interval | None) -> tuple[str, str]:
    if accuracy is None:
        return "no questions", ""
    return (
        f"{100 * accuracy.value:.1f}",
        f"[{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]",
    )

"""Lay out after which training steps concepts are directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from probes.drawing.labels import family_label
from probes.emergence.linear.result import LinearTimes
from probes.layers.curves import LayerCurves
from probes.learning.concept import ConceptLearning
from probes.learning.order import OrderOfLearning
from probes.result import WIDTH, Result
from probes.shared.several_tests import LEVEL
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, listed, with_interval
from repsearch.storage.tables import Cell


@dataclass(frozen=True)
class LearningCurves(Result):
    """When the concepts of a language model become directions; made by `learning_curves`.

    Parameters
    ----------
    asked : LayerCurves
        What was found at each checkpoint; in the place of layers stand training steps.
    tokens : tuple of (int or None)
        Tokens trained on by each checkpoint, None where that is not known.
    linear : LinearTimes or None
        From which step on the common share is at half of its final value; None of fewer than
        three checkpoints, or where no relation has two pairs without a common word.
    order : OrderOfLearning or None
        The order of learning beside that of the closed form; None without counts of a text.

    Examples
    --------
    >>> from probes.layers import AtLayer, ConceptCurve
    >>> from probes.shared.intervals import Interval
    >>> right = Interval(0.9, 0.7, 0.97)
    >>> at = (AtLayer(0), AtLayer(16, right, 0.01, 0.7, 0.5, share=Interval(0.4, 0.2, 0.5)))
    >>> one = ConceptCurve("plural", "relation", 20, 20, 20, 0.001, at)
    >>> curves = LayerCurves((one,), (), "mean-difference", {"model": "toy"})
    >>> print(LearningCurves(curves, (0, 32768), None, None).text().split("At")[0].rstrip())
    concept   N  direction  tokens  half
    ------------------------------------
    plural   20       0-16  32.8 k     -
    """

    name = "learning"
    figure = "probes.figures.relations.learning_curves:plot_learning_curves"
    columns: ClassVar[Mapping[str, str]] = {
        "direction": "the two checkpoints between which it becomes a direction and stays one (p < "
        "0.05 over all checkpoints and concepts); by 0: at the first one already; not by: at the "
        "last one not yet",
        "tokens": "trained on by the later of the two, where the checkpoints say it",
        "half": "step from which on the common share is at half of its final value; ≤: by then or "
        "before; '-': not told from chance",
        "right": "at the last checkpoint: held-out pairs in the right order, in per cent with a 95 "
        "% interval; half by chance",
        "control": "there: the same of random pairs of the same frequencies",
        "share": "there: of a squared difference, what all pairs have in common, in per cent",
        "p": "there: of 'right' by shuffled labels, corrected for the checkpoints and concepts",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps every checkpoint's intervals, controls and selectivity, and a picture; "
        "--counts FILE of the text adds the order of learning in closed form."
    )

    asked: LayerCurves
    tokens: tuple[int | None, ...]
    linear: LinearTimes | None
    order: OrderOfLearning | None

    @property
    def steps(self) -> tuple[int, ...]:
        """Training steps of the checkpoints."""
        return self.asked.numbers

    @property
    def concepts(self) -> tuple[ConceptLearning, ...]:
        """When each becomes a direction."""
        return tuple(ConceptLearning(one) for one in self.asked.concepts)

    def summary(self) -> str:
        """Say how many concepts become directions, and between which steps.

        Returns
        -------
        str
            One paragraph.
        """
        return " ".join(self.paragraphs())

    def paragraphs(self) -> list[str]:
        """Give what becomes a direction, then the share's times, then the order of learning.

        Returns
        -------
        list of str
            Together they are `summary`.
        """
        first, last = self.steps[0], self.steps[-1]
        by = {
            said: [one for one in self.concepts if one.when == when] for when, said in _SAID.items()
        }
        said = [f"{len(some)} {words.format(first, last)}" for words, some in by.items()]
        text = (
            f"Of {counted(len(self.concepts), 'concept')} at "
            f"{counted(len(self.steps), 'checkpoint')} (steps {first:,} to {last:,}): "
            f"{listed(said)} (p < {LEVEL:g}, corrected for all checkpoints and concepts)."
        )
        if dated := [one.step for one in by[_SAID["between"]] if one.step is not None]:
            text += f" The first does so by step {min(dated):,}, the last by step {max(dated):,}."
        if lost := [family_label(one.curve.concept) for one in self.concepts if one.lost]:
            text += f" A direction earlier and lost again for a time: {listed(lost)}."
        doubtful = [
            family_label(one.curve.concept)
            for one in self.concepts
            if one.last.found and one.last.selectivity and one.last.selectivity.low <= 0
        ]
        if doubtful:
            text += (
                " At the last checkpoint not told from their control, random pairs of the same "
                f"frequencies: {listed(doubtful)}."
            )
        for name, reason in self.asked.left_out:
            text += f" Left out: {family_label(name)} ({reason})."
        parts = [text]
        if self.linear is not None:
            parts.append(self.linear.summary().replace(" t = ", " step "))
        if self.order is not None:
            parts.append(self.order.summary())
        return parts

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each concept and checkpoint.

        Returns
        -------
        list of dict
            Step, tokens, accuracy with its interval, p-value, null, control, selectivity and share
            with theirs; and when the concept becomes a direction, the same in all its rows.
        """
        tokens = dict(zip(self.steps, self.tokens, strict=True))
        when = {one.curve.concept: one for one in self.concepts}
        rows: list[dict[str, Cell]] = []
        for given in self.asked.table():
            row = {("step" if name == "layer" else name): value for name, value in given.items()}
            one = when[str(row["concept"])]
            row |= {"tokens": tokens[int(str(row["step"]))], "becomes": one.when}
            rows.append(row | {"not_at": one.before, "direction_from": one.step})
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the model, numbers of concepts and pairs, the nulls and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        found = self.asked.rests_on()
        found["null"] = "labels shuffled by group, the largest over steps, times the concepts"
        return {("checkpoints" if name == "layers" else name): v for name, v in found.items()}

    def parts(self) -> dict[str, Result]:
        """Give the curves, and the times of the share and the order where there are some.

        Returns
        -------
        dict of str to Result
            By the name of their files.
        """
        more = [one for one in (self.linear, self.order) if one is not None]
        return {self.name: self, **{one.name: one for one in more}}

    def text(self, width: int = WIDTH) -> str:
        """Lay out one line a concept.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table, and below it that of the order of learning.
        """
        tokens = dict(zip(self.steps, self.tokens, strict=True))
        first = [
            (
                family_label(one.curve.concept),
                str(one.curve.used),
                self._where(one),
                "-" if (trained := tokens.get(one.step or -1)) is None else _short(trained),
                self._half(one.curve.concept),
            )
            for one in self.concepts
        ]
        second = [_last(one) for one in self.concepts]
        blocks = [
            fixed_width(("concept", "N", "direction", "tokens", "half"), first, width=width),
            f"At the last checkpoint, step {self.steps[-1]:,}:\n"
            + fixed_width(
                ("concept", "right", "control", "share", "p"), second, left=(0, 1, 3), width=width
            ),
        ]
        if self.order is not None:
            blocks.append(f"The order of learning:\n{self.order.text(width)}")
        return "\n\n".join(blocks)

    def _where(self, one: ConceptLearning) -> str:
        if one.when == "between":
            return f"{one.before}-{one.step}"
        return f"by {one.step}" if one.when == "by the first" else f"not by {self.steps[-1]}"

    def _half(self, concept: str) -> str:
        found = () if self.linear is None else self.linear.families
        for one in found:
            if one.family == concept and one.linear is not None:
                return f"{'' if one.status == 'linear' else '≤ '}{one.linear.value:.0f}"
        return "-"


def _last(one: ConceptLearning) -> tuple[str, ...]:
    at = one.last
    return (
        family_label(one.curve.concept),
        "-" if at.accuracy is None else with_interval(at.accuracy, ".0f", scale=100),
        "-" if at.control is None else f"{100 * at.control:.0f}",
        "-" if at.share is None else with_interval(at.share, ".0f", scale=100),
        "-" if at.p_value is None else f"{at.p_value:.2g}",
    )


_SAID = {
    "between": "become directions in between",
    "by the first": "are directions at step {0:,} already",
    "not by the last": "are none by step {1:,}",
}


def _short(tokens: int) -> str:
    for size, sign in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if tokens >= size:
            return f"{tokens / size:.3g}{sign}"
    return str(tokens)

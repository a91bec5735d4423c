"""Hold what was read of several labels of hidden states, and say what it is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.concepts.quantities import quantity_rows
from probes.hidden_states.caveats import caveats
from probes.hidden_states.groups import GroupedCodes
from probes.hidden_states.label_scores import Classifier
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.storage.tables import Cell, write_table

_SHOWN = 12


@dataclass(frozen=True, eq=False)
class LabelsProbe(Result):
    """Several labels read from hidden states, against chance, groups and a control task.

    Parameters
    ----------
    classifier : {"ridge", "logistic"}
        One against rest by ridge regression, or multinomial logistic regression.
    labels : tuple of str
        The K labels, sorted, as text.
    held : GroupedCodes
        Labels and groups of the rows.
    dimension : int
        d, of the states.
    balanced : Interval
        Balanced accuracy on groups held out, the mean of the recalls; 1/K by chance.
    accuracy : Interval
        Share of rows that get their label there, labels weighing as often as they occur.
    majority : float
        The same of always naming the label that is most frequent in the other folds.
    recall : tuple of Interval
        For each label the share of its rows that get it.
    null_recall : (B, K) float
        The same for shuffled labels.
    p : float
        Share of shuffled labels whose balanced accuracy is as large.
    least_p : float
        The least p-value that so few groups, or shuffles, allow.
    seen : Interval
        Balanced accuracy on rows held out while others of their groups are not.
    control : tuple of float
        The same for control tasks: each group has the label of another.
    selectivity : Interval or None
        `seen` less the mean of `control`. None without control tasks.
    confusion : (K, K) int
        How often rows of each label were taken for each, on groups held out.
    settings : dict
        Folds, shuffles, controls, level, seed, and the penalties that were chosen.

    Examples
    --------
    >>> from probes.hidden_states import probe_many_labels
    >>> labels = np.repeat(["red", "green", "blue"], 12)
    >>> states = np.random.default_rng(0).normal(size=(36, 5))
    >>> states[:12, 0] += 5.0
    >>> states[12:24, 1] += 5.0
    >>> found = probe_many_labels(states, labels, permutations=20, controls=0)
    >>> found.found, found.labels, found.balanced.value > 0.9
    (True, ('blue', 'green', 'red'), True)
    """

    name = "states"
    figure = "probes.figures.relations.states:plot_labels_probe"
    columns: ClassVar[Mapping[str, str]] = {
        "balanced": "mean over labels of the share of their rows that get them, on groups never "
        "seen: one over the number of labels by chance, and for who always says the same",
        "accuracy": "share of all rows; majority: of always naming the most frequent label",
        "rows held out": "balanced accuracy on rows of groups that were seen, which is easier",
        "random by group": "the same on labels passed between groups, which only memory can learn",
        "selectivity": "rows held out less random by group: near 0, the probe knows groups, and "
        "not the labels",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps the recall of each label beside its null, and what was taken for what; "
        "a large accuracy with a large p is no finding."
    )

    classifier: Classifier
    labels: tuple[str, ...]
    held: GroupedCodes = field(repr=False)
    dimension: int
    balanced: Interval
    accuracy: Interval
    majority: float
    recall: tuple[Interval, ...] = field(repr=False)
    null_recall: NDArray[np.float64] = field(repr=False)
    p: float
    least_p: float
    seen: Interval
    control: tuple[float, ...] = field(repr=False)
    selectivity: Interval | None
    confusion: NDArray[np.int64] = field(repr=False)
    settings: dict[str, Cell] = field(repr=False)

    @property
    def found(self) -> bool:
        """Whether the labels carry over to groups not seen, at the level of 0.05."""
        return is_finding(self.p)

    @property
    def null(self) -> NDArray[np.float64]:
        """(B,) balanced accuracies of shuffled labels."""
        return np.asarray(self.null_recall.mean(axis=1))

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            p-values, accuracies beside what chance and the majority give, selectivity, and the
            recall of each label.
        """
        numbers: dict[str, Interval | float | None] = {
            "p value": self.p,
            "least possible p value": self.least_p,
            "balanced accuracy, groups held out": self.balanced,
            "by chance": 1 / len(self.labels),
            "shuffled labels": float(self.null.mean()),
            "accuracy, groups held out": self.accuracy,
            "majority label": self.majority,
            "balanced accuracy, rows held out": self.seen,
        }
        if self.selectivity is not None:
            numbers["selectivity"] = self.selectivity
        if self.control:
            numbers["control task"] = float(np.mean(self.control))
        for label, recall in zip(self.labels, self.recall, strict=True):
            numbers[f"recall of {label!r}"] = recall
        return quantity_rows(numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give the classifier, numbers of rows, labels and groups, the null, and the settings."""
        return {
            "classifier": "ridge, one against rest"
            if self.classifier == "ridge"
            else "multinomial logistic regression",
            "states": len(self.held.codes),
            "d": self.dimension,
            "labels": len(self.labels),
            "groups": self.held.number,
            "equal_rows_joined": self.held.equal,
            "null": "labels shuffled among groups of the same fold, or within groups of several",
            "shuffles": len(self.null_recall),
            **self.settings,
        }

    def summary(self) -> str:
        """Say whether the labels can be read, and what is owed to knowing the group."""
        where = "groups held out" if self.held.grouped else "rows held out"
        carries = (
            "The labels can be read" if self.found else "The labels cannot be told from chance"
        )
        lines = [
            f"{carries}: balanced over {len(self.labels)} labels, "
            f"{with_interval(self.balanced, '.0%')} of {where} get theirs "
            f"({1 / len(self.labels):.0%} by chance, {self.null.mean():.0%} for shuffled labels, "
            f"p {self.p:.2g}). Of all rows it is {with_interval(self.accuracy, '.0%')}, where "
            f"always naming the most frequent label gives {self.majority:.0%}."
        ]
        unknown = [
            repr(label)
            for label, recall, null in zip(
                self.labels, self.recall, self.null_recall.mean(axis=0), strict=True
            )
            if null in recall
        ]
        if self.found and unknown:
            lines.append(
                f"Not told from chance one by one: {', '.join(unknown[:5])}"
                f"{' and others' * (len(unknown) > 5)}."
            )
        more = self.held.grouped and self.seen.low > self.balanced.high
        lines += caveats(
            groups=self.held.number,
            equal=self.held.equal,
            least_p=self.least_p,
            with_the_group=f"it is {self.seen.value:.0%}" if more else None,
        )
        return " ".join(lines)

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write what was taken for what: ``states-confusion.csv`` and ``.json``.

        Parameters
        ----------
        folder : Path
            Where the tables are.

        Returns
        -------
        tuple of Path
            Both files.
        """
        rows: list[dict[str, Cell]] = [
            {"true": true, "taken for": given, "rows": int(self.confusion[row, column])}
            for row, true in enumerate(self.labels)
            for column, given in enumerate(self.labels)
        ]
        write_table(rows, folder, "states-confusion")
        return folder / "states-confusion.csv", folder / "states-confusion.json"

    def text(self, width: int = WIDTH) -> str:
        """Lay out the accuracies, and the labels.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            The rarest of more than twelve labels are left out.
        """
        where = f"{self.held.number} groups" if self.held.grouped else "groups of their own"
        kind = "one against rest, ridge" if self.classifier == "ridge" else "multinomial logistic"
        lines = [
            f"{len(self.held.codes)} states of {self.dimension} dimensions in {where}, "
            f"{len(self.labels)} labels; {kind}",
            f"balanced           {self.balanced}, p = {self.p:.2g}; by chance "
            f"{1 / len(self.labels):.3f}, shuffled {self.null.mean():.3f}",
            f"accuracy           {self.accuracy}; majority {self.majority:.3f}",
        ]
        if self.held.grouped:
            lines.append(f"rows held out      {self.seen}")
            if self.selectivity is not None:
                lines.append(f"random by group    {np.mean(self.control):.3f}")
                lines.append(f"selectivity        {self.selectivity}")
        head = "\n".join(textwrap.fill(line, width) for line in lines)
        times = np.bincount(self.held.codes, minlength=len(self.labels))
        shown = sorted(np.argsort(-times, kind="stable")[:_SHOWN].tolist())
        rows = []
        for code in shown:
            others = self.confusion[code].copy()
            others[code] = 0
            most = int(others.argmax())
            wrong = f"{self.labels[most]} ({others[most]})" if others[most] else "-"
            rows.append(
                (
                    self.labels[code],
                    f"{times[code]:,}",
                    with_interval(self.recall[code], ".2f"),
                    f"{self.null_recall[:, code].mean():.2f}",
                    wrong if len(wrong) <= 16 else f"{wrong[:15]}…",
                )
            )
        names = ("label", "rows", "recall", "shuffled", "most taken for")
        table = fixed_width(names, rows, left=(0, 4), width=width)
        if left := len(self.labels) - len(shown):
            table += f"\n{left} rarer labels are in the files (--out)"
        return f"{head}\n\n{table}"

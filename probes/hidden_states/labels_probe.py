"""Test whether several labels of hidden states can be read from groups not seen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.concepts.directions.estimators import row_space
from probes.concepts.quantities import quantity_rows
from probes.hidden_states.checked import centred_rows
from probes.hidden_states.equal_rows import equal_rows
from probes.hidden_states.groups import GroupedCodes, checked_column, numbered, p_value
from probes.hidden_states.label_intervals import balanced_interval, majority_share, rows_interval
from probes.hidden_states.label_scores import Classifier, confusion, given_labels, recalls
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import Labels, check_draws
from probes.shared.selectivity import selectivity_interval
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

LEVEL = 0.05
_SHOWN = 12
_MOST_LABELS = 200


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
        "--out FOLDER keeps the recall of each label beside its null; a large accuracy with a "
        "large p is no finding."
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
        return self.p < LEVEL

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
        if self.held.equal:
            lines.append(
                f"{counted(self.held.equal, 'row is', 'rows are')} equal to one of another group, "
                "or nearly so; such groups were joined."
            )
        if self.least_p >= LEVEL:
            lines.append(
                f"With {self.held.number} groups no p below {self.least_p:.2g} is possible; more "
                "groups are needed."
            )
        if self.held.grouped and self.seen.low > self.balanced.high:
            lines.append(
                f"With rows of the same groups on both sides it is {self.seen.value:.0%}: what is "
                "beyond is owed to knowing the group."
            )
        return " ".join(lines)

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


@one_blas_thread()
def probe_many_labels(
    states: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    classifier: Classifier = "ridge",
    folds: int = 5,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> LabelsProbe:
    """Read two or more labels from hidden states of any model, on groups never seen.

    Rows of one group are never on both sides of a split, and the penalty of the classifier is
    chosen on the training folds by leaving out one after the other. Shuffled labels go through
    all of it, the choice too. Labels of groups with one label pass between groups of the same
    fold, so that each fold holds of each label what it truly does; in other groups labels are
    shuffled among the rows.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer, one row a token, word or sentence; finite.
    labels : (n,) array_like
        Labels, whole numbers or strings; each in two groups or more.
    groups : (n,) array_like, optional
        Group of each row, such as its word. Each row is a group of its own by default; groups
        with equal rows, or nearly equal ones, are joined to one.
    classifier : {"ridge", "logistic"}, default "ridge"
        One ridge regression against the rest for each label, or a multinomial logistic
        regression, which takes some hundred times as long.
    folds : int, default 5
        Folds of the cross-validation; at most as many as there are groups.
    permutations : int, optional
        Shuffles of the null, at least 20; 200 by default, or 49 for the logistic regression.
    controls : int, optional
        Number of control tasks; 50 by default, or 5 for the logistic regression; 0 for none.
    seed : int, default 0
        Seed of folds, shuffles and controls.
    level : float, default 0.95
        Nominal coverage of the intervals, which rest on the number of groups.
    progress : Progress
        What is told how far it is.

    Returns
    -------
    LabelsProbe

    Raises
    ------
    InputError
        Shapes do not fit, there is a single label, a label with a single group, labels that are
        numbers with fractions, or a number out of range.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with control tasks".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> words = np.repeat(np.arange(12), 5)
    >>> states = rng.normal(size=(12, 50))[words] + 0.1 * rng.normal(size=(60, 50))
    >>> found = probe_many_labels(states, words % 3, groups=words, permutations=40)
    >>> found.found, found.seen.value > 0.9  # the word is known, and not its label
    (False, True)
    """
    check_level(level)
    slow = classifier == "logistic"
    draws = (49 if slow else 200) if permutations is None else permutations
    tasks = (5 if slow else 50) if controls is None else controls
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=draws, least=20, seed=seed)
    check_draws(name="controls", draws=tasks, least=0, seed=seed)
    if classifier not in ("ridge", "logistic"):
        raise InputError(f"classifier is {classifier!r}; choose 'ridge' or 'logistic'")
    rows = centred_rows(states)
    names, held = _held(labels, groups, rows)
    turned, _ = row_space(rows)
    many, number = len(names), min(folds, held.number)
    by_group = held.group_folds(number, seed=seed, evenly=True)
    for fold in range(number):
        left = np.bincount(held.codes[by_group != fold], minlength=many)
        if not left.all():
            raise InputError(
                f"with groups held out no row is labelled {names[int(left.argmin())]!r}; pass at "
                f"least two groups with each label{' (equal rows are of one)' * bool(held.equal)}"
            )
    taken = held.shuffles(by_group, number=draws, seed=seed)
    every = np.concatenate([held.codes[None], held.codes[taken]])
    balanced, plain, penalties = given_labels(
        turned, every, by_group, labels=many, classifier=classifier, progress=progress
    )
    scored = recalls(balanced, every, many)
    by_row = held.row_folds(number, seed=seed, evenly=True) if held.grouped else by_group
    known = balanced[:1]
    control: Labels = np.zeros((0, len(rows)), dtype=np.int64)
    if held.grouped:
        control = held.codes[held.control_groups(tasks, seed=seed)]
        both = np.concatenate([held.codes[None], control])
        answers, _, _ = given_labels(
            turned, both, by_row, labels=many, classifier=classifier, progress=progress
        )
        known, answers = answers[:1], answers[1:]
        control_scores = recalls(answers, control, many).mean(axis=1)
    else:
        control_scores = np.zeros(0)
    seen = balanced_interval(known[0] == held.codes, held, many, level=level)
    return LabelsProbe(
        classifier=classifier,
        labels=names,
        held=held,
        dimension=rows.shape[1],
        balanced=balanced_interval(balanced[0] == held.codes, held, many, level=level),
        accuracy=rows_interval(plain[0] == held.codes, held, level=level),
        majority=majority_share(held.codes, by_group),
        recall=tuple(
            rows_interval(balanced[0] == held.codes, held, held.codes == code, level=level)
            for code in range(many)
        ),
        null_recall=scored[1:],
        p=p_value(float(scored[0].mean()), scored[1:].mean(axis=1)),
        least_p=held.least_p(by_group, draws),
        seen=seen,
        control=tuple(control_scores.tolist()),
        selectivity=selectivity_interval(seen, control_scores),
        confusion=confusion(balanced[0], held.codes, many),
        settings={
            "folds": number,
            "permutations": draws,
            "controls": tasks if held.grouped else 0,
            "level": level,
            "seed": seed,
            "penalties": " ".join(f"{one:g}" for one in penalties),
        },
    )


def _held(
    labels: ArrayLike, groups: ArrayLike | None, rows: NDArray[np.float64]
) -> tuple[tuple[str, ...], GroupedCodes]:
    column = checked_column("labels", labels, len(rows))
    if column.dtype.kind == "f" and np.any(column != np.floor(column)):
        raise InputError(
            "labels are numbers with fractions, such as "
            f"{float(column[column != np.floor(column)][0]):g}; pass what is continuous as targets"
        )
    names, codes = np.unique(column, return_inverse=True)
    if len(names) < 2:
        raise InputError(f"there is one label ({str(names[0])!r}); pass two or more")
    if len(names) > _MOST_LABELS:
        raise InputError(
            f"there are {len(names):,} labels, more than {_MOST_LABELS}; join some, or pass "
            "numbers as targets"
        )
    held = GroupedCodes(codes.astype(np.int64), numbered("groups", groups, len(rows)))
    return tuple(str(name) for name in names), held.joined(equal_rows(rows))

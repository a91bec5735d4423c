"""Test whether labels of hidden states are a direction that holds for groups not seen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from probes.concepts.directions.estimators import ConceptDirection, MeanDifference, row_space
from probes.concepts.quantities import quantity_rows
from probes.hidden_states.caveats import caveats
from probes.hidden_states.checked import centred_rows
from probes.hidden_states.design import StateDesign
from probes.hidden_states.equal_rows import equal_rows
from probes.hidden_states.intervals import accuracy_interval
from probes.hidden_states.scores import balanced, rights
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import check_draws
from probes.shared.selectivity import selectivity_interval
from probes.shared.several_tests import is_finding
from probes.shared.wording import with_interval
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class StateProbe(Result):
    """A direction in hidden states, against chance, groups and a control task.

    Accuracies are balanced: the mean over the two labels of the share of rows that
    are given theirs, 1/2 by chance whatever the labels' numbers. Of contrast
    pairs it is the share of pairs in the right order.

    Parameters
    ----------
    estimator : str
        Name of the class that made the direction.
    design : StateDesign
        Labels and groups.
    direction : (d,) float
        Direction fitted to all rows; of length one, from the first label to the second.
    accuracy : Interval
        Accuracy on groups held out.
    p_value : float
        Share of shuffled labels that do as well.
    least_p : float
        The least p-value that so few groups, or shuffles, allow.
    null : tuple of float
        Accuracies of shuffled labels.
    seen : Interval
        Accuracy on rows held out while others of their groups are not. Beyond `accuracy`
        it is owed to knowing the group.
    control : tuple of float
        The same for control tasks: random labels, one a group.
    selectivity : Interval or None
        `seen` less the mean of `control` (Hewitt and Liang 2019). None without
        control tasks.
    settings : dict
        Folds, permutations, controls, level and seed.

    Examples
    --------
    >>> labels = np.repeat(["absent", "present"], 20)
    >>> states = np.random.default_rng(0).normal(size=(40, 5))
    >>> states[20:, 1] += 6.0
    >>> found = probe_hidden_states(states, labels, permutations=20, controls=0)
    >>> found.found, int(np.argmax(np.abs(found.direction)))
    (True, 1)
    """

    name = "states"
    figure = "probes.figures.relations.concepts:plot_state_probe"

    estimator: str
    design: StateDesign = field(repr=False)
    direction: Real = field(repr=False)
    accuracy: Interval
    p_value: float
    least_p: float
    null: tuple[float, ...] = field(repr=False)
    seen: Interval
    control: tuple[float, ...] = field(repr=False)
    selectivity: Interval | None
    settings: dict[str, Cell] = field(repr=False)

    @property
    def found(self) -> bool:
        """Whether the direction carries over to groups not seen, at the level of 0.05."""
        return is_finding(self.p_value)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            p-value and the least possible one; accuracies, selectivity and control task, with
            intervals where they have some.
        """
        numbers: dict[str, Interval | float | None] = {
            "p value": self.p_value,
            "least possible p value": self.least_p,
            "accuracy, groups held out": self.accuracy,
            "accuracy, rows held out": self.seen,
        }
        if self.selectivity is not None:
            numbers["selectivity"] = self.selectivity
        if self.control:
            numbers["control task"] = float(np.mean(self.control))
        return quantity_rows(numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give the estimator, numbers of rows, groups and pairs, the null, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        design = self.design
        return {
            "estimator": self.estimator,
            "states": len(design.codes),
            "d": len(self.direction),
            "groups": design.number,
            "pairs": int(design.units.max()) + 1 if design.paired else 0,
            "equal_rows_joined": design.equal,
            "null": "labels shuffled in ways that leave the structure of the groups",
            "shuffles": len(self.null),
            **self.settings,
        }

    def summary(self) -> str:
        """Say whether there is a direction, and what is owed to knowing the group.

        Returns
        -------
        str
            One paragraph.
        """
        what = "pairs are in the right order" if self.design.paired else "rows get their label"
        where = "in groups held out " if self.design.grouped else "held out, "
        share = with_interval(self.accuracy, ".0%")
        said = f"{where}{share} of {what} (50% by chance, p {self.p_value:.2g})"
        carries = "A direction" if self.found else "No direction that can be told from chance"
        lines = [f"{carries}: {said}."]
        lines += caveats(
            groups=self.design.number,
            equal=self.design.equal,
            least_p=self.least_p,
            with_the_group=f"it is {self.seen.value:.0%}"
            if self.seen.low > self.accuracy.high
            else None,
        )
        return " ".join(lines)

    columns: ClassVar[Mapping[str, str]] = {
        "groups held out": "balanced accuracy on groups never seen: half by chance",
        "rows held out": "the same on rows of groups that were seen, which is easier",
        "random by group": "accuracy on labels drawn by group, which only memory can learn",
        "selectivity": "rows held out less random by group: near 0, the probe knows groups, and "
        "not the concept",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps the accuracy beside its null; an accuracy on groups held out with a "
        "large p is no finding, however large it is on rows."
    )

    def text(self, width: int = WIDTH) -> str:
        """Lay out what was given, and the accuracies.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width.
        """
        design, sides = self.design, self.design.classes
        n, ones = len(design.codes), int(np.count_nonzero(design.codes))
        where = f"{design.number} groups" if design.grouped else "groups of their own"
        lines = [
            f"{n} states of {len(self.direction)} dimensions in {where}: "
            f"{n - ones} labelled {sides[0]!r}, {ones} labelled {sides[1]!r}; {self.estimator}",
            f"groups held out    {self.accuracy}, p = {self.p_value:.2g}",
        ]
        if design.grouped:
            lines.append(f"rows held out      {self.seen}")
        if design.grouped and self.selectivity is not None:
            lines.append(f"random by group    {np.mean(self.control):.3f}")
            lines.append(f"selectivity        {self.selectivity}")
        return "\n".join(textwrap.fill(line, width) for line in lines)


@one_blas_thread()
def probe_hidden_states(
    states: ArrayLike,
    labels: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    pairs: ArrayLike | None = None,
    estimator: ConceptDirection | None = None,
    folds: int = 5,
    permutations: int = 200,
    controls: int = 50,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> StateProbe:
    """Look for the direction of two labels in hidden states of any model.

    Rows of one group are never on both sides of a split: a probe that knows the
    word, or the template of the sentence, has not found the concept. How labels
    are shuffled for the null depends on the groups
    (`probes.hidden_states.design.StateDesign.shuffles`). Groups that have equal rows,
    or nearly equal ones (`probes.hidden_states.equal_rows`), are joined to one.

    The control task gives each group a random label (Hewitt and Liang 2019). On
    groups held out it is at chance by construction, so it is scored, as theirs,
    on rows of groups that the probe has seen, and compared with the labels
    scored likewise. Where each row is a group of its own it is chance.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer, one row a token, word or sentence; finite.
    labels : (n,) array_like
        Two labels, numbers or strings; the direction points from the smaller to the larger.
    groups : (n,) array_like, optional
        Group of each row, such as its word: what it must not be recognised by. Each row, or
        pair, is a group of its own by default.
    pairs : (n,) array_like, optional
        Numbers of contrast pairs, such as a sentence with and without the concept:
        two rows of different labels each. Each pair is centred at its middle, for
        what sets pairs apart is not the concept.
    estimator : ConceptDirection, optional
        What makes the direction; `MeanDifference()` by default, which is by far the fastest.
    folds : int, default 5
        Folds of the cross-validation; at most as many as there are groups.
    permutations : int, default 200
        Shuffles of the null at most, at least 20.
    controls : int, default 50
        Number of control tasks; 0 for none.
    seed : int, default 0
        Seed of folds, shuffles and controls.
    level : float, default 0.95
        Nominal coverage of the intervals, which rest on the number of groups
        (`probes.shared.effective_trials`).
    progress : Progress
        What is told how many shuffles are done.

    Returns
    -------
    StateProbe

    Raises
    ------
    InputError
        Shapes do not fit, the labels are not two, a number is not finite or out of
        range, or a label has fewer than two groups.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with
    control tasks".

    Examples
    --------
    States that tell the word apart, and words of either label, but no direction of the label:

    >>> rng = np.random.default_rng(0)
    >>> words = np.repeat(np.arange(8), 5)
    >>> states = rng.normal(size=(8, 50))[words] + 0.1 * rng.normal(size=(40, 50))
    >>> found = probe_hidden_states(states, words % 2, groups=words, permutations=40)
    >>> found.found, found.seen.value > 0.9
    (False, True)
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    rows = centred_rows(states)
    design = StateDesign.of(labels, groups, pairs, rows=len(rows)).joined(equal_rows(rows))
    if design.paired:
        two = rows[np.argsort(design.units, kind="stable")].reshape(-1, 2, rows.shape[1])
        rows = rows - two.mean(axis=1)[design.units]
    made = MeanDifference() if estimator is None else estimator
    direction = clone(made).fit(rows, design.codes).direction_
    turned, _ = row_space(rows)  # turning the rows changes no estimator's answers
    number = min(folds, design.number)
    by_group = design.group_folds(number, seed=seed)
    true = design.codes[None]
    right = rights(turned, made, true, by_group[None])[0]
    drawn = design.shuffles(by_group, most=permutations, seed=seed)
    null = balanced(rights(turned, made, drawn.codes, drawn.folds, progress), drawn.codes)
    by_row = design.row_folds(number, seed=seed) if design.grouped else by_group
    known = rights(turned, made, true, by_row[None])[0]
    tasks = design.control_codes(controls, seed=seed)
    control = balanced(rights(turned, made, tasks, np.tile(by_row, (controls, 1))), tasks)
    accuracy = accuracy_interval(right, design, level=level)
    seen = accuracy_interval(known, design, level=level)
    least = 1 / len(null)
    if not drawn.exact:
        least = max(1 / (1 + len(null)), exp(-design.log_arrangements))
    return StateProbe(
        estimator=type(made).__name__,
        design=design,
        direction=np.asarray(direction),
        accuracy=accuracy,
        p_value=drawn.p_value(accuracy.value, null),
        least_p=least,
        null=tuple(null.tolist()),
        seen=seen,
        control=tuple(control.tolist()),
        selectivity=selectivity_interval(seen, control),
        settings={
            "folds": number,
            "permutations": permutations,
            "controls": controls,
            "level": level,
            "seed": seed,
        },
    )

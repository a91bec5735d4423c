"""Whether hidden states hold a concept as a direction that carries over to groups not seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from sklearn.base import clone

from probes.concepts.directions.estimators import ConceptDirection, MeanDifference
from probes.hidden_states.design import StateDesign
from probes.hidden_states.intervals import accuracy_interval, selectivity_interval
from probes.hidden_states.scores import balanced, rights
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import check_draws
from probes.shared.wording import with_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class StateProbe:
    """A direction in hidden states, against chance, groups and a control task.

    Accuracies are balanced: the mean over the two labels of the share of rows that
    are given theirs, 1/2 by chance whatever the labels' numbers. Of contrast
    pairs it is the share of pairs in the right order.

    Parameters
    ----------
    estimator : str
        What made the direction.
    design : StateDesign
        Labels and groups.
    direction : (d,) float
        Fitted to all rows; of length one, from the first label to the second.
    accuracy : Interval
        On groups held out.
    p_value : float
        Share of shuffled labels that do as well.
    least_p : float
        The least p-value that so few groups, or shuffles, allow.
    null : tuple of float
        Accuracies of shuffled labels.
    seen : Interval
        On rows held out while others of their groups are not. Beyond `accuracy`
        it is owed to knowing the group.
    control : tuple of float
        The same for control tasks: random labels, one a group.
    selectivity : Interval or None
        `seen` less the mean of `control` (Hewitt and Liang 2019). None without
        control tasks.
    """

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

    @property
    def found(self) -> bool:
        """Whether the direction carries over to groups not seen, at the level of 0.05."""
        return self.p_value < LEVEL

    def table(self) -> list[dict[str, str | float | None]]:
        """One row a quantity, for a CSV or JSON file."""
        rows: list[dict[str, str | float | None]] = [
            {"quantity": "p value", "value": self.p_value},
            {"quantity": "least possible p value", "value": self.least_p},
        ]
        for name, found in (
            ("accuracy, groups held out", self.accuracy),
            ("accuracy, rows held out", self.seen),
            ("selectivity", self.selectivity),
        ):
            if found is not None:
                rows.append(
                    {
                        "quantity": name,
                        "value": found.value,
                        "low": found.low,
                        "high": found.high,
                        "level": found.level,
                        "interval": found.method,
                    }
                )
        if self.control:
            rows.append({"quantity": "control task", "value": float(np.mean(self.control))})
        return rows

    def finding(self) -> str:
        """What was found, in plain words."""
        what = "pairs are in the right order" if self.design.paired else "rows get their label"
        where = "in groups held out " if self.design.grouped else "held out, "
        share = with_interval(self.accuracy, ".0%")
        said = f"{where}{share} of {what} (50% by chance, p {self.p_value:.2g})"
        carries = "A direction" if self.found else "No direction that can be told from chance"
        lines = [f"{carries}: {said}."]
        if self.least_p >= LEVEL:
            lines.append(
                f"With {self.design.number} groups no p below {self.least_p:.2g} is possible; "
                "more groups are needed."
            )
        if self.seen.low > self.accuracy.high:
            lines.append(
                f"With rows of the same groups on both sides it is {self.seen.value:.0%}: what is "
                "beyond is owed to knowing the group."
            )
        return " ".join(lines)

    def __str__(self) -> str:
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
        return "\n".join(lines)


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
    """Look for the direction of two labels in hidden states of whatever model.

    Rows of one group are never on both sides of a split: a probe that knows the
    word, or the template of the sentence, has not found the concept. How labels
    are shuffled for the null depends on the groups
    (`probes.hidden_states.design.StateDesign.shuffles`).

    The control task gives each group a random label (Hewitt and Liang 2019). On
    groups held out it is at chance by construction, so it is scored, as theirs,
    on rows of groups that the probe has seen, and compared with the labels
    scored likewise. Where each row is a group of its own it is chance.

    Parameters
    ----------
    states : (n, d) array_like
        One row a token, word or sentence; finite.
    labels : (n,) array_like
        Two labels, numbers or strings; the direction points from the smaller to the larger.
    groups : (n,) array_like, optional
        What each row must not be recognised by. Each row, or pair, is a group of its
        own by default.
    pairs : (n,) array_like, optional
        Numbers of contrast pairs, such as a sentence with and without the concept:
        two rows of different labels each. Each pair is centred at its middle, for
        what sets pairs apart is not the concept.
    estimator : ConceptDirection, optional
        `MeanDifference()` by default, which is by far the fastest.
    folds : int, default 5
        Of the cross-validation; at most as many as there are groups.
    permutations : int, default 200
        Shuffles of the null at most, at least 20.
    controls : int, default 50
        Control tasks; 0 for none.
    seed : int, default 0
        Of folds, shuffles, controls and resamples.
    level : float, default 0.95
        Nominal coverage of the intervals, which are bootstraps over groups.
    progress : Progress

    Raises
    ------
    InputError
        Shapes do not fit, the labels are not two, a number is not finite or out of
        range, or a label has fewer than two groups.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with
    control tasks".
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    rows = _checked(states)
    design = StateDesign.of(labels, groups, pairs, rows=len(rows))
    if design.paired:
        two = rows[np.argsort(design.units, kind="stable")].reshape(-1, 2, rows.shape[1])
        rows = rows - two.mean(axis=1)[design.units]
    made = MeanDifference() if estimator is None else estimator
    direction = clone(made).fit(rows, design.codes).direction_
    turned = _own_span(rows)
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
    accuracy = accuracy_interval(right, design, seed=seed, level=level)
    seen = accuracy_interval(known, design, seed=seed, level=level)
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
        selectivity=selectivity_interval(seen, control, seed=seed),
    )


def _checked(states: ArrayLike) -> Real:
    """Rows scaled and centred, on which no direction depends, so that squares stay in range."""
    given = np.asarray(states)
    if given.ndim != 2 or min(given.shape) < 1 or given.dtype.kind not in "fiu":
        raise InputError(
            f"the states have the shape {given.shape} and the type {given.dtype}; pass real "
            "numbers of the shape (n, d), one layer at a time"
        )
    rows = given.astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(f"state {row + 1} has a NaN or an infinity; mend it or leave it out")
    rows /= float(np.abs(rows).max()) or 1.0
    return np.asarray(rows - rows.mean(axis=0))


def _own_span(rows: Real) -> Real:
    """Coordinates of the rows in their own span; turning them changes no estimator's answers."""
    if rows.shape[1] <= len(rows):
        return rows
    left, values, _ = linalg.svd(rows, full_matrices=False)
    return np.asarray(left * values)

"""Test whether a number can be read from hidden states of groups not seen: ridge regression."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.concepts.directions.estimators import row_space
from probes.concepts.quantities import quantity_rows
from probes.hidden_states.caveats import caveats
from probes.hidden_states.checked import centred_rows, checked_column, numbered
from probes.hidden_states.equal_rows import equal_rows
from probes.hidden_states.groups import GroupedCodes, p_value
from probes.hidden_states.r_squared import r2_interval, r2_less_control, r2_scores
from probes.hidden_states.ridge import RATIOS, held_out_ridge
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import check_draws
from probes.shared.several_tests import is_finding
from probes.shared.wording import with_interval
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell, write_table

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TargetProbe(Result):
    """A number read from hidden states, against its mean, groups and a control task.

    R² is one less the squared error over that of the mean of the training rows: 0 for who
    knows nothing but that mean, 1 for who knows all, below 0 for who does worse.

    Parameters
    ----------
    held : GroupedCodes
        Targets, as numbers for equal ones, and groups of the rows.
    targets : (n,) float
        The true numbers.
    predicted : (n,) float
        Each predicted from groups that it is not in.
    dimension : int
        d, of the states.
    r2 : Interval
        R² on groups held out.
    correlation : float
        Of predicted and true numbers there.
    p : float
        Share of shuffled targets whose R² is as large.
    least_p : float
        The least p-value that so few groups, or shuffles, allow.
    null : tuple of float
        R² of shuffled targets.
    seen : Interval
        R² on rows held out while others of their groups are not.
    control : tuple of float
        The same for control tasks: each group has the number of another.
    selectivity : Interval or None
        `seen` less the mean of `control`. None without control tasks.
    settings : dict
        Folds, shuffles, controls, level, seed, and the penalties that were chosen.

    Examples
    --------
    >>> states = np.random.default_rng(0).normal(size=(60, 5))
    >>> found = probe_targets(states, 3 * states[:, 1] + 1, permutations=40, controls=0)
    >>> found.found, found.r2.value > 0.99
    (True, True)
    """

    name = "states"
    figure = "probes.figures.relations.states:plot_target_probe"
    columns: ClassVar[Mapping[str, str]] = {
        "groups held out": "R² on groups never seen: 0 for who knows the mean alone",
        "rows held out": "the same on rows of groups that were seen, which is easier",
        "random by group": "R² on numbers passed between groups, which only memory can learn",
        "selectivity": "rows held out less random by group: near 0, the probe knows groups, and "
        "not the number",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps every number beside what was predicted; an R² on groups held out "
        "with a large p is no finding, however large it is on rows."
    )

    held: GroupedCodes = field(repr=False)
    targets: Real = field(repr=False)
    predicted: Real = field(repr=False)
    dimension: int
    r2: Interval
    correlation: float
    p: float
    least_p: float
    null: tuple[float, ...] = field(repr=False)
    seen: Interval
    control: tuple[float, ...] = field(repr=False)
    selectivity: Interval | None
    settings: dict[str, Cell] = field(repr=False)

    @property
    def found(self) -> bool:
        """Whether the number can be read on groups not seen, at the level of 0.05."""
        return is_finding(self.p)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity: p-values, R² in three ways, selectivity."""
        numbers: dict[str, Interval | float | None] = {
            "p value": self.p,
            "least possible p value": self.least_p,
            "R², groups held out": self.r2,
            "shuffled targets": float(np.mean(self.null)),
            "correlation, groups held out": self.correlation,
            "R², rows held out": self.seen,
        }
        if self.selectivity is not None:
            numbers["selectivity"] = self.selectivity
        if self.control:
            numbers["control task"] = float(np.mean(self.control))
        return quantity_rows(numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of rows and groups, the null, and the settings."""
        return {
            "estimator": "ridge regression",
            "states": len(self.targets),
            "d": self.dimension,
            "groups": self.held.number,
            "equal_rows_joined": self.held.equal,
            "null": "targets shuffled among groups, or within groups of several",
            "shuffles": len(self.null),
            **self.settings,
        }

    def summary(self) -> str:
        """Say whether the number can be read, and what is owed to knowing the group."""
        where = "groups held out" if self.held.grouped else "rows held out"
        carries = (
            "The number can be read" if self.found else "The number cannot be told from chance"
        )
        lines = [
            f"{carries}: on {where} R² is {with_interval(self.r2, '.2f')} (0 for who knows the "
            f"mean alone, {np.mean(self.null):.2f} for shuffled targets, p {self.p:.2g}), and the "
            f"correlation of predicted and true numbers {self.correlation:.2f}."
        ]
        more = self.held.grouped and self.seen.low > self.r2.high
        lines += caveats(
            groups=self.held.number,
            equal=self.held.equal,
            least_p=self.least_p,
            with_the_group=f"R² is {self.seen.value:.2f}" if more else None,
        )
        return " ".join(lines)

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write every number beside what was predicted: ``states-predictions.csv`` and ``.json``.

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
            {"row": number, "group": int(group) + 1, "true": float(true), "predicted": float(guess)}
            for number, (group, true, guess) in enumerate(
                zip(self.held.groups, self.targets, self.predicted, strict=True), start=1
            )
        ]
        write_table(rows, folder, "states-predictions")
        return folder / "states-predictions.csv", folder / "states-predictions.json"

    def text(self, width: int = WIDTH) -> str:
        """Lay out R² in its ways.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width.
        """
        where = f"{self.held.number} groups" if self.held.grouped else "groups of their own"
        lines = [
            f"{len(self.targets)} states of {self.dimension} dimensions in {where}; targets from "
            f"{self.targets.min():.4g} to {self.targets.max():.4g}; ridge",
            f"groups held out    {self.r2}, p = {self.p:.2g}; shuffled {np.mean(self.null):.3f}",
        ]
        if self.held.grouped:
            lines.append(f"rows held out      {self.seen}")
            if self.selectivity is not None:
                lines.append(f"random by group    {np.mean(self.control):.3f}")
                lines.append(f"selectivity        {self.selectivity}")
        return "\n".join(textwrap.fill(line, width) for line in lines)


@one_blas_thread()
def probe_targets(
    states: ArrayLike,
    targets: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    folds: int = 5,
    permutations: int = 200,
    controls: int = 50,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> TargetProbe:
    """Read a number from hidden states of any model, on groups never seen.

    Rows of one group are never on both sides of a split, and the penalty of the ridge
    regression is chosen on the training folds by leaving out one after the other. Shuffled
    targets go through all of it, the choice too: those of groups with one number pass between
    groups, in others they are shuffled among the rows. Folds are drawn without a look at them.

    Parameters
    ----------
    states : (n, d) array_like
        States of one layer, one row a token, word or sentence; finite.
    targets : (n,) array_like
        Numbers, such as a position, a length or a rating; not all the same.
    groups : (n,) array_like, optional
        Group of each row, such as its word. Each row is a group of its own by default; groups
        with equal rows, or nearly equal ones, are joined to one.
    folds : int, default 5
        Folds of the cross-validation; at most as many as there are groups.
    permutations : int, default 200
        Shuffles of the null, at least 20.
    controls : int, default 50
        Number of control tasks; 0 for none.
    seed : int, default 0
        Seed of folds, shuffles and controls.
    level : float, default 0.95
        Nominal coverage of the intervals, which rest on the groups (`r2_interval`).
    progress : Progress
        What is told how far it is.

    Returns
    -------
    TargetProbe

    Raises
    ------
    InputError
        Shapes do not fit, targets are no numbers or all the same, there are fewer than three
        groups, or a number is out of range.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with control tasks".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> words = np.repeat(np.arange(12), 5)
    >>> states = rng.normal(size=(12, 50))[words] + 0.1 * rng.normal(size=(60, 50))
    >>> found = probe_targets(states, rng.normal(size=12)[words], groups=words, permutations=40)
    >>> found.found, found.seen.value > 0.9  # the word is known, and not its number
    (False, True)
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    rows = centred_rows(states)
    true, unit = _checked_targets(targets, len(rows))
    _, codes = np.unique(true, return_inverse=True)
    held = GroupedCodes(codes.astype(np.int64), numbered("groups", groups, len(rows)))
    held = held.joined(equal_rows(rows))
    if held.number < 3:
        raise InputError(
            f"there are {held.number} groups{' (equal rows are of one group)' * bool(held.equal)}; "
            "pass states of three groups or more"
        )
    turned, _ = row_space(rows)
    number = min(folds, held.number)
    by_group = held.group_folds(number, seed=seed, evenly=False)
    together = np.zeros(len(rows), dtype=np.int64)
    taken = held.shuffles(together, number=permutations, seed=seed)
    every = np.concatenate([true[None], true[taken]])
    predicted, chosen = held_out_ridge(turned, every[:, :, None], by_group, progress=progress)
    scores = r2_scores(predicted[:, :, 0], every, by_group)
    ratios = [RATIOS[place] for place in chosen[:, 0]]
    r2 = r2_interval(turned, true, predicted[0, :, 0], by_group, held.groups, ratios, level=level)
    seen, control = r2, np.zeros(0)
    if held.grouped:
        by_row = held.row_folds(number, seed=seed, evenly=False)
        tasks = np.concatenate([true[None], true[held.control_groups(controls, seed=seed)]])
        answers, places = held_out_ridge(turned, tasks[:, :, None], by_row, progress=progress)
        seen = r2_interval(
            turned,
            true,
            answers[0, :, 0],
            by_row,
            held.groups,
            [RATIOS[place] for place in places[:, 0]],
            level=level,
        )
        control = r2_scores(answers[1:, :, 0], tasks[1:], by_row)
    spread = float(np.std(predicted[0])) * float(np.std(true))
    return TargetProbe(
        held=held,
        targets=true * unit,
        predicted=predicted[0, :, 0] * unit,
        dimension=rows.shape[1],
        r2=r2,
        correlation=float(np.corrcoef(predicted[0, :, 0], true)[0, 1]) if spread > 0 else 0.0,
        p=p_value(float(scores[0]), scores[1:]),
        least_p=held.least_p(together, permutations),
        null=tuple(scores[1:].tolist()),
        seen=seen,
        control=tuple(control.tolist()),
        selectivity=r2_less_control(seen, control),
        settings={
            "folds": number,
            "permutations": permutations,
            "controls": controls if held.grouped else 0,
            "level": level,
            "seed": seed,
            "penalties": " ".join(f"{ratio:g}" for ratio in ratios),
        },
    )


def _checked_targets(targets: ArrayLike, rows: int) -> tuple[Real, float]:
    column = checked_column("targets", targets, rows)
    if column.dtype.kind not in "iuf":
        raise InputError(
            f"targets are of type {column.dtype}; pass numbers, or pass them as labels"
        )
    given = column.astype(np.float64)
    unit = float(np.abs(given).max()) or 1.0  # squares of large numbers stay in range
    if np.ptp(given) <= 1e-12 * unit:
        raise InputError(f"all targets are {given[0]:g}; there is nothing to read")
    return given / unit, unit

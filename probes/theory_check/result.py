"""A run beside the closed form: what was compared, its verdict, its tables."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.modes import (
    ModeMatching,
    TrajectoryComparison,
)
from probes.shared.wording import counted
from probes.theory_check.curves import Curves
from probes.theory_check.learning import LearningTime, Order, learning_table, order
from probes.theory_check.loss_steps import LossCurve
from probes.theory_check.prediction import Prediction
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]

AGREEMENT = 0.01
"""Median relative errors of singular values below which a run is said to agree."""


_WIDTH = 80
_NAMED = 6
_LEAST = 1e-5


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """A run beside the closed form; made by `compare`.

    Parameters
    ----------
    loss, weighting : str
        What was trained.
    prediction : Prediction
        The closed form of M* from the run's start.
    departures : tuple of str
        Assumptions of the closed form that do not hold in this run; none where it is exact.
    curves : Curves
        Singular values.
    learning : tuple of LearningTime
        Half-height times, one for each mode compared.
    loss_curve : LossCurve
    overlaps : TrajectoryComparison
        Modes of the run beside the closed form's at the same time, at the snapshots that
        have as many modes (A B^T has none while B = 0).
    learned : (S,) int
        How many modes stand at half of their height by the closed form, at each snapshot.
    matching : ModeMatching
        The run's modes at its last snapshot beside the eigenvectors of M*.
    early : Curves or None
        Where the weights of pairs are not constant: singular values up to the first
        learning time of the weighted matrix G o M* / mean(G), beside the closed form
        of that matrix, which is exact as long as the embeddings are small.
    """

    loss: str
    weighting: str
    prediction: Prediction
    departures: tuple[str, ...]
    curves: Curves
    learning: tuple[LearningTime, ...]
    loss_curve: LossCurve
    overlaps: TrajectoryComparison
    learned: NDArray[np.intp]
    matching: ModeMatching
    early: Curves | None

    @property
    def exact(self) -> bool:
        """Whether the closed form is exact for this run: quartic loss, constant weights."""
        return not self.departures

    @property
    def order(self) -> Order:
        """Of learning, measured beside predicted."""
        return order(self.learning)

    @property
    def agrees(self) -> bool:
        """Median relative errors below 1 %, and no swap of learning times that the rows resolve.

        Of all rows, and of those rows alone in which a mode is learned: in the others
        the embeddings are small, where any loss has the same course.
        """
        medians = [self.curves.median(), self.curves.median_learned()]
        close = all(median is None or median.value < AGREEMENT for median in medians)
        return close and not self.order.resolved

    @property
    def learned_overlaps(self) -> Real:
        """(S,) overlap of the span of the modes learned with the closed form's; NaN for none."""
        squares = self.overlaps.overlaps
        found = [
            float(square[:m, :m].sum()) / m if m else np.nan
            for square, m in zip(squares, self.learned.tolist(), strict=True)
        ]
        return np.array(found)

    def to_rows(self) -> dict[str, list[dict[str, Cell]]]:
        """Tables by name, for `repsearch.storage.tables.write_table`."""
        tables: dict[str, list[dict[str, Cell]]] = {
            "singular_values": self.curves.table(),
            "learning_times": learning_table(self.learning),
            "loss": self.loss_curve.table(),
            "plateaus": self.loss_curve.plateau_table(),
            "overlaps": self._overlap_table(),
            "matching": [dict(row) for row in self.matching.table()],
        }
        if self.early is not None:
            tables["early_growth"] = self.early.table()
        return tables

    def summary(self) -> str:
        """The verdict and the numbers, in lines of at most 80 columns."""
        return _summary(self)

    def __repr__(self) -> str:
        return (
            f"Comparison({self.loss}, {self.weighting}: {self.curves.n_modes} modes at "
            f"{len(self.curves.times)} times, median error {self.curves.median().value:.2%}, "
            f"{'agrees' if self.agrees else 'departs'})"
        )

    def _overlap_table(self) -> list[dict[str, Cell]]:
        return [
            {
                "time": float(time),
                "mode": mode + 1,
                "overlap": float(square[mode, mode]),
                "modes_learned": learned,
                "learned_subspace_overlap": None if np.isnan(whole) else float(whole),
            }
            for time, square, learned, whole in zip(
                self.overlaps.times,
                self.overlaps.overlaps,
                self.learned.tolist(),
                self.learned_overlaps,
                strict=True,
            )
            for mode in range(square.shape[0])
        ]


def _summary(found: Comparison) -> str:
    """The verdict and the numbers, in lines of at most 80 columns."""
    median, worst = found.curves.median(), found.curves.largest()
    high = float(np.nanquantile(found.curves.errors, 0.95))
    verdict = "agree" if found.agrees else "depart"
    head = (
        f"Training and closed form {verdict}: median relative error of {found.curves.n_modes} "
        f"singular values {percent(median.value)} [{percent(median.low)}, "
        f"{percent(median.high)}]"
    )
    lines = [
        head,
        f"  over {len(found.curves.times)} times; 95% of errors below {percent(high)}, the "
        f"largest {percent(worst.largest)} (mode {worst.mode} at t = {worst.at:.4g})",
    ]
    settled = found.curves.median_learned()
    if settled is not None:
        lines.append(f"  once a mode is learned: median {percent(settled.value)}")
    lines += [f"  {line}" for line in (*_learning(found), _loss(found), *_overlap(found))]
    if found.early is not None and len(found.early.times):
        early = found.early.median()
        lines.append(
            f"  while small, beside the weighted matrix G o M* / mean(G): median error "
            f"{percent(early.value)} over {len(found.early.times)} times"
        )
    basis = "exact for this run" if found.exact else "not exact for this run:"
    lines.append(f"{found.loss} loss, {found.weighting}; the closed form is {basis}")
    lines += [f"  {reason}" for reason in found.departures]
    return "\n".join(_wrapped(line) for line in lines)


def _learning(found: Comparison) -> list[str]:
    order, learned = found.order, [mode for mode in found.learning if mode.error]
    lines = []
    if learned:
        errors = np.array([abs(mode.error.value) for mode in learned if mode.error])
        lines.append(
            f"{len(learned)} learning times: median error {percent(float(np.median(errors)))}, "
            f"largest {percent(float(errors.max()))} (mode {learned[int(errors.argmax())].mode})"
        )
    if order.n > 1:
        swaps = "no pair swapped"
        if order.swapped:
            named = ", ".join(f"{i}-{j}" for i, j in order.swapped[:_NAMED])
            more = ", ..." if len(order.swapped) > _NAMED else ""
            swaps = (
                f"{counted(len(order.swapped), 'pair')} swapped ({named}{more}), "
                f"{len(order.resolved)} of them between different rows"
            )
        lines.append(f"their order: Kendall's tau {order.tau:.3f}, p {order.p_value:.1e}, {swaps}")
    others: dict[str, list[str]] = {}
    for mode in found.learning:
        if mode.status != "learned":
            others.setdefault(mode.status, []).append(str(mode.mode))
    lines += [f"{status}: modes {', '.join(modes)}" for status, modes in others.items()]
    return lines


def _loss(found: Comparison) -> str:
    errors = found.loss_curve.errors
    text = f"loss: largest error {percent(float(np.abs(errors).max()))} of its fall"
    count = len(found.loss_curve.plateaus)
    return f"{text}; {counted(count, 'plateau')} of modes learned apart" if count else text


def _overlap(found: Comparison) -> list[str]:
    known = found.learned_overlaps
    if np.isnan(known).all():
        return []
    last = int(np.flatnonzero(~np.isnan(known))[-1])
    return [
        f"span of the {found.learned[last]} modes learned at t = {found.overlaps.times[last]:.4g}: "
        f"overlap {known[last]:.6f} with the closed form's"
    ]


def percent(share: float) -> str:
    """Two digits, and no claim of rounding errors."""
    if share < _LEAST:
        return f"<{100 * _LEAST:g}%"
    return f"{100 * share:.2g}%" if share < 0.1 else f"{100 * share:.0f}%"


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)

"""Compare the loss over time with the closed form, and find its plateaus.

Near the origin a loss over pairs is (c w / 2) ||W W^T - M*||^2 + const, with c its
curvature at 0 and w the mean weight of a pair; exactly so for the quartic loss with
constant weights. (L - L(0)) / (2 c w) is therefore in the units of `Trajectory.loss`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.theory_check.learning_times import LearningTime
from repsearch.dynamics import plateaus
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.dynamics.clock.batches import Batch
    from repsearch.training.objectives.losses import Loss
    from repsearch.training.terms.pair_terms import PairTerms

Real = NDArray[np.float64]

_HALF_RISE = math.log(9)
"""A logistic curve goes from a tenth to nine tenths of its height within +- this / lambda."""


@dataclass(frozen=True)
class Plateau:
    """The loss between the learning of one mode and of the next.

    Parameters
    ----------
    learned : int
        Number of modes learned.
    predicted : float
        -(1/4) sum of the squares of their heights.
    measured : float
        The loss half-way between the two measured learning times.
    low, high : float
        The measured loss where, by the closed form, the one mode is at nine tenths and
        the next at a tenth of its height: what is left of a slope.

    Examples
    --------
    >>> plateau = Plateau(learned=2, predicted=-24.25, measured=-24.2, low=-24.3, high=-24.0)
    >>> plateau.low <= plateau.measured <= plateau.high
    True
    """

    learned: int
    predicted: float
    measured: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class LossCurve:
    """Loss at the recorded rows after the start, in units of the quartic loss with G = 1.

    Parameters
    ----------
    times : (T,) float
        Flow times of the recorded rows.
    measured, predicted : (T,) float
        Loss of the run and of the closed form, 0 at the origin.
    plateaus : tuple of Plateau
        Those between modes that are learned one after the other.

    Examples
    --------
    >>> import numpy as np
    >>> predicted = np.array([0.0, -8.0, -10.0])
    >>> found = LossCurve(np.array([0.0, 1.0, 2.0]), predicted + 0.1, predicted, ())
    >>> found.errors.round(6).tolist()
    [0.01, 0.01, 0.01]
    """

    times: Real
    measured: Real
    predicted: Real
    plateaus: tuple[Plateau, ...]

    @property
    def errors(self) -> Real:
        """(T,) measured less predicted, as a share of the largest fall predicted."""
        fall = float(-self.predicted.min())
        found: Real = (self.measured - self.predicted) / (fall if fall > 0 else math.nan)
        return found

    def table(self) -> list[dict[str, Cell]]:
        """Give the loss, one row for each time.

        Returns
        -------
        list of dict
            Columns ``time``, ``measured`` and ``predicted``.
        """
        return [
            {"time": float(t), "measured": float(m), "predicted": float(p)}
            for t, m, p in zip(self.times, self.measured, self.predicted, strict=True)
        ]

    def plateau_table(self) -> list[dict[str, Cell]]:
        """Give the plateaus, one row for each.

        Returns
        -------
        list of dict
            Columns ``modes_learned``, ``predicted``, ``measured``, ``low`` and ``high``.
        """
        return [
            {
                "modes_learned": one.learned,
                "predicted": one.predicted,
                "measured": one.measured,
                "low": one.low,
                "high": one.high,
            }
            for one in self.plateaus
        ]


def in_quartic_units(losses: Real, batch: Batch, loss: Loss, terms: PairTerms) -> Real:
    """Convert the losses of steps to (L - L(0)) / (2 c w).

    Parameters
    ----------
    losses : (T,) float
        L times the scale of the batch, in expectation if pairs are drawn.
    batch : Batch
        How a step draws on pairs.
    loss : Loss
        What was trained; its values at 0 make L(0).
    terms : PairTerms
        Weights of the pairs.

    Returns
    -------
    (T,) ndarray
        In units of the quartic loss with G = 1, 0 at the origin.
    """
    positive, negative = _at_zero(loss)
    seen = float(terms.positive.sum(dtype=np.float64))
    origin = positive * seen + negative * (terms.total - seen)
    found: Real = (losses / batch.scale - origin) / (
        2 * loss.expansion.curvature * terms.mean_weight
    )
    return found


def _at_zero(loss: Loss) -> tuple[float, float]:
    """Give f+(0) and f-(0); of the losses of `repsearch.training` without torch."""
    known: tuple[float, float] | None = getattr(loss, "at_zero", None)
    if known is not None:
        return known
    import torch

    positive, negative = loss.values(torch.zeros((), dtype=torch.float64))
    return float(positive), float(negative)


def loss_curve(
    times: Real, measured: Real, predicted: Real, modes: tuple[LearningTime, ...]
) -> LossCurve:
    """Set the loss beside the closed form's, with plateaus between modes that are learned apart.

    Parameters
    ----------
    times : (T,) float
        Flow times of the recorded rows.
    measured, predicted : (T,) float
        Losses in units of the quartic loss, as `in_quartic_units` gives them.
    modes : tuple of LearningTime
        All from the first on, in the order of learning.

    Returns
    -------
    LossCurve
        With plateaus where the one mode is at nine tenths before the next is at a tenth.
    """
    levels = plateaus([mode.height for mode in modes])
    found = []
    for one, other in pairwise(modes):
        if one.status == other.status == "learned":
            assert one.measured
            assert one.predicted
            assert other.measured
            assert other.predicted
            left = one.predicted.time + _HALF_RISE / one.height
            right = other.predicted.time - _HALF_RISE / other.height
            if left < right:
                middle = (one.measured.time + other.measured.time) / 2
                value, *ends = np.interp([middle, left, right], times, measured).tolist()
                found.append(
                    Plateau(
                        one.mode,
                        float(levels[one.mode]),
                        value,
                        min(value, *ends),
                        max(value, *ends),
                    )
                )
    return LossCurve(times, measured, predicted, tuple(found))

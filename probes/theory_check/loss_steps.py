"""The loss over time: measured in units of the quartic loss, and its plateaus.

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

from probes.theory_check.learning import LearningTime
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
        Modes learned.
    predicted : float
        -(1/4) sum of the squares of their heights.
    measured : float
        The loss half-way between the two measured learning times.
    low, high : float
        The measured loss where, by the closed form, the one mode is at nine tenths and
        the next at a tenth of its height: what is left of a slope.
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
    measured, predicted : (T,) float
        0 at the origin.
    plateaus : tuple of Plateau
        Those between modes whose rises do not overlap.
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
        """Rows for a CSV or JSON file, one a time."""
        return [
            {"time": float(t), "measured": float(m), "predicted": float(p)}
            for t, m, p in zip(self.times, self.measured, self.predicted, strict=True)
        ]

    def plateau_table(self) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a plateau."""
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
    """(L - L(0)) / (2 c w) of the losses of steps.

    Parameters
    ----------
    losses : (T,) float
        L times the scale of the batch, in expectation if pairs are drawn.
    batch : Batch
    loss : Loss
        Whose values at 0 make L(0).
    terms : PairTerms
        Weights of the pairs.
    """
    import torch

    positive, negative = (float(f) for f in loss.values(torch.zeros((), dtype=torch.float64)))
    seen = float(terms.positive.sum(dtype=np.float64))
    origin = positive * seen + negative * (terms.total - seen)
    found: Real = (losses / batch.scale - origin) / (
        2 * loss.expansion.curvature * terms.mean_weight
    )
    return found


def loss_curve(
    times: Real, measured: Real, predicted: Real, modes: tuple[LearningTime, ...]
) -> LossCurve:
    """The loss, and its plateaus between successive modes that are learned apart.

    Parameters
    ----------
    times, measured, predicted : (T,) float
        In units of the quartic loss, `in_quartic_units`.
    modes : tuple of LearningTime
        All from the first on, in the order of learning.
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

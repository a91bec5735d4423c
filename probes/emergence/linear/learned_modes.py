"""Find when the modes are learned that the mean difference of a family lives on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from probes.emergence.linear.family_over_time import FamilyOverTime
from probes.emergence.linear.result import FamilyTimes
from probes.emergence.linear.rise_times import rise_times
from probes.emergence.mode_signal import ModeSignal, mode_signal
from probes.emergence.theory import Theory
from probes.shared.resampling import indicator
from repsearch.errors import InputError

Real = NDArray[np.float64]
_FINE = 500
"""Times at which the logistic curves are looked at; they cost nothing."""


def with_theory(one: FamilyTimes, measured: FamilyOverTime, theory: Theory) -> FamilyTimes:
    """Add when the modes are learned that the mean lives on, and its growth time by theory.

    The weights of the modes are the shares p_k of the mean's square at the last time,
    s_k^2 (V[b] - V[a])_k^2 averaged over pairs before squaring. With few pairs they hold
    noise as well, spread over all modes in proportion to 1 / N.

    Parameters
    ----------
    one : FamilyTimes
        Measured times of the family.
    measured : FamilyOverTime
        What they were measured on.
    theory : Theory
        The closed form of the same words.

    Returns
    -------
    FamilyTimes
        With the learning time, its spread, the leading modes and the predicted growth time.

    Raises
    ------
    InputError
        The theory is about other words.
    """
    pairs = measured.differences.pairs
    index = {word: row for row, word in enumerate(theory.modes.words)}
    if any(word not in index for word in measured.differences.words):
        raise InputError("the theory is about other words than the source; pass its own")
    modes = mode_signal(theory.modes, pairs, name=one.family)
    waits = theory.learning_times
    ever = np.isfinite(waits)
    end = theory.squares(measured.times[-1:])[0]
    weights = modes.location(end * ever)
    if not weights.any():
        return one
    order = np.argsort(waits, kind="stable")
    reached = np.cumsum(weights[order])
    spread = tuple(float(waits[order][np.searchsorted(reached, q)]) for q in (0.16, 0.84))
    first, second = (
        theory.modes.eigenvectors[[index[pair[side]] for pair in pairs]].astype(float)
        for side in (0, 1)
    )
    drawn = _resampled(measured, second - first, np.where(ever, waits, 0.0), end * ever)
    return replace(
        one,
        predicted_growth=_predicted_growth(measured, theory, modes),
        learning=measured.interval(float(weights[ever] @ waits[ever]), drawn, drawn),
        learning_spread=(spread[0], spread[1]),
        leading=tuple(int(k) + 1 for k in np.argsort(-weights, kind="stable")[:3]),
    )


def _resampled(measured: FamilyOverTime, entries: Real, waits: Real, squares: Real) -> Real:
    """(B,) weighted mean learning times in the resamples, NaN where the mean is zero."""
    means = measured.draw() @ (indicator(measured.differences.groups).T @ entries)
    powers = squares * means**2
    total = powers.sum(axis=1)
    return np.asarray(np.where(total > 0, powers @ waits / np.where(total > 0, total, 1), np.nan))


def _predicted_growth(measured: FamilyOverTime, theory: Theory, modes: ModeSignal) -> float | None:
    fine = np.linspace(max(theory.began, measured.times[0]), measured.times[-1], _FINE)
    curve = modes.squared_means(theory.squares(fine))
    if curve[-1] <= 0:
        return None
    return float(rise_times(fine, curve[None], curve[-1:] / 2).time[0])

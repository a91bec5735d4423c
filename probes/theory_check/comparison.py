"""Compare a trained run with the closed form in one time, with no constant fitted.

The time is the run's own flow time, the start is the run's first snapshot, the matrix is that of
its counts and weighting; there is nothing left to choose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probes.modes import (
    Basis,
    compare_trajectories,
    match_modes,
)
from probes.shared.wording import counted
from probes.theory_check.closed_form import Prediction, UntiedForm, predict
from probes.theory_check.early_growth import EarlyGrowth
from probes.theory_check.learning_times import learning_times
from probes.theory_check.loss_plateaus import in_quartic_units, loss_curve
from probes.theory_check.result import Comparison
from probes.theory_check.singular_value_curves import Curves
from probes.theory_check.trained_run import TrainedRun, check_clock
from repsearch.checks import is_whole
from repsearch.counts.counts import Counts
from repsearch.dynamics import QUARTIC, FullBatch, LossExpansion
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import OverWords, eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar

Real = NDArray[np.float64]

MODES = 20
"""Modes compared, where there are as many."""
_LOOKED_AT = 32


def compare(
    run: TrainedRun,
    counts: Counts,
    *,
    spectrum: Spectrum | None = None,
    n_modes: int | None = None,
    n_eigenpairs: int | None = None,
) -> Comparison:
    """Compare a trained run with the closed form, from the run's own start.

    For the quartic loss under Setting 3.1 the closed form is exact. For other losses
    and weightings it is the same closed form, that of M* from the same start in the
    same time, and `Comparison.departures` says what does not hold; the errors then
    measure by how much.

    Of V eigenpairs only the leading ones are solved for, and what the start has along the
    others is followed on Ritz pairs (`probes.theory_check.ritz_pairs`). What that cuts off is
    measured: the closed form is made of two thirds of the eigenpairs as well, and the
    difference stands beside the errors (`Curves.cut_off`).

    Parameters
    ----------
    run : TrainedRun
        `repsearch.training.TrainedTrajectory`, or anything like it.
    counts : Counts
        What it was trained on.
    spectrum : Spectrum, optional
        Leading eigenpairs of `mstar(counts, run.settings.weighting)`, by value for tied
        weights and by magnitude for untied ones; found here by default.
    n_modes : int, optional
        How many leading modes to compare, at most the dimension d. By default 20, or as many as
        there are where d, the words or the eigenpairs of a given spectrum are fewer, which
        `Comparison.summary` says.
    n_eigenpairs : int, optional
        How many eigenpairs to solve for, d or more; by default 3 d, but 40 more than d at
        least, and all V where there are no more.

    Returns
    -------
    Comparison
        Singular values, learning times, loss and modes, measured beside predicted.

    Raises
    ------
    InputError
        Other words than those of the counts or the spectrum; a weighting that is not
        symmetric, or a loss that does not factorise M* at the origin, which have no
        closed form; fewer than two rows after the first snapshot; a number of modes out of range,
        or above the rank of the start.

    References
    ----------
    The closed form is that of arXiv 2502.09863, Lemma 3.1 and Result 3; figure 2 there is
    such a comparison.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> found.curves.median().value < 1e-3
    True
    """
    check_clock(run, "compared with the closed form")
    settings = run.settings
    most = min(int(run.singular_values().shape[1]), len(run.words))
    n_modes, fewer = (n_modes, "") if n_modes is not None else _as_many(most, spectrum)
    _check(run, counts, spectrum, n_modes)
    solved = _number(n_eigenpairs, most, len(counts.words))
    growth = EarlyGrowth(counts, settings.weighting, settings.loss.expansion)
    target = mstar(counts, settings.weighting)
    modes = _modes(target, solved, tied=settings.tied) if spectrum is None else spectrum
    if modes.dimension < n_modes:
        raise InputError(
            f"the spectrum has {modes.dimension} eigenpairs and n_modes is {n_modes}; solve for "
            "more, or compare fewer"
        )
    prediction = predict(run, target, modes)
    rows = np.asarray(run.times, float) >= prediction.began
    times = np.asarray(run.times, float)[rows]
    measured = np.asarray(run.singular_values(), float)[rows]
    predicted = prediction.singular_values(times)
    found = learning_times(
        times,
        prediction.strengths(measured[:, :n_modes]),
        prediction.strengths(predicted[:, :n_modes]),
        prediction.heights[:n_modes],
        began=prediction.began,
    )
    losses = in_quartic_units(
        np.asarray(run.loss(), float)[rows], settings.batch, settings.loss, growth.terms
    )
    shown = _with_modes(prediction, np.asarray(run.snapshot_times, float), n_modes)
    overlaps = compare_trajectories(run, _Shown(prediction, run), shown.tolist(), k=n_modes)
    vectors, values = run.modes(float(run.snapshot_times[-1]))
    leading = prediction.order[:n_modes]
    matching = match_modes(
        Basis(vectors[:, :n_modes], np.asarray(values)[:n_modes], run.words),
        Basis(modes.eigenvectors[:, leading], None, modes.words),
    )
    return Comparison(
        loss=settings.loss.name,
        weighting=str(settings.weighting),
        prediction=prediction,
        departures=_departures(run, growth, prediction),
        curves=replace(
            _curves(prediction, times, measured, predicted, n_modes),
            cut_off=_cut_off(run, target, modes, times, predicted[:, :n_modes]),
        ),
        learning=found,
        loss_curve=loss_curve(times, losses, prediction.loss(times), found),
        overlaps=overlaps,
        learned=_learned(prediction, shown, n_modes),
        matching=matching,
        early=None
        if growth.terms.constant
        else _early(run, growth, times, measured, (n_modes, solved)),
        fewer=fewer,
    )


@dataclass(frozen=True)
class _Shown:
    """The closed form as a trajectory of `probes.modes`, in the run's time."""

    prediction: Prediction
    run: TrainedRun

    @property
    def words(self) -> tuple[str, ...]:
        return self.run.words

    @property
    def times(self) -> Real:
        return np.asarray(self.run.snapshot_times, float)

    def modes(self, time: float, /) -> tuple[Real, Real]:
        return self.prediction.at(time)


def _as_many(most: int, spectrum: Spectrum | None) -> tuple[int, str]:
    """Give the modes to compare by default, and what is said where these are fewer than 20."""
    limit, why = most, f"the run has dimension {most}"
    if spectrum is not None and spectrum.dimension < limit:
        limit, why = spectrum.dimension, f"the spectrum has {spectrum.dimension} eigenpairs"
    if limit >= MODES:
        return MODES, ""
    return limit, f"{counted(limit, 'mode')} compared instead of {MODES}: {why}."


def _number(asked: int | None, d: int, words: int) -> int:
    """Give the number of eigenpairs, which is to leave what lies beyond d out of sight."""
    if asked is None:
        return min(words, max(3 * d, d + 40))
    if not is_whole(asked) or not d <= asked <= words:
        raise InputError(
            f"n_eigenpairs is {asked!r}; pass a whole number from the dimension, {d}, to the "
            f"number of words, {words:,}"
        )
    return asked


def _modes(matrix: OverWords, number: int, *, tied: bool) -> Spectrum:
    return eigenpairs(matrix, number, by="value" if tied else "magnitude", dtype="float64")


def _cut_off(
    run: TrainedRun, matrix: OverWords, modes: Spectrum, times: Real, predicted: Real
) -> Real:
    """Give by how much each singular value changes when a third of the eigenpairs is left out.

    What is cut off falls fast with their number, so that the change from fewer to all is rather
    more than what is still missing (carried counts, d = 20: 0.05 to 0.06 at mode 20 is missing
    with 20 eigenpairs, 0.0005 with 60). The largest relative change over `_LOOKED_AT` times.
    """
    if modes.dimension == len(modes.words):
        return np.zeros(predicted.shape[1])
    fewer = max(1, modes.dimension - max(1, modes.dimension // 3))
    looked_at = np.unique(np.linspace(0, len(times) - 1, _LOOKED_AT).astype(int))
    # By value or by magnitude, as they were found: the leading ones stand first.
    less = predict(run, matrix, modes.leading(fewer)).singular_values(times[looked_at])
    known = predicted[looked_at]
    change = np.abs(less[:, : known.shape[1]] - known) / np.where(known > 0, known, np.inf)
    found: Real = change.max(axis=0)
    return found


def _curves(
    prediction: Prediction, times: Real, measured: Real, predicted: Real, n_modes: int
) -> Curves:
    # At the start itself the two are equal by construction.
    after = times > prediction.began
    shown = predicted[after, :n_modes]
    heights = prediction.heights[:n_modes]
    learned = (prediction.strengths(shown) >= heights / 2) & (heights > 0)
    return Curves(times[after], measured[after, :n_modes], shown, learned)


def _with_modes(prediction: Prediction, times: Real, n_modes: int) -> Real:
    """Leave out times at which there are fewer modes to compare."""
    found: Real = times[prediction.singular_values(times)[:, n_modes - 1] > 0]
    if not len(found):
        raise InputError(
            f"no snapshot has {n_modes} modes by the closed form: the start has a lower rank; "
            "pass a smaller n_modes"
        )
    return found


def _learned(prediction: Prediction, times: Real, n_modes: int) -> NDArray[np.intp]:
    strengths = prediction.strengths(prediction.singular_values(times)[:, :n_modes])
    heights = prediction.heights[:n_modes]
    standing = (strengths >= heights / 2) & (heights > 0)
    # Those before the first that is not: a span of the leading ones.
    found: NDArray[np.intp] = np.cumprod(standing, axis=1).sum(axis=1).astype(np.intp)
    return found


def _early(
    run: TrainedRun, growth: EarlyGrowth, times: Real, measured: Real, numbers: tuple[int, int]
) -> Curves:
    n_modes, solved = numbers
    prediction = predict(run, growth, _modes(growth, solved, tied=run.settings.tied))
    predicted = prediction.singular_values(times)
    whole = _curves(prediction, times, measured, predicted, n_modes)
    first = whole.learned[:, 0]
    until = int(np.argmax(first)) if first.any() else len(first)
    return replace(
        whole,
        times=whole.times[:until],
        measured=whole.measured[:until],
        predicted=whole.predicted[:until],
        learned=whole.learned[:until],
    )


def _departures(run: TrainedRun, growth: EarlyGrowth, prediction: Prediction) -> tuple[str, ...]:
    found = []
    if run.settings.loss.expansion != QUARTIC or run.settings.loss.name != "quartic":
        found.append(
            f"the loss is {run.settings.loss.name}, not quartic: the closed form is that of its "
            "expansion at 0, good while inner products are small"
        )
    if not growth.terms.constant:
        found.append(
            "the weights of pairs G are not constant: modes are coupled and grow at other rates"
        )
    if not isinstance(run.settings.batch, FullBatch):
        found.append("gradients are drawn: the closed form is that of their mean")
    form = prediction.form
    if isinstance(form, UntiedForm) and form.imbalance > np.finfo(float).eps * len(run.words):
        found.append(
            f"words and contexts start unbalanced, by {form.imbalance:.1e} of the largest "
            "eigenvalue, which the closed form takes for 0"
        )
    return tuple(found)


def _check(run: TrainedRun, counts: Counts, spectrum: Spectrum | None, n_modes: int) -> None:
    if run.words != counts.words:
        raise InputError("the run's words are not those of the counts; pass what it was trained on")
    if spectrum is not None and spectrum.words != counts.words:
        raise InputError("the spectrum's words are not those of the counts; solve these counts")
    if not run.settings.weighting.symmetric:
        raise InputError(
            f"the weighting {run.settings.weighting} is not symmetric, and only symmetric targets "
            "have a closed form; train with symmetrise=True"
        )
    if not _factorises_mstar(run.settings.loss.expansion):
        raise InputError(
            f"the loss {run.settings.loss.name} does not factorise M* near the origin; compare a "
            "run of a loss whose slopes at 0 are -2 and 2 times its curvature, as those of "
            "SGNS and of the quartic loss are"
        )
    d = int(run.singular_values().shape[1])
    most = min(d, len(run.words))
    if not is_whole(n_modes) or not 1 <= n_modes <= most:
        raise InputError(f"n_modes is {n_modes!r}; pass a whole number from 1 to {most}")
    if not len(run.snapshot_times):
        raise InputError("the run has no snapshot to start from; record at least the first one")
    after = int(np.count_nonzero(np.asarray(run.times, float) > float(run.snapshot_times[0])))
    if after < 2:
        raise InputError(f"the run has {after} rows after its first snapshot; record two or more")


def _factorises_mstar(expansion: LossExpansion) -> bool:
    curvature = expansion.curvature
    wanted = (-2 * curvature, curvature, 2 * curvature, curvature)
    return bool(np.allclose((*expansion.positive, *expansion.negative), wanted, rtol=1e-9, atol=0))

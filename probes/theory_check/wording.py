"""Say in plain words how a run and the closed form differ."""

from __future__ import annotations

import numpy as np

from probes.modes import ModeMatching
from probes.shared.wording import counted
from probes.theory_check.learning_times import LearningTime, Order
from probes.theory_check.loss_plateaus import LossCurve
from probes.theory_check.singular_value_curves import Curves

_NAMED = 6
_LEAST = 1e-5


def percent(share: float) -> str:
    """Write a relative error as a percentage of two digits, without claims about rounding errors.

    Parameters
    ----------
    share : float
        Relative error, at least 0.

    Returns
    -------
    str
        Such as "0.12%", and "<0.001%" for all that is less.
    """
    if share < _LEAST:
        return f"<{100 * _LEAST:g}%"
    return f"{100 * share:.2g}%" if share < 0.1 else f"{100 * share:.0f}%"


def about_singular_values(curves: Curves) -> str:
    """Say how far singular values are from the closed form's.

    Parameters
    ----------
    curves : Curves
        Measured and predicted singular values.

    Returns
    -------
    str
        One or two sentences; the first begins with a small letter.
    """
    median, worst = curves.median(), curves.largest()
    high = float(np.nanquantile(curves.errors, 0.95))
    text = (
        f"median relative error of {counted(curves.n_modes, 'singular value')} "
        f"{percent(median.value)} [{percent(median.low)}, {percent(median.high)}] over "
        f"{len(curves.times)} times, 95% of errors below {percent(high)}, the largest "
        f"{percent(worst.largest)} (mode {worst.mode} at t = {worst.at:.4g})."
    )
    settled = curves.median_learned()
    if settled is not None:
        text += f" Once a mode is learned, the median is {percent(settled.value)}."
    return text


def about_learning_times(modes: tuple[LearningTime, ...], order: Order) -> str:
    """Say how far learning times are from the closed form's, and whether modes changed places.

    Parameters
    ----------
    modes : tuple of LearningTime
        All that are compared.
    order : Order
        Of these modes.

    Returns
    -------
    str
        Sentences; what was not learned is named.
    """
    errors = {mode.mode: abs(mode.error.value) for mode in modes if mode.error}
    lines = []
    if errors:
        worst = max(errors, key=lambda mode: errors[mode])
        lines.append(
            f"{counted(len(errors), 'learning time')}: median error "
            f"{percent(float(np.median(list(errors.values()))))}, largest "
            f"{percent(errors[worst])} (mode {worst})."
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
        lines.append(f"Their order: Kendall's tau {order.tau:.3f}, p {order.p_value:.1e}, {swaps}.")
    others: dict[str, list[str]] = {}
    for mode in modes:
        if mode.status != "learned":
            others.setdefault(mode.status, []).append(str(mode.mode))
    if others:
        named = "; ".join(
            f"{status}: mode{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
            for status, numbers in others.items()
        )
        lines.append(f"Other modes are {named}.")
    return " ".join(lines)


def about_loss(curve: LossCurve) -> str:
    """Say how far the loss is from the closed form's.

    Parameters
    ----------
    curve : LossCurve
        Measured and predicted loss.

    Returns
    -------
    str
        A sentence.
    """
    text = f"Loss: largest error {percent(float(np.abs(curve.errors).max()))} of its fall"
    number = len(curve.plateaus)
    return f"{text}; {counted(number, 'plateau')} of modes learned apart." if number else f"{text}."


def about_plateaus(curve: LossCurve) -> str:
    """Say how far the plateaus of the loss are from where the closed form has them.

    Parameters
    ----------
    curve : LossCurve
        Measured and predicted loss.

    Returns
    -------
    str
        A sentence.
    """
    if not curve.plateaus:
        return "No two modes are learned far enough apart for a plateau of the loss."
    errors = [abs(one.measured / one.predicted - 1) for one in curve.plateaus]
    return (
        f"{counted(len(errors), 'plateau')} of modes learned apart: largest relative error "
        f"{percent(max(errors))}."
    )


def about_span(times: np.ndarray, learned: np.ndarray, overlaps: np.ndarray, chance: float) -> str:
    """Say how the span of the modes learned overlaps with the closed form's.

    Parameters
    ----------
    times : (S,) float
        Flow times of the snapshots.
    learned : (S,) int
        How many modes are learned by theory.
    overlaps : (S,) float
        Overlaps of the spans; NaN where no mode is learned.
    chance : float
        Overlap of random spans of all modes that are compared.

    Returns
    -------
    str
        A sentence.
    """
    known = np.flatnonzero(~np.isnan(overlaps))
    if not len(known):
        return "No mode is learned at a snapshot, so no span of learned modes is compared."
    last = int(known[-1])
    return (
        f"Span of the {counted(int(learned[last]), 'mode')} learned at t = {times[last]:.4g}: "
        f"overlap {overlaps[last]:.6f} with the closed form's, where random spans of all modes "
        f"have {chance:.2g}."
    )


def about_matching(matching: ModeMatching) -> str:
    """Say how well the run's last modes are matched by eigenvectors.

    Parameters
    ----------
    matching : ModeMatching
        The run's modes beside eigenvectors of M*.

    Returns
    -------
    str
        Sentences; matches that could be chance are counted.
    """
    overlaps = [pair.overlap for pair in matching.pairs]
    if not overlaps:
        return "No mode of the last snapshot has an eigenvector as its partner."
    chance = sum(pair.could_be_chance() for pair in matching.pairs)
    return (
        f"{counted(len(overlaps), 'mode')} of the last snapshot and eigenvectors of M* are "
        f"matched with squared cosines of {min(overlaps):.3f} to {max(overlaps):.3f}; "
        f"{chance or 'none'} of these matches could be chance."
    )


def about_early_growth(early: Curves | None) -> str:
    """Say how far singular values are from the weighted matrix's while they are small.

    Parameters
    ----------
    early : Curves or None
        Measured and predicted singular values before the first learning time.

    Returns
    -------
    str
        A sentence, empty where nothing was compared.
    """
    if early is None or not len(early.times):
        return ""
    return (
        "While embeddings are small, beside the weighted matrix G o M* / mean(G): median error "
        f"{percent(early.median().value)} over {counted(len(early.times), 'time')}."
    )


def about_assumptions(loss: str, weighting: str, departures: tuple[str, ...]) -> str:
    """Say whether the closed form is exact for a run.

    Parameters
    ----------
    loss, weighting : str
        What was trained.
    departures : tuple of str
        What the closed form assumes and the run does not have.

    Returns
    -------
    str
        A sentence.
    """
    trained = f"The loss is {loss}, the weighting {weighting}."
    if not departures:
        return f"{trained} The closed form is exact for this."
    return f"{trained} The closed form is not exact for this: {'; '.join(departures)}."


def about_cut_off(curves: Curves, eigenpairs: int, words: int) -> str:
    """Say how many eigenpairs the closed form was made of, and what is cut off by that.

    Parameters
    ----------
    curves : Curves
        Measured and predicted singular values.
    eigenpairs : int
        Eigenpairs solved for.
    words : int
        Number of words, V, which would be all.

    Returns
    -------
    str
        A sentence or two: the second where what is cut off is no smaller than the error.
    """
    if eigenpairs >= words:
        return f"It is made of all {words:,} eigenpairs."
    text = (
        f"It is made of {eigenpairs:,} of {words:,} eigenpairs; with a third of them left out, "
        f"singular values change by {percent(curves.largest_cut_off)} at most."
    )
    if curves.cut_off is not None:
        # Mode by mode: what is cut off is largest in the last, which need not have the error.
        errors = {one.mode: one.largest for one in curves.of_modes()}
        own = [
            mode
            for mode, largest in errors.items()
            if curves.cut_off[mode - 1] >= max(largest / 2, _LEAST)
        ]
        if own:
            text += (
                f" The error of {counted(len(own), 'mode')} (from {own[0]} on) may be that of the "
                "missing ones: solve for more (n_eigenpairs, --eigenpairs)."
            )
    return text

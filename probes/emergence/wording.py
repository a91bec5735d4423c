"""What was found, in plain words for a terminal."""

from __future__ import annotations

import textwrap

import numpy as np

from probes.emergence.delocalised_noise import DelocalisedNoise
from probes.emergence.linear.result import LinearTimes
from probes.emergence.result import Emergence, Measure
from probes.shared.rank_correlation import rank_correlation

RESAMPLES = 1000
_ANOTHER = (
    " The closed form is that of the quartic loss under Setting 3.1; what was trained is another "
    "loss or has other weights of pairs, and is no test of it."
)
_COMPARED: dict[Measure, str] = {
    "share": "common share",
    "accuracy": "accuracy",
    "reciprocal_rank": "reciprocal rank",
    "margin": "margin",
}


def findings(found: Emergence, linear: LinearTimes, *, seed: int = 0) -> str:
    """One sentence a family: when it is a direction, and when its questions are answered.

    Parameters
    ----------
    found : Emergence
    linear : LinearTimes
        Of the same source and families, at the same times.
    seed : int, default 0
        Of the interval of the rank correlation.
    """
    lines, answered, learned = [], [], []
    for one in linear.families:
        rise = found[one.family].rise("accuracy")
        lines.append(one.sentence())
        if rise is None or one.linear is None:
            continue
        lines[-1] += f" Half of its right answers are there from t = {rise:.3g} on."
        if one.learning is not None:
            answered.append(rise)
            learned.append(one.learning.value)
    correlation = rank_correlation(
        answered, learned, seed=seed, level=found.level, resamples=RESAMPLES
    )
    if correlation is not None:
        lines.append(f"Times of the answers beside learning times of the modes: {correlation}")
    return "\n".join(wrapped(line) for line in lines)


def wrapped(line: str) -> str:
    """A line of text in lines of at most 80 columns, those after the first set in."""
    return textwrap.fill(
        line, 80, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def beside_theory(found: Emergence, predicted: Emergence, *, exact: bool = True) -> str:
    """How far the measured curves lie from the closed form's, over the whole grid.

    Parameters
    ----------
    found, predicted : Emergence
    exact : bool, default True
        Whether the closed form is that of the very loss and weights that were trained.

    Raises
    ------
    InputError
        The two are not on the same grid.
    """
    found.check_same_grid(predicted)
    said = []
    for measure, name in _COMPARED.items():
        apart = np.concatenate(
            [
                np.abs(one.values(measure) - predicted[one.family].values(measure)).ravel()
                for one in found.families
            ]
        )
        apart = apart[np.isfinite(apart)]
        if len(apart):
            said.append(f"{name} {np.median(apart):.2g} (at most {apart.max():.2g})")
    points = len(found.times) * len(found.dims)
    return wrapped(
        f"Measured less closed form, median size over {points} points of each family: "
        f"{', '.join(said)}."
        f"{'' if exact else _ANOTHER}"
    )


def noise_in_words(found: tuple[DelocalisedNoise, ...]) -> str:
    """How much of the noise of random words the families have, in all columns."""
    last = max((one.d for one in found), default=0)
    ratios = {one.family: one.ratio for one in found if one.d == last}
    if not ratios:
        return "No family has two pairs without a common word, so none has a noise."
    least, most = min(ratios, key=lambda one: ratios[one]), max(ratios, key=lambda one: ratios[one])
    return wrapped(
        f"Noise is {np.median(list(ratios.values())):.2f} of that of delocalised eigenvectors in "
        f"the median, from {ratios[least]:.2f} ({least}) to {ratios[most]:.2f} ({most})."
    )

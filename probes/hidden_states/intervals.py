"""Give intervals of what a probe of hidden states scores, by resampling groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.hidden_states.design import StateDesign
from probes.hidden_states.scores import balanced
from probes.shared.intervals import Interval, multiplicities
from probes.shared.resampling import Labels, bootstrap_interval

Real = NDArray[np.float64]
Bools = NDArray[np.bool_]
RESAMPLES = 2000
_AT_ONCE = 4_000_000  # numbers in a temporary array


def accuracy_interval(right: Bools, design: StateDesign, *, seed: int, level: float) -> Interval:
    """Give the interval of the balanced accuracy, from a bootstrap over groups.

    Groups of either label, and those with both, are resampled by themselves, so
    that no resample lacks a label.

    Parameters
    ----------
    right : (n,) bool
        Which rows were given their label.
    design : StateDesign
        Labels and groups.
    seed : int
        Seed of the resamples.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval
        The exact bound where all rows are right, or all wrong.
    """
    kinds, groups, codes = design.kinds, design.groups, design.codes
    of_kinds = np.bincount(kinds, minlength=3)
    one_sided = of_kinds[2] == 0
    trials = [*of_kinds[:2]] if one_sided else [min(of_kinds[:2]) + of_kinds[2]]
    columns = np.stack([right & codes, codes, right & ~codes, ~codes], axis=1).astype(np.float64)
    sums = np.zeros((design.number, 4))
    np.add.at(sums, groups, columns)
    resampled = _resampled(sums, kinds, np.random.default_rng([seed, 4]))
    means = (resampled[:, 0] / resampled[:, 1] + resampled[:, 2] / resampled[:, 3]) / 2
    return bootstrap_interval(
        float(balanced(right[None], codes[None])[0]),
        means,
        trials=trials,
        weights=[1 / len(trials)] * len(trials),
        level=level,
        over=f"{design.number} groups",
    )


def _resampled(sums: Real, kinds: Labels, rng: np.random.Generator) -> Real:
    """(resamples, 4) sums over groups drawn with replacement, those of each kind by themselves."""
    found = np.zeros((RESAMPLES, sums.shape[1]))
    for kind in np.unique(kinds):
        own = sums[kinds == kind]
        step = max(1, _AT_ONCE // len(own))
        for first in range(0, RESAMPLES, step):
            part = slice(first, min(first + step, RESAMPLES))
            found[part] += multiplicities(len(own), part.stop - part.start, rng) @ own
    return found

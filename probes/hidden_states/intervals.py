"""Give intervals of what a probe of hidden states scores, which rest on the groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.hidden_states.design import StateDesign
from probes.shared.effective_trials import groups, share_interval
from probes.shared.intervals import Interval

Bools = NDArray[np.bool_]


def accuracy_interval(right: Bools, design: StateDesign, *, level: float) -> Interval:
    """Give the interval of the balanced accuracy, from effective numbers of trials.

    Where each group has one label, the groups of either are a stratum of half the weight.
    Groups with both are members of one stratum, in which the rows of either label weigh as much
    as those of the other.

    Parameters
    ----------
    right : (n,) bool
        Which rows were given their label.
    design : StateDesign
        Labels and groups.
    level : float
        Nominal coverage.

    Returns
    -------
    Interval
        The exact bound where all rows are right, or all wrong.

    Examples
    --------
    Six groups of two rows; both rows of one group are wrong:

    >>> design = StateDesign.of([0] * 6 + [1] * 6, np.repeat(np.arange(6), 2), None, rows=12)
    >>> print(accuracy_interval(np.arange(12) >= 2, design, level=0.95))
    0.833 [0.373, 0.989]
    """
    codes = design.codes
    if not np.any(design.kinds == 2):
        sides = []
        for side in (codes, ~codes):
            sizes = np.bincount(design.groups, side, minlength=design.number)
            hits = np.bincount(design.groups, side & right, minlength=design.number)
            sides.append(groups(hits[sizes > 0], sizes[sizes > 0]))
        return share_interval(sides, [0.5, 0.5], level=level, over="groups")
    number = len(codes)
    weights = np.where(codes, number / (2 * codes.sum()), number / (2 * (~codes).sum()))
    together = groups(
        np.bincount(design.groups, weights * right, minlength=design.number),
        np.bincount(design.groups, weights, minlength=design.number),
    )
    return share_interval([together], [1.0], level=level, over="groups")

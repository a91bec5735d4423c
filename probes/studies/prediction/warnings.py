"""Say where the theory behind a prediction does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probes.studies.prediction.prediction import CAREFUL, Prediction
from repsearch.dynamics import order_reversal
from repsearch.dynamics.clock.loss_expansion import QUARTIC

_SLOWED = 0.1


def warnings_about(found: Prediction) -> list[str]:
    """Say where the theory behind a prediction does not hold.

    Parameters
    ----------
    found : Prediction
        Learning times, and what they were worked out from.

    Returns
    -------
    list of str
        A sentence or two for each reason, with the remedy.

    Examples
    --------
    >>> from probes.studies.prediction import Setup, modes_of_spectrum, predicted
    >>> from repsearch.dynamics.clock.batches import FullBatch
    >>> from repsearch.synthetic import BinaryAttributes
    >>> known = modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> large = Setup(2, 0.3, True, QUARTIC, FullBatch(), None)
    >>> [said.split(":")[0] for said in warnings_about(predicted(known, large))]
    ['The start is not small']
    """
    return [*_modes(found), *_start(found), *_steps(found), *_loss(found)]


def _modes(found: Prediction) -> list[str]:
    spectrum, setup = found.spectrum, found.setup
    known = spectrum.dimension
    said = []
    if setup.tied and spectrum.n_positive < known:
        said.append(
            f"Only {spectrum.n_positive} of these {known} eigenvalues are positive by more than "
            "their residual; tied weights never learn the others."
        )
    if known < min(setup.d, len(spectrum.words)):
        said.append(
            f"Only {known} eigenpairs are known; a model of d = {setup.d} goes on to learn modes "
            "that are not in this table."
        )
    if not setup.tied and found.beyond > float(spectrum.eigenvalues[-1]):
        said.append(
            f"Eigenvalues down to -{found.beyond:.4g} may be missing from this spectrum, and "
            "untied weights learn the largest magnitudes first. All is well if it has the "
            "eigenpairs of largest magnitude; otherwise pass the counts."
        )
    return said


def _start(found: Prediction) -> list[str]:
    values, start = found.spectrum.eigenvalues, found.start[1]
    positive = values > 0
    already = positive & (start**2 >= values)
    turned = positive & ([order_reversal(s) > v for s, v in zip(start, values, strict=True)])
    # All V rows of W(0) together, V scale^2 I, hold back the growth of each mode.
    crowd = len(found.spectrum.words) * found.setup.scale**2
    slowed = positive & (crowd > _SLOWED * values)
    said = []
    if already.any():
        said.append(
            "The start is too large for this theory: R_kk^2(0) is not below the eigenvalue of "
            f"{_named(already)}. Take a smaller start."
        )
    elif turned.any():
        said.append(
            "The start is too large for this theory: e R_kk^2(0) exceeds the eigenvalue of "
            f"{_named(turned)}, where weaker modes come earlier. Take a smaller start."
        )
    if slowed.any():
        said.append(
            f"The start is not small: W(0)^T W(0) is about {crowd:.2g} I (the number of words "
            "times the variance of an entry), more than a tenth of the eigenvalue of "
            f"{_named(slowed)}, to be learned later than the table has it. Take a smaller start."
        )
    return said


def _steps(found: Prediction) -> list[str]:
    if found.learning_rate > found.stable:
        return [
            f"The learning rate {found.learning_rate:.3g} exceeds {found.stable:.3g}, above which "
            "gradient descent is unstable at the minimum: these times do not apply. Take a "
            "smaller one."
        ]
    top = max(float(found.spectrum.eigenvalues[0]), 0.0)
    growth = found.clock.rate * found.learning_rate * top / 2
    # The default gives at most its share of the bound, up to rounding.
    if growth > CAREFUL * (1 + 1e-9):
        return [
            f"Steps are long: a small mode 1 grows by a factor of {1 + growth:.3g} in a step, "
            f"where the flow grows by {np.exp(growth):.3g}, so that it takes about "
            f"{growth / np.log1p(growth):.2f} times the steps in the table."
        ]
    return []


def _loss(found: Prediction) -> list[str]:
    if found.setup.loss == QUARTIC:
        return []
    return [
        "This loss follows the theory while |w_i.w_j| << 1; the final values and the shares are "
        "those of the quartic loss with the same M*."
    ]


def _named(which: NDArray[np.bool_]) -> str:
    numbers = np.flatnonzero(which) + 1
    if len(numbers) == 1:
        return f"mode {numbers[0]}"
    whole = len(numbers) == numbers[-1] - numbers[0] + 1
    return f"{len(numbers)} modes" + (f" ({numbers[0]} to {numbers[-1]})" if whole else "")

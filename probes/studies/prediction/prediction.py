"""What a model learns and when, from the spectrum of its target and a set-up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics import aligned_singular_values, learning_times
from repsearch.dynamics.clock.batches import Batch
from repsearch.dynamics.clock.flow_time import Clock, clock
from repsearch.dynamics.clock.loss_expansion import LossExpansion
from repsearch.dynamics.clock.stable_rate import stable_learning_rate
from repsearch.dynamics.effective_start import start_quantiles
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]

QUANTILES = (0.05, 0.5, 0.95)
"""Of learning times over random starts: early, median, late."""
LEARNED = 0.95
UNLEARNED = 0.05
CAREFUL = 0.1
"""Learning rate that is taken by default, as a share of the largest stable one."""


@dataclass(frozen=True)
class Setup:
    """How a model is trained: gradient descent from W_ij(0) ~ N(0, scale^2).

    Parameters
    ----------
    d : int
        Dimension.
    scale : float
        Standard deviation of an entry of W(0).
    tied : bool
        Whether words and contexts share their vectors.
    loss : LossExpansion
        What is minimised.
    batch : Batch
        How a step draws on it.
    learning_rate : float, optional
        A tenth of the largest stable one by default.

    Raises
    ------
    InputError
        A dimension or scale out of range.
    """

    d: int
    scale: float
    tied: bool
    loss: LossExpansion
    batch: Batch
    learning_rate: float | None

    def __post_init__(self) -> None:
        if not is_whole(self.d) or self.d < 1:
            raise InputError(f"d is {self.d!r}; pass a whole number of at least 1")
        if not 0 < self.scale < math.inf:
            raise InputError(f"scale is {self.scale!r}; pass a positive standard deviation")


class Known(NamedTuple):
    """What is known of a target.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs: by value for tied weights, by magnitude for untied ones.
    smallest : float
        The least of all eigenvalues, or a lower bound of it.
    beyond : float
        Where it is not known in which order the eigenpairs were taken: no other
        eigenvalue exceeds this in magnitude; 0 where it is known.
    """

    spectrum: Spectrum
    smallest: float
    beyond: float


@dataclass(frozen=True, eq=False)
class Prediction:
    """The modes of a model in the order in which it learns them; made by `predicted`.

    Rows of the arrays are `QUANTILES` of the learning time.

    Parameters
    ----------
    setup : Setup
    spectrum : Spectrum
        Of the modes that the model has room for; with untied weights that of |M|.
    signed : (K,) float
        Their eigenvalues, with signs.
    clock : Clock
        From steps to flow time.
    learning_rate, stable : float
        In use, and the largest stable one.
    beyond : float
        As in `Known`.
    start : (3, K) float
        |R_kk|, from where each mode grows.
    times : (3, K) float
        Learning times.
    """

    setup: Setup
    spectrum: Spectrum
    signed: Real
    clock: Clock
    learning_rate: float
    stable: float
    beyond: float
    start: Real
    times: Real

    @property
    def steps(self) -> Real:
        """(3, K) learning times in steps."""
        finite = np.isfinite(self.times)
        found = np.full_like(self.times, np.inf)
        found[finite] = self.clock.steps(self.times[finite])
        return found

    def shares(self, time: float) -> Real:
        """(3, K) s_k^2 / lambda_k at a flow time, early starts first; 0 without an eigenvalue."""
        values = self.spectrum.eigenvalues
        learnable = values > 0
        height = np.where(learnable, values, 1.0)
        squares = [aligned_singular_values(values, s0, [time])[0] ** 2 for s0 in self.start]
        return np.where(learnable, np.stack(squares) / height, 0.0)


def predicted(known: Known, setup: Setup) -> Prediction:
    """Work out learning times of the modes that a model has room for.

    Raises
    ------
    InputError
        A learning rate that is out of range.
    """
    spectrum, eigenvalues = known.spectrum, known.spectrum.eigenvalues.astype(float)
    order = np.argsort(-(eigenvalues if setup.tied else np.abs(eigenvalues)), kind="stable")
    order = order[: setup.d]
    signed = eigenvalues[order]
    values = signed if setup.tied else np.abs(signed)
    modes = replace(
        spectrum,
        eigenvalues=values,
        eigenvectors=spectrum.eigenvectors[:, order],
        residuals=spectrum.residuals[order],
        target=spectrum.target if setup.tied else f"|{spectrum.target}|",
    )
    # Of words and contexts, each a Gaussian, untied weights grow from the mean.
    scale = setup.scale if setup.tied else setup.scale / np.sqrt(2)
    start = start_quantiles(len(order), scale, setup.d, np.array(QUANTILES))
    options: dict[str, Any] = {"loss": setup.loss, "tied": setup.tied, "batch": setup.batch}
    top = float(eigenvalues.max())
    stable = stable_learning_rate(top, min(known.smallest, top), **options)
    rate = setup.learning_rate
    if rate is None:
        rate = CAREFUL * stable if np.isfinite(stable) else 1.0
    return Prediction(
        setup=setup,
        spectrum=modes,
        signed=signed,
        clock=clock(rate, **options),
        learning_rate=rate,
        stable=stable,
        beyond=known.beyond,
        start=start,
        times=np.stack([learning_times(values, s0) for s0 in start]),
    )

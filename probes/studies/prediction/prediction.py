"""Predict when a model learns each mode, from the spectrum of its target and a set-up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.studies.prediction.known_modes import KnownModes
from probes.studies.prediction.setup import Setup
from repsearch.dynamics import aligned_singular_values, learning_times
from repsearch.dynamics.clock.flow_time import Clock, clock
from repsearch.dynamics.clock.stable_rate import stable_learning_rate
from repsearch.dynamics.effective_start import start_quantiles
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]

QUANTILES = (0.05, 0.5, 0.95)
"""Of learning times over random starts: early, median, late."""
LEARNED = 0.95
"""Share of its final value from which on a mode counts as learned."""
UNLEARNED = 0.05
"""Share of its final value below which a mode counts as not yet learned."""
CAREFUL = 0.1
"""Learning rate that is taken by default, as a share of the largest stable one."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The modes of a model in the order in which it learns them; made by `predicted`.

    Rows of the arrays are `QUANTILES` of the learning time.

    Parameters
    ----------
    setup : Setup
        How the model is trained.
    spectrum : Spectrum
        Eigenpairs of the modes that the model has room for; with untied weights those of |M|.
    signed : (K,) float
        Their eigenvalues, with signs.
    clock : Clock
        Conversion of steps to flow time.
    learning_rate, stable : float
        Learning rate in use, and the largest stable one.
    beyond : float
        Bound of the magnitudes of the eigenvalues that are not known.
    start : (3, K) float
        |R_kk|, from where each mode grows.
    times : (3, K) float
        Learning times, in flow time; infinite where a mode is never learned.

    Examples
    --------
    >>> from probes.studies.prediction import Setup, modes_of_spectrum, predicted
    >>> from repsearch.dynamics.clock.batches import FullBatch
    >>> from repsearch.dynamics.clock.loss_expansion import QUARTIC
    >>> from repsearch.synthetic import BinaryAttributes
    >>> known = modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found = predicted(known, Setup(2, 1e-3, True, QUARTIC, FullBatch(), None))
    >>> found.times[1].round(1).tolist()
    [6.8, 13.0]
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
        """Give s_k^2 / lambda_k at a flow time.

        Parameters
        ----------
        time : float
            Flow time since the start.

        Returns
        -------
        (3, K) ndarray
            For starts of the three quantiles, early ones first; 0 without an eigenvalue.
        """
        values = self.spectrum.eigenvalues
        learnable = values > 0
        height = np.where(learnable, values, 1.0)
        squares = [aligned_singular_values(values, s0, [time])[0] ** 2 for s0 in self.start]
        return np.where(learnable, np.stack(squares) / height, 0.0)


def predicted(known: KnownModes, setup: Setup) -> Prediction:
    """Work out learning times of the modes that a model has room for.

    Parameters
    ----------
    known : KnownModes
        Leading eigenpairs of the target.
    setup : Setup
        How the model is trained.

    Returns
    -------
    Prediction
        Quantiles of learning times over random starts.

    Raises
    ------
    InputError
        A learning rate that is out of range.

    References
    ----------
    arXiv 2502.09863, Result 3; the start of each mode is the |R_kk| of a Gaussian matrix.

    Examples
    --------
    >>> from probes.studies.prediction import Setup, modes_of_spectrum
    >>> from repsearch.dynamics.clock.batches import FullBatch
    >>> from repsearch.dynamics.clock.loss_expansion import QUARTIC
    >>> from repsearch.synthetic import BinaryAttributes
    >>> known = modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found = predicted(known, Setup(2, 1e-3, True, QUARTIC, FullBatch(), 0.1))
    >>> found.clock.rate, found.steps.shape
    (2.0, (3, 2))
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

"""The closed form laid over a source: its modes, their learning times, its own embeddings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probes.theory_check.closed_form import predict
from probes.theory_check.trained_run import TrainedRun
from repsearch.dynamics import (
    Given,
    aligned_singular_values,
    effective_start,
    learning_times,
)
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import OverWords
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.weighting import Setting31

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Theory:
    """What spectrum, eigenvectors and start say of embeddings over time, with nothing fitted.

    Parameters
    ----------
    flow : Trajectory
        The closed form.
    modes : Spectrum
        The eigenpairs that are learned, by value; as many as there are columns at most.
    start : (K,) float
        s_k(0) of each: |R_kk|, from which its curve grows (`effective_start`).
    began : float
        Time of the source at which the closed form begins.
    """

    flow: Trajectory
    modes: Spectrum
    start: Real
    began: float = 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.flow.words

    @property
    def learning_times(self) -> Real:
        """(K,) tau_k in the time of the source; infinite where a mode is never learned."""
        waits: Real = learning_times(self.modes.eigenvalues.astype(float), self.start)
        return self.began + waits

    def embeddings(self, time: float) -> Embeddings:
        """W at a time of the source.

        Raises
        ------
        InputError
            A time before the start.
        """
        if time < self.began:
            raise InputError(
                f"the closed form begins at t = {self.began:.6g}; there is none at t = {time:.6g}"
            )
        return self.flow.embeddings(time - self.began)

    def squares(self, times: Real) -> Real:
        """(T, K) s_k^2 of the modes at times of the source, each on its logistic curve.

        Exact for an aligned start, and the limit of small ones (arXiv 2502.09863,
        Result 3, with the start corrected).
        """
        values = self.modes.eigenvalues.astype(float)
        found: Real = aligned_singular_values(values, self.start, times - self.began) ** 2
        return found


def theory_of(trajectory: Trajectory) -> Theory:
    """A closed form as a theory of itself.

    Parameters
    ----------
    trajectory : Trajectory
        Of `repsearch.gradient_flow`.
    """
    matrix = trajectory.start.matrix
    start = matrix if trajectory.start.aligned else effective_start(matrix)
    return Theory(trajectory, leading(trajectory.spectrum, len(start)), np.asarray(start))


def theory_of_run(
    run: TrainedRun, spectrum: Spectrum, *, matrix: OverWords | None = None
) -> Theory:
    """The closed form from a run's own first snapshot.

    Parameters
    ----------
    run : TrainedRun
        With tied weights.
    spectrum : Spectrum
        Leading eigenpairs of the run's matrix, by value.
    matrix : Target or another matrix over words, optional
        The matrix itself, with which no part of the start is lost. Without it the
        flow is that of the target and the start restricted to the eigenpairs.

    Raises
    ------
    InputError
        Untied weights, other words than the run's, or no snapshot.
    """
    check_tied(run)
    if spectrum.words != run.words:
        raise InputError("the spectrum's words are not those of the run; solve its own counts")
    if not len(run.snapshot_times):
        raise InputError("the run has no snapshot yet; train on")
    began = float(run.snapshot_times[0])
    words = np.asarray(run.embeddings(began).vectors, float)
    modes = leading(spectrum, min(words.shape[1], spectrum.dimension))
    start = np.asarray(effective_start(modes.eigenvectors.astype(float).T @ words))
    if matrix is None:
        return Theory(gradient_flow(spectrum, Given(words)), modes, start, began)
    form = predict(run, matrix, spectrum).form
    assert isinstance(form, Trajectory)  # of tied weights
    return Theory(form, modes, start, began)


def check_tied(run: TrainedRun) -> None:
    """Refuse a run of which the embeddings have no closed form here.

    Raises
    ------
    InputError
        Its weights are untied.
    """
    if not run.settings.tied:
        raise InputError(
            "the run has untied weights, for whose embeddings no closed form is drawn here; probe "
            "it without counts and spectrum"
        )


def departs(run: TrainedRun) -> bool:
    """Whether the closed form is not that of the run's own loss and weights of pairs.

    It is for the quartic loss under Setting 3.1; of others it is that of their M*,
    good while inner products are small or the weights of pairs much alike.
    """
    settings = run.settings
    return settings.loss.name != "quartic" or not isinstance(settings.weighting, Setting31)


def leading(spectrum: Spectrum, number: int) -> Spectrum:
    """The first eigenpairs of a spectrum."""
    return replace(
        spectrum,
        eigenvalues=spectrum.eigenvalues[:number],
        eigenvectors=spectrum.eigenvectors[:, :number],
        residuals=spectrum.residuals[:number],
    )

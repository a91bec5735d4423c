"""Make the closed form of a source: its modes, their learning times, its embeddings over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probes.theory_check.closed_form import predict
from probes.theory_check.trained_run import TrainedRun, check_clock, check_counts
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
from repsearch.progress import Progress, silent
from repsearch.spectrum.eigensolver import OverWords, eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar
from repsearch.target.weighting import Setting31

if TYPE_CHECKING:
    from repsearch.counts.counts import Counts
    from repsearch.training.trained_trajectory import TrainedTrajectory

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Theory:
    """What spectrum, eigenvectors and start say of embeddings over time, with nothing fitted.

    Parameters
    ----------
    flow : Trajectory
        The closed form, in time since its start.
    modes : Spectrum
        The eigenpairs that are learned, by value; as many as there are columns at most.
    start : (K,) float
        s_k(0) of each mode: |R_kk|, from which its curve grows (`effective_start`).
    began : float, default 0
        Flow time of the source at which the closed form begins.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.emergence import theory_of
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> theory = theory_of(gradient_flow(BinaryAttributes([0.5, 0.3]).spectrum(), Aligned(1e-3)))
    >>> late = theory.squares(np.array([1e4]))[0]  # each s_k^2 grows to its eigenvalue
    >>> bool(np.allclose(late[:2], theory.modes.eigenvalues[:2]))
    True
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
        """Give W at a time of the source.

        Parameters
        ----------
        time : float
            Flow time of the source.

        Returns
        -------
        Embeddings
            Of the closed form.

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
        """Give s_k^2 of the modes at times of the source, each on its logistic curve.

        Exact for an aligned start, and the limit of small ones (arXiv 2502.09863,
        Result 3, with the start corrected).

        Parameters
        ----------
        times : (T,) float
            Flow times of the source, not before it began.

        Returns
        -------
        (T, K) ndarray
            Squares of singular values.
        """
        values = self.modes.eigenvalues.astype(float)
        found: Real = aligned_singular_values(values, self.start, times - self.began) ** 2
        return found


def theory_of(trajectory: Trajectory) -> Theory:
    """Take a closed form as a theory of itself.

    Parameters
    ----------
    trajectory : Trajectory
        What `repsearch.gradient_flow` made.

    Returns
    -------
    Theory
        With the trajectory's own modes and start.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.5, 0.3]).spectrum(), Aligned(1e-3))
    >>> theory_of(flow).learning_times[:2].round(1).tolist()
    [7.0, 12.3]
    """
    matrix = trajectory.start.matrix
    start = matrix if trajectory.start.aligned else effective_start(matrix)
    return Theory(trajectory, leading(trajectory.spectrum, len(start)), np.asarray(start))


def theory_of_run(
    run: TrainedRun, spectrum: Spectrum, *, matrix: OverWords | None = None
) -> Theory:
    """Make the closed form from a run's own first snapshot.

    Parameters
    ----------
    run : TrainedRun
        With tied weights and a snapshot.
    spectrum : Spectrum
        Leading eigenpairs of the run's matrix, by value.
    matrix : Target or another matrix over words, optional
        The matrix itself, with which no part of the start is lost. Without it the
        flow is that of the target and the start restricted to the eigenpairs.

    Returns
    -------
    Theory
        In the run's time, beginning at its first snapshot.

    Raises
    ------
    InputError
        Untied weights, other words than the run's, or no snapshot.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, eigenpairs, mstar, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(1.0, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=1.0, start=Gaussian(1e-3, 0), record=record
    ...     )
    ...     theory = theory_of_run(run, eigenpairs(mstar(counts), 3, method="dense"))
    >>> theory.began, theory.learning_times.shape
    (0.0, (2,))
    """
    check_clock(run, "set beside the closed form")
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


def theory_of_counts(
    run: TrainedTrajectory, counts: Counts, *, progress: Progress = silent
) -> Theory:
    """Make the closed form from a run's own first snapshot and the counts it was trained on.

    No part of the start is lost, for the matrix itself is known.

    Parameters
    ----------
    run : TrainedTrajectory
        With tied weights and a snapshot.
    counts : Counts
        What it was trained on.
    progress : Progress, optional
        Told how far the eigenpairs are.

    Returns
    -------
    Theory
        In the run's time, beginning at its first snapshot.

    Raises
    ------
    InputError
        Other counts than the run's, untied weights, or no snapshot.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(1.0, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=1.0, start=Gaussian(1e-3, 0), record=record
    ...     )
    ...     theory = theory_of_counts(run, counts)
    ...     apart = theory.flow.singular_values([1.0])[0] / run.singular_values()[-1] - 1
    >>> bool(abs(apart).max() < 1e-3)
    True
    """
    check_counts(run, counts)
    check_clock(run, "set beside the closed form")
    check_tied(run)
    target = mstar(counts, run.settings.weighting)
    pairs = eigenpairs(target, min(run.dimension, len(run.words)), progress=progress)
    return theory_of_run(run, pairs, matrix=target)


def check_tied(run: TrainedRun) -> None:
    """Refuse a run of which the embeddings have no closed form here.

    Parameters
    ----------
    run : TrainedRun
        Any run.

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


def is_exact(run: TrainedRun) -> bool:
    """Tell whether the closed form is that of the run's own loss and weights of pairs.

    It is for the quartic loss under Setting 3.1; of others it is that of their M*,
    good while inner products are small or the weights of pairs much alike.

    Parameters
    ----------
    run : TrainedRun
        Any run.

    Returns
    -------
    bool
        True for the quartic loss under Setting 3.1.
    """
    settings = run.settings
    return settings.loss.name == "quartic" and isinstance(settings.weighting, Setting31)


def leading(spectrum: Spectrum, number: int) -> Spectrum:
    """Take the first eigenpairs of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs by value.
    number : int
        How many to take.

    Returns
    -------
    Spectrum
        Of the same target.
    """
    return replace(
        spectrum,
        eigenvalues=spectrum.eigenvalues[:number],
        eigenvectors=spectrum.eigenvectors[:, :number],
        residuals=spectrum.residuals[:number],
    )

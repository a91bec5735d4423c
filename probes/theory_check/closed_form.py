"""Evaluate the closed form from a run's own start, in the run's own time, with nothing fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from probes.theory_check.ritz_pairs import with_ritz_pairs
from probes.theory_check.trained_run import TrainedRun
from repsearch.dynamics import Given, conserved, coordinates
from repsearch.dynamics.flow import gradient_flow
from repsearch.parallel import one_blas_thread
from repsearch.spectrum.eigensolver import OverWords
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]


class ClosedForm(Protocol):
    """What theory says of a run at any time since its start."""

    def singular_values(self, times: Real) -> Real:
        """Give the singular values of W, or of A B^T where untied.

        Parameters
        ----------
        times : (T,) float
            Flow times since the start.

        Returns
        -------
        (T, d) ndarray
            Decreasing at each time.
        """

    def loss(self, times: Real) -> Real:
        """Give the quartic loss at G = 1.

        Parameters
        ----------
        times : (T,) float
            Flow times since the start.

        Returns
        -------
        (T,) ndarray
            0 at the origin.
        """

    def modes(self, time: float) -> tuple[Real, Real]:
        """Give left singular vectors and singular values.

        Parameters
        ----------
        time : float
            Flow time since the start.

        Returns
        -------
        (V, r) ndarray, (r,) ndarray
            Vectors as columns, and their singular values.
        """


@dataclass(frozen=True, eq=False)
class UntiedForm:
    """Words and contexts from any small start, as the tied flow of [A; B] / sqrt(2).

    With the eigenpairs (v, lambda) of M those of its target are (v, +-v) / sqrt(2) and
    +-lambda (`repsearch.dynamics.untied.flow`). The two flows are the same where
    A^T A = B^T B, and otherwise differ by A (A^T A - B^T B) / 4 beside (lambda / 2) B, which
    a small start makes as small as one likes; the difference is conserved. So a start from
    contexts of 0, which has no balanced twin, has a closed form as well.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs whose vectors span the start.
    words0, contexts0 : (V, d) float64
        A(0) and B(0).
    """

    spectrum: Spectrum
    words0: Real
    contexts0: Real

    @property
    def imbalance(self) -> float:
        """||A^T A - B^T B||_2 over the largest |eigenvalue|, which the closed form takes for 0."""
        difference = np.asarray(conserved(self.words0, self.contexts0))
        largest = float(np.abs(self.spectrum.eigenvalues).max()) or 1.0
        return float(np.linalg.norm(difference, 2)) / largest

    def singular_values(self, times: Real) -> Real:
        """Give the singular values of A B^T.

        Parameters
        ----------
        times : (T,) float
            Flow times since the start.

        Returns
        -------
        (T, d) ndarray
            Decreasing at each time.
        """
        return np.stack([self._factors(time)[1] for time in times.tolist()])

    @one_blas_thread()
    def loss(self, times: Real) -> Real:
        """Give (1/4) ||A B^T - M||^2 - (1/4) ||M||^2.

        Parameters
        ----------
        times : (T,) float
            Flow times since the start.

        Returns
        -------
        (T,) ndarray
            0 at the origin.
        """
        values = self.spectrum.eigenvalues.astype(float)
        found = []
        for time in times.tolist():
            a, b = self._coordinates(time)
            squares = float(((a.T @ a) * (b.T @ b)).sum())
            found.append(squares / 4 - float((values[:, None] * a * b).sum()) / 2)
        return np.array(found)

    def modes(self, time: float) -> tuple[Real, Real]:
        """Give left singular vectors and singular values of A B^T.

        Parameters
        ----------
        time : float
            Flow time since the start.

        Returns
        -------
        (V, d) ndarray, (d,) ndarray
            Vectors as columns, and their singular values, decreasing.
        """
        left, values = self._factors(time)
        return self.spectrum.eigenvectors @ left, values

    @one_blas_thread()
    def _factors(self, time: float) -> tuple[Real, Real]:
        a, b = self._coordinates(time)
        basis, first = np.linalg.qr(a)
        left, values, _ = np.linalg.svd(first @ np.linalg.qr(b).R.T)
        return basis @ left, values

    def _coordinates(self, time: float) -> tuple[Real, Real]:
        vectors, values = self.spectrum.eigenvectors, self.spectrum.eigenvalues
        a, b = vectors.T @ self.words0, vectors.T @ self.contexts0
        whole = coordinates(
            np.concatenate([values, -values]), np.concatenate([a + b, b - a]) / 2, [time]
        )[0]
        plus, minus = np.split(whole, 2)
        return plus - minus, plus + minus


@dataclass(frozen=True, eq=False)
class Prediction:
    """A closed form, the modes that it is about, and when it began.

    Parameters
    ----------
    form : ClosedForm
        The solution, in time since the start.
    modes : Spectrum
        Leading eigenpairs, as they were found: by value, or by magnitude for untied weights.
    began : float
        Time of the run's first snapshot, from which the closed form starts.
    tied : bool
        Whether words and contexts share their vectors.
    """

    form: ClosedForm
    modes: Spectrum
    began: float
    tied: bool

    @property
    def order(self) -> NDArray[np.intp]:
        """(K,) modes in the order of learning: by value, or by magnitude for untied weights."""
        values = self.modes.eigenvalues
        return np.argsort(-(values if self.tied else np.abs(values)), kind="stable")

    @property
    def heights(self) -> Real:
        """(K,) what each mode's strength grows to, in the order of learning; 0 if it never grows.

        The strength is s^2 for tied weights, whose height is lambda, and s for untied
        ones, whose height is |lambda|.
        """
        values = self.modes.eigenvalues[self.order].astype(float)
        found: Real = np.maximum(values, 0.0) if self.tied else np.abs(values)
        return found

    def strengths(self, singular_values: Real) -> Real:
        """Give what grows to the heights.

        Parameters
        ----------
        singular_values : ndarray of float
            Of W, or of A B^T where untied.

        Returns
        -------
        ndarray of float
            Their squares for tied weights, themselves for untied ones.
        """
        return singular_values**2 if self.tied else singular_values

    def singular_values(self, times: Real) -> Real:
        """Give the singular values in the run's time.

        Parameters
        ----------
        times : (T,) float
            Flow times of the run, not before it began.

        Returns
        -------
        (T, d) ndarray
            Decreasing at each time.
        """
        return self.form.singular_values(times - self.began)

    def loss(self, times: Real) -> Real:
        """Give the quartic loss at G = 1 in the run's time.

        Parameters
        ----------
        times : (T,) float
            Flow times of the run, not before it began.

        Returns
        -------
        (T,) ndarray
            0 at the origin.
        """
        return self.form.loss(times - self.began)

    def at(self, time: float) -> tuple[Real, Real]:
        """Give the modes at a time of the run.

        Parameters
        ----------
        time : float
            Flow time of the run, not before it began.

        Returns
        -------
        (V, r) ndarray, (r,) ndarray
            Left singular vectors as columns, and their singular values.
        """
        return self.form.modes(time - self.began)


def predict(run: TrainedRun, matrix: OverWords, modes: Spectrum) -> Prediction:
    """Make the closed form of a matrix from the first snapshot of a run.

    Parameters
    ----------
    run : TrainedRun
        With a snapshot at least.
    matrix : Target or another matrix over words
        What the run factorises, (V, V).
    modes : Spectrum
        Its leading eigenpairs, those that the run can learn.

    Returns
    -------
    Prediction
        In the run's time.
    """
    began = float(run.snapshot_times[0])
    words = np.asarray(run.embeddings(began).vectors, float)
    if run.settings.tied:
        whole = with_ritz_pairs(matrix, modes, words)
        form: ClosedForm = gradient_flow(whole, Given(words))
        return Prediction(form, modes, began, tied=True)
    contexts = np.asarray(run.contexts(began).vectors, float)
    whole = with_ritz_pairs(matrix, modes, np.hstack([words, contexts]))
    return Prediction(UntiedForm(whole, words, contexts), modes, began, tied=False)

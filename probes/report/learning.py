"""Follow the closed form of a report's main target over time, for its moving picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probes.shared.wording import counted
from repsearch.dynamics import Vanishing, learning_time_quantiles
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
SCALE = 1e-6
"""Standard deviation of an entry of W(0): small enough for modes to be learned one by one."""
_MOMENTS = 64
_ASKED = 16
_SPREAD = 1.1
_QUANTILES = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Learning:
    """Training in closed form, at moments that cover it; made by `learning_of`.

    Parameters
    ----------
    flow : Trajectory
        Along the eigenvectors, in the limit of a small random start, at the moments.
    scale : float
        Standard deviation of an entry of W(0).
    seed : int
        Seed of W(0).

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> found = learning_of(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found.learning_times.round(1).tolist(), len(found.times)
    ([13.7, 23.7, 468.1], 64)
    """

    flow: Trajectory
    scale: float
    seed: int

    @property
    def spectrum(self) -> Spectrum:
        """The modes that are learned, by value."""
        return self.flow.spectrum

    @property
    def times(self) -> Real:
        """(T,) flow times of the moments, increasing."""
        return self.flow.times

    @cached_property
    def singular_values(self) -> Real:
        """(T, K) singular values of W; column k is mode k."""
        return self.flow.singular_values()

    @cached_property
    def loss(self) -> Real:
        """(T,) quartic loss, 0 at W = 0."""
        return self.flow.loss()

    @property
    def explained(self) -> Real:
        """(T,) share of the squared norm of the target that W W^T explains."""
        return -4 * self.loss / (self.spectrum.squared_norm or 1.0)

    @cached_property
    def learning_times(self) -> Real:
        """(K,) flow times tau_k at which the modes are learned."""
        return self.flow.learning_times

    @cached_property
    def likely_times(self) -> Real:
        """(2, K) flow times between which 90 % of random starts have the learning times."""
        found: Real = np.asarray(
            learning_time_quantiles(
                self.spectrum.eigenvalues.astype(float),
                self.scale,
                self.spectrum.dimension,
                list(_QUANTILES),
            )
        )
        return found

    @property
    def learned(self) -> NDArray[np.int64]:
        """(T,) number of modes that have been learned by each moment."""
        return np.asarray((self.learning_times[None, :] <= self.times[:, None]).sum(axis=1))

    @property
    def asked_at(self) -> tuple[int, ...]:
        """Moments at which relations are asked, which takes longer than following the modes."""
        last = len(self.times) - 1
        return tuple(sorted({round(last * k / (_ASKED - 1)) for k in range(_ASKED)}))

    def summary(self) -> str:
        """Say when the modes are learned, and how far a random start leaves that open.

        Returns
        -------
        str
            A paragraph.
        """
        number = self.spectrum.dimension
        low, high = self.likely_times
        half = np.sort(self.learning_times)[(number - 1) // 2]
        return (
            f"In closed form, the first of {counted(number, 'mode')} is learned at flow time "
            f"{self.learning_times[0]:.3g} (90 % of random starts: {low[0]:.3g} to {high[0]:.3g}), "
            f"half of them by {half:.3g}, and the weakest at {self.learning_times[-1]:.3g} "
            f"({low[-1]:.3g} to {high[-1]:.3g}). At the end they explain "
            f"{100 * self.explained[-1]:.1f} % of the squared norm of the target, which counts its "
            "negative eigenvalues too, which no embedding can have."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each moment.

        Returns
        -------
        list of dict
            Columns ``time``, ``loss``, ``explained``, ``learned`` and ``s_1``, ``s_2``, ...
        """
        columns = zip(
            self.times.tolist(),
            self.loss.tolist(),
            self.explained.tolist(),
            self.learned.tolist(),
            self.singular_values.tolist(),
            strict=True,
        )
        return [
            {"time": time, "loss": loss, "explained": share, "learned": number}
            | {f"s_{k}": value for k, value in enumerate(values, start=1)}
            for time, loss, share, number, values in columns
        ]

    def modes_table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode.

        Returns
        -------
        list of dict
            Columns ``mode``, ``eigenvalue``, ``learning_time``, and between which times 90 % of
            random starts have it.
        """
        low, high = self.likely_times
        columns = zip(
            self.spectrum.eigenvalues.tolist(),
            self.learning_times.tolist(),
            low.tolist(),
            high.tolist(),
            strict=True,
        )
        return [
            {
                "mode": mode,
                "eigenvalue": value,
                "learning_time": time,
                "learning_time_low": early,
                "learning_time_high": late,
            }
            for mode, (value, time, early, late) in enumerate(columns, start=1)
        ]


def learning_of(spectrum: Spectrum, *, seed: int = 0) -> Learning:
    """Follow the modes of a spectrum from before the first is learned to after the last.

    In the limit of a small random start every mode grows along its own eigenvector
    (arXiv 2502.09863, Result 3, with the start corrected: `repsearch.dynamics.Vanishing`), so
    that a word's place on mode k at time t is v_ik s_k(t).

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs by value; those that are not positive are left out.
    seed : int, default 0
        Seed of W(0).

    Returns
    -------
    Learning

    Raises
    ------
    InputError
        No eigenvalue is positive, or no mode is learned from such a start.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> found = learning_of(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found.singular_values[[0, -1]].round(2).tolist()  # nothing at first, then all
    [[0.0, 0.0, 0.0], [1.44, 1.06, 0.24]]
    """
    kept = int((spectrum.eigenvalues > 0).sum())
    if not kept:
        raise InputError("no eigenvalue is positive, so no mode is learned")
    modes = Spectrum(
        words=spectrum.words,
        eigenvalues=spectrum.eigenvalues[:kept],
        eigenvectors=spectrum.eigenvectors[:, :kept],
        residuals=spectrum.residuals[:kept],
        squared_norm=spectrum.squared_norm,
        target=spectrum.target,
    )
    flow = gradient_flow(modes, Vanishing(SCALE, seed), d=kept)
    waits = flow.learning_times
    waits = waits[np.isfinite(waits) & (waits > 0)]
    if not len(waits):
        raise InputError(f"no mode is learned from a start of size {SCALE:g}")
    first, last = float(waits.min()), float(waits.max())
    dense = np.geomspace(first / _SPREAD, last * _SPREAD, _MOMENTS - 2)
    return Learning(flow.at([first / 2, *dense.tolist(), 1.5 * last]), SCALE, seed)

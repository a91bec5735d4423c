"""Embeddings over time, by the closed form, worked out when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics import loss
from repsearch.dynamics.closed_form import riccati
from repsearch.dynamics.closed_form.logistic import aligned_singular_values
from repsearch.dynamics.effective_start import effective_start
from repsearch.dynamics.inputs.checks import checked_increasing_times, checked_times
from repsearch.dynamics.inputs.numpy_or_torch import Array
from repsearch.dynamics.learning_times import half_height_times, learning_times
from repsearch.dynamics.rotation import Gauge, rotated
from repsearch.dynamics.starts import Projection
from repsearch.embeddings import Embeddings, UnknownWordError
from repsearch.errors import InputError
from repsearch.parallel import each
from repsearch.spectrum.spectrum import Spectrum

if TYPE_CHECKING:
    import xarray

Real = NDArray[np.float64]
_BLOCKS = 8


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """The closed-form solution over time; made by `gradient_flow`.

    Methods take times, or use those it was made with.

    Parameters
    ----------
    spectrum : Spectrum
        The modes it is expressed in.
    start : Projection
        W(0) on these modes.
    times : (T,) float
        Flow times, increasing.
    """

    spectrum: Spectrum
    start: Projection
    times: Real

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.spectrum.words

    @property
    def dimension(self) -> int:
        """d, number of columns of W."""
        return int(self.start.matrix.shape[-1])

    @property
    def learning_times(self) -> Real:
        """(min(K, d),) times tau_k; of a start that is not aligned, those it has if it is small.

        See `repsearch.dynamics.learning_times`.
        """
        found: Real = learning_times(*self._modes_and_start())
        return found

    @property
    def half_height_times(self) -> Real:
        """(min(K, d),) times at which s_k^2 = lambda_k / 2, as `learning_times`."""
        found: Real = half_height_times(*self._modes_and_start())
        return found

    def at(self, times: Array) -> Trajectory:
        """The same solution, at other times.

        Raises
        ------
        InputError
            Times that do not increase or are negative.
        """
        return replace(self, times=checked_increasing_times(times))

    def singular_values(self, times: Array | None = None) -> Real:
        """(T, d) singular values of W.

        Of an aligned start column k is mode k, whose eigenvector is the
        spectrum's; otherwise they are in decreasing order at each time.
        """
        at = self._at(times)
        values = self._eigenvalues
        found: Real = (
            aligned_singular_values(values[: self.dimension], self.start.matrix, at)
            if self.start.aligned
            else riccati.singular_values(values, self.start.matrix, at)
        )
        return found

    def coordinates(self, times: Array | None = None, *, gauge: Gauge = "spectrum") -> Real:
        """(T, K, d) matrices V^T W(t): embeddings on the spectrum's eigenvectors.

        The loss leaves a rotation from the right open, and it has to be chosen:

        Parameters
        ----------
        times : (T,) array, optional
        gauge : {"spectrum", "previous"}
            ``"spectrum"``: at each time the rotation that brings W(t) closest to
            the eigenvectors, so that column k turns into mode k. ``"previous"``:
            closest to the time before, beginning with W(0). As times become dense
            this is the path of the gradient flow itself, since W^T dW/dt is symmetric.

        Raises
        ------
        InputError
            An unknown gauge, a time that is negative.
        """
        at = self._at(times)
        if gauge not in get_args(Gauge):
            raise InputError(f"gauge is {gauge!r}; choose 'spectrum' or 'previous'")
        if self.start.aligned:
            modes = np.arange(self.dimension)
            found = np.zeros((len(at), self.spectrum.dimension, self.dimension))
            found[:, modes, modes] = self.singular_values(at)
            return found
        if gauge == "spectrum":
            reference = np.eye(*self.start.matrix.shape)
            return np.stack(each(lambda t: rotated(self._solve(t), reference), at.tolist()))
        return np.stack(each(self._in_turn, [at])[0])

    def embeddings(self, time: float, *, gauge: Gauge = "spectrum") -> Embeddings:
        """W at one time.

        Parameters
        ----------
        time : float
        gauge : {"spectrum", "previous"}
            As for `coordinates`; ``"previous"`` goes through the trajectory's times
            before `time`.

        Raises
        ------
        InputError
            A time that is negative, an unknown gauge.
        """
        at = checked_times(time)
        if gauge == "previous":
            at = np.concatenate([self.times[self.times < at[0]], at])
        return self._embeddings(float(at[-1]), self.coordinates(at, gauge=gauge)[-1])

    def snapshots(self, *, gauge: Gauge = "spectrum") -> Iterator[tuple[float, Embeddings]]:
        """Time and embeddings, one after the other, for each of the trajectory's times."""
        # A few at a time: one alone would leave threads idle, all would fill the memory.
        for low in range(0, len(self.times), 16) if gauge == "spectrum" else (0,):
            at = self.times[low : low + 16] if gauge == "spectrum" else self.times
            for time, now in zip(at, self.coordinates(at, gauge=gauge), strict=True):
                yield float(time), self._embeddings(float(time), now)

    def path(self, word: str, times: Array | None = None, *, gauge: Gauge = "spectrum") -> Real:
        """(T, d) vectors of one word over time.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary.
        """
        if word not in self.words:
            raise UnknownWordError((word,))
        row = self.spectrum.eigenvectors[self.words.index(word)].astype(float)
        found: Real = np.einsum("k,tkd->td", row, self.coordinates(times, gauge=gauge))
        return found

    def modes(self, time: float) -> tuple[Real, Real]:
        """Left singular vectors (V, r) and singular values (r,) of W, decreasing, r = min(K, d)."""
        now = self.coordinates([time])[0]
        ((left, values, _),) = each(lambda a: np.linalg.svd(a, full_matrices=False), [now])
        return _product(self.spectrum.eigenvectors.astype(float), left), values

    def loss(self, times: Array | None = None) -> Real:
        """(T,) quartic loss under Setting 3.1, g = 1; 0 at W = 0 (`repsearch.dynamics.loss`)."""
        at = self._at(times)
        found: Real = (
            loss.aligned_loss(self._eigenvalues[: self.dimension], self.singular_values(at))
            if self.start.aligned
            else np.array(
                each(lambda t: loss.quartic_loss(self._eigenvalues, self._solve(t)), at.tolist())
            )
        )
        return found

    def explained(self, times: Array | None = None) -> Real:
        """(T,) share of ||M||_F^2 that W W^T explains, 1 - ||W W^T - M||^2 / ||M||^2."""
        return -4 * self.loss(times) / (self.spectrum.squared_norm or 1.0)

    def effective_rank(self, times: Array | None = None) -> Real:
        """(T,) effective rank of W W^T, `repsearch.dynamics.loss.effective_rank`."""
        found: Real = loss.effective_rank(self.singular_values(times))
        return found

    def to_xarray(self, times: Array | None = None) -> xarray.Dataset:
        """Singular values, loss, explained share and effective rank as an xarray Dataset.

        Raises
        ------
        InputError
            xarray is not installed.
        """
        try:
            import xarray
        except ImportError:
            raise InputError("to_xarray needs xarray; pip install 'repsearch[xarray]'") from None
        at = self._at(times)
        return xarray.Dataset(
            {
                "singular_values": (("time", "mode"), self.singular_values(at)),
                "loss": ("time", self.loss(at)),
                "explained": ("time", self.explained(at)),
                "effective_rank": ("time", self.effective_rank(at)),
            },
            coords={"time": at, "mode": np.arange(1, self.dimension + 1)},
            attrs={"target": self.spectrum.target, "words": len(self.words)},
        )

    def __repr__(self) -> str:
        kind = "aligned" if self.start.aligned else f"{self.start.outside:.1%} of it left out"
        return (
            f"Trajectory({self.spectrum.target}, {len(self.words):,} words, d = {self.dimension}, "
            f"{len(self.times)} times up to {self.times[-1]:.4g}, start {kind})"
        )

    def _solve(self, time: float) -> Real:
        """V^T W at a time, up to a rotation, of a start that is not aligned."""
        return riccati.solve_at(self._eigenvalues, self.start.matrix, time)

    def _in_turn(self, times: Real) -> list[Real]:
        """V^T W at each time, turned to the one before it, the first to W(0)."""
        found: list[Real] = []
        for time in times.tolist():
            found.append(rotated(self._solve(time), found[-1] if found else self.start.matrix))
        return found

    @property
    def _eigenvalues(self) -> Real:
        return self.spectrum.eigenvalues.astype(float)

    def _modes_and_start(self) -> tuple[Real, Real]:
        start = self.start.matrix
        effective: Real = start if self.start.aligned else effective_start(start)
        return self._eigenvalues[: len(effective)], effective

    def _at(self, times: Array | None) -> Real:
        return self.times if times is None else checked_times(times)

    def _embeddings(self, time: float, coordinates: Real) -> Embeddings:
        vectors = self.spectrum.eigenvectors
        if self.start.aligned:
            s = np.diag(coordinates).astype(vectors.dtype)
            product: NDArray[Any] = vectors[:, : self.dimension] * s
        else:
            product = _product(vectors, coordinates.astype(vectors.dtype))
        return Embeddings(self.words, product, f"{self.spectrum.target} at t = {time:.6g}")


def _product(vectors: NDArray[Any], factor: NDArray[Any]) -> NDArray[Any]:
    """Their matrix product, in blocks of rows that do not depend on the number of threads."""
    blocks = np.array_split(np.arange(len(vectors)), _BLOCKS)
    spans = [slice(block[0], block[-1] + 1) for block in blocks if len(block)]
    return np.concatenate(each(lambda rows: vectors[rows] @ factor, spans))

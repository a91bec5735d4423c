"""Hold the closed-form solution over time, worked out when it is asked for."""

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
from repsearch.extras import missing
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
        The K modes over V words that it is expressed in.
    start : Projection
        W(0) on these modes.
    times : (T,) float64
        Flow times, increasing.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> flow = rs.gradient_flow(spectrum, rs.Gaussian(1e-3), d=2)
    >>> early = flow.embeddings(float(flow.half_height_times[0]))  # the first mode half learned
    >>> early.vectors.shape, flow.effective_rank([5.0, 50.0]).round(1).tolist()
    ((8, 2), [1.1, 2.0])
    >>> flow.explained([50.0]).round(2).tolist()  # two of eight modes
    [0.81]
    """

    spectrum: Spectrum
    start: Projection
    times: Real

    @property
    def words(self) -> tuple[str, ...]:
        """The V words of the vocabulary."""
        return self.spectrum.words

    @property
    def dimension(self) -> int:
        """d, number of columns of W."""
        return int(self.start.matrix.shape[-1])

    @property
    def learning_times(self) -> Real:
        """(min(K, d),) flow times tau_k = (1 / lambda_k) ln(lambda_k / s_k^2(0)).

        Of a start that is not aligned, those it has if it is small (`effective_start`).
        """
        found: Real = learning_times(*self._modes_and_start())
        return found

    @property
    def half_height_times(self) -> Real:
        """(min(K, d),) flow times at which s_k^2 = lambda_k / 2.

        Of a start that is not aligned, those it has if it is small (`effective_start`).
        """
        found: Real = half_height_times(*self._modes_and_start())
        return found

    def at(self, times: Array) -> Trajectory:
        """Give the same solution, at other times.

        Parameters
        ----------
        times : (T,) array
            Flow times, increasing.

        Returns
        -------
        Trajectory
            With the same modes and start.

        Raises
        ------
        InputError
            Times that do not increase or are negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Aligned(1e-3))
        >>> len(flow.times), flow.at([1.0, 2.0]).times.tolist()
        (200, [1.0, 2.0])
        """
        return replace(self, times=checked_increasing_times(times))

    def singular_values(self, times: Array | None = None) -> Real:
        """Work out the singular values of W(t).

        On an aligned start the logistic curves of arXiv 2502.09863, eq. (11); otherwise those
        of the matrix Riccati solution (`repsearch.dynamics.singular_values`).

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.

        Returns
        -------
        (T, d) float64
            Of an aligned start column k is mode k, whose eigenvector is the
            spectrum's; otherwise they are in decreasing order at each time.

        Raises
        ------
        InputError
            A time that is negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Aligned(1e-3), d=2)
        >>> (flow.singular_values([0.0, 10.0, 100.0]) ** 2).round(2).tolist()
        [[0.0, 0.0], [1.42, 0.11], [1.63, 1.17]]
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
        """Work out V^T W(t): embeddings on the spectrum's eigenvectors.

        The loss leaves a rotation from the right open, L(W U) = L(W) (arXiv 2502.09863,
        eq. (4)), and it has to be chosen.

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.
        gauge : {"spectrum", "previous"}
            ``"spectrum"``: at each time the rotation that brings W(t) closest to
            the eigenvectors, so that column k turns into mode k. ``"previous"``:
            closest to the time before, beginning with W(0). As times become dense
            this is the path of the gradient flow itself, since W^T dW/dt is symmetric.

        Returns
        -------
        (T, K, d) float64
            V^T W(t).

        Raises
        ------
        InputError
            An unknown gauge, a time that is negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-3), d=2)
        >>> now = flow.coordinates([100.0])[0]  # two of four modes, each in its own column
        >>> now.shape, np.abs(now[:2]).round(1).tolist()
        ((4, 2), [[1.3, 0.0], [0.0, 1.1]])
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
        """Work out W at one time.

        Parameters
        ----------
        time : float
            Flow time.
        gauge : {"spectrum", "previous"}
            Which rotation, as in `coordinates`; ``"previous"`` goes through the trajectory's
            times before `time`.

        Returns
        -------
        Embeddings
            (V, d), in the type of the spectrum's eigenvectors.

        Raises
        ------
        InputError
            A time that is negative, an unknown gauge.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-3), d=2)
        >>> flow.embeddings(100.0).vectors.round(2).tolist()
        [[0.64, 0.54], [0.64, -0.54], [-0.64, 0.54], [-0.64, -0.54]]
        """
        at = checked_times(time)
        if gauge == "previous":
            at = np.concatenate([self.times[self.times < at[0]], at])
        return self._embeddings(float(at[-1]), self.coordinates(at, gauge=gauge)[-1])

    def snapshots(self, *, gauge: Gauge = "spectrum") -> Iterator[tuple[float, Embeddings]]:
        """Work out W at each of the trajectory's times, one after the other.

        Parameters
        ----------
        gauge : {"spectrum", "previous"}
            Which rotation, as in `coordinates`.

        Yields
        ------
        time : float
            Flow time.
        embeddings : Embeddings
            W at this time, (V, d).

        Raises
        ------
        InputError
            An unknown gauge.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-3), d=2)
        >>> for time, now in flow.at([5.0, 50.0]).snapshots():
        ...     print(time, now.vectors[0].round(2))
        5.0 [0.02 0.01]
        50.0 [0.64 0.54]
        """
        # A few at a time: one alone would leave threads idle, all would fill the memory.
        for low in range(0, len(self.times), 16) if gauge == "spectrum" else (0,):
            at = self.times[low : low + 16] if gauge == "spectrum" else self.times
            for time, now in zip(at, self.coordinates(at, gauge=gauge), strict=True):
                yield float(time), self._embeddings(float(time), now)

    def path(self, word: str, times: Array | None = None, *, gauge: Gauge = "spectrum") -> Real:
        """Work out the vector of one word over time.

        Parameters
        ----------
        word : str
            One of the vocabulary.
        times : (T,) array, optional
            Flow times; the trajectory's by default.
        gauge : {"spectrum", "previous"}
            Which rotation, as in `coordinates`.

        Returns
        -------
        (T, d) float64
            Its vectors.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary.
        InputError
            An unknown gauge, a time that is negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-3), d=2)
        >>> flow.path("pm", [9.0, 100.0]).round(2).tolist()
        [[0.37, -0.09], [0.64, -0.54]]
        """
        if word not in self.words:
            raise UnknownWordError((word,))
        row = self.spectrum.eigenvectors[self.words.index(word)].astype(float)
        found: Real = np.einsum("k,tkd->td", row, self.coordinates(times, gauge=gauge))
        return found

    def modes(self, time: float) -> tuple[Real, Real]:
        """Work out the left singular vectors and singular values of W at one time.

        Parameters
        ----------
        time : float
            Flow time.

        Returns
        -------
        left : (V, r) float64
            Left singular vectors, r = min(K, d).
        values : (r,) float64
            Singular values, decreasing.

        Raises
        ------
        InputError
            A time that is negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-3), d=2)
        >>> left, values = flow.modes(100.0)
        >>> left.shape, values.round(1).tolist()
        ((4, 2), [1.3, 1.1])
        """
        now = self.coordinates([time])[0]
        ((left, values, _),) = each(lambda a: np.linalg.svd(a, full_matrices=False), [now])
        return _product(self.spectrum.eigenvectors.astype(float), left), values

    def loss(self, times: Array | None = None) -> Real:
        """Work out the quartic loss under Setting 3.1, g = 1.

        (1/4)(||W W^T - M||_F^2 - ||M||_F^2), arXiv 2502.09863, Theorem 1.

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.

        Returns
        -------
        (T,) float64
            The loss, 0 at W = 0.

        Raises
        ------
        InputError
            A time that is negative.

        Examples
        --------
        >>> import repsearch as rs
        >>> from repsearch.dynamics import plateaus
        >>> from repsearch.synthetic import BinaryAttributes
        >>> flow = rs.gradient_flow(BinaryAttributes([0.4, 0.3]).spectrum(), rs.Gaussian(1e-9), d=2)
        >>> flow.loss([29.0, 100.0]).round(2).tolist()
        [-0.66, -1.0]
        >>> plateaus(flow.spectrum.eigenvalues[:2])[1:].round(2).tolist()
        [-0.66, -1.0]
        """
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
        """Work out the share of ||M||_F^2 that W W^T explains, 1 - ||W W^T - M||^2 / ||M||^2.

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.

        Returns
        -------
        (T,) float64
            The share of all of M, and not of the modes known alone.

        Raises
        ------
        InputError
            A time that is negative.
        """
        return -4 * self.loss(times) / (self.spectrum.squared_norm or 1.0)

    def effective_rank(self, times: Array | None = None) -> Real:
        """Work out the effective rank of W W^T, the exponential of the entropy of s_k^2 / sum s^2.

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.

        Returns
        -------
        (T,) float64
            Between 1 and d; 0 at W = 0.

        Raises
        ------
        InputError
            A time that is negative.
        """
        found: Real = loss.effective_rank(self.singular_values(times))
        return found

    def to_xarray(self, times: Array | None = None) -> xarray.Dataset:
        """Give singular values, loss, explained share and effective rank as an xarray Dataset.

        Parameters
        ----------
        times : (T,) array, optional
            Flow times; the trajectory's by default.

        Returns
        -------
        xarray.Dataset
            Over the coordinates ``time`` (flow time) and ``mode`` (from 1).

        Raises
        ------
        InputError
            xarray is not installed; a time that is negative.
        """
        try:
            import xarray
        except ImportError:
            raise missing("to_xarray", "xarray") from None
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
        """Work out V^T W at a time, up to a rotation, of a start that is not aligned."""
        return riccati.solve_at(self._eigenvalues, self.start.matrix, time)

    def _in_turn(self, times: Real) -> list[Real]:
        """Work out V^T W at each time, turned to the one before it, the first to W(0)."""
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
    """Multiply in blocks of rows that do not depend on the number of threads."""
    blocks = np.array_split(np.arange(len(vectors)), _BLOCKS)
    spans = [slice(block[0], block[-1] + 1) for block in blocks if len(block)]
    return np.concatenate(each(lambda rows: vectors[rows] @ factor, spans))

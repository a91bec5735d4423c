"""Read a trained run from its folder, and answer the questions of the closed-form `Trajectory`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Alignment, Embeddings, UnknownWordError, align
from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.parallel import one_blas_thread
from repsearch.training.continued import ModeChain
from repsearch.training.settings import Again, Settings
from repsearch.training.store.stored_run import StoredRun

if TYPE_CHECKING:
    import xarray

Real = NDArray[np.float64]


class TrainedTrajectory:
    """Embeddings over time, as they were trained.

    Parameters
    ----------
    folder : path
        Folder of a run, ended or not.
    again : iterable of CustomLoss or Spectrum
        The loss of your own, and the spectrum of an integrator, that the run was made
        with, if it was: they are not stored.

    Raises
    ------
    InputError
        No such run, or a damaged one.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(2.0, 2), snapshots=training.AtTimes([2.0]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = training.train(counts, folder, d=2, until=2.0, record=record)
    ...     run = training.TrainedTrajectory(folder)
    ...     print(run.quantities, run.times, run.singular_values().shape, run.finished)
    ...     print(run.embeddings(2.0).vectors.shape)
    ('step', 'time', 'loss', 'singular_values') [0. 1. 2.] (3, 2) True
    (4, 2)
    """

    def __init__(self, folder: Path | str, *, again: Iterable[Again] = ()) -> None:
        self.folder = Path(folder)
        self._stored = StoredRun(self.folder)
        self.settings = Settings.from_json(self._stored.settings, again)

    @property
    def words(self) -> tuple[str, ...]:
        """The V words of the vocabulary."""
        return self._stored.words

    @property
    def dimension(self) -> int:
        """d, number of columns of W."""
        return self.settings.dimension

    @property
    def finished(self) -> bool:
        """Whether the run reached its end."""
        return self._stored.time >= self.settings.until

    @property
    def times(self) -> Real:
        """(T,) times of what was recorded, in flow time, that of the closed forms.

        Of `Momentum` and `Adam` in steps (`settings.clock`).
        """
        return self.series("time")

    @property
    def steps(self) -> NDArray[np.int64]:
        """(T,) numbers of steps after which it was recorded."""
        return self._rows["step"].astype(np.int64)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of all that was recorded, for `series`."""
        return tuple(self._rows)

    def series(self, name: str) -> Real:
        """Give the values of a recorded quantity over time.

        Parameters
        ----------
        name : str
            One of `quantities`.

        Returns
        -------
        (T,) or (T, n) float64
            A value for each of `times`.

        Raises
        ------
        InputError
            It was not recorded.
        """
        if name not in self._rows:
            raise InputError(
                f"{name!r} was not recorded in {self.folder}; it has {', '.join(self._rows)}"
            )
        return self._rows[name].astype(float, copy=False)

    def singular_values(self) -> Real:
        """Give the singular values of W, of A B^T if untied.

        Returns
        -------
        (T, d) float64
            Decreasing at each time.

        Raises
        ------
        InputError
            They were not recorded.
        """
        return self.series("singular_values")

    def loss(self) -> Real:
        """Give the loss, arXiv 2502.09863, eqs. (1) and (3).

        Returns
        -------
        (T,) float64
            The sum over all pairs, of drawn pairs that of the batch.

        Raises
        ------
        InputError
            It was not recorded.
        """
        return self.series("loss")

    @property
    def snapshot_times(self) -> Real:
        """(S,) flow times at which all embeddings were kept."""
        return self._stored.snapshot_times

    def embeddings(self, time: float) -> Embeddings:
        """Give W at the time of a snapshot.

        Parameters
        ----------
        time : float
            One of `snapshot_times`.

        Returns
        -------
        Embeddings
            (V, d), in the type they were trained in.

        Raises
        ------
        InputError
            There is no snapshot of that time.
        """
        words, _ = self._pair(time)
        return self._named(words, time)

    def contexts(self, time: float) -> Embeddings:
        """Give W' at the time of a snapshot; W itself of tied weights.

        Parameters
        ----------
        time : float
            One of `snapshot_times`.

        Returns
        -------
        Embeddings
            (V, d), in the type they were trained in.

        Raises
        ------
        InputError
            There is no snapshot of that time.
        """
        words, contexts = self._pair(time)
        return self._named(words if contexts is None else contexts, time)

    def snapshots(self) -> Iterator[tuple[float, Embeddings]]:
        """Give all snapshots, one after the other.

        Yields
        ------
        time : float
            Flow time.
        embeddings : Embeddings
            W at this time, (V, d).
        """
        for time in self.snapshot_times.tolist():
            yield time, self.embeddings(time)

    def path(self, word: str) -> Real:
        """Give the vectors of one word over time.

        Only the word's row is read of each snapshot, so that no checksum is held against the
        files; `verify` does that.

        Parameters
        ----------
        word : str
            One of the vocabulary.

        Returns
        -------
        (S, d) float64
            A vector for each of `snapshot_times`.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary.
        InputError
            The run has no snapshot yet; one is cut short, or has a number that is not finite.
        """
        if word not in self._index:
            raise UnknownWordError(word, self.words)
        if not len(self.snapshot_times):
            raise InputError(f"{self.folder} has no snapshot yet; train on")
        row = self._index[word]
        found = np.empty((len(self.snapshot_times), self.dimension))
        for place, step in enumerate(self._stored.snapshot_steps.tolist()):
            found[place] = self._stored.snapshot_row(step, row, self.dimension)
        return found

    def modes(self, time: float) -> tuple[Real, Real]:
        """Work out left singular vectors and singular values of W, of A B^T if untied.

        Column k is the mode that becomes the k-th largest in the last snapshot: order and
        signs continue from each snapshot to the next. Columns of neighbouring snapshots with an
        overlap above 1/sqrt(2) in size, which no other column can have with either, are the
        same mode: they stand in the same place with a positive overlap, also where singular
        values cross. Columns that turned further in between are assigned to the places left with
        the largest sum of squared overlaps, and say little of each other (`mode_overlaps`).
        In the last snapshot the entry of each column that is largest in size is positive.

        The result does not depend on what was asked before. The first time, all snapshots from
        this one to the last are read and decomposed.

        Parameters
        ----------
        time : float
            One of `snapshot_times`.

        Returns
        -------
        left : (V, r) float64
            Left singular vectors, r = min(V, d).
        values : (r,) float64
            Singular values of these columns: decreasing in the last snapshot, and before it
            except where modes cross.

        Raises
        ------
        InputError
            There is no snapshot of that time.
        """
        return self._chain.modes(self._place(time))

    def mode_overlaps(self) -> Real:
        """Give the overlap of each column of `modes` with that column in the next snapshot.

        Returns
        -------
        (S - 1, r) float64
            From 0 to 1. Above 1/sqrt(2) the column is the same mode in both; at less, the
            order of these two columns is no more than the best there is, as of a start that is
            still random, or of singular values so close that their vectors mix.

        Raises
        ------
        InputError
            A snapshot is damaged.
        """
        return self._chain.overlaps()

    def aligned(self, to: float | None = None) -> Iterator[tuple[float, Alignment]]:
        """Turn each snapshot to lie as near to one of them as it can (`embeddings.align`).

        Parameters
        ----------
        to : float, optional
            One of `snapshot_times`; the last by default.

        Yields
        ------
        time : float
            Flow time.
        alignment : Alignment
            The embeddings turned, and how far they still are from that snapshot.

        Raises
        ------
        InputError
            There is no snapshot, or none of that time.
        """
        if not len(self.snapshot_times):
            raise InputError(f"{self.folder} has no snapshot yet; train on")
        fixed = self.embeddings(float(self.snapshot_times[-1]) if to is None else to)
        for time, now in self.snapshots():
            yield time, align(now, fixed)

    def to_xarray(self) -> xarray.Dataset:
        """Give all snapshots as one xarray Dataset, of which only what is looked at is read.

        Returns
        -------
        xarray.Dataset
            ``embeddings`` over ``step``, ``word`` and ``dim`` (from 0), ``contexts`` beside it
            where weights are untied, and the flow ``time`` of each step. Up to 16 words are
            read by their rows, as `path` does; of more, whole snapshots with their checksums.

        Raises
        ------
        InputError
            xarray is not installed; later, where it is looked at, a damaged snapshot.
        """
        try:
            import xarray

            from repsearch.training.snapshot_array import SnapshotArray, lazily
        except ImportError:
            raise missing("to_xarray", "xarray") from None
        steps = self._stored.snapshot_steps
        shape = (len(steps), len(self.words), self.dimension)

        def of(*, contexts: bool) -> SnapshotArray:
            def snapshot(place: int) -> NDArray[np.floating]:
                words, others = self._pair(float(self.snapshot_times[place]))
                return others if contexts and others is not None else words

            def row(place: int, word: int) -> NDArray[np.floating]:
                step = int(steps[place])
                return self._stored.snapshot_row(step, word, self.dimension, contexts=contexts)

            return SnapshotArray(shape, self.settings.compute.dtype, snapshot, row)

        variables = {"embeddings": lazily(of(contexts=False))}
        if not self.settings.tied:
            variables["contexts"] = lazily(of(contexts=True))
        return xarray.Dataset(
            variables,
            coords={
                "step": steps,
                "word": np.array(self.words, dtype=object),
                "dim": np.arange(self.dimension),
                "time": ("step", self.snapshot_times),
            },
            attrs={
                "loss": self.settings.loss.name,
                "seed": self.settings.seed,
                "clock": self.settings.clock,
            },
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What made the gradients, and whether rounding hid the errors of steps; sentences."""
        compute, gradient = self.settings.compute, self.settings.gradient
        found = []
        if self.settings.clock == "steps":
            found.append(
                f"Times count steps of {type(self.settings.integrator).__name__}, which follows no "
                "flow: they are not the flow time of the closed forms, which cannot be laid over "
                "this run."
            )
        if gradient and compute.torch_kind != "cpu":
            found.append(
                f"On {compute.device}: {compute.dtype} weights, {compute.products} products, "
                f"gradients by {gradient}."
            )
        hidden = int(self._stored.memory.get("hidden", 0))
        if hidden:
            found.append(
                f"In {hidden:,} of {self._stored.step:,} steps the rounding of {compute.products} "
                "products hid the error from rtol, so that these steps are as exact as the "
                "products are and not as rtol says; full products follow rtol."
            )
        return tuple(found)

    def verify(self) -> None:
        """Read every file of the run.

        Raises
        ------
        InputError
            A file is damaged.
        """
        self._stored.verify()

    def __repr__(self) -> str:
        at = f"time {self._stored.time:.4g}, " if self.settings.clock == "flow time" else ""
        ended = "ended" if self.finished else f"stopped before {self.settings.until:.4g}"
        return (
            f"TrainedTrajectory({self.settings.loss.name}, {len(self.words):,} words, "
            f"d = {self.dimension}, {len(self.times)} rows, {len(self.snapshot_times)} snapshots, "
            f"step {self._stored.step:,}, {at}{ended})"
        )

    @cached_property
    def _chain(self) -> ModeChain:
        return ModeChain(self._decomposed, len(self.snapshot_times))

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.generic]]:
        return self._stored.rows()

    def _place(self, time: float) -> int:
        places = np.flatnonzero(self.snapshot_times == time)
        if not len(places):
            known = ", ".join(f"{t:.6g}" for t in self.snapshot_times)
            raise InputError(
                f"there is no snapshot at time {time!r}; take one of `snapshot_times`: {known}"
            )
        return int(places[-1])

    def _pair(self, time: float) -> tuple[NDArray[np.floating], NDArray[np.floating] | None]:
        weights = self._stored.snapshot(self._stored.snapshot_steps[self._place(time)])
        if (
            weights.shape[-2:] != (len(self.words), self.dimension)
            or not np.isfinite(weights).all()
        ):
            raise InputError(
                f"the snapshot of {self.folder} at time {time!r} has a number that is not finite, "
                f"or not {len(self.words)} words in {self.dimension} dimensions; train again"
            )
        return (weights, None) if weights.ndim == 2 else (weights[0], weights[1])

    @one_blas_thread()
    def _decomposed(self, place: int) -> tuple[Real, Real]:
        """Left singular vectors and values of a snapshot, decreasing and with any signs."""
        words, contexts = self._pair(float(self.snapshot_times[place]))
        if contexts is None:
            left, values, _ = np.linalg.svd(words.astype(float), full_matrices=False)
            return left, values
        first, triangle = np.linalg.qr(words.astype(float))
        other = np.asarray(np.linalg.qr(contexts.astype(float), mode="r"))
        left, values, _ = np.linalg.svd(triangle @ other.T, full_matrices=False)
        return first @ left, values

    def _named(self, vectors: NDArray[np.floating], time: float) -> Embeddings:
        at = f"step {time:.0f}" if self.settings.clock == "steps" else f"t = {time:.6g}"
        return Embeddings(self.words, vectors, f"{self.settings.loss.name} at {at}")

"""A trained run, read from its folder, with the questions of the closed-form `Trajectory`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings, UnknownWordError
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.training.settings import Again, Settings
from repsearch.training.store.stored_run import StoredRun

Real = NDArray[np.float64]


class TrainedTrajectory:
    """Embeddings over time, as they were trained.

    Parameters
    ----------
    folder : path
        Of a run, ended or not.
    again : iterable of CustomLoss or Spectrum
        The loss of your own, and the spectrum of an integrator, that the run was made
        with, if it was: they are not stored.

    Raises
    ------
    InputError
        No such run, or a damaged one.
    """

    def __init__(self, folder: Path | str, *, again: Iterable[Again] = ()) -> None:
        self.folder = Path(folder)
        self._stored = StoredRun(self.folder)
        self.settings = Settings.from_json(self._stored.settings, again)

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
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
        """(T,) flow times of what was recorded, in the time of the closed forms."""
        return self.series("time")

    @property
    def steps(self) -> NDArray[np.int64]:
        """(T,) steps after which it was recorded."""
        return self._rows["step"].astype(np.int64)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of all that was recorded, for `series`."""
        return tuple(self._rows)

    def series(self, name: str) -> Real:
        """(T,) or (T, n) values of a recorded quantity.

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
        """(T, d) singular values of W, of A B^T if untied, decreasing."""
        return self.series("singular_values")

    def loss(self) -> Real:
        """(T,) loss, eqs. (1) and (3): the sum over all pairs, of drawn pairs that of the batch."""
        return self.series("loss")

    @property
    def snapshot_times(self) -> Real:
        """(S,) flow times at which all embeddings were kept."""
        return self._stored.snapshot_times

    def embeddings(self, time: float) -> Embeddings:
        """W at the time of a snapshot.

        Raises
        ------
        InputError
            There is no snapshot of that time.
        """
        words, _ = self._pair(time)
        return self._named(words, time)

    def contexts(self, time: float) -> Embeddings:
        """W' at the time of a snapshot; W itself of tied weights."""
        words, contexts = self._pair(time)
        return self._named(words if contexts is None else contexts, time)

    def snapshots(self) -> Iterator[tuple[float, Embeddings]]:
        """Time and embeddings, one after the other."""
        for time in self.snapshot_times.tolist():
            yield time, self.embeddings(time)

    def path(self, word: str) -> Real:
        """(S, d) vectors of one word at the times of the snapshots.

        Raises
        ------
        UnknownWordError
            The word is not in the vocabulary.
        """
        if word not in self.words:
            raise UnknownWordError((word,))
        row = self.words.index(word)
        return np.stack([now.vectors[row].astype(float) for _, now in self.snapshots()])

    @one_blas_thread()
    def modes(self, time: float) -> tuple[Real, Real]:
        """Left singular vectors (V, r) and singular values (r,) of W, of A B^T if untied."""
        words, contexts = self._pair(time)
        if contexts is None:
            left, values, _ = np.linalg.svd(words.astype(float), full_matrices=False)
            return left, values
        first, triangle = np.linalg.qr(words.astype(float))
        other = np.asarray(np.linalg.qr(contexts.astype(float), mode="r"))
        left, values, _ = np.linalg.svd(triangle @ other.T, full_matrices=False)
        return first @ left, values

    def verify(self) -> None:
        """Read every file of the run.

        Raises
        ------
        InputError
            A file is damaged.
        """
        self._stored.verify()

    def __repr__(self) -> str:
        ended = "ended" if self.finished else f"stopped before {self.settings.until:.4g}"
        return (
            f"TrainedTrajectory({self.settings.loss.name}, {len(self.words):,} words, "
            f"d = {self.dimension}, {len(self.times)} rows, {len(self.snapshot_times)} snapshots, "
            f"step {self._stored.step:,}, time {self._stored.time:.4g}, {ended})"
        )

    @cached_property
    def _rows(self) -> dict[str, NDArray[np.generic]]:
        return self._stored.rows()

    def _pair(self, time: float) -> tuple[NDArray[np.floating], NDArray[np.floating] | None]:
        places = np.flatnonzero(self.snapshot_times == time)
        if not len(places):
            known = ", ".join(f"{t:.6g}" for t in self.snapshot_times)
            raise InputError(
                f"there is no snapshot at time {time!r}; take one of `snapshot_times`: {known}"
            )
        weights = self._stored.snapshot(self._stored.snapshot_steps[places[-1]])
        return (weights, None) if weights.ndim == 2 else (weights[0], weights[1])

    def _named(self, vectors: NDArray[np.floating], time: float) -> Embeddings:
        return Embeddings(self.words, vectors, f"{self.settings.loss.name} at t = {time:.6g}")

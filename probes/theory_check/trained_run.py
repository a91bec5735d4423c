"""Define what a comparison asks of a trained run, and refuse counts that are not the run's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch.counts.counts import Counts
    from repsearch.dynamics.clock.batches import Batch
    from repsearch.embeddings import Embeddings
    from repsearch.target.weighting import Weighting
    from repsearch.training.objectives.losses import Loss
    from repsearch.training.trained_trajectory import TrainedTrajectory


class RunSettings(Protocol):
    """What was trained, as far as theory depends on it."""

    @property
    def loss(self) -> Loss:
        """The two halves f+ and f- of the loss."""

    @property
    def weighting(self) -> Weighting:
        """Psi+ and Psi-, the weights of pairs."""

    @property
    def tied(self) -> bool:
        """Whether words and contexts share their vectors."""

    @property
    def batch(self) -> Batch:
        """How a step draws on pairs."""


class TrainedRun(Protocol):
    """Embeddings over time by training, such as `repsearch.training.TrainedTrajectory`.

    Any object that answers these questions can be compared with the closed form.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run: TrainedRun = training.train(
    ...         counts, f"{folder}/run", d=2, until=0.1, start=Gaussian(1e-3, 0),
    ...         record=training.Record(when=training.evenly(0.1, 2)),
    ...     )
    ...     run.settings.tied, run.times.tolist(), run.singular_values().shape
    (True, [0.0, 0.05, 0.1], (3, 2))
    """

    @property
    def settings(self) -> RunSettings:
        """What was trained."""

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""

    @property
    def times(self) -> NDArray[Any]:
        """(T,) flow times of the recorded rows, increasing."""

    @property
    def snapshot_times(self) -> NDArray[Any]:
        """(S,) flow times of the snapshots, increasing."""

    def singular_values(self) -> NDArray[Any]:
        """Give the singular values of W, or of A B^T where untied.

        Returns
        -------
        (T, d) ndarray
            At the recorded rows, decreasing.
        """

    def loss(self) -> NDArray[Any]:
        """Give the loss of a step.

        Returns
        -------
        (T,) ndarray
            At the recorded rows, no constant removed.
        """

    def embeddings(self, time: float, /) -> Embeddings:
        """Give W, or the words A where untied.

        Parameters
        ----------
        time : float
            Flow time of a snapshot.

        Returns
        -------
        Embeddings
            Of all words.
        """

    def contexts(self, time: float, /) -> Embeddings:
        """Give the contexts B of an untied run.

        Parameters
        ----------
        time : float
            Flow time of a snapshot.

        Returns
        -------
        Embeddings
            Of all words, as contexts.
        """

    def modes(self, time: float, /) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give the left singular vectors and the singular values of W or A B^T.

        Parameters
        ----------
        time : float
            Flow time of a snapshot.

        Returns
        -------
        (V, r) ndarray, (r,) ndarray
            Vectors as columns, and their singular values, decreasing.
        """


def check_clock(run: TrainedRun, what: str) -> None:
    """Refuse a run whose time is not the flow's.

    Parameters
    ----------
    run : TrainedRun
        A run, which may say what its time counts.
    what : str
        What is to be done with it, in words.

    Raises
    ------
    InputError
        Its time counts steps of an optimiser with momentum.
    """
    if getattr(run.settings, "clock", "flow time") != "flow time":
        name = type(getattr(run.settings, "integrator", None)).__name__
        raise InputError(
            f"the run was trained by {name}, whose time is steps and not flow time, so that it "
            f"cannot be {what}; train one with another method, or look at the embeddings of a step "
            "with 'repsearch ask RUN --time STEP' and 'repsearch export'"
        )


def check_counts(run: TrainedTrajectory, counts: Counts) -> None:
    """Refuse counts that a run was not trained on.

    Parameters
    ----------
    run : TrainedTrajectory
        A run of `repsearch.training`, which knows the checksum of its counts.
    counts : Counts
        What it is said to have been trained on.

    Raises
    ------
    InputError
        The counts have another checksum.
    """
    from repsearch.training.settings import digest_of

    if run.settings.counts != digest_of(counts):
        raise InputError(
            f"{run.folder} was trained on other counts than these; pass those it was trained on "
            "(--counts)"
        )

"""What a comparison asks of a trained run: what `repsearch.Trajectory` answers, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray

if TYPE_CHECKING:
    from repsearch.dynamics.clock.batches import Batch
    from repsearch.embeddings import Embeddings
    from repsearch.target.weighting import Weighting
    from repsearch.training.objectives.losses import Loss


class RunSettings(Protocol):
    """What was trained, as far as theory depends on it."""

    @property
    def loss(self) -> Loss:
        """f+ and f-."""

    @property
    def weighting(self) -> Weighting:
        """Psi+ and Psi-."""

    @property
    def tied(self) -> bool:
        """Whether words and contexts share their vectors."""

    @property
    def batch(self) -> Batch:
        """How a step draws on pairs."""


class TrainedRun(Protocol):
    """Embeddings over time by training, such as `repsearch.training.TrainedTrajectory`."""

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
        """(T, d) at the recorded rows, decreasing: of W, or of A B^T where untied."""

    def loss(self) -> NDArray[Any]:
        """(T,) loss of a step at the recorded rows, no constant removed."""

    def embeddings(self, time: float, /) -> Embeddings:
        """W, or the words A where untied, at a snapshot's time."""

    def contexts(self, time: float, /) -> Embeddings:
        """B at a snapshot's time; only of untied runs."""

    def modes(self, time: float, /) -> tuple[NDArray[Any], NDArray[Any]]:
        """Left singular vectors (V, r) and singular values (r,) of W or A B^T at a snapshot."""

"""Ask of whatever has embeddings over time only that."""

from __future__ import annotations

from typing import Protocol

from repsearch.embeddings import Embeddings


class OverTime(Protocol):
    """Embeddings over time: a closed-form `Trajectory` or a `TrainedTrajectory`."""

    def embeddings(self, time: float) -> Embeddings:
        """Give W at one time.

        Parameters
        ----------
        time : float
            Flow time.

        Returns
        -------
        Embeddings
        """

"""How a long step tells that it goes on, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called by a long step now and then; the command line draws a bar from it."""

    def __call__(self, stage: str, done: float, total: float | None, unit: str) -> None:
        """Take note.

        The call may come from a thread that reads ahead; an exception ends the
        step in good order.

        Parameters
        ----------
        stage : str
            What is going on, for example ``"counting"``.
        done, total : float
            How much of how much; `total` is None where it cannot be known.
        unit : str
            ``"bytes"``, ``"tokens"``, ``"products"``.
        """


def silent(stage: str, done: float, total: float | None, unit: str) -> None:
    """Say nothing."""


def prefixed(progress: Progress, prefix: str) -> Progress:
    """Put words before the name of every stage, such as what it is done for.

    Parameters
    ----------
    progress : Progress
        Who listens.
    prefix : str
        Stands before the stage as it is.

    Returns
    -------
    Progress

    Examples
    --------
    >>> said = prefixed(lambda stage, *_: print(stage), "theory: ")
    >>> said("counting", 1, 2, "tokens")
    theory: counting
    """

    def call(stage: str, done: float, total: float | None, unit: str) -> None:
        progress(f"{prefix}{stage}", done, total, unit)

    return call

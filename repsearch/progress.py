"""Report the progress of a long step to a callback."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receive the progress of a long step; the command line draws a bar from it.

    Examples
    --------
    >>> import repsearch as rs
    >>> stages = []
    >>> def listen(stage, done, total, unit):
    ...     stages.append(stage)
    >>> _ = rs.encode(["the cat sat"], vocabulary_size=None, progress=listen)
    >>> stages
    ['encoding']
    """

    def __call__(self, stage: str, done: float, total: float | None, unit: str) -> None:
        """Receive how far a step is.

        The call may come from another thread, one that reads ahead; an exception
        ends the step without leaving unfinished files.

        Parameters
        ----------
        stage : str
            Name of the step, for example ``"counting"``. What follows " | " in it tells how it
            goes and may change, as in ``"minimising | loss 2.3"``.
        done : float
            Amount done so far.
        total : float or None
            Amount to do; None where it cannot be known.
        unit : str
            Unit of both, for example ``"bytes"``, ``"tokens"``, ``"products"``.
        """


def silent(stage: str, done: float, total: float | None, unit: str) -> None:
    """Ignore the progress of a step: the default.

    Parameters
    ----------
    stage : str
        Name of the step.
    done : float
        Amount done so far.
    total : float or None
        Amount to do.
    unit : str
        Unit of both.
    """


def prefixed(progress: Progress, prefix: str) -> Progress:
    """Add words before the name of every stage, such as what it is part of.

    Parameters
    ----------
    progress : Progress
        Callback that receives the longer names.
    prefix : str
        Words before the name, with the space between.

    Returns
    -------
    Progress
        Callback to pass to the step.

    Examples
    --------
    >>> said = prefixed(lambda stage, *_: print(stage), "theory: ")
    >>> said("counting", 1, 2, "tokens")
    theory: counting
    """

    def call(stage: str, done: float, total: float | None, unit: str) -> None:
        progress(f"{prefix}{stage}", done, total, unit)

    return call

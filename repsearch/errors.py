"""Errors that a user can mend: each names the culprit and the remedy, or where and why."""

from __future__ import annotations


class InputError(ValueError):
    """What was passed in cannot be used; the message says what and what to do.

    The command line prints the message alone, without a traceback, and ends
    with exit status 2.
    """


class DivergenceError(ArithmeticError):
    """Training has left the numbers; the last good state is the one named.

    It is no `InputError`: that the settings were no good showed only on the way.
    The command line prints the message alone and ends with exit status 1.

    Parameters
    ----------
    step : int
        Steps taken up to the last good state.
    time : float
        Flow time of that state.
    cause : str
        What was seen.
    loss : float, optional
        The loss of that state, if it is known.
    """

    def __init__(self, step: int, time: float, cause: str, *, loss: float | None = None) -> None:
        self.step, self.time, self.cause, self.loss = step, time, cause, loss
        known = "" if loss is None else f", loss {loss:.6g}"
        super().__init__(f"training diverged after step {step} (time {time:.6g}{known}): {cause}")

    def __reduce__(self) -> tuple[object, ...]:
        """So that it passes between processes with all it says."""
        return _again, (self.step, self.time, self.cause, self.loss)


def _again(step: int, time: float, cause: str, loss: float | None) -> DivergenceError:
    return DivergenceError(step, time, cause, loss=loss)

"""Raise errors whose message says what is wrong and what to do about it."""

from __future__ import annotations


class InputError(ValueError):
    """Refuse an input; the message says what is wrong and what to pass instead.

    The command line prints the message alone, without a traceback, and ends
    with exit status 2.

    Examples
    --------
    >>> import repsearch as rs
    >>> rs.Window(size=0)
    Traceback (most recent call last):
    repsearch.errors.InputError: the window's size is 0; pass a whole number of at least 1
    """

    def __str__(self) -> str:
        message = super().__str__()
        # A message of several lines has a fault in each, and none is to be lost.
        longest = _LONGEST * min(message.count("\n") + 1, _MOST_LINES)
        if len(message) <= longest:
            return message
        # A file may hold a word or a number of any length, which messages quote.
        half = longest // 2
        return f"{message[:half]} [...] {message[-half:]}"


_LONGEST = 1000
"""Letters of a line of a message that are shown."""
_MOST_LINES = 50
"""Lines of a message that such room is made for."""


class DivergenceError(ArithmeticError):
    """Stop training whose loss or weights are no longer finite.

    Not an `InputError`: that the settings were unsuitable showed only during
    training. The command line prints the message alone and ends with exit status 1.

    Parameters
    ----------
    step : int
        Number of steps up to the last finite state.
    time : float
        Flow time of that state.
    cause : str
        What was found not to be finite.
    loss : float, optional
        Loss of that state, if it is known.

    Examples
    --------
    >>> print(DivergenceError(120, 3.5, "the loss is nan", loss=0.25))
    training diverged after step 120 (time 3.5, loss 0.25): the loss is nan
    """

    def __init__(self, step: int, time: float, cause: str, *, loss: float | None = None) -> None:
        self.step, self.time, self.cause, self.loss = step, time, cause, loss
        known = "" if loss is None else f", loss {loss:.6g}"
        super().__init__(f"training diverged after step {step} (time {time:.6g}{known}): {cause}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all fields when the error is passed between processes."""
        return _rebuilt, (self.step, self.time, self.cause, self.loss)


def _rebuilt(step: int, time: float, cause: str, loss: float | None) -> DivergenceError:
    return DivergenceError(step, time, cause, loss=loss)


class ProcessLostError(RuntimeError):
    """Stop work over several processes, one of which has ended before its time.

    The command line prints the message alone and ends with exit status 1.
    """

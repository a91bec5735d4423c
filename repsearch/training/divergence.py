"""What ends a run that cannot go on: where it happened, and why."""

from __future__ import annotations


class DivergenceError(ArithmeticError):
    """Training has left the numbers; the last good state is the one named.

    It is no `InputError`: that the settings were no good showed only on the way.

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

"""Date when one concept becomes a direction, as far as its checkpoints tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from probes.layers.curve import AtLayer, ConceptCurve

When = Literal["between", "by the first", "not by the last"]


@dataclass(frozen=True)
class ConceptLearning:
    """When a concept becomes a direction, and stays one.

    Parameters
    ----------
    curve : ConceptCurve
        What was found at each checkpoint; in the place of layers stand training steps.

    Examples
    --------
    >>> from probes.shared.intervals import Interval
    >>> half = Interval(0.5, 0.3, 0.7)
    >>> at = [AtLayer(step, half, p) for step, p in ((0, 0.9), (16, 0.02), (32, 0.4), (64, 0.01))]
    >>> one = ConceptLearning(ConceptCurve("tense", "relation", 20, 20, 20, 0.001, tuple(at)))
    >>> one.when, one.step, one.before, one.lost
    ('between', 64, 32, 1)
    """

    curve: ConceptCurve

    @property
    def _place(self) -> int:
        """First of the checkpoints from which on it is a direction at all; their number if none."""
        rows = self.curve.layers
        missing = [place for place, at in enumerate(rows) if not at.found]
        return missing[-1] + 1 if missing else 0

    @property
    def when(self) -> When:
        """Whether it becomes one between two checkpoints, by the first, or not by the last."""
        if self._place == len(self.curve.layers):
            return "not by the last"
        return "between" if self._place else "by the first"

    @property
    def step(self) -> int | None:
        """Step of the first checkpoint from which on it is a direction at every one."""
        rows = self.curve.layers
        return None if self._place == len(rows) else rows[self._place].layer

    @property
    def before(self) -> int | None:
        """Step of the last checkpoint at which it is none."""
        return self.curve.layers[self._place - 1].layer if self._place else None

    @property
    def lost(self) -> int:
        """Checkpoints at which it was a direction already, before one at which it is none."""
        return sum(at.found for at in self.curve.layers[: self._place])

    @property
    def last(self) -> AtLayer:
        """What was found at the last checkpoint."""
        return self.curve.layers[-1]

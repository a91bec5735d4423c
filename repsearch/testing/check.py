"""Report whether a claim holds on one input, and by how much it misses."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Check:
    """Whether a claim holds on one input, and by how much it misses.

    True in an ``if`` or an ``assert`` where it holds. Printed, it says what was claimed, by
    how much it missed, and on what.

    Parameters
    ----------
    claim : str
        What is claimed, in one sentence.
    error : float
        How far the claim misses, in the unit of `tolerance`; 0 where an
        inequality holds. NaN never holds.
    tolerance : float
        The largest error that rounding and conditioning allow here.
    witness : mapping
        The input under its names, what was found, and what should have been found.

    Examples
    --------
    >>> Check("a third is 0.333", error=1 / 3 - 0.333, tolerance=1e-6, witness={"third": 0.333})
    FAILS: a third is 0.333
      error 0.000333, allowed 1e-06
      third = 0.333
    """

    claim: str
    error: float
    tolerance: float
    witness: Mapping[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the error is within the tolerance; False for NaN."""
        return bool(self.error <= self.tolerance)

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        verdict = "holds" if self.holds else "FAILS"
        lines = [
            f"{verdict}: {self.claim}",
            f"  error {self.error:.3g}, allowed {self.tolerance:.3g}",
        ]
        for name, value in self.witness.items():
            if isinstance(value, np.ndarray):
                value = np.array2string(value, precision=4, threshold=40, separator=", ")
            lines.append(textwrap.indent(f"{name} = {value}", "  "))
        return "\n".join(lines)

"""What all synthetic worlds have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]
Pairs = tuple[tuple[str, str], ...]


class World(Protocol):
    """Words with an M* that is known exactly."""

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of the rows."""

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Pairs of words that differ in the same way, by name; empty where there are none."""

    def mstar(self) -> Real:
        """(V, V) M*, without sampling error."""

    def spectrum(self) -> Spectrum:
        """All V eigenpairs of M*, largest eigenvalue first."""

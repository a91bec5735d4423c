"""Define what every synthetic world offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]
Pairs = tuple[tuple[str, str], ...]


class World(Protocol):
    """Words with an M* that is known exactly.

    Anything with these four members is a world; no base class is needed.

    Examples
    --------
    >>> from repsearch.synthetic import Interval
    >>> world: World = Interval(4, length=1.0)
    >>> world.words
    ('x0', 'x1', 'x2', 'x3')
    >>> world.mstar()[0].round(2)
    array([1.  , 0.61, 0.37, 0.22])
    >>> world.spectrum().eigenvalues.round(2)
    array([2.41, 0.89, 0.42, 0.28])
    """

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of the rows."""

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Pairs of words that differ in the same way, by name of the relation; may be empty."""

    def mstar(self) -> Real:
        """Compute M*, without sampling error.

        Returns
        -------
        (V, V) float64
            Symmetric.
        """

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs of M*.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """

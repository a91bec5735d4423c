"""Find the distribution of pairs that has the M* of a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.world import Pairs, Real, World


@dataclass(frozen=True)
class Realised(PairWorld):
    """The distribution of word pairs whose M* is that of a given world, exactly.

    With r = (2 + M*) / (2 - M*), the ratio of positive to negative pairs that M*
    stands for (arXiv 2502.09863, eq. 5), there is one distribution P_ij = r_ij P_i P_j / c
    with marginals of its own: those that solve r P = c 1. Its M* is the world's under
    `Setting31(negatives)` with `negatives` = 1 / c, which is what `mstar` and
    `spectrum` are here. c is 1 for a world that was a distribution to begin with.

    Parameters
    ----------
    world : World
        A world whose entries of M* lie between -2 and 2, both excluded; a kernel with too
        large an amplitude has others.

    Raises
    ------
    InputError
        Entries out of range, or no positive marginals that fit: inner nodes of a
        tree whose kernel decays slowly are too close to too many others.

    Examples
    --------
    >>> from repsearch.synthetic import Tree
    >>> world = Realised(Tree(depth=2, decay=1.0))
    >>> world.marginals.round(3)
    array([0.125, 0.098, 0.098, 0.17 , 0.17 , 0.17 , 0.17 ])
    >>> world.sample(1000, seed=0)  # counts, which the tree itself cannot give
    Counts(7 words, 2,000 tokens, flat window of 1, 28 pairs, density 100.0%)
    """

    world: World

    def __post_init__(self) -> None:
        _ = self._ratio_and_marginals

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the world, in its order."""
        return self.world.words

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """The relations of the world."""
        return self.world.relations

    @property
    def negatives(self) -> float:
        """The k of `Setting31` under which counts of this world have its M*: 1 / c."""
        ratio, marginals = self._ratio_and_marginals
        return float(1 / (marginals @ ratio @ marginals))

    @cached_property
    def P(self) -> Real:
        """(V, V) P_ij, the probability of a pair: symmetric, sums to 1."""
        ratio, marginals = self._ratio_and_marginals
        pairs = ratio * np.outer(marginals, marginals)
        return np.asarray(pairs / pairs.sum())

    def mstar(self) -> Real:
        """Return the M* of the world.

        Returns
        -------
        (V, V) float64
            M*, under `Setting31(negatives)`.
        """
        return self.world.mstar()

    def spectrum(self) -> Spectrum:
        """Return the eigenpairs of the world.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """
        return self.world.spectrum()

    @cached_property
    def _ratio_and_marginals(self) -> tuple[Real, Real]:
        target = self.world.mstar()
        largest = float(np.abs(target).max())
        if not largest < 2:
            raise InputError(
                f"M* of this world has an entry of magnitude {largest:g}, which no pairs of words "
                "can have; make its amplitude smaller than 2"
            )
        ratio = (2 + target) / (2 - target)
        marginals = np.linalg.lstsq(ratio, np.ones(len(ratio)), rcond=None)[0]
        if marginals.min() <= 0 or not np.allclose(ratio @ marginals, 1, rtol=0, atol=1e-9):
            raise InputError(
                "no positive word probabilities have this M*, for some are too close to too many "
                "others; make the kernel decay faster or its amplitude smaller"
            )
        return ratio, marginals / marginals.sum()

"""Place words at the nodes of a tree, with an M* that falls with distance (arXiv 2605.23821)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert

from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import check_positive, check_size, check_whole
from repsearch.synthetic.spectra import known_spectrum
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class Tree:
    """A regular tree with M*_ij = amplitude exp(-decay * edges between i and j).

    Its symmetry splits M* into small matrices: one for functions that depend on
    the depth alone, whose leading mode has one sign on the whole tree (the scaling
    mode), and one for each depth h of nodes, for functions that change sign between the
    branches below a node, as Haar wavelets do. Eigenvalues of the latter are
    (branching - 1) branching^h-fold (Nava and Wyart, arXiv 2605.23821). Words are named by
    their path: "r" is the root, "rab" the second child of its first child.

    Parameters
    ----------
    branching : int
        Number of children of each node that is no leaf, 2 to 26.
    depth : int
        Number of edges from the root to a leaf, at least 1.
    amplitude : float
        M* at distance 0.
    decay : float
        Rate at which M* falls, per edge.

    Raises
    ------
    InputError
        A number out of range, or a tree of too many words.

    Examples
    --------
    >>> world = Tree(depth=2)
    >>> world.words
    ('r', 'ra', 'rb', 'raa', 'rab', 'rba', 'rbb')
    >>> world.spectrum().eigenvalues.round(2)
    array([3.24, 1.45, 0.63, 0.63, 0.53, 0.27, 0.23])
    >>> world.scaling_eigenvalues().round(2)
    array([3.24, 0.53, 0.23])
    >>> [world.split_eigenvalues(h).round(2).tolist() for h in (0, 1)]
    [[1.45, 0.27], [0.63]]
    """

    branching: int = 2
    depth: int = 3
    amplitude: float = 1.0
    decay: float = 0.5

    def __post_init__(self) -> None:
        check_whole("branching", self.branching, 2, 26)
        check_whole("depth", self.depth, 1, 12)
        check_size((self.branching ** (self.depth + 1) - 1) // (self.branching - 1), "this tree")
        check_positive("amplitude", self.amplitude)
        check_positive("decay", self.decay)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The V words, level by level from the root."""
        found = level = ["r"]
        children = [chr(ord("a") + c) for c in range(self.branching)]
        for _ in range(self.depth):
            level = [node + child for node in level for child in children]
            found = found + level
        return tuple(found)

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: siblings differ in another direction at every node."""
        return {}

    @property
    def depths(self) -> NDArray[np.int64]:
        """(V,) number of edges from the root to each word."""
        levels = np.arange(self.depth + 1)
        return np.repeat(levels, self.branching**levels)

    def distances(self) -> NDArray[np.int64]:
        """Count the edges between all pairs of words.

        Returns
        -------
        (V, V) int64
            Symmetric, 0 on the diagonal.
        """
        depths = self.depths
        shared = np.zeros((len(depths),) * 2, np.int64)
        for level in range(1, self.depth + 1):
            above = self._ancestors(level)
            shared += (above[:, None] == above) & (above >= 0)
        return depths[:, None] + depths - 2 * shared

    def mstar(self) -> Real:
        """Evaluate the kernel at the distances of all pairs.

        Returns
        -------
        (V, V) float64
            M*.
        """
        return self._kernel(self.distances())

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs from the small matrices.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """
        depths = self.depths
        indicator = (depths[:, None] == np.arange(self.depth + 1)) / np.sqrt(
            self.branching ** np.arange(self.depth + 1)
        )
        scaling_values, scaling = np.linalg.eigh(self._by_depth(self.depth))
        values, vectors = [scaling_values], [indicator @ scaling]
        contrasts = helmert(self.branching)
        for h in range(self.depth):
            split_values, split = np.linalg.eigh(self._split(h))
            profile = indicator[:, h + 1 :] * np.sqrt(self.branching ** (h + 1)) @ split
            branch = self._ancestors(h + 1)
            for node in range(self.branching**h):
                for contrast in contrasts:
                    sides = np.zeros(self.branching ** (h + 1))
                    sides[node * self.branching : (node + 1) * self.branching] = contrast
                    values.append(split_values)
                    vectors.append(np.where(branch >= 0, sides[branch], 0.0)[:, None] * profile)
        return known_spectrum(
            self.words, self.mstar(), np.concatenate(values), np.concatenate(vectors, axis=1)
        )

    def scaling_eigenvalues(self) -> Real:
        """Compute the eigenvalues of the modes that depend on the depth alone.

        Returns
        -------
        (depth + 1,) float64
            Eigenvalues, largest first.
        """
        return np.asarray(np.linalg.eigvalsh(self._by_depth(self.depth))[::-1])

    def split_eigenvalues(self, depth: int) -> Real:
        """Compute the eigenvalues of the modes that split the branches below nodes of one depth.

        Parameters
        ----------
        depth : int
            Depth of the nodes, from 0 (the root) to the last one that has children.

        Returns
        -------
        (depth of the tree - depth,) float64
            Eigenvalues, largest first, each (branching - 1) branching^depth-fold.

        Raises
        ------
        InputError
            A depth without a node that has children.
        """
        check_whole("depth", depth, 0, self.depth - 1)
        return np.asarray(np.linalg.eigvalsh(self._split(depth))[::-1])

    # ------------------------------------------------------------- pieces

    def _kernel(self, distance: NDArray[np.int64]) -> Real:
        return np.asarray(self.amplitude * np.exp(-self.decay * distance))

    def _ancestors(self, level: int) -> NDArray[np.int64]:
        """Which node of a level each word is below or at, -1 for words above it."""
        found = np.full(len(self.depths), -1)
        for depth in range(level, self.depth + 1):
            at = self.depths == depth
            found[at] = np.arange(self.branching**depth) // self.branching ** (depth - level)
        return found

    def _by_depth(self, depth: int) -> Real:
        """(depth + 1, depth + 1) M* on normalised indicators of the levels of a tree."""
        b = self.branching
        matrix = np.empty((depth + 1, depth + 1))
        for low in range(depth + 1):
            shared = np.arange(low + 1)
            # Words of level `low` whose last common ancestor with a given word is so deep.
            number = np.where(shared == low, 1.0, (b - 1.0) * float(b) ** (low - shared - 1))
            for high in range(low, depth + 1):
                sums = number @ self._kernel(low + high - 2 * shared)
                matrix[low, high] = matrix[high, low] = sums * np.sqrt(float(b) ** (high - low))
        return matrix

    def _split(self, depth: int) -> Real:
        """M* on functions that change sign between the branches of one node of a depth."""
        level = np.arange(1, self.depth - depth + 1)
        across = self._kernel(level[:, None] + level) * np.sqrt(
            float(self.branching) ** (level[:, None] + level - 2)
        )
        # Branches other than one's own weigh together minus as much as one's own would.
        return np.asarray(self._by_depth(self.depth - depth - 1) - across)

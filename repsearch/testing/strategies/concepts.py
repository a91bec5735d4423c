"""Generate difference vectors with a common part, and families of word pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.testing.strategies.bounds import check_bounds

Pair = tuple[str, str]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpikedData:
    """Gaussian noise plus one common direction: the model of a family's difference vectors.

    Parameters
    ----------
    shape : (int, int)
        N rows, of d columns each.
    strength : float
        Frobenius norm of the spike over that expected of the noise; 0 is noise alone.
    loadings : (N,) float
        How much each row has of the spike, of norm 1; equal entries shift the mean.
    direction : (d,) float
        Direction of the spike, of norm 1.
    noise : float
        Standard deviation of an entry of the noise.
    seed : int
        Seed of the noise.

    Examples
    --------
    >>> data = SpikedData(
    ...     shape=(4, 2), strength=3.0, loadings=np.full(4, 0.5), direction=np.array([1.0, 0.0]),
    ...     noise=0.1, seed=0,
    ... )
    >>> data.spike[0].round(3), data.rows.shape
    (array([0.424, 0.   ]), (4, 2))
    """

    shape: tuple[int, int]
    strength: float
    loadings: Real
    direction: Real
    noise: float
    seed: int

    @property
    def spike(self) -> Real:
        """(N, d) the part of rank one."""
        size = self.strength * self.noise * math.sqrt(math.prod(self.shape))
        return np.asarray(size * np.outer(self.loadings, self.direction))

    @cached_property
    def rows(self) -> Real:
        """(N, d) the data: spike plus noise."""
        random = np.random.default_rng(self.seed)
        return np.asarray(self.spike + self.noise * random.standard_normal(self.shape))


def spiked_data(
    max_rows: int = 8, *, max_columns: int = 8, min_rows: int = 2, min_columns: int = 1
) -> st.SearchStrategy[SpikedData]:
    """Generate noise with a spike of any strength; shrinks to noise alone, with seed 0.

    Half of the spikes shift the mean of the rows, as a relation's common
    difference does; in the other half rows have it with either sign.

    Parameters
    ----------
    max_rows, min_rows : int
        Bounds of N.
    max_columns, min_columns : int
        Bounds of d.

    Returns
    -------
    strategy for SpikedData
        Strengths are whole numbers from 0 to 8.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> found = find(spiked_data(), lambda data: data.strength > 2)
    >>> found.shape, found.strength, found.seed
    ((2, 1), 3.0, 0)
    """
    check_bounds("the number of rows", min_rows, max_rows)
    check_bounds("the number of columns", min_columns, max_columns)
    return _spiked_data(min_rows, max_rows, min_columns, max_columns)


@st.composite
def _spiked_data(
    draw: st.DrawFn, min_rows: int, max_rows: int, min_columns: int, max_columns: int
) -> SpikedData:
    n = draw(st.integers(min_rows, max_rows))
    d = draw(st.integers(min_columns, max_columns))
    loadings = draw(st.just(np.ones(n)) | _not_zero(n))
    direction = draw(st.just(np.eye(d)[0]) | _not_zero(d))
    return SpikedData(
        shape=(n, d),
        strength=float(draw(st.integers(0, 8))),
        loadings=loadings / np.linalg.norm(loadings),
        direction=direction / np.linalg.norm(direction),
        noise=draw(st.sampled_from([1.0, 0.1, 1e-3])),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def _not_zero(size: int) -> st.SearchStrategy[Real]:
    entries = hnp.arrays(np.int64, size, elements=st.integers(-3, 3))
    return entries.filter(np.any).map(lambda a: a.astype(float))


def concept_pairs(
    words: Sequence[str], *, max_families: int = 3, min_pairs: int = 1, max_pairs: int = 4
) -> st.SearchStrategy[dict[str, list[Pair]]]:
    """Generate families of distinct word pairs over a vocabulary, as `probes.Relations` takes them.

    The two words of a pair differ; pairs may share words, as they do in the
    benchmark files. Shrinks to one family with pairs of the first words.

    Parameters
    ----------
    words : sequence of str
        The vocabulary, of two words or more.
    max_families : int
        Largest number of families, which are named r0, r1, ...
    min_pairs, max_pairs : int
        Bounds of the number of pairs of a family.

    Returns
    -------
    strategy for dict
        Lists of pairs of words, by name of the family.

    Raises
    ------
    InputError
        A bound out of range, or more pairs than the vocabulary has.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(concept_pairs(["sun", "moon", "sea"], min_pairs=2), lambda _: True)
    {'r0': [('sun', 'moon'), ('sun', 'sea')]}
    """
    check_bounds("the number of families", 1, max_families)
    check_bounds("the number of pairs", min_pairs, max_pairs)
    pairs = [(one, other) for one in words for other in words if one != other]
    if len(pairs) < min_pairs:
        raise InputError(
            f"{len(words)} words make {len(pairs)} pairs; pass more words or ask for fewer than "
            f"{min_pairs} pairs"
        )
    family = st.lists(
        st.sampled_from(pairs), min_size=min_pairs, max_size=min(max_pairs, len(pairs)), unique=True
    )
    families = st.lists(family, min_size=1, max_size=max_families)
    return families.map(lambda found: {f"r{k}": drawn for k, drawn in enumerate(found)})

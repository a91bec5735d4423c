"""Which modes of two bases are the same, how certainly, and whether by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import beta

from probes.modes.bases import Basis, Real, Source, basis, share_words
from probes.modes.clusters import Clusters, clusters
from probes.modes.subspaces import chance_moments
from repsearch.errors import InputError

_HALF = 0.5


@dataclass(frozen=True)
class ModePair:
    """Modes of two bases that were matched: one of each, or clusters.

    Parameters
    ----------
    one, other : tuple of int
        Numbers of the modes, from 0.
    overlap : float
        ||A^T B||_F^2 over the larger number of modes: (v . u)^2 for single
        modes, and 1 only where the two span the same space.
    margin : float
        `overlap` less the largest overlap that either has with another
        partner. Negative where the assignment as a whole had to pass over a
        better partner.
    p_value : float
        Probability that the best among all pairs of random spans of these sizes
        has so much overlap (Bonferroni's bound).
    """

    one: tuple[int, ...]
    other: tuple[int, ...]
    overlap: float
    margin: float
    p_value: float

    def could_be_chance(self, level: float = 0.01) -> bool:
        """Whether the p-value is above a level."""
        return self.p_value > level


@dataclass(frozen=True)
class ModeMatching:
    """Modes of two bases, matched.

    Parameters
    ----------
    pairs : tuple of ModePair
        In the order of the first basis.
    unmatched_one, unmatched_other : tuple of int
        Modes without a partner, for the other basis has fewer.
    n_words : int
        Words that both have.
    coverage : (float, float)
        Share of each vocabulary that is shared.
    """

    pairs: tuple[ModePair, ...]
    unmatched_one: tuple[int, ...]
    unmatched_other: tuple[int, ...]
    n_words: int
    coverage: tuple[float, float]

    def __repr__(self) -> str:
        lines = [f"{len(self.pairs)} pairs over {self.n_words:,} words"]
        lines += [
            f"  {_named(pair.one)} - {_named(pair.other)}: overlap {pair.overlap:.3f}, margin "
            f"{pair.margin:+.3f}" + (", could be chance" if pair.could_be_chance() else "")
            for pair in self.pairs
        ]
        return "\n".join(lines)

    def table(self) -> list[dict[str, str | float]]:
        """Rows for a CSV or JSON file, one a pair."""
        return [
            {
                "one": _named(pair.one),
                "other": _named(pair.other),
                "overlap": pair.overlap,
                "margin": pair.margin,
                "p_value": pair.p_value,
            }
            for pair in self.pairs
        ]


def match_modes(
    a: Source, b: Source, *, k: int | None = None, tolerance: float | tuple[float, float] = 0.0
) -> ModeMatching:
    """Match the modes of two bases by assignment, clusters as wholes.

    Modes whose values are within the tolerance form clusters. Where a cluster of
    one basis is resolved in the other, its parts there are united, so that equal
    spans meet. Groups are then assigned so that the sum of their overlaps is
    largest (Hungarian method). Rotation inside a cluster changes nothing.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases; with a tolerance they must have values.
    k : int, optional
        Only the leading k modes of both.
    tolerance : float or (float, float)
        Largest gap between neighbouring values within a cluster, in each basis,
        as from `distinguishable_gap`. With 0, only equal values are grouped.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), have no k modes, or have no
        values for the tolerance.
    """
    shared = share_words(basis(a).leading(k), basis(b).leading(k))
    squares = (shared.one.vectors.T @ shared.other.vectors) ** 2
    first, second = tolerance if isinstance(tolerance, tuple) else (tolerance, tolerance)
    one, other = _united(
        squares, _clusters_of(shared.one, first), _clusters_of(shared.other, second)
    )
    found = group_overlaps(squares, one, other)
    rows, columns = linear_sum_assignment(found, maximize=True)
    pairs = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        rivals = np.concatenate([np.delete(found[row], column), np.delete(found[:, column], row)])
        pairs.append(
            ModePair(
                one=one[row],
                other=other[column],
                overlap=float(found[row, column]),
                margin=float(found[row, column] - rivals.max(initial=0.0)),
                p_value=chance_of(
                    float(found[row, column]),
                    (len(one[row]), len(other[column])),
                    n_words=shared.n_words,
                    n_pairs=found.size,
                ),
            )
        )
    left = [group for place, group in enumerate(one) if place not in set(rows.tolist())]
    right = [group for place, group in enumerate(other) if place not in set(columns.tolist())]
    return ModeMatching(
        tuple(pairs),
        tuple(sorted(mode for group in left for mode in group)),
        tuple(sorted(mode for group in right for mode in group)),
        shared.n_words,
        shared.coverage,
    )


def group_overlaps(squares: Real, one: Clusters, other: Clusters) -> Real:
    """||A_c^T B_c'||_F^2 over the larger dimension, for all pairs of groups."""
    sums = _sums(squares, one, other)
    most: Real = np.maximum(_sizes(one)[:, None], _sizes(other)[None, :])
    return np.minimum(sums / most, 1.0)


def chance_of(overlap: float, sizes: tuple[int, int], *, n_words: int, n_pairs: int = 1) -> float:
    """Probability that the best of `n_pairs` pairs of random spans overlaps as much.

    For random unit vectors (v . u)^2 is Beta(1/2, (V - 1)/2); for spans of
    dimensions m and n, of which one is 1, ||A^T B||_F^2 is Beta too. For larger
    ones a Beta law of the same mean and variance is taken. Bonferroni's bound
    for the best.

    Parameters
    ----------
    overlap : float
        ||A^T B||_F^2 over the larger dimension.
    sizes : (int, int)
        m and n.
    n_words : int
        V.
    n_pairs : int
        Among how many pairs it was picked.
    """
    m, n = sizes
    least, most = min(sizes), max(sizes)
    mean, variance = (moment / least**power for power, moment in _powers(m, n, n_words))
    if variance <= 0:
        # A span of all the space overlaps with any other as it must.
        return 1.0
    share = min(1.0, overlap * most / least)
    total = mean * (1 - mean) / variance - 1
    tail = float(beta.sf(share, mean * total, (1 - mean) * total))
    return min(1.0, n_pairs * tail)


def _powers(m: int, n: int, n_words: int) -> tuple[tuple[int, float], tuple[int, float]]:
    mean, variance = chance_moments(m, n, n_words)
    return (1, mean), (2, variance)


def _clusters_of(modes: Basis, tolerance: float) -> Clusters:
    if modes.values is not None:
        return clusters(modes.values, tolerance)
    if tolerance:
        raise InputError(
            f"tolerance is {tolerance!r}, but a basis has no values to group its modes by; pass "
            "Spectrum, Embeddings or Basis(vectors, values), or no tolerance"
        )
    return tuple((mode,) for mode in range(modes.dimension))


def _united(squares: Real, one: Clusters, other: Clusters) -> tuple[Clusters, Clusters]:
    """Unite clusters of a basis that a cluster of the other holds together."""
    sums = _sums(squares, one, other)
    # Every mode is dealt to one of the other basis. The share of the smaller
    # cluster that lies in the larger one is what counts, whatever the basis inside.
    shares = sums / np.minimum(_sizes(one)[:, None], _sizes(other)[None, :])
    here, there = _labels(one), _labels(other)
    rows, columns = linear_sum_assignment(shares[np.ix_(here, there)], maximize=True)
    dealt = np.zeros_like(sums)
    np.add.at(dealt, (here[rows], there[columns]), 1.0)
    linked = np.argwhere((dealt > 0) & (sums >= _HALF * dealt))
    size = len(one) + len(other)
    ends = (linked[:, 0], linked[:, 1] + len(one))
    _, part = connected_components(
        coo_array((np.ones(len(linked)), ends), shape=(size, size)), directed=False
    )
    return _gathered(one, part[: len(one)]), _gathered(other, part[len(one) :])


def _gathered(groups: Clusters, part: NDArray[Any]) -> Clusters:
    together: dict[int, list[int]] = {}
    for group, label in zip(groups, part.tolist(), strict=True):
        together.setdefault(label, []).extend(group)
    return tuple(sorted(tuple(sorted(modes)) for modes in together.values()))


def _sums(squares: Real, one: Clusters, other: Clusters) -> Real:
    rows = np.add.reduceat(squares[np.concatenate(one)], _starts(one), axis=0)
    sums: Real = np.add.reduceat(rows[:, np.concatenate(other)], _starts(other), axis=1)
    return sums


def _starts(groups: Clusters) -> NDArray[np.intp]:
    return np.concatenate([[0], np.cumsum(_sizes(groups))[:-1]]).astype(np.intp)


def _sizes(groups: Clusters) -> NDArray[np.intp]:
    return np.array([len(group) for group in groups], np.intp)


def _labels(groups: Clusters) -> NDArray[np.intp]:
    """The cluster of each mode, for clusters of modes in order."""
    return np.repeat(np.arange(len(groups)), _sizes(groups))


def _named(modes: tuple[int, ...]) -> str:
    return ",".join(str(mode) for mode in modes)

"""Match the modes of two bases, with margins and the probability of chance."""

from __future__ import annotations

from dataclasses import dataclass, field
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
from probes.result import WIDTH, Result
from probes.shared.wording import counted
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

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

    Examples
    --------
    >>> pair = ModePair((0,), (1,), overlap=0.9, margin=0.85, p_value=1e-6)
    >>> pair.could_be_chance()
    False
    """

    one: tuple[int, ...]
    other: tuple[int, ...]
    overlap: float
    margin: float
    p_value: float

    def could_be_chance(self, level: float = 0.01) -> bool:
        """Decide whether the p-value is above a level.

        Parameters
        ----------
        level : float, default 0.01
            Probability below which chance is ruled out.

        Returns
        -------
        bool
            True where the match could be chance.
        """
        return self.p_value > level


@dataclass(frozen=True)
class ModeMatching(Result):
    """Modes of two bases, matched.

    Parameters
    ----------
    pairs : tuple of ModePair
        Modes or clusters that belong together, in the order of the first basis.
    unmatched_one, unmatched_other : tuple of int
        Modes without a partner, for the other basis has fewer.
    n_words : int
        Words that both have.
    coverage : (float, float)
        Share of each vocabulary that is shared.
    overlaps : (d_a, d_b) float
        (v_i . u_j)^2 of all pairs of modes.
    settings : dict
        ``k`` and the ``tolerance`` of each basis, as they were asked for.

    Examples
    --------
    >>> from probes.modes import match_modes
    >>> found = match_modes(np.eye(40)[:, [0, 1]], np.eye(40)[:, [1, 0]])
    >>> [(pair.one, pair.other) for pair in found.pairs]
    [((0,), (1,)), ((1,), (0,))]
    """

    name = "mode-matching"
    figure = "probes.figures.modes.overlap:plot_overlap"

    pairs: tuple[ModePair, ...]
    unmatched_one: tuple[int, ...]
    unmatched_other: tuple[int, ...]
    n_words: int
    coverage: tuple[float, float]
    overlaps: Real = field(compare=False, repr=False)
    settings: dict[str, Cell] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.text()

    def summary(self) -> str:
        """Say how well modes match, which matches could be chance, and what has no partner."""
        chance = [pair for pair in self.pairs if pair.could_be_chance()]
        passed = [pair for pair in self.pairs if pair.margin < 0]
        overlaps = [pair.overlap for pair in self.pairs]
        lines = [
            f"{counted(len(self.pairs), 'pair')} of modes or clusters over "
            f"{counted(self.n_words, 'word')}: overlaps from {min(overlaps):.3f} to "
            f"{max(overlaps):.3f}, {float(np.median(overlaps)):.3f} in the median."
        ]
        if chance:
            named = ", ".join(f"{_named(one.one)} - {_named(one.other)}" for one in chance)
            lines.append(f"Could be chance (modes numbered from 0): {named}.")
        else:
            lines.append("None could be chance (p at most 0.01 each, the best of all pairs).")
        if passed:
            lines.append(
                f"{counted(len(passed), 'pair has', 'pairs have')} a better partner elsewhere, "
                "which the assignment as a whole passed over."
            )
        if alone := len(self.unmatched_one) + len(self.unmatched_other):
            lines.append(f"{counted(alone, 'mode has', 'modes have')} no partner.")
        if min(self.coverage) < 1:
            lines.append(
                f"The words are {self.coverage[0]:.0%} and {self.coverage[1]:.0%} of the "
                "vocabularies."
            )
        return " ".join(lines)

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of words and modes, the tolerances, and the null."""
        first, second = self.coverage
        return {
            "words": self.n_words,
            "coverage_one": first,
            "coverage_other": second,
            "modes_one": self.overlaps.shape[0],
            "modes_other": self.overlaps.shape[1],
            "null": "random spans of the same dimensions, the best of all pairs",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Give one line for each pair, modes numbered from 0."""
        lines = [f"{len(self.pairs)} pairs over {self.n_words:,} words"]
        lines += [
            f"  {_named(pair.one)} - {_named(pair.other)}: overlap {pair.overlap:.3f}, margin "
            f"{pair.margin:+.3f}" + (", could be chance" if pair.could_be_chance() else "")
            for pair in self.pairs
        ]
        return "\n".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each pair, modes numbered from 0."""
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

    Returns
    -------
    ModeMatching
        Pairs of modes or clusters, with overlaps.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), have no k modes, or have no
        values for the tolerance.

    Examples
    --------
    Modes 1 and 2 have nearly equal values and are turned: alone they look new, as a
    cluster they are the same.

    >>> modes, c = np.eye(40)[:, :3], 0.5**0.5
    >>> turned = modes @ np.array([[1, 0, 0], [0, c, -c], [0, c, c]])
    >>> values = np.array([3.0, 2.001, 2.0])
    >>> one, other = Basis(modes, values), Basis(turned, values)
    >>> [round(pair.overlap, 2) for pair in match_modes(one, other).pairs]
    [1.0, 0.5, 0.5]
    >>> clustered = match_modes(one, other, tolerance=0.1)
    >>> [(pair.one, round(pair.overlap, 2)) for pair in clustered.pairs]
    [((0,), 1.0), ((1, 2), 1.0)]
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
        squares,
        {"k": k, "tolerance_one": first, "tolerance_other": second},
    )


def group_overlaps(squares: Real, one: Clusters, other: Clusters) -> Real:
    """Compute ||A_c^T B_c'||_F^2 over the larger dimension, for all pairs of groups.

    Parameters
    ----------
    squares : (d_a, d_b) float
        (v_i . u_j)^2 of all pairs of modes.
    one, other : tuple of tuples of int
        Groups of modes of each basis.

    Returns
    -------
    (groups of one, groups of other) float
        At most 1.
    """
    sums = _sums(squares, one, other)
    most: Real = np.maximum(_sizes(one)[:, None], _sizes(other)[None, :])
    return np.minimum(sums / most, 1.0)


def chance_of(overlap: float, sizes: tuple[int, int], *, n_words: int, n_pairs: int = 1) -> float:
    """Bound the probability that the best of some pairs of random spans overlaps as much.

    For random unit vectors (v . u)^2 is Beta(1/2, (V - 1)/2); for spans of
    dimensions m and n, of which one is 1, ||A^T B||_F^2 is Beta too. For larger
    ones a Beta law of the same mean and variance is taken. Bonferroni's bound
    for the best.

    Parameters
    ----------
    overlap : float
        ||A^T B||_F^2 over the larger dimension.
    sizes : (int, int)
        Dimensions m and n of the spans.
    n_words : int
        Dimension V of the space.
    n_pairs : int, default 1
        Among how many pairs it was picked.

    Returns
    -------
    float
        At most 1.

    Examples
    --------
    >>> chance_of(0.5, (1, 1), n_words=1000) < 1e-100
    True
    >>> round(chance_of(0.5, (1, 1), n_words=3), 2)
    0.29
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
    """Unite clusters of a basis that lie in one cluster of the other."""
    sums = _sums(squares, one, other)
    # Every mode is assigned to one of the other basis. The share of the smaller
    # cluster that lies in the larger one is what counts, whatever the basis inside.
    shares = sums / np.minimum(_sizes(one)[:, None], _sizes(other)[None, :])
    here, there = _labels(one), _labels(other)
    rows, columns = linear_sum_assignment(shares[np.ix_(here, there)], maximize=True)
    assigned = np.zeros_like(sums)
    np.add.at(assigned, (here[rows], there[columns]), 1.0)
    linked = np.argwhere((assigned > 0) & (sums >= _HALF * assigned))
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

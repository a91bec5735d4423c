"""Look for the modes of a basis, and for their topics, in other bases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from probes.modes.bases import Basis, Real, Source, basis, share_words
from probes.modes.clusters import distinguishable_gap
from probes.modes.matching import ModePair, match_modes
from probes.shared.intervals import check_resampling
from probes.topics.coherence import CoherenceTable, above_chance
from probes.topics.stability.list_overlap import ListOverlap, list_overlap
from probes.topics.stability.result import HALF, EndStability, ModeStability, StabilityTable
from probes.topics.topics import End
from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.tables import Cell

ENDS: tuple[End, End] = ("+", "-")


@dataclass(frozen=True)
class _Against:
    """The modes of the reference in one other basis."""

    pairs: dict[int, ModePair]
    squares: Real
    lists: dict[tuple[int, End], ListOverlap]

    def overlap(self, mode: int) -> float:
        pair = self.pairs.get(mode)
        return 0.0 if pair is None else pair.overlap


def topic_stability(
    reference: Source,
    others: Sequence[Source],
    *,
    k: int | None = None,
    words: int = 10,
    frequent: int = 4000,
    tolerance: float | None = None,
    coherence: CoherenceTable | None = None,
    level: float = 0.05,
    permutations: int = 999,
    seed: int = 0,
) -> StabilityTable:
    """Look for the leading modes of a reference, and for their topics, in other bases.

    Modes are matched by `match_modes` over the words shared, the leading k of the reference
    with all of the other. A mode is called stable where its overlap with its partner is 1/2 or
    more in every other basis. For a unit vector v and orthonormal u_j, the squares (v . u_j)^2
    add up to at most 1: above 1/2 the partner has more of v than all other modes together, v
    is within 45 degrees of it, and no other mode of either basis can be as near. Below 1/2
    there is a direction, but not this mode, and a name would be for something else there.

    Where a mode is not stable alone, the smallest run of neighbouring modes is sought whose
    members each keep half of their squared length in as many modes of every other basis. That
    is what a perturbation does to close eigenvalues (Davis and Kahan, `sine_bounds`): it turns
    modes among themselves by about |E_ij| / (lambda_i - lambda_j) and leaves their span.

    Topic lists are made over the shared words. The list of a mode is laid beside that of its
    projection on the partner, which settles sign and basis. The number of words in common is
    compared with lists whose words are replaced by random ones of about their frequency.

    Parameters
    ----------
    reference : Spectrum, Embeddings or Basis
        With words, the most frequent first. Modes of embeddings are their principal axes.
    others : sequence of Spectrum, Embeddings or Basis
        Bases from another text, seed, or half of the text: at least one.
    k : int, optional
        Leading modes looked at; ten, or as many as there are.
    words : int, default 10
        Words of a topic.
    frequent : int, default 4000
        Only so many of the most frequent words are in lists.
    tolerance : float, optional
        Eigenvalues closer than this are one cluster, matched as a whole. By default what the
        residuals of a spectrum leave open (`distinguishable_gap`), which is next to nothing.
    coherence : CoherenceTable, optional
        Coherence of the reference's topics, named ``1+``, ``1-`` and so on.
    level : float, default 0.05
        False discovery rate of coherence (`above_chance`).
    permutations : int, default 999
        Random lists of the null.
    seed : int, default 0
        Seed of the random lists.

    Returns
    -------
    StabilityTable
        Overlaps of modes and lists with those of every other basis.

    Raises
    ------
    InputError
        No other basis, one without words, a number out of range, bases that cannot be
        compared (`share_words`), a topic without a coherence.

    Examples
    --------
    A basis in which the first two of three modes are turned into each other by 60 degrees:

    >>> import numpy as np
    >>> from probes.modes import Basis
    >>> words = tuple(f"w{k}" for k in range(30))
    >>> modes = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 3)))[0]
    >>> cos, sin = 0.5, 0.75**0.5
    >>> turned = modes @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    >>> values = np.array([3.0, 2.9, 1.0])
    >>> found = topic_stability(
    ...     Basis(modes, values, words), [Basis(turned, values, words)], words=3
    ... )
    >>> [(one.mode, one.partners[0], one.stable) for one in found.modes]
    [(1, (2,), True), (2, (1,), True), (3, (3,), True)]
    """
    check_resampling(seed=seed, resamples=permutations)
    if isinstance(others, Spectrum | Basis | Embeddings) or not len(others):
        raise InputError("there is nothing to compare with; pass a list of at least one basis")
    own, bases = basis(reference), [basis(other) for other in others]
    if any(one.words is None for one in (own, *bases)):
        raise InputError("a basis has no words, and topics are words; pass them to Basis")
    leading = own.leading(min(10, own.dimension) if k is None else k)
    if not is_whole(frequent) or frequent < 1 or not is_whole(words) or words < 1:
        raise InputError(
            f"words is {words!r} and frequent is {frequent!r}; pass whole numbers of at least 1"
        )
    passed = {} if coherence is None else above_chance(coherence, level=level)
    names = [f"{mode + 1}{end}" for mode in range(leading.dimension) for end in ENDS]
    if coherence is not None and (missing := [name for name in names if name not in passed]):
        raise InputError(f"topic {missing[0]!r} has no coherence; measure that of the same modes")
    rng = np.random.default_rng(seed)
    found = [
        _against(
            leading,
            one,
            _tolerances(reference, other, tolerance),
            (words, permutations),
            frequent,
            rng,
        )
        for one, other in zip(bases, others, strict=True)
    ]
    listed = _topic_words(leading, words, frequent)
    values = None if own.values is None else own.values[: leading.dimension + 1]
    runs = _kept_runs(found)
    modes = []
    for mode in range(leading.dimension):
        pairs = [one.pairs.get(mode) for one in found]
        modes.append(
            ModeStability(
                mode=mode + 1,
                partners=tuple(
                    () if pair is None else tuple(number + 1 for number in pair.other)
                    for pair in pairs
                ),
                overlaps=tuple(one.overlap(mode) for one in found),
                p_value=max(1.0 if pair is None else pair.p_value for pair in pairs),
                cluster=_cluster(mode, pairs),
                gap=None if values is None else _relative_gap(values, mode),
                kept_with=runs.get(mode, ()),
                ends=(
                    _end(mode, "+", found, listed, passed),
                    _end(mode, "-", found, listed, passed),
                ),
            )
        )
    settings: dict[str, Cell] = {
        "frequent": frequent,
        "tolerance": tolerance,
        "false_discovery_rate": level,
        "permutations": permutations,
        "seed": seed,
    }
    return StabilityTable(tuple(modes), words, len(others), coherence is not None, settings)


def _end(
    mode: int,
    end: End,
    found: Sequence[_Against],
    listed: Mapping[tuple[int, End], tuple[str, ...]],
    passed: Mapping[str, bool],
) -> EndStability:
    matches = [one.lists[mode, end] for one in found]
    return EndStability(
        end=end,
        words=listed[mode, end],
        common=tuple(match.common for match in matches),
        by_chance=tuple(match.by_chance for match in matches),
        p_value=max(match.p_value for match in matches),
        coherent=passed.get(f"{mode + 1}{end}"),
    )


def _tolerances(one: Source, other: Source, tolerance: float | None) -> tuple[float, float]:
    if tolerance is not None:
        return tolerance, tolerance
    first, second = (
        # What a solver leaves open: the norm of the perturbation that its residuals stand for.
        distinguishable_gap(float(np.linalg.norm(source.residuals.astype(float))))
        if isinstance(source, Spectrum)
        else 0.0
        for source in (one, other)
    )
    return first, second


def _against(
    leading: Basis,
    other: Basis,
    tolerance: tuple[float, float],
    sizes: tuple[int, int],
    frequent: int,
    rng: np.random.Generator,
) -> _Against:
    words, permutations = sizes
    matching = match_modes(leading, other, tolerance=tolerance)
    pairs = {mode: pair for pair in matching.pairs for mode in pair.one}
    shared = share_words(leading, other)
    inner = shared.one.vectors.T @ shared.other.vectors
    lists: dict[tuple[int, End], ListOverlap] = {}
    ends: tuple[tuple[End, float], ...] = (("+", 1.0), ("-", -1.0))
    for mode in range(leading.dimension):
        pair = pairs.get(mode)
        partner = [] if pair is None else list(pair.other)
        projected = shared.other.vectors[:, partner] @ inner[mode, partner]
        for end, sign in ends:
            lists[mode, end] = list_overlap(
                sign * np.asarray(shared.one.vectors[:frequent, mode], float),
                sign * np.asarray(projected[:frequent], float),
                words=words,
                permutations=permutations,
                rng=rng,
            )
    return _Against(pairs, inner**2, lists)


def _topic_words(modes: Basis, words: int, frequent: int) -> dict[tuple[int, End], tuple[str, ...]]:
    assert modes.words is not None
    found: dict[tuple[int, End], tuple[str, ...]] = {}
    for mode in range(modes.dimension):
        column = modes.vectors[:frequent, mode]
        for end, key in zip(ENDS, (-column, column), strict=True):
            best = np.argsort(key, kind="stable")[:words]
            found[mode, end] = tuple(modes.words[row] for row in best)
    return found


def _cluster(mode: int, pairs: Sequence[ModePair | None]) -> tuple[int, ...]:
    together = {mode}.union(*(pair.one for pair in pairs if pair is not None))
    return tuple(sorted(number + 1 for number in together))


def _relative_gap(values: NDArray[np.floating], mode: int) -> float:
    """Distance to the nearest neighbouring eigenvalue, as a share of the mode's own."""
    gaps = [float(high - low) for high, low in pairwise(values[max(mode - 1, 0) : mode + 2])]
    size = abs(float(values[mode]))
    return min(gaps) / size if gaps and size else 0.0


def _kept_runs(found: Sequence[_Against]) -> dict[int, tuple[int, ...]]:
    """For each mode that is not stable, the smallest run around it that every other holds."""
    k = len(found[0].squares)
    alone = {mode for mode in range(k) if min(one.overlap(mode) for one in found) < HALF}
    runs: dict[int, tuple[int, ...]] = {}
    for size in range(2, k + 1):
        for begin in range(k - size + 1):
            run = range(begin, begin + size)
            waiting = alone.intersection(run).difference(runs)
            if waiting and all(_holds(one.squares[begin : begin + size]) for one in found):
                runs.update((mode, tuple(number + 1 for number in run)) for mode in waiting)
    return runs


def _holds(rows: Real) -> bool:
    """Whether the as many nearest modes have half of each row's squared length."""
    size = len(rows)
    nearest = np.argsort(-rows.sum(axis=0), kind="stable")[:size]
    return rows.shape[1] >= size and bool((rows[:, nearest].sum(axis=1) >= HALF).all())

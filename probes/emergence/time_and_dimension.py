"""Follow analogies over training time and dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from probes.analogy.pair_bootstrap import RESAMPLES
from probes.concepts.differences import Differences
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.over_time import OverTime
from probes.concepts.signal_to_noise.signal import FLIPS, Signal, signals
from probes.concepts.signal_to_noise.truncation import (
    checked_dims,
    truncated_grams,
    with_dimension,
)
from probes.emergence.answers import answers
from probes.emergence.chance import Chance, effective_dimensions
from probes.emergence.family_differences import differences_or_none, rounding_of
from probes.emergence.followed import embeddings_at, times_of
from probes.emergence.points import FamilyEmergence, Point
from probes.emergence.repaired import repaired_answers, repaired_questions
from probes.emergence.result import Emergence
from probes.emergence.scores import score
from probes.relations.relations import Relations
from probes.shared.intervals import check_level, check_resampling
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent


def emergence(
    source: Embeddings | OverTime,
    relations: Relations,
    *,
    times: Sequence[float] | None = None,
    dims: Iterable[int] | None = None,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    permutations: int = FLIPS,
    progress: Progress = silent,
) -> Emergence:
    """Follow the analogies of every family over training time and dimension.

    At each time the embeddings are turned to their principal axes and cut to
    the first d of them, where all analogies are asked and the common share of
    the differences is estimated. Beside them stands what chance gives there: the
    share of random families, and accuracy and margin of the family's own words
    paired at random. Below an effective dimension of 2 no measure is a finding.

    Parameters
    ----------
    source : Embeddings, Trajectory or TrainedTrajectory
        What is asked; embeddings alone have one time, and take no `times`.
    relations : Relations
        Families of pairs.
    times : sequence of float, optional
        Flow times, increasing; by default those of a run's snapshots, or of the closed form.
    dims : iterable of int, optional
        Numbers of columns, increasing. By default all columns where there are
        several times, and the dimensions of the paper's figure 4 and all columns at one.
    seed : int, default 0
        Seed of resamples and flips.
    level : float, default 0.95
        Nominal coverage of the intervals.
    resamples : int, default 2000
        Number of resamples of the pairs, for the scores.
    permutations : int, default 2000
        Number of flips of the null of the share.
    progress : Progress, optional
        Told how many points of the grid are done.

    Returns
    -------
    Emergence
        Every family at every time and in every dimension.

    Raises
    ------
    InputError
        Times that do not increase or for embeddings that have none, dimensions
        that are out of range, no question in the vocabulary.

    References
    ----------
    arXiv 2502.09863, figures 4 and 8.

    Examples
    --------
    >>> from probes import Relations
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=3)
    >>> found = emergence(
    ...     flow, Relations(world.relations), times=[5, 40], dims=[1, 3],
    ...     resamples=100, permutations=100,
    ... )
    >>> found["attribute 2"].values("share").round(6).tolist()  # not on mode 1
    [[nan, 1.0], [nan, 1.0]]
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    at = times_of(source, times)
    columns = None if dims is None else tuple(dims)
    used: tuple[int, ...] = ()
    random: dict[str, Chance] = {}
    repaired: dict[str, NDArray[np.int64]] = {}
    points: dict[str, list[tuple[Point, ...]]] = {}
    pairs: dict[str, int] = {}
    for done, time in enumerate(at):
        turned = on_principal_axes(embeddings_at(source, time))
        used = _dims(columns, turned.dimension, several=len(at) > 1)
        shares = {}
        for family in relations.families:
            here = differences_or_none(turned, relations, family)
            shares[family] = _signals(
                turned, here, used, seed=seed, level=level, permutations=permutations
            )
            if here is not None and family not in random:
                random[family] = Chance(turned, here, seed=seed)
        by_chance = {family: one.shares(turned, used).tolist() for family, one in random.items()}
        dimensions = effective_dimensions(turned, used)
        rows: dict[str, list[Point]] = {family: [] for family in relations.families}
        for number, d in enumerate(used):
            progress("analogies", done * len(used) + number, len(at) * len(used), "points")
            cut = turned.truncate(d)
            found = answers(cut, relations)
            if not repaired:
                repaired = {
                    family: repaired_questions(one.asked.rows.reshape(-1, 2), seed=seed)
                    for family, one in found.items()
                }
            exchanged = repaired_answers(cut, repaired)
            for family, one in found.items():
                scores = score(one, seed=seed, level=level, resamples=resamples)
                chance = by_chance[family][number] if family in by_chance else nan
                rows[family].append(
                    Point(
                        time,
                        d,
                        scores,
                        shares[family][number],
                        float(dimensions[number]),
                        chance if isfinite(chance) else None,
                        exchanged[family],
                    )
                )
                pairs[family] = len(one.asked.pairs)
        for family, row in rows.items():
            points.setdefault(family, []).append(tuple(row))
    progress("analogies", len(at) * len(used), len(at) * len(used), "points")
    kept = [
        family
        for family, grid in points.items()
        if any(point.scores or point.signal for row in grid for point in row)
    ]
    return Emergence(
        at,
        used,
        tuple(FamilyEmergence(family, pairs[family], tuple(points[family])) for family in kept),
        tuple(family for family in points if family not in kept),
        level,
        {"resamples": resamples, "permutations": permutations, "seed": seed},
    )


def _signals(
    turned: Embeddings,
    here: Differences | None,
    dims: tuple[int, ...],
    *,
    seed: int,
    level: float,
    permutations: int,
) -> tuple[Signal | None, ...]:
    """Estimate signals by dimension, None in those in which no two words of a pair differ."""
    if here is None:
        return (None,) * len(dims)
    grams = truncated_grams(here.vectors, dims)
    some = np.einsum("knn->k", grams) > rounding_of(turned, here)
    if not some.any():
        return (None,) * len(dims)
    found = iter(signals(grams[some], here, seed=seed, level=level, permutations=permutations))
    return tuple(
        with_dimension(next(found), d) if differs else None
        for d, differs in zip(dims, some.tolist(), strict=True)
    )


def _dims(columns: tuple[int, ...] | None, dimension: int, *, several: bool) -> tuple[int, ...]:
    if columns is None and several:
        return (dimension,)
    return checked_dims(columns, dimension)

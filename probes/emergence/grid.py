"""How analogies emerge on the plane of training time and dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from probes.analogy.pair_bootstrap import RESAMPLES
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.signal import FLIPS, Signal, signals
from probes.concepts.signal_to_noise.snr_plane import OverTime
from probes.concepts.signal_to_noise.truncation import (
    checked_dims,
    truncated_grams,
    with_dimension,
)
from probes.emergence.answers import answers
from probes.emergence.result import Emergence, FamilyEmergence, Point
from probes.emergence.scores import score
from probes.emergence.sources import differences_or_none, embeddings_at, rounding_of, times_of
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
    draws: int = FLIPS,
    progress: Progress = silent,
) -> Emergence:
    """Follow the analogies of every family over training time and dimension.

    At each time the embeddings are turned to their principal axes and cut to
    the first d of them, where all analogies are asked and the common share of
    the differences is estimated.

    Parameters
    ----------
    source : Embeddings, Trajectory or TrainedTrajectory
        What is asked; embeddings alone have one time, and take no `times`.
    relations : Relations
        The families.
    times : sequence of float, optional
        Flow times, increasing; by default those of a run's snapshots, or of the closed form.
    dims : iterable of int, optional
        Numbers of columns, increasing. By default all columns where there are
        several times, and the dimensions of the paper's figure 4 and all columns at one.
    seed : int, default 0
        Of resamples and flips.
    level : float, default 0.95
        Nominal coverage.
    resamples : int, default 2000
        Of the pairs, for the scores.
    draws : int, default 2000
        Flips of the null of the share.
    progress : Progress

    Returns
    -------
    Emergence

    Raises
    ------
    InputError
        Times that do not increase or for embeddings that have none, dimensions
        that are out of range, no question in the vocabulary.
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    at = times_of(source, times)
    columns = None if dims is None else tuple(dims)
    used: tuple[int, ...] = ()
    points: dict[str, list[tuple[Point, ...]]] = {}
    pairs: dict[str, int] = {}
    for done, time in enumerate(at):
        turned = on_principal_axes(embeddings_at(source, time))
        used = _dims(columns, turned.dimension, several=len(at) > 1)
        shares = {
            family: _signals(turned, relations, family, used, seed=seed, level=level, draws=draws)
            for family in relations.families
        }
        rows: dict[str, list[Point]] = {family: [] for family in relations.families}
        for number, d in enumerate(used):
            progress("analogies", done * len(used) + number, len(at) * len(used), "points")
            for family, one in answers(turned.truncate(d), relations).items():
                scores = score(one, seed=seed, level=level, resamples=resamples)
                rows[family].append(Point(time, d, scores, shares[family][number]))
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
    )


def _signals(
    turned: Embeddings,
    relations: Relations,
    family: str,
    dims: tuple[int, ...],
    *,
    seed: int,
    level: float,
    draws: int,
) -> tuple[Signal | None, ...]:
    """Signals by dimension, None in those in which no two words of a pair differ."""
    here = differences_or_none(turned, relations, family)
    if here is None:
        return (None,) * len(dims)
    grams = truncated_grams(here.vectors, dims)
    some = np.einsum("knn->k", grams) > rounding_of(turned, here)
    if not some.any():
        return (None,) * len(dims)
    found = iter(signals(grams[some], here, seed=seed, level=level, draws=draws))
    return tuple(
        with_dimension(next(found), d) if differs else None
        for d, differs in zip(dims, some.tolist(), strict=True)
    )


def _dims(columns: tuple[int, ...] | None, dimension: int, *, several: bool) -> tuple[int, ...]:
    if columns is None and several:
        return (dimension,)
    return checked_dims(columns, dimension)

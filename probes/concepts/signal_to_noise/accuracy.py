"""Analogy accuracy against the number of leading columns, to lay beside the SNR."""

from __future__ import annotations

from collections.abc import Iterable

from probes.analogy import analogies
from probes.relations.relations import Relations
from probes.shared.intervals import Interval
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent


def accuracy_curves(
    embeddings: Embeddings,
    relations: Relations,
    dims: Iterable[int],
    *,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> dict[str, tuple[Interval | None, ...]]:
    """Score the analogies of every family with the first d columns, for several d.

    Parameters
    ----------
    embeddings : Embeddings
        With columns that are modes in their order (`on_principal_axes`).
    relations : Relations
        The families.
    dims : iterable of int
        Numbers of columns.
    seed : int, default 0
        Of the intervals' resampling.
    level : float, default 0.95
        Nominal coverage.
    progress : Progress

    Returns
    -------
    dict of str to tuple of Interval or None
        By family, an accuracy for each of `dims`; None where no question can be asked.

    Raises
    ------
    InputError
        As `probes.analogies`, or there are not so many columns.
    """
    found: dict[str, list[Interval | None]] = {family: [] for family in relations.families}
    columns = tuple(dims)
    for done, d in enumerate(columns):
        progress("analogies", done, len(columns), "dimensions")
        result = analogies(embeddings.truncate(d), relations, seed=seed, level=level)
        for score in result.families:
            found[score.family].append(score.accuracy)
    progress("analogies", len(columns), len(columns), "dimensions")
    return {family: tuple(scores) for family, scores in found.items()}

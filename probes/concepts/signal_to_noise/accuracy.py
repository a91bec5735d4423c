"""Score analogies with the first columns alone, to lay beside the SNR."""

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
    level: float = 0.95,
    progress: Progress = silent,
) -> dict[str, tuple[Interval | None, ...]]:
    """Score the analogies of every family with the first d columns, for several d.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors whose columns are modes in their order (`on_principal_axes`).
    relations : Relations
        The families.
    dims : iterable of int
        Numbers of columns.
    level : float, default 0.95
        Nominal coverage of the intervals.
    progress : Progress
        What is told how many dimensions are done.

    Returns
    -------
    dict of str to tuple of Interval or None
        By family, an accuracy for each of `dims`; None where no question can be asked.

    Raises
    ------
    InputError
        No question can be asked in the vocabulary, or there are not so many columns.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> relations = Relations(world.relations)
    >>> found = accuracy_curves(world.spectrum().embeddings(3), relations, [2, 3])
    >>> found["attribute 1"][1].value, len(found["attribute 2"])
    (1.0, 2)
    """
    found: dict[str, list[Interval | None]] = {family: [] for family in relations.families}
    columns = tuple(dims)
    for done, d in enumerate(columns):
        progress("analogies", done, len(columns), "dimensions")
        result = analogies(embeddings.truncate(d), relations, level=level)
        for score in result.families:
            found[score.family].append(score.accuracy)
    progress("analogies", len(columns), len(columns), "dimensions")
    return {family: tuple(scores) for family, scores in found.items()}

"""Hold what was asked of the relations: directions, share by dimension, analogies over time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from probes.concepts import ConceptProbe, SnrCurves, probe_concepts, snr_curves
from probes.concepts.profile import ConceptProfile
from probes.emergence import Emergence, emergence
from probes.relations.relations import Relations
from probes.report.learning import Learning
from probes.result import Result
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.progress import Progress, prefixed, silent


@dataclass(frozen=True, eq=False)
class Concepts:
    """What a report says of relations; made by `concepts_of`.

    Parameters
    ----------
    directions : ConceptProbe
        Which relations are directions at the end.
    by_dimension : SnrCurves or None
        Common share and accuracy in the first d columns; None where no family is large enough.
    over_time : Emergence or None
        Common share and accuracy while training goes on; None where nothing could be asked.

    Examples
    --------
    >>> from probes.report.learning import learning_of
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> spectrum = world.spectrum()
    >>> emb, relations = spectrum.embeddings(4), Relations(world.relations)
    >>> found = concepts_of(emb, relations, learning_of(spectrum))
    >>> found.families
    ('attribute 1', 'attribute 2', 'attribute 3', 'attribute 4')
    """

    directions: ConceptProbe
    by_dimension: SnrCurves | None
    over_time: Emergence | None

    @property
    def profiles(self) -> dict[str, ConceptProfile]:
        """The relations that could be tested, by family."""
        return {one.coverage.family: one for one in self.directions.profiles.profiles}

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the relations that could be tested, in their order."""
        return tuple(self.profiles)

    def results(self) -> dict[str, Result]:
        """Give the results whose tables are written beside the report.

        Returns
        -------
        dict of str to Result
            By the name of the files.
        """
        found: dict[str, Result] = {"concepts": self.directions}
        if self.by_dimension is not None:
            found["snr"] = self.by_dimension
        if self.over_time is not None:
            found["emergence"] = self.over_time
        return found


def concepts_of(
    embeddings: Embeddings,
    relations: Relations,
    learning: Learning | None,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Concepts:
    """Ask whether relations are directions, in how many columns, and from when on.

    Parameters
    ----------
    embeddings : Embeddings
        On the modes of the spectrum, the leading one first.
    relations : Relations
        Families of pairs.
    learning : Learning or None
        The closed form, at whose moments relations are followed; None to leave that out.
    seed : int, default 0
        Seed of flips, controls and resamples.
    progress : Progress
        Told how far each step is.

    Returns
    -------
    Concepts

    Raises
    ------
    InputError
        No pair has both words in the vocabulary.
    """
    told = prefixed(progress, "concepts: ")
    try:
        directions = probe_concepts(embeddings, relations, seed=seed, progress=told)
    except InputError:
        # A small vocabulary has no random pairs to hold a family against; the page says so.
        directions = probe_concepts(embeddings, relations, controls=0, seed=seed, progress=told)

    curves = followed = None
    # A vocabulary may have pairs enough for one of these and not for the other.
    with suppress(InputError):
        curves = snr_curves(
            embeddings, relations, seed=seed, progress=prefixed(progress, "by dimension: ")
        )
    if learning is not None:
        with suppress(InputError):
            followed = emergence(
                learning.flow,
                relations.within(embeddings),
                times=[float(learning.times[k]) for k in learning.asked_at],
                seed=seed,
                progress=prefixed(progress, "over time: "),
            )
    return Concepts(directions, curves, followed)

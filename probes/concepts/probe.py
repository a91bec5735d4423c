"""Probe relations: profiles of their directions, and the angles between these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probes.concepts.angles import FEWEST_FOR_ANGLES, ConceptAngles, concept_angles
from probes.concepts.profile_table import ConceptProfiles
from probes.concepts.profiling import profiles
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ConceptProbe(Result):
    """Which relations are directions, where these lie, and at which angles.

    Parameters
    ----------
    profiles : ConceptProfiles
        Direction, common share and modes of each relation.
    angles : ConceptAngles or None
        Angles between the directions; None with fewer than two relations of enough pairs.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(4)
    >>> found = probe_concepts(emb, Relations(world.relations), controls=0)
    >>> list(found.parts()), list(found.profiles.pictures())[:2]
    (['concepts', 'angles'], ['concepts', 'modes-attribute 1'])
    """

    name = "concepts"
    columns: ClassVar[Mapping[str, str]] = {
        "pairs": "pairs of the relation with both words in the vocabulary",
        "common share": "of a squared difference, what all pairs have in common, over all "
        "columns: 1 for perfect analogies, 0 in the mean without a relation; 95 % interval",
        "right": "held-out pairs that the direction of the others orders rightly; half by chance",
        "p": "of that, after Holm's adjustment for the number of relations",
        "verdict": "frequency?: a direction, but not told from random pairs of the same "
        "frequencies; controls?: a direction, with too few random families to tell; not told: from "
        "chance; too few: pairs for the test to find anything",
    }
    next_step = (
        "--out FOLDER keeps tables, figures and the directions themselves (docs/concepts.md shows "
        "how to use them in Python); 'repsearch probe snr' says in how many columns a relation "
        "is clearest, 'repsearch probe emergence' of a run says when it came to be."
    )

    profiles: ConceptProfiles
    angles: ConceptAngles | None

    def parts(self) -> dict[str, Result]:
        """Give profiles and angles, each under the name of its files.

        Returns
        -------
        dict of str to Result
            ``concepts``, and ``angles`` where there are some.
        """
        of_angles: dict[str, Result] = {} if self.angles is None else {"angles": self.angles}
        return {self.name: self.profiles, **of_angles}

    def summary(self) -> str:
        """Say how many relations are directions, and how many of these are related.

        Returns
        -------
        str
            One paragraph.
        """
        return " ".join(self.paragraphs())

    def paragraphs(self) -> list[str]:
        """Give what is said of the profiles, then of the angles.

        Returns
        -------
        list of str
            Together they are `summary`.
        """
        return [part.summary() for part in self.parts().values()]

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each relation; those of the angles are in their own table.

        Returns
        -------
        list of dict
            The rows of `profiles`.
        """
        return self.profiles.table()

    def rests_on(self) -> dict[str, Cell]:
        """Give what the profiles and the angles rest on.

        Returns
        -------
        dict
            Name to value; names of the angles' begin with ``angles_``.
        """
        of_angles = {} if self.angles is None else self.angles.rests_on()
        return {
            **self.profiles.rests_on(),
            **{f"angles_{key}": value for key, value in of_angles.items()},
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the profiles, then the relations that are related.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width, but for the table.
        """
        return "\n".join(part.text(width) for part in self.parts().values())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw common share and held-out accuracy of each relation, with intervals.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        NothingToDrawError
            No relation could be tested.
        """
        return self.profiles.plot(ax)


def probe_concepts(
    embeddings: Embeddings,
    relations: Relations,
    *,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> ConceptProbe:
    """Look for the direction of each relation, and for the angles between them.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors of any origin, with words in the order of frequency for the controls.
    relations : Relations
        The families.
    permutations : int, optional
        Flips of the null at most: the order within pairs means nothing. By default 999, or 20
        for each relation and one more where that is more.
    controls : int, optional
        Families of random pairs of the same frequencies, for each; 0 for none. By default 300,
        or as many as for the flips where that is more.
    seed : int, default 0
        Seed of flips, controls and resamples.
    progress : Progress
        What is told how many families are done.

    Returns
    -------
    ConceptProbe

    Raises
    ------
    InputError
        No pair has both words in the vocabulary, or this is too small for controls.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(4)
    >>> found = probe_concepts(emb, Relations(world.relations), controls=0)
    >>> sum(one.found for one in found.profiles.profiles), found.angles.angles[0].verdict
    (4, 'orthogonal')
    """
    found = profiles(
        embeddings,
        relations,
        permutations=permutations,
        controls=controls,
        seed=seed,
        progress=progress,
    )
    enough = sum(len(one.coverage.components) >= FEWEST_FOR_ANGLES for one in found.profiles)
    angles = concept_angles(embeddings, relations, seed=seed) if enough > 1 else None
    return ConceptProbe(found, angles)

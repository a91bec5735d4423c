"""Profile relations: is there a direction, how clean is it, on which modes does it lie."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from probes.concepts.coverage import FamilyCoverage, coverage
from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.held_out import CONTROLS, HeldOut, held_out
from probes.concepts.directions.power import smallest_share_found
from probes.concepts.directions.saved import RelationDirections, relation_directions
from probes.concepts.localisation import Localisation, localise
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, Signal, signal
from probes.drawing.labels import family_label, label_and_name
from probes.random_matrix.gram import centred
from probes.random_matrix.noise.effective_dimension import dimension_from_traces
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.several_tests import holm
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.embeddings import Embeddings, WordsFound
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell
from repsearch.storage.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.05
"""p-values below this, after Holm's adjustment, are called findings."""
_MODES = 3
_NAMED_MODES, _WORDS = 12, 3  # with topics, as many as a figure shows
_MOST_COLUMNS = 100  # the paper's number for localisation


@dataclass(frozen=True)
class ConceptProfile:
    """One relation in one embedding.

    Parameters
    ----------
    coverage : FamilyCoverage
        Pairs that can be used, and their graph.
    signal : Signal
        Share of the common direction in the differences.
    held_out : HeldOut
        Pairs ordered by the direction of the others.
    localisation : Localisation
        Shares of the direction on the modes of the embedding.
    adjusted : float
        p-value of the held-out accuracy, adjusted for the number of families (Holm 1979).
    control_adjusted : float
        p-value of that accuracy among those of random families, adjusted as well; 1 without them.
    smallest : float or None
        Of a relation that is not found, the smallest common share that the test would have
        found 8 times of 10; None where it could have found none, and where one is found.
    along : (tuple of str, tuple of str), optional
        Words other than the relation's own with the largest and the smallest cosine with its
        direction: those towards the second words, and those towards the first.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> one = profiles(emb, Relations(world.relations), controls=0).profiles[0]
    >>> one.found, one.signal.pairs, one.localisation.leading(1)
    (True, 8, (1,))
    """

    coverage: FamilyCoverage
    signal: Signal
    held_out: HeldOut
    localisation: Localisation
    adjusted: float
    control_adjusted: float
    smallest: float | None
    along: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def found(self) -> bool:
        """Whether there is a direction: held-out pairs are ordered better than by chance."""
        return self.adjusted < LEVEL

    @property
    def selective(self) -> bool:
        """Whether held-out pairs are ordered better than random ones; True without a control.

        That is where the p-value among random families, adjusted for the number of relations,
        is below 0.05.
        """
        return not self.held_out.control or self.control_adjusted < LEVEL

    @property
    def verdict(self) -> str:
        """What the tests say, in a word or two, for a table.

        ``"direction"``; ``"frequency?"`` of one that random pairs of the same frequencies have
        as well; ``"not told"`` from chance; ``"too few"`` pairs for the test to find anything.
        """
        if self.found:
            return "direction" if self.selective else "frequency?"
        return "too few" if self.smallest is None else "not told"

    def summary(self) -> str:
        """Say in plain words whether there is a direction, how clean it is, and where it lies.

        Returns
        -------
        str
            One paragraph.
        """
        name, share = label_and_name(self.coverage.family), self.signal.share
        if not self.found:
            return (
                f"{name}: no direction that can be told from chance (held-out pairs ordered "
                f"rightly {self.held_out.accuracy.value:.0%}, p {self.held_out.p_value:.2g} "
                f"before and {self.adjusted:.2g} after adjustment). {self._power}"
            )
        modes = ", ".join(
            f"{mode} ({self.localisation.shares[mode - 1].value:.0%})"
            for mode in self.localisation.leading(_MODES)
        )
        beyond = self.localisation.p_value < LEVEL
        place = "It sits on few modes" if beyond else "It is spread over modes as chance would"
        if not self.selective:
            ordered = sum(self.held_out.control) / len(self.held_out.control)
            place = (
                f"It is not told from random pairs of the same frequencies ({ordered:.0%} of those "
                f"are ordered, p {self.control_adjusted:.2g}) and may be one of frequency. "
                f"{place}"
            )
        return (
            f"{name}: a direction; {share.value:.0%} [{max(share.low, 0):.0%}, {share.high:.0%}] "
            f"of a squared difference is common to the pairs, and "
            f"{self.held_out.accuracy.value:.0%} of held-out pairs are ordered rightly "
            f"(p {self.adjusted:.2g}). {place}: most on {modes}.{self._words}"
        )

    @property
    def _words(self) -> str:
        """Words along the direction."""
        second, first = (", ".join(map(visible, words)) for words in self.along)
        said = [f"towards the second words {second}"] if second else []
        said += [f"towards the first {first}"] if first else []
        return f" Other words along it: {'; '.join(said)}." if said else ""

    @property
    def _power(self) -> str:
        """What the test could have found, lest nothing found be taken for nothing there."""
        pairs = counted(self.signal.groups, "independent pair")
        if self.smallest is None:
            return f"With {pairs} and this many relations no share could have been found."
        return (
            f"With {pairs} a common share of {self.smallest:.0%} would have been found 8 times "
            "of 10; a smaller one may well be there."
        )


@dataclass(frozen=True)
class ConceptProfiles(Result):
    """Profiles of all relations of a collection.

    Parameters
    ----------
    profiles : tuple of ConceptProfile
        In the order of the relations.
    left_out : tuple of (str, str)
        Families that cannot be tested, each with the reason.
    permutations : int
        Flips of the null at most.
    controls : int
        Families of random pairs for each.
    seed : int
        Seed of flips, controls and resamples.
    words : WordsFound, optional
        How the words of the relations were found in the vocabulary.
    directions : RelationDirections, optional
        The directions themselves, of those that are found and those that are not.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(4)
    >>> print(profiles(emb, Relations(world.relations), controls=0).summary())
    Of 4 relations, 4 are directions (held-out pairs ordered better than by chance, p below 0.05
    after Holm's adjustment). Of 16 words, 16 are found as given.
    """

    name = "concepts"

    profiles: tuple[ConceptProfile, ...]
    left_out: tuple[tuple[str, str], ...]
    permutations: int
    controls: int
    seed: int
    words: WordsFound | None = None
    directions: RelationDirections | None = None

    def summary(self) -> str:
        """Say how many relations are directions, and of how many frequency may be the reason.

        Returns
        -------
        str
            One paragraph.
        """
        found = [one for one in self.profiles if one.found]
        are = "is a direction" if len(found) == 1 else "are directions"
        text = (
            f"Of {counted(len(self.profiles), 'relation')}, {len(found)} {are} (held-out pairs "
            f"ordered better than by chance, p below {LEVEL:g} after Holm's adjustment)."
        )
        if not self.profiles:
            text = "No relation could be tested."
        same = sum(not one.selective for one in found)
        if same:
            text += (
                f" Of these, {same} may be {'a direction' if same == 1 else 'directions'} of "
                "frequency: they are not told from random pairs of the same frequencies."
            )
        least = len(self.profiles) / (self.permutations + 1)
        if any(one.adjusted <= least < 1 for one in self.profiles):
            text += (
                f" p = {least:.2g} is the least that {self.permutations} permutations and "
                f"{counted(len(self.profiles), 'relation')} allow."
            )
        if self.left_out:
            text += f" {counted(len(self.left_out), 'family', 'families')} could not be tested."
        return text if self.words is None else f"{text} {self.words}"

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each relation.

        Returns
        -------
        list of dict
            Pairs, common share, held-out accuracy, p-values, selectivity and leading modes.
        """
        return [
            {
                "family": one.coverage.family,
                "pairs": len(one.coverage.pairs),
                "pairs_in_file": one.coverage.pairs_in_file,
                "share": one.signal.share.value,
                "share_low": one.signal.share.low,
                "share_high": one.signal.share.high,
                "share_null_95": one.signal.null_95,
                "held_out": one.held_out.accuracy.value,
                "held_out_low": one.held_out.accuracy.low,
                "held_out_high": one.held_out.accuracy.high,
                "p_value": one.held_out.p_value,
                "adjusted": one.adjusted,
                "control_adjusted": one.control_adjusted if one.held_out.control else None,
                "smallest_share_found": one.smallest,
                "found": one.found,
                "verdict": one.verdict,
                "selectivity": _end(one.held_out.selectivity, "value"),
                "selectivity_low": _end(one.held_out.selectivity, "low"),
                "selectivity_high": _end(one.held_out.selectivity, "high"),
                "ipr": one.localisation.ipr.value,
                "ipr_p_value": one.localisation.p_value,
                "modes": " ".join(str(mode) for mode in one.localisation.leading(_MODES)),
                "words_towards_second": " ".join(one.along[0]),
                "words_towards_first": " ".join(one.along[1]),
            }
            for one in self.profiles
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of families and pairs, the nulls, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.profiles),
            "pairs": sum(len(one.coverage.pairs) for one in self.profiles),
            "null": "order flipped within pairs, by groups without a common word",
            "control": "random pairs of the same frequencies",
            **({} if self.words is None else self.words.cells()),
            "permutations": self.permutations,
            "controls": self.controls,
            "seed": self.seed,
        }

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
        from probes.drawing.interval_rows import plot_intervals

        return plot_intervals(
            {
                "held-out pairs ordered rightly": {
                    one.coverage.family: one.held_out.accuracy for one in self.profiles
                },
                "common share of a difference": {
                    one.coverage.family: one.signal.share for one in self.profiles
                },
            },
            label="share (dotted: half of the pairs are ordered rightly by chance)",
            reference=0.5,
            ax=ax,
        )

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give the picture of all relations, and for each that of its modes.

        Returns
        -------
        dict of str to callable
            By the name of the file, ``modes-`` and the family's name.
        """
        modes = {f"modes-{one.coverage.family}": one.localisation.plot for one in self.profiles}
        return {self.name: self.plot, **modes}

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write the directions themselves, where there are some.

        Parameters
        ----------
        folder : Path
            Where the tables are.

        Returns
        -------
        tuple of Path
            ``directions.safetensors``.

        Raises
        ------
        InputError
            The file cannot be written.
        """
        if self.directions is None or not self.directions.families:
            return ()
        path = folder / "directions.safetensors"
        self.directions.save(path)
        return (path,)

    def text(self, width: int = WIDTH) -> str:
        """Lay out a table, then a line in plain words for each family.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width, but for the table.
        """
        rows = [
            (
                family_label(one.coverage.family),
                f"{len(one.coverage.pairs)}",
                with_interval(one.signal.share, ".2f"),
                f"{one.held_out.accuracy.value:.0%}",
                f"{one.adjusted:.2g}",
                one.verdict,
            )
            for one in self.profiles
        ]
        head = ("family", "pairs", "common share", "right", "p", "verdict")
        lines = [one.summary() for one in self.profiles]
        lines += [f"{label_and_name(name)}: {reason}" for name, reason in self.left_out]
        table = [fixed_width(head, rows, left=(0, 5), width=width), ""] if rows else []
        return "\n".join([*table, *(textwrap.fill(line, width) for line in lines)])


def profiles(
    embeddings: Embeddings,
    relations: Relations,
    *,
    permutations: int = 999,
    controls: int = CONTROLS,
    seed: int = 0,
    progress: Progress = silent,
) -> ConceptProfiles:
    """Look for the direction of every family, on the embedding's principal axes.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors of any origin. They are turned onto their principal axes, which
        changes no distance; those of a spectrum lie there already.
    relations : Relations
        The families.
    permutations : int, default 999
        Flips of the null of held-out accuracy at most; its least p-value is
        1 / (permutations + 1).
    controls : int, default 300
        Families of random pairs of the same frequencies for each; 0 for none.
    seed : int, default 0
        Seed of flips, controls and resamples.
    progress : Progress
        What is told how many families are done.

    Returns
    -------
    ConceptProfiles
        Families with fewer than three groups of pairs without a common word are left out.

    Raises
    ------
    InputError
        No pair has both words in the vocabulary, or this is too small for controls.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = profiles(world.spectrum().embeddings(4), Relations(world.relations), controls=0)
    >>> [(row["family"], row["found"], row["modes"].split()[0]) for row in found.table()[:2]]
    [('attribute 1', True, '1'), ('attribute 2', True, '2')]
    """
    turned = on_principal_axes(embeddings)
    relations.within(turned)  # refuses a vocabulary without a single pair
    covered = coverage(relations, turned)
    made: list[tuple[FamilyCoverage, Signal, HeldOut, Localisation]] = []
    used: list[Differences] = []
    left_out: list[tuple[str, str]] = []
    for done, family in enumerate(covered.families):
        progress("concepts", done, len(covered.families), "families")
        groups = len(family.components)
        if groups < FEWEST_GROUPS:
            left_out.append(
                (
                    family.family,
                    f"{groups} groups of pairs without a common word; too few to test"
                    f"{_coinciding(family)}.",
                )
            )
            continue
        differences = difference_vectors(turned, family.pairs, name=family.family)
        held = held_out(
            differences,
            embeddings=turned,
            permutations=permutations,
            controls=controls,
            seed=seed,
        )
        columns = min(_MOST_COLUMNS, turned.dimension)
        place = localise(
            differences,
            d=columns,
            source=turned,
            modes=_NAMED_MODES,
            words_per_end=_WORDS,
            seed=seed,
        )
        made.append((family, signal(differences, seed=seed), held, place))
        used.append(differences)
    progress("concepts", len(covered.families), len(covered.families), "families")
    # In the columns that were given, so that they can be used there.
    directions = relation_directions(
        embeddings, {family.family: family.pairs for family, _, _, _ in made}
    )
    raw = [held.p_value for _, _, held, _ in made]
    adjusted = holm(raw)
    among = holm([held.control_p_value for _, _, held, _ in made])
    found = tuple(
        ConceptProfile(
            family,
            measured,
            held,
            place,
            p,
            q,
            smallest=None
            if p < LEVEL
            else _smallest(
                measured,
                differences,
                # Where Holm's procedure stands when it comes to this relation.
                LEVEL / (len(raw) - sum(one < held.p_value for one in raw)),
                permutations=permutations,
                seed=seed,
            ),
            along=directions.words_along(embeddings, family.family)
            if family.family in directions.families
            else ((), ()),
        )
        for (family, measured, held, place), differences, p, q in zip(
            made, used, adjusted, among, strict=True
        )
    )
    return ConceptProfiles(
        found,
        tuple(left_out),
        permutations,
        controls,
        seed,
        words=covered.words,
        directions=directions,
    )


def _coinciding(family: FamilyCoverage) -> str:
    lost = len(family.coinciding)
    return f" ({counted(lost, 'pair')} with one vector for both words)" if lost else ""


def _smallest(
    measured: Signal, differences: Differences, threshold: float, *, permutations: int, seed: int
) -> float | None:
    """Smallest share that would have been found, with noise of as many dimensions as here."""
    about = centred(differences.gram)
    freedom = len(differences) - 1
    dimension = dimension_from_traces(
        float(np.trace(about)), float(np.sum(about**2)), float(freedom)
    )
    return smallest_share_found(
        groups=measured.groups,
        effective_dimension=float(np.clip(dimension, 1.0, differences.dimension)),
        threshold=threshold,
        permutations=permutations,
        seed=seed,
    )


def _end(found: Interval | None, which: Literal["value", "low", "high"]) -> float | None:
    return None if found is None else float(getattr(found, which))

"""Lay the profiles of all relations side by side: words, a table, pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from probes.concepts.directions.saved import RelationDirections
from probes.concepts.profile import MODES, ConceptProfile
from probes.drawing.labels import family_label, label_and_name
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.several_tests import LEVEL, draws_needed
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.embeddings import WordsFound
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        Families of random pairs for each, as many as were drawn.
    seed : int
        Seed of flips, controls and resamples.
    words : WordsFound, optional
        How the words of the relations were found in the vocabulary.
    directions : RelationDirections, optional
        The directions themselves, of those that are found and those that are not.

    Examples
    --------
    >>> from probes.concepts import profiles
    >>> from probes.relations import Relations
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
        undecided = sum(one.undecided for one in found)
        if undecided:
            text += (
                f" For {undecided} of them {self.controls} random families are too few to tell "
                f"whether frequency is the reason: with {counted(len(self.profiles), 'relation')} "
                f"it takes {draws_needed(len(self.profiles), least=0)} or more."
            )
        same = sum(not one.selective and not one.undecided for one in found)
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
                "modes": " ".join(str(mode) for mode in one.localisation.leading(MODES)),
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


def _end(found: Interval | None, which: Literal["value", "low", "high"]) -> float | None:
    return None if found is None else float(getattr(found, which))

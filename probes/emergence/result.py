"""Hold how analogies emerge: every family at every time and in every dimension."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from probes.drawing.labels import family_label, label_and_name
from probes.emergence.pictures import Picture, curves, pictures_of
from probes.emergence.points import MEASURES, FamilyEmergence, Point
from probes.result import WIDTH, Result
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Emergence(Result):
    """Analogies by family over times and dimensions; made by `emergence`.

    Parameters
    ----------
    times : tuple of float or None
        Flow times, increasing; (None,) of embeddings.
    dims : tuple of int
        Numbers of leading columns, increasing.
    families : tuple of FamilyEmergence
        In the order of the relations.
    left_out : tuple of str
        Families with neither a question nor two independent pairs in the vocabulary.
    level : float
        Nominal coverage of all intervals.
    settings : dict
        Numbers of resamples and flips, and the seed.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = emergence(
    ...     world.spectrum().embeddings(3), Relations(world.relations), dims=[1, 3], resamples=100
    ... )
    >>> [(row["family"], row["d"], row["accuracy"]) for row in found.table()][-1]
    ('attribute 3', 3, 1.0)
    """

    name = "emergence"

    times: tuple[float | None, ...]
    dims: tuple[int, ...]
    families: tuple[FamilyEmergence, ...]
    left_out: tuple[str, ...]
    level: float
    settings: dict[str, Cell]

    def __getitem__(self, family: str) -> FamilyEmergence:
        """Give one family.

        Parameters
        ----------
        family : str
            Its name.

        Returns
        -------
        FamilyEmergence
            At all times and in all dimensions.

        Raises
        ------
        InputError
            There is no such family.
        """
        for one in self.families:
            if one.family == family:
                return one
        raise InputError(
            f"there is no family {family!r}; take one of "
            f"{', '.join(one.family for one in self.families)}"
        )

    def summary(self) -> str:
        """Say how well analogies are answered at the last time and in the largest dimension.

        Returns
        -------
        str
            A paragraph; how many directions could be chance is said.
        """
        last = {one.family: one.points[-1][-1] for one in self.families}
        right = {family: point.of("accuracy") for family, point in last.items()}
        asked = {family: found for family, found in right.items() if found is not None}
        signals = [point.signal for point in last.values() if point.signal is not None]
        where = "" if self.times[-1] is None else f"at t = {self.times[-1]:.4g} and "
        text = f"{where}in {counted(self.dims[-1], 'dimension')}, "
        if asked:
            best = max(asked, key=lambda family: asked[family].value)
            middle = np.median([found.value for found in asked.values()])
            text += (
                f"{middle:.0%} of the questions of a family are answered right in the "
                f"median over {counted(len(asked), 'family', 'families')}, most in "
                f"{family_label(best)}: "
                f"{with_interval(asked[best], '.0%')}. "
            )
        else:
            text += "no family has a question. "
        shown = sum(is_finding(one.p_value) for one in signals)
        text += (
            f"{shown} of {counted(len(signals), 'family', 'families')} with independent pairs "
            f"{'has' if shown == 1 else 'have'} a common direction (p below {LEVEL:g} each, "
            "not adjusted for their number)."
        )
        if self.left_out:
            text += f" {counted(len(self.left_out), 'family', 'families')} could not be asked."
        text += self._without_dimensions()
        return text[0].upper() + text[1:]

    def _without_dimensions(self) -> str:
        """Say at how many of the points no measure is a finding."""
        grid = [point for row in self.families[0].points for point in row] if self.families else []
        few = sum(point.too_few_dimensions for point in grid)
        if not few:
            return ""
        return (
            f" At {few} of {counted(len(grid), 'point')} of time and dimension the embedding "
            "has fewer than 2 effective dimensions: margins, shares and answers there tell on "
            "which side of one direction words lie, and are no finding."
        )

    def _about_chance(self) -> str:
        last = self.families[0].points[-1][-1]
        text = (
            "Chance: margin of the family's own words paired at random; share that one random "
            "family in twenty exceeds."
        )
        if last.effective_dimension is None:
            return text
        text += f" Effective dimension {last.effective_dimension:.3g}"
        return text + (", too few for a finding." if last.too_few_dimensions else ".")

    def text(self, width: int = WIDTH) -> str:
        """Lay out all measures at the last time and in the largest dimension.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has at most 80.

        Returns
        -------
        str
            A table, what the columns of chance are, and the families that could not be asked.
        """
        rows = []
        for one in self.families:
            last = one.points[-1][-1]
            accuracy = last.of("accuracy")
            rows.append(
                (
                    family_label(one.family),
                    f"{last.scores.questions:,}" if last.scores else "0",
                    "-"
                    if accuracy is None
                    else f"{100 * accuracy.value:.0f} [{100 * accuracy.low:.0f}, "
                    f"{100 * accuracy.high:.0f}]",
                    *(
                        "-" if found is None else f"{getattr(found, 'value', found):{form}}"
                        for found, form in (
                            (last.of("median_rank"), ".0f"),
                            (last.of("margin"), ".2f"),
                            (last.by_chance("margin"), ".2f"),
                            (last.of("share"), ".2f"),
                            (last.by_chance("share"), ".2f"),
                        )
                    ),
                )
            )
        head = ("family", "asked", "% right", "rank", "margin", "chance", "share", "chance")
        time = "" if self.times[-1] is None else f"t = {self.times[-1]:.4g}, "
        lines = [f"At {time}d = {self.dims[-1]}:", fixed_width(head, rows, width=width)]
        if self.families:
            lines.append(textwrap.fill(self._about_chance(), width))
        lines += [
            f"{label_and_name(name)}: no question and no independent pairs."
            for name in self.left_out
        ]
        return "\n".join(lines)

    def table(self, predicted: Emergence | None = None) -> list[dict[str, Cell]]:
        """Give one row for each family, time and dimension.

        Parameters
        ----------
        predicted : Emergence, optional
            What the closed form has at the same times and in the same dimensions: adds its
            values and the residuals, measured less predicted.

        Returns
        -------
        list of dict
            Every measure with the ends of its interval, and what chance gives; None where there
            is none.

        Raises
        ------
        InputError
            The times, dimensions or families of the two are not the same.
        """
        self.check_same_grid(predicted)
        rows = []
        for one in self.families:
            for number, row in enumerate(one.points):
                for column, point in enumerate(row):
                    cells: dict[str, Cell] = {"family": one.family, "pairs": one.pairs}
                    cells |= point.cells()
                    if predicted is not None:
                        other = predicted[one.family].points[number][column]
                        cells |= _residuals(point, other)
                    rows.append(cells)
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of families, pairs, times and dimensions, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.families),
            "pairs": sum(one.pairs for one in self.families),
            "times": len(self.times),
            "last time": self.times[-1],
            "dimensions": " ".join(str(d) for d in self.dims),
            "level": self.level,
            **self.settings,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw common share and accuracy of every family over time, or else over dimension.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            None, for there is a panel for each family.

        Returns
        -------
        matplotlib.axes.Axes
            The first panel.

        Raises
        ------
        NothingToDrawError
            There is one time and one dimension.
        InputError
            Axes were given.
        """
        return curves(self, None, ax)

    def pictures(self) -> dict[str, Picture]:
        """Give curves over time and over dimension, and the plane of both.

        Returns
        -------
        dict of str to callable
            They raise `NothingToDrawError` where there is a single time or dimension.
        """
        return pictures_of(self, None)

    def check_same_grid(self, other: Emergence | None) -> None:
        """Refuse another emergence that is not at these times, dimensions and families.

        Parameters
        ----------
        other : Emergence or None
            The other one; None is not refused.

        Raises
        ------
        InputError
            The two differ; the message says in what.
        """
        if other is None:
            return
        if other.times != self.times or other.dims != self.dims:
            raise InputError(
                f"the prediction is on {len(other.times)} times and dimensions {other.dims}, the "
                f"measurement on {len(self.times)} and {self.dims}; pass the same to both"
            )
        for one in self.families:
            other[one.family]


def _residuals(point: Point, other: Point) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for measure in MEASURES:
        found, theory = point.of(measure), other.of(measure)
        cells[f"{measure}_predicted"] = theory.value if theory else None
        cells[f"{measure}_residual"] = found.value - theory.value if found and theory else None
    return cells

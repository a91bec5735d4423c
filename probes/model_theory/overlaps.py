"""Tell how much of the leading subspaces of M* and of a model's spaces is common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probes.model_theory.measured import SpaceMeasures
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, range_of_null
from probes.shared.text_table import evenly_spread, fixed_width
from probes.shared.wording import counted
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 3


@dataclass(frozen=True)
class SpaceOverlaps(Result):
    """Overlap of the k leading modes of M* and the k leading directions of each space.

    Parameters
    ----------
    ks : tuple of int
        Numbers of leading modes.
    measures : mapping of str to SpaceMeasures
        By space.
    n_words : int
        Words that all have.
    settings : dict
        Modes, permutations and seed.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.model_theory.frequency_bins import without_frequency
    >>> from probes.model_theory.measured import measured
    >>> rng = np.random.default_rng(0)
    >>> axes = np.linalg.qr(without_frequency(rng.normal(size=(200, 2)))).Q
    >>> of_both = measured(axes, axes, [2], permutations=20, seed=0)
    >>> print(SpaceOverlaps((2,), {"made": of_both}, 200, {"modes": 2}))
    space  r         k = 2
    ----------------------
    made   2  1.000 (0.02)
    """

    name = "theory"
    figure = "probes.figures.modes.model_theory:plot_space_overlaps"
    columns: ClassVar[Mapping[str, str]] = {
        "r": "dimension of the space, functions of frequency taken out",
        "k =": "mean squared cosine of the principal angles between the k leading modes of M* "
        "and the k leading directions of the space, functions of frequency taken out of both: 1 "
        "for the same subspace; in brackets what 97.5 % of permutations of the words within bins "
        "of frequency stay below",
    }

    ks: tuple[int, ...]
    measures: Mapping[str, SpaceMeasures]
    n_words: int
    settings: dict[str, Cell] = field(repr=False)

    def null(self, space: str, number: int) -> Interval:
        """Give mean and 95 % interval of the overlap when words are permuted within frequency.

        Parameters
        ----------
        space : str
            Name of the space.
        number : int
            Which of the `ks`, from 0.

        Returns
        -------
        Interval
        """
        return range_of_null(self.measures[space].null_overlaps[:, number], "words permuted")

    def p_value(self, space: str, number: int) -> float:
        """Give the share of permutations with as large an overlap or a larger one.

        Parameters
        ----------
        space : str
            Name of the space.
        number : int
            Which of the `ks`, from 0.

        Returns
        -------
        float
            Above 0, at most 1.
        """
        found = self.measures[space]
        above = np.count_nonzero(found.null_overlaps[:, number] >= found.overlaps[number])
        return float((1 + above) / (1 + len(found.null_overlaps)))

    def summary(self) -> str:
        """Say where the overlap is largest, and whether it is beyond what frequency gives.

        Returns
        -------
        str
            One paragraph.
        """
        last = len(self.ks) - 1
        best = max(self.measures, key=lambda space: float(self.measures[space].overlaps[last]))
        null = self.null(best, last)
        beyond = [
            space
            for space in self.measures
            if self.measures[space].overlaps[last] > self.null(space, last).high
        ]
        many = len(self.measures)
        above = (
            "that is above the null's 97.5 %"
            if many == 1
            else f"{len(beyond)} of {many} are above the null's 97.5 %"
        )
        if not beyond:
            above = "none is above the null's 97.5 %, so this could be chance"
        return (
            f"Over {counted(self.n_words, 'shared word')}, the {self.ks[last]} leading modes of M* "
            f"have most in common with {best}: {self.measures[best].overlaps[last]:.3f} of the "
            f"subspace, where words permuted within bins of frequency have {null.value:.3f} "
            f"[{null.low:.3f}, {null.high:.3f}]; {above}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each space and number of modes.

        Returns
        -------
        list of dict
            Overlap, mean and 95 % interval of the null, p-value.
        """
        rows: list[dict[str, Cell]] = []
        for space, found in self.measures.items():
            for number, k in enumerate(self.ks):
                null = self.null(space, number)
                rows.append(
                    {
                        "space": space,
                        "dimension": found.rank,
                        "k": k,
                        "overlap": float(found.overlaps[number]),
                        "null_mean": null.value,
                        "null_low": null.low,
                        "null_high": null.high,
                        "p": self.p_value(space, number),
                    }
                )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of words, modes and spaces, and the null.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "spaces": len(self.measures),
            "words": self.n_words,
            "null": "words permuted within bins of frequency: a fifth of the rank, or ten words",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the overlaps for some numbers of modes.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table.
        """
        shown = evenly_spread(range(len(self.ks)), _SHOWN)
        rows = [
            (
                space,
                str(found.rank),
                *(f"{found.overlaps[k]:.3f} ({self.null(space, k).high:.2f})" for k in shown),
            )
            for space, found in self.measures.items()
        ]
        head = ("space", "r", *(f"k = {self.ks[k]}" for k in shown))
        return fixed_width(head, rows, width=width)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the overlaps by space, each number of modes a line, with its null.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
        """
        return super().plot(ax)

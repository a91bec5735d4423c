"""Hold one table of a comparison, with its sentence and its panel of the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from probes.result import Result
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class ComparisonPart(Result):
    """One table of a comparison of a run with the closed form; see `Comparison.parts`.

    Parameters
    ----------
    whole : Comparison
        What it is a part of.
    rows : tuple of dict
        Its table.
    said : str
        What it found, in plain words.
    drawn : str
        Where the function is that draws it from the whole, as ``"package.module:function"``.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import compare
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = compare(run, counts, n_modes=2)
    >>> [row["status"] for row in found.parts()["learning_times"].table()]
    ['learned', 'learned']
    """

    name = "comparison-part"

    whole: Result
    rows: tuple[dict[str, Cell], ...]
    said: str
    drawn: str

    def summary(self) -> str:
        """Say what this part of the comparison found.

        Returns
        -------
        str
            A paragraph.
        """
        return self.said

    def table(self) -> list[dict[str, Cell]]:
        """Give the rows.

        Returns
        -------
        list of dict
            As they are written to files.
        """
        return [dict(row) for row in self.rows]

    def rests_on(self) -> dict[str, Cell]:
        """Give what the whole comparison rests on.

        Returns
        -------
        dict
            Name to value.
        """
        return self.whole.rests_on()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw this part of the comparison.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on.

        Raises
        ------
        NothingToDrawError
            There is no time to draw.
        """
        module, _, function = self.drawn.partition(":")
        drawn: Axes = getattr(import_module(module), function)(self.whole, ax=ax)
        return drawn

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give none, for the picture of the whole comparison shows it.

        Returns
        -------
        dict
            Empty.
        """
        return {}

"""Compare runs of several losses and weightings, each with its own closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, listed
from probes.theory_check.comparison import compare
from probes.theory_check.result import AGREEMENT, Comparison
from probes.theory_check.singular_value_curves import LEVEL, RESAMPLES
from probes.theory_check.trained_run import TrainedRun
from probes.theory_check.wording import percent
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Ablation(Result):
    """Several runs, each beside the closed form; made by `ablation`.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By the run's name, at least one.

    Examples
    --------
    >>> import tempfile
    >>> from probes.theory_check import ablation
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     runs = {
    ...         loss.name: training.train(
    ...             counts, f"{folder}/{loss.name}", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...             loss=loss, record=training.Record(when=training.evenly(8.0, 20)),
    ...         )
    ...         for loss in (training.Quartic(), training.Sgns())
    ...     }
    ...     found = ablation(runs, counts, n_modes=2)
    >>> [(row["run"], row["exact"]) for row in found.table()]
    [('quartic', True), ('sgns', False)]
    """

    name = "runs"

    comparisons: Mapping[str, Comparison]

    def summary(self) -> str:
        """Say which runs agree with their closed form, and which depart most from it.

        Returns
        -------
        str
            A paragraph.
        """
        agreeing = [name for name, one in self.comparisons.items() if one.agrees]
        exact = sum(one.exact for one in self.comparisons.values())
        medians = {name: one.curves.median().value for name, one in self.comparisons.items()}
        worst = max(medians, key=lambda name: medians[name])
        number = len(self.comparisons)
        return (
            f"{len(agreeing)} of {counted(number, 'run')} "
            f"{'agrees' if len(agreeing) == 1 else 'agree'} with the closed form of the run's own "
            f"M* (median error below {percent(AGREEMENT)})"
            f"{': ' + listed(agreeing) if agreeing else ''}. The closed form is exact for {exact} "
            f"of {number}. The largest median error, {percent(medians[worst])}, is that of {worst}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each run.

        Returns
        -------
        list of dict
            The run's name, and the columns of `Comparison.table`.
        """
        return [
            {"run": name, **row} for name, one in self.comparisons.items() for row in one.table()
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the number of runs and of modes, and what the intervals are of.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "runs": len(self.comparisons),
            "modes": max(one.curves.n_modes for one in self.comparisons.values()),
            "fitted constants": 0,
            "level": LEVEL,
            "resamples of modes": RESAMPLES,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the median relative error of singular values of each run.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on.
        """
        from probes.drawing.interval_rows import plot_intervals

        medians = {name: one.curves.median() for name, one in self.comparisons.items()}
        return plot_intervals(medians, label="median relative error of singular values", ax=ax)

    columns: ClassVar[Mapping[str, str]] = {
        "exact": "whether the closed form is of this very loss and these weights",
        "median": "relative error of singular values; 95%: of all but the worst twentieth",
        "times": "median relative error of learning times; tau: Kendall's, of their order",
        "span": "overlap of what was learned with the closed form's; early: error at the start",
    }

    def text(self, width: int = WIDTH) -> str:
        """Lay out errors and overlaps, one line for each run.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has at most 80.

        Returns
        -------
        str
            A table.
        """
        header = ("run", "exact", "median", "95%", "times", "tau", "span", "early")
        rows = [
            (
                str(row["run"]),
                "yes" if row["exact"] else "no",
                _percent(row["median_error"]),
                _percent(row["error_95"]),
                _percent(row["learning_time_error"]),
                _number(row["kendall_tau"]),
                _number(row["learned_subspace_overlap"]),
                _percent(row["early_error"]),
            )
            for row in self.table()
        ]
        return fixed_width(header, rows, left=(0, 1), width=width)

    def __repr__(self) -> str:
        return f"Ablation({', '.join(self.comparisons)})"


def ablation(
    runs: Mapping[str, TrainedRun],
    counts: Counts,
    *,
    n_modes: int | None = None,
    n_eigenpairs: int | None = None,
) -> Ablation:
    """Compare runs of several losses and weightings with their closed forms.

    The four of arXiv 2502.09863, figure 7, are {quartic, SGNS} x {Setting 3.1, word2vec's
    weights}; each run is compared with the closed form of its own M* from its own start, in
    its own time.

    Parameters
    ----------
    runs : mapping of str to TrainedRun
        By name, at least one.
    counts : Counts
        What all of them were trained on.
    n_modes, n_eigenpairs : int, optional
        How many leading modes to compare, and how many eigenpairs to solve for, as `compare`
        takes them.

    Returns
    -------
    Ablation
        A comparison for each run.

    Raises
    ------
    InputError
        There is no run, or `compare` refuses one.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(
    ...         counts, f"{folder}/run", d=2, until=8.0, start=Gaussian(1e-2, 0),
    ...         record=training.Record(when=training.evenly(8.0, 20)),
    ...     )
    ...     found = ablation({"quartic": run}, counts, n_modes=2)
    >>> found
    Ablation(quartic)
    """
    if not runs:
        raise InputError("there are no runs; pass at least one, by name")
    return Ablation(
        {
            name: compare(run, counts, n_modes=n_modes, n_eigenpairs=n_eigenpairs)
            for name, run in runs.items()
        }
    )


def _percent(share: Cell) -> str:
    return "-" if share is None else percent(float(share))


def _number(value: Cell) -> str:
    return "-" if value is None else f"{float(value):.3f}"

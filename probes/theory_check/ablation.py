"""The paper's ablation: which of the two assumptions, quartic loss and constant G, costs what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from probes.shared.text_table import fixed_width
from probes.theory_check.comparison import compare
from probes.theory_check.result import Comparison, percent
from probes.theory_check.run import TrainedRun
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.storage.tables import Cell


@dataclass(frozen=True, eq=False, repr=False)
class Ablation:
    """Several runs, each beside the closed form; made by `ablation`.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        By the run's name.
    """

    comparisons: Mapping[str, Comparison]

    def to_rows(self) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a run."""
        return [{"run": name, **_row(one)} for name, one in self.comparisons.items()]

    def summary(self) -> str:
        """A table of at most 80 columns."""
        header = ("run", "exact", "median", "95%", "times", "tau", "span", "early")
        rows = [
            (
                str(row["run"])[:20],
                "yes" if row["exact"] else "no",
                _percent(row["median_error"]),
                _percent(row["error_95"]),
                _percent(row["learning_time_error"]),
                _number(row["kendall_tau"]),
                _number(row["learned_subspace_overlap"]),
                _percent(row["early_error"]),
            )
            for row in self.to_rows()
        ]
        return fixed_width(header, rows, left=(0, 1))

    def __repr__(self) -> str:
        return f"Ablation({', '.join(self.comparisons)})"


def ablation(runs: Mapping[str, TrainedRun], counts: Counts, *, n_modes: int = 20) -> Ablation:
    """Compare runs of several losses and weightings, arXiv 2502.09863, figure 7.

    Its four corners are {quartic, SGNS} x {Setting 3.1, word2vec's weights}; each run is laid
    beside the closed form of its own M* from its own start, in its own time.

    Parameters
    ----------
    runs : mapping of str to TrainedRun
        By name, at least one.
    counts : Counts
        What all of them were trained on.
    n_modes : int
        How many leading modes to compare.

    Raises
    ------
    InputError
        No run, or as for `compare`.
    """
    if not runs:
        raise InputError("there are no runs; pass at least one, by name")
    return Ablation({name: compare(run, counts, n_modes=n_modes) for name, run in runs.items()})


def _row(one: Comparison) -> dict[str, Cell]:
    median, order = one.curves.median(), one.order
    errors = [abs(mode.error.value) for mode in one.learning if mode.error]
    known = one.learned_overlaps[~np.isnan(one.learned_overlaps)]
    early = one.early.median() if one.early is not None and len(one.early.times) else None
    return {
        "loss": one.loss,
        "weighting": one.weighting,
        "exact": one.exact,
        "median_error": median.value,
        "median_low": median.low,
        "median_high": median.high,
        "error_95": float(np.nanquantile(one.curves.errors, 0.95)),
        "largest_error": one.curves.largest().largest,
        "modes_learned": len(errors),
        "learning_time_error": float(np.median(errors)) if errors else None,
        "kendall_tau": None if np.isnan(order.tau) else order.tau,
        "pairs_swapped": len(order.swapped),
        "loss_error": float(np.abs(one.loss_curve.errors).max()),
        "learned_subspace_overlap": float(known[-1]) if len(known) else None,
        "early_error": early.value if early else None,
    }


def _percent(share: Cell) -> str:
    return "-" if share is None else percent(float(share))


def _number(value: Cell) -> str:
    return "-" if value is None else f"{float(value):.3f}"

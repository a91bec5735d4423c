"""Hold what a comparison of a run with the closed form found, its tables and its verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.modes import ModeMatching, TrajectoryComparison
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.theory_check.closed_form import Prediction
from probes.theory_check.learning_times import LearningTime, Order, learning_table, order
from probes.theory_check.loss_plateaus import LossCurve
from probes.theory_check.parts import ComparisonPart
from probes.theory_check.singular_value_curves import LEVEL, RESAMPLES, Curves
from probes.theory_check.wording import (
    about_assumptions,
    about_cut_off,
    about_early_growth,
    about_learning_times,
    about_loss,
    about_matching,
    about_plateaus,
    about_singular_values,
    about_span,
    percent,
)
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]

AGREEMENT = 0.01
"""Median relative errors of singular values below which a run is said to agree."""
_FIGURES = "probes.figures.modes.comparison"


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """A run beside the closed form; made by `compare`.

    Its tables are its `parts`: ``singular_values``, ``learning_times``, ``loss``,
    ``plateaus``, ``overlaps``, ``matching`` and, where the weights of pairs are not
    constant, ``early_growth``.

    Parameters
    ----------
    loss, weighting : str
        Names of the loss and of the weights of pairs that were trained.
    prediction : Prediction
        The closed form of M* from the run's start.
    departures : tuple of str
        Assumptions of the closed form that do not hold in this run; none where it is exact.
    curves : Curves
        Singular values, measured and predicted.
    learning : tuple of LearningTime
        Half-height times, one for each mode compared.
    loss_curve : LossCurve
        Loss, measured and predicted, with its plateaus.
    overlaps : TrajectoryComparison
        Modes of the run beside the closed form's at the same time, at the snapshots that
        have as many modes (A B^T has none while B = 0).
    learned : (S,) int
        How many modes stand at half of their height by the closed form, at each snapshot.
    matching : ModeMatching
        The run's modes at its last snapshot beside the eigenvectors of M*.
    early : Curves or None
        Where the weights of pairs are not constant: singular values up to the first
        learning time of the weighted matrix G o M* / mean(G), beside the closed form
        of that matrix, which is exact as long as the embeddings are small.
    fewer : str, default ""
        Why fewer modes are compared than by default; empty where they are not.

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
    >>> found.exact, found.agrees, found.order.swapped
    (True, True, ())
    """

    name = "comparison"
    figure = f"{_FIGURES}:draw_comparison"

    loss: str
    weighting: str
    prediction: Prediction
    departures: tuple[str, ...]
    curves: Curves
    learning: tuple[LearningTime, ...]
    loss_curve: LossCurve
    overlaps: TrajectoryComparison
    learned: NDArray[np.intp]
    matching: ModeMatching
    early: Curves | None
    fewer: str = ""

    @property
    def exact(self) -> bool:
        """Whether the closed form is exact for this run: quartic loss, constant weights.

        Up to `Curves.cut_off`, for not all eigenpairs are solved for.
        """
        return not self.departures

    @property
    def order(self) -> Order:
        """Order of learning, measured beside predicted."""
        return order(self.learning)

    @property
    def agrees(self) -> bool:
        """Median relative errors below 1 %, and no swap of learning times that the rows resolve.

        Of all rows, and of those rows alone in which a mode is learned: in the others
        the embeddings are small, where any loss has the same course.
        """
        medians = [self.curves.median(), self.curves.median_learned()]
        close = all(median is None or median.value < AGREEMENT for median in medians)
        return close and not self.order.resolved

    @property
    def learned_overlaps(self) -> Real:
        """(S,) overlap of the span of the modes learned with the closed form's; NaN for none."""
        squares = self.overlaps.overlaps
        found = [
            float(square[:m, :m].sum()) / m if m else np.nan
            for square, m in zip(squares, self.learned.tolist(), strict=True)
        ]
        return np.array(found)

    def summary(self) -> str:
        """Say whether training and closed form agree, how far apart they are, and what is assumed.

        Returns
        -------
        str
            A paragraph. Beside it `agrees` is the verdict and `departures` the reasons.
        """
        verdict = "agree" if self.agrees else "depart"
        said = [
            f"Training and closed form {verdict}: {about_singular_values(self.curves)}",
            self.fewer,
            about_learning_times(self.learning, self.order),
            about_loss(self.loss_curve),
            self._about_span(),
            about_early_growth(self.early),
            about_assumptions(self.loss, self.weighting, self.departures),
            about_cut_off(self.curves, len(self.prediction.modes.eigenvalues), self._words),
        ]
        return " ".join(sentence for sentence in said if sentence)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row that sums the run up; `parts` has the tables of its curves.

        Returns
        -------
        list of dict
            Loss, weighting, whether the closed form is exact, and errors of singular values,
            learning times, their order, the loss, the learned span and early growth.
        """
        median = self.curves.median()
        errors = [abs(mode.error.value) for mode in self.learning if mode.error]
        known = self.learned_overlaps[~np.isnan(self.learned_overlaps)]
        early = self.early.median() if self.early is not None and len(self.early.times) else None
        return [
            {
                "loss": self.loss,
                "weighting": self.weighting,
                "exact": self.exact,
                "median_error": median.value,
                "median_low": median.low,
                "median_high": median.high,
                "error_95": float(np.nanquantile(self.curves.errors, 0.95)),
                "largest_error": self.curves.largest().largest,
                "cut_off": self.curves.largest_cut_off,
                "modes_learned": len(errors),
                "learning_time_error": float(np.median(errors)) if errors else None,
                "kendall_tau": None if np.isnan(self.order.tau) else self.order.tau,
                "pairs_swapped": len(self.order.swapped),
                "loss_error": float(np.abs(self.loss_curve.errors).max()),
                "learned_subspace_overlap": float(known[-1]) if len(known) else None,
                "early_error": early.value if early else None,
            }
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give what was compared, and what the intervals are of.

        Returns
        -------
        dict
            Loss, weighting, tied or not, numbers of words, modes, rows and snapshots, start of
            the closed form, level and resamples of the interval, overlap of random spans.
        """
        return {
            "loss": self.loss,
            "weighting": self.weighting,
            "tied": self.prediction.tied,
            "words": self._words,
            "eigenpairs": len(self.prediction.modes.eigenvalues),
            "modes": self.curves.n_modes,
            "rows": len(self.curves.times),
            "snapshots": len(self.overlaps.times),
            "start": self.prediction.began,
            "fitted constants": 0,
            "level": LEVEL,
            "resamples of modes": RESAMPLES,
            "overlap by chance": float(self.overlaps.expected_overlap),
        }

    def parts(self) -> dict[str, Result]:
        """Give the tables of the comparison, each with its sentence and its panel.

        Returns
        -------
        dict of str to Result
            The comparison itself, and one part for each table, by the name of its file.
        """
        found: dict[str, Result] = {
            self.name: self,
            "singular_values": self._part(
                self.curves.table(),
                f"M{about_singular_values(self.curves)[1:]}",
                "plot_compared_values",
            ),
            "learning_times": self._part(
                learning_table(self.learning),
                about_learning_times(self.learning, self.order),
                "plot_learning_times",
            ),
            "loss": self._part(
                self.loss_curve.table(), about_loss(self.loss_curve), "plot_compared_loss"
            ),
            "plateaus": self._part(
                self.loss_curve.plateau_table(),
                about_plateaus(self.loss_curve),
                "plot_compared_loss",
            ),
            "overlaps": self._part(
                self._overlap_table(), self._about_span(), "plot_compared_modes"
            ),
            "matching": self._part(
                [dict(row) for row in self.matching.table()],
                about_matching(self.matching),
                "plot_compared_modes",
            ),
        }
        if self.early is not None:
            found["early_growth"] = self._part(
                self.early.table(),
                about_early_growth(self.early) or "No row lies before the first learning time.",
                "plot_early_growth",
            )
        return found

    columns: ClassVar[Mapping[str, str]] = {
        "height": "of the mode when it is learned: its eigenvalue, cut to what was trained",
        "median": "relative error of its singular value over the recorded times; largest: of all",
        "learned": "time at which the closed form has the mode at half of its height",
        "in training": "the same as it was trained; error: of that time",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps the curves with the closed form over them; 'repsearch probe emergence' "
        "of the run says when relations come to be."
    )

    def text(self, width: int = WIDTH) -> str:
        """Lay out the errors of singular values and learning times, one line for each mode.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table below the name of the loss and the weighting.
        """
        errors = {one.mode: one for one in self.curves.of_modes()}
        rows = []
        for mode in self.learning:
            own, late = errors.get(mode.mode), mode.error
            rows.append(
                (
                    str(mode.mode),
                    f"{mode.height:.4g}",
                    percent(own.median) if own else "-",
                    percent(own.largest) if own else "-",
                    f"{mode.predicted.time:.4g}" if mode.predicted else "-",
                    f"{mode.measured.time:.4g}" if mode.measured else mode.status,
                    percent(abs(late.value)) if late else "-",
                )
            )
        head = ("mode", "height", "median", "largest", "learned", "in training", "error")
        title = textwrap.fill(
            f"{self.loss} loss, {self.weighting}, errors of singular values and learning times:",
            width,
        )
        return f"{title}\n{fixed_width(head, rows, left=())}"

    def __repr__(self) -> str:
        return (
            f"Comparison({self.loss}, {self.weighting}: {self.curves.n_modes} modes at "
            f"{len(self.curves.times)} times, median error {self.curves.median().value:.2%}, "
            f"{'agrees' if self.agrees else 'departs'})"
        )

    @property
    def _words(self) -> int:
        return len(self.prediction.modes.words)

    def _about_span(self) -> str:
        return about_span(
            np.asarray(self.overlaps.times),
            self.learned,
            self.learned_overlaps,
            float(self.overlaps.expected_overlap),
        )

    def _part(self, rows: list[dict[str, Cell]], said: str, drawn: str) -> ComparisonPart:
        return ComparisonPart(self, tuple(rows), said, f"{_FIGURES}:{drawn}")

    def _overlap_table(self) -> list[dict[str, Cell]]:
        return [
            {
                "time": float(time),
                "mode": mode + 1,
                "overlap": float(square[mode, mode]),
                "modes_learned": learned,
                "learned_subspace_overlap": None if np.isnan(whole) else float(whole),
            }
            for time, square, learned, whole in zip(
                self.overlaps.times,
                self.overlaps.overlaps,
                self.learned.tolist(),
                self.learned_overlaps,
                strict=True,
            )
            for mode in range(square.shape[0])
        ]

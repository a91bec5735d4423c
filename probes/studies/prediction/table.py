"""Lay out a prediction as text for a terminal, as rows for files, and as pictures."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

import probes
from probes.drawing.refusals import NothingToDrawError
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.studies.prediction.known_modes import KnownModes
from probes.studies.prediction.prediction import (
    LEARNED,
    QUANTILES,
    UNLEARNED,
    Prediction,
    predicted,
)
from probes.studies.prediction.setup import Setup
from probes.studies.prediction.warnings import warnings_about
from repsearch import Embeddings
from repsearch.dynamics import Aligned
from repsearch.dynamics.flow import gradient_flow
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from repsearch.dynamics.trajectory import Trajectory

_WORDS = 10
_INDENT = " " * 6
_LABEL = 10
_NARROWEST = 80
_BEFORE = 5.0
_POINTS = 300


@dataclass(frozen=True, eq=False)
class PredictionTable(Result):
    """When a model learns each mode, with the words of the modes; made by `predict`.

    Parameters
    ----------
    prediction : Prediction
        Learning times, over random starts.
    time : float or None
        Length of the training in flow time, if it was given.
    shown : int, default 10
        How many modes `text` shows; `table` has all.

    Examples
    --------
    >>> from probes.studies.prediction import Setup, modes_of_spectrum, predict
    >>> from repsearch.dynamics.clock.batches import FullBatch
    >>> from repsearch.dynamics.clock.loss_expansion import QUARTIC
    >>> from repsearch.synthetic import BinaryAttributes
    >>> known = modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found = predict(known, Setup(2, 1e-3, True, QUARTIC, FullBatch(), None), time=9.0)
    >>> [(row["mode"], round(row["time_50"], 1), row["learned"]) for row in found.table()]
    [(1, 6.8, 'yes'), (2, 13.0, 'no')]
    """

    name = "modes"

    prediction: Prediction
    time: float | None
    shown: int = 10

    def summary(self) -> str:
        """Say when the first and the last mode are learned, and where the theory does not hold.

        Returns
        -------
        str
            A paragraph, with a warning for each assumption that fails.
        """
        found = self.prediction
        learned = np.flatnonzero(np.isfinite(found.times[1]))
        number = len(found.signed)
        if not len(learned):
            said = [f"None of {number} modes is learned from this start."]
        else:
            order = learned[np.argsort(found.times[1, learned], kind="stable")]
            ends = [("first", order[0])] + ([("last", order[-1])] if len(order) > 1 else [])
            when = ", ".join(
                f"the {which} (mode {k + 1}) at t = {_time(found.times[1, k])} "
                f"[{_time(found.times[0, k])}, {_time(found.times[2, k])}], "
                f"{_steps(float(found.steps[1, k]))} steps"
                for which, k in ends
            )
            said = [f"{len(learned)} of {number} modes are learned in the end: {when}."]
        if self.time is not None:
            yes, partly, no = self._counts(self.time)
            said.append(
                f"In the training's flow time of {self.time:.4g}, {yes} are learned, {partly} "
                f"partly and {no} not yet."
            )
        return " ".join([*said, *(f"Warning: {text}" for text in warnings_about(found))])

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode.

        Returns
        -------
        list of dict
            Eigenvalue, residual, start, quantiles of learning times in flow time and in steps,
            shares at the end of the training if its length is known, and the words at both
            ends; None for what is never learned.
        """
        found = self.prediction
        shares = None if self.time is None else found.shares(self.time)
        rows: list[dict[str, Cell]] = []
        for k, eigenvalue in enumerate(found.signed.tolist()):
            row: dict[str, Cell] = {
                "mode": k + 1,
                "eigenvalue": eigenvalue,
                "residual": float(found.spectrum.residuals[k]),
                "start": float(found.start[1, k]),
            }
            for name, values in (("time", found.times), ("steps", found.steps)):
                for share, value in zip(QUANTILES, values[:, k].tolist(), strict=True):
                    row[f"{name}_{share:.0%}"[:-1]] = value if math.isfinite(value) else None
            if shares is not None:
                for share, value in zip(QUANTILES, shares[::-1, k].tolist(), strict=True):
                    row[f"share_{share:.0%}"[:-1]] = value
                row["learned"] = _verdict(float(shares[1, k]))
            row["positive_end"], row["negative_end"] = map(" ".join, self._words[k])
            rows.append(row)
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the target, the set-up and what the quantiles are over.

        Returns
        -------
        dict
            Name to value.
        """
        found, setup = self.prediction, self.prediction.setup
        return {
            "target": found.spectrum.target,
            "words": len(found.spectrum.words),
            "eigenpairs": found.spectrum.dimension,
            "largest residual": float(found.spectrum.residuals.max()),
            "d": setup.d,
            "tied": setup.tied,
            "scale of the start": setup.scale,
            "training": setup.in_words(found.learning_rate),
            "learning rate": found.learning_rate,
            "largest stable learning rate": (found.stable if math.isfinite(found.stable) else None),
            "length in flow time": self.time,
            "quantiles over random starts": ", ".join(f"{share:.0%}" for share in QUANTILES),
            "fitted constants": 0,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw singular values over time, from the median start.

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
            No mode is learned.
        """
        from probes.figures import plot_singular_values

        return plot_singular_values(self._flow(), ax=ax)

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give singular values and the loss over time, from the median start.

        Returns
        -------
        dict of str to callable
            They raise `NothingToDrawError` where no mode is learned.
        """
        return {"singular-values": self.plot, "loss": self._plot_loss}

    def text(self, width: int = WIDTH) -> str:
        """Lay out the set-up and the first modes, with the words at both of their ends.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal, at least 80.

        Returns
        -------
        str
            A heading, a table, and what its columns are.
        """
        width = max(width, _NARROWEST)
        lines = [*self._heading(width), "", *self._modes(width), "", *self._legend(width)]
        return "\n".join(lines)

    def _plot_loss(self, ax: Axes | None = None) -> Axes:
        from probes.figures import plot_loss_curve

        return plot_loss_curve(self._flow(), ax=ax)

    def _flow(self) -> Trajectory:
        found = self.prediction
        waits = found.times[1][np.isfinite(found.times[1]) & (found.times[1] > 0)]
        if not len(waits):
            raise NothingToDrawError("no mode is learned, so there is no curve")
        # Nothing happens long before the first mode is learned.
        times = np.geomspace(waits.min() / _BEFORE, 2 * waits.max(), _POINTS)
        return gradient_flow(found.spectrum, Aligned(tuple(found.start[1].tolist())), times=times)

    def _counts(self, time: float) -> tuple[int, int, int]:
        """Count modes learned, partly learned and not yet learned."""
        share = self.prediction.shares(time)[1]
        yes, no = int((share >= LEARNED).sum()), int((share < UNLEARNED).sum())
        return yes, len(share) - yes - no, no

    def _heading(self, width: int) -> list[str]:
        found, setup = self.prediction, self.prediction.setup
        signed, spectrum = found.signed, found.spectrum
        positive = int(np.count_nonzero(signed > spectrum.residuals))
        order = "value" if setup.tied else "magnitude"
        lines = {
            "Target": f"{spectrum.target.strip('|')}, {len(spectrum.words):,} words; leading "
            f"eigenvalues by {order}: {len(signed)}, positive among them: {positive}",
            "Model": f"d = {setup.d}, {'tied' if setup.tied else 'untied'} weights, "
            f"W_ij(0) ~ N(0, {setup.scale:g}^2)",
            "Steps": f"{setup.in_words(found.learning_rate)}; a step is "
            f"{found.clock.rate * found.learning_rate:.3g} of flow time",
        }
        if self.time is not None:
            yes, partly, no = self._counts(self.time)
            lines["Training"] = (
                f"{_steps(float(found.clock.steps(self.time)))} steps, flow time {self.time:.4g}: "
                f"modes learned {yes}, partly {partly}, not yet {no}"
            )
        return [
            line
            for label, text in lines.items()
            for line in textwrap.wrap(
                text,
                width,
                initial_indent=f"{label:<{_LABEL}}",
                subsequent_indent=" " * _LABEL,
                break_on_hyphens=False,
            )
        ]

    def _modes(self, width: int) -> list[str]:
        found = self.prediction
        header = ["mode", "eigenvalue", "residual", "time", "5 %", "95 %", "steps"]
        shares = None if self.time is None else found.shares(self.time)[1]
        cells = []
        for k in range(min(self.shown, len(found.signed))):
            early, median, late = found.times[:, k].tolist()
            cells.append(
                [
                    f"{k + 1}",
                    f"{found.signed[k]:.4g}",
                    f"{found.spectrum.residuals[k]:.0e}",
                    *map(_time, (median, early, late)),
                    _steps(float(found.steps[1, k])),
                ]
            )
            if shares is not None:
                cells[-1].append(f"{_verdict(float(shares[k]))} {100 * shares[k]:.0f} %")
        if shares is not None:
            header.append("learned")
        head, rule, *lines = fixed_width(header, cells, left=()).splitlines()
        table = [head, rule]
        for line, ends in zip(lines, self._words, strict=False):
            table.append(line)
            for sign, words in zip("+-", ends, strict=True):
                table.append(f"{_INDENT}{sign} {_as_many(words, width - len(_INDENT) - 2)}")
        return table

    def _legend(self, width: int) -> list[str]:
        tied = self.prediction.setup.tied
        half = "s_k^2 is about half of lambda_k" if tied else "W W'^T has about half of |lambda_k|"
        notes = [
            f"time: flow time at which {half}, median over random starts, with its 5 % and 95 % "
            "quantiles; steps: the median."
        ]
        if self.time is not None:
            notes.append(
                "learned: share of the final value reached from the median start; yes from "
                f"{100 * LEARNED:.0f} %, no under {100 * UNLEARNED:.0f} %."
            )
        return [
            line for note in notes for line in textwrap.wrap(note, width, break_on_hyphens=False)
        ]

    @cached_property
    def _words(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The words at both ends of each mode."""
        spectrum = self.prediction.spectrum
        vectors = spectrum.eigenvectors * np.sqrt(np.abs(spectrum.eigenvalues))
        # As embeddings: of a spectrum, modes that are never learned have no topics.
        found = probes.topics(
            Embeddings(spectrum.words, vectors.astype(float)),
            modes=range(1, spectrum.dimension + 1),
            words_per_end=min(_WORDS, len(spectrum.words)),
        ).topics
        return [(up.words, down.words) for up, down in zip(found[::2], found[1::2], strict=True)]


def predict(
    known: KnownModes,
    setup: Setup,
    *,
    steps: float | None = None,
    time: float | None = None,
    shown: int = 10,
) -> PredictionTable:
    """Predict what a model learns and when: eigenvalues, learning times, words of the modes.

    Parameters
    ----------
    known : KnownModes
        Leading eigenpairs of the target.
    setup : Setup
        How the model is trained.
    steps, time : float, optional
        Length of the training, in steps or in flow time; one of them at most.
    shown : int, default 10
        How many modes the text shows.

    Returns
    -------
    PredictionTable
        One row for each mode.

    Raises
    ------
    InputError
        Both lengths, a length that is negative or infinite, a learning rate out of range.

    Examples
    --------
    >>> from probes.studies.prediction import Setup, modes_of_spectrum
    >>> from repsearch.dynamics.clock.batches import FullBatch
    >>> from repsearch.dynamics.clock.loss_expansion import QUARTIC
    >>> from repsearch.synthetic import BinaryAttributes
    >>> known = modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum())
    >>> found = predict(known, Setup(2, 1e-3, True, QUARTIC, FullBatch(), None), time=20.0)
    >>> [row["learned"] for row in found.table()]
    ['yes', 'yes']
    """
    if steps is not None and time is not None:
        raise InputError("steps and time both say how long training is; give one of them")
    for name, length in (("steps", steps), ("time", time)):
        if length is not None and not 0 <= length < math.inf:
            raise InputError(f"{name} is {length}; pass a finite number of at least 0")
    found = predicted(known, setup)
    if steps is not None:
        time = float(found.clock.time(steps))
    return PredictionTable(found, time, shown)


def _verdict(share: float) -> str:
    return "yes" if share >= LEARNED else "no" if share < UNLEARNED else "partly"


def _time(time: float) -> str:
    if not math.isfinite(time):
        return "never"
    return f"{time:.4g}" if 1e-3 <= time < 1e6 or time == 0 else f"{time:.2e}"


def _steps(steps: float) -> str:
    if not math.isfinite(steps):
        return "never"
    return f"{steps:.2g}" if steps < 10 else f"{steps:,.0f}" if steps < 1e7 else f"{steps:.2e}"


def _as_many(words: tuple[str, ...], room: int) -> str:
    """Join as many words as there is room for, the first one always."""
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > room:
            break
        line += f" {word}"
    return line

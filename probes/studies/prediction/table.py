"""A prediction as text for a terminal, and as rows for files."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import numpy as np

import probes
from probes.shared.text_table import fixed_width
from probes.studies.prediction.prediction import LEARNED, QUANTILES, UNLEARNED, Prediction
from probes.studies.prediction.warnings import warnings_about
from repsearch import Embeddings
from repsearch.storage.tables import Cell

_WORDS = 10
_INDENT = " " * 6
_LABEL = 10


@dataclass(frozen=True)
class PredictionTable:
    """A prediction in words.

    Parameters
    ----------
    prediction : Prediction
    training : str
        Loss, batches and learning rate, as the user chose them.
    time : float or None
        Length of the training in flow time, if it was given.
    """

    prediction: Prediction
    training: str
    time: float | None

    def text(self, modes: int, width: int) -> list[str]:
        """Lines of at most `width` characters, 80 or more, with the first `modes` modes."""
        return [*self._heading(width), "", *self._table(modes, width), "", *self._notes(width)]

    def rows(self) -> list[dict[str, Cell]]:
        """All modes, one a row; what never happens is None."""
        found = self.prediction
        shares = None if self.time is None else found.shares(self.time)
        rows: list[dict[str, Cell]] = []
        words = self._words()
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
            row["positive_end"], row["negative_end"] = map(" ".join, words[k])
            rows.append(row)
        return rows

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
            "Steps": f"{self.training}; a step is "
            f"{found.clock.rate * found.learning_rate:.3g} of flow time",
        }
        if self.time is not None:
            share = found.shares(self.time)[1]
            yes, no = int((share >= LEARNED).sum()), int((share < UNLEARNED).sum())
            lines["Training"] = (
                f"{_steps(float(found.clock.steps(self.time)))} steps, flow time {self.time:.4g}: "
                f"modes learned {yes}, partly {len(share) - yes - no}, not yet {no}"
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

    def _table(self, modes: int, width: int) -> list[str]:
        found = self.prediction
        header = ["mode", "eigenvalue", "residual", "time", "5 %", "95 %", "steps"]
        shares = None if self.time is None else found.shares(self.time)[1]
        cells = []
        for k in range(min(modes, len(found.signed))):
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
        for line, ends in zip(lines, self._words(), strict=False):
            table.append(line)
            for sign, words in zip("+-", ends, strict=True):
                table.append(f"{_INDENT}{sign} {_as_many(words, width - len(_INDENT) - 2)}")
        return table

    def _notes(self, width: int) -> list[str]:
        found = self.prediction
        tied = found.setup.tied
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
        notes += [f"Warning: {text}" for text in warnings_about(found)]
        return [
            line for note in notes for line in textwrap.wrap(note, width, break_on_hyphens=False)
        ]

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
    """As many words as there is room for, the first one always."""
    line = words[0]
    for word in words[1:]:
        if len(line) + 1 + len(word) > room:
            break
        line += f" {word}"
    return line

"""Measure the signal of every relation of a collection, with its analogies beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from probes.concepts.coverage import coverage
from probes.concepts.differences import difference_vectors
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.accuracy import accuracy_curves
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, FLIPS
from probes.concepts.signal_to_noise.snr_curve import RESAMPLES, SnrCurve, snr_curve
from probes.drawing.labels import family_label, label_and_name
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.embeddings import Embeddings, WordsFound
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

_EDGE = {None: "", "first": "< ", "last": "> "}


@dataclass(frozen=True)
class SnrCurves(Result):
    """Signal of several relations against the number of leading columns.

    Parameters
    ----------
    curves : tuple of SnrCurve
        One for each relation, of the same numbers of columns.
    accuracies : mapping of str to tuple of Interval or None
        Analogy accuracy by relation, one for each number of columns; empty if it was not asked.
    left_out : tuple of str
        Relations with too few groups of pairs without a common word.
    settings : dict
        Resamples, flips at most, level and seed.
    words : WordsFound, optional
        How the words of the relations were found in the vocabulary.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> found = snr_curves(emb, Relations(world.relations), accuracy=False)
    >>> [curve.family for curve in found.curves], found.curves[0].dims
    (['attribute 1', 'attribute 2', 'attribute 3', 'attribute 4'], (4, 5, 6))
    """

    name = "snr"
    columns: ClassVar[Mapping[str, str]] = {
        "common share": "of a squared difference, what all pairs have in common, over all "
        "columns, as in 'probe concepts'; SNR = share / (1 - share); 95 % interval",
        "p": "of that share, if the order within pairs meant nothing",
        "peak": "the largest share over numbers of leading columns d, which is on the high side, "
        "for it is the largest of several estimates",
        "at d": "where that is, with its 95 % interval; < or >: at an end of what was looked at",
        "right": "analogies answered rightly, in the best d; - where not asked",
    }
    next_step = (
        "--out FOLDER keeps every d with its interval (snr.csv) and the curves (snr.png); "
        "docs/concept-results.md lays such curves beside the paper's."
    )
    figure = "probes.figures.relations.snr_curves:plot_snr_curves"

    curves: tuple[SnrCurve, ...]
    accuracies: Mapping[str, tuple[Interval | None, ...]]
    left_out: tuple[str, ...]
    settings: dict[str, Cell] = field(repr=False)
    words: WordsFound | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for curve in self.curves:
            scores = self.accuracies.get(curve.family)
            if scores is not None and len(scores) != len(curve.dims):
                raise InputError(
                    f"{len(scores)} accuracies of {curve.family} do not fit {len(curve.dims)} "
                    "dimensions; pass one for each"
                )

    def summary(self) -> str:
        """Say how many relations have a common direction in all columns.

        Returns
        -------
        str
            One paragraph.
        """
        dims = self.curves[0].dims
        shown = sum(is_finding(curve.signals[-1].p_value) for curve in self.curves)
        text = (
            f"Of {counted(len(self.curves), 'relation')}, {shown} "
            f"{'has' if shown == 1 else 'have'} more in common than chance in all {dims[-1]:,} "
            f"columns (p below {LEVEL:g} each, not adjusted for their number)."
        )
        if len(dims) > 1:
            text += (
                f" The largest share is the largest of {len(dims)} estimates, which puts it on the "
                "high side and its p-value on the low side."
            )
        return text if self.words is None else f"{text} {self.words}"

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each relation and number of columns.

        Returns
        -------
        list of dict
            Share with its interval, SNR, p-value, published ratio, and accuracy with its interval.
        """
        return [
            {
                **row,
                "accuracy": score.value if score else None,
                "accuracy_low": score.low if score else None,
                "accuracy_high": score.high if score else None,
            }
            for curve in self.curves
            for row, score in zip(curve.table(), self._scores(curve), strict=True)
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of relations and pairs, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.curves),
            "pairs": sum(curve.signals[-1].pairs for curve in self.curves),
            "left_out": ", ".join(self.left_out),
            "accuracy": bool(self.accuracies),
            "null": "order flipped within pairs, by groups without a common word",
            **({} if self.words is None else self.words.cells()),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the largest share of each relation, and name those left out.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table, and a line for each relation left out.
        """
        rows = []
        for curve in self.curves:
            share, best = curve.signals[-1], curve.at_peak
            # At the d beside it, and not the largest of all d.
            score = self._scores(curve)[curve.dims.index(int(curve.peak.value))]
            rows.append(
                (
                    family_label(curve.family),
                    with_interval(share.share, ".2f"),
                    f"{share.p_value:.2g}",
                    f"{best.share.value:.2f}",
                    f"{_EDGE[curve.at_edge]}{with_interval(curve.peak, '.0f')}",
                    "-" if score is None else f"{score.value:.0%}",
                )
            )
        head = ("family", "common share", "p", "peak", "at d", "right")
        return "\n".join(
            [
                fixed_width(head, rows, width=width),
                *(
                    textwrap.fill(
                        f"{label_and_name(name)}: too few pairs without a common word.", width
                    )
                    for name in self.left_out
                ),
            ]
        )

    def _scores(self, curve: SnrCurve) -> tuple[Interval | None, ...]:
        return self.accuracies.get(curve.family, (None,) * len(curve.dims))


def snr_curves(
    embeddings: Embeddings,
    relations: Relations,
    *,
    accuracy: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> SnrCurves:
    """Measure how much of each relation's differences is common, by the number of columns.

    Embeddings are turned onto their principal axes first, for "the first d columns" means
    something only there.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors of any origin.
    relations : Relations
        The families.
    accuracy : bool, default True
        Whether analogies are scored in each number of columns as well, which takes minutes with
        many words.
    seed : int, default 0
        Seed of flips and resamples.
    progress : Progress
        What is told how much is done.

    Returns
    -------
    SnrCurves

    Raises
    ------
    InputError
        No family has three groups of pairs without a common word.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> found = snr_curves(world.spectrum().embeddings(3), Relations(world.relations))
    >>> [(row["family"], row["d"], row["accuracy"]) for row in found.table()[:2]]
    [('attribute 1', 3, 1.0), ('attribute 2', 3, 1.0)]
    """
    turned = on_principal_axes(embeddings)
    covers = coverage(relations, turned)
    covered = covers.families
    curves, left_out = [], []
    for done, family in enumerate(covered):
        progress("signal", done, len(covered), "families")
        if len(family.components) < FEWEST_GROUPS:
            left_out.append(family.family)
            continue
        differences = difference_vectors(turned, family.pairs, name=family.family)
        curves.append(snr_curve(differences, seed=seed))
    progress("signal", len(covered), len(covered), "families")
    if not curves:
        raise InputError(
            f"no family has {FEWEST_GROUPS} groups of pairs without a common word; pass larger ones"
        )
    scores: dict[str, tuple[Interval | None, ...]] = {}
    if accuracy:
        asked = relations.select([curve.family for curve in curves])
        scores = accuracy_curves(turned, asked, curves[0].dims, progress=progress)
    settings: dict[str, Cell] = {
        "resamples": RESAMPLES,
        "flips_at_most": FLIPS,
        "level": curves[0].peak.level,
        "seed": seed,
    }
    return SnrCurves(tuple(curves), scores, tuple(left_out), settings, words=covers.words)

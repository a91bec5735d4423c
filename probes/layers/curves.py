"""Lay out which concepts are directions at which layers of a language model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from probes.drawing.labels import family_label
from probes.layers.curve import AtLayer, ConceptCurve
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.text_table import evenly_spread, fixed_width
from probes.shared.wording import counted, listed, with_interval
from repsearch.storage.tables import Cell

_MOST_LAYERS = 9
"""Columns of accuracies that fit on 80 places beside a name."""
_NAMED = 6


@dataclass(frozen=True)
class LayerCurves(Result):
    """At which layers of a language model concepts are directions.

    Parameters
    ----------
    concepts : tuple of ConceptCurve
        Those that could be asked.
    left_out : tuple of (str, str)
        Those that could not, each with the reason.
    estimator : str
        What makes the direction.
    settings : dict
        Model, permutations, controls, folds, level and seed.

    Examples
    --------
    >>> at = AtLayer(1, Interval(0.9, 0.7, 0.97), 0.01, 0.7, 0.5, Interval(0.4, 0.2, 0.5))
    >>> one = ConceptCurve("tense", "contrast", 20, 20, 20, 0.001, (AtLayer(0), at))
    >>> print(LayerCurves((one,), (), "mean-difference", {"model": "toy"}))
    concept   N  found  best  right        control  share     p
    -----------------------------------------------------------
    tense    20      1     1  90 [70, 97]       50  -      0.01
    <BLANKLINE>
    Right at each layer, in per cent (* a direction):
    concept   0    1
    ----------------
    tense    -   90*
    """

    name = "layers"
    figure = "probes.figures.relations.layer_curves:plot_layer_curves"
    columns: ClassVar[Mapping[str, str]] = {
        "found": "layers where it is a direction: p < 0.05 over all layers and concepts",
        "best": "the layer with the largest common share; what follows is of that layer",
        "right": "held-out pairs in the right order, in per cent with a 95 % interval; half by "
        "chance",
        "control": "the same of random pairs of the same frequencies; of contrast pairs, what the "
        "length of the texts alone reaches; of prompts without pairs, random labels by group",
        "share": "of a squared difference, what all pairs have in common, in per cent",
        "p": "of 'right' by shuffled labels, corrected for the layers and concepts looked at",
    }
    next_step: ClassVar[str] = (
        "'repsearch states MODEL --untrained 0' gives the same of weights drawn anew: what these "
        "find too is owed to the words themselves. --out FOLDER keeps every layer's intervals, "
        "controls and selectivity, and a picture."
    )

    concepts: tuple[ConceptCurve, ...]
    left_out: tuple[tuple[str, str], ...]
    estimator: str
    settings: dict[str, Cell]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The layers that were looked at."""
        return tuple(one.layer for one in self.concepts[0].layers) if self.concepts else ()

    def summary(self) -> str:
        """Say how many concepts are directions at some layer, and where they are clearest.

        Returns
        -------
        str
            One paragraph.
        """
        found = [one for one in self.concepts if one.found]
        text = (
            f"Of {counted(len(self.concepts), 'concept')}, {len(found)} "
            f"{'is a direction' if len(found) == 1 else 'are directions'} at one or more of "
            f"{counted(len(self.numbers), 'layer')} (p < {LEVEL:g}, corrected for all layers and "
            "concepts)."
        )
        at_input = sum(0 in one.found for one in found)
        if at_input:
            text += (
                f" At layer 0, before any word has seen another, {at_input} of them already: told "
                "by the words themselves."
            )
        best: Counter[int] = Counter(
            one.clearest.layer for one in found if one.clearest is not None
        )
        if best:
            said = [f"layer {layer} ({counted(best[layer], 'concept')})" for layer in sorted(best)]
            text += f" The common share is largest at {listed(said)}."
        doubtful = [
            one.concept
            for one in found
            if (at := one.clearest) and at.selectivity is not None and at.selectivity.low <= 0
        ]
        if doubtful:
            text += f" There not told from their control: {_some(doubtful)}."
        few = [one.concept for one in self.concepts if not is_finding(one.least_p)]
        if few:
            text += f" Too few groups, or draws, for any to be found: {_some(few)}."
        for name, reason in self.left_out[:_NAMED]:
            text += f" Left out: {family_label(name)} ({reason})."
        if len(self.left_out) > _NAMED:
            text += f" And {len(self.left_out) - _NAMED} more."
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each concept and layer.

        Returns
        -------
        list of dict
            Accuracy with its interval, p-value, null, control, selectivity and share with theirs.
        """
        return [_row(one, at) for one in self.concepts for at in one.layers]

    def rests_on(self) -> dict[str, Cell]:
        """Give the model, numbers of concepts and pairs, the nulls and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "concepts": len(self.concepts),
            "pairs": sum(one.used for one in self.concepts),
            "layers": len(self.numbers),
            "left_out": ", ".join(name for name, _ in self.left_out),
            "estimator": self.estimator,
            "null": "labels shuffled by group, the largest over layers, times the concepts",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out one line a concept, then accuracies and shares layer by layer.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Two or three tables.
        """
        head = ("concept", "N", "found", "best", "right", "control", "share", "p")
        rows = [_line(one) for one in self.concepts]
        blocks = [fixed_width(head, rows, left=(0, 4, 6), width=width)]
        shown = evenly_spread(self.numbers, _MOST_LAYERS)
        some = "" if len(shown) == len(self.numbers) else ", of some layers"
        said: list[tuple[str, Callable[[AtLayer], str]]] = [
            (f"Right at each layer, in per cent (* a direction){some}:", _accuracy_cell)
        ]
        if any(at.share is not None for one in self.concepts for at in one.layers):
            said.append((f"Common share at each layer, in per cent{some}:", _share_cell))
        for title, cell in said:
            rows = [
                (
                    family_label(one.concept),
                    *(cell(at) for at in one.layers if at.layer in shown),
                )
                for one in self.concepts
            ]
            table = fixed_width(("concept", *map(str, shown)), rows, width=width)
            blocks.append(f"{title}\n{table}")
        return "\n\n".join(blocks)


def _row(one: ConceptCurve, at: AtLayer) -> dict[str, Cell]:
    return {
        "concept": one.concept,
        "kind": one.kind,
        "asked": one.asked,
        "used": one.used,
        "groups": one.groups,
        "layer": at.layer,
        **interval_cells("accuracy", at.accuracy, missing="equal states"),
        "p_value": at.p_value,
        "found": at.found,
        "shuffled_95": at.null_95,
        "control": at.control,
        **_ends("selectivity", at.selectivity),
        **_ends("share", at.share),
        "unordered": at.unordered,
    }


def _ends(name: str, found: Interval | None) -> dict[str, Cell]:
    return {
        name: None if found is None else found.value,
        f"{name}_low": None if found is None else found.low,
        f"{name}_high": None if found is None else found.high,
    }


def _line(one: ConceptCurve) -> tuple[str, ...]:
    at = one.clearest
    if at is None or at.accuracy is None:
        return (family_label(one.concept), str(one.used), "-", "-", "-", "-", "-", "-")
    return (
        family_label(one.concept),
        str(one.used),
        _ranges(one.found, of=len(one.layers)),
        str(at.layer),
        with_interval(at.accuracy, ".0f", scale=100),
        "-" if at.control is None else f"{100 * at.control:.0f}",
        "-" if at.share is None else with_interval(at.share, ".0f", scale=100),
        "-" if at.p_value is None else f"{at.p_value:.2g}",
    )


def _accuracy_cell(at: AtLayer) -> str:
    if at.accuracy is None:
        return "- "
    return f"{100 * at.accuracy.value:.0f}{'*' if at.found else ' '}"


def _share_cell(at: AtLayer) -> str:
    return "- " if at.share is None else f"{100 * at.share.value:.0f} "


def _ranges(found: Sequence[int], *, of: int) -> str:
    """Layers that follow one another as first-last; their number where that is long."""
    if not found:
        return "none"
    runs = [[found[0]]]
    for before, layer in pairwise(found):
        if layer == before + 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ",".join(said) if len(said) < 3 else f"{len(found)} of {of}"


def _some(names: Sequence[str]) -> str:
    said = [family_label(name) for name in names[:_NAMED]]
    more = len(names) - _NAMED
    return listed([*said, f"{more} more"] if more > 0 else said)

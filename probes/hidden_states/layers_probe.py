"""Ask several layers of hidden states the same, and lay them out over layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.hidden_states.labels_result import LabelsProbe
from probes.hidden_states.probe import StateProbe
from probes.hidden_states.target_probe import TargetProbe
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.several_tests import holm, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

OneLayer = StateProbe | LabelsProbe | TargetProbe


@dataclass(frozen=True, eq=False)
class LayersProbe(Result):
    """What each of several layers has of the same labels or targets.

    Parameters
    ----------
    layers : tuple of float
        Numbers of the layers.
    probes : tuple of StateProbe, LabelsProbe or TargetProbe
        What was found at each.

    Examples
    --------
    >>> from probes.hidden_states import probe_hidden_states
    >>> labels = np.arange(40) % 2
    >>> noise = np.random.default_rng(0).normal(size=(2, 40, 4))
    >>> states = noise + 6 * np.array([0, 1])[:, None, None] * labels[:, None]
    >>> def ask(layer):
    ...     return probe_hidden_states(layer, labels, permutations=40, controls=0)
    >>> found = probe_layers(states, ask)
    >>> [bool(p < 0.05) for p in found.adjusted]
    [False, True]
    """

    name = "states-by-layer"
    figure = "probes.figures.relations.states:plot_layers_probe"
    columns: ClassVar[Mapping[str, str]] = {
        "adjusted": "p adjusted for the number of layers (Holm)",
        "shuffled": "the same of shuffled labels or targets, mean and 95 % point",
        "seen": "on rows of groups that were seen; random: of labels passed between groups",
    }
    next_step: ClassVar[str] = (
        "Choose a layer on other groups than those you report it on; --out FOLDER keeps table "
        "and figure."
    )

    layers: tuple[float, ...]
    probes: tuple[OneLayer, ...] = field(repr=False)

    @property
    def measure(self) -> str:
        """What is measured: balanced accuracy, or R²."""
        return "R²" if isinstance(self.probes[0], TargetProbe) else "balanced accuracy"

    @property
    def chance(self) -> float:
        """What chance gives: one over the number of labels, or 0."""
        first = self.probes[0]
        if isinstance(first, TargetProbe):
            return 0.0
        return 1 / len(first.labels) if isinstance(first, LabelsProbe) else 0.5

    @property
    def values(self) -> tuple[Interval, ...]:
        """The measure on groups held out, of each layer."""
        return tuple(_value(one) for one in self.probes)

    @property
    def nulls(self) -> tuple[NDArray[np.float64], ...]:
        """The measure of shuffled labels or targets, of each layer."""
        return tuple(np.asarray(one.null, dtype=np.float64) for one in self.probes)

    @property
    def p_values(self) -> tuple[float, ...]:
        """The p-value of each layer."""
        return tuple(one.p_value if isinstance(one, StateProbe) else one.p for one in self.probes)

    @property
    def adjusted(self) -> tuple[float, ...]:
        """The p-values adjusted for the number of layers (Holm)."""
        return tuple(holm(self.p_values))

    @property
    def grouped(self) -> bool:
        """Whether groups hold several rows, so that rows held out are another question."""
        first = self.probes[0]
        return first.design.grouped if isinstance(first, StateProbe) else first.held.grouped

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each layer.

        Returns
        -------
        list of dict
            The measure with its interval, the null's mean and 95 % point, p-values, the measure on
            rows held out, of control tasks, and selectivity.
        """
        rows: list[dict[str, Cell]] = []
        for place, one in enumerate(self.probes):
            null = self.nulls[place]
            chosen = one.selectivity
            rows.append(
                {
                    "layer": _number(self.layers[place]),
                    **interval_cells(self.measure, self.values[place], missing=""),
                    "shuffled": float(null.mean()),
                    "shuffled 95 %": float(np.quantile(null, 0.95)),
                    "p": self.p_values[place],
                    "p adjusted": self.adjusted[place],
                    "rows held out": one.seen.value,
                    "random by group": float(np.mean(one.control)) if one.control else None,
                    "selectivity": None if chosen is None else chosen.value,
                    "selectivity low": None if chosen is None else chosen.low,
                    "selectivity high": None if chosen is None else chosen.high,
                }
            )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of layers, and what the first of them rests on."""
        return {"layers": len(self.layers), "measure": self.measure, **self.probes[0].rests_on()}

    def summary(self) -> str:
        """Say in which layers it can be read, and that the best of many is the best of many."""
        carried = [
            layer for layer, p in zip(self.layers, self.adjusted, strict=True) if is_finding(p)
        ]
        best = int(np.argmax([one.value for one in self.values]))
        what = "Labels" if not isinstance(self.probes[0], TargetProbe) else "The number"
        if len(carried) == len(self.layers):
            where = "in every one"
        elif carried:
            shown = ", ".join(str(_number(layer)) for layer in carried)
            where = f"in {counted(len(carried), 'layer')} ({shown})"
        else:
            where = "in none"
        form = ".2f" if self.measure == "R²" else ".0%"
        lines = [
            f"Of {counted(len(self.layers), 'layer')}, {what.lower()} can be read on groups held "
            f"out {where} (p below 0.05 after Holm's adjustment). The largest {self.measure} is "
            f"{with_interval(self.values[best], form)} at layer {_number(self.layers[best])} "
            f"(chance {format(self.chance, form)}); as the best of {len(self.layers)} it is "
            "larger than it would be on new groups."
        ]
        last = self.values[-1]
        if best != len(self.layers) - 1 and last.low <= self.values[best].value:
            inside = [
                str(_number(layer))
                for layer, one in zip(self.layers, self.values, strict=True)
                if one.high >= self.values[best].value
            ]
            if len(inside) > 1:
                lines.append(f"Layers {', '.join(inside)} have it within their intervals.")
        least = max(one.least_p for one in self.probes) * len(self.layers)
        if not is_finding(least):
            lines.append(
                f"With so few groups or shuffles no adjusted p is below {min(1.0, least):.2g}; "
                "ask for more shuffles (permutations=), or fewer layers."
            )
        return " ".join(lines)

    def text(self, width: int = WIDTH) -> str:
        """Lay out the layers, one a line.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            The measure, its null, p-values, and what is owed to groups.
        """
        rows = []
        for place, one in enumerate(self.probes):
            null = self.nulls[place]
            row = [
                f"{_number(self.layers[place])}",
                with_interval(self.values[place], ".2f"),
                f"{null.mean():.2f} {np.quantile(null, 0.95):.2f}",
                f"{self.p_values[place]:.2g}",
                f"{self.adjusted[place]:.2g}",
            ]
            if self.grouped:
                row += [
                    f"{one.seen.value:.2f}",
                    f"{np.mean(one.control):.2f}" if one.control else "-",
                ]
            rows.append(row)
        head = ["layer", self.measure, "shuffled", "p", "adjusted"]
        return fixed_width(head + ["seen", "random"] * self.grouped, rows, width=width)


def probe_layers(
    states: NDArray[Any] | Sequence[ArrayLike],
    ask: Callable[[NDArray[Any]], OneLayer],
    *,
    layers: Sequence[float] | None = None,
) -> LayersProbe:
    """Ask each layer the same.

    Nothing is chosen between layers: each is asked for itself, with the same folds and shuffles
    where it has no equal rows that join groups, and p-values are adjusted for their number.

    Parameters
    ----------
    states : (L, n, d) ndarray, or sequence of L arrays (n, d_l)
        States of L layers, rows in the same order.
    ask : callable
        Takes the states of one layer, and gives what a probe of this room found in them:
        `probe_hidden_states`, `probe_many_labels` or `probe_targets` with the labels or targets.
    layers : sequence of float, optional
        Numbers of the layers; from 0 by default.

    Returns
    -------
    LayersProbe

    Raises
    ------
    InputError
        No layer, not as many numbers as layers, or what the probe raises, with the layer's number.

    Examples
    --------
    >>> from probes.hidden_states import probe_targets
    >>> rng = np.random.default_rng(0)
    >>> targets, noise = rng.normal(size=50), rng.normal(size=(3, 50, 4))
    >>> states = noise + np.array([0, 1, 3])[:, None, None] * targets[:, None]
    >>> found = probe_layers(
    ...     states, lambda layer: probe_targets(layer, targets, permutations=99, controls=0)
    ... )
    >>> print(found.text(60).splitlines()[0])
    layer                 R²    shuffled     p  adjusted
    """
    given = [np.asarray(one) for one in states]
    if not given:
        raise InputError("there is no layer; pass the states of one or more")
    numbers = tuple(float(one) for one in (range(len(given)) if layers is None else layers))
    if len(numbers) != len(given):
        raise InputError(
            f"there are {len(numbers)} numbers of layers and states of {len(given)}; pass one for "
            "each"
        )
    found = []
    for number, one in zip(numbers, given, strict=True):
        try:
            found.append(ask(one))
        except InputError as error:
            raise InputError(f"layer {_number(number)}: {error}") from error
    return LayersProbe(numbers, tuple(found))


def _value(one: OneLayer) -> Interval:
    if isinstance(one, StateProbe):
        return one.accuracy
    return one.balanced if isinstance(one, LabelsProbe) else one.r2


def _number(layer: float) -> int | float:
    return int(layer) if layer == int(layer) else layer

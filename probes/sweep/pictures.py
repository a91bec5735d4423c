"""Draw a figure for each axis of a sweep: a panel a measure, a line for points else equal."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from probes.drawing.labels import in_two_lines, set_label, shortened
from probes.drawing.save import Format, save_figure
from probes.drawing.style import FAINT, MARKERS, MUTED, PALETTE, WIDTH, key_above, literal, styled
from probes.reproduce.stages import Stages, key_of
from probes.sweep.axes import Line, axes_of, chief_measures, lines_of
from probes.sweep.measures import Row
from repsearch.storage.atomic import sha256
from repsearch.storage.tables import write_json

FIGURES, _DRAWN = "figures", "drawn.json"
_FORMATS: tuple[Format, ...] = ("png", "pdf")
_MOST_PANELS, _MOST_SERIES, _MOST_WHISKERS = 6, len(PALETTE) - 1, 8
_WIDE = 4.0
"""Ratio of the largest to the least value from which an axis is logarithmic."""
_APART = 0.07
"""Least distance of two ticks with numbers, as a share of the axis."""
_LONGEST = 26
_STEP = 0.09
_ASIDE = 0.008
"""Distance of two lines that have bars: over names in rows, over numbers as a share of the axis."""


def draw_axis(rows: Sequence[Row], axis: str) -> Figure | None:
    """Draw the chief measures along an axis.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.
    axis : str
        From `probes.sweep.axes.axes_of`.

    Returns
    -------
    Figure or None
        None where no measure has a number at two values of the axis.
    """
    panels = {
        (measure, of): lines
        for measure, of in chief_measures(rows)
        if (lines := lines_of(rows, axis, measure, of))
    }
    if not panels:
        return None
    shown = list(panels.items())[:_MOST_PANELS]
    every = [line for _, lines in shown for line in lines]
    series = list(dict.fromkeys(line.series for line in every))
    values = list(dict.fromkeys(value for line in every for value in line.values))
    numeric = all(_is_number(value) for value in values)
    if numeric:
        values.sort()
    across = min(len(shown), 2)
    down = math.ceil(len(shown) / across)
    with styled():
        most = max(len(lines) for _, lines in shown)
        tall = 2.2 if numeric else _height(len(values), min(most, _MOST_WHISKERS))
        figure = Figure(figsize=(WIDTH, tall * down + 0.5), layout="constrained")
        grid = figure.subplots(down, across, squeeze=False, sharey=not numeric)
        whiskers = False
        for ax, ((measure, of), lines) in zip(grid.flat, shown, strict=False):
            whiskers |= _panel(ax, lines, series, values, numeric=numeric)
            literal(ax.set_title(f"{measure}, {set_label(of)}", loc="left"))
            if numeric:
                ax.set_xlabel(axis.replace("_", " "))
        for ax in list(grid.flat)[len(shown) :]:
            ax.set_visible(False)
        if 1 < len(series) <= _MOST_SERIES:
            key_above(figure, [_mark(name, k) for k, name in enumerate(series)])
        if whiskers:
            figure.supxlabel("bars: 95 % intervals", fontsize=8, color=MUTED)
    return figure


def save_pictures(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw and write a figure for each axis, unless all are there; those of others are removed.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.
    folder : Path
        That of the sweep.

    Returns
    -------
    list of Path
        The pictures.

    Raises
    ------
    InputError
        A file cannot be written.
    """
    stages = Stages(folder)
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    key = key_of(FIGURES, {"rows": digest}, {}, drawn=True)
    record = stages.folder / FIGURES / _DRAWN
    if stages.stands(FIGURES, key):
        drawn = {
            folder / FIGURES / name: one for name, one in json.loads(record.read_bytes()).items()
        }
        if all(path.exists() and sha256(path) == one for path, one in drawn.items()):
            return list(drawn)
        stages.forget(FIGURES)
    with stages.stage(FIGURES, key) as (place, _):
        written = _drawn(rows, folder / FIGURES)
        write_json({path.name: sha256(path) for path in written}, place / _DRAWN)
    return written


def _drawn(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw all axes, and remove what is of others."""
    written: list[Path] = []
    for axis in axes_of(rows):
        figure = draw_axis(rows, axis)
        if figure is not None:
            written += save_figure(figure, folder, f"axis-{axis.replace('_', '-')}", _FORMATS)
    for old in folder.glob("axis-*"):
        if old not in written:
            old.unlink()
    return written


def _panel(
    ax: Axes,
    lines: Sequence[Line],
    series: Sequence[str],
    values: Sequence[object],
    *,
    numeric: bool,
) -> bool:
    """Draw one measure: upwards over numbers, across over names; tell whether with intervals."""
    numbers = [float(str(value)) for value in values] if numeric else []
    log = _is_wide(numbers)
    at = np.log(numbers) if log else np.array(numbers or range(len(values)), dtype=float)
    places = dict(zip(values, at, strict=True))
    whiskers = len(lines) <= _MOST_WHISKERS and any(
        row and row["low"] is not None for line in lines for row in line.rows
    )
    # Beside one another, so that bars do not cover each other.
    step = 0.0
    if whiskers:
        step = _ASIDE * float(at[-1] - at[0]) if numeric else _STEP
    spread = step * (np.arange(len(lines)) - (len(lines) - 1) / 2)
    for line, aside in zip(lines, spread, strict=True):
        number = series.index(line.series) if len(series) <= _MOST_SERIES else 0
        order = np.argsort([places[value] for value in line.values], kind="stable")
        rows = [line.rows[k] for k in order]
        along = np.array([places[line.values[k]] for k in order]) + aside
        along = np.exp(along) if log else along
        found = np.array([math.nan if row is None else row["value"] for row in rows])
        pair = (along, found) if numeric else (found, along)
        look: dict[str, Any] = {"color": PALETTE[number], "markersize": 3.6, "linewidth": 1.1}
        ax.plot(
            *pair, "-" if numeric else ":", marker=MARKERS[number], markeredgewidth=0,
            alpha=1.0 if len(lines) <= _MOST_WHISKERS else 0.55, **look,
        )  # fmt: skip
        for place, row in zip(along, rows, strict=True):
            if whiskers and row is not None and row["low"] is not None:
                ends = ([place, place], [row["low"], row["high"]])
                ax.plot(*(ends if numeric else ends[::-1]), color=PALETTE[number], linewidth=0.9)
    ax.grid(visible=True, axis="y" if numeric else "x", color=FAINT)
    if numeric:
        _number_ticks(ax, numbers)
    else:
        ax.set_ylim(len(values) - 0.5, -0.5)
        ax.set_yticks(range(len(values)), [in_two_lines(str(one), _LONGEST) for one in values])
        for label in ax.get_yticklabels():
            literal(label)
    return whiskers


def _number_ticks(ax: Axes, numbers: Sequence[float]) -> None:
    """Numbers at the values themselves, where they do not crowd."""
    at = np.array(numbers)
    if _is_wide(numbers):
        ax.set_xscale("log")
        at = np.log(numbers)
    width = float(at[-1] - at[0]) or 1.0
    named: list[float] = []
    last = -math.inf
    for place, number in zip(at, numbers, strict=True):
        if (place - last) / width >= _APART:
            named.append(number)
            last = float(place)
    ax.xaxis.set_major_locator(FixedLocator(named))
    ax.xaxis.set_major_formatter(FixedFormatter([f"{number:g}" for number in named]))
    ax.xaxis.set_minor_locator(NullLocator())


def _is_wide(numbers: Sequence[float]) -> bool:
    """Whether an axis is logarithmic."""
    return bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) >= _WIDE


def _height(names: int, lines: int) -> float:
    """Inches that leave each dot its room."""
    return max(1.4, 0.7 + names * max(0.3, 0.09 * lines + 0.1))


def _mark(name: str, number: int) -> Line2D:
    return Line2D([], [], color=PALETTE[number], marker=MARKERS[number], markersize=4.5,
                  markeredgewidth=0, linewidth=1.1, label=shortened(name, 48))  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

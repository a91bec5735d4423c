"""Draw a figure for each axis of a sweep: a panel a measure, a line for points else equal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from probes.drawing.labels import set_label, shortened
from probes.drawing.save import Format, save_figure
from probes.drawing.style import FAINT, MARKERS, PALETTE, WIDTH, key_above, literal, styled
from probes.sweep.axes import Line, axes_of, chief_measures, lines_of
from probes.sweep.measures import Row

FIGURES = "figures"
_FORMATS: tuple[Format, ...] = ("png", "pdf")
_MOST_PANELS, _MOST_SERIES, _MOST_WHISKERS = 6, len(PALETTE) - 1, 8
_WIDE = 4.0
"""Ratio of the largest to the least value from which an axis is logarithmic."""
_APART = 0.07
"""Least distance of two ticks with numbers, as a share of the axis."""
_LONGEST = 22


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
    series = list(dict.fromkeys(line.series for _, lines in shown for line in lines))
    numbers = {
        value for _, lines in shown for line in lines for value in line.values
    }  # fmt: skip
    across = min(len(shown), 2)
    down = math.ceil(len(shown) / across)
    with styled():
        flat = not all(_is_number(one) for one in numbers)
        height = (2.2 if not flat else 2.6) * down + 0.4
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        grid = figure.subplots(down, across, squeeze=False)
        for ax, ((measure, of), lines) in zip(grid.flat, shown, strict=False):
            _panel(ax, axis, measure, of, lines, series)
        for ax in list(grid.flat)[len(shown) :]:
            ax.set_visible(False)
        if 1 < len(series) <= _MOST_SERIES:
            key_above(figure, [_mark(name, k) for k, name in enumerate(series)])
    return figure


def save_pictures(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw and write a figure for each axis; those of an earlier grid are removed.

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
    written: list[Path] = []
    for axis in axes_of(rows):
        figure = draw_axis(rows, axis)
        if figure is not None:
            name = f"axis-{axis.replace('_', '-')}"
            written += save_figure(figure, folder / FIGURES, name, _FORMATS)
    for old in (folder / FIGURES).glob("axis-*"):
        if old not in written:
            old.unlink()
    return written


def _panel(
    ax: Axes, axis: str, measure: str, of: str, lines: Sequence[Line], series: Sequence[str]
) -> None:
    """One measure: a line for points that are equal in all but the axis."""
    values = list(dict.fromkeys(value for line in lines for value in line.values))
    numeric = all(_is_number(value) for value in values)
    if numeric:
        values.sort()
    places = {value: float(value) if numeric else float(k) for k, value in enumerate(values)}
    intervals = any(row and row["low"] is not None for line in lines for row in line.rows)
    whiskers = intervals and len(lines) <= _MOST_WHISKERS
    spread = _spread(len(lines), places) if whiskers and not numeric else [0.0] * len(lines)
    for line, aside in zip(lines, spread, strict=True):
        number = series.index(line.series)
        many = len(series) > _MOST_SERIES
        order = np.argsort([places[value] for value in line.values], kind="stable")
        x = np.array([places[line.values[k]] for k in order]) + aside
        rows = [line.rows[k] for k in order]
        y = np.array([math.nan if row is None else row["value"] for row in rows])
        colour = PALETTE[0] if many else PALETTE[number]
        marker = "o" if many else MARKERS[number]
        alpha = 1.0 if len(lines) <= _MOST_WHISKERS else 0.55
        joined = "-" if numeric else ":"
        ax.plot(x, y, joined, marker=marker, color=colour, markersize=3.6, linewidth=1.1,
                markeredgewidth=0, alpha=alpha)  # fmt: skip
        if whiskers:
            for place, row in zip(x, rows, strict=True):
                if row is not None and row["low"] is not None:
                    ax.plot([place, place], [row["low"], row["high"]], color=colour, linewidth=0.9)
    _ticks(ax, values, numeric=numeric)
    ax.grid(visible=True, axis="y", color=FAINT)
    ax.set_xlabel("" if axis == "embeddings" else axis.replace("_", " "))
    title = f"{measure}, {set_label(of)}" + (" (95 % intervals)" if whiskers else "")
    literal(ax.set_title(title, loc="left"))


def _ticks(ax: Axes, values: Sequence[object], *, numeric: bool) -> None:
    """Numbers at the values themselves, where they do not crowd; names slanted."""
    if not numeric:
        names = [shortened(str(value), _LONGEST) for value in values]
        slanted = sum(map(len, names)) > 28
        ax.set_xticks(
            range(len(values)), names,
            rotation=25 if slanted else 0, ha="right" if slanted else "center",
        )  # fmt: skip
        ax.set_xlim(-0.5, len(values) - 0.5)
        for label in ax.get_xticklabels():
            literal(label)
        return
    numbers = [float(str(value)) for value in values]
    if min(numbers) > 0 and max(numbers) / min(numbers) >= _WIDE:
        ax.set_xscale("log")
        at = np.log(numbers)
    else:
        at = np.array(numbers)
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


def _spread(number: int, places: dict[object, float]) -> list[float]:
    """Beside one another, so that whiskers of names do not cover each other."""
    width = 0.3 if len(places) > 1 else 0.0
    return [float(x) for x in np.linspace(-width, width, number)] if number > 1 else [0.0]


def _mark(name: str, number: int) -> Line2D:
    return Line2D([], [], color=PALETTE[number], marker=MARKERS[number], markersize=4.5,
                  markeredgewidth=0, linewidth=1.1, label=shortened(name, 48))  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

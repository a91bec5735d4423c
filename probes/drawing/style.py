"""Set the style of all figures: colour-blind safe, readable at the width of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from probes.drawing.labels import shortened

INK = "#1f2328"
MUTED = "#656d76"
FAINT = "#d8dde3"

# Okabe and Ito 2008, "Color universal design"; in the order in which they are
# easiest to tell apart, yellow last because it is weak on white.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#000000",
    "#F0E442",
)
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p")
WIDTH = 6.6
"""Inches; at this width the text has the size of a page's small print."""
_LETTERS_PER_INCH = 13
_LONGEST_NAME = 40

# For scripts that DejaVu Sans, which comes with Matplotlib, does not cover.
_FALLBACKS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Ethiopic",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Hiragino Sans",
    "Arial Unicode MS",
    "Microsoft YaHei",
)
# Any, for the type of the names is Matplotlib's own affair.
_STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.width": 0.5,
    "ytick.minor.width": 0.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "pdf.fonttype": 42,
    "svg.hashsalt": "repsearch",  # names within the file, which are drawn at random without it
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style, whatever the user's own settings, which come back after.

    Yields
    ------
    None
        While the style holds.

    Examples
    --------
    >>> with styled():
    ...     mpl.rcParams["font.size"]
    9.0
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        mpl.rcParams["font.family"] = ["DejaVu Sans", *_installed_fallbacks()]
        yield


def axes_or_new(ax: Axes | None, *, height: float, width: float = WIDTH) -> Axes:
    """Give `ax`, or the axes of a new figure that is known to no global state.

    Parameters
    ----------
    ax : Axes or None
        What the user passed.
    height, width : float
        Size of the new figure in inches.

    Returns
    -------
    Axes
        Where to draw.

    Examples
    --------
    >>> float(axes_or_new(None, height=2).get_figure().get_figheight())
    2.0
    """
    if ax is not None:
        return ax
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def legend_above(ax: Axes, *, columns: int = 3) -> None:
    """Put a legend above the axes, in as many columns as fit, with labels taken as they are.

    Parameters
    ----------
    ax : Axes
        Those with labelled artists; without any, there is no legend.
    columns : int, default 3
        Columns at most.
    """
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    labels = [shortened(label, _LONGEST_NAME) if "\n" not in label else label for label in labels]
    figure = ax.get_figure(root=True)
    room = (figure.get_figwidth() if figure else WIDTH) * _LETTERS_PER_INCH
    while columns > 1 and _letters(labels, columns) > room:
        columns -= 1
    legend = ax.legend(
        handles,
        labels,
        # Flush right, so that it may reach over the labels of the rows.
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.3,
        borderpad=0.0,
        handletextpad=0.5,
        columnspacing=1.6,
        ncols=min(columns, len(handles)),
    )
    for text in legend.get_texts():
        literal(text)


def key_above(figure: Figure, handles: Sequence[Any]) -> None:
    """Put one key for all panels above them, in as many rows as it takes.

    Parameters
    ----------
    figure : Figure
        With constrained layout.
    handles : sequence of matplotlib.artist.Artist
        Each with its label; without any, there is no key.
    """
    if not handles:
        return
    labels = [str(handle.get_label()) for handle in handles]
    columns = len(handles)
    room = figure.get_figwidth() * _LETTERS_PER_INCH
    # The gaps between columns are as wide as two letters more.
    while columns > 1 and _letters(labels, columns) + 2 * columns > room:
        columns -= 1
    legend = figure.legend(
        handles=list(handles),
        loc="outside upper right",
        ncols=columns,
        handletextpad=0.5,
        columnspacing=1.6,
    )
    for text in legend.get_texts():
        literal(text)


def _letters(labels: list[str], columns: int) -> int:
    """About how many letters wide a legend is; its columns are filled one after another."""
    rows = -(-len(labels) // columns)
    return sum(
        max(len(label) for label in labels[first : first + rows]) + 6
        for first in range(0, len(labels), rows)
    )


def log_axis_below(ax: Axes) -> None:
    """Make the horizontal axis logarithmic, with numbers as they are, which do not crowd.

    Powers of ten as they are need no font for formulas, and 2 × 10⁻² no room.

    Parameters
    ----------
    ax : Axes
        Those that are drawn on.
    """
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def literal(text: Text) -> None:
    """Take a text as it is, for a word may hold dollar signs.

    Parameters
    ----------
    text : matplotlib.text.Text
        The text.
    """
    text.set_parse_math(False)


@cache
def _installed_fallbacks() -> tuple[str, ...]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in _FALLBACKS if name in installed)

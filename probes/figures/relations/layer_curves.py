"""Draw at which layers concepts are directions: one panel a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from probes.drawing.refusals import NothingToDrawError
from probes.drawing.style import MUTED, PALETTE, key_above, styled
from probes.figures.relations.family_panels import (
    family_panels,
    name_panel,
    not_drawn,
    refuse_axes,
    with_most_pairs,
)
from probes.layers.curve import ConceptCurve
from probes.layers.curves import LayerCurves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST = 24
_COLUMNS = 3


def plot_layer_curves(found: LayerCurves, *, ax: Axes | None = None) -> Axes:
    """Draw held-out accuracy and common share of each concept over the layers.

    Parameters
    ----------
    found : LayerCurves
        What `probes.layers.layer_curves` gave.
    ax : Axes, optional
        None: the picture has a panel for each concept.

    Returns
    -------
    Axes
        The first panel.

    Raises
    ------
    NothingToDrawError
        No concept could be asked at any layer.
    PanelsError
        Axes were given.

    Examples
    --------
    >>> from probes.layers import AtLayer, ConceptCurve
    >>> from probes import Interval
    >>> at = (AtLayer(0, Interval(0.5, 0.3, 0.7)), AtLayer(1, Interval(0.9, 0.7, 1.0), 0.01))
    >>> one = ConceptCurve("tense", "contrast", 20, 20, 20, 0.001, at)
    >>> plot_layer_curves(LayerCurves((one,), (), "mean-difference", {})).get_title(loc="left")
    'tense (20)'
    """
    refuse_axes(ax)
    able = [one for one in found.concepts if one.clearest is not None]
    if not able:
        raise NothingToDrawError("no concept could be asked at any layer")
    drawn, more = with_most_pairs(able, [one.used for one in able], _MOST)
    with styled():
        figure, axes = family_panels(len(drawn), _COLUMNS)
        for panel, one in zip(axes, drawn, strict=True):
            draw_concept(panel, one)
            name_panel(panel, one.concept, one.used)
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes[0].set_ylim(-0.03, 1.06)
        axes[0].set_yticks([0.0, 0.5, 1.0])
        first, last = found.numbers[0], found.numbers[-1]
        axes[0].set_xlim(first - 0.4, last + 0.4)
        figure.supxlabel(f"layer (0: the input embeddings){not_drawn(more)}", fontsize=9.0)
        figure.supylabel("right, common share", fontsize=9.0)
        key_above(figure, key_of(drawn))
    return axes[0]


def draw_concept(ax: Axes, one: ConceptCurve) -> None:
    """Draw accuracy, control and share of one concept over what its layers are numbered by.

    Parameters
    ----------
    ax : Axes
        Its panel.
    one : ConceptCurve
        Over layers, or over training steps.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from probes import Interval
    >>> from probes.layers import AtLayer
    >>> ax = Figure().subplots()
    >>> at = (AtLayer(0, Interval(0.5, 0.3, 0.7)), AtLayer(1, Interval(0.9, 0.7, 1.0), 0.01))
    >>> draw_concept(ax, ConceptCurve("tense", "contrast", 20, 20, 20, 0.001, at))
    >>> len(ax.lines)
    4
    """
    asked = [at for at in one.layers if at.accuracy is not None]
    layers = [at.layer for at in asked]
    ends = np.array([[a.value, a.low, a.high] for at in asked if (a := at.accuracy) is not None]).T
    ax.axhline(0.5, color=MUTED, linewidth=0.8, linestyle=":")
    ax.fill_between(layers, ends[1], ends[2], color=PALETTE[0], alpha=0.18, linewidth=0)
    ax.plot(layers, ends[0], color=PALETTE[0], linewidth=1.3)
    for marked, face in ((True, PALETTE[0]), (False, "white")):
        here = [k for k, at in enumerate(asked) if at.found is marked]
        if not here:  # marks that are not clipped need a place for the layout
            continue
        ax.plot(
            [layers[k] for k in here],
            ends[0][here],
            "o",
            color=PALETTE[0],
            markerfacecolor=face,
            markersize=3.6,
            clip_on=False,
        )
    controls = [(at.layer, at.control) for at in asked if at.control is not None]
    if controls:
        ax.plot(*zip(*controls, strict=True), color=MUTED, linestyle="--", linewidth=1.1)
    shares = [(at.layer, at.share) for at in asked if at.share is not None]
    if shares:
        there = [layer for layer, _ in shares]
        low, value, high = np.array([[s.low, s.value, s.high] for _, s in shares]).T
        ax.fill_between(there, low, high, color=PALETTE[1], alpha=0.18, linewidth=0)
        ax.plot(there, value, color=PALETTE[1], linewidth=1.1)


def key_of(drawn: list[ConceptCurve]) -> list[Line2D | Patch]:
    """Make the key of what `draw_concept` draws.

    Parameters
    ----------
    drawn : list of ConceptCurve
        What the panels show.

    Returns
    -------
    list of Line2D or Patch
        With labels; what no panel has is left out.

    Examples
    --------
    >>> [one.get_label() for one in key_of([])]
    ['95 % interval']
    """
    first = PALETTE[0]
    rows = [at for one in drawn for at in one.layers if at.accuracy is not None]
    key: list[Line2D | Patch] = [
        Line2D(
            [],
            [],
            color=first,
            marker="o",
            markerfacecolor=face,
            markersize=3.6,
            label=label,
        )
        for found, face, label in (
            (True, first, "right: a direction"),
            (False, "white", "right: could be chance"),
        )
        if any(at.found is found for at in rows)
    ]
    key.append(Patch(color=MUTED, alpha=0.25, label="95 % interval"))
    if any(at.control is not None for at in rows):
        key.append(Line2D([], [], color=MUTED, linestyle="--", label="control"))
    if any(at.share is not None for at in rows):
        key.append(Line2D([], [], color=PALETTE[1], label="common share"))
    return key

"""Concept directions in pictures: the modes they lie on, and the angles between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from probes.concepts.angles import ConceptAngles
from probes.concepts.localisation import Localisation
from probes.drawing.labels import family_label, in_two_lines, listed_words
from probes.drawing.style import (
    FAINT,
    INK,
    MUTED,
    PALETTE,
    axes_or_new,
    literal,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_WIDTH = 26


def plot_localisation(found: Localisation, *, modes: int = 12, ax: Axes | None = None) -> Axes:
    """Shares of the squared mean on its leading modes as bars, with the words of the modes.

    Parameters
    ----------
    found : Localisation
        Of `probes.concepts.localise`; modes without topics have a number alone.
    modes : int, default 12
        Bars.
    ax : Axes, optional
        Where to draw; a new figure by default.
    """
    leading = found.leading(modes)
    words = {
        (topic.mode, topic.end): listed_words(topic.words, 30)
        for topic in (found.topics.topics if found.topics else ())
    }
    labels = [
        f"{mode}   {words[mode, '+']}  |  {words[mode, '-']}" if (mode, "+") in words else str(mode)
        for mode in leading
    ]
    with styled():
        ax = axes_or_new(ax, height=0.9 + 0.24 * len(leading))
        shares = [found.shares[mode - 1] for mode in leading]
        places = np.arange(len(leading))
        values = np.array([share.value for share in shares])
        ends = np.array([[share.low, share.high] for share in shares]).T
        ax.barh(places, values, height=0.66, color=PALETTE[0])
        ax.errorbar(
            values,
            places,
            xerr=np.abs(ends - values),
            fmt="none",
            ecolor=INK,
            elinewidth=0.9,
        )
        ax.axvline(found.evenly, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
        ax.set_yticks(places, labels=labels)
        for label in ax.get_yticklabels():
            literal(label)
        ax.set_ylim(len(leading) - 0.4, -0.6)
        ax.set_xlim(left=0.0)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.grid(visible=True, axis="x")
        ax.set_xlabel("share of the squared mean (dashed: spread evenly)")
        note = f"IPR {found.ipr.value:.3f}, by chance {found.null_ipr.value:.3f}"
        title = f"{family_label(found.family)}\n{note} (p = {found.p_value:.2g})"
        literal(ax.set_title(title, loc="left"))
    return ax


def plot_concept_angles(found: ConceptAngles, *, ax: Axes | None = None) -> Axes:
    """Cosines of concept directions as a matrix.

    A cell has its cosine in hundredths where the verdict is aligned, opposite
    or entangled, and a dot where the two are orthogonal; others are unclear,
    and grey where there is no direction.

    Parameters
    ----------
    found : ConceptAngles
        Of `probes.concepts.concept_angles`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    """
    n = len(found.names)
    matrix = found.matrix
    place = {name: k for k, name in enumerate(found.names)}
    with styled():
        ax = axes_or_new(ax, height=2.4 + 0.24 * n)
        image = ax.imshow(np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-1.0, vmax=1.0)
        ax.set_facecolor(FAINT)
        for one in found.angles:
            i, j = place[one.first], place[one.second]
            text = "·" if one.verdict == "orthogonal" else ""
            if one.cosine is not None and one.verdict in ("aligned", "opposite", "entangled"):
                text = f"{100 * one.cosine.value:.0f}"
            strong = one.cosine is not None and abs(one.cosine.value) > 0.6
            for row, column in ((i, j), (j, i)):
                ax.text(
                    column,
                    row,
                    text,
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color="white" if strong else INK,
                )
        labels = [in_two_lines(family_label(name), _LABEL_WIDTH) for name in found.names]
        ax.set_xticks(np.arange(n), labels=labels, rotation=45, ha="right", rotation_mode="anchor")
        ax.set_yticks(np.arange(n), labels=labels)
        for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
            literal(label)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        figure = ax.get_figure(root=True)
        if figure is not None:
            bar = figure.colorbar(image, ax=ax, shrink=0.7, ticks=[-1, -0.5, 0, 0.5, 1])
            bar.set_label("cosine")
            bar.outline.set_visible(False)
    return ax

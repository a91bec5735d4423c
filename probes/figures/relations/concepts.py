"""Draw what concept probes find: coverage, held-out pairs, modes, angles, hidden states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from probes.concepts.angles import ConceptAngles
from probes.concepts.coverage import Coverage
from probes.concepts.directions.held_out import HeldOut
from probes.concepts.localisation import Localisation
from probes.drawing.labels import family_label, in_two_lines, listed_words
from probes.drawing.style import (
    FAINT,
    INK,
    MUTED,
    PALETTE,
    axes_or_new,
    key_above,
    legend_above,
    literal,
    styled,
)
from probes.hidden_states.probe import StateProbe
from probes.shared.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL_WIDTH = 26


def plot_localisation(found: Localisation, *, modes: int = 12, ax: Axes | None = None) -> Axes:
    """Draw shares of the squared mean on its leading modes as bars, with the words of the modes.

    Parameters
    ----------
    found : Localisation
        What `probes.concepts.localise` gave; modes without topics have a number alone.
    modes : int, default 12
        Number of bars.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import difference_vectors, localise
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> family = difference_vectors(world.spectrum().embeddings(3), world.relations["attribute 2"])
    >>> axes = plot_localisation(localise(family))
    >>> axes.get_yticklabels()[0].get_text(), round(float(axes.patches[0].get_width()), 6)
    ('2', 1.0)
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
        ax.locator_params(axis="x", nbins=4)
        # Flush right, for labels of the rows may take most of the width.
        part = f", {found.within}" if found.within else ""
        below = f"share of the squared mean |m|²{part}\n(dashed: spread evenly)"
        ax.set_xlabel(below if part else below.replace("\n", " "), loc="right")
        note = f"IPR {found.ipr.value:.3f}, by chance {found.null_ipr.value:.3f}"
        title = f"{family_label(found.family)}\n{note} (p = {found.p_value:.2g})"
        literal(ax.set_title(title, loc="right"))
    return ax


def plot_concept_angles(found: ConceptAngles, *, ax: Axes | None = None) -> Axes:
    """Draw cosines of concept directions as a matrix.

    A cell has its cosine in hundredths where the verdict is aligned, opposite
    or entangled, and a dot where the two are orthogonal; others are unclear,
    and grey where there is no direction.

    Parameters
    ----------
    found : ConceptAngles
        What `probes.concepts.concept_angles` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.concepts import concept_angles
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = concept_angles(world.spectrum().embeddings(4), Relations(world.relations))
    >>> {text.get_text() for text in plot_concept_angles(found).texts}  # all are orthogonal
    {'·'}
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
            bar.set_label("cosine of the means")
            bar.outline.set_visible(False)
            marks = [
                Line2D([], [], linestyle="", marker="$42$", markeredgewidth=0, color=INK,
                       markersize=9, label="related: cosine in hundredths"),
                Line2D([], [], linestyle="", marker=".", color=INK, markersize=3,
                       label="orthogonal"),
                Patch(facecolor="#f4a582", label="without a mark: unclear"),
            ]  # fmt: skip
            if np.isnan(matrix).any():
                marks.append(Patch(color=FAINT, label="no direction"))
            key_above(figure, marks)
    return ax


def plot_coverage(found: Coverage, *, ax: Axes | None = None) -> Axes:
    """Draw how many pairs of each family are in the vocabulary, of how many given.

    Parameters
    ----------
    found : Coverage
        What `probes.concepts.coverage` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import coverage
    >>> axes = plot_coverage(coverage({"gender": [("king", "queen"), ("man", "woman")]}, {"king"}))
    >>> [int(bar.get_width()) for bar in axes.patches]
    [2, 0]
    """
    with styled():
        ax = axes_or_new(ax, height=0.9 + 0.24 * len(found.families))
        places = np.arange(len(found.families))
        given = [one.pairs_in_file for one in found.families]
        ax.barh(places, given, height=0.66, color=FAINT, label="given")
        known = [len(one.pairs) for one in found.families]
        ax.barh(places, known, height=0.66, color=PALETTE[0], label="in the vocabulary")
        ax.set_yticks(places, labels=[family_label(one.family) for one in found.families])
        for label in ax.get_yticklabels():
            literal(label)
        ax.set_ylim(len(places) - 0.4, -0.6)
        ax.tick_params(length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel("pairs")
        legend_above(ax)
    return ax


def plot_held_out(found: HeldOut, *, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on held-out pairs over those of flipped pairs and of random pairs.

    Parameters
    ----------
    found : HeldOut
        What `probes.concepts.held_out` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.concepts import difference_vectors, held_out
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> family = difference_vectors(world.spectrum().embeddings(3), world.relations["attribute 2"])
    >>> plot_held_out(held_out(family)).get_xlabel()
    'held-out pairs ordered rightly'
    """
    return _over_null(
        found.accuracy,
        {"order flipped within pairs": found.null, "random pairs": found.control},
        title=f"{family_label(found.family)} ({len(found.pairs)}), p = {found.p_value:.2g}",
        label="held-out pairs ordered rightly",
        ax=ax,
    )


def plot_state_probe(found: StateProbe, *, ax: Axes | None = None) -> Axes:
    """Draw the accuracy on groups held out over those of shuffled labels.

    Parameters
    ----------
    found : StateProbe
        What `probes.hidden_states.probe_hidden_states` gave.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from probes.hidden_states import probe_hidden_states
    >>> labels = np.arange(20) % 2
    >>> states = np.random.default_rng(0).normal(size=(20, 3)) + 5 * labels[:, None]
    >>> found = probe_hidden_states(states, labels, permutations=20, controls=0)
    >>> plot_state_probe(found).get_xlabel()
    'balanced accuracy on groups held out'
    """
    return _over_null(
        found.accuracy,
        {"shuffled labels": found.null},
        title=f"{' / '.join(found.design.classes)}, p = {found.p_value:.2g}",
        label="balanced accuracy on groups held out",
        ax=ax,
    )


def _over_null(
    accuracy: Interval,
    nulls: Mapping[str, Sequence[float]],
    *,
    title: str,
    label: str,
    ax: Axes | None,
) -> Axes:
    """An accuracy with its interval above histograms of what it is compared with."""
    with styled():
        ax = axes_or_new(ax, height=2.4)
        bins = [float(end) for end in np.linspace(0.0, 1.0, 41)]
        highest = 0.0
        for number, (name, values) in enumerate(nulls.items()):
            if not len(values):
                continue
            parts = np.full(len(values), 1 / len(values))
            heights, _, _ = ax.hist(
                values, bins, weights=parts, color=PALETTE[1 + number], alpha=0.5, label=name
            )
            highest = max(highest, float(np.max(heights)))
        place = 1.1 * highest or 1.0
        ends = [[accuracy.value - accuracy.low], [accuracy.high - accuracy.value]]
        ax.errorbar([accuracy.value], [place], xerr=ends, fmt="o", color=PALETTE[0], label="found")
        ax.axvline(0.5, color=MUTED, linewidth=0.9, linestyle=":")
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(0.0, 1.25 * place)
        ax.set_xlabel(label)
        ax.set_ylabel("share of draws")
        literal(ax.set_title(title, loc="left", pad=20.0))
        legend_above(ax)
    return ax

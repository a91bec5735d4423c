"""Draw figure 4: the spectrum of differences, their place, signal and accuracy against d."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probes.concepts import accuracy_curves, difference_vectors, snr_curve
from probes.drawing.labels import family_label
from probes.drawing.style import MARKERS, MUTED, PALETTE, WIDTH, styled
from probes.reproduce.families import add_bulk, add_located, draw_bulk, draw_located
from probes.reproduce.have import IN_FIGURE_4, Have, place_in_figure_4
from probes.reproduce.measured import Measured, column, grouped
from probes.reproduce.published import figure_4_curves
from probes.shared.rank_correlation import spearman_interval
from repsearch.errors import InputError

_FAMILY = "gram7-past-tense"
_BULKS = (128, 256, 512, 1024)
_FEWEST = 3


def measure(have: Have) -> Measured:
    """Measure bulk, place, SNR and accuracy.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        None of the paper's five families has pairs in the vocabulary.
    """
    found = Measured(tables={"curves": []})
    for d in _BULKS:
        add_bulk(found, have, _FAMILY, d, "4")
    add_located(found, have, _FAMILY, "4")
    found.facts |= {f"pairs.{name}": have.pairs_of(family) for family, name in IN_FIGURE_4.items()}
    found.facts["width"] = have.width
    _curves(have, found)
    if not found.tables["curves"]:
        raise InputError(
            "none of the relations of figure 4 has three pairs in the vocabulary; take counts of "
            "more words"
        )
    return found


def _curves(have: Have, found: Measured) -> None:
    dims = tuple(d for d in figure_4_curves()["d"] if d <= have.width)
    relations = have.relations
    present = [family for family in IN_FIGURE_4 if family in relations.families]
    if not present or not dims:
        return
    scores = accuracy_curves(have.turned, relations, dims, progress=have.progress)
    highest: dict[str, tuple[float, float]] = {}
    for family in relations.families:
        named = IN_FIGURE_4.get(family)
        try:
            rows = difference_vectors(have.turned, relations.families[family], name=family)
            curve = snr_curve(rows, dims, seed=have.settings.seed) if len(rows) >= _FEWEST else None
        except InputError as error:
            found.notes.append(f"{family_label(family)}: no signal to measure ({error}).")
            continue
        if curve is None:
            if named is not None:
                found.notes.append(
                    f"{family_label(family)} has fewer than {_FEWEST} pairs here and is left out."
                )
            continue
        snr = [one.value for one in curve.published]
        right = scores[family]
        best = max((s for s in right if s is not None), key=lambda s: s.value, default=None)
        if best is not None:
            highest[family] = (max(snr), best.value)
        if named is None:
            continue
        for d, ratio, share, accuracy in zip(dims, snr, curve.signals, right, strict=True):
            found.tables["curves"].append(
                {
                    "family": family, "named": named, "pairs": len(rows), "d": d, "snr": ratio,
                    "share": share.share.value, "share_low": share.share.low,
                    "share_high": share.share.high,
                    **{f"accuracy{end}": None if accuracy is None else getattr(accuracy, name)
                       for end, name in (("", "value"), ("_low", "low"), ("_high", "high"))},
                    **_paper(named, d),
                }
            )  # fmt: skip
        found.add(f"4.snr.{named}", max(snr))
        found.facts[f"4.snr.{named}"] = f"d = {dims[int(np.argmax(snr))]}, {len(rows)} pairs"
        if best is not None:
            found.add_interval(f"4.accuracy.{named}", best)
            at = dims[[s.value if s else -1.0 for s in right].index(best.value)]
            found.facts[f"4.accuracy.{named}"] = f"d = {at}"
    if len(highest) >= _FEWEST:
        both = np.array(list(highest.values()))
        order = spearman_interval(
            both[:, 0], both[:, 1], seed=have.settings.seed, level=0.95, resamples=1000
        )
        found.add_interval("4.order", order)
        found.facts |= {"4.order": f"{len(highest)} families", "families": len(highest)}


def _paper(named: str, d: int) -> dict[str, float | None]:
    curves = figure_4_curves()
    place = curves["d"].index(d)
    return {f"paper_{key}": curves[named][key][place] for key in ("snr", "acc")}


def draw(found: Measured) -> Figure:
    """Draw the bulk at several dimensions, the place of the mean, and both curves.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    with styled():
        figure = Figure(figsize=(2.0 * WIDTH, 0.98 * WIDTH), layout="constrained")
        left, right = figure.subfigures(1, 2, width_ratios=(0.72, 1), squeeze=False)[0]
        draw_bulks(left, found)
        upper, lower = right.subfigures(2, 1, height_ratios=(0.85, 1), squeeze=False)[:, 0]
        if rows := found.tables.get("located"):
            ax = upper.add_subplot()
            draw_located(ax, rows)
            ax.set_title(f"the mean of {family_label(_FAMILY)}", loc="left", fontsize=9)
        if found.tables["curves"]:
            _draw_curves(lower, found)
    return figure


def draw_bulks(figure: Figure, found: Measured) -> None:
    """Draw a panel for each fit there is.

    Parameters
    ----------
    figure : Figure or SubFigure
        Where to draw.
    found : Measured
        With the tables of `add_bulk`.
    """
    fits = found.tables.get("fits", [])
    values = dict(grouped(found.tables.get("eigenvalues", []), "family", "d"))
    laws = dict(grouped(found.tables.get("law", []), "family", "d"))
    if not fits:
        return
    panels = figure.subplots(len(fits), 1, squeeze=False)[:, 0]
    for ax, fit in zip(panels, fits, strict=True):
        key = fit["family"], fit["d"]
        title = f"{family_label(str(fit['family']))}, {fit['pairs']} pairs, d = {fit['d']:,}"
        draw_bulk(ax, values[key], laws[key], fit, title=title)
    panels[-1].set_xlabel("eigenvalue of R Rᵀ / d")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=3,
                  fontsize=7.5)  # fmt: skip


def _draw_curves(figure: Figure, found: Measured) -> None:
    signal, accuracy = figure.subplots(1, 2, sharex=True)
    for (family, named), rows in grouped(found.tables["curves"], "family", "named"):
        d, number = column(rows, "d"), place_in_figure_4(str(family))
        for ax, ours, theirs in ((signal, "snr", "paper_snr"), (accuracy, "accuracy", "paper_acc")):
            _draw_curve(ax, d, column(rows, ours), column(rows, theirs), number,
                        f"{named} ({rows[0]['pairs']})")  # fmt: skip
    signal.set_yscale("log")
    signal.set_yticks([1, 2, 5, 10, 20], labels=["1", "2", "5", "10", "20"])
    signal.set_ylabel("the paper's SNR")
    accuracy.set_ylabel("analogy accuracy")
    accuracy.set_ylim(-0.02, 1.02)
    for ax in (signal, accuracy):
        ax.set_xscale("log", base=2)
        ax.minorticks_off()
        ax.set_xticks([4, 16, 64, 256, 1024, 4096], labels=["4", "16", "64", "256", "1k", "4k"])
        ax.set_xlim(3.6, 4600)
        ax.set_xlabel("dimension d")
        ax.grid(visible=True)
        ax.tick_params(length=0)
    accuracy.set_title("solid: here; dashed: the paper", loc="right", color=MUTED, fontsize=8)
    figure.legend(*signal.get_legend_handles_labels(), loc="outside lower left", ncols=3,
                  fontsize=7.8)  # fmt: skip


def _draw_curve(
    ax: Axes, d: np.ndarray, ours: np.ndarray, theirs: np.ndarray, number: int, label: str
) -> None:
    color = PALETTE[number]
    ax.plot(d, ours, color=color, marker=MARKERS[number], markersize=3, linewidth=1.3, label=label)
    known = np.isfinite(theirs)
    ax.plot(d[known], theirs[known], color=color, linewidth=1.0, linestyle=(0, (3, 2)))

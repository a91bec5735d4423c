"""Measure the difference vectors of a family: their spectrum with its law, and their place."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from probes.concepts import difference_vectors, localise
from probes.concepts.false_positives import random_pair_noise
from probes.drawing.labels import family_label, listed_words
from probes.drawing.style import INK, MUTED, PALETTE, literal
from probes.random_matrix import fit_spiked_covariance
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column
from probes.reproduce.published import published
from probes.shared.several_tests import is_finding
from repsearch.errors import InputError

_POINTS = 200
_LOCATED = 100
_BARS = 7
FEWEST = 5
"""Pairs of which a spectrum is worth drawing."""


def add_bulk(found: Measured, have: Have, family: str, d: int, number: str) -> None:
    """Fit the noise of a family's differences in d columns.

    Parameters
    ----------
    found : Measured
        Gets eigenvalues, law and effective dimension.
    have : Have
        What there is.
    family : str
        Name of the relation.
    d : int
        Columns.
    number : str
        Beginning of the names of the numbers.
    """
    pairs = have.relations.families.get(family, ())
    if d > have.width:
        found.notes.append(f"{family_label(family)}, d = {d}: there are {have.width} columns.")
        return
    cut = have.turned.truncate(d)
    try:
        rows = difference_vectors(cut, pairs, name=family)
        if len(rows) < FEWEST:
            raise InputError(f"{len(rows)} pairs")
        fit = fit_spiked_covariance(
            rows.vectors,
            drawn=random_pair_noise(cut, rows.pairs, seed=have.settings.seed),
            seed=have.settings.seed,
        )
    except InputError as error:
        found.notes.append(f"{family_label(family)}, d = {d}: nothing to fit ({error}).")
        return
    law, n = fit.law.noise, len(rows)
    end = 1.05 * max(law.support[-1][1], fit.predicted_outlier, float(fit.eigenvalues[0]))
    grid = np.linspace(end / (2 * _POINTS), end, _POINTS)
    # The law is that of N - 1 of the N eigenvalues, for the mean takes one.
    density = law.density(grid) * (n - 1) / n
    base: Row = {"family": family, "d": d}
    found.tables.setdefault("eigenvalues", []).extend(
        {**base, "eigenvalue": float(value)} for value in fit.eigenvalues
    )
    found.tables.setdefault("law", []).extend(
        {**base, "eigenvalue": float(x), "density": float(y)}
        for x, y in zip(grid, density, strict=True)
    )
    dimension = fit.effective_dimension
    found.tables.setdefault("fits", []).append(
        {
            **base, "pairs": n, "d_eff": dimension.value, "d_eff_low": dimension.low,
            "d_eff_high": dimension.high, "outlier": float(fit.eigenvalues[0]),
            "predicted_outlier": fit.predicted_outlier, "edge": float(law.support[-1][1]),
            "mean_share": fit.mean_share, "fit_p_value": fit.fit.p_value,
        }
    )  # fmt: skip
    if (name := f"{number}.d_eff.{d}") in published():
        found.add_interval(name, dimension)
    if (name := f"{number}.outlier.{d}") in published():
        found.add(name, float(fit.eigenvalues[0]) / float(law.support[-1][1]))
        if is_finding(fit.fit.p_value):
            found.facts[name] = f"fit refused, p = {fit.fit.p_value:.2g}"


def add_located(found: Measured, have: Have, family: str, number: str) -> None:
    """Find the modes on which the mean difference of a family lies, with their words.

    Parameters
    ----------
    found : Measured
        Gets shares and words.
    have : Have
        What there is.
    family : str
        Name of the relation.
    number : str
        Beginning of the names of the numbers.
    """
    pairs = have.relations.families.get(family, ())
    try:
        rows = difference_vectors(have.turned, pairs, name=family)
        place = localise(
            rows, d=min(_LOCATED, have.width), source=have.turned, modes=_BARS, words_per_end=4,
            seed=have.settings.seed,
        )  # fmt: skip
    except InputError as error:
        found.notes.append(f"{family_label(family)}: not located ({error}).")
        return
    leading = place.leading(_BARS)
    words: dict[int, list[str]] = {}
    for topic in place.topics.topics if place.topics else ():
        words.setdefault(topic.mode, []).append(listed_words(topic.words, 34))
    found.tables.setdefault("located", []).extend(
        {
            "family": family, "mode": k, "share": one.value, "low": one.low, "high": one.high,
            "leading": int(k in leading), "words": "  |  ".join(words.get(k, [])),
        }
        for k, one in enumerate(place.shares, start=1)
    )  # fmt: skip
    found.add_interval(f"{number}.share", place.shares[leading[0] - 1])
    found.facts[f"{number}.share"] = f"mode {leading[0]}"


def draw_bulk(ax: Axes, eigenvalues: list[Row], law: list[Row], fit: Row, *, title: str) -> None:
    """Draw a histogram of eigenvalues, the fitted law and the first eigenvalue as predicted.

    Parameters
    ----------
    ax : Axes
        The axes.
    eigenvalues, law : list of dict
        Rows of one family and dimension.
    fit : dict
        Their row of the table of fits.
    title : str
        Above the axes.
    """
    values, x, y = (
        column(eigenvalues, "eigenvalue"), column(law, "eigenvalue"), column(law, "density"),
    )  # fmt: skip
    edge = float(fit["edge"] or 1)
    width = edge / 12
    bins = np.arange(0, float(x[-1]) + width, width)
    counted, _ = np.histogram(values, bins)
    ax.bar(bins[:-1], counted / (len(values) * width), width, align="edge", color=PALETTE[4],
           alpha=0.55, edgecolor="white", linewidth=0.6, label="eigenvalues")  # fmt: skip
    inside = x <= 1.15 * edge
    refused = is_finding(float(fit["fit_p_value"] or 0))
    ax.plot(x[inside], y[inside], color=PALETTE[1], linewidth=1.4, label="fitted law of the noise",
            linestyle="--" if refused else "-")  # fmt: skip
    top = 1.25 * max(float((counted / (len(values) * width)).max()), float(y[inside].max()))
    ax.plot([float(fit["predicted_outlier"] or 0)], [0.045 * top], "v", color=PALETTE[2],
            markersize=6, label="outlier, predicted", clip_on=False)  # fmt: skip
    ax.plot(values, np.zeros(len(values)), "|", color=INK, markersize=7, clip_on=False)
    ax.set_ylim(0, top)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.tick_params(length=3, labelsize=7.5)
    literal(ax.set_title(title, loc="left", fontsize=8.5))
    note = f"d_eff {_short(fit['d_eff'])} [{_short(fit['d_eff_low'])}, {_short(fit['d_eff_high'])}]"
    if refused:
        note += f"\nfit refused (p {float(fit['fit_p_value'] or 0):.2g})"
    ax.text(0.98, 0.97, note, transform=ax.transAxes, ha="right", va="top", fontsize=7.5,
            color=MUTED)  # fmt: skip


def draw_located(ax: Axes, rows: list[Row], *, named: int = 4) -> None:
    """Draw the share of the squared mean on each mode, the largest with their words.

    Parameters
    ----------
    ax : Axes
        The axes.
    rows : list of dict
        Of one family.
    named : int, default 4
        Modes whose words are given.
    """
    modes, shares = column(rows, "mode"), column(rows, "share")
    ax.bar(modes, shares, width=0.85, color=PALETTE[4])
    leading = sorted(
        (row for row in rows if row["leading"]), key=lambda row: -float(row["share"] or 0)
    )
    lines = []
    for row in leading[:named]:
        share = float(row["share"] or 0)
        ax.bar([float(row["mode"] or 0)], [share], width=0.85, color=PALETTE[0])
        ends = str(row["words"]).replace("  |  ", "\n      ")
        lines.append(f"mode {row['mode']}: {share:.3f}\n      {ends}")
    low, high = column(rows, "low"), column(rows, "high")
    first = leading[0]
    k = int(first["mode"] or 1) - 1
    ax.errorbar(modes[k], shares[k], yerr=[[shares[k] - low[k]], [high[k] - shares[k]]],
                color=INK, elinewidth=0.9, capsize=1.5)  # fmt: skip
    ax.set_xlim(0, len(rows) + 1)
    ax.set_ylim(0, 1.05 * max(float(high[k]), float(shares.max())))
    ax.set_xlabel("mode")
    ax.set_ylabel("share of the squared mean")
    ax.tick_params(length=3)
    # Beside the axes, where no bar is.
    literal(ax.text(1.015, 1.0, "\n".join(lines), transform=ax.transAxes, ha="left", va="top",
                    fontsize=6.8, color=INK, linespacing=1.6))  # fmt: skip


def _short(value: object) -> str:
    return "-" if value is None else f"{float(value):.3g}"  # type: ignore[arg-type]

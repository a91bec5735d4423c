"""Draw figure 8: how close predictions come to the right word, and closer than any other."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from probes.drawing.labels import family_label
from probes.drawing.style import MARKERS, MUTED, PALETTE, WIDTH, styled
from probes.emergence.answers import answers
from probes.emergence.scores import score
from probes.reproduce.have import IN_FIGURE_4, Have, place_in_figure_4
from probes.reproduce.measured import Measured, column, grouped
from probes.reproduce.published import figure_4_curves, published
from repsearch.errors import InputError

_MEASURES = ("cosine", "margin")
_LEVEL, _RESAMPLES = 0.95, 1000
_FEWEST = 3


def measure(have: Have) -> Measured:
    """Ask all analogies of the five families in several dimensions.

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
        None of the families has a question in the vocabulary.
    """
    found = Measured(tables={"curves": []})
    present = [family for family in IN_FIGURE_4 if family in have.relations.families]
    dims = tuple(d for d in figure_4_curves()["d"][::2] if d <= have.width)
    few: set[str] = set()
    if present and dims:
        relations = have.relations.select(present)
        for done, d in enumerate(dims):
            have.progress("margins", done, len(dims), "dimensions")
            asked = answers(have.turned.truncate(d), relations)
            for family, one in asked.items():
                scores = score(one, seed=have.settings.seed, level=_LEVEL, resamples=_RESAMPLES)
                if scores is None or len(one.asked.pairs) < _FEWEST:
                    few.add(family)
                    continue
                named = IN_FIGURE_4[family]
                found.facts[f"pairs.{named}"] = len(one.asked.pairs)
                row = {"family": family, "named": named, "questions": scores.questions, "d": d}
                for name in _MEASURES:
                    value = getattr(scores, name)
                    for end, side in (("", "value"), ("_low", "low"), ("_high", "high")):
                        row[f"{name}{end}"] = None if value is None else getattr(value, side)
                    paper = published().get(f"8.{name}.{named}.{d}")
                    row[f"paper_{name}"] = None if paper is None else paper.value
                    if paper is not None:
                        found.add_interval(paper.name, value)
                found.tables["curves"].append(row)
        have.progress("margins", len(dims), len(dims), "dimensions")
    for family in sorted(few):
        found.notes.append(
            f"{family_label(family)} has fewer than {_FEWEST} pairs here and is left out."
        )
    if not found.tables["curves"]:
        raise InputError(
            "no analogy of the relations of figure 8 can be asked in the vocabulary; take counts "
            "of more words"
        )
    return found


def draw(found: Measured) -> Figure:
    """Draw both measures against dimension, with intervals, and the paper's points.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    titles = ("cosine with the right word", "over that of its nearest neighbour")
    with styled():
        figure = Figure(figsize=(1.25 * WIDTH, 3.3), layout="constrained")
        grid = figure.subplots(1, 2, sharex=True)
        for ax, name, title in zip(grid, _MEASURES, titles, strict=True):
            for (family, named, questions), rows in grouped(
                found.tables["curves"], "family", "named", "questions"
            ):
                number = place_in_figure_4(str(family))
                d, color = column(rows, "d"), PALETTE[number]
                values, low, high = (column(rows, f"{name}{end}") for end in ("", "_low", "_high"))
                ax.fill_between(d, low, high, color=color, alpha=0.13, linewidth=0)
                ax.plot(d, values, color=color, marker=MARKERS[number], markersize=3,
                        linewidth=1.3, label=f"{named} ({questions:,})")  # fmt: skip
                paper = column(rows, f"paper_{name}")
                known = np.isfinite(paper)
                ax.plot(d[known], paper[known], linestyle=(0, (3, 2)), linewidth=0.8, color=color,
                        marker=MARKERS[number], markersize=4.5, markerfacecolor="none")  # fmt: skip
            ax.set_xscale("log", base=2)
            ax.minorticks_off()
            ax.set_xticks([4, 16, 64, 256, 1024, 4096], labels=["4", "16", "64", "256", "1k", "4k"])
            ax.set_xlim(3.6, 4600)
            if ax.get_ylim()[0] > 0:  # a cosine may be negative, and is not cut off
                ax.set_ylim(bottom=0)
            ax.grid(visible=True)
            ax.tick_params(length=0)
            ax.set_xlabel("dimension d")
            ax.set_ylabel(title)
        grid[1].axhline(1.0, color=MUTED, linewidth=0.9, linestyle=":")
        grid[1].set_title("filled: here; hollow: the paper", loc="right", color=MUTED, fontsize=8)
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper left", ncols=3,
                      fontsize=8)  # fmt: skip
    return figure

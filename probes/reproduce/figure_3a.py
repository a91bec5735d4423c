"""Draw figure 3a: the words at the ends of modes, beside those that the paper lists."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from probes.drawing.style import FAINT, INK, MUTED, WIDTH, literal, styled
from probes.modes import overlap
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, grouped
from probes.reproduce.published import published_topics
from probes.topics import topics
from repsearch import Embeddings, Spectrum
from repsearch.embeddings.neighbours import unit_rows

_MODES = (1, 2, 3, 10, 11, 12, 100)
_WORDS = 10
_SEARCHED = 30
_FREQUENT = 4000
_LINE = 30
_DRAWS = 200


def measure(have: Have) -> Measured:
    """List the words closest to modes of word2vec, QWEM and PPMI, and look for the paper's.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured
    """
    found = Measured(tables={"features": [], "paper": []})
    bases: dict[str, Spectrum | Embeddings] = {}
    if have.minimum is not None:
        bases["word2vec"] = have.minimum
    else:
        found.notes.append("word2vec is left out, for there is no torch here.")
    bases["QWEM"] = have.modes
    bases["svd(PPMI)"] = have.spectrum("ppmi")
    most = {name: _dimension(one) for name, one in bases.items()}
    for name, source in bases.items():
        squares = overlap(bases["QWEM"], source)
        for mode in (k for k in _MODES if k <= most["QWEM"]):
            # That mode of each which has most of QWEM's in common, as the paper's table has it.
            other = mode if name == "QWEM" else int(np.argmax(squares[mode - 1])) + 1
            if other > most[name]:
                continue
            listed = topics(source, modes=[other], words_per_end=_WORDS, normalise="cosine")
            for topic in listed.topics:
                found.tables["features"].append(
                    {
                        "of": name, "row": mode, "mode": other, "end": topic.end,
                        "overlap": float(squares[mode - 1, other - 1]),
                        "mean_entry": topic.mean_entry, "words": " ".join(topic.words),
                    }
                )  # fmt: skip
    _look_for(have, found)
    found.facts["the paper's words"] = (
        "how often a word of its list is further out on a mode of QWEM here than another word (an "
        f"area under the curve), in the best of {_SEARCHED} modes; for random words this is above "
        "the number given one time in twenty"
    )
    return found


def _look_for(have: Have, found: Measured) -> None:
    """Find the mode whose end the paper's words are closest to, by their ranks (an AUC)."""
    rows = unit_rows(have.modes.embeddings().vectors[:_FREQUENT].astype(float))
    index = {word: k for k, word in enumerate(have.modes.words[:_FREQUENT])}
    searched = min(_SEARCHED, rows.shape[1])
    ranks = np.argsort(np.argsort(rows[:, :searched], axis=0, kind="stable"), axis=0)
    for number, topic in enumerate(published_topics(), start=1):
        known = [word for word in topic.words if word in index]
        if len(known) < 3 or len(rows) <= len(known):
            continue
        areas = _areas(ranks, [index[word] for word in known])
        best = int(np.argmax(np.abs(areas - 0.5)))
        area = float(max(areas[best], 1 - areas[best]))
        chance = _by_chance(ranks, len(known), have.settings.seed)
        found.tables["paper"].append(
            {
                "paper": topic.mode, "known": len(known), "listed": len(topic.words),
                "mode": best + 1, "end": "+" if areas[best] > 0.5 else "-", "auc": area,
                "auc_by_chance": chance, "words": " ".join(known),
            }
        )  # fmt: skip
        found.add(f"3a.{number}", area)
        found.facts[f"3a.{number}"] = f"mode {best + 1}; by chance below {chance:.2f}"


def _areas(ranks: NDArray[np.intp], chosen: Sequence[int]) -> NDArray[np.float64]:
    """The area under the curve of each column: how often a chosen word is above another."""
    n, m = len(ranks), len(chosen)
    total = ranks[list(chosen)].sum(axis=0).astype(float)
    found: NDArray[np.float64] = (total - m * (m - 1) / 2) / (m * (n - m))
    return found


def _by_chance(ranks: NDArray[np.intp], number: int, seed: int) -> float:
    """What the best mode of one in twenty random sets of so many words exceeds."""
    rng = np.random.default_rng([seed, number])
    best = []
    for _ in range(_DRAWS):
        areas = _areas(ranks, rng.choice(len(ranks), number, replace=False).tolist())
        best.append(float(np.abs(areas - 0.5).max()) + 0.5)
    return float(np.quantile(best, 0.95))


def _dimension(source: Spectrum | Embeddings) -> int:
    return int(source.dimension)


def draw(found: Measured) -> Figure:
    """Lay out the words of modes as a table, a column for each model.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    cells = {key: _stronger(rows) for key, rows in grouped(found.tables["features"], "row", "of")}
    rows = list(dict.fromkeys(row for row, _ in cells))
    columns = list(dict.fromkeys(name for _, name in cells))
    line, head = 0.148, 0.3
    texts = {
        key: textwrap.wrap(f"{one['words']}", _LINE, break_on_hyphens=False)[:4]
        for key, one in cells.items()
    }
    heights = [max(len(texts[row, name]) for name in columns if (row, name) in texts) + 1.6
               for row in rows]  # fmt: skip
    height = head + line * sum(heights)
    width = 0.25 + 2.1 * len(columns)
    with styled():
        figure = Figure(figsize=(max(width, WIDTH * 0.7), height))
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, figure.get_figwidth()), ylim=(height, 0))
        ax.axis("off")
        for j, name in enumerate(columns):
            literal(ax.text(0.15 + 2.1 * j, head / 2, str(name), fontweight="bold", va="center"))
        top = head
        for row, size in zip(rows, heights, strict=True):
            ax.plot([0.1, figure.get_figwidth() - 0.1], [top, top], color=FAINT, linewidth=0.8)
            for j, name in enumerate(columns):
                one = cells.get((row, name))
                if one is None:
                    continue
                x, y = 0.15 + 2.1 * j, top + 0.8 * line
                title = f"mode {one['mode']}"
                if name != "QWEM":
                    title += f"   overlap {float(one['overlap'] or 0):.2f}"
                ax.text(x, y, title, color=MUTED, fontsize=7.5, va="center")
                text = "\n".join(texts[row, name])
                literal(ax.text(x, y + 0.6 * line, text, color=INK, fontsize=7.8, va="top",
                                linespacing=1.25))  # fmt: skip
            top += line * size
    return figure


def _stronger(rows: list[Row]) -> Row:
    """The end with the larger entries, as which end is which has no meaning."""
    return max(rows, key=lambda row: abs(float(row["mean_entry"] or 0)))

"""Draw figure 3b: benchmarks of word2vec, QWEM and factorised matrices, beside the paper's."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from probes.analogy import analogies
from probes.drawing.labels import set_label
from probes.drawing.style import INK, MUTED, PALETTE, WIDTH, styled
from probes.relations import similarity_sets
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured, Row, column, grouped
from probes.reproduce.published import published
from probes.similarity import similarity
from repsearch.embeddings import Embeddings

_SETS = {"men3000": "men", "wordsim353": "ws353"}
_ANALOGIES = "analogies"


def measure(have: Have) -> Measured:
    """Ask analogies and human ratings of every model.

    Parameters
    ----------
    have : Have
        What there is.

    Returns
    -------
    Measured
    """
    found = Measured(tables={"benchmarks": []})
    models = _models(have, found)
    for done, (name, embeddings) in enumerate(models.items()):
        have.progress("benchmarks", done, len(models), "models")
        score = analogies(embeddings, have.relations)
        found.facts["unanswerable"] = sum(one.unanswerable for one in score.families)
        found.add_interval(f"3b.{name}.{_ANALOGIES}", score.micro)
        _add(found, name, _ANALOGIES, score.questions, score.questions, score.micro)
        for dataset in similarity_sets().values():
            key = _SETS.get(dataset.name)
            if key is None:
                continue
            one = similarity(embeddings, dataset, seed=have.settings.seed)
            found.add_interval(f"3b.{name}.{key}", one.spearman)
            _add(found, name, key, one.pairs_used, one.pairs_in_file, one.spearman)
    have.progress("benchmarks", len(models), len(models), "models")
    for key in (_ANALOGIES, *_SETS.values()):
        found.facts[f"3b.QWEM, trained.{key}"] = "see svd(M*)"
    found.facts["closed form"] = (
        "QWEM at its end is the closed form, svd(M*), by Theorem 1: it was not trained for this."
    )
    return found


def _models(have: Have, found: Measured) -> dict[str, Embeddings]:
    models: dict[str, Embeddings] = {}
    if have.minimum is not None:
        models["word2vec"] = have.minimum
    else:
        found.notes.append("word2vec is left out, for there is no torch here.")
    models["QWEM"] = have.modes.embeddings()
    for name, stage in (("PPMI", "ppmi"), ("PMI", "pmi")):
        models[name] = have.spectrum(stage).embeddings()
    return models


def _add(found: Measured, name: str, what: str, used: int, given: int, one: object) -> None:
    row: Row = {"model": name, "benchmark": what, "used": used, "given": given}
    for side in ("value", "low", "high"):
        row[side] = None if one is None else float(getattr(one, side))
    paper = published().get(f"3b.{name}.{what}")
    found.tables["benchmarks"].append(row | {"paper": None if paper is None else paper.value})


def draw(found: Measured) -> Figure:
    """Draw every score with its interval, and the published number as a diamond.

    Parameters
    ----------
    found : Measured
        From `measure`.

    Returns
    -------
    Figure
    """
    parts = dict(grouped(found.tables["benchmarks"], "benchmark"))
    with styled():
        figure = Figure(figsize=(1.15 * WIDTH, 2.5), layout="constrained")
        grid = figure.subplots(1, len(parts), sharey=True, squeeze=False)[0]
        for ax, ((what,), rows) in zip(grid, parts.items(), strict=True):
            places = np.arange(len(rows))
            for place, row in zip(places, rows, strict=True):
                if row["value"] is not None:
                    value, low, high = (float(row[k] or 0) for k in ("value", "low", "high"))
                    ax.errorbar(value, place, xerr=[[value - low], [high - value]], fmt="o",
                                color=PALETTE[0], markersize=5, elinewidth=1.2)  # fmt: skip
                if row["paper"] is not None:
                    ax.plot(float(row["paper"]), place, "D", color=PALETTE[1], markersize=5,
                            markerfacecolor="none", markeredgewidth=1.3)  # fmt: skip
            first = rows[0]
            title = "Google analogies" if what == _ANALOGIES else _title(str(what))
            share = f"{first['used']:,} questions" if what == _ANALOGIES else (
                f"{first['used']:,} of {first['given']:,} pairs"
            )  # fmt: skip
            ax.set_title(f"{title}\n{share}", loc="left", fontsize=9)
            ax.set_xlabel("accuracy" if what == _ANALOGIES else "Spearman's correlation")
            ax.set_xlim(*_limits(rows))
            ax.grid(visible=True, axis="x")
            ax.tick_params(length=0)
            ax.spines["left"].set_visible(False)
            ax.set_yticks(places, labels=[_model(str(row["model"])) for row in rows])
            ax.set_ylim(len(rows) - 0.5, -0.5)
        grid[0].plot([], [], "o", color=PALETTE[0], markersize=5, label="here, 95 % interval")
        grid[0].plot([], [], "D", color=PALETTE[1], markersize=5, markerfacecolor="none",
                     markeredgewidth=1.3, label="paper")  # fmt: skip
        figure.legend(loc="outside lower left", ncols=2, fontsize=8.5, labelcolor=INK)
        for ax in grid:
            ax.tick_params(colors=MUTED, labelcolor=INK)
    return figure


def _limits(rows: list[Row]) -> tuple[float, float]:
    """From 0, or below it where an interval goes on, to beyond the largest number."""
    values = np.concatenate([column(rows, name) for name in ("value", "low", "high", "paper")])
    low, high = min(0.0, float(np.nanmin(values))), float(np.nanmax(values))
    margin = 0.05 * (high - low)
    return low - (margin if low < 0 else 0), high + margin


def _title(key: str) -> str:
    return next(set_label(name) for name, short in _SETS.items() if short == key)


def _model(name: str) -> str:
    return {"QWEM": "QWEM = svd(M*)", "PPMI": "svd(PPMI)", "PMI": "svd(PMI)"}.get(name, name)

"""Measure what docs/emergence-results.md says, of a trained run and of the closed form."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.emergence.trained_runs import KINDS, options_of, train
from probes import google_relations
from probes.emergence import (
    Emergence,
    EmergenceStudy,
    RankCorrelation,
    emergence_study,
    followed_closed_form,
    followed_run,
    theory_of_counts,
)
from probes.theory_check import compare
from repsearch import eigenpairs, mstar
from repsearch.data import carried_counts
from repsearch.training import TrainedTrajectory

COLUMNS = 100
START = 1e-6
MEASURES = ("share", "accuracy", "margin")


def of_run(folder: Path) -> dict[str, Any]:
    """Follow a trained run, with the closed form of its own start over it."""
    counts, run = carried_counts(), TrainedTrajectory(folder)
    study = emergence_study(
        followed_run(run, theory=theory_of_counts(run, counts)), google_relations()
    )
    beside = compare(run, counts)
    errors = [abs(one.error.value) for one in beside.learning if one.error]
    assert study.predicted is not None
    return {
        "d": run.dimension,
        "words": len(run.words),
        "residuals": {name: _residuals(study.measured, study.predicted, name) for name in MEASURES},
        "compared": {
            "modes": beside.curves.n_modes,
            "median error": beside.curves.median().value,
            "largest error": beside.curves.largest().largest,
            "learning times": max(errors),
            "order": beside.order.tau,
        },
        **_of_study(study),
    }


def of_closed_form() -> dict[str, Any]:
    """Follow the closed form of the carried counts at the default times."""
    solved = eigenpairs(mstar(carried_counts()), COLUMNS)
    begin = time.perf_counter()
    study = emergence_study(followed_closed_form(solved, scale=START), google_relations())
    seconds = time.perf_counter() - begin
    margins = []
    for one in study.measured.families:
        row = {"family": one.family, "pairs": one.pairs}
        for name, points in (("first", one.points[0]), ("last", one.points[-1])):
            margin = points[-1].of("margin")
            row[name] = [margin.value, margin.low, margin.high] if margin else None
            row[f"{name} by chance"] = points[-1].by_chance("margin")
        margins.append(row)
    return {"d": COLUMNS, "seconds": seconds, "margins": margins, **_of_study(study)}


def ablation(folder: Path) -> dict[str, Any]:
    """Train the four runs of figure 7 and hold each against the closed form of its own M*."""
    counts = carried_counts()
    rows = {}
    for kind in KINDS:
        train(folder / kind.replace(" ", "-").replace("'", ""), *options_of(kind))
        run = TrainedTrajectory(folder / kind.replace(" ", "-").replace("'", ""))
        (row,) = compare(run, counts, n_modes=10).table()
        rows[kind] = {**row, "until": float(run.times[-1])}
    return {"runs": rows, "words": len(counts.words)}


def _of_study(study: EmergenceStudy) -> dict[str, Any]:
    linear, measured = study.linear, study.measured
    assert linear is not None
    told = [one for one in linear.families if one.told]
    growth = {one.family: one.growth.value for one in told if one.growth}
    rises = {one.family: measured[one.family].rise("accuracy") for one in told}
    answers = {family: rise for family, rise in rises.items() if rise is not None}
    last = max(measured.dims)
    ratios = {one.family: one.ratio for one in study.noise if one.d == last}
    starts = [one.tells_from for one in told if one.tells_from is not None]
    return {
        "families": len(linear.families),
        "told": len(told),
        "times": list(linear.times),
        "dims": list(measured.dims),
        "effective dimensions": list(linear.dimensions),
        "dated from": min(starts) if starts else None,
        "by the first time that tells": sum(one.status == "from the first" for one in told),
        "censored growth": sum(one.growth_censored for one in told),
        "growth": growth,
        "answers": answers,
        "growth correlation": _correlation(linear.growth_correlation),
        "answer correlation": _correlation(study.answer_correlation),
        "noise": ratios,
    }


def _correlation(found: RankCorrelation | None) -> dict[str, Any] | None:
    if found is None:
        return None
    rho = found.rho
    return {"rho": [rho.value, rho.low, rho.high], "p": found.p_value, "points": found.points}


def _residuals(found: Emergence, predicted: Emergence, name: Any) -> dict[str, float]:
    apart = np.concatenate(
        [
            np.abs(one.values(name) - predicted[one.family].values(name)).ravel()
            for one in found.families
        ]
    )
    apart = apart[np.isfinite(apart)]
    return {"median": float(np.median(apart)), "largest": float(apart.max())}

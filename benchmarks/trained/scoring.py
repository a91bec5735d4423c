"""Score embeddings, and compare them two by two."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.trained.closed_forms import CLOSED_FORMS, embeddings_file
from benchmarks.trained.paired import ratio, spearman_difference
from probes import (
    AnalogyResult,
    Interval,
    analogies,
    compare_analogies,
    google_relations,
    similarity,
    similarity_sets,
)
from repsearch import Embeddings, InputError

SETS = ("men3000", "wordsim353")


@dataclass(frozen=True)
class Given:
    """Embeddings made elsewhere, and what is known of how."""

    name: str
    file: Path
    seconds: float | None
    note: str | None
    facts: dict[str, Any]


def from_gensim(results: Path, text: str, folder: Path) -> list[Given]:
    """What `benchmarks.weighted` left of gensim: times from its JSON, vectors from its folder."""
    if not results.exists():
        return []
    runs = json.loads(results.read_text("utf-8")).get(text, {}).get("runs", {})
    found = []
    for name, run in runs.items():
        method, _, seed = name.partition(", seed ")
        file = folder / f"gensim-seed-{seed}.bin"
        if method != "gensim":
            continue
        if not file.exists():
            print(f"{name}: {file} does not exist, its last score is kept", flush=True)
            continue
        known = ("shared", "machine", "versions", "gensim", "micro")
        facts = {key: run[key] for key in known if key in run}
        facts["shared"] = run.get("shared", False)
        facts["source"] = "benchmarks/weighted/results.json"
        found.append(
            Given(f"gensim SGNS, seed {seed}", file, run["seconds_from_corpus"], "", facts)
        )
    return found


def report(found: dict[str, Any], given: list[Given], folder: Path) -> None:
    """Score all embeddings, those given and those kept in `folder`; results go to `found`."""
    for one in given:
        _keep(found, one, folder)
    relations = google_relations()
    sets = similarity_sets()
    everyone: dict[str, tuple[Embeddings, AnalogyResult]] = {}
    for name, run in found["runs"].items():
        file = embeddings_file(folder, name)
        if not file.exists():
            print(f"{name}: {file} does not exist, its last score is kept", flush=True)
            continue
        embeddings = Embeddings.open(file)
        result = analogies(embeddings, relations)
        everyone[name] = embeddings, result
        known = run.get("micro")
        if known and abs(known[0] - result.micro.value) > 1e-12:
            print(f"{name}: accuracy was {known[0]:.6f} and is {result.micro.value:.6f}")
        run["dimension"] = embeddings.dimension
        run["questions"] = result.questions
        run["micro"] = _numbers(result.micro)
        run["macro"] = _numbers(result.macro)
        run["pairs"] = {}
        for key in SETS:
            scored = similarity(embeddings, sets[key])
            if scored.spearman is None:
                raise InputError(f"{name} has no correlation with {key}: {scored.reason}")
            run[key] = _numbers(scored.spearman)
            run["pairs"][key] = scored.pairs_used
        run["scored"] = date.today().isoformat()
        print(name, result.micro, flush=True)
    against = found.setdefault("against", {})
    for rival in everyone:
        if "SGNS" in rival:
            against[rival] = against.get(rival, {}) | {
                name: _compared(everyone[name], everyone[rival])
                for name in everyone
                if name != rival
            }


def _keep(found: dict[str, Any], one: Given, folder: Path) -> None:
    Embeddings.open(one.file).save(embeddings_file(folder, one.name))
    run: dict[str, Any] = {"seconds": one.seconds, **one.facts}
    if one.note:
        run["note"] = one.note
    found["runs"][one.name] = run


def _compared(
    first: tuple[Embeddings, AnalogyResult], second: tuple[Embeddings, AnalogyResult]
) -> dict[str, list[float]]:
    sets = similarity_sets()
    compared = {
        "difference": _numbers(compare_analogies(first[1], second[1])),
        "ratio": _numbers(ratio(first[1], second[1])),
    }
    for key in SETS:
        compared[key] = _numbers(spearman_difference(first[0], second[0], sets[key]))
    return compared


def _numbers(interval: Interval) -> list[float]:
    return [interval.value, interval.low, interval.high]


ORDER = ("trained SGNS", "trained QWEM", *CLOSED_FORMS, "gensim SGNS")
"""Of the rows of a table."""


def in_order(names: list[str]) -> list[str]:
    """Methods as in `ORDER`, seeds as they come."""
    rank = {method: place for place, method in enumerate(ORDER)}
    return sorted(names, key=lambda name: rank.get(name.partition(",")[0], len(rank)))

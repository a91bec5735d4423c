"""Store what was predicted and what was found, and write the page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.checkpoints import closed_form
from benchmarks.checkpoints import document as page
from benchmarks.corpora import REPOSITORY
from benchmarks.process import in_process
from probes import google_relations
from probes.layers import layer_curves, word_concepts
from probes.learning import learning_curves
from probes.relations.relations import Relations
from repsearch.language_models import Checkpoints
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

HERE = REPOSITORY / "benchmarks" / "checkpoints"
PREDICTION, RESULTS = HERE / "prediction.json", HERE / "results.json"
SHUFFLES, FLIPPED = 5, 10


def predict(file: Path) -> None:
    """Work out the order of learning in closed form; nothing of a model is read."""
    found = closed_form.of_text(file)
    about = {"date": date.today().isoformat(), "machine": machine(), "versions": versions()}
    write_json(found | about, PREDICTION)


def document() -> None:
    """Write docs/checkpoints-results.md from what is stored."""
    prediction = json.loads(PREDICTION.read_text("utf-8"))
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else None
    text = page.markdown(prediction, found)
    (REPOSITORY / "docs" / "checkpoints-results.md").write_text(text, "utf-8")


def analyse(checkpoints: Path, file: Path) -> None:
    """Ask every checkpoint, beside the closed form of the same text, and the nulls."""
    if not PREDICTION.exists():
        raise SystemExit("error: predict first; what is expected is written down before")
    found = in_process(_asked, checkpoints, file)
    write_json(found | {"machine": machine(), "versions": versions(), "seed": 0}, RESULTS)


def _asked(checkpoints: Path, file: Path) -> dict[str, Any]:
    opened, relations = Checkpoints.open(checkpoints), google_relations()
    found = learning_curves(opened, relations, text_counts=closed_form.counted(file))
    assert found.order is not None
    assert found.linear is not None
    figure = found.plot().get_figure(root=True)
    assert figure is not None
    figure.savefig(REPOSITORY / "docs" / "figures" / "checkpoints.png", dpi=110)
    return {
        "training": [
            json.loads((folder / "training.json").read_text("utf-8")) for folder in opened.folders
        ],
        "rests_on": found.rests_on(),
        "rows": found.table(),
        "linear": found.linear.table(),
        "order": found.order.table(),
        "correlations": found.order.rests_on(),
        "shuffled": [_shuffled(opened, relations, seed) for seed in range(SHUFFLES)],
        "flipped": [_flipped(opened, relations, seed) for seed in range(FLIPPED)],
    }


def _shuffled(checkpoints: Checkpoints, relations: Relations, seed: int) -> dict[str, Any]:
    """Second words exchanged within each relation: the two kinds of words remain, no pair does."""
    # Of the pairs whose words are there, so that as many are asked as before.
    known = relations.within(checkpoints.embeddings(checkpoints.steps[0]))
    return _found(checkpoints, known.shuffled(seed=seed), seed)


def _flipped(checkpoints: Checkpoints, relations: Relations, seed: int) -> dict[str, Any]:
    """The order within each pair by a coin: nothing is left to be found."""
    rng = np.random.default_rng([seed, 1])
    by_coin = {
        family: [(a, b) if rng.random() < 0.5 else (b, a) for a, b in pairs]
        for family, pairs in relations.families.items()
    }
    return _found(checkpoints, Relations(by_coin), seed)


def _found(checkpoints: Checkpoints, relations: Relations, seed: int) -> dict[str, Any]:
    found = layer_curves(word_concepts(checkpoints, relations), controls=0, seed=seed)
    return {
        "seed": seed,
        "relations": len(found.concepts),
        "found": {one.concept: list(one.found) for one in found.concepts if one.found},
        "least_p": min(at.p_value or 1.0 for one in found.concepts for at in one.layers),
    }

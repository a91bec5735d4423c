"""Store what was predicted and what was found, and write the page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from benchmarks.checkpoints import closed_form
from benchmarks.checkpoints import document as page
from benchmarks.corpora import REPOSITORY
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

HERE = REPOSITORY / "benchmarks" / "checkpoints"
PREDICTION, RESULTS = HERE / "prediction.json", HERE / "results.json"


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

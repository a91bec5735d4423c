"""Measure at which layers of language models concepts are directions.

python -m benchmarks.language_models states MODEL NAME   take its states, into runs/layers/NAME
python -m benchmarks.language_models ask NAME            ask every layer, store what was found
python -m benchmarks.language_models document            write docs/language-models-results.md

What was stopped goes on; what was asked is not asked again.
"""

import argparse
import json
from pathlib import Path

from benchmarks.corpora import REPOSITORY
from benchmarks.language_models import document, measure
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "language_models" / "results.json"


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language_models")
    stages = parser.add_subparsers(dest="stage", required=True)
    taken = stages.add_parser("states")
    taken.add_argument("model", type=Path)
    taken.add_argument("name")
    asked = stages.add_parser("ask")
    asked.add_argument("name")
    stages.add_parser("document")
    given = parser.parse_args()
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"models": {}}
    if given.stage == "document":
        page = REPOSITORY / "docs" / "language-models-results.md"
        page.write_text(document.markdown(results), "utf-8")
        return
    folder = REPOSITORY / "runs" / "layers" / given.name
    if given.stage == "states":
        measure.states(given.model, folder)
        return
    results["models"][given.name] = measure.ask(folder)
    results |= {"machine": machine(), "versions": versions()}
    write_json(results, RESULTS)


if __name__ == "__main__":
    main()

"""Calibrate the estimates of random-matrix theory, and intervals of analogy accuracy.

python -m benchmarks.calibration run          simulate, write the JSON and the document
python -m benchmarks.calibration pairs        intervals of analogy accuracy, and the document
python -m benchmarks.calibration violations   noise that breaks the model, and the document
python -m benchmarks.calibration document     write docs/calibration.md from the JSON alone
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.calibration import document, pair_intervals, violations
from benchmarks.calibration.cells import SIZES, cells, measure
from benchmarks.corpora import REPOSITORY
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "calibration" / "results.json"
PAIRS = RESULTS.with_name("pair_intervals.json")
VIOLATIONS = RESULTS.with_name("violations.json")
DOCUMENT = REPOSITORY / "docs" / "calibration.md"


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration")
    stages = parser.add_subparsers(dest="stage", required=True)
    running = stages.add_parser("run", help="simulate and write the document")
    running.add_argument("--families", type=int, default=500, help="without a mean, for 40 pairs")
    running.add_argument("--spiked", type=int, default=40, help="for 40 pairs and each strength")
    running.add_argument("--processes", type=int, default=2)
    pairs = stages.add_parser("pairs", help="simulate intervals of analogy accuracy")
    pairs.add_argument("--trials", type=int, default=2000, help="families a cell")
    pairs.add_argument("--bootstraps", type=int, default=200, help="of them by the bootstrap")
    broken = stages.add_parser("violations", help="simulate noise that breaks the model")
    broken.add_argument("--families", type=int, default=60, help="without a mean")
    broken.add_argument("--processes", type=int, default=2)
    stages.add_parser("document", help="write docs/calibration.md")
    asked = parser.parse_args()
    if asked.stage == "run":
        began = time.monotonic()
        todo = cells()
        with ProcessPoolExecutor(asked.processes) as pool:
            # Small families are cheap, so that there can be twice as many.
            times = [1 if size == max(SIZES) else 2 for size, _, _ in todo]
            scaled = [(asked.families * k, asked.spiked * k) for k in times]
            found = []
            for row in pool.map(measure, todo, *zip(*scaled, strict=True)):
                # After each size, so that a run that is cut short leaves what it found.
                found.append(row)
                write_json(_results(found, time.monotonic() - began), RESULTS)
    elif asked.stage == "pairs":
        began = time.monotonic()
        measured = pair_intervals.measure(asked.trials, asked.bootstraps)
        facts = {"machine": machine(), "versions": versions()}
        write_json(facts | {"seconds": time.monotonic() - began} | measured, PAIRS)
    elif asked.stage == "violations":
        began = time.monotonic()
        with ProcessPoolExecutor(asked.processes) as pool:
            cells_of = list(pool.map(violations.measure, violations.todo(asked.families)))
        facts = {"machine": machine(), "versions": versions()}
        write_json(facts | {"seconds": time.monotonic() - began, "cells": cells_of}, VIOLATIONS)
    parts = [json.loads(path.read_text("utf-8")) for path in (RESULTS, VIOLATIONS, PAIRS)]
    DOCUMENT.write_text(document.markdown(*parts), "utf-8")


def _results(found: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    found = sorted(found, key=lambda row: (row["rows"], row["columns"], row["exponent"]))
    return {"machine": machine(), "versions": versions(), "seconds": seconds, "cells": found}


if __name__ == "__main__":
    main()

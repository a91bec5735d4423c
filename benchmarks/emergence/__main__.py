"""Measure how analogies emerge, in training and in closed form (carried counts).

python -m benchmarks.emergence run         train d = 100, follow it and the closed form; minutes
python -m benchmarks.emergence ablation    train the four runs of the paper's figure 7
python -m benchmarks.emergence document    write docs/emergence-results.md from the JSON alone

Runs are kept in runs/emergence; one that was stopped goes on.
"""

import argparse
import json

from benchmarks.corpora import REPOSITORY
from benchmarks.emergence import document, measure
from benchmarks.emergence.trained_runs import FOLLOWED, train
from benchmarks.process import in_process
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "emergence" / "results.json"


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emergence")
    parser.add_argument("stage", choices=("run", "ablation", "document"))
    stage = parser.parse_args().stage
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if stage == "document":
        page = REPOSITORY / "docs" / "emergence-results.md"
        page.write_text(document.markdown(results), "utf-8")
        return
    folder = REPOSITORY / "runs" / "emergence"
    folder.mkdir(parents=True, exist_ok=True)
    if stage == "run":
        train(folder / "followed", *FOLLOWED)
        results["run"] = in_process(measure.of_run, folder / "followed")
        results["closed form"] = in_process(measure.of_closed_form)
    else:
        results["ablation"] = in_process(measure.ablation, folder)
    results |= {"machine": machine(), "versions": versions(), "seed": 0}
    write_json(results, RESULTS)


if __name__ == "__main__":
    main()

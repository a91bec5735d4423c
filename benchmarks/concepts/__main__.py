"""Measure concept directions of a real corpus at the paper's size: 10,000 words, d = 4,096.

python -m benchmarks.concepts solve       count the text and solve for 4,096 eigenpairs
python -m benchmarks.concepts run         the 14 relations: curves, spiked fits, controls, timed
python -m benchmarks.concepts random      random pairs of the carried corpus under two nulls
python -m benchmarks.concepts document    write docs/concept-results.md from the JSON alone

`solve` keeps the spectrum in runs/concepts/NAME; `run` needs it. The paper's
figure 4 is drawn beside ours if REPSEARCH_FIGURE_4 or the developers' data folder has it.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks.concepts import document, figure, random_pairs
from benchmarks.concepts.measure import measure
from benchmarks.concepts.solve import solve
from benchmarks.corpora import REPOSITORY, figure_4, large_text
from benchmarks.process import in_process, timed
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "concepts" / "results.json"
RANDOM = RESULTS.with_name("random_pairs.json")


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.concepts")
    stages = parser.add_subparsers(dest="stage", required=True)
    for name in ("solve", "run"):
        stages.add_parser(name).add_argument("--text", type=Path, help="enwiki-low by default")
    random = stages.add_parser("random", help="needs no text")
    random.add_argument("--families", type=int, default=20, help="for each relation")
    stages.add_parser("document")
    asked = parser.parse_args()
    if asked.stage == "random":
        seconds, found = timed(random_pairs.measure, asked.families)
        facts = {"machine": machine(), "versions": versions(), "seconds": seconds}
        write_json(found | facts, RANDOM)
        return
    if asked.stage == "document":
        results, random_found = (json.loads(path.read_text("utf-8")) for path in (RESULTS, RANDOM))
        written = document.markdown(results, random_found)
        (REPOSITORY / "docs" / "concept-results.md").write_text(written, "utf-8")
        if results["paper"]:
            figure.draw(results, REPOSITORY / "docs" / document.FIGURE)
        return
    text = asked.text or large_text()
    folder = REPOSITORY / "runs" / "concepts" / text.name.partition(".")[0]
    spectrum = folder / "spectrum.safetensors"
    if asked.stage == "solve":
        print(in_process(solve, text, spectrum))
        return
    if not spectrum.exists():
        sys.exit(f"error: {spectrum} does not exist; run 'python -m benchmarks.concepts solve'")
    found = in_process(measure, spectrum)
    found |= {"text": text.name, "machine": machine(), "versions": versions()}
    paper = figure_4()
    found["paper"] = json.loads(paper.read_text("utf-8")) if paper else None
    write_json(found, RESULTS)
    print(f"{found['seconds']} and {found['peak_gib']:.1f} GiB")


if __name__ == "__main__":
    main()

"""Set M* of the carried counts beside a model's layers or matrices.

    repsearch states models/minilm --words WORDS --out states   # WORDS: those of the counts
    python -m benchmarks.model_theory minilm states
    python -m benchmarks.model_theory gemma models/gemma-3-270m-q4_k_m.gguf

Results go to `benchmarks/model_theory.json` under the name, and `--write` prints the table of
docs/model-theory.md.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from probes.model_theory import TheoryBeside, theory_beside
from probes.relations.relation_files import google_relations
from repsearch.cli.given import spaces_of
from repsearch.data import carried_counts
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = Path(__file__).with_name("model_theory.json")


def measure(source: Path) -> dict[str, Any]:
    """Overlaps, modes and concepts, with the defaults of the command."""
    begin, cpu = time.perf_counter(), time.process_time()
    found = theory_beside(spaces_of([source]), carried_counts(), google_relations())
    return {
        "source": source.name,
        "machine": machine(),
        "versions": versions(),
        "seconds": time.perf_counter() - begin,
        "processor_seconds": time.process_time() - cpu,
        **_rows(found),
    }


def _rows(found: TheoryBeside) -> dict[str, Any]:
    assert found.concepts is not None
    return {
        "summary": found.summary(),
        "rests_on": found.rests_on(),
        "overlaps": found.overlaps.table(),
        "present": {space: int(found.modes.present(space).sum()) for space in found.modes.measures},
        # To three digits: a hundred modes in every space.
        "shares": {
            space: [round(share, 3) for share in one.shares.tolist()]
            for space, one in found.modes.measures.items()
        },
        "concepts": found.concepts.table(),
        "families": found.concepts.family_rows(),
    }


def markdown(results: dict[str, Any]) -> str:
    """Make the table of what was measured."""
    lines = [
        "| model | place | words | r | k = 5 | k = 20 | k = 100 | by frequency, k = 100 | modes "
        "present | rank correlation over relations |",
        "|---|---|---:|---:|---:|---:|---:|---|---:|---|",
    ]
    for model, one in results.items():
        by_space: dict[str, dict[int, Any]] = {}
        for row in one["overlaps"]:
            by_space.setdefault(row["space"], {})[row["k"]] = row
        concepts = {row["space"]: row for row in one["concepts"]}
        for space, rows in by_space.items():
            null, rho = rows[100], concepts[space]
            lines.append(
                f"| {model} | {space} | {one['rests_on']['words']:,} | {null['dimension']} | "
                + " | ".join(f"{rows[k]['overlap']:.2f}" for k in (5, 20, 100))
                + f" | {null['null_mean']:.3f} [{null['null_low']:.3f}, {null['null_high']:.3f}] | "
                f"{one['present'][space]} of 100 | {rho['rank_correlation']:.2f} "
                f"[{rho['low']:.2f}, {rho['high']:.2f}] (n = {rho['relations']}) |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure a source, or write the table from the last results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?")
    parser.add_argument("source", type=Path, nargs="?")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if given.write:
        print(markdown(results))
    elif given.source is None:
        parser.error("give a name, and states of a model or its file")
    else:
        write_json(results | {given.name: measure(given.source)}, RESULTS)


if __name__ == "__main__":
    main()

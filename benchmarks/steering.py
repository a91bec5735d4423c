"""Steer a causal model along three relations, and erase them in it.

    python -m benchmarks.steering models/gemma-3-270m-q4_k_m.gguf

Relations, layers and doses were fixed before anything was measured. Results go to
`benchmarks/steering.json`, after each relation; a run that was stopped goes on with those that
are left. `python -m benchmarks.steering --write` prints the table of docs/language-models.md.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from probes.interventions import Steering, steering
from probes.relations import Relations
from probes.relations.relation_files import google_relations
from repsearch.language_models import CausalModel
from repsearch.storage.atomic import sha256
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = Path(__file__).with_name("steering.json")
FAMILIES = ("family", "gram8-plural", "gram7-past-tense")
MOST_PAIRS = 20
DOSES = (-0.5, -0.2, 0.2, 0.5)
FOLDS, PERMUTATIONS, SEED = 4, 19, 0


def measure(model: Path) -> None:
    """Measure each relation with directions from states, then from the unembedding."""
    opened = CausalModel.open(model, dtype="float32")
    found: dict[str, Any] = {
        "model": model.name,
        "sha256": sha256(model) if model.is_file() else opened.language.digest,
        "machine": machine(),
        "versions": versions(),
        "relations": {},
    }
    if RESULTS.exists() and (before := json.loads(RESULTS.read_text("utf-8"))):
        # What was measured of the same model is kept.
        found["relations"] = before["relations"] if before["sha256"] == found["sha256"] else {}
    known = google_relations()
    for direction in ("states", "unembedding"):
        for family in FAMILIES:
            name = f"{family}, {direction}"
            if name in found["relations"]:
                continue
            begin, cpu = time.perf_counter(), time.process_time()
            pairs = known.families[family][:MOST_PAIRS]
            one = steering(
                opened,
                Relations({family: pairs}),
                doses=DOSES,
                direction=direction,
                folds=FOLDS,
                permutations=PERMUTATIONS,
                seed=SEED,
            )
            found["relations"][name] = {
                **_rows(one),
                "seconds": time.perf_counter() - begin,
                "processor_seconds": time.process_time() - cpu,
            }
            write_json(found, RESULTS)
            print(one, flush=True)


def _rows(found: Steering) -> dict[str, Any]:
    return {
        "rests_on": found.rests_on(),
        "doses": found.table(),
        "slopes": found.response_rows(),
        "erasure": found.erasure_rows(),
    }


def markdown(found: dict[str, Any]) -> str:
    """Make the tables of what was measured."""
    lines = []
    for name, one in found["relations"].items():
        family, _, direction = name.partition(", ")
        slopes = {row["layer"]: row for row in one["slopes"]}
        erasure = {
            (row["layer"], row["read_at"], row["state"]): row["accuracy"] for row in one["erasure"]
        }
        largest = {row["layer"]: row for row in one["doses"] if row["dose"] == max(DOSES)}
        for layer, row in slopes.items():
            last = max(read_at for at, read_at, _ in erasure if at == layer)
            of_dose = largest[layer]
            lines.append(
                f"| {family} | {direction} | {layer} | {row['slope']:.2f} "
                f"[{row['low']:.2f}, {row['high']:.2f}] | {row['random_low']:.2f} to "
                f"{row['random_high']:.2f} | {row['p']:.2f} | {of_dose['elsewhere']:.2f} "
                f"({of_dose['random_elsewhere']:.2f}) | "
                f"{erasure[layer, layer, 'as it is']:.2f} → "
                f"{erasure[layer, layer, 'erased']:.2f} | "
                f"{erasure[layer, last, 'as it is']:.2f} → {erasure[layer, last, 'erased']:.2f} |"
            )
    head = (
        "| relation | direction from | layer | slope, nats a dose | random | p | KL at 0.5 "
        "(random's) | read there, erased | read at the end, erased |\n"
        "|---|---|---:|---|---|---:|---|---|---|"
    )
    return "\n".join([head, *lines])


def main() -> None:
    """Measure, or write the table from the last results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.write:
        print(markdown(json.loads(RESULTS.read_text("utf-8"))))
    elif given.model is None:
        parser.error("name the model's folder or GGUF file")
    else:
        measure(given.model)


if __name__ == "__main__":
    main()

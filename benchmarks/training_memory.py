"""Measure peak memory of full-batch quartic training, from the counts' file to the run's.

python -m benchmarks.training_memory COUNTS            print it; COUNTS of 100,000 words come from
                                                       `repsearch count TEXT -V 100000`
python -m benchmarks.training_memory COUNTS --write    and write benchmarks/training_memory.json
"""

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.process import in_process
from repsearch import Counts, Gaussian
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "training_memory.json"
DIMENSION = 200
UNTIL = 1e-5


def main() -> None:
    """Train for a moment in a process of its own, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("counts", type=Path)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    results: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "rows": [in_process(trained, arguments.counts, dtype) for dtype in ("float32", "float64")],
    }
    print(json.dumps(results, indent=2))
    if arguments.write:
        write_json(results, RESULTS)


def trained(path: Path, dtype: str) -> dict[str, Any]:
    """A few adaptive steps of the quartic loss under Setting 3.1."""
    from repsearch import training

    counts = Counts.open(path)
    with tempfile.TemporaryDirectory() as folder:
        run = training.train(
            counts,
            Path(folder) / "run",
            d=DIMENSION,
            until=UNTIL,
            start=Gaussian(1e-3, 0),
            record=training.Record(
                when=training.evenly(UNTIL, 2), snapshots=training.evenly(UNTIL, 1)
            ),
            compute=training.Compute(dtype=dtype),
        )
        return {
            "words": len(counts.words),
            "pairs": int(counts.indptr[-1]),
            "d": DIMENSION,
            "dtype": dtype,
            "integrator": str(run.settings.integrator),
            "steps": int(run.steps[-1]),
            "until": UNTIL,
        }


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of this module's docstring."""


if __name__ == "__main__":
    main()

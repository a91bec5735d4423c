"""Run all measurements, write them as JSON, and rewrite docs/benchmarks.md.

python -m benchmarks            measure, then write
python -m benchmarks trajectories   measure these again, keep the rest
python -m benchmarks --write    rewrite the document from the last results
python -m benchmarks growth     how costs grow (benchmarks/growth), apart from these
"""

import json
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import document, scores, spectra, text, trajectories
from benchmarks.corpora import REPOSITORY, large_text
from benchmarks.growth import __main__ as growth
from benchmarks.process import in_process
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "results.json"
EXTENDED = REPOSITORY / "benchmarks" / "extended_precision.json"


def main() -> None:
    """Measure and write."""
    if sys.argv[1:2] == ["growth"]:
        growth.main(sys.argv[2:])
        return
    if sys.argv[1:] == ["trajectories"]:
        write_json(json.loads(RESULTS.read_text("utf-8")) | _trajectories(), RESULTS)
    elif "--write" not in sys.argv[1:]:
        write_json(_measure() | _trajectories(), RESULTS)
    results = json.loads(RESULTS.read_text("utf-8"))
    extended = json.loads(EXTENDED.read_text("utf-8"))
    (REPOSITORY / "docs" / "benchmarks.md").write_text(
        document.markdown(results, extended), "utf-8"
    )
    print(f"ratio of counting, one thread:  {results['counting']['ratio_one_thread']:.1f}")
    print(f"ratio of counting, two threads: {results['counting']['ratio_two_threads']:.1f}")
    print(f"results: {RESULTS}")


def _trajectories() -> dict[str, object]:
    measured = in_process(trajectories.closed_form)
    return {"trajectories": {"date": date.today().isoformat(), **measured}}


def _measure() -> dict[str, object]:
    source = large_text()
    results: dict[str, object] = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "text": source.name,
    }

    def step(name: str, *call: object) -> None:
        print(f"{name} ...", flush=True)
        results[name] = in_process(*call)  # type: ignore[arg-type]

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus, wide = folder / "10k", folder / "100k"
        step("encoding", text.encoding, source, corpus, 10_000)
        step("counting", text.counting, corpus, 3)
        step("counts_10k", text.counts_file, corpus, folder / "10k.npz")
        step("lanczos_10k", spectra.lanczos, folder / "10k.npz", 200)
        step("full_10k", spectra.full, folder / "10k.npz")
        step("scores_10k", scores.accuracy, folder / "10k.npz", 200)
        step("encoding_100k", text.encoding, source, wide, 100_000)
        step("counts_100k", text.counts_file, wide, folder / "100k.npz")
        step("lanczos_100k", spectra.lanczos, folder / "100k.npz", 200)
    return results


if __name__ == "__main__":
    main()

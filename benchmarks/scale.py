"""Measure counts and eigenpairs of many words: time, peak memory, residuals, and the estimates.

python -m benchmarks.scale 100000 1000000   measure, keep what else scale.json has, write the table
python -m benchmarks.scale --write          write the table of docs/scale.md from scale.json again

The text is synthetic (`benchmarks/zipf_text.py`, seed 0: 25 million tokens of up to 2 million
words), because no corpus at hand has a million words; REPSEARCH_TEXT names another one. The
commands are those a user types, each in a process of its own, whose peak memory and processor time
the system tells. Pairs are solved for in memory and, with --memory 0, from scratch files: the two
spectra must be the same to the bit. On two cores a million words take 20 to 30 minutes and 5 GiB of
disk, 100,000 words four.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.zipf_text import zipf_text
from repsearch.counts.counts_size import CountsSize
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "scale.json"
PAGE = REPOSITORY / "docs" / "scale.md"
TOKENS, RANKS, D = 25_000_000, 2_000_000, 100
BEGIN, END = "<!-- python -m benchmarks.scale --write -->", "<!-- end -->"
HEAD = (
    "| words | pairs stored | command | wall clock | processor time | peak memory | expected |"
    " largest residual / λ₁ |\n|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="count and solve for many words")
    parser.add_argument("words", nargs="*", type=int)
    parser.add_argument("--write", action="store_true", help="write the table alone")
    given = parser.parse_args()
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"sizes": {}}
    if given.words:
        with tempfile.TemporaryDirectory() as scratch:
            text = _text(Path(scratch))
            for size in given.words:
                found["sizes"][str(size)] = _measured(text, size, Path(scratch))
        found |= {"machine": machine(), "versions": versions(), "text": text.name, "d": D}
        found["sizes"] = dict(sorted(found["sizes"].items(), key=lambda item: int(item[0])))
        write_json(found, RESULTS)
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", "utf-8")


def table(found: dict[str, Any]) -> str:
    """Write what was measured as a table.

    Parameters
    ----------
    found : dict
        What `scale.json` holds.

    Returns
    -------
    str
        Lines of Markdown.
    """
    rows = [
        f"| {int(size):,} | {steps['pairs']:,} | `{step['command']}` | {step['seconds']:,.0f} s | "
        f"{step['processor_seconds']:,.0f} s | {step['peak_gib']:.2f} GiB | "
        f"{step['expected_gib']:.2f} GiB | {_residual(step)} |"
        for size, steps in found["sizes"].items()
        for step in steps["steps"]
    ]
    return "\n".join([HEAD, *rows])


def _residual(step: dict[str, Any]) -> str:
    return f"{step['residual']:.1e}" if "residual" in step else ""


def _text(folder: Path) -> Path:
    named = os.environ.get("REPSEARCH_TEXT")
    if named:
        return Path(named).resolve()
    path = folder / "zipf.txt"
    zipf_text(path, TOKENS, RANKS)
    return path


def _measured(text: Path, size: int, folder: Path) -> dict[str, Any]:
    """Count and solve, in memory and from scratch files."""
    counts = folder / f"{size}.npz"
    steps, spectra = [], []
    count = f"count {text.name} -V {size}"
    done = _command(["count", str(text), "-V", str(size), "--out", str(counts)], count, folder)
    pairs = CountsSize.read(counts).pairs
    steps.append(done["step"])
    for memory in ("1TiB", "0"):
        out = folder / f"{size}-{memory}.safetensors"
        line = ["solve", str(counts), "-d", str(D), "--memory", memory, "--out", str(out)]
        done = _command(line, f"solve -d {D} --memory {memory}", folder)
        residuals, values = done["found"]["residuals"], done["found"]["eigenvalues"]
        steps.append(done["step"] | {"residual": max(residuals) / values[0], "lambda_1": values[0]})
        spectra.append(out.read_bytes())
        out.unlink()
    if spectra[0] != spectra[1]:
        sys.exit(f"error: with {size:,} words the two spectra are not the same to the bit")
    counts.unlink()
    return {"pairs": pairs, "steps": steps}


def _command(line: list[str], shown: str, folder: Path) -> dict[str, Any]:
    """Run a command; its answer, and what the system tells of its process."""
    print(f"{shown} ...", flush=True)
    answer = folder / "answer.json"
    begin = time.perf_counter()
    with answer.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", "from repsearch.cli import main; main()", *line, "--json"],
            stdout=stream,
            env=os.environ | {"TMPDIR": str(folder)},
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"error: repsearch {' '.join(line)} ended with {process.returncode}")
    seconds = time.perf_counter() - begin
    found = json.loads(answer.read_text("utf-8"))["found"]
    step = {
        "command": shown,
        "seconds": seconds,
        "processor_seconds": used.ru_utime + used.ru_stime,
        "peak_gib": used.ru_maxrss / 2**20,
        "expected_gib": found["expected"]["memory_bytes"] / 2**30,
        "expected_seconds": found["expected"]["seconds"],
    }
    return {"found": found, "step": step}


if __name__ == "__main__":
    main()

"""Measure everything of this toolkit that runs on a GPU, in one go of under five minutes.

python -m benchmarks.gpu FILE [--words 10000] [--dimension 200] [--seconds 255] [--parts NAME ...]

Writes FILE, JSON with the machine named, again after each part: what a part that fails or a
machine that is taken away leaves behind is kept. A part that fails has its traceback in the file;
one that would begin too late is left out and says so. Parts come in the order of importance. After
an error of the device itself, which spoils it for the process, a new process goes on.

Needs a CUDA device, and Triton for the fused kernel. Without a device it says so and ends with
exit status 2. `--device cpu` runs what a processor can, to try the script out.
"""

import argparse
import json
import subprocess
import sys
import time
import traceback
from datetime import date
from pathlib import Path
from typing import Any

import torch

from benchmarks import gpu_parts
from benchmarks.gpu_clock import DENSITY, synthetic_counts
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

PARTS = {
    "gradient": gpu_parts.gradient,
    "step": gpu_parts.step,
    "flow": gpu_parts.flow,
    "eigenpairs": gpu_parts.eigenpairs_on_device,
    "minimum": gpu_parts.minimum,
    "kernel": gpu_parts.kernel,
    "same_bits": gpu_parts.same_bits,
    "flow_bfloat16": gpu_parts.flow_bfloat16,
    "correctness": gpu_parts.correctness,
    "gradient_word2vec": gpu_parts.gradient_word2vec,
    "quartic": gpu_parts.quartic,
}
"""In the order in which they run."""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=255.0)
    parser.add_argument("--parts", nargs="*", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--go-on", action="store_true", help="add to what FILE has")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no CUDA device here; nothing was measured", file=sys.stderr)
        sys.exit(2)
    begin = time.monotonic()
    results: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": machine() | _device(asked.device),
        "versions": versions(),
        "words": asked.words,
        "dimension": asked.dimension,
        "density": DENSITY,
        "parts": {},
    }
    if asked.go_on:
        results = json.loads(asked.file.read_text("utf-8"))
    case = gpu_parts.Case(synthetic_counts(asked.words), asked.dimension, asked.device)
    results["counts_seconds"] = time.monotonic() - begin
    write_json(results, asked.file)
    for place, name in enumerate(asked.parts):
        left = asked.seconds - (time.monotonic() - begin)
        results["parts"][name] = measured(name, case, left)
        write_json(results, asked.file)
        print(f"{name}: {results['parts'][name]}", flush=True)
        if asked.device == "cuda" and asked.parts[place + 1 :] and _spoilt():
            left = asked.seconds - (time.monotonic() - begin)
            rest = ["--seconds", str(left), "--go-on", "--parts", *asked.parts[place + 1 :]]
            size = ["--words", str(asked.words), "--dimension", str(asked.dimension)]
            again = [sys.executable, "-m", "benchmarks.gpu", str(asked.file), *size, *rest]
            sys.exit(subprocess.run(again, check=False).returncode)


def measured(name: str, case: gpu_parts.Case, left: float) -> dict[str, Any]:
    """Run a part, whatever comes of it.

    Parameters
    ----------
    name : str
        One of `PARTS`.
    case : Case
        What is measured.
    left : float
        Seconds until the end.

    Returns
    -------
    dict
        What it found, and ``seconds``; ``failed`` with a traceback in place of what it lacks.
    """
    if left < gpu_parts.LEAST:
        return {"skipped": f"{left:.0f} seconds were left"}
    begin = time.monotonic()
    found: dict[str, Any] = {}
    try:
        PARTS[name](case, found, left)
    except BaseException as error:
        found["failed"] = traceback.format_exc()[-4000:]
        if isinstance(error, KeyboardInterrupt):
            raise
    found["seconds"] = time.monotonic() - begin
    if case.device == "cuda" and not _spoilt():
        torch.cuda.empty_cache()
    return found


def _spoilt() -> bool:
    """Tell whether the device refuses all further work of this process."""
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return True
    return False


def _device(device: str) -> dict[str, str]:
    if device == "cpu":
        return {"gpu": "none, tried out on the processor"}
    facts = torch.cuda.get_device_properties(0)
    return {
        "gpu": facts.name,
        "gpu_memory": f"{facts.total_memory / 2**30:.0f} GiB",
        "gpu_multiprocessors": str(facts.multi_processor_count),
        "cuda": str(torch.version.cuda),
        "triton": _triton(),
    }


def _triton() -> str:
    try:
        import triton
    except ImportError:
        return "not installed"
    return str(triton.__version__)


if __name__ == "__main__":
    main()

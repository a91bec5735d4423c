"""Train and minimise in one process and in several, and work out what more of them would gain.

python -m benchmarks.processes              carried counts, d = 50: about ten minutes of two cores
python -m benchmarks.processes -d 10        the same, smaller
python -m benchmarks.processes model        seconds on paper, as docs/processes.md has them
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.corpora import REPOSITORY
from repsearch.embeddings import Embeddings, align
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.training import TrainedTrajectory
from repsearch.training.objectives.tile_sums import number_of_parts
from repsearch.training.terms.pair_tiles import SIDE

RESULTS = REPOSITORY / "benchmarks" / "processes.json"
TRAIN = ("train", "carried", "--loss", "sgns")
MINIMISE = ("minimise", "carried")

D, BYTES = 200, 4
CORES = 16
SIZES, NUMBERS = (10_000, 100_000, 1_000_000), (1, 2, 4, 8, 16, 32, 64)
"""Of the model: words and processes."""
KINDS = {
    # As measured: eight times what docs/training.md has for two cores, and docs/gpu.md.
    "16 cores, 10 Gbit/s": (1.2e12, 3, 1.25e9),
    "H200, tiles, 400 Gbit/s": (18.5e12, 4, 50e9),
    "H200, fused kernel (tf32), 400 Gbit/s": (104e12, 4, 50e9),
}
"""Operations a second, operations for each of V^2 d, and bytes a second between two of them."""


def main() -> None:
    """Measure and write, or print the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=["measure", "model"], default="measure")
    parser.add_argument("-d", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    if asked.what == "model":
        print(model())
        return
    found = {
        "machine": machine(),
        "versions": versions(),
        "load_before": os.getloadavg()[0],
        "d": asked.d,
        "processes": asked.processes,
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, how in (("minimum", minimum), ("flow", flow), ("killed", killed)):
            print(f"{name} ...", flush=True)
            found[name] = how(folder, asked.d, asked.processes)
            print(found[name], flush=True)
    found["load_after"] = os.getloadavg()[0]
    write_json(found, RESULTS)
    print(f"results: {RESULTS}")


def minimum(folder: Path, d: int, processes: int) -> dict[str, Any]:
    """The minimum of SGNS in one process on all cores and on one, and in several."""
    one, alone, many = (folder / f"{name}.safetensors" for name in ("one", "alone", "many"))
    command = (*MINIMISE, "-d", str(d), "--out")
    seconds = {
        "one": timed(1, *command, str(one)),
        "one_thread": timed(1, *command, str(alone), "--threads", "1"),
        "many": timed(processes, *command, str(many)),
    }
    first, second = (Embeddings.open(path) for path in (one, many))
    turned = align(second, first)
    losses = [_json(path.with_name(f"{path.stem}-history.json"))["loss"] for path in (one, many)]
    return {
        "seconds": seconds,
        "loss": losses,
        "largest_difference": float(np.abs(first.vectors - second.vectors).max()),
        "residual_after_a_turn": float(turned.residual),
    }


def flow(folder: Path, d: int, processes: int) -> dict[str, Any]:
    """The flow of SGNS, likewise."""
    one, many = folder / "one", folder / "many"
    command = (*TRAIN, "-d", str(d), "--modes", "5", "--rows", "20", "--snapshots", "4", "--out")
    seconds = {
        "one": timed(1, *command, str(one)),
        "many": timed(processes, *command, str(many)),
    }
    return {"seconds": seconds, **beside(one, many)}


def killed(folder: Path, d: int, processes: int) -> dict[str, Any]:
    """The same flow, the last process killed after its first commit, resumed by one process."""
    run = folder / "killed"
    command = (*TRAIN, "-d", str(d), "--modes", "5", "--rows", "20", "--snapshots", "4", "--out")
    started = subprocess.Popen(
        [*torchrun(processes), *command, str(run)], stderr=subprocess.PIPE, text=True
    )
    while len(list(run.glob("snapshot-*"))) < 2:
        if started.poll() is not None:
            raise RuntimeError(started.stderr.read() if started.stderr else "")
        time.sleep(0.2)
    (victim,) = (
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/environ")
        if _is_last_of(path, started.pid, processes)
    )
    os.kill(victim, signal.SIGKILL)
    _, said = started.communicate(timeout=120)
    sentence = [line for line in said.splitlines() if line.startswith("error:")]
    stopped = TrainedTrajectory(run)
    reached = float(stopped.times[-1]), bool(stopped.finished)
    timed(1, "train", "carried", "--resume", "--out", str(run))
    return {
        "said": sentence,
        "time_at_kill": reached[0],
        "finished_at_kill": reached[1],
        "status": started.returncode,
        **beside(folder / "one", run),
    }


def beside(one: Path, other: Path) -> dict[str, Any]:
    """Compare two runs by all that they recorded."""
    first, second = TrainedTrajectory(one), TrainedTrajectory(other)
    last = first.snapshot_times[-1]
    here, there = first.embeddings(last), second.embeddings(last)
    return {
        "rows": len(first.times),
        "steps": int(first.steps[-1]),
        "same_times": bool(np.array_equal(first.times, second.times)),
        "same_losses": bool(np.array_equal(first.loss(), second.loss())),
        "same_values": bool(np.array_equal(first.singular_values(), second.singular_values())),
        "loss_difference": float(np.abs(first.loss() - second.loss()).max()),
        "largest_difference": float(np.abs(here.vectors - there.vectors).max()),
        "residual_after_a_turn": float(align(there, here).residual),
        "gradient": second.settings.gradient,
    }


def timed(processes: int, *command: str) -> float:
    """Run a command and give its seconds."""
    start = [sys.executable, "-m", "repsearch"] if processes == 1 else torchrun(processes)
    begin = time.perf_counter()
    subprocess.run([*start, *command], check=True, capture_output=True)
    return round(time.perf_counter() - begin, 1)


def torchrun(processes: int) -> list[str]:
    """How several processes are started."""
    program = "torch.distributed.run"
    return [sys.executable, "-m", program, f"--nproc-per-node={processes}", "-m", "repsearch"]


def model() -> str:
    """Work out how many times faster a gradient of SGNS is over N processes, on paper.

    Tied weights, float32. W goes to all and sums come back by trees, ceil(log2 N) times V d
    numbers each way, after the arithmetic and not during it. With all-reduce every process would
    pass 2 (N - 1) / N times V d numbers. On processors the arithmetic is shared out in parts, one
    a core at a time.
    """
    lines = [f"|  | V | {' | '.join(map(str, NUMBERS))} |", "|---|---:|" + "---:|" * len(NUMBERS)]
    for kind in KINDS:
        for way in ("trees", "all-reduce"):
            for size in SIZES:
                first, *others = (_seconds(kind, way, size, number) for number in NUMBERS)
                told = " | ".join([f"{first:.2g} s", *(f"{first / one:.1f}" for one in others)])
                lines.append(f"| {kind}, {way} | {size:,} | {told} |")
    return "\n".join(lines)


def _seconds(kind: str, way: str, size: int, number: int) -> float:
    speed, operations, link = KINDS[kind]
    whole = operations * size**2 * D / speed
    mine = whole / number
    if "cores" in kind:
        side = math.ceil(size / SIDE)
        parts = number_of_parts(side, side * (side + 1) // 2)
        mine = whole * CORES / parts * math.ceil(math.ceil(parts / number) / CORES)
    arrays = 2 * math.ceil(math.log2(number)) if way == "trees" else 2 * (number - 1) / number
    return mine + arrays * size * D * BYTES / link


def _is_last_of(environ: Path, parent: int, processes: int) -> bool:
    try:
        variables = environ.read_bytes().split(b"\0")
        status = (environ.parent / "stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return False
    return int(status[1]) == parent and f"RANK={processes - 1}".encode() in variables


def _json(path: Path) -> dict[str, Any]:
    import json

    return dict(json.loads(path.read_text("utf-8")))


if __name__ == "__main__":
    main()

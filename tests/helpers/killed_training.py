"""Training that is killed at random moments, and its comparison with an undisturbed run.

python tests/helpers/killed_training.py FOLDER 30      30 SIGKILLs; prints what was seen as JSON
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from training_runs import contents, small_counts, usual

import repsearch as rs
from repsearch import dynamics, training
from repsearch.progress import Progress, silent
from repsearch.training.store.manifest import MANIFEST
from repsearch.training.store.stored_run import StoredRun

UNTIL = 0.6
KINDS = ("flow", "descent")


def go(folder: Path, kind: str, lasting: float, progress: Progress = silent) -> None:
    """Begin the run or go on with it; each commit comes after `lasting` seconds."""
    counts = small_counts()
    if (folder / MANIFEST).exists():
        training.resume(folder, counts, commit_seconds=lasting, progress=progress)
        return
    common: dict[str, Any] = {
        "d": 4,
        "until": UNTIL,
        "start": rs.Gaussian(1e-3, 1),
        "record": usual(UNTIL, 60, 12),
        "commit_seconds": lasting,
        "progress": progress,
    }
    if kind == "flow":
        training.train(
            counts, folder, loss=training.Sgns(), integrator=training.RungeKutta(1e-7), **common
        )
    else:
        batch = dynamics.SampledPairs(50)
        objective_rate = dynamics.clock(1.0, batch=batch).rate
        rate = UNTIL / 600 / objective_rate
        descent = training.GradientDescent(((600, rate, rate / 2), (1200, rate / 2)))
        training.train(counts, folder, batch=batch, integrator=descent, **common)


def kill_and_resume(folder: Path, kind: str, kills: int, seed: int = 0) -> dict[str, Any]:
    """Kill a run so often at random moments, end it, and compare it with an undisturbed one.

    A life says when a step begins. It is killed after a random number of them, and then a random
    part of the time of a step later, so that kills fall into steps and commits alike, on a slow
    machine as on a fast one.
    """
    rng = random.Random(seed)
    go(folder / "undisturbed", kind, 1e9)
    whole = StoredRun(folder / "undisturbed").step
    disturbed = folder / "disturbed"
    steps: list[int] = []
    reached = 0
    while len(steps) < kills:
        life = subprocess.Popen(
            [sys.executable, __file__, "--live", str(disturbed), kind], stdout=subprocess.PIPE
        )
        assert life.stdout is not None
        # Of what is left an equal part for each kill to come, on average.
        beginnings = rng.randint(1, max(1, 2 * (whole - reached) // (kills - len(steps) + 1) - 1))
        before = time.monotonic()
        for _ in range(beginnings):
            now = time.monotonic()
            life.stdout.readline()
            took, before = now - before, now
        time.sleep(rng.uniform(0, min(took, 0.2)))
        life.send_signal(signal.SIGKILL)
        killed = life.wait() == -signal.SIGKILL
        life.stdout.close()
        run = StoredRun(disturbed)
        run.verify()
        reached = run.step
        assert killed, f"the run ended at step {reached} after {len(steps)} kills"
        steps.append(reached)
    go(disturbed, kind, 0.0)
    return {
        "kind": kind,
        "kills": kills,
        "steps_at_kills": steps,
        "steps": StoredRun(disturbed).step,
        "same_bits": contents(disturbed) == contents(folder / "undisturbed"),
    }


def say(stage: str, done: float, total: float | None, unit: str) -> None:
    """A line for each step that begins."""
    print("step", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--live":
        go(Path(sys.argv[2]), sys.argv[3], 0.0, say)
    else:
        for name in KINDS:
            print(json.dumps(kill_and_resume(Path(sys.argv[1]) / name, name, int(sys.argv[2]))))

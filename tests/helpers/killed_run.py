"""A small run that is killed at random moments, and its comparison with an undisturbed one.

python tests/helpers/killed_run.py FOLDER 30        30 SIGKILLs, each looked at; prints JSON
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from repsearch.training.state import State
from repsearch.training.store.manifest import MANIFEST
from repsearch.training.store.run_store import RunStore
from repsearch.training.store.stored_run import StoredRun

WORDS = tuple(f"word{i}" for i in range(40))
STEPS_A_LIFE = 40
_ROW, _SNAPSHOT, _COMMIT = 2, 7, 3


def begun() -> State:
    """Before the first step."""
    weights = torch.from_numpy(np.random.default_rng(1).normal(size=(len(WORDS), 5)) * 0.1)
    return State(weights, memory={"momentum": 1 / 3, "largest": -np.inf})


def stepped(state: State) -> State:
    """A map that is chaotic enough for a lost bit to be seen at the end."""
    momentum = 3.9 * state.memory["momentum"] * (1 - state.memory["momentum"])
    weights = torch.cos(3 * state.weights) * momentum
    memory = {"momentum": momentum, "largest": float(weights.max())}
    return State(weights, state.step + 1, state.time + 0.1 * momentum, memory)


def row(state: State) -> dict[str, Any]:
    return {"loss": float(state.weights.sum()), "values": state.weights[0].numpy()}


def go(folder: Path, steps: int, before_step: Callable[[], object] = lambda: None) -> None:
    """Begin the run or go on with it, to the end."""
    if (folder / MANIFEST).exists():
        writer, state = RunStore.resume(folder)
    else:
        state = begun()
        writer = RunStore.create(folder, {"steps": steps}, WORDS, state)
    with writer:
        while state.step < steps:
            before_step()
            state = stepped(state)
            if state.step % _ROW == 0:
                writer.row(state.step, state.time, row(state))
            if state.step % _SNAPSHOT == 0:
                writer.snapshot(state)
            if state.step % _COMMIT == 0 or state.step == steps:
                writer.commit(state)


def contents(folder: Path) -> dict[str, Any]:
    """All that a run holds, as bytes."""
    run = StoredRun(folder)
    run.verify()
    state = run.last_state
    return {
        "words": run.words,
        "settings": run.settings,
        "rows": {name: column.tobytes() for name, column in run.rows().items()},
        "snapshots": {
            (int(step), float(at)): run.snapshot(int(step)).tobytes()
            for step, at in zip(run.snapshot_steps, run.snapshot_times, strict=True)
        },
        "state": (state.weights.numpy().tobytes(), state.step, state.time, dict(state.memory)),
    }


def kill_and_resume(folder: Path, kills: int, seed: int = 0) -> dict[str, Any]:
    """Kill a run so often, looking into the folder each time; end it; compare with another.

    A life gets leave for some steps and ends at a random moment, mostly within them.
    """
    rng = random.Random(seed)
    steps = STEPS_A_LIFE * (kills + 1)
    disturbed, undisturbed = folder / "disturbed", folder / "undisturbed"
    began = time.monotonic()
    go(undisturbed, steps)
    pace = (time.monotonic() - began) / steps
    ended: list[int] = []
    leftovers = 0
    for _ in range(kills):
        life, leave = _life(disturbed, steps)
        os.write(leave, b"." * STEPS_A_LIFE)
        time.sleep(rng.uniform(0, 1.2) * pace * STEPS_A_LIFE)
        os.kill(life, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(life, 0)[1]) == -signal.SIGKILL
        os.close(leave)
        if not (disturbed / MANIFEST).exists():
            ended.append(-1)  # killed before it had begun
            continue
        run = StoredRun(disturbed)
        run.verify()
        rows = run.rows()["step"]
        assert rows.tolist() == list(range(_ROW, run.step + 1, _ROW))
        assert run.snapshot_steps.tolist() == list(range(_SNAPSHOT, run.step + 1, _SNAPSHOT))
        named = {entry.file for entry in run.manifest.entries} | {MANIFEST}
        leftovers += len({path.name for path in disturbed.iterdir()} - named)
        ended.append(run.step)
    life, leave = _life(disturbed, steps)
    os.write(leave, b"." * steps)
    assert os.waitstatus_to_exitcode(os.waitpid(life, 0)[1]) == 0
    os.close(leave)
    named = {entry.file for entry in StoredRun(disturbed).manifest.entries} | {MANIFEST}
    return {
        "kills": kills,
        "steps": steps,
        "committed at each kill": ended,
        "leftovers seen": leftovers,
        "leftovers at the end": len({path.name for path in disturbed.iterdir()} - named),
        "equal to the bit": contents(disturbed) == contents(undisturbed),
    }


def _life(folder: Path, steps: int) -> tuple[int, int]:
    """A process that goes on with the run, and a pipe from which it reads a byte a step."""
    read, write = os.pipe()
    life = os.fork()  # sooner than a new interpreter that imports torch
    if life:
        os.close(read)
        return life, write
    try:
        os.close(write)
        torch.set_num_threads(1)
        go(folder, steps, lambda: os.read(read, 1))
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(kill_and_resume(folder, int(arguments[1])), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Measure the processor time and the memory of one stage at one size, in a process of its own."""

import gc
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.growth.arithmetic import Sweep
from benchmarks.growth.stages import STAGES, TINY, Sizes
from benchmarks.process import in_process

CALLS = 3
ENOUGH = 20.0
"""Processor seconds after which no further call is made."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def rows(sweep: Sweep) -> Iterator[dict[str, Any]]:
    """Measure a sweep, the smallest size first."""
    with one_thread():
        for size in sweep.sizes:
            yield in_process(one, sweep.stage, {**sweep.given, sweep.setting: size})


def one(stage: str, sizes: Sizes) -> dict[str, Any]:
    """Give the facts of a row: sizes, processor seconds, and bytes beyond what was there."""
    warm, _ = STAGES[stage](TINY | {"threads": sizes.get("threads", 1)})
    warm()
    begin = time.process_time()
    warm()
    tiny = time.process_time() - begin
    call, facts = STAGES[stage](sizes)
    gc.collect()
    seconds: list[float] = []
    before, found = forget_peak(), None
    for turn in range(CALLS):
        begin = time.process_time()
        found = call()
        seconds.append(time.process_time() - begin)
        if not turn:
            memory = peak() - before
        if isinstance(found, dict):
            facts |= found
        found = None
        if sum(seconds) > ENOUGH:
            break
    return {
        **sizes,
        **facts,
        "tiny_seconds": tiny,
        "processor_seconds": statistics.median(seconds),
        "calls": seconds,
        "peak_bytes": max(memory, 0),
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """Let libraries of processes that are started have one thread: others wait by spinning."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def forget_peak() -> int:
    """Set the peak of this process back to what it holds (Linux), and give that in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak() -> int:
    """Give the peak of this process since then, in bytes."""
    return _status("VmHWM")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")

"""Run a command of repsearch and kill it a while after it has begun to work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from places import ROOT


def killed(arguments: list[str], cwd: Path, after: float, **environment: str) -> bool:
    """Whether the command was killed before it ended by itself.

    `after` counts from the moment when it has been imported, so that a slow machine does not
    spend its kills on imports.
    """
    program = "import repsearch.cli as c; print('begun', flush=True); c.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(after)
    process.kill()
    process.stdout.close()
    return process.wait() == -signal.SIGKILL

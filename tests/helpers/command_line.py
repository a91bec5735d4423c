"""The command line as a process of its own, and a text for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TEXT = "\n".join(
    " ".join(f"w{chr(97 + (k * m) % 26)}{chr(97 + (k + m) % 7)}" for k in range(40))
    for m in range(1, 60)
)


def repsearch(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", "from repsearch.cli import main; main()"]
        + [str(argument) for argument in arguments],
        cwd=cwd,
        env={"PYTHONWARNINGS": "error", **os.environ, "COLUMNS": "80", **environment},
        capture_output=True,
        text=True,
        check=False,
    )

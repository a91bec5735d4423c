"""A sweep of 60 points that is killed three times, and its table beside an undisturbed one.

python tests/helpers/killed_sweep.py FOLDER        on the carried counts; prints JSON
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

GRID = """
[corpora]
counts = "{counts}"

[[embed]]
target = ["mstar", "ppmi", "pmi"]
d = [2, 3, 4, 5, 6, 8, 10, 12, 16, 20]
seed = [0, 1]

[ask]
probes = [{probes}]
{relations}
"""
KILLED_AT = (0.1, 0.4, 0.75)
"""Share of the tasks that are done when the first process is killed, the second, the third."""
PROCESSES = (1, 2, 1)
TABLES = ("table.csv", "table.json", "table.parquet")


def begun(folder: Path, grid: Path, out: str, processes: int) -> subprocess.Popen[bytes]:
    """The command as a process of its own."""
    program = "from repsearch.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "sweep", str(grid), "--out", out, "--processes",
         str(processes)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Tasks that are recorded: when, and as what."""
    return {
        path.parent.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.glob("stages/*/stage.json")
    }


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(one) for one in listed.read_text().split()] if listed.exists() else []


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def kill_and_resume(
    folder: Path, grid: Path, tasks: int, end: Callable[[], object] | None = None
) -> dict[str, Any]:
    """Kill a sweep three times at given shares of its tasks, and then let it end.

    The last time by the command, or by what is given.
    """
    out = folder / "disturbed"
    kept: dict[str, tuple[int, bytes]] = {}
    done_at, again, orphans = [], 0, 0
    for share, processes in zip(KILLED_AT, PROCESSES, strict=True):
        life = begun(folder, grid, "disturbed", processes)
        while len(finished(out)) < share * tasks:
            assert life.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        children = children_of(life.pid)
        os.kill(life.pid, signal.SIGKILL)
        assert life.wait() == -signal.SIGKILL
        assert life.stderr is not None
        life.stderr.close()
        until = time.monotonic() + 30
        while any(map(alive, children)) and time.monotonic() < until:
            time.sleep(0.02)
        orphans += sum(map(alive, children))
        now = finished(out)
        again += sum(now[name] != record for name, record in kept.items())
        kept = now
        done_at.append(len(kept))
    if end is None:
        life = begun(folder, grid, "disturbed", 1)
        errors = life.communicate()[1].decode()
        assert life.returncode == 0, errors
    else:
        end()
    now = finished(out)
    again += sum(now[name] != record for name, record in kept.items())
    return {
        "tasks": len(now),
        "done at each kill": done_at,
        "done again": again,
        "processes left over": orphans,
        "scratch left over": len(list(out.glob(".work-*"))),
        "tables": {name: (out / name).read_bytes() for name in TABLES if (out / name).exists()},
    }


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    grid = folder / "grid.toml"
    grid.write_text(GRID.format(counts="carried", probes='"analogies", "similarity"', relations=""))
    since = time.monotonic()
    whole = begun(folder, grid, "undisturbed", 1)
    errors = whole.communicate()[1].decode()
    assert whole.returncode == 0, errors
    seconds = time.monotonic() - since
    tasks = len(finished(folder / "undisturbed"))
    found = kill_and_resume(folder, grid, tasks)
    tables = found.pop("tables")
    equal = all(
        content == (folder / "undisturbed" / name).read_bytes() for name, content in tables.items()
    )
    points = len({row["point"] for row in json.loads(tables["table.json"])})
    told = {
        "points": points, **found, "tables equal to the byte": equal,
        "seconds undisturbed": round(seconds, 1), "tables": sorted(tables),
    }  # fmt: skip
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])

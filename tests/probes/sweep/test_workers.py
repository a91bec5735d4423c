"""Tasks over processes: the same rows, and one that is killed costs its own task alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from probes.sweep.grid_file import read_grid
from probes.sweep.sweep import Sweep
from probes.sweep.workers import reason
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes

GRID = """
[corpora]
counts = "counts.npz"
[[embed]]
target = ["mstar", "ppmi"]
d = [1, 2, 16]
[ask]
probes = "isotropy"
"""


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    BinaryAttributes([0.5, 0.4, 0.3, 0.2]).sample(10_000, seed=0).save(tmp_path / "counts.npz")
    (tmp_path / "grid.toml").write_text(GRID)
    return tmp_path / "grid.toml"


def test_two_processes_find_the_same_and_one_that_is_killed_costs_its_own_task(tmp_path, grid):
    one = Sweep(tmp_path / "one", read_grid(grid)).run()
    assert {row["why"] for row in one.rows if row["status"] == "failed"} != set()
    killed: list[int] = []

    def kill_the_first(stage: str, *_: object) -> None:
        """While the first task goes on, or in the place of it."""
        children = multiprocessing.active_children()
        if not killed and children:
            killed.append(children[0].pid)
            os.kill(children[0].pid, signal.SIGKILL)

    disturbed = Sweep(tmp_path / "two", read_grid(grid), processes=2, progress=kill_the_first)
    found = disturbed.run()
    assert killed
    ended = "its process was ended by SIGKILL, perhaps for want of memory; run it again"
    assert [why for why in found.failed.values() if why not in one.failed.values()] == [ended]
    (title,) = [title for title, why in found.failed.items() if why == ended]
    assert title.startswith("eigenpairs of ")
    lost = {row["point"] for row in found.rows if ended in (row["why"] or "")}
    assert len(lost) == 3
    kept = [row for row in one.rows if row["point"] not in lost]
    assert [row for row in found.rows if row["point"] not in lost] == kept
    assert multiprocessing.active_children() == []
    # What had failed for no reason of its own is done by the next one.
    again = Sweep(tmp_path / "two", read_grid(grid)).run()
    assert again.rows == one.rows
    assert again.failed == one.failed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("no such\nthing"), "no such thing"),
        (KeyError("x"), "KeyError: 'x'"),
        (ValueError(), "ValueError: ValueError"),
        (MemoryError(), "there was not enough memory; take a smaller d, fewer words or fewer"),
    ],
)
def test_why_a_task_failed_is_one_line(error, words):
    assert reason(error).startswith(words)
    assert "\n" not in reason(error)

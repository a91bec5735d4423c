"""``repsearch sweep``: what it prints, its exit status, and any number of processes."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from killed_sweep import alive, begun, children_of
from typer.testing import CliRunner

from probes.reproduce.fewer_words import leading_words
from repsearch.cli import app
from repsearch.data import carried_counts
from repsearch.errors import InputError
from repsearch.storage.locking import locked

GRID = """
[corpora]
counts = "counts.npz"

[[embed]]
target = ["mstar", "ppmi"]
d = [3, 6]

[ask]
probes = ["analogies", "isotropy"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sweep")
    leading_words(carried_counts(), 300).save(made / "counts.npz")
    (made / "grid.toml").write_text(GRID)
    return made


def called(folder: Path, *arguments: str):
    return CliRunner().invoke(app, ["sweep", *arguments])


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("table.*")}


def test_a_dry_run_lists_points_and_tasks_and_writes_nothing(folder, monkeypatch):
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    done = called(folder, "grid.toml", "--out", "dry", "--dry-run")
    assert done.exit_code == 0, done.output
    assert sorted(folder.iterdir()) == before
    lines = done.stdout.splitlines()
    assert "point 3: corpus counts.npz, embeddings PPMI, d 3" in lines
    assert any(line.startswith("eigenpairs of M* of counts.npz: about ") for line in lines)
    assert any(line.startswith("asking: analogies (4 tasks): about ") for line in lines)
    assert "4 points, 14 tasks: 0 done already, 14 to do, about " in done.stderr


def test_a_sweep_its_table_and_figures_and_again(folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = called(folder, "grid.toml", "--out", "out", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["found"]["done"] == 14
    assert told["found"]["rows"] == len(json.loads((folder / "out" / "table.json").read_text()))
    assert sorted(path.name for path in (folder / "out" / "figures").iterdir()) == [
        "axis-d.pdf", "axis-d.png", "axis-embeddings.pdf", "axis-embeddings.png",
    ]  # fmt: skip
    about = json.loads((folder / "out" / "about.json").read_text())
    assert about["grid"] == str(folder / "grid.toml")
    assert (folder / "out" / "grid.toml").read_text() == GRID
    first = tables(folder / "out")
    drawn = {path: path.stat().st_mtime_ns for path in (folder / "out" / "figures").iterdir()}
    again = called(folder, "grid.toml", "--out", "out")
    assert again.exit_code == 0
    assert "0 tasks done, 14 stood already, 0 failed" in again.stdout
    assert "14 done already, 0 to do, nothing to do" in again.stderr
    assert tables(folder / "out") == first
    assert all(path.stat().st_mtime_ns == then for path, then in drawn.items())
    dry = called(folder, "grid.toml", "--out", "out", "--dry-run")
    assert "asking: analogies (4 tasks): 4 done" in dry.stdout.splitlines()


def test_a_point_that_fails_is_named_and_the_exit_status_is_1(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "bad.toml").write_text(GRID.replace("[3, 6]", "[3, 250]"))
    done = called(folder, "bad.toml", "--out", "bad")
    assert done.exit_code == 1
    said = " ".join(done.stderr.split())
    assert "something is missing of 2 points: 2, 4" in said
    assert "isotropy of point 2 failed: embeddings of dimension 250 were asked for" in said
    rows = json.loads((folder / "bad" / "table.json").read_text())
    assert {row["point"] for row in rows if row["status"] == "failed"} == {2, 4}
    assert {row["point"] for row in rows if row["status"] == "found"} == {1, 2, 3, 4}


def test_ctrl_c_ends_processes_and_says_how_to_go_on(folder):
    for attempt in range(5):  # where the machine is busy, all may be done before it is told
        out = folder / f"stopped-{attempt}"
        life = begun(folder, folder / "grid.toml", out.name, 2)
        while len(children_of(life.pid)) < 2:
            assert life.poll() is None
            time.sleep(0.01)
        children = children_of(life.pid)
        life.send_signal(signal.SIGINT)
        errors = " ".join(life.communicate()[1].decode().split())
        if life.returncode:
            break
    assert life.returncode == 130, errors
    assert "What is done is kept; the same command goes on." in errors
    assert "Traceback" not in errors
    # Python's keeper of shared things, a child as well, ends when it sees that the sweep has.
    until = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(alive, children))
    assert list(out.glob(".work-*")) == []


@pytest.mark.parametrize("number", ["0", "-1"])
def test_too_few_processes(folder, monkeypatch, number):
    monkeypatch.chdir(folder)
    refused = called(folder, "grid.toml", "--processes", number)
    assert isinstance(refused.exception, InputError)
    assert str(refused.exception) == f"--processes is {number}; pass at least 1"


def test_faults_of_the_grid_are_said_before_anything_is_written(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "faulty.toml").write_text(GRID.replace("[3, 6]", "[]").replace('"ppmi"', '"x"'))
    refused = called(folder, "faulty.toml", "--out", "faulty")
    assert isinstance(refused.exception, InputError)
    assert str(refused.exception).splitlines() == [
        "faulty.toml has 2 faults:",
        "  [[embed]] 1, target is 'x', and must be one of 'mstar', 'ppmi', 'pmi'",
        "  [[embed]] 1, d is an empty list; give at least one value",
    ]
    assert not (folder / "faulty").exists()


def test_two_sweeps_of_one_folder_are_refused(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "held").mkdir()
    with locked(folder / "held"):
        refused = called(folder, "grid.toml", "--out", "held")
    assert isinstance(refused.exception, InputError)
    assert "is at work on held" in str(refused.exception)

"""What a killed process has left is removed by the next one, and nothing else is."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from repsearch.storage import leftovers
from repsearch.storage.atomic import replacing, replacing_folder
from repsearch.storage.leftovers import remove_leftovers, scratch_folder

pytest.importorskip("fcntl", reason="the kernel's locks are those of Unix")

PROGRAM = """
import sys, time
from contextlib import ExitStack
from pathlib import Path
from repsearch.storage.atomic import replacing, replacing_folder
from repsearch.storage.leftovers import scratch_folder
path = Path(sys.argv[2])
with ExitStack() as stack:
    if sys.argv[1] == "file":
        stack.enter_context(replacing(path)).write(b"half")
    elif sys.argv[1] == "folder":
        (stack.enter_context(replacing_folder(path)) / "a").write_text("half")
    else:
        (stack.enter_context(scratch_folder()) / "a").write_text("half")
    print("at work", flush=True)
    time.sleep(60)
"""


def at_work(kind: str, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, kind, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(path.parent)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at work\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert process.stdout is not None
    process.stdout.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["file", "folder", "scratch"])
def test_what_is_worked_on_stays_and_what_was_left_goes(tmp_path, kind):
    process = at_work(kind, tmp_path / "out")
    (left,) = names(tmp_path)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [left]
    kill(process)
    assert names(tmp_path) == [left]
    remove_leftovers(tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["file", "folder", "scratch"])
def test_the_next_write_of_any_name_removes_them(tmp_path, monkeypatch, kind):
    kill(at_work(kind, tmp_path / "out"))
    if kind == "scratch":
        monkeypatch.setattr(leftovers.tempfile, "tempdir", str(tmp_path))
        with scratch_folder():
            pass
        assert names(tmp_path) == []
    elif kind == "file":
        with replacing(tmp_path / "another"):
            pass
        assert names(tmp_path) == ["another"]
    else:
        with replacing_folder(tmp_path / "another"):
            pass
        assert names(tmp_path) == ["another"]


def test_files_of_others_and_of_other_machines_stay(tmp_path, monkeypatch):
    kill(at_work("file", tmp_path / "out"))
    (left,) = names(tmp_path)
    kept = [".out.abcdefgh.tmp", "notes.tmp", ".out.old", left + "~"]
    for name in kept:
        (tmp_path / name).write_text("precious")
    (tmp_path / left.replace(".out.", ".link.")).symlink_to(tmp_path / "notes.tmp")
    monkeypatch.setattr(leftovers.os, "geteuid", lambda: -1)
    remove_leftovers(tmp_path)
    assert left in names(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(leftovers, "_OURS", leftovers.re.compile(r"\.(.+)\.other_\w{8}\.(tmp|old)"))
    remove_leftovers(tmp_path)
    assert left in names(tmp_path)
    monkeypatch.undo()
    remove_leftovers(tmp_path)
    assert names(tmp_path) == sorted([*kept, left.replace(".out.", ".link.")])


def test_where_there_are_no_locks_nothing_is_removed(tmp_path, monkeypatch):
    kill(at_work("file", tmp_path / "out"))
    before = names(tmp_path)

    def unsupported(*_):
        raise OSError(errno.ENOLCK, "no locks here")

    monkeypatch.setattr(leftovers.fcntl, "flock", unsupported)
    with replacing(tmp_path / "another") as stream:
        stream.write(b"whole")
    assert (tmp_path / "another").read_bytes() == b"whole"
    assert names(tmp_path) == sorted([*before, "another"])


def test_what_was_being_replaced_is_put_back(tmp_path, monkeypatch):
    """Killed between the two renames of a folder's replacement."""
    with replacing_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("old")
    program = """
import os, sys
from pathlib import Path
from repsearch.storage.atomic import replacing_folder
rename = Path.replace
def killed(self, target):
    if self.suffix == ".tmp":
        os.kill(os.getpid(), 9)
    return rename(self, target)
Path.replace = killed
with replacing_folder(Path(sys.argv[1]), {"a"}) as folder:
    (folder / "a").write_text("new")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert "out" not in names(tmp_path)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "a").read_text() == "old"


def test_a_folder_is_put_aside_under_its_own_lock(tmp_path, monkeypatch):
    """A sweep between the two renames takes nothing away from the process at work."""
    with replacing_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("old")
    rename, swept = Path.replace, []

    def sweeping(self, target):
        if self.suffix == ".tmp":
            code = (
                "import sys; from pathlib import Path\n"
                "from repsearch.storage.leftovers import remove_leftovers\n"
                "remove_leftovers(Path(sys.argv[1]))"
            )
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
            swept.append(names(tmp_path))
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", sweeping)
    with replacing_folder(tmp_path / "out", {"a"}) as folder:
        (folder / "a").write_text("new")
    assert len(swept) == 1
    assert "out" not in swept[0]
    assert len(swept[0]) == 2
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "a").read_text() == "new"

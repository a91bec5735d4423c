"""Locks: those of running processes are respected, those of ended ones taken over."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from places import ROOT

from repsearch.errors import InputError
from repsearch.storage.locking import locked


def stale() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return json.dumps({"pid": process.pid, "host": socket.gethostname()})


def test_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "file.lock"
    lock.write_text(stale())
    with locked(tmp_path / "file"):
        assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_of_a_killed_process_that_nobody_asked_after_is_taken_over(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from repsearch.storage.locking import locked\n"
        "with locked(sys.argv[1]):\n"
        "    print('mine', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    with pytest.raises(InputError, match=f"process {process.pid} on "), locked(tmp_path):
        pass
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    with locked(tmp_path):
        pass
    process.communicate()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")
def test_of_a_dead_process_whose_number_was_given_away_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with locked(tmp_path):
        mine = json.loads(lock.read_text())
    lock.write_text(json.dumps({**mine, "since": "1"}))
    with locked(tmp_path):
        assert json.loads(lock.read_text()) == mine


def test_of_a_folder_lies_in_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]
        refused = pytest.raises(InputError, match=rf"process {os.getpid()} on .* remove .*\.lock ")
        with refused, locked(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_works_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with locked(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]
        with pytest.raises(InputError, match="is at work on"), locked(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_of_another_machine_is_respected(tmp_path: Path) -> None:
    (tmp_path / "file.lock").write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    with pytest.raises(InputError, match="process 1 on elsewhere"), locked(tmp_path / "file"):
        pass
    assert (tmp_path / "file.lock").exists()


@pytest.mark.parametrize("text", ["", "{}", '{"pid": -1, "host": ""}', "nonsense"])
def test_without_a_name_is_respected_for_a_while(tmp_path: Path, text: str) -> None:
    lock = tmp_path / "file.lock"
    lock.write_text(text)
    with pytest.raises(InputError, match="another process"), locked(tmp_path / "file"):
        pass
    old = time.time() - 60
    os.utime(lock, (old, old))
    with locked(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), locked(tmp_path / "file"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_stale_goes_to_one_of_many(tmp_path: Path) -> None:
    (tmp_path / "file.lock").write_text(stale())
    program = (
        "import sys, time\n"
        "from repsearch.errors import InputError\n"
        "from repsearch.storage.locking import locked\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    with locked(sys.argv[1]):\n"
        "        print('mine', flush=True)\n"
        "        sys.stdin.readline()\n"
        "except InputError:\n"
        "    print('refused', flush=True)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "file")],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]

    def said(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def tell(process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    try:
        assert [said(process) for process in processes] == ["ready"] * 4
        for process in processes:
            tell(process)
        assert sorted(said(process) for process in processes) == ["mine"] + ["refused"] * 3
    finally:
        for process in processes:
            process.kill()
            process.communicate()

"""Locks: those of running processes are respected, those of ended ones taken over."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from places import ROOT

from repsearch.errors import InputError
from repsearch.storage import locking
from repsearch.storage.locking import locked

HOST = socket.gethostname()


def stale() -> str:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{process.pid}\n{HOST}\n"


def test_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "file.lock"
    lock.write_text(stale())
    with locked(tmp_path / "file"):
        assert lock.read_text().splitlines() == [str(os.getpid()), HOST]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.smoke
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


def test_of_a_dead_process_whose_number_was_given_away_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    lock.write_text(f"{os.getppid()}\n{HOST}\n")  # a process that runs, but holds nothing
    with locked(tmp_path):
        assert lock.read_text().splitlines()[0] == str(os.getpid())


def test_of_a_folder_lies_in_it(tmp_path: Path) -> None:
    with locked(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]
        refused = pytest.raises(InputError, match=rf"process {os.getpid()} on .* remove .*\.lock ")
        with refused, locked(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.smoke
@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("missing", [errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK])
def test_works_where_the_file_system_has_no_locks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: int,
    left: bool,  # noqa: FBT001
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(missing, os.strerror(missing))

    monkeypatch.setattr(fcntl, "flock", refuse)
    if left:
        (tmp_path / ".lock.soft").write_text(stale())
    with locked(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [".lock.soft"]
        refused = pytest.raises(InputError, match=f"process {os.getpid()} on .* is at work on")
        with refused, locked(tmp_path):
            pass
    assert list(tmp_path.iterdir()) == []


def test_of_another_machine_is_respected(tmp_path: Path) -> None:
    (tmp_path / "file.lock").write_text("1\nelsewhere\n")
    with pytest.raises(InputError, match="process 1 on elsewhere"), locked(tmp_path / "file"):
        pass
    assert (tmp_path / "file.lock").read_text() == "1\nelsewhere\n"


@pytest.mark.parametrize("text", ["", "1", "-1\n", "nonsense"])
def test_without_a_name_is_respected_while_it_is_held(tmp_path: Path, text: str) -> None:
    lock = tmp_path / "file.lock"
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.write(text)
        stream.flush()
        with pytest.raises(InputError, match="another process"), locked(tmp_path / "file"):
            pass
    with locked(tmp_path / "file"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.smoke
def test_that_was_removed_by_hand_is_not_removed_from_the_next(tmp_path: Path) -> None:
    lock = tmp_path / ".lock"
    with locked(tmp_path):
        lock.unlink()
        with locked(tmp_path):
            second = lock.stat()
            with pytest.raises(InputError), locked(tmp_path):
                pass
    assert not lock.exists()
    with locked(tmp_path):
        lock.unlink()
        lock.write_text("theirs")
    assert lock.read_text() == "theirs"
    assert second.st_nlink == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_stays_with_the_parent_when_a_child_leaves(tmp_path: Path) -> None:
    # In a process of one thread: Python warns of others when it forks.
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from repsearch.errors import InputError\n"
        "from repsearch.storage.locking import locked\n"
        "with locked(sys.argv[1]):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        sys.exit()\n"  # runs the end of the with block
        "    os.waitpid(child, 0)\n"
        "    assert Path(sys.argv[1], '.lock').exists()\n"
        "    try:\n"
        "        with locked(sys.argv[1]):\n"
        "            print('taken')\n"
        "    except InputError:\n"
        "        print('held')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "held\n"), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_may_end_in_another_thread(tmp_path: Path) -> None:
    held = locked(tmp_path)
    held.__enter__()
    thread = threading.Thread(target=held.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    with locked(tmp_path):
        pass


def test_of_another_user_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(lock))

    lock = tmp_path / "file.lock"
    lock.write_text(f"7\n{HOST}\n")
    monkeypatch.setattr(locking, "FileLock", refuse)
    with pytest.raises(InputError, match=r"process 7 on .* remove"), locked(tmp_path / "file"):
        pass


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

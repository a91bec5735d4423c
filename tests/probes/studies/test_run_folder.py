"""A run folder holds one run, or says that it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

from probes.studies.run_folder import check_part, faults, read_record, run_folder
from probes.studies.verification import verify
from repsearch.errors import InputError
from repsearch.storage.locking import locked

NEEDED = ("settings.toml", "report.html")


def write(folder: Path, content: str, *, upto: int = 9) -> None:
    """A run in small: its parts one after the other, the record last."""
    with run_folder(folder) as place:
        if upto == 0:
            raise InputError("the text is empty")
        place.begin()
        parts = ["settings.toml", "counts.npz", "tables/a.csv", f"figures/{content}.png"]
        for part in [*parts, "report.html"][: upto - 1]:
            (folder / part).parent.mkdir(exist_ok=True)
            (folder / part).write_text(content)
        if upto < 9:
            raise InputError("stopped")
        place.finish({"settings": {}}, NEEDED)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def whole(folder: Path) -> bool:
    record = read_record(folder)
    return record is not None and not faults(folder, record)


def test_the_record_names_every_file_of_the_run_and_no_other(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "mine.png").write_text("of the user")
    write(tmp_path, "one")
    record = read_record(tmp_path)
    assert record is not None
    assert set(record["files"]) == {
        *("settings.toml", "counts.npz", "tables/a.csv", "figures/one.png", "report.html")
    }
    assert whole(tmp_path)


def test_parts_of_the_run_before_go_and_files_of_the_user_stay(tmp_path):
    write(tmp_path, "one")
    for mine in ("figures/mine.png", "notes.txt"):
        (tmp_path / mine).write_text("of the user")
    write(tmp_path, "two")
    assert whole(tmp_path)
    assert names(tmp_path) == {
        *("settings.toml", "counts.npz", "tables/a.csv", "figures/two.png", "report.html"),
        *("run.json", "figures/mine.png", "notes.txt"),
    }


def test_a_run_that_fails_before_its_first_part_leaves_the_one_before_whole(tmp_path):
    write(tmp_path, "one")
    before = names(tmp_path)
    with pytest.raises(InputError, match="empty"):
        write(tmp_path, "two", upto=0)
    assert names(tmp_path) == before
    assert whole(tmp_path)


@pytest.mark.parametrize("upto", range(1, 7))
def test_a_run_that_fails_later_leaves_nothing_of_the_one_before(tmp_path, upto):
    write(tmp_path, "one")
    with pytest.raises(InputError, match="stopped"):
        write(tmp_path, "two", upto=upto)
    assert not whole(tmp_path)
    assert {(tmp_path / name).read_text() for name in names(tmp_path)} <= {"two"}


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_run_folder as small
last = 0
while True:
    last += 1
    folder = Path(sys.argv[1]) / str(last)
    small.write(folder, "one")
    child = os.fork()
    if child == 0:
        step = 0
        for name in ("unlink", "replace", "write_text", "mkdir"):
            def told(self, *args, real=getattr(Path, name), **kwargs):
                global step
                step += 1
                if step == last:
                    os.kill(os.getpid(), 9)
                return real(self, *args, **kwargs)
            setattr(Path, name, told)
        small.write(folder, "two")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status == 0:
        break
    assert os.WTERMSIG(status) == 9
print(last)
"""


def test_killed_at_every_change_it_makes_it_never_reads_as_a_mixture(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'helpers'}"},
        check=True,
        capture_output=True,
        text=True,
    )
    folders = [tmp_path / str(k + 1) for k in range(int(done.stdout))]
    assert len(folders) > 10
    for folder in folders:
        if whole(folder):
            assert len({(folder / name).read_text() for name in read_record(folder)["files"]}) == 1
        write(folder, "three")
        assert whole(folder)
        expected = {"settings.toml", "counts.npz", "tables/a.csv", "figures/three.png"}
        # Figures of the killed run, which no record names, are nobody's any more.
        left = names(folder) - {"figures/one.png", "figures/two.png"}
        assert left == {*expected, "report.html", "run.json"}


def test_two_at_once(tmp_path):
    write(tmp_path, "one")
    before = names(tmp_path)
    refused = pytest.raises(InputError, match=f"process {os.getpid()} on .* is at work on")
    with locked(tmp_path), refused:
        write(tmp_path, "two")
    assert names(tmp_path) == before
    assert whole(tmp_path)


@pytest.mark.parametrize("lost", NEEDED)
def test_a_part_that_vanished_is_an_error(tmp_path, lost):
    with run_folder(tmp_path / "run") as place:
        place.begin()
        for name in NEEDED:
            (tmp_path / "run" / name).write_text("x")
        (tmp_path / "run" / lost).unlink()
        with pytest.raises(InputError, match=f"{lost} was written and is gone"):
            place.finish({}, NEEDED)
    assert read_record(tmp_path / "run") is None


def test_a_part_of_another_run_is_named(tmp_path):
    write(tmp_path / "one", "one")
    write(tmp_path / "two", "two")
    part = tmp_path / "two" / "counts.npz"
    check_part(part)
    part.write_text("one")
    with pytest.raises(InputError, match=r"counts\.npz is damaged or of another run"):
        check_part(part)
    (found,) = [one for one in verify(tmp_path / "two") if one.path == part]
    assert found.fault == "it is damaged or of another run"
    check_part(tmp_path / "two" / "missing.npz")
    elsewhere = tmp_path / "counts.npz"
    elsewhere.write_text("one")
    check_part(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record | {"files": {"../precious": "0" * 64}},
        lambda record: record | {"files": {"/etc/passwd": "0" * 64}},
        lambda record: record | {"files": {"figures/../../precious": "0" * 64}},
        lambda record: record | {"files": {"figures/..": "0" * 64}},
        lambda record: record | {"files": []},
        lambda record: {"files": record["files"]},
    ],
)
def test_a_record_that_was_altered_is_refused_and_nothing_of_it_is_removed(tmp_path, change):
    folder = tmp_path / "run"
    write(folder, "one")
    (tmp_path / "precious").write_text("x")
    from probes.studies import run_folder as module

    record = json.loads((folder / "run.json").read_text())
    record.pop("sha256")
    altered = change(record)
    if set(altered) == set(record):
        altered["sha256"] = module._digest(altered)  # signed again by who altered it
    (folder / "run.json").write_text(json.dumps(altered))
    with pytest.raises(InputError, match=r"run\.json is damaged or was altered"):
        read_record(folder)
    write(folder, "two")
    assert (tmp_path / "precious").exists()
    assert whole(folder)

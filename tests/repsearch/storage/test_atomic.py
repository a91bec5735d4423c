"""Files and folders appear whole or not at all, and refusals are explained."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from repsearch.errors import InputError
from repsearch.storage import atomic as files
from repsearch.storage.atomic import replacing, replacing_folder, sha256
from repsearch.storage.refusals import explaining_write_errors


def write_and_fail(path: Path, failure: BaseException) -> None:
    with replacing(path) as stream:
        stream.write(b"half of the new")
        raise failure


def fill(path: Path, content: str, failure: BaseException | None = None) -> None:
    with replacing_folder(path, {"a"}) as temporary:
        (temporary / "a").write_text(content)
        if failure is not None:
            raise failure


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------------------------------------------------------------- one file


def test_a_file_appears_whole_with_ordinary_permissions(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with replacing(path, "w") as stream:
        stream.write("one\ntwo ä\n")
        assert not path.exists()
    assert path.read_bytes() == "one\ntwo ä\n".encode()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    assert names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("failure", [RuntimeError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_a_failure_leaves_the_old_file(tmp_path, failure):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(failure)):
        write_and_fail(path, failure)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_failure_leaves_nothing_where_nothing_was(tmp_path):
    with pytest.raises(RuntimeError):
        write_and_fail(tmp_path / "a.txt", RuntimeError())
    assert names(tmp_path) == []


def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="is a device or a pipe"), replacing(pipe):
        pass
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_sha256(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 100_000)
    assert sha256(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()


# ---------------------------------------------------------------- refusals


def refusal(path: Path, write=replacing) -> str:
    with pytest.raises(InputError) as caught, write(path):
        pass
    return str(caught.value)


@pytest.mark.parametrize("write", [replacing, replacing_folder])
def test_a_file_where_a_folder_is_needed_is_named(tmp_path, write):
    file = tmp_path / "file"
    file.write_text("precious")
    for path in (file / "x", file / "x" / "y" / "z", Path("/dev/null/x")):
        culprit = file if path.is_relative_to(file) else Path("/dev/null")
        expected = f"cannot write {path}: {culprit} is a file, not a folder; choose another path"
        assert refusal(path, write) == expected
    assert file.read_text() == "precious"


def test_the_name_of_a_folder_is_no_file_name_and_the_other_way_round(tmp_path):
    (tmp_path / "file").write_text("precious")
    assert refusal(tmp_path) == (
        f"cannot write {tmp_path}: that is a folder; give the name of a file"
    )
    assert refusal(tmp_path / "file", replacing_folder) == (
        f"cannot write {tmp_path / 'file'}: a file of that name is in the way; remove it or "
        "choose another path"
    )
    assert (tmp_path / "file").read_text() == "precious"


def test_a_name_that_is_too_long(tmp_path):
    assert "the name is too long; choose a shorter one" in refusal(tmp_path / ("x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    assert "no permission to write there; choose another folder" in refusal(tmp_path / "a")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space or choose another folder"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EFBIG, "the file would be larger than the file system or the limit"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "no permission to write there"),
        (errno.EBUSY, "something is mounted there; choose a folder below it"),
    ],
)
def test_what_the_system_says_is_explained(tmp_path, monkeypatch, number, words):
    path = tmp_path / "a"

    def refuse(*_args, **_kwargs):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(files.os, "fsync", refuse)
    with pytest.raises(InputError, match=f"^cannot write {path}: {words}"), replacing(path) as out:
        out.write(b"x")
    assert names(tmp_path) == []


def test_a_full_disk_without_a_file_name_in_the_error(tmp_path):
    with (
        pytest.raises(InputError, match=r"disk is full; free some space or look elsewhere$"),
        explaining_write_errors(tmp_path, elsewhere="look elsewhere"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(errno.EACCES, "Permission denied", "/another/place/secret.txt"),
        PermissionError(errno.EACCES, "Permission denied"),  # a network, for example
        FileNotFoundError(errno.ENOENT, "No such file", "x"),
        OSError("without a number"),
    ],
)
def test_errors_that_are_not_about_writing_pass(tmp_path, error):
    with pytest.raises(type(error)) as caught, replacing(tmp_path / "a"):
        raise error
    assert caught.value is error
    assert names(tmp_path) == []


# ------------------------------------------------------------------ folders


def test_a_folder_appears_whole_and_replaces_its_like(tmp_path):
    path = tmp_path / "deep" / "folder"
    for content in ("old", "new"):
        with replacing_folder(path, {"a"}) as temporary:
            (temporary / "a").write_text(content)
            assert not path.exists() or (path / "a").read_text() == "old"
        assert (path / "a").read_text() == content
        assert names(path.parent) == ["folder"]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o777 & ~umask


@pytest.mark.parametrize("failure", [RuntimeError("no"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_folder(tmp_path, failure):
    path = tmp_path / "folder"
    fill(path, "old")
    with pytest.raises(type(failure)):
        fill(path, "new", failure)
    assert (path / "a").read_text() == "old"
    assert names(tmp_path) == ["folder"]


def test_an_interruption_between_the_two_renames_brings_the_old_folder_back(tmp_path, monkeypatch):
    path = tmp_path / "folder"
    fill(path, "old")
    rename = Path.replace

    def interrupted(self, target):
        if self.suffix == ".tmp":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(path, "new")
    assert (path / "a").read_text() == "old"
    assert names(tmp_path) == ["folder"]


def test_a_folder_that_cannot_be_brought_back_now_comes_back_later(tmp_path, monkeypatch):
    fill(tmp_path / "folder", "old")
    replace, renamed = Path.replace, []

    def failing(path, target):
        renamed.append(path)
        if len(renamed) > 1:  # neither the new folder nor the old one gets the name
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        fill(tmp_path / "folder", "new")
    monkeypatch.undo()
    assert len(renamed) == 3
    assert not (tmp_path / "folder").exists()
    fill(tmp_path / "other", "anything")
    assert (tmp_path / "folder" / "a").read_text() == "old"


def test_a_folder_with_anything_else_in_it_is_not_touched(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "a").write_text("old")
    (path / "thesis.txt").write_text("precious")
    with (
        pytest.raises(InputError, match=r"holds 'thesis.txt', which would be lost; choose a new"),
        replacing_folder(path, {"a"}),
    ):
        pytest.fail("refused before any work is done")
    assert names(path) == ["a", "thesis.txt"]


def test_a_file_put_there_during_the_work_is_not_lost(tmp_path):
    path = tmp_path / "folder"

    def work() -> None:
        with replacing_folder(path, {"a"}):
            path.mkdir()
            (path / "counts.npz").write_text("precious")

    with pytest.raises(InputError, match=r"holds 'counts.npz'"):
        work()
    assert names(path) == ["counts.npz"]
    assert names(tmp_path) == ["folder"]


def test_a_link_to_a_folder_is_followed(tmp_path):
    (tmp_path / "big-disk").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "big-disk" / "folder")
    for content in ("one", "two"):
        with replacing_folder(link, {"a"}) as temporary:
            (temporary / "a").write_text(content)
        assert link.is_symlink()
        assert (tmp_path / "big-disk" / "folder" / "a").read_text() == content
    assert names(tmp_path) == ["big-disk", "link"]
    assert names(tmp_path / "big-disk") == ["folder"]


def test_a_limit_on_the_size_of_files_is_explained(tmp_path):
    code = f"""
import resource, sys
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    with replacing({str(tmp_path / "a")!r}) as stream:
        for _ in range(100):
            stream.write(b"x" * 1000)
except InputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"cannot write {tmp_path / 'a'}: the file would be larger than")
    assert "ulimit -f" in done.stdout
    assert done.stderr == ""
    assert names(tmp_path) == []

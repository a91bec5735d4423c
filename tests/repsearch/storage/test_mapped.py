"""Arrays in scratch files: what was put in comes out, nothing is left, a full disk is explained."""

from __future__ import annotations

import errno
import os
import tempfile
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsearch.errors import InputError
from repsearch.storage import mapped
from repsearch.storage.mapped import Pieces, is_mapped, release, require_room, taken


@given(
    st.lists(st.lists(st.integers(0, 2**31), max_size=5), max_size=6),
    st.sampled_from(["uint32", "int64", "float32"]),
    st.sampled_from(["memory", "file"]),
    st.data(),
)
def test_pieces_come_out_as_they_went_in(
    pieces: list[list[int]], dtype: str, place: str, data: st.DataObject
) -> None:
    n = sum(len(piece) for piece in pieces)
    whole = Pieces(n, dtype, mapped=place == "file")
    for piece in pieces:
        whole.append(np.array(piece, np.int64))
    found = whole.finish()
    expected = np.array([number for piece in pieces for number in piece], dtype)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)
    assert is_mapped(found) == (place == "file" and n > 0)
    low = data.draw(st.integers(0, n))
    high = data.draw(st.integers(low, n))
    release(found, low, high)
    assert np.array_equal(found, expected)


@given(st.sets(st.integers(0, 99)), st.integers(1, 120), st.sampled_from(["memory", "file"]))
def test_entries_are_taken_here_and_there(places: set[int], at_once: int, place: str) -> None:
    pieces = Pieces(100, np.int32, mapped=place == "file")
    pieces.append(np.arange(100) ** 2)
    array = pieces.finish()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "_AT_ONCE", at_once)
        found = taken(array, np.array(sorted(places), np.int64))
    assert found.tolist() == [number**2 for number in sorted(places)]


@pytest.mark.parametrize("view", [lambda a: a[3:], np.asarray, lambda a: a.view("uint32")])
def test_views_of_mapped_arrays_are_mapped(view: object) -> None:
    pieces = Pieces(5_000, np.int32, mapped=True)
    pieces.append(np.arange(5_000))
    part = view(pieces.finish())  # type: ignore[operator]
    before = part.tolist()
    assert is_mapped(part)
    release(part, 100, len(part))
    assert part.tolist() == before


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells")
def test_what_is_let_go_of_takes_no_memory() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096

    size = 1 << 26
    pieces = Pieces(size, np.uint8, mapped=True)
    pieces.append(np.ones(size, np.uint8))
    array = pieces.finish()
    before = resident()
    assert int(array.sum(dtype=np.int64)) == size
    assert resident() - before > size // 2
    release(array, 0, size)
    assert resident() - before < size // 8


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pieces = Pieces(3, np.int32, mapped=True)
    pieces.append(np.arange(3))
    array = pieces.finish()
    assert list(tmp_path.iterdir()) == []
    assert array.tolist() == [0, 1, 2]


def test_a_full_disk_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pieces = Pieces(3, np.int32, mapped=True)

    class Full:
        def write(self, _: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pieces, "_file", Full())
    with pytest.raises(InputError, match=r"the disk is full.*TMPDIR"):
        pieces.append(np.arange(3))


def test_too_little_room_is_refused_with_both_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(mapped.shutil, "disk_usage", lambda _: usage(2**30))
    require_room(2**30, "a.npz")
    with pytest.raises(InputError, match=r"a\.npz .* 2 GiB of scratch files, .* 1 GiB free; .*TMP"):
        require_room(2**31, "a.npz")


@pytest.mark.parametrize(
    ("mounts", "named", "expected"),
    [
        ("tmpfs {usual} tmpfs rw 0 0", "", "disk"),
        ("tmpfs {usual} tmpfs rw 0 0\n/dev/a {usual} ext4 rw 0 0", "", "usual"),
        ("/dev/a / ext4 rw 0 0", "", "usual"),
        ("tmpfs / tmpfs rw 0 0", "", "usual"),
        ("tmpfs / tmpfs rw 0 0\n/dev/a {disk} ext4 rw 0 0", "", "disk"),
        ("tmpfs {usual} tmpfs rw 0 0", "TMPDIR", "usual"),
        (None, "", "usual"),
    ],
)
def test_what_does_not_fit_is_not_put_into_memory_again(
    mounts: str | None,
    named: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = {"usual": tmp_path / "usual", "disk": tmp_path / "disk"}
    for place in places.values():
        place.mkdir()
    if mounts is not None:
        (tmp_path / "mounts").write_text(mounts.format(**places))
    monkeypatch.setattr(mapped, "_MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(mapped, "_ON_DISK", places["disk"])
    monkeypatch.setattr(tempfile, "tempdir", str(places["usual"]))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    if named:
        monkeypatch.setenv(named, str(places["usual"]))
    assert mapped.scratch_place() == places[expected]

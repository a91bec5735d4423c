"""Full disk, a folder that vanishes, two writers: on every kind of output."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import TEXT, repsearch
from places import ROOT

import repsearch as rs
from probes.geometry import isotropy
from repsearch.errors import InputError
from repsearch.storage import atomic
from repsearch.storage.locking import locked
from repsearch.storage.sidecar import write_sidecar
from repsearch.storage.tables import write_json, write_table
from repsearch.synthetic import BinaryAttributes

WORLD = BinaryAttributes([0.5, 0.3, 0.2, 0.1])
COUNTS = WORLD.sample(20_000, seed=0)
SPECTRUM = WORLD.spectrum()
EMBEDDINGS = SPECTRUM.embeddings(3)
EMBEDDINGS32 = rs.Embeddings(EMBEDDINGS.words, EMBEDDINGS.vectors.astype("float32"), "x")
ISOTROPY = isotropy(EMBEDDINGS)
TEXTS = {"a": ["one two three " * 30] * 9, "b": ["four five six seven " * 40] * 11}


def write_corpus(folder: Path, which: str = "a") -> None:
    rs.encode(TEXTS[which], folder / "corpus", vocabulary_size=None)


WRITERS: dict[str, Callable[[Path], object]] = {
    "corpus": write_corpus,
    "counts": lambda folder: COUNTS.save(folder / "counts.npz"),
    "counts, compressed": lambda folder: COUNTS.save(folder / "c.npz", compression="lzma"),
    "spectrum": lambda folder: SPECTRUM.save(folder / "spectrum.safetensors"),
    **{
        f"embeddings {end}": lambda folder, end=end: EMBEDDINGS32.save(folder / f"emb{end}")
        for end in (".vec", ".bin", ".glove", ".safetensors", ".npz", ".vec.gz")
    },
    "table": lambda folder: write_table([{"word": "cat", "value": 1.5}] * 300, folder, "words"),
    "JSON": lambda folder: write_json(list(range(900)), folder / "numbers.json"),
    "result of a probe": lambda folder: ISOTROPY.save(folder / "result"),
    "sidecar": lambda folder: write_sidecar(folder / "file"),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "file").write_text("of the user")
    return tmp_path


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_is_said_and_leaves_what_was_there(place, monkeypatch, kind):
    WRITERS[kind](place)
    before = contents(place)
    calls = 0

    def full(*_):
        nonlocal calls
        calls += 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(InputError, match="the disk is full; free some space or"):
        WRITERS[kind](place)
    assert calls == 1
    monkeypatch.undo()
    assert contents(place) == before


TINY = """
import resource, sys
from pathlib import Path
import test_disk_faults as faults
from repsearch.errors import InputError
folder = Path(sys.argv[1])
(folder / "file").write_text("of the user")
resource.setrlimit(resource.RLIMIT_FSIZE, (32, 32))
for kind, write in faults.WRITERS.items():
    try:
        write(folder)
    except InputError as error:
        assert "cannot write" in str(error), (kind, error)
    else:
        raise AssertionError(kind)
    left = sorted(path.name for path in folder.rglob("*") if path.is_file())
    assert left == ["file"], (kind, left)
"""


def test_no_room_in_the_middle_of_a_file_leaves_nothing(tmp_path):
    """The limit of a process on the size of its files, which the kernel enforces in any write."""
    paths = (ROOT, ROOT / "tests" / "helpers", Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", TINY, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_missing_is_made_and_one_that_vanishes_is_said(
    tmp_path, monkeypatch, kind
):
    place = tmp_path / "new" / "deep"
    if kind == "sidecar":
        place.mkdir(parents=True)
        (place / "file").touch()
    WRITERS[kind](place)
    assert contents(place)
    sync = atomic.os.fsync

    def vanish(descriptor):
        sync(descriptor)
        shutil.rmtree(place, ignore_errors=True)

    monkeypatch.setattr(atomic.os, "fsync", vanish)
    with pytest.raises(InputError, match=r"cannot write .*removed meanwhile; run it again"):
        WRITERS[kind](place)


@pytest.mark.parametrize("kind", WRITERS)
def test_two_writers_leave_one_whole_output(place, kind):
    """The same output written by several threads at once, many times over."""
    WRITERS[kind](place)
    whole = contents(place)
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(3):
                WRITERS[kind](place)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    if kind == "result of a probe":  # Matplotlib is no library for several threads
        threads = []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert contents(place) == whole


def test_two_writers_of_different_corpora_leave_one_of_them(tmp_path):
    whole = []
    for which in TEXTS:
        write_corpus(tmp_path / which, which)
        whole.append(contents(tmp_path / which))
    (tmp_path / "both").mkdir()
    failed: list[BaseException] = []

    def write(which: str) -> None:
        try:
            for _ in range(30):
                write_corpus(tmp_path / "both", which)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=which) for which in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert contents(tmp_path / "both") in whole
    assert [entry.name for entry in (tmp_path / "both").iterdir()] == ["corpus"]


@pytest.mark.parametrize("command", ["run", "demo", "train"])
def test_a_second_run_in_the_same_folder_is_refused_at_once(tmp_path, command):
    (tmp_path / "text.txt").write_text(TEXT)
    out = tmp_path / "out"
    out.mkdir()
    words = {"run": ["run", "text.txt", "-V", "40"], "demo": ["demo"], "train": ["train"]}[command]
    with locked(out):
        done = repsearch(*words, "-d", "3", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert f"process {os.getpid()} on " in done.stderr
    assert "is at work on out: wait until it has finished" in done.stderr
    assert list(out.iterdir()) == []


def test_a_training_run_whose_folder_vanishes_ends_with_an_error(tmp_path):
    torch = pytest.importorskip("torch")
    from repsearch.training.state import State
    from repsearch.training.store.run_store import RunStore

    state = State(torch.ones(3, 2), 0, 0.0)
    with RunStore.create(tmp_path / "run", {}, ("a", "b", "c"), state) as writer:
        shutil.rmtree(tmp_path / "run")
        with pytest.raises(InputError, match="was written and is gone: the folder was removed"):
            writer.commit(State(torch.ones(3, 2), 1, 0.1))

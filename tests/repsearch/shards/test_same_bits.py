"""Counts of shards are those of one process, to the byte of the file, and whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import repsearch as rs
from repsearch.corpus.phrases import Phrases
from repsearch.errors import InputError
from repsearch.shards import count_in_shards, steps, whole
from repsearch.shards.store import remove_shards

CASES: dict[str, dict[str, Any]] = {
    "all words": {"settings": rs.CorpusSettings(vocabulary_size=None)},
    "most frequent, ties cut": {"settings": rs.CorpusSettings(vocabulary_size=37)},
    "by count": {"settings": rs.CorpusSettings(min_count=7)},
    "long documents": {"settings": rs.CorpusSettings(min_document_length=20)},
    "places kept": {
        "settings": rs.CorpusSettings(vocabulary_size=20, out_of_vocabulary="keep-place")
    },
    "words given, not by frequency": {"vocabulary": ["sun", "bal", "bel", "never", "bam"]},
    "stop words by number": {"stop_words": 5},
    "stop words by name": {"stop_words": ["bal", "absent"]},
    "phrases": {"phrases": Phrases((("bal", "bam"), ("bam", "ban"))), "stop_words": 2},
    "another tokeniser": {"tokenizer": "unicode"},
    "a file is a document": {"document": "file"},
    "window of two sides": {"window": rs.Window(left=1, right=4)},
    "harmonic window": {"window": rs.Window(6, "harmonic")},
    "own weights": {"window": rs.Window(weights=(1, 0, 0.5))},
}


def alone(paths: list[Path], case: dict[str, Any], out: Path) -> bytes:
    """The counts file of one process."""
    encoding = dict(case)
    window = encoding.pop("window", None)
    files = rs.TextFiles(tuple(paths), encoding.pop("document", "line"))
    rs.count(rs.encode(files, **encoding), window).save(out)
    return out.read_bytes()


def sharded(paths: list[Any], case: dict[str, Any], out: Path, **how: Any) -> bytes:
    case = dict(case)
    found = count_in_shards(
        paths, out.with_suffix(".shards"), case.pop("window", None), shard_bytes=1, **case, **how
    )
    found.counts.save(out)
    return out.read_bytes()


@pytest.fixture
def blunt(write_text: Callable[..., list[Path]], tmp_path: Path) -> list[Path]:
    """Files of a text: one twice, one of no word, one of a single short document."""
    paths = write_text(5)
    empty, short = tmp_path / "text" / "blank.txt", tmp_path / "text" / "short.txt"
    empty.write_text("\n 1234 \n\n")
    short.write_text("sun\n")
    return [*paths, empty, paths[1], short]


class AtOnce:
    """Do what workers do in this process, as it is handed in or backwards."""

    number = 3

    def submit(self, task: Callable[..., Any], *arguments: Any, name: str) -> Any:
        assert name
        return task(*arguments)

    def results(self, done: list[Any]) -> Iterator[tuple[int, Any]]:
        yield from reversed(list(enumerate(done)))


@contextmanager
def at_once(*_: Any) -> Iterator[AtOnce]:
    yield AtOnce()


@pytest.mark.parametrize("name", CASES)
def test_every_setting_gives_the_file_of_one_process(blunt, tmp_path, monkeypatch, name):
    monkeypatch.setattr(whole, "workers", at_once)
    monkeypatch.setattr(steps, "_FAN_IN", 3)  # so that eight shards make a tree
    expected = alone(blunt, CASES[name], tmp_path / "one.npz")
    assert sharded(blunt, CASES[name], tmp_path / "many.npz") == expected


@settings(max_examples=10, deadline=None)
@given(
    documents=st.lists(st.text("ab ", max_size=12), min_size=1, max_size=12),
    cuts=st.lists(st.integers(0, 12), max_size=6),
    size=st.sampled_from([None, 1, 2]),
)
def test_any_splitting_gives_the_same(tmp_path_factory, documents, cuts, size):
    """Cut anywhere between documents; or refused for the same reason."""
    folder = tmp_path_factory.mktemp("split")
    edges = sorted({0, len(documents), *(cut for cut in cuts if cut < len(documents))})
    paths = []
    for low, high in pairwise(edges):
        paths.append(folder / f"{low:02}.txt")
        paths[-1].write_text("\n".join(documents[low:high]) + "\n")
    case = {"settings": rs.CorpusSettings(vocabulary_size=size), "window": rs.Window(3)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "workers", at_once)
        outcomes: list[bytes | str] = []
        for counting, out in ((alone, "one.npz"), (sharded, "many.npz")):
            try:
                outcomes.append(counting(paths, case, folder / out))
            except InputError as error:
                outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


def test_on_two_processes_of_which_one_is_killed(cluster, write_text, tmp_path):
    """The worker holds a task of counting when it is killed, so the task is done by another."""
    paths = write_text(24)
    case = {"settings": rs.CorpusSettings(vocabulary_size=60)}
    expected = alone(paths, case, tmp_path / "one.npz")
    killed: list[int] = []
    from distributed import Client

    with Client(cluster.scheduler_address) as watching:
        workers = watching.run(os.getpid)

        def kill(stage: str, done: float, total: float | None, unit: str) -> None:
            if stage != "counting" or killed:
                return
            for _ in range(1000):
                for address, pid in workers.items():
                    os.kill(pid, signal.SIGSTOP)
                    held = [key for key in watching.processing()[address] if "count-" in str(key)]
                    if held:
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
                        return
                    os.kill(pid, signal.SIGCONT)
                time.sleep(0.001)

        counted = sharded(
            paths, case, tmp_path / "many.npz", scheduler=cluster.scheduler_address, progress=kill
        )
        assert len(killed) == 1
        watching.wait_for_workers(2, timeout=60)
        assert killed[0] not in watching.run(os.getpid).values()
    assert counted == expected


KILLED = """
import sys
from pathlib import Path
from repsearch.shards import count_in_shards
paths, folder, scheduler = sys.argv[3:], sys.argv[1], sys.argv[2]
def progress(stage, done, total, unit):
    if stage == "counting" and done > total / 3:
        print("mid", flush=True)
        sys.stdin.read()
count_in_shards(paths, folder, scheduler=scheduler, shard_bytes=1, progress=progress)
"""


def test_resumed_after_the_command_is_killed(cluster, write_text, tmp_path):
    paths = write_text(9, seed=1)
    folder = tmp_path / "shards"
    command = [sys.executable, "-c", KILLED, str(folder), cluster.scheduler_address]
    with subprocess.Popen(
        [*command, *map(str, paths)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as going:
        assert going.stdout is not None
        assert going.stdout.readline() == "mid\n"
        with pytest.raises(InputError, match=f"process {going.pid} on .* is at work on {folder}"):
            count_in_shards(paths, folder, shard_bytes=1)
        going.kill()
    again = count_in_shards([*paths], folder, scheduler=cluster.scheduler_address, shard_bytes=1)
    assert again.n_read_before == 9
    assert again.n_counted_before >= 3
    again.counts.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == alone(paths, {}, tmp_path / "one.npz")
    kinds = sorted({path.name.partition("-")[0] for path in folder.iterdir()})
    assert kinds == ["counts", "text", "words"]
    remove_shards(folder)
    assert not folder.exists()


def test_what_changed_is_done_again_and_nothing_else(write_text, tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "workers", at_once)
    paths = write_text(4)
    folder, words = tmp_path / "shards", ["bal", "bam"]

    def stood(**changes: Any) -> tuple[int, int]:
        found = count_in_shards(
            paths, folder, rs.Window(3), vocabulary=words, shard_bytes=1, **changes
        )
        corpus = rs.encode(rs.TextFiles(tuple(paths)), vocabulary=words, **changes)
        expected = rs.count(corpus, rs.Window(3))
        found.counts.save(tmp_path / "found.npz")
        expected.save(tmp_path / "expected.npz")
        assert (tmp_path / "found.npz").read_bytes() == (tmp_path / "expected.npz").read_bytes()
        return found.n_read_before, found.n_counted_before

    assert stood() == (0, 0)
    assert stood() == (4, 4)
    assert stood(tokenizer="unicode") == (0, 4)  # read otherwise, to the same words
    paths[2].write_text("bal bam bal\n")
    assert stood() == (3, 3)
    for damaged, expected in (("counts-*/values.npy", (4, 0)), ("text-*/tokens.i32", (0, 4))):
        for file in folder.glob(damaged):
            content = bytearray(file.read_bytes())
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        assert stood() == expected

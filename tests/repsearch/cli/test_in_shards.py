"""The command `count --scheduler`: what it writes, says, keeps, and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command_line import TEXT, repsearch
from typer.testing import CliRunner

from repsearch.cli import app
from repsearch.errors import InputError

pytest.importorskip("distributed")


class _AtOnce:
    number = 1

    def submit(self, task: Callable[..., Any], *arguments: Any, name: str) -> Any:
        return task(*arguments)

    def results(self, done: list[Any]) -> Iterator[tuple[int, Any]]:
        yield from enumerate(done)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from repsearch.shards import whole

    @contextmanager
    def at_once(*_: Any) -> Iterator[_AtOnce]:
        yield _AtOnce()

    monkeypatch.setattr(whole, "workers", at_once)
    monkeypatch.chdir(tmp_path)
    lines = TEXT.splitlines()
    for k in range(3):
        Path(f"part{k}.txt").write_text("\n".join(lines[k::3]) + "\n")
    Path("pairs.tsv").write_text("wba wbb\n")
    Path("words.txt").write_text("wba\nwbb\n")
    return tmp_path


def done(*arguments: str) -> str:
    ran = CliRunner().invoke(app, list(arguments))
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.stdout


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-V", "30", "--oov", "keep-place", "--compress", "-L", "4", "--weighting", "harmonic"],
        ["--phrases", "pairs.tsv", "--stop-words", "3", "--min-count", "2", "--right", "0"],
        ["--document", "file", "--tokenizer", "split", "--min-length", "3"],
        ["--weights", "4,2,1", "--bad-bytes", "skip"],
    ],
)
def test_every_option_gives_the_file_that_it_gives_without_scheduler(folder, options):
    parts = [f"part{k}.txt" for k in range(3)]
    done("count", *parts, *options, "--out", "one.npz")
    said = done("count", "part?.txt", *options, "--scheduler", "local", "--out", "many.npz")
    assert Path("many.npz").read_bytes() == Path("one.npz").read_bytes()
    assert "Shards: 1, of 3 files\n" in said
    assert not Path("many.npz.shards").exists()


def test_shards_that_are_named_are_kept_and_used_again(folder):
    command = ["count", "part?.txt", "--scheduler", "local", "--shards", "kept"]
    assert "Shards: 1, of 3 files\n" in done(*command, "--out", "a.npz")
    again = done(*command, "--out", "b.npz", "--json")
    found = json.loads(again)
    assert found["found"]["shards_read_before"] == found["found"]["shards_counted_before"] == 1
    assert found["files"]["shards"] == str(folder / "kept")
    other = done(*command, "--out", "c.npz", "-L", "2")
    assert "Shards: 1, of 3 files; 1 had been read and 0 counted before" in other
    assert Path("a.npz").read_bytes() == Path("b.npz").read_bytes()


def test_what_was_finished_stays_beside_the_output_when_the_command_fails(folder, monkeypatch):
    from repsearch.counts import Counts

    def full(*_: Any, **__: Any) -> None:
        raise InputError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Counts, "save", full)
        with pytest.raises(InputError, match="the disk is full"):
            done("count", "part?.txt", "--scheduler", "local")
    assert list(Path("counts.npz.shards").glob("text-*"))
    said = done("count", "part?.txt", "--scheduler", "local")
    assert "1 had been read and 1 counted before" in said
    assert not Path("counts.npz.shards").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["part0.txt", "--shards", "x"], "--shards is for --scheduler, which counts in shards"),
        (["s3://bucket/a.txt"], "s3://bucket/a.txt is a URL, which --scheduler reads; pass"),
        (["part?.txt"], "part?.txt does not exist"),
        (["part0.txt", "--scheduler", "local", "--corpus", "c"], "--corpus is for one encoded"),
        (["p.npy", "--scheduler", "local", "--words", "w"], "--words is for word ids, which one"),
        (["part0.txt", "--scheduler", "tcp://a:1", "--threads", "2"], "--threads is for --sched"),
        (["-", "--scheduler", "local"], "standard input cannot be counted in shards"),
        (["nothing-*.txt", "--scheduler", "local"], "'nothing-*.txt' matches no file"),
        (
            ["part0.txt", "--scheduler", "local", "-V", "words.txt", "--min-count", "2"],
            "--min-count chooses among words, but -V names them (words.txt)",
        ),
        (["part0.txt", "--scheduler", "local", "--memory", "1kB"], "memory limit of 1,000 bytes"),
        (["part0.txt", "--scheduler", "local", "-V", "99999"], "the text has only"),
    ],
)
def test_refused_in_one_sentence(folder, arguments, said):
    with pytest.raises(InputError) as refused:
        done("count", *arguments)
    assert said in str(refused.value)
    assert not Path("counts.npz").exists()


def test_on_a_process_of_its_own_without_a_terminal(folder):
    """The real one: a worker is started, and everything of it is gone afterwards."""
    arguments = ["count", "part0.txt", "part1.txt", "part2.txt", "--out"]
    ran = repsearch(*arguments, "many.npz", "--scheduler", "local", "--threads", "1", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    done(*arguments, "one.npz")
    assert Path("many.npz").read_bytes() == Path("one.npz").read_bytes()

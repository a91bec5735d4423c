"""Help of every command: 80 columns, and an example at its end that works."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from command_line import TEXT
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import app
from repsearch.cli.examples import EXAMPLES

ROOT = typer.main.get_command(app)


def commands(group: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(None):
        below = group.get_command(None, name)
        yield (*path, name)
        if hasattr(below, "list_commands"):
            yield from commands(below, (*path, name))


ALL = [" ".join(path) for path in commands()]


def shown(name: str) -> list[str]:
    done = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).invoke(
        app, [*name.split(), "--help"]
    )
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.output.splitlines() if line.strip()]


@pytest.mark.parametrize("name", ALL)
def test_fits_and_ends_with_an_example(name: str) -> None:
    lines = shown(name)
    assert max(map(len, lines)) <= 80
    last = lines[-1].strip()
    assert last.startswith("Example: repsearch ")
    example = shlex.split(last.removeprefix("Example: repsearch "))
    # Those of a group are an example of one of its commands; topics is a command of its own too.
    assert example[0] in name.split()


@pytest.mark.parametrize("name", [*EXAMPLES])
def test_an_example_is_one_that_the_command_takes(name: str) -> None:
    program, *arguments = shlex.split(EXAMPLES[name].removeprefix("Example: "))
    assert program == "repsearch"
    command: Any = ROOT
    while hasattr(command, "get_command") and arguments:
        command = command.get_command(None, arguments[0])
        assert command is not None, EXAMPLES[name]
        arguments = arguments[1:]
    if hasattr(command, "registered"):
        command = command.registered()
    context = command.make_context("x", arguments, resilient_parsing=True)  # runs nothing
    assert not context.args
    flags = {flag for param in command.params for flag in param.opts}
    assert {one for one in arguments if one.startswith("-")} <= flags


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="the example of a run is trained")
    from training_runs import small_counts, spectrum_of, usual

    from repsearch import training

    made = tmp_path_factory.mktemp("examples")
    (made / "articles.txt").write_text(TEXT)
    words = ("king", "man", "woman", "queen", *(f"w{k}" for k in range(40)))
    rs.Embeddings(words, np.random.default_rng(0).normal(size=(44, 6))).save(made / "emb.vec")
    corpus = rs.encode(TEXT.splitlines(), vocabulary_size=30)
    for name in ("a", "b"):
        half = rs.encode(TEXT.splitlines()[ord(name) % 2 :: 2], vocabulary=corpus.words)
        rs.count(half, rs.Window(2)).save(made / f"{name}.npz")
    counts = small_counts()
    spectrum_of(counts, 6).save(made / "spectrum.safetensors")
    training.train(counts, made / "runs" / "small", d=4, until=0.3, record=usual(0.3))
    return made


RUN = ["count", "vocabulary", "merge", "export", "ask", "topics", "verify", "data"]


@pytest.mark.parametrize("name", RUN)
def test_examples_work(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    arguments = shlex.split(EXAMPLES[name].removeprefix("Example: repsearch "))
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_completion_knows_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"_REPSEARCH_COMPLETE": "complete_bash", "COMP_WORDS": "repsearch so", "COMP_CWORD": "1"}
    done = CliRunner(env=env).invoke(app, [], prog_name="repsearch")
    assert done.output.split() == ["solve"]

"""Commands run in this process, and the embeddings that probes are tried on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from repsearch import Embeddings
from repsearch.cli import main

N = 12
"""Pairs of each relation."""


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def command(
    *first: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """A command that begins with some words, in a folder and on a terminal of 80 columns."""

    def go(*arguments: str) -> Done:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setattr(sys, "argv", ["repsearch", *first, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return Done(int(end.value.code or 0), printed.out, printed.err)

    return go


def write_relations(folder: Path) -> None:
    """Embeddings and pairs of one relation, `linear`, and of one of random pairs, `chance`."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(N, 16))
    second = first + 3 * np.eye(16)[0] + 0.3 * rng.normal(size=(N, 16))
    random = rng.normal(size=(2 * N, 16))
    words = [f"{side}{k}" for side in ("a", "b") for k in range(N)]
    words += [f"r{k}" for k in range(2 * N)]
    vectors = np.concatenate([first, second, random])
    Embeddings(tuple(words), vectors).save(folder / "emb.safetensors")
    pairs = [("linear", f"a{k}", f"b{k}") for k in range(N)]
    pairs += [("chance", f"r{2 * k}", f"r{2 * k + 1}") for k in range(N)]
    (folder / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in pairs))

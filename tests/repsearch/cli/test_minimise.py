"""``repsearch minimise`` and ``run --loss``: what is written, what is said, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the minimum needs the extra repsearch[torch]")

from command_line import TEXT, repsearch
from training_runs import small_counts

from repsearch import Embeddings, Word2VecC, minimise

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
from repsearch.cli import main
main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    small_counts().save(tmp_path / "counts.npz")
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path


def test_embeddings_contexts_and_history(folder: Path) -> None:
    done = repsearch("minimise", "counts.npz", "-d", "3", "--out", "e.vec", cwd=folder)
    assert done.returncode == 0, done.stderr
    exact = minimise(small_counts(), 3, weighting=Word2VecC(5))
    for file, made in (("e.vec", exact.embeddings), ("e-contexts.vec", exact.contexts)):
        assert made is not None
        assert np.allclose(Embeddings.open(folder / file).vectors, made.vectors, rtol=1e-5)
    history = json.loads((folder / "e-history.json").read_text())
    assert history["losses"] == exact.losses.tolist()
    assert (history["status"], history["certificate"]["saddle"]) == (exact.status, False)
    said = " ".join(done.stdout.split())
    for part in ("Loss", "iterations", "converged", "The gradient is", "no sign of a saddle"):
        assert part in said
    assert done.stderr.startswith("expected: ")


def test_stopped_early(folder: Path) -> None:
    few = ("--iterations", "2", "--tolerance", "1e-6")
    done = repsearch("minimise", "counts.npz", "-d", "3", *few, cwd=folder)
    assert "out of iterations" in done.stdout
    done = repsearch("minimise", "counts.npz", "-d", "3", "--seconds", "1e-9", cwd=folder)
    assert "out of time" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-d", "0"), "--d is 0"),
        (("-d", "2", "--ridge", "-1"), "--ridge is -1"),
        (("-d", "2", "--iterations", "0"), "--iterations is 0"),
        (("-d", "2", "--seconds", "-3"), "--seconds is -3"),
        (("-d", "2", "--tolerance", "2"), "--tolerance is 2"),
        (("-d", "2", "--negatives", "0"), "--negatives is 0"),
        (("-d", "2", "--weights", "setting31", "--subsample", "1e-3"), "--subsample"),
        (("-d", "2", "--out", "e.docx"), "e.docx"),
        (("-d", "2", "--device", "abacus"), "--device is"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_refused(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    done = repsearch("minimise", "counts.npz", *arguments, cwd=folder)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("e*"))


def test_run_scores_the_minimum_beside_the_targets(folder: Path) -> None:
    text = ["king queen man woman king queen"] * 20 + ["north south east west north south"] * 20
    (folder / "words.txt").write_text("\n".join(text))
    few = ("--vocabulary", "8", "-d", "1")
    done = repsearch("run", "words.txt", "--out", "r", *few, "--loss", "sgns", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = (folder / "r" / "report.html").read_text()
    assert "Minimum of sgns" in report
    assert Embeddings.open(folder / "r" / "minimum.safetensors").dimension == 1
    rows = json.loads((folder / "r" / "tables" / "analogies.json").read_text())
    assert {"M*", "minimum of sgns"} <= {row["target"] for row in rows}
    assert repsearch("verify", "r", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [("minimise", "counts.npz", "-d", "2"), ("run", "text.txt", "--loss", "sgns")],
    ids=lambda arguments: arguments[0],
)
def test_without_torch(folder: Path, arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "-m pip install 'torch>=" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


# A background job of a shell has Ctrl-C ignored, and so would these tests in one.
INTERRUPTS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from repsearch.cli import bars, main
tell = bars.Bars.__call__
def told(self, stage, done, total, unit):
    tell(self, stage, done, total, unit)
    if stage.startswith("minimising") and done == 2:
        signal.raise_signal(signal.SIGINT)
bars.Bars.__call__ = told
main()
"""


def test_ctrl_c_writes_what_there_is(folder: Path) -> None:
    options = ("minimise", "counts.npz", "-d", "3", "--tolerance", "1e-7", "--out", "e.vec")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTS, *options],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "interrupted" in done.stdout
    assert (folder / "e.vec").exists()

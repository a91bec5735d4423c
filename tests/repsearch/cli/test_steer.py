"""``repsearch steer`` and ``repsearch probe theory`` on a model of a few thousand weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import repsearch
from tiny_language_models import save_model
from typer.testing import CliRunner

from repsearch.cli import app
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes

pytest.importorskip("torch")
pytest.importorskip("transformers")

ASKED = "\n".join(
    ("first\tsecond", "they\tspoke", "of\tthe", "next\tword", "king\tqueen", "man\twoman")
)
FAST = ["--permutations", "19", "--template", "the next word is {}", "--layers", "1"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(tmp_path / "tiny")
    (tmp_path / "pairs.json").write_text(
        json.dumps({"made": [line.split("\t") for line in ASKED.splitlines()[1:]]})
    )
    return tmp_path


def test_steering_is_told_written_and_given_as_json(folder: Path) -> None:
    done = repsearch(
        "steer", "tiny", "--relations", "pairs.json", "--doses", "-1,2", "--out", "found",
        *FAST, "--json", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    rows = told["results"]["steering"]["rows"]
    assert [(row["edit"], row["dose"]) for row in rows] == [
        ("add", -1.0), ("add", 2.0), ("project out", None), ("erase", None),
    ]  # fmt: skip
    assert {path.name for path in (folder / "found").glob("*.csv")} == {
        "steering.csv", "steering-slopes.csv", "steering-erasure.csv",
    }  # fmt: skip
    assert (folder / "found" / "steering-made.png").exists()
    assert max(map(len, done.stderr.splitlines())) <= 80 or "Files:" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--doses", "much"], "--doses is 'much'; write numbers such as -0.5,0.5"),
        (["--doses", "0"], "doses is [0.0]; pass finite numbers other than 0"),
        (["--layers", "last"], "--layers is 'last'; write whole numbers such as 6,12"),
        (["--layers", "7"], "layers is (7,); pass whole numbers from 0 to 2"),
        (["--template", "{} is"], "does not end with a place for a word"),
        (["--families", "moon"], "moon"),
    ],
)
def test_what_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], says: str
) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, ["steer", "tiny", "--relations", "pairs.json", *options])
    assert isinstance(done.exception, InputError)
    assert says in str(done.exception)


def test_theory_beside_an_array_with_counts(tmp_path: Path) -> None:
    world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.2, 0.1])
    world.sample(100_000, seed=0).save(tmp_path / "counts.npz")
    world.spectrum().embeddings(4).save(tmp_path / "own.vec")
    (tmp_path / "pairs.json").write_text(
        json.dumps({name: list(pairs) for name, pairs in world.relations.items()})
    )
    done = repsearch(
        "probe", "theory", "own.vec", "--counts", "counts.npz", "--relations", "pairs.json",
        "--modes", "4", "--permutations", "20", "--controls", "0", "--out", "found", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["results"]
    assert list(told) == ["theory", "theory-modes", "theory-concepts"]
    assert told["theory"]["rows"][-1]["overlap"] > 0.9
    assert {path.name for path in (tmp_path / "found").glob("*.png")} == {
        "theory.png", "theory-modes.png", "theory-concepts.png",
    }  # fmt: skip
    assert (tmp_path / "found" / "theory-families.csv").exists()
    again = repsearch("probe", "theory", "own.vec", "own.vec", cwd=tmp_path)
    assert again.returncode == 2
    assert "a source is named twice" in again.stderr
    np.savetxt(tmp_path / "few.csv", np.eye(3))
    (tmp_path / "few.vec").write_text("2 2\nice 1 0\nfire 0 1\n")
    few = repsearch("probe", "theory", "few.vec", "--counts", "counts.npz", cwd=tmp_path)
    assert few.returncode == 2
    assert "0 words of the counts have vectors in few.vec" in few.stderr

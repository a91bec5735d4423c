"""Checkpoints on the command line: ``probe learning``, the probes over time, ``states``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_checkpoints import RELATION, WORDS, planted, save_all, save_checkpoint
from probe_command import command

import repsearch as rs
from repsearch.language_models import Checkpoints, Layers


@pytest.fixture
def repsearch(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Any:
    save_all(tmp_path / "checkpoints", {0: 0, 16: 0, 32: 5, 64: 5})
    rows = [f"one\t{first}\t{second}" for first, second in RELATION]
    (tmp_path / "pairs.tsv").write_text("\n".join(rows) + "\n")
    return command(folder=tmp_path, monkeypatch=monkeypatch, capsys=capsys)


PAIRS = ("--relations", "pairs.tsv")


def test_a_relation_is_dated_and_written(repsearch: Any, tmp_path: Path) -> None:
    record = tmp_path / "checkpoints" / "step-00032" / "training.json"
    record.write_text('{"tokens": 262144}')
    (tmp_path / "checkpoints" / "step-00128").mkdir()
    done = repsearch("probe", "learning", "checkpoints", *PAIRS, "--out", "found")
    assert done.returncode == 0, done.stderr
    assert "16-32" in done.stdout
    assert "262 k" in done.stdout
    assert "no model and no states, left out: step-00128" in done.stderr
    # A path is not broken, however long that of the test's folder is.
    lines = [line for line in done.stdout.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    with (tmp_path / "found" / "learning.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["step"]) for row in rows] == [0, 16, 32, 64]
    assert {row["direction_from"] for row in rows} == {"32"}
    assert (tmp_path / "found" / "linear.csv").is_file()
    assert (tmp_path / "found" / "learning.png").is_file()


def test_counts_of_the_text_add_the_order(repsearch: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    text = [" ".join(rng.choice(WORDS, 300)) for _ in range(20)]
    counts = rs.count(rs.encode(text, vocabulary_size=None, tokenizer=str.split))
    counts.save(tmp_path / "counts.npz")
    done = repsearch("probe", "learning", "checkpoints", *PAIRS, "--counts", "counts.npz")
    assert done.returncode == 0, done.stderr
    assert "The order of learning:" in done.stdout
    assert "1 relation is dated from both sides, too few" in " ".join(done.stdout.split())


def test_probes_over_time_take_checkpoints(repsearch: Any, tmp_path: Path) -> None:
    done = repsearch("probe", "emergence", "checkpoints", *PAIRS, "--out", "found")
    assert done.returncode == 0, done.stderr
    with (tmp_path / "found" / "emergence.csv").open() as stream:
        times = [float(row["time"]) for row in csv.DictReader(stream)]
    assert sorted(set(times)) == [0, 16, 32, 64]
    few = repsearch("probe", "emergence", "checkpoints", *PAIRS, "--times", "0,30,70")
    assert "checkpoints nearest to --times: steps 0, 32, 64" in few.stderr
    one = repsearch("probe", "concepts", "checkpoints", *PAIRS, "--time", "40")
    assert one.returncode == 0, one.stderr
    assert "nearest to --time 40 is that of step 32" in one.stderr
    assert "1 is a direction" in one.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("learning", "missing"), "missing holds no checkpoints; pass a folder of folders"),
        (("learning", "checkpoints/step-00000"), "holds no checkpoints; pass a folder"),
        (("learning", "checkpoints", "--layer", "2"), "and no layer 2; take their states"),
        (("learning", "checkpoints", "--steps", "16,0"), "--steps is '16,0'; write increasing"),
        (("learning", "checkpoints", "--steps", "5"), "there is no checkpoint of step 5"),
        (("learning", "checkpoints", "--counts", "none.npz"), "none.npz"),
        (("emergence", "checkpoints", "--counts", "carried"), "see 'repsearch probe learning'"),
        (("emergence", "pairs.tsv", "--layer", "1"), "--layer is for checkpoints of states"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    repsearch: Any, arguments: tuple[str, ...], said: str
) -> None:
    done = repsearch("probe", *arguments, *PAIRS)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_one_damaged_checkpoint_and_one_of_another_model(repsearch: Any, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoints" / "step-00100", planted(0, 0, d=7))
    done = repsearch("probe", "learning", "checkpoints", *PAIRS)
    assert done.returncode == 2
    assert "step-00100 has 108 words in 7 dimensions, and step-00000" in done.stderr
    (tmp_path / "checkpoints" / "step-00100" / "model.safetensors").write_bytes(b"short")
    done = repsearch("probe", "learning", "checkpoints", *PAIRS)
    assert done.returncode == 2
    assert "step-00100" in done.stderr


def test_states_of_all_checkpoints(repsearch: Any, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="language models need torch")
    pytest.importorskip("transformers", reason="language models need transformers")
    from tiny_language_models import save_model

    for step in (0, 8):
        save_model(tmp_path / "models" / f"step-{step}", seed=step)
        (tmp_path / "models" / f"step-{step}" / "training.json").write_text(
            json.dumps({"tokens": 100 * step})
        )
    (tmp_path / "words.txt").write_text("king\nqueen\nman\nwoman\n")
    asked = ("states", "models", "--words", "words.txt", "--out", "taken")
    done = repsearch(*asked)
    assert done.returncode == 0, done.stderr
    assert "models, 2 checkpoints: 4 words, layers 0 (the input) to 2, 16 numbers" in done.stdout
    found = Checkpoints.open(tmp_path / "taken", layer=1)
    assert (found.steps, found.tokens) == ((0, 8), (0, 800))
    alone = Layers.open(tmp_path / "taken" / "step-8").embeddings(1)
    assert np.array_equal(found.embeddings(8).vectors, alone.vectors)
    assert not np.array_equal(found.embeddings(0).vectors, alone.vectors)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "taken").rglob("layer-*")}
    assert repsearch(*asked).returncode == 0  # nothing is computed again
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "taken").rglob("layer-*")}
    (tmp_path / "other.txt").write_text("king\nman\n")
    assert repsearch(*asked[:2], "--words", "other.txt", "--out", "taken").returncode == 0
    assert len(Checkpoints.open(tmp_path / "taken").embeddings(8)) == 2
    refused = repsearch("states", "models", "--untrained", "0", "--out", "no")
    assert refused.returncode == 2
    assert "are for one model, and models holds checkpoints" in refused.stderr

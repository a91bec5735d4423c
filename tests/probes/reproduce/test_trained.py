"""Trained stages: what an interruption left is gone on with, and what is damaged is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from training_runs import contents, small_counts

from probes.reproduce.settings import Settings
from probes.reproduce.trained import CURVES, train_run
from repsearch.progress import silent

pytest.importorskip("torch", reason="torch is not installed, and runs are trained here")

SETTINGS = Settings(d=5, columns=8, train_words=30, train_d=3, train_modes=2, rows=10).settled(
    words=30
)


def trained(place: Path, run: str, settings: Settings = SETTINGS) -> dict[str, object]:
    place.mkdir(exist_ok=True, parents=True)
    train_run(place, small_counts(), settings, silent, run=run)
    found: dict[str, object] = json.loads((place / CURVES).read_text("utf-8"))
    return found


@pytest.mark.parametrize("damage", ["changed", "gone", "no manifest"])
def test_a_damaged_run_is_trained_afresh_to_the_same_bits(tmp_path, damage):
    before = trained(tmp_path / "whole", "qwem-small")
    shutil.copytree(tmp_path / "whole", tmp_path / "damaged")
    folder = tmp_path / "damaged" / "run"
    path = folder / "manifest.json"
    if damage != "no manifest":
        path = max(folder.glob("*.safetensors"), default=None) or max(
            file for file in folder.iterdir() if file.name != "manifest.json"
        )
    if damage == "changed":
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()
    assert trained(tmp_path / "damaged", "qwem-small") == before
    assert contents(folder) == contents(tmp_path / "whole" / "run")


def test_losses_of_other_kinds_are_on_other_scales(tmp_path):
    qwem = trained(tmp_path / "qwem", "qwem-small")
    sgns = trained(tmp_path / "sgns", "word2vec-small")
    assert "share of M*" in str(qwem["loss_is"])
    assert qwem["predicted_loss"] == pytest.approx(qwem["loss"], rel=1e-2)
    assert "its own fall" in str(sgns["loss_is"])
    assert sgns["predicted_loss"] is None
    assert min(sgns["loss"]) == 0
    assert max(sgns["loss"]) == pytest.approx(1, abs=0.01)


def test_setting_3_1_has_one_negative_whatever_word2vec_has(tmp_path):
    from dataclasses import replace

    more = replace(SETTINGS, negatives=3.0)
    assert trained(tmp_path / "a", "qwem-small") == trained(tmp_path / "b", "qwem-small", more)
    assert trained(tmp_path / "c", "word2vec-small") != trained(
        tmp_path / "d", "word2vec-small", more
    )

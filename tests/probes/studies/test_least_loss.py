"""The minimum of a loss as files: embeddings, and how they were found, each under its own name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from probes.studies.least_loss import least_loss, save_least_loss
from repsearch.synthetic import BinaryAttributes

pytest.importorskip("torch", reason="torch is not installed, and a loss is minimised here")


def test_every_file_of_embeddings_has_a_history_of_its_own(tmp_path: Path) -> None:
    counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    found = {
        name: least_loss(counts, d, weights="unweighted", negatives=1)
        for name, d in (("emb.v1.vec", 1), ("emb.v2.vec", 2), ("emb.vec.gz", 3))
    }
    histories = {name: save_least_loss(one, tmp_path / name)[-1] for name, one in found.items()}
    assert [path.name for path in histories.values()] == [
        "emb.v1-history.json", "emb.v2-history.json", "emb-history.json",
    ]  # fmt: skip
    for name, one in found.items():
        assert json.loads(histories[name].read_text("utf-8"))["loss"] == one.loss

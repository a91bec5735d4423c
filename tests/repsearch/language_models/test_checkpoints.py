"""Checkpoints as embeddings over time: which folders they are, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from made_checkpoints import WORDS, planted, save_all, save_checkpoint

from repsearch import Embeddings
from repsearch.embeddings.huggingface import huggingface_embeddings
from repsearch.errors import InputError
from repsearch.language_models import Checkpoints


def save_states(folder: Path, layers: int = 1, factor: float = 1.0) -> None:
    """What `repsearch states` has made of one model."""
    folder.mkdir(parents=True)
    about = {"format": "repsearch.word-states", "model": folder.name, "layers": layers}
    (folder / "states.json").write_text(json.dumps(about))
    for layer in range(layers + 1):
        vectors = factor * (1 + layer) * planted(0.0, 0)
        Embeddings(WORDS, vectors).save(folder / f"layer-{layer:03}.safetensors")


def test_names_tell_steps_whatever_else_they_tell(tmp_path: Path) -> None:
    named = {"step1000-tokens4B": 1000, "checkpoint-500": 500, "step-00020": 20, "gpt_ckpt_3": 3}
    for name, step in named.items():
        save_checkpoint(tmp_path / name, planted(step, 0))
    save_checkpoint(tmp_path / ".step-00030", planted(0, 0))  # is being written
    (tmp_path / "step-7").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "step-9.txt").write_text("")
    found = Checkpoints.open(tmp_path)
    assert found.steps == (3, 20, 500, 1000)
    assert found.left_out == ("step-7",)
    assert found.snapshot_times.tolist() == [3.0, 20.0, 500.0, 1000.0]
    for folder, step in zip(found.folders, found.steps, strict=True):
        assert named[folder.name] == step
        assert np.array_equal(found.embeddings(step).vectors, planted(step, 0))
        assert found.embeddings(step).words == huggingface_embeddings(folder).words == WORDS


@pytest.mark.parametrize(
    ("asked", "step"), [(None, 64), (-5, 0), (0, 0), (17, 16), (39.9, 16), (40.1, 64), (1e9, 64)]
)
def test_the_nearest_step_is_taken(tmp_path: Path, asked: float | None, step: int) -> None:
    assert Checkpoints.open(save_all(tmp_path, {0: 0, 16: 0, 64: 0})).nearest(asked) == step


def test_tokens_are_those_that_the_checkpoint_says_itself(tmp_path: Path) -> None:
    said = ['{"tokens": 8192}', '{"step": 1}', '{"tokens": -1}', '["tokens"]', "{", None]
    for step, text in enumerate(said):
        folder = save_checkpoint(tmp_path / f"step-{step}", planted(0, 0))
        if text is not None:
            (folder / "training.json").write_text(text)
    assert Checkpoints.open(tmp_path).tokens == (8192, None, None, None, None, None)


def test_a_layer_of_states_is_followed(tmp_path: Path) -> None:
    for step in (0, 10):
        save_states(tmp_path / f"step-{step}", factor=1.0 + step)
    last, first = Checkpoints.open(tmp_path), Checkpoints.open(tmp_path, layer=0)
    assert (last.layer, first.layer) == (1, 0)
    assert np.allclose(last.embeddings(10).vectors, 22 * planted(0.0, 0))
    assert np.allclose(first.embeddings(10).vectors, 11 * planted(0.0, 0))
    assert "layer 0" in first.name
    with pytest.raises(InputError, match="there is no layer 5"):
        Checkpoints.open(tmp_path, layer=5).embeddings(0)


@pytest.mark.parametrize("kind", ["nowhere", "a file", "empty", "a model", "states", "a run"])
def test_what_holds_no_checkpoints_is_none(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "given"
    if kind == "a file":
        folder.write_text("")
    elif kind == "a model":
        save_checkpoint(folder, planted(0, 0))
    elif kind == "states":
        save_states(folder)
    elif kind == "a run":
        (folder / "snapshots" / "step-10").mkdir(parents=True)
    elif kind == "empty":
        folder.mkdir()
    assert not Checkpoints.is_at(folder)
    with pytest.raises(InputError, match="holds no checkpoints; pass a folder of folders"):
        Checkpoints.open(folder)


def test_two_of_one_step_and_two_kinds_are_refused(tmp_path: Path) -> None:
    save_all(tmp_path / "twice", {5: 0, 20: 0})
    save_checkpoint(tmp_path / "twice" / "checkpoint-5", planted(0, 0))
    with pytest.raises(InputError, match=r"checkpoint-5 and step-00005 in .* are both of step 5"):
        Checkpoints.open(tmp_path / "twice")
    save_all(tmp_path / "mixed", {5: 0})
    save_states(tmp_path / "mixed" / "step-6")
    with pytest.raises(InputError, match=r"models \(step-00005\) beside states \(step-6\)"):
        Checkpoints.open(tmp_path / "mixed")
    with pytest.raises(InputError, match="no layer 1; take their states by 'repsearch states'"):
        Checkpoints.open(save_all(tmp_path / "models", {5: 0}), layer=1)


def test_checkpoints_of_other_models_and_absent_steps_are_refused(tmp_path: Path) -> None:
    save_all(tmp_path, {0: 0, 1: 0})
    save_checkpoint(tmp_path / "step-2", planted(0, 0, d=7))
    save_checkpoint(tmp_path / "step-3", planted(0, 0), words=WORDS[::-1])
    found = Checkpoints.open(tmp_path)
    found.embeddings(1)
    for step in (2, 3):
        with pytest.raises(InputError, match=f"step-{step} has 108 words in .* step-00000 has 108"):
            found.embeddings(step)
    with pytest.raises(InputError, match=r"no checkpoint of step 1\.5 in"):
        found.embeddings(1.5)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    save_all(tmp_path, {0: 0, 1: 0})
    (tmp_path / "step-00001" / "model.safetensors").write_bytes(b"short")
    with pytest.raises(InputError, match="step-00001"):
        Checkpoints.open(tmp_path).embeddings(1)

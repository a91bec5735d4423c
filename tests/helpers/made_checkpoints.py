"""Checkpoints of a model that is nothing but an unembedding, as they are published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

PAIRS = 24
WORDS = (
    *(f"{side}{k}" for k in range(PAIRS) for side in ("a", "b")),
    *(f"other{k}" for k in range(60)),
)
RELATION = tuple((f"a{k}", f"b{k}") for k in range(PAIRS))


def save_checkpoint(folder: Path, vectors: np.ndarray, words: Sequence[str] = WORDS) -> Path:
    """Write a folder in the Hugging Face layout."""
    folder.mkdir(parents=True)
    vocabulary = {word: place for place, word in enumerate(words)}
    model = {"type": "WordLevel", "vocab": vocabulary}
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text(json.dumps({"model": model}))
    save_file({"lm_head.weight": np.asarray(vectors)}, folder / "model.safetensors")
    return folder


def planted(strength: float, seed: int, d: int = 20) -> np.ndarray:
    """Vectors of `WORDS`, whose second ones differ from the first by one direction."""
    rows = np.random.default_rng(seed).normal(size=(len(WORDS), d))
    rows[1 : 2 * PAIRS : 2, 0] += strength
    return rows


def save_all(folder: Path, strengths: Mapping[int, float]) -> Path:
    """Write a checkpoint for each step."""
    for step, strength in strengths.items():
        save_checkpoint(folder / f"step-{step:05}", planted(strength, step))
    return folder

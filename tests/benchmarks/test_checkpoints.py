"""The small transformer of `benchmarks.checkpoints`: resumed, packed, read by the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("transformers", reason="training needs transformers")

from benchmarks.checkpoints import packing, text, training
from repsearch.language_models import Checkpoints, LanguageModel, Prompt

RECIPE = training.Recipe(
    steps=6,
    checkpoints=3,
    first=2,
    layers=1,
    width=8,
    heads=2,
    context=8,
    batch=4,
    rate=1e-2,
    warmup=2,
    seed=0,
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: Any) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    words = ["king", "queen", "owl", "sees", "the", "man"]
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(words, 40)) for _ in range(60)]
    (folder / "text.txt").write_text("\n".join(lines))
    text.choose(folder / "text.txt", folder / "ids.npz", 2_000, 5, 0)
    return folder / "ids.npz"


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: Any) -> Path:
    out: Path = tmp_path_factory.mktemp("whole") / "run"
    training.train(corpus, out, RECIPE, "cpu")
    return out


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def test_documents_are_whole_within_what_was_asked(corpus: Path) -> None:
    with np.load(corpus) as read:
        ids, words = read["ids"], read["words"]
    assert len(words) == 5
    assert len(ids) <= 2_000
    assert ids.max() == len(words) + 1  # the end of a document
    assert ids[-1] == len(words) + 1
    assert not np.any(ids == len(words))  # nothing is unknown


def test_a_run_that_was_stopped_goes_on_to_the_same_bits(
    corpus: Path, whole: Path, tmp_path: Path
) -> None:
    training.train(corpus, tmp_path / "run", RECIPE, "cpu", 0.0)  # stops after one step
    made = sorted(path.name for path in (tmp_path / "run").glob("step-*"))
    assert made == ["step-00000000", "step-00000001"]
    training.train(corpus, tmp_path / "run", RECIPE, "cpu")
    for step in (0, 2, 3, 6):
        name = f"step-{step:08}"
        assert weights(tmp_path / "run" / name) == weights(whole / name)
    other = training.Recipe(**{**vars(RECIPE), "seed": 1})
    with pytest.raises(SystemExit, match="holds a training of other settings"):
        training.train(corpus, tmp_path / "run", other, "cpu")


def test_packed_checkpoints_come_back_byte_for_byte(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = packing._weights(whole / "step-00000000" / "model.safetensors")
    monkeypatch.setattr(packing, "LARGEST", 3 * len(size))
    packing.pack(whole, tmp_path / "packed")
    assert len(list((tmp_path / "packed").iterdir())) > 1
    packing.unpack(tmp_path / "packed", tmp_path / "again")
    for folder in whole.glob("step-*"):
        for path in folder.iterdir():
            assert (tmp_path / "again" / folder.name / path.name).read_bytes() == path.read_bytes()


def test_the_commands_read_what_was_trained(corpus: Path, whole: Path) -> None:
    found = Checkpoints.open(whole)
    assert found.steps == (0, 2, 3, 6)
    assert found.tokens == (0, 64, 96, 192)
    with np.load(corpus) as read:
        words = tuple(str(word) for word in read["words"])
    assert found.embeddings(6).words == words
    model = LanguageModel.open(found.folders[-1], dtype="float32")
    said = f"{words[0].upper()}, {words[1]}; 12"
    prompt = Prompt(said, said.index(words[1]), said.index(";"))
    assert model.tokens([prompt]) == [[1]]  # signs between words are no tokens
    assert model.states([prompt], [[1]], "last").shape == (2, 1, 8)

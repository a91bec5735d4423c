"""Hidden states of words: against the model run on one sentence at a time, and after a kill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="language models need torch")
pytest.importorskip("transformers", reason="language models need transformers")

from tiny_language_models import save_model  # noqa: E402

from repsearch import InputError  # noqa: E402
from repsearch.language_models import LanguageModel, Layers, word_states  # noqa: E402
from repsearch.language_models.templates import put_into  # noqa: E402

TEMPLATES = ("they spoke of {}", "this is the {} about")
ASKED = ("king", "owls", "queen", "brightly", "man")


@pytest.fixture(scope="module", params=["causal", "encoder"])
def model(request: Any, tmp_path_factory: Any) -> LanguageModel:
    folder = save_model(tmp_path_factory.mktemp(request.param), request.param)
    return LanguageModel.open(folder, dtype="float32")


def one_by_one(model: LanguageModel, word: str, pooling: str) -> Any:
    """The definition: each sentence alone, the tokens found by decoding them one after another."""
    found = []
    for template in TEMPLATES:
        text = template.format(word)
        ids = model.tokenizer(text)["input_ids"]
        tokens = [model.tokenizer.convert_ids_to_tokens(one) for one in ids]
        place = template.split().index("{}")
        starts = [k for k, token in enumerate(tokens) if not token.startswith("##")]
        begin = starts[place]
        end = starts[place + 1] if place + 1 < len(starts) else len(tokens)
        with torch.no_grad():
            given = model.model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        layers = np.stack([layer[0].numpy() for layer in given])
        found.append(layers[:, end - 1] if pooling == "last" else layers[:, begin:end].mean(1))
    return np.mean(found, axis=0)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_they_are_those_of_each_sentence_alone(
    model: LanguageModel, tmp_path: Path, pooling: Any
) -> None:
    found = word_states(model, ASKED, tmp_path / "s", templates=TEMPLATES, pooling=pooling)
    assert found.numbers == (0, 1, 2)
    for place, word in enumerate(ASKED):
        expected = one_by_one(model, word, pooling)
        for layer in found.numbers:
            vectors = found.embeddings(layer)
            assert vectors.words == ASKED
            assert vectors.vectors[place] == pytest.approx(expected[layer], abs=2e-6)


def test_what_the_tokenizer_does_not_know_is_left_out_and_named(
    model: LanguageModel, tmp_path: Path
) -> None:
    found = word_states(model, ("zebra", "king", "owls", "kingdom"), tmp_path / "s")
    assert found.embeddings(1).words == ("king", "owls")
    assert found.manifest["left_out"] == ["zebra", "kingdom"]
    assert found.manifest["pieces"] == {"1": 1, "2": 1}
    with pytest.raises(InputError, match="knows none of the words"):
        word_states(model, ("zebra",), tmp_path / "none")


def test_a_call_that_was_stopped_goes_on_to_the_same_bits(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repsearch.language_models.extraction._AT_ONCE", 2)
    whole = word_states(model, ASKED, tmp_path / "whole")
    calls: list[int] = []
    real = LanguageModel.states

    def stopped(self: LanguageModel, prompts: Any, *rest: Any) -> Any:
        calls.append(len(prompts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, prompts, *rest)

    monkeypatch.setattr(LanguageModel, "states", stopped)
    with pytest.raises(KeyboardInterrupt):
        word_states(model, ASKED, tmp_path / "again")
    assert not Layers.is_at(tmp_path / "again")
    with pytest.raises(InputError, match="holds no finished word states"):
        Layers.open(tmp_path / "again")
    again = word_states(model, ASKED, tmp_path / "again")
    assert calls == [6, 6, 6, 3]  # the first part was kept
    for layer in whole.numbers:
        mine, theirs = (one.embeddings(layer).vectors for one in (whole, again))
        assert mine.tobytes() == theirs.tobytes()
    assert sorted(path.name for path in (tmp_path / "again").iterdir() if path.name[0] != ".") == [
        *(f"layer-00{layer}.safetensors" for layer in whole.numbers),
        "states.json",
    ]
    # A third call finds all there, another recipe nothing.
    word_states(model, ASKED, tmp_path / "again")
    assert len(calls) == 4
    word_states(model, ASKED, tmp_path / "again", pooling="mean")
    assert len(calls) == 7


def test_other_weights_of_one_model_are_another_model(tmp_path: Path) -> None:
    """Checkpoints: the same folder name, configuration and sizes of files."""
    found = []
    for seed in (0, 1):
        folder = save_model(tmp_path / str(seed) / "model", seed=seed)
        opened = LanguageModel.open(folder, dtype="float32")
        found.append(word_states(opened, ASKED, tmp_path / "s").embeddings(2).vectors)
    assert (found[0] != found[1]).any()


def test_batches_change_nothing_but_the_last_bits(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = word_states(model, ASKED, tmp_path / "one", templates=TEMPLATES)
    monkeypatch.setattr("repsearch.language_models.batches.BATCH_CHARACTERS", 1)
    other = word_states(model, ASKED, tmp_path / "other", templates=TEMPLATES)
    for layer in one.numbers:
        mine, theirs = (each.embeddings(layer).vectors for each in (one, other))
        assert mine == pytest.approx(theirs, abs=2e-6)


def test_the_place_of_a_word() -> None:
    prompt = put_into("of {} and of", "of")
    assert (prompt.begin, prompt.end) == (3, 5)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"templates": ()}, "there is no template; pass at least one"),
        ({"templates": ("king",)}, "the template 'king' has 0 places for a word; write {} once"),
        ({"templates": ("{} {}",)}, "the template '{} {}' has 2 places for a word"),
        ({"templates": ("a {}", "a {}")}, "a template is given twice"),
        ({"pooling": "first"}, "pooling is 'first'; choose 'last' or 'mean'"),
        ({"words": ()}, "there is no word"),
        ({"words": "king"}, "there is no word"),
        ({"words": ("king", "the king")}, "'the king' is not one word"),
        ({"words": ("king", "man", "king")}, "'king' is given twice"),
        ({"templates": (" ".join(["of"] * 12) + " {}",)}, "the prompt 'of of of"),
    ],
)
def test_what_is_refused(
    model: LanguageModel, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError) as refused:
        word_states(model, **{"words": ASKED, "folder": tmp_path / "s", **given})
    assert str(refused.value).startswith(says)


def test_a_folder_with_other_files_is_refused(model: LanguageModel, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"holds other files, such as letter\.txt"):
        word_states(model, ASKED, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_damaged_manifest_is_refused(model: LanguageModel, tmp_path: Path) -> None:
    found = word_states(model, ASKED, tmp_path / "s")
    with pytest.raises(InputError, match="there is no layer 3"):
        found.embeddings(3)
    with pytest.raises(InputError, match=r"there is no layer 0\.5"):
        found.embeddings(0.5)
    for content in ("{", json.dumps({"format": "another"}), "[]"):
        (tmp_path / "s" / "states.json").write_text(content)
        with pytest.raises(InputError, match=r"states\.json"):
            Layers.open(tmp_path / "s")


def test_states_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = save_model(tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    name = next(one for one in weights if one.endswith("h.1.mlp.c_fc.weight"))
    weights[name][:] = np.nan
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    broken = LanguageModel.open(folder, dtype="float32")
    with pytest.raises(InputError, match="not finite at layer 2 for 'The"):
        word_states(broken, ASKED, tmp_path / "s")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("absent", "PATH does not exist; pass a model's folder or a GGUF file"),
        ("empty", "PATH is no language model; pass a folder with config.json"),
        ("without weights", "PATH has no weights in safetensors; add them, or convert them"),
        ("unknown kind", "PATH cannot be opened ("),
        ("gguf", "PATH cannot be opened ("),
        ("truncated", "PATH cannot be opened ("),
    ],
)
def test_models_that_cannot_be_opened(tmp_path: Path, made: str, says: str) -> None:
    path = tmp_path / "model"
    if made == "empty":
        path.mkdir()
    elif made == "gguf":
        path = tmp_path / "model.gguf"
        path.write_bytes(b"GGUF" + bytes(40))
    elif made != "absent":
        save_model(path)
        if made == "without weights":
            (path / "model.safetensors").unlink()
        elif made == "unknown kind":
            config = json.loads((path / "config.json").read_text())
            (path / "config.json").write_text(json.dumps(config | {"model_type": "perceptron"}))
        elif made == "truncated":
            whole = (path / "model.safetensors").read_bytes()
            (path / "model.safetensors").write_bytes(whole[:-100])
    with pytest.raises(InputError) as refused:
        LanguageModel.open(path, dtype="float32")
    assert str(refused.value).startswith(says.replace("PATH", str(path)))


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(InputError, match="which torch does not see here; choose 'cpu'"):
        LanguageModel.open(save_model(tmp_path / "m"), device="cuda", dtype="float32")


def test_in_bfloat16(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "m")
    exact, rounded = (
        word_states(LanguageModel.open(folder, dtype=kind), ASKED, tmp_path / kind)
        for kind in ("float32", "bfloat16")
    )
    assert rounded.manifest["dtype"] == "bfloat16"
    mine, theirs = (one.embeddings(2).vectors for one in (exact, rounded))
    assert mine == pytest.approx(theirs, abs=0.1)
    assert (mine != theirs).any()

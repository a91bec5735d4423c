"""Hidden states of prompts: against the model run on one at a time, and after a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="language models need torch")
pytest.importorskip("transformers", reason="language models need transformers")

from tiny_language_models import save_model  # noqa: E402

from repsearch import InputError  # noqa: E402
from repsearch.language_models import (  # noqa: E402
    LabelledPrompt,
    LanguageModel,
    Layers,
    Prompt,
    PromptLayers,
    prompt_states,
)
from repsearch.language_models.parts import begin  # noqa: E402

TEXTS = (
    "king",
    "they spoke of the king",
    "owls",
    "this is about the queen",
    "of the next word is man",
    "the owls spoke brightly of the king",
    "woman",
)


def labelled(text: str, label: str = "x", *, span: str | None = None, **more: Any) -> Any:
    begin = 0 if span is None else text.index(span)
    end = len(text) if span is None else begin + len(span)
    return LabelledPrompt(Prompt(text, begin, end), label, "toy", **more)


ASKED = [labelled(text, str(k % 2)) for k, text in enumerate(TEXTS)]


@pytest.fixture(scope="module", params=["causal", "encoder"])
def model(request: Any, tmp_path_factory: Any) -> LanguageModel:
    folder = save_model(tmp_path_factory.mktemp(request.param), request.param)
    return LanguageModel.open(folder, dtype="float32")


def alone(model: LanguageModel, text: str) -> Any:
    """States of all tokens of one text, (layers, tokens, width)."""
    ids = model.tokenizer(text)["input_ids"]
    with torch.no_grad():
        given = model.model(torch.tensor([ids]), output_hidden_states=True).hidden_states
    return np.stack([layer[0].numpy() for layer in given])


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_they_are_those_of_each_prompt_alone(
    model: LanguageModel, tmp_path: Path, pooling: Any
) -> None:
    found = prompt_states(model, ASKED, tmp_path / "s", pooling=pooling)
    assert [one.prompt.text for one in found.prompts] == list(TEXTS)
    assert [one.label for one in found.prompts] == [one.label for one in ASKED]
    for row, text in enumerate(TEXTS):
        states = alone(model, text)
        expected = states[:, -1] if pooling == "last" else states.mean(1)
        for layer in found.numbers:
            assert found.states(layer)[row] == pytest.approx(expected[layer], abs=2e-6)
    assert found.manifest["tokens"] == sum(model.lengths(TEXTS))
    assert PromptLayers.open(tmp_path / "s").manifest == found.manifest


def test_a_span_is_its_tokens(model: LanguageModel, tmp_path: Path) -> None:
    text = "the owls spoke brightly of the king"  # the owl ##s spoke bright ##ly of the king
    asked = [labelled(text, span="brightly"), labelled(text, "y", span="owls spoke")]
    last = prompt_states(model, asked, tmp_path / "last")
    mean = prompt_states(model, asked, tmp_path / "mean", pooling="mean")
    states = alone(model, text)
    for layer in last.numbers:
        assert last.states(layer) == pytest.approx(states[layer][[5, 3]], abs=2e-6)
        means = np.stack([states[layer][4:6].mean(0), states[layer][1:4].mean(0)])
        assert mean.states(layer) == pytest.approx(means, abs=2e-6)


def test_a_call_that_was_stopped_goes_on_to_the_same_bits(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repsearch.language_models.prompt_extraction._AT_ONCE", 2)
    whole = prompt_states(model, ASKED, tmp_path / "whole")
    calls: list[list[str]] = []
    real = LanguageModel.states

    def stopped(self: LanguageModel, prompts: Any, *rest: Any) -> Any:
        calls.append([one.text for one in prompts])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, prompts, *rest)

    monkeypatch.setattr(LanguageModel, "states", stopped)
    with pytest.raises(KeyboardInterrupt):
        prompt_states(model, ASKED, tmp_path / "again")
    assert not PromptLayers.is_at(tmp_path / "again")
    with pytest.raises(InputError, match="holds no finished prompt states"):
        PromptLayers.open(tmp_path / "again")
    told: list[tuple[float, float | None]] = []
    again = prompt_states(
        model,
        ASKED,
        tmp_path / "again",
        progress=lambda _, done, total, unit: told.append((done, total)),
    )
    # The longest first; the two parts that were there are not run again, and count as done.
    assert [len(model.lengths(batch)) for batch in calls] == [2, 2, 2, 2, 1]
    assert model.lengths(calls[0]) >= model.lengths(calls[1])
    assert told[-1] == (again.manifest["tokens"], again.manifest["tokens"])
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    for layer in whole.numbers:
        assert whole.states(layer).tobytes() == again.states(layer).tobytes()
    assert sorted(path.name for path in (tmp_path / "again").iterdir() if path.name[0] != ".") == [
        *(f"layer-00{layer}.safetensors" for layer in whole.numbers),
        "prompts.jsonl",
        "states.json",
    ]
    prompt_states(model, ASKED, tmp_path / "again")
    assert len(calls) == 5
    prompt_states(model, [labelled("king", "other"), *ASKED[1:]], tmp_path / "again")
    assert len(calls) == 9  # another label is another file of prompts


def test_what_the_tokenizer_does_not_know_is_left_out_with_its_pair(
    model: LanguageModel, tmp_path: Path
) -> None:
    asked = [
        labelled("the zebra", "a", pair="1"),
        labelled("the king", "b", pair="1"),
        labelled("the owl", "a", pair="2"),
        labelled("the man", "b", pair="2"),
    ]
    found = prompt_states(model, asked, tmp_path / "s")
    assert [one.prompt.text for one in found.prompts] == ["the owl", "the man"]
    assert found.manifest["left_out"] == ["the zebra", "the king"]
    with pytest.raises(InputError, match=r"the tokenizer of .* knows none of the prompts"):
        prompt_states(model, asked[:2], tmp_path / "none")
    # What is not looked at need not be known.
    prompt_states(model, [labelled("zebra king", span="king")], tmp_path / "span")


def test_a_prompt_that_is_too_long_is_refused_before_any_is_run(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: Any) -> None:
        raise AssertionError("run")

    monkeypatch.setattr(LanguageModel, "states", run)
    long = labelled(" ".join(["of"] * 13), where="f.jsonl, line 9")
    with pytest.raises(InputError) as refused:
        prompt_states(model, [*ASKED, long], tmp_path / "s")
    assert str(refused.value) == (
        f"f.jsonl, line 9 ({long.prompt.text[:40]!r}...) has 13 tokens, and {model.name} takes 12; "
        "shorten it or leave it out"
    )


def test_no_more_than_a_part_of_all_layers_is_in_memory(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is joined is read layer by layer: of a part never more than one."""
    from repsearch.language_models import prompt_extraction as module

    read: list[tuple[int, ...]] = []
    real = module.safe_open

    class Watched:
        def __init__(self, *given: Any, **named: Any) -> None:
            self.held = real(*given, **named)

        def __enter__(self) -> Any:
            self.inner = self.held.__enter__()
            return self

        def __exit__(self, *rest: Any) -> None:
            self.held.__exit__(*rest)

        def get_slice(self, name: str) -> Any:
            part = self.inner.get_slice(name)

            class Slice:
                def __getitem__(self, at: slice) -> Any:
                    read.append(part[at].shape)
                    return part[at]

            return Slice()

    monkeypatch.setattr(module, "_AT_ONCE", 3)
    monkeypatch.setattr(module, "safe_open", Watched)
    prompt_states(model, ASKED, tmp_path / "s")
    assert read == [(1, 3, 16), (1, 3, 16), (1, 1, 16)] * 3


def test_weights_drawn_anew_are_other_weights_and_the_same_each_time(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "m", seed=5)
    found = [
        prompt_states(
            LanguageModel.open(folder, dtype="float32", untrained=seed), ASKED, tmp_path / str(k)
        )
        for k, seed in enumerate((None, 0, 0, 1))
    ]
    last = [one.states(2) for one in found]
    assert last[1].tobytes() == last[2].tobytes()
    assert not np.allclose(last[0], last[1])
    assert not np.allclose(last[1], last[3])
    assert found[1].manifest["model"] == "m, untrained (seed 0)"
    assert len({one.manifest["model_digest"] for one in found}) == 3


def test_states_of_another_kind_are_named(model: LanguageModel, tmp_path: Path) -> None:
    prompt_states(model, ASKED, tmp_path / "s")
    assert not PromptLayers.is_at(tmp_path)
    with pytest.raises(InputError, match=r"holds prompt states, not word states; 'repsearch probe"):
        Layers.open(tmp_path / "s")


def test_files_that_were_damaged_since(model: LanguageModel, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    found = prompt_states(model, ASKED, tmp_path / "s")
    with pytest.raises(InputError, match="there is no layer 3"):
        found.states(3)
    path = tmp_path / "s" / "layer-001.safetensors"
    save_file({"states": np.full((7, 16), np.nan, np.float32)}, path)
    with pytest.raises(InputError, match="has a state that is not finite, that of prompt 1"):
        found.states(1)
    save_file({"states": np.zeros((6, 16), np.float32)}, path)
    with pytest.raises(InputError, match=r"has the shape \(6, 16\), and there are 7 prompts"):
        found.states(1)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read"):
        found.states(1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"pooling": "first"}, "pooling is 'first'; choose 'last' or 'mean'"),
        ({"prompts": []}, "there is no prompt"),
        ({"prompts": [ASKED[0], ASKED[0]]}, "the prompt 'king' comes twice in toy"),
    ],
)
def test_what_is_refused(
    model: LanguageModel, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError) as refused:
        prompt_states(model, **{"prompts": ASKED, "folder": tmp_path / "s", **given})
    assert str(refused.value).startswith(says)


def test_finished_states_of_words_are_not_overwritten_by_those_of_prompts(tmp_path: Path) -> None:
    (tmp_path / "states.json").write_text('{"format": "repsearch.word-states"}')
    (tmp_path / "layer-000.safetensors").touch()
    with pytest.raises(InputError, match=r"states of another kind, repsearch\.word-states, which"):
        begin(tmp_path, {"format": "repsearch.prompt-states"}, ("prompts.jsonl",))
    assert (tmp_path / "layer-000.safetensors").exists()

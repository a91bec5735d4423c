"""Hooks inside a causal model: what they read, what they change, and that nothing stays."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_language_models import save_model, tokenizer

from repsearch.errors import InputError
from repsearch.language_models import Change

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from repsearch.language_models import CausalModel  # noqa: E402

PROMPTS = ("They spoke of the king", "The next word is", "This is about owls", "king")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    return CausalModel.open(save_model(tmp_path_factory.mktemp("m") / "tiny"), dtype="float32")


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    """Matrices of 16 columns are multiplied on one thread sooner than shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def whole(model: CausalModel, prompt: str) -> Any:
    """What transformers itself gives, all tokens read at once."""
    with torch.inference_mode():
        ids = torch.tensor([model.language.tokenizer(prompt)["input_ids"]])
        return model.language.model(input_ids=ids, output_hidden_states=True)


def bits(model: CausalModel) -> str:
    held = hashlib.sha256()
    for name, weight in model.language.model.state_dict().items():
        held.update(name.encode() + weight.numpy().tobytes())
    return held.hexdigest()


def hooks(model: CausalModel) -> int:
    return sum(
        len(one._forward_hooks) + len(one._forward_pre_hooks)
        for one in model.language.model.modules()
    )


def logs(model: CausalModel, prompts: Any = PROMPTS, **change: Any) -> np.ndarray[Any, Any]:
    found = np.empty((len(prompts), len(tokenizer())))
    for rows, some in model.next_tokens(prompts, **change):
        found[rows] = some
    return found


def test_states_are_those_of_transformers_before_the_last_norm(model: CausalModel) -> None:
    states = model.states(PROMPTS, [0, 1, 2])
    norm = model.language.model.transformer.ln_f
    for row, prompt in enumerate(PROMPTS):
        theirs = [one[0, -1].numpy() for one in whole(model, prompt).hidden_states]
        assert states[0, row] == pytest.approx(theirs[0], abs=1e-6)
        assert states[1, row] == pytest.approx(theirs[1], abs=1e-6)
        last = norm(torch.from_numpy(states[2, row])).detach().numpy()
        assert last == pytest.approx(theirs[2], abs=1e-5)


def test_distributions_are_those_of_transformers(model: CausalModel) -> None:
    found = logs(model)
    for row, prompt in enumerate(PROMPTS):
        theirs = whole(model, prompt).logits[0, -1].log_softmax(-1).numpy()
        assert found[row] == pytest.approx(theirs, abs=1e-5)


def test_what_is_before_the_last_token_is_read_once_to_the_same_end(
    model: CausalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Change.add(np.random.default_rng(0).normal(size=(len(PROMPTS), 16)))
    one = logs(model, at=1, change=change)
    monkeypatch.setattr(CausalModel, "_before_last", lambda *_: {})
    assert logs(model, at=1, change=change) == pytest.approx(one, abs=1e-5)


def test_adding_before_the_unembedding_has_the_effect_that_is_computed_by_hand(
    model: CausalModel,
) -> None:
    rng = np.random.default_rng(0)
    shift = rng.normal(size=(len(PROMPTS), 16))
    states = model.states(PROMPTS, [2])[0] + shift
    norm, unembedding = model.language.model.transformer.ln_f, model.unembedding(range(19))
    centred = states - states.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt(centred.var(axis=1, keepdims=True) + norm.eps)
    given = scaled * norm.weight.detach().numpy() + norm.bias.detach().numpy()
    logits = given @ unembedding.T
    expected = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    found = logs(model, at=2, change=Change.add(shift))
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_change_is_made_at_its_layer_and_at_the_last_token(
    model: CausalModel, layer: int
) -> None:
    """By hand: blocks run one by one on the whole prompt, the last token changed between two."""
    prompt = PROMPTS[0]
    rng = np.random.default_rng(1)
    direction, mean, read = rng.normal(size=(3, 16))
    for change in (
        Change.add(direction[None]),
        Change.project_out(direction[None]),
        Change.erase(mean[None], read[None, None], direction[None, None]),
    ):
        inner = model.language.model.transformer
        states = whole(model, prompt).hidden_states[0].clone()
        with torch.inference_mode():
            for number in range(3):
                if number == layer:
                    last = states[0, -1].numpy().astype(float)[None]
                    states[0, -1] = torch.from_numpy(change.of(last)[0]).float()
                if number < 2:
                    states = inner.h[number](states)
            expected = model.language.model.lm_head(inner.ln_f(states))[0, -1].log_softmax(-1)
        found = logs(model, [prompt], at=layer, change=change)
        assert found[0] == pytest.approx(expected.numpy(), abs=1e-5)


def test_each_row_has_its_own_change(model: CausalModel) -> None:
    prompts = [PROMPTS[1]] * 40  # more than are run at once
    shifts = np.random.default_rng(0).normal(size=(40, 16))
    together = logs(model, prompts, at=1, change=Change.add(shifts))
    for row in (0, 31, 32, 39):
        alone = logs(model, prompts[:1], at=1, change=Change.add(shifts[row : row + 1]))
        assert together[row] == pytest.approx(alone[0], abs=1e-5)


def test_nothing_is_left_in_the_model(model: CausalModel, monkeypatch: pytest.MonkeyPatch) -> None:
    # transformers leaves hooks of its own once hidden states were asked for.
    weights, before, there = bits(model), logs(model), hooks(model)
    change = Change.add(np.ones((len(PROMPTS), 16)))
    assert (logs(model, at=1, change=change) != before).any()
    model.states(PROMPTS, [0, 2], at=0, change=change)
    assert hooks(model) == there

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(CausalModel, "_run", stopped)
        for ask in (
            lambda: logs(model, at=1, change=change),
            lambda: model.states(PROMPTS, [0, 1, 2], at=2, change=change),
        ):
            with pytest.raises(KeyboardInterrupt):
                ask()
            assert hooks(model) == there
    # An answer that is not fetched to its end leaves nothing either.
    answers = model.next_tokens(PROMPTS, at=1, change=change)
    next(answers)
    assert hooks(model) == there
    answers.close()
    assert bits(model) == weights
    assert logs(model).tobytes() == before.tobytes()


def test_words_are_continuations_where_they_are_one_token(model: CausalModel) -> None:
    assert model.continuation("the next word is", "king") == tokenizer().vocab["king"]
    assert model.continuation("the next word is", "owls") is None  # owl, ##s
    assert model.continuation("the next word is", "ship") is None  # unknown


def test_a_model_that_reads_to_the_right_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="predicts no next token: it has no weights for cls"):
        CausalModel.open(save_model(tmp_path / "m", "encoder"), dtype="float32")
    from transformers import BertConfig, BertLMHeadModel

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer()), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=12, initializer_range=0.5,
    )  # fmt: skip
    BertLMHeadModel(config).save_pretrained(tmp_path / "masked")
    tokenizer().save_pretrained(tmp_path / "masked")
    with pytest.raises(InputError, match="reads what comes after a word too"):
        CausalModel.open(tmp_path / "masked", dtype="float32")


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda m: m.states(PROMPTS, [3]), "there is no layer 3 in tiny; pass a whole number"),
        (lambda m: logs(m, at=-1, change=Change.add(np.ones((4, 16)))), "there is no layer -1"),
        (lambda m: logs(m, change=Change.add(np.ones((4, 16)))), "a change needs the layer"),
        (lambda m: logs(m, ["of " * 20]), "a prompt has 20 tokens, and tiny takes 12"),
    ],
)
def test_what_is_refused(model: CausalModel, ask: Any, says: str) -> None:
    with pytest.raises(InputError) as refused:
        ask(model)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Change.add([1.0, 2.0]), "a change needs one vector for each row"),
        (lambda: Change.add([[np.nan]]), "a change of states has a NaN"),
        (lambda: Change.project_out([[0.0, 0.0]]), "a direction is zero or not finite"),
        (lambda: Change.erase([[0.0]], [[[1.0, 2.0]]], [[[1.0, 2.0]]]), "a change of 1 rows of 1"),
    ],
)
def test_changes_that_cannot_be(make: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()


def test_projecting_out_leaves_nothing_along_the_direction() -> None:
    rng = np.random.default_rng(0)
    directions, states = rng.normal(size=(2, 30, 8))
    left = Change.project_out(directions).of(states)
    assert np.einsum("nd,nd->n", left, directions) == pytest.approx(np.zeros(30), abs=1e-12)
    in_torch = Change.project_out(directions).of(torch.from_numpy(states).float())
    assert in_torch.numpy() == pytest.approx(left, abs=1e-5)

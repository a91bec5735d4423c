"""Steering and erasure inside a causal model, against what can be computed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from tiny_language_models import save_model

from probes.interventions import Steering, steering
from probes.interventions.asked import asked_pairs
from probes.interventions.directions import fold_directions, fold_erasers, random_directions
from probes.interventions.held_out_means import held_out, mean_over_groups, response_of
from probes.relations import Relations
from repsearch.errors import InputError
from repsearch.language_models import TEMPLATES, Change

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from repsearch.language_models import CausalModel  # noqa: E402

PAIRS = [
    ("they", "spoke"),
    ("of", "the"),
    ("next", "word"),
    ("king", "queen"),
    ("man", "woman"),
    ("owl", "bright"),
    ("is", "this"),
]
RELATION = Relations({"made": PAIRS})
SMALL: dict[str, Any] = {"permutations": 39, "templates": TEMPLATES[:2], "layers": [2]}


@pytest.fixture(autouse=True)
def one_thread() -> Any:
    """Matrices of 16 columns are multiplied on one thread sooner than shared out."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def model(tmp_path: Any) -> CausalModel:
    """A model whose second words have unembeddings beyond the first's, and no last norm.

    So log-odds are linear in the last state, and the direction is known.
    """
    made = CausalModel.open(save_model(tmp_path / "tiny"), dtype="float32")
    made.language.model.transformer.ln_f = torch.nn.Identity()
    weight = made.language.model.lm_head.weight
    vocabulary = made.language.tokenizer.get_vocab()
    with torch.no_grad():
        for first, second in PAIRS:
            weight[vocabulary[second]] = weight[vocabulary[first]]
            weight[vocabulary[second], 0] += 1.0
            weight[vocabulary[second]] += 0.05 * torch.randn(
                16, generator=torch.Generator().manual_seed(vocabulary[second])
            )
    return made


def test_the_effect_at_the_last_layer_is_that_computed_by_hand(model: CausalModel) -> None:
    found = steering(model, RELATION, direction="unembedding", doses=(-0.2, 0.3), **SMALL)
    [family] = found.families
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES[:2], folds=5, seed=0)
    rows = model.unembedding(asked.tokens.tolist())
    apart = rows[asked.sides[:, 1]] - rows[asked.sides[:, 0]]
    length = np.sqrt(np.mean(np.sum(model.states(asked.prompts, [2])[0] ** 2.0, axis=1)))
    gains = []
    for n, fold in enumerate(asked.folds):
        mean = apart[asked.folds != fold].mean(axis=0)
        gains.append(length * float(apart[n] @ mean) / float(np.linalg.norm(mean)))
    for dose in family.doses[:2]:
        assert dose.dose is not None
        assert dose.effect.value == pytest.approx(dose.dose * np.mean(gains), rel=1e-4)
    [response] = family.responses
    assert response.slope.value == pytest.approx(np.mean(gains), rel=1e-4)
    # All pairs go along the first axis: the direction does, and random ones do not.
    assert response.slope.low > response.random.high
    assert response.p_value == 1 / 40
    assert "steers" in found.summary()


# With the larger, what is left to other tokens is less than float32 tells from 0 by subtraction.
@pytest.mark.parametrize("push", [30.0, 3_000.0])
def test_the_side_effect_is_the_divergence_over_all_other_tokens(
    model: CausalModel, push: float
) -> None:
    found = steering(model, RELATION, direction="unembedding", doses=(push,), **SMALL)
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES[:2], folds=5, seed=0)
    own = fold_directions(asked, model.unembedding(asked.tokens.tolist()))
    length = np.sqrt(np.mean(np.sum(model.states(asked.prompts, [2])[0] ** 2.0, axis=1)))
    others = np.setdiff1d(np.arange(len(model.unembedding(range(19)))), asked.tokens)
    apart = []
    for direction in own:
        for prompt in asked.prompts:
            state = model.states([prompt], [2])[0, 0].astype(float)
            both = []
            for each in (state, state + push * length * direction):
                logits = model.unembedding(range(19)) @ each
                kept = np.exp(logits[others] - logits[others].max())
                both.append(kept / kept.sum())
            apart.append(stats.entropy(both[0], both[1]))
    assert found.families[0].doses[0].elsewhere == pytest.approx(np.mean(apart), rel=2e-3)


def test_projecting_out_undoes_what_the_state_has_along_the_direction(model: CausalModel) -> None:
    found = steering(model, RELATION, direction="unembedding", doses=(0.3,), **SMALL)
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES[:2], folds=5, seed=0)
    rows = model.unembedding(asked.tokens.tolist())
    apart = rows[asked.sides[:, 1]] - rows[asked.sides[:, 0]]
    own = fold_directions(asked, rows)[asked.folds]
    states = model.states(asked.prompts, [2])[0].astype(float)
    moved = -np.einsum("td,nd->tn", states, own) * np.einsum("nd,nd->n", own, apart)
    [projected] = [dose for dose in found.families[0].doses if dose.edit == "project out"]
    assert projected.effect.value == pytest.approx(moved.mean(), rel=1e-3)


def test_a_classifier_on_erased_states_is_worth_a_constant(model: CausalModel) -> None:
    """The property that defines the eraser (Belrose et al. 2023): classes have one mean."""
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES, folds=5, seed=0)
    texts = [template.replace("{}", word) for template in TEMPLATES for word in asked.words]
    states = model.states(texts, [1])[0].astype(float)
    by_template = states.reshape(len(TEMPLATES), len(asked.words), -1)
    erasers = fold_erasers(asked, by_template)
    for fold in range(asked.number_of_folds):
        change = erasers.change(np.full(len(texts), fold))
        train = np.tile(asked.word_folds() != fold, len(TEMPLATES))
        labels = np.tile(asked.labels, len(TEMPLATES))
        left = change.of(states)
        gap = left[train & labels].mean(axis=0) - left[train & ~labels].mean(axis=0)
        before = states[train & labels].mean(axis=0) - states[train & ~labels].mean(axis=0)
        assert np.linalg.norm(gap) < 1e-9 * np.linalg.norm(before)
        # Inside the model as on the array.
        inside = model.states(texts, [1], at=1, change=change)[0]
        assert inside == pytest.approx(left, abs=1e-5)
        # And no larger a change than projecting the mean difference out of whitened states.
        assert np.linalg.matrix_rank(states - left, tol=1e-8) <= 2


def test_a_concept_put_into_states_is_read_before_and_not_after_the_erasure(
    model: CausalModel,
) -> None:
    """Second words have embeddings beyond the first's along one axis, far enough to be read."""
    vocabulary = model.language.tokenizer.get_vocab()
    with torch.no_grad():
        weight = model.language.model.transformer.wte.weight
        weight = weight.clone()
        for _, second in PAIRS:
            weight[vocabulary[second], 3] += 3.0
        model.language.model.transformer.wte.weight = torch.nn.Parameter(weight)
    found = steering(model, RELATION, doses=(0.1,), **(SMALL | {"layers": [1]}))
    here, _ = found.families[0].erased
    assert here.before.low > 0.5
    assert here.before.value > 0.9
    assert here.erased.low <= 0.5
    assert here.erased.value < 0.75


def test_directions_are_made_from_other_pairs(model: CausalModel) -> None:
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES[:1], folds=3, seed=1)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(len(asked.words), 4))
    own = fold_directions(asked, vectors)
    for fold in range(3):
        other = vectors.copy()
        other[asked.sides[asked.folds == fold]] += 100 * rng.normal(size=4)
        assert fold_directions(asked, other)[fold] == pytest.approx(own[fold], abs=1e-12)
    effects = rng.normal(size=(3 + 5, len(asked.pairs)))
    expected = [effects[fold, n] for n, fold in enumerate(asked.folds)]
    assert held_out(asked, effects).tolist() == expected


def test_pairs_that_share_a_word_stay_together(model: CausalModel) -> None:
    joined = [*PAIRS, ("king", "woman"), ("owl", "word")]
    asked = asked_pairs(model, "made", joined, TEMPLATES[:1], folds=5, seed=0)
    for word in range(len(asked.words)):
        of_word = (asked.sides == word).any(axis=1)
        assert len(set(asked.folds[of_word])) == 1
        assert len(set(asked.groups[of_word])) == 1


def test_the_interval_of_a_mean_over_groups_covers_as_it_says() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(8), [1, 1, 1, 2, 2, 3, 1, 1])
    inside = 0
    runs = 400
    for _ in range(runs):
        values = (rng.normal(size=8) + 0.5)[groups] + 0.3 * rng.normal(size=len(groups))
        inside += 0.5 in mean_over_groups(values, groups, level=0.9)
    # 90 % within four standard errors, on the side of too wide allowed a little more.
    assert 0.84 < inside / runs < 0.97


def test_random_directions_steer_as_often_as_stated(model: CausalModel) -> None:
    """A direction that is one of the random ones has a p-value at least as large as it says."""
    asked = asked_pairs(model, "made", PAIRS, TEMPLATES[:1], folds=2, seed=0)
    rng = np.random.default_rng(0)
    low = 0
    runs = 400
    for _ in range(runs):
        one = rng.normal(size=(1, 1, 1)) + 0.01 * rng.normal(size=(2, 1, len(asked.pairs)))
        drawn = rng.normal(size=(19, 1, 1)) + 0.01 * rng.normal(size=(19, 1, len(asked.pairs)))
        effects = np.concatenate([one, drawn])
        low += response_of(asked, 1, effects, np.array([0.5]), level=0.95).p_value <= 0.05
    assert 0.02 < low / runs < 0.085


def test_random_directions_have_one_length_and_take_all_directions_alike() -> None:
    drawn = random_directions(4000, 5, seed=0)
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.ones(4000), abs=1e-12)
    assert drawn.T @ drawn / 4000 == pytest.approx(np.eye(5) / 5, abs=0.02)


def test_the_same_bits_twice(model: CausalModel) -> None:
    one, other = (steering(model, RELATION, doses=(0.3,), **SMALL) for _ in range(2))
    assert one.table() == other.table()


def test_a_relation_that_cannot_be_asked_does_not_stop_the_rest(model: CausalModel) -> None:
    both = Relations({"few": PAIRS[:2], "pieces": [("owls", "kings")] * 1, "made": PAIRS})
    found = steering(model, both, doses=(0.3,), **SMALL)
    assert isinstance(found, Steering)
    assert [one.family for one in found.families] == ["made"]
    assert list(found.refused) == ["few", "pieces"]
    assert "2 groups of pairs of few have words that are single tokens" in found.refused["few"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"doses": ()}, "doses is (); pass finite numbers other than 0, each once"),
        ({"doses": (0.0,)}, "doses is (0.0,)"),
        ({"doses": (0.5, 0.5)}, "doses is (0.5, 0.5)"),
        ({"doses": (np.inf,)}, "doses is (inf,)"),
        ({"layers": [3]}, "layers is (3,); pass whole numbers from 0 to 2, each once"),
        ({"layers": []}, "layers is ()"),
        ({"layers": [1, 1]}, "layers is (1, 1)"),
        ({"direction": "words"}, "direction is 'words'; choose 'states' or 'unembedding'"),
        ({"folds": 1}, "folds is a whole number of at least 2"),
        ({"permutations": 5}, "permutations is a whole number of at least 19"),
        ({"level": 1.0}, "a confidence level lies between 0 and 1"),
        ({"templates": ()}, "there is no template"),
        ({"templates": ("it is {}", "it is {}")}, "a template is given twice"),
        ({"templates": ("{} is",)}, "the template '{} is' does not end with a place for a word"),
        ({"templates": ("{}",)}, "the template '{}' does not end"),
        ({"relations": Relations({"few": PAIRS[:2]})}, "no relation can be asked: 2 groups"),
    ],
)
def test_what_is_refused(model: CausalModel, change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as refused:
        steering(model, **({"relations": RELATION, "doses": (0.3,)} | SMALL | change))
    assert str(refused.value).startswith(says)


def test_changes_of_a_layer_are_as_long_as_they_say(model: CausalModel) -> None:
    prompts = [template.removesuffix(" {}") for template in TEMPLATES]
    plain = model.states(prompts, [1])[0]
    shift = 0.7 * np.eye(16)[:3]
    moved = model.states(prompts, [1], at=1, change=Change.add(shift))[0]
    assert np.linalg.norm(moved - plain, axis=1) == pytest.approx([0.7] * 3, abs=1e-6)

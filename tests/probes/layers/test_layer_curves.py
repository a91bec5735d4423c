"""Concepts over layers: against what is planted, against `held_out`, and where there is nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from probes.concepts import Differences, difference_vectors, held_out, signal
from probes.hidden_states import LabelledStates
from probes.layers import ContrastDifferences, Layered, OneLayer, layer_curves
from probes.layers.length_control import beyond_length, ordered_by_length
from repsearch import Embeddings
from repsearch.errors import InputError

PAIRS = tuple((f"a{k}", f"b{k}") for k in range(24))


def noise(seed: int, rows: int = 24, d: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, d))


def of_rows(layers: list[dict[str, np.ndarray]], **more: Any) -> Layered:
    def at(layer: int) -> OneLayer:
        return OneLayer(
            {name: Differences(rows, PAIRS, name) for name, rows in layers[layer].items()}
        )

    return Layered("toy", tuple(range(len(layers))), at, dict.fromkeys(layers[0], 24), **more)


def planted(strength: float, seed: int) -> np.ndarray:
    return noise(seed) + strength * np.eye(40)[0]


def test_a_concept_is_found_at_the_layers_where_it_is() -> None:
    layers = [
        {"early": planted(4.0 if k < 2 else 0.0, k), "late": planted(1.5 * k, 10 + k)}
        for k in range(4)
    ]
    early, late = layer_curves(of_rows(layers)).concepts
    assert early.found == (0, 1)
    assert late.found[-1] == 3
    assert 0 not in late.found
    assert late.clearest is not None
    assert late.clearest.layer == 3


@pytest.mark.parametrize("estimator", ["mean-difference", "discriminant", "logistic"])
def test_each_estimator_finds_what_is_planted_and_nothing_else(estimator: Any) -> None:
    layers = [{"none": noise(3, d=12), "planted": planted(0.0, 4)}, {}]
    layers[1] = {"none": noise(5, d=12), "planted": planted(4.0, 6)}
    found = layer_curves(of_rows(layers), estimator=estimator, permutations=99)
    assert [one.found for one in found.concepts] == [(), (1,)]
    assert found.estimator == estimator


def test_relations_have_the_numbers_of_held_out_and_signal() -> None:
    vectors = noise(0, 200)
    vectors[1:40:2] += 2.0 * np.eye(40)[3]
    words = Embeddings([f"w{k}" for k in range(200)], vectors)
    # Two pairs share a word: a component of two.
    pairs = [*((f"w{k}", f"w{k + 1}") for k in range(0, 40, 2)), ("w0", "w41")]
    rows = difference_vectors(words, pairs, name="planted")
    layered = Layered(
        "toy", (7,), lambda _: OneLayer({"planted": rows}, embeddings=words), {"planted": 21}
    )
    (curve,) = layer_curves(layered, controls=40, seed=3).concepts
    (at,) = curve.layers
    direct = held_out(rows, embeddings=words, permutations=999, controls=40, seed=3)
    assert (curve.kind, curve.used, curve.groups) == ("relation", 21, 20)
    assert (at.accuracy, at.p_value) == (direct.accuracy, direct.p_value)
    assert at.control == pytest.approx(np.mean(direct.control))
    assert at.selectivity == direct.selectivity
    assert at.share == signal(rows, seed=3).share


def test_p_values_are_those_of_the_best_layer_of_each_shuffle() -> None:
    """Westfall and Young by brute force: every flip, every layer, one layer at a time."""
    from probes.shared.resampling import flips

    layers = [{"x": planted(0.5 * k, k), "y": noise(50 + k)} for k in range(3)]
    found = layer_curves(of_rows(layers), permutations=200, seed=5)
    signs = flips(24, most=200, seed=5).signs
    for curve in found.concepts:

        def accuracy(rows: np.ndarray) -> float:
            right = [rows[k] @ np.delete(rows, k, 0).sum(0) > 0 for k in range(24)]
            return float(np.mean(right))

        best = [
            max(accuracy(layer[curve.concept] * sign[:, None]) for layer in layers)
            for sign in signs
        ]
        for layer, at in zip(layers, curve.layers, strict=True):
            reached = sum(one >= accuracy(layer[curve.concept]) - 1e-12 for one in best)
            assert at.p_value == pytest.approx(min(1.0, 2 * (1 + reached) / 201))


def test_where_there_is_nothing_no_more_is_found_than_is_said() -> None:
    """60 models without a concept: 5 % of them may have a finding, over all their layers."""
    wrong = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        # Layers are much alike, as those of a model are.
        common = rng.normal(size=(3, 24, 20))
        layers = [
            {f"c{c}": common[c] + 0.5 * rng.normal(size=(24, 20)) for c in range(3)}
            for _ in range(4)
        ]
        found = layer_curves(of_rows(layers), permutations=99, seed=seed)
        wrong += any(one.found for one in found.concepts)
    assert wrong <= 8  # beyond this with probability 0.002 at a rate of 5 %


def test_a_direction_of_the_template_is_not_one_of_the_concept() -> None:
    """Within a template all pairs differ alike, and in each template otherwise."""
    rng = np.random.default_rng(0)
    of_template = 5 * rng.normal(size=(6, 40))
    templates = [f"t{k % 6}" for k in range(24)]
    rows = of_template[np.arange(24) % 6] + rng.normal(size=(24, 40))

    def found(named: Any) -> Any:
        given = ContrastDifferences(rows, PAIRS, "x", templates=named, longer=np.zeros(24))
        return layer_curves(Layered("t", (0,), lambda _: OneLayer({"x": given}), {"x": 24}))

    assert found(tuple(templates)).concepts[0].groups == 6
    assert not found(tuple(templates)).concepts[0].found
    # Were templates not known, their own directions would pass for the concept's.
    assert found((None,) * 24).concepts[0].found


def test_pairs_that_share_a_text_or_a_template_are_one_group() -> None:
    pairs = (("a", "b"), ("c", "d"), ("e", "f"), ("b", "g"), ("h", "i"))
    found = ContrastDifferences(
        np.eye(5), pairs, templates=(None, "t", None, "t", None), longer=np.zeros(5)
    )
    assert found.groups.tolist() == [0, 0, 1, 0, 2]


def test_length_alone_orders_pairs_of_other_lengths() -> None:
    def alone(longer: list[float]) -> float:
        pairs = PAIRS[: len(longer)]
        of_pairs = ordered_by_length(
            ContrastDifferences(np.ones((len(longer), 2)), pairs, longer=np.array(longer))
        )
        return float(np.mean(of_pairs))

    assert alone([3.0, 5.0, 2.0, 4.0]) == 1.0
    assert alone([0.0, 0.0, 0.0]) == 0.5
    assert alone([3.0, 0.0, 3.0, 3.0]) == 0.875
    assert alone([1.0, 1.0, -3.0, 9.0]) == 0.5  # by the sum of the others


def test_what_a_direction_has_beyond_length_is_a_paired_difference() -> None:
    """A direction that finds what length finds differs by nothing, however well both do."""
    longer = np.where(np.arange(24) % 4, 5.0, -5.0)  # a quarter are ordered wrongly by length
    signs = np.sign(longer)[:, None]
    rows = 0.1 * noise(0) + 4.0 * signs * np.eye(40)[0]
    given = ContrastDifferences(rows, PAIRS, "x", templates=(None,) * 24, longer=longer)
    (curve,) = layer_curves(
        Layered("t", (0,), lambda _: OneLayer({"x": given}), {"x": 24})
    ).concepts
    (at,) = curve.layers
    assert at.accuracy is not None
    assert at.selectivity is not None
    assert at.accuracy.value == at.control == 0.75
    assert at.selectivity.value == 0.0
    assert at.selectivity.high - at.selectivity.low < 0.5 * (at.accuracy.high - at.accuracy.low)
    # One that finds all pairs is beyond length by the quarter that length misses.
    whole = beyond_length(np.ones(24), ordered_by_length(given), given.groups)
    assert whole.value == 0.25
    assert 0 < whole.low < 0.25 < whole.high


def test_labels_without_pairs_are_told_apart_on_groups_held_out() -> None:
    labels = np.tile(["no", "yes"], 20)
    groups = np.repeat(np.arange(20), 2)

    def at(layer: int) -> OneLayer:
        rows = noise(layer, 40) + layer * 6.0 * np.outer(labels == "yes", np.eye(40)[0])
        return OneLayer(labelled={"x": LabelledStates(rows, labels, groups)})

    found = layer_curves(Layered("toy", (0, 1), at, {"x": 40}), permutations=199)
    (curve,) = found.concepts
    assert (curve.kind, curve.used, curve.groups, curve.found) == ("labels", 40, 20, (1,))
    assert curve.layers[1].share is None
    assert "Common share" not in found.text()
    assert curve.layers[1].p_value == pytest.approx(1 / 200)


def test_layers_at_which_states_are_equal_are_left_open() -> None:
    rows = planted(4.0, 1)
    few = rows.copy()
    few[:4] = 0.0
    layered = of_rows([{"x": np.zeros((24, 40))}, {"x": few}, {"x": rows}])
    (curve,) = layer_curves(layered).concepts
    assert [at.accuracy is None for at in curve.layers] == [True, False, False]
    assert [at.unordered for at in curve.layers] == [24, 4, 0]
    assert curve.layers[1].accuracy is not None
    assert curve.layers[1].accuracy.value <= 20 / 24
    assert curve.found == (1, 2)
    copies = LabelledStates(np.zeros((24, 3)), np.arange(24) % 2, np.arange(24))
    given = Layered("toy", (0,), lambda _: OneLayer(labelled={"x": copies}), {"x": 24})
    assert layer_curves(given).concepts[0].layers[0].accuracy is None


def test_few_groups_are_left_out_or_said_to_be_too_few() -> None:
    def of_pairs(number: int) -> Any:
        rows = {
            "few": Differences(planted(9.0, 0)[:number], PAIRS[:number], "few"),
            "many": Differences(planted(9.0, 0), PAIRS, "many"),
        }
        return layer_curves(Layered("toy", (0,), lambda _: OneLayer(rows), dict.fromkeys(rows, 24)))

    assert of_pairs(2).left_out == (("few", "fewer than 3 groups that share nothing"),)
    found = of_pairs(5)
    assert found.concepts[0].found == ()
    assert found.concepts[0].least_p == 2 / 16
    assert "Too few groups, or draws, for any to be found: few." in found.summary()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"estimator": "mean"}, "estimator is 'mean'; choose among mean-difference, discriminant"),
        ({"permutations": 19}, "permutations is a whole number of at least 20; got 19"),
        ({"controls": -1}, "controls is a whole number of at least 0; got -1"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        layer_curves(of_rows([{"x": noise(0)}]), **given)


def test_no_concept_with_three_groups() -> None:
    rows = {"x": Differences(noise(0)[:2], PAIRS[:2], "x")}
    with pytest.raises(InputError, match="no concept has 3 groups of pairs that share no word"):
        layer_curves(Layered("toy", (0,), lambda _: OneLayer(rows), {"x": 2}))


def test_a_terminal_of_80_columns_shows_many_layers() -> None:
    names = ("adjective to adverb of the long name", "short")
    layers = [{name: planted(0.4 * k, k) for name in names} for k in range(25)]
    text = layer_curves(of_rows(layers), permutations=99).text(80)
    assert max(map(len, text.splitlines())) <= 80
    assert "(* a direction), of some layers:" in text
    assert "concept 0 3 6 9 12 15 18 21 24" in [" ".join(one.split()) for one in text.splitlines()]


def test_layers_that_were_not_looked_at_are_not_said_to_be_found() -> None:
    from probes.layers import AtLayer, ConceptCurve, LayerCurves
    from probes.shared.intervals import Interval

    def said(**found: bool) -> str:
        at = tuple(
            AtLayer(int(layer[1:]), Interval(0.9, 0.8, 1.0), 0.01 if yes else 1.0)
            for layer, yes in found.items()
        )
        one = ConceptCurve("x", "contrast", 9, 9, 9, 0.01, at)
        return LayerCurves((one,), (), "mean-difference", {}).text().splitlines()[2].split()[2]

    assert said(l0=False, l1=True, l2=True, l3=True) == "1-3"
    assert said(l1=True, l4=True) == "1,4"
    assert said(l0=False, l1=False) == "none"

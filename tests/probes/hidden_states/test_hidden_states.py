"""Directions in hidden states: splits, nulls, controls, and adversaries for each."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neighbors import NearestCentroid
from strategies import settings  # it sets the profile

from probes.concepts import (
    ConceptDirection,
    DiscriminantDirection,
    LogisticDirection,
    MeanDifference,
    PrincipalDirection,
    RidgeDirection,
)
from probes.hidden_states import StateProbe, probe_hidden_states
from probes.hidden_states.design import StateDesign
from probes.hidden_states.scores import balanced, rights
from repsearch.cli import main
from repsearch.errors import InputError

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]
Labels = NDArray[np.int64]
BETWEEN, WITHIN, ALONE, PAIRED = "between", "within", "alone", "paired"


class Refitted(MeanDifference):
    """The same estimator, which the short cut by products does not know."""


def made(kind: str, *, seed: int, noise: float = 1.0, d: int = 6) -> dict[str, Any]:
    """Noise with every structure that is not the concept: groups, and directions of their own."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(12), 4)
    own = 3 * rng.normal(size=(12, d))
    if kind == ALONE:
        return {"states": rng.normal(size=(48, d)), "labels": rng.permutation(48) % 3 == 0}
    if kind == BETWEEN:  # labels of groups, and states that tell the group
        labels = np.repeat(rng.permutation(12) % 2, 4)
        return {
            "states": own[groups] + noise * rng.normal(size=(48, d)),
            "labels": labels,
            "groups": groups,
        }
    labels = np.tile([0, 1], 24)
    # In each group the label has a direction of its own: strong, and common to none.
    towards = np.where(labels, 1.0, -1.0)[:, None] * own[groups]
    states = towards + noise * rng.normal(size=(48, d))
    if kind == WITHIN:
        return {"states": states, "labels": labels, "groups": groups}
    base = 50 * np.repeat(rng.normal(size=(24, d)), 2, axis=0)
    pairs = np.repeat(np.arange(24), 2)
    return {"states": states + base, "labels": labels, "groups": groups, "pairs": pairs}


def planted(n: int, d: int, *, strength: float, seed: int = 0) -> tuple[Real, Labels]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    states = rng.normal(size=(n, d))
    states[:, 0] += strength * labels
    return states, labels


# ---------------------------------------------------------------- against other programs


@given(st.integers(0, 10_000), st.integers(4, 9), st.integers(2, 5))
@settings(max_examples=40)
def test_accuracy_is_that_of_the_nearest_centroid(seed: int, groups: int, rows: int) -> None:
    """With a fold for each group there is nothing left to draw."""
    rng = np.random.default_rng(seed)
    numbers = np.repeat(np.arange(groups), rows)
    labels = np.concatenate([rng.permutation(np.arange(rows) > 0) for _ in range(groups)])
    states = rng.normal(size=(groups * rows, 3)) + 0.7 * labels[:, None]
    found = probe_hidden_states(
        states, labels, groups=numbers, folds=groups, permutations=20, controls=0
    )
    given_labels = cross_val_predict(
        NearestCentroid(), states, labels, groups=numbers, cv=LeaveOneGroupOut()
    )
    assert found.accuracy.value == pytest.approx(
        balanced_accuracy_score(labels, given_labels), abs=4 * EPS
    )
    direction = states[labels].mean(axis=0) - states[~labels].mean(axis=0)
    assert found.direction == pytest.approx(direction / np.linalg.norm(direction), abs=100 * EPS)


@pytest.mark.parametrize("kind", [ALONE, BETWEEN, WITHIN, PAIRED])
def test_products_give_what_fits_give(kind: str) -> None:
    for seed in range(3):
        data = made(kind, seed=seed)
        options: dict[str, Any] = {"permutations": 20, "controls": 5, "seed": seed}
        one = probe_hidden_states(**data, **options)
        other = probe_hidden_states(**data, **options, estimator=Refitted())
        assert (one.accuracy, one.null, one.seen, one.control, one.p_value) == (
            other.accuracy,
            other.null,
            other.seen,
            other.control,
            other.p_value,
        )


def test_pairs_are_ordered_by_the_other_pairs() -> None:
    rng = np.random.default_rng(3)
    first = 20 * rng.normal(size=(15, 4))
    second = first + rng.normal(size=(15, 4)) + 0.6
    order = rng.permutation(30)
    states = np.concatenate([first, second])[order]
    labels = np.repeat([0, 1], 15)[order]
    pairs = np.tile(np.arange(15), 2)[order]
    found = probe_hidden_states(states, labels, pairs=pairs, folds=15, permutations=20)
    differences = second - first
    right = [differences[k] @ np.delete(differences, k, axis=0).mean(axis=0) > 0 for k in range(15)]
    assert 0.5 < np.mean(right) < 1
    assert found.accuracy.value == pytest.approx(np.mean(right), abs=4 * EPS)


# ---------------------------------------------------------------- chance


@pytest.mark.parametrize("kind", [ALONE, BETWEEN, WITHIN, PAIRED])
def test_noise_is_chance_and_is_found_no_more_often_than_the_level(kind: str) -> None:
    trials, level = 200, 0.05
    found = [
        probe_hidden_states(
            **made(kind, seed=seed), permutations=39, controls=0, folds=4, seed=seed
        )
        for seed in range(trials)
    ]
    rejected = sum(one.p_value <= level for one in found)
    assert rejected <= stats.binom.ppf(0.9999, trials, level)
    values = np.array([one.accuracy.value for one in found])
    assert abs(values.mean() - 0.5) < 4 * values.std() / np.sqrt(trials)
    # A p-value that is always 1 would pass the first of these.
    assert 0.3 < np.mean([one.p_value for one in found]) < 0.7


def test_shuffling_within_groups_would_take_their_own_directions_for_a_common_one() -> None:
    """The adversary of whole flips: the same noise, with the usual permutation test."""
    naive, ours, trials = 0, 0, 100
    groups, labels = np.repeat(np.arange(8), 20), np.tile([0, 1], 80)
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        towards = np.where(labels, 1.0, -1.0)[:, None] * rng.normal(size=(8, 3))[groups]
        states = towards + 0.5 * rng.normal(size=(160, 3))
        found = probe_hidden_states(
            states, labels, groups=groups, permutations=100, controls=0, seed=seed
        )
        ours += found.found
        folds = found.design.group_folds(5, seed=seed)
        codes = rng.permuted(np.tile(labels > 0, (19, 1)).reshape(19, 8, 20), axis=2)
        codes = codes.reshape(19, 160)
        null = balanced(rights(states, MeanDifference(), codes, np.tile(folds, (19, 1))), codes)
        naive += int(found.accuracy.value > null.max())
    assert ours <= stats.binom.ppf(0.9999, trials, 0.05)
    assert naive > 20


def test_rare_labels_do_not_look_like_success() -> None:
    values = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        states, labels = rng.normal(size=(60, 20)), np.arange(60) < 6
        found = probe_hidden_states(states, labels, permutations=20, controls=0, seed=seed)
        values.append(found.accuracy.value)
    assert abs(np.mean(values) - 0.5) < 4 * np.std(values) / 10


# ---------------------------------------------------------------- what is planted is found


def test_a_planted_direction_is_found_as_well_as_theory_allows() -> None:
    states, labels = planted(4000, 8, strength=2.0)
    found = probe_hidden_states(states, labels, permutations=99)
    # Phi(strength / 2) with the direction known; each of its two means has an
    # error of d / (0.8 n / 2) in all, which takes away less than 0.002.
    truth = stats.norm.cdf(1.0)
    error = np.sqrt(truth * (1 - truth) / 4000)
    assert abs(found.accuracy.value - truth) < 4 * error + 0.002
    assert (found.p_value, found.least_p, found.found) == (0.01, 0.01, True)
    # 1 - cos is about |error|^2 / 2 over strength^2.
    assert found.direction[0] > 1 - 4 * (8 * 4 / 4000) / 2 / 4
    assert found.summary().startswith(f"A direction: held out, {found.accuracy.value:.0%}")


@pytest.mark.parametrize(
    "estimator",
    [DiscriminantDirection(), RidgeDirection(), LogisticDirection(), PrincipalDirection()],
)
def test_every_estimator_finds_it(estimator: ConceptDirection) -> None:
    states, labels = planted(60, 10, strength=6.0)
    found = probe_hidden_states(states, labels, estimator=estimator, permutations=20, controls=2)
    assert found.estimator == type(estimator).__name__
    assert found.accuracy.value > 0.9
    assert found.direction[0] > 0.9
    assert found.p_value == pytest.approx(1 / 21)


@pytest.mark.parametrize("number", [8, 16, 40])
def test_intervals_hold_the_truth(number: int) -> None:
    """Groups differ, so that rows of one group are far from independent."""
    found = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(number), 5)
        labels = np.repeat(np.arange(number) % 2, 5)
        states = rng.normal(size=(number, 3))[groups] + 0.3 * rng.normal(size=(5 * number, 3))
        states[:, 0] += 1.5 * labels
        found.append(
            probe_hidden_states(
                states, labels, groups=groups, permutations=20, controls=0, seed=seed
            )
        )
    # The direction hardly varies, so that the mean over the samples is the truth.
    truth = np.mean([one.accuracy.value for one in found])
    held = sum(one.accuracy.low <= truth <= one.accuracy.high for one in found)
    assert held >= stats.binom.ppf(0.001, 120, 0.95)


# ---------------------------------------------------------------- groups


def test_states_that_tell_the_group_alone_are_chance_with_groups_and_not_without() -> None:
    with_groups, without = [], []
    for seed in range(20):
        data = made(BETWEEN, seed=seed, d=64)
        with_groups.append(probe_hidden_states(**data, permutations=39, seed=seed))
        del data["groups"]
        without.append(probe_hidden_states(**data, permutations=39, seed=seed))
    chance = np.array([one.accuracy.value for one in with_groups])
    assert abs(chance.mean() - 0.5) < 4 * chance.std() / np.sqrt(20)
    assert sum(one.found for one in with_groups) <= stats.binom.ppf(0.9999, 20, 0.05)
    assert sum(one.found for one in without) == 20
    assert np.mean([one.accuracy.value for one in without]) > 0.9
    # The control task shows why: random labels of groups are learned as well.
    for one in with_groups:
        assert np.mean(one.control) > 0.8
        assert one.selectivity is not None
        assert one.selectivity.value < 0.1
    apart = [one.seen.low > one.accuracy.high for one in with_groups]
    assert any(apart)
    for one, told in zip(with_groups, apart, strict=True):
        assert ("owed to knowing the group" in one.summary()) == told


def test_a_concept_beside_the_group_is_selective() -> None:
    data = made(WITHIN, seed=0)
    rng = np.random.default_rng(0)
    data["states"] = rng.normal(size=(12, 6))[data["groups"]] + 0.1 * rng.normal(size=(48, 6))
    data["states"][:, 0] += 8 * data["labels"]
    found = probe_hidden_states(**data)
    assert found.accuracy.value == 1
    assert found.selectivity is not None
    assert found.selectivity.low > 0.2
    assert "knowing the group" not in found.summary()


def test_contrast_pairs_show_what_is_lost_among_their_differences() -> None:
    rng = np.random.default_rng(0)
    base = np.repeat(30 * rng.normal(size=(40, 10)), 2, axis=0)
    labels, pairs = np.tile([0, 1], 40), np.repeat(np.arange(40), 2)
    states = base + 0.3 * rng.normal(size=(80, 10))
    states[:, 0] += labels
    assert not probe_hidden_states(states, labels, seed=1).found
    found = probe_hidden_states(states, labels, pairs=pairs, seed=1)
    assert found.accuracy.value > 0.95
    assert found.found
    assert found.direction[0] > 0.9
    assert "pairs are in the right order" in found.summary()


def test_few_groups_allow_no_small_p() -> None:
    data = made(PAIRED, seed=0)
    data["groups"] = np.repeat(np.arange(4), 12)
    data["states"] = data["states"] + 1e3 * data["labels"][:, None]
    found = probe_hidden_states(**data)
    assert found.accuracy.value == 1
    # Of the 2^3 ways to flip four groups one is the truth.
    assert (found.p_value, len(found.null)) == (1 / 8, 8)
    assert found.least_p == pytest.approx(1 / 8)
    assert "With 4 groups no p below 0.12" in found.summary()
    groups = np.repeat(np.arange(5), 2)
    labels = np.repeat([0, 0, 1, 1, 1], 2)
    states, _ = planted(10, 2, strength=0.0)
    few = probe_hidden_states(states, labels, groups=groups, folds=2, permutations=999)
    assert few.least_p == pytest.approx(1 / 10)
    assert few.p_value >= 0.05


@pytest.mark.parametrize(
    ("labels", "groups", "low"),
    [
        # One trial for each of twelve groups: Clopper and Pearson.
        (np.tile([0, 1], 24), np.repeat(np.arange(12), 4), 0.025 ** (1 / 12)),
        # Exceptions may all be of one label, or of both: (1 - a)^9 (1 - b)^9 is least for a = b.
        (np.repeat([0, 1], 9), np.arange(18), 0.025 ** (1 / 18)),
    ],
)
def test_perfect_scores_have_an_exact_bound(labels: Labels, groups: Labels, low: float) -> None:
    states = 100.0 * labels[:, None] + np.random.default_rng(0).normal(size=(len(labels), 3))
    found = probe_hidden_states(states, labels, groups=groups, permutations=20)
    assert (found.accuracy.value, found.accuracy.high) == (1, 1)
    assert found.accuracy.low == pytest.approx(low, rel=1e-12)


# ---------------------------------------------------------------- laws


@given(st.integers(0, 10_000), st.sampled_from([ALONE, BETWEEN, WITHIN, PAIRED]))
def test_turning_scaling_and_shifting_change_nothing(seed: int, kind: str) -> None:
    data = made(kind, seed=seed)
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    one = probe_hidden_states(**data, permutations=20, controls=3)
    data["states"] = 10.0 ** rng.integers(-6, 7) * (data["states"] @ turn + rng.normal(size=6))
    other = probe_hidden_states(**data, permutations=20, controls=3)
    assert (one.accuracy, one.null, one.control) == (other.accuracy, other.null, other.control)
    # Columns of a size of 100 are subtracted where pairs are far apart.
    assert other.direction == pytest.approx(one.direction @ turn, abs=1e5 * EPS)


@given(st.integers(0, 10_000), st.sampled_from([BETWEEN, WITHIN, PAIRED]))
def test_the_labels_swapped_turn_the_direction(seed: int, kind: str) -> None:
    data = made(kind, seed=seed)
    one = probe_hidden_states(**data, permutations=20, controls=0)
    data["labels"] = np.where(data["labels"], "absent", "present")
    other = probe_hidden_states(**data, permutations=20, controls=0)
    assert other.design.classes == ("absent", "present")
    assert other.direction == pytest.approx(-one.direction, abs=1e5 * EPS)


@st.composite
def designs(draw: st.DrawFn) -> StateDesign:
    """At least two groups of each label, or with both; sizes of all kinds."""
    kinds = draw(st.lists(st.sampled_from("01bu"), max_size=6)) + draw(
        st.sampled_from([list("0011"), list("bb"), list("uu"), list("0011bu")])
    )
    labels, groups = [], []
    for number, kind in enumerate(kinds):
        size = draw(st.integers(1, 4))
        own = {"0": [0] * size, "1": [1] * size, "b": [0, 1] * size, "u": [0, 1, 1] * size}[kind]
        labels += own
        groups += [f"group {number}"] * len(own)
    order = draw(st.permutations(range(len(labels))))
    return StateDesign.of(
        [labels[k] for k in order], [groups[k] for k in order], None, rows=len(labels)
    )


@given(designs(), st.integers(2, 5), st.integers(0, 100))
def test_folds_keep_groups_whole_and_both_labels(
    design: StateDesign, folds: int, seed: int
) -> None:
    folds = min(folds, design.number)
    fold_of = design.group_folds(folds, seed=seed)
    for group in range(design.number):
        assert len(set(fold_of[design.groups == group].tolist())) == 1
    assert set(fold_of.tolist()) == set(range(folds))
    for fold in range(folds):
        assert len(set(design.codes[fold_of != fold].tolist())) == 2


@given(designs(), st.integers(0, 100))
def test_shuffles_keep_what_is_not_the_concept(design: StateDesign, seed: int) -> None:
    folds = design.group_folds(2, seed=seed)
    drawn = design.shuffles(folds, most=30, seed=seed)
    own = {g: np.flatnonzero(design.groups == g) for g in range(design.number)}
    constant = [g for g in own if len(set(design.codes[own[g]].tolist())) == 1]
    before = sorted((bool(design.codes[own[g][0]]), int(folds[own[g][0]])) for g in constant)
    for codes, of_rows in zip(drawn.codes, drawn.folds, strict=True):
        after = sorted((bool(codes[own[g][0]]), int(of_rows[own[g][0]])) for g in constant)
        assert after == before
        for g, rows in own.items():
            assert len(set(of_rows[rows].tolist())) == 1
            same, truth = codes[rows], design.codes[rows]
            if g in constant:
                assert len(set(same.tolist())) == 1
            elif 2 * truth.sum() == len(rows):
                assert (same == truth).all() or (same != truth).all()
            else:
                assert same.sum() == truth.sum()
    if drawn.exact:
        assert len({codes.tobytes() for codes in drawn.codes}) == len(drawn.codes)
        assert len(drawn.codes) == pytest.approx(np.exp(design.log_arrangements))
        assert (drawn.codes == design.codes).all(axis=1).any()
    else:
        assert len(drawn.codes) == 30


@given(designs(), st.integers(0, 100))
def test_control_tasks_label_groups(design: StateDesign, seed: int) -> None:
    for codes in design.control_codes(5, seed=seed):
        by_group = [set(codes[design.groups == g].tolist()) for g in range(design.number)]
        assert all(len(one) == 1 for one in by_group)
        assert sum(one == {True} for one in by_group) == design.number // 2


def test_control_tasks_of_pairs_turn_whole_groups() -> None:
    data = made(PAIRED, seed=0)
    design = StateDesign.of(data["labels"], data["groups"], data["pairs"], rows=48)
    for codes in design.control_codes(10, seed=0):
        turned = codes != design.codes
        assert all(len(set(turned[design.groups == g].tolist())) == 1 for g in range(12))
        assert turned.sum() == 24


def test_equal_seeds_give_equal_results() -> None:
    data = made(BETWEEN, seed=0)
    one, other, third = (
        probe_hidden_states(**data, permutations=30, controls=4, seed=s) for s in (7, 7, 8)
    )
    assert str(one) == str(other)
    assert (one.null, one.control) == (other.null, other.control)
    assert one.null != third.null


# ---------------------------------------------------------------- the edges of what is taken


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_states_of_any_size(size: float) -> None:
    states, labels = planted(40, 5, strength=9.0)
    found = probe_hidden_states(states * size, labels, permutations=20, controls=0)
    assert found.accuracy.value == 1


@pytest.mark.parametrize("kind", ["f2", "f4", "i4", "u1"])
def test_states_of_any_type(kind: str) -> None:
    states, labels = planted(40, 300, strength=0.0)
    states = np.round(10 + states)
    states[:, 0] += 30 * labels
    found = probe_hidden_states(states.astype(kind), labels, permutations=20, controls=0)
    assert found.accuracy.value > 0.9


@pytest.mark.parametrize("labels", [[0.5, 1.5] * 5, ["a", "b"] * 5, [False, True] * 5])
def test_labels_of_any_type(labels: list[Any]) -> None:
    states, _ = planted(10, 2, strength=9.0)
    found = probe_hidden_states(states, labels, permutations=20, controls=0)
    assert found.design.classes == (str(labels[0]), str(labels[1]))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_states_that_are_all_alike_are_one_group_and_refused(value: float) -> None:
    with pytest.raises(InputError, match="equal rows are of one group"):
        probe_hidden_states(np.full((20, 3), value), np.arange(20) % 2, permutations=20)


@pytest.mark.parametrize("value", [0.0, -3.0, 1e6])
def test_features_that_never_change_change_nothing(value: float) -> None:
    states, labels = planted(40, 5, strength=1.0)
    wider = np.hstack([states, np.full((40, 3), value)])
    one, other = (
        probe_hidden_states(each, labels, permutations=50, controls=5, seed=1)
        for each in (states, wider)
    )
    assert one.accuracy == other.accuracy
    assert one.p_value == other.p_value


LABELS = [0, 1] * 4
BAD: list[tuple[dict[str, Any], str]] = [
    ({"states": np.zeros(8)}, "shape \\(8,\\)"),
    ({"states": np.zeros((8, 2, 2))}, "one layer at a time"),
    ({"states": np.zeros((8, 0))}, "shape \\(8, 0\\)"),
    ({"states": np.zeros((0, 2)), "labels": []}, "shape \\(0, 2\\)"),
    ({"states": np.zeros((8, 2), dtype=complex)}, "complex"),
    ({"states": np.full((8, 2), "x")}, "pass real numbers"),
    ({"states": [[0, 1]] * 7 + [[0, np.nan]]}, "state 8 has a NaN"),
    ({"states": [[0, 1]] * 2 + [[np.inf, 0]] * 6}, "state 3 has a NaN or an infinity"),
    ({"labels": [0, 1]}, "labels have the shape \\(2,\\) and there are 8 states"),
    ({"labels": [[0, 1]] * 4}, "labels have the shape"),
    ({"labels": [0] * 8}, "there are 1 labels \\('0'\\)"),
    ({"labels": [0, 1, 2, 1] * 2}, "there are 3 labels"),
    ({"labels": [0, 1, np.nan, 1] * 2}, "labels have a NaN"),
    ({"labels": [None, 1] * 4}, "type object"),
    ({"labels": [0] * 7 + [1]}, "at least two groups with each label"),
    ({"groups": [0] * 8}, "at least two groups"),
    ({"groups": [0, 1] * 4}, "no row is labelled '[01]'"),
    ({"groups": [0, 1]}, "groups have the shape"),
    ({"pairs": [0] * 8}, "the pair '0' is not one row of each label"),
    ({"pairs": [0, 0, 1, 2, 2, 1, 3, 3], "labels": [0, 1, 1, 0, 1, 1, 0, 1]}, "pair '1' is not"),
    ({"pairs": [0, 0, 1, 1, 2, 2, 3, 3], "groups": [0, 0, 0, 1, 1, 1, 2, 2]}, "lies in two groups"),
    ({"folds": 1}, "folds"),
    ({"permutations": 19}, "permutations"),
    ({"controls": -1}, "controls"),
    ({"seed": -1}, "seed"),
    ({"level": 1.0}, "level"),
]


@pytest.mark.parametrize(("changed", "said"), BAD)
def test_bad_arguments(changed: dict[str, Any], said: str) -> None:
    given_all: dict[str, Any] = {"states": np.eye(8), "labels": LABELS} | changed
    with pytest.raises(InputError, match=said):
        probe_hidden_states(**given_all)


# ---------------------------------------------------------------- the command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["repsearch", "probe", "states", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states, labels = planted(60, 8, strength=5.0)
    file = tmp_path / "states.npz"
    groups = np.repeat([f"word {k}" for k in range(15)], 4)
    np.savez(file, states=states.astype("f2"), labels=np.where(labels, "yes", "no"), groups=groups)
    assert run(monkeypatch, str(file), "--out", str(tmp_path / "found")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "60 states of 8 dimensions in 15 groups: 30 labelled 'no', 30 labelled 'yes'" in said
    assert "A direction: in groups held out" in said
    rows = json.loads((tmp_path / "found/states.json").read_text())
    table: dict[str, Any] = {row["quantity"]: row for row in rows}
    expected: StateProbe = probe_hidden_states(
        states.astype("f2"), labels, groups=groups, permutations=999
    )
    assert table["accuracy, groups held out"]["low"] == expected.accuracy.low
    assert table["p value"]["value"] == expected.p_value == 0.001
    assert table["control task"]["value"] == np.mean(expected.control)
    assert {row["quantity"] for row in rows} >= {"selectivity", "accuracy, rows held out"}
    np.savez(file, states=states, labels=labels, pairs=np.arange(60) // 2)
    options = ("--estimator", "ridge", "--permutations", "20", "--controls", "0")
    assert run(monkeypatch, str(file), *options) == 0
    assert "RidgeDirection" in capsys.readouterr().out


def test_command_on_bad_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states, labels = planted(8, 2, strength=0.0)
    np.savez(tmp_path / "no-labels.npz", states=states)
    np.savez(tmp_path / "objects.npz", states=states, labels=np.array([None, 1] * 4, dtype=object))
    np.savez(tmp_path / "one.npz", states=states, labels=np.zeros(8))
    np.save(tmp_path / "single.npy", states)
    (tmp_path / "text.npz").write_text("states and labels")
    whole = tmp_path / "whole.npz"
    np.savez(whole, states=states, labels=labels)
    (tmp_path / "cut.npz").write_bytes(whole.read_bytes()[:-40])
    for name, message in {
        "nowhere.npz": "no such file",
        "no-labels.npz": "lacks the array 'labels' (it has states)",
        "objects.npz": "Python objects",
        "one.npz": "1 labels",
        "single.npy": "a single array",
        "text.npz": "no npz file",
        "cut.npz": "damaged or cut short",
    }.items():
        assert run(monkeypatch, str(tmp_path / name)) == 2
        said = capsys.readouterr().err
        assert message in " ".join(said.split()), said
        assert "Traceback" not in said

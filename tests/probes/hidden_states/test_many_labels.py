"""Several labels, numbers and layers of hidden states: definitions, known answers, nulls."""

from __future__ import annotations

import json
import sys
from itertools import permutations as orders
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression, Ridge

from probes.hidden_states import (
    LabelledStates,
    LabelsProbe,
    LayersProbe,
    StateProbe,
    TargetProbe,
    probe_hidden_states,
    probe_labelled_states,
    probe_layers,
    probe_many_labels,
    probe_targets,
)
from probes.hidden_states.groups import GroupedCodes
from probes.hidden_states.r_squared import r2_interval
from probes.hidden_states.ridge import RATIOS, Fit, held_out_ridge
from repsearch.cli import main
from repsearch.errors import InputError


def planted(labels: np.ndarray, *, d: int, strength: float, seed: int = 0) -> np.ndarray:
    """Noise, with a place of its own for each label."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(int(labels.max()) + 1, d))
    return rng.normal(size=(len(labels), d)) + strength * places[labels]


# ---------------------------------------------------------------- ridge, by plain computation


@given(st.integers(0, 1000), st.sampled_from([(20, 3), (9, 30)]))
def test_the_fit_is_that_of_scikit_learn(seed: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    rows, targets = rng.normal(size=shape), rng.normal(size=(shape[0], 2))
    new, fit = rng.normal(size=(4, shape[1])), Fit(rows)
    values = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)
    unit = np.mean(values[values > 1e-9] ** 2)
    for ratio in (1e-2, 1.0, 50.0):
        expected = Ridge(alpha=ratio * unit, solver="svd").fit(rows, targets).predict(new)
        assert fit.predict(new, targets, ratio=ratio) == pytest.approx(expected, abs=1e-8)


def test_the_penalty_is_chosen_on_the_other_folds_alone() -> None:
    """By loops: for each fold, leave-one-fold-out over the rest, then one fit."""
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 25))
    targets = (rows[:, :1] + rng.normal(size=(40, 1))).T[:, :, None]
    folds = rng.integers(4, size=40)
    found, chosen = held_out_ridge(rows, targets, folds)
    for fold in range(4):
        errors = []
        for ratio in RATIOS:
            error = 0.0
            for inner in set(range(4)) - {fold}:
                train = (folds != fold) & (folds != inner)
                guess = Fit(rows[train]).predict(
                    rows[folds == inner], targets[0, train], ratio=ratio
                )
                error += float(np.sum((guess - targets[0, folds == inner]) ** 2))
            errors.append(error)
        assert chosen[fold, 0] == int(np.argmin(errors))
        fit = Fit(rows[folds != fold])
        expected = fit.predict(
            rows[folds == fold], targets[0, folds != fold], ratio=RATIOS[chosen[fold, 0]]
        )
        assert found[0, folds == fold] == pytest.approx(expected)


def test_what_a_fold_holds_does_not_change_what_predicts_it() -> None:
    """The adversary of nested choice: targets of one fold are made absurd."""
    rng = np.random.default_rng(0)
    rows, folds = rng.normal(size=(30, 10)), np.arange(30) % 5
    targets = rng.normal(size=(1, 30, 1))
    one, chosen = held_out_ridge(rows, targets, folds)
    targets[0, folds == 2] *= 1e6
    other, again = held_out_ridge(rows, targets, folds)
    assert one[0, folds == 2] == pytest.approx(other[0, folds == 2])
    assert chosen[2] == again[2]


def test_many_tasks_are_each_as_if_alone() -> None:
    rng = np.random.default_rng(0)
    rows, folds = rng.normal(size=(24, 6)), np.arange(24) % 4
    targets, weights = rng.normal(size=(700, 24, 3)), rng.uniform(0.5, 2, size=(700, 4, 3))
    many, chosen = held_out_ridge(rows, targets, folds, weights=weights)
    for task in (0, 499, 500, 699):
        one, place = held_out_ridge(rows, targets[[task]], folds, weights=weights[[task]])
        assert many[task] == pytest.approx(one[0])
        assert (chosen[:, task] == place[:, 0]).all()


# ---------------------------------------------------------------- groups


@st.composite
def grouped(draw: st.DrawFn) -> GroupedCodes:
    kinds = draw(st.lists(st.sampled_from("012m"), min_size=4, max_size=9))
    codes, groups = [], []
    for number, kind in enumerate(kinds):
        size = draw(st.integers(1, 3))
        own = [0, 1, 2][: size + 1] if kind == "m" else [int(kind)] * size
        codes += own
        groups += [number] * len(own)
    order = draw(st.permutations(range(len(codes))))
    return GroupedCodes(np.array(codes)[order], np.array(groups)[order])


@given(grouped(), st.integers(0, 100))
def test_shuffles_keep_groups_folds_and_what_each_fold_has(held: GroupedCodes, seed: int) -> None:
    folds = held.group_folds(3, seed=seed, evenly=True)
    for group in range(held.number):
        assert len(set(folds[held.groups == group].tolist())) == 1
    constant = held.constant
    for taken in held.shuffles(folds, number=8, seed=seed):
        codes = held.codes[taken]
        for group in range(held.number):
            mine = held.groups == group
            if constant[group]:
                assert len(set(codes[mine].tolist())) == 1
            else:
                assert sorted(codes[mine]) == sorted(held.codes[mine])
        for fold in range(3):
            first = [int(np.flatnonzero(held.groups == g)[0]) for g in np.flatnonzero(constant)]
            here = [row for row in first if folds[row] == fold]
            assert sorted(codes[here]) == sorted(held.codes[here])


def test_the_number_of_arrangements_is_that_of_counting() -> None:
    held = GroupedCodes(np.array([0, 0, 1, 2, 0, 1, 2]), np.array([0, 1, 2, 3, 4, 4, 4]))
    strata = np.array([0, 0, 0, 1, 1, 1, 1])
    ways = len(set(orders([0, 0, 1]))) * 1 * len(set(orders([0, 1, 2])))
    assert exp(held.log_arrangements(strata)) == pytest.approx(ways)
    seen = {tuple(held.codes[one]) for one in held.shuffles(strata, number=400, seed=0)}
    assert len(seen) == ways
    assert held.least_p(strata, 400) == pytest.approx(1 / ways)


@given(grouped())
def test_control_tasks_give_all_rows_of_a_group_one_value(held: GroupedCodes) -> None:
    for rows in held.control_groups(4, seed=0):
        for group in range(held.number):
            assert len(set(rows[held.groups == group].tolist())) == 1
        assert len(set(rows.tolist())) == held.number


# ---------------------------------------------------------------- many labels


def test_planted_labels_are_found_and_named() -> None:
    labels = np.arange(120) % 4
    names = np.array(["red", "green", "blue", "grey"])[labels]
    found = probe_many_labels(planted(labels, d=20, strength=1.5), names, permutations=40)
    assert found.found
    assert found.labels == ("blue", "green", "grey", "red")
    assert found.balanced.value > 0.9
    assert found.p == 1 / 41
    assert found.confusion.sum() == 120
    recalls = np.diag(found.confusion) / found.confusion.sum(axis=1)
    assert [one.value for one in found.recall] == pytest.approx(recalls)
    assert found.balanced.value == pytest.approx(recalls.mean())


def test_the_labels_given_are_those_of_a_plain_computation() -> None:
    labels = np.array([0, 1, 2] * 12 + [0] * 12)
    states = planted(labels, d=8, strength=0.8)
    found = probe_many_labels(states, labels, permutations=20, controls=0, seed=4)
    rows = states / np.abs(states).max()
    rows = rows - rows.mean(axis=0)
    held = GroupedCodes(labels, np.arange(48))
    folds = held.group_folds(5, seed=4, evenly=True)
    counted = np.zeros((3, 3), dtype=int)
    right = 0
    for fold in range(5):
        train = folds != fold
        ratio = float(found.settings["penalties"].split()[fold])  # type: ignore[union-attr]
        shares = np.array([np.mean(labels[train] == k) for k in range(3)])
        targets = (labels[train][:, None] == np.arange(3)) * 1.0
        guess = Fit(rows[train]).predict(rows[~train], targets, ratio=ratio)
        for true, row in zip(labels[~train], guess, strict=True):
            counted[true, int(np.argmax(row / shares))] += 1
            right += int(np.argmax(row)) == true
    assert found.confusion.tolist() == counted.tolist()
    assert found.accuracy.value == pytest.approx(right / 48)
    assert found.majority == pytest.approx(0.5)


def test_a_frequent_label_is_no_finding() -> None:
    """The adversary: 90 % of rows have one label; always naming it is worth 1/3."""
    labels = np.array([0] * 180 + [1] * 10 + [2] * 10)
    states = np.random.default_rng(0).normal(size=(200, 5))
    found = probe_many_labels(states, labels, permutations=60, seed=1)
    assert found.majority == pytest.approx(0.9)
    assert found.accuracy.value > 0.85
    assert abs(found.balanced.value - 1 / 3) < 0.15
    assert not found.found
    assert "90%" in found.summary()


def test_labels_that_only_the_group_tells_are_not_found() -> None:
    groups = np.repeat(np.arange(18), 5)
    rng = np.random.default_rng(0)
    states = rng.normal(size=(18, 40))[groups] + 0.1 * rng.normal(size=(90, 40))
    found = probe_many_labels(states, groups % 3, groups=groups, permutations=60)
    assert not found.found
    assert found.seen.value > 0.95
    assert np.mean(found.control) > 0.9
    assert found.selectivity is not None
    assert abs(found.selectivity.value) < 0.1
    assert "owed to knowing the group" in found.summary()


@pytest.mark.parametrize("kind", ["rows", "groups", "within groups", "uneven labels"])
def test_shuffled_labels_are_found_at_the_stated_rate(kind: str) -> None:
    below = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(15), 3)
        # Groups have places of their own, so that rows of one are alike.
        states = rng.normal(size=(15, 6))[groups] + 0.5 * rng.normal(size=(45, 6))
        if kind == "rows":
            labels, groups, states = (
                rng.permutation(np.arange(45) % 3),
                None,
                rng.normal(size=(45, 6)),
            )
        elif kind == "groups":
            labels = rng.permutation(np.arange(15) % 3)[groups]
        elif kind == "within groups":
            labels = np.concatenate([rng.permutation(3) for _ in range(15)])
        else:
            labels = rng.permutation(np.array([0] * 9 + [1] * 4 + [2] * 2))[groups]
        found = probe_many_labels(
            states, labels, groups=groups, permutations=39, controls=0, folds=3, seed=seed
        )
        below += found.p <= 0.05
    assert binomtest(below, 120, 0.05, alternative="greater").pvalue > 1e-3, below
    assert below >= 1


def test_the_interval_covers_the_accuracy_on_new_rows() -> None:
    """Of a planted strength: the share of repetitions whose interval has the mean accuracy."""
    values, intervals = [], []
    for seed in range(60):
        labels = np.arange(60) % 3
        rng = np.random.default_rng(seed)
        states = rng.normal(size=(60, 4)) + 1.2 * np.eye(4)[labels]
        found = probe_many_labels(states, labels, permutations=20, controls=0, seed=seed)
        values.append(found.balanced.value)
        intervals.append(found.balanced)
    truth = float(np.mean(values))
    covered = sum(truth in one for one in intervals)
    assert binomtest(covered, 60, 0.95, alternative="less").pvalue > 1e-3, covered


def test_the_multinomial_regression_is_that_of_scikit_learn() -> None:
    labels = np.arange(45) % 3
    states = planted(labels, d=5, strength=1.2)
    found = probe_many_labels(
        states, labels, classifier="logistic", permutations=20, controls=0, folds=3
    )
    assert found.found
    rows = states / np.abs(states).max()
    rows = rows - rows.mean(axis=0)
    rows = rows / np.sqrt(np.mean(np.sum(rows**2, axis=1)))
    folds = GroupedCodes(labels, np.arange(45)).group_folds(3, seed=0, evenly=True)
    right = 0
    for fold, strength in enumerate(found.settings["penalties"].split()):  # type: ignore[union-attr]
        model = LogisticRegression(C=float(strength), class_weight="balanced", max_iter=2000)
        model.fit(rows[folds != fold], labels[folds != fold])
        right += np.count_nonzero(model.predict(rows[folds == fold]) == labels[folds == fold])
    assert found.accuracy.value == pytest.approx(right / 45, abs=0.03)
    assert "multinomial" in found.text()


# ---------------------------------------------------------------- numbers


def test_r2_is_that_of_the_definition_and_its_interval_that_of_a_jackknife() -> None:
    """By loops: ten groups are ten blocks, each left out with all regressions made anew."""
    rng = np.random.default_rng(0)
    rows, folds, groups = rng.normal(size=(30, 3)), np.arange(30) // 3 % 5, np.arange(30) // 3
    true = rows[:, 0] + 0.5 * rng.normal(size=30)
    ratios = [0.1, 0.1, 1.0, 0.1, 0.01]

    def log_error(kept: np.ndarray) -> tuple[float, np.ndarray]:
        error = base = 0.0
        guess = np.full(30, np.nan)
        for row in np.flatnonzero(kept):
            train = kept & (folds != folds[row])
            fit = Fit(rows[train])
            [[guess[row]]] = fit.predict(
                rows[[row]], true[train][:, None], ratio=ratios[folds[row]]
            )
            error += (true[row] - guess[row]) ** 2
            base += (true[row] - true[train].mean()) ** 2
        return float(np.log(error / base)), guess

    whole, guess = log_error(np.ones(30, dtype=bool))
    found = r2_interval(rows, true, guess, folds, groups, ratios, level=0.9)
    assert found.value == pytest.approx(1 - np.exp(whole))
    parts = [log_error(groups != group)[0] for group in range(10)]
    reach = student.ppf(0.95, 9) * np.sqrt(9 * np.var(parts))
    assert found.low == pytest.approx(1 - np.exp(whole + reach))
    assert found.high == pytest.approx(1 - np.exp(whole - reach))
    exact = r2_interval(rows, true, true, folds, groups, ratios, level=0.9)
    assert (exact.low, exact.high) == (1, 1)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_planted_numbers_are_found_whatever_their_unit(scale: float) -> None:
    rng = np.random.default_rng(0)
    states = rng.normal(size=(80, 6))
    targets = states @ rng.normal(size=6) + 0.3 * rng.normal(size=80) + 5
    found = probe_targets(states, targets * scale, permutations=40)
    assert found.found
    assert found.r2.value > 0.9
    assert found.correlation > 0.95
    assert found.targets == pytest.approx(targets * scale)
    again = probe_targets(states, targets, permutations=40)
    assert again.r2.value == pytest.approx(found.r2.value)


def test_the_number_of_a_group_is_not_found_by_knowing_the_group() -> None:
    groups = np.repeat(np.arange(15), 5)
    rng = np.random.default_rng(2)
    states = rng.normal(size=(15, 40))[groups] + 0.1 * rng.normal(size=(75, 40))
    found = probe_targets(states, rng.normal(size=15)[groups], groups=groups, permutations=60)
    assert not found.found
    assert found.seen.value > 0.9
    assert np.mean(found.control) > 0.9
    assert found.selectivity is not None
    assert abs(found.selectivity.value) < 0.1
    assert "owed to knowing the group" in found.summary()


@pytest.mark.parametrize("kind", ["rows", "groups", "within groups", "heavy tails"])
def test_shuffled_numbers_are_found_at_the_stated_rate(kind: str) -> None:
    below = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(12), 3)
        states = rng.normal(size=(12, 6))[groups] + 0.5 * rng.normal(size=(36, 6))
        targets = rng.normal(size=36)
        if kind == "groups":
            targets = rng.normal(size=12)[groups]
        elif kind == "within groups":
            # Each group has a level of its own, which its states tell: only the rest is chance.
            targets = rng.normal(size=12)[groups] + 0.1 * rng.normal(size=36)
        elif kind == "heavy tails":
            targets = rng.standard_t(1.5, size=36)
        given_groups = None if kind in ("rows", "heavy tails") else groups
        if given_groups is None:
            states = rng.normal(size=(36, 6))
        found = probe_targets(
            states, targets, groups=given_groups, permutations=39, controls=0, folds=4, seed=seed
        )
        below += found.p <= 0.05
    assert binomtest(below, 150, 0.05, alternative="greater").pvalue > 1e-3, below


@pytest.mark.parametrize("number", [12, 30])
def test_the_interval_of_r2_covers_its_mean(number: int) -> None:
    """Of groups of three rows with one number each; a nominal 95 % is nearly kept."""
    values, intervals = [], []
    groups = np.repeat(np.arange(number), 3)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        own = rng.normal(size=(number, 3))
        targets = (own[:, 0] + rng.normal(size=number))[groups]
        states = own[groups] + 0.3 * rng.normal(size=(3 * number, 3))
        found = probe_targets(
            states, targets, groups=groups, permutations=20, controls=0, seed=seed
        )
        values.append(found.r2.value)
        intervals.append(found.r2)
    truth = float(np.mean(values))
    covered = sum(truth in one for one in intervals)
    assert binomtest(covered, 100, 0.9, alternative="less").pvalue > 1e-3, covered


# ---------------------------------------------------------------- layers


def layered(labels: np.ndarray) -> np.ndarray:
    """Three layers, the label in the second alone."""
    noise = np.random.default_rng(0).normal(size=(3, len(labels), 6))
    noise[1] += 3 * np.eye(6)[labels]
    return noise


@pytest.mark.parametrize("labels", [2, 3])
def test_each_layer_is_what_it_is_alone(labels: int) -> None:
    codes = np.arange(60) % labels
    states = layered(codes)
    found = probe_labelled_states(
        LabelledStates(states, codes), permutations=99, controls=0, seed=3
    )
    assert isinstance(found, LayersProbe)
    assert found.layers == (0, 1, 2)
    assert [p < 0.05 for p in found.adjusted] == [False, True, False]
    for layer, probe in zip(states, found.probes, strict=True):
        if labels == 2:
            assert isinstance(probe, StateProbe)
            alone = probe_hidden_states(layer, codes, permutations=99, controls=0, seed=3)
            assert (probe.accuracy, probe.null) == (alone.accuracy, alone.null)
        else:
            assert isinstance(probe, LabelsProbe)
            several = probe_many_labels(layer, codes, permutations=99, controls=0, seed=3)
            assert probe.table() == several.table()
    assert found.chance == 1 / labels
    assert "in 1 layer (1)" in found.summary()
    assert "best of 3 it is larger than it would be" in found.summary()
    rows = found.table()
    assert [row["layer"] for row in rows] == [0, 1, 2]
    assert rows[1]["balanced accuracy"] == found.values[1].value


def test_layers_of_numbers_and_of_other_widths() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=50)
    states = [rng.normal(size=(50, 4)), np.outer(targets, np.ones(7)) + rng.normal(size=(50, 7))]
    found = probe_layers(
        states, lambda one: probe_targets(one, targets, permutations=99), layers=[4, 8]
    )
    assert (found.measure, found.chance, found.layers) == ("R²", 0.0, (4, 8))
    assert [p < 0.05 for p in found.adjusted] == [False, True]
    assert not found.grouped


def test_with_too_few_shuffles_for_so_many_layers_it_is_said() -> None:
    codes = np.arange(30) % 3
    states = np.random.default_rng(0).normal(size=(4, 30, 3))
    found = probe_labelled_states(LabelledStates(states, codes), permutations=20, controls=0)
    assert "no adjusted p is below 0.19" in found.summary()


# ---------------------------------------------------------------- bad arguments


STATES = np.random.default_rng(0).normal(size=(12, 4))
THREE = np.arange(12) % 3
BAD_LABELS: list[tuple[dict[str, Any], str]] = [
    ({"states": STATES[0]}, "shape \\(4,\\)"),
    ({"states": np.full((12, 4), np.nan)}, "state 1 has a NaN"),
    ({"labels": THREE[:5]}, "labels have the shape"),
    ({"labels": np.zeros(12)}, "there is one label \\('0.0'\\)"),
    ({"labels": THREE + 0.5}, "numbers with fractions, such as 0.5; .* as targets"),
    ({"labels": [None] * 12}, "type object"),
    ({"labels": [0] * 6 + [1] * 5 + [2]}, "no row is labelled '2'; pass at least two groups"),
    ({"labels": np.arange(12)}, "no row is labelled"),
    ({"groups": THREE}, "no row is labelled '[012]'"),
    ({"groups": [0]}, "groups have the shape"),
    ({"classifier": "forest"}, "choose 'ridge' or 'logistic'"),
    ({"folds": 1}, "folds"),
    ({"permutations": 19}, "permutations"),
    ({"controls": -1}, "controls"),
    ({"seed": -1}, "seed"),
    ({"level": 0.0}, "level"),
]


@pytest.mark.parametrize(("changed", "said"), BAD_LABELS)
def test_bad_arguments_of_labels(changed: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"states": STATES, "labels": THREE} | changed
    with pytest.raises(InputError, match=said):
        probe_many_labels(**arguments)


def test_hundreds_of_labels_are_refused() -> None:
    states = np.random.default_rng(0).normal(size=(402, 2))
    with pytest.raises(InputError, match="201 labels, more than 200; join some"):
        probe_many_labels(states, np.arange(402) // 2)


BAD_TARGETS: list[tuple[dict[str, Any], str]] = [
    ({"targets": np.ones(12)}, "all targets are 1; there is nothing to read"),
    ({"targets": ["a"] * 12}, "targets are of type <U1; pass numbers"),
    ({"targets": [True, False] * 6}, "targets are of type bool"),
    ({"targets": [np.inf] + [0.0] * 11}, "targets have a NaN or an infinity"),
    ({"targets": [1.0]}, "targets have the shape"),
    ({"groups": [0, 1] * 6}, "there are 2 groups; pass states of three"),
    ({"states": np.zeros((12, 3))}, "there are 1 groups \\(equal rows"),
    ({"folds": 1}, "folds"),
    ({"permutations": 1}, "permutations"),
]


@pytest.mark.parametrize(("changed", "said"), BAD_TARGETS)
def test_bad_arguments_of_targets(changed: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"states": STATES, "targets": np.arange(12.0)} | changed
    with pytest.raises(InputError, match=said):
        probe_targets(**arguments)


NUMBERS = {"labels": THREE, "continuous": True}
BAD_STATES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"pairs": THREE}, {}, "pairs are of two labels"),
    (NUMBERS | {"pairs": THREE}, {}, "pairs are of two labels"),
    ({}, {"estimator": "principal"}, "makes the direction of two labels"),
    (NUMBERS, {"estimator": "logistic"}, "targets are read by ridge"),
    ({"layers": [1, 2]}, {}, "pass states of the shape \\(layers, n, d\\)"),
    ({"states": STATES[None], "layers": [1, 2]}, {}, "2 numbers of layers"),
    ({"states": STATES[None], "layers": ["a"]}, {}, "no list of finite numbers"),
    ({"states": np.stack([STATES] * 2), "layers": [2, 1]}, {}, "do not increase"),
    ({"states": np.stack([STATES, STATES * np.nan])}, {}, "layer 1: state 1 has"),
    ({"states": np.zeros((0, 12, 4))}, {}, "there is no layer"),
]


@pytest.mark.parametrize(("given_states", "options", "said"), BAD_STATES)
def test_bad_labelled_states(
    given_states: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        probe_labelled_states(
            LabelledStates(**({"states": STATES, "labels": THREE} | given_states)),
            permutations=20,
            **options,
        )


# ---------------------------------------------------------------- the command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["repsearch", "probe", "states", *arguments])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_the_command_tells_many_labels_numbers_and_layers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes = np.arange(60) % 3
    groups = np.repeat(np.arange(20), 3)
    labels = np.array(["noun", "verb", "adverb"])[codes]
    file, out = tmp_path / "states.npz", tmp_path / "found"
    np.savez(file, states=layered(codes)[1], labels=labels, groups=groups)
    small = ("--permutations", "99", "--controls", "3", "--out", str(out))
    assert run(monkeypatch, str(file), *small) == 0
    said = capsys.readouterr().out
    assert "The labels can be read: balanced over 3 labels" in " ".join(said.split())
    assert "most taken for" in said
    assert max(map(len, said.splitlines()[1:-1])) <= 80
    rows = {row["quantity"]: row for row in json.loads((out / "states.json").read_text())}
    expected = probe_many_labels(
        layered(codes)[1], labels, groups=groups, permutations=99, controls=3
    )
    assert rows["balanced accuracy, groups held out"]["low"] == expected.balanced.low
    np.savez(file, states=layered(codes)[1], targets=codes + 0.5, groups=groups)
    assert run(monkeypatch, str(file), *small, "--json") == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert "The number can be read" in results["states"]["summary"]
    np.savez(file, states=layered(codes), labels=labels, layers=[2, 4, 6])
    assert run(monkeypatch, str(file), *small) == 0
    assert "in 1 layer (4)" in capsys.readouterr().out
    assert len(json.loads((out / "states-by-layer.json").read_text())) == 3
    assert (out / "states-by-layer.png").stat().st_size > 5_000


def test_the_command_on_what_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "states.npz"
    for arrays, options, message in (
        ({"states": STATES, "labels": THREE, "targets": THREE}, (), "both 'labels' and 'targets'"),
        ({"targets": THREE}, (), "lacks the array 'states'"),
        ({"states": STATES}, (), "lacks the array 'labels'"),
        ({"states": STATES, "labels": THREE}, ("--estimator", "principal"), "--estimator princ"),
    ):
        np.savez(file, **arrays)
        assert run(monkeypatch, str(file), *options) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert message in said, said


def test_equal_seeds_give_equal_results() -> None:
    one, other, third = (
        probe_many_labels(STATES, THREE, permutations=20, controls=2, seed=seed)
        for seed in (5, 5, 6)
    )
    assert one.table() == other.table()
    assert (one.null != third.null).any()
    first, second = (probe_targets(STATES, np.arange(12.0), permutations=20) for _ in range(2))
    assert isinstance(first, TargetProbe)
    assert first.table() == second.table()

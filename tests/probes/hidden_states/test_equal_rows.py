"""Rows that come more than once in a set of hidden states."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import settings  # noqa: F401 (it sets the profile)

from probes.hidden_states import probe_hidden_states
from probes.hidden_states.design import StateDesign
from probes.hidden_states.equal_rows import equal_rows


@given(
    n=st.integers(1, 40),
    d=st.integers(1, 70),
    times=st.integers(1, 4),
    scale=st.sampled_from([1e-12, 1.0, 1e9]),
    seed=st.integers(0, 1000),
)
def test_copies_are_found_whatever_the_scale(
    n: int, d: int, times: int, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = scale * rng.normal(size=(n, d))
    source = rng.permutation(np.repeat(np.arange(n), times))
    found = equal_rows(rows[source] - rows[source].mean(axis=0))
    _, expected = np.unique(source, return_inverse=True)
    order = {k: number for number, k in enumerate(dict.fromkeys(expected.tolist()))}
    assert found.tolist() == [order[k] for k in expected.tolist()]


@pytest.mark.parametrize("d", [1, 2, 3, 50])
def test_rows_drawn_apart_are_apart(d: int) -> None:
    for seed in range(20):
        rows = np.random.default_rng(seed).normal(size=(300, d))
        assert len(set(equal_rows(rows - rows.mean(axis=0)).tolist())) == 300


def test_a_hair_of_noise_hides_no_copy() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 300))[np.repeat(np.arange(40), 5)]
    rows = (rows + 1e-4 * rng.normal(size=rows.shape)).astype(np.float32).astype(np.float64)
    found = equal_rows(rows - rows.mean(axis=0))
    assert found.tolist() == np.repeat(np.arange(40), 5).tolist()


def test_many_near_copies_stay_together_and_bounded() -> None:
    rng = np.random.default_rng(1)
    rows = np.repeat(rng.normal(size=(2, 100)), 3000, axis=0) + 1e-7 * rng.normal(size=(6000, 100))
    assert equal_rows(rows - rows.mean(axis=0)).tolist() == [0] * 3000 + [1] * 3000


@pytest.mark.parametrize("noise", [0.0, 1e-6])
def test_random_labels_of_repeated_rows_are_not_found(noise: float) -> None:
    """With copies on both sides of a split each of them would be, at the least p there is."""
    p_values = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        rows = np.repeat(rng.normal(size=(20, 100)), 4, axis=0)
        rows += noise * rng.normal(size=rows.shape)
        labels = np.repeat(rng.permutation(20) % 2, 4)
        found = probe_hidden_states(rows, labels, permutations=99, controls=0, seed=seed)
        assert found.design.number == 20
        assert found.rests_on()["equal_rows_joined"] == 80
        assert "80 rows are equal to one of another group" in found.summary()
        p_values.append(found.p_value)
    assert min(p_values) > 0.01
    assert np.median(p_values) > 0.2


def test_groups_with_a_row_in_common_are_joined_and_others_kept() -> None:
    labels = np.array([0, 1, 0, 1, 0, 1])
    design = StateDesign.of(labels, np.array(["a", "a", "b", "b", "c", "c"]), None, rows=6)
    joined = design.joined(np.array([0, 1, 1, 2, 3, 4]))
    assert joined.groups.tolist() == [0, 0, 0, 0, 1, 1]
    assert joined.equal == 2
    assert design.joined(np.array([0, 0, 1, 1, 2, 2])) is design


def test_pairs_with_a_row_in_common_are_one_group() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(10, 30))
    second = first + rng.normal(size=(10, 30))
    states = np.concatenate([first, second])
    again = np.concatenate([states, states])
    pairs = np.tile(np.arange(10), 2)
    found = probe_hidden_states(
        again,
        np.tile(np.repeat([0, 1], 10), 2),
        pairs=np.concatenate([pairs, pairs + 10]),
        permutations=50,
        controls=0,
    )
    assert found.design.number == 10
    once = probe_hidden_states(
        states, np.repeat([0, 1], 10), pairs=pairs, permutations=50, controls=0
    )
    assert "equal" in found.summary()
    assert "equal" not in once.summary()

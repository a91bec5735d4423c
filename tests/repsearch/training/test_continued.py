"""Modes continued from moment to moment: signs, crossings, whatever is asked first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsearch.training.continued import ModeChain, continued, settled_signs

SEEDS = st.integers(0, 10**6)


def orthonormal(rng: np.random.Generator, words: int, r: int) -> np.ndarray:
    return np.linalg.qr(rng.normal(size=(words, r))).Q


def near(rng: np.random.Generator, columns: np.ndarray, size: float) -> np.ndarray:
    """Columns that turned by about `size`."""
    turned, triangle = np.linalg.qr(columns + size * rng.normal(size=columns.shape))
    return turned * np.sign(np.diagonal(triangle))


@settings(max_examples=100, deadline=None)
@given(SEEDS, st.integers(1, 6), st.sampled_from([0.0, 0.05, 0.2, 1.0]))
def test_the_match_against_all_there_are(seed: int, r: int, size: float) -> None:
    rng = np.random.default_rng(seed)
    there = orthonormal(rng, 9, r)
    here = near(rng, there, size)[:, rng.permutation(r)] * rng.choice([-1.0, 1.0], size=r)
    found = continued(here, there)
    assert sorted(found.order.tolist()) == list(range(r))
    overlaps = there.T @ here
    chosen = overlaps[np.arange(r), found.order]
    np.testing.assert_allclose(chosen * found.signs, found.overlaps, atol=1e-15)
    assert (found.overlaps >= 0).all()
    sure = {(int(k), int(j)) for k, j in np.argwhere(overlaps**2 > 0.5)}
    assert sure <= set(enumerate(found.order.tolist()))
    best = max(
        sum(overlaps[k, j] ** 2 for k, j in enumerate(order))
        for order in permutations(range(r))
        if sure <= set(enumerate(order))
    )
    assert (chosen**2).sum() == pytest.approx(best)


def crossing(moments: int, seed: int) -> tuple[list, list]:
    """Modes that turn slowly while their values cross; and what a decomposition gives of them."""
    rng = np.random.default_rng(seed)
    columns = orthonormal(rng, 12, 4)
    true, given_ = [], []
    for moment in range(moments):
        values = np.array([1.0, 2.0, 3.0, 4.0]) + np.array([5.0, 3.0, 1.0, 0.0]) * moment / moments
        values = values + 0.01
        true.append((columns, values))
        order = np.argsort(-values)
        signs = rng.choice([-1.0, 1.0], size=4)
        given_.append((columns[:, order] * signs, values[order]))
        columns = near(rng, columns, 0.05)
    return true, given_


@pytest.mark.parametrize("seed", range(5))
def test_modes_keep_their_place_and_sign_while_values_cross(seed: int) -> None:
    true, moments = crossing(20, seed)
    assert len({tuple(np.argsort(-values)) for _, values in true}) > 2
    chain = ModeChain(lambda place: moments[place], 20)
    last, values = chain.modes(19)
    assert (np.diff(values) < 0).all()
    assert (settled_signs(last) == 1).all()
    # Which of the true modes each column of the last moment is, and its sign.
    match = true[19][0].T @ last
    which, sign = np.abs(match).argmax(axis=0), np.sign(match.sum(axis=0))
    for place, (columns, values) in enumerate(true):
        found, of = chain.modes(place)
        np.testing.assert_allclose(found, columns[:, which] * sign, atol=1e-12)
        np.testing.assert_allclose(of, values[which])
    overlaps = chain.overlaps()
    assert overlaps.shape == (19, 4)
    for place in range(19):
        products = (chain.modes(place)[0] * chain.modes(place + 1)[0]).sum(axis=0)
        np.testing.assert_allclose(overlaps[place], products)
    assert overlaps.min() > 0.9


def test_what_is_asked_first_does_not_matter() -> None:
    _, moments = crossing(4, 0)
    expected = None
    for asked in permutations(range(4)):
        chain = ModeChain(lambda place: moments[place], 4)
        found = {place: chain.modes(place) for place in asked}
        bits = [part.tobytes() for place in range(4) for part in found[place]]
        expected = expected or bits
        assert bits == expected


def test_what_is_given_may_be_changed_and_the_chain_stays() -> None:
    _, moments = crossing(3, 1)
    chain = ModeChain(lambda place: (moments[place][0].copy(), moments[place][1].copy()), 3)
    before = [array.copy() for array in chain.modes(1)]
    for array in chain.modes(1):
        array[:] = 0
    for one, other in zip(before, chain.modes(1), strict=True):
        assert np.array_equal(one, other)


def test_an_interruption_leaves_the_chain_whole() -> None:
    _, moments = crossing(5, 2)
    plain = ModeChain(lambda place: moments[place], 5).modes(0)
    calls = 0

    def interrupted(place: int) -> tuple:
        nonlocal calls
        calls += 1
        if calls in (2, 4):
            raise KeyboardInterrupt
        return moments[place]

    chain = ModeChain(interrupted, 5)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            chain.modes(0)
    for one, other in zip(plain, chain.modes(0), strict=True):
        assert np.array_equal(one, other)


def test_one_moment_and_none() -> None:
    one = ModeChain(lambda _: (-np.eye(3)[:, :2], np.array([2.0, 1.0])), 1)
    assert one.modes(0)[0].tolist() == np.eye(3)[:, :2].tolist()
    assert one.overlaps().shape == (0, 2)
    assert ModeChain(lambda _: (np.eye(2), np.ones(2)), 0).overlaps().shape == (0, 0)

"""The window: whole-number weights that are word2vec's keep probabilities."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import windows

from repsearch.counts.window import Window
from repsearch.errors import InputError


@given(st.integers(1, 60))
def test_linear_weights_are_keep_probabilities(size: int) -> None:
    # word2vec draws the window uniformly from 1 to L and keeps what it reaches.
    window = Window(size)
    for distance, weight in enumerate(window.weights, start=1):
        reached = sum(drawn >= distance for drawn in range(1, size + 1))
        assert Fraction(weight, window.unit) == Fraction(reached, size)
        assert Fraction(weight, window.unit) == Fraction(size - distance + 1, size)


@given(st.integers(1, 60))
def test_harmonic_weights_are_exact_and_the_smallest_whole_ones(size: int) -> None:
    window = Window(size, "harmonic")
    for distance, weight in enumerate(window.weights, start=1):
        assert Fraction(weight, window.unit) == Fraction(1, distance)
    assert np.gcd.reduce(np.array(window.weights, object)) == 1


@given(windows(60))
def test_weights_are_whole_positive_and_never_grow_with_distance(window: Window) -> None:
    assert len(window.weights) == window.size
    assert all(type(weight) is int and weight > 0 for weight in window.weights)
    assert list(window.weights) == sorted(window.weights, reverse=True)
    assert window.unit == window.weights[0]


def test_the_papers_window_is_the_default() -> None:
    assert Window().weights == tuple(range(16, 0, -1))


@pytest.mark.parametrize("size", [0, -3, 2.5, 16.0, True, "16", np.int64(4)])
def test_a_size_that_is_no_positive_whole_number_is_refused(size: object) -> None:
    with pytest.raises(InputError) as caught:
        Window(size)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"the window's size is {size!r}; pass a whole number of at least 1"
    )


@pytest.mark.parametrize("weighting", ["Linear", "1/d", ""])
def test_an_unknown_weighting_is_refused_with_the_known_ones(weighting: object) -> None:
    with pytest.raises(InputError) as caught:
        Window(4, weighting)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"weighting is {weighting!r}; choose 'linear', 'flat' or 'harmonic'"
    )

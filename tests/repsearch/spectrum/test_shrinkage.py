"""Eigenvalues without what noise adds to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repsearch.errors import InputError
from repsearch.spectrum.shrinkage import noise_edge, shrunk
from repsearch.spectrum.spectrum import Spectrum

numbers = st.floats(-100, 100)


@given(st.lists(numbers, min_size=1, max_size=8), st.floats(0, 50))
def test_the_rule_is_the_root_of_the_difference_of_squares(values, edge):
    found = shrunk(values, edge)
    for value, smaller in zip(values, found, strict=True):
        expected = np.sqrt(value**2 - edge**2) if abs(value) > edge else 0.0
        assert abs(smaller) == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert np.signbit(smaller) == np.signbit(value)
    assert shrunk(values, 0.0).tolist() == pytest.approx(values)


def test_huge_eigenvalues_do_not_overflow():
    assert shrunk([1e200], 5e199)[0] == pytest.approx(np.sqrt(0.75) * 1e200)


@pytest.mark.parametrize("edge", [-1e-9, -1.0, np.inf, np.nan])
def test_an_edge_that_is_none_is_refused(edge):
    with pytest.raises(InputError, match="the edge of the noise is"):
        shrunk([1.0], edge)


@given(st.integers(0, 2**32 - 1))
def test_the_edge_of_pure_noise_is_that_of_its_semicircle(seed):
    size = 60
    entries = np.random.default_rng(seed).normal(size=(size, size))
    noise = (entries + entries.T) / np.sqrt(2)
    values, vectors = (each[..., ::-1] for each in np.linalg.eigh(noise))
    spectrum = Spectrum(
        words=tuple(map(str, range(size))),
        eigenvalues=values[:3],
        eigenvectors=vectors[:, :3],
        residuals=np.zeros(3),
        squared_norm=float((noise**2).sum()),
        target="noise",
    )
    rest = float((noise**2).sum() - (values[:3] ** 2).sum())
    assert noise_edge(spectrum) == pytest.approx(2 * np.sqrt(rest / size), rel=1e-9)
    less = rest - float((values[-2:] ** 2).sum())
    assert noise_edge(spectrum, values[-2:]) == pytest.approx(2 * np.sqrt(less / size), rel=1e-9)
    # Entries of variance 1 have the edge 2 sqrt(V).
    assert noise_edge(spectrum) == pytest.approx(2 * np.sqrt(size), rel=0.2)
    assert noise_edge(spectrum, [1e9]) == 0.0

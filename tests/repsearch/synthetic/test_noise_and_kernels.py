"""Symmetric noise and the kernels, against extended precision and the limits of theory."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from repsearch.synthetic import (
    LowRankPlusNoise,
    PeriodicExponential,
    spectrum_of,
    symmetric_noise,
)

EPS = float(np.finfo(float).eps)


def test_noise_moves_eigenvalues_as_predicted() -> None:
    world = LowRankPlusNoise([90.0, -60.0, 45.0, 8.0], size=400, noise=1.0, seed=1)
    assert np.isnan(world.noisy_eigenvalues()[3])
    assert world.noisy_overlaps()[3] == 0
    found, overlaps = [], []
    for seed in range(8):
        spectrum = spectrum_of(world.words, world.observed(seed=seed))
        places = [0, -1, 1]
        found.append(spectrum.eigenvalues[places])
        turned = np.sum(spectrum.eigenvectors[:, places] * world.basis[:, :3], axis=0) ** 2
        overlaps.append(turned)
    # An outlier scatters by sqrt(2 (1 - sigma^2 V / lambda^2)) sigma, their mean by 1 / sqrt(8).
    assert np.abs(np.mean(found, axis=0) - world.noisy_eigenvalues()[:3]).max() < 4 * np.sqrt(2 / 8)
    assert np.mean(overlaps, axis=0) == pytest.approx(world.noisy_overlaps()[:3], abs=0.02)
    assert np.array_equal(replace(world, noise=0.0).observed(seed=0), world.mstar())


@pytest.mark.parametrize("length", [1e-3, 0.1, 1.0, 50.0, 1e4])
def test_periodic_kernel_keeps_its_digits(length: float) -> None:
    x = np.array([0.0, 0.3, 0.999, 1.0])
    mpmath.mp.dps = 50
    exact = [
        mpmath.cosh((1 - mpmath.mpf(d)) / length) / mpmath.sinh(1 / mpmath.mpf(length))
        for d in x.tolist()
    ]
    # An exponent of size x / length carries an error of eps times itself.
    tolerance = 8 * EPS * (1 + 1 / length)
    np.testing.assert_allclose(
        PeriodicExponential(length)(x), np.array(exact, float), rtol=tolerance, atol=1e-300
    )
    q = mpmath.exp(-2 / (mpmath.mpf(length) * 7))
    values = [
        (1 - q**2) / (1 - 2 * q * mpmath.cos(2 * mpmath.pi * n / 7) + q**2)
        for n in (0, 1, 1, 2, 2, 3, 3)
    ]
    found = PeriodicExponential(length).eigenvalues(7)
    np.testing.assert_allclose(found, np.array(values, float), rtol=32 * EPS)


def test_symmetric_noise_has_its_variances() -> None:
    noise = symmetric_noise(300, 0.5, seed=0)
    above = noise[np.triu_indices(300, 1)]
    assert above.var() == pytest.approx(0.25, rel=4 * np.sqrt(2 / len(above)))
    assert np.diag(noise).var() == pytest.approx(0.5, rel=4 * np.sqrt(2 / 300))
    assert not np.array_equal(noise, symmetric_noise(300, 0.5, seed=1))

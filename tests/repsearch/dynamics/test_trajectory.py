"""Trajectories: lazily evaluated, in a gauge that stays, and equal to the integrated flow."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import repsearch as rs
from repsearch import dynamics
from repsearch.dynamics import Aligned, Gaussian, Given, Vanishing
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.testing.oracle import integrate_tied

VALUES = np.array([6.0, 3.0, 2.0, 0.5, 0.0, -1.0, -9.0])
WORDS = tuple("abcdefg")


def spectrum(values: np.ndarray = VALUES, kept: int = 7, dtype: Any = np.float64) -> Spectrum:
    """All or the leading eigenpairs of a 7 x 7 matrix with these eigenvalues."""
    basis = np.linalg.qr(np.random.default_rng(5).standard_normal((7, 7)))[0]
    return Spectrum(
        WORDS,
        values[:kept].astype(dtype),
        basis[:, :kept].astype(dtype),
        np.zeros(kept),
        float(np.square(values).sum()),
        "M*",
    )


def matrix() -> np.ndarray:
    full = spectrum()
    return (full.eigenvectors * full.eigenvalues) @ full.eigenvectors.T


START = 0.3 * np.random.default_rng(6).standard_normal((7, 3))
TIMES = np.array([0.0, 0.1, 0.5, 2.0])


def test_embeddings_have_the_gram_matrix_of_the_flow() -> None:
    truth = integrate_tied(matrix(), START, TIMES)
    trajectory = gradient_flow(spectrum(), Given(START), times=TIMES)
    assert trajectory.dimension == 3
    for gauge in ("spectrum", "previous"):
        found = list(trajectory.snapshots(gauge=gauge))
        for (time, now), wanted, t in zip(found, truth, TIMES, strict=True):
            assert time == t
            assert now.words == WORDS
            assert now.vectors @ now.vectors.T == pytest.approx(wanted @ wanted.T, abs=1e-10)


def test_previous_gauge_becomes_the_path_of_the_flow() -> None:
    # W itself and not only its Gram matrix; second order in the distance of the times.
    truth = integrate_tied(matrix(), START, [0.5])[0]
    errors = []
    for steps in (16, 32, 64):
        trajectory = gradient_flow(spectrum(), Given(START), times=np.linspace(0, 0.5, steps + 1))
        found = trajectory.embeddings(0.5, gauge="previous").vectors
        errors.append(float(np.linalg.norm(found - truth)))
    assert errors[-1] < 1e-3 * np.linalg.norm(truth)
    assert np.array(errors[:-1]) / errors[1:] == pytest.approx(4, rel=0.1)


def test_spectrum_gauge_turns_columns_into_modes() -> None:
    late = gradient_flow(spectrum(), Gaussian(1e-3, seed=1), d=3, times=[40.0])
    ideal = spectrum().embeddings(3)
    assert late.embeddings(40.0).vectors == pytest.approx(ideal.vectors, abs=1e-8)


def test_gauges_agree_on_what_the_loss_can_see() -> None:
    trajectory = gradient_flow(spectrum(), Given(START), times=TIMES)
    one, two = (trajectory.coordinates(gauge=g) for g in ("spectrum", "previous"))
    assert one @ np.swapaxes(one, 1, 2) == pytest.approx(two @ np.swapaxes(two, 1, 2))
    assert two[0] == pytest.approx(spectrum().eigenvectors.T @ START)


def test_aligned_start_is_a_logistic_curve_a_mode() -> None:
    trajectory = gradient_flow(spectrum(), Aligned((0.1, 0.2, 0.01)), d=3, times=TIMES)
    curves = dynamics.aligned_singular_values(VALUES[:3], [0.1, 0.2, 0.01], TIMES)
    assert np.array_equal(trajectory.singular_values(), curves)
    now = trajectory.embeddings(0.5).vectors
    assert now == pytest.approx(spectrum().eigenvectors[:, :3] * curves[2])
    left, values = trajectory.modes(0.5)
    assert values == pytest.approx(np.sort(curves[2])[::-1])
    assert np.abs(left.T @ now).sum(1) == pytest.approx(values)


@pytest.mark.smoke
@pytest.mark.parametrize(
    "start", [Aligned(0.1), Gaussian(0.1, seed=2), Vanishing(0.1, seed=2), Given(START)]
)
def test_every_view_is_of_the_same_matrix(start: dynamics.Start) -> None:
    trajectory = gradient_flow(spectrum(), start, d=3, times=TIMES)
    s, losses = trajectory.singular_values(), trajectory.loss()
    paths = {word: trajectory.path(word) for word in WORDS}
    shares, ranks = trajectory.explained(), trajectory.effective_rank()
    for k, (time, now) in enumerate(trajectory.snapshots()):
        w = now.vectors
        assert np.array_equal(w, trajectory.embeddings(time).vectors)
        svd = np.linalg.svd(w, compute_uv=False)
        assert np.sort(s[k])[::-1] == pytest.approx(svd, rel=1e-9, abs=1e-13)
        assert np.stack([paths[word][k] for word in WORDS]) == pytest.approx(w, abs=1e-12)
        error, size = np.square(w @ w.T - matrix()).sum(), np.square(matrix()).sum()
        assert losses[k] == pytest.approx((error - size) / 4, abs=1e-10)
        assert shares[k] == pytest.approx(1 - error / size, abs=1e-10)
        p = svd**2 / np.square(svd).sum()
        assert ranks[k] == pytest.approx(np.exp(-(p * np.log(p)).sum()))
        left, values = trajectory.modes(time)
        assert values == pytest.approx(svd, rel=1e-9, abs=1e-13)
        assert (left * values) @ (left * values).T == pytest.approx(w @ w.T, abs=1e-12)


def test_vanishing_start_is_the_small_limit_of_the_gaussian() -> None:
    limits = []
    for scale in (1e-2, 1e-6):
        times = np.linspace(0.1, 12, 60)
        s = [
            np.sort(
                gradient_flow(spectrum(), kind(scale, seed=3), d=2, times=times).singular_values()
            )
            for kind in (Gaussian, Vanishing)
        ]
        late = s[1] > 0.05  # while they grow, mixing shows in relative terms
        limits.append(float(np.abs(s[0] - s[1])[late].max()))
    assert limits[1] < 1e-2 * limits[0]


def test_learning_times_are_those_of_the_effective_start() -> None:
    trajectory = gradient_flow(spectrum(), Gaussian(1e-4, seed=1), d=2)
    begun = dynamics.effective_start(trajectory.start.matrix)
    assert np.array_equal(trajectory.learning_times, dynamics.learning_times(VALUES[:2], begun))
    halves = trajectory.at(trajectory.half_height_times).singular_values()
    assert halves[0, 0] ** 2 == pytest.approx(VALUES[0] / 2, rel=1e-3)
    assert halves[1, 1] ** 2 == pytest.approx(VALUES[1] / 2, rel=1e-2)


def test_truncated_spectrum_says_what_it_leaves_out() -> None:
    full, part = spectrum(), spectrum(kept=4)
    assert gradient_flow(full, Given(START)).start.outside == pytest.approx(0, abs=1e-12)
    trajectory = gradient_flow(part, Given(START), times=TIMES)
    inside = np.square(part.eigenvectors.T @ START).sum() / np.square(START).sum()
    assert trajectory.start.outside == pytest.approx(1 - inside)
    restricted = part.eigenvectors @ (part.eigenvectors.T @ START)
    truth = integrate_tied(matrix(), restricted, TIMES)[-1]
    now = trajectory.embeddings(TIMES[-1]).vectors
    assert now @ now.T == pytest.approx(truth @ truth.T, abs=1e-10)


def test_times_by_default_cover_all_learning() -> None:
    trajectory = gradient_flow(spectrum(), Aligned(1e-3), d=4)
    assert len(trajectory.times) == 200
    assert trajectory.times[0] == 0
    s = trajectory.singular_values()
    assert s[-1] ** 2 == pytest.approx(VALUES[:4], rel=0.01)
    assert s[1] == pytest.approx(1e-3, rel=1)
    nothing = gradient_flow(spectrum(values=-np.arange(1.0, 8.0)), Aligned(0.1), d=2)
    assert np.isfinite(nothing.times).all()


def test_more_dimensions_than_modes() -> None:
    start = 0.1 * np.random.default_rng(0).standard_normal((7, 9))
    trajectory = gradient_flow(spectrum(), Given(start), times=[0.0, 50.0])
    assert trajectory.singular_values().shape == (2, 9)
    assert trajectory.embeddings(50.0).vectors.shape == (7, 9)
    left, values = trajectory.modes(50.0)
    assert left.shape == (7, 7)
    # Of positive eigenvalues all is learned; 0 decays as a power of time.
    assert values[:4] ** 2 == pytest.approx(VALUES[:4], rel=1e-6)


def test_float32_spectrum_gives_float32_embeddings() -> None:
    trajectory = gradient_flow(spectrum(dtype=np.float32), Gaussian(0.1), d=3, times=TIMES)
    assert trajectory.embeddings(0.5).vectors.dtype == np.float32
    assert trajectory.singular_values().dtype == np.float64


def test_given_embeddings_must_be_over_the_same_words() -> None:
    ours = rs.Embeddings(WORDS, START)
    assert gradient_flow(spectrum(), Given(ours)).dimension == 3
    with pytest.raises(InputError, match="words are not those"):
        gradient_flow(spectrum(), Given(rs.Embeddings(WORDS[::-1], START)))


def test_tensor_as_a_start() -> None:
    torch = pytest.importorskip("torch")
    one = gradient_flow(spectrum(), Given(torch.tensor(START)), times=TIMES)
    two = gradient_flow(spectrum(), Given(START), times=TIMES)
    assert np.array_equal(one.singular_values(), two.singular_values())


@pytest.mark.smoke
def test_same_bits_on_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((500, 80)))[0]
    values = 40 * np.arange(1.0, 81) ** -0.6
    large = Spectrum(tuple(f"w{k}" for k in range(500)), values, basis, np.zeros(80), 1.0, "M*")

    def everything() -> list[np.ndarray]:
        trajectory = gradient_flow(large, Gaussian(1e-2), d=60, times=TIMES)
        return [
            trajectory.singular_values(),
            trajectory.loss(),
            trajectory.coordinates(gauge="previous"),
            trajectory.path("w7"),
            trajectory.embeddings(0.5).vectors,
            *trajectory.modes(0.5),
        ]

    with threadpool_limits(2):
        many = everything()
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    with threadpool_limits(1):
        one = everything()
    for a, b in zip(many, one, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.smoke
def test_xarray() -> None:
    found = gradient_flow(spectrum(), Given(START), times=TIMES).to_xarray()
    assert dict(found.sizes) == {"time": 4, "mode": 3}
    assert found["loss"].shape == (4,)
    assert found["singular_values"].sel(time=2.0, mode=1) ** 2 == pytest.approx(6.0, rel=1e-2)


def test_xarray_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"to_xarray needs xarray, .*pip install .?xarray"):
        gradient_flow(spectrum(), Given(START)).to_xarray()


def test_repr_is_one_line() -> None:
    assert repr(gradient_flow(spectrum(), Aligned(0.1), times=TIMES)) == (
        "Trajectory(M*, 7 words, d = 7, 4 times up to 2, start aligned)"
    )


def flow(start: Any = None, **options: Any) -> Trajectory:
    return gradient_flow(spectrum(), start or Given(START), **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: flow(d=4), "of 4 numbers"),
        (lambda: flow(Aligned(0.1), d=0), "d is 0"),
        (lambda: flow(Aligned(0.1), d=8), "only 7 eigenpairs"),
        (lambda: flow(Vanishing(0.1), d=8), "only 7 eigenpairs"),
        (lambda: flow(Aligned((0.1, 0.2)), d=3), "one singular value for each"),
        (lambda: flow(times=[1.0, 1.0]), "do not increase"),
        (lambda: flow(times=[-1.0, 1.0]), "before the start"),
        (lambda: flow().embeddings(-1.0), "before the start"),
        (lambda: flow().embeddings(1.0, gauge="none"), "choose 'spectrum' or 'previous'"),
        (lambda: flow().path("zebra"), "zebra"),
        (lambda: flow(Given(np.full((7, 3), np.nan))), "not finite"),
        (lambda: Gaussian(0.0), "scale is 0.0"),
        (lambda: Gaussian(0.1, seed=-1), "seed is -1"),
        (lambda: Vanishing(np.inf), "scale is inf"),
        (lambda: Aligned(-0.1), "at least 0"),
    ],
)
def test_bad_input(call: Any, message: str) -> None:
    with pytest.raises((InputError, KeyError), match=message):
        call()

"""Minima of small losses against SciPy on an implementation of their own, and saddles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.optimize
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from numpy.typing import NDArray
from strategies import counts_from

torch = pytest.importorskip("torch", reason="the minimum needs the extra repsearch[torch]")

import repsearch as rs  # noqa: E402
from repsearch import Counts, Given, InputError, Minimum, minimise  # noqa: E402
from repsearch.dynamics import conserved  # noqa: E402
from repsearch.training import (  # noqa: E402
    Chebyshev,
    Compute,
    CustomLoss,
    Loss,
    Quartic,
    Sgns,
    pair_terms,
    train,
)

QUARTIC: dict[str, Any] = {"loss": Quartic(), "weighting": rs.Setting31(), "tied": True}
EXACT = Compute(dtype="float64", threads=1)
WORDS = 12
WEIGHTINGS = [
    rs.Setting31(),
    rs.Unweighted(2.0),
    rs.Word2VecC(5, subsample=1e-2),
    rs.Word2Vec(2, subsample=None, symmetrise=False),
]


def counts_of(seed: int = 0, size: int = WORDS, mean: float = 3.0) -> Counts:
    """Of words in three groups, and random beyond that."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 3, size)
    often = rng.lognormal(sigma=0.5, size=size)
    expected = mean * np.outer(often, often) * np.where(groups[:, None] == groups, 3.0, 0.7)
    half = np.tril(rng.poisson(expected))
    return counts_from(half + np.tril(half, -1).T + np.eye(size, dtype=int) * 2)


def by_numpy(counts: Counts, weighting: Any, loss: str, shape: tuple[int, ...]) -> Any:
    """Loss and gradient of flat weights, from the definitions and dense arrays."""
    p = counts.matrix().toarray() / counts.total
    i, j = (index.ravel() for index in np.indices(p.shape))
    pairs = weighting.of(counts)
    independent = np.outer(counts.marginals, counts.marginals).ravel()
    positive = pairs.positive(i, j, p.ravel(), independent).reshape(p.shape)
    negative = pairs.negative(i, j, p.ravel(), independent).reshape(p.shape)

    def evaluate(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(shape)
        a, b = (w, w) if w.ndim == 2 else w
        x = a @ b.T
        if loss == "sgns":
            value = positive * np.logaddexp(0, -x) + negative * np.logaddexp(0, x)
            sigma = 1 / (1 + np.exp(-x))
            slope = positive * (sigma - 1) + negative * sigma
        else:
            value = positive * (x * x / 4 - x) + negative * (x * x / 4 + x)
            slope = positive * (x / 2 - 1) + negative * (x / 2 + 1)
        by_a, by_b = slope @ b, slope.T @ a
        gradient = by_a + by_b if w.ndim == 2 else np.stack([by_a, by_b])
        return float(value.sum()), gradient.ravel()

    return evaluate


def by_scipy(evaluate: Any, start: NDArray[np.float64]) -> float:
    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 30}
    found = scipy.optimize.minimize(
        evaluate, start.ravel(), jac=True, method="L-BFGS-B", options=options
    )
    return float(found.fun)


def whole(found: Minimum) -> NDArray[np.float64]:
    words = found.embeddings.vectors
    return words if found.contexts is None else np.stack([words, found.contexts.vectors])


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("loss", [Sgns(), Quartic()], ids=["sgns", "quartic"])
@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=lambda w: type(w).__name__)
def test_no_start_of_scipy_ends_lower(loss: Loss, weighting: Any, *, tied: bool) -> None:
    counts, d = counts_of(1), 3
    found = minimise(
        counts, d, loss=loss, weighting=weighting, tied=tied, tolerance=1e-7,
        iterations=2000, compute=EXACT,
    )  # fmt: skip
    shape = (WORDS, d) if tied else (2, WORDS, d)
    evaluate = by_numpy(counts, weighting, loss.name, shape)
    at_end, _ = evaluate(whole(found).ravel())
    assert at_end == pytest.approx(found.loss, rel=1e-9)
    assert evaluate(np.zeros(shape).ravel())[0] == pytest.approx(
        found.zero_loss, rel=1e-9, abs=1e-12
    )
    assert found.status == "converged"
    assert not found.certificate.saddle
    rng = np.random.default_rng(0)
    gained = found.zero_loss - found.loss
    ends = [by_scipy(evaluate, rng.normal(size=shape) * 0.5) for _ in range(6)]
    assert by_scipy(evaluate, whole(found)) > found.loss - 1e-6 * gained  # from where it ended
    assert min(ends) > found.loss - 1e-5 * gained  # from anywhere


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_quartic_loss_with_constant_weights_has_its_minimum_in_closed_form(*, tied: bool) -> None:
    """Theorem 1, and for untied weights the same by magnitude."""
    counts, d = counts_of(2, 40), 4
    rng = np.random.default_rng(3)
    start, contexts = (Given(rng.normal(size=(40, d))) for _ in range(2))
    found = minimise(
        counts, d, loss=Quartic(), weighting=rs.Setting31(), tied=tied, start=start,
        contexts=None if tied else contexts,
        iterations=1000, tolerance=1e-8, compute=EXACT,
    )  # fmt: skip
    by = "value" if tied else "magnitude"
    exact = rs.eigenpairs(rs.mstar(counts), d, by=by, dtype="float64")
    sizes = np.sort(np.abs(exact.eigenvalues))[::-1]
    assert found.singular_values**2 == pytest.approx(sizes, rel=1e-6)
    assert found.loss == pytest.approx(-(sizes**2).sum() / 4, rel=1e-9)
    if tied:
        assert np.abs(found.embeddings.vectors - exact.embeddings().vectors).max() < 1e-5


def test_it_begins_at_the_closed_form_where_that_is_the_minimum() -> None:
    found = minimise(
        counts_of(2, 40), 4, loss=Quartic(), weighting=rs.Setting31(), tied=True, compute=EXACT
    )
    assert (found.status, found.iterations) == ("converged", 0)
    assert "start solves" in found.summary()


def modes(counts: Counts, chosen: list[int]) -> NDArray[np.float64]:
    exact = rs.eigenpairs(rs.mstar(counts), 6, dtype="float64")
    vectors: NDArray[np.float64] = exact.eigenvectors * np.sqrt(exact.eigenvalues)
    return vectors[:, chosen]


SADDLES = [[0, 2], [1, 2], [3, 4]]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("chosen", SADDLES, ids=str)
def test_a_saddle_is_told_and_left(chosen: list[int], dtype: Any) -> None:
    """Any two modes of M* solve the first-order conditions; only the first two are the minimum."""
    counts = counts_of(4, 60)
    start = Given(modes(counts, chosen))
    compute = Compute(dtype=dtype, threads=1)
    stays = minimise(counts, 2, start=start, seconds=1e-9, compute=compute, **QUARTIC)
    assert stays.status == "out of time"
    assert stays.certificate.saddle
    assert "SADDLE" in stays.summary()
    leaves = minimise(counts, 2, start=start, tolerance=1e-4, compute=compute, **QUARTIC)
    assert leaves.certificate.left >= 1
    assert (leaves.status, leaves.certificate.saddle) == ("converged", False)
    values = rs.eigenpairs(rs.mstar(counts), 2, dtype="float64").eigenvalues
    assert leaves.loss == pytest.approx(-(values**2).sum() / 4, rel=1e-6)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_a_mode_of_zero_is_a_saddle_of_sgns(*, tied: bool) -> None:
    counts, settings = counts_of(5, 30), {"weighting": rs.Unweighted(), "tied": tied}
    small = minimise(counts, 2, tolerance=1e-8, iterations=500, compute=EXACT, **settings)
    padded = np.pad(whole(small), [(0, 0)] * (1 if tied else 2) + [(0, 1)])
    start, contexts = (padded, None) if tied else (padded[0], Given(padded[1]))
    stuck = {"start": Given(start), "contexts": contexts, "compute": EXACT, **settings}
    assert minimise(counts, 3, seconds=1e-9, **stuck).certificate.saddle
    left = minimise(counts, 3, tolerance=1e-5, iterations=500, **stuck)
    there = minimise(counts, 3, tolerance=1e-5, iterations=500, compute=EXACT, **settings)
    assert left.certificate.left >= 1
    assert left.loss == pytest.approx(there.loss, rel=1e-5)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_a_ridge_shrinks_the_eigenvalues_of_the_quartic_loss(*, tied: bool) -> None:
    """||X||^2 / 4 - <X, M*> / 2 + r ||W||^2 / 2: tied lambda - 2 r / 2, untied |lambda| - 2 r."""
    counts, d = counts_of(2, 40), 4
    by = "value" if tied else "magnitude"
    exact = rs.eigenpairs(rs.mstar(counts), d, by=by, dtype="float64").eigenvalues
    sizes = np.sort(np.abs(exact))[::-1]
    ridge = float(sizes[2] + sizes[3]) / (2 if tied else 4)  # between the third and the fourth
    found = minimise(
        counts, d, loss=Quartic(), weighting=rs.Setting31(), tied=tied, ridge=ridge,
        tolerance=1e-6, iterations=500, compute=EXACT,
    )  # fmt: skip
    shrunk = np.maximum(sizes - (ridge if tied else 2 * ridge), 0)
    assert found.singular_values**2 == pytest.approx(shrunk, abs=1e-3 * sizes[0])
    assert found.certificate.left == 0
    assert not found.certificate.saddle


def test_a_custom_loss_is_minimised_as_its_namesake() -> None:
    own = CustomLoss(
        lambda x: torch.nn.functional.softplus(-x), lambda x: torch.nn.functional.softplus(x)
    )
    counts, settings = counts_of(6), {"weighting": rs.Unweighted(2.0), "compute": EXACT}
    one, other = (
        minimise(counts, 3, loss=loss, tolerance=1e-6, iterations=500, **settings)
        for loss in (own, Sgns())
    )
    assert one.loss == pytest.approx(other.loss, rel=1e-9)
    lopsided = CustomLoss(lambda x: (1 - x) ** 2 / 2, lambda x: x**2 / 3)
    found = minimise(counts, 3, loss=lopsided, weighting=rs.Setting31(), compute=EXACT)
    assert found.status == "converged"
    assert found.iterations < 60


def test_words_and_contexts_are_balanced() -> None:
    found = minimise(counts_of(7), 4, weighting=rs.Word2VecC(2), tied=False, compute=EXACT)
    assert found.contexts is not None
    words, contexts = found.embeddings.vectors, found.contexts.vectors
    assert np.abs(conserved(words, contexts)).max() < 1e-10 * (words**2).sum()
    gram = words.T @ words
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-10 * gram.max()
    assert (np.diff(found.singular_values) <= 0).all()


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_the_same_bits_on_any_number_of_threads(*, tied: bool) -> None:
    """1,100 words are several tiles; the caller's own number of torch threads counts no more."""
    counts = counts_of(8, 1100, mean=0.02)
    before = torch.get_num_threads()
    ends = []
    try:
        for threads, of_torch in ((1, 1), (3, 2)):
            torch.set_num_threads(of_torch)
            ends.append(
                minimise(
                    counts,
                    8,
                    weighting=rs.Unweighted(2.0),
                    tied=tied,
                    iterations=4,
                    compute=Compute(dtype="float32", threads=threads),
                )
            )
    finally:
        torch.set_num_threads(before)
    one, other = ends
    assert whole(one).tobytes() == whole(other).tobytes()
    assert one.losses.tobytes() == other.losses.tobytes()
    assert one.certificate == other.certificate


def test_ctrl_c_gives_what_there_is() -> None:
    counts, settings = counts_of(9, 60), {"weighting": rs.Unweighted(), "compute": EXACT}

    def interrupt(stage: str, done: float, total: float | None, unit: str) -> None:
        if stage.startswith("minimising") and done == 3:
            raise KeyboardInterrupt  # a background job of a shell has Ctrl-C itself ignored

    found = minimise(counts, 5, tolerance=1e-9, progress=interrupt, **settings)
    assert (found.status, found.iterations) == ("interrupted", 3)
    assert found.certificate.least is None
    assert "may be a saddle" in found.summary()
    three = minimise(counts, 5, tolerance=1e-9, iterations=3, **settings)
    assert three.status == "out of iterations"
    assert whole(found).tobytes() == whole(three).tobytes()


def test_history_and_progress() -> None:
    told: list[tuple[str, float]] = []
    found = minimise(
        counts_of(9, 60), 5, weighting=rs.Unweighted(), iterations=7, tolerance=1e-9,
        compute=EXACT, progress=lambda stage, done, *_: told.append((stage, done)),
    )  # fmt: skip
    assert len(found.losses) == len(found.gradients) == len(found.seconds) == 8
    assert (np.diff(found.losses) < 0).all()
    assert found.loss == found.losses[-1] < found.losses[0] < found.zero_loss
    assert told[-1] == (f"minimising | loss {found.loss:.6g}", 7)


def test_more_dimensions_than_the_closed_form_has_modes() -> None:
    counts = counts_of(10)
    found = minimise(counts, WORDS, tied=True, weighting=rs.Unweighted(), compute=EXACT)
    assert not found.certificate.saddle
    terms = pair_terms(counts, rs.Unweighted())
    evaluate = by_numpy(counts, rs.Unweighted(), "sgns", (WORDS, WORDS))
    rng = np.random.default_rng(0)
    best = min(by_scipy(evaluate, rng.normal(size=(WORDS, WORDS)) * 0.3) for _ in range(3))
    assert found.loss < best + 1e-3 * (found.zero_loss - best)
    assert terms.n_words == WORDS


BAD = {
    "d is 0": {"d": 0},
    "d is 13": {"d": 13},
    "d is 2.0": {"d": 2.0},
    "ridge is -1": {"ridge": -1},
    "ridge is inf": {"ridge": float("inf")},
    "iterations is 0": {"iterations": 0},
    "iterations is 1.5": {"iterations": 1.5},
    "seconds is 0": {"seconds": 0},
    "seconds is nan": {"seconds": float("nan")},
    "tolerance is 0": {"tolerance": 0},
    "tolerance is 1": {"tolerance": 1},
    "seed is -1": {"seed": -1},
    "contexts say where untied weights begin": {"contexts": Given(np.ones((WORDS, 2)))},
    "the start has shape": {"start": Given(np.ones((3, 2)))},
    "holds a number that is not finite": {"start": Given(np.full((WORDS, 2), np.nan))},
    "torch sees no CUDA device": {"compute": Compute("cuda:7")},
}


@pytest.mark.parametrize(("says", "given"), BAD.items(), ids=BAD)
def test_bad_arguments(says: str, given: dict[str, Any]) -> None:
    if "cuda" in str(given) and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(InputError, match=says):
        minimise(counts_of(), **{"d": 2, "tied": True, **given})


def test_counts_without_a_pair() -> None:
    with pytest.raises(InputError, match="no pair"):
        minimise(counts_from(np.zeros((3, 3), int)), 1)


@pytest.mark.parametrize("tied", [True, False])
def test_the_flow_from_a_small_start_ends_there(tmp_path: Path, *, tied: bool) -> None:
    counts = counts_of(3, size=20)
    weighting = rs.Setting31() if tied else rs.Word2VecC(5, subsample=None)
    found = minimise(
        counts, 3, weighting=weighting, tied=tied, tolerance=1e-7, iterations=999, compute=EXACT
    )
    run = train(
        counts,
        tmp_path / "run",
        d=3,
        until=200.0 if tied else 1_000.0,
        start=rs.Gaussian(1e-3, 0),
        loss=Sgns(),
        weighting=weighting,
        tied=tied,
        integrator=Chebyshev(rtol=1e-4),
        compute=EXACT,
    )
    assert run.loss()[-1] == pytest.approx(found.loss, rel=1e-9)
    values = np.linalg.svd(found.embeddings.vectors, compute_uv=False)
    assert run.singular_values()[-1] == pytest.approx(values if tied else values**2, rel=1e-3)

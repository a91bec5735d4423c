"""Momentum and Adam: torch's own step by step, the same bits after a kill, and a clock of steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (repsearch[torch])")

from training_runs import contents, small_counts  # noqa: E402

import repsearch as rs  # noqa: E402
from probes.emergence import followed_run, theory_of_counts  # noqa: E402
from probes.theory_check import compare  # noqa: E402
from repsearch import training  # noqa: E402
from repsearch.dynamics import FullBatch, SampledPairs  # noqa: E402
from repsearch.errors import InputError  # noqa: E402
from repsearch.training.objectives.from_batch import objective_of  # noqa: E402
from repsearch.training.store.stored_run import StoredRun  # noqa: E402

FALLING = ((10, 0.02), (10, 0.02, 0.0))
SLOWER = ((10, 2e-4), (10, 2e-4, 0.0))


def objective(*, tied: bool = True, batch: Any = None) -> Any:
    counts, weighting = small_counts(), rs.Setting31()
    return objective_of(
        training.pair_terms(counts, weighting, "float64"),
        training.Quartic(),
        batch or SampledPairs(200),
        weighting,
        tied=tied,
        compute=training.Compute(),
        seed=5,
        corpus=None,
        d=3,
    )


def rate(step: int) -> float:
    """The schedules above in units of their first rate: the mean of the two ends of each step."""
    return 1.0 if step < 10 else (20 - step - 0.5) / 10


OF_TORCH = {
    "momentum": (
        training.Momentum(SLOWER, 0.9),
        lambda parameters: torch.optim.SGD(parameters, lr=1.0, momentum=0.9),
    ),
    "nesterov": (
        training.Momentum(SLOWER, 0.8, nesterov=True),
        lambda parameters: torch.optim.SGD(parameters, lr=1.0, momentum=0.8, nesterov=True),
    ),
    "adam": (
        training.Adam(FALLING),
        lambda parameters: torch.optim.Adam(parameters, lr=1.0),
    ),
    "adam with its own numbers": (
        training.Adam(FALLING, 0.5, 0.9, 1e-3),
        lambda parameters: torch.optim.Adam(parameters, lr=1.0, betas=(0.5, 0.9), eps=1e-3),
    ),
}


@pytest.mark.parametrize("name", OF_TORCH)
@pytest.mark.parametrize("tied", [True, False])
def test_each_step_is_that_of_torch(name: str, tied: bool) -> None:  # noqa: FBT001
    integrator, made = OF_TORCH[name]
    drawn = objective(tied=tied)
    shape = (30, 3) if tied else (2, 30, 3)
    start = 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.double)
    state, theirs = training.State(start), start.clone().requires_grad_()
    optimiser = made([theirs])
    for step in range(20):
        theirs.grad = drawn.gradient(theirs.detach(), step)
        optimiser.param_groups[0]["lr"] = integrator.largest * rate(step)
        optimiser.step()
        state = integrator.step(drawn, state, 1e9)
        assert (state.step, state.time) == (step + 1, step + 1.0)
        torch.testing.assert_close(state.weights, theirs.detach(), rtol=1e-11, atol=1e-14)
    assert float((state.weights - start).abs().max()) > 1e-3
    with pytest.raises(InputError, match="ends after 20 steps"):
        integrator.step(drawn, state, 1e9)


def train(folder: Path, integrator: Any, until: float, **more: Any) -> training.TrainedTrajectory:
    record = training.Record(when=training.Every(5), snapshots=training.Every(10))
    given = {"d": 3, "start": rs.Gaussian(0.05, 1), "batch": SampledPairs(200), "record": record}
    return training.train(
        small_counts(), folder, until=until, integrator=integrator, **(given | more)
    )


@pytest.mark.parametrize("integrator", [training.Momentum(0.01), training.Adam(0.01)])
def test_a_run_that_goes_on_has_the_bits_of_one_that_never_stopped(
    tmp_path: Path, integrator: Any
) -> None:
    whole = train(tmp_path / "whole", integrator, 20)
    train(tmp_path / "parts", integrator, 10)
    held = StoredRun(tmp_path / "parts").last_state
    assert all(one.shape == held.weights.shape for one in held.moments.values())
    assert held.moments
    parts = training.resume(tmp_path / "parts", small_counts(), until=20)
    assert contents(tmp_path / "parts")["state"] == contents(tmp_path / "whole")["state"]
    ends = [StoredRun(tmp_path / name).last_state.moments for name in ("whole", "parts")]
    for name, moment in ends[0].items():
        assert torch.equal(moment, ends[1][name])
    assert whole.settings == parts.settings
    threads = train(tmp_path / "threads", integrator, 20, compute=training.Compute(threads=3))
    assert threads.embeddings(20.0).vectors.tobytes() == whole.embeddings(20.0).vectors.tobytes()


def test_time_counts_steps_and_nothing_lays_the_closed_form_over_it(tmp_path: Path) -> None:
    run = train(tmp_path / "run", training.Adam(0.01), 20)
    assert run.times.tolist() == run.steps.tolist() == [0, 5, 10, 15, 20]
    assert run.settings.clock == "steps"
    assert "steps of Adam" in " ".join(run.notes)
    assert "time" not in repr(run)
    assert run.embeddings(20.0).name == "quartic at step 20"
    for refused in (
        lambda: compare(run, small_counts()),
        lambda: theory_of_counts(run, small_counts()),
        lambda: followed_run(run),
    ):
        with pytest.raises(InputError, match="trained by Adam, whose time is steps"):
            refused()
    flow = train(tmp_path / "flow", training.GradientDescent(0.01), 0.5)
    assert flow.settings.clock == "flow time"
    assert not flow.notes


def test_by_default_it_ends_with_its_schedule(tmp_path: Path) -> None:
    run = train(tmp_path / "run", training.Momentum(FALLING, force=True), None)
    assert run.steps[-1] == 20
    with pytest.raises(InputError, match="schedule ends at step 20"):
        train(tmp_path / "longer", training.Momentum(FALLING, force=True), 21)


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_bound_of_stability_is_where_momentum_ceases_to_settle(
    nesterov: bool,  # noqa: FBT001
) -> None:
    """At the minimum, a hair below the bound what is off dies out, and a hair above it grows."""
    counts = small_counts()
    spectrum = rs.eigenpairs(rs.mstar(counts), 30, method="dense", dtype="float64")
    positive = int((spectrum.eigenvalues > 0).sum())
    minimum = spectrum.embeddings(positive).vectors.astype(float)
    off = 1e-6 * np.random.default_rng(0).normal(size=minimum.shape)
    terms = training.pair_terms(counts, rs.Setting31())

    def distance(share: float) -> float:
        # With little momentum the bound is sharp within a few hundred steps.
        integrator = training.Momentum(1.0, 0.3, nesterov=nesterov, force=True)
        bound = training.check_learning_rate(integrator, terms, training.Quartic(), tied=True)
        chosen = training.Momentum(share * bound, 0.3, nesterov=nesterov, force=True)
        state = training.State(torch.from_numpy(minimum + off))
        exact = objective(batch=FullBatch())
        for _ in range(300):
            state = chosen.step(exact, state, 1e9)
        loss = [exact.loss(w, 0) for w in (state.weights, torch.from_numpy(minimum))]
        return float(loss[0] - loss[1])

    assert distance(0.97) < 1e-9
    assert not distance(1.03) < 1e-3  # not a number where it has overflowed
    above = training.Momentum(1e6, 0.3, nesterov=nesterov)
    with pytest.raises(InputError, match="where momentum becomes unstable"):
        training.check_learning_rate(above, terms, training.Quartic(), tied=True)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: training.Momentum(0.1, 0.0), "momentum is 0.0"),
        (lambda: training.Momentum(0.1, 1.0), "momentum is 1.0"),
        (lambda: training.Momentum(-0.1), "-0.1"),
        (lambda: training.Adam(0.0), "0"),
        (lambda: training.Adam([(0, 0.1)]), "0"),
        (lambda: training.Adam(beta1=1.0), "beta1 is 1.0"),
        (lambda: training.Adam(beta2=-0.1), "beta2 is -0.1"),
        (lambda: training.Adam(eps=0.0), "eps is 0.0"),
    ],
)
def test_numbers_out_of_range_are_refused(made: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        made()


@pytest.mark.parametrize("until", [None, 0, 2.5, float("nan"), float("inf")])
def test_an_end_that_is_no_number_of_steps_is_refused(tmp_path: Path, until: Any) -> None:
    with pytest.raises(InputError, match="Adam follows no flow, so pass the number of steps"):
        train(tmp_path / "run", training.Adam(), until)
    assert not (tmp_path / "run").exists()

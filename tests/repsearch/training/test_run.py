"""Whole runs: beside the closed form, interrupted, prolonged, diverged, and on any threads."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from places import FORMATS

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

import runpy

import torch
from killed_training import KINDS, kill_and_resume
from training_runs import SIZE, contents, small_counts, spectrum_of, usual

import repsearch as rs
from repsearch import InputError, dynamics, training
from repsearch.testing.counts_from import counts_from
from repsearch.training import runs
from repsearch.training.settings import Settings
from repsearch.training.store.stored_run import StoredRun

UNTIL = 1.2
# Of formats/run-v1, as it was when it was made.
ROWS = 21
LAST = [0.018916841785844785, 0.0014011620128556404]


def trained(folder: Path, **how: Any) -> training.TrainedTrajectory:
    given: dict[str, Any] = {
        "d": 4,
        "until": UNTIL,
        "start": rs.Gaussian(1e-3, 3),
        "integrator": training.RungeKutta(1e-7),
        "record": usual(UNTIL),
    } | how
    return training.train(small_counts(), folder, **given)


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 0.3])
def test_quartic_training_is_the_closed_form(tmp_path: Path, scale: float) -> None:
    spectrum = spectrum_of(small_counts())
    run = trained(tmp_path / "run", start=rs.Gaussian(scale, 3))
    flow = rs.gradient_flow(spectrum, rs.Gaussian(scale, 3), d=4, times=run.times)
    assert run.finished
    assert run.times[0] == 0
    np.testing.assert_allclose(run.singular_values(), flow.singular_values(), rtol=2e-5)
    np.testing.assert_allclose(run.loss(), flow.loss(), rtol=2e-5, atol=1e-9)
    for time in run.snapshot_times:
        mine, theirs = run.embeddings(time).vectors, flow.embeddings(time).vectors
        np.testing.assert_allclose(mine @ mine.T, theirs @ theirs.T, rtol=0, atol=1e-4)
        values = np.sort(run.modes(time)[1])[::-1]  # before the last snapshot, modes may cross
        np.testing.assert_allclose(values, flow.singular_values([time])[0], rtol=2e-5)


def test_untied_training_is_the_closed_form(tmp_path: Path) -> None:
    run = trained(tmp_path / "run", tied=False)
    first, *_, last = run.snapshot_times
    words, contexts = run.embeddings(first).vectors, run.contexts(first).vectors
    flow = dynamics.untied_flow(spectrum_of(small_counts()), words, contexts)
    np.testing.assert_allclose(run.singular_values(), flow.strengths(run.times), rtol=1e-4)
    a, b = (side[0] for side in flow.at([last]))
    mine = run.embeddings(last).vectors @ run.contexts(last).vectors.T
    np.testing.assert_allclose(mine, a @ b.T, rtol=0, atol=1e-4)


def test_descent_with_small_steps_is_the_flow(tmp_path: Path) -> None:
    rate = dynamics.clock(1.0).rate
    flow = trained(tmp_path / "flow").singular_values()[-1]
    errors = []
    for steps in (2000, 4000):
        run = trained(
            tmp_path / f"{steps}",
            until=None,
            integrator=training.GradientDescent(((steps, UNTIL / steps / rate),)),
            record=training.Record(when=training.Every(steps)),
        )
        assert run.times[-1] == pytest.approx(UNTIL, rel=1e-12)
        assert run.steps.tolist() == [0, steps]
        errors.append(np.abs(run.singular_values()[-1] / flow - 1).max())
    assert errors[0] < 0.2
    assert 1.7 < errors[0] / errors[1] < 2.4, "of first order in the step"


def test_drawn_pairs_follow_the_flow_in_the_mean(tmp_path: Path) -> None:
    batch = dynamics.SampledPairs(6400)
    steps = 300
    rate = dynamics.clock(1.0, batch=batch).rate
    start = rs.Gaussian(0.1, 3)
    run = trained(
        tmp_path / "drawn",
        batch=batch,
        start=start,
        until=None,
        integrator=training.GradientDescent(((steps, UNTIL / steps / rate),)),
        record=training.Record(when=training.Every(steps)),
    )
    exact = trained(tmp_path / "exact", start=start)
    ours, theirs = run.singular_values()[-1], exact.singular_values()[-1]
    np.testing.assert_allclose(ours, theirs, rtol=0.1)
    assert not np.array_equal(ours, theirs)


def test_what_was_recorded_reads_back(tmp_path: Path) -> None:
    spectrum = spectrum_of(small_counts(), 6)
    record = training.Record(
        when=training.evenly(UNTIL, 4),
        snapshots=training.AtTimes((0.4,)),
        overlap=spectrum,
        measures={"size": lambda emb: {"largest": float(np.abs(emb.vectors).max())}},
    )
    run = trained(tmp_path / "run", record=record)
    again = training.TrainedTrajectory(tmp_path / "run")
    assert again.settings == run.settings
    assert again.quantities == (
        "step",
        "time",
        "loss",
        "overlap",
        "singular_values",
        "size/largest",
    )
    assert again.series("overlap").shape == (5, 4)
    left = run.modes(UNTIL)[0]
    shares = [
        np.linalg.norm(left[:, :k].T @ spectrum.eigenvectors[:, :k]) ** 2 / k for k in range(1, 5)
    ]
    np.testing.assert_allclose(again.series("overlap")[-1], shares, rtol=1e-12)
    assert again.snapshot_times.tolist() == [0.0, 0.4, UNTIL]
    last = again.embeddings(UNTIL)
    assert again.series("size/largest")[-1] == np.abs(last.vectors).max()
    assert np.array_equal(again.path("w3")[-1], last["w3"])
    assert np.array_equal(again.path("w3"), [emb["w3"] for _, emb in again.snapshots()])
    assert [time for time, _ in again.snapshots()] == again.snapshot_times.tolist()
    assert "quartic, 30 words, d = 4, 5 rows, 3 snapshots" in repr(again)
    assert repr(again).endswith("ended)")
    again.verify()
    with pytest.raises(InputError, match=r"no snapshot at time 0\.5"):
        again.embeddings(0.5)
    with pytest.raises(InputError, match="'speed' was not recorded"):
        again.series("speed")
    with pytest.raises(rs.embeddings.UnknownWordError):
        again.path("nowhere")


FEEDS: dict[str, dict[str, Any]] = {
    "flow of sgns": {"loss": training.Sgns(), "weighting": rs.Word2Vec(2.0)},
    "stabilised flow": {"integrator": training.Chebyshev(1e-4)},
    "drawn pairs": {
        "batch": dynamics.SampledPairs(20),
        "integrator": training.GradientDescent(((300, 1e-3),)),
        "until": None,
        "record": training.Record(when=training.Every(37), snapshots=training.Every(100)),
    },
    "untied": {"tied": False},
}


class Stop(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.mark.parametrize("kind", FEEDS)
def test_an_interrupted_run_ends_in_the_same_bits(tmp_path: Path, kind: str) -> None:
    trained(tmp_path / "whole", **FEEDS[kind])
    calls = 0

    def stop(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls % 9 == 0:
            raise Stop

    def begin() -> None:
        trained(tmp_path / "parts", progress=stop, **FEEDS[kind])

    with pytest.raises(Stop):
        begin()
    assert not training.TrainedTrajectory(tmp_path / "parts").finished
    for _ in range(1000):
        try:
            training.resume(tmp_path / "parts", small_counts(), progress=stop)
        except Stop:
            continue
        break
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


@pytest.mark.parametrize("kind", FEEDS)
def test_same_bits_on_any_number_of_threads(tmp_path: Path, kind: str) -> None:
    before = torch.get_num_threads()
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        try:
            compute = training.Compute(threads=threads)
            trained(tmp_path / f"{threads}", compute=compute, **FEEDS[kind])
        finally:
            torch.set_num_threads(before)
    one, two, three = (contents(tmp_path / f"{threads}") for threads in (1, 2, 3))
    assert one == two == three


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    start = rs.Gaussian(1e-2, 0)
    drawn = FEEDS["drawn pairs"]
    trained(tmp_path / "one", start=start, seed=0, **drawn)
    trained(tmp_path / "two", start=start, seed=1, **drawn)
    assert contents(tmp_path / "one")["state"] != contents(tmp_path / "two")["state"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_ends_in_the_same_bits(tmp_path: Path, kind: str) -> None:
    found = kill_and_resume(tmp_path, kind, kills=3)
    assert found["same_bits"], found
    # Each life went on where the one before was killed.
    assert 0 <= found["steps_at_kills"][0] < found["steps_at_kills"][-1] < found["steps"]


def test_a_finished_run_is_prolonged(tmp_path: Path) -> None:
    trained(tmp_path / "run", until=UNTIL / 2, record=usual(UNTIL))
    longer = training.resume(tmp_path / "run", small_counts(), until=UNTIL)
    assert longer.finished
    assert longer.settings.until == UNTIL
    assert len(longer.times) == 13
    whole = trained(tmp_path / "whole")
    # It stopped at a time of the schedule, so nothing but the end differs.
    assert np.array_equal(longer.singular_values(), whole.singular_values())
    record = training.Record(when=training.AtTimes((1.3,)))
    further = training.resume(tmp_path / "run", small_counts(), until=1.5, record=record)
    assert further.times[-2:].tolist() == [1.3, 1.5]
    with pytest.raises(InputError, match=r"until is 1, but the run goes to 1.5"):
        training.resume(tmp_path / "run", small_counts(), until=1.0)


def test_divergence_names_the_step_and_keeps_what_was_good(tmp_path: Path) -> None:
    bound = training.check_learning_rate(
        training.GradientDescent(1.0, force=True),
        training.pair_terms(small_counts(), rs.Setting31()),
        training.Quartic(),
        tied=True,
    )
    record = training.Record(when=training.Every(1), snapshots=training.Every(5))

    def descend(folder: str, rate: float, *, force: bool) -> training.TrainedTrajectory:
        return trained(
            tmp_path / folder,
            start=rs.Gaussian(0.1, 3),
            until=300 * rate * dynamics.clock(1.0).rate,
            integrator=training.GradientDescent(rate, force=force),
            record=record,
        )

    with pytest.raises(InputError, match=f"above {bound:.4g}.*force=True"):
        descend("refused", 1.2 * bound, force=False)
    assert not (tmp_path / "refused").exists()
    with pytest.raises(training.DivergenceError, match=r"step \d+.*loss.*smaller learning rate"):
        descend("diverged", 3 * bound, force=True)
    run = training.TrainedTrajectory(tmp_path / "diverged")
    run.verify()
    assert not run.finished
    assert len(run.times) > 3
    assert np.isfinite(run.embeddings(run.snapshot_times[-1]).vectors).all()
    assert bool(torch.isfinite(StoredRun(tmp_path / "diverged").last_state.weights).all())
    # Just below the bound nothing diverges.
    assert descend("stable", 0.98 * bound, force=False).finished


def test_a_loss_of_ones_own(tmp_path: Path) -> None:
    loss = training.CustomLoss(lambda x: torch.cosh(x) - 2 * x, torch.cosh, "cosh")
    run = trained(tmp_path / "run", loss=loss, progress=lambda *_: None)
    assert run.settings.loss is loss
    with pytest.raises(InputError, match="a loss of your own, 'cosh'"):
        training.resume(tmp_path / "run", small_counts(), until=2.0)
    assert training.resume(tmp_path / "run", small_counts(), until=2.0, again=[loss]).finished


def test_the_spectrum_of_an_integrator_opens_its_run(tmp_path: Path) -> None:
    spectrum = spectrum_of(small_counts(), 6)
    run = trained(tmp_path / "run", integrator=training.Exponential(spectrum, rtol=1e-3))
    assert run.finished
    assert run.settings.integrator.spectrum is spectrum
    with pytest.raises(InputError, match="pass the same again"):
        training.TrainedTrajectory(tmp_path / "run")


def test_an_aligned_start(tmp_path: Path) -> None:
    spectrum = spectrum_of(small_counts(), 6)
    run = trained(tmp_path / "run", start=rs.Aligned(1e-3), spectrum=spectrum)
    values = dynamics.aligned_singular_values(spectrum.eigenvalues[:4], 1e-3, run.times)
    np.testing.assert_allclose(run.singular_values(), np.sort(values)[:, ::-1], rtol=1e-5)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"d": 0}, "d is 0"),
        ({"d": 2.5}, "d is 2.5"),
        ({"seed": -1}, "seed is -1"),
        ({"until": None}, "until is None|until is inf"),
        ({"until": -1.0}, "until is -1"),
        ({"start": rs.Vanishing(1e-3)}, "is a limit"),
        ({"start": rs.Aligned(1e-3)}, "needs eigenvectors"),
        ({"start": rs.Given(np.ones((3, 4)))}, r"shape \(3, 4\)"),
        ({"start": rs.Given(np.zeros((SIZE, 4)))}, "W.0. is 0"),
        ({"contexts": rs.Given(np.ones((SIZE, 4)))}, "tied weights"),
        ({"batch": dynamics.SampledPairs(5), "integrator": None}, "gradients are drawn"),
        ({"batch": dynamics.SampledPairs(5)}, "RungeKutta follows the flow"),
        ({"batch": dynamics.UniformPairs(5, SIZE)}, "batch is UniformPairs"),
        ({"batch": dynamics.StreamedPairs(5)}, "pass corpus="),
        ({"integrator": training.GradientDescent(((10, 1e-4),))}, "schedule ends at time"),
        ({"compute": training.Compute(dtype="float32")}, "rtol is 1e-07|below the rounding"),
    ],
)
def test_bad_arguments(tmp_path: Path, how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        trained(tmp_path / "run", **how)


def test_a_folder_in_use_or_of_others_is_refused(tmp_path: Path) -> None:
    trained(tmp_path / "run")
    with pytest.raises(InputError, match="holds a run already; resume it"):
        trained(tmp_path / "run")
    with pytest.raises(InputError, match="trained on other counts"):
        training.resume(tmp_path / "run", small_counts(seed=1))
    record = training.Record(when=training.Every(1), measures={"size": lambda _: {"a": 1.0}})
    with pytest.raises(InputError, match="records nothing more besides"):
        training.resume(tmp_path / "run", small_counts(), record=record)

    def second_writer(*_: object) -> None:
        with pytest.raises(InputError, match=r"process \d+"):
            training.resume(tmp_path / "both", small_counts())

    trained(tmp_path / "both", progress=second_writer)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"device": "tpu"}, "device is 'tpu'"),
        ({"dtype": "float16"}, "dtype is 'float16'"),
        ({"products": "int8"}, "products is 'int8'"),
        ({"products": "tf32"}, "float32 weights on a CUDA device"),
        ({"threads": 0}, "threads is 0"),
    ],
)
def test_bad_compute(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        training.Compute(**given)


def test_a_run_of_version_1_is_read_and_gone_on_with(tmp_path: Path) -> None:
    shutil.copytree(FORMATS / "run-v1", tmp_path / "run")
    run = training.TrainedTrajectory(tmp_path / "run")
    run.verify()
    assert run.finished
    assert run.settings.loss == training.Sgns()
    assert run.settings.weighting == rs.Word2Vec(1.0)
    assert run.snapshot_times.tolist() == [0.0, 1.0, 3.0]
    assert len(run.times) == ROWS
    np.testing.assert_allclose(run.singular_values()[-1], LAST, rtol=1e-12)
    left, values = run.modes(3.0)
    np.testing.assert_allclose(values, LAST, rtol=1e-12)
    assert left.shape == (4, 2)
    made = runpy.run_path(str(FORMATS / "make_run.py"), run_name="made")
    longer = training.resume(tmp_path / "run", counts_from(made["PAIRS"]), until=4.0)
    assert longer.times[-1] == 4.0


def changed(stored: Any, way: list[Any], value: Any) -> Any:
    """A copy of nested lists and dictionaries with one value replaced, or a key removed."""
    if not way:
        return value
    copy = dict(stored) if isinstance(stored, dict) else list(stored)
    if value is ... and len(way) == 1:
        del copy[way[0]]
    else:
        copy[way[0]] = changed(stored[way[0]], way[1:], value)
    return copy


def ways(stored: Any) -> list[list[Any]]:
    """The ways to every value in nested lists and dictionaries."""
    inner = stored.items() if isinstance(stored, dict) else enumerate(stored)
    if not isinstance(stored, dict | list):
        return [[]]
    return [[], *([key, *way] for key, value in inner for way in ways_in(value))]


def ways_in(value: Any) -> list[list[Any]]:
    return ways(value) if isinstance(value, dict | list) else [[]]


SETTINGS = json.loads((FORMATS / "run-v1" / "manifest.json").read_text("utf-8"))["settings"]
ODD = [None, -1, 2.5, "x", [], {}, True, 10**400, {"kind": "float", "value": "nan"}, [[1]], ...]


@pytest.mark.parametrize("way", [way for way in ways(SETTINGS) if way], ids=str)
def test_settings_that_make_no_sense_are_refused_or_are_settings(way: list[Any]) -> None:
    refused = 0
    for odd in ODD:
        try:
            read = Settings.from_json(changed(SETTINGS, way, odd))
        except InputError as error:
            refused += 1
            assert len(str(error)) < 500  # noqa: PT017
        else:
            assert Settings.from_json(json.loads(json.dumps(read.to_json()))) == read
    assert refused >= len(ODD) // 2


def test_settings_nested_too_deep_are_refused() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InputError, match="nested too deep"):
        Settings.from_json({**SETTINGS, "seed": deep})


def test_a_run_says_what_made_its_gradients(tmp_path: Path) -> None:
    run = trained(tmp_path / "run")
    assert run.settings.gradient == "products with M*"
    # Nothing to note on the processor, where products are as exact as the weights.
    assert run.notes == ()
    # A run of a version that did not keep it.
    stored = dict(run._stored.settings)
    del stored["gradient"]
    assert Settings.from_json(stored).gradient == ""


def test_a_run_whose_errors_rounding_hid_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(tmp_path / "run")
    state = run._stored.last_state
    rounded = {**state.memory, "hidden": 3.0}
    monkeypatch.setattr(StoredRun, "memory", property(lambda self: rounded))
    compute = training.Compute("cuda", "float32", "bfloat16")
    run.settings = dataclasses.replace(run.settings, compute=compute, gradient="fused kernel")
    first, second = run.notes
    assert first == "On cuda: float32 weights, bfloat16 products, gradients by fused kernel."
    assert second.startswith(f"In 3 of {state.step} steps the rounding of bfloat16 products hid")


class Interrupting:
    """A measure that is interrupted once, when it is called for so many a time."""

    def __init__(self, at: int) -> None:
        self.calls, self.at = 0, at

    def __call__(self, embeddings: rs.Embeddings) -> dict[str, float]:
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return {"largest": float(np.abs(embeddings.vectors).max())}


@pytest.mark.parametrize("at", [1, 2, 5, 13])
def test_a_run_interrupted_while_it_measures_keeps_its_steps(tmp_path: Path, at: int) -> None:
    """Steps since the last commit were lost."""

    def recording(at: int) -> training.Record:
        return dataclasses.replace(usual(UNTIL), measures={"size": Interrupting(at)})

    trained(tmp_path / "whole", record=recording(0))
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "parts", record=recording(at))
    stored = StoredRun(tmp_path / "parts")
    # One row is due at the start and at each of twelve times: all but the last were kept.
    assert len(stored.rows()["step"]) == at - 1 if at > 1 else stored.last_state.step == 0
    assert at < 3 or stored.last_state.step > stored.rows()["step"][-1]
    if at == 1:
        with pytest.raises(InputError, match="has no snapshot yet; train on"):
            training.TrainedTrajectory(tmp_path / "parts").path(stored.words[0])
    training.resume(tmp_path / "parts", small_counts(), record=recording(0))
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_a_run_that_cannot_go_on_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finished run was made unfinished by a prolongation that failed."""
    trained(tmp_path / "run")
    before = (tmp_path / "run/manifest.json").read_bytes()

    def fails(*_: Any, **__: Any) -> Any:
        raise InputError("device is 'cuda', but torch sees no CUDA device")

    monkeypatch.setattr(runs, "objective_of", fails)
    with pytest.raises(InputError, match="no CUDA"):
        training.resume(tmp_path / "run", small_counts(), until=2 * UNTIL)
    assert (tmp_path / "run/manifest.json").read_bytes() == before
    assert training.TrainedTrajectory(tmp_path / "run").finished


def test_a_run_is_not_prolonged_beyond_its_schedule(tmp_path: Path) -> None:
    schedule = training.GradientDescent([(20, 0.05)])
    run = trained(tmp_path / "run", integrator=schedule, until=None, record=usual(0.001))
    before = (tmp_path / "run/manifest.json").read_bytes()
    with pytest.raises(InputError, match="schedule ends at time"):
        training.resume(tmp_path / "run", small_counts(), until=2 * run.settings.until)
    assert (tmp_path / "run/manifest.json").read_bytes() == before


def test_weights_of_a_run_go_to_its_device_before_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stayed on the host, and the first product of a run from a GPU was refused."""
    trained(tmp_path / "run", until=UNTIL / 2)
    elsewhere = torch.device("meta")  # a device without numbers
    seen = []
    monkeypatch.setattr(training.Compute, "torch_device", elsewhere)
    monkeypatch.setattr(runs, "objective_of", lambda *_, **__: object())
    monkeypatch.setattr(runs, "take_steps", lambda _, state, *__: seen.append(state))
    training.resume(tmp_path / "run", small_counts(), until=UNTIL)
    (state,) = seen
    assert state.weights.device == elsewhere
    assert state.weights.dtype == torch.float64
    assert all(isinstance(value, float) for value in state.memory.values())

"""How costs grow: operations counted at small sizes keep their exponents, and the fit is right."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from places import ROOT

from benchmarks.growth import __main__ as command
from benchmarks.growth import document, fit, measure, operations, stages
from benchmarks.growth.arithmetic import SWEEPS, Sweep
from benchmarks.growth.notes import EXPLAINED
from benchmarks.growth.operations import COUNTED, Counted


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: row.name)
def test_operations_grow_as_written(row: Counted) -> None:
    found = operations.counted(row)
    assert found.within(row), f"exponent {found.exponent:.3f}, ratio {found.ratio:.4g}: {found}"


@pytest.mark.parametrize(
    ("count", "seen"),
    [(lambda n: 3 * n, True), (lambda n: 6 * n, False), (lambda n: 3 * n**1.3, False)],
    ids=["as written", "twice the work", "a larger exponent"],
)
def test_more_work_or_a_larger_exponent_is_seen(count, *, seen: bool) -> None:
    row = Counted(
        "any", "work", "tokens", (10, 20, 40, 80),
        lambda sizes: (count(sizes["tokens"]), sizes["tokens"]), (0.95, 1.05), (2.9, 3.1),
    )  # fmt: skip
    assert operations.counted(row).within(row) is seen


def test_a_stage_that_does_its_work_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from repsearch.dynamics.closed_form import riccati
    from repsearch.dynamics.trajectory import Trajectory

    def twice(self: Trajectory, time: float):
        # As an oversight would: the answer is right, and worked out once too often.
        riccati.solve_at(self._eigenvalues, self.start.matrix, time)
        return riccati.solve_at(self._eigenvalues, self.start.matrix, time)

    row = next(row for row in COUNTED if row.name == "closed form: solutions by times")
    monkeypatch.setattr(Trajectory, "_solve", twice)
    found = operations.counted(row)
    assert not found.within(row)
    assert found.ratio == 2


def test_calls_of_this_project_are_counted_and_no_others() -> None:
    from repsearch.embeddings.neighbours import unit_rows

    with operations.counting_calls() as total:
        unit_rows(np.ones((2, 2)))
        json.dumps({"another": "project"})
    assert total == [1]
    assert sys.getprofile() is None


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0, 3.0])
def test_the_fit_finds_a_power(power: float) -> None:
    sizes = [100.0 * 2**k for k in range(4)]
    found = fit.exponent(sizes, [0.01 * size**power for size in sizes])
    assert found.value == pytest.approx(power, abs=1e-12)
    assert found.high - found.low < 1e-6


def test_the_interval_of_a_slope_covers_it() -> None:
    rng = np.random.default_rng(0)
    sizes = np.array([1.0, 2.0, 4.0, 8.0])
    covered = 0
    for _ in range(1_000):
        found = fit.exponent(sizes, sizes**1.5 * np.exp(0.1 * rng.standard_normal(4)))
        covered += found.low <= 1.5 <= found.high
    # Binomial with 1,000 and 0.95: three standard deviations are 21.
    assert abs(covered - 950) <= 21


def _row(n: int, seconds: float, tiny: float = 0.5, peak: int = 1 << 30) -> dict[str, float]:
    return {"n": n, "processor_seconds": seconds + tiny, "tiny_seconds": tiny, "peak_bytes": peak}


@pytest.mark.parametrize(
    ("power", "verdict"),
    [(0.5, "below"), (1.2, "as predicted"), (2.0, "as predicted"), (2.2, "above")],
)
def test_the_verdict_is_that_of_the_terms(power: float, verdict: str) -> None:
    sweep = Sweep("any", "n", (1, 2, 4, 8), {"n": lambda f: f["n"], "n²": lambda f: f["n"] ** 2})
    sizes = (10, 20, 40, 80, 160)
    noise = (1.0, 1.001, 0.999, 1.0, 1.001)
    rows = [_row(n, n**power * off) for n, off in zip(sizes, noise, strict=True)]
    found = fit.fitted(sweep, rows)
    assert found.verdict == verdict
    assert found.terms == pytest.approx({"n": 1.0, "n²": 2.0})
    assert found.memory is not None
    assert found.memory.value == pytest.approx(0.0)


def test_a_stage_no_longer_than_a_tiny_one_has_no_exponent() -> None:
    sweep = Sweep("any", "n", (1, 2, 4, 8), {"n": lambda f: f["n"]})
    found = fit.fitted(sweep, [_row(n, 0.0, peak=100) for n in (1, 2, 4, 8)])
    assert (found.time, found.memory, found.verdict) == (None, None, "too short to tell")


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.name)
def test_sizes_are_geometric_and_terms_have_their_facts(sweep: Sweep) -> None:
    assert len(sweep.sizes) >= fit.FITTED
    assert {b / a for a, b in zip(sweep.sizes, sweep.sizes[1:], strict=False)} == {2}
    # Nothing that is varied is given as well with another meaning, and the stage is known.
    assert sweep.stage in stages.STAGES
    facts = {
        **dict.fromkeys(("pairs", "questions", "tokens"), 10.0),
        **sweep.given,
        sweep.setting: sweep.sizes[0],
    }
    assert all(math.isfinite(term(facts)) and term(facts) > 0 for term in sweep.terms.values())


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_a_row_has_time_and_peak_of_its_own() -> None:
    found = measure.one("neighbours", stages.TINY)
    assert found["V"] == stages.TINY["V"]
    assert len(found["calls"]) == measure.CALLS
    assert found["processor_seconds"] == sorted(found["calls"])[1]
    before = measure.forget_peak()
    held = np.ones(1 << 23)
    del held
    # The kernel adds pages up in batches, so that some may be missing.
    assert 0.95 <= (measure.peak() - before) / (8 << 23) <= 1.5


def test_the_page_is_that_of_its_results_and_explains_what_is_above() -> None:
    found = json.loads(command.RESULTS.read_text("utf-8"))
    assert (ROOT / "docs" / "growth.md").read_text("utf-8") == document.markdown(found)
    for sweep in SWEEPS:
        if sweep.name in found["sweeps"]:
            rows = found["sweeps"][sweep.name]["rows"]
            assert [row[sweep.setting] for row in rows] == list(sweep.sizes)
            if fit.fitted(sweep, rows).verdict == "above":
                assert sweep.name in EXPLAINED
    assert set(EXPLAINED) <= {sweep.name for sweep in SWEEPS}


def test_an_unknown_stage_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["nothing"])
    assert ended.value.code == 2
    assert "there is no stage 'nothing'" in capsys.readouterr().err

"""Theory beside experiment: against integrated runs, and against runs that are wrong on purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from oracle_runs import OracleRun, OracleSettings, corpus, gaussian, integrated  # noqa: E402

from probes.result import told  # noqa: E402
from probes.theory_check import Ablation, EarlyGrowth, ablation, compare  # noqa: E402
from probes.theory_check.closed_form import UntiedForm, predict  # noqa: E402
from probes.theory_check.learning_times import (  # noqa: E402
    LearningTime,
    RiseTime,
    learning_times,
    order,
    rise_time,
)
from probes.theory_check.loss_plateaus import in_quartic_units, loss_curve  # noqa: E402
from probes.theory_check.ritz_pairs import with_ritz_pairs  # noqa: E402
from probes.theory_check.wording import about_cut_off  # noqa: E402
from repsearch import dynamics, eigenpairs, mstar  # noqa: E402
from repsearch.cli import main  # noqa: E402
from repsearch.dynamics import FullBatch, MeanOverPairs, SampledPairs  # noqa: E402
from repsearch.errors import InputError  # noqa: E402
from repsearch.target.weighting import Setting31, Unweighted, Word2Vec  # noqa: E402
from repsearch.training.objectives.losses import CustomLoss, Quartic, Sgns  # noqa: E402
from repsearch.training.terms.pair_terms import pair_terms  # noqa: E402

TIMES = np.concatenate([[0.0], np.linspace(0.02, 9.0, 120)])
WORD2VEC = Word2Vec(subsample=None)
D = 7


@cache
def run(
    loss: str = "quartic",
    weighting: Any = Setting31(),  # noqa: B008  (frozen)
    contexts: str = "tied",
    scale: float = 1e-3,
    seed: int = 0,
) -> OracleRun:
    counts = corpus()
    words = gaussian((len(counts.words), D), scale, seed)
    start = {
        "tied": lambda: words,
        "balanced": lambda: np.stack([words, dynamics.balanced_contexts(words)]),
        "zero": lambda: np.stack([words, np.zeros_like(words)]),
    }[contexts]()
    chosen = Quartic() if loss == "quartic" else Sgns()
    settings = OracleSettings(chosen, weighting, contexts == "tied")
    return integrated(counts, start, TIMES, settings=settings)


def changed(of: OracleRun, **what: Any) -> Any:
    """The run with some answers replaced."""

    class Changed:
        def __getattr__(self, name: str) -> Any:
            value = what.get(name)
            if value is None:
                return getattr(of, name)
            return value

    return Changed()


# ---------------------------------------------------- where theory is exact


@pytest.mark.parametrize(("scale", "seed"), [(1e-5, 0), (1e-3, 1), (0.1, 2), (0.7, 3)])
def test_the_exact_corner_from_any_start(scale: float, seed: int) -> None:
    found = compare(run(scale=scale, seed=seed), corpus(), n_modes=D)
    assert found.exact
    assert found.agrees
    # The integrator's step error, times what the flow magnifies.
    assert np.nanmax(found.curves.errors) < 1e-7
    assert np.abs(found.loss_curve.errors).max() < 1e-9
    known = ~np.isnan(found.learned_overlaps)
    np.testing.assert_allclose(found.learned_overlaps[known], 1, rtol=1e-8)
    for mode in found.learning:
        if mode.error:
            assert abs(mode.error.value) < 1e-7
    assert not found.order.swapped


def test_untied_from_a_balanced_start_is_exact_and_learns_by_magnitude() -> None:
    found = compare(run(contexts="balanced"), corpus(), n_modes=5)
    assert found.exact
    assert np.nanmax(found.curves.errors) < 1e-5
    values = np.linalg.eigvalsh(mstar(corpus()).dense())
    np.testing.assert_allclose(
        found.prediction.heights[:5], np.sort(np.abs(values))[::-1][:5], rtol=1e-9
    )
    # One of the five is negative, and learned.
    assert (found.prediction.modes.eigenvalues < 0).any()
    assert all(mode.status == "learned" for mode in found.learning)
    assert np.abs(found.loss_curve.errors).max() < 1e-8


def test_contexts_from_zero_are_followed_and_the_imbalance_is_named() -> None:
    found = compare(run(contexts="zero"), corpus(), n_modes=5)
    assert not found.exact
    assert "unbalanced" in found.departures[0]
    assert found.curves.median().value < 1e-4
    assert all(abs(mode.error.value) < 1e-4 for mode in found.learning if mode.error)


def test_untied_form_is_that_of_the_package_where_both_are() -> None:
    counts = corpus()
    spectrum = eigenpairs(mstar(counts), len(counts.words), dtype="float64")
    words = gaussian((len(counts.words), 4), 0.05)
    contexts = np.asarray(dynamics.balanced_contexts(words))
    times = np.array([0.0, 0.3, 2.0, 7.0])
    ours, theirs = (
        UntiedForm(spectrum, words, contexts),
        dynamics.untied_flow(spectrum, words, contexts),
    )
    np.testing.assert_allclose(ours.singular_values(times), theirs.strengths(times), rtol=1e-10)
    np.testing.assert_allclose(ours.loss(times), theirs.loss(times), rtol=1e-10, atol=1e-12)
    a, b = theirs.at([2.0])
    left, values = ours.modes(2.0)
    whole = np.linalg.svd(a[0] @ b[0].T)
    np.testing.assert_allclose(values, whole[1][:4], rtol=1e-10)
    np.testing.assert_allclose(np.abs((left * whole[0][:, :4]).sum(0)), 1, rtol=1e-8)


# ---------------------------------------------------- where it is not


@pytest.mark.parametrize("stretch", [0.97, 1.01, 1.1])
def test_a_stretched_clock_is_seen(stretch: float) -> None:
    straight = run()
    found = compare(
        changed(
            straight,
            times=stretch * straight.times,
            snapshot_times=stretch * straight.snapshot_times,
            embeddings=lambda t: straight.embeddings(straight.times[_row(straight, t / stretch)]),
            modes=lambda t: straight.modes(straight.times[_row(straight, t / stretch)]),
        ),
        corpus(),
        n_modes=4,
    )
    errors = [mode.error for mode in found.learning]
    assert all(error is not None for error in errors)
    for error in errors:
        assert error is not None
        # The closed form is looked at in other rows now, so both are interpolated.
        assert error.value == pytest.approx(stretch - 1, abs=2e-3)


def _row(of: OracleRun, time: float) -> int:
    return int(np.argmin(np.abs(of.times - time)))


@pytest.mark.parametrize("share", [-0.02, 0.005, 0.3])
def test_wrong_singular_values_are_seen_as_they_are(share: float) -> None:
    values = (1 + share) * run().singular_values()
    found = compare(changed(run(), singular_values=lambda: values), corpus(), n_modes=4)
    np.testing.assert_allclose(found.curves.errors, abs(share), rtol=1e-6)
    assert found.curves.median().value == pytest.approx(abs(share), rel=1e-6)
    assert found.agrees == (abs(share) < 0.01)
    assert found.summary().startswith(
        f"Training and closed form {'agree' if found.agrees else 'depart'}"
    )


def test_two_modes_that_changed_places_are_named() -> None:
    values = run().singular_values().copy()
    strengths = values[:, [0, 2, 1, 3, 4, 5, 6]]
    # Mode 2 grows as mode 3 does, and the other way round, each to its own height.
    strengths[:, 1] *= values[-1, 1] / values[-1, 2]
    strengths[:, 2] *= values[-1, 2] / values[-1, 1]
    found = compare(changed(run(), singular_values=lambda: strengths), corpus(), n_modes=4)
    assert found.order.swapped == found.order.resolved == ((2, 3),)
    assert found.order.tau == pytest.approx(2 / 3)
    assert not found.agrees
    assert "1 pair swapped (2-3)" in found.summary()


def test_sgns_starts_on_the_closed_form_and_leaves_it() -> None:
    found = compare(run("sgns"), corpus(), n_modes=4)
    assert not found.exact
    assert "the loss is sgns" in found.departures[0]
    small = found.curves.predicted[:, 0] < 0.05
    assert small.any()
    assert np.nanmax(found.curves.errors[small]) < 1e-3
    # Singular values end above those of the quartic loss, learning times hardly move.
    assert not found.agrees
    assert all(abs(mode.error.value) < 0.02 for mode in found.learning if mode.error)


@pytest.mark.parametrize("loss", ["quartic", "sgns"])
@pytest.mark.parametrize("contexts", ["tied", "balanced"])
@pytest.mark.parametrize("weighting", [Unweighted(2.0), WORD2VEC], ids=["unweighted", "word2vec"])
def test_early_growth_is_that_of_the_weighted_matrix(
    loss: str, contexts: str, weighting: Any
) -> None:
    found = compare(run(loss, weighting, contexts, 1e-4), corpus(), n_modes=3)
    assert any("not constant" in reason for reason in found.departures)
    assert found.early is not None
    small = found.early.predicted[:, 0] < 0.02
    assert small.any()
    assert np.nanmax(found.early.errors[small]) < 2e-3
    # The closed form of M* itself grows at other rates, by far.
    assert found.curves.median().value > 10 * found.early.median().value


def test_constant_weights_have_no_second_matrix() -> None:
    assert compare(run(), corpus(), n_modes=2).early is None


# ---------------------------------------------------- the matrix of early growth

ODD = CustomLoss(lambda x: torch.exp(-x), lambda x: x + x**2)


@pytest.mark.parametrize("loss", [Quartic(), Sgns(), ODD], ids=lambda loss: loss.name)
@pytest.mark.parametrize(
    "weighting", [Setting31(3.0), Unweighted(2.0), WORD2VEC, Word2Vec()], ids=lambda w: repr(w)[:25]
)
def test_early_growth_is_the_gradient_at_the_origin(loss: Any, weighting: Any) -> None:
    counts = corpus()
    growth = EarlyGrowth(counts, weighting, loss.expansion)
    terms = pair_terms(counts, weighting)
    positive, negative = (torch.from_numpy(part) for part in terms.dense())
    w = torch.from_numpy(gaussian((len(counts.words), 3), 1e-9)).requires_grad_()
    f, g = loss.values(w @ w.T)
    (gradient,) = torch.autograd.grad((positive * f + negative * g).sum(), w)
    rate = dynamics.clock(1.0, loss=loss.expansion, weight=terms.mean_weight).rate
    flow = -gradient.numpy() / rate
    dense = growth.dense()
    np.testing.assert_allclose(dense @ w.detach().numpy() / 2, flow, rtol=1e-6, atol=1e-17)
    np.testing.assert_allclose(dense, dense.T, rtol=1e-12, atol=1e-15)
    block = gaussian((len(counts.words), 2), 1.0)
    np.testing.assert_allclose(growth.operator() @ block, dense @ block, rtol=1e-9, atol=1e-12)
    assert growth.squared_norm == pytest.approx((dense**2).sum())


@pytest.mark.parametrize("loss", [Quartic(), Sgns()], ids=lambda loss: loss.name)
def test_early_growth_is_the_target_under_setting_31(loss: Any) -> None:
    growth = EarlyGrowth(corpus(), Setting31(2.0), loss.expansion)
    dense = mstar(corpus(), Setting31(2.0)).dense()
    np.testing.assert_allclose(growth.dense(), dense, rtol=1e-12, atol=1e-14)


# ---------------------------------------------------- a space for the start


def test_few_eigenpairs_serve_as_well_as_all() -> None:
    counts = corpus(7, (0.6, 0.5, 0.4, 0.33, 0.27, 0.22, 0.18))
    target = mstar(counts)
    everything = eigenpairs(target, len(counts.words), dtype="float64")
    few = eigenpairs(target, 6, dtype="float64")
    start = gaussian((len(counts.words), 6), 1e-4)
    times = np.geomspace(1e-3, 4.0, 30)

    def values(of: Any) -> np.ndarray:
        flow = dynamics.singular_values(of.eigenvalues, of.eigenvectors.T @ start, times)
        return np.asarray(flow)[:, :6]

    truth = values(everything)
    whole = with_ritz_pairs(target, few, start)
    vectors = whole.eigenvectors
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(whole.dimension), atol=1e-12)
    np.testing.assert_allclose(vectors @ (vectors.T @ start), start, atol=1e-16)
    assert (np.diff(whole.eigenvalues) <= 0).all()
    np.testing.assert_allclose(whole.eigenvalues[:6], few.eigenvalues, rtol=1e-12)
    assert np.abs(values(whole) / truth - 1).max() < 1e-3
    # What it is for: without it, most of the early start is lost.
    assert np.abs(values(few) / truth - 1).max() > 0.5


def test_a_start_within_the_modes_needs_no_more() -> None:
    spectrum = eigenpairs(mstar(corpus()), 5, dtype="float64")
    inside = spectrum.eigenvectors @ gaussian((5, 3), 1e-3)
    assert with_ritz_pairs(mstar(corpus()), spectrum, inside) is spectrum
    everything = eigenpairs(mstar(corpus()), len(corpus().words), dtype="float64")
    assert with_ritz_pairs(mstar(corpus()), everything, gaussian((16, 3), 1e-3)) is everything


# ---------------------------------------------------- learning times


@given(st.floats(0.05, 5), st.floats(-30, -2), st.integers(3, 40))
def test_an_exponential_is_crossed_where_it_is(rate: float, log_start: float, n: int) -> None:
    times = np.linspace(0, 1.2 * -log_start / rate, n)
    found = rise_time(times, np.exp(log_start + rate * times), 1.0)
    assert found is not None
    assert found.time == pytest.approx(-log_start / rate, rel=1e-9)
    assert found.before <= found.time <= found.after
    assert found.after - found.before == pytest.approx(times[1])


@given(st.lists(st.floats(0.0, 2.0), min_size=2, max_size=12), st.floats(0.1, 1.9))
def test_a_crossing_is_the_first_and_between_its_rows(curve: list[float], level: float) -> None:
    times, strengths = np.arange(len(curve), dtype=float), np.array(curve)
    found = rise_time(times, strengths, level)
    above = np.flatnonzero(strengths >= level)
    if not len(above) or above[0] == 0:
        assert found is None
    else:
        assert found is not None
        assert (found.before, found.after) == (above[0] - 1, above[0])
        assert found.before <= found.time <= found.after


def test_logistic_curves_are_crossed_at_their_half_height_times() -> None:
    values, start = np.array([9.0, 5.0, 2.0]), np.array([1e-3, 1e-6, 1e-2])
    times = np.linspace(0, 8, 600)
    strengths = np.asarray(dynamics.aligned_singular_values(values, start, times)) ** 2
    found = learning_times(times, strengths, strengths, values, began=0.0)
    exact = dynamics.half_height_times(values, start)
    for mode, time in zip(found, exact, strict=True):
        assert mode.measured is not None
        assert mode.measured.time == pytest.approx(time, rel=1e-4)
        assert mode.error is not None
        assert mode.error.value == 0
        assert mode.error.low <= 0 <= mode.error.high


def test_what_was_not_learned_is_said() -> None:
    times = np.arange(5.0)
    rising, flat = np.array([0.1, 0.2, 0.6, 0.9, 1.0]), np.full(5, 0.1)
    measured = np.stack([rising, flat, rising, flat, np.ones(5), flat], 1)
    predicted = np.stack([rising, flat, flat, rising, np.ones(5), flat], 1)
    heights = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    found = learning_times(times, measured, predicted, heights, began=0.0)
    assert [mode.status for mode in found] == [
        "learned",
        "not in this run",
        "measured only",
        "predicted only",
        "from the start",
        "never",
    ]
    assert [mode.error is None for mode in found] == [False, True, True, True, True, True]


def test_a_short_run_names_the_modes_it_did_not_learn() -> None:
    short = run()
    until = int(np.searchsorted(short.times, 3.0))
    cut = replace(
        short,
        times=short.times[:until],
        weights=short.weights[:until],
        losses=short.losses[:until],
        snapshot_times=short.times[[0, until - 1]],
    )
    found = compare(cut, corpus(), n_modes=4)
    assert [mode.status for mode in found.learning] == [
        "learned",
        "learned",
        "not in this run",
        "not in this run",
    ]
    assert "not in this run: modes 3, 4" in found.summary()
    assert found.learned.tolist() == [0, 2]


@given(st.permutations(range(1, 8)))
def test_swaps_are_the_inversions_of_the_order(permutation: list[int]) -> None:
    def at(time: float) -> RiseTime:
        return RiseTime(time, time - 0.5, time + 0.5)

    modes = tuple(
        LearningTime(k + 1, 1.0, at(float(measured)), at(k + 1.0), "learned", 0.0)
        for k, measured in enumerate(permutation)
    )
    found = order(modes)
    pairs = [(i, j) for i in range(7) for j in range(i + 1, 7) if permutation[i] > permutation[j]]
    assert found.swapped == found.resolved == tuple((i + 1, j + 1) for i, j in pairs)
    assert found.tau == pytest.approx(1 - 2 * len(pairs) / 21)


def test_a_swap_within_one_row_is_not_resolved() -> None:
    first = LearningTime(1, 1.0, RiseTime(2.6, 2.0, 3.0), RiseTime(2.4, 2.0, 3.0), "learned", 0.0)
    second = LearningTime(2, 1.0, RiseTime(2.5, 2.0, 3.0), RiseTime(2.5, 2.0, 3.0), "learned", 0.0)
    found = order((first, second))
    assert found.swapped == ((1, 2),)
    assert found.resolved == ()


# ---------------------------------------------------- the loss


@pytest.mark.parametrize("weighting", [Setting31(2.0), Unweighted(), WORD2VEC], ids=str)
@pytest.mark.parametrize("loss", [Quartic(), Sgns()], ids=lambda loss: loss.name)
@pytest.mark.parametrize("batch", [FullBatch(), MeanOverPairs(16), SampledPairs(9)], ids=str)
def test_losses_come_to_the_units_of_the_quartic_one(loss: Any, weighting: Any, batch: Any) -> None:
    counts = corpus()
    terms = pair_terms(counts, weighting)
    positive, negative = terms.dense()
    w = gaussian((16, 3), 1e-3)
    x = torch.from_numpy(w @ w.T)
    f, g = (part.numpy() for part in loss.values(x))
    whole = float((positive * f + negative * g).sum())
    f0, g0 = (float(part) for part in loss.values(torch.zeros((), dtype=torch.float64)))
    origin = float((positive * f0 + negative * g0).sum())
    found = in_quartic_units(
        batch.scale * np.array([origin, whole]), batch, loss, pair_terms(counts, weighting)
    )
    weights = positive + negative
    m = mstar(counts, weighting).dense()
    quartic = (weights / weights.mean() * ((w @ w.T - m) ** 2 - m**2)).sum() / 4
    scale = abs(origin) / (2 * loss.expansion.curvature * terms.mean_weight)
    assert found[0] == pytest.approx(0, abs=1e-13 * scale + 1e-300)
    assert found[1] == pytest.approx(quartic, rel=1e-6, abs=1e-13 * scale)


def test_plateaus_of_modes_that_are_learned_apart() -> None:
    values, start = np.array([9.0, 4.0, 3.9, 0.5]), 1e-6
    times = np.linspace(0, 80, 8001)
    curves = np.asarray(dynamics.aligned_singular_values(values, start, times))
    losses = np.asarray(dynamics.aligned_loss(values, curves))
    modes = learning_times(times, curves**2, curves**2, values, began=0.0)
    found = loss_curve(times, losses, losses, modes)
    # Modes 2 and 3 rise together.
    assert [one.learned for one in found.plateaus] == [1, 3]
    levels = -np.cumsum(values**2) / 4
    for one in found.plateaus:
        assert one.predicted == pytest.approx(levels[one.learned - 1])
        assert one.measured == pytest.approx(one.predicted, rel=1e-3)
        assert one.low <= one.measured <= one.high


# ---------------------------------------------------- tables, words, ablation


@cache
def corners() -> Ablation:
    runs: dict[str, Any] = {
        f"{loss}, {name}": run(loss, weighting)
        for loss in ("quartic", "sgns")
        for name, weighting in (("constant", Setting31()), ("word2vec", WORD2VEC))
    }
    return ablation(runs, corpus(), n_modes=4)


def test_the_four_corners_beside_each_other() -> None:
    rows = corners().table()
    assert [row["exact"] for row in rows] == [True, False, False, False]
    medians = [float(row["median_error"] or 0) for row in rows]
    assert medians[0] < 1e-7
    # Weights cost more than the loss: without constant weights the time itself is another.
    assert medians[0] < medians[2] < min(medians[1], medians[3])
    assert [row["early_error"] is None for row in rows] == [True, False, True, False]
    for row in (rows[1], rows[3]):
        assert float(row["early_error"] or 0) < 0.05
    lines = corners().text().splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= 80


def test_tables_can_be_written_and_words_fit_the_terminal(tmp_path: Path) -> None:
    for name, found in corners().comparisons.items():
        written = found.save(tmp_path / name)
        for table, part in found.parts().items():
            rows = json.loads((tmp_path / name / f"{table}.json").read_text("utf-8"))
            assert rows == part.table()
        assert [path.name for path in written if path.suffix == ".png"] == ["comparison.png"]
        assert ("early_growth" in found.parts()) == (found.early is not None)
        assert max(map(len, told(found, 80).splitlines())) <= 80
        assert found.summary().startswith("Training and closed form")
        assert "\n" not in repr(found)
        for reason in found.departures:
            assert reason in found.summary()


def test_intervals_hold_their_medians() -> None:
    for found in corners().comparisons.values():
        median = found.curves.median()
        assert median.low <= median.value <= median.high
        assert median == found.curves.median()
        for one in found.curves.of_modes():
            assert one.median <= one.high <= one.largest


def test_the_start_is_the_first_snapshot_and_earlier_rows_are_left_out() -> None:
    later = replace(run(), snapshot_times=run().times[[30, 120]])
    found = compare(later, corpus(), n_modes=3)
    assert found.prediction.began == run().times[30]
    assert found.curves.times[0] == run().times[31]
    assert np.nanmax(found.curves.errors) < 1e-7


def test_a_given_spectrum_serves() -> None:
    spectrum = eigenpairs(mstar(corpus()), 9, dtype="float64")
    found = compare(run(), corpus(), spectrum=spectrum, n_modes=4)
    assert found.prediction.modes is spectrum
    assert np.nanmax(found.curves.errors) < 1e-7


@cache
def larger(contexts: str) -> tuple[Any, Any]:
    """A run on 128 words, of which not all eigenpairs are solved for, and its counts."""
    counts = corpus(7, (0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2))
    words = gaussian((len(counts.words), 5), 0.05)
    start = words
    if contexts == "balanced":
        start = np.stack([words, dynamics.balanced_contexts(words)])
    settings = OracleSettings(Quartic(), Setting31(), contexts == "tied")
    times = np.concatenate([[0.0], np.linspace(0.5, 20.0, 25)])
    return integrated(counts, start, times, settings=settings), counts


@pytest.mark.parametrize("contexts", ["tied", "balanced"])
def test_what_is_cut_off_is_no_more_than_is_said(contexts: str) -> None:
    one, counts = larger(contexts)
    whole = compare(one, counts, n_eigenpairs=128)
    assert whole.curves.largest_cut_off == 0
    assert "made of all 128 eigenpairs" in whole.summary()
    missing = []
    for number in (5, 20, None):
        found = compare(one, counts, n_eigenpairs=number)
        off = np.abs(found.curves.predicted / whole.curves.predicted - 1).max(axis=0)
        assert found.curves.cut_off is not None
        assert off.max() <= found.curves.cut_off.max() + 1e-10
        assert f"made of {number or 45} of 128 eigenpairs" in found.summary()
        assert found.table()[0]["cut_off"] == found.curves.largest_cut_off
        missing.append(off.max())
    assert missing[0] > 1e-9 > missing[2]


def test_an_error_of_the_size_of_what_is_cut_off_is_said_to_be_no_finding() -> None:
    found = compare(run(scale=0.3), corpus(), n_eigenpairs=D)
    curves = replace(found.curves, cut_off=np.full(D, 1.0))
    assert "(n_eigenpairs, --eigenpairs)" in about_cut_off(curves, D, 32)
    assert "n_eigenpairs" not in about_cut_off(replace(curves, cut_off=np.zeros(D)), D, 32)


def test_the_modes_compared_are_as_many_as_there_are_by_default() -> None:
    found = compare(run(), corpus())
    assert found.curves.n_modes == D
    assert f"{D} modes compared instead of 20: the run has dimension {D}." in found.summary()
    few = compare(run(), corpus(), spectrum=eigenpairs(mstar(corpus()), 3, dtype="float64"))
    assert few.curves.n_modes == 3
    assert "3 modes compared instead of 20: the spectrum has 3 eigenpairs." in few.summary()
    assert "instead of" not in compare(run(), corpus(), n_modes=3).summary()


def test_prediction_begins_at_the_run_itself() -> None:
    prediction = predict(run(), mstar(corpus()), eigenpairs(mstar(corpus()), D, dtype="float64"))
    first = prediction.singular_values(np.array([0.0]))
    np.testing.assert_allclose(first[0], run().singular_values()[0], rtol=1e-12)


def _settings(**what: Any) -> Any:
    return changed(run(), settings=replace(run().settings, **what))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda: {"run": changed(run(), words=("a",))}, "not those of the counts"),
        (
            lambda: {"spectrum": eigenpairs(mstar(corpus(3, (0.5, 0.4, 0.3))), 3)},
            "spectrum's words",
        ),
        (lambda: {"spectrum": eigenpairs(mstar(corpus()), 2)}, "has 2 eigenpairs and n_modes is 4"),
        (lambda: {"n_modes": 0}, "n_modes is 0; pass a whole number from 1 to 7"),
        (lambda: {"n_modes": D + 1}, "n_modes is 8"),
        (lambda: {"n_modes": 2.0}, "n_modes is 2.0"),
        (lambda: {"n_eigenpairs": 6}, "n_eigenpairs is 6; pass a whole number from the dimension"),
        (lambda: {"n_eigenpairs": 17}, "to the number of words, 16"),
        (lambda: {"run": changed(run(), snapshot_times=np.zeros(0))}, "has no snapshot"),
        (lambda: {"run": changed(run(), snapshot_times=run().times[-2:])}, "has 1 rows after"),
        (lambda: {"run": _settings(weighting=Word2Vec(symmetrise=False))}, "not symmetric"),
        (lambda: {"run": _settings(loss=ODD)}, "does not factorise M"),
    ],
)
def test_bad_arguments(arguments: Any, message: str) -> None:
    given_ = {"run": run(), "counts": corpus(), "n_modes": 4, **arguments()}
    with pytest.raises(InputError, match=message):
        compare(given_.pop("run"), given_.pop("counts"), **given_)


def test_no_runs() -> None:
    with pytest.raises(InputError, match="there are no runs"):
        ablation({}, corpus())


def test_a_share_too_small_to_name_is_not_named() -> None:
    from probes.theory_check.wording import percent

    assert [percent(x) for x in (0.0, 3e-7, 0.00123, 0.0567, 0.5, 34.6)] == [
        "<0.001%",
        "<0.001%",
        "0.12%",
        "5.7%",
        "50%",
        "3460%",
    ]


# ---------------------------------------------------- the command, on real runs


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts and two runs of the training core."""
    from repsearch.dynamics import Gaussian
    from repsearch.training import train

    folder = tmp_path_factory.mktemp("trained")
    corpus().save(folder / "counts.npz")
    corpus(3, (0.5, 0.4, 0.3)).save(folder / "other.npz")
    for name, loss in (("quartic", Quartic()), ("sgns", Sgns())):
        train(corpus(), folder / name, d=5, until=5.0, loss=loss, start=Gaussian(1e-3, 0))
    return folder


def said(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["repsearch", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


@pytest.mark.smoke
def test_the_command_compares_runs_and_writes_what_it_found(
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = [str(trained / name) for name in ("quartic", "sgns")]
    options = ["--counts", str(trained / "counts.npz"), "--modes", "4", "--out", str(tmp_path)]
    assert said(["compare", *runs, *options], monkeypatch) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "quartic"
    assert any(line.startswith("Training and closed form agree") for line in lines)
    assert any(line.startswith("Training and closed form depart") for line in lines)
    rows = json.loads((tmp_path / "runs.json").read_text("utf-8"))
    assert [row["run"] for row in rows] == ["quartic", "sgns"]
    assert rows[0]["median_error"] < 0.01
    assert rows[0]["exact"]
    assert not rows[1]["exact"]
    for name in ("quartic", "sgns"):
        files = {file.name for file in (tmp_path / name).iterdir()}
        wanted = ("singular_values", "learning_times", "loss", "plateaus", "overlaps", "matching")
        assert {f"{table}.{kind}" for table in wanted for kind in ("csv", "json")} <= files
        assert {"comparison.png", "comparison.pdf", "comparison-about.json"} <= files


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{0}/quartic", "{0}/quartic", "--counts", "{0}/counts.npz"], "two runs are called"),
        (["{0}/quartic", "--counts", "{0}/other.npz"], "was trained on other counts"),
        (["{0}/quartic", "--counts", "{0}/counts.npz", "--modes", "6"], "--modes is 6"),
    ],
)
def test_the_command_refuses_in_one_sentence(
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    given_ = [part.format(trained) for part in arguments]
    assert said(["compare", *given_], monkeypatch) == 2
    assert message in capsys.readouterr().err

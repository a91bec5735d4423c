"""Emergence of analogies: against brute force, known worlds, integration, chance and training."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies  # noqa: F401  the profile without deadlines
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from places import DOCS
from scipy import stats
from scipy.integrate import solve_ivp
from threadpoolctl import threadpool_limits
from training_runs import small_counts, spectrum_of

import repsearch as rs
from probes import Relations, analogies
from probes.analogy.search import TIE
from probes.concepts import difference_vectors, signal
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.save import rendered
from probes.emergence import (
    Answers,
    Emergence,
    EmergenceStudy,
    Followed,
    Theory,
    answers,
    delocalised_noise,
    emergence,
    emergence_study,
    followed_closed_form,
    followed_run,
    linear_times,
    mode_signal,
    rank_correlation,
    theory_of,
    theory_of_counts,
    theory_of_run,
)
from probes.emergence import answers as answers_function
from probes.emergence.linear.rise_times import rise_times
from probes.emergence.scores import score
from probes.emergence.study import beside_theory
from probes.emergence.theory import is_exact
from probes.figures import plot_emergence, plot_linear_times, plot_share_plane
from probes.result import told
from probes.shared.intervals import multiplicities
from repsearch import Aligned, Embeddings, Gaussian, Spectrum, Vanishing, gradient_flow
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]


def named(vectors: Any) -> Embeddings:
    return Embeddings(tuple(f"w{k}" for k in range(len(vectors))), np.asarray(vectors, float))


def pairs_of(rows: Sequence[tuple[int, int]]) -> Relations:
    return Relations({"f": tuple((f"w{a}", f"w{b}") for a, b in rows)})


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Embeddings, Relations]:
    """Few words, on a coarse grid so that many scores tie, and pairs that may share words."""
    size = draw(st.integers(5, 14))
    d = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    coarse = draw(st.booleans())
    vectors = rng.integers(-1, 2, (size, d)) if coarse else rng.normal(size=(size, d))
    vectors = vectors.astype(float)
    # A row of zeros has no direction, which the oracle by distances has no word for.
    vectors[~vectors.any(axis=1)] = 1.0
    pairs = [(int(a), int(b)) for a, b in rng.integers(size, size=(draw(st.integers(3, 6)), 2))]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]]
    relations = pairs_of([*pairs, (0, 1), (2, 3)])
    return named(vectors), relations


def by_force(embeddings: Embeddings, relations: Relations) -> list[tuple[int, float, float]]:
    """Rank by distances of the parallelogram, cosine and nearest neighbour, word by word."""
    unit = embeddings.vectors / np.linalg.norm(embeddings.vectors, axis=1)[:, None]
    index = {word: row for row, word in enumerate(embeddings.words)}
    found = []
    given_pairs = relations.families["f"]
    for one in given_pairs:
        for other in given_pairs:
            a, b, c, w = (index[word] for word in (*one, *other))
            if one == other or w in (a, b, c):
                continue
            predicted = unit[b] - unit[a] + unit[c]
            # |(b - a) - (v - c)|^2 = |x|^2 + 1 - 2 x.v is least where x.v is largest.
            gap = ((unit[b] - unit[a]) - (unit - unit[c])) ** 2
            score = (predicted @ predicted + 1 - gap.sum(axis=1)) / 2
            room = TIE * max(1.0, abs(score[w]))
            rank = 1
            for v in range(len(unit)):
                if v in (a, b, c, w):
                    continue
                rank += bool(score[v] > score[w] + room or (score[v] > score[w] - room and v < w))
            length = np.linalg.norm(predicted)
            cosine = float(predicted @ unit[w] / length) if length > 1e-9 else 0.0
            rest = [float(unit[v] @ unit[w]) for v in range(len(unit)) if v not in (a, b, c, w)]
            found.append((rank, cosine, max(rest, default=np.nan)))
    return found


# ---------------------------------------------------------------- answers


@pytest.mark.theory(
    59, "rank by cosine = rank by the parallelogram's distance", "exact ranks; ties to 1e-9"
)
@given(worlds())
def test_ranks_cosines_and_neighbours_are_those_of_brute_force(
    world: tuple[Embeddings, Relations],
) -> None:
    expected = by_force(*world)
    if not expected:
        with pytest.raises(InputError, match="two pairs"):
            answers(*world)
        return
    found = answers(*world)["f"]
    assert found.ranks.tolist() == [rank for rank, _, _ in expected]
    # A predicted vector of length l loses a factor 1 / l of its accuracy.
    assert found.cosines == pytest.approx([cosine for _, cosine, _ in expected], abs=1e-6)
    near = np.array([neighbour for _, _, neighbour in expected])
    assert found.neighbours == pytest.approx(near, abs=64 * EPS, nan_ok=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        margins = np.where(near > 0, found.cosines / near, np.nan)
    clear = np.abs(near) > 1e-12
    assert found.margins[clear] == pytest.approx(margins[clear], rel=1e-6, nan_ok=True)


@given(worlds(), st.integers(0, 5))
def test_accuracy_is_that_of_analogies_with_its_interval(
    world: tuple[Embeddings, Relations], seed: int
) -> None:
    embeddings, relations = world
    try:
        expected = analogies(embeddings, relations)
    except InputError:
        with pytest.raises(InputError):
            emergence(embeddings, relations, resamples=200, permutations=100)
        return
    found = emergence(embeddings, relations, seed=seed, resamples=200, permutations=100)
    last = found["f"].points[-1][-1]
    assert last.of("accuracy") == expected.families[0].accuracy
    assert last.scores is not None
    assert last.scores.questions == expected.questions


@given(worlds(), st.floats(1e-3, 1e3), st.integers(0, 100))
def test_answers_do_not_depend_on_scale_and_rotation(
    world: tuple[Embeddings, Relations], scale: float, seed: int
) -> None:
    embeddings, relations = world
    if not by_force(*world):
        return
    d = embeddings.dimension
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
    before, after = (
        answers(one, relations)["f"]
        for one in (embeddings, named(scale * embeddings.vectors @ turn))
    )
    assert np.array_equal(before.ranks, after.ranks)
    assert after.cosines == pytest.approx(before.cosines, abs=1e-6)


def test_blocks_and_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    embeddings = named(rng.normal(size=(300, 20)).astype(np.float32))
    relations = pairs_of([(2 * k, 2 * k + 1) for k in range(20)])

    def found() -> Answers:
        return answers(embeddings, relations)["f"]

    whole = found()
    with threadpool_limits(2):
        threaded = found()
    for name in ("ranks", "cosines", "neighbours"):
        assert np.array_equal(getattr(whole, name), getattr(threaded, name))
    import sys

    module = sys.modules[answers_function.__module__]
    monkeypatch.setattr(module, "_WORDS", 7)
    monkeypatch.setattr(module, "_QUESTIONS", 11)
    parts = found()
    assert np.array_equal(whole.ranks, parts.ranks)
    # A product of another shape may add up in another order.
    assert parts.neighbours == pytest.approx(whole.neighbours, abs=32 * EPS)
    assert parts.cosines == pytest.approx(whole.cosines, abs=32 * EPS)


def test_zero_vectors_and_a_prediction_of_no_length_have_cosine_zero() -> None:
    # (1, 0) - (1, 0) + (0, 0) and an answer of no direction; (0, 0) - (0, 0) + (1, 0) and (1, 0).
    embeddings = named([[1, 0], [1, 0], [0, 0], [0, 0], [0, 1], [1, 1]])
    found = answers(embeddings, pairs_of([(0, 1), (2, 3)]))["f"]
    assert found.cosines.tolist() == [0.0, 1.0]
    assert np.isnan(found.margins[0])
    assert found.neighbours[0] == 0.0


# ---------------------------------------------------------------- worlds


def attributes(n: int) -> tuple[BinaryAttributes, Spectrum, Relations]:
    world = BinaryAttributes(np.linspace(0.6, 0.2, n).tolist())
    whole = world.pmi_spectrum()
    modes = replace(
        whole,
        eigenvalues=whole.eigenvalues[:n],
        eigenvectors=whole.eigenvectors[:, :n],
        residuals=whole.residuals[:n],
    )
    return world, modes, Relations(world.relations)


@pytest.mark.theory(65, "K = d PMI: every answer has rank 1 and cosine 1", "exact; 64 eps")
def test_perfect_analogies_are_answered_with_rank_one() -> None:
    _, modes, relations = attributes(5)
    found = emergence(modes.embeddings(), relations, resamples=200, permutations=200)
    for one in found.families:
        last = one.points[-1][-1]
        assert last.scores is not None
        assert last.signal is not None
        assert last.scores.accuracy.value == last.scores.reciprocal_rank.value == 1
        assert last.scores.median_rank.value == last.scores.median_rank.high == 1
        assert last.scores.reciprocal_rank.low == last.scores.accuracy.low < 1
        assert last.scores.cosine.value == pytest.approx(1, abs=64 * EPS)
        assert last.scores.margin is not None
        assert last.scores.margin.value > 1
        assert last.signal.share.value == pytest.approx(1, abs=64 * EPS)


@pytest.mark.theory(
    27,
    "|m|^2 of a relation on one mode is at half height at ln(lambda/s0^2 - 1)/lambda",
    "h^2/8 max|(s^2)''| over its slope, of the spacing h",
)
def test_a_relation_on_one_mode_grows_when_the_mode_is_learned() -> None:
    _, modes, relations = attributes(4)
    s0 = 1e-3
    theory = theory_of(gradient_flow(modes, Aligned(s0)))
    end = 3 * float(theory.learning_times.max())
    times = np.linspace(0, end, 120)
    found = linear_times(
        theory, relations, theory=theory, times=times, resamples=100, permutations=200
    )
    values = modes.eigenvalues.astype(float)
    expected = np.log(values / s0**2 - 1) / values
    # Of a logistic curve |s''| is at most lambda^3 / (6 sqrt 3), its slope there lambda^2 / 4;
    # the half of the value at the last time is not yet that of the limit, by e^(-lambda t).
    spacing = times[1]
    room = spacing**2 * values / (3 * np.sqrt(3)) + 4 * np.exp(-values * (end - expected)) / values
    for one, time, mode, wide in zip(found.families, expected, range(4), room, strict=True):
        assert one.growth is not None
        assert one.growth.value == pytest.approx(time, abs=wide)
        assert one.growth.low <= time <= one.growth.high
        assert one.leading[0] == mode + 1
        assert one.predicted_growth == pytest.approx(time, abs=wide)
        # It is a direction, with share 1, long before it is a large one.
        assert one.status == "from the first"
        assert one.learning is not None
        tau = np.log(values[mode] / s0**2) / values[mode]
        assert one.learning.value == pytest.approx(tau, rel=1e-9)
    assert found.growth_correlation is not None
    assert found.growth_correlation.rho.value == 1


def noisy(seed: int = 0, size: int = 60, d: int = 6) -> tuple[Spectrum, Relations]:
    """A random target, and families that are directions on some modes and not on others."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(size, d))
    for mode in range(3):
        low = 20 * mode
        vectors[low : low + 10, mode] += 2.0
        vectors[low + 10 : low + 20, mode] -= 2.0
    vectors = np.linalg.qr(vectors)[0]
    values = np.array([8.0, 5.0, 3.0, 2.0, 1.5, 1.0])
    words = tuple(f"w{k}" for k in range(size))
    spectrum = Spectrum(words, values, vectors, np.zeros(d), float(values @ values), "M")
    families = {
        f"f{mode}": tuple((f"w{20 * mode + 10 + k}", f"w{20 * mode + k}") for k in range(10))
        for mode in range(3)
    }
    return spectrum, Relations(families)


def rises_by_hand(times: Real, curve: list[float]) -> float:
    """Walk back from the end to where the curve last was below half of its end."""
    half = curve[-1] / 2
    for k in range(len(times) - 1, 0, -1):
        if curve[k - 1] < half:
            share = (half - curve[k - 1]) / (curve[k] - curve[k - 1])
            return float(times[k - 1] + share * (times[k] - times[k - 1]))
    return float(times[0])


@pytest.mark.theory(24, "linear and growth times = those of an integrated W(t)", "1e-6 of the time")
@pytest.mark.parametrize("start", [Vanishing(1e-2, 3), Gaussian(1e-2, 3)])
def test_linear_times_are_those_of_an_integrated_path(start: Vanishing | Gaussian) -> None:
    spectrum, relations = noisy()
    flow = gradient_flow(spectrum, start)
    times = np.linspace(0, 12, 40)
    matrix = (spectrum.eigenvectors * spectrum.eigenvalues) @ spectrum.eigenvectors.T
    first = flow.embeddings(0).vectors
    shape = first.shape

    def slope(_: float, w: Real) -> Real:
        w = w.reshape(shape)
        return np.asarray((matrix @ w - w @ (w.T @ w)).ravel() / 2)

    path = solve_ivp(slope, (0, 12), first.ravel(), "DOP853", times, rtol=1e-11, atol=1e-13).y.T
    found = linear_times(flow, relations, times=times, resamples=100, permutations=200)
    index = {word: row for row, word in enumerate(spectrum.words)}
    for one in found.families:
        shares, means = [], []
        for flat in path:
            w = flat.reshape(shape)
            rows = np.array([w[index[b]] - w[index[a]] for a, b in relations.families[one.family]])
            n = len(rows)
            across = np.mean([rows[i] @ rows[j] for i in range(n) for j in range(n) if i != j])
            shares.append(across / np.mean(np.sum(rows**2, axis=1)))
            means.append(across)
        assert one.linear is not None
        assert one.growth is not None
        assert one.tells_from is not None
        first = int(np.searchsorted(times, one.tells_from))
        expected = rises_by_hand(times[first:], shares[first:])
        assert one.linear.value == pytest.approx(expected, rel=1e-6)
        assert one.growth.value == pytest.approx(rises_by_hand(times, means), rel=1e-6)
        assert one.between is not None
        assert one.between[0] <= one.linear.value <= one.between[1]
        assert one.linear.low <= one.between[0] <= one.between[1] <= one.linear.high


@given(st.integers(0, 1000), st.integers(1, 6))
def test_signal_of_modes_is_that_of_closed_form_embeddings(seed: int, d: int) -> None:
    spectrum, relations = noisy(seed)
    theory = theory_of(gradient_flow(spectrum, Aligned(0.1)))
    times = np.array([0.0, 0.3, 1.0, 4.0])
    squares = theory.squares(times) * (np.arange(6) < d)
    pairs = (*relations.families["f1"], ("w20", "w41"))  # two of which share a word
    modes = mode_signal(spectrum, pairs, name="f1")
    for time, share, mean, noise in zip(
        times,
        modes.shares(squares),
        modes.squared_means(squares),
        modes.noises(squares),
        strict=True,
    ):
        cut = theory.embeddings(float(time)).truncate(d)
        expected = signal(difference_vectors(cut, pairs), permutations=100)
        # Estimates are differences of sums of squares of this size.
        size = expected.squared_mean + expected.noise
        assert share == pytest.approx(expected.share.value, abs=1e-12)
        assert mean == pytest.approx(expected.squared_mean, abs=1e-12 * size)
        assert max(noise, 0) == pytest.approx(expected.noise, abs=1e-12 * size)
    location = modes.location(squares[-1])
    assert location.sum() == pytest.approx(1)
    assert not location[d:].any()


@pytest.mark.theory(60, "the first d columns answer as embeddings of dimension d", "exact ranks")
def test_cutting_on_principal_axes_is_solving_in_fewer_dimensions() -> None:
    spectrum, relations = noisy(2)
    whole = emergence(
        spectrum.embeddings(), relations, dims=[2, 4, 6], resamples=100, permutations=100
    )
    for number, d in enumerate((2, 4, 6)):
        few = emergence(
            spectrum.embeddings(d), relations, dims=[d], resamples=100, permutations=100
        )
        for one in whole.families:
            for measure in (
                "accuracy",
                "median_rank",
                "reciprocal_rank",
                "cosine",
                "margin",
                "share",
            ):
                here, there = (
                    grid[one.family].values(measure)[0, column]  # type: ignore[arg-type]
                    for grid, column in ((whole, number), (few, 0))
                )
                assert here == pytest.approx(there, rel=1e-9)


# ---------------------------------------------------------------- chance


def test_noise_has_ranks_of_chance() -> None:
    # The rank of an answer that nothing points to is uniform on 1 to V - 3, whatever the question.
    size, number = 200, 20
    medians, reciprocals = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        embeddings = named(rng.normal(size=(size, 30)))
        found = answers(embeddings, pairs_of([(2 * k, 2 * k + 1) for k in range(number)]))["f"]
        medians.append(np.median(found.ranks))
        reciprocals.append(np.mean(1 / found.ranks))
    # Of x = b - a + a', the answer is none: the mean over seeds, within 4 standard errors.
    for values, expected in (
        (medians, (size - 2) / 2),
        (reciprocals, np.sum(1 / np.arange(1, size - 2)) / (size - 3)),
    ):
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values) - expected) < 4 * error


def test_pairs_put_together_at_random_are_no_direction_at_the_stated_rate() -> None:
    found_any, runs = 0, 120
    for seed in range(runs):
        spectrum, _ = noisy(seed)
        shuffled = np.random.default_rng(1000 + seed).permutation(60).reshape(3, 10, 2)
        relations = Relations(
            {
                f"f{k}": tuple((f"w{a}", f"w{b}") for a, b in family)
                for k, family in enumerate(shuffled)
            }
        )
        flow = gradient_flow(spectrum, Vanishing(1e-2, seed))
        found = linear_times(
            flow, relations, times=[0.5, 2, 12], resamples=100, permutations=600, seed=seed
        )
        found_any += any(one.linear is not None for one in found.families)
    # One relation or more in 5 % of all runs at most; with 0.1 % risk no more than this.
    assert found_any <= stats.binom.ppf(0.999, runs, 0.05)


def test_intervals_of_times_hold_the_true_ones() -> None:
    # Words whose entries are drawn: then the true curves are known, whatever the pairs.
    values = np.array([8.0, 6.0, 4.5, 3.5, 2.5])
    mean, noise = np.array([0.0, 0.7, 0.5, 0.0, 0.6]), 0.4
    times, fine, number = np.linspace(0, 10, 30), np.linspace(0, 10, 2000), 14
    held: dict[str, list[bool]] = {"growth": [], "linear": []}
    for seed in range(50):
        rng = np.random.default_rng(seed)
        first = rng.normal(size=(number, 5))
        second = first + mean + np.sqrt(noise) * rng.normal(size=(number, 5))
        words = tuple(f"w{k}" for k in range(2 * number))
        entries = np.vstack([first, second])
        spectrum = Spectrum(words, values, entries, np.zeros(5), float(values @ values), "M")
        flow = gradient_flow(spectrum, Aligned(1e-2))
        relations = pairs_of([(k, k + number) for k in range(number)])
        found = linear_times(
            flow, relations, times=times, resamples=200, permutations=200
        ).families[0]
        squares = flow.singular_values(fine) ** 2
        grown = squares @ mean**2
        shares = grown / (grown + squares.sum(axis=1) * noise)
        for name, curve in (("growth", grown), ("linear", shares)):
            interval = getattr(found, name)
            if interval is not None:
                held[name].append(rises_by_hand(fine, curve.tolist()) in interval)
    for hits in held.values():
        # Nominally 95 %; with 0.1 % risk no less than this if it is 90 %.
        assert len(hits) > 40
        assert sum(hits) >= stats.binom.ppf(0.001, len(hits), 0.9)


@pytest.mark.parametrize("shared", [False, True])
def test_intervals_are_those_of_resampling_group_by_group(shared: bool) -> None:  # noqa: FBT001
    rng = np.random.default_rng(4)
    values = np.array([8.0, 5.0, 3.5, 2.5, 1.8])
    first = rng.normal(size=(10, 5))
    second = first + np.array([0.0, 1.2, 0.0, 1.4, 1.2]) + 0.7 * rng.normal(size=(10, 5))
    words = tuple(f"w{k}" for k in range(22))
    entries = np.vstack([first, second, second[:2] + 0.3])
    spectrum = Spectrum(words, values, entries, np.zeros(5), float(values @ values), "M")
    pairs = [(f"w{k}", f"w{k + 10}") for k in range(10)]
    if shared:
        pairs += [("w0", "w20"), ("w1", "w21")]
    flow = gradient_flow(spectrum, Aligned(1e-2))
    times = np.linspace(0, 12, 40)
    found = linear_times(flow, Relations({"f": pairs}), times=times, resamples=120, seed=7)
    rows_over_time = []
    for time in times.tolist():
        now = flow.embeddings(time)
        rows_over_time.append([np.asarray(now[b] - now[a], float) for a, b in pairs])
    groups = [k if k < 10 else k - 10 for k in range(len(pairs))]
    assert found.families[0].tells_from is not None
    starts = {"growth": 0, "linear": int(np.searchsorted(times, found.families[0].tells_from))}
    drawn = multiplicities(10, 120, np.random.default_rng(7)).astype(int)
    ends: dict[str, list[tuple[float, float]]] = {"growth": [], "linear": []}
    for times_drawn in drawn:
        taken = [k for k, group in enumerate(groups) for _ in range(times_drawn[group])]
        across = [(i, j) for i in taken for j in taken if groups[i] != groups[j]]
        curves: dict[str, list[float]] = {"growth": [], "linear": []}
        for rows in rows_over_time:
            products = np.array([rows[i] @ rows[j] for i, j in across])
            lengths = [(rows[i] @ rows[i] + rows[j] @ rows[j]) / 2 for i, j in across]
            curves["growth"].append(float(products.sum()))
            curves["linear"].append(float(products.sum() / np.sum(lengths)))
        for name, curve in curves.items():
            if curve[-1] > 0:
                start = starts[name]
                below = [k for k in range(start, len(times)) if curve[k] < curve[-1] / 2]
                last = max(below, default=start - 1)
                ends[name].append((times[last] if below else times[0], times[last + 1]))
    (one,) = found.families
    for name, both in ends.items():
        interval = getattr(one, name)
        low, high = np.quantile(both, [0.025, 0.975], axis=0)
        assert interval.low <= low[0] + 1e-12
        assert interval.high >= high[1] - 1e-12
        # Wider only to hold the two times around the estimate itself.
        before = times[times <= interval.value].max()
        after = times[times >= interval.value].min()
        assert interval.low == pytest.approx(min(low[0], before))
        assert interval.high == pytest.approx(max(high[1], after))


def test_p_values_are_adjusted_as_holm_has_it() -> None:
    spectrum, relations = noisy(3)
    rng = np.random.default_rng(3)
    weak = {
        f"r{k}": tuple((f"w{a}", f"w{b}") for a, b in rng.permutation(60)[:18].reshape(9, 2))
        for k in range(4)
    }
    flow = gradient_flow(spectrum, Vanishing(1e-2, 3))
    found = linear_times(flow, Relations({**relations.families, **weak}), times=[1, 4, 12])
    raw = sorted((one.final.p_value, one.family) for one in found.families)
    largest = 0.0
    for place, (p_value, family) in enumerate(raw):
        largest = max(largest, min(1.0, p_value * (len(raw) - place)))
        (one,) = (one for one in found.families if one.family == family)
        assert one.adjusted_p == pytest.approx(largest)
        assert (one.linear is not None) == (largest <= 0.05)
        assert (one.status == "not told from chance") == (one.linear is None)


def test_learning_time_is_the_mean_over_modes_weighted_at_the_end() -> None:
    spectrum, relations = noisy(6)
    flow = gradient_flow(spectrum, Aligned(0.05))
    theory = theory_of(flow)
    found = linear_times(flow, relations, theory=theory, times=[0.5, 1.0, 2.0])
    index = {word: row for row, word in enumerate(spectrum.words)}
    for one in found.families:
        pairs = relations.families[one.family]
        total, weighted, reached = 0.0, 0.0, []
        for k, value in enumerate(spectrum.eigenvalues.tolist()):
            entry = np.mean(
                [
                    spectrum.eigenvectors[index[b], k] - spectrum.eigenvectors[index[a], k]
                    for a, b in pairs
                ]
            )
            # Lemma 3.1, at the last time.
            grown = 0.05**2 * value * np.exp(2 * value) / (value + 0.05**2 * np.expm1(2 * value))
            tau = np.log(value / 0.05**2) / value
            total += grown * entry**2
            weighted += grown * entry**2 * tau
            reached.append((tau, grown * entry**2))
        assert one.learning is not None
        assert one.learning.value == pytest.approx(weighted / total)
        assert one.learning.low < one.learning.value < one.learning.high
        sums = np.cumsum([power for _, power in sorted(reached)]) / total
        expected = [sorted(reached)[int(np.argmax(sums >= share))][0] for share in (0.16, 0.84)]
        assert one.learning_spread == pytest.approx(expected)


def test_interval_of_the_median_rank_is_about_the_median() -> None:
    number = 60
    relations = pairs_of([(2 * k, 2 * k + 1) for k in range(number)])
    embeddings = named(np.random.default_rng(0).normal(size=(2 * number, 4)))
    asked = answers(embeddings, relations)["f"].asked
    ranks = np.random.default_rng(1).integers(1, 1001, len(asked.rows))
    found = score(
        Answers(asked, ranks, np.zeros(len(ranks)), np.ones(len(ranks))),
        seed=0, level=0.95, resamples=400,
    )  # fmt: skip
    assert found is not None
    assert found.median_rank.value == np.sort(ranks)[(len(ranks) - 1) // 2]
    # Of n = 3,540 ranks that are independent the median is off by 1000 / (2 sqrt n) = 8; resampling
    # pairs repeats questions, which makes it a little wider.
    assert 460 < found.median_rank.low < 500 < found.median_rank.high < 540
    assert found.reciprocal_rank.value == pytest.approx(np.mean(1 / ranks))


def test_a_theory_that_begins_later_is_the_same_one_later() -> None:
    spectrum, _ = noisy()
    theory = theory_of(gradient_flow(spectrum, Aligned(0.1)))
    later = replace(theory, began=2.0)
    assert later.learning_times == pytest.approx(theory.learning_times + 2)
    assert np.array_equal(later.embeddings(3.0).vectors, theory.embeddings(1.0).vectors)
    assert np.array_equal(later.squares(np.array([3.0])), theory.squares(np.array([1.0])))


def test_shuffled_labels_lose_direction_and_answers() -> None:
    world, modes, _ = attributes(5)
    rng = np.random.default_rng(0)
    families = {
        name: tuple(
            (a, b) if flip else (b, a)
            for (a, b), flip in zip(pairs, rng.random(16) < 0.5, strict=True)
        )
        for name, pairs in world.relations.items()
    }
    true = emergence(modes.embeddings(), Relations(world.relations), resamples=100)
    flipped = emergence(modes.embeddings(), Relations(families), resamples=100)
    for one in flipped.families:
        last = one.points[-1][-1]
        assert last.signal is not None
        assert last.signal.p_value > 0.01
        assert last.scores is not None
        before = true[one.family].points[-1][-1].scores
        assert before is not None
        assert last.scores.reciprocal_rank.high < before.reciprocal_rank.value


def test_delocalised_eigenvectors_have_the_noise_they_should() -> None:
    rng = np.random.default_rng(0)
    size, d, number, families = 3000, 30, 30, 12
    s = np.arange(1, d + 1) ** -0.3
    embeddings = named(rng.normal(size=(size, d)) / np.sqrt(size) * s)
    rows = rng.permutation(size)[: 2 * number * families].reshape(families, number, 2)
    relations = Relations(
        {f"f{k}": tuple((f"w{a}", f"w{b}") for a, b in rows[k]) for k in range(families)}
    )
    found = delocalised_noise(embeddings, relations, dims=[5, d])
    for columns in (5, d):
        here = [one for one in found if one.d == columns]
        values = s[:columns]
        effective = np.sum(values**2) ** 2 / np.sum(values**4)
        # The squared length of a difference has variance 2 / d_eff of its own square; singular
        # values of a sample of V words are off by sqrt(d / V).
        room = 4 * np.sqrt(2 / (number * families * effective)) + np.sqrt(d / size)
        assert np.mean([one.ratio for one in here]) == pytest.approx(1, abs=room)
        assert here[0].predicted_dimension == pytest.approx(effective, rel=4 * np.sqrt(d / size))
        # Intervals of 90 %: below 6 of 12 with a probability of 5e-5.
        assert sum(effective in one.dimension for one in here if one.dimension) >= 6
    assert "of delocalised eigenvectors" in found.summary()


# ---------------------------------------------------------------- small parts


@given(
    st.lists(st.lists(st.integers(-3, 6), min_size=5, max_size=5), min_size=1, max_size=4),
    st.integers(0, 100),
)
def test_last_rises_are_those_found_by_walking_back(curves: list[list[int]], seed: int) -> None:
    times = np.cumsum(np.random.default_rng(seed).uniform(0.1, 1, 5))
    whole = np.array(curves, float)
    found = rise_times(times, whole, whole[:, -1] / 2)
    for row, curve in enumerate(whole):
        if curve[-1] < curve[-1] / 2:
            assert np.isnan(found.time[row])
            assert np.isnan(found.before[row])
            continue
        assert found.time[row] == pytest.approx(rises_by_hand(times, curve.tolist()))
        assert found.before[row] <= found.time[row] <= found.after[row]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=5))
def test_permutation_test_is_the_one_that_tries_every_order(points: list[tuple[int, int]]) -> None:
    x, y = np.array(points, float).T
    found = rank_correlation(x, y, seed=0, level=0.95, resamples=100)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert found is None
        return
    assert found is not None
    expected = abs(stats.spearmanr(x, y).statistic)
    tried = [abs(stats.spearmanr(x, np.array(order)).statistic) for order in permutations(y)]
    assert found.p_value == pytest.approx(np.mean(np.array(tried) >= expected - 1e-12))


def test_permutation_test_keeps_its_level() -> None:
    rng = np.random.default_rng(0)
    p = [
        found.p_value
        for _ in range(200)
        if (
            found := rank_correlation(
                *rng.normal(size=(2, 9)), seed=0, level=0.9, resamples=100, permutations=199
            )
        )
    ]
    perfect = rank_correlation(
        range(9), range(9), seed=0, level=0.9, resamples=100, permutations=199
    )
    assert perfect is not None
    assert perfect.p_value == 1 / 200
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.ppf(0.999, 200, 0.1)


# ---------------------------------------------------------------- over time


@pytest.fixture(scope="module")
def grids() -> tuple[Emergence, Emergence, Theory, Relations]:
    """A closed form from a random start, beside the limit of small starts."""
    spectrum, relations = noisy()
    times = [0.5, 1.0, 2.0, 4.0, 8.0]
    random, limit = (
        theory_of(gradient_flow(spectrum, start(1e-3, 1))) for start in (Gaussian, Vanishing)
    )
    measured, predicted = (
        emergence(one, relations, times=times, dims=[2, 6], resamples=100, permutations=100)
        for one in (random, limit)
    )
    return measured, predicted, random, relations


def test_a_small_random_start_follows_its_limit(
    grids: tuple[Emergence, Emergence, Theory, Relations],
) -> None:
    measured, predicted, theory, relations = grids
    rows = measured.table(predicted)
    assert len(rows) == 3 * 5 * 2
    assert {row["time"] for row in rows} == set(measured.times)
    late = [row for row in rows if row["time"] == 8.0]
    for row in late:
        assert isinstance(row["share_residual"], float)
        assert row["share_residual"] == row["share"] - row["share_predicted"]  # type: ignore[operator]
        # Result 3: the two meet once modes are learned; from 1e-3, to a power of 1e-3.
        assert abs(row["share_residual"]) < 0.02
    assert "common share" in beside_theory(measured, predicted)
    rise = measured["f0"].rise("accuracy")
    curve = measured["f0"].values("accuracy")[:, -1].tolist()
    if rise is not None:
        assert rise == pytest.approx(rises_by_hand(np.array(measured.times, float), curve))
    linear = linear_times(theory, relations, theory=theory, times=measured.times, permutations=200)  # type: ignore[arg-type]
    noise = delocalised_noise(theory.embeddings(8.0), relations)
    study = EmergenceStudy(measured, predicted, True, linear, None, noise)  # noqa: FBT003
    said = told(study, 80)
    assert all(one.summary() in " ".join(said.split()) for one in linear.families)
    assert "Measured less closed form" in study.summary()
    for shown in (said, str(linear), str(measured)):
        assert max(map(len, shown.splitlines())) <= 80
    assert study.table() == rows


def test_figures_show_what_was_found(
    grids: tuple[Emergence, Emergence, Theory, Relations],
) -> None:
    measured, predicted, theory, relations = grids
    figure = plot_emergence(measured, predicted, measures=("share", "margin"))
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert len(panels) == 3
    lines = [line.get_ydata() for line in panels[0].get_lines()]
    shares = measured["f0"].values("share")[:, -1]
    assert any(np.array_equal(line, shares) for line in lines)
    assert any(np.array_equal(line, predicted["f0"].values("share")[:, -1]) for line in lines)
    assert rendered(figure, "png") == rendered(figure, "png")
    by_d = plot_emergence(measured, against="d")
    assert any(
        np.array_equal(line.get_ydata(), measured["f1"].values("accuracy")[-1])
        for line in by_d.axes[1].get_lines()
    )
    assert figure.get_supylabel() == "common share, margin"
    assert "closed form" in {text.get_text() for text in figure.legends[0].get_texts()}
    plane = plot_share_plane(measured)
    drawn = np.ma.asarray(plane.axes[0].collections[0].get_array()).reshape(2, 5)
    assert np.array_equal(drawn.data, measured["f0"].values("share").T)
    # What one random family in twenty has as well has no colour.
    chance = np.array([[p.by_chance("share") for p in row] for row in measured["f0"].points])
    assert np.array_equal(np.ma.getmaskarray(drawn), (measured["f0"].values("share") <= chance).T)
    linear = linear_times(theory, relations, theory=theory, times=measured.times, permutations=200)  # type: ignore[arg-type]
    ax = plot_linear_times(linear, which="growth")
    rows = sorted(
        (one for one in linear.families if one.learning and one.growth),
        key=lambda one: one.learning.value if one.learning else 0.0,
    )
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [one.family for one in rows]  # every one, the first learned above
    learned = np.asarray(ax.containers[0][0].get_xydata())  # type: ignore[index]
    assert learned[:, 0].tolist() == [one.learning.value for one in rows if one.learning]
    marks = {line.get_label(): np.asarray(line.get_xdata()).tolist() for line in ax.get_lines()}  # type: ignore[union-attr]
    dated = np.asarray(ax.containers[1][0].get_xdata()).tolist() if len(ax.containers) > 1 else []  # type: ignore[index]
    known = [one.growth.value for one in rows if one.growth and one.uncensored("growth")]
    bounds = [one.growth.value for one in rows if one.growth and not one.uncensored("growth")]
    assert dated == known
    assert [x for label, x in marks.items() if "or before" in str(label)] == (
        [bounds] * bool(bounds)
    )
    for figure in (by_d, plane, ax.get_figure(root=True)):
        rendered(figure, "pdf")  # type: ignore[arg-type]


def test_a_study_measures_what_its_parts_measure() -> None:
    spectrum, relations = noisy()
    followed = followed_closed_form(spectrum, scale=1e-3, seed=2)
    assert followed.times is not None
    assert len(followed.times) == 32
    assert followed.theory is followed.source
    found = emergence_study(followed, relations, seed=5)
    whole = emergence(followed.source, relations, times=followed.times, dims=[4, 6], seed=5)
    assert found.measured.table() == whole.table()
    assert found.predicted is None  # it is the closed form itself
    assert found.linear is not None
    alone = linear_times(
        followed.source,  # type: ignore[arg-type]
        relations,
        theory=followed.theory,
        times=followed.times,
        seed=5,
    )
    assert found.linear.table() == alone.table()
    noise = delocalised_noise(followed.final, relations, dims=[4, 6], seed=5)
    assert found.noise.table() == noise.table()
    assert list(found.parts()) == ["emergence", "noise", "linear"]
    random = gradient_flow(spectrum, Gaussian(1e-3, 1))
    beside = Followed(random, followed.times[:2], theory_of(random))
    assert emergence_study(beside, relations, dims=[6]).predicted is not None
    still = emergence_study(Followed(spectrum.embeddings()), relations)
    assert still.linear is None
    assert still.measured.times == (None,)
    assert still.rests_on()["closed form"] == "none"
    with pytest.raises(InputError, match="no mode is learned"):
        followed_closed_form(spectrum, scale=1e6)
    with pytest.raises(InputError, match="no training time"):
        Followed(spectrum.embeddings(), (1.0, 2.0))


def test_a_trained_run_lies_on_the_closed_form_of_its_own_start(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from repsearch import training

    counts = small_counts()
    until = 3.0
    record = training.Record(when=training.evenly(until, 4), snapshots=training.evenly(until, 6))
    run = training.train(
        counts, tmp_path / "run", d=4, until=until, start=Gaussian(1e-2), record=record
    )
    rows = np.random.default_rng(0).permutation(30)[:20].reshape(10, 2)
    relations = Relations({"f": tuple((counts.words[a], counts.words[b]) for a, b in rows)})
    target = rs.mstar(counts)
    for theory in (
        theory_of_run(run, spectrum_of(counts)),
        theory_of_run(run, spectrum_of(counts, 4), matrix=target),
    ):
        times = run.snapshot_times[1:].tolist()
        measured, predicted = (
            emergence(one, relations, times=times, dims=[2, 4], resamples=100, permutations=100)
            for one in (run, theory)
        )
        for measure in ("share", "cosine"):
            apart = measured["f"].values(measure) - predicted["f"].values(measure)
            assert np.abs(apart).max() < 1e-3  # the run's rtol of 1e-4, some steps of it
        assert np.array_equal(theory.embeddings(0.0).vectors.shape, (30, 4))
        assert theory.learning_times.shape == (4,)
    assert is_exact(run)
    assert "no test of it" not in beside_theory(measured, predicted)
    assert "no test of it" in beside_theory(measured, predicted, exact=False)
    assert emergence(run, relations, resamples=100, permutations=100).times == tuple(
        run.snapshot_times.tolist()
    )
    near = followed_run(run, times=[0.4, 0.55, 2.9], theory=theory_of_counts(run, counts))
    assert near.times == (0.5, 3.0)
    assert near.exact
    assert near.theory is not None
    assert near.theory.learning_times == pytest.approx(theory.learning_times, rel=1e-4)
    with pytest.raises(InputError, match="other counts"):
        theory_of_counts(run, small_counts(seed=1))
    with pytest.raises(InputError, match="words are not those"):
        theory_of_run(run, spectrum_of(small_counts(20), 20))
    untied = training.train(
        counts, tmp_path / "untied", d=4, until=0.1, tied=False, start=Gaussian(1e-2), record=record
    )
    with pytest.raises(InputError, match="untied"):
        theory_of_run(untied, spectrum_of(counts))
    sgns = training.train(
        counts, tmp_path / "sgns", d=4, until=0.1, loss=training.Sgns(), record=record
    )
    assert not is_exact(sgns)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [0.0, 1.0]}, "no training time"),
        ({"dims": [0]}, "dimension 0"),
        ({"dims": [4, 2]}, "do not increase"),
        ({"dims": [7]}, "dimension 7"),
        ({"level": 1.0}, "1.0"),
        ({"resamples": 5}, "5"),
        ({"seed": -1}, "-1"),
        ({"permutations": 1}, "permutations"),
    ],
)
def test_bad_arguments_of_emergence(arguments: Mapping[str, Any], message: str) -> None:
    spectrum, relations = noisy()
    with pytest.raises(InputError, match=re.escape(message)):
        emergence(spectrum.embeddings(), relations, **arguments)


def test_bad_input_elsewhere() -> None:
    spectrum, relations = noisy()
    flow = gradient_flow(spectrum, Aligned(0.1))
    with pytest.raises(InputError, match="do not increase"):
        emergence(flow, relations, times=[1.0, 1.0])
    with pytest.raises(InputError, match="none or do not increase"):
        emergence(flow, relations, times=[])
    with pytest.raises(InputError, match="at least 3"):
        linear_times(flow, relations, times=[1, 2])
    with pytest.raises(InputError, match="embeddings have no training time"):
        linear_times(spectrum.embeddings(), relations)  # type: ignore[arg-type]
    joined = pairs_of([(0, 1), (0, 2), (0, 3)])
    with pytest.raises(InputError, match="no family has two pairs"):
        linear_times(flow, joined, times=[1, 2, 3])
    with pytest.raises(InputError, match="joined by"):
        mode_signal(spectrum, joined.families["f"])
    with pytest.raises(InputError, match="no family has two pairs"):
        emergence(spectrum.embeddings(), Relations({"f": [("x", "y"), ("z", "u")]}))
    with pytest.raises(InputError, match="all embeddings are zero"):
        delocalised_noise(named(np.zeros((4, 2))), pairs_of([(0, 1), (2, 3)]))
    other = replace(spectrum, words=tuple(f"x{k}" for k in range(60)))
    with pytest.raises(InputError, match="other words"):
        linear_times(
            flow, relations, times=[1, 2, 3], theory=theory_of(gradient_flow(other, Aligned(0.1)))
        )
    theory = replace(theory_of(flow), began=1.0)
    with pytest.raises(InputError, match="begins at t = 1"):
        theory.embeddings(0.5)
    one = emergence(spectrum.embeddings(), relations, resamples=100, permutations=100)
    with pytest.raises(InputError, match="no family 'x'"):
        one["x"]
    few = emergence(spectrum.embeddings(), relations, dims=[2], resamples=100, permutations=100)
    with pytest.raises(InputError, match="pass the same"):
        one.table(few)
    with pytest.raises(InputError, match="no time"):
        plot_emergence(one)
    with pytest.raises(InputError, match="median_rank"):
        plot_emergence(one, against="d", measures=["median_rank"])
    with pytest.raises(InputError, match="a plane needs"):
        plot_share_plane(one)
    times = linear_times(flow, relations, times=[0.1, 1, 9], permutations=200)
    with pytest.raises(InputError, match="both times"):
        plot_linear_times(times)


def test_family_without_questions_or_groups_is_named() -> None:
    spectrum, relations = noisy()
    wider = Relations({**relations.families, "gone": (("x", "y"),), "one": (("w0", "w1"),)})
    found = emergence(spectrum.embeddings(), wider, resamples=100, permutations=100)
    assert found.left_out == ("gone", "one")
    assert "gone: no question" in str(found)
    flow = gradient_flow(spectrum, Aligned(0.1))
    assert linear_times(flow, wider, times=[1, 2, 3]).left_out == ("gone", "one")


def test_columns_in_which_no_pair_differs_have_no_share() -> None:
    _, modes, relations = attributes(4)
    found = emergence(
        modes.embeddings(), relations, dims=[1, 2, 4], resamples=100, permutations=100
    )
    # Attribute k lives on mode k alone.
    for mode, one in enumerate(found.families):
        known = [point.signal is not None for point in one.points[0]]
        assert known == [d > mode for d in (1, 2, 4)]
    assert len(delocalised_noise(modes.embeddings(), relations, dims=[1, 4])) == 5
    same = np.random.default_rng(0).normal(size=(8, 3))
    embeddings = named(np.vstack([same, same]))
    flat = pairs_of([(k, k + 8) for k in range(8)])
    assert emergence(embeddings, flat, resamples=100)["f"].points[0][0].signal is None
    nothing = delocalised_noise(embeddings, flat)
    assert len(nothing) == 0
    assert "No family" in nothing.summary()
    with pytest.raises(NothingToDrawError):
        nothing.plot()


# ---------------------------------------------------------------- guide


def test_example_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", (DOCS / "emergence.md").read_text("utf-8"), re.S)
    exec(compile(block, "emergence.md", "exec"), {})
    assert "linear at" in capsys.readouterr().out

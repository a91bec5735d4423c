"""Drawn pairs against the dense loss: their gradient, their chances, their expectation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from repsearch import Setting31, Unweighted, Word2Vec, dynamics  # noqa: E402
from repsearch.dynamics import FullBatch, SampledPairs  # noqa: E402
from repsearch.errors import InputError  # noqa: E402
from repsearch.testing.counts_from import counts_from  # noqa: E402
from repsearch.training.arithmetic.random_draws import (  # noqa: E402
    cumulative_sums,
    draw_entries,
    uniforms,
)
from repsearch.training.compute import Compute  # noqa: E402
from repsearch.training.objectives.losses import CustomLoss, Loss, Quartic, Sgns  # noqa: E402
from repsearch.training.objectives.sampled_pairs import SampledPairsObjective  # noqa: E402
from repsearch.training.terms.pair_gradient import (  # noqa: E402
    PairList,
    _by_sorting,
    pair_gradient,
    pair_loss,
)
from repsearch.training.terms.pair_terms import PairTerms, pair_terms  # noqa: E402

EXPONENTIAL = CustomLoss(lambda x: torch.exp(-x), lambda x: torch.exp(x), "exponential")
LOSSES: list[Loss] = [Sgns(), Quartic(), EXPONENTIAL]
CPU = torch.device("cpu")


def words_and_contexts(weights: Any) -> Any:
    return (weights, weights) if weights.ndim == 2 else weights


def by_autograd(weights: Any, loss_of: Callable[[Any], Any]) -> tuple[float, Any]:
    """A loss of all scores x, and its gradient."""
    at = weights.clone().requires_grad_()
    words, contexts = words_and_contexts(at)
    total = loss_of(words @ contexts.T)
    total.backward()
    return float(total.detach()), at.grad


def dense(terms: PairTerms, loss: Loss) -> Callable[[Any], Any]:
    positive, negative = (torch.from_numpy(part) for part in terms.dense())

    def of(x: Any) -> Any:
        plus, minus = loss.values(x)
        return (positive * plus + negative * minus).sum()

    return of


def listed(pairs: PairList, loss: Loss) -> Callable[[Any], Any]:
    def of(x: Any) -> Any:
        plus, minus = loss.values(x[pairs.words, pairs.contexts])
        return (pairs.positive * plus + pairs.negative * minus).sum()

    return of


def a_list(
    n: int, n_words: int, *, seed: int = 0, dtype: Any = torch.float64, positive: float = 1.0
) -> PairList:
    rng = np.random.default_rng(seed)
    shares = 1.0 / np.arange(1, n_words + 1)
    draw = [torch.from_numpy(rng.choice(n_words, n, p=shares / shares.sum())) for _ in range(2)]
    a, b = (torch.from_numpy(rng.standard_normal(n)).to(dtype) for _ in range(2))
    a[: n // 3], b[n // 3 : n // 2] = 0, 0
    return PairList(*draw, positive * a, b)


# ------------------------------------------------- a list of pairs


@given(
    n=st.integers(0, 40),
    n_words=st.integers(1, 6),
    d=st.integers(1, 9),
    loss=st.sampled_from(LOSSES),
    tied=st.booleans(),
)
def test_gradient_of_a_list_is_autograds(
    n: int, n_words: int, d: int, loss: Loss, *, tied: bool
) -> None:
    pairs = a_list(n, n_words, seed=n)
    rng = np.random.default_rng(d)
    weights = torch.from_numpy(rng.standard_normal((n_words, d) if tied else (2, n_words, d)))
    value, wanted = by_autograd(weights, listed(pairs, loss))
    assert pair_loss(weights, pairs, loss, threads=2) == pytest.approx(value, rel=1e-12, abs=1e-12)
    size = float(wanted.abs().max()) + 1
    assert pair_gradient(weights, pairs, loss, threads=2) == pytest.approx(wanted, abs=1e-13 * size)
    # What a CUDA device runs, checked here on the CPU.
    shift = 0 if tied else n_words
    flat = weights.reshape(-1, d)
    seen = _by_sorting(flat, pairs.words, pairs.contexts + shift, pairs, loss)
    assert seen.reshape(wanted.shape) == pytest.approx(wanted, abs=1e-13 * size)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_same_bits_on_any_number_of_threads(dtype: Any, loss: Loss) -> None:
    # More pairs than torch gives to one thread, and no multiple of a vector's length.
    pairs = a_list(70_003, 300, dtype=dtype)
    weights = torch.from_numpy(np.random.default_rng(0).standard_normal((300, 7))).to(dtype) / 3
    before, seen = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            gradient = pair_gradient(weights, pairs, loss, threads=threads)
            seen.append((gradient, pair_loss(weights, pairs, loss, threads=threads)))
    finally:
        torch.set_num_threads(before)
    for gradient, value in seen[1:]:
        assert torch.equal(gradient, seen[0][0])
        assert value == seen[0][1]


def test_float32_is_float64_rounded() -> None:
    weights = torch.from_numpy(np.random.default_rng(0).standard_normal((300, 20))) / 5
    pairs = a_list(20_000, 300)
    wanted = pair_gradient(weights, pairs, Sgns(), threads=1)
    rounded = PairList(pairs.words, pairs.contexts, pairs.positive.float(), pairs.negative.float())
    seen = pair_gradient(weights.float(), rounded, Sgns(), threads=1)
    assert seen.dtype == torch.float32
    # Some thousand terms of random signs add up to the largest row.
    assert float((seen - wanted).abs().max() / wanted.abs().max()) < 1e-5


def test_a_half_that_does_not_count_cannot_overflow() -> None:
    weights = torch.tensor([[[10.0]], [[-10.0]]])
    zero, one = torch.zeros(1), torch.ones(1)
    place = torch.zeros(1, dtype=torch.int64)
    pairs = PairList(place, place, zero, one)
    assert torch.isinf(EXPONENTIAL.values(torch.tensor(-100.0))[0])
    assert math.isfinite(pair_loss(weights, pairs, EXPONENTIAL, threads=1))
    assert torch.isfinite(pair_gradient(weights, pairs, EXPONENTIAL, threads=1)).all()


def test_what_is_not_finite_is_not_hidden() -> None:
    weights = torch.tensor([[math.nan], [1.0]])
    place = torch.tensor([0])
    pairs = PairList(place, place + 1, torch.ones(1), torch.zeros(1))
    assert math.isnan(pair_loss(weights, pairs, Sgns(), threads=1))
    assert torch.isnan(pair_gradient(weights, pairs, Sgns(), threads=1)).any()


# ------------------------------------------------- random numbers


def splitmix64(key: int, count: int) -> list[float]:
    """As Steele, Lea and Flood print it, in Python's own whole numbers."""
    mask, found = 2**64 - 1, []
    for _ in range(count):
        key = (key + 0x9E3779B97F4A7C15) & mask
        z = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        found.append(((z ^ (z >> 31)) >> 11) / 2**53)
    return found


@given(st.integers(0, 2**80), st.integers(0, 2**40))
def test_uniform_numbers_are_splitmix64(seed: int, step: int) -> None:
    state = np.random.SeedSequence(seed, spawn_key=(step,)).generate_state(1, np.uint64)
    seen = uniforms(20, seed=seed, stream=(step,), device=CPU)
    assert seen.tolist() == splitmix64(int(state[0]), 20)
    assert (seen >= 0).all()
    assert (seen < 1).all()


def test_seeds_of_more_than_32_bits_differ() -> None:
    # As they would not with torch's own generator.
    one, other = (
        torch.rand(3, generator=torch.Generator().manual_seed(seed)) for seed in (5, 5 + 2**32)
    )
    assert torch.equal(one, other)
    seen = [uniforms(3, seed=seed, stream=(0,), device=CPU) for seed in (5, 5 + 2**32)]
    assert not torch.equal(*seen)


def test_steps_and_seeds_are_independent() -> None:
    first = torch.stack(
        [uniforms(50, seed=seed, stream=(n,), device=CPU) for seed in (0, 1) for n in range(200)]
    ).numpy()
    assert len(np.unique(first)) == first.size
    assert stats.kstest(first.ravel(), "uniform").pvalue > 1e-3
    off = np.corrcoef(first)[np.triu_indices(len(first), 1)]
    assert abs(off.mean()) < 5 / math.sqrt(len(off) * 50)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12).filter(any))
def test_entries_are_drawn_as_often_as_they_are_large(weights: list[int]) -> None:
    total = sum(weights)
    sums = cumulative_sums(np.array(weights, float))
    middle = (torch.arange(total, dtype=torch.float64) + 0.5) / total
    drawn = draw_entries(sums, middle)
    assert np.bincount(drawn, minlength=len(weights)).tolist() == weights


@given(st.lists(st.just(0.0) | st.floats(1e-300, 1e300), min_size=1, max_size=12).filter(any))
def test_the_ends_of_the_unit_interval_draw_entries_that_are_there(weights: list[float]) -> None:
    array = np.array(weights)
    ends = torch.tensor([0.0, 1 - 2.0**-53], dtype=torch.float64)
    first, last = draw_entries(cumulative_sums(array), ends).tolist()
    assert first == np.flatnonzero(array)[0]
    assert array[last] > 0


# ------------------------------------------------- draws from counts


MATRIX = np.array(
    [[6, 9, 0, 3, 1], [9, 4, 2, 0, 0], [0, 2, 0, 5, 1], [3, 0, 5, 2, 0], [1, 0, 1, 0, 0]]
)
# Shares of words that are not those of pairs, and a subsampling that drops most of some words.
COUNTS = counts_from(MATRIX, word_counts=[40, 9, 30, 3, 18])
ASYMMETRIC = Word2Vec(negatives=2.0, subsample=0.05, symmetrise=False)
CORNERS = {
    "setting": Setting31(),
    "setting, k = 3": Setting31(3.0),
    "unweighted": Unweighted(2.0),
    "word2vec": Word2Vec(negatives=2.0, subsample=0.05),
    "asymmetric": ASYMMETRIC,
}


def objective(
    weighting: Any = CORNERS["word2vec"],
    loss: Loss | None = None,
    *,
    batch: SampledPairs | None = None,
    tied: bool = True,
    seed: int = 0,
    threads: int = 1,
) -> SampledPairsObjective:
    return SampledPairsObjective(
        pair_terms(COUNTS, weighting),
        loss or Sgns(),
        batch or SampledPairs(50, 1.5),
        tied=tied,
        compute=Compute(threads=threads),
        seed=seed,
    )


@pytest.mark.parametrize("name", CORNERS)
def test_pairs_are_drawn_as_often_as_they_are_to_be(name: str) -> None:
    terms = pair_terms(COUNTS, CORNERS[name])
    positive, negative = terms.dense()
    n = 100_000
    pairs = objective(CORNERS[name], batch=SampledPairs(n, 1.0), tied=False).pairs(0)
    base = negative + terms.seen * positive
    for part, wanted in ((slice(None, n), positive), (slice(n, None), base)):
        seen = np.zeros_like(wanted)
        np.add.at(seen, (pairs.words[part].numpy(), pairs.contexts[part].numpy()), 1)
        assert (seen[wanted == 0] == 0).all()
        share = (wanted / wanted.sum())[wanted > 0]
        assert stats.chisquare(seen[wanted > 0], n * share).pvalue > 1e-3
        if name == "asymmetric" and part.start == n:
            # The test would see a base that is turned round.
            assert stats.chisquare(seen.T[wanted > 0], n * share).pvalue < 1e-12


def z_scores(samples: Any, wanted: Any) -> Any:
    samples = samples.reshape(len(samples), -1).numpy()
    error = samples.std(0, ddof=1) / math.sqrt(len(samples))
    return (samples.mean(0) - np.ravel(wanted)) / error


@pytest.mark.parametrize(
    ("loss", "reduction"),
    [(Sgns(), "mean over positives"), (Quartic(), "mean"), (EXPONENTIAL, "sum")],
    ids=lambda value: getattr(value, "name", value),
)
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("name", CORNERS)
def test_a_step_is_the_loss_over_all_pairs_in_expectation(
    name: str, loss: Loss, reduction: Any, *, tied: bool
) -> None:
    batch = SampledPairs(30, 1.25, reduction)
    weighting = CORNERS[name]
    made = objective(weighting, loss, batch=batch, tied=tied)
    rng = np.random.default_rng(1)
    weights = torch.from_numpy(rng.standard_normal((5, 2) if tied else (2, 5, 2)))
    value, gradient = by_autograd(weights, dense(pair_terms(COUNTS, weighting), loss))
    seen = torch.stack([made.gradient(weights, step) for step in range(400)])
    z = z_scores(seen, batch.scale * gradient)
    assert np.abs(z).max() < 4.5
    assert (z**2).mean() < 3
    losses = torch.tensor([made.loss(weights, step) for step in range(400)])
    assert np.abs(z_scores(losses, batch.scale * value)).max() < 4.5


def test_that_test_sees_what_is_wrong() -> None:
    # Negative pairs turned round, those seen not taken off, and the k of the batch for the loss's.
    weights = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 5, 2)))
    batch = SampledPairs(30, 1.25)

    def worst(drawn: PairTerms, true: PairTerms) -> float:
        made = SampledPairsObjective(
            drawn, Sgns(), batch, tied=False, compute=Compute(threads=1), seed=0
        )
        wanted = by_autograd(weights, dense(true, Sgns()))[1]
        seen = torch.stack([made.gradient(weights, step) for step in range(400)])
        return float(np.abs(z_scores(seen, wanted)).max())

    terms, setting = pair_terms(COUNTS, ASYMMETRIC), pair_terms(COUNTS, Setting31())
    assert worst(terms, terms) < 4.5
    assert worst(replace(terms, left=terms.right, right=terms.left), terms) > 8
    assert worst(replace(setting, seen=0.0), setting) > 8
    assert worst(replace(terms, left=1.25 / 2 * terms.left), terms) > 8


@pytest.mark.parametrize(("positives", "negatives"), [(1, 0.25), (3, 0.5), (7, 1.0), (2, 1.75)])
def test_a_number_of_negatives_that_is_not_whole_is_right_in_the_mean(
    positives: int, negatives: float
) -> None:
    made = objective(batch=SampledPairs(positives, negatives))
    seen = np.array([len(made.pairs(step).words) - positives for step in range(2000)])
    wanted = positives * negatives
    assert set(seen) <= {math.floor(wanted), math.ceil(wanted)}
    assert seen.mean() == pytest.approx(wanted, abs=0.06)


def test_steps_depend_on_seed_and_number_alone() -> None:
    weights = torch.from_numpy(np.random.default_rng(0).standard_normal((5, 3)))
    forward = [objective().gradient(weights, step) for step in range(6)]
    made = objective(threads=2)
    for step in reversed(range(6)):
        assert torch.equal(made.gradient(weights, step), forward[step])
    assert not torch.equal(forward[0], forward[1])
    assert not torch.equal(forward[0], objective(seed=1).gradient(weights, 0))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("reduction", ["mean over positives", "mean", "sum"])
def test_the_clock_is_that_of_the_expected_step(reduction: Any, *, tied: bool) -> None:
    batch = SampledPairs(30, 1.25, reduction)
    for loss in LOSSES:
        made = objective(Setting31(), loss, batch=batch, tied=tied)
        full = dynamics.clock(1.0, loss=loss.expansion, tied=tied, batch=FullBatch()).rate
        assert made.rate == pytest.approx(full * batch.scale, rel=1e-15)
        assert made.stochastic


def test_psi_stored_in_float32_is_drawn_from_as_well() -> None:
    terms = pair_terms(COUNTS, Setting31(), np.float32)
    compute = Compute(dtype="float32", threads=1)
    made = SampledPairsObjective(
        terms, Sgns(), SampledPairs(100), tied=True, compute=compute, seed=0
    )
    weights = torch.ones(5, 3)
    assert made.gradient(weights, 0).dtype == torch.float32
    wide = objective(Setting31(), batch=SampledPairs(100)).gradient(weights.double(), 0)
    assert made.gradient(weights, 0) == pytest.approx(wide, abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": -1}, "seed is -1; pass a whole number of at least 0"),
        ({"seed": 1.0}, "seed is 1.0; pass a whole number of at least 0"),
        ({"seed": True}, "seed is True; pass a whole number of at least 0"),
        (
            {"batch": FullBatch()},
            "batch is FullBatch(); pass SampledPairs(positives=..., negatives=...) of "
            "repsearch.dynamics",
        ),
    ],
)
def test_bad_arguments(changes: dict[str, Any], message: str) -> None:
    arguments = {"batch": SampledPairs(3), "seed": 0, **changes}
    terms = pair_terms(COUNTS, Setting31())
    batch = arguments.pop("batch")
    with pytest.raises(InputError) as caught:
        SampledPairsObjective(terms, Sgns(), batch, tied=True, compute=Compute(), **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["positive", "left", "right"])
@pytest.mark.parametrize("factor", [-1.0, 0.0])
def test_terms_that_cannot_be_drawn_from_are_refused(name: str, factor: float) -> None:
    terms = pair_terms(COUNTS, Setting31())
    broken = replace(terms, **{name: factor * getattr(terms, name)})
    with pytest.raises(InputError, match="no pair can be drawn from it; use the full batch"):
        SampledPairsObjective(broken, Sgns(), SampledPairs(3), tied=True, compute=Compute(), seed=0)

"""Untied weights: balanced starts, the solution's parts, its limits, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import strategies  # noqa: F401  (the profile without deadlines)
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch import InputError, Spectrum
from repsearch.dynamics import (
    UntiedFlow,
    aligned_singular_values,
    balanced_contexts,
    conserved,
    half_height_times,
    learning_order,
    untied_flow,
)
from repsearch.testing.checks import untied
from repsearch.testing.oracle import integrate_untied
from repsearch.testing.strategies import initialisations

Real = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


def random_problem(
    shape: tuple[int, int], d: int, *, level: float = 0.0, scale: float = 0.1, seed: int = 0
) -> tuple[Real, UntiedFlow]:
    """M, and its flow from a Gaussian start with A^T A - B^T B = level I."""
    rng = np.random.default_rng(seed)
    m = rng.standard_normal(shape)
    words = scale * rng.standard_normal((shape[0], d))
    contexts = balanced_contexts(words, imbalance=level, n_contexts=shape[1], seed=seed)
    left, values, right = np.linalg.svd(m, full_matrices=False)
    return m, UntiedFlow(left, values, right.T, words, contexts)


def complete_spectrum(values: Real, vectors: Real) -> Spectrum:
    return Spectrum(
        words=tuple(f"w{k}" for k in range(len(vectors))),
        eigenvalues=values,
        eigenvectors=vectors,
        residuals=np.zeros(len(values)),
        squared_norm=float((values**2).sum()),
        target="made",
    )


# ------------------------------------------------------- balanced starts


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6), st.data())
def test_balanced_contexts_balance(rows: int, d: int, n_contexts: int, data: st.DataObject) -> None:
    words = data.draw(initialisations(rows, d))
    rank = int(np.linalg.matrix_rank(words))
    seed = data.draw(st.integers(0, 10))
    if n_contexts < rank:
        with pytest.raises(InputError, match=f"rank {rank}"):
            balanced_contexts(words, n_contexts=n_contexts, seed=seed)
        return
    contexts = balanced_contexts(words, n_contexts=n_contexts, seed=seed)
    assert contexts.shape == (n_contexts, d)
    size = np.square(words).sum()
    assert np.abs(conserved(words, contexts)).max() <= 20 * (rows + d + n_contexts) * EPS * size


@pytest.mark.parametrize("level", [-7.0, -0.5, -1e-6, 1e-6, 0.5, 1.0])
def test_imbalance_is_as_asked(level: float) -> None:
    words = np.random.default_rng(0).standard_normal((7, 3))
    words *= 1.0000001 / np.linalg.svd(words, compute_uv=False).min()
    contexts = balanced_contexts(words, imbalance=level, n_contexts=5)
    off = conserved(words, contexts) - level * np.eye(3)
    assert np.abs(off).max() <= 50 * EPS * (np.square(words).sum() + abs(level))
    flow = UntiedFlow(np.eye(7, 5), np.ones(5), np.eye(5), words, contexts)
    assert flow.imbalance == pytest.approx(level, abs=50 * EPS * np.square(words).sum())


def test_no_contexts_for_too_large_an_imbalance() -> None:
    words = np.array([[2.0, 0.0], [0.0, 1.0]])
    assert np.allclose(balanced_contexts(words, imbalance=1.0) @ [0.0, 1.0], 0, atol=1e-7)
    with pytest.raises(InputError, match=r"least eigenvalue of A\^T A is 1"):
        balanced_contexts(words, imbalance=1.01)
    with pytest.raises(InputError, match=r"least eigenvalue of A\^T A is 0"):
        balanced_contexts(words[:1], imbalance=0.01)  # one word, two dimensions
    with pytest.raises(InputError, match="rank 2"):
        balanced_contexts(words, imbalance=-1.0, n_contexts=1)


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e-20, 1.0, 1e100])
def test_balanced_contexts_of_any_size(scale: float) -> None:
    words = scale * np.random.default_rng(0).standard_normal((6, 3))
    contexts = balanced_contexts(words)
    sizes = [np.linalg.svd(x / scale, compute_uv=False) for x in (words, contexts)]
    assert np.allclose(*sizes, rtol=50 * EPS, atol=0)


def test_the_direction_is_uniform() -> None:
    """The adversary: Householder's signs, with which the first context would always be negative."""
    signs = [np.sign(balanced_contexts(np.ones((1, 1)), seed=k)[0, 0]) for k in range(40)]
    assert set(signs) == {-1.0, 1.0}


def test_contexts_know_nothing_of_words_with_the_same_seed() -> None:
    """The adversary: one stream for both, which would give them the same column space."""
    for seed in range(5):
        words = np.random.default_rng(seed).standard_normal((400, 3))
        bases = [np.linalg.qr(x)[0] for x in (words, balanced_contexts(words, seed=seed))]
        # Nine inner products of random directions, of variance 1 / 400 each.
        assert np.abs(bases[0].T @ bases[1]).max() < 5 / np.sqrt(400)


def test_equal_seeds_equal_bits() -> None:
    words = np.random.default_rng(0).standard_normal((6, 3))
    assert np.array_equal(balanced_contexts(words, seed=4), balanced_contexts(words, seed=4))
    assert not np.array_equal(balanced_contexts(words, seed=4), balanced_contexts(words, seed=5))


# ----------------------------------------------------------- the solution


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6)])
@pytest.mark.parametrize("level", [0.0, -0.3, 0.01])
def test_strengths_and_loss_are_those_of_the_integrated_flow(
    shape: tuple[int, int], level: float
) -> None:
    m, flow = random_problem(shape, 2, level=level, scale=0.3)
    at = np.array([0.0, 0.5, 2.0, 6.0])
    a, b = integrate_untied(m, flow.words0, flow.contexts0, at)
    product = a @ np.swapaxes(b, 1, 2)
    singular = np.linalg.svd(product, compute_uv=False)[:, :2]
    loss = (np.square(product - m).sum((1, 2)) - np.square(m).sum()) / 4
    # The integrator's 1e-12 a step, over less than 1000 steps; values are of the size of M.
    assert np.abs(flow.strengths(at) - singular).max() < 1e-9
    assert np.abs(flow.loss(at) - loss).max() < 1e-9
    assert (np.diff(flow.loss(at)) < 0).all()


def test_a_strength_of_zero_is_zero_to_rounding() -> None:
    """Of an imbalanced pair too, where sqrt(S_A^2 S_B^2) of rounding would be 1e-8."""
    words = np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    contexts = balanced_contexts(words, imbalance=1.0)  # of rank 1
    flow = UntiedFlow(np.eye(3), [3.0, 2.0, -1.0], np.eye(3), words, contexts)
    true_a, true_b = integrate_untied(np.diag([3.0, 2.0, -1.0]), words, contexts, [0.0, 0.5])
    singular = np.linalg.svd(true_a @ np.swapaxes(true_b, 1, 2), compute_uv=False)[:, :2]
    assert flow.strengths([0.0, 0.5])[0, 1] < 1e-14
    assert np.abs(flow.strengths([0.0, 0.5]) - singular).max() < 1e-9


@pytest.mark.parametrize("level", [0.0, -0.3, 0.01])
def test_the_imbalance_is_conserved_by_the_closed_form(level: float) -> None:
    _, flow = random_problem((5, 4), 3, level=level, scale=0.3)
    at = np.array([0.0, 1.0, 30.0, 1e4])
    for a, b in zip(*flow.at(at), strict=True):
        size = np.square(a).sum() + np.square(b).sum()
        assert np.abs(conserved(a, b) - level * np.eye(3)).max() < 1e3 * EPS * size


def test_one_rotation_for_words_and_contexts() -> None:
    """A and B may be turned, but together: A B^T is the flow's."""
    m, flow = random_problem((5, 4), 3, scale=0.3)
    at = np.array([0.0, 1.0, 3.0])
    a, b = flow.at(at)
    true_a, true_b = integrate_untied(m, flow.words0, flow.contexts0, at)
    for k in range(len(at)):
        assert np.abs(a[k] @ b[k].T - true_a[k] @ true_b[k].T).max() < 1e-9


def test_the_loss_falls_to_that_of_the_truncation() -> None:
    m, flow = random_problem((5, 4), 2)
    singular = np.linalg.svd(m, compute_uv=False)
    assert flow.loss([1e4])[0] == pytest.approx(-(singular[:2] ** 2).sum() / 4, rel=1e-12)


def test_what_lies_outside_the_triples() -> None:
    """Two triples of a matrix of rank 2 give the same flow as all of its triples."""
    rng = np.random.default_rng(3)
    m = rng.standard_normal((6, 2)) @ rng.standard_normal((2, 5))
    left, values, right = np.linalg.svd(m, full_matrices=False)
    words = 0.3 * rng.standard_normal((6, 3))
    for level in (0.0, -0.2):
        contexts = balanced_contexts(words, imbalance=level, n_contexts=5)
        few = UntiedFlow(left[:, :2], values[:2], right[:2].T, words, contexts)
        a, b = few.at([0.0, 1.0, 5.0])
        true_a, true_b = integrate_untied(m, words, contexts, [0.0, 1.0, 5.0])
        found, wanted = (np.concatenate(pair, axis=1) for pair in ((a, b), (true_a, true_b)))
        gram, true = (x @ np.swapaxes(x, 1, 2) for x in (found, wanted))
        assert np.abs(gram - true).max() < 1e-9
        inside = np.square(left[:, :2].T @ words).sum() + np.square(right[:2] @ contexts).sum()
        whole = np.square(words).sum() + np.square(contexts).sum()
        assert few.outside == pytest.approx(1 - inside / whole, rel=1e-12)


def test_a_complete_basis_leaves_nothing_outside() -> None:
    _, flow = random_problem((4, 4), 3)
    assert flow.outside == 0.0


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e-8])
def test_tiny_starts_and_long_times(scale: float) -> None:
    """From 1e-300 a mode needs lambda t near 1400, and none is lost on the way."""
    m, flow = random_problem((6, 5), 5, scale=scale)
    a, b = flow.at([1e6])
    singular = np.linalg.svd(m, compute_uv=False)
    assert np.allclose(flow.strengths([1e6])[0], singular, rtol=100 * EPS, atol=0)
    assert np.allclose(a[0] @ b[0].T, m, atol=100 * EPS * singular[0])


def test_a_start_at_the_origin_stays() -> None:
    flow = UntiedFlow(np.eye(3), [2.0, 1.0, -1.0], np.eye(3), np.zeros((3, 2)), np.zeros((3, 2)))
    a, b = flow.at([0.0, 5.0])
    assert not a.any()
    assert not b.any()
    assert flow.outside == 0.0
    assert not flow.vanishing_start().any()


def test_float32_and_tensors_answer_in_kind() -> None:
    torch = pytest.importorskip("torch")
    m, flow = random_problem((5, 4), 2)
    at = [0.0, 2.0]
    single = np.float32
    small = UntiedFlow(
        flow.left.astype(single),
        flow.values.astype(single),
        flow.right.astype(single),
        flow.words0.astype(single),
        flow.contexts0.astype(single),
    )
    tensors = UntiedFlow(
        *(
            torch.as_tensor(x)
            for x in (flow.left, flow.values, flow.right, flow.words0, flow.contexts0)
        )
    )
    for found, kind in ((small, np.ndarray), (tensors, torch.Tensor)):
        a, b = found.at(at)
        assert isinstance(a, kind)
        assert a.dtype == found.words0.dtype
        assert isinstance(found.loss(at), kind)
        assert isinstance(found.strengths(at), kind)
        product = np.asarray(a) @ np.swapaxes(np.asarray(b), 1, 2)
        wanted = np.stack([x @ y.T for x, y in zip(*flow.at(at), strict=True)])
        rounding = np.finfo(single).eps if found is small else EPS
        assert np.abs(product - wanted).max() < 100 * rounding * np.abs(m).max()
    contexts = balanced_contexts(torch.ones(3, 2, dtype=torch.float32))
    assert contexts.dtype == torch.float32


# ------------------------------------------------- a spectrum as the target


def test_eigenpairs_and_triples_give_the_same_flow() -> None:
    rng = np.random.default_rng(1)
    vectors, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    values = np.array([3.0, 1.0, 0.5, -2.0, -4.0])
    words = 0.1 * rng.standard_normal((5, 2))
    contexts = balanced_contexts(words)
    spectrum = complete_spectrum(values, vectors)
    at = np.array([0.0, 1.0, 4.0])
    a, b = untied_flow(spectrum, words, contexts).at(at)
    c, d = untied.closed_form((vectors * values) @ vectors.T, words, contexts, at)
    assert np.allclose(a @ np.swapaxes(b, 1, 2), c @ np.swapaxes(d, 1, 2), atol=1e-12)


def test_a_spectrum_without_its_negative_end_says_how_much_it_misses() -> None:
    vectors, values = np.eye(4), np.array([2.0, 1.0, 0.5, -8.0])
    words = 1e-3 * np.random.default_rng(0).standard_normal((4, 1))
    contexts = balanced_contexts(words)
    whole = untied_flow(complete_spectrum(values, vectors), words, contexts)
    part = untied_flow(complete_spectrum(values[:3], vectors[:, :3]), words, contexts)
    assert whole.strengths([200.0])[0, 0] == pytest.approx(8.0)
    assert part.strengths([200.0])[0, 0] == pytest.approx(2.0)
    missed = np.square(words[3]).sum() + np.square(contexts[3]).sum()
    every = np.square(words).sum() + np.square(contexts).sum()
    assert part.outside == pytest.approx(missed / every)


# ------------------------------------------------------ order of learning


def test_an_aligned_pair_follows_the_mode_curve() -> None:
    """Saxe et al. 2014: a(t) = s e^(s t) a_0 / (s + a_0 (e^(s t) - 1)), with B = -A for s < 0."""
    values = np.array([3.0, -2.0, 0.5])
    words = np.diag([0.1, 0.2, 0.3])
    contexts = words * np.sign(values)
    at = np.array([0.0, 0.5, 1.0, 4.0])
    s, a0 = np.abs(values), np.diag(words) ** 2
    grown = np.exp(s * at[:, None])
    curve = s * grown * a0 / (s + a0 * (grown - 1))
    flow = UntiedFlow(np.eye(3), values, np.eye(3), words, contexts)
    assert np.allclose(flow.strengths(at), -np.sort(-curve, axis=1), rtol=100 * EPS)
    a, b = flow.at(at)
    product = a @ np.swapaxes(b, 1, 2)
    diagonal = np.stack([np.diag(np.sign(values) * row) for row in curve])
    assert np.abs(product - diagonal).max() < 100 * EPS * 3
    assert np.allclose(a[:, 1], -b[:, 1], atol=1e-15)


def test_small_starts_follow_the_curves_from_what_earlier_modes_leave() -> None:
    """Uniformly in time, with |R_kk| in the order of magnitude; not with singular values."""
    rng = np.random.default_rng(5)
    values = np.array([4.0, 1.5, 0.7, -1.0, -6.0])
    vectors, _ = np.linalg.qr(rng.standard_normal((5, 5)))
    direction = rng.standard_normal((5, 3))
    distances = {}
    for log_scale in (-10, -40, -160):
        words = np.exp(log_scale) * direction
        flow = UntiedFlow(vectors, values, vectors, words, balanced_contexts(words))
        start = flow.vanishing_start()
        assert list(np.flatnonzero(start)) == [0, 1, 4]  # |-6|, |4|, |1.5|
        sizes = np.abs(values[[4, 0, 1]])
        tau = half_height_times(sizes, start[[4, 0, 1]])
        assert (np.diff(tau) > 0).all()
        at = np.sort(
            np.concatenate(
                [t + np.linspace(-4, 4, 21) / s for t, s in zip(tau, sizes, strict=True)]
            )
        )
        limit = aligned_singular_values(np.abs(values), start, at) ** 2
        seen = flow.strengths(at)
        distances[log_scale] = np.abs(-np.sort(-limit, axis=1)[:, :3] - seen).max()
        wrong = aligned_singular_values(sizes, np.linalg.svd(words, compute_uv=False), at) ** 2
        assert np.abs(-np.sort(-wrong, axis=1) - seen).max() > 0.1
    # Mixing of modes i before j is scale^(2 (s_i - s_j) / s_i) in the strengths, least for 6 and 4.
    assert distances[-10] < 10 * np.exp(-10 * 2 / 3)
    assert distances[-40] < 10 * np.exp(-40 * 2 / 3)
    assert distances[-160] < 1e-11


def test_a_gaussian_pair_starts_with_half_the_variance() -> None:
    """R_kk^2 of A and B together is (scale^2 / 2) chi^2_{d-k+1}: half that of a tied start."""
    d, n, draws = 3, 200, 400
    values = np.array([3.0, -2.0, 1.0])
    basis = np.eye(n, 3)
    squares = []
    for seed in range(draws):
        words = np.random.default_rng(seed).standard_normal((n, d))
        flow = UntiedFlow(basis, values, basis, words, balanced_contexts(words, seed=seed + draws))
        squares.append(flow.vanishing_start() ** 2)
    mean = np.mean(squares, axis=0)
    # A chi^2_m has variance 2 m; five standard errors, and 2 / n for B's finite length.
    freedom = np.array([3, 2, 1])
    allowed = 5 * np.sqrt(2 * freedom / draws) / 2 + 2 * freedom / n
    assert (np.abs(mean - freedom / 2) < allowed).all()


def test_tied_starts_never_learn_negative_modes() -> None:
    vectors, values = np.eye(3), np.array([2.0, 1.0, -5.0])
    words = 1e-3 * np.random.default_rng(0).standard_normal((3, 2))
    flow = UntiedFlow(vectors, values, vectors, words, words)
    start = flow.vanishing_start()
    assert start[2] == 0
    assert (start[:2] > 0).all()
    assert np.allclose(flow.strengths([1e3]), [[2.0, 1.0]])


def test_where_tied_and_untied_orders_differ() -> None:
    order = learning_order([5.0, 3.0, 1.0, 0.0, -2.0, -4.0], 3)
    assert order.untied.tolist() == [0, 5, 1]
    assert order.tied.tolist() == [0, 1, 2]
    assert order.first_difference == 1
    assert order.only_untied.tolist() == [5]
    assert order.only_tied.tolist() == [2]
    same = learning_order([5.0, 3.0, -1.0], 2)
    assert same.first_difference is None
    assert same.only_untied.tolist() == same.only_tied.tolist() == []
    # The untied model goes on where the tied one has nothing left to learn.
    longer = learning_order([5.0, 3.0, -1.0], 3)
    assert longer.first_difference == 2
    assert longer.tied.tolist() == [0, 1]
    assert learning_order([0.0, 0.0], 2).untied.tolist() == []


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=7), st.data())
def test_the_order_is_that_in_which_modes_are_learned(
    whole: list[int], data: st.DataObject
) -> None:
    """Against the exact solution: which modes are there in the end, from a start of 1e-30."""
    values = np.array(whole, float)
    n = len(values)
    d = data.draw(st.integers(1, n - 1))
    sizes = np.sort(np.abs(values))[::-1]
    assume(sizes[d - 1] > sizes[d])  # otherwise the start decides
    order = learning_order(values, d)
    seed = data.draw(st.integers(0, 20))
    words = 1e-30 * np.random.default_rng(seed).standard_normal((n, d))
    flow = UntiedFlow(
        np.eye(n), values, np.eye(n), words, balanced_contexts(words, seed=seed + 100)
    )
    # In few dimensions the contexts may happen to be minus the words along a mode.
    assume(flow.vanishing_start()[order.untied].min() > 1e-32)
    a, b = flow.at([2000.0])
    wanted = np.zeros(n)
    wanted[order.untied] = values[order.untied]
    assert np.abs(a[0] @ b[0].T - np.diag(wanted)).max() < 100 * EPS * sizes[0]


# ------------------------------------------------------------ bad arguments


def parts(**changed: Any) -> dict[str, Any]:
    words = np.array([[1.0, 0.5], [0.0, 2.0], [1.0, 1.0]])
    good = {
        "left": np.eye(3),
        "values": np.array([2.0, 1.0, -1.0]),
        "right": np.eye(3),
        "words0": words,
        "contexts0": words,
    }
    return {**good, **changed}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"values": np.ones((3, 1))}, r"shape \(3, 1\)"),
        ({"values": [1.0, np.nan, 0.0]}, "nan"),
        ({"left": np.eye(3)[:, :2]}, r"left has shape \(3, 2\)"),
        ({"right": np.ones(3)}, r"right has shape \(3,\)"),
        ({"left": 2 * np.eye(3)}, "columns of left are off orthonormal by 3"),
        ({"right": np.full((3, 3), np.inf)}, r"right has shape \(3, 3\)"),
        ({"words0": np.ones((2, 2))}, "words0 has 2 rows"),
        ({"contexts0": np.ones((4, 2))}, "contexts0 4"),
        ({"contexts0": np.ones((3, 1))}, "words have 2 columns and contexts 1"),
        ({"words0": np.ones(3)}, r"words of shape \(3,\)"),
        ({"words0": np.full((3, 2), np.nan)}, "finite"),
        ({"contexts0": np.ones((3, 2))}, "not balanced: .* of its terms.*balanced_contexts"),
        ({"words0": [["a", "b"]] * 3}, "real numbers"),
    ],
)
def test_bad_problems(changed: dict[str, Any], message: str) -> None:
    UntiedFlow(**parts())
    with pytest.raises(InputError, match=message):
        UntiedFlow(**parts(**changed))


def test_balance_is_checked_up_to_rounding() -> None:
    """One part in 1e13 off is rounding, one in 1e9 is not; of float32, one in 1e5 is not."""
    good = parts()
    UntiedFlow(**parts(contexts0=good["words0"] * [[1 + 1e-15, 1.0]]))
    with pytest.raises(InputError, match="not balanced"):
        UntiedFlow(**parts(contexts0=good["words0"] * [[1 + 1e-9, 1.0]]))
    single = good["words0"].astype(np.float32)
    UntiedFlow(**parts(words0=single, contexts0=single * np.float32(1 + 1e-7)))
    with pytest.raises(InputError, match="not balanced"):
        UntiedFlow(**parts(words0=single, contexts0=single * np.array([[1, 1.00001]], np.float32)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_contexts": 0}, "n_contexts is 0"),
        ({"n_contexts": 2.5}, "n_contexts is 2.5"),
        ({"imbalance": np.nan}, "imbalance is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
    ],
)
def test_bad_starts(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        balanced_contexts(np.ones((3, 2)), **arguments)


def test_other_bad_arguments() -> None:
    flow = UntiedFlow(**parts())
    for method in (flow.at, flow.strengths, flow.loss):
        with pytest.raises(InputError, match="-1"):
            method([-1.0])
    with pytest.raises(InputError, match="d is 0"):
        learning_order([1.0], 0)
    words = np.ones((3, 1))
    contexts = balanced_contexts(words, imbalance=-1.0)
    imbalanced = UntiedFlow(**parts(words0=words, contexts0=contexts))
    with pytest.raises(InputError, match="never vanishes"):
        imbalanced.vanishing_start()
    with pytest.raises(InputError, match="matrix of finite numbers"):
        conserved(np.ones(3), np.ones((3, 1)))


def test_a_failed_check_says_what_was_seen() -> None:
    def nothing(m: Real, a: Real, b: Real, at: Real) -> tuple[Real, Real]:
        return np.stack([a] * len(at)), np.stack([b] * len(at))

    found = untied.exact(np.eye(2), np.ones((2, 1)), np.ones((2, 1)), [0.0, 1.0], solution=nothing)
    assert not found
    assert repr(found).startswith("FAILS: the closed form has the Gram matrix")
    assert "words0" in repr(found)

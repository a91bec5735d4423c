"""Exact gradients of all pairs against automatic differentiation of the dense loss."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from strategies import count_matrices, counts_from

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from repsearch import Setting31, Unweighted, Word2Vec, mstar  # noqa: E402
from repsearch.errors import InputError  # noqa: E402
from repsearch.kernels.sparse_block import multiply_rows  # noqa: E402
from repsearch.training.arithmetic.matrix_products import Workers, add_product, product  # noqa: E402
from repsearch.training.compute import Compute  # noqa: E402
from repsearch.training.objectives import quartic_full_batch, target_rows  # noqa: E402
from repsearch.training.objectives.full_batch import full_batch  # noqa: E402
from repsearch.training.objectives.losses import CustomLoss, Loss, Quartic, Sgns  # noqa: E402
from repsearch.training.objectives.quartic_full_batch import QuarticFullBatch  # noqa: E402
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch  # noqa: E402
from repsearch.training.terms import pair_tiles  # noqa: E402
from repsearch.training.terms.pair_terms import PairTerms, pair_terms  # noqa: E402

SKEWED = CustomLoss(lambda x: torch.exp(-x) + x**3 / 9, lambda x: x * torch.tanh(x), "skewed")
ONE_SIDED = CustomLoss(lambda x: (1 - x) ** 2, lambda x: torch.zeros(()).to(x).expand(x.shape))
# Its f- gives back its very argument, which must not be written over.
RETURNS_ITS_ARGUMENT = CustomLoss(lambda x: x * x / 2 - x, lambda x: x)
LOSSES: list[Loss] = [Quartic(), Sgns(), SKEWED, ONE_SIDED, RETURNS_ITS_ARGUMENT]
WEIGHTINGS = [Setting31(), Setting31(5.0), Unweighted(2.0), Word2Vec(), Word2Vec(symmetrise=False)]
ONE_THREAD = Compute(threads=1)


def terms_of(size: int, weighting: Any, *, mean: float = 0.4, dtype: str = "float64") -> PairTerms:
    """Of random counts in which a few words meet none."""
    rng = np.random.default_rng(size)
    half = np.tril(rng.poisson(mean, (size, size)))
    alone = np.flatnonzero(np.arange(size) % 97 == 5)
    half[alone], half[:, alone] = 0, 0
    return pair_terms(counts_from(half + np.tril(half, -1).T), weighting, dtype)


def weights_of(terms: PairTerms, d: int = 6, *, tied: bool, scale: float = 0.4) -> Any:
    shape = (terms.n_words, d) if tied else (2, terms.n_words, d)
    generator = torch.Generator().manual_seed(terms.n_words + d)
    return scale * torch.randn(shape, generator=generator, dtype=torch.float64)


def by_autograd(terms: PairTerms, loss: Loss, weights: Any) -> tuple[float, Any]:
    positive, negative = (torch.from_numpy(part) for part in terms.dense())
    at = weights.clone().requires_grad_()
    words, contexts = (at, at) if at.ndim == 2 else at
    plus, minus = loss.values(words @ contexts.T)
    total = (positive * plus + negative * minus).sum()
    (gradient,) = torch.autograd.grad(total, at)
    return float(total.detach()), gradient


def check(objective: Any, terms: PairTerms, loss: Loss, weights: Any, rtol: float = 1e-12) -> None:
    value, gradient = by_autograd(terms, loss, weights)
    plus, minus = loss.values(torch.linspace(-1, 1, 3, dtype=torch.float64))
    largest = terms.total * float(plus.abs().max() + minus.abs().max())
    kind = objective._compute.torch_dtype
    found = objective.gradient(weights.to(kind), 0)
    assert found.shape == weights.shape
    assert found.dtype == kind
    assert float((found - gradient).abs().max()) <= rtol * max(float(gradient.abs().max()), 1e-300)
    alone = objective.loss(weights.to(kind), 0)
    assert alone == pytest.approx(value, rel=rtol, abs=rtol * largest)
    both = objective.loss_and_gradient(weights.to(kind))
    assert both[0] == alone
    assert torch.equal(both[1], found)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=str)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_against_automatic_differentiation(loss: Loss, weighting: Any, *, tied: bool) -> None:
    # More than one tile, and the last one smaller than the others.
    terms = terms_of(530, weighting)
    weights = weights_of(terms, tied=tied)
    objective = full_batch(terms, loss, tied=tied, compute=ONE_THREAD)
    quartic = loss.name == "quartic" and isinstance(weighting, Setting31)
    assert isinstance(objective, QuarticFullBatch if quartic else TiledFullBatch)
    check(objective, terms, loss, weights)
    if quartic:
        tiled = TiledFullBatch(terms, loss, tied=tied, compute=ONE_THREAD)
        check(tiled, terms, loss, weights)
        assert tiled.rate == objective.rate


@given(
    matrix=count_matrices(1, 9),
    weighting=st.sampled_from(WEIGHTINGS),
    loss=st.sampled_from(LOSSES),
    tied=st.booleans(),
    d=st.integers(1, 4),
    side=st.integers(1, 4),
)
def test_any_counts_in_tiles_of_any_size(
    *, matrix: Any, weighting: Any, loss: Loss, tied: bool, d: int, side: int
) -> None:
    terms = pair_terms(counts_from(matrix), weighting)
    weights = weights_of(terms, d, tied=tied)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_tiles, "SIDE", side)
        patch.setattr(quartic_full_batch, "BLOCK", side)
        check(full_batch(terms, loss, tied=tied, compute=ONE_THREAD), terms, loss, weights)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize(("name", "rtol"), [("float32", 2e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("held", [0.0, 2.0], ids=["dense", "sparse"])
def test_quartic_by_either_form_of_the_target(
    held: float, name: Any, rtol: float, *, tied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_rows, "DENSE_FROM", held)
    terms = terms_of(530, Setting31(2.0), dtype=name)
    compute = Compute(dtype=name, threads=1)
    objective = QuarticFullBatch(terms, tied=tied, compute=compute)
    check(objective, terms, Quartic(), weights_of(terms, tied=tied), rtol)
    if held:
        # 100,000 words have no room for a second copy of their pairs.
        assert np.shares_memory(objective._target.arrays[2], terms.positive)


def test_the_form_of_the_target_follows_density_and_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def form(mean: float) -> str:
        terms = terms_of(60, Setting31(), mean=mean)
        return type(QuarticFullBatch(terms, tied=True, compute=ONE_THREAD)._target).__name__

    assert [form(0.1), form(3.0)] == ["Sparse", "Dense"]
    monkeypatch.setattr(target_rows, "DENSE_BYTES", 60 * 60 * 8 - 1)
    assert form(3.0) == "Sparse"


@pytest.mark.parametrize("loss", [Sgns(), SKEWED], ids=lambda loss: loss.name)
def test_tiles_in_float32(loss: Loss) -> None:
    terms = terms_of(530, Word2Vec(), dtype="float32")
    objective = TiledFullBatch(terms, loss, tied=True, compute=Compute(dtype="float32", threads=1))
    check(objective, terms, loss, weights_of(terms, tied=True), rtol=1e-5)


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
def test_the_flow_is_that_of_the_theory(*, tied: bool) -> None:
    # dW/dt = (M* - W W^T) W / 2 with M* from the counts by other means.
    rng = np.random.default_rng(4)
    half = np.tril(rng.poisson(0.8, (40, 40)))
    counts = counts_from(half + np.tril(half, -1).T)
    terms = pair_terms(counts, Setting31())
    weights = weights_of(terms, tied=tied)
    objective = full_batch(terms, Quartic(), tied=tied, compute=ONE_THREAD)
    words, contexts = (w.numpy() for w in ((weights, weights) if tied else weights))
    gap = mstar(counts, weighting=Setting31()).dense() - words @ contexts.T
    wanted = gap @ words / 2 if tied else np.stack([gap @ contexts, gap.T @ words]) / 2
    velocity = -objective.gradient(weights, 0).numpy() / objective.rate
    assert velocity == pytest.approx(wanted, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=str)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_small_embeddings_are_driven_by_the_matrix_near_the_origin(
    loss: Loss, weighting: Any
) -> None:
    terms = terms_of(60, weighting)
    near, far = terms.near_origin(loss.expansion)
    matrix = near * terms.dense()[0] + far * (terms.left.T @ terms.right)
    weights = weights_of(terms, tied=False, scale=1e-7)
    objective = TiledFullBatch(terms, loss, tied=False, compute=ONE_THREAD)
    velocity = -objective.gradient(weights).numpy() / objective.rate
    words, contexts = weights.numpy()
    wanted = np.stack([matrix @ contexts, matrix.T @ words]) / 2
    assert velocity == pytest.approx(wanted, rel=1e-9, abs=1e-9 * np.abs(wanted).max())


# ------------------------------------------------------------ threads and bits


@pytest.mark.smoke
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("name", ["float32", "float64"])
@pytest.mark.parametrize("case", ["dense", "sparse", "tiled"])
def test_same_bits_on_any_number_of_threads(
    case: str, name: Any, *, tied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_rows, "DENSE_FROM", 0.0 if case == "dense" else 2.0)
    loss: Loss = Sgns() if case == "tiled" else Quartic()
    terms = terms_of(1_100, Setting31(), dtype=name)
    # So wide that torch itself would share out sums of d x d numbers.
    weights = weights_of(terms, 190, tied=tied, scale=0.05).to(Compute(dtype=name).torch_dtype)
    before = torch.get_num_threads()
    found = set()
    try:
        for threads, of_the_caller in ((1, 1), (2, 1), (3, 1), (1, 3), (2, 2)):
            torch.set_num_threads(of_the_caller)
            compute = Compute(dtype=name, threads=threads)
            objective = full_batch(terms, loss, tied=tied, compute=compute)
            # Not where torch would have put it: BLAS may round otherwise there.
            room = torch.empty(weights.numel() + 3, dtype=weights.dtype)
            moved = room[3:].view(weights.shape).copy_(weights) if threads == 2 else weights
            gradient = objective.gradient(moved, 0).numpy().tobytes()
            found.add((gradient, objective.loss(moved, 0)))
    finally:
        torch.set_num_threads(before)
    assert len(found) == 1


def test_the_callers_number_of_threads_stays() -> None:
    before = torch.get_num_threads()
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            terms = terms_of(20, Word2Vec())
            objective = full_batch(terms, Sgns(), tied=True, compute=Compute(threads=2))
            objective.gradient(weights_of(terms, tied=True), 0)
            seen = [torch.get_num_threads()]
            later = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))  # noqa: B023
            later.start()
            later.join()
            assert seen == [number, number]
    finally:
        torch.set_num_threads(before)


def test_torch_is_confined_to_each_worker() -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        workers = Workers(Compute(threads=2))
        assert set(workers.map(lambda _: torch.get_num_threads(), range(8))) == {1}
    finally:
        torch.set_num_threads(before)


def test_workers_keep_the_order_and_pass_errors_on() -> None:
    workers = Workers(Compute(threads=3))
    assert workers.map(lambda k: k * k, range(50)) == [k * k for k in range(50)]
    with pytest.raises(ZeroDivisionError):
        workers.map(lambda k: 1 / k, [1, 0])


# ------------------------------------------------------------ pieces


@given(
    seed=st.integers(0, 1_000),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 9)),
    density=st.floats(0, 1),
    single=st.booleans(),
)
def test_sparse_rows_times_a_block(
    *, seed: int, shape: tuple[int, int], density: float, single: bool
) -> None:
    size, d = shape
    rng = np.random.default_rng(seed)
    kind = np.float32 if single else np.float64
    full = np.where(rng.random((size, size)) < density, rng.integers(-9, 9, (size, size)), 0)
    rows = sparse.csr_array(full.astype(kind))
    block = rng.integers(-9, 9, (size, d)).astype(kind)
    first, last = sorted(rng.integers(0, size + 1, 2).tolist())
    out = np.full((size, d), np.nan, kind)
    columns = rows.indices.astype(np.int32)
    multiply_rows(rows.indptr.astype(np.int64), columns, rows.data, block, first, last, out)
    assert (out[first:last] == (full @ block)[first:last]).all()  # whole numbers: exact
    assert np.isnan(np.delete(out, np.s_[first:last], axis=0)).all()


@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=str)
def test_strips_of_a_device_agree_with_dense_coefficients(
    weighting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same operations as on a GPU, here on the CPU.
    monkeypatch.setattr(pair_tiles, "ENTRIES", 50 * 7)
    terms = terms_of(50, weighting)
    positive, negative = (torch.from_numpy(part) for part in terms.dense())
    strips = pair_tiles.Strips(
        terms, terms.left, terms.right, device=torch.device("cpu"), dtype=torch.float64
    )
    assert [tile.rows.stop for tile in strips.tiles] == [7, 14, 21, 28, 35, 42, 49, 50]
    plus, minus = torch.randn(2, 50, 50, dtype=torch.float64)
    for tile in strips.tiles:
        rows = tile.rows
        found = strips.join(tile, plus[rows], minus[rows])
        wanted = positive[rows] * plus[rows] + negative[rows] * minus[rows]
        assert torch.allclose(found, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("said", ["Sparse invariant checks are implicitly disabled. Memory", "odd"])
def test_the_sparse_form_of_a_device_is_made_without_a_warning(
    said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # torch 2.11 warns even where it is told to check; any other warning is passed on.
    made = torch.sparse_csr_tensor

    def warning(*arguments: Any, **more: Any) -> Any:
        warnings.warn(said, UserWarning, stacklevel=1)
        return made(*arguments, **more)

    monkeypatch.setattr(torch, "sparse_csr_tensor", warning)
    terms, block = terms_of(60, Setting31()), torch.randn(60, 3, dtype=torch.float64)
    if said == "odd":
        with pytest.raises(UserWarning, match="odd"):
            target_rows.DeviceSparse(terms, ONE_THREAD)
        return
    form = target_rows.DeviceSparse(terms, ONE_THREAD)
    positive = torch.from_numpy(terms.dense()[0])
    wanted = 4 * positive @ block - 2 * block.sum(0)
    assert torch.allclose(form.times(block, block.sum(0), None), wanted)  # type: ignore[arg-type]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("products", ["full", "tf32", "bfloat16"])
def test_products_on_a_gpu(products: Any) -> None:
    terms = terms_of(530, Setting31(), dtype="float32")
    weights = weights_of(terms, 64, tied=True, scale=0.1)
    compute = Compute(device="cuda", dtype="float32", products=products)
    rtol = {"full": 1e-5, "tf32": 2**-9, "bfloat16": 2**-6}[products]
    allowed = torch.backends.cuda.matmul.allow_tf32
    for loss in (Quartic(), Sgns()):
        objective = full_batch(terms, loss, tied=True, compute=compute)
        _, wanted = by_autograd(terms, loss, weights)
        found = objective.gradient(weights.float().cuda(), 0).cpu()
        assert float((found - wanted).norm()) <= rtol * float(wanted.norm())
    assert torch.backends.cuda.matmul.allow_tf32 == allowed


def test_products_on_the_cpu() -> None:
    a, b = torch.randn(2, 4, 4)
    total = torch.ones(4, 4)
    add_product(total, a, b)
    assert torch.allclose(total, 1 + a @ b)
    assert torch.equal(product(a, b), a @ b)


# ------------------------------------------------------------ what is refused


@pytest.mark.parametrize("loss", [Quartic(), Sgns()], ids=lambda loss: loss.name)
@pytest.mark.parametrize(
    ("weights", "tied", "sentence"),
    [
        (torch.zeros(19, 3), True, r"the weights have shape \(19, 3\); pass \(20, d\)"),
        (torch.zeros(20), True, r"shape \(20,\); pass \(20, d\)"),
        (torch.zeros(2, 20, 3), True, r"shape \(2, 20, 3\); pass \(20, d\)"),
        (torch.zeros(20, 3), False, r"shape \(20, 3\); pass \(2, 20, d\)"),
        (torch.zeros(3, 20, 3), False, r"shape \(3, 20, 3\); pass \(2, 20, d\)"),
        (torch.zeros(20, 3).double(), True, "torch.float64 on cpu, but .* float32 on cpu"),
        (torch.zeros(20, 3, device="meta"), True, "torch.float32 on meta, but"),
    ],
)
def test_weights_that_do_not_fit(loss: Loss, weights: Any, *, tied: bool, sentence: str) -> None:
    terms = terms_of(20, Setting31(), dtype="float32")
    objective = full_batch(terms, loss, tied=tied, compute=Compute(dtype="float32", threads=1))
    for call in (objective.gradient, objective.loss):
        with pytest.raises(InputError, match=sentence):
            call(weights, 0)


@pytest.mark.parametrize("weighting", [Unweighted(), Word2Vec()], ids=str)
def test_the_quartic_shortcut_is_for_setting_31(weighting: Any) -> None:
    with pytest.raises(
        InputError, match=r"a weighting other than Setting 3\.1; use TiledFullBatch"
    ):
        QuarticFullBatch(terms_of(20, weighting), tied=True, compute=ONE_THREAD)

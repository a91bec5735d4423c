"""The fused kernel against the dense loss in float64; what it needs, and what it refuses."""

from __future__ import annotations

import importlib.util
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from repsearch import Counts, Setting31, Unweighted, Word2Vec, dynamics
from repsearch.errors import InputError
from repsearch.target.weighting import Weighting
from repsearch.testing.counts_from import counts_from

torch = pytest.importorskip("torch")

from repsearch.training.compute import Compute, Products  # noqa: E402
from repsearch.training.objectives import full_batch as full_batch_module  # noqa: E402
from repsearch.training.objectives import fused_sgns  # noqa: E402
from repsearch.training.objectives.fused_sgns import FusedSgns, fused_products, width_for  # noqa: E402
from repsearch.training.objectives.fused_tiles import TILES, Tiles, stretch_of  # noqa: E402
from repsearch.training.objectives.losses import Sgns  # noqa: E402
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch  # noqa: E402
from repsearch.training.terms.padded_terms import padded_terms  # noqa: E402
from repsearch.training.terms.pair_terms import PairTerms, pair_terms  # noqa: E402

INSTALLED = importlib.util.find_spec("triton") is not None
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
CPU = torch.device("cpu")
EPS = float(torch.finfo(torch.float32).eps)

interpreted = pytest.mark.skipif(
    not (INSTALLED and INTERPRETED),
    reason="runs within test_all_of_this_in_the_interpreter, if triton is installed",
)
on_gpu = pytest.mark.skipif(
    not (INSTALLED and torch.cuda.is_available()),
    reason="needs triton and a CUDA device",
)
needs_compiler = pytest.mark.skipif(
    not INSTALLED or INTERPRETED, reason="needs triton, and not as an interpreter"
)

WEIGHTINGS = [
    Setting31(),
    Setting31(2.0),
    Unweighted(3.0),
    Word2Vec(5.0, 0.75, 1e-2),
    Word2Vec(5.0, 0.75, None, symmetrise=False),
]


def made(size: int, seed: int = 0, filled: float = 0.5) -> Counts:
    """Counts with pairs and words that are never seen."""
    rng = np.random.default_rng(seed)
    half = np.tril(rng.poisson(2, (size, size)) * (rng.random((size, size)) < filled))
    matrix = half + np.tril(half, -1).T
    matrix[0, 0] = 3
    if size > 4:
        matrix[3] = matrix[:, 3] = 0
    return counts_from(matrix)


def drawn(size: int, d: int, *, tied: bool, scale: float = 0.5) -> Any:
    shape = (size, d) if tied else (2, size, d)
    numbers = np.random.default_rng(1).standard_normal(shape) * scale
    return torch.tensor(numbers.astype(np.float32))


def by_autograd(terms: PairTerms, weights: Any) -> Any:
    """The gradient of the dense loss, in float64."""
    positive, negative = map(torch.tensor, terms.dense())
    at = weights.double().cpu().requires_grad_()
    x = at @ at.T if at.ndim == 2 else at[0] @ at[1].T
    softplus = torch.nn.functional.softplus
    (positive * softplus(-x) + negative * softplus(x)).sum().backward()
    return at.grad


def coefficients(terms: PairTerms, rows: Any, columns: Any) -> Any:
    """D = dL/dx in float64."""
    positive, negative = map(torch.tensor, terms.dense())
    x = rows.double() @ columns.double().T
    return negative * torch.sigmoid(x) - positive * torch.sigmoid(-x)


def distance(found: Any, wanted: Any) -> float:
    return float((found.double().cpu() - wanted).norm() / wanted.norm())


# ---------------------------------------------------------- in the interpreter


@pytest.fixture(autouse=INTERPRETED)
def _one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an array of one number be a loop's bound: Triton 3.6 needs it and NumPy 2.4 refuses."""
    interpreter = pytest.importorskip("triton.runtime.interpreter")
    patch = getattr(interpreter, "_patch_lang_tensor", None)

    def mended(tensor: Any, scope: Any) -> None:
        patch(tensor, scope)
        scope.set_attr(tensor, "__index__", lambda self: int(self.handle.data.item()))

    if patch is not None:
        monkeypatch.setattr(interpreter, "_patch_lang_tensor", mended)


@pytest.mark.skipif(not INSTALLED, reason="triton is not installed")
@pytest.mark.skipif(INTERPRETED, reason="this is the interpreter")
def test_all_of_this_in_the_interpreter() -> None:
    # Warnings of this project's are errors there too, but not what an installed plugin warns of
    # while pytest loads it, before any of this is read.
    quiet = {key: value for key, value in os.environ.items() if key != "PYTHONWARNINGS"}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "interpreted", __file__],
        env={**quiet, "TRITON_INTERPRET": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipped" not in ran.stdout


@interpreted
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=repr)
def test_interpreted_gradient_is_that_of_the_dense_loss(
    weighting: Weighting, *, tied: bool
) -> None:
    terms = pair_terms(made(150), weighting)
    weights = drawn(150, 20, tied=tied)
    objective = FusedSgns(terms, tied=tied, compute=Compute(dtype="float32"))
    # A sum of 150 terms, each a product of float32 numbers worked out from 20 products.
    assert distance(objective.gradient(weights), by_autograd(terms, weights)) < 8 * EPS
    assert objective.gradient(weights, 1).dtype == torch.float32
    assert not objective.stochastic
    assert (
        objective.rate
        == dynamics.clock(1.0, loss=dynamics.SGNS, tied=tied, weight=terms.mean_weight).rate
    )


@interpreted
@given(
    size=st.integers(1, 140),
    d=st.integers(1, 40),
    tied=st.booleans(),
    weighting=st.sampled_from(WEIGHTINGS),
)
@settings(max_examples=10)
def test_interpreted_of_any_size(size: int, d: int, *, tied: bool, weighting: Weighting) -> None:
    terms = pair_terms(made(size), weighting)
    weights = drawn(size, d, tied=tied)
    objective = FusedSgns(terms, tied=tied, compute=Compute(dtype="float32"))
    gradient = objective.gradient(weights)
    assert gradient.shape == weights.shape
    wanted = by_autograd(terms, weights)
    rows = weights.double() if tied else weights.double().flip(0)
    worst = terms.dense()[0].sum() + abs(terms.dense()[1]).sum()
    assert float((gradient - wanted).abs().max()) <= 64 * EPS * worst * float(rows.abs().max())


@interpreted
@pytest.mark.parametrize("processors", [1, 3, 132])
@pytest.mark.parametrize("tiles", [None, Tiles(16, 64, 4, 1), Tiles(128, 16, 8, 3)])
def test_interpreted_however_the_work_is_cut(processors: int, tiles: Tiles | None) -> None:
    terms = pair_terms(made(300), Word2Vec(5.0, 0.75, None, symmetrise=False))
    words, contexts = drawn(300, 12, tied=False)
    found = fused_products(
        words,
        contexts,
        padded_terms(terms, CPU, tied=False),
        products="full",
        tiles=tiles,
        processors=processors,
    )
    wanted = coefficients(terms, words, contexts) @ contexts.double()
    assert distance(found, wanted) < 8 * EPS


@interpreted
@pytest.mark.parametrize("products", ["tf32", "bfloat16"])
def test_interpreted_halves_have_twice_the_bits(products: Products) -> None:
    # The interpreter's products are full, so all rounding seen is that of the factors.
    terms = pair_terms(made(200), Word2Vec(5.0, 0.75, None, symmetrise=False))
    words, contexts = drawn(200, 12, tied=False)
    padded = padded_terms(terms, CPU, tied=False)
    found = fused_products(words, contexts, padded, products=products)
    d = coefficients(terms, words, contexts)
    off = (found - d @ contexts.double()).abs()
    # What D C is off by, for factors of so many bits: those of X move D, by a quarter of G at most.
    weight = sum(map(torch.tensor, terms.dense()))
    moved = weight / 4 * (words.double().abs() @ contexts.double().abs().T)
    spread = (d.abs() + moved) @ contexts.double().abs()
    assert bool((off <= 3 * (2.0**-18 + 64 * EPS) * spread).all()) == (products == "tf32")
    assert bool((off <= 3 * 2.0**-9 * spread).all())


@interpreted
@given(st.floats(-(2.0**99), 2.0**99, width=32))
@settings(max_examples=10)
def test_interpreted_halves_of_a_number(number: float) -> None:
    # One word and one context: D C is D times the context, whose halves make it up.
    one = torch.tensor([[number]], dtype=torch.float32)
    terms = pair_terms(counts_from(np.array([[2]])), Unweighted(1.0))
    found = fused_products(
        torch.zeros_like(one), one, padded_terms(terms, CPU, tied=False), products="tf32"
    )
    d = coefficients(terms, torch.zeros_like(one), one)
    assert abs(float(found) - float(d @ one.double())) <= 3 * 2.0**-18 * abs(number) + 1e-38


@interpreted
def test_interpreted_inner_products_beyond_the_exponential() -> None:
    terms = pair_terms(made(40), Unweighted())
    weights = drawn(40, 6, tied=True, scale=30.0)
    assert float((weights @ weights.T).abs().max()) > 1000
    objective = FusedSgns(terms, tied=True, compute=Compute(dtype="float32"))
    # On a GPU an overflow is silent; the interpreter is NumPy.
    with np.errstate(over="ignore"):
        gradient = objective.gradient(weights)
    assert distance(gradient, by_autograd(terms, weights)) < 8 * EPS


@interpreted
def test_interpreted_loss_is_the_plain_one() -> None:
    terms = pair_terms(made(30), Setting31())
    weights = drawn(30, 5, tied=True)
    positive, negative = map(torch.tensor, terms.dense())
    x = weights.double() @ weights.double().T
    softplus = torch.nn.functional.softplus
    wanted = float((positive * softplus(-x) + negative * softplus(x)).sum())
    loss = FusedSgns(terms, tied=True, compute=Compute(dtype="float32")).loss(weights)
    assert loss == pytest.approx(wanted, rel=8 * EPS)


@interpreted
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (torch.zeros(8, 4), r"shape \(8, 4\); pass \(9, d\)"),
        (torch.zeros(2, 9, 4), r"pass \(9, d\)"),
        (torch.zeros(9, 4, dtype=torch.float64), "float64"),
    ],
)
def test_interpreted_weights_that_do_not_fit(weights: Any, message: str) -> None:
    terms = pair_terms(made(9), Setting31())
    objective = FusedSgns(terms, tied=True, compute=Compute(dtype="float32"))
    with pytest.raises(InputError, match=message):
        objective.gradient(weights)


@interpreted
@pytest.mark.parametrize("tied", [True, False])
def test_interpreted_more_dimensions_go_by_tiles(*, tied: bool) -> None:
    terms = pair_terms(made(20), Setting31())
    weights = drawn(20, 257, tied=tied, scale=0.05)
    objective = FusedSgns(terms, tied=tied, compute=Compute(dtype="float32"))
    assert distance(objective.gradient(weights), by_autograd(terms, weights)) < 8 * EPS
    padded, words = padded_terms(terms, CPU, tied=True), drawn(20, 257, tied=True)
    with pytest.raises(InputError, match="256 dimensions, not 257; use TiledFullBatch"):
        fused_products(words, words, padded, products="full")


@interpreted
def test_interpreted_kernel_is_tried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = pair_terms(made(20), Setting31())
    compute = Compute(dtype="float32")
    objective = FusedSgns(terms, tied=True, compute=compute)
    assert objective.fails(20) is None
    assert objective.way == "fused kernel"

    right = fused_sgns.fused_products
    for factor, fine in ((1 + 1e-7, True), (1 + 1e-4, False), (math.nan, False)):

        def nearly(*given: Any, factor: float = factor, **named: Any) -> torch.Tensor:
            return right(*given, **named) * factor

        monkeypatch.setattr(fused_sgns, "fused_products", nearly)
        reason = objective.fails(20)
        assert reason is None if fine else "its gradient is off by" in str(reason)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no C compiler\nset CC")

    monkeypatch.setattr(fused_sgns, "fused_products", broken)
    assert objective.fails(None) == "RuntimeError: no C compiler"
    # What is picked then, and says why.
    monkeypatch.setattr(full_batch_module, "applies", lambda *_: True)
    picked = full_batch_module.full_batch(terms, Sgns(), tied=True, compute=compute, d=20)
    assert isinstance(picked, TiledFullBatch)
    assert picked.way.endswith("does not run here: RuntimeError: no C compiler")
    monkeypatch.undo()


# ------------------------------------------------------------ on any machine


@pytest.mark.parametrize(
    ("compute", "d", "free", "installed", "fused"),
    [
        (("cuda", "float32"), 200, 2**30, True, True),
        (("cuda", "float32"), None, 2**30, True, True),
        (("cuda:0", "float32", "bfloat16"), 256, 2**30, True, True),
        (("cuda", "float32"), 257, 2**30, True, False),
        (("cuda", "float32", "full"), 200, 2**30, True, False),
        (("cuda", "float64"), 200, 2**30, True, False),
        (("cuda", "float32"), 200, 2 * 4 * 1024**2 - 1, True, False),
        (("cuda", "float32"), 200, 2**30, False, False),
        (("cpu", "float32"), 200, 2**30, True, False),
    ],
)
def test_where_the_kernel_is_picked(
    compute: Any,
    d: int | None,
    free: int,
    *,
    installed: bool,
    fused: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (free, 2**40))
    assert fused_sgns.applies(1000, d, Compute(*compute)) == fused


@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=repr)
def test_padded_terms_are_the_terms_and_zeros(weighting: Weighting) -> None:
    terms = pair_terms(made(130), weighting)
    positive, negative = terms.dense()
    for tied in (True, False):
        padded = padded_terms(terms, CPU, tied=tied)
        assert padded.positive.shape == (256, 256)
        assert np.allclose(padded.positive[:130, :130], positive, rtol=EPS, atol=0)
        base = (padded.left.T @ padded.right).numpy()
        wanted = negative + terms.seen * positive
        wanted = (wanted + wanted.T) / 2 if tied else wanted
        assert np.allclose(base[:130, :130], wanted, rtol=8 * EPS, atol=0)
        assert padded.unseen == 1 - terms.seen
        for array in (padded.positive, torch.from_numpy(base)):
            assert float(array[130:].abs().sum() + array[:, 130:].abs().sum()) == 0
        assert torch.equal(padded.turned.left, padded.right)


@given(st.integers(1, 200), st.integers(1, 2000), st.integers(1, 200))
def test_stretches_cover_all_columns_and_leave_few_processors_idle(
    blocks: int, columns: int, processors: int
) -> None:
    stretch = stretch_of(blocks, columns, processors)
    stretches = -(-columns // stretch)
    assert 1 <= stretch <= columns
    assert stretches <= 16
    if blocks % processors == 0:
        assert stretches == 1


def test_the_case_of_the_paper_is_cut_up() -> None:
    # 10,000 words are 79 blocks of 128 rows: alone they would leave 53 of 132 idle.
    stretches = -(-316 // stretch_of(79, 316, 132))
    programs = 79 * stretches
    assert programs / (-(-programs // 132) * 132) > 0.9


@given(st.integers(1, 256))
def test_width_is_the_next_power_of_two(d: int) -> None:
    width = width_for(d)
    assert width >= max(16, d)
    assert width & (width - 1) == 0
    assert width < 2 * d or width == 16


def test_without_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not fused_sgns.available()
    with pytest.raises(InputError, match="needs Triton, which is not installed"):
        FusedSgns(pair_terms(made(5), Setting31()), tied=True, compute=Compute())


@pytest.mark.parametrize(
    ("interpreter", "compute", "message"),
    [
        ("0", Compute(dtype="float32"), "device is 'cpu', and the fused kernel is for a GPU"),
        ("1", Compute(dtype="float64"), "computes in float32; choose 'float32'"),
    ],
)
def test_where_it_does_not_run(
    monkeypatch: pytest.MonkeyPatch, interpreter: str, compute: Compute, message: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("TRITON_INTERPRET", interpreter)
    with pytest.raises(InputError, match=message):
        FusedSgns(pair_terms(made(5), Setting31()), tied=True, compute=compute)


def test_more_words_than_the_gpu_has_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (2**20, 2**30))
    terms = pair_terms(made(600), Setting31())
    with pytest.raises(InputError, match=r"600 words takes 0\.0 GiB and 0\.0 GiB are free on cuda"):
        padded_terms(terms, torch.device("cuda"), tied=True)


# -------------------------------------------------- the compiler, without a GPU


@needs_compiler
@pytest.mark.parametrize("products", list(TILES))
def test_compiled_for_hopper_without_spilling(
    products: Products, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    triton = pytest.importorskip("triton")
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from repsearch.training.objectives.fused_kernel import sgns_products

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    factors = "*fp32" if products == "full" else "*bf16"
    tiles = TILES[products]
    fixed = {
        "RANK": 4,  # the most of any weighting, Word2Vec with tied weights
        "WIDTH": 256,
        "BLOCK_I": tiles.rows,
        "BLOCK_J": tiles.columns,
        "HALVES": products == "tf32",
    }
    kinds = dict.fromkeys(("rows", "columns", "rows_left", "columns_left"), factors)
    kinds |= dict.fromkeys(("positive", "left", "right", "sums"), "*fp32")
    kinds |= {"n_padded": "i32", "stretch": "i32", "unseen": "fp32"}
    kinds |= dict.fromkeys(fixed, "constexpr")
    aligned = {(place,): [["tt.divisibility", 16]] for place in range(10)}
    kernel = triton.compile(
        ASTSource(sgns_products, signature=kinds, constexprs=fixed, attrs=aligned),
        target=GPUTarget("cuda", 90, 32),
        options={
            "num_warps": tiles.warps,
            "num_stages": tiles.stages,
            "enable_fp_fusion": True,
        },
    )
    assert kernel.metadata.shared <= 227 * 1024
    assert ("wgmma" in kernel.asm["ptx"]) == (products != "full")
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    cubin = tmp_path / "kernel.cubin"
    cubin.write_bytes(kernel.asm["cubin"])
    report = subprocess.run(
        [tool, "--dump-resource-usage", cubin], capture_output=True, text=True, check=True
    )
    assert re.findall(r"STACK:(\d+)", report.stdout) == ["0"]


# --------------------------------------------------------------- on a GPU


@on_gpu
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=repr)
@pytest.mark.parametrize(
    ("products", "tolerance"), [("full", 8 * EPS), ("tf32", 2.0**-15), ("bfloat16", 2.0**-6)]
)
def test_on_a_gpu(
    weighting: Weighting, products: Products, tolerance: float, *, tied: bool
) -> None:
    terms = pair_terms(made(1000), weighting)
    weights = drawn(1000, 200, tied=tied, scale=0.1).cuda()
    compute = Compute("cuda", "float32", products)
    objective = FusedSgns(terms, tied=tied, compute=compute)
    gradient = objective.gradient(weights)
    assert distance(gradient, by_autograd(terms, weights)) < tolerance
    assert torch.equal(gradient, objective.gradient(weights))


# The interpreter's products take bfloat16 for whole numbers, so this needs a GPU.
@on_gpu
@pytest.mark.parametrize("weighting", WEIGHTINGS[:3], ids=repr)
def test_bfloat16_rounds_factors_and_nothing_else(weighting: Weighting) -> None:
    terms = pair_terms(made(150), weighting)
    weights = drawn(150, 20, tied=True)
    padded = padded_terms(terms, torch.device("cuda"), tied=True)
    on_device = weights.cuda()
    found = fused_products(on_device, on_device, padded, products="bfloat16").double().cpu()
    rounded = weights.bfloat16().double()
    d = coefficients(terms, rounded, rounded)
    # D is rounded to 8 bits once it is worked out from the rounded vectors; sums are not.
    bound = (2.0**-9 + 16 * EPS) * d.abs() @ rounded.abs()
    assert bool(((found - d @ rounded).abs() <= bound).all())
    exact = coefficients(terms, weights, weights) @ weights.double()
    assert distance(found, exact) > 1e-4

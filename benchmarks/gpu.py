"""Time training on a GPU: the fused kernel, plain tiles, the quartic step, in one go.

python -m benchmarks.gpu FILE [--words 10000] [--dimension 200]

Needs a CUDA device, and Triton for the fused kernel; takes a few minutes.
Writes FILE, JSON with the machine named. Without a CUDA device it says so and
ends with exit status 2. `--device cpu` runs the plain parts on the processor, to
try the script out.

A step is timed by CUDA events around several of them, the median of several such
times. The arithmetic floor of a step is the time in which torch multiplies large
square matrices in the same precision as often as the step's products need it:
4 V^2 d operations with tied weights.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch

from repsearch import Setting31, Word2Vec
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.testing.counts_from import counts_from
from repsearch.training.arithmetic.matrix_products import product
from repsearch.training.compute import Compute, Products
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.fused_sgns import (
    TILES,
    FusedSgns,
    Tiles,
    available,
    fused_products,
)
from repsearch.training.objectives.losses import Quartic, Sgns
from repsearch.training.objectives.tiled_full_batch import TiledFullBatch
from repsearch.training.terms.pair_terms import PairTerms, pair_terms

OTHER_TILES: dict[str, tuple[Tiles, ...]] = {
    "full": (Tiles(32, 32, 8, 2), Tiles(64, 16, 8, 2), Tiles(64, 32, 16, 1)),
    "tf32": (Tiles(128, 16, 8, 3), Tiles(128, 32, 8, 1), Tiles(64, 32, 4, 2)),
    "bfloat16": (Tiles(128, 32, 8, 3), Tiles(128, 64, 8, 3), Tiles(64, 64, 4, 2)),
}
"""Tried beside those the kernel uses."""
DENSITY = 0.52  # of the counts of enwiki-low at 10,000 words
REPEATS, SECONDS = 7, 0.2


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--dimension", type=int, default=200)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    asked = parser.parse_args()
    if asked.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no CUDA device here; nothing was measured", file=sys.stderr)
        sys.exit(2)
    results = {
        "date": date.today().isoformat(),
        "machine": machine() | _device(asked.device),
        "versions": versions(),
        "words": asked.words,
        "dimension": asked.dimension,
        "density": DENSITY,
    }
    counts = counts_from(_counts(asked.words))
    results["correctness"] = correctness(asked.device)
    results["sgns"] = {}
    for name, weighting in (("Setting 3.1", Setting31()), ("word2vec", Word2Vec())):
        terms = pair_terms(counts, weighting, np.float32)
        results["sgns"][name] = sgns(terms, asked.dimension, asked.device)
    terms = pair_terms(counts, Setting31(), np.float32)
    results["quartic"] = quartic(terms, asked.dimension, asked.device)
    write_json(results, asked.file)
    print(json.dumps(results, indent=1))


# ------------------------------------------------------------ what is measured


def correctness(device: str) -> dict[str, Any]:
    """Relative distance of each gradient from that of plain tiles in float64."""
    found: dict[str, Any] = {}
    counts = counts_from(_counts(1500))
    for name, weighting in (("Setting 3.1", Setting31()), ("word2vec", Word2Vec())):
        terms = pair_terms(counts, weighting)
        for tied in (True, False):
            weights = _weights(1500, 200, device, tied=tied)
            exact = TiledFullBatch(terms, Sgns(), tied=tied, compute=Compute(device, "float64"))
            wanted = exact.gradient(weights.double())
            row = found[f"{name}, {'tied' if tied else 'untied'}"] = {}
            for products in _products(device):
                compute = Compute(device, "float32", products)
                ways: dict[str, Any] = {
                    "tiles": TiledFullBatch(terms, Sgns(), tied=tied, compute=compute)
                }
                if _fused(device):
                    ways["fused"] = FusedSgns(terms, tied=tied, compute=compute)
                for way, objective in ways.items():
                    error = objective.gradient(weights).double() - wanted
                    row[f"{way}, {products}"] = float(error.norm() / wanted.norm())
    return found


def sgns(terms: PairTerms, d: int, device: str) -> dict[str, Any]:
    """Milliseconds of a full-batch step, tied weights, and how many arithmetic floors that is."""
    weights = _weights(terms.n_words, d, device)
    return {products: _sgns(terms, weights, device, products) for products in _products(device)}


def _sgns(
    terms: PairTerms, weights: torch.Tensor, device: str, products: Products
) -> dict[str, Any]:
    size, d = weights.shape
    floor = 4 * size**2 * d / floating_point_rate(device, products)
    row: dict[str, Any] = {"floor_ms": 1e3 * floor}
    compute = Compute(device, "float32", products)
    plain = TiledFullBatch(terms, Sgns(), tied=True, compute=compute)
    row["tiles"] = _step(partial(plain.gradient, weights), floor, device)
    if not _fused(device):
        return row
    del plain  # or its memory would be counted with the kernel's
    fused = FusedSgns(terms, tied=True, compute=compute)
    row["fused"] = _step(partial(fused.gradient, weights), floor, device)
    chosen = TILES[products]
    row["fused"]["cut"] = [chosen.rows, chosen.columns, chosen.warps, chosen.stages]
    for tiles in OTHER_TILES[products]:
        name = f"fused, {tiles.rows} x {tiles.columns}, {tiles.warps}, {tiles.stages}"
        step = partial(
            fused_products, weights, weights, fused.terms, products=products, tiles=tiles
        )
        try:
            row[name] = _step(step, floor, device)
        except Exception as error:  # tiles that do not fit are a finding, too
            row[name] = {"failed": f"{type(error).__name__}: {error}"[:200]}
    return row


def quartic(terms: PairTerms, d: int, device: str) -> dict[str, Any]:
    """Milliseconds of a full-batch step of the quartic loss, over one dense product M W."""
    weights = _weights(terms.n_words, d, device)
    return {products: _quartic(terms, weights, device, products) for products in _products(device)}


def _quartic(
    terms: PairTerms, weights: torch.Tensor, device: str, products: Products
) -> dict[str, Any]:
    dense = torch.zeros((terms.n_words, terms.n_words), device=device)
    bare = _seconds(partial(product, dense, weights, products), device)
    del dense
    compute = Compute(device, "float32", products)
    objective = full_batch(terms, Quartic(), tied=True, compute=compute)
    row = _step(partial(objective.gradient, weights, 0), bare, device)
    return {**row, "dense_product_ms": 1e3 * bare}


def floating_point_rate(device: str, products: Products, size: int = 8192) -> float:
    """Operations a second of a large product of square matrices."""
    if device == "cpu":
        size = 1024
    one = torch.randn((size, size), device=device)
    if products == "bfloat16":
        # Rounded beforehand: the floor is the product alone.
        half = one.bfloat16()
        return 2 * size**3 / _seconds(partial(torch.mm, half, half), device)
    return 2 * size**3 / _seconds(partial(product, one, one, products), device)


# ----------------------------------------------------------------------- pieces


def _step(step: Callable[[], object], floor: float, device: str) -> dict[str, Any]:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds = _seconds(step, device)
    found = {"ms": 1e3 * seconds, "ratio": seconds / floor}
    if device == "cuda":
        found["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    print(found, flush=True)
    return found


def _seconds(step: Callable[[], object], device: str) -> float:
    """Median seconds of a call, each time from enough calls to last `SECONDS`."""
    step()  # compiled, and memory taken
    once = _elapsed(step, 3, device)
    calls = max(1, min(1000, int(SECONDS / max(once, 1e-6))))
    return statistics.median(_elapsed(step, calls, device) for _ in range(REPEATS))


def _elapsed(step: Callable[[], object], calls: int, device: str) -> float:
    if device == "cpu":
        begin = time.perf_counter()
        for _ in range(calls):
            step()
        return (time.perf_counter() - begin) / calls
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    for _ in range(calls):
        step()
    last.record()
    torch.cuda.synchronize()
    return float(first.elapsed_time(last)) / 1e3 / calls


def _counts(size: int) -> np.ndarray:
    """Symmetric counts, as full as those of a corpus, words of unequal frequency."""
    rng = np.random.default_rng(0)
    share = 1 / np.sqrt(np.arange(1, size + 1))
    mean = np.outer(share, share)
    # The mean count at which so many pairs are seen is found by bisection.
    low, high = 0.0, 1e12
    for _ in range(60):
        middle = (low + high) / 2
        filled = 1 - np.exp(-middle * mean[:: max(1, size // 500)]).mean()
        low, high = (middle, high) if filled < DENSITY else (low, middle)
    half = np.tril(rng.poisson(low * mean))
    whole: np.ndarray = half + np.tril(half, -1).T
    return whole


def _weights(size: int, d: int, device: str, *, tied: bool = True) -> torch.Tensor:
    shape = (size, d) if tied else (2, size, d)
    drawn = np.random.default_rng(1).standard_normal(shape, np.float32) * np.float32(0.1)
    return torch.from_numpy(drawn).to(device)


def _products(device: str) -> tuple[Products, ...]:
    return get_args(Products) if device == "cuda" else ("full",)


def _fused(device: str) -> bool:
    return device == "cuda" and available()


def _device(device: str) -> dict[str, str]:
    if device == "cpu":
        return {"gpu": "none, tried out on the processor"}
    facts = torch.cuda.get_device_properties(0)
    return {
        "gpu": facts.name,
        "gpu_memory": f"{facts.total_memory / 2**30:.0f} GiB",
        "gpu_multiprocessors": str(facts.multi_processor_count),
        "cuda": str(torch.version.cuda),
        "triton": _triton(),
    }


def _triton() -> str:
    try:
        import triton
    except ImportError:
        return "not installed"
    return str(triton.__version__)


if __name__ == "__main__":
    main()

"""Time exact gradients of all pairs against the bare matrix products in them, in one run.

python -m benchmarks.full_batch                 print the table
python -m benchmarks.full_batch --write         and write benchmarks/full_batch.json
python -m benchmarks.full_batch --counts FILE   with the first words of these counts where
                                                they are as many as a row needs
Without a file the pairs are drawn: words with frequencies like 1 / rank, as dense as English
Wikipedia's at that number of words.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import sparse

from benchmarks.corpora import REPOSITORY
from benchmarks.weighted.general import first_words
from repsearch import Counts, Window
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.target.weighting import Setting31, Weighting, Word2Vec
from repsearch.training.compute import Compute
from repsearch.training.objectives.full_batch import full_batch
from repsearch.training.objectives.losses import Quartic, Sgns
from repsearch.training.terms.pair_terms import PairTerms, pair_terms

RESULTS = REPOSITORY / "benchmarks" / "full_batch.json"
THREADS = 2
DENSITY = {5_000: 0.85, 10_000: 0.52, 50_000: 0.04}
STRIP = 2_500  # rows of a dense matrix that stand for all of 50,000
COMPUTE = Compute(dtype="float32", threads=THREADS)


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--counts", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    given = Counts.open(arguments.counts) if arguments.counts else None
    rows = []
    for size, d, repeats in ((5_000, 100, 15), (10_000, 200, 7), (50_000, 100, 5)):
        counts = _counts(size, given)
        weightings: list[Weighting] = [Setting31()] if size == 50_000 else [Setting31(), Word2Vec()]
        for weighting in weightings:
            terms = pair_terms(counts, weighting, np.float32)
            weights = 0.1 * torch.randn(size, d, generator=torch.Generator().manual_seed(0))
            facts = {
                "words": size,
                "d": d,
                "density": float(f"{len(terms.columns) / size**2:.3g}"),
                "pairs": "drawn" if counts.corpora == ("drawn",) else "given",
                "weighting": type(weighting).__name__,
            }
            if terms.constant:
                rows.append(facts | quartic(terms, weights, repeats))
                _show(rows[-1])
            if size < 50_000:
                rows.append(facts | sgns(terms, weights, repeats))
                _show(rows[-1])
    results = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "threads": THREADS,
        "dtype": "float32",
        "rows": rows,
    }
    print(results["machine"], results["versions"])
    if arguments.write:
        write_json(results, RESULTS)


def quartic(terms: PairTerms, weights: torch.Tensor, repeats: int) -> dict[str, Any]:
    """A step against one product with the sparse part of M*, and one with M* as an array."""
    size = terms.n_words
    step = full_batch(terms, Quartic(), tied=True, compute=COMPUTE)
    scipy_form = sparse.csr_array((terms.positive, terms.columns, terms.indptr), shape=(size, size))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
        torch_form = torch.sparse_csr_tensor(
            torch.as_tensor(terms.indptr.astype(np.int32)),
            torch.as_tensor(terms.columns),
            torch.as_tensor(terms.positive),
            (size, size),
            check_invariants=True,
        )
    # An array of 50,000 words would take 10 GB: some of its rows, again and again.
    height = size if size <= 10_000 else STRIP
    dense = torch.randn(height, size)
    seconds = in_turn(
        {
            "step": partial(step.gradient, weights, 0),
            "sparse, scipy": lambda: scipy_form @ weights.numpy(),
            "sparse, torch": lambda: torch.sparse.mm(torch_form, weights),
            "dense": lambda: [torch.mm(dense, weights) for _ in range(size // height)],
        },
        repeats,
    )
    products = [name for name in seconds if name != "step"]
    faster = min(products, key=lambda name: statistics.median(seconds[name]))
    return _found("quartic", seconds, {faster: seconds[faster]})


def sgns(terms: PairTerms, weights: torch.Tensor, repeats: int) -> dict[str, Any]:
    """A step against X = W W^T and D W, whole arrays at once.

    A step makes three quarters of that arithmetic, since X and D are symmetric, so
    three quarters of the products' time are given beside it.
    """
    size = terms.n_words
    step = full_batch(terms, Sgns(), tied=True, compute=COMPUTE)
    inner = torch.empty(size, size)

    def bare() -> torch.Tensor:
        torch.mm(weights, weights.T, out=inner)
        return torch.mm(inner, weights)

    seconds = in_turn({"step": partial(step.gradient, weights, 0), "products": bare}, repeats)
    products = seconds["products"]
    compared = {"products": products, "three quarters": [0.75 * time for time in products]}
    return _found("sgns", seconds, compared)


def in_turn(calls: dict[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Seconds of each call, made one after the other in every round; the first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            begin = time.perf_counter()
            call()
            if turn:
                seconds[name].append(time.perf_counter() - begin)
    return seconds


def _found(
    loss: str, seconds: dict[str, list[float]], compared: dict[str, list[float]]
) -> dict[str, Any]:
    """Medians over rounds, of times and of ratios within a round."""
    ratios = {
        name: statistics.median(a / b for a, b in zip(seconds["step"], other, strict=True))
        for name, other in compared.items()
    }
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {"loss": loss, "seconds": medians, "ratio_to": ratios}


def _show(row: dict[str, Any]) -> None:
    times = ", ".join(f"{name} {1000 * time:.0f} ms" for name, time in row["seconds"].items())
    ratios = ", ".join(f"{ratio:.2f} x {name}" for name, ratio in row["ratio_to"].items())
    print(
        f"{row['loss']}, {row['weighting']}, V = {row['words']:,}, d = {row['d']}, "
        f"{row['density']:.1%} of {row['pairs']} pairs: {ratios}  ({times})",
        flush=True,
    )


def _counts(size: int, given: Counts | None) -> Counts:
    """The first words of the counts given, or drawn ones."""
    if given is None or len(given.words) < size:
        return _drawn(size, DENSITY[size])
    return first_words(given, size)


def _drawn(size: int, density: float) -> Counts:
    """Independent pairs: i and j are seen with probability 1 - exp(-c / (i j))."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, size + 1)
    some = share[:: max(1, size // 500)]
    low, high = 0.0, 2.0 * np.log(size) + 5
    for _ in range(50):
        middle = (low + high) / 2
        seen = -np.expm1(-np.exp(middle) * np.multiply.outer(some, some)).mean()
        low, high = (middle, high) if seen < density else (low, middle)
    columns, values = [], []
    for row in range(size):
        mean = (np.exp(low) * share[row] * share[: row + 1]).astype(np.float32)
        met = np.flatnonzero(rng.random(row + 1, np.float32) < -np.expm1(-mean))
        columns.append(met.astype(np.int32))
        values.append(1 + rng.poisson(mean[met]).astype(np.int64))
    return Counts(
        words=tuple(f"w{k}" for k in range(size)),
        word_counts=np.maximum(1, 1e8 * share).astype(np.int64),
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in columns])]),
        columns=np.concatenate(columns),
        values=np.concatenate(values),
        window=Window(2),
        tokenizer="latin",
        out_of_vocabulary="remove",
        n_words_read=int(1e8),
        n_documents=1,
        corpora=("drawn",),
    )


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of this module's docstring."""


if __name__ == "__main__":
    main()

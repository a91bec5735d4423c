"""Measure the minimiser: its scalings against each other, its end, its embeddings on a text.

    python -m benchmarks.minimum scalings TEXT
    python -m benchmarks.minimum heldout TEXT
    python -m benchmarks.minimum flow          the gradient flow to its end, of the carried counts
    python -m benchmarks.minimum large TEXT    100,000 words, 200 dimensions: time and memory

Results go to `benchmarks/minimum.json`.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.process import in_process, timed
from repsearch import (
    Counts,
    Gaussian,
    Setting31,
    Window,
    Word2VecC,
    count,
    encode,
    minimise,
)
from repsearch.corpus.halves import split_corpus
from repsearch.data import carried_counts
from repsearch.minimum.descent import PAIRS
from repsearch.minimum.lbfgs import Memory
from repsearch.minimum.line_search import Place, search
from repsearch.minimum.objective import ScaledObjective
from repsearch.minimum.scaling import Scaling, scaling_at, word_weights
from repsearch.minimum.start import closed_form
from repsearch.progress import silent
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.target.weighting import Weighting
from repsearch.training import (
    Chebyshev,
    Compute,
    Record,
    Sgns,
    evenly,
    full_batch,
    pair_terms,
    train,
)
from repsearch.training.arithmetic.matrix_products import Workers

RESULTS = Path(__file__).with_name("minimum.json")
WEIGHTING = Word2VecC(5, subsample=1e-4)
WINDOW = Window(16)
SEED = 0
RIDGE_TIMES_TOKENS = 6.4
"""1e-6 was best for 6.4 million tokens, half of enwiki-featured, at V = 10,000 and d = 200."""
RIDGES = (0.0, 5e-7, 1e-6, 2e-6, 4e-6, 8e-6)


def scalings(text: Path, size: int = 2_500, d: int = 100, iterations: int = 20) -> dict[str, Any]:
    """Losses by iteration of L-BFGS in the scale of the minimiser, and in parts of it."""
    counts = count(encode(text, vocabulary_size=size), WINDOW)
    compute, loss = Compute(dtype="float32"), Sgns()
    terms = pair_terms(counts, WEIGHTING, "float32")
    h, other = word_weights(terms, loss.expansion)
    start = closed_form(
        counts, WEIGHTING, loss.expansion, np.sqrt(h * other), d,
        tied=False, seed=SEED, threads=None, progress=silent,
    )  # fmt: skip
    weights = torch.from_numpy(start).float()
    objective = full_batch(terms, loss, tied=False, compute=compute)
    ones, power = np.ones(size), counts.marginals**0.75
    power /= power.mean()
    both = scaling_at(weights, h, other)
    rows = scaling_at(weights, power, power)
    same = torch.eye(d).expand(2, d, d)
    tried = {
        "words and modes": both,
        "words alone, p^0.75": Scaling(rows.rows, same, same),
        "modes alone": scaling_at(weights, ones, ones),
        "none": Scaling(torch.ones_like(both.rows), same, same),
    }
    return {name: _losses(objective, one, weights, iterations) for name, one in tried.items()}


def _losses(
    objective: Any, scaling: Scaling, weights: torch.Tensor, iterations: int
) -> list[float]:
    scaled = ScaledObjective(objective, scaling, Workers(Compute()))
    z = scaling.scaled(weights)
    place, memory = Place(z, *scaled.at(z)), Memory(PAIRS, scaled.workers)
    losses = [place.loss]
    for _ in range(iterations):
        after = search(scaled, place, memory.direction(place.gradient), rounding=3e-9)
        if after is None:
            break
        memory.add(after.scaled - place.scaled, after.gradient - place.gradient)
        place = after
        losses.append(place.loss)
    return losses


def heldout(text: Path, size: int = 2_500, d: int = 100, iterations: int = 12) -> dict[str, Any]:
    """By ridge, the loss on the half of the documents that was not fitted, and on the other."""
    corpus = encode(text, vocabulary_size=size)
    with tempfile.TemporaryDirectory() as folder:
        fitted, other = (count(half, WINDOW) for half in split_corpus(corpus, folder, seed=SEED))
    compute = Compute(dtype="float32")
    objectives = [
        full_batch(pair_terms(counts, WEIGHTING, "float32"), Sgns(), tied=False, compute=compute)
        for counts in (fitted, other)
    ]
    found: dict[str, Any] = {"tokens": fitted.n_tokens}
    for ridge in RIDGES:
        minimum = minimise(
            fitted, d, weighting=WEIGHTING, ridge=ridge, iterations=iterations, compute=compute
        )
        assert minimum.contexts is not None
        sides = [minimum.embeddings.vectors, minimum.contexts.vectors]
        weights = torch.from_numpy(np.stack(sides))
        found[f"{ridge:g}"] = [one.loss(weights, 0) for one in objectives]
    return found


ENDS: dict[str, dict[str, Any]] = {
    "tied, Setting 3.1": {
        "size": 600, "d": 20, "tied": True, "weighting": Setting31(), "until": 300.0,
    },
    "untied, word2vec.c": {
        "size": 300, "d": 10, "tied": False, "weighting": WEIGHTING, "until": 300.0,
    },
}  # fmt: skip


def flow() -> dict[str, Any]:
    """The flow from a small start to its end, beside the minimum: loss and singular values."""
    return {name: _end_of(**given) for name, given in ENDS.items()}


def _end_of(size: int, d: int, *, tied: bool, weighting: Weighting, until: float) -> dict[str, Any]:
    counts = most_frequent(carried_counts(), size)
    shared: dict[str, Any] = {
        "weighting": weighting, "tied": tied, "compute": Compute(dtype="float64"),
    }  # fmt: skip
    minimum = minimise(counts, d, tolerance=1e-5, iterations=3_000, **shared)
    with tempfile.TemporaryDirectory() as folder:
        run = train(
            counts,
            Path(folder) / "run",
            d=d,
            until=until,
            start=Gaussian(1e-3, SEED),
            loss=Sgns(),
            integrator=Chebyshev(rtol=1e-3),
            record=Record(when=evenly(until, 10)),
            **shared,
        )
        losses, values = run.loss(), run.singular_values()[-1]
    sides = [minimum.embeddings, minimum.contexts or minimum.embeddings]
    # Of untied weights a run records the singular values of A B^T; balanced, they are squares.
    expected = np.linalg.svd(sides[0].vectors, compute_uv=False) ** (1 if tied else 2)
    return {
        "words": size,
        "d": d,
        "until": until,
        "loss": minimum.loss,
        "status": minimum.status,
        "loss_of_flow_over_it": float(losses[-1] / minimum.loss - 1),
        "last_decrease_of_flow": float(losses[-2] / losses[-1] - 1),
        "largest_distance_of_singular_values": float(np.abs(values / expected - 1).max()),
    }


def large(
    text: Path, iterations: int, device: str, size: int = 100_000, d: int = 200
) -> dict[str, Any]:
    """The minimum over as many words as one machine is asked to hold, counting apart."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.npz"
        corpus = encode(text, vocabulary_size=size)
        seconds, made = timed(count, corpus, WINDOW)
        made.save(counts)
        words = len(made.words)
        print(f"counted {words} words in {seconds:.0f} s", flush=True)
        del corpus, made
        return {
            "counting_seconds": seconds,
            "words": words,
            "d": d,
            **in_process(_large, counts, iterations, d, device),
        }


def _large(counts: Path, iterations: int, d: int, device: str) -> dict[str, Any]:
    have = Counts.open(counts)
    ridge = RIDGE_TIMES_TOKENS / have.n_tokens
    begin, cpu = time.perf_counter(), time.process_time()
    found = minimise(
        have,
        d,
        weighting=WEIGHTING,
        ridge=ridge,
        iterations=iterations,
        compute=Compute(device, "float32"),
        progress=_printed,
    )
    print(found.summary(), flush=True)
    return {
        "tokens": have.n_tokens,
        "ridge": ridge,
        "minimise_seconds": time.perf_counter() - begin,
        "minimise_processor_seconds": time.process_time() - cpu,
        "status": found.status,
        "losses": found.losses.tolist(),
        "relative_gradients": found.gradients.tolist(),
        "at_seconds": found.seconds.tolist(),
        "evaluations": found.evaluations,
        "curvature": found.certificate.curvature,
        "doubt": found.certificate.doubt,
        "last_decrease": found.certificate.decrease,
    }


def _printed(stage: str, done: int, total: int | None, unit: str) -> None:
    if stage.startswith("minimising"):
        print(f"{time.process_time():.0f} s of processor time: {stage}, {done} {unit}", flush=True)


def most_frequent(counts: Counts, size: int) -> Counts:
    """Counts of the most frequent words alone."""
    end = int(counts.indptr[size])
    return replace(
        counts,
        words=counts.words[:size],
        word_counts=counts.word_counts[:size],
        indptr=counts.indptr[: size + 1],
        columns=counts.columns[:end],
        values=counts.values[:end],
    )


def main() -> None:
    """Measure what is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["scalings", "heldout", "flow", "large"])
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--device", default="cpu", help="where `large` computes")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--shared", action="store_true", help="other work runs beside")
    given = parser.parse_args()
    if (given.text is None) != (given.what == "flow"):
        parser.error("scalings, heldout and large need a text, flow needs none")
    begin, cpu = time.perf_counter(), time.process_time()
    name = "carried counts" if given.text is None else given.text.name
    if given.what == "scalings":
        found = scalings(given.text, iterations=given.iterations)
        for scale, losses in found.items():
            print(scale, " ".join(f"{loss:.5f}" for loss in losses))
    elif given.what == "heldout":
        found = heldout(given.text, iterations=given.iterations)
        print(found)
    elif given.what == "large":
        found = large(given.text, given.iterations, given.device) | {"shared": given.shared}
        name += "" if given.device == "cpu" else f", {given.device}"
    else:
        found = flow()
        print(found)
    results = json.loads(given.results.read_text("utf-8")) if given.results.exists() else {}
    results.setdefault(given.what, {})[name] = {
        **found,
        "seconds": time.perf_counter() - begin,
        "processor_seconds": time.process_time() - cpu,
        "machine": machine(),
        "versions": versions(),
    }
    write_json(results, given.results)


if __name__ == "__main__":
    main()

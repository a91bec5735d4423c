"""Measure the minimiser: its scalings against each other, and its embeddings on a text.

    python -m benchmarks.minimum scalings TEXT
    python -m benchmarks.minimum heldout TEXT
    python -m benchmarks.minimum measure TEXT --ridge 2e-7

Results go to `benchmarks/minimum.json`.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from probes import analogies, google_relations, similarity, similarity_sets
from repsearch import Counts, Window, Word2VecC, count, encode, minimise
from repsearch.corpus.halves import split_corpus
from repsearch.minimum.descent import PAIRS
from repsearch.minimum.lbfgs import Memory
from repsearch.minimum.line_search import Place, search
from repsearch.minimum.objective import ScaledObjective
from repsearch.minimum.scaling import Scaling, scaling_at, word_weights
from repsearch.minimum.start import closed_form
from repsearch.progress import silent
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.training import Compute, Sgns, full_batch, pair_terms
from repsearch.training.arithmetic.matrix_products import Workers

RESULTS = Path(__file__).with_name("minimum.json")
WEIGHTING = Word2VecC(5, subsample=1e-4)
WINDOW = Window(16)
SEED = 0
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


def measure(counts: Counts, d: int, ridge: float, iterations: int) -> dict[str, Any]:
    """Minimise and score."""
    found = minimise(counts, d, weighting=WEIGHTING, ridge=ridge, iterations=iterations, seed=SEED)
    scored = {
        name: similarity(found.embeddings, dataset).spearman
        for name, dataset in similarity_sets().items()
        if name in ("men3000", "wordsim353")
    }
    return {
        "ridge": ridge,
        "summary": found.summary(),
        "losses": found.losses.tolist(),
        "iteration_seconds": found.seconds.tolist(),
        "micro": _numbers(analogies(found.embeddings, google_relations()).micro),
        **{name: _numbers(interval) for name, interval in scored.items()},
    }


def _numbers(interval: Any) -> list[float]:
    return [interval.value, interval.low, interval.high]


def main() -> None:
    """Measure what is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["scalings", "heldout", "measure"])
    parser.add_argument("text", type=Path)
    parser.add_argument("--ridge", type=float, default=0.0)
    parser.add_argument("--iterations", type=int, default=20)
    given = parser.parse_args()
    begin, cpu = time.perf_counter(), time.process_time()
    if given.what == "scalings":
        found = scalings(given.text, iterations=given.iterations)
        for name, losses in found.items():
            print(name, " ".join(f"{loss:.5f}" for loss in losses))
    elif given.what == "heldout":
        found = heldout(given.text, iterations=given.iterations)
        print(found)
    else:
        counts = count(encode(given.text, vocabulary_size=10_000), WINDOW)
        found = measure(counts, 200, given.ridge, given.iterations)
        print(found["summary"], found["micro"])
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    results.setdefault(given.what, {})[given.text.name] = {
        **found,
        "seconds": time.perf_counter() - begin,
        "processor_seconds": time.process_time() - cpu,
        "machine": machine(),
        "versions": versions(),
    }
    write_json(results, RESULTS)


if __name__ == "__main__":
    main()

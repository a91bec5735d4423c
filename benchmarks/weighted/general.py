"""Measure how near rank-1 weights come to the general optimum, on the carried counts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from repsearch import Counts, Unweighted, mstar
from repsearch.data import carried_counts
from repsearch.dynamics.weighted.majorisation import general_loss, general_minimiser
from repsearch.dynamics.weighted.minimiser import power_weights, weighted_minimiser
from repsearch.storage.tables import write_json

WORDS = 500
DIMENSIONS = (5, 20, 50)
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


def first_words(counts: Counts, n: int) -> Counts:
    """Counts of the n most frequent words among one another."""
    end = int(counts.indptr[n])
    return replace(
        counts,
        words=counts.words[:n],
        word_counts=counts.word_counts[:n],
        indptr=counts.indptr[: n + 1],
        columns=counts.columns[:end],
        values=counts.values[:end],
    )


def compare(file: Path) -> None:
    """Losses over the lower bound -1/4 sum G M*²; written to `file`."""
    counts = first_words(carried_counts(), WORDS)
    target = mstar(counts, Unweighted())
    m, g = target.dense(), target.weights(np.arange(WORDS))
    least = 0.25 * float((g * m**2).sum())
    rows: list[dict[str, Any]] = []
    for d in DIMENSIONS:
        shares, starts = {}, {}
        for power in POWERS:
            w = weighted_minimiser(target, power_weights(counts, power), d, dtype="float64")
            starts[power] = w.embeddings().vectors
            shares[f"{power:g}"] = -general_loss(m, g, starts[power]) / least
        best = max(POWERS, key=lambda power: shares[f"{power:g}"])
        found = general_minimiser(m, g, d, start=starts[best], restarts=2, tolerance=1e-6)
        rows.append(
            {
                "d": d,
                "rank_1": shares,
                "best_power": best,
                "general": (-found.restarts / least).tolist(),
                "steps": len(found.losses) - 1,
                "converged": found.converged,
            }
        )
        print(rows[-1], flush=True)
    write_json({"words": WORDS, "rows": rows}, file)

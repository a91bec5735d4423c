"""What unseen pairs do to M*, PPMI and PMI: the same text over fewer words, or less of it.

Two ways to change the share of pairs that were ever seen: fewer words of the same text (the more
frequent ones have met more of each other), and less text (every occurrence of a pair kept with
some probability).
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.trained.closed_forms import CLOSED_FORMS
from benchmarks.trained.paired import ratio
from benchmarks.weighted.general import first_words
from benchmarks.weighted.settings import DIMENSION, PLAIN
from probes import analogies, google_relations
from repsearch import Counts, Target, Window, count, eigenpairs, encode

WORDS = (3_000, 5_000, 10_000)
KEPT = (1.0, 0.25, 0.0625)


def by_density(text: Path) -> dict[str, Any]:
    """Accuracy of each closed form, and its ratio to that of M*, by words and by text kept."""
    counts = count(encode(text, vocabulary_size=max(WORDS)), Window(PLAIN.window))
    settings = [(size, 1.0) for size in WORDS] + [(max(WORDS), kept) for kept in KEPT[1:]]
    return {"rows": [_row(counts, size, kept) for size, kept in settings]}


def _row(counts: Counts, size: int, kept: float) -> dict[str, Any]:
    given = first_words(counts, size)
    if kept < 1:
        given = thinned(given, kept, seed=0)
    relations = google_relations()
    results = {}
    for name, target in CLOSED_FORMS.items():
        made: Target = target(given, dtype="float32")
        results[name] = analogies(eigenpairs(made, DIMENSION).embeddings(), relations)
    row: dict[str, Any] = {"words": size, "kept": kept, "density": given.density}
    for name, result in results.items():
        row[name] = [result.micro.value, result.micro.low, result.micro.high]
        if name != "M*":
            over = ratio(result, results["M*"])
            row[f"{name} over M*"] = [over.value, over.low, over.high]
    print(row, flush=True)
    return row


def thinned(counts: Counts, kept: float, seed: int) -> Counts:
    """Each occurrence of a pair of words kept with a probability, as if less text had been read.

    The weight of a pair's distance is taken for so many occurrences at distance L, so this is
    a little gentler than dropping whole windows.
    """
    rng = np.random.default_rng(seed)
    values = rng.binomial(counts.values, kept)
    seen = values > 0
    before = np.concatenate([[0], np.cumsum(seen)])
    return replace(
        counts,
        word_counts=np.maximum(1, (counts.word_counts * kept).astype(np.int64)),
        indptr=before[counts.indptr],
        columns=counts.columns[seen],
        values=values[seen],
    )

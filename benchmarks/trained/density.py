"""Measure what unseen pairs do to M*, PPMI and PMI, with fewer words or less text.

Two ways to change how many pairs were ever seen: fewer words of the same text (frequent ones have
co-occurred with more of each other), and the first documents of the text only.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.trained.closed_forms import CLOSED_FORMS
from benchmarks.trained.paired import ratio
from benchmarks.weighted.general import first_words
from benchmarks.weighted.settings import DIMENSION, PLAIN, VOCABULARY
from probes import analogies, google_relations
from repsearch import Corpus, Counts, Target, Window, count, eigenpairs, encode

WORDS = (3_000, 5_000, 10_000)
SHARES = (1 / 4, 1 / 16)


def by_density(text: Path) -> dict[str, Any]:
    """Accuracy of each closed form, and its ratio to that of M*, by words and by share of text."""
    corpus = encode(text, vocabulary_size=VOCABULARY)
    whole = count(corpus, Window(PLAIN.window))
    rows = [_row(first_words(whole, size), 1.0) for size in WORDS]
    for share in SHARES:
        rows.append(_row(count(first_documents(corpus, share), Window(PLAIN.window)), share))
    return {"rows": rows}


def _row(counts: Counts, share: float) -> dict[str, Any]:
    relations = google_relations()
    results = {}
    for name, target in CLOSED_FORMS.items():
        made: Target = target(counts, dtype="float32")
        results[name] = analogies(eigenpairs(made, DIMENSION).embeddings(), relations)
    row: dict[str, Any] = {"words": len(counts.words), "text": share, "density": counts.density}
    for name, result in results.items():
        row[name] = [result.micro.value, result.micro.low, result.micro.high]
        if name != "M*":
            over = ratio(result, results["M*"])
            row[f"{name} over M*"] = [over.value, over.low, over.high]
    print(row, flush=True)
    return row


def first_documents(corpus: Corpus, share: float) -> Corpus:
    """The first documents of a corpus, with its vocabulary."""
    offsets = corpus.offsets[: int(share * corpus.n_documents) + 1]
    tokens = corpus.tokens[: offsets[-1]]
    found = np.bincount(tokens[tokens >= 0], minlength=len(corpus.words))
    return replace(corpus, tokens=tokens, offsets=offsets, word_counts=found)

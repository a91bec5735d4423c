"""Measure analogy accuracy of M*, PPMI and PMI, and the speed of scoring."""

from pathlib import Path
from typing import Any

from benchmarks.process import timed
from probes import analogies, compare_analogies, google_relations, similarity, similarity_sets
from repsearch import Counts, eigenpairs, mstar, pmi, shifted_ppmi


def accuracy(path: Path, d: int) -> dict[str, Any]:
    """Re-paired Google analogies and similarity of the three targets."""
    counts = Counts.open(path)
    relations = google_relations()
    found: dict[str, Any] = {}
    results = {}
    for name, make in (("M*", mstar), ("PPMI", shifted_ppmi), ("PMI", pmi)):
        embeddings = eigenpairs(make(counts, dtype="float32"), d).embeddings()
        seconds, score = timed(analogies, embeddings, relations)
        as_paper = analogies(embeddings, relations, unanswerable="wrong")
        results[name] = score
        found[name] = {
            "questions": score.questions,
            "scoring_seconds": seconds,
            "micro": _interval(score.micro),
            "macro": _interval(score.macro),
            "micro_with_unanswerable_as_wrong": _interval(as_paper.micro),
            "similarity": {
                key: _interval(similarity(embeddings, dataset).spearman)
                for key, dataset in similarity_sets().items()
            },
        }
    found["differences"] = {
        f"M* - {name}": _interval(compare_analogies(results["M*"], results[name]))
        for name in ("PPMI", "PMI")
    }
    return found


def _interval(interval: Any) -> list[float]:
    return [interval.value, interval.low, interval.high]

"""Solve M* of the very text that the model is trained on, and date relations in closed form."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from probes import google_relations
from probes.emergence import followed_closed_form, linear_times
from probes.learning.order import START, co_occurrences
from repsearch import Counts, Spectrum, TokenIds, count, eigenpairs, encode, mstar

COLUMNS = 128


def of_text(file: Path) -> dict[str, Any]:
    """When each relation is learned in closed form, and how often its pairs occur together."""
    counts = counted(file)
    spectrum = solved(file, counts)
    followed = followed_closed_form(spectrum, scale=START)
    assert followed.theory is not None
    relations = google_relations()
    found = linear_times(followed.theory, relations, theory=followed.theory, times=followed.times)
    together = co_occurrences(counts, relations.within(followed.final))
    return {
        "words": len(counts.words),
        "tokens": int(counts.word_counts.sum()),
        "columns": COLUMNS,
        "start": START,
        "summary": found.summary(),
        "relations": {
            row["family"]: {**row, "co_occurrences": together[str(row["family"])]}
            for row in found.table()
        },
    }


def counted(file: Path) -> Counts:
    """Counts of the ids in `file`, kept beside it."""
    kept = file.with_suffix(".counts.npz")
    if not kept.exists():
        with np.load(file) as read:
            words, ids = [str(word) for word in read["words"]], read["ids"].astype(np.int32)
        ids[ids >= len(words)] = -1  # the end of a document
        with tempfile.TemporaryDirectory() as scratch:
            np.save(Path(scratch) / "ids.npy", ids)
            vocabulary = Path(scratch) / "words.txt"
            vocabulary.write_text("\n".join(words) + "\n", "utf-8")
            source = TokenIds((Path(scratch) / "ids.npy",), vocabulary)
            corpus = encode(source, Path(scratch) / "corpus", vocabulary_size=None)
            count(corpus).save(kept)
    return Counts.open(kept)


def solved(file: Path, counts: Counts) -> Spectrum:
    """Leading eigenpairs of M* of these counts, kept beside them."""
    kept = file.with_suffix(".spectrum.safetensors")
    if not kept.exists():
        eigenpairs(mstar(counts), COLUMNS).save(kept)
    return Spectrum.open(kept)

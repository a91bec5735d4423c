"""Time text to encoded corpus, and corpus to counts."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import timed
from benchmarks.reference_counting import count_as_reference
from repsearch import Corpus, Window, count, encode


def encoding(text: Path, folder: Path, size: int) -> dict[str, Any]:
    """Words a second from compressed text to a corpus on disk."""
    encode(["warm up the compiled kernels"], vocabulary_size=None)
    seconds, corpus = timed(encode, text, folder, vocabulary_size=size)
    return {
        "words": corpus.n_words_read,
        "seconds": seconds,
        "words_per_second": corpus.n_words_read / seconds,
    }


def counting(folder: Path, repeats: int) -> dict[str, Any]:
    """Tokens a second against the reference's way, in turn, in one process."""
    corpus = Corpus.open(folder)
    n = len(corpus.tokens)
    small = encode(["warm up the compiled kernels " * 9], vocabulary_size=None)
    count_as_reference(small, 2)
    count(small, Window(2))
    runs: dict[str, list[float]] = {"reference": [], "one thread": [], "two threads": []}
    for _ in range(repeats):
        seconds, _ = timed(count_as_reference, corpus, 16)
        runs["reference"].append(seconds)
        for name, threads in (("one thread", 1), ("two threads", 2)):
            seconds, counts = timed(count, corpus, threads=threads)
            runs[name].append(seconds)
    medians = {name: float(np.median(seconds)) for name, seconds in runs.items()}
    return {
        "tokens": n,
        "pairs": len(counts.values),
        "seconds": runs,
        "tokens_per_second": {name: n / seconds for name, seconds in medians.items()},
        "ratio_one_thread": medians["reference"] / medians["one thread"],
        "ratio_two_threads": medians["reference"] / medians["two threads"],
    }


def counts_file(folder: Path, path: Path) -> dict[str, Any]:
    """Count a corpus and save the counts."""
    corpus = Corpus.open(folder)
    seconds, counts = timed(count, corpus, scratch=path.parent)
    saving, _ = timed(counts.save, path)
    return {
        "words": len(corpus.words),
        "tokens": len(corpus.tokens),
        "pairs": len(counts.values),
        "density": counts.density,
        "seconds": seconds,
        "saving_seconds": saving,
        "file_gib": path.stat().st_size / 2**30,
    }

"""Time the neighbours of all words by a graph and by all cosines, and say what the graph misses.

``python -m benchmarks.neighbours [FILE | WORDS D]``: embeddings of a file, or made ones: words in
clusters, on 20 directions that matter and others that do not (seed 0). All cosines are timed on
2,000 words and scaled up.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from repsearch import Embeddings
from repsearch.embeddings import NeighbourIndex
from repsearch.embeddings.neighbours import nearest_others, unit_rows

_TIMED = 2000


def made(words: int, d: int) -> Embeddings:
    """Words on 20 directions of d, and noise."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((words, 20), dtype=np.float32) @ rng.standard_normal(
        (20, d), dtype=np.float32
    )
    vectors += 0.5 * rng.standard_normal((words, d), dtype=np.float32)
    return Embeddings([f"w{k}" for k in range(words)], vectors)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    if len(arguments) == 1:
        embeddings = Embeddings.open(arguments[0])
    else:
        words, d = (int(one) for one in arguments) if arguments else (100_000, 100)
        embeddings = made(words, d)
    clock = time.process_time  # of all threads, whoever else is at work
    began = clock()
    index = NeighbourIndex(embeddings)
    print(f"{embeddings!r}\ngraph: {clock() - began:.1f} s of processor time")
    began = clock()
    index.of_words(np.flatnonzero(embeddings.has_direction), 10)
    print(f"ten nearest of all by the graph: {clock() - began:.1f} s of processor time")
    units = unit_rows(np.asarray(embeddings.vectors, dtype=np.float32))
    began = clock()
    for first in range(0, min(_TIMED, len(units)), 500):
        nearest_others(units, np.arange(first, first + 500), 10)
    scale = len(units) / min(_TIMED, len(units))
    print(f"by all cosines, scaled up: {(clock() - began) * scale:.1f} s")
    print(f"of the ten nearest of 1,000 words the graph has {index.recall().share:.2%}")


if __name__ == "__main__":
    main(sys.argv[1:])

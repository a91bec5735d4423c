"""Measure counting on 1, 2, 4, ... threads, and what limits it: serial parts or the memory.

python -m benchmarks.threads               a synthetic text, at most a minute; prints a table
python -m benchmarks.threads FILE.json     also writes the figures
"""

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numba
import numpy as np

from repsearch import Corpus, count, encode
from repsearch.counts import counting, row_store
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

WORDS, TOKENS, SEED = 10_000, 20_000_000, 0
DOCUMENTS = 8_000


def main() -> None:
    """Measure, print and write."""
    threads = [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= (os.cpu_count() or 1)]
    corpus = zipf_corpus()
    count(encode(["warm up the compiled kernels " * 9], vocabulary_size=None), threads=2)
    triad(1)
    rows = [measured(corpus, n) for n in threads]
    found = {
        "machine": machine(),
        "versions": versions(),
        "text": {"words": WORDS, "tokens": TOKENS, "documents": DOCUMENTS, "seed": SEED},
        "threads": rows,
        "limit": limit(rows),
    }
    print("threads  tokens/s  speed-up  processors busy  serial  triad GB/s  page faults")
    for row in rows:
        print(
            f"{row['threads']:7} {row['tokens_per_second'] / 1e6:7.1f} M {row['speed_up']:9.2f} "
            f"{row['processors_busy']:16.2f} {row['serial_share']:7.1%} "
            f"{row['triad_gb_per_second']:11.1f} {row['page_faults']:12,}"
        )
    print(found["limit"])
    if sys.argv[1:]:
        write_json(found, Path(sys.argv[1]))


def zipf_corpus() -> Corpus:
    """A text in which word k stands with probability proportional to 1 / (k + 2.7)."""
    rng = np.random.default_rng(SEED)
    share = 1 / (np.arange(WORDS) + 2.7)
    edges = np.cumsum(share / share.sum())
    tokens = np.searchsorted(edges, rng.random(TOKENS)).astype(np.int32)
    np.minimum(tokens, WORDS - 1, out=tokens)
    numbers = np.bincount(tokens, minlength=WORDS)
    order = np.argsort(-numbers, kind="stable")
    rank = np.empty(WORDS, np.int32)
    rank[order] = np.arange(WORDS, dtype=np.int32)
    few = encode(["a"], vocabulary_size=None)
    return type(few)(
        **{name: getattr(few, name) for name in few.__dataclass_fields__}
        | {
            "words": tuple(f"w{k}" for k in range(WORDS)),
            "word_counts": numbers[order],
            "tokens": rank[tokens],
            "offsets": np.linspace(0, TOKENS, DOCUMENTS + 1).astype(np.int64),
            "n_words_read": TOKENS,
        }
    )


def measured(corpus: Corpus, threads: int) -> dict[str, Any]:
    """The faster of two runs, and the memory's bandwidth on as many threads."""
    best: dict[str, Any] = {}
    for _ in range(2):
        with alone() as serial:
            faults, begin, used = _faults(), time.perf_counter(), time.process_time()
            count(corpus, threads=threads)
            seconds = time.perf_counter() - begin
        if not best or seconds < best["seconds"]:
            best = {
                "threads": threads,
                "seconds": seconds,
                "tokens_per_second": len(corpus.tokens) / seconds,
                "processors_busy": (time.process_time() - used) / seconds,
                "serial_seconds": serial["seconds"],
                "serial_share": serial["seconds"] / seconds,
                "page_faults": _faults() - faults,
            }
    best["processor_seconds"] = best["processors_busy"] * best["seconds"]
    best["triad_gb_per_second"] = triad(threads)
    return best


@contextmanager
def alone() -> Iterator[dict[str, float]]:
    """Add up the time in which the main thread works and no other has anything to do."""
    total = {"seconds": 0.0}
    kept: list[tuple[Any, str, Any]] = []

    def note(owner: Any, name: str, *, beside: str = "") -> None:
        plain = getattr(owner, name)

        def timed(*given: Any, **how: Any) -> Any:
            # Time on a processor of this thread: while it waits, others work.
            begin = time.thread_time()
            result = plain(*given, **how)
            total["seconds"] += time.thread_time() - begin
            return result

        kept.append((owner, name, plain))
        setattr(owner, name, timed)

    note(counting.TokenCheck, "read_to")
    note(counting.TokenCheck, "finish")
    note(row_store.RowStore, "append")
    note(row_store.RowStore, "finish")
    note(counting, "Counts")
    try:
        yield total
    finally:
        for owner, name, plain in kept:
            setattr(owner, name, plain)


@numba.njit(nogil=True)
def _triad(a: Any, b: Any, c: Any, factor: float) -> None:
    for k in range(len(a)):
        a[k] = b[k] + factor * c[k]


def triad(threads: int) -> float:
    """Gigabytes a second of a = b + s c over arrays that no cache holds (STREAM, McCalpin)."""
    size = (1 << 24) // threads
    arrays = [tuple(np.ones(size) for _ in range(3)) for _ in range(threads)]
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(4):
            begin = time.perf_counter()
            list(pool.map(lambda abc: _triad(*abc, 3.0), arrays))
            best = max(best, 24 * size * threads / (time.perf_counter() - begin) / 1e9)
    return best


def limit(rows: list[dict[str, Any]]) -> str:
    """Say in words what keeps the most threads from being that many times as fast as one."""
    for row in rows:
        row["speed_up"] = row["tokens_per_second"] / rows[0]["tokens_per_second"]
    one, most = rows[0], rows[-1]
    dearer = most["processor_seconds"] / one["processor_seconds"]
    waiting = 1 - most["processors_busy"] / most["threads"]
    return (
        f"On {most['threads']} threads counting is {most['speed_up']:.1f} times as fast as on one. "
        f"Threads are idle {waiting:.0%} of the time (the main thread works alone for "
        f"{most['serial_share']:.0%}), and the work takes {dearer:.2f} times the processor time: "
        "caches, bandwidth and pages that are shared. "
        f"The triad is {most['triad_gb_per_second'] / one['triad_gb_per_second']:.1f} times as "
        "fast as on one."
    )


def _faults() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


if __name__ == "__main__":
    main()

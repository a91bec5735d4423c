"""Measure counting in shards on two local Dask workers against one process with two threads.

python -m benchmarks.sharded [--shards 200] [--folder FOLDER] [--write]

The text of REPSEARCH_TEXT (`benchmarks.corpora`) is cut by documents into files of equal size in
FOLDER (the system's temporary folder by default, never the repository). Both ways read these
files and write a counts file, each in a process of its own: 10,000 words, window 16. A third run
has one of the workers killed with SIGKILL when half of the tokens are counted. The three files
have to be the same, byte by byte. --write puts the figures into benchmarks/sharded.json.

What is to be expected, worked out before it was measured, from the rates in docs/benchmarks.md.
One process needs 1 / 7.3 us a word to read (two threads, one of which waits for the other) and
1 / 37 us to count. Two workers read and count as much each second at best, and somewhat more
where the reading of one process leaves a core idle. On top of it come, for n words and s shards
with p pairs each, on two cores:

    workers that start          3 s, once
    renumbering again           n * 10 ns / 2
    checksums of tokens         n * 4 bytes, twice in workers and once here, at 0.5 GB/s each
    counts of shards            s * p pairs, written, read and added at 25 ns / 2
    files that are safe on disk s * 8 * 5 ms / 2

With 64.9 M words in 50 shards of 3 M pairs (25 larger ones by now): 3 + 0.3 + 0.8 + 1.9 + 1 = 7 s
besides 10.6 s or a little less for the work itself; so 0.7 of the throughput of one process at
65 M words with the start, 0.85 without it, and 0.9 from half a billion words on, where shards are
of 64 MiB.

The first measurement was far from that: 15 times the processor time of one process. Opening counts
files takes 200 ns a pair, and opening the words of a shard longer than counting it; neither was in
the list. Since then shards are kept as plain arrays, and are larger.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import resource
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY, large_text
from benchmarks.process import in_process
from repsearch.storage.atomic import sha256
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "sharded.json"


def cut(text: Path, folder: Path, number: int) -> list[Path]:
    """Cut a text of a document a line into files of about equal size; those there are kept."""
    done = folder / "cut.json"
    asked = {"text": text.name, "bytes": text.stat().st_size, "number": number}
    if done.exists() and json.loads(done.read_text()) == asked:
        return sorted(folder.glob("part-*.txt"))
    folder.mkdir(parents=True, exist_ok=True)
    opening = lzma.open if text.suffix == ".xz" else open
    with opening(text, "rb") as stream:
        size = sum(len(line) for line in stream)
    with opening(text, "rb") as stream:
        part, written, total = 0, 0, 0
        file = (folder / "part-000.txt").open("wb")
        for line in stream:
            if total >= size * (part + 1) / number:
                file.close()
                part, written = part + 1, 0
                file = (folder / f"part-{part:03}.txt").open("wb")
            file.write(line)
            written += len(line)
            total += len(line)
        file.close()
    done.write_text(json.dumps(asked))
    return sorted(folder.glob("part-*.txt"))


class Stages:
    """Note when each stage begins and ends."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.ends: dict[str, float] = {}

    def __call__(self, stage: str, done: float, total: float | None, unit: str) -> None:
        """Take progress."""
        self.ends[stage.partition(" | ")[0]] = time.perf_counter() - self.began


def one_process(files: list[Path], out: Path) -> dict[str, Any]:
    """One process with two threads, from the files to the counts file."""
    import repsearch as rs

    _warm()
    stages, begin = Stages(), time.perf_counter()
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        corpus = rs.encode(rs.TextFiles(tuple(files)), Path(folder) / "corpus", progress=stages)
        counts = rs.count(corpus, threads=2, progress=stages)
    counts.save(out)
    return _measured(begin, stages) | {"words_read": counts.n_words_read}


def two_workers(files: list[Path], out: Path, *, kill: bool = False) -> dict[str, Any]:
    """Two local workers, from the files to the counts file."""
    from repsearch.shards import count_in_shards

    _warm()
    stages, begin = Stages(), time.perf_counter()
    killed: list[int] = []

    def progress(stage: str, done: float, total: float | None, unit: str) -> None:
        stages(stage, done, total, unit)
        if kill and not killed and stage == "counting" and total and done > total / 2:
            killed.append(_a_worker())
            os.kill(killed[0], signal.SIGKILL)

    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        found = count_in_shards(files, Path(folder) / "shards", processes=2, progress=progress)
        found.counts.save(out)
    assert not kill or killed
    return _measured(begin, stages) | {
        "words_read": found.counts.n_words_read,
        "files": found.n_files,
        "shards": found.n_shards,
        "workers_killed": len(killed),
    }


def _warm() -> None:
    """Compile or load the kernels."""
    import repsearch as rs

    rs.count(rs.encode(["a b"], vocabulary_size=None))


def _measured(begin: float, stages: Stages) -> dict[str, Any]:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "seconds": time.perf_counter() - begin,
        "processor_seconds": sum(u.ru_utime + u.ru_stime for u in (own, children)),
        "stage_ended_at": stages.ends,
    }


def _a_worker() -> int:
    """The process of a worker: a child of this one that has begun by spawning."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == os.getpid() and b"spawn_main" in command:
                return int(entry.name)
    raise RuntimeError("no worker among the processes")


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shards", type=int, default=200, help="files the text is cut into")
    parser.add_argument("--folder", type=Path, help="folder for them, outside the repository")
    parser.add_argument("--write", action="store_true", help="write benchmarks/sharded.json")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.gettempdir()) / "repsearch-sharded"
    text = large_text()
    files = cut(text, folder / f"{text.name}-{asked.shards}", asked.shards)
    found: dict[str, Any] = {
        "text": text.name,
        "files": len(files),
        "machine": machine(),
        "versions": versions(),
        "load_before": os.getloadavg(),
    }
    outs = {name: folder / f"{name}.npz" for name in ("one", "two", "killed")}
    found["one_process"] = in_process(one_process, files, outs["one"])
    found["two_workers"] = in_process(two_workers, files, outs["two"])
    found["one_killed"] = in_process(killed, files, outs["killed"])
    found["load_after"] = os.getloadavg()
    found["sha256"] = {name: sha256(out) for name, out in outs.items()}
    one, two = found["one_process"], found["two_workers"]
    start = two["stage_ended_at"]["finding workers"]
    found["throughput_ratio"] = one["seconds"] / two["seconds"]
    found["throughput_ratio_without_start"] = one["seconds"] / (two["seconds"] - start)
    found["processor_ratio"] = one["processor_seconds"] / two["processor_seconds"]
    print(json.dumps(found, indent=1))
    assert len(set(found["sha256"].values())) == 1, "the counts files differ"
    if asked.write:
        write_json(found, RESULTS)


def killed(files: list[Path], out: Path) -> dict[str, Any]:
    """Two local workers, one of which is killed."""
    return two_workers(files, out, kill=True)


if __name__ == "__main__":
    main()

"""Change the numerical core in small ways, one at a time, and see whether its tests fail."""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.reliability.mutation import Mutant, mutants_of
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "reliability" / "mutants.json"
EXPLAINED = REPOSITORY / "benchmarks" / "reliability" / "survivors.json"

CORE: dict[str, tuple[str, str]] = {
    "counts": (
        "repsearch/counts/{counting,merging,row_store,stretch,window}.py "
        "repsearch/kernels/{counting,windows}.py",
        "tests/repsearch/counts tests/repsearch/training/test_streamed.py",
    ),
    "target": (
        "repsearch/target/*.py",
        "tests/repsearch/target tests/repsearch/dynamics/test_weighted_solutions.py",
    ),
    "eigensolver": (
        "repsearch/spectrum/{block_lanczos,eigensolver,shrinkage,vectors}.py "
        "repsearch/kernels/{symmetric,symmetric_block}.py",
        "tests/repsearch/spectrum tests/repsearch/kernels/test_symmetric_block.py",
    ),
    "dynamics": (
        "repsearch/dynamics/{effective_start,flow,learning_times,loss,rotation,trajectory}.py "
        "repsearch/dynamics/{closed_form,clock,untied,weighted}/*.py",
        "tests/repsearch/dynamics tests/properties/test_{flow,untied,weighted,clock}.py",
    ),
    "gradients": (
        "repsearch/training/objectives/{losses,from_batch,tiled_full_batch,quartic_full_batch}.py "
        "repsearch/training/objectives/{sampled_pairs,streamed_pairs}.py "
        "repsearch/training/terms/*.py repsearch/kernels/sparse_block.py",
        "tests/repsearch/training/test_{full_batch,fused,sampled,streamed}.py "
        "tests/properties/test_losses.py",
    ),
    "random matrices": (
        "probes/random_matrix/{fit,goodness_of_fit,gram}.py "
        "probes/random_matrix/{laws,noise,spikes}/*.py",
        "tests/probes/random_matrix tests/properties/test_random_matrices.py",
    ),
    "scoring": (
        "probes/analogy/{difference,pair_bootstrap,scoring,search}.py",
        "tests/probes/analogy",
    ),
    "coherence": (
        "probes/topics/coherence/{measures,occurrences,scoring}.py",
        "tests/probes/topics/test_coherence.py",
    ),
}
"""Parts of the core: the files that are changed, and the tests that belong to them."""

_PATIENCE = 5  # times as long as the unchanged tests take, and a minute


def main(arguments: list[str]) -> None:
    """Change the code, run the tests, write what survived.

    Parameters
    ----------
    arguments : list of str
        Words of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability mutants")
    parser.add_argument("--number", type=int, default=20, help="of mutants in each part")
    parser.add_argument("--part", choices=CORE, action="append", help="one part only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--survivors", action="store_true", help="try those again that survived, with new tests"
    )
    asked = parser.parse_args(arguments)
    parts = asked.part or list(CORE)
    for part in parts:
        rows = _stored(part, asked.number, asked.seed) if asked.survivors else []
        killed = {_change(row): row for row in rows if row["end"] != "survived"}
        mutants = drawn(part, asked.number, asked.seed)
        found = [
            {"part": part, "path": str(mutant.path), "line": mutant.line, "end": ""}
            | {"before": mutant.before, "after": mutant.after}
            for mutant in mutants
        ]
        todo = [k for k, row in enumerate(found) if _change(row) not in killed]
        limit = _unchanged(part) * _PATIENCE + 60 if todo else 0.0
        with ProcessPoolExecutor(asked.processes) as pool:
            ends = pool.map(_tried, [(part, mutants[k]) for k in todo], [limit] * len(todo))
            for k, end in zip(todo, ends, strict=True):
                print(f"{end:9} {part}: {mutants[k]}", flush=True)
                found[k]["end"] = end
        found = [killed.get(_change(row), row) for row in found]
        _store(found, asked.number, asked.seed)


def _change(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["path"], row["before"], row["after"]


def _stored(part: str, number: int, seed: int) -> list[dict[str, Any]]:
    """Read what became of mutants that were drawn in the same way; nothing of others."""
    with suppress(FileNotFoundError):
        stored = json.loads(RESULTS.read_text("utf-8"))
        if (stored["number"], stored["seed"]) == (number, seed):
            return [row for row in stored["mutants"] if row["part"] == part]
    return []


def _store(found: list[dict[str, Any]], number: int, seed: int) -> None:
    """Write what became of the mutants of one part, beside the parts drawn in the same way."""
    parts = {part: _stored(part, number, seed) for part in CORE} | {found[0]["part"]: found}
    write_json(
        {"machine": machine(), "versions": versions(), "seed": seed, "number": number}
        | {"mutants": [row for rows in parts.values() for row in rows]},
        RESULTS,
    )


def drawn(part: str, number: int, seed: int) -> list[Mutant]:
    """Draw mutants of one part of the core.

    Parameters
    ----------
    part : str
        Name of the part, of `CORE`.
    number : int
        How many are drawn, or all where there are fewer.
    seed : int
        Seed of the draw.

    Returns
    -------
    list of Mutant
        In the order of the files.
    """
    every = []
    for path in _files(CORE[part][0]):
        every += mutants_of(path, (REPOSITORY / path).read_text("utf-8"))
    chosen = random.Random(f"{part} {seed}").sample(range(len(every)), min(number, len(every)))
    return [every[k] for k in sorted(chosen)]


def explained() -> dict[str, str]:
    """Read why survivors are no fault of the tests, by their text.

    Returns
    -------
    dict of str to str
        From ``"path: before -> after"`` to the reason.
    """
    stored: dict[str, str] = json.loads(EXPLAINED.read_text("utf-8"))
    return stored


def _files(patterns: str) -> list[Path]:
    """Find files by patterns with braces and stars, relative to the repository."""
    found = []
    for pattern in patterns.split():
        head, brace, rest = pattern.partition("{")
        names, _, tail = rest.partition("}")
        for each in [head + name + tail for name in names.split(",")] if brace else [pattern]:
            found += sorted(REPOSITORY.glob(each))
    return [path.relative_to(REPOSITORY) for path in found if path.name != "__init__.py"]


def _unchanged(part: str) -> float:
    """Time the tests of a part on the code as it is; they must pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        began = time.monotonic()
        if (end := _run(copy, part, None, kernels=False)) != "survived":
            raise SystemExit(f"the tests of {part!r} do not pass on the code as it is: {end}")
        return time.monotonic() - began


def _tried(drawn: tuple[str, Mutant], limit: float) -> str:
    """Run the tests of a part on a changed copy of the code."""
    part, mutant = drawn
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        (copy / mutant.path).write_text(mutant.source, "utf-8")
        kernels = mutant.path.parts[1] == "kernels"
        return _run(copy, part, limit, kernels=kernels)


def _copied(folder: Path) -> Path:
    """Copy what is under version control, and what is new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout.decode()
    copy = folder / "copy"
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
    return copy


def _run(copy: Path, part: str, limit: float | None, *, kernels: bool) -> str:
    """Run tests in a fork: "killed" when one fails, "hung" past the limit, "survived" else."""
    # Imported once, before the fork: what is slow to import and is not changed.
    for name in ("numpy", "scipy.stats", "numba", "torch", "sklearn"):
        importlib.import_module(name)
    child = os.fork()
    if not child:
        os._exit(_in_child(copy, part, kernels=kernels))
    until = None if limit is None else time.monotonic() + limit
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "survived" if status == 0 else "killed"
        if until is not None and time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hung"
        time.sleep(0.1)


def _in_child(copy: Path, part: str, *, kernels: bool) -> int:
    import pytest

    os.setpgid(0, 0)
    os.chdir(copy)
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    sys.path[:] = [str(copy), *(place for place in sys.path if place not in ("", str(REPOSITORY)))]
    os.environ["PYTHONPATH"] = str(copy)
    if kernels:
        # Compiled callers are kept by their own file, and would keep the old kernel.
        os.environ["NUMBA_CACHE_DIR"] = str(copy / "compiled")
        from numba.core import config

        config.reload_config()
    tests = [str(path) for path in _files(CORE[part][1])]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return int(pytest.main([*options, *tests]))


_OURS = ("repsearch", "probes", "benchmarks")

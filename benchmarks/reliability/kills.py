"""Kill every long command at random moments, and look at what it leaves."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.reliability.small_inputs import counts_of_text, write_questions, write_text
from probes.studies.verification import verify
from repsearch.errors import InputError
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "reliability" / "kills.json"

# Words of each command; its outputs are below OUT, its inputs beside it.
COMMANDS: dict[str, str] = {
    "count": "count text.txt -V 300 -L 8 --out OUT/counts.npz",
    "count --corpus": "count text.txt -V 300 -L 8 --out OUT/counts.npz --corpus OUT/corpus",
    "run": "run text.txt -V 300 -L 8 -d 12 --out OUT/run",
    "solve": "solve counts.npz -d 12 --times 0.01:10:6 --out OUT/spectrum.safetensors "
    "--embeddings OUT/emb.npz",
    "predict": "predict counts.npz -d 12 --out OUT/prediction",
    "train": "train counts.npz -d 6 --modes 4 --rows 60 --snapshots 8 --out OUT/train",
    "compare": "compare trained --counts counts.npz --modes 3 --out OUT/comparison",
    "evaluate": "evaluate emb.vec --relations pairs.tsv --similarity alike.tsv --out OUT/scores",
    "probe concepts": "probe concepts spectrum.safetensors --relations pairs.tsv --out OUT/found",
    "topics": "topics spectrum.safetensors --counts counts.npz --out OUT/topics",
    "demo": "demo -d 20 --out OUT/demo",
}
_PROGRAM = "import repsearch.cli as c; print('begun', flush=True); c.main()"


def main(arguments: list[str]) -> None:
    """Kill, look, and write down what was found.

    Parameters
    ----------
    arguments : list of str
        Words of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability kills")
    parser.add_argument("--number", type=int, default=50, help="of kills of each command")
    parser.add_argument("--command", choices=COMMANDS, action="append", help="one command only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of figures to write")
    asked = parser.parse_args(arguments)
    about = {"machine": machine(), "versions": versions(), "seed": asked.seed}
    found = {}
    with tempfile.TemporaryDirectory() as name:
        inputs = Path(name)
        make_inputs(inputs)
        for command in asked.command or COMMANDS:
            found[command] = one = kill(command, inputs, asked.number, asked.seed)
            print(
                f"{command}: {one['kills']} kills, {len(one['half_written'])} half-written, "
                f"{len(one['left_behind'])} left behind",
                flush=True,
            )
            write_json(about | {"number": asked.number, "commands": found}, asked.results)


def make_inputs(folder: Path) -> None:
    """Make the inputs of all commands.

    Parameters
    ----------
    folder : Path
        Folder that gets them.
    """
    write_text(folder / "text.txt")
    write_questions(folder / "pairs.tsv", folder / "alike.tsv")
    counts_of_text(folder / "text.txt").save(folder / "counts.npz")
    for words in (
        "solve counts.npz -d 12 --out spectrum.safetensors --embeddings emb.vec",
        "train counts.npz -d 6 --modes 3 --rows 20 --snapshots 5 --out trained",
    ):
        _whole_life(words.split(), folder, folder)


def kill(command: str, inputs: Path, number: int, seed: int) -> dict[str, Any]:
    """Kill one command so often, in one folder, then let it end.

    Parameters
    ----------
    command : str
        Name of the command, of `COMMANDS`.
    inputs : Path
        Folder of `make_inputs`.
    number : int
        How often.
    seed : int
        Seed of the moments.

    Returns
    -------
    dict
        ``kills``, ``seconds`` that an undisturbed one works, ``half_written`` (what was not
        whole after a kill), ``left_behind`` (files that an undisturbed one does not leave).
    """
    rng = random.Random(f"{seed} {command}")
    work = inputs / "work"
    out, scratch = work / "out", work / "tmp"
    words = COMMANDS[command].replace("OUT", str(out)).split()
    _empty(out, scratch)
    _whole_life(words, inputs, scratch)  # compiles what is compiled once
    _empty(out, scratch)
    seconds = _whole_life(words, inputs, scratch)
    undisturbed = _names(out) | _names(scratch)
    _empty(out, scratch)
    half_written: list[str] = []
    kills = 0
    for _ in range(4 * number):
        if kills == number:
            break
        if not _killed(_again(words, out), inputs, scratch, rng.uniform(0, seconds)):
            _empty(out, scratch)
            continue
        kills += 1
        half_written += half_written_in(out)
    _whole_life(_again(words, out), inputs, scratch)
    left = sorted((_names(out) | _names(scratch)) - undisturbed)
    if command == "train":  # states are numbered by commits, of which kills make more
        left = [name for name in left if not name.endswith(".safetensors")]
    half_written += half_written_in(out)
    shutil.rmtree(work)
    return {
        "kills": kills,
        "seconds": seconds,
        "half_written": half_written,
        "left_behind": left,
    }


def half_written_in(out: Path) -> list[str]:
    """Find outputs that are not whole under their final names.

    Parameters
    ----------
    out : Path
        Folder of outputs, perhaps with folders in it.

    Returns
    -------
    list of str
        What is wrong with each.
    """
    found = []
    for path in sorted(out.rglob("*")):
        relative = path.relative_to(out)
        if any(part.startswith(".") for part in relative.parts):
            continue  # not their final names
        if path.name in ("run.json", "manifest.json", "corpus.json") and path.is_file():
            found += [str(one) for one in verify(path.parent) if one.fault is not None]
        elif path.is_file() and (fault := _fault(path)):
            found.append(f"{relative}: {fault}")
    return found


def _fault(path: Path) -> str | None:
    """What is wrong with a single file; None for those that their folder's manifest names."""
    ends: dict[str, bytes] = {
        ".png": b"IEND\xaeB`\x82", ".pdf": b"%%EOF\n", ".svg": b"</svg>\n", ".html": b"</html>\n",
        ".csv": b"\n",
    }  # fmt: skip
    reads: dict[str, Callable[[str], Any]] = {".json": json.loads, ".toml": tomllib.loads}
    try:
        if path.suffix in (".npz", ".safetensors") and not (path.parent / "manifest.json").exists():
            return next((one.fault for one in verify(path) if one.fault), None)
        content = path.read_bytes()
        if not content.endswith(ends.get(path.suffix, b"")):
            return "its end is missing"
        if path.suffix in reads:
            reads[path.suffix](content.decode())
    except (InputError, ValueError) as error:
        return str(error)
    return None


def _again(words: list[str], out: Path) -> list[str]:
    """The same command, to go on where there is a training run already."""
    return [*words, "--resume"] if (out / "train" / "manifest.json").exists() else words


def _begin(words: list[str], inputs: Path, scratch: Path) -> subprocess.Popen[str]:
    """Start a command and wait until it is imported."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _PROGRAM, *words],
        cwd=inputs,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def _whole_life(words: list[str], inputs: Path, scratch: Path) -> float:
    """Seconds that a command works."""
    process = _begin(words, inputs, scratch)
    began = time.monotonic()
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    if process.wait() != 0:
        raise RuntimeError(f"'repsearch {' '.join(words)}' ended with {process.returncode}")
    return time.monotonic() - began


def _killed(words: list[str], inputs: Path, scratch: Path, after: float) -> bool:
    """Whether the command was killed, so many seconds after it was imported."""
    process = _begin(words, inputs, scratch)
    time.sleep(after)
    process.kill()
    assert process.stdout is not None
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def _names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _empty(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

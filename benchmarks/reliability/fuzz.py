"""Read damaged files of every format: success or a clear refusal, and nothing else.

Every case is a valid file, damaged from a seed, read in a process of its own limits. A finding is
an exception that is no `InputError`, a reader that takes more than 10 s, and a process that dies
or asks for more memory than it may have; its seed and its input are kept.

    python -m benchmarks.reliability fuzz --minutes 30
    python -m benchmarks.reliability fuzz --reader "spectrum" --seed 17    one case again
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from benchmarks.reliability.readers import READERS, Reader
from repsearch.errors import InputError
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

SECONDS = 10
MEMORY = 2 << 30
"""Bytes beyond what the process has when it begins."""

_FIGURES = Path(__file__).with_suffix(".json")
_BATCH = 10.0


class SlowError(Exception):
    """A reader took too long."""


def outcome(reader: Reader, valid: Path, case: Path, seed: int) -> str:
    """Damage a copy of a valid file and read it.

    Parameters
    ----------
    reader : Reader
        What is read.
    valid : Path
        Its valid file or folder.
    case : Path
        Where the damaged copy goes; what is there is removed.
    seed : int
        Of the damage.

    Returns
    -------
    str
        ``"read"``, ``"refused"``, or the traceback of a finding.
    """
    if case.exists():
        shutil.rmtree(case)
    case.mkdir(parents=True)
    path = case / valid.name
    if valid.is_dir():
        shutil.copytree(valid, path)
    else:
        shutil.copy(valid, path)
    reader.damage(path, Random(f"{reader.name} {seed}"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader.read(path)
        except InputError as error:
            if len(str(error)) > 2000 or "\n" in str(error):
                return f"an odd message: {str(error)[:3000]}"
            return "refused"
        except Exception:
            return traceback.format_exc()
    return "read"


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise SlowError(f"more than {SECONDS} s")


def work(reader: Reader, first: int, seconds: float, folder: Path) -> None:
    """Run cases one after the other; tell of each on a line, so that the last is known."""
    valid = reader.make(folder / "valid")
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for kind in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(kind, _too_slow)
    end, seed = time.process_time() + seconds, first
    while time.process_time() < end:
        print(json.dumps({"begun": seed}), flush=True)
        # Of processor time, for other work may go on; by the clock where it waits for ever.
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(6 * SECONDS)
        found = outcome(reader, valid, folder / "case", seed)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        print(json.dumps({"seed": seed, "found": found}), flush=True)
        seed += 1


def _batch(reader: Reader, first: int, seconds: float, kept: Path) -> dict[str, Any]:
    """Cases of one reader in a process, and what came of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "valid").mkdir()
        command = [sys.executable, "-m", "benchmarks.reliability.fuzz", "--work", name]
        command += ["--reader", reader.name, "--seed", str(first), "--minutes", str(seconds / 60)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        counted = {"read": 0, "refused": 0}
        findings: list[dict[str, Any]] = []
        begun = first
        for line in done.stdout.splitlines():
            told = json.loads(line)
            begun = told.get("begun", begun)
            if "found" not in told:
                continue
            if told["found"] in counted:
                counted[told["found"]] += 1
            else:
                findings.append({"seed": told["seed"], "what": told["found"]})
        if done.returncode:
            what = f"the process ended with {done.returncode}: {done.stderr[-2000:]}"
            findings.append({"seed": begun, "what": what})
        for finding in findings:
            again, place = folder / "again", kept / f"{reader.name} {finding['seed']}"
            valid = next(iter((folder / "valid").iterdir()), None)
            if valid is None:
                continue
            again.mkdir(exist_ok=True)
            path = again / valid.name
            if valid.is_dir():
                shutil.copytree(valid, path, dirs_exist_ok=True)
            else:
                shutil.copy(valid, path)
            reader.damage(path, Random(f"{reader.name} {finding['seed']}"))
            shutil.copytree(again, place, dirs_exist_ok=True)
            shutil.rmtree(again)
        return {"next": begun + 1, **counted, "findings": findings}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="CPU time of all readers")
    parser.add_argument("--reader", help="the share of one reader only")
    parser.add_argument("--seed", type=int, default=0, help="of the first case")
    parser.add_argument("--kept", type=Path, default=Path("fuzz-findings"), help="for findings")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    readers = [one for one in READERS if given.reader in (None, one.name)]
    if not readers:
        parser.error(f"no such reader; there are {', '.join(one.name for one in READERS)}")
    if given.work is not None:
        work(readers[0], given.seed, given.minutes * 60, given.work)
        return
    totals: dict[str, dict[str, Any]] = {
        one.name: {"next": given.seed, "read": 0, "refused": 0, "findings": []} for one in readers
    }
    share = given.minutes * 60 / len(READERS)
    for reader in readers:
        total, left = totals[reader.name], share
        while left > 0:
            found = _batch(reader, total["next"], min(left, max(_BATCH, share / 3)), given.kept)
            left -= max(_BATCH, share / 3)
            total["next"] = found["next"]
            for key in ("read", "refused", "findings"):
                total[key] += found[key]
            if len(total["findings"]) > 20:
                break
        print(
            f"{reader.name}: {total['read']:,} read, {total['refused']:,} refused, "
            f"{len(total['findings'])} findings",
            flush=True,
        )
        for finding in total["findings"][:5]:
            print(f"  seed {finding['seed']}: {finding['what'].strip().splitlines()[-1]}")
    rows = {
        name: {
            "cases": total["read"] + total["refused"] + len(total["findings"]),
            "read": total["read"],
            "refused": total["refused"],
            "findings": len(total["findings"]),
        }
        for name, total in totals.items()
    }
    about = {"minutes": given.minutes, "seed": given.seed}
    stored = json.loads(_FIGURES.read_text("utf-8")) if _FIGURES.exists() else {}
    if given.reader is None:
        write_json(
            {"machine": machine(), "versions": versions(), **about, "readers": rows}, _FIGURES
        )
    elif about.items() <= stored.items():  # the same share of the same time
        write_json(stored | {"readers": stored["readers"] | rows}, _FIGURES)
    sys.exit(1 if any(total["findings"] for total in totals.values()) else 0)


if __name__ == "__main__":
    main()

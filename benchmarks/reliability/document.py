"""Write docs/reliability.md from what the other stages found."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.reliability import mutants
from benchmarks.reliability.fault_classes import CLASSES, FaultClass

DOCUMENT = REPOSITORY / "docs" / "reliability.md"

Row = dict[str, Any]

_INTRODUCTION = """\
# Reliability: what was tried to make it go wrong

Written by `python -m benchmarks.reliability document` from the JSON files beside it; nothing here
is typed by hand but the words. A wrong number that looks right is worse than an error, so the
program was given damaged files, killed, and changed on purpose. Each part says which command
repeats it, on which machine it ran and with which seed.
"""

_NOT_PROMISED = """\
## What is not promised

* A file that was altered on purpose, with its checksum made anew, is held to the description of its
  format (types, shapes, ranges), not to the truth of its numbers.
* Formats of others (word2vec, GloVe, fastText, text) carry no checksum. A flipped digit in them is
  another digit. `repsearch verify --record FILE` writes a checksum beside a file, and
  `repsearch verify FILE` holds the file to it.
* Bits are the same on any number of threads on one kind of processor. Another processor, another
  BLAS or a GPU may differ in the last digits.
* A disk that reports data as written and loses it when the power fails can lose the last file.
* Fuzzing finds what it happens to try. The figures say how much that was.
"""


def main(arguments: list[str]) -> None:
    """Write the document.

    Parameters
    ----------
    arguments : list of str
        Words of the command line; there are none but ``--help``.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability document")
    parser.parse_args(arguments)
    DOCUMENT.write_text(markdown(stored()), "utf-8")


def stored() -> Row:
    """Read what the other stages have written so far.

    Returns
    -------
    dict
        By the name of the stage.
    """
    files = {name: REPOSITORY / f"benchmarks/reliability/{name}.json" for name in _PARTS}
    return {
        name: json.loads(file.read_text("utf-8")) for name, file in files.items() if file.exists()
    }


def markdown(found: Row) -> str:
    """Put what was found in words and tables.

    Parameters
    ----------
    found : dict
        What each stage wrote, by its name; a stage that has not run has no part.

    Returns
    -------
    str
        The document.
    """
    told = [part(found[name]) for name, part in _PARTS.items() if name in found]
    return "\n".join([_INTRODUCTION, *told, _NOT_PROMISED])


def _classes(found: Row) -> str:
    ends = {row["number"]: row for row in found["classes"]}
    lines = [
        "## Classes of faults",
        "",
        f"`python -m benchmarks.reliability classes` ({_ran(found)}). A test counts once for "
        "each set of parameters.",
        "",
        "| | what was tried | what is right | tests | passed | skipped | failed |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in CLASSES:
        end = ends[each.number]
        lines.append(
            f"| {each.number} | {each.name} | {each.right} | {_places(each)} | "
            f"{end['passed']} | {end['skipped']} | {end['failed']} |"
        )
    return "\n".join([*lines, ""])


def _places(fault: FaultClass) -> str:
    files = [entry.partition(":")[0] for entry in fault.tests]
    return ", ".join(f"`{path}`" for path in dict.fromkeys(files))


def _kills(found: Row) -> str:
    lines = [
        "## Kills",
        "",
        f"`python -m benchmarks.reliability kills --number {found['number']}` ({_machine(found)}, "
        f"seed {found['seed']}). Each command is killed (SIGKILL) at random moments of its work, "
        "again and again with the same outputs, and at last left alone. After every kill each "
        "output is absent, or whole; at the end there is no file that an undisturbed command does "
        "not leave.",
        "",
        "| command | works for | kills | not whole | left behind |",
        "|---|---|---|---|---|",
    ]
    for command, one in found["commands"].items():
        lines.append(
            f"| `{command}` | {one['seconds']:.1f} s | {one['kills']} | "
            f"{len(one['half_written'])} | {len(one['left_behind'])} |"
        )
    return "\n".join([*lines, ""])


def _flips(found: Row) -> str:
    lines = [
        "## Flipped bits and files cut short",
        "",
        f"`python -m benchmarks.reliability flips --number {found['number']}` ({_machine(found)}, "
        f"seed {found['seed']}). One bit of a file flips, or the file ends early; then all of it "
        "is read. Harmless: what is read is the same to the bit (padding, unused names).",
        "",
        "| file | detected | harmless | undetected | crashed |",
        "|---|---|---|---|---|",
    ]
    for kind, one in found["files"].items():
        ends = [str(one[end]) for end in ("detected", "harmless", "undetected", "crashed")]
        lines.append(f"| {kind} | {' | '.join(ends)} |")
    return "\n".join([*lines, ""])


def _fuzz(found: Row) -> str:
    rows = found["readers"]
    cases = sum(one["cases"] for one in rows.values())
    lines = [
        "## Fuzzing",
        "",
        f"`python -m benchmarks.reliability fuzz --minutes {found['minutes']:g}` "
        f"({_machine(found)}, seed {found['seed']}; {found['minutes']:g} minutes of processor "
        f"time, {cases:,} cases). Valid files are flipped, cut, spliced, nested, and their numbers "
        "overwritten, with checksums made anew where there are any. A finding is a crash, an error "
        "that is not explained, more than 10 s, or more than 2 GiB.",
        "",
        "| reader | cases | read | refused | findings |",
        "|---|---|---|---|---|",
    ]
    for name, one in rows.items():
        ends = [f"{one[end]:,}" for end in ("cases", "read", "refused", "findings")]
        lines.append(f"| {name} | {' | '.join(ends)} |")
    return "\n".join([*lines, ""])


def _mutants(found: Row) -> str:
    reasons = mutants.explained()
    lines = [
        "## Mutants of the numerical core",
        "",
        f"`python -m benchmarks.reliability mutants --number {found['number']}` "
        f"({_machine(found)}, seed {found['seed']}). One small change at a time (an operator, a "
        "comparison, a number, a type, a sign), drawn at random from all that can be made; the "
        "tests of that part of the code must fail, or never end. A survivor that no test could "
        "tell apart (it changes speed, or nothing) is not counted, and is listed with the reason. "
        "Survivors of earlier runs of the same draw have got their tests, so the score of another "
        "seed is lower.",
        "",
        "| part | drawn | killed | survived | of them alike in every result | score |",
        "|---|---|---|---|---|---|",
    ]
    parts = dict.fromkeys(row["part"] for row in found["mutants"])
    for part in [*parts, "all"]:
        rows = [row for row in found["mutants"] if part in (row["part"], "all")]
        ends = Counter("survived" if row["end"] == "survived" else "killed" for row in rows)
        alike = sum(row["end"] == "survived" and name_of(row) in reasons for row in rows)
        score = ends["killed"] / max(len(rows) - alike, 1)
        lines.append(
            f"| {part} | {len(rows)} | {ends['killed']} | {ends['survived']} | {alike} | "
            f"{score:.0%} |"
        )
    survivors = [row for row in found["mutants"] if row["end"] == "survived"]
    lines += ["", "Survivors:", ""]
    lines += [
        f"* `{name_of(row)}`: {reasons.get(name_of(row), 'not told apart when this ran')}"
        for row in survivors
    ]
    return "\n".join([*lines, ""])


def name_of(mutant: Row) -> str:
    """Name a mutant by its file and its change, as `survivors.json` does.

    Parameters
    ----------
    mutant : dict
        One of ``mutants.json``.

    Returns
    -------
    str
        Such as ``"a/b.py: y = x + 1 -> y = (x - 1)"``.
    """
    return f"{mutant['path']}: {mutant['before']} -> {mutant['after']}"


def _ran(found: Row) -> str:
    return f"{found['seconds']:.0f} s on {_machine(found)}"


def _machine(found: Row) -> str:
    about = found["machine"]
    return f"{about['processor']}, {about['processors']} cores, {about['memory']}"


_PARTS = {
    "classes": _classes,
    "kills": _kills,
    "flips": _flips,
    "fuzz": _fuzz,
    "mutants": _mutants,
}

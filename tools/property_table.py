"""Run the tests of the theory's numbered properties and write ``docs/properties.md``.

Run from the repository's root, with the tests' requirements installed::

    python -m tools.property_table            # further options go to pytest, e.g. -n 2

The tests are those marked ``theory(NUMBER, "statement", tolerance="in words")``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from repsearch.storage.atomic import replacing

ROOT = Path(__file__).resolve().parents[1]
# By name: pytest wants to import it, and Hypothesis, by itself.
PLUGIN = "tools.property_examples"

SECTIONS = {
    "Target and loss": range(1, 21),
    "Dynamics": range(21, 38),
    "Untied weights": range(38, 43),
    "Corpus": range(43, 51),
    "Linear representations": range(51, 61),
    "Binary attributes": range(61, 69),
    "Symmetry and hierarchy": range(69, 75),
    "Others": range(75, 76),
}

HEADER = """\
# Properties of the theory, tested

Written by `python -m tools.property_table`, which runs the tests; what is edited here is lost.
A property may have several statements, and a statement several tests. Examples are
runs of a test's body, one a set of parameters where inputs are not drawn at random.

"""


@dataclass
class Row:
    """One statement about a property, with the tests of it."""

    number: int
    statement: str
    tolerance: str
    examples: int = 0
    tests: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)

    @property
    def outcome(self) -> str:
        """The worst of its tests."""
        for worst in ("FAILED", "skipped"):
            if worst in self.outcomes:
                return worst
        return "passed"

    @property
    def line(self) -> str:
        """Of the table."""
        tests = ", ".join(f"`{test}`" for test in sorted(self.tests))
        texts = [str(self.number), _plain(self.statement), _plain(self.tolerance), tests]
        return f"| {' | '.join(texts)} | {self.examples:,} | {self.outcome} |"


class Results:
    """Collects the reports of a run of pytest."""

    def __init__(self) -> None:
        self.rows: dict[tuple[int, str, str], Row] = {}
        self.examples: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what `tools.property_examples` noted, and how the test went."""
        if report.when != "call" and report.passed:
            return
        notes: dict[str, list[Any]] = {"theory": [], "examples": []}
        for name, value in report.user_properties:
            notes[name].append(value)
        test = re.sub(r"\[.*", "", report.nodeid.rpartition("::")[2])
        place = _place(report.nodeid)
        # A test that also fails while it is torn down reports twice.
        ran = report.when == "call" and not report.skipped
        examples = sum(notes["examples"]) if ran else 0
        self.examples[report.nodeid] = self.examples.get(report.nodeid, 0) + examples
        for number, statement, tolerance in notes["theory"]:
            key = (number, statement, tolerance)
            row = self.rows.setdefault(key, Row(*key))
            row.examples += examples
            row.tests.add(f"{place}: {test}")
            row.outcomes.add({"failed": "FAILED"}.get(report.outcome, report.outcome))


def _place(test: str) -> str:
    """The file of a test, or its name where it lies outside ``tests``."""
    path = test.partition("::")[0]
    return path if path.startswith("tests/") else Path(path).name


def table(rows: Mapping[Any, Row], examples: Mapping[str, int]) -> str:
    """The document."""
    numbers = sorted({row.number for row in rows.values()})
    failed = sum(row.outcome == "FAILED" for row in rows.values())
    parts = [
        HEADER,
        f"{len(rows)} statements about {len(numbers)} properties, {len(examples)} tests, "
        f"{sum(examples.values()):,} examples, {failed} statements failed.\n",
    ]
    for title, members in {**SECTIONS, "Without a number there": _others(numbers)}.items():
        found = sorted(
            (row for row in rows.values() if row.number in members),
            key=lambda row: (row.number, row.statement),
        )
        missing = [str(number) for number in members if number not in numbers]
        if not found and not missing:
            continue
        parts.append(f"\n## {title}\n")
        if found:
            parts.append("\n| no. | statement | tolerance | tests | examples | outcome |\n")
            parts.append("|---|---|---|---|---|---|\n")
            parts.extend(f"{row.line}\n" for row in found)
        if missing:
            parts.append(f"\nNot tested here: {', '.join(missing)}.\n")
    return "".join(parts)


def _others(numbers: Iterable[int]) -> list[int]:
    known = {number for members in SECTIONS.values() for number in members}
    return [number for number in numbers if number not in known]


def _plain(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return re.sub(r"([\\`*_<>\[\]|])", r"\\\1", text)


def main() -> int:
    """Run the tests, write the table; the exit status is pytest's."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tests", type=Path, default=ROOT / "tests", help="folder or file")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "properties.md")
    options, others = parser.parse_known_args()
    results = Results()
    arguments = [str(options.tests), "-m", "theory", "-q", "-p", PLUGIN, *others]
    status = pytest.main(arguments, plugins=[results])
    # Without a single test, or with tests that cannot be read, there is nothing to write.
    if status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        with replacing(options.out) as stream:
            stream.write(table(results.rows, results.examples).encode())
        print(f"{options.out} written")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())

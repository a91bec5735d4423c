"""Run the tests of the 25 classes of faults that were tried on the program."""

from __future__ import annotations

import argparse
import json
import re
import time
from typing import Any

import pytest

from benchmarks.corpora import REPOSITORY
from benchmarks.reliability.fault_classes import CLASSES, named_tests
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "reliability" / "classes.json"


def main(arguments: list[str]) -> None:
    """Run the tests of every class and write how they ended.

    Parameters
    ----------
    arguments : list of str
        Words of the command line; those that are not known go to pytest.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability classes")
    parser.add_argument(
        "--number", type=int, action="append", help="of a class to run again, alone"
    )
    asked, options = parser.parse_known_args(arguments)
    chosen = [each for each in CLASSES if each.number in (asked.number or [each.number])]
    began = time.monotonic()
    ends = _Ends()
    named = dict.fromkeys(test for each in chosen for test in named_tests(each))
    pytest.main(["-q", "-p", "no:cacheprovider", *options, *named], plugins=[ends])
    stored: dict[str, Any] = {}
    if asked.number and RESULTS.exists():
        stored = json.loads(RESULTS.read_text("utf-8"))
    rows = {row["number"]: row for row in stored.get("classes", ())}
    for each in chosen:
        found = [ends.of(test) for test in named_tests(each)]
        counted = {
            end: sum(one.get(end, 0) for one in found) for end in ("passed", "failed", "skipped")
        }
        rows[each.number] = {"number": each.number, **counted}
    seconds = stored.get("seconds", 0.0) + time.monotonic() - began
    write_json(
        {"machine": machine(), "versions": versions(), "seconds": seconds}
        | {"classes": list(rows.values())},
        RESULTS,
    )


class _Ends:
    """Collects how each test ended."""

    def __init__(self) -> None:
        self._ends: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test that passes, and fails while it is torn down, has failed.
        known = self._ends.get(report.nodeid)
        if known != "failed" and (report.when == "call" or not report.passed):
            self._ends[report.nodeid] = report.outcome

    def of(self, test: str) -> dict[str, int]:
        """Count ends of a test with all its parameters, or of a file."""
        found: dict[str, int] = {}
        for node, end in self._ends.items():
            if re.sub(r"\[.*", "", node) == test or node.partition("::")[0] == test:
                found[end] = found.get(end, 0) + 1
        return found

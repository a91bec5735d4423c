"""Mutants are one change each, of what counts only."""

from __future__ import annotations

import ast
from pathlib import Path

from places import ROOT

from benchmarks.reliability.fault_classes import CLASSES, named_tests
from benchmarks.reliability.mutants import CORE, drawn
from benchmarks.reliability.mutation import mutants_of

SOURCE = '''\
"""Say 1 + 1."""
LIMIT = 3


def area(width: int = 2, *, height: float) -> float:
    """Multiply 2 by 2."""
    if width < 0 or not height:
        raise ValueError(f"{width + 1} is too small")
    total = np.sum([width], dtype=np.float64)
    total += -height
    return total * height
'''
CHANGES = {
    "width: int = 3, *",
    "(width <= 0) or",
    "if width < 1",
    "(width < 0 and (not height))",
    "or height:",
    "dtype=np.float32",
    "total -= -height",
    "total += height",
    "return (total / height)",
}


def test_each_mutant_is_one_change() -> None:
    mutants = mutants_of(Path("area.py"), SOURCE)
    changed = [each.after for each in mutants]
    assert len(changed) == len(CHANGES)
    for expected in CHANGES:
        assert sum(expected in line for line in changed) == 1, (expected, changed)
    for each in mutants:
        ast.parse(each.source)
        lines = zip(SOURCE.splitlines(), each.source.splitlines(), strict=True)
        different = [k for k, (old, new) in enumerate(lines, 1) if old != new]
        assert different == [each.line]


def test_the_draw_is_the_same_for_a_seed() -> None:
    for part in CORE:
        first, again = drawn(part, 5, 0), drawn(part, 5, 0)
        assert [str(each) for each in first] == [str(each) for each in again]
        assert len(first) == 5


def test_every_class_of_faults_names_tests_that_exist() -> None:
    for fault in CLASSES:
        for test in named_tests(fault):
            path, _, name = test.partition("::")
            assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8"), test

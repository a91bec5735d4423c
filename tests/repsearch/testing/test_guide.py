"""What the guide to testing shows is true: its tests pass and its programs print what it says."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import Phase, settings
from places import DOCS, ROOT

GUIDE = (DOCS / "testing.md").read_text("utf-8")


def test_blocks_of_the_guide_run(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```(python|text)\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, Any] = {}
    for language, block in blocks:
        if language == "python":
            exec(compile(block, "testing.md", "exec"), names)
        else:
            assert capsys.readouterr().out == block
    tests = [thing for name, thing in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_a_false_version_of_the_guides_conjecture_fails() -> None:
    source = re.search(r"```python\n(from repsearch.testing import Check.*?)```", GUIDE, re.DOTALL)
    assert source is not None
    (limit,) = re.findall(r"limit = (.*)\n", source[1])
    broken = source[1].replace(limit, f"0.9 * {limit}")
    names: dict[str, Any] = {}
    exec(compile("from hypothesis import given\n" + broken, "testing.md", "exec"), names)
    with pytest.raises(AssertionError):
        # Found is enough here; shrinking would integrate some hundred flows more.
        settings(phases=[Phase.generate])(names["test_no_direction_overshoots"])()


def test_the_table_names_every_check_and_its_options() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", GUIDE, re.MULTILINE)
    folder = ROOT / "repsearch" / "testing"
    with_checks = {
        path.stem for path in folder.glob("*.py") if ") -> Check:" in path.read_text("utf-8")
    }
    assert {module for module, _, _ in rows} == with_checks
    for name, options, checks in rows:
        module = importlib.import_module(f"repsearch.testing.{name}")
        found = {
            key: inspect.signature(thing)
            for key, thing in vars(module).items()
            if inspect.isfunction(thing) and thing.__module__ == module.__name__
        }
        public = {key for key, sig in found.items() if sig.return_annotation == "Check"}
        assert set(re.findall(r"`(\w+)`", checks)) == public, name
        taken = {key for check in public for key in found[check].parameters}
        assert set(re.findall(r"`(\w+)=`", options)) <= taken, name

"""What the guide to testing shows is true: its tests pass and its programs print what it says."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import Phase, settings
from numpydoc.docscrape import FunctionDoc
from places import DOCS

import repsearch.testing
from repsearch.testing import Check, checks

GUIDE = (DOCS / "testing.md").read_text("utf-8")


def checks_of(name: str) -> dict[str, Callable[..., Check]]:
    module = importlib.import_module(f"{checks.__name__}.{name}")
    return {
        key: thing
        for key, thing in vars(module).items()
        if inspect.isfunction(thing)
        and thing.__module__ == module.__name__
        and thing.__annotations__.get("return") == "Check"
    }


CHECKS = {found.name: checks_of(found.name) for found in pkgutil.iter_modules(checks.__path__)}


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
    assert {name for name, _, _ in rows} == set(CHECKS)
    for name, options, named in rows:
        assert set(re.findall(r"`(\w+)`", named)) == set(CHECKS[name])
        taken = {key for one in CHECKS[name].values() for key in inspect.signature(one).parameters}
        assert set(re.findall(r"`(\w+)=`", options)) <= taken, name


def test_modules_of_checks_are_named_by_the_package() -> None:
    for name in CHECKS:
        module = importlib.import_module(f"repsearch.testing.checks.{name}")
        assert getattr(repsearch.testing, name) is module
    assert set(repsearch.testing.__all__) == {"Check", *CHECKS}


def test_checks_and_the_oracle_do_without_hypothesis() -> None:
    code = "import sys, repsearch.testing.oracle; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "check",
    [one for found in CHECKS.values() for one in found.values()],
    ids=lambda check: check.__name__,
)
def test_every_check_is_documented_with_an_example(check: Callable[..., Check]) -> None:
    doc = FunctionDoc(check)
    documented = {part.strip() for one in doc["Parameters"] for part in one.name.split(",")}
    assert documented == set(inspect.signature(check).parameters)
    assert "".join(doc["Summary"]).startswith("Check ")
    assert doc["Returns"]
    assert doc["Examples"]

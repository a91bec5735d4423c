"""Docstrings of what is public: parameters, what comes back, and examples that are run."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from numpydoc.docscrape import FunctionDoc

import probes
import repsearch

NEED_TORCH = ("repsearch.training", "repsearch.minimum")
NEED_TRITON = ("repsearch.training.objectives.fused_kernel",)


def modules() -> Iterator[str]:
    """All modules but those of the command line, whose functions are commands."""
    for package in (repsearch, probes):
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith("repsearch.cli"):
                yield found.name


def opened(name: str) -> ModuleType:
    """A module; skips where it needs what is not installed."""
    if name.startswith(NEED_TRITON):
        pytest.importorskip("triton")
    if name.startswith(NEED_TORCH):
        pytest.importorskip("torch")
    return importlib.import_module(name)


def exported(name: str) -> dict[str, Any]:
    """Functions and classes that a package names as public."""
    module = importlib.import_module(name)
    names = set(getattr(module, "__all__", []))
    if name == "repsearch" and importlib.util.find_spec("torch") is None:
        names -= {"Minimum", "minimise"}  # they say what to install
    things = {one: getattr(module, one) for one in sorted(names)}
    return {
        one: thing
        for one, thing in things.items()
        if inspect.isroutine(thing) or inspect.isclass(thing)
    }


def public() -> Iterator[tuple[str, Any]]:
    """Everything public, by its full name, once."""
    seen = set()
    for name in modules():
        if name.startswith(NEED_TORCH) and importlib.util.find_spec("torch") is None:
            continue
        if importlib.util.find_spec(name).submodule_search_locations is None:
            continue
        for one, thing in exported(name).items():
            if id(thing) not in seen and thing.__module__.split(".")[0] in ("repsearch", "probes"):
                seen.add(id(thing))
                yield f"{name}.{one}", thing


PUBLIC = dict(public())


def parameters(thing: Any) -> set[str]:
    """Names of what a function or the constructor of a class takes; protocols have none."""
    if getattr(thing, "_is_protocol", False):
        return set()
    try:
        signature = inspect.signature(thing)
    except ValueError:
        return set()
    return {name.lstrip("*") for name in signature.parameters if name != "self"}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str) -> None:
    thing = PUBLIC[name]
    text = inspect.getdoc(thing)
    assert text, "no docstring"
    doc = FunctionDoc(None, doc=text)
    documented = {part.strip(" *") for one in doc["Parameters"] for part in one.name.split(",")}
    assert parameters(thing) <= documented, "parameters without a word"
    assert all("".join(one.desc).strip() for one in doc["Parameters"]), "parameters without a noun"
    if inspect.isroutine(thing) and inspect.signature(thing).return_annotation not in (
        None,
        "None",
    ):
        assert doc["Returns"] or doc["Yields"], "no Returns"
    assert not re.search(r"\bAs `\w+`\.?$", text, re.MULTILINE), "refers elsewhere"
    assert doc["Examples"], "no example"


@pytest.mark.smoke
@pytest.mark.parametrize("name", sorted(set(modules())))
def test_examples_are_right(name: str) -> None:
    found = doctest.testmod(
        opened(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert found.failed == 0

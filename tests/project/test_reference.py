"""Every public name stands in the reference, which names nothing that is not there."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from typing import Any

import pytest
from places import DOCS

import probes
import repsearch

PAGE = (DOCS / "reference.md").read_text("utf-8")
PAGES = re.findall(r"^   ((?:repsearch|probes)[\w.]*)$", PAGE, re.MULTILINE)
TYPES = re.findall(r"^\| `((?:repsearch|probes)[\w.]*)` \|", PAGE, re.MULTILINE)


def thing_of(name: str) -> Any:
    """What a dotted name stands for: of a function and a room of one name, the function."""
    home, _, last = name.rpartition(".")
    module = importlib.import_module(home)
    return getattr(module, last) if hasattr(module, last) else importlib.import_module(name)


def public() -> dict[str, Any]:
    """Names in `__all__` of both packages and of all rooms, with what they stand for."""
    found = {}
    for package in (repsearch, probes):
        rooms = [
            module.name
            for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
            if module.ispkg and not module.name.startswith("repsearch.cli")
        ]
        for room in [package.__name__, *rooms]:
            module = importlib.import_module(room)
            for name in getattr(module, "__all__", []):
                found[f"{room}.{name}"] = getattr(module, name)
    return found


def test_every_public_name_has_a_page() -> None:
    pytest.importorskip("torch")  # rooms that need it are among those that are looked at
    things = {id(thing_of(name)) for name in PAGES}
    names = {name.rpartition(".")[2] for name in [*PAGES, *TYPES]}
    missing = [
        name
        for name, thing in public().items()
        # Numbers and the like are equal to others; classes and functions are themselves.
        if (id(thing) not in things if callable(thing) else name.rpartition(".")[2] not in names)
        if name not in TYPES
    ]
    assert not missing, f"not in docs/reference.md: {', '.join(missing)}"


def test_names_of_the_reference_exist() -> None:
    pytest.importorskip("torch")
    for name in [*PAGES, *TYPES]:
        assert thing_of(name) is not None


def test_no_name_stands_twice() -> None:
    names = PAGES + TYPES
    assert len(names) > 400
    assert sorted(set(names)) == sorted(names)

"""Rooms and the directions of their imports, as docs/architecture.md has them."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest
from places import DOCS, ROOT

MOST_FILES = 10
PACKAGES = ("repsearch", "probes")
ROOMS = re.findall(
    r"^\| `((?:repsearch|probes)[\w.]*)` \|",
    (DOCS / "architecture.md").read_text("utf-8").partition("## Where a new thing goes")[0],
    re.MULTILINE,
)
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def imports(source: str) -> Iterator[str]:
    """Modules of ours that a file imports anywhere, for types and within functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in whole]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in PACKAGES)


def room_of(module: str) -> str:
    """The room of the table that a module lies in."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        room = ".".join(parts[:length])
        if room in ROOMS and (length > 1 or len(parts) == 1):
            return room
    raise AssertionError(f"{module} lies in no room of docs/architecture.md")


ARROWS = {(module_of(path), name) for path in FILES for name in imports(path.read_text("utf-8"))}


def test_every_room_of_the_table_is_there_and_every_file_lies_in_one() -> None:
    assert len(ROOMS) == len(set(ROOMS)) > 30
    assert set(ROOMS) == {room_of(module) for module in MODULES}


def test_imports_go_to_rooms_above_in_the_table() -> None:
    wrong = [
        f"{one} imports {other}"
        for one, other in sorted(ARROWS)
        if ROOMS.index(room_of(other)) > ROOMS.index(room_of(one))
    ]
    assert not wrong


def test_nothing_but_the_command_line_knows_of_probes() -> None:
    wrong = [
        (one, other)
        for one, other in ARROWS
        if one.startswith("repsearch") and other.startswith("probes")
        if not one.startswith("repsearch.cli")
    ]
    assert not wrong


def test_no_two_files_import_each_other() -> None:
    graph = nx.DiGraph([(one, other) for one, other in ARROWS if one != other])
    assert [ring for ring in nx.strongly_connected_components(graph) if len(ring) > 1] == []


def test_a_result_that_names_its_figure_names_one_of_probes_figures() -> None:
    """The one way up the table: a result names what draws it, which imports the result."""
    named = [
        (path.name, text)
        for path in FILES
        for text in re.findall(r'"(probes\.[\w.]+:\w+)"', path.read_text("utf-8"))
    ]
    assert len(named) > 15
    for name, text in named:
        module, _, function = text.partition(":")
        assert module.startswith("probes.figures."), name
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("package", PACKAGES)
def test_few_files_lie_flat(package: str) -> None:
    flat = [path.name for path in (ROOT / package).glob("*.py") if path.name != "__init__.py"]
    assert len(flat) <= MOST_FILES


def test_an_import_is_seen_wherever_it_stands() -> None:
    source = "def f():\n    from probes.shared import intervals\nimport repsearch.errors, math"
    assert sorted(imports(source)) == ["probes.shared.intervals", "repsearch.errors"]

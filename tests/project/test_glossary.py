"""The glossary: every name of code in it exists, and its terms are in order."""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import fields, is_dataclass

import pytest
from places import DOCS

ROWS = re.findall(
    r"^\| (?!term|---)(.*?) \| (.*?) \| (.*) \|$",
    (DOCS / "glossary.md").read_text("utf-8"),
    re.MULTILINE,
)
NAMES = [name for _, meaning, code in ROWS for name in re.findall(r"`([^`]+)`", meaning + code)]


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or what one holds, down to fields of dataclasses."""
    first, *parts = name.split(".")
    thing = importlib.import_module(first)
    where = first
    for part in parts:
        where = f"{where}.{part}"
        if is_dataclass(thing) and part in {one.name for one in fields(thing)}:
            return where == name
        # The package: the function of that name may stand before it.
        if hasattr(thing, "__path__") and importlib.util.find_spec(where) and where != name:
            thing = importlib.import_module(where)
        elif hasattr(thing, part):
            thing = getattr(thing, part)
        else:
            return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_code_exists(name: str) -> None:
    if name.startswith("repsearch.training"):
        pytest.importorskip("torch")
    assert resolves(name)


def test_what_does_not_exist_is_found_out() -> None:
    assert resolves("probes.Relations.families")
    assert not resolves("probes.Relations.relatives")
    assert not resolves("probes.relations.families")


def test_every_term_has_code_and_terms_are_in_order() -> None:
    terms = [term.lower() for term, _, _ in ROWS]
    assert len(terms) > 20
    assert all("`" in code for _, _, code in ROWS)
    assert terms == sorted(terms, key=lambda term: term.replace("-", ""))
    assert len(set(terms)) == len(terms)

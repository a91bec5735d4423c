"""Links between documents lead to a file, and to a heading of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import PAGES
from places import DOCS

GENERATED = DOCS / "generated"
"""What `make docs` makes: there are no such files before."""


def prose(page: Path) -> str:
    """A page without its blocks of code and its code in lines."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^()\s]+)\)", prose(page))
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """What a code host, and MyST like it, make of the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#{1,4} +(.*?) *$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(
            next(each for k in range(99) if (each := f"{name}-{k}" if k else name) not in found)
        )
    return found


def broken(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if target.is_relative_to(GENERATED):
        return False
    if not target.exists():
        return True
    return bool(anchor) and anchor not in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if broken(page, link)] == []


def test_a_broken_link_is_found_out() -> None:
    page = DOCS / "concepts.md"
    assert "concept-results.md#two-nulls-in-the-carried-corpus" in links(page)
    assert not broken(page, "concept-results.md#two-nulls-in-the-carried-corpus")
    assert broken(page, "concept-results.md#three-nulls")
    assert broken(page, "no-such-page.md")


def test_every_page_stands_in_the_contents() -> None:
    named = {
        name
        for page in DOCS.glob("*.md")
        for block in re.findall(r"^```{toctree}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
        for name in re.findall(r"^(?:.*<)?([\w/-]+)>?$", block, re.M)
    }
    pages = {page.stem for page in DOCS.glob("*.md")} - {"index"}
    assert pages - named == set()

"""Files of the repository that documents, comments and docstrings name are there."""

from __future__ import annotations

import re

from places import ROOT

FOLDERS = ("benchmarks", "docs", "probes", "repsearch", "tests", "tools")
NAMED = re.compile(rf"(?<![\w./-])((?:{'|'.join(FOLDERS)})/[a-z0-9_/-]+\.(?:py|md))\b")
SHORT = re.compile(r"(?<![\w/])test_\w+\.py\b")


def test_files_that_are_named_exist() -> None:
    missing = [
        f"{path.relative_to(ROOT)} names {name}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".py", ".md")
        for name in NAMED.findall(path.read_text("utf-8"))
        if not (ROOT / name).exists()
    ]
    assert missing == []


def test_documents_name_tests_with_their_folder() -> None:
    pages = sorted((ROOT / "docs").glob("*.md"))
    assert [(page.name, SHORT.findall(page.read_text("utf-8"))) for page in pages] == [
        (page.name, []) for page in pages
    ]

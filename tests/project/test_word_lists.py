"""The examples of the guide to word lists are read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from places import ROOT

from probes.relations import read_questions, read_relations, read_similarity

GUIDE = (ROOT / "docs" / "word-lists.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"<!-- (\w+): ([^\n]+?) (\d+) -->\n```\n(.*?)```\n", GUIDE, re.DOTALL)


def test_there_are_examples_of_each_kind() -> None:
    fences = re.findall(r"^```(\w*)\n.*?^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert len(EXAMPLES) == fences.count("")
    assert {kind for kind, *_ in EXAMPLES} == {"relations", "questions", "similarity"}


@pytest.mark.parametrize(("kind", "name", "number", "text"), EXAMPLES)
def test_examples(tmp_path: Path, kind: str, name: str, number: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    if kind == "relations":
        assert read_relations(path).pair_count == int(number)
    elif kind == "questions":
        assert read_questions(path).question_count == int(number)
    else:
        assert len(read_similarity(path)) == int(number)

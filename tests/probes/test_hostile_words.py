"""Words go through every table, figure and page as they are, and none is acted on."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.analogy import analogies
from probes.geometry import isotropy
from probes.relations import Relations
from probes.report.contents import ReportContents
from probes.report.write import write_report
from probes.result import Result, told
from probes.topics import topics
from repsearch import Spectrum
from repsearch.storage.visible import visible

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@sum",
    "\x1b[2J\x1b[31m",
    "\u202etxt.exe",
    r"$\frac$",
    r"$x$ and $\undefined{",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "{% for x in y %}",
    "[bold red]",
    "a\tb",
    "c\rd",
    '"quoted"',
    "\u2066isolate",
]


def spectrum_of(words: list[str]) -> Spectrum:
    rng = np.random.default_rng(0)
    vectors = np.linalg.qr(rng.standard_normal((len(words), 3)))[0]
    values = np.array([5.0, 3.0, 2.0])
    return Spectrum(tuple(words), values, vectors, np.zeros(3), 40.0, "M*")


def results(words: list[str]) -> list[Result]:
    spectrum = spectrum_of(words)
    embeddings = spectrum.embeddings(3)
    pairs = tuple((words[2 * k], words[2 * k + 1]) for k in range(len(words) // 2))
    relations = Relations(families={words[0]: pairs[:3], words[1]: pairs[3:]}, source=words[2])
    return [
        topics(spectrum, words_per_end=len(words)),
        isotropy(embeddings),
        analogies(embeddings, relations),
    ]


def check_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.suffix in (".csv", ".json"):
            content = path.read_bytes().decode("utf-8")
            assert visible(content, lines=True) == content
            if path.suffix == ".csv":
                for row in csv.reader(content.splitlines()):
                    assert not any(re.match("[=+@-](?![0-9.])", cell) for cell in row)
            else:
                json.loads(content)


def test_hostile_words_reach_tables_and_figures_as_they_are(tmp_path: Path) -> None:
    found = results(HOSTILE)
    for number, result in enumerate(found):
        shown = told(result)
        assert visible(shown, lines=True) == shown
        result.save(tmp_path / str(number))
    check_files(tmp_path)
    listed = " ".join(told(found[0], 10_000).split())
    for word in HOSTILE:
        assert visible(" ".join(word.split())) in listed


def test_hostile_words_are_not_acted_on_in_the_report(tmp_path: Path) -> None:
    spectrum = spectrum_of(HOSTILE)
    contents = ReportContents(
        title="<script>title</script>",
        facts={"\x1b[2J": "{{7*7}}"},
        run={"command": "<script>\u202e"},
        spectrum=spectrum,
        embeddings=replace(spectrum.embeddings(3), name="<script>"),
        analogies={},
        differences={},
        similarities={},
        topics=topics(spectrum, words_per_end=8),
        topics_normalised=topics(spectrum, words_per_end=8, normalise="cosine"),
    )
    page = write_report(contents, tmp_path).read_text("utf-8")
    assert visible(page, lines=True) == page
    assert "<script>" not in page
    assert "{{7*7}}" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert r"\u202etxt.exe" in page


@settings(max_examples=3)
@given(words=st.lists(st.text(min_size=1, max_size=12), min_size=8, max_size=8, unique=True))
def test_any_word_goes_through_tables_and_figures(
    words: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    result = topics(spectrum_of(words), words_per_end=4)
    shown = told(result)
    assert visible(shown, lines=True) == shown
    result.save(folder)
    check_files(folder)

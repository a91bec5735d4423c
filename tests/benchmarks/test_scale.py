"""The benchmark of a million words: its text, its table, and how far estimates were off."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import scale
from benchmarks.zipf_text import LENGTH, TOPICS, zipf_text

MEASURED = json.loads(scale.RESULTS.read_text("utf-8")) if scale.RESULTS.exists() else None
OFF = 1.5
"""By which factor a peak may be off what was expected; docs/scale.md has the figures."""


def test_words_follow_zipf_and_documents_have_a_topic(tmp_path: Path) -> None:
    zipf_text(tmp_path / "a.txt", 100_000, 5_000, seed=3)
    zipf_text(tmp_path / "b.txt", 100_000, 5_000, seed=3)
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()
    lines = (tmp_path / "a.txt").read_text("ascii").splitlines()
    documents = [line.split() for line in lines]
    assert {len(words) for words in documents} == {LENGTH}
    assert len(documents) == 100_000 // LENGTH
    numbers = [[_number(word) for word in words] for words in documents]
    times = Counter(number for words in numbers for number in words)
    assert max(times) < 5_000
    # Half of the tokens are of all words, with a share of log2(1 + 1/r) / log2(n) each.
    assert 0.5 * 0.081 * 0.8 < times[0] / 100_000 < 0.5 * 0.081 * 1.2 + 0.5 / TOPICS
    shares = [Counter(n % TOPICS for n in words).most_common(1)[0][1] / LENGTH for words in numbers]
    assert 0.4 < sum(shares) / len(shares) < 0.6


def _number(word: str) -> int:
    number = 0
    for letter in word:
        number = 26 * number + ord(letter) - ord("a")
    return number


def test_the_table_has_a_row_a_step_and_no_residual_of_counts() -> None:
    step = {
        "command": "count a", "seconds": 61.0, "processor_seconds": 70.0, "peak_gib": 1.0,
        "expected_gib": 2.0,
    }  # fmt: skip
    found = {"sizes": {"1000": {"pairs": 12_345, "steps": [step, step | {"residual": 2e-6}]}}}
    rows = scale.table(found).splitlines()[2:]
    start = "| 1,000 | 12,345 | `count a` | 61 s | 70 s | 1.00 GiB | 2.00 GiB |"
    assert rows == [f"{start}  |", f"{start} 2.0e-06 |"]


@pytest.mark.skipif(MEASURED is None, reason="benchmarks/scale.json has not been measured yet")
def test_what_was_measured_is_what_was_promised() -> None:
    assert MEASURED is not None
    assert scale.table(MEASURED) in scale.PAGE.read_text("utf-8")
    for steps in MEASURED["sizes"].values():
        for step in steps["steps"]:
            assert step["peak_gib"] < 16
            assert 1 / OFF < step["peak_gib"] / step["expected_gib"] < OFF, step["command"]
            assert step.get("residual", 0) < 1e-4

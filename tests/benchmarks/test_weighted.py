"""The measurement of the weighted closed form: what is fed to gensim, and the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from strategies import counts_from

from benchmarks.weighted import document, measure, search
from benchmarks.weighted.general import first_words
from benchmarks.weighted.report import MATCHED, OURS, PLAIN
from benchmarks.weighted.settings import GRID, START, Setting
from repsearch import encode


def test_gensim_gets_every_token_and_no_line_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "_LONGEST", 3)
    corpus = encode(["a b a c b a b", "d", "b a c"], vocabulary=["a", "b", "c"])
    lines = list(measure._lines(corpus))
    assert lines == ["a b a\n", "c b a\n", "b\n", "b a c\n"]


def test_first_words_are_a_corner_of_the_counts() -> None:
    half = np.tril(np.random.default_rng(0).poisson(1, (9, 9)))
    counts = counts_from(half + np.tril(half, -1).T)
    corner = first_words(counts, 4)
    assert (corner.matrix().toarray() == counts.matrix().toarray()[:4, :4]).all()
    assert corner.words == counts.words[:4]


# -------------------------------------------------------------- the search


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[Setting]:
    """The settings that were solved; accuracy falls with the distance from a hidden best one."""
    best = START.with_("g_exponent", 0.25).with_("negatives", 1.0).with_("window", 24)
    solved: list[Setting] = []

    def trials(corpus: Any, state: dict[str, Any], file: Path) -> Any:
        def trial(setting: Setting) -> dict[str, Any]:
            if setting not in solved:
                solved.append(setting)
            steps = sum(
                abs(values.index(getattr(setting, name)) - values.index(getattr(best, name)))
                for name, values in GRID.items()
            )
            found = {"setting": setting.as_dict(), "accuracy": {"0.5": 1 - 0.002 * steps}}
            found["best"] = 1 - 0.002 * steps
            if all(known["setting"] != found["setting"] for known in state["trials"]):
                state["trials"].append(found)
            return found

        return trial

    monkeypatch.setattr(search, "_trials", trials)
    monkeypatch.setattr(search, "_single_changes", lambda *ignored: None)
    return solved


def test_the_search_finds_the_best_setting(searched: list[Setting], tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("a b a\n")
    file = tmp_path / "search.json"
    search.search(text, file, 90, words=2)
    state = json.loads(file.read_text())
    assert state["finished"]
    wanted = START.with_("g_exponent", 0.25).with_("negatives", 1.0).with_("window", 24)
    assert state["chosen"] == {"setting": wanted.as_dict(), "exponent": 0.5}
    # Far fewer than the thousands that the grid has.
    assert len(searched) == len(state["trials"]) < 60


def test_a_search_cut_short_goes_on(searched: list[Setting], tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("a b a\n")
    search.search(text, tmp_path / "whole.json", 90, words=2)
    whole = json.loads((tmp_path / "whole.json").read_text())
    file = tmp_path / "parts.json"
    for most in (3, 7, 90):
        search.search(text, file, most, words=2)
        state = json.loads(file.read_text())
        assert state["finished"] == (most == 90)
        assert len(state["trials"]) <= most
    assert state["chosen"] == whole["chosen"]


# ------------------------------------------------------------ the document


def run(seconds: float, right: int) -> dict[str, Any]:
    share = right / 100
    return {
        "micro": [share, share - 0.01, share + 0.01],
        "macro": [share, share - 0.01, share + 0.01],
        "questions": 100,
        "seconds_from_corpus": seconds,
        "seconds_from_text": seconds + 7,
        "encoding_seconds": 7.0,
        "counting_seconds": 1.0,
        "solving_seconds": seconds - 1,
        "families": {"capitals": [right, 100], "unasked": [0, 0]},
        "date": "2026-01-01",
        "machine": {"processors": "2"},
        "versions": {"numpy": "2"},
    }


def test_the_document_says_what_the_results_say() -> None:
    trial = {
        "setting": START.as_dict(),
        "accuracy": {"0.5": 0.25, "0.6": 0.2},
        "best": 0.25,
        "noise_edge": 0.0,
        "last_eigenvalue": 9.0,
    }
    other = {**trial, "setting": START.with_("shrinkage", value=True).as_dict(), "best": 0.24}
    found = {
        "text": "one.txt",
        "words": 10_000,
        "tokens": 1234,
        "trials": [trial, {**other, "noise_edge": 3.0}],
        "chosen": {"setting": START.as_dict(), "exponent": 0.5},
        "finished": True,
        "single_changes": [
            {
                "what": what,
                "choice": name,
                "questions": 100,
                "accuracy": [0.2, 0.1, 0.3],
                "against": "plain",
                "difference": [0.05, -0.01, 0.1],
            }
            for what, name in [
                ("chosen", ""),
                ("plain", ""),
                ("start", ""),
                ("undone", "g_exponent"),
                ("alone", "g_exponent"),
            ]
        ],
    }
    matched = {**found, "words": 3_000}
    density = {"words": 10_000, "matched": 3_000}
    density |= {"two.txt": {"10000": 0.5}, "one.txt": {"3000": 0.45, "10000": 0.2}}
    runs = {OURS: run(10, 60), MATCHED: run(8, 65)}
    runs |= {PLAIN: run(9, 50), "gensim, seed 1": run(160, 70)}
    differences = {
        OURS: {PLAIN: [0.1, 0.05, 0.15], "gensim, seed 1": [-0.1, -0.15, -0.05]},
        MATCHED: {PLAIN: [0.15, 0.05, 0.2], "gensim, seed 1": [-0.05, -0.1, 0.0]},
    }
    results = {"two.txt": {"runs": runs, "differences": differences}}
    general = {"words": 500, "rows": [{"d": 5, "rank_1": {"0": 0.5}, "general": [0.6, 0.55]}]}
    text = document.markdown(found, matched, density, results, general)
    for piece in (
        "| exponent of g | 0.75 | 0.75 | 0.75 |",
        "| exponent of g = 0.75 | 20.0 % [10.0, 30.0] | +5.0 [-1.0, +10.0] |",
        "changed accuracy by -1.0 points",
        "The setting was not chosen on this corpus.",
        "gensim took 16.0 times as long from the encoded corpus.",
        "gensim took 20.0 times as long from the encoded corpus.",
        "over its 3,000 most frequent words, which have 45 %",
        "| gensim, seed 1 | 70.0 % [69.0, 71.0] | 70.0 % [69.0, 71.0] | 160.0 | 167.0 | "
        "-10.0 [-15.0, -5.0] | -5.0 [-10.0, +0.0] |",
        "below each seed of gensim: capitals (by 10.0 to 10.0 points).",
        "| unasked | 0 |",
        "| 5 | 50.0 % | 60.0 % | 60.00, 55.00 |",
    ):
        assert piece in text
    assert "None" not in text
    assert document.markdown(found, {}, {}, {}, {}).count("##") < text.count("##")
    assert "gensim" not in document.markdown({}, {}, {}, {}, general)

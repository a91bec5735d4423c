"""The benchmarks of threads and of eigensolvers, on little: what they report is what was done."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from benchmarks import eigensolvers, threads


def test_threads_are_measured_and_the_limit_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threads, "WORDS", 300)
    monkeypatch.setattr(threads, "TOKENS", 40_000)
    monkeypatch.setattr(threads, "DOCUMENTS", 30)
    monkeypatch.setattr(threads, "triad", lambda n: 10.0 * n)
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 3)
    monkeypatch.setattr(sys, "argv", ["threads", str(tmp_path / "threads.json")])
    threads.main()
    found = json.loads((tmp_path / "threads.json").read_text("utf-8"))
    assert [row["threads"] for row in found["threads"]] == [1, 2]
    for row in found["threads"]:
        assert row["tokens_per_second"] == pytest.approx(40_000 / row["seconds"])
        assert 0 < row["serial_share"] < 1
    assert "The triad is 2.0 times as fast as on one." in capsys.readouterr().out
    corpus = threads.zipf_corpus()
    assert np.array_equal(np.bincount(corpus.tokens, minlength=300), corpus.word_counts)
    assert (np.diff(corpus.word_counts) <= 0).all()


def test_eigensolvers_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threads, "WORDS", 200)
    monkeypatch.setattr(threads, "TOKENS", 20_000)
    monkeypatch.setattr(threads, "DOCUMENTS", 10)
    monkeypatch.setattr(eigensolvers, "D", 5)
    rs.count(threads.zipf_corpus()).save(tmp_path / "counts.npz")
    monkeypatch.setattr(
        sys, "argv", ["eigensolvers", str(tmp_path / "counts.npz"), str(tmp_path / "found.json")]
    )
    eigensolvers.main()
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert len(found["ways"]) == 6
    for way in found["ways"]:
        assert way["columns"] > 0
        assert way["residual"] < 1e-4
    assert "ARPACK" in capsys.readouterr().out

"""`repsearch topics --documents`: texts, fields, an encoded corpus, what cannot be asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from repsearch import encode
from repsearch.cli import main
from repsearch.synthetic import TopicMixture

WORLD = TopicMixture(
    topics=5, concepts=2, pairs=6, others=276, strength=0.5, concentration=0.15, seed=3
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spectrum beside its counts, and new documents of that world as text, JSON and a corpus."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    counts = rs.count(encode(WORLD.documents(40_000, seed=1), vocabulary_size=None))
    counts.save("counts.npz")
    rs.eigenpairs(rs.mstar(counts), 5).save("spectrum.safetensors")
    texts = WORLD.documents(6_000, seed=2, length=100)
    Path("new.txt").write_text("\n".join(texts))
    with Path("new.jsonl").open("w") as stream:
        for k, text in enumerate(texts):
            stream.write(f"{json.dumps({'body': text, 'year': 1990 + k % 2})}\n")
    encode(texts, "corpus", vocabulary_size=None)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    command = ["repsearch", "topics", "spectrum.safetensors", "--modes", "4", *arguments]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_text_records_and_corpus_give_the_same_topics(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = []
    for documents in (
        ["new.txt"],
        ["new.jsonl", "--field", "body", "--by", "year"],
        ["corpus"],
    ):
        assert run(monkeypatch, "--documents", *documents, "--out", "found", "--json") == 0
        printed = json.loads(capsys.readouterr().out)
        tables.append(json.loads((folder / "found" / "document-topics.json").read_text()))
        assert printed["results"]["document-topics"]["rows"] == tables[-1]
        rests = printed["results"]["document-topics"]["rests_on"]
        assert (rests["against"], rests["documents"]) == ("counts.npz", 60)
    for one, other, third in zip(*tables, strict=True):
        assert one["topic"] == other["topic"] == third["topic"]
        assert one["weight"] == other["weight"]
        assert one["mode 1"] == pytest.approx(third["mode 1"])
    assert [row["value"] for row in tables[1]][:3] == ["1990", "1991", "1990"]
    assert np.mean([row["topic"] is not None for row in tables[0]]) > 0.9
    for name in ("document-topics", "topic-documents", "topics-by-value"):
        assert {path.suffix for path in (folder / "found").glob(f"{name}.*")} >= {".csv", ".png"}


def test_what_is_printed_has_no_line_wider_than_the_screen(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--field", "body", "--by", "year", "--search", WORLD.words[0])
    assert run(monkeypatch, "--documents", "new.jsonl", *options) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines()[1:])) <= 80  # the first names the spectrum
    assert "Of 60 documents" in said
    assert f"'{WORLD.words[0]}'" in said
    assert "weight" in said


BAD = [
    (["--by", "year"], "--by is for the text of --documents, which is missing"),
    (["--tokenizer", "split"], "--tokenizer is for the text of --documents"),
    (["--documents", "new.jsonl", "--by", "year"], "name the one with the text too, --field text"),
    (["--documents", "new.jsonl"], "say which field is the text"),
    (["--documents", "new.txt", "--field", "body", "--by", "year"], "no field 'year'"),
    (["--documents", "corpus", "--by", "year"], "corpus is an encoded corpus, which keeps"),
    (["--documents", "nowhere"], "nowhere does not exist"),
    (["--documents", "new.jsonl", "--field", "body", "--by", "month"], "'year' (a number)"),
    (["--documents", "other.txt"], "no document has a word of the modes"),
    (["--search", "unheard"], "none of the words searched for ('unheard')"),
]


@pytest.mark.parametrize(("options", "said"), BAD, ids=lambda one: " ".join(one)[:40])
def test_what_cannot_be_asked_is_said(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    (folder / "other.txt").write_text("nothing of this is known\nnor this")
    assert run(monkeypatch, *options) == 2
    printed = " ".join(capsys.readouterr().err.split())
    assert said in printed
    assert "Traceback" not in printed

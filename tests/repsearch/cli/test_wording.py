"""Errors on the command line: in the words of its options, without a traceback or a repr."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from repsearch import training
from repsearch.cli import main
from repsearch.cli.wording import in_options

OPTIONS = {
    "min_count": "--min-count",
    "format": "--format",
    "modes": "--modes",
    "min_length": "--min-length",
    "force": "--force",
    "controls": "--controls",
    "words": "--words",
}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("name it, for example format='glove'", "name it, for example --format glove"),
        ("min_count is 0; pass at least 1, or None", "--min-count is 0; pass at least 1"),
        ("n_modes is 9; solve for more", "--modes is 9; solve for more"),
        ("lower min_document_length", "lower --min-length"),
        ("pass a smaller one, or force=True", "pass a smaller one, or --force"),
        ("or no controls (controls=0, --controls 0)", "or no controls (--controls 0)"),
        ("force and controls both say it", "--force and --controls both say it"),
        ("force and tied both say it", "force and tied both say it"),
        ("words_per_end lies between 1 and 2", "--words lies between 1 and 2"),
        # What is no option of the command, or no parameter at all, stays.
        ("pass tied=False", "pass tied=False"),
        ("the words are 3", "the words are 3"),
        ("/tmp/min_count/min_count.npz is damaged", "/tmp/min_count/min_count.npz is damaged"),
        ("there is no vector of 'min_count'", "there is no vector of 'min_count'"),
        ("no family 'x'; there are 'None'", "no family 'x'; there are 'None'"),
    ],
)
def test_parameters_become_options(message: str, said: str) -> None:
    assert in_options(message, OPTIONS) == said


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    rng = np.random.default_rng(0)
    words = [f"w{k}" for k in range(30)]
    lines = [f"{word} {' '.join(map(str, rng.normal(size=5)))}" for word in words]
    (folder / "plain.vec").write_text("\n".join(lines))
    (folder / "good.vec").write_text("\n".join(["30 5", *lines]))
    (folder / "head.glove").write_text("\n".join(["30 5", *lines]))
    (folder / "fast.bin").write_bytes((793712314).to_bytes(4, "little") + bytes(40))
    np.save(folder / "alone.npy", rng.normal(size=(3, 2)))
    (folder / "four.txt").write_text("a b c d\n")
    (folder / "pairs.txt").write_text("w1 w2\nw3 w4\n")
    (folder / "absent.txt").write_text("x y\nz u\n")
    (folder / "text.txt").write_text("a b c\n" * 5)
    (folder / "latin.txt").write_bytes(b"caf\xe9\n")
    (folder / "latin.json").write_bytes(b'[{"a": "caf\xe9"}]')
    (folder / "a.jsonl").write_text('{"body": "x y"}\n')
    (folder / "spectrum").write_text("w1 1 2\n")
    counts = rs.count(rs.encode(folder / "text.txt", vocabulary_size=None), rs.Window(2))
    counts.save(folder / "counts.npz")
    record = training.Record(when=training.evenly(1.0, 2), snapshots=training.AtTimes((1.0,)))
    training.train(counts, folder / "run", d=2, until=1.0, record=record)
    np.savez(folder / "states.npz", states=np.ones((4, 2)))
    return folder


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("evaluate plain.vec", "--format glove"),
        ("evaluate head.glove", "--format word2vec"),
        ("evaluate fast.bin", "a model of fastText"),
        ("evaluate alone.npy", "and no words; give them in a text file"),
        ("evaluate good.vec --word-list pairs.txt", "leave out the word list"),
        ("evaluate good.vec --relations four.txt", "read the file as questions"),
        ("evaluate good.vec --questions pairs.txt", "where a question has four"),
        ("evaluate good.vec --relations absent.txt", "4 are not in the vocabulary"),
        ("evaluate good.vec --similarity pairs.txt", "write word, word and score"),
        ("probe concepts good.vec --relations absent.txt", "check that both are of one language"),
        ("probe spiked good.vec --relations pairs.txt", "no family has 5 pairs"),
        ("probe states states.npz", "lacks the array 'labels'"),
        ("topics good.vec --words 0", "--words lies between"),
        ("topics good.vec --against head.glove", "--against-format word2vec"),
        ("topics good.vec --against alone.npy", "--against-word-list"),
        ("topics good.vec --against-format glove", "--against names none; drop them"),
        ("evaluate nothing", "nothing does not exist; pass embeddings, a spectrum or a folder"),
        ("evaluate spectrum", "name it, for example --format glove: there are"),
        ("count text.txt --vocabulary 0 --out c.npz", "--vocabulary is 0; pass"),
        ("count text.txt --min-count 0 --out c.npz", "--min-count is 0; pass"),
        ("count text.txt --threads 0 --out c.npz", "--threads is 0; pass"),
        ("count latin.txt --out c.npz", "(--bad-bytes replace or --bad-bytes skip)"),
        ("count latin.json --field a --out c.npz", "or choose --bad-bytes replace"),
        ("count a.jsonl --out c.npz", "for example --field body"),
        ("count a.jsonl --field x --out c.npz", "choose one of its fields: 'body'"),
        ("count a.jsonl --field body --document file --out c.npz", "leave out --document"),
        ("solve counts.npz --subsample 0.1", "use --weights word2vec or --weights word2vec.c"),
        ("solve counts.npz --d 9", "--d is 9; pass a whole number from 1 to 3"),
        ("predict counts.npz --steps 1 --time 1", "--steps and --time both say"),
        ("predict counts.npz --learning-rate 0", "--learning-rate is 0.0; pass"),
        ("compare run --counts counts.npz --eigenpairs 9", "--eigenpairs is 9; pass"),
        ("compare run --counts counts.npz --modes 9", "--modes is 9; pass"),
        ("train counts.npz --out run", "holds a run already; resume it"),
        ("train counts.npz --out new --pairs 0 --until 1", "--pairs is 0; pass"),
        ("train counts.npz --out new --untied --init -1", "--init is -1"),
        ("run text.txt --out new --seed -1", "--seed is -1; pass"),
        ("count text.txt --min-length 9 --out c.npz", "lower --min-length"),
        ("count text.txt --min-count 99 --out c.npz", "lower --min-count"),
    ],
)
def test_bad_invocations(
    inputs: Path,
    command: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(inputs)
    monkeypatch.setattr(sys, "argv", ["repsearch", *command.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    # Names of functions and of parameters, and reprs of numbers.
    assert not re.search(r"read_\w+|np\.float|array\(|\b(None|True|False)\b|TextFiles", error)
    assert not re.search(r"(?<![\w/.'-])[a-z]+_\w+(?![\w/.'])|\b\w+='?\w", error)

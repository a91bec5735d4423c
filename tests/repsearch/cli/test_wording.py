"""Errors on the command line: in the words of its options, without a traceback or a repr."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

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
    assert not re.search(r"read_\w+|keep_case|lowercase=|format=|np\.float|array\(|\bNone\b", error)

"""What the command line says of the text it was given; defaults that fit small texts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import TEXT, repsearch

import repsearch as rs

SMALL = "the cat sat on the mat\nthe dog sat on the log\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.txt").write_text(SMALL)
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path


def words(path: Path) -> dict[str, int]:
    counts = rs.Counts.open(path)
    return dict(zip(counts.words, counts.word_counts.tolist(), strict=True))


@pytest.mark.smoke
def test_a_small_text_needs_no_options(folder: Path) -> None:
    counted = repsearch("count", "small.txt", cwd=folder)
    assert counted.returncode == 0, counted.stderr
    assert "Read: 1 file (plain text), 2 documents, 12 words; 0 % of letters" in counted.stdout
    assert "the text has 7 distinct words, fewer than the 10,000" in counted.stderr
    solved = repsearch("solve", "counts.npz", "--embeddings", "a.vec", cwd=folder)
    assert solved.returncode == 0, solved.stderr
    assert (
        "1 eigenpair with a positive eigenvalue instead of the 200 of the default" in solved.stderr
    )
    spectrum = rs.Spectrum.open(folder / "spectrum.safetensors")
    assert spectrum.n_positive == spectrum.dimension < 7
    done = repsearch("run", "small.txt", "--out", "r", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 eigenpair instead of the 200 of the default" in done.stderr
    assert json.loads((folder / "r/run.json").read_text())["settings"]["d"] == spectrum.dimension


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-V", "5", "-d", "6"), "-d 6 is more than the 5 words of -V; ask for fewer"),
        (("-d", "8"), "-d 8 is more than the 7 words of the text; ask for fewer"),
        (("-V", "8"), "a vocabulary of 8 words was asked for, but the text has only 7 distinct"),
    ],
)
def test_what_is_asked_for_is_refused_before_counting(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = repsearch("run", "small.txt", *arguments, "--out", "r", cwd=folder)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "counting" not in done.stderr
    assert not (folder / "r" / "counts.npz").exists()


def test_notes_are_for_the_reader_of_the_screen(folder: Path) -> None:
    (folder / "mix").mkdir()
    (folder / "mix" / "a.txt").write_text("l'été à Köln\n", encoding="utf-8")
    np.save(folder / "mix" / "x.npy", np.zeros(3))
    done = repsearch("count", "mix", cwd=folder)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "dropped 44.4% of the letters" in said
    assert "choose --tokenizer unicode" in said
    assert "files that are no text were left out (1): mix/x.npy (a NumPy array)" in said
    assert done.stdout.splitlines()[-1].startswith("Counts: ")


def test_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from repsearch.cli import main; main()", "count", "-"],
        input=SMALL,
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert words(folder / "counts.npz")["the"] == 4


def test_word_ids(folder: Path) -> None:
    np.save(folder / "ids.npy", np.array([0, 1, 2, -1, 0, 2]))
    (folder / "words.txt").write_text("the\ncat\nsat\n")
    done = repsearch("count", "ids.npy", "--words", "words.txt", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert words(folder / "counts.npz") == {"sat": 2, "the": 2, "cat": 1}
    refused = repsearch("count", "ids.npy", cwd=folder)
    assert refused.returncode == 2
    assert "--words FILE" in refused.stderr


def test_json_asks_for_its_field(folder: Path) -> None:
    (folder / "a.jsonl").write_text('{"id": 1, "body": "the cat"}\n{"id": 2, "body": null}\n')
    refused = repsearch("count", "a.jsonl", cwd=folder)
    assert refused.returncode == 2
    assert (
        "'body' (7 characters); say which field is the text, for example --field body"
        in " ".join(refused.stderr.split())
    )
    done = repsearch("count", "a.jsonl", "--field", "body", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 of 2 records has no text" in done.stderr


def test_a_dataset_is_given_as_its_folder(folder: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra datasets")
    table = pa.table({"body": ["the cat", None], "ids": [[0, 1, 0], [1]]})
    for split in ("train", "test"):
        place = folder / "d" / split
        place.mkdir(parents=True)
        data = str(place / "data-00000-of-00001.arrow")
        with pa.OSFile(data, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
        (place / "state.json").write_text(json.dumps(state))
        (place / "dataset_info.json").write_text("{}")
    (folder / "d" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    (folder / "words.txt").write_text("the\ncat\n")
    for given, said in (("d", "2 splits (test, train)"), ("d/train", "for example --field body")):
        refused = repsearch("count", given, cwd=folder)
        assert refused.returncode == 2
        assert said in " ".join(refused.stderr.split())
    done = repsearch("count", "d/train", "--field", "body", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert words(folder / "counts.npz") == {"cat": 1, "the": 1}
    done = repsearch("count", "d/test", "--field", "ids", "--words", "words.txt", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert words(folder / "counts.npz") == {"the": 2, "cat": 2}


def test_seven_words_are_enough_for_every_default(folder: Path) -> None:
    lines = "the cat saw the dog\na bird saw a cat\nthe dog ran the bird\na cat ran\n"
    (folder / "seven.txt").write_text(lines)
    for command, said in [
        ("count seven.txt", "the text has 7 distinct words"),
        ("solve counts.npz", "1 eigenpair with a positive eigenvalue instead of the 200"),
        ("topics spectrum.safetensors", "3 words at each end instead of the 10 of the default"),
        ("predict counts.npz", "a model of d = 7 instead of the 200 of the default"),
        ("run seven.txt --out R", "1 eigenpair instead of the 200 of the default"),
    ]:
        done = repsearch(*command.split(), cwd=folder)
        assert done.returncode == 0, done.stderr
        assert said in " ".join((done.stdout + done.stderr).split())
    for command, said in [
        ("topics spectrum.safetensors --words 10", "--words lies between 1 and the 7 words"),
        ("predict counts.npz --d 8", "--d is 8; pass a whole number from 1 to 7"),
    ]:
        done = repsearch(*command.split(), cwd=folder)
        assert done.returncode == 2
        assert said in " ".join(done.stderr.split())

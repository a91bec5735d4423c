"""A text counted in shards, by commands alone, has the counts of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import TEXT
from typer.testing import CliRunner

from repsearch import Counts
from repsearch.cli import app
from repsearch.errors import InputError


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    lines = TEXT.splitlines(keepends=True)
    for name, part in (("one", lines[:20]), ("two", lines[20:25]), ("six", lines[25:])):
        Path(f"{name}.txt").write_text("".join(part))
    Path("whole.txt").write_text(TEXT)
    return ["one", "two", "six"]


def test_shards_have_the_counts_of_the_whole(shards: list[str]) -> None:
    for name in shards:
        assert "words" in run("vocabulary", f"{name}.txt", "--out", f"{name}.tsv")
    said = run("merge", *[f"{name}.tsv" for name in shards], "-V", 40, "--out", "words.tsv")
    assert said.startswith("40 words, ")
    for name in shards:
        run("count", f"{name}.txt", "-V", "words.tsv", "-L", 3, "--out", f"{name}.npz")
    run("merge", *[f"{name}.npz" for name in shards], "--out", "counts.npz")
    run("count", "whole.txt", "-V", 40, "-L", 3, "--out", "whole.npz")
    merged, whole = Counts.open("counts.npz"), Counts.open("whole.npz")
    assert merged.words == whole.words
    assert merged.word_counts.tolist() == whole.word_counts.tolist()
    assert (merged.n_words_read, merged.n_documents) == (whole.n_words_read, whole.n_documents)
    assert np.array_equal(merged.matrix().toarray(), whole.matrix().toarray())


def test_a_run_is_made_over_the_words_of_a_file_and_says_so(shards: list[str]) -> None:
    Path("mine").write_text("waa\nwbb\nwcc\nwdd\nwee\nwff\nwgg\nwhb\n")
    run("run", "whole.txt", "-V", "mine", "-d", 2, "--out", "made")
    assert set(Counts.open("made/counts.npz").words) == set(Path("mine").read_text().split())
    assert "mine" in Path("made/settings.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["count", "whole.txt", "-V", "absent.tsv"], "cannot read absent.tsv (No such file"),
        (
            ["count", "whole.txt", "-V", "words.tsv", "--min-count", 2],
            "--min-count chooses among words, but -V names them (words.tsv); leave one of them out",
        ),
        (
            ["merge", "one.npz", "words.tsv", "-o", "x"],
            "some of these are counts and some are not; merge counts and vocabularies apart",
        ),
        (["merge", "one.npz", "-V", 3, "-o", "x"], "-V and --min-count choose among words"),
        (["merge", "one.npz", "one.npz", "-o", "x"], "a corpus (digest "),
        (["merge", "absent.npz", "-o", "x"], "cannot read absent.npz (No such file"),
        (["merge", "whole.txt", "-o", "x"], "whole.txt is no vocabulary file of repsearch"),
        (["vocabulary", "whole.txt", "-V", 0, "-o", "x"], "size is 0; pass a whole number"),
    ],
)
def test_what_is_refused(shards: list[str], arguments: list[str], says: str) -> None:
    run("vocabulary", "one.txt", "--out", "words.tsv")
    run("count", "one.txt", "-V", "words.tsv", "--out", "one.npz")
    with pytest.raises(InputError) as refused:
        run(*arguments)
    assert str(refused.value).startswith(says)
    assert not Path("x").exists()

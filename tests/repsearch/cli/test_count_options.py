"""Windows, phrases, stop words, exponents and the least memory, by commands alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import TEXT
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import app, main
from repsearch.errors import InputError


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def found(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)["found"]


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """What the program says to bad input, in the words of the command."""

    def says(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["repsearch", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 2
        return " ".join(capsys.readouterr().err.split())

    return says


@pytest.fixture(autouse=True)
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text(TEXT)


# ------------------------------------------------------------ windows


@pytest.mark.parametrize(
    ("options", "window"),
    [
        ([], rs.Window()),
        (["-L", 3], rs.Window(3)),
        (["-L", 3, "--weighting", "flat", "--left", 0], rs.Window(3, "flat", left=0)),
        (["--weights", "3,1/2,0.25"], rs.Window(weights=(3, 0.5, 0.25))),
        (["--weights", "0,1", "--right", 0], rs.Window(weights=(0, 1), right=0)),
        (["--left", 1, "--right", 4], rs.Window(left=1, right=4)),
    ],
)
def test_the_window_of_the_command_is_that_of_python(
    options: list[object], window: rs.Window
) -> None:
    said = found("count", "text.txt", "-V", 20, *options, "-o", "c.npz")
    counts = rs.Counts.open("c.npz")
    wanted = rs.count(rs.encode("text.txt", vocabulary_size=20), window)
    assert said["window"] == window.record()
    assert counts.window == window
    assert np.array_equal(counts.matrix().toarray(), wanted.matrix().toarray())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--weights", "3,x"], "--weights are to be numbers, not 'x'; write whole numbers"),
        (["--weights", "1/0"], "--weights are to be numbers, not '1/0'"),
        (["--weights", "3,-1"], "--weights are to be numbers, not '-1'"),
        (["--weights", "3,2", "-L", 5], "window's size is 5, but 2 weights are given"),
        (["--weights", "3,2", "--weighting", "flat"], "--weighting is 'flat', but weights are"),
        (["-L", 2, "--left", 3], "--left is 3, beyond the window's size, 2"),
        (["--left", 0, "--right", 0], "--left and --right both are 0"),
    ],
)
def test_bad_windows_in_the_words_of_the_command(
    options: list[object], says: str, refused: Callable[..., str]
) -> None:
    assert says in refused("count", "text.txt", "-V", "20", *options)


def test_one_sided_counts_give_embeddings_of_words_and_of_contexts() -> None:
    run("count", "text.txt", "-V", 20, "-L", 2, "--left", 0, "-o", "c.npz")
    said = found(
        "solve", "c.npz", "--target", "ppmi", "--untied", "-d", 3, "--dtype", "float64",
        "--embeddings", "e.npz", "--exponent", 0.25, "-o", "s.safetensors",
    )  # fmt: skip
    target = rs.shifted_ppmi(rs.Counts.open("c.npz"))
    u, s, v = np.linalg.svd(target.dense())
    assert said["target"] == "PPMI (linear window of 2 to the right)"
    assert np.allclose(said["singular_values"], s[:3])
    words, contexts = rs.Embeddings.open("e.npz"), rs.Embeddings.open("e-contexts.npz")
    assert np.allclose(np.abs(words.vectors), np.abs(u[:, :3] * s[:3] ** 0.25))
    assert np.allclose(words.vectors @ contexts.vectors.T, (u[:, :3] * s[:3]) @ v[:3])
    assert "singular values^0.25" in words.name
    opened = rs.SingularTriplets.open("s.safetensors")
    assert np.allclose(opened.values, s[:3])
    assert "whole (singular vectors" in run("verify", "s.safetensors")
    with pytest.raises(InputError, match=r"s.safetensors holds singular vectors; give the emb"):
        run("ask", "s.safetensors", opened.words[0])


def test_what_needs_symmetric_counts_names_the_way_out() -> None:
    run("count", "text.txt", "-V", 20, "-L", 2, "--left", 0, "-o", "c.npz")
    with pytest.raises(InputError) as caught:
        run("solve", "c.npz")
    assert str(caught.value) == (
        "M* (linear window of 2 to the right) is not symmetric, so that it has no eigenpairs; add "
        "--untied, and its singular vectors are taken, of words and contexts apart"
    )
    for command in (["predict", "c.npz"], ["train", "c.npz"], ["minimise", "c.npz"]):
        with pytest.raises(InputError) as caught:
            run(*command)
        assert str(caught.value).startswith("c.npz was counted in a linear window of 2 to the")
        assert "take singular vectors: 'repsearch solve --untied'" in str(caught.value)


def test_counts_of_other_windows_are_not_added(refused: Callable[..., str]) -> None:
    Path("one.txt").write_text(TEXT[: len(TEXT) // 2])
    Path("words").write_text("\n".join(rs.encode("text.txt", vocabulary_size=9).words))
    run("count", "text.txt", "-V", "words", "-L", 2, "-o", "a.npz")
    run("count", "one.txt", "-V", "words", "-L", 2, "--left", 1, "-o", "b.npz")
    assert refused("merge", "a.npz", "b.npz", "-o", "c.npz") == (
        "error: counts in a linear window of 2 and in a linear window of 1 to the left and 2 to "
        "the right cannot be added; count every text alike"
    )


# ------------------------------------------------------------ exponents


def test_the_power_of_the_eigenvalues_is_that_of_numpy() -> None:
    run("count", "text.txt", "-V", 20, "-L", 3, "-o", "c.npz")
    matrix = rs.shifted_ppmi(rs.Counts.open("c.npz")).dense()
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = values[::-1][:2], vectors[:, ::-1][:, :2]
    for exponent in (0.0, 0.25, 0.5, 1.0):
        run(
            "solve", "c.npz", "--target", "ppmi", "-d", 2, "--dtype", "float64",
            "--exponent", exponent, "--embeddings", "e.safetensors",
        )  # fmt: skip
        found = rs.Embeddings.open("e.safetensors")
        assert np.allclose(np.abs(found.vectors), np.abs(vectors * values**exponent))
        assert found.name == ("PPMI" if exponent == 0.5 else f"PPMI, eigenvalues^{exponent:g}")


def test_untied_words_and_contexts_share_the_eigenvalues_out() -> None:
    run("count", "text.txt", "-V", 20, "-L", 3, "-o", "c.npz")
    matrix = rs.mstar(rs.Counts.open("c.npz")).dense()
    values, vectors = np.linalg.eigh(matrix)
    largest = np.argsort(-np.abs(values))[:3]
    run(
        "solve", "c.npz", "-d", 3, "--untied", "--dtype", "float64",
        "--exponent", 0.2, "--embeddings", "e.npz",
    )  # fmt: skip
    words, contexts = rs.Embeddings.open("e.npz"), rs.Embeddings.open("e-contexts.npz")
    best = (vectors[:, largest] * values[largest]) @ vectors[:, largest].T
    assert np.allclose(words.vectors @ contexts.vectors.T, best)
    lengths = np.sort(np.linalg.norm(words.vectors, axis=0))
    assert np.allclose(lengths, np.sort(np.abs(values[largest]) ** 0.2))


@pytest.mark.parametrize("target", ["pmi", "ppmi"])
def test_smoothed_contexts_are_those_of_numpy(target: str) -> None:
    run("count", "text.txt", "-V", 20, "-L", 3, "-o", "c.npz")
    counts = rs.Counts.open("c.npz")
    p = counts.matrix().toarray() / counts.total
    contexts = p.sum(axis=0) ** 0.75
    with np.errstate(divide="ignore"):
        wanted = np.log(p / np.outer(p.sum(axis=1), contexts / contexts.sum()) + 1e-25)
    wanted = np.maximum(wanted, 0) if target == "ppmi" else wanted
    said = found(
        "solve", "c.npz", "--target", target, "--context-exponent", 0.75, "--untied",
        "-d", 4, "--dtype", "float64", "--embeddings", "e.safetensors",
    )  # fmt: skip
    assert np.allclose(said["singular_values"], np.linalg.svd(wanted)[1][:4])
    name = f"{target.upper()} (contexts^0.75)"
    assert said["target"] == rs.Embeddings.open("e.safetensors").name == name


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--exponent", 0.2], "--exponent"),
        (["--exponent", 2, "--embeddings", "e.vec"], "--exponent is 2; pass a number from 0 to 1"),
        (
            ["--exponent", 0.2, "--embeddings", "e.vec", "--times", "1,2"],
            "--exponent",
        ),
        (["--context-exponent", 2, "--target", "pmi"], "--context-exponent is 2.0; pass a number"),
        (["--context-exponent", 0.7], "--context-exponent"),
        (
            ["--context-exponent", 0.7, "--target", "ppmi"],
            "PPMI (contexts^0.7) is not symmetric, so that it has no eigenpairs; add --untied",
        ),
        (
            ["--context-exponent", 0.7, "--target", "ppmi", "--untied", "--times", "1,2"],
            "PPMI (contexts^0.7) is not symmetric, and --times follows training by eigenpairs",
        ),
        (
            ["--context-exponent", 0.7, "--target", "ppmi", "--untied", "--device", "cuda"],
            "PPMI (contexts^0.7) is not symmetric, and singular vectors are found on the CPU",
        ),
    ],
)
def test_bad_exponents(options: list[object], says: str, refused: Callable[..., str]) -> None:
    run("count", "text.txt", "-V", 20, "-L", 3, "-o", "c.npz")
    assert says in refused("solve", "c.npz", *options)
    assert not Path("spectrum.safetensors").exists()


# ------------------------------------------------------------ phrases and stop words


def test_phrases_are_found_counted_and_recorded() -> None:
    said = run("phrases", "text.txt", "--min-count", 2, "--threshold", 0.0, "-o", "p.tsv")
    phrases = rs.Phrases.open("p.tsv")
    assert said.startswith(f"{len(phrases.pairs):,} phrases: ")
    line = Path("p.tsv").read_text().splitlines()[1].split("\t")
    assert line[0].split() == list(phrases.pairs[0])
    said = run("count", "text.txt", "--phrases", "p.tsv", "--stop-words", 2, "-L", 2, "-o", "c.npz")
    counts = rs.Counts.open("c.npz")
    assert counts.tokenizer.startswith(f"latin+{phrases.name}+stop:")
    assert f"Words: {counts.tokenizer}" in said
    wanted = rs.count(rs.encode("text.txt", phrases=phrases, stop_words=2), rs.Window(2))
    assert counts.words == wanted.words
    assert np.array_equal(counts.matrix().toarray(), wanted.matrix().toarray())


def test_shards_with_the_same_phrases_and_stop_words_have_the_counts_of_the_whole() -> None:
    lines = TEXT.splitlines(keepends=True)
    for name, part in (("one", lines[:20]), ("two", lines[20:])):
        Path(f"{name}.txt").write_text("".join(part))
    run("phrases", "text.txt", "--min-count", 2, "--threshold", 0.0, "-o", "p.tsv")
    Path("stop").write_text(f"{rs.encode('text.txt').words[0]}\n")
    alike = ["--phrases", "p.tsv", "--stop-words", "stop"]
    for name in ("one", "two"):
        run("vocabulary", f"{name}.txt", *alike, "-o", f"{name}.tsv")
    run("merge", "one.tsv", "two.tsv", "-V", 30, "-o", "words.tsv")
    for name in ("one", "two"):
        run("count", f"{name}.txt", *alike, "-V", "words.tsv", "-L", 2, "-o", f"{name}.npz")
    run("merge", "one.npz", "two.npz", "-o", "c.npz")
    run("count", "text.txt", *alike, "-V", 30, "-L", 2, "-o", "whole.npz")
    merged, whole = rs.Counts.open("c.npz"), rs.Counts.open("whole.npz")
    assert merged.words == whole.words
    assert merged.tokenizer == whole.tokenizer
    assert np.array_equal(merged.matrix().toarray(), whole.matrix().toarray())
    run("count", "two.txt", "-V", "words.tsv", "-L", 2, "-o", "two.npz")
    with pytest.raises(InputError, match=r"counts with tokenizer latin\+phrases:"):
        run("merge", "one.npz", "two.npz", "-o", "c.npz")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["count", "text.txt", "--phrases", "no"], "cannot read no (No such file"),
        (["count", "text.txt", "--stop-words", "no"], "cannot read no (No such file"),
        (["count", "text.txt", "--stop-words", "0"], "--stop-words is 0; pass a number of"),
        (["phrases", "text.txt", "--min-count", "0"], "--min-count is 0; pass a whole number"),
        (["phrases", "text.txt", "--min-count", "999"], "no pair of words occurs 999 times or"),
    ],
)
def test_bad_phrases_and_stop_words(
    arguments: list[str], says: str, refused: Callable[..., str]
) -> None:
    assert says in refused(*arguments)


# ------------------------------------------------------------ memory


@pytest.mark.parametrize("words", [[], ["-V", "20000"]])
def test_too_little_memory_is_refused_before_the_text_is_read(
    words: list[str], refused: Callable[..., str]
) -> None:
    Path("broken.txt").write_bytes(b"\xff\xfe\x00broken")  # read, it would be refused otherwise
    said = refused("count", "broken.txt", *words, "--memory", "1MiB")
    assert "a memory limit of 1,048,576 bytes is too small to count in; allow at least" in said


def test_the_memory_that_is_named_is_enough_and_changes_no_count() -> None:
    with pytest.raises(InputError) as caught:
        run("count", "text.txt", "-V", 20, "--memory", "1kB", "-o", "c.npz")
    least = str(caught.value).rsplit(" ", 1)[-1].replace(",", "")
    run("count", "text.txt", "-V", 20, "--memory", f"{least}B", "-o", "little.npz")
    run("count", "text.txt", "-V", 20, "-o", "much.npz")
    assert Path("little.npz").read_bytes() == Path("much.npz").read_bytes()
    assert int(least) < 10_000_000

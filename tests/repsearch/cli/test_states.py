"""Word states by the command, and other commands asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="language models need torch")
pytest.importorskip("transformers", reason="language models need transformers")

from tiny_language_models import save_model

from repsearch.cli import app
from repsearch.errors import InputError

RELATIONS = ": royal\nman king\nwoman queen\nowl owls\nbright brightly\n"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_states_and_probes_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    words = "king queen man woman owl owls bright brightly they spoke of the zebra"
    Path("words").write_text("\n".join(words.split()))
    Path("pairs.txt").write_text(RELATIONS)
    said = run("states", "model", "--words", "words", "--out", "states")
    assert (
        "model: 12 words, layers 0 (the input) to 2, 16 numbers each\n"
        "Words in several tokens: 2\n"
        "Left out, not known to the tokenizer: 1 (zebra)\n"
    ) in said
    asked = ["--relations", "pairs.txt", "--out", "found"]
    assert "royal" in run("probe", "concepts", "states", "--time", 1, "--controls", 0, *asked)
    assert "royal" in run("probe", "emergence", "states", "--dims", "4,8", *asked)
    with pytest.raises(InputError, match="there is no layer 7"):
        run("probe", "concepts", "states", "--time", 7, *asked)
    with pytest.raises(InputError, match="--counts, --spectrum and --init are for word2vec"):
        run("probe", "emergence", "states", "--init", 1e-6, *asked)


def test_without_words_the_carried_ones_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    said = run("states", "model", "--out", "states", "--template", "spoke of {}")
    assert "Left out, not known to the tokenizer: " in said

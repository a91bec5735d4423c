"""`repsearch evaluate`: a folder of relations, several right answers, and each method."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from repsearch import Embeddings
from repsearch.cli import app
from repsearch.errors import InputError

METHODS = ("3CosAdd", "3CosMul", "PairDirection", "3CosAvg")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve exact pairs in a BATS folder; of four the usual second word is elsewhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    rng = np.random.default_rng(0)
    first = rng.normal(size=(12, 30))
    second = first + rng.normal(size=30)
    usual = rng.normal(size=(4, 30))
    words = [f"{kind}{chr(97 + n)}" for kind in ("a", "b") for n in range(12)]
    words += [f"u{chr(97 + n)}" for n in range(4)]
    Embeddings(tuple(words), np.vstack([first, second, usual])).save("emb.vec")
    bats = tmp_path / "BATS_3.0" / "1_Inflectional"
    bats.mkdir(parents=True)
    letters = [chr(97 + n) for n in range(12)]
    lines = [f"a{n}\tu{n}/b{n}/none" if n in "abcd" else f"a{n}\tb{n}" for n in letters]
    (bats / "I01 [one - other].txt").write_text("\n".join(lines))
    (tmp_path / "BATS_3.0" / "README.md").write_text("The Bigger Analogy Test Set")
    (tmp_path / "alike.tsv").write_text("aa\tab\t1\nac\tad\t2\nae\taf\t3\nag\tah\t2\n")
    (tmp_path / "questions.txt").write_text("aa ba ab bb\n")
    return tmp_path


def evaluate(*options: str) -> list[dict]:
    command = ["evaluate", "emb.vec", "--similarity", "alike.tsv", "--out", "found", *options]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.exception
    return json.loads(Path("found/analogies.json").read_text())


@pytest.mark.parametrize("method", METHODS)
def test_a_folder_with_several_answers(folder: Path, method: str) -> None:
    family, micro, _ = evaluate("--relations", "BATS_3.0", "--method", method)
    assert (family["family"], family["pairs_used"]) == ("I01 [one - other]", 12)
    asked = 12 if method == "3CosAvg" else 132
    assert (family["questions"], micro["correct"]) == (asked, family["correct"])
    # The eight exact pairs are answered from each other.
    assert family["correct"] >= (8 if method == "3CosAvg" else 56)


def test_each_answer_of_a_pair_is_right(folder: Path) -> None:
    """From the exact pairs b is found for a, which is the second of three answers."""
    all_right = evaluate("--relations", "BATS_3.0", "--method", "3CosAvg")[0]["correct"]
    file = folder / "BATS_3.0" / "1_Inflectional" / "I01 [one - other].txt"
    file.write_text(file.read_text().replace("/none", "").replace("/b", "/x"))
    usual_alone = evaluate("--relations", "BATS_3.0", "--method", "3CosAvg")[0]["correct"]
    assert all_right == usual_alone + 4 == 12


def test_questions_have_no_other_pairs(folder: Path) -> None:
    options = ["evaluate", "emb.vec", "--questions", "questions.txt", "--method", "3CosAvg"]
    done = CliRunner().invoke(app, options)
    assert isinstance(done.exception, InputError)
    assert "--method 3CosAvg asks for each pair of a family once" in str(done.exception)

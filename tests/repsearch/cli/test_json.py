"""--json: one object on standard output whatever happens, and words elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import TEXT, repsearch
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import answer, app

KEYS = {"repsearch", "command", "status", "notes", "files", "results", "found"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("json")
    (made / "text.txt").write_text(TEXT)
    rng = np.random.default_rng(0)
    words = tuple(f"w{k}" for k in range(30))
    rs.Embeddings(words, rng.normal(size=(30, 5))).save(made / "emb.vec")
    return made


def told(*arguments: str, folder: Path, status: int = 0) -> dict:
    done = repsearch(*arguments, "--json", cwd=folder)
    assert done.returncode == status, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() - {"error"} == KEYS
    assert (found["status"], found["repsearch"]) == (status, rs.__version__)
    return found


@pytest.mark.smoke
def test_the_steps_one_by_one(folder: Path) -> None:
    counted = told("count", "text.txt", "-V", "40", folder=folder)
    assert counted["command"] == "count"
    assert counted["found"]["words"] == 40
    assert counted["files"] == {"counts": str(folder / "counts.npz")}
    solved = told("solve", "counts.npz", "-d", "4", "--times", "0.1,1", folder=folder)
    kept = rs.Spectrum.open(folder / "spectrum.safetensors")
    assert solved["found"]["eigenvalues"] == kept.eigenvalues.tolist()
    assert [row["time"] for row in solved["results"]["times"]["rows"]] == [0.1, 1]
    asked = told("probe", "isotropy", "emb.vec", "--resamples", "100", folder=folder)
    assert asked["command"] == "probe isotropy"
    assert asked["results"]["isotropy"].keys() == {"summary", "rows", "rests_on"}
    whole = told("verify", "counts.npz", folder=folder)
    assert [part["fault"] for part in whole["found"]["parts"]] == [None]


def test_bad_input_is_an_object_too_in_the_words_of_options(folder: Path) -> None:
    found = told("count", "text.txt", "-V", "0", folder=folder, status=2)
    assert found["error"]["kind"] == "InputError"
    assert "--vocabulary" in found["error"]["message"]


def test_what_is_refused_while_options_are_read(folder: Path) -> None:
    found = told("solve", "--out", "text.txt/x", folder=folder, status=2)
    assert "text.txt is a file" in found["error"]["message"]


def test_a_status_of_its_own(folder: Path) -> None:
    (folder / "bad.npz").write_bytes((folder / "emb.vec").read_bytes())
    (folder / "bad.npz.sha256").write_text(f"{'0' * 64}  bad.npz\n")
    found = told("verify", "bad.npz", folder=folder, status=1)
    assert found["found"]["parts"][0]["fault"]


def test_without_it_words_go_to_standard_output(folder: Path) -> None:
    done = repsearch("ask", "emb.vec", "w1", "-n", "2", cwd=folder)
    assert done.stdout.splitlines()[0] == "<Embeddings 30 words, 5 dimensions, float64>"
    assert "{" not in done.stdout


def test_every_command_has_it_and_none_prints_around_it() -> None:
    from repsearch.cli.commands import __path__ as commands

    for command in app.registered_commands:
        if command.name != "topics" and command.callback.__name__ != "topics":
            assert {"as_json", "verbose"} <= command.callback.__annotations__.keys()
    files = [*Path(commands[0]).glob("*.py"), Path(answer.__file__).with_name("finish.py")]
    prints = [path.name for path in files if "Console(" in path.read_text()]
    assert prints == []


def test_numbers_that_json_lacks_are_null_and_arrays_are_lists() -> None:
    made = {"a": np.arange(2), "b": float("nan"), "c": (np.float32("inf"), Path("x")), 1: True}
    plain = json.loads(json.dumps(answer._plain(made), allow_nan=False))
    assert plain == {"a": [0, 1], "b": None, "c": [None, "x"], "1": True}


def test_words_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    rs.Embeddings(("a\x1b[2J", "b"), np.eye(2)).save(tmp_path / "e.safetensors")
    runner = CliRunner()
    shown = runner.invoke(app, ["ask", str(tmp_path / "e.safetensors"), "b"])
    assert "\x1b" not in shown.output
    shown = runner.invoke(app, ["ask", str(tmp_path / "e.safetensors"), "b", "--json"])
    assert "\x1b" not in shown.output
    found = json.loads(shown.stdout)["found"]["asked"][0]["nearest"]
    assert [row["word"] for row in found] == ["a\x1b[2J"]


def test_version() -> None:
    shown = CliRunner().invoke(app, ["--version"])
    assert (shown.exit_code, shown.output) == (0, f"repsearch {rs.__version__}\n")


def test_verbose_logs_and_only_then(folder: Path) -> None:
    quiet = repsearch("export", "emb.vec", "--out", "a.npz", cwd=folder)
    said = repsearch("export", "emb.vec", "--out", "a.npz", "-v", cwd=folder)
    assert "repsearch." not in quiet.stderr
    assert "repsearch.storage" in said.stderr
    assert quiet.stdout == said.stdout


@pytest.mark.parametrize(
    ("line", "command", "said"),
    [
        ("solve --settings missing.toml", "solve", "missing.toml does not exist"),
        ("data fetch nosuch", "data fetch", "nosuch"),
        ("solve --target nonsense", "solve", "nonsense"),
        ("solve --no-such-option", "solve", "--no-such-option"),
        ("probe snr", "probe snr", "source"),
        ("nosuch", "", "nosuch"),
    ],
)
def test_every_failure_gives_one_object(folder: Path, line: str, command: str, said: str) -> None:
    """What Typer refuses, and what is refused before --json is read."""
    found = told(*line.split(), folder=folder, status=2)
    assert found["command"] == command
    assert said in found["error"]["message"].lower()


def test_json_before_the_name_of_a_command_is_meant_for_it(folder: Path) -> None:
    done = repsearch("data", "--json", "fetch", "nosuch", cwd=folder)
    assert (done.returncode, json.loads(done.stdout)["command"]) == (2, "data fetch")


def test_without_it_a_usage_error_prints_no_object(folder: Path) -> None:
    done = repsearch("solve", "--target", "nonsense", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nonsense" in done.stderr

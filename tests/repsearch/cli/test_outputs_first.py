"""An output that cannot be written is refused before any work is done, in every command."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from command_line import TEXT, repsearch
from typer.models import OptionInfo
from typer.testing import CliRunner

from repsearch.cli import app, options
from repsearch.cli.commands import data
from repsearch.errors import InputError
from repsearch.storage import trial
from repsearch.storage.trial import try_file, try_folder

# Of each command: what comes before the name of the output. The inputs do not exist, so a
# command that reads them first names them and not the output.
COMMANDS = {
    "count": ["count", "missing.txt", "--out"],
    "count --corpus": ["count", "missing.txt", "--corpus"],
    "count --shards": ["count", "missing.txt", "--scheduler", "local", "--shards"],
    "vocabulary": ["vocabulary", "missing.txt", "--out"],
    "phrases": ["phrases", "missing.txt", "--out"],
    "merge": ["merge", "missing.npz", "--out"],
    "solve": ["solve", "missing.npz", "--out"],
    "solve --embeddings": ["solve", "missing.npz", "--embeddings"],
    "minimise": ["minimise", "missing.npz", "--out"],
    "predict": ["predict", "missing.npz", "--out"],
    "train": ["train", "missing.npz", "--out"],
    "compare": ["compare", "missing", "--out"],
    "export": ["export", "missing.vec", "--out"],
    "evaluate": ["evaluate", "missing.vec", "--out"],
    "topics": ["topics", "missing.vec", "--out"],
    "states": ["states", "missing", "--out"],
    "steer": ["steer", "missing", "--out"],
    "run": ["run", "missing.txt", "--out"],
    "demo": ["demo", "--out"],
    "report": ["report", "missing", "--out"],
    "reproduce": ["reproduce", "--counts", "missing.npz", "--out"],
    "sweep": ["sweep", "missing.toml", "--out"],
    "atlas": ["atlas", "missing.vec", "--out"],
    "data fetch": ["data", "fetch", "missing", "--to"],
}


def probes() -> dict[str, list[str]]:
    from probes.registry import PROBES

    return {f"probe {one.name}": ["probe", one.name, "missing.vec", "--out"] for one in PROBES}


@pytest.mark.parametrize("name", [*COMMANDS, *probes()])
def test_refused_before_the_inputs_are_read(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("precious")
    for bad in ("file/x.vec", "file/deep/x.vec"):
        command = [*(COMMANDS | probes())[name], bad]
        refused = CliRunner().invoke(app, command)
        assert isinstance(refused.exception, InputError), refused.output
        assert str(refused.exception).startswith(
            f"cannot write {bad}: file is a file, not a folder; choose another path"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_option_that_names_an_output_tries_it():
    """Whoever adds an output finds the callback that tries it."""
    functions = [one.callback for one in (*app.registered_commands, *data.app.registered_commands)]
    tried, untried = 0, []
    for function in functions:
        for name, hint in get_type_hints(function, include_extras=True).items():
            options_of = [o for o in get_args(hint) if isinstance(o, OptionInfo)]
            if name in ("out", "corpus", "shards", "to") or (name == "embeddings" and options_of):
                (option,) = options_of
                tried += option.callback in (options.tried_file, options.tried_folder)
                untried += [] if option.callback else [f"{function.__name__} --{name}"]
    assert not untried
    assert tried == len(COMMANDS) - 1  # that of topics is made from the registry


@pytest.mark.smoke
def test_as_a_process_with_exit_status_2(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    done = repsearch("count", "text.txt", "-V", "40", "--out", "/dev/null/x", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot write /dev/null/x: /dev/null is a file, not a folder" in done.stderr
    assert "reading" not in done.stderr


@pytest.mark.parametrize("attempt", [try_file, try_folder])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "no permission to write there"),
    ],
)
def test_what_the_system_says_is_explained(tmp_path, monkeypatch, attempt, number, words):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(trial.os, "fsync", refuse)
    for path in (tmp_path / "a", tmp_path / "new" / "deep" / "a"):
        with pytest.raises(InputError, match=f"^cannot write {path}: {words}"):
            attempt(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="no permission to write there"):
        try_file(tmp_path / "a")


def test_names_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match="the name is too long"):
        try_file(tmp_path / ("x" * 250))
    with pytest.raises(InputError, match="that is a folder; give the name of a file"):
        try_file(tmp_path)
    with pytest.raises(InputError, match="is a device or a pipe"):
        try_file(Path("/dev/null"))
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="a file of that name is in the way"):
        try_folder(tmp_path / "file")


def test_a_training_folder_with_a_run_is_refused_before_eigenpairs_are_sought(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    refused = CliRunner().invoke(app, ["train", "missing.npz", "--out", str(tmp_path)])
    assert "holds a run already" in str(refused.exception)

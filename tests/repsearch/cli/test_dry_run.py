"""What a step would take is said, and refused, before anything is read or allocated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import app
from repsearch.errors import InputError
from repsearch.storage import memory

TEXT = "the cat sat on the mat\nthe dog sat on the cat\n" * 30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "text.txt").write_text(TEXT)
    rs.count(rs.encode(TEXT.splitlines(), vocabulary_size=None)).save(tmp_path / "counts.npz")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*line: str) -> Any:
    return CliRunner().invoke(app, list(line), catch_exceptions=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("count text.txt", "Expected: a few seconds and 0."),
        ("solve counts.npz -d 3", "Expected: a few seconds and 0."),
        ("solve carried", "Expected: about "),
        ("solve counts.npz -d 1 --method krylov --memory 0", "of memory, 0.0 GiB of scratch files"),
        ("minimise counts.npz -d 2", "Expected: about "),
    ],
)
def test_it_is_said_and_nothing_is_done(
    line: str, expected: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rs.Counts, "open", lambda *_, **__: pytest.fail("counts were opened"))
    monkeypatch.setattr(rs, "encode", lambda *_, **__: pytest.fail("the text was read"))
    if "carried" in line:
        monkeypatch.undo()
    before = sorted(folder.rglob("*"))
    done = run(*line.split(), "--dry-run")
    assert done.exit_code == 0, done.output
    assert expected in done.stdout or ("minimise" in line and "Expected: " in done.stdout)
    assert sorted(folder.rglob("*")) == before


def test_a_program_gets_numbers(folder: Path) -> None:
    done = run("solve", "counts.npz", "-d", "1", "--method", "krylov", "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert told["found"]["dry_run"] is True
    assert told["found"]["expected"]["memory_bytes"] > 1e8
    assert told["found"]["expected"]["scratch_bytes"] == 0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("solve carried -d 3000 --method krylov", r"3,000 eigenpairs of 4,500 words asks for .*-d"),
        ("minimise carried -d 4000", r"d = 4,000 of 4,500 words asks for .* smaller -d"),
        ("count text.txt --memory 40KiB", r"counting with --memory 40KiB asks for .*give less"),
    ],
)
@pytest.mark.parametrize("dry", [("--dry-run",), ()])
def test_what_cannot_fit_is_refused_with_the_estimate(
    line: str,
    sentence: str,
    dry: tuple[str, ...],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 5_000)
    if "carried" in line:
        monkeypatch.setattr(rs.Counts, "open", rs.Counts.open)
    done = run(*line.split(), *dry)
    assert isinstance(done.exception, InputError)
    with pytest.raises(InputError, match=sentence):
        raise done.exception


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("solve counts.npz -d 900", "-d is 900; pass a number from 1 to"),
        ("solve missing.npz", "missing.npz does not exist"),
        ("solve text.txt", "text.txt is damaged or is no counts file"),
        ("solve counts.npz --device cuda", "--dry-run knows eigenpairs .* on the CPU"),
        ("solve counts.npz --memory lots", "--memory is 'lots'; write a size"),
        ("minimise counts.npz --device cuda", "--dry-run knows .* on the CPU alone"),
    ],
)
def test_bad_arguments(line: str, sentence: str, folder: Path) -> None:
    done = run(*line.split(), "--dry-run")
    assert isinstance(done.exception, InputError), done.output
    with pytest.raises(InputError, match=sentence):
        raise done.exception


def test_pairs_on_disk_are_said_and_change_no_bit(folder: Path) -> None:
    for memory_of, name in (("0", "disk"), ("1GiB", "memory")):
        done = run("solve", "counts.npz", "-d", "2", "--memory", memory_of, "--out", name)
        assert done.exit_code == 0, done.output
        assert ("pairs are kept in scratch files" in done.output) == (memory_of == "0")
    assert (folder / "disk").read_bytes() == (folder / "memory").read_bytes()

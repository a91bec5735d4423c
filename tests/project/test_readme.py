"""What the README shows is true."""

from __future__ import annotations

import doctest
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from documents import blocks
from places import ROOT

from repsearch.cli import main

README = ROOT / "README.md"
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def python_with_output() -> dict[str, tuple[str, str]]:
    """Blocks of Python by their first words, with the text that is shown after them."""
    found, given = {}, blocks(README)
    for place, block in enumerate(given):
        if block.language == "python":
            after = given[place + 1]
            found[block.text.split("\n")[0]] = block.text, after.text * (after.language == "text")
    return found


def same(shown: str, printed: str) -> bool:
    return doctest.OutputChecker().check_output(shown, printed, LOOSE)


def test_python_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed_form, experiment, conjecture = python_with_output().values()
    names: dict[str, Any] = {}
    for text, shown in (closed_form, conjecture):
        assert shown
        exec(compile(text, "README.md", "exec"), names)
        printed = capsys.readouterr().out
        assert same(shown, printed), printed
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    exec(compile(experiment[0], "README.md", "exec"), names)
    assert "Training and closed form agree" in capsys.readouterr().out


def test_the_concepts_are_those_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    lines, shown = re.findall(
        r"```\n(repsearch solve carried.*?)```\n\n```text\n(.*?)```",
        README.read_text("utf-8"),
        re.S,
    )[0]
    for line in lines.splitlines():
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code in (0, None)
    printed = capsys.readouterr().out
    assert same(f"...\n{shown}", printed), printed

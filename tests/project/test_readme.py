"""What the README shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from places import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_python_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    closed_form, experiment = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(closed_form, "README.md", "exec"), names)
    shown = capsys.readouterr().out
    assert "queen" in shown
    assert "eigenvalue" in shown
    assert "all questions" in shown
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    exec(compile(experiment, "README.md", "exec"), names)
    assert "Training and closed form agree" in capsys.readouterr().out

"""What docs/synthetic.md shows is true: its programs run and print what it says."""

from __future__ import annotations

import re

import pytest
from places import DOCS


def test_the_guide_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (DOCS / "synthetic.md").read_text("utf-8")
    for example in re.findall(r"```python\n(.*?)```", guide, re.DOTALL):
        exec(compile(example, "synthetic.md", "exec"), {})
    shown = capsys.readouterr().out
    assert "without sampling error 1.000" in shown
    assert shown.count("holds: pairs of a relation") == 1
    assert shown.count("FAILS: pairs of a relation") == 1

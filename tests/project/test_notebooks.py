"""The notebooks run from top to bottom, and print what is kept in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from places import DOCS

NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))
REFRESH = "python -m tools.run_notebooks"


def texts(notebook: Any) -> list[str]:
    """What each cell of code prints and answers, without pictures."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts = [output.get("text", "") for output in cell.outputs]
            parts += [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
            found.append("".join(part for part in parts if not part.startswith("<Figure")))
    return found


def test_there_are_three() -> None:
    assert len(NOTEBOOKS) == 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_prints_what_is_kept(path: Path) -> None:
    pytest.importorskip("nbclient", reason="notebooks are run by nbclient, of the extra 'test'")
    pytest.importorskip("ipykernel", reason="notebooks are run by ipykernel, of the extra 'test'")
    import nbformat

    from tools.run_notebooks import executed

    kept = texts(nbformat.read(path, as_version=4))
    assert any(kept), "the notebook was never run"
    assert texts(executed(path)) == kept, f"what cells print has changed; run {REFRESH}"

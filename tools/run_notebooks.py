"""Run the notebooks of the documentation and keep what they print.

``python -m tools.run_notebooks``, or with the paths of some of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from repsearch.storage.atomic import replacing

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "notebooks"


def executed(path: Path) -> Any:
    """Return a notebook with the outputs of all its cells, run in an interpreter of its own."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=str(ROOT))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
        if cell.cell_type == "code":
            cell.execution_count = None
    notebook.metadata.get("language_info", {}).pop("version", None)
    return notebook


def main() -> None:
    """Run those that are named, or all."""
    for path in [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")):
        text = nbformat.writes(executed(path)) + "\n"
        with replacing(path, "w", encoding="utf-8") as whole:
            whole.write(text)
        print(path.name)


if __name__ == "__main__":
    main()

"""Find the data for the measurements."""

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def large_text() -> Path:
    """The larger text: one document a line, compressed.

    REPSEARCH_TEXT names it; by default it is ``enwiki-low.txt.xz`` (26,283
    Wikipedia articles) in the developers' data folder beside the checkout.
    """
    named = os.environ.get("REPSEARCH_TEXT")
    path = Path(named) if named else REPOSITORY.parent / "shared/data/enwiki-low.txt.xz"
    if not path.exists():
        sys.exit(f"error: {path} does not exist; name a text with REPSEARCH_TEXT=FILE")
    return path


def figure_4() -> Path | None:
    """The paper's figure 4 as numbers (JSON), where it is at hand; REPSEARCH_FIGURE_4 names it."""
    named = os.environ.get("REPSEARCH_FIGURE_4")
    path = Path(named) if named else REPOSITORY.parent / "shared/data/reference-figure-4.json"
    return path if path.exists() else None

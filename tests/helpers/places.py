"""Where the repository's folders are, and the developers' data where there are any."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FORMATS = ROOT / "tests" / "formats"
"""Files of every released format."""
HELPERS = ROOT / "tests" / "helpers"
CORPORA = ROOT.parent / "shared" / "data"
"""Wikipedia corpora; tests that need them are skipped without."""

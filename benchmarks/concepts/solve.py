"""Solve for the spectrum that the concept probes are run on."""

from pathlib import Path
from typing import Any

from benchmarks.weighted.settings import VOCABULARY
from repsearch import count, eigenpairs, encode, mstar

COLUMNS = 4096


def solve(text: Path, spectrum: Path) -> dict[str, Any]:
    """Count a text and keep its leading eigenpairs."""
    counts = count(encode(text, vocabulary_size=VOCABULARY))
    spectrum.parent.mkdir(parents=True, exist_ok=True)
    solved = eigenpairs(mstar(counts, dtype="float32"), COLUMNS)
    solved.save(spectrum)
    return {"words": len(counts.words), "largest residual": float(solved.residuals.max())}

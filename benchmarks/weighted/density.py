"""Measure how full the count matrix of a corpus is, by the number of words."""

from pathlib import Path
from typing import Any

from benchmarks.weighted.general import first_words
from benchmarks.weighted.settings import VOCABULARY
from repsearch import Window, count, encode
from repsearch.storage.tables import write_json

SIZES = (2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000, 6_000, 8_000, 10_000)


def measure(small: Path, large: Path, file: Path) -> None:
    """Densities of the small text by vocabulary, that of the large one, and the size that matches.

    Windows of 16 words to each side, no subsampling.
    """
    found: dict[str, Any] = {"words": VOCABULARY}
    for text in (large, small):
        counts = count(encode(text, vocabulary_size=VOCABULARY), Window(16))
        sizes = (VOCABULARY,) if text == large else SIZES
        found[text.name] = {str(n): first_words(counts, n).density for n in sizes}
    wanted = found[large.name][str(VOCABULARY)]
    densities = found[small.name]
    found["matched"] = min(SIZES, key=lambda n: abs(densities[str(n)] - wanted))
    write_json(found, file)
    print(found)

"""Make counts-v1.npz, which shows that files of today can be read for ever.

It was made once, by ``python tests/formats/make_counts.py`` in the repository's
root; do not make it again, but add those of a new version.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window

COUNTS = Counts(
    words=("the", "naïve", "猫", "owl's", "alone"),
    word_counts=np.array([90_000_000_000, 70, 70, 3, 1], np.int64),
    indptr=np.array([0, 1, 2, 5, 6, 6], np.int64),
    columns=np.array([0, 0, 0, 1, 2, 2], np.int32),
    values=np.array([2**40 + 6, 255, 256, 65_536, 2, 2**32 - 1], np.int64),
    window=Window(3, "harmonic"),
    tokenizer="unicode",
    out_of_vocabulary="keep-place",
    n_words_read=90_000_000_200,
    n_documents=12,
    corpora=("0f" * 32, "a1" * 32),
)


def main() -> None:
    COUNTS.save(Path(__file__).parent / "counts-v1.npz")


if __name__ == "__main__":
    main()

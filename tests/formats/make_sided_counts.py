"""Make counts-v2.npz, which shows that files of today can be read for ever.

It was made once, by ``python tests/formats/make_sided_counts.py`` in the repository's
root; do not make it again, but add those of a new version.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window

COUNTS = Counts(
    words=("the", "naïve", "猫"),
    word_counts=np.array([90_000_000_000, 70, 3], np.int64),
    indptr=np.array([0, 1, 2, 4], np.int64),
    columns=np.array([0, 0, 0, 1], np.int32),
    values=np.array([2**40 + 6, 0, 256, 7], np.int64),
    above=np.array([2**40 + 6, 2**33, 0, 65_536], np.int64),
    window=Window(weights=(1, Fraction(1, 3), 0.25), left=1),
    tokenizer="unicode+phrases:0123456789ab",
    out_of_vocabulary="keep-place",
    n_words_read=90_000_000_200,
    n_documents=12,
    corpora=("0f" * 32, "a1" * 32),
)


def main() -> None:
    COUNTS.save(Path(__file__).parent / "counts-v2.npz")


if __name__ == "__main__":
    main()

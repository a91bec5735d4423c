"""Make embeddings-v1.*, which show that files of today can be read for ever.

They were made once, by ``python tests/formats/make_embeddings.py`` in the
repository's root; do not make them again, but add those of a new version.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from repsearch.embeddings import Embeddings

SUFFIXES = (".vec", ".bin", ".glove", ".safetensors", ".npz")
WORDS = ("the", "naïve", "猫", "</s>")
VECTORS = np.array(
    [[0.1, -0.0, 1.0], [1e-45, 3.4028235e38, -2.5], [0.0, 0.0, 0.0], [1 / 3, 1e-10, 123456.79]],
    dtype=np.float32,
)
NAME = "M*, rank 3"


def main() -> None:
    here = Path(__file__).parent
    for suffix in SUFFIXES:
        Embeddings(WORDS, VECTORS, NAME).save(here / f"embeddings-v1{suffix}")


if __name__ == "__main__":
    main()

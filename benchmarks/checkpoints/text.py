"""Choose documents of a text, as one array of word ids that a training reads."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from repsearch import Corpus, encode

SPECIAL = ("<unk>", "<eos>")
"""After the words: what no word stands for, and what ends every document."""


def choose(text: Path, file: Path, most: int, vocabulary: int, seed: int) -> None:
    """Take documents in an order drawn at random until the next would be too much."""
    with tempfile.TemporaryDirectory() as scratch:
        if not text.is_dir():
            print(f"{text}: encoding ...", flush=True)
            encode(text, Path(scratch) / "corpus", vocabulary_size=vocabulary)
            text = Path(scratch) / "corpus"
        corpus = Corpus.open(text)
        if len(corpus.words) + len(SPECIAL) > 2**16:
            raise SystemExit("error: ids are kept in 16 bits; choose fewer words")
        lengths = np.diff(corpus.offsets) + 1
        order = np.random.default_rng(seed).permutation(corpus.n_documents)
        # The order is that of the draw, so that the held-out end is of random documents too.
        order = order[: np.searchsorted(np.cumsum(lengths[order]), most, side="right")]
        end = np.array([len(corpus.words) + SPECIAL.index("<eos>")], dtype=np.uint16)
        parts = []
        for k in order:
            document = corpus.tokens[corpus.offsets[k] : corpus.offsets[k + 1]]
            parts += [document[document >= 0].astype(np.uint16), end]
        ids = np.concatenate(parts)
        partial = file.with_name(f".{file.name}")
        with partial.open("wb") as stream:
            np.savez_compressed(
                stream, ids=ids, words=np.array(corpus.words), digest=np.array(corpus.digest)
            )
        partial.replace(file)
    size = file.stat().st_size / 2**20
    print(f"{file}: {len(ids):,} ids of {len(order):,} documents, {size:.1f} MiB", flush=True)

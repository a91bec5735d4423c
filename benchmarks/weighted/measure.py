"""Make embeddings by the weighted closed form, plain M* and gensim, with their times."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import timed
from benchmarks.weighted.pipeline import counted, embedded, solved
from benchmarks.weighted.settings import (
    DIMENSION,
    PLAIN,
    PLAIN_EXPONENT,
    TOLERANCE,
    VOCABULARY,
    Setting,
)
from repsearch import Corpus, encode

GENSIM = {
    "sg": 1,
    "vector_size": DIMENSION,
    "window": 16,
    "negative": 5,
    "sample": 1e-4,
    "epochs": 3,
    "workers": 2,
    "min_count": 1,
}
_LONGEST = 10_000  # gensim leaves out what a sentence has beyond this


def ours(text: Path, setting: Setting, exponent: float, file: Path) -> dict[str, Any]:
    """The weighted closed form from text to embeddings, step by step."""
    _warm_up(setting)
    encoding, corpus = timed(encode, text, vocabulary_size=VOCABULARY)
    counting, counts = timed(counted, corpus, setting)
    solving, (minimiser, edge) = timed(solved, counts, setting, TOLERANCE)
    embedding, embeddings = timed(minimiser.embeddings, exponent=exponent, noise_edge=edge)
    embeddings.save(file)
    return {
        "tokens": len(corpus.tokens),
        "encoding_seconds": encoding,
        "counting_seconds": counting,
        "solving_seconds": solving + embedding,
        "seconds_from_text": encoding + counting + solving + embedding,
        "seconds_from_corpus": counting + solving + embedding,
    }


def plain(text: Path, file: Path) -> dict[str, Any]:
    """M* as in the paper."""
    _warm_up(PLAIN)
    encoding, corpus = timed(encode, text, vocabulary_size=VOCABULARY)
    seconds, embeddings = timed(embedded, corpus, PLAIN, PLAIN_EXPONENT, TOLERANCE)
    embeddings.save(file)
    return {
        "tokens": len(corpus.tokens),
        "encoding_seconds": encoding,
        "seconds_from_text": encoding + seconds,
        "seconds_from_corpus": seconds,
    }


def by_gensim(text: Path, seed: int, file: Path) -> dict[str, Any]:
    """SGNS of gensim on the same tokens: words out of the vocabulary are removed beforehand."""
    import gensim
    from gensim.models import Word2Vec
    from gensim.models.word2vec import LineSentence

    encoding, corpus = timed(encode, text, vocabulary_size=VOCABULARY)
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "text"
        with prepared.open("w") as stream:
            stream.writelines(_lines(corpus))
        seconds, model = timed(Word2Vec, LineSentence(str(prepared)), seed=seed, **GENSIM)
    model.wv.save_word2vec_format(str(file), binary=True)
    return {
        "tokens": len(corpus.tokens),
        "vocabulary": len(model.wv),
        "gensim": gensim.__version__,
        "encoding_seconds": encoding,
        "seconds_from_text": encoding + seconds,
        "seconds_from_corpus": seconds,
    }


def _warm_up(setting: Setting) -> None:
    """Compile all kernels (or load them) on a small text."""
    rng = np.random.default_rng(0)
    letters = [f"{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(300)]
    texts = [" ".join(letters[k] for k in rng.integers(0, 300, 3000)) for _ in range(20)]
    embedded(encode(texts, vocabulary_size=300), setting, PLAIN_EXPONENT, TOLERANCE)


def _lines(corpus: Corpus) -> Iterator[str]:
    words = np.array(corpus.words, dtype=object)
    for begin, end in zip(corpus.offsets[:-1].tolist(), corpus.offsets[1:].tolist(), strict=True):
        for low in range(begin, end, _LONGEST):
            yield " ".join(words[corpus.tokens[low : min(low + _LONGEST, end)]]) + "\n"

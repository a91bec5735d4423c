"""Make inputs of any size: text with topics, counts, embeddings with relations, spectra."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repsearch import Corpus, Counts, Embeddings, Spectrum, Window, count, encode
from repsearch.synthetic.word_names import base26, base26_width

if TYPE_CHECKING:
    from probes import Relations, SimilaritySet

SEED = 0
TOPICS = 256
DOCUMENT = 250
_IN_TOPIC = 0.5


@cache
def names(size: int) -> tuple[str, ...]:
    """Words in letters alone, as many as asked for."""
    width = base26_width(size)
    return tuple(base26(number, width) for number in range(size))


def topical_tokens(n: int, size: int) -> NDArray[np.int32]:
    """Numbers of words by Zipf's law, each document leaning to the words of one topic.

    Word k stands with probability proportional to 1 / (k + 2.7). In half of its places a
    document has instead the word of its topic that is about as frequent. Topics are unlike in
    size, so that M* has eigenvalues that fall slowly, as of real text.
    """
    rng = np.random.default_rng(SEED)
    share = 1 / (np.arange(size) + 2.7)
    edges = np.cumsum(share / share.sum())
    tokens = np.minimum(np.searchsorted(edges, rng.random(n)), size - 1)
    topics = min(TOPICS, max(size // 8, 1))
    popular = 1 / np.sqrt(np.arange(topics) + 1)
    topic = rng.choice(topics, -(-n // DOCUMENT), p=popular / popular.sum())
    leaning = np.repeat(topic, DOCUMENT)[:n]
    moved = tokens // topics * topics + leaning
    chosen = (rng.random(n) < _IN_TOPIC) & (moved < size)
    return np.where(chosen, moved, tokens).astype(np.int32)


def text_file(folder: Path, n: int, size: int) -> Path:
    """Write such a text, one document a line, with words of letters."""
    path = folder / f"text-{n}-{size}.txt"
    words = np.array(names(size), object)
    tokens = topical_tokens(n, size)
    with path.open("w", encoding="utf-8") as stream:
        for low in range(0, n, DOCUMENT):
            stream.write(" ".join(words[tokens[low : low + DOCUMENT]]) + "\n")
    return path


def corpus(n: int, size: int) -> Corpus:
    """Such a text as a corpus whose words stand in the order of frequency."""
    tokens = topical_tokens(n, size)
    numbers = np.bincount(tokens, minlength=size)
    order = np.argsort(-numbers, kind="stable")
    rank = np.empty(size, np.int32)
    rank[order] = np.arange(size, dtype=np.int32)
    return replace(
        encode(["a"], vocabulary_size=None),
        words=names(size),
        word_counts=numbers[order],
        tokens=rank[tokens],
        offsets=np.array([*range(0, n, DOCUMENT), n], np.int64),
        n_words_read=n,
    )


def counts(n: int, size: int, window: int = 16) -> Counts:
    """Its counts."""
    return count(corpus(n, size), Window(window), threads=1)


def spectrum(size: int, d: int) -> Spectrum:
    """Random eigenvectors, with eigenvalues like k^-0.6."""
    rng = np.random.default_rng(SEED)
    vectors = np.linalg.qr(rng.standard_normal((size, d)))[0]
    values = 40 * np.arange(1.0, d + 1) ** -0.6
    return Spectrum(
        words=names(size),
        eigenvalues=values,
        eigenvectors=np.ascontiguousarray(vectors),
        residuals=np.zeros(d),
        squared_norm=float((values**2).sum()),
        target="M*",
    )


def embeddings(size: int, d: int) -> Embeddings:
    """Random vectors with a common direction in the pairs of each family of `relations`."""
    rng = np.random.default_rng(SEED)
    vectors = rng.standard_normal((size, d)) * np.arange(1.0, d + 1) ** -0.3
    return Embeddings(names(size), vectors)


def relations(words: tuple[str, ...], families: int, per_family: int) -> "Relations":
    """Families of pairs of words that come in no other pair."""
    from probes import Relations

    order = np.random.default_rng(SEED).permutation(len(words))[: 2 * families * per_family]
    if len(order) < 2 * families * per_family:
        raise ValueError(f"{len(words)} words are too few for {families} x {per_family} pairs")
    ends = order.reshape(families, per_family, 2)
    return Relations(
        {
            f"family {k}": [(words[a], words[b]) for a, b in family.tolist()]
            for k, family in enumerate(ends)
        }
    )


def similarity_set(words: tuple[str, ...], rated: int) -> "SimilaritySet":
    """Random pairs of words with random scores."""
    from probes import SimilaritySet

    rng = np.random.default_rng(SEED)
    places = rng.integers(0, len(words), (rated, 2))
    places[:, 1] = np.where(
        places[:, 0] == places[:, 1], (places[:, 1] + 1) % len(words), places[:, 1]
    )
    pairs = [(words[a], words[b]) for a, b in places.tolist()]
    return SimilaritySet(pairs, rng.random(rated), name="random")

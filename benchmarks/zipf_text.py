"""Write a synthetic text of as many words as one likes: Zipf's law, documents about topics.

The word of rank r has a share of about 1 / r of all tokens. Half of the tokens of a document are
of its topic: every hundredth word, by rank, belongs to it. So the text has a hundred modes to be
found, pairs repeat as they do in real text, and the rest of M* is noise of rare pairs.
"""

from pathlib import Path

import numpy as np

from repsearch.storage.atomic import replacing
from repsearch.synthetic.word_names import base26_width

TOPICS = 100
LENGTH = 500
"""Tokens of a document."""
_AT_ONCE = 4_000
"""Documents that are made and written at once."""


def zipf_text(path: Path, tokens: int, ranks: int, seed: int = 0) -> None:
    """Write documents, one a line, of words drawn from so many.

    Words are numbers in letters, all of one length, so that a piece of text is one array of
    bytes and takes no longer to make than to read.

    Parameters
    ----------
    path : Path
        Text file; it appears when it is whole.
    tokens : int
        Number of tokens, made a whole number of documents.
    ranks : int
        Words that are drawn from; as many of them as tokens allow will occur.
    seed : int
        Seed.
    """
    random = np.random.default_rng(seed)
    letters = _letters(ranks)
    documents = -(-tokens // LENGTH)
    with replacing(path) as stream:
        for first in range(0, documents, _AT_ONCE):
            shape = (min(_AT_ONCE, documents - first), LENGTH)
            # floor(n^u) is r with a probability of log(1 + 1/r) / log n, near enough 1 / r.
            word = np.floor(ranks ** random.random(shape)).astype(np.int64) - 1
            of_topic = np.floor((ranks // TOPICS) ** random.random(shape)).astype(np.int64) - 1
            topic = random.integers(0, TOPICS, (shape[0], 1))
            drawn = np.where(random.random(shape) < 0.5, word, TOPICS * of_topic + topic)
            line = letters[drawn]
            line[:, -1, -1] = ord("\n")
            stream.write(line.tobytes())


def _letters(ranks: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Names of words by rank, each with a blank behind it, (ranks, width + 1)."""
    width = base26_width(ranks)
    number = np.arange(ranks)
    names = np.full((ranks, width + 1), ord(" "), np.uint8)
    for place in range(width - 1, -1, -1):
        number, digit = np.divmod(number, 26)
        names[:, place] = ord("a") + digit
    return names

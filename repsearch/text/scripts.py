"""Find whole phrases among the words of scripts that are written without spaces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

# Characters of a word on average, beyond which text in these scripts was not segmented: words of
# Chinese and Japanese have about two, of Thai, Lao, Khmer and Burmese about five, phrases
# several times as many.
_SCRIPTS = (
    (regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}]"), 4.5),
    (regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"), 10.0),
)


def share_of_phrases(words: Sequence[str], counts: NDArray[np.int64]) -> float:
    """Estimate how many of the words of a text are whole phrases.

    Parameters
    ----------
    words : sequence of str
        Distinct words.
    counts : (len(words),) int64
        Occurrences of each.

    Returns
    -------
    float
        Fraction of all occurrences that are of a script written without spaces whose
        words are too long for words on average; 0 where its text was segmented.

    Examples
    --------
    >>> share_of_phrases(["私は学生です", "はい"], np.array([3, 1]))
    1.0
    >>> share_of_phrases(["私", "は", "学生", "です"], np.array([1, 1, 1, 1]))
    0.0
    """
    total = int(counts.sum())
    phrases = 0
    for script, longest in _SCRIPTS:
        places = [k for k, word in enumerate(words) if not word.isascii() and script.match(word)]
        occurrences = counts[places]
        lengths = np.array([len(words[k]) for k in places], np.int64)
        if int(occurrences @ lengths) > longest * int(occurrences.sum()):
            phrases += int(occurrences.sum())
    return phrases / total if total else 0.0

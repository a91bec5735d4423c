r"""Find pairs of words that are one phrase, such as "new york", before text is encoded.

Pairs are scored from counts in the whole text (Bouma 2009; Mikolov et al. 2013, section 4), as
gensim's ``Phrases`` does, but exactly: no pair is forgotten to save memory.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.corpus.bigrams import Bigrams, count_bigrams
from repsearch.corpus.first_pass import Draft, draft_corpus
from repsearch.corpus.stop_words import checked_stop_words, stop_numbers
from repsearch.corpus.token_ids import TOKENIZER as IDS
from repsearch.corpus.token_ids import TokenIds
from repsearch.corpus.word_file import lines_of
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing
from repsearch.text.files import TextFiles
from repsearch.text.tokenizers import LATIN, Tokenize, Tokenizer, as_tokenizer, is_word

Scoring = Literal["npmi", "default"]
HEADER = "# repsearch phrases"
JOINT = "_"
"""What stands between the words of a phrase."""
_THRESHOLDS: dict[str, float] = {"npmi": 0.5, "default": 10.0}
_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Phrases:
    """Hold pairs of words that are joined to one, the highest score first.

    Parameters
    ----------
    pairs : tuple of (str, str)
        Distinct pairs of words, in the order of the text.
    counts : tuple of int, optional
        How often each pair was met; unknown where a list was written by hand.
    scores : tuple of float, optional
        Their scores.

    Raises
    ------
    InputError
        No pair, one twice, or something that is no word.

    Examples
    --------
    >>> import repsearch as rs
    >>> phrases = Phrases((("new", "york"),))
    >>> rs.encode(["new york new jersey"], vocabulary_size=None, phrases=phrases).document(0)
    ['new_york', 'new', 'jersey']
    """

    pairs: tuple[tuple[str, str], ...]
    counts: tuple[int, ...] | None = field(default=None, repr=False)
    scores: tuple[float, ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        pairs = tuple(tuple(pair) for pair in self.pairs)
        object.__setattr__(self, "pairs", pairs)
        if not pairs:
            raise InputError("there is no phrase; pass at least one pair of words, or no phrases")
        for pair in pairs:
            if len(pair) != 2 or not all(is_word(word) for word in pair):
                raise InputError(f"the phrases hold {pair!r}; a phrase is a pair of words")
        if len(set(pairs)) < len(pairs):
            twice = next(pair for k, pair in enumerate(pairs) if pair in pairs[:k])
            raise InputError(f"the phrases hold {' '.join(twice)!r} twice; leave one out")

    @property
    def digest(self) -> str:
        """SHA-256 of the pairs, whatever their order."""
        lines = sorted(" ".join(pair) for pair in self.pairs)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def name(self) -> str:
        """What they are called in the name of how a text was split, ``phrases:`` and a digest."""
        return f"phrases:{self.digest[:_DIGITS]}"

    def save(self, path: str | Path) -> None:
        """Write the phrases, one a line with count and score, tabs between.

        Parameters
        ----------
        path : path
            File to write.

        Raises
        ------
        InputError
            It cannot be written.
        """
        with replacing(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(f"{HEADER}; {len(self.pairs)} pairs; count and score\n")
            for k, (first, second) in enumerate(self.pairs):
                numbers = "" if self.counts is None else f"\t{self.counts[k]}"
                numbers += "" if self.scores is None else f"\t{self.scores[k]!r}"
                file.write(f"{first} {second}{numbers}\n")

    @classmethod
    def open(cls, path: str | Path) -> Phrases:
        """Read what `save` wrote, or a list written by hand.

        Parameters
        ----------
        path : path
            A phrase a line, its two words with a space between; after a tab anything.

        Returns
        -------
        Phrases
            The phrases; counts and scores only where each line has them.

        Raises
        ------
        InputError
            A file that cannot be read, has no phrase or one twice, or a line that is no phrase.
        """
        path = Path(path)
        lines = lines_of(path)
        first = 2 if lines and lines[0].startswith(HEADER) else 1
        seen: dict[tuple[str, str], int] = {}
        numbers = []
        for number, line in enumerate(lines[first - 1 :], start=first):
            text, *rest = line.split("\t")
            words = text.split()
            if len(words) != 2 or not all(is_word(word) for word in words):
                raise InputError(
                    f"{path}, line {number:,}, is not two words; write a phrase a line, with a "
                    "space between its words"
                )
            pair = (words[0], words[1])
            if pair in seen:
                raise InputError(
                    f"{path} has {text!r} in lines {seen[pair]:,} and {number:,}; leave one out"
                )
            seen[pair] = number
            numbers.append(rest)
        if not seen:
            raise InputError(f"{path} has no phrase; write one a line")
        try:
            counts = tuple(int(rest[0]) for rest in numbers)
            scores = tuple(float(rest[1]) for rest in numbers)
        except (ValueError, IndexError):
            return cls(tuple(seen))
        return cls(tuple(seen), counts, scores)


def learn_phrases(
    source: str | Path | TextFiles | TokenIds | Iterable[str],
    *,
    tokenizer: str | Tokenizer | Tokenize = LATIN,
    min_count: int = 5,
    threshold: float | None = None,
    scoring: Scoring = "npmi",
    stop_words: Iterable[str] | int | None = None,
    progress: Progress = silent,
) -> Phrases:
    """Find the pairs of neighbouring words that occur together far more than by chance.

    With a and b the counts of two words, n of the pair and N of all words, the score is
    ``"npmi"``: log(n N / (a b)) / -log(n / N), from -1 to 1 (Bouma 2009); or ``"default"``:
    (n - `min_count`) D / (a b) with D the number of distinct words and pairs, gensim's default
    (after Mikolov et al. 2013, Eq. 6, which has no D).

    Parameters
    ----------
    source : path, TextFiles, TokenIds, or iterable of str
        Text, as for `repsearch.encode`. No pair crosses the end of a document.
    tokenizer : {"latin", "unicode", "turkish", "split"}, Tokenizer or callable
        Rule that splits text into words.
    min_count : int
        Least number of times that a pair occurs.
    threshold : float, optional
        A phrase has a larger score; 0.5 by default for ``"npmi"`` and 10 for ``"default"``.
    scoring : {"npmi", "default"}
        Score of a pair.
    stop_words : iterable of str or int, optional
        Words that are in no phrase, or how many of the most frequent ones are in none.
    progress : Progress
        Called with the bytes read and the words counted.

    Returns
    -------
    Phrases
        The highest score first; ties by count, then in alphabetical order.

    Raises
    ------
    InputError
        Bad text, a bad number, an unknown scoring, or no phrase in the text.

    Examples
    --------
    >>> text = ["in new york", "to new york", "a new day", "in a day to come"]
    >>> learn_phrases(text, min_count=2).pairs
    (('new', 'york'),)
    """
    if not is_whole(min_count) or min_count < 1:
        raise InputError(f"min_count is {min_count!r}; pass a whole number of at least 1")
    if scoring not in get_args(Scoring):
        raise InputError(f"scoring is {scoring!r}; choose 'npmi' or 'default'")
    least: object = _THRESHOLDS[scoring] if threshold is None else threshold
    if isinstance(least, bool) or not isinstance(least, int | float) or not math.isfinite(least):
        raise InputError(f"threshold is {least!r}; pass a number")
    stopped = checked_stop_words(stop_words)
    rule = as_tokenizer(tokenizer)
    text = TextFiles((Path(source),)) if isinstance(source, str | Path) else source
    if isinstance(text, TokenIds):
        rule = Tokenizer(IDS, str.split)
    with draft_corpus(text, rule, 1, None, progress) as draft:
        found = _above(draft, min_count, least, scoring, stopped, progress)
    if not found.pairs:
        raise InputError(
            f"no pair of words occurs {min_count:,} times or more with a score above {least:g}; "
            "lower min_count or threshold"
        )
    return Phrases(found.pairs, found.counts, found.scores)


@dataclass(frozen=True)
class _Found:
    pairs: tuple[tuple[str, str], ...]
    counts: tuple[int, ...]
    scores: tuple[float, ...]


def _above(
    draft: Draft,
    min_count: int,
    threshold: float,
    scoring: str,
    stop_words: Iterable[str] | int | None,
    progress: Progress,
) -> _Found:
    """Pairs that are frequent enough and score above the threshold, best first."""
    barred = np.zeros(len(draft.words), bool)
    barred[stop_numbers(draft, stop_words)] = True
    # A pair is no more frequent than its words; gensim's score needs the number of all pairs.
    counted = None if scoring == "default" else (draft.counts >= min_count) & ~barred
    kept: list[Bigrams] = []
    distinct = int(np.count_nonzero(draft.counts))
    for part in count_bigrams(draft, counted, progress=progress):
        distinct += len(part.counts)
        chosen = part.counts >= min_count
        chosen &= ~(barred[part.first] | barred[part.second])
        kept.append(part.only(chosen))
    a = np.concatenate([draft.counts[part.first] for part in kept]).astype(float)
    b = np.concatenate([draft.counts[part.second] for part in kept]).astype(float)
    n = np.concatenate([part.counts for part in kept])
    first = np.concatenate([part.first for part in kept])
    second = np.concatenate([part.second for part in kept])
    if scoring == "npmi":
        scores = npmi(a, b, n, draft.n_tokens)
    else:
        scores = (n - min_count) / a / b * distinct
    words = draft.words
    above = np.flatnonzero(scores > threshold).tolist()
    order = sorted(above, key=lambda k: (-scores[k], -int(n[k]), words[first[k]], words[second[k]]))
    return _Found(
        tuple((words[first[k]], words[second[k]]) for k in order),
        tuple(int(n[k]) for k in order),
        tuple(float(scores[k]) for k in order),
    )


def npmi(
    a: NDArray[np.float64], b: NDArray[np.float64], n: NDArray[np.int64], total: int
) -> NDArray[np.float64]:
    """Compute the normalised pointwise mutual information of pairs (Bouma 2009).

    Parameters
    ----------
    a, b : (m,) float64
        Counts of the first and the second word of each pair.
    n : (m,) int64
        Counts of the pairs.
    total : int
        Number of all words.

    Returns
    -------
    (m,) float64
        log(p_ab / (p_a p_b)) / -log(p_ab): 1 where two words occur only together, 0 where they
        are independent.

    Examples
    --------
    >>> npmi(np.array([2.0]), np.array([2.0]), np.array([2]), 8).tolist()
    [1.0]
    """
    together = n / total
    found: NDArray[np.float64] = np.log(together / ((a / total) * (b / total))) / -np.log(together)
    return found

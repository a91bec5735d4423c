"""Keep the words of texts with how often they occur, add up those of shards, and choose among them.

Shards are counted alike if all are encoded with the same words, and which words are frequent
in all of them is known only when each has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.word_file import HEADER, lines_of
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.text.tokenizers import check_stated, is_word

_MOST = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Hold words and their counts, the most frequent first; ties in alphabetical order.

    Parameters
    ----------
    words : tuple of str
        V distinct words.
    counts : (V,) int64
        How often each occurs.
    tokenizer : str
        Name of the tokeniser.
    corpora : tuple of str
        Digests of the corpora whose words they are, sorted.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.corpus import Vocabulary, merge_vocabularies
    >>> shards = [rs.encode([text], vocabulary_size=None) for text in ("a b b", "c b a")]
    >>> whole = merge_vocabularies(Vocabulary.of(shard) for shard in shards)
    >>> whole.words, whole.counts.tolist()
    (('b', 'a', 'c'), [3, 2, 1])
    >>> whole.leading(2).words
    ('b', 'a')
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    tokenizer: str
    corpora: tuple[str, ...]

    @classmethod
    def of(cls, corpus: Corpus) -> Vocabulary:
        """Take the words of a corpus.

        Parameters
        ----------
        corpus : Corpus
            Encoded with all of its words, ``vocabulary_size=None``, if others are to be added.

        Returns
        -------
        Vocabulary
            Its words.
        """
        pairs = zip(corpus.words, corpus.word_counts.tolist(), strict=True)
        return cls._sorted(pairs, corpus.tokenizer, (corpus.digest,))

    @classmethod
    def _sorted(
        cls, pairs: Iterable[tuple[str, int]], tokenizer: str, corpora: tuple[str, ...]
    ) -> Vocabulary:
        ordered = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
        counts = np.array([count for _, count in ordered], np.int64)
        return cls(tuple(word for word, _ in ordered), counts, tokenizer, corpora)

    def leading(self, size: int | None = None, *, min_count: int = 1) -> Vocabulary:
        """Choose the most frequent words.

        Parameters
        ----------
        size : int, optional
            How many, or fewer where there are not so many; all by default.
        min_count : int
            Words that occur fewer times are left out.

        Returns
        -------
        Vocabulary
            The words chosen.

        Raises
        ------
        InputError
            A size below 1, or no word left.
        """
        if size is not None and (not is_whole(size) or size < 1):
            raise InputError(f"size is {size!r}; pass a whole number of words")
        kept = min(int(np.count_nonzero(self.counts >= min_count)), size or len(self.words))
        if not kept:
            raise InputError(f"no word occurs {min_count} times; lower min_count")
        return Vocabulary(self.words[:kept], self.counts[:kept], self.tokenizer, self.corpora)

    def save(self, path: str | Path) -> None:
        """Write words and counts, one a line with a tab between, under a line that says of what.

        Parameters
        ----------
        path : path
            File to write.
        """
        said = f"{HEADER}; tokenizer {self.tokenizer}; corpora {' '.join(self.corpora)}\n"
        with replacing(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(said)
            pairs = zip(self.words, self.counts.tolist(), strict=True)
            file.writelines(f"{word}\t{count}\n" for word, count in pairs)

    @classmethod
    def open(cls, path: str | Path) -> Vocabulary:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path
            File to read.

        Returns
        -------
        Vocabulary
            Words and counts.

        Raises
        ------
        InputError
            No such file, or one with a line that is no word and count.
        """
        path = Path(path)
        first, *lines = lines_of(path) or [""]
        if not first.startswith(HEADER):
            raise InputError(
                f"{path} is no vocabulary file of repsearch; write one by 'repsearch vocabulary'"
            )
        facts = dict(part.strip().partition(" ")[::2] for part in first.split(";")[1:])
        if not facts.get("tokenizer") or not facts.get("corpora"):
            raise InputError(f"{path}, line 1, is damaged; write the file again")
        pairs: dict[str, int] = {}
        for number, line in enumerate(lines, start=2):
            word, tab, count = line.partition("\t")
            if not tab or not is_word(word) or not (count.isascii() and count.isdecimal()):
                raise InputError(f"{path}, line {number:,}, is no word, tab and count; mend it")
            if word in pairs:
                raise InputError(f"{path}, line {number:,}, has {word!r} again; mend it")
            pairs[word] = int(count)
        _check_sum(pairs.values())
        return cls._sorted(
            pairs.items(), facts["tokenizer"], tuple(sorted(facts["corpora"].split()))
        )


def merge_vocabularies(parts: Iterable[Vocabulary]) -> Vocabulary:
    """Add up the words of different texts.

    Parameters
    ----------
    parts : iterable of Vocabulary
        At least one, in any order.

    Returns
    -------
    Vocabulary
        All of their words.

    Raises
    ------
    InputError
        None to add, another tokeniser, or the same corpus twice.

    Examples
    --------
    >>> import repsearch as rs
    >>> shards = [rs.encode([text], vocabulary_size=None) for text in ("the cat", "the dog")]
    >>> merge_vocabularies(Vocabulary.of(shard) for shard in shards).words
    ('the', 'cat', 'dog')
    """
    given = list(parts)
    if not given:
        raise InputError("no vocabulary to merge; pass at least one")
    names = sorted({part.tokenizer for part in given})
    if len(names) > 1:
        raise InputError(
            f"words by tokeniser {names[0]} and {names[1]} cannot be added; read every text alike"
        )
    if len(given) > 1:
        check_stated(names[0])
    digests = sorted(digest for part in given for digest in part.corpora)
    for one, other in pairwise(digests):
        if one == other:
            raise InputError(
                f"a corpus (digest {one[:12]}...) would be counted twice; leave one file out"
            )
    total: Counter[str] = Counter()
    for part in given:
        total.update(dict(zip(part.words, part.counts.tolist(), strict=True)))
    _check_sum(total.values())
    return Vocabulary._sorted(total.items(), names[0], tuple(digests))


def _check_sum(counts: Iterable[int]) -> None:
    if sum(counts) > _MOST:
        raise InputError("the sum of these counts exceeds 64-bit integers; a file is damaged")

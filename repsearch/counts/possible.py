"""Bound co-occurrence counts by what words and documents of their numbers can give."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.counts.window import Window

_WIDEST = 1 << 20
_ROUNDING = 1e-9


class Counted(Protocol):
    """What `contradiction` looks at, of `repsearch.Counts`.

    Examples
    --------
    >>> import repsearch as rs
    >>> counted: Counted = rs.count(rs.encode(["the cat"], vocabulary_size=None), rs.Window(1))
    >>> counted.total
    2
    """

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""

    @property
    def word_counts(self) -> NDArray[np.int64]:
        """Occurrences of each word, (V,)."""

    @property
    def row_sums(self) -> NDArray[np.int64]:
        """Row sums of the matrix of counts, (V,)."""

    @property
    def total(self) -> int:
        """Their sum."""

    @property
    def window(self) -> Window:
        """The window."""

    @property
    def out_of_vocabulary(self) -> str:
        """Whether other words keep their place."""

    @property
    def n_words_read(self) -> int:
        """Words of the text."""

    @property
    def n_documents(self) -> int:
        """Number of documents."""


def contradiction(counts: Counted) -> str | None:
    """Find what counts say of themselves that cannot be.

    A place has at most the window's weights on each side, l_m and r_m, so the row sum of word i
    is at most c_i sum_m (l_m + r_m). A document of n words gives sum_m (l_m + r_m) max(n - m, 0),
    which is convex in n: D documents of n words in all give least where all are alike. A
    window that was altered breaks one of the two, unless documents are shorter than it.

    Parameters
    ----------
    counts : Counts
        Counts of a text; those that were made otherwise need not add up.

    Returns
    -------
    str or None
        What is wrong; None where nothing is.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import repsearch as rs
    >>> text = ["a b c d e f g h i j " * 9]
    >>> counts = rs.count(rs.encode(text, vocabulary_size=None), rs.Window(4))
    >>> contradiction(counts)
    >>> contradiction(replace(counts, window=rs.Window(3)))
    "the counts of 'a' add up to 170, more than a linear window of 3 gives 9 occurrences (108)"
    >>> contradiction(replace(counts, window=rs.Window(5)))
    'the counts add up to 1,760, less than a linear window of 5 gives 90 words in 1 documents ...'
    """
    n_tokens = int(counts.word_counts.sum())
    window, documents = counts.window, counts.n_documents
    name = f"a {window.in_words}"
    if counts.n_words_read <= _WIDEST or window.size <= _WIDEST:
        left, right = window.sides(min(window.size, max(counts.n_words_read - 1, 1)))
        most = counts.word_counts * float(sum(left) + sum(right))
        beyond = counts.row_sums > most * (1 + _ROUNDING)
        if beyond.any():
            k = int(np.argmax(beyond))
            return (
                f"the counts of {counts.words[k]!r} add up to {counts.row_sums[k]:,}, more than "
                f"{name} gives {counts.word_counts[k]:,} occurrences ({most[k]:,.0f})"
            )
    if counts.out_of_vocabulary != "remove" or not documents:
        return None
    length = n_tokens / documents
    reach = min(window.size, int(length))
    if not 1 <= reach <= _WIDEST:
        return None
    distances = np.arange(1, reach + 1)
    both_sides = np.array(window.sides(reach), float).sum(axis=0)
    least = documents * float((both_sides * np.maximum(length - distances, 0)).sum())
    # The bound of a broken length lies on the line between those of the whole ones beside it,
    # as it is linear between them, so documents need not have equal lengths exactly.
    if counts.total < least * (1 - _ROUNDING):
        return (
            f"the counts add up to {counts.total:,}, less than {name} gives {n_tokens:,} words in "
            f"{documents:,} documents ({least:,.0f} at least)"
        )
    return None

"""Keep the most frequent words of counts, for training in minutes."""

from __future__ import annotations

from dataclasses import replace

from repsearch.counts.counts import Counts


def leading_words(counts: Counts, number: int) -> Counts:
    """Keep the counts of the most frequent words among themselves.

    Not the counts of a text with a smaller vocabulary, whose windows would close over the words
    that are left out: here these keep their places.

    Parameters
    ----------
    counts : Counts
        Of V words, the most frequent first.
    number : int
        How many words to keep; the same counts where there are no more.

    Returns
    -------
    Counts

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3, 0.2]).sample(10_000, seed=0)
    >>> few = leading_words(counts, 5)
    >>> len(few.words), bool((few.matrix() != counts.matrix()[:5, :5]).nnz)
    (5, False)
    """
    if number >= len(counts.words):
        return counts
    # The lower triangle is stored by rows, so that its first rows are those of the first words.
    end = int(counts.indptr[number])
    return replace(
        counts,
        words=counts.words[:number],
        word_counts=counts.word_counts[:number],
        indptr=counts.indptr[: number + 1],
        columns=counts.columns[:end],
        values=counts.values[:end],
        above=None if counts.above is None else counts.above[:end],
    )

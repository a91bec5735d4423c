"""Merge counts of different texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.counts.counts import Counts
from repsearch.counts.row_store import narrow
from repsearch.errors import InputError
from repsearch.text.tokenizers import check_stated


def merge(counts: Iterable[Counts]) -> Counts:
    """Add counts of different texts over the same words.

    The order makes no difference: words are ordered by their summed counts
    (ties in alphabetical order), and whole numbers are added.

    Parameters
    ----------
    counts : iterable of Counts
        Counts over the same set of words, in any order of words.

    Returns
    -------
    Counts
        The sum, exact.

    Raises
    ------
    InputError
        Nothing to add; different words, windows or tokenisers, or a tokeniser that
        states no name; the same corpus twice, whose pairs would be counted double; a
        sum beyond 64-bit integers.

    Examples
    --------
    >>> import repsearch as rs
    >>> words = ["cat", "dog", "the"]
    >>> parts = [
    ...     rs.count(rs.encode([text], vocabulary=words), rs.Window(1))
    ...     for text in ("the cat", "the dog")
    ... ]
    >>> merged = merge(parts)
    >>> merged.words, merged.matrix().toarray().tolist()
    (('the', 'cat', 'dog'), [[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    """
    parts = list(counts)
    if not parts:
        raise InputError("no counts to merge; pass at least one")
    if sum(part.total for part in parts) >= 2**63:
        raise InputError(
            "the sum of these counts exceeds 64-bit integers; merge fewer, or count with "
            "a narrower window"
        )
    first = parts[0]
    for part in parts[1:]:
        _check_mergeable(first, part)
    digests = sorted(digest for part in parts for digest in part.corpora)
    for one, other in pairwise(digests):
        if one == other:
            raise InputError(
                f"a corpus (digest {one[:12]}...) would be counted twice; leave one file out"
            )
    place = {word: k for k, word in enumerate(first.words)}
    word_counts = np.zeros(len(first.words), np.int64)
    for part in parts:
        word_counts[[place[word] for word in part.words]] += part.word_counts
    order = sorted(range(len(first.words)), key=lambda k: (-int(word_counts[k]), first.words[k]))
    words = tuple(first.words[k] for k in order)
    rank = {word: k for k, word in enumerate(words)}
    total = sparse.csr_array((len(words), len(words)), dtype=np.int64)
    in_order = _lower_in_order if first.symmetric else _full_in_order
    for part in parts:
        total = total + in_order(part, np.array([rank[word] for word in part.words]))
    total.sort_indices()
    return replace(
        first,
        words=words,
        word_counts=word_counts[order],
        **(_lower(total) if first.symmetric else _both_orders(total)),
        n_words_read=sum(part.n_words_read for part in parts),
        n_documents=sum(part.n_documents for part in parts),
        corpora=tuple(digests),
    )


def _check_mergeable(first: Counts, other: Counts) -> None:
    check_stated(first.tokenizer)
    if first.window != other.window:
        mine, theirs = (f"a {one.window.in_words}" for one in (first, other))
        if mine == theirs:  # of many weights not all are said
            mine, theirs = repr(first.window), repr(other.window)
        raise InputError(
            f"counts in {mine} and in {theirs} cannot be added; count every text alike"
        )
    for name in ("tokenizer", "out_of_vocabulary"):
        mine, theirs = getattr(first, name), getattr(other, name)
        if mine != theirs:
            raise InputError(
                f"counts with {name} {mine} and {theirs} cannot be added; count every text alike"
            )
    if set(first.words) != set(other.words):
        odd = sorted(set(first.words) ^ set(other.words))[0]
        raise InputError(
            f"counts over different words cannot be added ({odd!r} is in one only); "
            "encode both texts with the same words: encode(..., vocabulary=words)"
        )


def _lower_in_order(part: Counts, rank: NDArray[np.int64]) -> sparse.csr_array:
    """Lower triangle after words have been given new numbers."""
    lower = part.lower()
    if np.array_equal(rank, np.arange(len(rank))):
        return lower
    entries = lower.tocoo()
    rows, columns = rank[entries.row], rank[entries.col]
    swapped = sparse.coo_array(
        (entries.data, (np.maximum(rows, columns), np.minimum(rows, columns))), shape=lower.shape
    )
    return swapped.tocsr()


def _full_in_order(part: Counts, rank: NDArray[np.int64]) -> sparse.csr_array:
    """The whole matrix of counts that are not symmetric, after words have new numbers."""
    entries = part.matrix().tocoo()
    shape = (len(rank), len(rank))
    return sparse.coo_array(
        (entries.data, (rank[entries.row], rank[entries.col])), shape=shape
    ).tocsr()


def _lower(total: sparse.csr_array) -> dict[str, Any]:
    """Fields of symmetric counts, from their lower triangle."""
    return {
        "indptr": total.indptr.astype(np.int64),
        "columns": total.indices.astype(np.int32),
        "values": narrow(total.data),
    }


def _both_orders(total: sparse.csr_array) -> dict[str, Any]:
    """Fields of counts that are not symmetric, from the whole matrix."""
    size = total.shape[0]
    entries = total.tocoo()
    rows, columns = np.maximum(entries.row, entries.col), np.minimum(entries.row, entries.col)
    keys, where = np.unique(rows.astype(np.int64) * size + columns, return_inverse=True)
    sides = np.zeros((2, len(keys)), np.int64)
    for side, chosen in zip(
        sides, (entries.row >= entries.col, entries.row <= entries.col), strict=True
    ):
        side[where[chosen]] = entries.data[chosen]
    return {
        "indptr": np.searchsorted(keys, np.arange(size + 1) * size).astype(np.int64),
        "columns": (keys % size).astype(np.int32),
        "values": narrow(sides[0]),
        "above": narrow(sides[1]),
    }

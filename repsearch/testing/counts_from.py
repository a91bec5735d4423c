"""Make counts from a given matrix, for tests in which the text does not matter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError


def counts_from(
    matrix: NDArray[np.integer[Any]],
    *,
    words: Sequence[str] | None = None,
    word_counts: Sequence[int] | NDArray[np.integer[Any]] | None = None,
    window: Window | None = None,
    corpora: tuple[str, ...] = ("made",),
    tokenizer: str = "latin",
    out_of_vocabulary: str = "remove",
) -> Counts:
    """Make counts from a given matrix.

    Parameters
    ----------
    matrix : (V, V) int
        Co-occurrence counts, symmetric and not negative.
    words : sequence of str, optional
        The V words; w0, w1, ... by default.
    word_counts : (V,) int, optional
        How often each word occurs. One more than the row sums by default, so that no two
        definitions of a word's probability agree by accident.
    window : Window, optional
        The window that the counts claim to be of; of two words by default.
    corpora : tuple of str
        Digests of the corpora that the counts claim to be of.
    tokenizer : str
        Name of the tokeniser that the counts claim to be of.
    out_of_vocabulary : str
        What the counts claim was done with other words: ``"remove"`` or ``"keep-place"``.

    Returns
    -------
    Counts
        Counts of one document.

    Raises
    ------
    InputError
        A matrix that is not square, symmetric, whole and non-negative.

    Examples
    --------
    >>> counts = counts_from(np.array([[4, 1], [1, 0]]), words=["sun", "moon"])
    >>> counts.words, counts.word_counts.tolist()
    (('sun', 'moon'), [6, 2])
    """
    matrix = np.asarray(matrix)
    size = len(matrix)
    if matrix.shape != (size, size) or not np.issubdtype(matrix.dtype, np.integer):
        raise InputError(
            f"the matrix has shape {matrix.shape} and dtype {matrix.dtype}; "
            "pass a square one of whole numbers"
        )
    if (matrix < 0).any() or (matrix != matrix.T).any():
        raise InputError("the matrix is not symmetric or has a negative entry; pass counts")
    lower = sparse.csr_array(np.tril(matrix))
    lower.eliminate_zeros()
    lower.sort_indices()
    occurrences = matrix.sum(axis=1) + 1 if word_counts is None else np.asarray(word_counts)
    narrow = lower.data.max(initial=0) < 2**32
    return Counts(
        words=tuple(f"w{k}" for k in range(size)) if words is None else tuple(words),
        word_counts=occurrences.astype(np.int64),
        indptr=lower.indptr.astype(np.int64),
        columns=lower.indices.astype(np.int32),
        values=lower.data.astype(np.uint32) if narrow else lower.data.astype(np.int64),
        window=window or Window(2),
        tokenizer=tokenizer,
        out_of_vocabulary=out_of_vocabulary,
        n_words_read=int(occurrences.sum()),
        n_documents=1,
        corpora=corpora,
    )

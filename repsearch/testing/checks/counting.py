"""Check counting against a plain enumeration of all pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from repsearch.corpus.encoding import encode
from repsearch.counts.counting import count
from repsearch.counts.window import Window
from repsearch.testing.check import Check

Pair = tuple[str, str]
Counter = Callable[[Sequence[str], Window], Mapping[Pair, int]]


def pair_counts(documents: Sequence[Sequence[str | None]], window: Window) -> dict[Pair, int]:
    """Count pairs one by one, in Python's own whole numbers.

    Parameters
    ----------
    documents : sequence of sequences of str
        Words in their order; None is a word left out that keeps its place.
    window : Window
        Window whose weights count for each pair of a word and its context, to either side.

    Returns
    -------
    dict
        The positive counts, of (one, other) and of (other, one).

    Examples
    --------
    >>> pair_counts([["sun", "moon", "sun"]], Window(2, "linear"))
    {('sun', 'moon'): 4, ('sun', 'sun'): 2, ('moon', 'sun'): 4}
    """
    found: dict[Pair, int] = defaultdict(int)
    for document in documents:
        for here, one in enumerate(document):
            for there, other in enumerate(document):
                distance = abs(here - there)
                reach = window.left if there < here else window.right
                if 1 <= distance <= reach and one is not None and other is not None:
                    found[one, other] += window.weights[distance - 1]
    return {pair: number for pair, number in found.items() if number}


def counts_of(documents: Sequence[str], window: Window, *, counter: Counter | None = None) -> Check:
    """Check that co-occurrences are counted exactly.

    Every pair counts, wherever it is in its document, and none across the end of one.

    Parameters
    ----------
    documents : sequence of str
        Texts of words between spaces, in lower case.
    window : Window
        Window in which words co-occur.
    counter : callable, optional
        Gives a mapping from pairs of words to counts, in both orders, when
        called with `documents` and `window`; pairs it leaves out count 0.
        `repsearch.encode` and `repsearch.count` by default.

    Returns
    -------
    Check
        The error is the largest difference of a count; none is allowed.

    Examples
    --------
    >>> counts_of(["sun moon sun", "moon"], Window(2)).holds
    True
    >>> counts_of(["sun moon"], Window(1), counter=lambda documents, window: {})
    FAILS: each pair of words at most L apart in a document counts, and no other
      error 1, allowed 0
      documents = ['sun moon']
      window = Window(size=1, weighting='linear')
      pair = ('moon', 'sun')
      counted = 0
      should be = 1
    """
    expected = pair_counts([text.split() for text in documents], window)
    found = (counter or _counted)(documents, window)
    wrong = {
        pair: (found.get(pair, 0), expected.get(pair, 0))
        for pair in sorted({*found, *expected})
        if found.get(pair, 0) != expected.get(pair, 0)
    }
    witness: dict[str, object] = {"documents": list(documents), "window": window}
    worst = max(wrong, key=lambda pair: abs(wrong[pair][0] - wrong[pair][1]), default=None)
    if worst is not None:
        witness |= {"pair": worst, "counted": wrong[worst][0], "should be": wrong[worst][1]}
    return Check(
        claim="each pair of words at most L apart in a document counts, and no other",
        error=float(abs(wrong[worst][0] - wrong[worst][1])) if worst is not None else 0.0,
        tolerance=0.0,
        witness=witness,
    )


def _counted(documents: Sequence[str], window: Window) -> dict[Pair, int]:
    counts = count(encode(list(documents), vocabulary_size=None), window)
    full = counts.matrix().tocoo()
    entries = zip(full.row.tolist(), full.col.tolist(), full.data.tolist(), strict=True)
    return {(counts.words[i], counts.words[j]): c for i, j, c in entries}

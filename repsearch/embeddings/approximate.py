"""Find nearest neighbours among many words by a graph of them, and say how many it misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole, number_of_threads
from repsearch.embeddings.neighbours import nearest_others, unit_rows
from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent

if TYPE_CHECKING:
    from repsearch.embeddings.embeddings import Embeddings
    from repsearch.embeddings.nearness import Query

FEWEST = 100_000
"""Words below which all cosines are looked at: that is exact, and about as fast."""
# Links of a word, and words looked at to find them and to answer.
_LINKS, _LOOKED_AT = 16, 128
_AT_ONCE = 512

Rows = NDArray[np.int64]
Cosines = NDArray[np.float32]


@dataclass(frozen=True)
class Recall:
    """How many of the nearest words an index finds.

    Parameters
    ----------
    found : tuple of int
        Of each word that was asked for, how many of its answers are among the nearest.
    topn : int
        Answers asked for, of each.

    Examples
    --------
    >>> Recall((10, 9), 10).share
    0.95
    """

    found: tuple[int, ...]
    topn: int

    @property
    def share(self) -> float:
        """Answers that are among the nearest, of all asked for."""
        return sum(self.found) / (self.topn * len(self.found))


class NeighbourIndex:
    """A graph over the words of some embeddings, which leads to those near to any vector.

    From 100,000 words on it is hierarchical and navigable (Malkov and Yashunin, arXiv 1603.09320;
    the package usearch). It may miss words: `recall` says how many, against all cosines. What it
    finds has its own cosine, worked out anew. It is built on one thread, so that the same words
    give the same graph. Of fewer words all cosines are looked at, and nothing is built.

    Parameters
    ----------
    embeddings : Embeddings
        V words.
    fewest : int, default 100,000
        So many words have a graph.
    progress : Progress, optional
        Told how many words are in the graph.

    Raises
    ------
    InputError
        usearch is not installed, and there are so many words.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 2.0]])
    >>> index = NeighbourIndex(Embeddings(("cat", "dog", "house"), vectors))
    >>> index.exact, [word for word, _ in index.most_similar("cat", topn=1)]
    (True, ['dog'])
    """

    def __init__(
        self, embeddings: Embeddings, *, fewest: int = FEWEST, progress: Progress = silent
    ) -> None:
        self.embeddings = embeddings
        self._graph = _built(self._units, progress) if len(embeddings) >= fewest else None

    @property
    def exact(self) -> bool:
        """Whether all cosines are looked at."""
        return self._graph is None

    @cached_property
    def _rows(self) -> Rows:
        """Rows of the words that have a direction."""
        return np.flatnonzero(self.embeddings.has_direction)

    @cached_property
    def _units(self) -> Cosines:
        return unit_rows(np.asarray(self.embeddings.vectors[self._rows], dtype=np.float32))

    def most_similar(
        self,
        positive: Query | Sequence[Query] = (),
        negative: Query | Sequence[Query] = (),
        *,
        topn: int = 10,
    ) -> list[tuple[str, float]]:
        """Find the words nearest to the sum of some vectors less others.

        As `Embeddings.most_similar`, but for what the graph misses.

        Parameters
        ----------
        positive, negative : str, ndarray or sequence of these
            Words, or vectors of length `dimension`, to add and to subtract.
        topn : int
            Largest number of words to return.

        Returns
        -------
        list of (str, float)
            Words and cosines, the largest first.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            As of `Embeddings.most_similar`.
        """
        if self._graph is None:
            return self.embeddings.most_similar(positive, negative, topn=topn)
        sought, excluded = self.embeddings.sought(positive, negative, topn=topn)
        direction = unit_rows(sought[None, :]).astype(np.float32)
        asked = min(topn + len(excluded), len(self._rows))
        rows, cosines = self._nearest(direction, asked)
        words = self.embeddings.words
        return [
            (words[row], float(cosine))
            for row, cosine in zip(rows[0].tolist(), cosines[0].tolist(), strict=True)
            if row not in excluded
        ][:topn]

    def of_words(
        self, rows: Sequence[int] | Rows, topn: int = 10, *, progress: Progress = silent
    ) -> tuple[Rows, Cosines]:
        """Find the words nearest to each of some words.

        Parameters
        ----------
        rows : sequence of int
            Rows of n words with a direction.
        topn : int, default 10
            How many of each; all others where there are fewer.
        progress : Progress, optional
            Told how many words are done.

        Returns
        -------
        rows, cosines : (n, k) int64, (n, k) float32
            The nearest first, equal ones in the order of the words; no word for itself.

        Raises
        ------
        InputError
            A word without a direction, or a number that is none.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if not is_whole(topn) or topn < 1:
            raise InputError(f"topn is {topn!r}; ask for at least one word")
        if not self.embeddings.has_direction[wanted].all():
            raise InputError("a vector is zero, so it has no direction; leave the word out")
        k = min(topn, len(self._rows) - 1)
        places = np.searchsorted(self._rows, wanted)
        found = np.empty((len(wanted), k), np.int64), np.empty((len(wanted), k), np.float32)
        for first in range(0, len(wanted), _AT_ONCE):
            progress("neighbours", first, len(wanted), "words")
            part = slice(first, first + _AT_ONCE)
            if self._graph is None:
                with one_blas_thread():
                    near, found[1][part] = nearest_others(self._units, places[part], k)
                found[0][part] = self._rows[near]
                continue
            near, cosines = self._nearest(self._units[places[part]], k + 1)
            others = near != wanted[part, None]
            # Of a word that is not among its own, the last one goes.
            others[others.all(axis=1), -1] = False
            found[0][part] = near[others].reshape(-1, k)
            found[1][part] = cosines[others].reshape(-1, k)
        progress("neighbours", len(wanted), len(wanted), "words")
        return found

    def recall(self, topn: int = 10, *, sample: int = 1000, seed: int = 0) -> Recall:
        """Hold the nearest words of random words against all cosines.

        Parameters
        ----------
        topn : int, default 10
            Nearest words of each; all others where there are fewer.
        sample : int, default 1000
            How many words, drawn without replacement; all where there are fewer.
        seed : int, default 0
            Seed of the draw.

        Returns
        -------
        Recall
            A found word counts whose cosine is at least that of the last of the nearest, but
            for rounding.

        Raises
        ------
        InputError
            A number out of range.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.random.default_rng(0).normal(size=(300, 5))
        >>> index = NeighbourIndex(Embeddings([f"w{k}" for k in range(300)], vectors))
        >>> index.recall(sample=50).share
        1.0
        """
        if not is_whole(sample) or sample < 1 or not is_whole(seed) or seed < 0:
            raise InputError(
                f"sample is {sample!r} and seed is {seed!r}; pass whole numbers from 1 and 0 up"
            )
        number = min(sample, len(self._rows))
        rng = np.random.default_rng(seed)
        drawn = np.sort(rng.choice(len(self._rows), size=number, replace=False))
        _, cosines = self.of_words(self._rows[drawn], topn)
        k = cosines.shape[1]
        found: list[int] = []
        for first in range(0, number, _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            _, exact = nearest_others(self._units, drawn[part], k)
            found += np.count_nonzero(cosines[part] >= exact[:, -1:] - 1e-6, axis=1).tolist()
        return Recall(tuple(found), k)

    def _nearest(self, directions: Cosines, count: int) -> tuple[Rows, Cosines]:
        """The nearest rows that the graph leads to; equal cosines in the order of the rows."""
        assert self._graph is not None
        found = self._graph.search(directions, count, threads=number_of_threads(None))
        keys = np.atleast_2d(np.asarray(found.keys)).astype(np.int64)
        # Of a single vector the keys are as many as were found; of more there are counts.
        counts = np.asarray(found.counts) if len(directions) > 1 else np.array([keys.shape[1]])
        places = np.zeros((len(directions), count), np.int64)
        places[:, : keys.shape[1]] = keys
        for one in np.flatnonzero(counts < count).tolist():  # led to too few: look at all
            places[one] = np.argpartition(-(self._units @ directions[one]), count - 1)[:count]
        places = np.sort(places, axis=1)
        cosines = np.einsum("nkd,nd->nk", self._units[places], directions)
        order = np.argsort(-cosines, axis=1, kind="stable")
        return (
            self._rows[np.take_along_axis(places, order, axis=1)],
            np.take_along_axis(cosines, order, axis=1),
        )


def _built(units: Cosines, progress: Progress) -> Any:
    try:
        from usearch.index import Index
    except ImportError:
        raise missing("a graph of neighbours", "usearch") from None
    graph = Index(
        ndim=units.shape[1],
        metric="ip",
        dtype="f32",
        connectivity=_LINKS,
        expansion_add=_LOOKED_AT,
        expansion_search=_LOOKED_AT,
    )
    for first in range(0, len(units), _AT_ONCE):
        progress("graph of neighbours", first, len(units), "words")
        part = units[first : first + _AT_ONCE]
        # On several threads the graph would depend on which of them is faster.
        graph.add(np.arange(first, first + len(part)), part, threads=1)
    progress("graph of neighbours", len(units), len(units), "words")
    return graph

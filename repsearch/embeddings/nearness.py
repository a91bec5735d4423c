"""Ask how near words are to each other, in gensim's words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.neighbours import nearest, unit_rows
from repsearch.errors import InputError

Vectors: TypeAlias = NDArray[np.floating[Any]]
Query: TypeAlias = str | Vectors

_ROWS = 4096
"""Rows compared at a time, so that a copy in float64 stays small."""
_TIE = 1e-12
"""Cosines this close are one: far above the rounding of float64, far below any difference
that means something."""


class Nearness(Mapping[str, Vectors]):
    """Questions about cosines between words; what `Embeddings` are asked.

    Cosines are worked out in float64 whatever the type of the vectors. A word without a vector
    is refused with what was perhaps meant, and never passed over.
    """

    words: tuple[str, ...]
    vectors: Vectors

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Number of entries of a vector, d."""

    @property
    @abstractmethod
    def has_direction(self) -> NDArray[np.bool_]:
        """Whether each vector is other than zero, shape (V,)."""

    @abstractmethod
    def unit(self) -> Vectors:
        """All vectors scaled to length one."""

    @abstractmethod
    def rows(self, words: Iterable[str]) -> Vectors:
        """The vectors of some words."""

    @abstractmethod
    def _row(self, word: str) -> int:
        """The row of a word, or `UnknownWordError`."""

    def similarity(self, a: str, b: str) -> float:
        """Compute the cosine of the angle between the vectors of two words.

        Parameters
        ----------
        a, b : str
            Words.

        Returns
        -------
        float
            Cosine, from -1 to 1.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            A vector is zero, and has no direction.
        """
        for word in (a, b):
            self._refuse_zero(word)
        one, other = unit_rows(self.rows([a, b]).astype(np.float64))
        return float(one @ other)

    def most_similar(
        self,
        positive: Query | Sequence[Query] = (),
        negative: Query | Sequence[Query] = (),
        *,
        topn: int = 10,
    ) -> list[tuple[str, float]]:
        """Find the words nearest to the sum of some vectors less others.

        As in gensim, each vector is first scaled to length one, and words of
        the query are not among the answers; nor are words whose vector is zero.

        Parameters
        ----------
        positive, negative : str, ndarray or sequence of these
            Words, or vectors of length `dimension`, to add and to subtract.
        topn : int
            Largest number of words to return.

        Returns
        -------
        list of (str, float)
            Words and cosines, the largest first; among equals the more
            frequent word is first.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            The query is empty, a vector has another dimension, or a vector or
            the query as a whole is zero and has no direction.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> words = ("man", "woman", "king", "queen")
        >>> vectors = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 2.0], [1.0, 1.0, 2.0]])
        >>> Embeddings(words, vectors).most_similar(["king", "woman"], ["man"], topn=1)
        [('queen', 0.94...)]
        """
        sought, excluded = self.sought(positive, negative, topn=topn)
        excluded.update(np.flatnonzero(~self.has_direction).tolist())
        found = nearest(self.unit(), sought, excluded=excluded, most=topn)
        return [(self.words[row], cosine) for row, cosine in found]

    def sought(
        self, positive: Query | Sequence[Query], negative: Query | Sequence[Query], *, topn: int
    ) -> tuple[NDArray[np.float64], set[int]]:
        """Add up a query, as `most_similar` asks it.

        Parameters
        ----------
        positive, negative : str, ndarray or sequence of these
            Words, or vectors of length `dimension`, to add and to subtract.
        topn : int
            Words wanted, which is checked alone.

        Returns
        -------
        (d,) ndarray
            The vector sought; not zero.
        set of int
            Rows of the words of the query.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            As of `most_similar`.
        """
        added, subtracted = queries(positive), queries(negative)
        if not added and not subtracted:
            raise InputError("the query is empty; give at least one word or vector")
        if topn < 1:
            raise InputError(f"topn is {topn}; ask for at least one word")
        signs = np.repeat([1.0, -1.0], [len(added), len(subtracted)])
        asked = [*added, *subtracted]
        given = np.stack([self._vector(query) for query in asked])
        excluded = {self._row(query) for query in asked if isinstance(query, str)}
        for query in asked:
            if isinstance(query, str):
                self._refuse_zero(query)
            elif not np.any(query):
                raise InputError("a vector of the query is zero and has no direction; leave it out")
        sought = signs @ unit_rows(given)
        if not sought.any():
            raise InputError("the query adds up to zero, which has no direction; ask another one")
        return sought, excluded

    def distances(
        self, word_or_vector: Query, other_words: Iterable[str] = ()
    ) -> NDArray[np.float64]:
        """Compute 1 − cosine of a word, or a vector, and other words.

        Parameters
        ----------
        word_or_vector : str or (d,) ndarray
            A word, or a vector of length `dimension`.
        other_words : iterable of str
            Words; all of the vocabulary, this one included, where there is none, as in gensim.

        Returns
        -------
        (n,) ndarray of float64
            From 0 to 2, in the order of the words; NaN of a word whose vector is zero.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            The word's vector, or the vector, is zero and has no direction.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 2.0]])
        >>> embeddings = Embeddings(("cat", "dog", "house"), vectors)
        >>> embeddings.distances("cat").round(2).tolist()
        [0.0, 0.2, 1.0]
        """
        if isinstance(other_words, str):
            raise InputError(
                f"the other words are one string, {other_words!r}; give a list of words"
            )
        others = [self._row(word) for word in other_words]
        return 1 - self._cosines(self._direction(word_or_vector), others or None)

    def closer_than(self, word1: str, word2: str) -> list[str]:
        """Find the words that are closer to one word than another is.

        Parameters
        ----------
        word1, word2 : str
            The word, and the other.

        Returns
        -------
        list of str
            Words whose cosine with `word1` is larger than that of `word2`, by more than 1e-12;
            in the order of the vocabulary, as in gensim. Neither of the two is among them, nor
            is a word whose vector is zero.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            The vector of one of the two is zero.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 2.0]])
        >>> Embeddings(("cat", "dog", "house"), vectors).closer_than("cat", "house")
        ['dog']
        """
        for word in (word1, word2):
            self._refuse_zero(word)
        cosines = self._cosines(self._direction(word1), None)
        closer = np.flatnonzero(cosines > cosines[self._row(word2)] + _TIE).tolist()
        itself = self._row(word1)
        return [self.words[row] for row in closer if row != itself]

    def rank(self, word1: str, word2: str) -> int:
        """Tell how manieth nearest to one word another is.

        Parameters
        ----------
        word1, word2 : str
            The word, and the other.

        Returns
        -------
        int
            One more than the number of words that `closer_than` finds: 1 of the nearest, and
            of a word to itself.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            The vector of one of the two is zero.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 2.0]])
        >>> Embeddings(("cat", "dog", "house"), vectors).rank("cat", "house")
        2
        """
        return len(self.closer_than(word1, word2)) + 1

    def _cosines(
        self, direction: NDArray[np.float64], rows: Sequence[int] | None
    ) -> NDArray[np.float64]:
        """Cosines of a unit vector with some rows, or all; NaN of rows that are zero."""
        which = np.arange(len(self.words)) if rows is None else np.array(rows, np.intp)
        found = np.empty(len(which))
        for first in range(0, len(which), _ROWS):
            part = which[first : first + _ROWS]
            unit = unit_rows(self.vectors[part].astype(np.float64))
            # Not a product of BLAS, whose last bits depend on the number of threads.
            found[first : first + _ROWS] = np.einsum("nd,d->n", unit, direction)
        found[~self.has_direction[which]] = np.nan
        return np.clip(found, -1.0, 1.0)

    def _direction(self, query: Query) -> NDArray[np.float64]:
        """A word's vector or a given one, of length one."""
        if isinstance(query, str):
            self._refuse_zero(query)
        vector = self._vector(query)
        if not vector.any():
            raise InputError("the vector is zero, so it has no direction; give another one")
        found: NDArray[np.float64] = unit_rows(vector[None, :])[0]
        return found

    def _refuse_zero(self, word: str) -> None:
        if not self.has_direction[self._row(word)]:
            raise InputError(
                f"the vector of {word!r} is zero, so it has no direction and is like no word; "
                "leave it out"
            )

    def _vector(self, query: Query) -> NDArray[np.float64]:
        if isinstance(query, str):
            return self[query].astype(np.float64)
        if np.shape(query) != (self.dimension,):
            raise InputError(
                f"the query has {query!r} of shape {np.shape(query)}; give words, or arrays of "
                f"shape ({self.dimension},)"
            )
        vector = np.asarray(query, dtype=np.float64)
        if not np.isfinite(vector).all():
            raise InputError("a vector of the query has a NaN or an infinity; mend it")
        return vector


def queries(given: Query | Sequence[Query]) -> list[Query]:
    """List what is asked about.

    Parameters
    ----------
    given : str, ndarray or sequence of these
        One word or vector, or several.

    Returns
    -------
    list of str or ndarray
        Each of them.
    """
    if isinstance(given, str) or (isinstance(given, np.ndarray) and given.ndim == 1):
        return [given]
    return list(given)

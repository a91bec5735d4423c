"""Ask about groups of words: their mean, their likeness, the odd one out; in gensim's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.nearness import Nearness, Query, queries
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError


class WordGroups(Nearness):
    """Questions about groups of words, beside those about two."""

    def doesnt_match(self, words: Iterable[str]) -> str:
        """Find the word that goes with the others least.

        As in gensim: the one whose vector has the smallest cosine with the mean of all of
        them, each scaled to length one; of equal ones the first given.

        Parameters
        ----------
        words : iterable of str
            Two words or more.

        Returns
        -------
        str
            One of them.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            Fewer than two words, a vector that is zero, or vectors whose mean is.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.array([[1.0, 0.1], [1.0, 0.2], [1.0, 0.0], [0.0, 1.0]])
        >>> Embeddings(("cat", "dog", "mouse", "house"), vectors).doesnt_match(
        ...     ["dog", "house", "cat"]
        ... )
        'house'
        """
        asked = list(dict.fromkeys(words))
        if len(asked) < 2:
            raise InputError(f"{len(asked)} different words were given; give at least two")
        for word in asked:
            self._refuse_zero(word)
        unit = unit_rows(self.rows(asked).astype(np.float64))
        mean = unit.mean(axis=0)
        if not mean.any():
            raise InputError("the vectors add up to zero, and none stands apart; give other words")
        return asked[int(np.argmin(unit @ mean))]

    def get_mean_vector(
        self,
        keys: Query | Sequence[Query],
        weights: Sequence[float] | NDArray[np.floating[Any]] | None = None,
        *,
        pre_normalize: bool = True,
        post_normalize: bool = False,
    ) -> NDArray[np.float64]:
        """Compute the weighted mean of some vectors.

        As in gensim: each word's vector is first scaled to length one, vectors that are passed
        are taken as they are, and the sum is divided by that of the absolute weights. Other
        than there, a word without a vector is refused and not passed over.

        Parameters
        ----------
        keys : str, ndarray or sequence of these
            Words, or vectors of length `dimension`.
        weights : sequence of float, optional
            A weight for each, finite and not all zero; 1 by default. Negative ones subtract.
        pre_normalize : bool, default True
            Whether words' vectors are scaled to length one first; a zero one stays zero.
        post_normalize : bool, default False
            Whether the mean is scaled to length one.

        Returns
        -------
        (d,) ndarray of float64
            The mean.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            There is no key, a vector has another dimension, there is not one weight for each
            key, or a mean that is to be scaled is zero.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> embeddings = Embeddings(("cat", "dog"), np.array([[2.0, 0.0], [0.0, 1.0]]))
        >>> embeddings.get_mean_vector(["cat", "dog"]).tolist()
        [0.5, 0.5]
        >>> embeddings.get_mean_vector(["cat", "dog"], [1, -3], pre_normalize=False).tolist()
        [0.5, -0.75]
        """
        asked = queries(keys)
        if not asked:
            raise InputError("there is no word or vector to take the mean of; give at least one")
        try:
            each = np.ones(len(asked)) if weights is None else np.asarray(weights, np.float64)
        except (TypeError, ValueError):
            raise InputError(f"weights are numbers, and {weights!r} are not; mend them") from None
        if each.shape != (len(asked),):
            raise InputError(
                f"there are {len(asked)} words and vectors, and weights of shape {each.shape}; "
                "give one weight for each"
            )
        if not np.isfinite(each).all() or not each.any():
            raise InputError("weights are finite numbers, not all of them zero; mend them")
        given = np.stack([self._vector(query) for query in asked])
        if pre_normalize:
            of_words = np.array([isinstance(query, str) for query in asked])
            given[of_words] = unit_rows(given[of_words])
        mean: NDArray[np.float64] = np.einsum("n,nd->d", each, given) / np.abs(each).sum()
        if not post_normalize:
            return mean
        if not mean.any():
            raise InputError("the vectors add up to zero, which has no direction; give other ones")
        found: NDArray[np.float64] = unit_rows(mean[None, :])[0]
        return found

    def n_similarity(self, words1: Iterable[str], words2: Iterable[str]) -> float:
        """Compute the cosine of the mean vectors of two groups of words.

        As in gensim, of vectors that are not scaled before the mean: long ones weigh more.

        Parameters
        ----------
        words1, words2 : iterable of str
            The words of each group; one that comes twice counts twice.

        Returns
        -------
        float
            From -1 to 1.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        InputError
            A group is empty, or its mean is zero and has no direction.

        Examples
        --------
        >>> from repsearch import Embeddings
        >>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 3.0]])
        >>> embeddings = Embeddings(("cat", "dog", "pets"), vectors)
        >>> round(embeddings.n_similarity(["cat", "dog"], ["pets"]), 6)
        1.0
        """
        for group in (words1, words2):
            if isinstance(group, str):
                raise InputError(f"a group of words is one string, {group!r}; give a list of words")
        one, other = (
            self.get_mean_vector(list(group), pre_normalize=False, post_normalize=True)
            for group in (words1, words2)
        )
        return float(one @ other)

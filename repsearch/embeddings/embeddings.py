"""Map words to their vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.checks import checked
from repsearch.embeddings.conversions import data_frame, keyed_vectors
from repsearch.embeddings.errors import UnknownWordError
from repsearch.embeddings.formats import Contents, Undecodable, format_to_write, read_file
from repsearch.embeddings.groups import WordGroups
from repsearch.embeddings.nearness import Query, Vectors
from repsearch.embeddings.neighbours import rows_with_direction, unit_rows
from repsearch.embeddings.spellings import folded_rows
from repsearch.errors import InputError
from repsearch.notebook import html_table

if TYPE_CHECKING:
    from gensim.models import KeyedVectors
    from pandas import DataFrame

__all__ = ["Embeddings", "Query", "UnknownWordError", "Vectors"]

_WORDS_SHOWN, _COLUMNS_SHOWN = 10, 6


@dataclass(frozen=True, eq=False, repr=False)
class Embeddings(WordGroups):
    """Map words to their vectors.

    Equality is identity, because comparing the vectors would be slow and is
    rarely what is meant.

    Parameters
    ----------
    words : tuple of str
        Words, distinct and not empty, the most frequent first.
    vectors : (V, d) ndarray
        Vectors, float32 or float64, finite. They become a read-only view, and are
        copied only if their rows are not contiguous.
    name : str
        Name of what made them, for example ``"M*"``.

    Raises
    ------
    InputError
        Words that are not distinct, vectors that are not finite floats, or not
        one vector for each word.

    Examples
    --------
    >>> vectors = np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 2.0]])
    >>> embeddings = Embeddings(("cat", "dog", "house"), vectors)
    >>> embeddings
    <Embeddings 3 words, 2 dimensions, float64>
    >>> embeddings["dog"].tolist(), round(embeddings.similarity("cat", "dog"), 2)
    ([0.8, 0.6], 0.8)
    """

    words: tuple[str, ...]
    vectors: Vectors
    name: str = ""

    def __post_init__(self) -> None:
        words, vectors = checked(self.words, self.vectors)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "vectors", vectors)

    @classmethod
    def open(
        cls,
        path: Path | str,
        format: str | None = None,
        *,
        word_list: Path | str | None = None,
        undecodable: Undecodable = "strict",
    ) -> Embeddings:
        """Read a file.

        Parameters
        ----------
        path : Path or str
            File to read; the text formats and word2vec's binary one may be gzipped.
        format : str, optional
            Name of the format: ``"word2vec"``, ``"word2vec-binary"``,
            ``"glove"``, ``"safetensors"``, ``"npz"``, ``"npy"``, ``"csv"`` or
            ``"tsv"``. By default the suffix tells.
        word_list : Path or str, optional
            Words of vectors that are kept without them, one a line in the order of the
            rows; or the ``metadata.tsv`` of TensorBoard's projector.
        undecodable : {"strict", "replace", "ignore"}
            What to do at bytes of words that are not UTF-8: stop, replace them by U+FFFD, or
            leave them out (gensim's ``unicode_errors``). Words that become empty, or equal
            to an earlier one, are left out with a warning.

        Returns
        -------
        Embeddings
            Words and vectors in the order of the file; numbers of 16 bits as float32.

        Raises
        ------
        InputError
            Naming the file and what is wrong with it.
        """
        path = Path(path)
        contents = read_file(
            path,
            format,
            word_list=None if word_list is None else Path(word_list),
            undecodable=undecodable,
        )
        try:
            return cls(tuple(contents.words), contents.vectors, contents.name)
        except InputError as error:
            raise InputError(f"cannot read {path}: {error}") from error

    def save(self, path: Path | str, format: str | None = None) -> None:
        """Write a file.

        Parameters
        ----------
        path : Path or str
            Final name; the formats of word2vec and GloVe are gzipped where it ends
            in ``.gz``.
        format : str, optional
            Name of the format, as for `open`. By default the suffix tells.

        Raises
        ------
        InputError
            The format cannot express a word or the vectors, or the file
            cannot be written.
        """
        path = Path(path)
        chosen = format_to_write(path, format)
        assert chosen.write is not None
        chosen.write(path, Contents(self.words, self.vectors, self.name))

    @property
    def dimension(self) -> int:
        """Number of entries of a vector, d."""
        return int(self.vectors.shape[1])

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Row of each word among the vectors."""
        return MappingProxyType({word: row for row, word in enumerate(self.words)})

    @cached_property
    def has_direction(self) -> NDArray[np.bool_]:
        """Whether each vector is other than zero, shape (V,); a zero one is like no word."""
        return rows_with_direction(self.vectors)

    @cached_property
    def folded(self) -> Mapping[str, Sequence[int]]:
        """Rows of the words that differ from their case folding, by folded word."""
        return MappingProxyType(folded_rows(self.words))

    def __getitem__(self, word: str) -> Vectors:
        vector: Vectors = self.vectors[self._row(word)]
        return vector

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)

    # Mapping would compare the arrays and make this unhashable.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> tuple[type[Embeddings], tuple[tuple[str, ...], Vectors, str]]:
        # Passed to another process without what is cached, and with a read-only array,
        # which pickling alone would make writable.
        return type(self), (self.words, self.vectors, self.name)

    def __repr__(self) -> str:
        label = f"{self.name!r}, " if self.name else ""
        shape = f"{len(self)} words, {self.dimension} dimensions, {self.vectors.dtype}"
        return f"<{type(self).__name__} {label}{shape}>"

    def _repr_html_(self) -> str:
        shown = [
            {"word": word}
            | {str(k): float(value) for k, value in enumerate(self.vectors[row, :_COLUMNS_SHOWN])}
            for row, word in enumerate(self.words[:_WORDS_SHOWN])
        ]
        return html_table(
            repr(self), shown, words="The first words, and the first columns of their vectors:"
        )

    def get_vector(self, word: str, *, norm: bool = False) -> Vectors:
        """Return the vector of a word; gensim's name for it.

        Parameters
        ----------
        word : str
            A word.
        norm : bool, default False
            Whether it is scaled to length one (a zero vector stays zero).

        Returns
        -------
        (d,) ndarray
            Read-only, as it is kept.

        Raises
        ------
        UnknownWordError
            The word has no vector.

        Examples
        --------
        >>> embeddings = Embeddings(("cat",), np.array([[3.0, 4.0]]))
        >>> embeddings.get_vector("cat").tolist(), embeddings.get_vector("cat", norm=True).tolist()
        ([3.0, 4.0], [0.6, 0.8])
        """
        vector: Vectors = (self.unit() if norm else self.vectors)[self._row(word)]
        return vector

    def rows(self, words: Iterable[str]) -> Vectors:
        """Return the vectors of some words.

        Parameters
        ----------
        words : iterable of str
            Words, in any order and number.

        Returns
        -------
        (n, d) ndarray
            Their vectors, in the same order.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        """
        return self.vectors[np.array([self._row(word) for word in words], dtype=np.intp)]

    def unit(self) -> Vectors:
        """Return all vectors scaled to length one; those that are zero stay so.

        Returns
        -------
        (V, d) ndarray
            Unit vectors, computed once and read-only.
        """
        return self._unit

    def to_keyedvectors(self) -> KeyedVectors:
        """Give the vectors as gensim's `KeyedVectors`, for what gensim or its users offer.

        Returns
        -------
        gensim.models.KeyedVectors
            The same words in the same order; vectors are copied.

        Raises
        ------
        InputError
            gensim is not installed.

        Examples
        --------
        >>> embeddings = Embeddings(("cat", "dog"), np.array([[1.0, 0.0], [0.8, 0.6]]))
        >>> embeddings.to_keyedvectors().most_similar("cat", topn=1)  # doctest: +SKIP
        [('dog', 0.8...)]
        """
        return keyed_vectors(self.words, self.vectors)

    def to_frame(self) -> DataFrame:
        """Give the vectors as a pandas data frame, a row for each word.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``word``, columns 0 to d - 1; the name is in its ``attrs``.

        Raises
        ------
        InputError
            pandas is not installed.

        Examples
        --------
        >>> embeddings = Embeddings(("cat", "dog"), np.array([[1.0, 0.0], [0.8, 0.6]]))
        >>> embeddings.to_frame().loc["dog"].tolist()
        [0.8, 0.6]
        """
        return data_frame(self.words, self.vectors, self.name)

    def restrict(self, words: Iterable[str]) -> Embeddings:
        """Keep only those words that are among `words`, in the order they have here.

        Parameters
        ----------
        words : iterable of str
            Words to keep, for example those of other embeddings; words that have no
            vector here are ignored.

        Returns
        -------
        Embeddings
            The words kept, with their vectors.

        Raises
        ------
        InputError
            No word would be left.
        """
        kept = sorted({self.index[word] for word in words if word in self.index})
        if not kept:
            raise InputError(f"none of the words to keep is in {self!r}; give at least one that is")
        return Embeddings(tuple(self.words[row] for row in kept), self.vectors[kept], self.name)

    def truncate(self, d: int) -> Embeddings:
        """Keep only the first `d` columns.

        Parameters
        ----------
        d : int
            Number of columns.

        Returns
        -------
        Embeddings
            The same words with shorter vectors.

        Raises
        ------
        InputError
            There are not so many columns, or `d` is not positive.
        """
        if not 1 <= d <= self.dimension:
            raise InputError(f"cannot keep {d} columns; choose from 1 to {self.dimension}")
        return Embeddings(self.words, self.vectors[:, :d], self.name)

    @cached_property
    def _unit(self) -> Vectors:
        unit = unit_rows(self.vectors)
        unit.flags.writeable = False
        return unit

    def _row(self, word: str) -> int:
        try:
            return self.index[word]
        except KeyError:
            raise UnknownWordError(word, self.words, self.name) from None

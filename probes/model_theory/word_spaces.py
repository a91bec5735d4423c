"""Name the places of a model in which words have vectors, and bring them to shared words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.language_models.layers import Layers

FEWEST_WORDS = 50
"""Below this many shared words nothing is to be learned of subspaces."""


@dataclass(frozen=True, eq=False, repr=False)
class WordSpaces:
    """Embeddings by the name of the place, each read when it is asked for.

    Parameters
    ----------
    spaces : mapping of str to callable
        What gives the embeddings of each place, in the order in which they are shown.

    Raises
    ------
    InputError
        There is none.

    Examples
    --------
    >>> emb = Embeddings(("ice", "hot"), np.eye(2), "made")
    >>> spaces = WordSpaces.of({"input": emb, "output": emb})
    >>> spaces, spaces["output"].words
    (<WordSpaces: input, output>, ('ice', 'hot'))
    """

    spaces: Mapping[str, Callable[[], Embeddings]]

    def __post_init__(self) -> None:
        if not self.spaces:
            raise InputError("there are no vectors to set M* beside; pass at least one file")

    @classmethod
    def of(cls, made: Mapping[str, Embeddings]) -> WordSpaces:
        """Name embeddings that are there.

        Parameters
        ----------
        made : mapping of str to Embeddings
            By the name of the place.

        Returns
        -------
        WordSpaces
        """
        return cls({name: partial(_same, one) for name, one in made.items()})

    @classmethod
    def of_layers(cls, layers: Layers, prefix: str = "") -> WordSpaces:
        """Name the layers of a model's states.

        Parameters
        ----------
        layers : Layers
            From `repsearch.language_models.word_states`.
        prefix : str
            What stands before the name of each.

        Returns
        -------
        WordSpaces
            ``layer 0``, the input, and so on.
        """
        return cls(
            {
                f"{prefix}layer {number}": partial(layers.embeddings, number)
                for number in layers.numbers
            }
        )

    def __len__(self) -> int:
        return len(self.spaces)

    def __getitem__(self, name: str) -> Embeddings:
        return self.spaces[name]()

    def shared_words(self, counts: Counts) -> tuple[str, ...]:
        """Find the words that all have, and the counts.

        Parameters
        ----------
        counts : Counts
            Of the corpus.

        Returns
        -------
        tuple of str
            In the order of the counts, the most frequent first.

        Raises
        ------
        InputError
            There are fewer than 50.
        """
        shared = set(counts.words)
        for name in self.spaces:
            space = self[name]
            here = space.has_direction
            shared &= {word for word, known in zip(space.words, here, strict=True) if known}
            if len(shared) < FEWEST_WORDS:
                raise InputError(
                    f"{len(shared)} words of the counts have vectors in {name} and all before it; "
                    f"at least {FEWEST_WORDS} are needed: take states of more words "
                    "('repsearch states MODEL --words FILE'), or counts of the same language"
                )
        return tuple(word for word in counts.words if word in shared)

    def __repr__(self) -> str:
        names = list(self.spaces)
        shown = names if len(names) < 4 else [names[0], "...", names[-1]]
        return f"<WordSpaces: {', '.join(shown)}>"


def _same(embeddings: Embeddings) -> Embeddings:
    return embeddings


def in_order(space: Embeddings, words: tuple[str, ...]) -> Embeddings:
    """Keep some words, in their order.

    Parameters
    ----------
    space : Embeddings
        With at least these words.
    words : tuple of str
        The words.

    Returns
    -------
    Embeddings
    """
    return Embeddings(words, space.rows(words), space.name)


def counts_among(counts: Counts, words: tuple[str, ...]) -> Counts:
    """Keep the counts of pairs of which both words are kept.

    Parameters
    ----------
    counts : Counts
        Of a corpus.
    words : tuple of str
        Words of the counts, in their order.

    Returns
    -------
    Counts
        As if other words had kept their places and were looked over.

    Examples
    --------
    >>> import repsearch as rs
    >>> counts = rs.count(rs.encode(["the cat saw the dog"], vocabulary_size=None), rs.Window(1))
    >>> counts_among(counts, ("the", "dog")).matrix().toarray()
    array([[0, 1],
           [1, 0]])
    """
    if words == counts.words:
        return counts
    kept = set(words)
    rows = np.array([row for row, word in enumerate(counts.words) if word in kept])
    lower = counts.lower()[rows][:, rows].tocsr()
    lower.sort_indices()
    return replace(
        counts,
        words=words,
        word_counts=counts.word_counts[rows],
        indptr=np.asarray(lower.indptr, dtype=np.int64),
        columns=np.asarray(lower.indices, dtype=np.int32),
        values=np.asarray(lower.data, dtype=np.int64),
        file=None,
    )

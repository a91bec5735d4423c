"""Take difference vectors of word pairs, with the groups of pairs that share words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from probes.shared.resampling import Labels, components
from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings, look_up
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
_LARGEST = 1e60
"""Fourth powers of entries are summed, and ratios of them taken."""


@dataclass(frozen=True, eq=False, repr=False)
class Differences:
    """Difference vectors r_n = w(b_n) − w(a_n) of one family of pairs.

    Parameters
    ----------
    vectors : (N, d) float
        R, one row a pair, finite and of a size whose fourth power is in range;
        held in float64.
    pairs : tuple of (str, str)
        The N pairs (a_n, b_n), distinct.
    name : str, optional
        Name of the family.
    left_out : tuple of (str, str), optional
        Pairs that were given but have no difference: a word without a vector,
        or a word paired with itself.

    Raises
    ------
    InputError
        Shapes do not fit, a number is not finite, or a pair comes twice.

    Examples
    --------
    >>> pairs = (("king", "queen"), ("man", "woman"), ("king", "woman"))
    >>> found = Differences(np.array([[1.0, 0.0], [1.0, 0.2], [0.9, 0.3]]), pairs, "gender")
    >>> found
    <Differences 'gender', 3 pairs, d = 2>
    >>> found.groups  # king joins the last pair to the first, woman to the second
    array([0, 0, 0])
    """

    vectors: Real
    pairs: tuple[Pair, ...]
    name: str = ""
    left_out: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        vectors = np.asarray(self.vectors, dtype=np.float64)
        pairs = tuple((a, b) for a, b in self.pairs)
        if vectors.ndim != 2 or not vectors.size or len(vectors) != len(pairs):
            raise InputError(
                f"{len(pairs)} pairs and differences of shape {vectors.shape} do not fit; "
                "pass one row of at least one column for each pair"
            )
        if not np.isfinite(vectors).all():
            raise InputError("a difference vector has a NaN or an infinity; mend the embeddings")
        largest = float(np.abs(vectors).max())
        if largest > _LARGEST or 0 < largest < 1 / _LARGEST:
            raise InputError(
                f"the largest entry of the differences is {largest:.3g}, whose square is out of "
                "range; scale the embeddings"
            )
        if len(set(pairs)) < len(pairs):
            raise InputError(
                f"a pair of {self.name or 'the differences'} comes twice; pass each pair once"
            )
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "pairs", pairs)

    @property
    def dimension(self) -> int:
        """d, number of columns."""
        return int(self.vectors.shape[1])

    @property
    def words(self) -> tuple[str, ...]:
        """Distinct words of the pairs, in their order."""
        return tuple(dict.fromkeys(word for pair in self.pairs for word in pair))

    @property
    def mean(self) -> Real:
        """(d,) Mean difference, which points from the first words to the second."""
        mean: Real = self.vectors.mean(axis=0)
        return mean

    @cached_property
    def groups(self) -> Labels:
        """(N,) Connected component of each pair; pairs of different components share no word."""
        return components(self.pairs)

    @cached_property
    def gram(self) -> Real:
        """(N, N) Inner products R R^T."""
        with one_blas_thread():
            return np.asarray(self.vectors @ self.vectors.T)

    def first(self, d: int) -> Differences:
        """Give the differences of embeddings cut to their first columns.

        Parameters
        ----------
        d : int
            How many columns are kept.

        Returns
        -------
        Differences

        Raises
        ------
        InputError
            There are not so many columns, or `d` is not positive.
        """
        if not is_whole(d) or not 1 <= d <= self.dimension:
            raise InputError(f"d is {d!r}; pass a whole number from 1 to {self.dimension}")
        return Differences(self.vectors[:, :d], self.pairs, self.name, self.left_out)

    def __len__(self) -> int:
        return len(self.pairs)

    def __repr__(self) -> str:
        return f"<Differences {self.name!r}, {len(self)} pairs, d = {self.dimension}>"


def difference_vectors(
    embeddings: Embeddings, pairs: Iterable[Pair], *, name: str = "", zero: bool = False
) -> Differences:
    """Take the difference vectors w(b) − w(a) of the pairs whose words have vectors.

    Neither words nor differences are normalised (arXiv 2502.09863, section 4). A
    word is taken as given, and in another spelling where only that is there
    (`repsearch.embeddings.look_up`); pairs have the vocabulary's spelling. A word
    whose vector is zero is left out.

    Parameters
    ----------
    embeddings : Embeddings
        V words and their vectors (V, d).
    pairs : iterable of (str, str)
        Pairs (a, b); the order within a pair is the sign of its difference.
        Repeated pairs count once.
    name : str, optional
        Name of the family.
    zero : bool, default False
        Whether zero vectors count, as they do at a moment of training.

    Returns
    -------
    Differences
        Pairs that cannot be used stand in `left_out`.

    Raises
    ------
    InputError
        No pair can be used.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> emb = Embeddings(("king", "queen", "prince"), np.array([[1.0, 0], [1, 2], [3, 0]]))
    >>> found = difference_vectors(emb, [("king", "queen"), ("prince", "princess")])
    >>> found.vectors, found.left_out
    (array([[0., 2.]]), (('prince', 'princess'),))
    """
    listed = [(a, b) for a, b in pairs]
    words = look_up(embeddings, (word for pair in listed for word in pair), zero=zero)
    given = tuple(dict.fromkeys((words.spelling(a), words.spelling(b)) for a, b in listed))
    known = {words.spelling(word) for word in words.rows}
    used = tuple((a, b) for a, b in given if a != b and a in known and b in known)
    if not used:
        raise InputError(
            f"none of the {len(given)} pairs of {name or 'the family'} has two different words in "
            "the vocabulary, in any spelling; check that both are of one language"
        )
    first, second = (
        embeddings.rows([pair[side] for pair in used]).astype(np.float64) for side in (0, 1)
    )
    kept = set(used)
    return Differences(
        second - first, used, name, tuple(pair for pair in given if pair not in kept)
    )

"""Make orthonormal bases of modes, and bring two of them to the words they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

Real: TypeAlias = NDArray[np.float64]
# Columns further off orthonormal are no basis of modes; those of a solver in
# float32 are off by 1e-6 and are mended, those of one in float64 are kept as they are.
_REFUSED, _MENDED = 1e-3, 1e-12
# The smallest singular value at which shared words still tell the modes apart.
_LEAST_KEPT = 1e-6


@dataclass(frozen=True, eq=False, repr=False)
class Basis:
    """Modes in decreasing order: orthonormal columns, with values and words where they are known.

    Parameters
    ----------
    vectors : (V, d) float
        Orthonormal columns; held in float64. Those off by up to 1e-3, as of a
        solver in float32, are replaced by the nearest orthonormal ones.
    values : (d,) float, optional
        Eigenvalues or singular values, decreasing.
    words : tuple of str, optional
        The vocabulary.

    Raises
    ------
    InputError
        Shapes do not fit, something is not finite, or the columns are off
        orthonormal by more than 1e-3.

    Examples
    --------
    >>> modes = Basis(np.eye(3)[:, :2], np.array([2.0, 1.0]), ("ice", "hot", "red"))
    >>> modes.dimension, modes.leading(1).values.tolist()
    (2, [2.0])
    """

    vectors: NDArray[np.floating[Any]]
    values: NDArray[np.floating[Any]] | None = None
    words: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        vectors = np.asarray(self.vectors, float)
        if vectors.ndim != 2 or not 1 <= vectors.shape[1] <= vectors.shape[0]:
            raise InputError(
                f"a basis has shape {vectors.shape}; pass (V, d), modes as columns, d from 1 to V"
            )
        _check_finite("a basis", vectors)
        gram = vectors.T @ vectors
        off = float(np.abs(gram - np.eye(vectors.shape[1])).max())
        if off > _REFUSED:
            raise InputError(
                f"the columns of a basis are off orthonormal by {off:.1e}; pass Embeddings, whose "
                "left singular vectors are taken, or the Q of a QR decomposition"
            )
        if off > _MENDED:
            lengths, axes = np.linalg.eigh(gram)
            vectors = vectors @ (axes / np.sqrt(lengths)) @ axes.T
        object.__setattr__(self, "vectors", vectors)
        if self.values is not None:
            values = np.asarray(self.values, float)
            if values.shape != (vectors.shape[1],):
                raise InputError(
                    f"there are {vectors.shape[1]} modes and values of shape {values.shape}; "
                    "pass one for each mode"
                )
            _check_finite("the values", values)
            if np.any(np.diff(values) > 0):
                raise InputError("the values of the modes increase; sort modes by falling value")
            object.__setattr__(self, "values", values)
        if self.words is not None and len(set(self.words)) != vectors.shape[0]:
            raise InputError(
                f"there are {len(set(self.words))} different words for {vectors.shape[0]} rows; "
                "pass one for each"
            )

    @property
    def dimension(self) -> int:
        """Count the modes.

        Returns
        -------
        int
            d.
        """
        return int(self.vectors.shape[1])

    def leading(self, k: int | None) -> Basis:
        """Keep the leading modes.

        Parameters
        ----------
        k : int or None
            How many; all of them for None.

        Returns
        -------
        Basis
            With their values and all words.

        Raises
        ------
        InputError
            There are not so many.
        """
        if k is None:
            return self
        if not is_whole(k) or not 1 <= k <= self.dimension:
            raise InputError(
                f"k is {k!r}; pass a whole number from 1 to {self.dimension}, the modes"
            )
        values = None if self.values is None else self.values[:k]
        return Basis(self.vectors[:, :k], values, self.words)


Source: TypeAlias = Basis | Spectrum | Embeddings | NDArray[np.floating[Any]]


def basis(source: Source) -> Basis:
    """Take the modes of a spectrum, the left singular vectors of embeddings, or an array.

    Parameters
    ----------
    source : Spectrum, Embeddings, Basis or (V, d) array
        An array must have orthonormal columns. Embeddings lose the modes with
        a singular value that is rounding: those have no direction.

    Returns
    -------
    Basis
        With values and words where the source has them.

    Raises
    ------
    InputError
        No orthonormal basis can be made of it.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> basis(Embeddings(["ice", "hot", "red"], [[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])).values
    array([3., 2.])
    """
    if isinstance(source, Basis):
        return source
    if isinstance(source, Spectrum):
        return Basis(source.eigenvectors, source.eigenvalues, source.words)
    if isinstance(source, Embeddings):
        given = source.vectors
        left, values, _ = scipy.linalg.svd(given.astype(float), full_matrices=False)
        floor = values[0] * max(given.shape) * np.finfo(given.dtype).eps
        known = int(np.count_nonzero(values > floor))
        if not known:
            raise InputError(f"all vectors of {source!r} are zero; there are no modes in them")
        return Basis(left[:, :known], values[:known], source.words)
    return Basis(np.asarray(source))


@dataclass(frozen=True, eq=False, repr=False)
class SharedWords:
    """Two bases over the words that they share.

    Parameters
    ----------
    one, other : Basis
        Rows of the same words in the same order.
    coverage : (float, float)
        Share of each vocabulary that is shared.
    kept : (float, float)
        The least length that a unit vector of each span has left on the shared
        words, 1 where none is lost. Modes of a span with little left say little
        about the whole.

    Examples
    --------
    >>> shared = share_words(np.eye(4)[:, :2], np.eye(4)[:, 1:])
    >>> shared.n_words, shared.coverage
    (4, (1.0, 1.0))
    """

    one: Basis
    other: Basis
    coverage: tuple[float, float]
    kept: tuple[float, float]

    @property
    def n_words(self) -> int:
        """Count the words shared.

        Returns
        -------
        int
            Rows of both bases.
        """
        return int(self.one.vectors.shape[0])


def share_words(a: Source, b: Source) -> SharedWords:
    """Bring two bases to the same words.

    Where both have words, rows are matched by word. If words are lost, what is left of
    each basis is made orthonormal again by its polar factor, the nearest
    orthonormal basis, so that mode k stays mode k. Without words, rows are
    taken to be the same words in the same order.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.

    Returns
    -------
    SharedWords
        Both over the same words, in the order of the first.

    Raises
    ------
    InputError
        No word is shared, fewer than there are modes, the rows do not match,
        or the modes cannot be told apart on the shared words.

    Examples
    --------
    >>> one = Basis(np.eye(3)[:, :1], words=("ice", "hot", "red"))
    >>> other = Basis(np.eye(3)[:, 2:], words=("hot", "blue", "ice"))
    >>> shared = share_words(one, other)
    >>> shared.one.words, [round(share, 2) for share in shared.coverage]
    (('ice', 'hot'), [0.67, 0.67])
    """
    one, other = basis(a), basis(b)
    if one.words is None or other.words is None:
        if one.vectors.shape[0] != other.vectors.shape[0]:
            raise InputError(
                f"the bases have {one.vectors.shape[0]} and {other.vectors.shape[0]} rows and not "
                "both have words to match them by; pass Spectrum, Embeddings or Basis with words"
            )
        return SharedWords(one, other, (1.0, 1.0), (1.0, 1.0))
    if one.words == other.words:
        return SharedWords(one, other, (1.0, 1.0), (1.0, 1.0))
    places = {word: row for row, word in enumerate(other.words)}
    words = tuple(word for word in one.words if word in places)
    if not words:
        raise InputError(
            f"none of the {len(one.words)} words of the one basis is among the {len(other.words)} "
            "of the other; compare bases over the same language and tokenizer"
        )
    found = set(words)
    here = np.array([row for row, word in enumerate(one.words) if word in found])
    there = np.array([places[word] for word in words])
    first, kept_first = _restricted(one, here, words)
    second, kept_second = _restricted(other, there, words)
    coverage = (len(words) / len(one.words), len(words) / len(other.words))
    return SharedWords(first, second, coverage, (kept_first, kept_second))


def _restricted(
    whole: Basis, rows: NDArray[np.intp], words: tuple[str, ...]
) -> tuple[Basis, float]:
    part = whole.vectors[rows]
    if len(rows) == whole.vectors.shape[0]:
        return Basis(part, whole.values, words), 1.0
    # By singular values, for little may be left of a mode.
    left, lengths, right = scipy.linalg.svd(part, full_matrices=False)
    least = float(lengths[-1]) if len(rows) >= whole.dimension else 0.0
    if least < _LEAST_KEPT:
        raise InputError(
            f"the {len(rows)} shared words do not tell the {whole.dimension} modes apart; "
            "compare fewer leading modes, or larger vocabularies"
        )
    return Basis(left @ right, whole.values, words), least


def _check_finite(name: str, numbers: NDArray[np.floating[Any]]) -> None:
    if not np.isfinite(numbers).all():
        raise InputError(f"{name} has a NaN or an infinity; mend it")

"""Check that words and vectors fit together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.embeddings.formats.contents import first_repeat
from repsearch.errors import InputError


def checked(
    words: Iterable[object], vectors: ArrayLike
) -> tuple[tuple[str, ...], NDArray[np.floating[Any]]]:
    """Check that words are distinct and that each has a finite vector.

    Parameters
    ----------
    words : iterable of str
        Words, which should be distinct and not empty.
    vectors : (V, d) array_like
        Vectors, which should be float32 or float64 and finite.

    Returns
    -------
    words : tuple of str
        The same words.
    vectors : (V, d) ndarray
        The same numbers, contiguous and read-only: a view of what was passed,
        if that is contiguous already.

    Raises
    ------
    InputError
        Saying which rule is broken, and by which word.
    """
    words = _checked_words(words)
    array = _checked_array(vectors)
    if len(words) != len(array):
        raise InputError(
            f"words and vectors differ in number ({len(words)} and {len(array)}); give one for each"
        )
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise InputError(
            f"the vector of {words[int(np.argmin(finite))]!r} has a NaN or an infinity; mend or "
            f"remove it"
        )
    return words, array


def _checked_words(words: Iterable[object]) -> tuple[str, ...]:
    if isinstance(words, str):
        raise InputError(f"the words are a single string, {words!r}; give a sequence of strings")
    kept: list[str] = []
    for position, word in enumerate(words, 1):
        if not isinstance(word, str) or not word:
            raise InputError(
                f"word {position} is {word!r}; give a string that is not empty, or remove its row"
            )
        kept.append(word)
    repeat = first_repeat(kept)
    if repeat is not None:
        one, other = repeat
        raise InputError(
            f"word {one + 1}, {kept[one]!r}, comes again as word {other + 1}; remove or rename "
            f"one of them"
        )
    return tuple(kept)


def _checked_array(vectors: ArrayLike) -> NDArray[np.floating[Any]]:
    try:
        array = np.asarray(vectors)
    except ValueError as error:  # lists of differing lengths
        raise InputError("the vectors differ in length; give each the same dimension") from error
    native = array.dtype.newbyteorder("=")
    if native not in (np.float32, np.float64):
        raise InputError(f"the vectors are {native}; convert them to float32 or float64 (astype)")
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(
            f"the vectors have the shape {array.shape}; give at least one row, of at least one "
            f"number, with two axes in all"
        )
    view = np.ascontiguousarray(array, dtype=native).view()
    view.flags.writeable = False
    return view

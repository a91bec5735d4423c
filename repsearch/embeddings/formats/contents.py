"""Hold what an embedding file contains, and check its words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError


class Contents(NamedTuple):
    """Hold words and vectors that are read from a file or written to one.

    Parameters
    ----------
    words : sequence of str
        Words in the order of the rows.
    vectors : (V, d) ndarray
        Vectors, float32 or float64.
    name : str
        Name of what made them; "" where the format has no place for it.

    Examples
    --------
    >>> Contents(["cat"], np.zeros((1, 2)), "M*").vectors.shape
    (1, 2)
    """

    words: Sequence[str]
    vectors: NDArray[np.floating[Any]]
    name: str = ""


def first_repeat(words: Sequence[str]) -> tuple[int, int] | None:
    """Find the first word that repeats an earlier one.

    Parameters
    ----------
    words : sequence of str
        Words in order.

    Returns
    -------
    tuple of int or None
        The positions of its first and second occurrence; None if all differ.

    Examples
    --------
    >>> first_repeat(["cat", "dog", "cat"])
    (0, 2)
    """
    if len(set(words)) == len(words):
        return None
    seen: dict[str, int] = {}
    for position, word in enumerate(words):
        earlier = seen.setdefault(word, position)
        if earlier != position:
            return earlier, position
    raise AssertionError("the words changed while they were compared")


def decoded(words: Sequence[bytes], source: Path, *, unit: str, first: int) -> list[str]:
    """Decode UTF-8 words.

    Parameters
    ----------
    words : sequence of bytes
        Words without a newline in them.
    source : Path
        File they are from, for the message.
    unit : str
        Unit in which that file is counted: ``"line"`` or ``"word"``.
    first : int
        Number of the first of them.

    Returns
    -------
    list of str
        The words.

    Raises
    ------
    InputError
        Naming the number of the first word that is not UTF-8.
    """
    try:
        # One call for all is several times faster than one for each.
        return b"\n".join(words).decode("utf-8").split("\n") if words else []
    except UnicodeDecodeError:
        for number, word in enumerate(words, first):
            try:
                word.decode("utf-8")
            except UnicodeDecodeError as error:
                shown = repr(word if len(word) <= 40 else word[:40] + b"...")
                raise InputError(
                    f"cannot read {source}: in {unit} {number}, the word {shown} is not UTF-8; "
                    f"check that this is the file's format, or convert the file to UTF-8"
                ) from error
        raise


def encoded(words: Iterable[str], path: Path) -> list[bytes]:
    """Encode words as UTF-8.

    Parameters
    ----------
    words : iterable of str
        Words.
    path : Path
        File to be written, for the message.

    Returns
    -------
    list of bytes
        The words.

    Raises
    ------
    InputError
        Naming a word that has no UTF-8 form (it holds half a surrogate pair).
    """
    result: list[bytes] = []
    try:
        for word in words:
            result.append(word.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise InputError(
            f"cannot write {path}: {error.object!r} holds half a surrogate pair, which UTF-8 "
            f"cannot express; rename it"
        ) from error
    return result


def refuse_whitespace(words: Iterable[str], path: Path) -> None:
    """Check that white space can mark where each word ends.

    Parameters
    ----------
    words : iterable of str
        Words.
    path : Path
        File to be written, for the message.

    Raises
    ------
    InputError
        Naming the first word with whitespace, in the sense of `str.isspace`.
    """
    for word in words:
        if word.split() != [word]:
            raise InputError(
                f"cannot write {path}: the word {word!r} contains whitespace, which separates the "
                f"fields of this format; rename the word or save as safetensors or npz"
            )

"""Hold what an embedding file contains, and check its words."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

Undecodable: TypeAlias = Literal["strict", "replace", "ignore"]
"""What to do at bytes of a word that are not UTF-8; the names are Python's and gensim's."""


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


def distinct(
    words: Sequence[str],
    vectors: NDArray[np.floating[Any]],
    source: Path,
    *,
    unit: str,
    first: int,
    undecodable: Undecodable = "strict",
) -> Contents:
    """Check that no word comes twice, or leave out what decoding has made equal or empty.

    Parameters
    ----------
    words : sequence of str
        Words in the order of the rows.
    vectors : (V, d) ndarray
        Vectors.
    source : Path
        File they are from, for messages.
    unit : str
        Unit in which that file is counted: ``"line"`` or ``"word"``.
    first : int
        Number of the first of them.
    undecodable : {"strict", "replace", "ignore"}
        How bytes that are not UTF-8 were treated. If not strictly, the first of equal words
        is kept, and a warning says how many were left out.

    Returns
    -------
    Contents
        Words and vectors.

    Raises
    ------
    InputError
        Naming a word that comes twice.
    """
    repeat = first_repeat(words)
    if undecodable == "strict" and repeat is not None:
        one, other = repeat
        at, again = (
            (f" of line {first + one}", f"in line {first + other}")
            if unit == "line"
            else (f", number {first + one},", f"as number {first + other}")
        )
        raise InputError(
            f"cannot read {source}: the word {words[one]!r}{at} comes again {again}; remove or "
            "rename one of them"
        )
    if undecodable == "strict" or (repeat is None and all(words)):
        return Contents(words, vectors)
    place: dict[str, int] = {}
    for row, word in enumerate(words):
        if word:
            place.setdefault(word, row)
    kept = sorted(place.values())
    left = len(words) - len(kept)
    warnings.warn(
        f"{source}: {left:,} word{'s' * (left != 1)} left out, empty or equal to an earlier one "
        "when bytes that are not UTF-8 are replaced or ignored",
        stacklevel=2,
    )
    return Contents([words[row] for row in kept], vectors[kept])


def refuse_no_words(source: Path, holds: str = "vectors alone") -> NoReturn:
    """Refuse vectors without words.

    Parameters
    ----------
    source : Path
        The file.
    holds : str
        What it has.

    Raises
    ------
    InputError
        Always; the message says how to give the words.
    """
    likely = (source.with_name(f"{source.stem}-metadata.tsv"), source.with_name("metadata.tsv"))
    beside = next((path for path in likely if path.is_file()), None)
    shown = "" if beside is None else f", such as {beside}"
    raise InputError(
        f"cannot read {source}: it has {holds}, and no words; give them in a text file, one a "
        f"line in the order of the rows{shown}, as word_list='words.txt'"
    )


def decoded(
    words: Sequence[bytes],
    source: Path,
    *,
    unit: str,
    first: int,
    undecodable: Undecodable = "strict",
) -> list[str]:
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
    undecodable : {"strict", "replace", "ignore"}
        Whether bytes that are not UTF-8 are an error, become U+FFFD, or are left out.

    Returns
    -------
    list of str
        The words.

    Raises
    ------
    InputError
        Naming the number of the first word that is not UTF-8, in the strict case.
    """
    try:
        # One call for all is several times faster than one for each.
        return b"\n".join(words).decode("utf-8").split("\n") if words else []
    except UnicodeDecodeError:
        if undecodable != "strict":
            return [word.decode("utf-8", undecodable) for word in words]
        for number, word in enumerate(words, first):
            try:
                word.decode("utf-8")
            except UnicodeDecodeError as error:
                shown = repr(word if len(word) <= 40 else word[:40] + b"...")
                raise InputError(
                    f"cannot read {source}: in {unit} {number}, the word {shown} is not UTF-8; "
                    f"check that this is the file's format, or pass undecodable='replace' or "
                    f"undecodable='ignore'"
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

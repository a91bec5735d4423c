"""Pack words into an array of bytes, for the two array formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.formats.contents import decoded, encoded
from repsearch.errors import InputError

FORMAT = "repsearch-embeddings"
"""Name of the format in the files."""

VERSION = 1
"""Version that is written, and the newest that is read."""

REMEDY = "give a file that Embeddings.save made"
"""Advice about a file of arrays that are not embeddings."""


def packed(words: Sequence[str], path: Path) -> NDArray[np.uint8]:
    r"""Join words by ``"\n"`` and encode them as UTF-8.

    Parameters
    ----------
    words : sequence of str
        Words.
    path : Path
        File to be written, for messages.

    Returns
    -------
    (n,) uint8
        Bytes of all words.

    Raises
    ------
    InputError
        Naming a word that holds a newline or cannot be encoded.
    """
    for word in words:
        if "\n" in word:
            raise InputError(
                f"cannot write {path}: the word {word!r} contains a newline, which separates the "
                f"words of this format; rename it"
            )
    return np.frombuffer(b"\n".join(encoded(words, path)), dtype=np.uint8)


def unpacked(array: NDArray[Any], source: Path) -> list[str]:
    """Decode and split an array that `packed` made.

    Parameters
    ----------
    array : ndarray
        Bytes of all words.
    source : Path
        File they are from, for messages.

    Returns
    -------
    list of str
        The words.

    Raises
    ------
    InputError
        The array is not a row of bytes, or a word is not UTF-8.
    """
    if array.dtype != np.uint8 or array.ndim != 1:
        raise InputError(
            f"cannot read {source}: its words are an array {array.dtype}{list(array.shape)} where "
            f"a row of bytes (uint8) is expected; {REMEDY}"
        )
    return decoded(array.tobytes().split(b"\n"), source, unit="word", first=1)


def check_version(name: object, version: object, source: Path) -> None:
    """Check that a file is of this format, in a version that is known.

    Parameters
    ----------
    name : object
        Name of the format that the file gives.
    version : object
        Version that the file gives.
    source : Path
        The file, for messages.

    Raises
    ------
    InputError
        It holds something else, or comes from a newer repsearch.
    """
    if name != FORMAT:
        raise InputError(
            f"cannot read {source}: it does not say that its format is {FORMAT!r}; {REMEDY}"
        )
    text = str(version)
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"cannot read {source}: its version {text!r} makes no sense; {REMEDY}")
    if int(text) > VERSION:
        raise InputError(
            f"cannot read {source}: its version {text} is newer than {VERSION}, the newest that "
            f"this repsearch knows; update repsearch"
        )

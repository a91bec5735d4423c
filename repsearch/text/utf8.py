"""Decode UTF-8 and name the place of bytes that are not."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from repsearch.errors import InputError
from repsearch.text.files import BadBytes
from repsearch.text.lines import line_ends


class Gap(Enum):
    """Stand in for a document that was left out, and say why."""

    NOT_UTF8 = "not UTF-8"


def is_utf8(text: bytes) -> bool:
    """Whether bytes are valid UTF-8.

    Parameters
    ----------
    text : bytes
        Bytes to check.

    Returns
    -------
    bool
        False also where a character is cut off at the end.
    """
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode(raw: bytes, path: Path, bad_bytes: BadBytes, *, line: int, offset: int) -> str:
    r"""Decode UTF-8.

    Parameters
    ----------
    raw : bytes
        Bytes of the file.
    path : Path
        File they come from, for the message.
    bad_bytes : {"stop", "replace", "skip"}
        ``"stop"`` refuses bytes that are not UTF-8, the others read them as U+FFFD.
    line : int
        Number of the line in which `raw` begins, from 1.
    offset : int
        Place in the file at which `raw` begins, in bytes from 0.

    Returns
    -------
    str
        The text.

    Raises
    ------
    InputError
        Bytes that are not UTF-8, where `bad_bytes` is ``"stop"``; it names byte and line.

    Examples
    --------
    >>> decode(b"a caf\xe9", Path("a.txt"), "stop", line=7, offset=100)
    Traceback (most recent call last):
    repsearch.errors.InputError: a.txt is not UTF-8 at byte 105 (line 7): ...
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if bad_bytes != "stop":
            return raw.decode("utf-8", errors="replace")
        line += line_ends(raw, error.start)
        raise InputError(
            f"{path} is not UTF-8 at byte {offset + error.start:,} (line {line:,}): convert it "
            "(iconv -f ENCODING -t UTF-8, ENCODING being what it was written in, often LATIN1), "
            "or choose to replace such bytes or to skip such documents (bad_bytes='replace' or "
            "bad_bytes='skip')"
        ) from error

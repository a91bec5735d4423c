"""Read text files of words within bounds, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from repsearch.errors import InputError

LARGEST_FILE = 1 << 26
"""Bytes; the largest word lists in use are a hundredth of it."""
LONGEST_LINE = 1 << 16
"""Characters."""


def numbered_lines(path: Path | str) -> Iterator[tuple[int, str]]:
    """Read the lines of a UTF-8 text file that hold something, with their numbers.

    Empty lines and lines whose first visible character is ``#`` are passed
    over but counted, so that the numbers are those an editor shows.

    Parameters
    ----------
    path : Path or str
        The file; a byte-order mark at its start is passed over.

    Yields
    ------
    tuple of (int, str)
        Line number, from 1, and the line without its end and outer blanks.

    Raises
    ------
    InputError
        When the file is missing, is a folder, may not be read, is not UTF-8, or
        it or one of its lines is too long for a list of words.
    """
    text = read_text(path)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise InputError(
                f"line {number} of {path} has {len(line):,} characters; a list of words has a few "
                "on each line: check that this is the file you meant"
            )
        # Tabs at the ends are kept: an empty field at a line's end is a field.
        stripped = line.strip(" ")
        if stripped.strip() and not stripped.lstrip().startswith("#"):
            yield number, stripped


def read_text(path: Path | str) -> str:
    """Read a UTF-8 text file, without a byte-order mark.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    str
        All of it.

    Raises
    ------
    InputError
        When the file is missing, is a folder, may not be read, is not UTF-8, or
        is too large for a list of words.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise InputError(
                f"{path} is larger than {LARGEST_FILE >> 20} MiB, which no list of words is; check "
                "that this is the file you meant"
            )
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; check the path") from None
    except NotADirectoryError:
        raise InputError(f"a part of the path {path} is a file; check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; give the name of a file") from None
    except PermissionError:
        raise InputError(f"no permission to read {path}; change its mode or copy it") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start}); save it again as UTF-8"
        ) from None


def checked_word(word: str, path: Path | str, number: int) -> str:
    """Strip a word of outer blanks.

    Parameters
    ----------
    word : str
        A field of a line.
    path : Path or str
        Where it is from, for the message.
    number : int
        Number of the line, from 1, for the message.

    Returns
    -------
    str
        Not empty.

    Raises
    ------
    InputError
        When nothing is left of it.
    """
    word = word.strip()
    if not word:
        raise InputError(f"line {number} of {path} has an empty field; write a word there")
    return word

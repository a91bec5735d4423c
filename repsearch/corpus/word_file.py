"""Read the words of a file, one a line."""

from __future__ import annotations

from pathlib import Path

from repsearch.errors import InputError
from repsearch.text.tokenizers import is_word

HEADER = "# repsearch vocabulary"
"""What the first line of a vocabulary file begins with."""


def read_words(path: str | Path) -> list[str]:
    r"""Read words in their order: of a vocabulary file, or of any with a word a line.

    Parameters
    ----------
    path : path
        One word a line; a number after it, such as its count, is passed over.

    Returns
    -------
    list of str
        Distinct words.

    Raises
    ------
    InputError
        A file that cannot be read, has no word or one twice, or has a line that is
        not one word.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "words.txt"
    ...     _ = path.write_text("owl 7\ncat\n")
    ...     read_words(path)
    ['owl', 'cat']
    """
    path = Path(path)
    lines = lines_of(path)
    first = 2 if lines and lines[0].startswith(HEADER) else 1
    seen: dict[str, int] = {}
    for number, line in enumerate(lines[first - 1 :], start=first):
        word, *rest = line.split() or [""]
        if not is_word(word) or len(rest) > 1 or not all(one.isdecimal() for one in rest):
            raise InputError(
                f"{path}, line {number:,}, is not one word; write one word a line, at most with "
                "its count"
            )
        if word in seen:
            raise InputError(
                f"{path} has {word!r} in lines {seen[word]:,} and {number:,}; leave one out"
            )
        seen[word] = number
    if not seen:
        raise InputError(f"{path} has no words; write one a line")
    return list(seen)


def lines_of(path: Path) -> list[str]:
    """Read the lines of a file of words.

    Parameters
    ----------
    path : Path
        UTF-8.

    Returns
    -------
    list of str
        Without their ends; an empty line at the end of the file is none.

    Raises
    ------
    InputError
        A file that cannot be read, or is not UTF-8.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; convert the words to it") from None
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from error
    if not lines[-1].strip():
        lines.pop()
    return [line.removesuffix("\r") for line in lines]

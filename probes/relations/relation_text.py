"""Read families of word pairs from the lines of a file, in the layout that they show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from probes.relations.relations import Pair, Relations
from probes.relations.tables import Row, heading_of, refuse_width, rows_of, separator_of
from probes.relations.word_files import checked_word, numbered_lines
from repsearch.errors import InputError

LAYOUTS = (
    "three columns (family, word, word), two columns (one family), sections ': family' with two "
    "words a line, lines such as cat:kitten, or JSON"
)
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_COLON = re.compile(
    rf'(?:{_NUMBER}\s+)?"?([^":\t]*[^":\s])\s*:\s*([^":\s][^":\t]*)"?(?:\s+{_NUMBER})?'
)
_SCORE = re.compile(r"[-+]?\d+(?:[.,]\d+)?")

Found = dict[str, list[tuple[Pair, tuple[str, ...]]]]
"""By family: pairs, each with the further words that are right as its second."""


def families_of_text(path: Path) -> Found:
    """Read families from a file of lines.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of str to list
        By family the pairs, each with its further answers.

    Raises
    ------
    InputError
        The file cannot be read, or a line is in no known layout.
    """
    lines = list(numbered_lines(path))
    if not lines:
        return {}
    if lines[0][1].startswith(":"):
        return _sections(lines, path)
    matches = [_COLON.fullmatch(line) for _, line in lines]
    if all(matches):
        pairs = [(match[1].strip(), match[2].strip()) for match in matches if match]
        return {family_name(path): [((a, b), ()) for a, b in pairs]}
    return _table(lines, path)


def relations_of(found: Found, name: str, path: Path, *, keep_case: bool) -> Relations:
    """Make relations of what was read.

    Parameters
    ----------
    found : dict of str to list
        By family the pairs, each with its further answers.
    name : str
        What tables call the collection.
    path : Path
        Where it is from.
    keep_case : bool
        As of `Relations`.

    Returns
    -------
    Relations
    """
    answers: dict[str, dict[Pair, tuple[str, ...]]] = {}
    for family, pairs in found.items():
        for pair, further in pairs:
            if further:
                here = answers.setdefault(family, {})
                here[pair] = tuple(dict.fromkeys((*here.get(pair, ()), *further)))
    return Relations(
        {family: tuple(pair for pair, _ in pairs) for family, pairs in found.items()},
        name=name,
        source=str(path),
        answers=answers,
        keep_case=keep_case,
    )


def family_name(path: Path) -> str:
    """Name a family after its file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its stem, without brackets around all of it.

    Examples
    --------
    >>> family_name(Path("[male - female].txt")), family_name(Path("I01 [noun - plural].txt"))
    ('male - female', 'I01 [noun - plural]')
    """
    stem = path.stem
    bracketed = stem.startswith("[") and stem.endswith("]") and stem.count("[") == 1
    return stem[1:-1].strip() or stem if bracketed else stem


def _sections(lines: Iterable[tuple[int, str]], path: Path) -> Found:
    found: Found = {}
    family = ""
    for number, line in lines:
        if line.startswith(":"):
            family = line[1:].strip()
            if not family:
                raise InputError(f"line {number} of {path} is a section without a name; add one")
            found.setdefault(family, [])
            continue
        fields = [field for field in line.split("\t") if field] if "\t" in line else line.split()
        if len(fields) != 2:
            hint = "; such lines are questions, to be read as such" if len(fields) == 4 else ""
            raise InputError(
                f"line {number} of {path} has {_count(len(fields), 'word')} where section "
                f"{family!r} takes two a line{hint or '; mend the line'}"
            )
        found[family].append(_pair(fields[0], fields[1], path, number))
    return found


def _table(lines: list[tuple[int, str]], path: Path) -> Found:
    separator = separator_of([line for _, line in lines])
    rows = rows_of(lines, separator)
    heading = heading_of(rows[0].fields)
    first, body = rows[0], rows[1:] if heading else rows
    words: tuple[int, ...] = (0, 1)
    family: int | None = None
    expected = "a pair of one family"
    if heading is not None:
        words, family = heading.words, heading.family
        expected = "the columns of its heading"
    elif len(first.fields) == 3:
        words, family = (1, 2), 0
        expected = "family, word and word"
    _refuse_others(first, body, words, path, headed=heading is not None)
    found: Found = {}
    for row in body:
        refuse_width(row, path, expected, first=first, separator=separator)
        name = (
            family_name(path)
            if family is None
            else checked_word(row.fields[family], path, row.number)
        )
        pair = _pair(row.fields[words[0]], row.fields[words[1]], path, row.number)
        found.setdefault(name, []).append(pair)
    return found


def _refuse_others(
    first: Row, body: list[Row], words: tuple[int, ...], path: Path, *, headed: bool
) -> None:
    """Refuse questions, rated pairs, and what has any other number of columns."""
    width = len(first.fields)
    seen = f"line {first.number} of {path} has {_count(width, 'field')}"
    if len(words) > 2 or (width == 4 and not headed):
        raise InputError(
            f"{seen}, as analogy questions have; read the file as questions, or write {LAYOUTS}"
        )
    last = [row.fields[-1] for row in body[:100] if len(row.fields) == width]
    if width == 3 and last and not headed and all(map(_SCORE.fullmatch, last)):
        raise InputError(
            f"{seen}, the last of them a number, as rated word pairs have; read the file as a "
            f"similarity set, or write {LAYOUTS}"
        )
    if not headed and width not in (2, 3):
        raise InputError(f"{seen}, which is no layout of relations; a file has {LAYOUTS}")


def _pair(first: str, second: str, path: Path, number: int) -> tuple[Pair, tuple[str, ...]]:
    word = checked_word(first, path, number)
    usual, *further = _partners(checked_word(second, path, number))
    return (word, usual), tuple(further)


def _partners(field: str) -> Iterator[str]:
    """Split ``girl/lass``, but neither ``24/7`` nor a lone comma."""
    parts = [part.strip() for part in re.split(r"[/,]", field)]
    if all(any(map(str.isalpha, part)) for part in parts):
        yield from dict.fromkeys(parts)
    else:
        yield field


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

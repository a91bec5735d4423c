"""Split lines of a word list into fields, whichever way these are separated."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from repsearch.errors import InputError

Separator = Literal["tabs or blanks", ";", ","]
_LOOKED_AT = 100
_WORDS = {
    f"{name}{mark}{place}"
    for name in ("word", "w", "term")
    for mark in ("", " ", "_")
    for place in "1234"
} | {"first word", "second word"}
_WORDS_BESIDE_A_FAMILY = _WORDS | {
    *("first", "second", "source", "target", "a", "b", "from", "to", "left", "right"),
}
"""Not alone: "left, right" may as well be a pair."""
_FAMILIES = {"family", "relation", "category", "type", "section", "group", "subcategory"}


class Row(NamedTuple):
    """A line in fields.

    Parameters
    ----------
    number : int
        Number of the line in the file, from 1.
    fields : tuple of str
        Without outer blanks.
    """

    number: int
    fields: tuple[str, ...]


class Heading(NamedTuple):
    """Where a heading line says that things are.

    Parameters
    ----------
    words : tuple of int
        Columns of words.
    family : int or None
        Column of the family.
    """

    words: tuple[int, ...]
    family: int | None


def separator_of(lines: Sequence[str]) -> Separator:
    """Tell what separates the fields of lines.

    Parameters
    ----------
    lines : sequence of str
        Lines that hold something.

    Returns
    -------
    {"tabs or blanks", ";", ","}
        A semicolon or comma only where it gives most of the first lines as many fields.

    Examples
    --------
    >>> separator_of(["Word 1,Word 2,Human (mean)", "tiger,cat,7.35"])
    ','
    >>> separator_of(["boy girl,lass", "king queen"])
    'tabs or blanks'
    """
    looked_at = lines[:_LOOKED_AT]
    if not looked_at or "\t" in looked_at[0]:
        return "tabs or blanks"
    blank = [line.split() for line in looked_at]
    # "boy girl,lass": a word and its partners, and no table of commas.
    partners = all(len(fields) == 2 and not fields[0].endswith(",") for fields in blank)
    separators: tuple[Separator, ...] = (";", ",")
    for separator in separators:
        if separator == "," and partners:
            continue
        widths = [len(_split(line, separator)) for line in looked_at]
        # Not all: a line that lacks a field is to be named, and not to hide the others.
        if widths[0] > 1 and widths.count(widths[0]) > len(widths) / 2:
            return separator
    return "tabs or blanks"


def rows_of(lines: Iterable[tuple[int, str]], separator: Separator) -> list[Row]:
    """Split lines into fields.

    Parameters
    ----------
    lines : iterable of (int, str)
        Lines with their numbers.
    separator : {"tabs or blanks", ";", ","}
        What separates fields; in the first case tabs do where a line has some. Fields may be
        in double quotes, unless blanks separate them.

    Returns
    -------
    list of Row
    """
    return [Row(number, _split(line, separator)) for number, line in lines]


def heading_of(fields: Sequence[str]) -> Heading | None:
    """Tell a heading line, by names that are usual for columns of words.

    Parameters
    ----------
    fields : sequence of str
        The first line of a file.

    Returns
    -------
    Heading or None
        None where it does not look like one: fewer than two columns are called words.

    Examples
    --------
    >>> heading_of(["Family", "Word1", "Word2"])
    Heading(words=(1, 2), family=0)
    >>> heading_of(["plural", "cat", "cats"])
    """
    names = [field.lower() for field in fields]
    family = next((place for place, name in enumerate(names) if name in _FAMILIES), None)
    known = _WORDS if family is None else _WORDS_BESIDE_A_FAMILY
    words = tuple(place for place, name in enumerate(names) if name in known)
    return Heading(words, family) if len(words) > 1 else None


def refuse_width(row: Row, path: Path, expected: str, *, first: Row, separator: Separator) -> None:
    """Refuse a line that has another number of fields than the first.

    Parameters
    ----------
    row : Row
        The line.
    path : Path
        Its file.
    expected : str
        What a line should hold.
    first : Row
        The line that showed the layout.
    separator : {"tabs or blanks", ";", ","}
        What separates fields.

    Raises
    ------
    InputError
        The numbers differ.
    """
    if len(row.fields) != len(first.fields):
        raise InputError(
            f"line {row.number} of {path} has {len(row.fields)} "
            f"field{'s' * (len(row.fields) != 1)} separated by {separator}, where line "
            f"{first.number} has {len(first.fields)} ({expected}); mend the line"
        )


def _split(line: str, separator: Separator) -> tuple[str, ...]:
    if separator == "tabs or blanks":
        if "\t" not in line:
            return tuple(line.split())
        mark = "\t"
    else:
        mark = separator
    if '"' not in line:
        return tuple(field.strip() for field in line.split(mark))
    try:
        fields = next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])
    except csv.Error:
        fields = line.split(mark)
    return tuple(field.strip() for field in fields)

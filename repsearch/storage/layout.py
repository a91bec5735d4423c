"""Describe what a file holds, and check that it does: a checksum says nothing of sense.

A format is a list of `Field` for its arrays and of `Fact` for its text; reading checks each
before any number reaches a computation.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

Kind = Literal["whole", "number", "text", "texts", "record", "list"]


@dataclass(frozen=True, slots=True)
class Field:
    """Describe an array.

    Parameters
    ----------
    name : str
        Its name in the file.
    types : tuple of str
        NumPy types it may have, in any byte order.
    shape : tuple of str or int
        Lengths of its axes; a letter stands for a length that all fields with it share.
    low, high : float
        Smallest and largest number allowed. Numbers must be finite in any case.
    order : {"any", "decreasing", "increasing"}
        How its numbers follow one another; equal ones may in both.
    large : bool
        Whether the numbers are left to a check of their own, because looking at each here
        would take long.

    Examples
    --------
    >>> Field("residuals", ("float64",), ("d",), low=0).shape
    ('d',)
    """

    name: str
    types: tuple[str, ...]
    shape: tuple[str | int, ...]
    low: float = -math.inf
    high: float = math.inf
    order: Literal["any", "decreasing", "increasing"] = "any"
    large: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Describe a value of a JSON record.

    Parameters
    ----------
    name : str
        Its key.
    kind : {"whole", "number", "text", "texts", "record", "list"}
        A whole number, a finite number, a str, a list of str, a mapping, a list.
    low, high : float
        Smallest and largest number allowed.
    among : tuple of str
        All texts that are allowed, where not any is.

    Examples
    --------
    >>> Fact("step", "whole", low=0).kind
    'whole'
    """

    name: str
    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    among: tuple[str, ...] = ()


def check_arrays(
    fields: Iterable[Field],
    arrays: Mapping[str, NDArray[Any]],
    source: object,
    remedy: str,
    sizes: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Check arrays against their description.

    Parameters
    ----------
    fields : iterable of Field
        What is expected.
    arrays : mapping of str to array
        What was read.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.
    sizes : mapping of str to int, optional
        Lengths that are known already.

    Returns
    -------
    dict of str to int
        The lengths that the letters stand for.

    Raises
    ------
    InputError
        Naming the file, the field and what is wrong with it.

    Examples
    --------
    >>> described = [Field("values", ("float64",), ("d",), order="decreasing")]
    >>> check_arrays(described, {"values": np.array([2.0, 1.0])}, "a.npz", "make it again")
    {'d': 2}
    >>> check_arrays(described, {"values": np.array([1.0, 2.0])}, "a.npz", "make it again")
    Traceback (most recent call last):
    repsearch.errors.InputError: a.npz is damaged or was altered: values are not in decreasing \
order (values[1] is 2.0 after 1.0); make it again
    """
    known = dict(sizes or {})
    for field in fields:
        if field.name not in arrays:
            refuse(source, f"it lacks {field.name}", remedy)
        array = arrays[field.name]
        name = array.dtype.newbyteorder("=").name
        if name not in field.types:
            refuse(source, f"{field.name} is {name}, not {' or '.join(field.types)}", remedy)
        if array.ndim != len(field.shape) or any(
            found != (length if isinstance(length, int) else known.setdefault(length, found))
            for length, found in zip(field.shape, array.shape, strict=True)
        ):
            wanted = [known.get(n, n) if isinstance(n, str) else n for n in field.shape]
            listed = ", ".join(map(str, wanted))
            refuse(source, f"{field.name} has shape {array.shape}, not ({listed})", remedy)
        if not field.large:
            _check_numbers(field, array, source, remedy)
    return known


def check_record(
    facts: Iterable[Fact], record: object, source: object, remedy: str, where: str = "it"
) -> dict[str, Any]:
    """Check a record of JSON against its description; keys that are not described are allowed.

    Parameters
    ----------
    facts : iterable of Fact
        What is expected.
    record : object
        What was read.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.
    where : str
        What of the file it is, for messages.

    Returns
    -------
    dict
        The same record.

    Raises
    ------
    InputError
        Naming the file, the field and what is wrong with it.

    Examples
    --------
    >>> check_record([Fact("step", "whole", low=0)], {"step": -1}, "a.json", "make it again")
    Traceback (most recent call last):
    repsearch.errors.InputError: a.json is damaged or was altered: step is -1, less than 0; \
make it again
    """
    if not isinstance(record, dict):
        refuse(source, f"{where} is no record of names and values", remedy)
    for fact in facts:
        if fact.name not in record:
            refuse(source, f"{where} lacks {fact.name}", remedy)
        found = record[fact.name]
        if not _is_of_kind(found, fact.kind):
            wanted = {"whole": "whole number", "texts": "list of texts"}.get(fact.kind, fact.kind)
            refuse(source, f"{fact.name} is {short(found)}, which is no {wanted}", remedy)
        if fact.kind in ("whole", "number"):
            if found < fact.low:
                refuse(source, f"{fact.name} is {short(found)}, less than {fact.low:g}", remedy)
            if found > fact.high:
                refuse(source, f"{fact.name} is {short(found)}, more than {fact.high:g}", remedy)
        if fact.among and found not in fact.among:
            choices = ", ".join(map(repr, fact.among))
            refuse(source, f"{fact.name} is {short(found)}, none of {choices}", remedy)
    return record


def words_of(packed: NDArray[np.uint8], source: object, remedy: str) -> tuple[str, ...]:
    r"""Decode words that are joined by ``"\n"``, each of them once and none empty.

    Parameters
    ----------
    packed : (n,) uint8
        Bytes of all words, UTF-8.
    source : object
        The file, for messages.
    remedy : str
        What to do about a file that is not as it should be.

    Returns
    -------
    tuple of str
        The words.

    Raises
    ------
    InputError
        Naming the word that is no UTF-8, is empty, or comes twice.

    Examples
    --------
    >>> words_of(np.frombuffer(b"sun\nmoon", np.uint8), "a.npz", "make it again")
    ('sun', 'moon')
    """
    content = packed.tobytes()
    try:
        words = tuple(content.decode("utf-8").split("\n"))
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        refuse(source, f"word {number} is not UTF-8", remedy)
    if len(set(words)) < len(words) or "" in words:
        seen: dict[str, int] = {}
        for number, word in enumerate(words, 1):
            if not word:
                refuse(source, f"word {number} is empty", remedy)
            if seen.setdefault(word, number) != number:
                refuse(source, f"word {number}, {word!r}, is word {seen[word]} again", remedy)
    return words


def refuse(source: object, what: str, remedy: str) -> NoReturn:
    """Say that a file is not what it should be.

    Parameters
    ----------
    source : object
        The file.
    what : str
        What is wrong, naming the field.
    remedy : str
        What to do about it.

    Raises
    ------
    InputError
        In any case.
    """
    raise InputError(f"{source} is damaged or was altered: {what}; {remedy}")


def short(value: object) -> str:
    """Show a value in a message, whatever its length.

    Parameters
    ----------
    value : object
        Number, text, list.

    Returns
    -------
    str
        Its `repr`, cut after 40 characters.

    Examples
    --------
    >>> short("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a whole number of thousands of digits, lists in lists
        return f"a {type(value).__name__} too long to show"
    return text if len(text) <= 40 else f"{text[:40]}..."


def _is_of_kind(found: object, kind: Kind) -> bool:
    match kind:
        case "whole":
            return isinstance(found, int) and not isinstance(found, bool)
        case "number":
            if isinstance(found, bool) or not isinstance(found, int | float):
                return False
            return abs(found) <= sys.float_info.max  # False of NaN too
        case "text":
            return isinstance(found, str)
        case "texts":
            return isinstance(found, list) and all(isinstance(item, str) for item in found)
        case "record":
            return isinstance(found, dict)
        case "list":
            return isinstance(found, list)


def _check_numbers(field: Field, array: NDArray[Any], source: object, remedy: str) -> None:
    if not array.size:
        return
    least, most = array.min(), array.max()  # both NaN if any number is
    if not (np.isfinite(least) and np.isfinite(most)):
        wrong = ~np.isfinite(array)
        refuse(source, f"{_first(field, array, wrong)}, not a finite number", remedy)
    if least < field.low:
        at = _first(field, array, array < field.low)
        refuse(source, f"{at}, less than {field.low:g}", remedy)
    if most > field.high:
        at = _first(field, array, array > field.high)
        refuse(source, f"{at}, more than {field.high:g}", remedy)
    if field.order != "any":
        wrong = np.diff(array) > 0 if field.order == "decreasing" else np.diff(array) < 0
        if wrong.any():
            k = int(np.argmax(wrong))
            refuse(
                source,
                f"{field.name} are not in {field.order} order "
                f"({field.name}[{k + 1}] is {array[k + 1]} after {array[k]})",
                remedy,
            )


def _first(field: Field, array: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    place = np.unravel_index(int(np.argmax(wrong)), array.shape)
    listed = ", ".join(map(str, map(int, place)))
    return f"{field.name}[{listed}] is {array[place]}"

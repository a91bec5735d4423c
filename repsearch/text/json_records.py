"""Read the text of JSON records, one a line or in an array."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import TypeGuard

from repsearch.errors import InputError
from repsearch.text.chunks import MOST_DOCUMENT_BYTES
from repsearch.text.files import BadBytes
from repsearch.text.formats import Kind
from repsearch.text.lines import numbered_lines
from repsearch.text.opened import Opened
from repsearch.text.record import TextRecord
from repsearch.text.utf8 import Gap, decode, is_utf8

_WHITE = " \t\r\n"
_SHOWN = 12
_MOST_HEAD = 1 << 23


class _Digits(str):
    """A number as it is written: none is text, and one of 5,000 digits must not be computed."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Digits, parse_float=_Digits, parse_constant=_Digits)


def json_documents(
    opened: Opened, field: str, bad_bytes: BadBytes, record: TextRecord
) -> Iterator[str | Gap]:
    r"""Read one field of the records of a file.

    A record whose field is missing, null, or no text has no document; how many
    there are is written into `record`.

    Parameters
    ----------
    opened : Opened
        The file.
    field : str
        Field that holds the text.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8. Those of an array are a whole: there
        ``"skip"`` replaces them.
    record : TextRecord
        Where the number of records is added.

    Yields
    ------
    str or Gap
        Text of a record, or the reason why there is none in its place.

    Raises
    ------
    InputError
        What is no JSON object, with its line; a file none of whose records has text
        in the field.
    """
    for text, _ in json_records(opened, field, None, bad_bytes, record):
        yield text


def json_records(
    opened: Opened, field: str, by: str | None, bad_bytes: BadBytes, record: TextRecord
) -> Iterator[tuple[str | Gap, str | None]]:
    r"""Read the text of the records of a file, each with the value of another field.

    Parameters
    ----------
    opened : Opened
        The file.
    field : str
        Field that holds the text.
    by : str or None
        Field whose values are wanted beside it; None for none.
    bad_bytes : {"stop", "replace", "skip"}
        As for `json_documents`.
    record : TextRecord
        Where the number of records is added.

    Yields
    ------
    text : str or Gap
        Text of a record, or the reason why there is none in its place.
    value : str or None
        What the record has in `by`, as it is written; None where it has nothing there.

    Raises
    ------
    InputError
        As for `json_documents`; no record with text has something in `by`, or one has a list
        or an object there.
    """
    seen = texts = valued = 0
    fields: list[str] = []
    if opened.format.kind is Kind.JSON_ARRAY:
        values = _array_values(opened, bad_bytes)
    else:
        values = _line_values(opened, bad_bytes)
    for where, value in values:
        if isinstance(value, Gap):
            yield value, None
            continue
        if not isinstance(value, dict):
            raise InputError(
                f"{where}, is no JSON object but {_kind(value)}; write one object a line"
            )
        seen += 1
        record.records += 1
        fields = fields or _fields(value)
        text = value.get(field)
        if not _is_text(text):
            record.records_without_text += 1
            continue
        texts += 1
        label = None if by is None else _label(value.get(by), by, where)
        valued += label is not None
        yield text, label
    listed = ", ".join(fields) or "none"
    if seen and not texts:
        raise InputError(
            f"none of the {seen:,} records of {opened.path} has text in a field {field!r}; "
            f"choose one of its fields: {listed}"
        )
    if texts and by is not None and not valued:
        raise InputError(
            f"none of the {texts:,} records of {opened.path} has something in a field {by!r}; "
            f"choose one of its fields: {listed}"
        )


def ask_for_field(opened: Opened) -> InputError:
    """Make the error for JSON whose field with the text is not known.

    Parameters
    ----------
    opened : Opened
        The file, at its beginning.

    Returns
    -------
    InputError
        Error that names the fields of the first record, with the sizes of their texts.
    """
    head, first = b"", {}
    for chunk in opened.chunks:
        head += chunk
        first = _first_object(head.decode("utf-8", errors="replace"))
        if first or len(head) >= _MOST_HEAD:
            break
    fields = _fields(first)
    example = next((name for name, held in first.items() if _is_text(held)), "text")
    shown = f": its first record has {', '.join(fields)}" if fields else ""
    return InputError(
        f"{opened.path} holds JSON records{shown}; say which field is the text, for example "
        f"field={example!r}"
    )


def _line_values(opened: Opened, bad_bytes: BadBytes) -> Iterator[tuple[str, object]]:
    """Values of JSON lines, each with its place in words."""
    for number, offset, raw in numbered_lines(opened.chunks, opened.path):
        where = f"{opened.path}, line {number:,}"
        if bad_bytes == "skip" and not is_utf8(raw):
            yield where, Gap.NOT_UTF8
            continue
        offset += opened.format.mark
        line = decode(raw, opened.path, bad_bytes, line=number, offset=offset)
        if not line.strip():
            continue
        try:
            yield where, _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}, is no JSON ({error}); write one object a line") from None


def _array_values(opened: Opened, bad_bytes: BadBytes) -> Iterator[tuple[str, object]]:
    """Elements of an array, one held at a time, each with its place in words."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict" if bad_bytes == "stop" else "replace")
    text, place, number = "", 0, 0
    opens = "["
    wanted = 0  # length that the rest must have before it is worth another try

    def error(reason: str) -> InputError:
        return InputError(
            f"{opened.path}, record {number + 1:,} of its array, is no JSON ({reason}); mend it"
        )

    chunks = iter(opened.chunks)
    ended = False
    while True:
        # Past what separates values, and the value itself where it is whole.
        while place < len(text) and text[place] in _WHITE + opens:
            opens = opens.replace(text[place], "") if text[place] in opens else opens
            place += 1
        if place < len(text) and text[place] == "]":
            if text[place + 1 :].strip(_WHITE):
                raise error("there is more behind the array's end")
            text, place = "", 0
            if not any(chunk.strip() for chunk in chunks):
                return
            raise error("there is more behind the array's end")
        if place < len(text) and (ended or len(text) - place >= wanted):
            try:
                value, place = _DECODER.raw_decode(text, place)
            except (ValueError, RecursionError) as problem:
                if ended or isinstance(problem, RecursionError):
                    raise error(str(problem)) from None
                wanted = 2 * (len(text) - place)
                if wanted > 2 * MOST_DOCUMENT_BYTES:
                    raise error(f"it is longer than {MOST_DOCUMENT_BYTES >> 20} MiB") from None
            else:
                yield f"{opened.path}, record {number + 1:,} of its array", value
                number += 1
                wanted, opens = 0, ","
                continue
        if ended:
            raise error("the array has no end")
        chunk = next(chunks, None)
        ended = chunk is None
        try:
            text, place = text[place:] + decoder.decode(chunk or b"", ended), 0
        except UnicodeDecodeError:
            raise InputError(
                f"{opened.path} is not UTF-8; convert it, or choose bad_bytes='replace'"
            ) from None


def _first_object(text: str) -> dict[str, object]:
    """First JSON object of a text; empty where it is not whole."""
    try:
        value, _ = _DECODER.raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _fields(value: dict[str, object]) -> list[str]:
    """Fields of a record with what they hold, texts with their lengths."""
    said = [
        f"{name!r} ({f'{len(held):,} characters' if _is_text(held) else _kind(held)})"
        for name, held in value.items()
    ]
    return [*said[:_SHOWN], f"{len(said) - _SHOWN:,} more"] if len(said) > _SHOWN else said


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and not isinstance(value, _Digits)


def _label(value: object, by: str, where: str) -> str | None:
    """What a field holds, as a name for those who hold the same."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    raise InputError(
        f"{where}, has {_kind(value)} in the field {by!r}; choose a field of texts or numbers"
    )


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return kinds.get(type(value), "null" if value is None else "a number")

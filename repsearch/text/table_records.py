"""Read the text of the records of a table, one column of an Arrow or Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from repsearch.errors import InputError
from repsearch.text.chunks import MOST_DOCUMENT_BYTES
from repsearch.text.files import BadBytes
from repsearch.text.opened import Opened
from repsearch.text.record import TextRecord
from repsearch.text.tables import Table, damage, open_table, pyarrow, shown_type
from repsearch.text.utf8 import Gap

_ROWS = 1 << 10


def table_documents(
    opened: Opened, field: str, bad_bytes: BadBytes, record: TextRecord
) -> Iterator[str | Gap]:
    """Read one column of a table.

    A record that is null there has no document; how many there are is written into `record`.

    Parameters
    ----------
    opened : Opened
        The file.
    field : str
        Name of the column that holds the text.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8.
    record : TextRecord
        Where the number of records is added.

    Yields
    ------
    str or Gap
        Text of a record, or the reason why there is none in its place.

    Raises
    ------
    InputError
        No such column, one that holds no text or nothing but nulls, a damaged file.
    """
    table = open_table(opened)
    arrow = pyarrow(opened.path.name, opened.format)
    kind = table.column(field)
    if not is_text(arrow, kind):
        raise InputError(
            f"column {field!r} of {opened.path} holds {shown_type(kind)}, which is no text; "
            f"{table.choices()}"
        )
    seen = texts = 0
    for raw in _values(arrow, table, field):
        seen += 1
        record.records += 1
        if raw is None:
            record.records_without_text += 1
            continue
        texts += 1
        if len(raw) > MOST_DOCUMENT_BYTES:
            raise InputError(
                f"record {seen:,} of {opened.path} is longer than "
                f"{MOST_DOCUMENT_BYTES >> 20} MiB; cut it"
            )
        yield _decoded(raw, opened, seen, bad_bytes)
    if seen and not texts:
        raise InputError(
            f"none of the {seen:,} records of {opened.path} has text in {field!r}; "
            f"{table.choices()}"
        )


def ask_for_column(opened: Opened) -> InputError:
    """Make the error for a table whose column with the text is not known.

    Parameters
    ----------
    opened : Opened
        The file, at its beginning.

    Returns
    -------
    InputError
        Error that names the columns with their types.
    """
    table = open_table(opened)
    arrow = pyarrow(opened.path.name, opened.format)
    texts = [field.name for field in table.schema if is_text(arrow, field.type)]
    example = texts[0] if texts else "text"
    return InputError(
        f"{opened.path} holds a table; say which column is the text, for example "
        f"field={example!r}: {table.choices()}"
    )


def is_text(arrow: Any, kind: Any) -> bool:
    """Whether a column holds text.

    Parameters
    ----------
    arrow : module
        pyarrow.
    kind : pyarrow.DataType
        Type of the column.

    Returns
    -------
    bool
        Also of a dictionary of strings.
    """
    types = arrow.types
    if types.is_dictionary(kind):
        return bool(types.is_string(kind.value_type) or types.is_large_string(kind.value_type))
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _values(arrow: Any, table: Table, field: str) -> Iterator[bytes | None]:
    with damage(table.opened):
        for piece in table.pieces(field):
            yield from _bytes(arrow, piece)


def _bytes(arrow: Any, piece: Any) -> Iterator[bytes | None]:
    """Values of a column as bytes, every offset checked before it is followed."""
    if arrow.types.is_dictionary(piece.type):
        piece.indices.validate(full=True)
        yield from _bytes(arrow, _binary(arrow, piece.dictionary).take(piece.indices))
        return
    if arrow.types.is_string_view(piece.type):
        # Older versions make no bytes of it; what is no UTF-8 is refused as damage.
        piece.validate(full=True)
        for begin in range(0, len(piece), _ROWS):
            texts = piece.slice(begin, _ROWS).to_pylist()
            yield from (None if text is None else text.encode() for text in texts)
        return
    binary = _binary(arrow, piece)
    for begin in range(0, len(binary), _ROWS):
        yield from binary.slice(begin, _ROWS).to_pylist()


def _binary(arrow: Any, piece: Any) -> Any:
    """The same bytes under a type that promises no UTF-8."""
    types = arrow.types
    wide = types.is_large_string(piece.type) or types.is_large_binary(piece.type)
    binary = piece.view(arrow.large_binary() if wide else arrow.binary())
    binary.validate(full=True)
    return binary


def _decoded(raw: bytes, opened: Opened, number: int, bad_bytes: BadBytes) -> str | Gap:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if bad_bytes == "skip":
            return Gap.NOT_UTF8
        if bad_bytes == "replace":
            return raw.decode("utf-8", errors="replace")
        raise InputError(
            f"record {number:,} of {opened.path} is not UTF-8; mend it, or choose to replace such "
            "bytes or to skip such documents (bad_bytes='replace' or bad_bytes='skip')"
        ) from None

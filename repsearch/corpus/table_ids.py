"""Read word ids from a column of a table: a list of whole numbers a record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.text.chunks import BLOCK_BYTES
from repsearch.text.opened import open_text
from repsearch.text.record import TextRecord
from repsearch.text.tables import TABLES, Table, damage, open_table, pyarrow, shown_type

_ROWS = 1 << 12


def is_table(path: Path) -> bool:
    """Whether a file holds an Arrow or Parquet table.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    bool

    Raises
    ------
    InputError
        It cannot be read.
    """
    return open_text(path, BLOCK_BYTES, lambda n: None).format.kind in TABLES


def table_of_ids(path: Path, field: str | None) -> Table:
    """Open a table and check that a column holds lists of whole numbers.

    Parameters
    ----------
    path : Path
        A file for which `is_table` is true.
    field : str or None
        Name of the column.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        No column was named, it is not there, or holds something else; a damaged file.
    """
    opened = open_text(path, BLOCK_BYTES, lambda n: None)
    table = open_table(opened)
    types = pyarrow(path.name, opened.format).types
    if field is None:
        raise InputError(
            f"{path} holds a table; say which column has the word ids, for example "
            f"field='input_ids': {table.choices()}"
        )
    kind = table.column(field)
    if not _is_list(types, kind) or not types.is_integer(kind.value_type):
        raise InputError(
            f"column {field!r} of {path} holds {shown_type(kind)}, and word ids are lists of whole "
            f"numbers; {table.choices()}"
        )
    return table


def rows_of_ids(table: Table, field: str, record: TextRecord) -> Iterator[NDArray[np.integer]]:
    """Read the ids of a table, with -1 after each record.

    Parameters
    ----------
    table : Table
        What `table_of_ids` opened.
    field : str
        Name of the column.
    record : TextRecord
        Where the number of records is added, and of those that are null.

    Yields
    ------
    (n,) array of int
        Ids of some records.

    Raises
    ------
    InputError
        A null among the ids of a record, a damaged file.
    """
    with damage(table.opened):
        for piece in table.pieces(field):
            piece.validate(full=True)
            for begin in range(0, len(piece), _ROWS):
                yield _flat(piece.slice(begin, _ROWS), table, field, record)


def _flat(piece: Any, table: Table, field: str, record: TextRecord) -> NDArray[np.integer]:
    whole = piece.drop_null()
    values = whole.flatten()
    record.records += len(piece)
    record.records_without_text += piece.null_count
    if values.null_count:
        raise InputError(
            f"{table.opened.path} has a null among the ids of a record of {field!r}; mend it"
        )
    lengths = whole.value_lengths().to_numpy(zero_copy_only=False)
    ids: NDArray[np.integer] = values.to_numpy(zero_copy_only=False)
    if ids.dtype.kind == "u" and ids.size and ids.max() > np.iinfo(np.int64).max:
        raise InputError(f"{table.opened.path} holds the id {ids.max():,}, which is no word's")
    return np.insert(ids.astype(np.int64, copy=False), np.cumsum(lengths), -1)


def _is_list(types: Any, kind: Any) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))

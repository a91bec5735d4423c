"""Write the rows of a sweep as one table: CSV, JSON, and Parquet where pyarrow is there."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probes.sweep.grid_keys import COUNT, OF_LOSS, OF_TARGET
from probes.sweep.measures import CELLS, Row
from repsearch.storage.atomic import replacing
from repsearch.storage.tables import Cell, write_table

NAME = "table"
_SETTINGS = tuple(
    dict.fromkeys(
        name
        for name in ("point", "corpus", *COUNT, "target", "loss", *OF_TARGET, *OF_LOSS)
        if name not in ("d", "seed")
    )
)
COLUMNS = (*_SETTINGS, "d", "seed", "probe", *CELLS)
"""All columns there can be, in order; a table has those of which some row has a value."""


def tidy(rows: Sequence[Row]) -> list[dict[str, Cell]]:
    """Give the rows of a table: alike in their columns, those of settings first.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.

    Returns
    -------
    list of dict
        Columns that no row has a value in are left out, but for those of measures.

    Examples
    --------
    >>> tidy([{"point": 1, "d": 5, "value": 0.5, "chief": True}])[0]["value"]
    0.5
    """
    used = [
        name for name in COLUMNS if name in CELLS or any(row.get(name) is not None for row in rows)
    ]
    return [{name: _cell(row.get(name)) for name in used} for row in rows]


def write_rows(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write the table; the same rows make the same bytes.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.
    folder : Path
        That of the sweep.

    Returns
    -------
    list of Path
        ``table.csv``, ``table.json``, and ``table.parquet`` where pyarrow is installed.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    table = tidy(rows)
    write_table(table, folder, NAME)
    written = [folder / f"{NAME}.csv", folder / f"{NAME}.json"]
    parquet = folder / f"{NAME}.parquet"
    content = _parquet(table)
    if content is None:
        parquet.unlink(missing_ok=True)  # of an earlier sweep, with other rows
        return written
    with replacing(parquet) as stream:
        stream.write(content)
    return [*written, parquet]


def _cell(value: Any) -> Cell:
    """Truth values as TOML and JSON write them, for the cells of a table are no truth values."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value  # type: ignore[no-any-return]


def _parquet(table: Sequence[Mapping[str, Cell]]) -> bytes | None:
    """The table as Parquet, each column of one type; None without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    columns = {}
    for name in table[0] if table else ():
        values = [row[name] for row in table]
        kinds = {type(value) for value in values if value is not None}
        if kinds <= {int} and kinds:
            kind = pa.int64()
        elif (kinds and kinds <= {int, float}) or name in ("value", "low", "high", "level"):
            kind = pa.float64()
        else:
            kind = pa.string()
            values = [None if value is None else str(value) for value in values]
        columns[name] = pa.array(values, kind)
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()

"""Write tables as CSV for people and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from repsearch.storage.atomic import replacing
from repsearch.storage.visible import spreadsheet_cell, visible_json

Cell = str | int | float | None


def write_table(rows: Sequence[Mapping[str, Cell]], folder: Path, name: str) -> None:
    """Write `rows` as ``name.csv`` and ``name.json``; a missing value is empty or null.

    Texts of the CSV are `repsearch.storage.visible.spreadsheet_cell`'s, so that no word is taken
    for a formula; the JSON has every text as it is.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table, from column to value.
    folder : Path
        Folder that gets both files.
    name : str
        Name of the files, without suffix.

    Raises
    ------
    InputError
        The folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     write_table([{"word": "cat", "count": 3}], Path(name), "words")
    ...     print((Path(name) / "words.csv").read_text())
    word,count
    cat,3
    <BLANKLINE>
    """
    with replacing(folder / f"{name}.csv", "w") as stream:
        stream.write(csv_text(rows))
    write_json([dict(row) for row in rows], folder / f"{name}.json")


def csv_text(rows: Sequence[Mapping[str, Cell]]) -> str:
    r"""Give the CSV of a table, as `write_table` writes it.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table, from column to value.

    Returns
    -------
    str
        A heading, and a line for each row.

    Examples
    --------
    >>> print(csv_text([{"word": "=1+1", "count": 3}, {"word": "a\tb", "count": None}]))
    word,count
    '=1+1,3
    a\tb,
    <BLANKLINE>
    """
    header = list(dict.fromkeys(key for row in rows for key in row))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([spreadsheet_cell(name) for name in header])
    writer.writerows([[_cell(row.get(name)) for name in header] for row in rows])
    return stream.getvalue()


def write_json(content: object, path: Path) -> None:
    """Write JSON with numbers in full precision; NaN and infinity are refused.

    Parameters
    ----------
    content : object
        Lists, dictionaries, texts, numbers, None.
    path : Path
        Final name; it appears when the file is whole.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with replacing(path, "w") as stream:
        stream.write(f"{visible_json(text)}\n")


def _cell(value: Cell) -> Cell:
    return spreadsheet_cell(value) if isinstance(value, str) else value

"""Write tables as CSV for people and JSON for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from repsearch.storage.atomic import replacing

Cell = str | int | float | None


def write_table(rows: Sequence[Mapping[str, Cell]], folder: Path, name: str) -> None:
    """Write `rows` as ``name.csv`` and ``name.json``; a missing value is empty or null.

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
    header = list(dict.fromkeys(key for row in rows for key in row))
    with replacing(folder / f"{name}.csv", "w") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_json([dict(row) for row in rows], folder / f"{name}.json")


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
    with replacing(path, "w") as stream:
        json.dump(content, stream, indent=1, ensure_ascii=False, allow_nan=False)
        stream.write("\n")

"""Tables as CSV for people and JSON for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from repsearch.storage.atomic import replacing

Cell = str | int | float | None


def write_table(rows: Sequence[Mapping[str, Cell]], folder: Path, name: str) -> None:
    """Write `rows` as ``name.csv`` and ``name.json``; a missing value is empty or null.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    header = list(dict.fromkeys(key for row in rows for key in row))
    with replacing(folder / f"{name}.csv", "w") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    write_json([dict(row) for row in rows], folder / f"{name}.json")


def write_json(content: object, path: Path) -> None:
    """Write JSON with numbers in full precision; NaN and infinity are refused.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    with replacing(path, "w") as stream:
        json.dump(content, stream, indent=1, ensure_ascii=False, allow_nan=False)
        stream.write("\n")

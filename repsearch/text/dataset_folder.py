"""Find the files of a text in a folder, and those of a Hugging Face dataset saved there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from repsearch.errors import InputError

_SPLITS = "dataset_dict.json"
_STATE = "state.json"
_INFO = "dataset_info.json"
_LONGEST_NAME = 255
"""Bytes of a name that file systems take."""


def files_in(folder: Path) -> list[Path]:
    """List the files of a folder and of those below it, in the order of their names.

    Files and folders whose names begin with a dot are left out. Of a dataset as
    ``datasets.Dataset.save_to_disk`` writes it, the files are those that its ``state.json``
    lists, in that order.

    Parameters
    ----------
    folder : Path
        A folder.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        A dataset of several splits, or one that lacks a file.
    """
    files = sorted(_visible_files(folder))
    roots = {file.parent for file in files if file.name in (_SPLITS, _STATE)}
    datasets = {}
    for root in sorted(roots):
        if (root / _SPLITS).is_file():
            raise _ask_for_split(root)
        if (root / _INFO).is_file():
            datasets[root] = _data_files(root)
    tables = {file.parent for file in files if file.suffix in (".arrow", ".parquet")}
    found: list[Path] = []
    for file in files:
        if file.parent in datasets:
            # All of a dataset where its first file would stand.
            found.extend(datasets[file.parent])
            datasets[file.parent] = []
        elif file.name != _INFO or file.parent not in tables:  # it describes what is beside it
            found.append(file)
    return found


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _ask_for_split(root: Path) -> InputError:
    splits = sorted(path.parent.name for path in root.glob(f"*/{_STATE}"))
    if not splits:
        return InputError(f"{root} is a dataset without a split in it; save it anew")
    return InputError(
        f"{root} is a dataset of {len(splits):,} split{'s' * (len(splits) != 1)} "
        f"({', '.join(splits)}); give the folders of those to read, such as {root / splits[0]}"
    )


def _data_files(root: Path) -> list[Path]:
    """Files of records of a saved dataset, each of which has to be there."""
    path = root / _STATE
    try:
        state = json.loads(path.read_text("utf-8"))
        names = [entry["filename"] for entry in state["_data_files"]]
        chosen = state.get("_indices_data_files")
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise InputError(
            f"{path} does not say which files the dataset has; save the dataset anew"
        ) from None
    if chosen:
        raise InputError(
            f"{root} is a selection of the records in its files; save it anew after "
            "dataset.flatten_indices()"
        )
    for name in names:
        if not isinstance(name, str) or not 0 < len(_encoded(name)) <= _LONGEST_NAME:
            raise InputError(f"{path} names a file that cannot be; save the dataset anew")
        if Path(name).name != name or name.startswith(".") or "\0" in name:
            raise InputError(f"{path} names a file outside of its folder; save the dataset anew")
        if not (root / name).is_file():
            raise InputError(f"the dataset {root} lacks its file {name}; copy it whole")
    return [root / name for name in names]


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")

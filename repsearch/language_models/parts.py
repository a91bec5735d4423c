"""Keep the states that are there already, in parts, so that a stopped call goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from repsearch.errors import InputError
from repsearch.language_models.state_folder import MANIFEST, kind_of
from repsearch.storage.tables import write_json

RECIPE = "recipe.json"


def part_file(folder: Path, number: int) -> Path:
    """Name the file of a part.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    number : int
        From 0.

    Returns
    -------
    Path
        Its file, which is there once the part is whole.
    """
    return folder / f"part-{number:05}.safetensors"


def begin(folder: Path, recipe: dict[str, Any], others: Iterable[str] = ()) -> None:
    """Keep the parts of the same call before; refuse a folder with anything else.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    recipe : dict
        What the states depend on; parts of another one are removed.
    others : iterable of str, optional
        Names of further files that such a call writes.

    Raises
    ------
    InputError
        The folder holds other files, or finished states of another kind.
    """
    kind = kind_of(folder)
    if kind not in (None, recipe["format"]):
        raise InputError(
            f"{folder} holds states of another kind, {kind}, which would be lost; choose another "
            "folder"
        )
    parts = sorted(folder.glob("part-*.safetensors"))
    made = [*folder.glob("layer-*.safetensors"), *(folder / name for name in others)]
    known = {*parts, *made, folder / MANIFEST, folder / RECIPE}
    strange = [path for path in folder.iterdir() if path not in known and path.name[0] != "."]
    if strange:
        raise InputError(
            f"{folder} holds other files, such as {min(strange).name}; choose another folder"
        )
    try:
        same = json.loads((folder / RECIPE).read_text("utf-8")) == recipe
    except (OSError, ValueError):
        same = False
    if not same:
        # The manifest goes first: without it the folder is not finished.
        (folder / MANIFEST).unlink(missing_ok=True)
        for path in (*parts, *made):
            path.unlink(missing_ok=True)
        write_json(recipe, folder / RECIPE)


def has_recipe(manifest: dict[str, Any], recipe: dict[str, Any]) -> bool:
    """Whether finished states are those of a recipe.

    Parameters
    ----------
    manifest : dict
        Of the finished states.
    recipe : dict
        What the states depend on.

    Returns
    -------
    bool
    """
    return all(manifest.get(name) == value for name, value in recipe.items())

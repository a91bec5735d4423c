"""Find the states of each layer in a folder, and what its manifest says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repsearch.errors import InputError

MANIFEST = "states.json"
WORDS, PROMPTS = "repsearch.word-states", "repsearch.prompt-states"
_KINDS = {WORDS: "word states", PROMPTS: "prompt states"}


def layer_file(folder: Path, layer: int) -> Path:
    """Name the file of a layer.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    layer : int
        0 for the input embeddings.

    Returns
    -------
    Path
        Its file.
    """
    return folder / f"layer-{layer:03}.safetensors"


def kind_of(folder: Path) -> str | None:
    """Tell what a folder of states holds, by the format that its manifest names.

    Parameters
    ----------
    folder : Path
        Folder to look at.

    Returns
    -------
    str or None
        None where there is no manifest that can be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return str(manifest.get("format")) if isinstance(manifest, dict) else None


def read_manifest(folder: Path, kind: str) -> dict[str, Any]:
    """Read what is known of the states in a folder.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    kind : str
        The format that its manifest has to name.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    InputError
        No such folder, one that is not finished, or one of another kind.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds no finished {_KINDS[kind]}; make them by 'repsearch states MODEL'"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / MANIFEST} cannot be read ({error})") from None
    if not isinstance(manifest, dict) or manifest.get("format") not in _KINDS:
        raise InputError(f"{folder / MANIFEST} is of another kind; make the states again")
    if manifest["format"] != kind:
        raise InputError(
            f"{folder} holds {_KINDS[manifest['format']]}, not {_KINDS[kind]}; 'repsearch probe "
            "layers' takes both"
        )
    return manifest


@dataclass(frozen=True)
class StateFolder:
    """A folder of finished states, a file for each layer.

    Parameters
    ----------
    folder : Path
        The folder.
    manifest : dict
        What is known of the states.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the layers, 0 for the input embeddings."""
        return tuple(range(int(self.manifest["layers"]) + 1))

    def file(self, layer: float) -> Path:
        """Give the file of a layer that there is.

        Parameters
        ----------
        layer : int
            0 for the input embeddings.

        Returns
        -------
        Path
            Its file.

        Raises
        ------
        InputError
            No such layer.
        """
        if layer not in self.numbers:
            raise InputError(
                f"there is no layer {layer!r} in {self.folder}; pass a whole number from 0 to "
                f"{self.numbers[-1]}"
            )
        return layer_file(self.folder, int(layer))

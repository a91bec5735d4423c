"""Open the hidden states of words, one set of embeddings a layer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

MANIFEST = "states.json"
FORMAT = "repsearch.word-states"
_KINDS = {FORMAT: "word states", "repsearch.prompt-states": "prompt states"}


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
class Layers:
    """Hold the place of word states and what is known of them; made by `Layers.open`.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    manifest : dict
        Model, templates, pooling, words left out, time and memory.

    Examples
    --------
    >>> Layers.is_at(Path("nowhere"))
    False
    """

    folder: Path
    manifest: dict[str, Any]

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Whether a folder holds word states that are whole.

        Parameters
        ----------
        folder : Path
            Folder to look at.

        Returns
        -------
        bool
            False also where there is nothing.
        """
        return (folder / MANIFEST).is_file()

    @classmethod
    def open(cls, folder: Path | str) -> Layers:
        """Open word states that `word_states` has made.

        Parameters
        ----------
        folder : Path or str
            Their folder.

        Returns
        -------
        Layers
            Their layers, each read when it is asked for.

        Raises
        ------
        InputError
            No such folder, or one that is not finished.
        """
        folder = Path(folder)
        return cls(folder, read_manifest(folder, FORMAT))

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the layers, 0 for the input embeddings."""
        return tuple(range(int(self.manifest["layers"]) + 1))

    def embeddings(self, layer: float) -> Embeddings:
        """Read the states of one layer.

        Parameters
        ----------
        layer : int
            0 for the input embeddings.

        Returns
        -------
        Embeddings
            One row a word.

        Raises
        ------
        InputError
            No such layer, or a damaged file.
        """
        if layer not in self.numbers:
            raise InputError(
                f"there is no layer {layer!r} in {self.folder}; pass a whole number from 0 to "
                f"{self.numbers[-1]}"
            )
        return Embeddings.open(layer_file(self.folder, int(layer)))

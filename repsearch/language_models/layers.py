"""Open the hidden states of words, one set of embeddings a layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repsearch.embeddings import Embeddings
from repsearch.language_models.state_folder import MANIFEST, WORDS, StateFolder, read_manifest


@dataclass(frozen=True)
class Layers(StateFolder):
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

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Whether a folder holds states that are whole.

        Parameters
        ----------
        folder : Path
            Folder to look at.

        Returns
        -------
        bool
            True of prompts' states as well, which `open` refuses by name.
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
        return cls(folder, read_manifest(folder, WORDS))

    @property
    def name(self) -> str:
        """Name of the model."""
        return str(self.manifest["model"])

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
        return Embeddings.open(self.file(layer))

"""Open the hidden states of labelled prompts, one matrix a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from repsearch.errors import InputError
from repsearch.language_models.prompt_files import LabelledPrompt, read_prompts
from repsearch.language_models.state_folder import (
    PROMPTS,
    StateFolder,
    kind_of,
    read_manifest,
)

ROWS = "prompts.jsonl"


@dataclass(frozen=True)
class PromptLayers(StateFolder):
    """Hold the place of prompt states and what is known of them; made by `PromptLayers.open`.

    Parameters
    ----------
    folder : Path
        Folder of the states.
    manifest : dict
        Model, pooling, prompts left out, time and memory.

    Examples
    --------
    >>> PromptLayers.is_at(Path("nowhere"))
    False
    """

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Whether a folder holds prompt states that are whole.

        Parameters
        ----------
        folder : Path
            Folder to look at.

        Returns
        -------
        bool
            False also where there is nothing, or states of words.
        """
        return kind_of(folder) == PROMPTS

    @classmethod
    def open(cls, folder: Path | str) -> PromptLayers:
        """Open prompt states that `prompt_states` has made.

        Parameters
        ----------
        folder : Path or str
            Their folder.

        Returns
        -------
        PromptLayers
            Their layers, each read when it is asked for.

        Raises
        ------
        InputError
            No such folder, or one that is not finished.
        """
        folder = Path(folder)
        return cls(folder, read_manifest(folder, PROMPTS))

    @cached_property
    def prompts(self) -> Sequence[LabelledPrompt]:
        """The prompts whose states there are, in the order of the rows."""
        return tuple(read_prompts(self.folder / ROWS))

    def states(self, layer: int) -> NDArray[np.float32]:
        """Read the states of one layer.

        Parameters
        ----------
        layer : int
            0 for the input embeddings.

        Returns
        -------
        (n, width) float32
            One row a prompt.

        Raises
        ------
        InputError
            No such layer, a damaged file, or a number that is not finite.
        """
        path = self.file(layer)
        try:
            found = load_file(path)["states"]
        except (OSError, SafetensorError, KeyError) as error:
            raise InputError(f"{path} cannot be read ({error}); make the states again") from None
        if found.shape != (len(self.prompts), int(self.manifest["width"])):
            raise InputError(
                f"{path} has the shape {found.shape}, and there are {len(self.prompts)} prompts; "
                "make the states again"
            )
        if not np.isfinite(found).all():
            row = int(np.argmin(np.isfinite(found).all(axis=1)))
            raise InputError(
                f"{path} has a state that is not finite, that of prompt {row + 1}; make the "
                "states again"
            )
        return np.asarray(found, dtype=np.float32)

"""Follow the embeddings of a language model over its checkpoints, as over any training."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings
from repsearch.embeddings.huggingface import huggingface_embeddings, is_model_folder
from repsearch.errors import InputError
from repsearch.language_models.layers import Layers

RECORD = "training.json"
"""File of a checkpoint that may say after how many ``tokens`` it was taken."""
_STEP = re.compile(r"(?:step|checkpoint|ckpt)[-_ ]?(\d+)(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, eq=False, repr=False)
class Checkpoints:
    """Hold the place of checkpoints of one model; made by `Checkpoints.open`.

    Time is the training step: whatever follows embeddings over time takes this.

    Parameters
    ----------
    folder : Path
        Folder that holds one folder a checkpoint.
    steps : tuple of int
        Training steps of the checkpoints, increasing.
    folders : tuple of Path
        Their folders: models, or hidden states of words.
    layer : int, optional
        Of hidden states, the layer that is looked at; None of models, whose unembedding is.
    left_out : tuple of str
        Folders named after a step that hold nothing that can be followed.

    Examples
    --------
    Two checkpoints of a model of two words:

    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> model = json.dumps({"model": {"type": "WordLevel", "vocab": {"the": 0, "cat": 1}}})
    >>> with tempfile.TemporaryDirectory() as name:
    ...     for step in (0, 100):
    ...         one = Path(name) / f"step-{step}"
    ...         one.mkdir()
    ...         _ = (one / "config.json").write_text("{}")
    ...         _ = (one / "tokenizer.json").write_text(model)
    ...         save_file({"lm_head.weight": step * np.eye(2)}, one / "model.safetensors")
    ...     found = Checkpoints.open(name)
    ...     found.steps, found.embeddings(100).vectors[0].tolist()
    ((0, 100), [100.0, 0.0])
    """

    folder: Path
    steps: tuple[int, ...]
    folders: tuple[Path, ...]
    layer: int | None = None
    left_out: tuple[str, ...] = field(default=(), repr=False)

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Whether a folder holds checkpoints: folders named after their step.

        Parameters
        ----------
        folder : Path
            Folder to look at.

        Returns
        -------
        bool
            False of a model, states, a trained run, and where there is nothing.
        """
        return folder.is_dir() and any(_can_be_followed(one) for _, one in _named(folder))

    @classmethod
    def open(cls, folder: Path | str, *, layer: int | None = None) -> Checkpoints:
        """Open checkpoints; their embeddings are read when they are asked for.

        Parameters
        ----------
        folder : Path or str
            Holds a folder for each checkpoint with its step in its name, such as ``step-512``,
            ``step1000-tokens4B`` or ``checkpoint-500``: a model in the Hugging Face layout, or
            what ``repsearch states`` has made of one.
        layer : int, optional
            Layer of hidden states; the last by default.

        Returns
        -------
        Checkpoints

        Raises
        ------
        InputError
            No checkpoint, models beside states, two of one step, or a layer of models.
        """
        folder = Path(folder)
        found: list[tuple[int, Path]] = []
        others: list[tuple[int, Path]] = []
        for step, one in _named(folder) if folder.is_dir() else ():
            (found if _can_be_followed(one) else others).append((step, one))
        if not found:
            raise InputError(
                f"{folder} holds no checkpoints; pass a folder of folders such as step-512, each a "
                "model in the Hugging Face layout or what 'repsearch states' has made of one"
            )
        for (step, one), (other, two) in pairwise(sorted(found)):
            if step == other:
                raise InputError(
                    f"{one.name} and {two.name} in {folder} are both of step {step:,}; move one of "
                    "them away"
                )
        steps, folders = zip(*sorted(found), strict=True)
        states = [Layers.is_at(one) for one in folders]
        if any(states) and not all(states):
            raise InputError(
                f"{folder} holds models ({folders[states.index(False)].name}) beside states "
                f"({folders[states.index(True)].name}); keep them in two folders"
            )
        if not states[0] and layer is not None:
            raise InputError(
                f"{folder} holds models, whose unembedding is followed, and no layer {layer}; take "
                "their states by 'repsearch states' first"
            )
        if states[0]:
            layer = Layers.open(folders[0]).numbers[-1] if layer is None else layer
        named = tuple(one.name for _, one in sorted(others))
        return cls(folder, steps, folders, layer, named)

    def __repr__(self) -> str:
        layer = "" if self.layer is None else f"layer {self.layer}, "
        return (
            f"<Checkpoints {self.folder.resolve().name!r}, {layer}{len(self.steps)} of them, steps "
            f"{self.steps[0]:,} to {self.steps[-1]:,}>"
        )

    @property
    def snapshot_times(self) -> NDArray[np.float64]:
        """(S,) training steps of the checkpoints, as the times of a trained run."""
        return np.array(self.steps, dtype=np.float64)

    @property
    def tokens(self) -> tuple[int | None, ...]:
        """Tokens trained on by each checkpoint; None where its ``training.json`` does not say."""
        return tuple(_tokens(one) for one in self.folders)

    @property
    def name(self) -> str:
        """What is followed, in words."""
        layer = "" if self.layer is None else f", layer {self.layer}"
        return f"{self.folder.resolve().name}, {len(self.steps)} checkpoints{layer}"

    def among(self, steps: Sequence[int] | None) -> tuple[int, ...]:
        """Hold steps to those of the checkpoints.

        Parameters
        ----------
        steps : sequence of int or None
            Those asked for; None for all.

        Returns
        -------
        tuple of int
            Each once, increasing.

        Raises
        ------
        InputError
            There is no checkpoint of a step.
        """
        if steps is None:
            return self.steps
        for step in steps:
            self._folder(step)
        return tuple(sorted(set(steps)))

    def nearest(self, step: float | None) -> int:
        """Give the step of the checkpoint that is nearest to one asked for.

        Parameters
        ----------
        step : float or None
            Any number; None for the last checkpoint.

        Returns
        -------
        int
            One of `steps`.
        """
        if step is None:
            return self.steps[-1]
        return int(self.steps[int(np.argmin(np.abs(self.snapshot_times - step)))])

    def embeddings(self, time: float) -> Embeddings:
        """Read the embeddings of one checkpoint.

        Parameters
        ----------
        time : float
            One of `steps`.

        Returns
        -------
        Embeddings
            Of a model the unembedding, or its input embedding where it has none; of states one
            layer.

        Raises
        ------
        InputError
            There is no such checkpoint; it is damaged, or it has other words or another number of
            dimensions than the first.
        """
        found = self._read(time)
        words, dimension = self._first
        if found.words != words or found.dimension != dimension:
            raise InputError(
                f"{self._folder(time)} has {len(found.words):,} words in {found.dimension:,} "
                f"dimensions, and {self.folders[0].name} has {len(words):,} in {dimension:,} or "
                "other words; checkpoints are of one model and tokenizer"
            )
        return found

    @cached_property
    def _first(self) -> tuple[tuple[str, ...], int]:
        first = self._read(self.steps[0])
        return first.words, first.dimension

    def _read(self, time: float) -> Embeddings:
        folder = self._folder(time)
        if self.layer is None:
            return huggingface_embeddings(folder)
        return Layers.open(folder).embeddings(self.layer)

    def _folder(self, time: float) -> Path:
        if time not in self.steps:
            some = ", ".join(map(str, self.steps))
            raise InputError(f"there is no checkpoint of step {time:g} in {self.folder} ({some})")
        return self.folders[self.steps.index(int(time))]


def _step(folder: Path) -> int | None:
    found = _STEP.search(folder.name)
    return None if found is None else int(found[1])


def _named(folder: Path) -> list[tuple[int, Path]]:
    """Folders that are named after a step; a leading point marks one that is being written."""
    return [
        (step, one)
        for one in folder.iterdir()
        if one.name[0] != "." and one.is_dir() and (step := _step(one)) is not None
    ]


def _can_be_followed(folder: Path) -> bool:
    return Layers.is_at(folder) or is_model_folder(folder)


def _tokens(folder: Path) -> int | None:
    try:
        found = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    tokens = found.get("tokens") if isinstance(found, dict) else None
    return tokens if isinstance(tokens, int) and tokens >= 0 else None

"""Run prompts of about one length together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from repsearch.language_models.model import LanguageModel, Pooling
from repsearch.language_models.templates import Prompt

BATCH_CHARACTERS = 1 << 14
"""Characters, padding included, that the model reads at a time: some 4,000 tokens."""


def in_batches(
    model: LanguageModel,
    prompts: Sequence[tuple[Prompt, Sequence[int]]],
    pooling: Pooling,
    read: Callable[[Sequence[int]], None] | None = None,
) -> NDArray[np.float32]:
    """Run prompts, those of about one length together.

    Parameters
    ----------
    model : LanguageModel
        The model.
    prompts : sequence of (Prompt, sequence of int)
        n texts, each with its tokens that are looked at, from `LanguageModel.tokens`.
    pooling : {"last", "mean"}
        The state of the last of them, or the mean of all.
    read : callable, optional
        Told after each batch which prompts were in it.

    Returns
    -------
    (n_layers + 1, n, width) float32
        In the order of the prompts.

    Raises
    ------
    InputError
        A state that is not finite.
    """
    lengths = [len(prompt.text) for prompt, _ in prompts]
    order = sorted(range(len(prompts)), key=lambda k: (-lengths[k], k))
    states = np.empty((model.n_layers + 1, len(prompts), model.width), np.float32)
    while order:
        # The first is the longest, to which the others are padded.
        at_once = max(1, BATCH_CHARACTERS // lengths[order[0]])
        batch, order = order[:at_once], order[at_once:]
        given = [prompts[k] for k in batch]
        states[:, batch] = model.states([one for one, _ in given], [at for _, at in given], pooling)
        if read is not None:
            read(batch)
    return states

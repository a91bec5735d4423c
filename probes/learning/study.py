"""Ask of every checkpoint whether concepts are directions there, and date when they become so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from probes.emergence.linear.linear_times import FEWEST_TIMES, linear_times
from probes.layers.layered import word_concepts
from probes.layers.study import layer_curves
from probes.learning.curves import LearningCurves
from probes.learning.order import order_of_learning
from probes.relations.relations import Relations
from repsearch.counts.counts import Counts
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.language_models import Checkpoints
from repsearch.progress import Progress, silent


def learning_curves(
    checkpoints: Checkpoints,
    relations: Relations,
    *,
    steps: Sequence[int] | None = None,
    text_counts: Counts | None = None,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> LearningCurves:
    """Find after how many steps relations between words become directions.

    At each checkpoint every relation is asked as `probes.layers.layer_curves` asks it of a layer:
    each pair is ordered by the direction of all pairs that share no word with it, labels are
    shuffled in the same ways at every checkpoint, and p-values are corrected for all checkpoints
    and relations. A relation becomes a direction at the first checkpoint from which on it is one
    at every later one. Where that is the first of all, or where it is none at the last, the time
    is not known but from one side, and this is said and not filled in.

    Parameters
    ----------
    checkpoints : Checkpoints
        Of one model.
    relations : Relations
        Families of pairs.
    steps : sequence of int, optional
        Steps of the checkpoints that are looked at; all by default.
    text_counts : Counts, optional
        Of the text that the model was trained on: adds the order of learning in closed form.
    permutations : int, optional
        Shuffles of the labels; by default 999, or 20 for each relation and one more.
    controls : int, optional
        Families of random pairs of the same frequencies; 300 by default, 0 for none.
    seed : int, default 0
        Seed of shuffles, controls and resamples.
    progress : Progress
        What is told how many concepts are done.

    Returns
    -------
    LearningCurves

    Raises
    ------
    InputError
        No relation has three groups of pairs in the vocabulary, or checkpoints of other words.

    References
    ----------
    Westfall and Young 1993, "Resampling-based multiple testing". Merullo, Smith, Wiegreffe and
    Elazar 2025, arXiv 2504.12459, on linearity and co-occurrences.

    Examples
    --------
    Checkpoints of a model whose plural is a direction from step 20 on:

    >>> import json, tempfile
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from safetensors.numpy import save_file
    >>> words = [f"{one}{k}" for k in range(20) for one in ("noun", "nouns")]
    >>> tokens = {"type": "WordLevel", "vocab": {word: k for k, word in enumerate(words)}}
    >>> plural = Relations({"plural": list(zip(words[::2], words[1::2]))})
    >>> with tempfile.TemporaryDirectory() as name:
    ...     for step in (0, 10, 20, 30):
    ...         one = Path(name) / f"step-{step}"
    ...         rows = np.random.default_rng(step).normal(size=(40, 9))
    ...         one.mkdir()
    ...         rows[1::2, 0] += 9.0 * (step > 10)
    ...         _ = (one / "config.json").write_text("{}")
    ...         _ = (one / "tokenizer.json").write_text(json.dumps({"model": tokens}))
    ...         save_file({"lm_head.weight": rows}, one / "model.safetensors")
    ...     found = learning_curves(Checkpoints.open(name), plural, permutations=199, controls=0)
    >>> found.concepts[0].before, found.concepts[0].step
    (10, 20)
    """
    at = checkpoints.among(steps)
    if text_counts is not None:  # said now, and not when the rest is done
        words = text_counts.words
        relations.within(Embeddings(words, np.ones((len(words), 1)), "the counts"))
    layered = word_concepts(checkpoints, relations, at)
    asked = layer_curves(
        layered, permutations=permutations, controls=controls, seed=seed, progress=progress
    )
    tokens = dict(zip(checkpoints.steps, checkpoints.tokens, strict=True))
    linear = None
    if len(at) >= FEWEST_TIMES:
        try:
            linear = linear_times(checkpoints, relations, times=at, seed=seed)
        except InputError:  # no relation has two pairs that share no word
            linear = None
    found = LearningCurves(asked, tuple(tokens[step] for step in at), linear, None)
    if text_counts is None:
        return found
    order = order_of_learning(
        found.concepts,
        linear,
        relations,
        text_counts,
        d=checkpoints.embeddings(at[-1]).dimension,
        seed=seed,
        progress=progress,
    )
    return replace(found, order=order)

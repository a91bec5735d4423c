"""Take the hidden states of words in template sentences, into a folder that survives a kill."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from safetensors.numpy import load_file, save

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.language_models.batches import in_batches
from repsearch.language_models.checkpoints import RECORD
from repsearch.language_models.layers import Layers
from repsearch.language_models.model import LanguageModel, Pooling
from repsearch.language_models.parts import RECIPE, begin, has_recipe, part_file
from repsearch.language_models.state_folder import MANIFEST, WORDS, layer_file
from repsearch.language_models.templates import TEMPLATES, check_templates, put_into
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing
from repsearch.storage.locking import locked
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.text.tokenizers import is_word

_AT_ONCE = 256
"""Words whose states are kept in memory, and in one file, until all are there."""


def word_states(
    model: LanguageModel,
    words: Sequence[str],
    folder: Path | str,
    *,
    templates: Sequence[str] = TEMPLATES,
    pooling: Pooling = "last",
    progress: Progress = silent,
) -> Layers:
    """Take the states of words at every layer, the mean over template sentences.

    A word that the tokenizer cuts into several pieces has the state of the last, or the mean
    of all. Words with a piece that the tokenizer does not know are left out and named. A call that
    was stopped goes on where it was, if the model, the words and the options are the same.

    Parameters
    ----------
    model : LanguageModel
        The model.
    words : sequence of str
        Words, the most frequent first if controls are to be matched in frequency.
    folder : Path or str
        Folder that gets one file of embeddings a layer.
    templates : sequence of str
        Sentences with ``{}`` where the word goes.
    pooling : {"last", "mean"}
        The state of a word's last token, or the mean over its tokens.
    progress : Progress
        Is told how many words are done.

    Returns
    -------
    Layers
        The layers, as embeddings.

    Raises
    ------
    InputError
        No word, bad templates, a folder that holds other things, a prompt that is too
        long, a state that is not finite.

    Examples
    --------
    Words are checked before the model is asked.

    >>> word_states(None, ["king", "queen", "king"], "states")
    Traceback (most recent call last):
    repsearch.errors.InputError: 'king' is given twice; leave one out
    """
    check_templates(templates)
    if pooling not in get_args(Pooling):
        raise InputError(f"pooling is {pooling!r}; choose 'last' or 'mean'")
    _check_words(words)
    folder = Path(folder)
    recipe = {
        "format": WORDS,
        "model": model.name,
        "model_digest": model.digest,
        "layers": model.n_layers,
        "width": model.width,
        "dtype": str(model.model.dtype).removeprefix("torch."),
        "templates": list(templates),
        "pooling": pooling,
        "words_digest": hashlib.sha256("\n".join(words).encode()).hexdigest(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if Layers.is_at(folder) and has_recipe(Layers.open(folder).manifest, recipe):
            return Layers.open(folder)
        begin(folder, recipe, (RECORD,))
        return _make(model, words, folder, recipe, templates, pooling, progress)


def _make(
    model: LanguageModel,
    words: Sequence[str],
    folder: Path,
    recipe: dict[str, Any],
    templates: Sequence[str],
    pooling: Pooling,
    progress: Progress,
) -> Layers:
    begun = time.perf_counter()
    pieces: Counter[int] = Counter()
    covered: list[str] = []
    left_out: list[str] = []
    files = []
    for low in range(0, len(words), _AT_ONCE):
        progress("hidden states", low, len(words), "words")
        some = list(words[low : low + _AT_ONCE])
        prompts = [[put_into(template, word) for word in some] for template in templates]
        tokens = [model.tokens(one) for one in prompts]
        known = [k for k in range(len(some)) if all(one[k] is not None for one in tokens)]
        left_out += [some[k] for k in range(len(some)) if k not in set(known)]
        covered += [some[k] for k in known]
        pieces.update(len(tokens[0][k] or ()) for k in known)
        part = part_file(folder, low // _AT_ONCE)
        if known and not part.exists():
            flat = [
                (one[k], places[k] or [])
                for one, places in zip(prompts, tokens, strict=True)
                for k in known
            ]
            states = in_batches(model, flat, pooling)
            by_template = states.reshape(len(states), len(templates), len(known), -1)
            mean = by_template.mean(1, np.float64)
            with replacing(part) as stream:
                stream.write(save({"states": mean.astype(np.float32)}))
        if known:
            files.append(part)
    progress("hidden states", len(words), len(words), "words")
    if not covered:
        raise InputError(f"the tokenizer of {model.name} knows none of the words; pass others")
    for layer in range(model.n_layers + 1):
        vectors = np.concatenate([load_file(file)["states"][layer] for file in files])
        named = Embeddings(tuple(covered), vectors, f"{model.name}, layer {layer}")
        named.save(layer_file(folder, layer))
    manifest = recipe | {
        "words": len(covered),
        "left_out": left_out,
        "pieces": {str(number): count for number, count in sorted(pieces.items())},
        "seconds": time.perf_counter() - begun,
        "machine": machine(),
        "versions": versions(),
    }
    write_json(manifest, folder / MANIFEST)
    for file in files:
        file.unlink()
    (folder / RECIPE).unlink()
    return Layers(folder, manifest)


def _check_words(words: Sequence[str]) -> None:
    if isinstance(words, str) or not len(words):
        raise InputError("there is no word; pass a sequence of words")
    seen = set()
    for word in words:
        if not is_word(word):
            raise InputError(f"{word!r} is not one word; pass words without white space")
        if word in seen:
            raise InputError(f"{word!r} is given twice; leave one out")
        seen.add(word)

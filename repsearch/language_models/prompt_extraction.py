"""Take the hidden states of labelled prompts, into a folder that survives a kill."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save

from repsearch.errors import InputError
from repsearch.language_models.batches import in_batches
from repsearch.language_models.model import LanguageModel, Pooling
from repsearch.language_models.parts import RECIPE, begin, has_recipe, part_file
from repsearch.language_models.prompt_files import LabelledPrompt, check_prompts
from repsearch.language_models.prompt_layers import ROWS, PromptLayers
from repsearch.language_models.state_folder import MANIFEST, PROMPTS, layer_file
from repsearch.progress import Progress, silent
from repsearch.storage.atomic import replacing
from repsearch.storage.locking import locked
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

_AT_ONCE = 256
"""Prompts whose states are kept in memory, and in one file, until all are there."""


def prompt_states(
    model: LanguageModel,
    prompts: Sequence[LabelledPrompt],
    folder: Path | str,
    *,
    pooling: Pooling = "last",
    progress: Progress = silent,
) -> PromptLayers:
    """Take the states of labelled prompts at every layer, at the last token or as a mean.

    Tokens that the tokenizer adds, such as those that begin and end a text, are not counted among
    those of the prompt. Prompts with a token that the tokenizer does not know, in the place that
    is looked at, are left out together with their pair, and named. A call that was stopped goes on
    where it was, if the model, the prompts and the pooling are the same.

    Parameters
    ----------
    model : LanguageModel
        The model.
    prompts : sequence of LabelledPrompt
        What `read_prompts` gave.
    folder : Path or str
        Folder that gets one matrix a layer, and the prompts.
    pooling : {"last", "mean"}
        The state of the last token of the text or its span, or the mean over these tokens.
    progress : Progress
        Is told how many tokens are read.

    Returns
    -------
    PromptLayers
        The layers, each read when it is asked for.

    Raises
    ------
    InputError
        No prompt, a folder that holds other things, a prompt that is too long, a state that is
        not finite.

    Examples
    --------
    Prompts are checked before the model is asked.

    >>> prompt_states(None, [], "states")
    Traceback (most recent call last):
    repsearch.errors.InputError: there is no prompt; pass some
    """
    if pooling not in get_args(Pooling):
        raise InputError(f"pooling is {pooling!r}; choose 'last' or 'mean'")
    check_prompts(prompts)
    rows = [json.dumps(one.row(), ensure_ascii=False, sort_keys=True) for one in prompts]
    folder = Path(folder)
    recipe = {
        "format": PROMPTS,
        "model": model.name,
        "model_digest": model.digest,
        "layers": model.n_layers,
        "width": model.width,
        "dtype": str(model.model.dtype).removeprefix("torch."),
        "pooling": pooling,
        "prompts_digest": hashlib.sha256("\n".join(rows).encode()).hexdigest(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if PromptLayers.is_at(folder) and has_recipe(PromptLayers.open(folder).manifest, recipe):
            return PromptLayers.open(folder)
        begin(folder, recipe, (ROWS,))
        return _make(model, prompts, folder, recipe, pooling, progress)


def _make(
    model: LanguageModel,
    prompts: Sequence[LabelledPrompt],
    folder: Path,
    recipe: dict[str, Any],
    pooling: Pooling,
    progress: Progress,
) -> PromptLayers:
    begun = time.perf_counter()
    lengths = _lengths(model, prompts)
    known = _known(model, prompts)
    kept = np.flatnonzero(known)
    if not len(kept):
        raise InputError(f"the tokenizer of {model.name} knows none of the prompts; pass others")
    # All prompts by length, so that a part is of about one length too.
    order = kept[np.argsort(-lengths[kept], kind="stable")]
    total, done = int(lengths[kept].sum()), 0

    def read(tokens: int) -> None:
        nonlocal done
        done += tokens
        progress("hidden states", done, total, "tokens")

    progress("hidden states", 0, total, "tokens")
    files = []
    for number, low in enumerate(range(0, len(order), _AT_ONCE)):
        some = order[low : low + _AT_ONCE]
        part = part_file(folder, number)
        files.append(part)
        if part.exists():
            read(int(lengths[some].sum()))
            continue
        states = _states(model, [prompts[k] for k in some], lengths[some], pooling, read)
        with replacing(part) as stream:
            stream.write(save({"states": states}))
    _write_layers(folder, files, model, order, kept)
    with replacing(folder / ROWS) as stream:
        for k in kept.tolist():
            row = json.dumps(prompts[k].row(), ensure_ascii=False)
            stream.write(f"{row}\n".encode())
    manifest = recipe | {
        "prompts": len(kept),
        "tokens": total,
        "left_out": [prompts[k].prompt.text for k in np.flatnonzero(~known).tolist()],
        "seconds": time.perf_counter() - begun,
        "machine": machine(),
        "versions": versions(),
    }
    write_json(manifest, folder / MANIFEST)
    for file in files:
        file.unlink()
    (folder / RECIPE).unlink()
    return PromptLayers(folder, manifest)


def _states(
    model: LanguageModel,
    prompts: Sequence[LabelledPrompt],
    lengths: NDArray[np.int64],
    pooling: Pooling,
    read: Any,
) -> NDArray[np.float32]:
    places = model.tokens([one.prompt for one in prompts])
    given = [(one.prompt, at or []) for one, at in zip(prompts, places, strict=True)]
    return in_batches(model, given, pooling, lambda batch: read(int(lengths[list(batch)].sum())))


def _write_layers(
    folder: Path,
    files: Sequence[Path],
    model: LanguageModel,
    order: NDArray[np.int64],
    kept: NDArray[np.int64],
) -> None:
    """Join the parts layer by layer, so that no more than a layer is in memory."""
    row_of = np.empty(int(kept.max()) + 1, dtype=np.int64)
    row_of[kept] = np.arange(len(kept))
    rows = row_of[order]
    for layer in range(model.n_layers + 1):
        whole = np.empty((len(kept), model.width), dtype=np.float32)
        for number, file in enumerate(files):
            with safe_open(file, framework="numpy") as held:
                part = held.get_slice("states")[layer : layer + 1][0]
            whole[rows[number * _AT_ONCE : (number + 1) * _AT_ONCE]] = part
        with replacing(layer_file(folder, layer)) as stream:
            stream.write(save({"states": whole}))


def _lengths(model: LanguageModel, prompts: Sequence[LabelledPrompt]) -> NDArray[np.int64]:
    """Tokens of each prompt; one that is too long is refused before anything is run."""
    found: list[int] = []
    for low in range(0, len(prompts), _AT_ONCE):
        some = prompts[low : low + _AT_ONCE]
        lengths = model.lengths([one.prompt.text for one in some])
        for one, length in zip(some, lengths, strict=True):
            if model.longest is not None and length > model.longest:
                raise InputError(
                    f"{one.where or 'the prompt'} ({one.prompt.text[:40]!r}...) has {length:,} "
                    f"tokens, and {model.name} takes {model.longest:,}; shorten it or leave it out"
                )
        found += lengths
    return np.array(found, dtype=np.int64)


def _known(model: LanguageModel, prompts: Sequence[LabelledPrompt]) -> NDArray[np.bool_]:
    """Which prompts the tokenizer knows, and the other of their pair as well."""
    known: list[bool] = []
    for low in range(0, len(prompts), _AT_ONCE):
        some = [one.prompt for one in prompts[low : low + _AT_ONCE]]
        known += [at is not None for at in model.tokens(some)]
    pairs = [(one.concept, one.pair) for one in prompts]
    broken = {pair for pair, is_known in zip(pairs, known, strict=True) if pair[1] and not is_known}
    return np.array(
        [is_known and pair not in broken for pair, is_known in zip(pairs, known, strict=True)]
    )

"""Read the unembedding matrix of a language model from a folder in the Hugging Face layout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.formats.streams import reading
from repsearch.embeddings.tensor_rows import StoredTensor, stored_tensors
from repsearch.embeddings.token_words import token_words
from repsearch.errors import InputError

CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_TOKENIZER = "tokenizer.json"
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")

_UNEMBEDDINGS = (
    "lm_head.weight",  # GPT-2, Llama, OPT, T5, ...
    "embed_out.weight",  # GPT-NeoX
    "lm_head.decoder.weight",  # RoBERTa
    "predictions.decoder.weight",  # BERT
    "vocab_projector.weight",  # DistilBERT
)
_EMBEDDINGS = (
    "shared.weight",  # T5 and BART, whose encoder and decoder share it
    "embed_tokens.weight",  # Llama, OPT, Gemma, Qwen, ...
    "wte.weight",  # GPT-2
    "word_embeddings.weight",  # BERT, BLOOM, Falcon
    "embed_in.weight",  # GPT-NeoX
    "tok_embeddings.weight",  # ModernBERT
)
_WITH_HEAD = (
    "LMHeadModel",
    "ForCausalLM",
    "ForMaskedLM",
    "ForConditionalGeneration",
    "ForPreTraining",
)


def is_model_folder(path: Path) -> bool:
    """Whether a path is a folder with a model's ``config.json``.

    Parameters
    ----------
    path : Path
        Path to look at.

    Returns
    -------
    bool
        False also where there is nothing.
    """
    return (path / CONFIG).is_file()


def huggingface_embeddings(folder: Path | str, *, tensor: str | None = None) -> Embeddings:
    """Read the rows of a language model's (un)embedding matrix that belong to words.

    Nothing is fetched, no code of the model is run, and of the weights only the
    rows that are asked for are read. Taken is the unembedding where the file
    has one; where it has none, the input embedding, which is the unembedding as
    well if the model ties the two. The name of the result says which.

    Words are the tokens that begin a word
    (`repsearch.embeddings.token_words.token_words`), in the order of their ids.
    `Embeddings` are the most frequent first, and controls matched in frequency
    rely on it (`probes.concepts.matched_pairs`). Ids follow frequency roughly:
    those of BPE are in the order of its merges, those of SentencePiece's
    Unigram fall in probability, and BERT's begin with single signs. No
    tokenizer promises it.

    Parameters
    ----------
    folder : Path or str
        Folder with ``config.json``, ``tokenizer.json``, and ``model.safetensors``
        or its shards with ``model.safetensors.index.json``.
    tensor : str, optional
        Name of the tensor to read instead, in full, such as
        ``"model.embed_tokens.weight"`` for the input embedding of a model that
        does not tie it.

    Returns
    -------
    Embeddings
        Words with rows of the matrix, float32, or float64 where the file has that.

    Raises
    ------
    InputError
        A file is missing or damaged, the weights are pickled or quantised, or
        the matrix or the words cannot be told.

    Examples
    --------
    >>> import tempfile
    >>> from safetensors.numpy import save_file
    >>> model = {"type": "WordLevel", "vocab": {"the": 0, "cat": 1}}
    >>> with tempfile.TemporaryDirectory() as name:
    ...     folder = Path(name) / "small"
    ...     folder.mkdir()
    ...     _ = (folder / "config.json").write_text("{}")
    ...     _ = (folder / "tokenizer.json").write_text(json.dumps({"model": model}))
    ...     save_file({"lm_head.weight": np.eye(2)}, folder / "model.safetensors")
    ...     huggingface_embeddings(folder)
    <Embeddings 'small, unembedding', 2 words, 2 dimensions, float64>
    """
    folder = Path(folder)
    config = _json(folder / CONFIG)
    files = _files_of_tensors(folder)
    name, role = (tensor, tensor) if tensor is not None else _chosen(folder, files, config)
    if name not in files:
        raise InputError(
            f"{folder} has no tensor {name!r}; {_candidates(files)}, or leave `tensor` out"
        )
    stored = stored_tensors(files[name]).get(name)
    if stored is None:
        raise InputError(f"{files[name]} lacks the tensor {name!r} that the index says it has")
    words = token_words(_tokenizer(folder))
    ids = np.fromiter(words.values(), dtype=np.int64)
    _check_rows(stored, int(ids.max()))
    label = folder.resolve().name
    return Embeddings(tuple(words), stored.rows(ids), f"{label}, {role}")


def _chosen(folder: Path, files: Mapping[str, Path], config: Mapping[str, Any]) -> tuple[str, str]:
    """Name of the tensor, and its role in the model."""
    head = _named(folder, files, _UNEMBEDDINGS)
    if head is not None:
        return head, "unembedding"
    name = _named(folder, files, _EMBEDDINGS)
    if name is None:
        raise InputError(
            f"none of the tensors of {folder} has the name of an (un)embedding that is known; "
            f"{_candidates(files)}"
        )
    return name, "unembedding, tied" if _ties(config) else "input embedding"


def _ties(config: Mapping[str, Any]) -> bool:
    """Whether the input embedding is the unembedding too; a configuration says where it is not."""
    text = config.get("text_config")
    tied = config.get("tie_word_embeddings")
    if tied is None and isinstance(text, Mapping):
        tied = text.get("tie_word_embeddings")
    kinds = config.get("architectures") or ()
    has_head = any(str(kind).endswith(_WITH_HEAD) for kind in kinds)
    return has_head and tied is not False


def _named(folder: Path, files: Mapping[str, Path], known: tuple[str, ...]) -> str | None:
    for ending in known:
        found = sorted(name for name in files if f".{name}".endswith(f".{ending}"))
        if len(found) > 1:
            raise InputError(
                f"{folder} has several tensors that end in {ending!r}: {', '.join(found)}; pass "
                "one of them as `tensor`"
            )
        if found:
            return found[0]
    return None


def _files_of_tensors(folder: Path) -> dict[str, Path]:
    """File of each tensor."""
    if (folder / _WEIGHTS).exists():
        return dict.fromkeys(stored_tensors(folder / _WEIGHTS), folder / _WEIGHTS)
    if (folder / _INDEX).exists():
        listed = _json(folder / _INDEX).get("weight_map")
        if not isinstance(listed, Mapping) or not listed:
            raise InputError(f"{folder / _INDEX} has no weight_map; download it anew")
        for file in listed.values():
            if not isinstance(file, str) or Path(file).name != file:
                raise InputError(
                    f"{folder / _INDEX} names the file {file!r}; shards have to lie beside it"
                )
        return {str(name): folder / str(file) for name, file in listed.items()}
    if any((folder / name).exists() for name in _PICKLED):
        raise InputError(
            f"the weights of {folder} are pickled, and unpickling can run code; load the model "
            "with transformers and save it with save_pretrained(folder, safe_serialization=True)"
        )
    raise InputError(f"{folder} has neither {_WEIGHTS} nor {_INDEX}; download the whole model")


def _tokenizer(folder: Path) -> Path:
    path = folder / _TOKENIZER
    if not path.exists():
        raise InputError(
            f"{folder} has no {_TOKENIZER}; make one with transformers: "
            "AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder)"
        )
    return path


def _check_rows(stored: StoredTensor, largest: int) -> None:
    if len(stored.shape) != 2 or stored.shape[0] <= largest or stored.shape[1] < 1:
        raise InputError(
            f"the tensor {stored.name!r} of {stored.path} has the shape {stored.shape}, and the "
            f"tokenizer has the id {largest}; a matrix with a row for each id is needed"
        )


def _candidates(files: Mapping[str, Path]) -> str:
    endings = [name for name in files if "embed" in name or "head" in name] or list(files)
    return f"pass as `tensor` one of {', '.join(sorted(endings)[:8])}"


def _json(path: Path) -> dict[str, Any]:
    with reading(path) as stream:
        try:
            found = json.load(stream)
        except (ValueError, RecursionError) as error:
            raise InputError(f"cannot read {path}: it is no JSON; download it anew") from error
    if not isinstance(found, dict):
        raise InputError(f"cannot read {path}: it is no JSON object; download it anew")
    return found

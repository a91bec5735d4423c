"""Read the matrices of words from a GGUF file, without running the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.token_words import word_of_bytes
from repsearch.errors import InputError
from repsearch.extras import missing

_INPUT, _OUTPUT = "token_embd.weight", "output.weight"
_BYTE_SPACE, _SPACE = "\u0120", "\u2581"
_NORMAL = 1
"""Kind of tokens that are text; others are control, unknown, unused and single bytes."""


def gguf_matrices(path: Path | str) -> dict[str, Embeddings]:
    """Read the rows of a GGUF file's input embedding and unembedding that belong to words.

    Quantised rows are turned to float32 as llama.cpp would. Words are the tokens that begin a
    word, those with the mark of a space before them, in the order of their ids.

    Parameters
    ----------
    path : Path or str
        A GGUF file.

    Returns
    -------
    dict of str to Embeddings
        ``input embedding`` and ``unembedding``; where the file has one matrix for both, that
        alone, as ``unembedding, tied``.

    Raises
    ------
    InputError
        No such file, a damaged one, one without the matrix, or no package gguf.

    Examples
    --------
    >>> gguf_matrices("nowhere.gguf")
    Traceback (most recent call last):
    repsearch.errors.InputError: nowhere.gguf does not exist; check the path
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} does not exist; check the path")
    try:
        import gguf
    except ImportError:
        raise missing("reading a GGUF file", "gguf") from None
    try:
        reader = gguf.GGUFReader(path)
        tensors = {one.name: one for one in reader.tensors}
        words = _words(reader)
        ids = np.fromiter(words.values(), dtype=np.int64)
        named = {
            "input embedding" if _OUTPUT in tensors else "unembedding, tied": tensors.get(_INPUT),
            "unembedding": tensors.get(_OUTPUT),
        }
        found = {
            role: Embeddings(
                tuple(words),
                _rows(gguf, tensor, ids),
                f"{path.name}, {role}",
            )
            for role, tensor in named.items()
            if tensor is not None
        }
    except InputError:
        raise
    except Exception as error:  # of any kind: what is in the file comes from anywhere
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise InputError(f"cannot read {path} ({reason[:200]}); download it anew") from error
    if not found:
        raise InputError(f"{path} has no tensor {_INPUT!r}; it is no language model")
    return found


def _rows(gguf: Any, tensor: Any, ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Rows of a tensor; each is quantised by itself, so that others need not be read."""
    if tensor.data.ndim != 2 or len(tensor.data) <= ids.max():
        raise InputError(
            f"the tensor {tensor.name!r} has the shape {tensor.data.shape}, and the tokenizer the "
            f"id {ids.max()}; a matrix with a row for each id is needed"
        )
    rows: NDArray[np.float32] = gguf.dequantize(tensor.data[ids], tensor.tensor_type)
    return rows.astype(np.float32)


def _words(reader: Any) -> dict[str, int]:
    kind = _contents(reader, "tokenizer.ggml.model")
    tokens = _contents(reader, "tokenizer.ggml.tokens")
    if kind is None or tokens is None:
        raise InputError("the file has no tokenizer, so that its rows have no words")
    kinds = _contents(reader, "tokenizer.ggml.token_type") or [_NORMAL] * len(tokens)
    words: dict[str, int] = {}
    for number, (token, of_kind) in enumerate(zip(tokens, kinds, strict=True)):
        mark = _BYTE_SPACE if kind == "gpt2" else _SPACE
        if of_kind != _NORMAL or not token.startswith(mark):
            continue
        word = word_of_bytes(token[1:]) if kind == "gpt2" else token[1:]
        if word and _SPACE not in word and word.split() == [word]:
            words.setdefault(word, number)
    if not words:
        raise InputError("none of the file's tokens bears the mark of a space before it")
    return words


def _contents(reader: Any, name: str) -> Any:
    field = reader.get_field(name)
    return None if field is None else field.contents()

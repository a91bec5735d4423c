"""Matrices of words from GGUF files that are written here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repsearch.embeddings.gguf_file import gguf_matrices
from repsearch.errors import InputError

gguf = pytest.importorskip("gguf")

TOKENS = ["<unk>", "\u2581king", "\u2581queen", "king", "\u2581caf\u00e9", "\u2581two\u2581words"]
NORMAL, UNKNOWN = 1, 2


def write(path: Path, tokens: list[str], model: str, tensors: dict[str, Any]) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    if tokens:
        writer.add_tokenizer_model(model)
        writer.add_token_list(tokens)
        writer.add_token_types([UNKNOWN, *[NORMAL] * (len(tokens) - 1)])
    for name, (array, kind) in tensors.items():
        writer.add_tensor(name, array, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_words_are_tokens_with_the_mark_and_rows_are_theirs(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(6, 32)).astype(np.float32)
    plain = write(tmp_path / "a.gguf", TOKENS, "llama", {"token_embd.weight": (rows, None)})
    [(role, found)] = gguf_matrices(plain).items()
    assert role == "unembedding, tied"
    assert found.words == ("king", "queen", "café")
    assert (found.vectors == rows[[1, 2, 4]]).all()


def test_quantised_rows_are_those_of_the_whole_matrix(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(6, 64)).astype(np.float32)
    kind = gguf.GGMLQuantizationType.Q8_0
    packed = gguf.quantize(rows, kind)
    both = {"token_embd.weight": (packed, kind), "output.weight": (2 * rows, None)}
    found = gguf_matrices(write(tmp_path / "q.gguf", TOKENS, "llama", both))
    assert list(found) == ["input embedding", "unembedding"]
    whole = gguf.dequantize(packed, kind)
    assert (found["input embedding"].vectors == whole[[1, 2, 4]]).all()
    assert np.abs(found["input embedding"].vectors - rows[[1, 2, 4]]).max() < 0.03
    assert (found["unembedding"].vectors == 2 * rows[[1, 2, 4]]).all()


def test_words_in_bytes(tmp_path: Path) -> None:
    tokens = ["<unk>", "\u0120king", "\u0120caf\u00c3\u00a9", "king"]
    rows = np.eye(4, 32, dtype=np.float32)
    path = write(tmp_path / "b.gguf", tokens, "gpt2", {"token_embd.weight": (rows, None)})
    assert gguf_matrices(path)["unembedding, tied"].words == ("king", "café")


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("cut", "cannot read PATH ("),
        ("text", "cannot read PATH ("),
        ("without tokenizer", "the file has no tokenizer"),
        ("without marks", "none of the file's tokens bears the mark"),
        ("without matrix", "PATH has no tensor 'token_embd.weight'"),
        ("too few rows", "the tensor 'token_embd.weight' has the shape (2, 32)"),
    ],
)
def test_what_is_refused(tmp_path: Path, made: str, says: str) -> None:
    path = tmp_path / "model.gguf"
    rows = np.eye(6, 32, dtype=np.float32)
    matrix = {"token_embd.weight": (rows, None)}
    if made == "text":
        path.write_text("dear")
    elif made == "without tokenizer":
        write(path, [], "llama", matrix)
    elif made == "without marks":
        write(path, ["<unk>", "king"], "llama", matrix)
    elif made == "without matrix":
        write(path, TOKENS, "llama", {"other": (rows, None)})
    elif made == "too few rows":
        write(path, TOKENS, "llama", {"token_embd.weight": (rows[:2], None)})
    else:
        write(path, TOKENS, "llama", matrix)
        path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(InputError) as refused:
        gguf_matrices(path)
    assert str(refused.value).startswith(says.replace("PATH", str(path)))

"""Generate embedding files with a fault.

The files are written here, not by `repsearch.embeddings`, so that a mistake
that reader and writer share is found.
"""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from repsearch.testing.strategies.bounds import check_bounds

Fault = Literal[
    "empty",
    "truncated",
    "flipped bit",
    "repeated word",
    "more rows announced",
    "fewer numbers in a row",
    "not a number",
]

_FORMAT = "repsearch-embeddings"

_ANYWHERE: tuple[Fault, ...] = ("empty", "truncated", "flipped bit")
_IN_WORD2VEC: tuple[Fault, ...] = ("repeated word", "more rows announced", "not a number")
_IN_TEXT: tuple[Fault, ...] = (*_IN_WORD2VEC, "fewer numbers in a row")
_FAULTS: dict[str, tuple[Fault, ...]] = {
    ".vec": _ANYWHERE + _IN_TEXT,
    ".bin": _ANYWHERE + _IN_WORD2VEC,
    ".safetensors": _ANYWHERE,
    ".npz": _ANYWHERE,
}


@dataclass(frozen=True)
class DamagedFile:
    r"""An embedding file with one fault.

    Parameters
    ----------
    suffix : str
        Suffix of the file, which tells the format: .vec, .bin, .safetensors or .npz.
    fault : str
        What was done to it, such as ``"truncated"``.
    content : bytes
        The bytes of the file.

    Examples
    --------
    >>> import tempfile
    >>> damaged = DamagedFile(".vec", "more rows announced", b"3 1\nsun 0.5\n")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     damaged.save(folder).name
    'damaged.vec'
    >>> damaged.unreadable
    True
    """

    suffix: str
    fault: Fault
    content: bytes

    @property
    def unreadable(self) -> bool:
        """Whether every reader has to refuse it.

        A truncated file or one with a flipped bit may still be valid, with a shorter number
        or another word in it: a reader may give an error or valid embeddings.
        """
        return self.fault not in ("truncated", "flipped bit")

    def save(self, folder: Path | str) -> Path:
        """Write the file into a folder as ``damaged`` with its suffix.

        Parameters
        ----------
        folder : Path or str
            An existing folder.

        Returns
        -------
        Path
            The file.
        """
        path = Path(folder) / f"damaged{self.suffix}"
        path.write_bytes(self.content)
        return path


def damaged_embedding_files(
    max_words: int = 4, *, max_dimension: int = 3
) -> st.SearchStrategy[DamagedFile]:
    r"""Generate word2vec text and binary, safetensors and npz files with one fault.

    Words are w0, w1, ... and numbers small and whole. Shrinks to an empty file.

    Parameters
    ----------
    max_words : int
        Largest number of words.
    max_dimension : int
        Largest number of columns.

    Returns
    -------
    strategy for DamagedFile
        Every format with every fault that it can have.

    Raises
    ------
    InputError
        A bound out of range.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(damaged_embedding_files(), lambda file: file.fault == "repeated word").content
    b'2 1\nw0 0.0\nw0 0.0\n'
    """
    check_bounds("the number of words", 1, max_words)
    check_bounds("the dimension", 1, max_dimension)
    return _damaged_embedding_files(max_words, max_dimension)


@st.composite
def _damaged_embedding_files(draw: st.DrawFn, max_words: int, max_dimension: int) -> DamagedFile:
    suffix = draw(st.sampled_from(list(_FAULTS)))
    fault = draw(st.sampled_from(_FAULTS[suffix]))
    n = draw(st.integers(2 if fault == "repeated word" else 1, max(2, max_words)))
    d = draw(st.integers(1, max_dimension))
    vectors = draw(hnp.arrays(np.float32, (n, d), elements=st.integers(-9, 9)))
    words = [f"w{k}" for k in range(n)]
    announced = n
    if fault == "empty":
        return DamagedFile(suffix, fault, b"")
    if fault == "repeated word":
        words[-1] = words[0]
    elif fault == "more rows announced":
        announced += draw(st.integers(1, 5))
    elif fault == "not a number":
        vectors[draw(st.integers(0, n - 1)), draw(st.integers(0, d - 1))] = np.nan
    content = _written(suffix, words, vectors, announced)
    if fault == "fewer numbers in a row":
        content = content.rstrip(b"\n").rsplit(b" ", 1)[0] + b"\n"
    elif fault == "truncated":
        content = content[: draw(st.integers(0, len(content) - 1))]
    elif fault == "flipped bit":
        place = draw(st.integers(0, len(content) - 1))
        flipped = content[place] ^ (1 << draw(st.integers(0, 7)))
        content = content[:place] + bytes([flipped]) + content[place + 1 :]
    return DamagedFile(suffix, fault, content)


def _written(suffix: str, words: list[str], vectors: NDArray[np.float32], announced: int) -> bytes:
    header = f"{announced} {vectors.shape[1]}\n".encode()
    if suffix == ".vec":
        lines = (
            " ".join([word, *map(str, row.tolist())]) + "\n"
            for word, row in zip(words, vectors, strict=True)
        )
        return header + "".join(lines).encode()
    if suffix == ".bin":
        rows = (
            word.encode() + b" " + row.astype("<f4").tobytes() + b"\n"
            for word, row in zip(words, vectors, strict=True)
        )
        return header + b"".join(rows)
    joined = np.frombuffer("\n".join(words).encode(), np.uint8)
    if suffix == ".safetensors":
        return _safetensors(vectors, joined)
    stream = io.BytesIO()
    np.savez(
        stream,
        format=np.array(_FORMAT),
        version=np.array(1),
        name=np.zeros(0, np.uint8),
        words=joined,
        vectors=vectors,
    )
    return stream.getvalue()


def _safetensors(vectors: NDArray[np.float32], words: NDArray[np.uint8]) -> bytes:
    # By hand, because the library leaves the order of the header to chance and
    # Hypothesis could not repeat an example.
    n, end = vectors.nbytes, vectors.nbytes + words.nbytes
    header = {
        "__metadata__": {"format": _FORMAT, "version": "1", "name": ""},
        "vectors": {"dtype": "F32", "shape": vectors.shape, "data_offsets": [0, n]},
        "words": {"dtype": "U8", "shape": words.shape, "data_offsets": [n, end]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + vectors.tobytes() + words.tobytes()

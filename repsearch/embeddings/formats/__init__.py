"""Choose the file format of embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from repsearch.embeddings.formats import (
    glove_text,
    npz_file,
    plain_arrays,
    safetensors_file,
    table_text,
    word2vec_binary,
    word2vec_text,
)
from repsearch.embeddings.formats.contents import Contents, Undecodable
from repsearch.embeddings.formats.streams import reading
from repsearch.embeddings.formats.vector_lines import HEADER
from repsearch.errors import InputError

__all__ = [
    "FORMATS",
    "Contents",
    "EmbeddingFormat",
    "Undecodable",
    "format_to_read",
    "format_to_write",
    "read_file",
]

_FASTTEXT = (793712314).to_bytes(4, "little")


@dataclass(frozen=True)
class EmbeddingFormat:
    """Define a file format of embeddings.

    Parameters
    ----------
    name : str
        Name in `repsearch.embeddings.Embeddings.open`.
    suffixes : tuple of str
        Suffixes of file names by which it is recognised.
    read : callable
        Function of a path to `Contents`, with the keyword ``undecodable`` and, where
        `listed`, ``words``.
    write : callable or None
        Function of a path and `Contents`; None of a format that is only read.
    gzipped : bool
        Whether the file may be gzipped, with ``.gz`` added to its suffix.
    listed : bool
        Whether the words may be in a list beside the file.

    Examples
    --------
    >>> [one.name for one in FORMATS if one.gzipped]
    ['word2vec', 'word2vec-binary', 'glove', 'csv', 'tsv']
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[..., Contents]
    write: Callable[[Path, Contents], None] | None
    gzipped: bool
    listed: bool = False


FORMATS = (
    EmbeddingFormat(
        "word2vec",
        (".vec", ".w2v", ".txt"),
        word2vec_text.read,
        word2vec_text.write,
        gzipped=True,
    ),
    EmbeddingFormat(
        "word2vec-binary",
        (".bin",),
        word2vec_binary.read,
        word2vec_binary.write,
        gzipped=True,
    ),
    EmbeddingFormat("glove", (".glove",), glove_text.read, glove_text.write, gzipped=True),
    EmbeddingFormat(
        "safetensors",
        (".safetensors",),
        plain_arrays.read_safetensors,
        safetensors_file.write,
        gzipped=False,
        listed=True,
    ),
    EmbeddingFormat(
        "npz", (".npz",), plain_arrays.read_npz, npz_file.write, gzipped=False, listed=True
    ),
    EmbeddingFormat("npy", (".npy",), plain_arrays.read_npy, None, gzipped=False, listed=True),
    EmbeddingFormat("csv", (".csv",), table_text.read_csv, None, gzipped=True, listed=True),
    EmbeddingFormat(
        "tsv",
        (".tsv", ".tab"),
        table_text.read_tsv,
        table_text.write_tsv,
        gzipped=True,
        listed=True,
    ),
)
"""All formats, the one to prefer for a shared suffix first."""

_AMBIGUOUS_SUFFIX = ".txt"
_LONGEST_HEADER = 128


def read_file(
    path: Path,
    format: str | None = None,
    *,
    word_list: Path | None = None,
    undecodable: Undecodable = "strict",
) -> Contents:
    """Read a file of any format.

    Parameters
    ----------
    path : Path
        File to read.
    format : str, optional
        Name of its format, where the suffix should not tell.
    word_list : Path, optional
        Words of vectors that are kept without them.
    undecodable : {"strict", "replace", "ignore"}
        What to do at bytes of words that are not UTF-8.

    Returns
    -------
    Contents
        Words and vectors, float32 where the file has numbers of 16 bits.

    Raises
    ------
    InputError
        Naming the file and what is wrong with it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "vectors.csv"
    ...     _ = path.write_text("cat,0.1,0.2")
    ...     read_file(path).words
    ['cat']
    """
    if undecodable not in get_args(Undecodable):
        known = ", ".join(map(repr, get_args(Undecodable)))
        raise InputError(f"undecodable is {undecodable!r}; choose from {known}")
    chosen = format_to_read(path, format)
    if chosen.listed:
        contents = chosen.read(path, words=word_list, undecodable=undecodable)
    elif word_list is not None:
        raise InputError(
            f"{path} is of the format {chosen.name}, which has its words; leave out the word list"
        )
    else:
        contents = chosen.read(path, undecodable=undecodable)
    if contents.vectors.dtype.newbyteorder("=") == np.float16:
        contents = contents._replace(vectors=contents.vectors.astype(np.float32))
    return contents


def format_to_write(path: Path, name: str | None = None) -> EmbeddingFormat:
    """Choose the format of a file to be written.

    Parameters
    ----------
    path : Path
        Name of the file, whose suffix tells the format; a ``.gz`` after that does
        not count.
    name : str, optional
        Name of the format, where the suffix should not tell.

    Returns
    -------
    EmbeddingFormat
        The format.

    Raises
    ------
    InputError
        There is no such format, or the suffix tells none, or the format
        cannot be gzipped, or is only read.

    Examples
    --------
    >>> format_to_write(Path("vectors.txt.gz")).name
    'word2vec'
    """
    chosen = _chosen(path, name, FORMATS)
    if chosen.write is None:
        written = ", ".join(one.name for one in FORMATS if one.write is not None)
        raise InputError(
            f"cannot write {path}: the format {chosen.name} is only read; choose from {written}"
        )
    return chosen


def _chosen(path: Path, name: str | None, among: tuple[EmbeddingFormat, ...]) -> EmbeddingFormat:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    gzipped = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if gzipped else suffixes[-1:])
    if name is None:
        chosen = [one for one in among if suffix in one.suffixes]
        problem = f"cannot tell the format of {path} from its suffix"
    else:
        chosen = [one for one in among if one.name == name]
        problem = f"there is no embedding format {name!r}"
    if not chosen:
        listed = ", ".join(f"{one.name!r} ({' '.join(one.suffixes)})" for one in among)
        raise InputError(f"{problem}; name it, for example format='glove': there are {listed}")
    if gzipped and not chosen[0].gzipped:
        raise InputError(
            f"cannot use {path}: the format {chosen[0].name} is not gzipped; leave out the .gz"
        )
    return chosen[0]


def format_to_read(path: Path, name: str | None = None) -> EmbeddingFormat:
    """Choose the format of a file to be read.

    This is `format_to_write`'s choice, but for ``.txt``: such a file is GloVe's
    unless its first line is two integers.

    Parameters
    ----------
    path : Path
        File to be read.
    name : str, optional
        Name of the format, where the suffix should not tell.

    Returns
    -------
    EmbeddingFormat
        The format.

    Raises
    ------
    InputError
        There is no such format, the suffix tells none, the format cannot be
        gzipped, or a ``.txt`` file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "vectors.txt"
    ...     _ = path.write_text("cat 0.1 0.2")
    ...     format_to_read(path).name
    'glove'
    """
    chosen = _chosen(path, name, FORMATS)
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    if name is None and inner.suffix.lower() == _AMBIGUOUS_SUFFIX:
        with reading(path) as stream:
            if not HEADER.fullmatch(stream.readline(_LONGEST_HEADER)):
                return _chosen(path, "glove", FORMATS)
    if chosen.name == "word2vec-binary":
        with reading(path) as stream:
            if stream.read(4) == _FASTTEXT:
                raise InputError(
                    f"{path} is a model of fastText, whose vectors are made of parts of words; "
                    "take the .vec file that is published beside it, or write one with fastText: "
                    "print-word-vectors model.bin < words.txt > vectors.txt"
                )
    return chosen

"""Choose the file format of embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from repsearch.embeddings.formats import (
    glove_text,
    npz_file,
    safetensors_file,
    word2vec_binary,
    word2vec_text,
)
from repsearch.embeddings.formats.contents import Contents
from repsearch.embeddings.formats.streams import reading
from repsearch.embeddings.formats.vector_lines import HEADER
from repsearch.errors import InputError

__all__ = ["FORMATS", "Contents", "EmbeddingFormat", "format_to_read", "format_to_write"]


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
        Function from a path to `Contents`.
    write : callable
        Function of a path and `Contents`.
    gzipped : bool
        Whether the file may be gzipped, with ``.gz`` added to its suffix.

    Examples
    --------
    >>> [one.name for one in FORMATS if one.gzipped]
    ['word2vec', 'word2vec-binary', 'glove']
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Contents]
    write: Callable[[Path, Contents], None]
    gzipped: bool


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
        safetensors_file.read,
        safetensors_file.write,
        gzipped=False,
    ),
    EmbeddingFormat("npz", (".npz",), npz_file.read, npz_file.write, gzipped=False),
)
"""All formats, the one to prefer for a shared suffix first."""

_AMBIGUOUS_SUFFIX = ".txt"


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
        cannot be gzipped.

    Examples
    --------
    >>> format_to_write(Path("vectors.txt.gz")).name
    'word2vec'
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    gzipped = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[-2:-1] if gzipped else suffixes[-1:])
    if name is None:
        chosen = [one for one in FORMATS if suffix in one.suffixes]
        problem = f"cannot tell the format of {path} from its suffix"
    else:
        chosen = [one for one in FORMATS if one.name == name]
        problem = f"there is no embedding format {name!r}"
    if not chosen:
        listed = ", ".join(f"{one.name!r} ({' '.join(one.suffixes)})" for one in FORMATS)
        raise InputError(f"{problem}; pass as format one of {listed}")
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
    chosen = format_to_write(path, name)
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    if name is None and inner.suffix.lower() == _AMBIGUOUS_SUFFIX:
        with reading(path) as stream:
            if not HEADER.fullmatch(stream.readline()):
                return format_to_write(path, "glove")
    return chosen

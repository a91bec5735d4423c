"""Find the files of a text and say how they hold documents."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from repsearch.errors import InputError

BadBytes = Literal["stop", "replace", "skip"]
DocumentUnit = Literal["line", "file"]


@dataclass(frozen=True)
class TextFiles:
    r"""Name the files of a text and say how documents are laid out in them.

    Parameters
    ----------
    paths : tuple of Path
        Files or folders, or one of them. A folder stands for all files below it,
        in the order of their names; names that begin with a dot are left out.
        Files with the suffixes ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are
        decompressed while they are read.
    document : {"line", "file"}
        Whether each line is a document or each file is one.
    json_field : str, optional
        Field that holds the text, where each line is a JSON object.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8: stop and name the position,
        read them as U+FFFD (no letter, so a word ends there), or leave out the
        document they are in.

    Raises
    ------
    InputError
        A path that does not exist, no file at all, an unknown choice.

    Attributes
    ----------
    files : tuple of Path
        All files that `paths` stand for, in the order in which they are read.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.jsonl"
    ...     _ = path.write_text('{"body": "the cat sat"}\n{"body": "a dog ran"}\n')
    ...     corpus = rs.encode(rs.TextFiles((path,), json_field="body"), vocabulary_size=None)
    >>> [corpus.document(k) for k in range(corpus.n_documents)]
    [['the', 'cat', 'sat'], ['a', 'dog', 'ran']]
    """

    paths: tuple[Path, ...]
    document: DocumentUnit = "line"
    json_field: str | None = None
    bad_bytes: BadBytes = "stop"
    files: tuple[Path, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given: object = self.paths
        paths = (given,) if isinstance(given, str | Path) else self.paths
        object.__setattr__(self, "paths", tuple(Path(path) for path in paths))
        _check_choice("document", self.document, get_args(DocumentUnit))
        _check_choice("bad_bytes", self.bad_bytes, get_args(BadBytes))
        if self.json_field is not None and self.document != "line":
            raise InputError("JSON lines hold one document a line; leave document='line'")
        object.__setattr__(self, "files", tuple(_expand(self.paths)))

    def size(self) -> int:
        """Add up the sizes of all files, compressed as they are on disk.

        Returns
        -------
        int
            Number of bytes.
        """
        return sum(path.stat().st_size for path in self.files)


def _expand(paths: tuple[Path, ...]) -> Iterator[Path]:
    if not paths:
        raise InputError("no text given; pass at least one file or folder")
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
            found = sorted(_visible_files(path)) if is_folder else [path]
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a null character
            raise InputError(f"{path} does not exist; check the path") from None
        except OSError as error:
            shown = str(path) if len(str(path)) < 200 else f"{str(path)[:60]}..."
            raise InputError(
                f"cannot read {shown!r} ({error.strerror}); pass the name of a "
                "file or folder, or documents as a list"
            ) from error
        if not found:
            raise InputError(f"folder {path} has no file in it; give one with text files")
        yield from found


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}")

"""Find the files of a text and say how they hold documents."""

from __future__ import annotations

import dataclasses
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from repsearch.errors import InputError
from repsearch.text.dataset_folder import files_in

BadBytes = Literal["stop", "replace", "skip"]
DocumentUnit = Literal["line", "paragraph", "file"]


@dataclass(frozen=True)
class TextFiles:
    r"""Name the files of a text and say how documents are laid out in them.

    Parameters
    ----------
    paths : tuple of Path
        Files or folders, or one of them. A folder stands for all files below it,
        in the order of their names; names that begin with a dot are left out, and
        so are files that are empty or no text (`repsearch.corpus.Corpus.record`
        names them). Compressed files (``.gz``, ``.bz2``, ``.xz``, ``.zst``) are
        decompressed while they are read. The format is told from the first bytes:
        a MediaWiki dump is turned into articles, and so is what WikiExtractor
        made of one, whatever `document` says. A folder that holds a Hugging Face
        dataset (``save_to_disk``) stands for the files of its records.
    document : {"line", "paragraph", "file"}
        Whether each line of a plain text is a document, each paragraph (lines
        between empty lines: one token a line, say) or each file.
    field : str, optional
        Field that holds the text, where each line is a JSON object, or a file is
        an array of such; or the column of a table (Arrow, Parquet: extra
        ``datasets``). Records without text in it are left out.
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
    found : frozenset of Path
        Those of them that are not named but found in a folder.

    Examples
    --------
    >>> import tempfile
    >>> import repsearch as rs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.jsonl"
    ...     _ = path.write_text('{"body": "the cat sat"}\n{"body": "a dog ran"}\n')
    ...     corpus = rs.encode(rs.TextFiles((path,), field="body"), vocabulary_size=None)
    >>> [corpus.document(k) for k in range(corpus.n_documents)]
    [['the', 'cat', 'sat'], ['a', 'dog', 'ran']]
    """

    paths: tuple[Path, ...]
    document: DocumentUnit = "line"
    field: str | None = None
    bad_bytes: BadBytes = "stop"
    files: tuple[Path, ...] = dataclasses.field(init=False, repr=False, compare=False)
    found: frozenset[Path] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given: object = self.paths
        paths = (given,) if isinstance(given, str | Path) else self.paths
        object.__setattr__(self, "paths", tuple(Path(path) for path in paths))
        check_layout(self.document, self.field, self.bad_bytes)
        expanded = tuple(_expand(self.paths))
        object.__setattr__(self, "files", tuple(path for path, _ in expanded))
        found = frozenset(path for path, in_folder in expanded if in_folder)
        object.__setattr__(self, "found", found)

    def size(self) -> int | None:
        """Add up the sizes of all files, compressed as they are on disk.

        Returns
        -------
        int or None
            Number of bytes; None where a file is a pipe, which has no size.
        """
        return sum(path.stat().st_size for path in self.files) if self.lasting() else None

    def lasting(self) -> bool:
        """Whether all files can be read again: pipes and standard input cannot.

        Returns
        -------
        bool
            True where all are ordinary files.
        """
        return all(path.is_file() for path in self.files)


def check_layout(document: str, field: str | None, bad_bytes: str) -> None:
    """Refuse a layout of documents that cannot be.

    Parameters
    ----------
    document, field, bad_bytes
        As of `TextFiles`.

    Raises
    ------
    InputError
        An unknown choice, or two that do not fit.
    """
    _check_choice("document", document, get_args(DocumentUnit))
    _check_choice("bad_bytes", bad_bytes, get_args(BadBytes))
    if field is not None and document != "line":
        raise InputError("with a field each record is a document; leave document='line'")


def _expand(paths: tuple[Path, ...]) -> Iterator[tuple[Path, bool]]:
    """Files of the paths, and whether each was found in a folder."""
    if not paths:
        raise InputError("no text given; pass at least one file or folder")
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
            found = files_in(path) if is_folder else [path]
        except InputError:
            raise
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
        yield from ((file, is_folder) for file in found)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} is {value!r}; choose one of {', '.join(map(repr, choices))}")

"""Read the words of vectors that are kept without them: a list, or TensorBoard's metadata."""

from __future__ import annotations

from pathlib import Path

from repsearch.embeddings.formats.contents import Undecodable, decoded
from repsearch.embeddings.formats.streams import reading
from repsearch.errors import InputError

_LONGEST_LINE = 1 << 16
_NAMES = ("word", "words", "token", "label", "name", "term")


def read_words(path: Path, number: int, *, undecodable: Undecodable = "strict") -> list[str]:
    r"""Read one word a line, in the order of the vectors.

    Of several columns separated by tabs, as in the ``metadata.tsv`` of TensorBoard's
    projector, the one called word, token, label or the like is taken, or else the first; their
    heading line is known by being one line more than there are vectors.

    Parameters
    ----------
    path : Path
        The list.
    number : int
        How many vectors there are.
    undecodable : {"strict", "replace", "ignore"}
        What to do at bytes that are not UTF-8.

    Returns
    -------
    list of str
        As many words.

    Raises
    ------
    InputError
        The list cannot be read, or has another number of words.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "metadata.tsv"
    ...     _ = path.write_text("count\tword\n9\tcat\n7\tdog\n")
    ...     read_words(path, 2)
    ['cat', 'dog']
    """
    lines: list[bytes] = []
    with reading(path) as stream:
        while line := stream.readline(_LONGEST_LINE + 1):
            if len(line) > _LONGEST_LINE:
                raise InputError(
                    f"cannot read {path}: line {len(lines) + 1} is longer than {_LONGEST_LINE:,} "
                    "bytes; a list of words has one on each line"
                )
            lines.append(line.rstrip(b"\r\n"))
            if len(lines) > number + 1:
                break
    if lines and lines[0].startswith(b"\xef\xbb\xbf"):
        lines[0] = lines[0][3:]
    while lines and not lines[-1]:
        lines.pop()
    place = 0
    headed = len(lines) == number + 1 and b"\t" in lines[0]
    if headed:
        names = [name.strip().lower() for name in lines[0].decode("utf-8", "replace").split("\t")]
        place = next((names.index(name) for name in _NAMES if name in names), 0)
        lines = lines[1:]
    if len(lines) != number:
        found = f"{len(lines):,}" if len(lines) <= number + 1 else f"more than {number + 1:,}"
        raise InputError(f"{path} has {found} words for {number:,} vectors; give the list of these")
    if any(b"\t" in line for line in lines):
        lines = [(line.split(b"\t")[place : place + 1] or [b""])[0] for line in lines]
    if b"" in lines:
        raise InputError(
            f"cannot read {path}: line {lines.index(b'') + 1 + headed} is empty; write its word"
        )
    return decoded(lines, path, unit="line", first=1 + headed, undecodable=undecodable)

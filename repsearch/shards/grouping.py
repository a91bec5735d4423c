"""Put files together to shards: enough of them for many workers, each worth its own counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from repsearch.shards.inputs import ShardFile

_COMPRESSED = {".gz", ".bz2", ".xz", ".zst"}
_RATIO = 4
"""Bytes of text in a byte of a compressed file, roughly."""
_LEAST, _MOST = 1 << 24, 1 << 26
_SHARDS = 32


def grouped(
    files: Sequence[ShardFile], least: int | None = None
) -> tuple[tuple[ShardFile, ...], ...]:
    """Put files that follow one another together until they make a shard.

    What a shard costs besides its words are counts of its own, which are written, read and added:
    many small ones cost more than the counting. And the fewer there are, the more is lost with
    a worker. How they are made depends on the text alone, so that a command finds the shards of
    the one before, whatever workers it has.

    Parameters
    ----------
    files : sequence of ShardFile
        All files of the text, in order.
    least : int, optional
        Bytes of text from which on a shard is full. By default a 32nd of the text, rounded down
        to a power of two, from 16 to 64 MiB.

    Returns
    -------
    tuple of tuple of ShardFile
        Shards, none empty. A file is never cut.

    Examples
    --------
    >>> files = [ShardFile(f"{k}.txt", 600, None) for k in range(5)]
    >>> [len(shard) for shard in grouped(files, least=1000)]
    [2, 2, 1]
    """
    sizes = [_text_bytes(file) for file in files]
    if least is None:
        share = max(sum(size for size in sizes if size is not None) // _SHARDS, 1)
        least = min(max(1 << (share.bit_length() - 1), _LEAST), _MOST)
    shards: list[tuple[ShardFile, ...]] = []
    held: list[ShardFile] = []
    bytes_held = 0
    for file, size in zip(files, sizes, strict=True):
        held.append(file)
        # One of unknown size may be of any.
        bytes_held += least if size is None else size
        if bytes_held >= least:
            shards.append(tuple(held))
            held, bytes_held = [], 0
    return (*shards, tuple(held)) if held else tuple(shards)


def _text_bytes(file: ShardFile) -> int | None:
    packed = PurePosixPath(file.name.partition("?")[0]).suffix.lower() in _COMPRESSED
    return file.size if file.size is None or not packed else _RATIO * file.size

"""Do a worker's part of counting in shards: read one, count one, add some.

Every task leaves its result in a folder that all machines share, under a name made of what it
rests on, and is done once: one that finds its result there only says so. So it makes no
difference that a task is begun twice, when its worker is lost or only thought to be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.shards import ShardReading, encode_shard, encoded_anew, open_shard
from repsearch.corpus.token_check import check_tokens
from repsearch.counts.counting import count
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.shards.inputs import ShardFile, fetch, is_url, local_name, opened_system
from repsearch.shards.rows import (
    FILES,
    CountedShard,
    is_whole,
    sum_of_rows,
    sum_of_words,
    write_rows,
)
from repsearch.shards.store import ShardFolder
from repsearch.storage.atomic import replacing, replacing_folder
from repsearch.storage.leftovers import scratch_folder

Words: TypeAlias = tuple[tuple[str, ...], NDArray[np.int64]]
"""Distinct words with their occurrences, in any order."""


@dataclass(frozen=True)
class ReadShard:
    """Tell what was read of a shard.

    Parameters
    ----------
    folder : str
        Where it is, encoded with all of its words.
    digest : str
        Digest of that.
    n_words : int
        Number of words in the documents that were kept.
    n_documents, n_dropped : int
        Documents kept and left out.
    record : dict
        Fields of `repsearch.text.record.TextRecord`.
    stood : bool
        Whether it was there already.
    """

    folder: str
    digest: str
    n_words: int
    n_documents: int
    n_dropped: int
    record: dict[str, Any]
    stood: bool


def read_shard(
    store: ShardFolder, target: str, files: Sequence[ShardFile], reading: ShardReading
) -> ReadShard:
    """Encode a shard with all of its words.

    Parameters
    ----------
    store : ShardFolder
        Folder of all shards.
    target : str
        Folder of this one.
    files : sequence of ShardFile
        Its files.
    reading : ShardReading
        How they are read.

    Returns
    -------
    ReadShard
        What was read.

    Raises
    ------
    InputError
        A file that cannot be read here; a folder that the workers do not share.
    """
    store.check_seen()
    place = Path(target)
    try:
        corpus, stood = open_shard(place), True
        check_tokens(corpus)
    except InputError:
        corpus, stood = _encoded(files, reading, place), False
    return ReadShard(
        folder=target,
        digest=corpus.digest,
        n_words=corpus.n_words_read,
        n_documents=corpus.n_documents,
        n_dropped=corpus.n_documents_dropped,
        record=corpus.record.to_json(),
        stood=stood,
    )


def _encoded(files: Sequence[ShardFile], reading: ShardReading, place: Path) -> Corpus:
    """Encode files, those behind URLs from copies."""
    with ExitStack() as stack:
        paths, names = [], {}
        scratch: Path | None = None
        for number, file in enumerate(files):
            name = file.here or file.name
            if file.here is not None or not is_url(name):
                paths.append(Path(name))
                names[name] = file.name
                continue
            scratch = scratch or stack.enter_context(scratch_folder())
            copy = scratch / str(number) / local_name(name)
            copy.parent.mkdir()
            system, path = opened_system(name)
            fetch(system, path, copy, name)
            paths.append(copy)
            names[str(copy)] = name
        try:
            return encode_shard(paths, reading, place)
        except InputError as error:
            said = str(error)
            for copied, name in names.items():
                said = said.replace(copied, name)
            raise InputError(said) from None


def add_words(parts: Sequence[ReadShard | Words]) -> Words:
    """Add up the words of shards.

    Parameters
    ----------
    parts : sequence of ReadShard or Words
        Shards, or sums of some.

    Returns
    -------
    Words
        All of their words, in any order.
    """
    total: dict[str, int] = {}
    for part in parts:
        if isinstance(part, ReadShard):
            shard = open_shard(Path(part.folder))
            words, counts = shard.words, shard.word_counts
        else:
            words, counts = part
        for word, number in zip(words, counts.tolist(), strict=True):
            total[word] = total.get(word, 0) + number
    return tuple(total), np.fromiter(total.values(), np.int64, len(total))


def words_digest(words: Sequence[str]) -> str:
    """Digest a vocabulary, with the order of its words.

    Parameters
    ----------
    words : sequence of str
        The words.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def write_words(store: ShardFolder, words: Sequence[str]) -> str:
    """Write the vocabulary where workers find it.

    Parameters
    ----------
    store : ShardFolder
        Folder of all shards.
    words : sequence of str
        The words.

    Returns
    -------
    str
        Their digest.
    """
    digest = words_digest(words)
    with replacing(store.words(digest), "w") as file:
        json.dump(list(words), file)
    return digest


@lru_cache(maxsize=2)
def read_vocabulary(path: Path, digest: str) -> tuple[str, ...]:
    """Read the vocabulary, once in a process.

    Parameters
    ----------
    path : Path
        File of it.
    digest : str
        Digest that it is held to.

    Returns
    -------
    tuple of str
        The words.

    Raises
    ------
    InputError
        It is not there, or another one.
    """
    try:
        words = tuple(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path} ({error}); give the command again") from error
    if words_digest(words) != digest:
        raise InputError(f"{path} is damaged; give the command again")
    return words


def count_shard(
    store: ShardFolder,
    target: str,
    shard: ReadShard,
    words: str,
    settings: CorpusSettings,
    window: Window,
    memory: int,
) -> CountedShard:
    """Count a shard over the words of the whole.

    Parameters
    ----------
    store : ShardFolder
        Folder of all shards.
    target : str
        Folder of this shard's counts.
    shard : ReadShard
        The shard.
    words : str
        Digest of the vocabulary.
    settings : CorpusSettings
        What becomes of other words.
    window : Window
        Window.
    memory : int
        Working memory in bytes.

    Returns
    -------
    CountedShard
        Where the counts are.

    Raises
    ------
    InputError
        The encoded shard is damaged, or the memory too small.
    """
    store.check_seen()
    place = Path(target)
    if is_whole(place):
        return CountedShard(target, stood=True)
    chosen = read_vocabulary(store.words(words), words)
    encoded = open_shard(Path(shard.folder))
    with (
        scratch_folder() as scratch,
        encoded_anew(encoded, chosen, settings, scratch) as corpus,
        replacing_folder(place, FILES) as temporary,
    ):
        counts = count(corpus, window, memory=memory, threads=1, scratch=scratch)
        above = counts.above
        values = counts.values if above is None else np.stack([counts.values, above], axis=1)
        ranks = np.full(len(encoded.words), -1, np.int32)
        place_of = {word: k for k, word in enumerate(encoded.words)}
        for k, word in enumerate(chosen):
            if word in place_of:
                ranks[place_of[word]] = k
        rows = (counts.indptr, counts.columns, values)
        write_rows(temporary, rows, counts.word_counts, ranks=ranks, offsets=corpus.offsets)
    return CountedShard(target, stood=False)


def add_counts(
    store: ShardFolder,
    target: str,
    parts: Sequence[CountedShard],
    size: int,
    memory: int,
    *,
    both: bool,
) -> CountedShard:
    """Add up counts of shards.

    Parameters
    ----------
    store : ShardFolder
        Folder of all shards.
    target : str
        Folder for the sum.
    parts : sequence of CountedShard
        Counted shards, and sums of some.
    size : int
        Number of words.
    memory : int
        Working memory in bytes.
    both : bool
        Whether counts are of both orders of a pair.

    Returns
    -------
    CountedShard
        Where the sum is.
    """
    store.check_seen()
    place = Path(target)
    with scratch_folder() as scratch, replacing_folder(place, FILES) as temporary:
        rows = sum_of_rows(parts, size, memory, scratch, both=both)
        write_rows(temporary, rows, sum_of_words(parts))
    return CountedShard(target, stood=False)

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
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.corpus.corpus import Corpus, CorpusSettings
from repsearch.corpus.shards import ShardReading, encode_shard, encoded_anew
from repsearch.corpus.token_check import check_tokens
from repsearch.corpus.vocabulary import Vocabulary, merge_vocabularies
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import added
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.shards.inputs import ShardFile, fetch, is_url, local_name, opened_system
from repsearch.shards.store import ShardFolder
from repsearch.storage.atomic import replacing, replacing_folder, sha256
from repsearch.storage.leftovers import scratch_folder

COUNTS = "counts.npz"
RANKS = "ranks.npy"
OFFSETS = "offsets.npy"
FACTS = "facts.json"
_FILES = (COUNTS, RANKS, OFFSETS, FACTS)


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


@dataclass(frozen=True)
class CountedShard:
    """Tell where a shard's counts are.

    Parameters
    ----------
    folder : str
        Folder of counts, ranks and offsets.
    stood : bool
        Whether they were there already.
    """

    folder: str
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
        corpus, stood = Corpus.open(place), True
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


def add_words(parts: Sequence[ReadShard | Vocabulary], first: int) -> Vocabulary:
    """Add up the words of shards.

    Parameters
    ----------
    parts : sequence of ReadShard or Vocabulary
        Shards, or sums of some.
    first : int
        Number of the first shard; two with the same text are two.

    Returns
    -------
    Vocabulary
        All of their words.
    """
    return merge_vocabularies(
        part
        if isinstance(part, Vocabulary)
        else replace(Vocabulary.of(Corpus.open(part.folder)), corpora=(f"shard {first + k}",))
        for k, part in enumerate(parts)
    )


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
    if _whole(place):
        return CountedShard(target, stood=True)
    chosen = read_vocabulary(store.words(words), words)
    encoded = Corpus.open(shard.folder)
    with (
        scratch_folder() as scratch,
        encoded_anew(encoded, chosen, settings, scratch) as corpus,
        replacing_folder(place, _FILES) as temporary,
    ):
        counts = count(corpus, window, memory=memory, threads=1, scratch=scratch)
        # Under the number of no corpus: two shards of the same text are no mistake.
        replace(counts, corpora=()).save(temporary / COUNTS)
        ranks = np.full(len(encoded.words), -1, np.int32)
        place_of = {word: k for k, word in enumerate(chosen)}
        for k, word in enumerate(encoded.words):
            ranks[k] = place_of.get(word, -1)
        np.save(temporary / RANKS, ranks)
        np.save(temporary / OFFSETS, corpus.offsets.astype("<i8", copy=False))
        digests = {name: sha256(temporary / name) for name in (COUNTS, RANKS, OFFSETS)}
        (temporary / FACTS).write_text(json.dumps({"digest": corpus.digest, "files": digests}))
    return CountedShard(target, stood=False)


def _whole(place: Path) -> bool:
    """Whether counts of a shard are there, as they were written."""
    try:
        files = json.loads((place / FACTS).read_bytes())["files"]
        return set(files) == {COUNTS, RANKS, OFFSETS} and all(
            sha256(place / name) == digest for name, digest in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def add_counts(
    store: ShardFolder, target: str, parts: Sequence[CountedShard | str], words: str
) -> str:
    """Add up counts of shards.

    Parameters
    ----------
    store : ShardFolder
        Folder of all shards.
    target : str
        Counts file to write.
    parts : sequence of CountedShard or str
        Counted shards, and files of sums.
    words : str
        Digest of the vocabulary.

    Returns
    -------
    str
        The file.

    Raises
    ------
    InputError
        A file that is damaged; a sum beyond 64-bit integers.
    """
    store.check_seen()
    if not Path(target).exists():
        opened_sum(parts, read_vocabulary(store.words(words), words)).save(target)
    return target


def opened_sum(parts: Sequence[CountedShard | str], words: tuple[str, ...]) -> Counts:
    """Add up counts that are in files.

    Parameters
    ----------
    parts : sequence of CountedShard or str
        Counted shards, and files of sums.
    words : tuple of str
        The vocabulary, in the order that the sum is to have.

    Returns
    -------
    Counts
        The sum.

    Raises
    ------
    InputError
        A file that is damaged; a sum beyond 64-bit integers.
    """
    return added(
        (
            Counts.open(part if isinstance(part, str) else Path(part.folder) / COUNTS)
            for part in parts
        ),
        words,
    )


def bounds_of(counted: CountedShard) -> NDArray[np.int64]:
    """Read where the documents of a shard begin, among the words that are kept.

    Parameters
    ----------
    counted : CountedShard
        A counted shard.

    Returns
    -------
    (n + 1,) int64
        Offsets.
    """
    offsets: NDArray[np.int64] = np.load(Path(counted.folder) / OFFSETS, allow_pickle=False)
    return offsets


def kept_tokens(counted: CountedShard, shard: ReadShard, *, keep_place: bool) -> NDArray[np.int32]:
    """Give the word ids of a shard in the vocabulary of the whole.

    Parameters
    ----------
    counted : CountedShard
        The shard, counted.
    shard : ReadShard
        The shard, read.
    keep_place : bool
        Whether other words keep their place as -1.

    Returns
    -------
    (n,) int32
        Word ids.
    """
    ranks = np.load(Path(counted.folder) / RANKS, allow_pickle=False)
    ids: NDArray[np.int32] = ranks[Corpus.open(shard.folder).tokens]
    return ids if keep_place else ids[ids >= 0]

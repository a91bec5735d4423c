"""Count a text of many files on many processes, to the bits that one process gives."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from repsearch.cluster import LOCAL, workers
from repsearch.corpus.corpus import CorpusSettings, notes_of
from repsearch.corpus.first_pass import Draft
from repsearch.corpus.kept_words import check_not_stopped, check_vocabulary
from repsearch.corpus.phrases import Phrases
from repsearch.corpus.renumbering import choose_words
from repsearch.corpus.shards import ShardReading
from repsearch.corpus.stop_words import checked_stop_words
from repsearch.counts.counting import check_memory
from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.shards.grouping import grouped
from repsearch.shards.inputs import find_files
from repsearch.shards.steps import Steps
from repsearch.shards.store import shard_folder
from repsearch.shards.tasks import (
    ReadShard,
    Words,
)
from repsearch.storage.keys import program_digest
from repsearch.text.files import BadBytes, DocumentUnit, check_layout
from repsearch.text.record import TextRecord
from repsearch.text.tokenizers import TOKENIZERS


@dataclass(frozen=True, eq=False)
class CountedText:
    """Hold what was counted in shards.

    Parameters
    ----------
    counts : Counts
        The counts of the whole text.
    record : TextRecord
        What was read.
    notes : list of str
        What a reader of the counts has to know, a sentence each.
    n_files : int
        Number of files.
    n_shards : int
        Number of shards they made.
    n_read_before, n_counted_before : int
        Shards that were read, and counted, by an earlier command.
    n_documents_dropped : int
        Documents left out.

    Examples
    --------
    >>> import repsearch as rs
    >>> counts = rs.count(rs.encode(["the cat"], vocabulary_size=None))
    >>> found = CountedText(
    ...     counts,
    ...     record=TextRecord({"plain text": 3}),
    ...     notes=[],
    ...     n_files=3,
    ...     n_shards=2,
    ...     n_read_before=1,
    ...     n_counted_before=1,
    ...     n_documents_dropped=0,
    ... )
    >>> found.n_shards - found.n_counted_before  # counted by this command
    1
    """

    counts: Counts
    record: TextRecord
    notes: list[str]
    n_files: int
    n_shards: int
    n_read_before: int
    n_counted_before: int
    n_documents_dropped: int


def count_in_shards(
    texts: str | Path | Iterable[str | Path],
    folder: str | Path,
    window: Window | None = None,
    *,
    scheduler: str = LOCAL,
    settings: CorpusSettings | None = None,
    vocabulary: Sequence[str] | None = None,
    tokenizer: str = "latin",
    document: DocumentUnit = "line",
    field: str | None = None,
    bad_bytes: BadBytes = "stop",
    phrases: Phrases | None = None,
    stop_words: Iterable[str] | int | None = None,
    memory: int = 2 << 30,
    processes: int | None = None,
    shard_bytes: int | None = None,
    progress: Progress = silent,
) -> CountedText:
    """Count a text of many files on the processes of a Dask cluster.

    The counts are those of `repsearch.count` on `repsearch.encode` of the same files, to the bit,
    and so is the digest of the corpus in them, however many workers there are and in whatever
    order they finish: whole numbers are added, the vocabulary is chosen when all words have been
    added up, and no window crosses the end of a file. A worker that is lost has its work done by
    another. What each shard gave is kept in `folder`, and not done again by a later call.

    Parameters
    ----------
    texts : str, Path, or iterable of them
        Files, folders, globs and URLs of what fsspec knows, such as ``s3://bucket/*.txt.gz``.
    folder : path
        Folder for the shards' files, on a file system that all workers share. It takes 4 bytes
        a word of the text, and the counts of every shard. It is left when all is done; files
        of sums are not.
    window : Window, optional
        Window and its weights; the paper's by default.
    scheduler : str
        Address of a Dask scheduler, such as ``"tcp://node7:8786"``; or ``"local"`` for processes
        of this machine, which a script may start only below ``if __name__ == "__main__":``.
    settings : CorpusSettings, optional
        Words and documents to keep.
    vocabulary : sequence of str, optional
        Words to keep, in this order, instead.
    tokenizer : {"latin", "unicode", "turkish", "split"}
        Rule that splits text into words.
    document, field, bad_bytes
        As for `repsearch.TextFiles`.
    phrases : Phrases, optional
        Pairs of words that are joined to one.
    stop_words : iterable of str or int, optional
        Words that are left out, or how many of the most frequent ones of the whole text.
    memory : int
        Limit of the working memory of each worker's counting, in bytes.
    processes : int, optional
        Processes that ``"local"`` starts; one a processor by default.
    shard_bytes : int, optional
        Bytes of text from which on files together make a shard; by the size of the text by
        default (`repsearch.shards.grouping.grouped`).
    progress : Progress
        Called with the bytes read and the tokens counted of finished shards.

    Returns
    -------
    CountedText
        The counts, and what was read.

    Raises
    ------
    InputError
        No Dask, no scheduler or no worker; a bad file or setting; a folder that holds other
        files or that workers do not share; a worker lost again and again at one shard.

    Examples
    --------
    >>> import repsearch as rs
    >>> def main():
    ...     window = rs.Window(16)
    ...     return count_in_shards("art-*.txt", "shards", window, scheduler="tcp://node7:8786")
    >>> main()  # where there are no such files
    Traceback (most recent call last):
    repsearch.errors.InputError: 'art-*.txt' matches no file; check the folder and the pattern
    """
    window = window or Window()
    settings = settings or CorpusSettings()
    if vocabulary is not None:
        check_vocabulary(vocabulary, {})
        settings = replace(settings, vocabulary_size=len(vocabulary), min_count=1)
    stopped = checked_stop_words(stop_words)
    check_not_stopped(vocabulary, stopped)
    if tokenizer not in TOKENIZERS:
        raise InputError(
            f"tokenizer is {tokenizer!r}; in shards choose one of {', '.join(TOKENIZERS)}"
        )
    check_layout(document, field, bad_bytes)
    size = settings.vocabulary_size
    check_memory(memory, size if isinstance(size, int) else None, window, 1)
    reading = ShardReading(
        tokenizer, document, field, bad_bytes, settings.min_document_length, phrases
    )
    folder = Path(folder)
    if isinstance(texts, str | Path):
        texts = [texts]
    found = find_files([str(text) for text in texts], folder / "fetched")
    with shard_folder(folder, program_digest("repsearch")) as store:
        groups = grouped(found.files, shard_bytes)
        progress("finding workers", 0, 1, "clusters")
        with workers(scheduler, processes) as crew:
            progress("finding workers", 1, 1, "clusters")
            run = Steps(store, crew, reading, settings, progress)
            shards = run.read(groups)
            merged = None if vocabulary is not None else run.merged_words(shards)
            record = _record(shards, found.left_out)
            chosen = _chosen(shards, merged, reading.name, settings, vocabulary, stopped)
            counted = run.count(shards, chosen[1], window, memory)
            counts = run.added(shards, counted, chosen, window, memory)
    notes = notes_of(record, counts.tokenizer, settings, len(counts.words))
    unversioned = [file.name for file in found.files if file.version is None]
    if unversioned:
        notes.append(
            f"{len(unversioned):,} of the files, such as {unversioned[0]}, do not tell when they "
            "changed, so that a later command reads them again"
        )
    if len(groups) == len(found.files) < run.most_workers:
        notes.append(
            f"a file is never cut, so that {len(groups):,} of {run.most_workers:,} workers had "
            "something to do; cut large files at the ends of documents for more"
        )
    return CountedText(
        counts=counts,
        record=record,
        notes=notes,
        n_files=len(found.files),
        n_shards=len(groups),
        n_read_before=sum(shard.stood for shard in shards),
        n_counted_before=sum(one.stood for one in counted),
        n_documents_dropped=sum(shard.n_dropped for shard in shards),
    )


def _record(shards: Sequence[ReadShard], left_out: dict[str, str]) -> TextRecord:
    """What was read of all shards."""
    total = TextRecord(left_out=dict(left_out))
    words = sum(shard.n_words for shard in shards)
    for shard in shards:
        one = TextRecord.from_json(shard.record)
        for name, number in one.files.items():
            total.files[name] = total.files.get(name, 0) + number
        total.left_out |= one.left_out
        for field in ("records", "records_without_text", "stray_lines", "unclosed_articles"):
            setattr(total, field, getattr(total, field) + getattr(one, field))
        total.letters += one.letters
        total.letters_dropped += one.letters_dropped
        total.phrases += one.phrases * shard.n_words / max(words, 1)
    return total


def _chosen(
    shards: Sequence[ReadShard],
    merged: Words | None,
    name: str,
    settings: CorpusSettings,
    vocabulary: Sequence[str] | None,
    stop_words: tuple[str, ...] | int | None,
) -> tuple[str, tuple[str, ...]]:
    """The words that the whole text keeps, chosen as one process chooses them."""
    whole = Draft(
        words=[] if merged is None else list(merged[0]),
        counts=np.empty(0, np.int64) if merged is None else merged[1],
        # Of documents only their number is asked.
        ends=np.zeros(sum(shard.n_documents for shard in shards), np.int64),
        n_dropped=sum(shard.n_dropped for shard in shards),
        stream=io.BytesIO(),
        record=TextRecord(),
    )
    chosen = choose_words(whole, name, settings, vocabulary, stop_words)
    return chosen.name, chosen.words

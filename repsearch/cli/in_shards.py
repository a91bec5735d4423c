"""Count in shards for the command line, on Dask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from repsearch.cli import counting_options, options, unused
from repsearch.cli.answer import give, say, tell_notes, wrote
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch import Counts
    from repsearch.text.record import TextRecord


def files_alone(texts: Sequence[str]) -> list[Path]:
    """Take names for files, which one process reads.

    Parameters
    ----------
    texts : sequence of str
        What was typed.

    Returns
    -------
    list of Path
        The same.

    Raises
    ------
    InputError
        A URL.

    Examples
    --------
    >>> files_alone(["s3://bucket/a.txt"])
    Traceback (most recent call last):
    repsearch.errors.InputError: s3://bucket/a.txt is a URL, which --scheduler reads; pass \
--scheduler local, or a file
    """
    from repsearch.shards.inputs import is_url

    for text in texts:
        if is_url(text) and not Path(text).exists():
            raise InputError(
                f"{text} is a URL, which --scheduler reads; pass --scheduler local, or a file"
            )
    return [Path(text) for text in texts]


def in_shards(
    texts: Sequence[str],
    out: Path,
    scheduler: str,
    shards: Path | None,
    chosen: Mapping[str, Any],
    compression: Literal["none", "lzma"],
) -> None:
    """Count a text in shards, write the counts and say what was found.

    Parameters
    ----------
    texts : sequence of str
        Files, folders, patterns, URLs.
    out : Path
        Counts file to write.
    scheduler : str
        ``"local"``, or the address of a Dask scheduler.
    shards : Path, optional
        Folder for the shards' files; one beside `out`, removed in the end, by default.
    chosen : mapping
        Options of the command by name.
    compression : {"none", "lzma"}
        Of the counts file.

    Raises
    ------
    InputError
        Bad text, options that do not fit it or one another; no Dask or no workers.
    """
    from repsearch.cli.bars import Bars
    from repsearch.cluster import LOCAL
    from repsearch.corpus.corpus import CorpusSettings
    from repsearch.corpus.phrases import Phrases
    from repsearch.corpus.word_file import read_words
    from repsearch.shards import count_in_shards
    from repsearch.shards.store import remove_shards

    unused.refuse_unused(
        ["corpus"], "for one encoded corpus, and --scheduler makes one of each shard (--shards)"
    )
    unused.refuse_unused(["words"], "for word ids, which one process reads without --scheduler")
    if scheduler != LOCAL:
        unused.refuse_unused(
            ["threads"], "for --scheduler local, and the workers of another have their own"
        )
    size, phrases = chosen["vocabulary"], chosen["phrases"]
    named = None if size is None or isinstance(size, int) else read_words(size)
    if named is not None and chosen["min_count"] > 1:
        raise InputError(
            f"--min-count chooses among words, but -V names them ({size}); leave one of them out"
        )
    folder = out.with_name(f"{out.name}.shards") if shards is None else shards
    with Bars() as bars:
        found = count_in_shards(
            texts,
            folder,
            counting_options.window_of(chosen),
            scheduler=scheduler,
            settings=CorpusSettings(
                vocabulary_size=size if isinstance(size, int) else "auto",
                min_count=chosen["min_count"],
                min_document_length=chosen["min_length"],
                out_of_vocabulary=chosen["oov"],
            ),
            vocabulary=named,
            tokenizer=chosen["tokenizer"],
            document=chosen["document"],
            field=chosen["field"],
            bad_bytes=chosen["bad_bytes"],
            phrases=None if phrases is None else Phrases.open(phrases),
            stop_words=counting_options.stop_words_of(chosen["stop_words"]),
            memory=options.bytes_of(chosen["memory"]),
            processes=chosen["threads"],
            progress=bars,
        )
        bars("writing counts", 0, 1, "files")
        found.counts.save(out, compression=compression)
        bars("writing counts", 1, 1, "files")
    if shards is None:
        remove_shards(folder)
    tell_notes(found.notes)
    tell_counts(found.counts, found.record)
    stood = (
        f"; {found.n_read_before:,} had been read and {found.n_counted_before:,} counted before"
        if found.n_read_before
        else ""
    )
    say(f"Shards: {found.n_shards:,}, of {found.n_files:,} files{stood}")
    give(
        shards=found.n_shards,
        files=found.n_files,
        shards_read_before=found.n_read_before,
        shards_counted_before=found.n_counted_before,
    )
    wrote("Counts", out)
    if shards is not None:
        wrote("Shards", shards)


def tell_counts(counts: Counts, record: TextRecord) -> None:
    """Say what was read and what was counted.

    Parameters
    ----------
    counts : Counts
        The counts.
    record : TextRecord
        How the text was read.
    """
    read = record.summary(documents=counts.n_documents, words=counts.n_words_read)
    say(f"Read: {read}")
    say(repr(counts))
    if "+" in counts.tokenizer:
        say(f"Words: {counts.tokenizer}")
    give(
        read=read,
        documents=counts.n_documents,
        words_read=counts.n_words_read,
        words=len(counts.words),
        tokenizer=counts.tokenizer,
        tokens=counts.n_tokens,
        density=counts.density,
        window=counts.window.record(),
    )

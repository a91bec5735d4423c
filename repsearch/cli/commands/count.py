"""Count the words of a text that co-occur: ``repsearch count``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from repsearch.cli import counting_options, options, unused
from repsearch.cli.answer import tell_dry, tell_expected, tell_notes, wrote
from repsearch.cli.in_shards import files_alone, in_shards, tell_counts
from repsearch.errors import InputError

if TYPE_CHECKING:
    from repsearch import Corpus, Counts, Window
    from repsearch.cli.bars import Bars


def count(
    text: counting_options.TextOrUrls,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Counts file to write.", callback=options.tried_file),
    ] = Path("counts.npz"),
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Keep the encoded corpus in this folder, and use it again next time.",
            callback=options.tried_folder,
        ),
    ] = None,
    vocabulary: options.VocabularySize = None,
    window: counting_options.OwnWindowSize = None,
    weighting: counting_options.OwnWeighting = None,
    weights: counting_options.OwnWeights = None,
    left: counting_options.Left = None,
    right: counting_options.Right = None,
    tokenizer: options.TokenizerName = "latin",
    phrases: counting_options.PhraseFile = None,
    stop_words: counting_options.StopWords = None,
    min_count: options.MinCount = 1,
    min_length: options.MinLength = 1,
    oov: options.OutOfVocabulary = "remove",
    document: options.Document = "line",
    field: options.Field = None,
    words: options.WordsOfIds = None,
    bad_bytes: options.BadBytes = "stop",
    memory: options.Memory = "2GiB",
    threads: options.Threads = None,
    scheduler: counting_options.Scheduler = None,
    shards: counting_options.Shards = None,
    compress: Annotated[
        bool, typer.Option("--compress", help="Compress the file with lzma, which is slow.")
    ] = False,
    dry_run: options.DryRun = False,
    settings: options.Settings = None,
) -> None:
    """Count how often words co-occur in a text, exactly.

    Counts are whole numbers whatever the weights, no window is lost at a
    document's end and none crosses one. With --scheduler many processes count, on this
    machine or on others, to the same bits.
    """
    from probes.studies.estimates import counting
    from repsearch.cli.bars import Bars
    from repsearch.storage.leftovers import scratch_folder

    chosen = {
        "vocabulary": vocabulary,
        "window": window,
        "weighting": weighting,
        "weights": weights,
        "left": left,
        "right": right,
        "tokenizer": tokenizer,
        "phrases": phrases,
        "stop_words": stop_words,
        "min_count": min_count,
        "min_length": min_length,
        "oov": oov,
        "document": document,
        "field": field,
        "words": None if words is None else str(words),
        "bad_bytes": bad_bytes,
        "memory": memory,
        "threads": threads,
    }
    compression: Literal["none", "lzma"] = "lzma" if compress else "none"
    if scheduler is not None:
        if dry_run:
            raise InputError("--dry-run knows how long one process takes; leave out --scheduler")
        in_shards(text, out, scheduler, shards, chosen | {"corpus": corpus}, compression)
        return
    unused.refuse_unused(["shards"], "for --scheduler, which counts in shards")
    paths = files_alone(text)
    named = vocabulary if isinstance(vocabulary, int) else None
    expected = counting(paths, memory=options.bytes_of(memory), words=named, threads=threads)
    if expected is not None:
        expected.check(
            f"counting with --memory {memory}", "give less: what does not fit goes to scratch files"
        )
    if dry_run:
        tell_dry(expected)
        return
    tell_expected(expected)
    with Bars() as bars:
        if corpus is not None:
            counts, encoded = counted(paths, corpus, chosen, bars)
        else:
            with scratch_folder() as folder:
                counts, encoded = counted(paths, folder / "corpus", chosen, bars)
        bars("writing counts", 0, 1, "files")
        counts.save(out, compression=compression)
        bars("writing counts", 1, 1, "files")
    tell_notes(encoded.notes)
    tell_counts(counts, encoded.record)
    wrote("Counts", out)
    if corpus is not None:
        wrote("Corpus", corpus)


def counted(
    text: list[Path],
    folder: Path,
    chosen: dict[str, Any],
    bars: Bars,
    *,
    before_replacing: Callable[[], None] | None = None,
    standing: Callable[[Corpus, Window], Counts | None] | None = None,
) -> tuple[Counts, Corpus]:
    """Encode `text` into `folder` and count it, with the options of the command line.

    Parameters
    ----------
    text : list of Path
        Files and folders of text.
    folder : Path
        Folder of the encoded corpus, used again where it fits.
    chosen : dict
        Options of the command by name.
    bars : Bars
        Shows the progress.
    before_replacing : callable, optional
        Called when the text is encoded, before a corpus in `folder` is replaced.
    standing : callable, optional
        Gives the counts of a corpus and a window where they are there already.

    Returns
    -------
    Counts
        Counts of the text.
    Corpus
        The encoded text.

    Raises
    ------
    InputError
        Bad text, or options that do not fit it.
    """
    import repsearch
    from repsearch.corpus.corpus import CorpusSettings
    from repsearch.corpus.phrases import Phrases
    from repsearch.corpus.word_file import read_words
    from repsearch.counts.counting import check_memory

    window = counting_options.window_of(chosen)
    memory = options.bytes_of(chosen["memory"])
    phrases = chosen.get("phrases")
    size, d = chosen["vocabulary"], chosen.get("d")
    named = None if size is None or isinstance(size, int) else read_words(size)
    if named is not None and chosen["min_count"] > 1:
        raise InputError(
            f"--min-count chooses among words, but -V names them ({size}); leave one of them out"
        )
    if isinstance(size, int) and d is not None and d > size:
        raise InputError(f"-d {d:,} is more than the {size:,} words of -V; ask for fewer")
    known = size if named is None else len(named)
    if known is None or known > 0:
        check_memory(memory, known, window, chosen["threads"])
    source = options.text_source(text, chosen)
    encoded = repsearch.encode(
        source,
        folder,
        settings=CorpusSettings(
            vocabulary_size=size if isinstance(size, int) else "auto",
            min_count=chosen["min_count"],
            min_document_length=chosen["min_length"],
            out_of_vocabulary=chosen["oov"],
        ),
        vocabulary=named,
        tokenizer=chosen["tokenizer"],
        phrases=None if phrases is None else Phrases.open(phrases),
        stop_words=counting_options.stop_words_of(chosen.get("stop_words")),
        progress=bars,
        before_replacing=before_replacing,
    )
    if d is not None and d > len(encoded.words):
        raise InputError(
            f"-d {d:,} is more than the {len(encoded.words):,} words of the text; ask for fewer"
        )
    if standing is not None and (there := standing(encoded, window)) is not None:
        return there, encoded
    counts = repsearch.count(
        encoded,
        window,
        memory=memory,
        threads=chosen["threads"],
        scratch=folder.parent,
        progress=bars,
    )
    return counts, encoded

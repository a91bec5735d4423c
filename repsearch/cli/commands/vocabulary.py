"""Write the words of a text with their counts: ``repsearch vocabulary``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from repsearch.cli import counting_options, options
from repsearch.cli.answer import give, say, tell_notes, wrote

if TYPE_CHECKING:
    from repsearch.corpus.vocabulary import Vocabulary

Size = Annotated[
    int | None,
    typer.Option(
        "--vocabulary",
        "-V",
        help="How many words to keep, the most frequent ones; all by default.",
        show_default=False,
    ),
]


def vocabulary(
    text: options.TextPaths,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write.", callback=options.tried_file),
    ] = Path("vocabulary.tsv"),
    size: Size = None,
    tokenizer: options.TokenizerName = "latin",
    phrases: counting_options.PhraseFile = None,
    stop_words: counting_options.StopWords = None,
    min_count: options.MinCount = 1,
    min_length: options.MinLength = 1,
    document: options.Document = "line",
    field: options.Field = None,
    bad_bytes: options.BadBytes = "stop",
) -> None:
    """Write the words of a text with how often each occurs, for counting in shards.

    One file a shard, all words in it; 'repsearch merge A.tsv B.tsv -V 10000 --out words.tsv' adds
    them up and chooses, 'repsearch count SHARD -V words.tsv' counts each shard over the same words,
    and 'repsearch merge A.npz B.npz --out counts.npz' adds up the counts, to those of the whole.
    """
    import repsearch
    from repsearch.cli.bars import Bars
    from repsearch.corpus.corpus import CorpusSettings
    from repsearch.corpus.phrases import Phrases
    from repsearch.corpus.vocabulary import Vocabulary
    from repsearch.storage.leftovers import scratch_folder

    source = options.text_source(
        text, {"document": document, "field": field, "words": None, "bad_bytes": bad_bytes}
    )
    with Bars() as bars, scratch_folder() as folder:
        encoded = repsearch.encode(
            source,
            folder / "corpus",
            settings=CorpusSettings(vocabulary_size=None, min_document_length=min_length),
            tokenizer=tokenizer,
            phrases=None if phrases is None else Phrases.open(phrases),
            stop_words=counting_options.stop_words_of(stop_words),
            progress=bars,
        )
        found = Vocabulary.of(encoded).leading(size, min_count=min_count)
    found.save(out)
    tell_notes(encoded.notes)
    tell_words(found)
    wrote("Vocabulary", out)


def tell_words(found: Vocabulary) -> None:
    """Say how many words a vocabulary has.

    Parameters
    ----------
    found : Vocabulary
        Words with their counts.
    """
    occurrences = int(found.counts.sum())
    say(f"{len(found.words):,} words, {occurrences:,} occurrences")
    give(words=len(found.words), occurrences=occurrences)

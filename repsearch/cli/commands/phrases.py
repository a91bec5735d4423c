"""Find the phrases of a text, to be counted as words: ``repsearch phrases``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from repsearch.cli import counting_options, options
from repsearch.cli.answer import give, say, wrote

_SHOWN = 5


def phrases(
    text: options.TextPaths,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write.", callback=options.tried_file),
    ] = Path("phrases.tsv"),
    min_count: Annotated[int, typer.Option(help="Least number of times that a pair occurs.")] = 5,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="A phrase has a larger score; 0.5 by default, or 10 with --scoring default.",
            show_default=False,
        ),
    ] = None,
    scoring: Annotated[
        Literal["npmi", "default"],
        typer.Option(
            help="Normalised pointwise mutual information, from -1 to 1; or gensim's default score."
        ),
    ] = "npmi",
    tokenizer: options.TokenizerName = "latin",
    stop_words: Annotated[
        Any,
        typer.Option(
            "--stop-words",
            help="No phrase has a word of this file, one a line, or one of so many of the most "
            "frequent words.",
            show_default=False,
            parser=options.size_or_file,
            metavar="<int|path>",
        ),
    ] = None,
    document: options.Document = "line",
    field: options.Field = None,
    bad_bytes: options.BadBytes = "stop",
) -> None:
    """Find pairs of words that are one phrase, such as "new york", in a text.

    'repsearch count TEXT --phrases phrases.tsv' counts each as one word, new_york. The file has a
    phrase a line with its count and score: lines may be taken out or added. Give the same
    file for every shard of a text.
    """
    from repsearch.cli.bars import Bars
    from repsearch.corpus.phrases import learn_phrases

    source = options.text_source(
        text, {"document": document, "field": field, "words": None, "bad_bytes": bad_bytes}
    )
    stopped = counting_options.stop_words_of(stop_words)
    with Bars() as bars:
        found = learn_phrases(
            source,
            tokenizer=tokenizer,
            min_count=min_count,
            threshold=threshold,
            scoring=scoring,
            stop_words=stopped,
            progress=bars,
        )
    found.save(out)
    first = ", ".join(" ".join(pair) for pair in found.pairs[:_SHOWN])
    more = ", ..." if len(found.pairs) > _SHOWN else ""
    say(f"{len(found.pairs):,} phrases: {first}{more}")
    give(phrases=len(found.pairs))
    wrote("Phrases", out)

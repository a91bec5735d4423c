"""Add up what was counted of several texts: ``repsearch merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.commands.vocabulary import Size
from repsearch.errors import InputError

_ZIP = b"PK"


def merge(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Counts files over the same words, or vocabulary files.", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="File to write.", callback=options.tried_file),
    ],
    size: Size = None,
    min_count: options.MinCount = 1,
) -> None:
    """Add up counts of several texts, or their vocabularies, exactly.

    The order of the files makes no difference. Counts must be over the same words ('repsearch
    vocabulary' says how), with the same window and tokeniser; a text given twice is refused.
    """
    kinds = {_is_counts(path) for path in files}
    if len(kinds) > 1:
        raise InputError(
            "some of these are counts and some are not; merge counts and vocabularies apart"
        )
    console = Console(highlight=False, markup=False)
    if kinds == {False}:
        from repsearch.corpus.vocabulary import Vocabulary, merge_vocabularies

        words = merge_vocabularies(Vocabulary.open(path) for path in files)
        words = words.leading(size, min_count=min_count)
        words.save(out)
        console.print(f"{len(words.words):,} words, {int(words.counts.sum()):,} occurrences")
        console.print(f"Vocabulary: {out.resolve()}", soft_wrap=True)
        return
    if size is not None or min_count != 1:
        raise InputError(
            "-V and --min-count choose among words; counts have theirs: leave them out"
        )
    import repsearch

    counts = repsearch.merge(repsearch.Counts.open(path) for path in files)
    counts.save(out)
    console.print(repr(counts), soft_wrap=True)
    console.print(f"Counts: {out.resolve()}", soft_wrap=True)


def _is_counts(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == _ZIP
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None

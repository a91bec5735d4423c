"""Add up what was counted of several texts: ``repsearch merge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, wrote
from repsearch.cli.commands.vocabulary import Size, tell_words
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
    if kinds == {False}:
        from repsearch.corpus.vocabulary import Vocabulary, merge_vocabularies

        words = merge_vocabularies(Vocabulary.open(path) for path in files)
        words = words.leading(size, min_count=min_count)
        words.save(out)
        tell_words(words)
        wrote("Vocabulary", out)
        return
    if size is not None or min_count != 1:
        raise InputError(
            "-V and --min-count choose among words; counts have theirs: leave them out"
        )
    import repsearch

    counts = repsearch.merge(repsearch.Counts.open(path) for path in files)
    counts.save(out)
    say(repr(counts))
    give(words=len(counts.words), tokens=counts.n_tokens, density=counts.density)
    wrote("Counts", out)


def _is_counts(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == _ZIP
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check the path") from None

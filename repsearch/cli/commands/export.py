"""Write embeddings of a run, a spectrum or a file in another format: ``repsearch export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, say, tell_notes, wrote
from repsearch.cli.given import SOURCE, TIME, embeddings_of
from repsearch.cli.opened import FORMAT, UNDECODABLE, WORD_LIST, Format
from repsearch.embeddings.formats.contents import Undecodable


def export(
    source: Annotated[Path, typer.Argument(help=SOURCE, show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="File to write, whose suffix tells the format: .vec and .txt (word2vec text), "
            ".bin, .glove, .safetensors, .npz or .tsv; .gz after those of text.",
            callback=options.tried_file,
        ),
    ] = Path("embeddings.vec"),
    time: Annotated[float | None, typer.Option(help=TIME, show_default=False)] = None,
    words: Annotated[
        int | None,
        typer.Option(help="Only so many of the most frequent words.", min=1, show_default=False),
    ] = None,
    d: Annotated[
        int | None,
        typer.Option("--d", "-d", help="Only so many leading columns.", min=1, show_default=False),
    ] = None,
    format: Annotated[Format | None, typer.Option(help=FORMAT, show_default=False)] = None,
    word_list: Annotated[Path | None, typer.Option(help=WORD_LIST, show_default=False)] = None,
    undecodable: Annotated[Undecodable, typer.Option(help=UNDECODABLE)] = "strict",
) -> None:
    """Write embeddings of a run at a time, of a spectrum or of a file, in another format.

    Of a run the snapshot nearest to --time is taken, the last by default.
    """
    import numpy as np

    from repsearch import Embeddings
    from repsearch.cli.bars import Bars
    from repsearch.embeddings.formats import format_to_write

    chosen = format_to_write(out)  # says now that there is no such format
    with Bars() as bars:
        vectors = embeddings_of(source, time, format, word_list, undecodable)
        if words is not None:
            vectors = vectors.restrict(vectors.words[:words])
        if d is not None:
            vectors = vectors.truncate(d)
        if chosen.name == "word2vec-binary" and vectors.vectors.dtype != np.float32:
            tell_notes(
                ["numbers are rounded to float32, for word2vec's binary format has no others"]
            )
            vectors = Embeddings(vectors.words, vectors.vectors.astype(np.float32), vectors.name)
        bars("writing", 0, 1, "files")
        vectors.save(out)
        bars("writing", 1, 1, "files")
    say(repr(vectors))
    give(name=vectors.name, words=len(vectors), d=vectors.dimension, format=chosen.name)
    wrote("Embeddings", out)

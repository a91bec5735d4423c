"""Write words for viewers of large vocabularies: ``repsearch atlas``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repsearch.cli import options
from repsearch.cli.answer import give, tell_notes, wrote
from repsearch.cli.given import SOURCE, TIME, embeddings_of
from repsearch.cli.opened import FORMAT, UNDECODABLE, WORD_LIST, Format
from repsearch.embeddings.formats.contents import Undecodable


def atlas(
    source: Annotated[Path, typer.Argument(help=SOURCE, show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            help="File to write: .parquet for embedding-atlas, or .tsv for TensorBoard's "
            "projector, with NAME-metadata.tsv beside it.",
            callback=options.tried_file,
        ),
    ] = Path("atlas.parquet"),
    neighbours: Annotated[
        int, typer.Option(help="Nearest words by cosine that are kept of each.", min=1)
    ] = 10,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="Look at all cosines; from 100,000 words on a graph finds neighbours otherwise, "
            "and it is said how many of the nearest it has (with usearch).",
        ),
    ] = False,
    time: Annotated[float | None, typer.Option(help=TIME, show_default=False)] = None,
    format: Annotated[Format | None, typer.Option(help=FORMAT, show_default=False)] = None,
    word_list: Annotated[Path | None, typer.Option(help=WORD_LIST, show_default=False)] = None,
    undecodable: Annotated[Undecodable, typer.Option(help=UNDECODABLE)] = "strict",
) -> None:
    """Write words with coordinates, topics and neighbours, for vocabularies beyond a page.

    Look at the Parquet file with 'embedding-atlas FILE --text word --x mode_1 --y mode_2
    --neighbors neighbors', or with '--vector vector' for a map by UMAP.
    """
    from probes.studies.atlas import atlas_of, check_suffix
    from repsearch.cli.bars import Bars

    check_suffix(out)  # says now that there is no such format, or no pyarrow
    with Bars() as bars:
        found = atlas_of(
            embeddings_of(source, time, format, word_list, undecodable),
            neighbours=neighbours,
            exact=exact,
            progress=bars,
        )
        files = found.save(out)
    tell_notes(found.notes)
    give(words=len(found.words), d=int(found.vectors.shape[1]))
    wrote("Atlas", *files)

"""``repsearch probe topics``: topics of a spectrum, and whether their words belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError


def topics(
    source: given.Source,
    counts: Annotated[
        Path | None,
        typer.Option(
            help="Counts file in which coherence is measured; the carried counts by default.",
            show_default=False,
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Encoded corpus ('count --corpus') instead of counts: for C_v and U_mass.",
            show_default=False,
        ),
    ] = None,
    measure: Annotated[
        Literal["npmi", "c_v", "u_mass"],
        typer.Option(help="NPMI; or C_v and U_mass, which need --corpus."),
    ] = "npmi",
    modes: Annotated[int, typer.Option(help="How many modes.")] = 10,
    words: Annotated[int, typer.Option(help="Words at each end.")] = 10,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Show the words at both ends of each mode, and how coherent they are beside chance."""
    import probes
    from probes.coherence import coherence
    from repsearch import Corpus, Counts, Spectrum
    from repsearch.data import carried_counts
    from repsearch.tables import write_table

    if corpus is not None and counts is not None:
        raise InputError("--counts and --corpus measure differently; give one of them")
    if corpus is None and measure != "npmi":
        raise InputError(f"{measure} counts windows or documents of a text; pass --corpus")
    opened = Spectrum.open(source) if Spectrum.is_at(source) else given.embeddings_of(source, None)
    table = probes.topics(opened, modes=range(1, modes + 1), words_per_end=words)
    if corpus is not None:
        found = coherence(table, Corpus.open(corpus), measure=measure, seed=seed)
    else:
        seen = carried_counts() if counts is None else Counts.open(counts)
        found = coherence(table, seen, measure=measure, seed=seed)
    console = Console(highlight=False, markup=False)
    console.print(table.text(max(console.width, 50)), soft_wrap=True)
    console.print(str(found), soft_wrap=True)
    if out is not None:
        write_table(table.table(), out, "topics")
        write_table(found.table(), out, "coherence")
        console.print(f"Tables: {out.resolve()}", soft_wrap=True)

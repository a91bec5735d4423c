"""``repsearch topics``: the words at both ends of each mode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

if TYPE_CHECKING:
    from repsearch import Embeddings, Spectrum


def topics(
    source: Annotated[
        Path,
        typer.Argument(help="Spectrum or embeddings file.", show_default=False),
    ],
    modes: Annotated[
        int | None,
        typer.Option(help="How many modes; ten, or all there are.", show_default=False),
    ] = None,
    words: Annotated[int, typer.Option(help="Words at each end.")] = 10,
    frequent: Annotated[
        int, typer.Option(help="Look only at so many of the most frequent words.")
    ] = 4000,
    normalise: Annotated[
        Literal["raw", "cosine"],
        typer.Option(help="Order by entries, or by cosine with the mode (the paper's figure 3)."),
    ] = "raw",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the table (CSV and JSON).")
    ] = None,
) -> None:
    """Show what each eigenvector is about: the words at both of its ends."""
    import probes
    from repsearch.tables import write_table

    table = probes.topics(
        _opened(source),
        modes=None if modes is None else range(1, modes + 1),
        words_per_end=words,
        frequent=frequent,
        normalise=normalise,
    )
    console = Console(highlight=False, markup=False)
    console.print(table.text(max(console.width, 50)), soft_wrap=True)
    if out is not None:
        write_table(table.table(), out, "topics")
        console.print(f"Table: {out.resolve()}", soft_wrap=True)


def _opened(path: Path) -> Spectrum | Embeddings:
    from repsearch import Embeddings, Spectrum

    return Spectrum.open(path) if Spectrum.is_at(path) else Embeddings.open(path)

"""``repsearch probe spiked``: each relation as a spike in a random matrix."""

from __future__ import annotations

from typing import Annotated, cast

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError


def spiked(
    source: given.Source,
    relations: given.RelationFile = None,
    families: given.Families = None,
    time: given.Time = None,
    d: Annotated[
        int | None,
        typer.Option("--d", "-d", help="Only the first columns; all by default.", min=2),
    ] = None,
    controls: Annotated[
        int, typer.Option(help="Families of random pairs of the same frequencies, for each.", min=0)
    ] = 20,
    keep_case: given.KeepCase = False,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Fit a common direction plus noise to each relation: spikes, strength, dimension, fit.

    Says where the model does not fit. How far its numbers can be trusted is in
    docs/calibration.md.
    """
    from probes.concepts import spiked_families
    from repsearch.cli.bars import Bars

    embeddings = given.embeddings_of(source, time)
    asked = given.relations_of(relations, families, keep_case=keep_case)
    with Bars() as bars:
        found = spiked_families(embeddings, asked, d=d, controls=controls, seed=seed, progress=bars)
    if not found.families and all("fewer" in reason for _, reason in found.left_out):
        raise InputError("no family has five pairs in the vocabulary; pass larger ones")
    console = Console(highlight=False, markup=False)
    console.print(repr(embeddings), soft_wrap=True)
    console.print(found.text(max(console.width, 60)), soft_wrap=True)
    if out is None:
        return
    from matplotlib.figure import Figure

    from probes.figures import plot_spiked_covariance, save_figure
    from repsearch.tables import write_table

    write_table(found.table(), out, "spiked")
    for one in found.families:
        figure = cast(Figure, plot_spiked_covariance(one.fit).get_figure(root=True))
        save_figure(figure, out, f"spiked-{one.coverage.family}")
    console.print(f"Files: {out.resolve()}", soft_wrap=True)

"""``repsearch probe concepts``: which relations are directions, how clean, and where they live."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def concepts(
    source: given.Source,
    relations: given.RelationFile = None,
    families: given.Families = None,
    time: given.Time = None,
    permutations: Annotated[
        int, typer.Option(help="Draws of the null: the order within pairs means nothing.")
    ] = 999,
    controls: Annotated[
        int, typer.Option(help="Families of random pairs of the same frequencies, for each.", min=0)
    ] = 50,
    keep_case: given.KeepCase = False,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Look for the direction of each relation, and for the angles between them.

    A relation is called a direction where pairs held out are ordered by the others'
    direction better than chance (p < 0.05 after Holm's adjustment).
    """
    from probes.concepts import FEWEST_FOR_ANGLES, concept_angles, profiles
    from repsearch.cli.bars import Bars

    embeddings = given.embeddings_of(source, time)
    asked = given.relations_of(relations, families, keep_case=keep_case)
    with Bars() as bars:
        found = profiles(
            embeddings,
            asked,
            permutations=permutations,
            controls=controls,
            seed=seed,
            progress=bars,
        )
    judged = [one.coverage for one in found.profiles]
    enough = [one for one in judged if len(one.components) >= FEWEST_FOR_ANGLES]
    angles = concept_angles(embeddings, asked, seed=seed) if len(enough) > 1 else None
    console = Console(highlight=False, markup=False)
    console.print(repr(embeddings), soft_wrap=True)
    console.print(found.text(max(console.width, 60)), soft_wrap=True)
    if angles:
        for line in angles.findings():
            console.print(textwrap.fill(line, max(console.width, 60)), soft_wrap=True)
    if out is None:
        return
    from probes.figures import plot_concept_angles, plot_localisation
    from repsearch.storage.tables import write_table

    write_table(found.table(), out, "concepts")
    if angles:
        write_table(angles.table(), out, "angles")
        _drawn(plot_concept_angles(angles), out, "angles")
    for profile in found.profiles:
        axes = plot_localisation(profile.localisation)
        _drawn(axes, out, f"modes-{profile.coverage.family}")
    console.print(f"Files: {out.resolve()}", soft_wrap=True)


def _drawn(axes: Axes, out: Path, name: str) -> None:
    from probes.figures import save_figure

    figure = axes.get_figure(root=True)
    assert figure is not None
    save_figure(figure, out, name)

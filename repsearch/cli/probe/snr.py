"""``repsearch probe snr``: signal against noise of each relation, by the number of columns."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from repsearch.cli import options
from repsearch.cli.probe import source as given
from repsearch.errors import InputError


def snr(
    source: given.Source,
    relations: given.RelationFile = None,
    families: given.Families = None,
    time: given.Time = None,
    accuracy: Annotated[
        bool,
        typer.Option(
            help="Score analogies at each number of columns as well; minutes with many words."
        ),
    ] = True,
    keep_case: given.KeepCase = False,
    out: given.Out = None,
    seed: options.Seed = 0,
) -> None:
    """Measure how much of each relation's differences is common, column by column.

    The share of the common direction in a squared difference is SNR / (1 + SNR): 1 for
    perfect analogies, about 0 without a relation, whatever the number of pairs.
    """
    from probes.concepts import (
        FEWEST_GROUPS,
        accuracy_curves,
        coverage,
        difference_vectors,
        on_principal_axes,
        snr_curve,
    )
    from probes.shared.text_table import fixed_width
    from repsearch.cli.bars import Bars

    embeddings = on_principal_axes(given.embeddings_of(source, time))
    asked = given.relations_of(relations, families, keep_case=keep_case)
    curves, left_out = [], []
    with Bars() as bars:
        covered = coverage(asked, embeddings).families
        for done, family in enumerate(covered):
            bars("signal", done, len(covered), "families")
            if len(family.components) < FEWEST_GROUPS:
                left_out.append(family.family)
                continue
            differences = difference_vectors(embeddings, family.pairs, name=family.family)
            curves.append(snr_curve(differences, seed=seed))
        bars("signal", len(covered), len(covered), "families")
    if not curves:
        raise InputError(
            f"no family has {FEWEST_GROUPS} groups of pairs without a common word; pass larger ones"
        )
    scores = {}
    if accuracy:
        names = [curve.family for curve in curves]
        with Bars() as bars:
            scores = accuracy_curves(
                embeddings, asked.select(names), curves[0].dims, seed=seed, progress=bars
            )
    console = Console(highlight=False, markup=False)
    console.print(repr(embeddings), soft_wrap=True)
    rows = []
    for curve in curves:
        best = curve.at_peak
        asked_best = [one for one in scores.get(curve.family, ()) if one is not None]
        rows.append(
            (
                curve.family[:24],
                f"{best.share.value:.2f} [{best.share.low:.2f}, {best.share.high:.2f}]",
                f"{best.p_value:.2g}",
                f"{curve.peak.value:.0f} [{curve.peak.low:.0f}, {curve.peak.high:.0f}]",
                f"{max(one.value for one in asked_best):.0%}" if asked_best else "-",
            )
        )
    head = ("family", "common share", "p", "at d", "best analogies")
    console.print(fixed_width(head, rows), soft_wrap=True)
    for name in left_out:
        console.print(f"{name}: too few pairs without a common word.", soft_wrap=True)
    if out is None:
        return
    from probes.figures import plot_snr_curves, save_figure
    from repsearch.storage.tables import write_table

    write_table([row for curve in curves for row in curve.table()], out, "snr")
    save_figure(plot_snr_curves(curves, scores or None), out, "snr")
    console.print(f"Files: {out.resolve()}", soft_wrap=True)

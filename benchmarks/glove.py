"""Test relations in GloVe's vectors and in the closed form, beside random pairs.

python -m benchmarks.glove glove.safetensors      print the tables of docs/any-embedding.md

Any other embeddings whose words are in the order of their frequency will do as well, and the
folder of a Hugging Face model.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import repsearch as rs
from probes import Relations, google_relations
from probes.concepts import (
    FEWEST_GROUPS,
    PAPER_DIMS,
    coverage,
    difference_vectors,
    matched_pairs,
    on_principal_axes,
    project_out,
    signal,
    snr_curve,
    whitened,
)
from probes.shared.wording import with_interval
from repsearch.data import carried_counts
from repsearch.embeddings.huggingface import huggingface_embeddings, is_model_folder
from repsearch.parallel import one_blas_thread

CONTROLS = 199
COLUMNS = 100
LEVEL = 0.05


@dataclass(frozen=True)
class Row:
    """One family in one embedding."""

    pairs: int
    share: float
    control: float
    p_value: float
    found: float
    peak: str


@one_blas_thread()
def rows(embeddings: rs.Embeddings, relations: Relations) -> dict[str, Row]:
    """Measure each family with enough pairs, and random families matched to it."""
    turned = on_principal_axes(embeddings)
    dims = (*(d for d in PAPER_DIMS if d < turned.dimension), turned.dimension)
    found = {}
    for family in coverage(relations.within(turned), turned).families:
        if len(family.components) < FEWEST_GROUPS:
            continue
        differences = difference_vectors(turned, family.pairs, name=family.family)
        curve = snr_curve(differences, dims)
        drawn = [
            signal(difference_vectors(turned, pairs), permutations=199)
            for pairs in matched_pairs(turned, family.pairs, families=CONTROLS, seed=0)
        ]
        shares = np.array([one.share.value for one in drawn])
        share = curve.signals[-1].share.value
        peak = curve.peak
        found[family.family] = Row(
            len(family.pairs),
            share,
            float(shares.mean()),
            float((1 + np.count_nonzero(shares >= share)) / (1 + CONTROLS)),
            float(np.mean([one.p_value <= LEVEL for one in drawn])),
            with_interval(peak, ".0f"),
        )
    return found


def by_family(
    glove: Mapping[str, Row],
    without: Mapping[str, Row],
    theory: Mapping[str, Row],
    same: Mapping[str, Row],
) -> str:
    """The first table, in Markdown."""
    head = "family | pairs | share | random | p | peak d | without mode 1 "
    head += "| M*: pairs | share | random | p | peak d | share on M*'s pairs"
    lines = [f"| {head} |", "|---" * 13 + "|"]
    for family, row in glove.items():
        cells = [family, *_cells(row), without[family].peak]
        if family in theory:
            cells += [*_cells(theory[family]), f"{same[family].share:.2f}"]
        else:
            cells += ["-"] * 6
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    numbers = (
        f"{abs(one):.2f}" if abs(one) < 0.005 else f"{one:.2f}" for one in (row.share, row.control)
    )
    return (f"{row.pairs}", *numbers, f"{row.p_value:.3f}", row.peak)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glove")
    parser.add_argument(
        "file", type=Path, help="embeddings, the most frequent word first, or a model's folder"
    )
    path = parser.parse_args().file
    given = huggingface_embeddings(path) if is_model_folder(path) else rs.Embeddings.open(path)
    relations = google_relations()
    closed = rs.eigenpairs(rs.mstar(carried_counts()), d=COLUMNS).embeddings()
    first = np.linalg.eigh(given.vectors.T.astype(float) @ given.vectors)[1][:, -1]
    glove, theory = rows(given, relations), rows(closed, relations)
    without = rows(project_out(given, first), relations)
    print(by_family(glove, without, theory, rows(given, relations.within(closed))))
    rank = np.log(np.arange(1, len(given) + 1))
    likeness = abs(np.corrcoef(given.vectors @ first, rank)[0, 1])
    print(f"\nfirst mode and logarithm of the rank: r = {likeness:.2f}\n")
    print("| embeddings | random families with a direction at 0.05 |\n|---|---|")
    for name, measured in {
        "as they are": glove,
        "without mode 1": without,
        "causal inner product": rows(whitened(given), relations),
        "closed form": theory,
    }.items():
        print(f"| {name} | {np.mean([row.found for row in measured.values()]):.0%} |")


if __name__ == "__main__":
    main()

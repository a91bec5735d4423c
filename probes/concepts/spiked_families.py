"""The spiked model fitted to every relation, beside random pairs of the same frequencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probes.concepts.control import matched_pairs
from probes.concepts.coverage import FamilyCoverage, coverage
from probes.concepts.differences import difference_vectors, on_principal_axes
from probes.random_matrix import SpikedCovariance, fit_spiked_covariance
from probes.random_matrix.gram import gram
from probes.random_matrix.mean_shift import sign_test
from probes.relations import Relations
from probes.text_table import fixed_width
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent

FEWEST_PAIRS = 5
"""Below this no test of eigenvalues exists."""
_LEVEL = 0.05


@dataclass(frozen=True)
class SpikedFamily:
    """One relation.

    Parameters
    ----------
    coverage : FamilyCoverage
    fit : SpikedCovariance
    control_p_values : tuple of float
        p-values of the mean in families of random pairs, each word replaced by one of about its
        frequency; they are uniform if the test finds nothing there but chance.
    """

    coverage: FamilyCoverage
    fit: SpikedCovariance
    control_p_values: tuple[float, ...]

    @property
    def control_rate(self) -> float:
        """Share of the control families in which a direction is found at 0.05; NaN for none."""
        found = np.array(self.control_p_values)
        return float(np.mean(found <= _LEVEL)) if len(found) else float("nan")

    @property
    def independent(self) -> bool:
        """Whether no two pairs share a word, as the model takes for granted."""
        return len(self.coverage.components) == len(self.coverage.pairs)


@dataclass(frozen=True)
class SpikedFamilies:
    """All relations of a collection; `left_out` have fewer than five pairs.

    Parameters
    ----------
    families : tuple of SpikedFamily
    left_out : tuple of str
    """

    families: tuple[SpikedFamily, ...]
    left_out: tuple[str, ...]

    @property
    def control_rate(self) -> float:
        """Share of all control families in which a direction is found at 0.05."""
        found = [p for one in self.families for p in one.control_p_values]
        return float(np.mean(np.array(found) <= _LEVEL)) if found else float("nan")

    def table(self) -> list[dict[str, str | float | None]]:
        """Rows for a CSV or JSON file: one for each quantity of each family."""
        return [
            {"family": one.coverage.family, **row}
            for one in self.families
            for row in one.fit.to_rows()
        ]

    def __str__(self) -> str:
        rows = [
            (
                one.coverage.family[:22] + ("" if one.independent else " *"),
                f"{len(one.coverage.pairs)}",
                "/".join(f"{found.count}" for found in one.fit.counts),
                f"{one.fit.strength.value:.3g} [{one.fit.strength.low:.3g}, "
                f"{one.fit.strength.high:.3g}]",
                f"{one.fit.effective_dimension.value:.0f}",
                f"{one.fit.mean_p_value:.2g}",
                f"{one.fit.fit.p_value:.2g}",
            )
            for one in self.families
        ]
        head = ("family", "N", "spikes", "strength", "d_eff", "p mean", "p fit")
        methods = ", ".join(found.method for found in self.families[0].fit.counts)
        lines = [fixed_width(head, rows), f"spikes by {methods}"]
        if any(not one.independent for one in self.families):
            lines.append("* pairs share words, which the model does not know of")
        lines += [f"{name}: fewer than {FEWEST_PAIRS} pairs" for name in self.left_out]
        if not np.isnan(self.control_rate):
            number = sum(len(one.control_p_values) for one in self.families)
            lines.append(
                f"{number} random families of the same frequencies: a direction is found in "
                f"{self.control_rate:.1%}, at a level of {_LEVEL:.0%}"
            )
        return "\n".join(lines)


def spiked_families(
    embeddings: Embeddings,
    relations: Relations,
    *,
    d: int | None = None,
    controls: int = 20,
    seed: int = 0,
    progress: Progress = silent,
) -> SpikedFamilies:
    """Fit a mean plus noise to the difference vectors of every family.

    Parameters
    ----------
    embeddings : Embeddings
        Turned onto their principal axes, along which the noise is.
    relations : Relations
    d : int, optional
        Use the first d columns; all by default.
    controls : int
        Families of random pairs for each.
    seed : int
    progress : Progress

    Raises
    ------
    InputError
        No pair has both words in the vocabulary, or d is out of range.
    """
    turned = on_principal_axes(embeddings)
    covered = coverage(relations.within(turned), turned).families
    usable = [family for family in covered if len(family.pairs) >= FEWEST_PAIRS]
    found = []
    for done, family in enumerate(usable):
        progress("spiked model", done, len(usable), "families")
        rows = _rows(turned, family.pairs, d)
        drawn = matched_pairs(turned, family.pairs, families=controls, seed=seed)
        chance = tuple(sign_test(gram(_rows(turned, p, d)), draws=999, seed=seed) for p in drawn)
        found.append(SpikedFamily(family, fit_spiked_covariance(rows, seed=seed), chance))
    progress("spiked model", len(usable), len(usable), "families")
    left_out = tuple(family.family for family in covered if family not in usable)
    return SpikedFamilies(tuple(found), left_out)


def _rows(
    embeddings: Embeddings, pairs: Sequence[tuple[str, str]], d: int | None
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    differences = difference_vectors(embeddings, pairs)
    return (differences if d is None else differences.first(d)).vectors

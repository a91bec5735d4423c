"""Everything about one relation at once: is there a direction, how clean, and where it lives."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from probes.concepts.coverage import FamilyCoverage, coverage
from probes.concepts.differences import difference_vectors
from probes.concepts.directions.held_out import HeldOut, held_out
from probes.concepts.localisation import Localisation, localise
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, Signal, signal
from probes.relations.relations import Relations
from probes.shared.intervals import Interval
from probes.shared.text_table import fixed_width
from repsearch.embeddings import Embeddings
from repsearch.progress import Progress, silent

LEVEL = 0.05
"""p-values below this, after Holm's adjustment, are called findings."""
_MODES = 3
_NAMED_MODES, _WORDS = 12, 3  # with topics, as many as a figure shows
_MOST_COLUMNS = 100  # the paper's number for localisation


@dataclass(frozen=True)
class ConceptProfile:
    """One relation in one embedding.

    Parameters
    ----------
    coverage : FamilyCoverage
    signal : Signal
        Share of the common direction in the differences.
    held_out : HeldOut
        Pairs ordered by the direction of the others.
    localisation : Localisation
        On the modes of the embedding.
    adjusted : float
        p-value of the held-out accuracy, adjusted for the number of families (Holm 1979).
    """

    coverage: FamilyCoverage
    signal: Signal
    held_out: HeldOut
    localisation: Localisation
    adjusted: float

    @property
    def found(self) -> bool:
        """Whether there is a direction: held-out pairs are ordered better than by chance."""
        return self.adjusted < LEVEL

    @property
    def selective(self) -> bool:
        """Whether held-out pairs are ordered better than random ones; True without a control."""
        found = self.held_out.selectivity
        return found is None or found.low > 0

    def finding(self) -> str:
        """One finding in plain words."""
        name, share = self.coverage.family, self.signal.share
        if not self.found:
            return (
                f"{name}: no direction that can be told from chance (held-out pairs ordered "
                f"rightly {self.held_out.accuracy.value:.0%}, p {self.held_out.p_value:.2g} "
                f"before and {self.adjusted:.2g} after adjustment)."
            )
        modes = ", ".join(
            f"{mode} ({self.localisation.shares[mode - 1].value:.0%})"
            for mode in self.localisation.leading(_MODES)
        )
        beyond = self.localisation.p_value < LEVEL
        place = "It sits on few modes" if beyond else "It is spread over modes as chance would"
        if not self.selective:
            ordered = sum(self.held_out.control) / len(self.held_out.control)
            place = (
                f"Random pairs of the same frequencies are ordered as well ({ordered:.0%}): it may "
                f"be a direction of frequency. {place}"
            )
        return (
            f"{name}: a direction; {share.value:.0%} [{max(share.low, 0):.0%}, {share.high:.0%}] "
            f"of a squared difference is common to the pairs, and "
            f"{self.held_out.accuracy.value:.0%} of held-out pairs are ordered rightly "
            f"(p {self.adjusted:.2g}). {place}: most on {modes}."
        )


@dataclass(frozen=True)
class ConceptProfiles:
    """All relations of a collection.

    Parameters
    ----------
    profiles : tuple of ConceptProfile
    left_out : mapping as tuple of (str, str)
        Families that cannot be judged, each with the reason.
    permutations : int
        Draws of the null.
    """

    profiles: tuple[ConceptProfile, ...]
    left_out: tuple[tuple[str, str], ...]
    permutations: int

    def table(self) -> list[dict[str, str | int | float | None]]:
        """Rows for a CSV or JSON file, one a family."""
        return [
            {
                "family": one.coverage.family,
                "pairs": len(one.coverage.pairs),
                "pairs_in_file": one.coverage.pairs_in_file,
                "share": one.signal.share.value,
                "share_low": one.signal.share.low,
                "share_high": one.signal.share.high,
                "share_null_95": one.signal.null_95,
                "held_out": one.held_out.accuracy.value,
                "held_out_low": one.held_out.accuracy.low,
                "held_out_high": one.held_out.accuracy.high,
                "p_value": one.held_out.p_value,
                "adjusted": one.adjusted,
                "found": one.found,
                "selectivity": _end(one.held_out.selectivity, "value"),
                "selectivity_low": _end(one.held_out.selectivity, "low"),
                "selectivity_high": _end(one.held_out.selectivity, "high"),
                "ipr": one.localisation.ipr.value,
                "ipr_p_value": one.localisation.p_value,
                "modes": " ".join(str(mode) for mode in one.localisation.leading(_MODES)),
            }
            for one in self.profiles
        ]

    def text(self, width: int = 80) -> str:
        """A table, then a line in plain words for each family, wrapped at `width`."""
        rows = [
            (
                one.coverage.family[:24],
                f"{len(one.coverage.pairs)}",
                f"{one.signal.share.value:.2f} [{one.signal.share.low:.2f}, "
                f"{one.signal.share.high:.2f}]",
                f"{one.held_out.accuracy.value:.0%}",
                f"{one.adjusted:.2g}",
                " ".join(str(mode) for mode in one.localisation.leading(_MODES)),
            )
            for one in self.profiles
        ]
        head = ("family", "pairs", "common share", "held out", "p", "modes")
        findings = [one.finding() for one in self.profiles]
        findings += [f"{name}: {reason}" for name, reason in self.left_out]
        least = len(self.profiles) / (self.permutations + 1)
        if any(one.adjusted <= least < 1 for one in self.profiles):
            findings.append(
                f"p = {least:.2g} is the least that {self.permutations} permutations and "
                f"{len(self.profiles)} relations allow."
            )
        return "\n".join(
            [fixed_width(head, rows), "", *(textwrap.fill(f, width) for f in findings)]
        )

    def __str__(self) -> str:
        return self.text()


def profiles(
    embeddings: Embeddings,
    relations: Relations,
    *,
    permutations: int = 999,
    controls: int = 50,
    seed: int = 0,
    progress: Progress = silent,
) -> ConceptProfiles:
    """Look for the direction of every family, on the embedding's principal axes.

    Parameters
    ----------
    embeddings : Embeddings
        Of any origin. They are turned onto their principal axes, which changes no
        distance; those of a spectrum lie there already.
    relations : Relations
    permutations : int
        Draws of the null of held-out accuracy; its least p-value is 1 / (permutations + 1).
    controls : int
        Families of random pairs of the same frequencies for each; 0 for none.
    seed : int
    progress : Progress

    Raises
    ------
    InputError
        No pair has both words in the vocabulary, or this is too small for controls.
    """
    turned = on_principal_axes(embeddings)
    relations.within(turned)  # refuses a vocabulary without a single pair
    covered = coverage(relations, turned)
    made: list[tuple[FamilyCoverage, Signal, HeldOut, Localisation]] = []
    left_out: list[tuple[str, str]] = []
    for done, family in enumerate(covered.families):
        progress("concepts", done, len(covered.families), "families")
        groups = len(family.components)
        if groups < FEWEST_GROUPS:
            left_out.append(
                (
                    family.family,
                    f"{groups} groups of pairs without a common word; too few to judge.",
                )
            )
            continue
        differences = difference_vectors(turned, family.pairs, name=family.family)
        held = held_out(
            turned,
            family.pairs,
            name=family.family,
            permutations=permutations,
            controls=controls,
            seed=seed,
        )
        columns = min(_MOST_COLUMNS, turned.dimension)
        place = localise(
            differences,
            d=columns,
            source=turned,
            modes=_NAMED_MODES,
            words_per_end=_WORDS,
            seed=seed,
        )
        made.append((family, signal(differences, seed=seed), held, place))
    progress("concepts", len(covered.families), len(covered.families), "families")
    adjusted = _holm([held.p_value for _, _, held, _ in made])
    found = tuple(
        ConceptProfile(family, measured, held, place, p)
        for (family, measured, held, place), p in zip(made, adjusted, strict=True)
    )
    return ConceptProfiles(found, tuple(left_out), permutations)


def _holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted so that one false finding among all has the level's probability."""
    order = sorted(range(len(p_values)), key=lambda k: p_values[k])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[k]))
        adjusted[k] = largest
    return adjusted


def _end(found: Interval | None, which: Literal["value", "low", "high"]) -> float | None:
    return None if found is None else float(getattr(found, which))

"""Lay out a page for each relation: its verdict, its curves, its words, its pairs in the plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.concepts.profile import ConceptProfile
from probes.drawing.labels import family_label, label_and_name
from probes.emergence import FamilyEmergence
from probes.relations.relations import Pair
from probes.report.concepts import Concepts
from probes.report.learning import Learning
from probes.report.numbers import in_steps, listed_numbers, with_ends
from probes.report.wording import percent, percent_range, signed
from probes.shared.wording import counted
from repsearch.embeddings.neighbours import unit_rows
from repsearch.parallel import one_blas_thread
from repsearch.storage.visible import visible

Real = NDArray[np.float64]
_WORDS = 15
_EXAMPLES = 3
_FREQUENT = 4000
_DIGITS = 2


def concept_pages(concepts: Concepts, learning: Learning | None) -> list[dict[str, Any]]:
    """Lay out what is known of each relation that could be tested.

    Parameters
    ----------
    concepts : Concepts
        What was asked.
    learning : Learning or None
        The closed form; without it there are no words and no plane.

    Returns
    -------
    list of dict
        What JSON can hold, one for each family: texts for the page, ``curves`` and ``plane`` for
        its script.
    """
    pages = []
    for family, profile in concepts.profiles.items():
        page = {
            "family": family,
            "label": family_label(family),
            "verdict": verdict(profile),
            "summary": profile.summary().removeprefix(f"{label_and_name(family)}: "),
            "examples": [list(pair) for pair in profile.coverage.pairs[:_EXAMPLES]],
            "facts": _facts(profile, concepts, family),
            "by_dimension": _by_dimension(concepts, family),
            "over_time": _over_time(_followed(concepts, family)),
            "words": None,
            "plane": None,
        }
        if learning is not None:
            page |= _placed(learning, profile.coverage.pairs)
        pages.append(page)
    return pages


def verdict(profile: ConceptProfile) -> str:
    """Say in a few words whether there is a direction.

    Parameters
    ----------
    profile : ConceptProfile
        Of one relation.

    Returns
    -------
    str
        As the tables decide it: found after Holm's adjustment, and told from random pairs.
    """
    if not profile.found:
        pairs = counted(profile.signal.groups, "independent pair")
        if profile.smallest is None:
            return f"too few pairs to tell ({pairs})"
        return f"not told from chance with {pairs}"
    if not profile.held_out.control:
        return "a direction, not held against random pairs"
    if profile.undecided:
        return "a direction, held against too few random pairs to tell it from frequency"
    return "a direction" if profile.selective else "a direction, perhaps of frequency"


def _facts(profile: ConceptProfile, concepts: Concepts, family: str) -> list[list[str]]:
    """Rows of a small table: what, the number, and its interval or what it means."""
    held, share = profile.held_out, profile.signal.share
    rows = [
        [
            "held-out pairs ordered rightly",
            f"{percent(held.accuracy.value)} %",
            f"{percent_range(held.accuracy)}; 50 by chance, p = {profile.adjusted:.2g} after "
            "Holm’s adjustment",
        ]
    ]
    if held.control:
        ordered = sum(held.control) / len(held.control)
        rows.append(
            [
                "random pairs of the same frequencies",
                f"{percent(ordered)} %",
                f"ordered rightly in the mean of {len(held.control)} such families; as well as "
                f"this one with p = {profile.control_adjusted:.2g}",
            ]
        )
    rows.append(
        [
            "common share of a difference",
            signed(share.value, _DIGITS),
            f"{signed(share.low, _DIGITS)} to {signed(share.high, _DIGITS)}; without a relation "
            f"below {signed(profile.signal.null_95, _DIGITS)} in 95 of 100 draws",
        ]
    )
    used, given = len(profile.coverage.pairs), profile.coverage.pairs_in_file
    rows.append(["pairs in the vocabulary", f"{used} of {given}", ""])
    best = _peak(concepts, family)
    if best:
        rows.append(best)
    followed = _followed(concepts, family)
    rise = None if followed is None else followed.rise("accuracy")
    if rise is not None:
        rows.append(
            [
                "half of the final accuracy is there from",
                f"t = {rise:.3g}",
                "read off the moments of the curve; no interval",
            ]
        )
    return rows


def _peak(concepts: Concepts, family: str) -> list[str]:
    curves = () if concepts.by_dimension is None else concepts.by_dimension.curves
    for curve in curves:
        if curve.family == family:
            peak, share = curve.peak, curve.at_peak.share
            return [
                "common share is largest in the first",
                f"{peak.value:.0f} columns",
                f"{peak.low:.0f} to {peak.high:.0f}; {signed(share.value, _DIGITS)} there, on the "
                f"high side as the largest of {len(curve.dims)} estimates",
            ]
    return []


def _followed(concepts: Concepts, family: str) -> FamilyEmergence | None:
    families = () if concepts.over_time is None else concepts.over_time.families
    return next((one for one in families if one.family == family), None)


def _by_dimension(concepts: Concepts, family: str) -> dict[str, Any] | None:
    curves = concepts.by_dimension
    for curve in () if curves is None else curves.curves:
        if curve.family == family:
            assert curves is not None
            scores = curves.accuracies.get(family, ())
            return {
                "at": list(curve.dims),
                "share": [with_ends(one.share) for one in curve.signals],
                "accuracy": [with_ends(one) for one in scores],
                "share_by_chance": listed_numbers(one.null_95 for one in curve.signals),
            }
    return None


def _over_time(followed: FamilyEmergence | None) -> dict[str, Any] | None:
    if followed is None:
        return None
    points = [row[-1] for row in followed.points]
    return {
        "at": listed_numbers(point.time for point in points),
        "share": [with_ends(point.of("share")) for point in points],
        "accuracy": [with_ends(point.of("accuracy")) for point in points],
        "share_by_chance": listed_numbers(point.by_chance("share") for point in points),
        "accuracy_by_chance": listed_numbers(point.by_chance("accuracy") for point in points),
        "too_few_dimensions": [point.too_few_dimensions for point in points],
    }


@one_blas_thread()
def _placed(learning: Learning, pairs: tuple[Pair, ...]) -> dict[str, Any]:
    """Words along the direction of the mean difference, and the pairs in its plane over time."""
    vectors = learning.spectrum.eigenvectors.astype(float)
    final = learning.singular_values[-1]
    row_of = {word: row for row, word in enumerate(learning.spectrum.words)}
    own = list(dict.fromkeys(word for pair in pairs for word in pair))
    rows = [row_of[word] for word in own]
    first, second = ([row_of[pair[side]] for pair in pairs] for side in (0, 1))
    direction = ((vectors[second] - vectors[first]) * final).mean(axis=0)
    length = float(np.linalg.norm(direction))
    if not length:
        return {}
    direction /= length
    axes = np.stack([direction, _across(vectors[rows] * final, direction)], axis=1)
    # (T, n, 2): a word's place at each moment, on axes that stay.
    places = np.einsum(
        "nk,tk,ka->tna", vectors[rows], learning.singular_values, axes, optimize=True
    )
    number = {word: n for n, word in enumerate(own)}
    return {
        "words": _along(learning, direction, set(own)),
        "plane": {
            "words": [visible(word) for word in own],
            "pairs": [[number[a], number[b]] for a, b in pairs],
            "across": in_steps(places[:, :, 0].T),
            "up": in_steps(places[:, :, 1].T),
            "reach": [
                listed_numbers([float(places[..., axis].min()), float(places[..., axis].max())])
                for axis in (0, 1)
            ],
        },
    }


def _across(rows: Real, direction: Real) -> Real:
    """The widest direction of words at right angles to another; its largest entry is positive."""
    rest = rows - np.outer(rows @ direction, direction)
    _, axes = np.linalg.eigh((rest - rest.mean(axis=0)).T @ (rest - rest.mean(axis=0)))
    found = axes[:, -1]
    return np.asarray(found * (1.0 if found[np.argmax(np.abs(found))] > 0 else -1.0))


def _along(learning: Learning, direction: Real, own: set[str]) -> dict[str, Any]:
    """Words that are in no pair and lie closest to either end of the direction in cosine."""
    words = learning.spectrum.words[:_FREQUENT]
    vectors = learning.spectrum.eigenvectors[: len(words)].astype(float)
    cosines = unit_rows(vectors * learning.singular_values[-1]) @ direction
    order = [row for row in np.argsort(-cosines, kind="stable").tolist() if words[row] not in own]
    # A word is at the end on whose side it lies.
    ends = {
        "second": [row for row in order if cosines[row] > 0][:_WORDS],
        "first": [row for row in reversed(order) if cosines[row] < 0][:_WORDS],
    }
    return {
        end: [
            {"word": visible(words[row]), "cosine": signed(cosines[row], 2, plus=True)}
            for row in rows
        ]
        for end, rows in ends.items()
    }

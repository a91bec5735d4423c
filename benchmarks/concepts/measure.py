"""Run all concept probes on the 14 relations, with the time of each stage."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import timed
from probes import Relations, google_relations
from probes.concepts import (
    accuracy_curves,
    coverage,
    difference_vectors,
    on_principal_axes,
    profiles,
    snr_curve,
    spiked_families,
)
from probes.concepts.false_positives import FalsePositiveRate, noise_variances
from probes.concepts.signal_to_noise.snr_curve import SnrCurve
from probes.relations.relations import Pair
from probes.shared.intervals import Interval
from repsearch import Embeddings, Spectrum

BANDS = (4, 16, 64, 256, 1024, 4096)
"""Last mode of each band in which the noise is compared with that of random pairs."""


def measure(path: Path) -> dict[str, Any]:
    """Run every probe on the embeddings of a spectrum."""
    relations = google_relations()
    seconds: dict[str, float] = {}
    seconds["open"], embeddings = timed(_opened, path)
    relations = relations.within(embeddings)
    seconds["SNR curves"], curves = timed(_curves, embeddings, relations)
    dims = curves[0].dims
    seconds["analogies"], scores = timed(accuracy_curves, embeddings, relations, dims)
    seconds["spiked fits"], spiked = timed(spiked_families, embeddings, relations)
    seconds["held-out directions"], found = timed(profiles, embeddings, relations)
    profile_of = {one.coverage.family: one for one in found.profiles}
    by_name = {curve.family: curve for curve in curves}
    families = []
    for one in spiked.families:
        name = one.coverage.family
        curve, profile = by_name[name], profile_of.get(name)
        families.append(
            {
                "family": name,
                "pairs": len(one.coverage.pairs),
                "independent": one.independent,
                "rows": [row for row in one.table() if row["value"] is not None],
                "counts": [count.count for count in one.fit.counts],
                "worst": one.fit.fit.worst,
                "beaten": one.controls.beaten(one.fit.strength.value),
                "held_out": None if profile is None else _interval(profile.held_out.accuracy),
                "held_out_p": None if profile is None else profile.adjusted,
                "share": [_interval(signal.share) for signal in curve.signals],
                "published": [paper.value for paper in curve.published],
                "mean_share": [paper.mean_share for paper in curve.published],
                "accuracy": [None if s is None else _interval(s) for s in scores[name]],
                "peak": _interval(curve.peak),
                "noise": _noise_by_band(embeddings, one.coverage.pairs),
            }
        )
    return {
        "words": len(embeddings),
        "columns": embeddings.dimension,
        "noise": "random pairs",
        "dims": list(dims),
        "seconds": seconds,
        "families": families,
        "rates": {
            "independent": [_rate(rate) for rate in spiked.rates(independent=True)],
            "shared words": [_rate(rate) for rate in spiked.rates(independent=False)],
        },
    }


def _opened(path: Path) -> Embeddings:
    return on_principal_axes(Spectrum.open(path).embeddings())


def _curves(embeddings: Embeddings, relations: Relations) -> list[SnrCurve]:
    return [
        snr_curve(difference_vectors(embeddings, family.pairs, name=family.family))
        for family in coverage(relations, embeddings).families
        if len(family.components) > 1
    ]


def _noise_by_band(embeddings: Embeddings, pairs: Sequence[Pair]) -> list[float]:
    """Mean square of the noise in `BANDS` of modes, over that of random pairs of its frequencies.

    Both are scaled to the same sum.
    """
    rows = difference_vectors(embeddings, pairs).vectors
    own = ((rows - rows.mean(axis=0)) ** 2).sum(axis=0)
    chance = noise_variances(embeddings, pairs, seed=0)
    starts = [0, *BANDS[:-1]]
    ratios = np.add.reduceat(own, starts) / np.add.reduceat(chance, starts)
    return list((ratios * chance.sum() / own.sum()).tolist())


def _interval(found: Interval) -> list[float]:
    return [found.value, found.low, found.high]


def _rate(rate: FalsePositiveRate) -> dict[str, Any]:
    return {"what": rate.what, "families": rate.families, "share": _interval(rate.share)}

"""All that the concept probes say of the 14 relations, with the time of each stage."""

from pathlib import Path
from typing import Any

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
from probes.concepts.controls_found import Rate
from probes.concepts.snr import SnrCurve
from probes.intervals import Interval
from repsearch import Embeddings, Spectrum


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
    judged = {one.coverage.family: one for one in found.profiles}
    by_name = {curve.family: curve for curve in curves}
    families = []
    for one in spiked.families:
        name = one.coverage.family
        curve, profile = by_name[name], judged.get(name)
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
            }
        )
    return {
        "words": len(embeddings),
        "columns": embeddings.dimension,
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


def _interval(found: Interval) -> list[float]:
    return [found.value, found.low, found.high]


def _rate(rate: Rate) -> dict[str, Any]:
    return {"what": rate.what, "families": rate.families, "share": _interval(rate.share)}

"""Write docs/calibration.md from the results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import binom

from benchmarks.calibration import pair_intervals_table, violations_table

Row = dict[str, Any]
NULLS = (
    "Tracy-Widom sequence",
    "bulk quantiles",
    "parallel analysis",
    "mean by signs of rows",
    "Tracy-Widom, textbook",
)
_ALPHA = 0.05
_NEAR = 0.03


def markdown(results: Row, broken: Row, of_pairs: Row) -> str:
    """The document, with every figure taken from the results."""
    cells = results["cells"]
    return "\n".join(
        [
            "# Calibration of the random-matrix estimates",
            "",
            "Written by `python -m benchmarks.calibration run` from "
            "`benchmarks/calibration/results.json`; nothing here is typed by hand. Families of N "
            "pairs in d columns are drawn with a known covariance: isotropic (α = 0), or with "
            "eigenvalues k^-α. What `probes.random_matrix` finds is held against the truth.",
            "",
            *_facts("Machine", results["machine"]),
            *_facts("Versions", results["versions"]),
            f"The simulation took {results['seconds']:.0f} s.",
            "",
            *_noise(cells),
            *_false_positives(cells),
            *_spikes(cells),
            *_power(cells),
            *violations_table.section(broken),
            *pair_intervals_table.section(of_pairs),
        ]
    )


def _noise(cells: list[Row]) -> list[str]:
    null = [cell["null"] for cell in cells]
    ratios = [one["median_ratio"] for one in null]
    lines = [
        "## Noise: effective dimension and level",
        "",
        "Median of the estimated over the true effective dimension (first as given, "
        "then the plain two-moment estimate), coverage of the 90 % intervals, and how often the "
        "test of fit rejects at 5 %.",
        "",
        "| N | d | α | true ν | families | median ratio | two moments | ν covered | σ² covered | "
        "fit rejected |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for cell, one in zip(cells, null, strict=True):
        lines.append(
            f"| {_size(cell)} | {cell['effective_dimension']:.0f} | {one['families']} | "
            f"{one['median_ratio']:.3f} | {one['median_ratio_moments']:.3f} | "
            f"{_share(one['coverage']['effective dimension'], one['families'])} | "
            f"{_share(one['coverage']['variance'], one['families'])} | "
            f"{_share(one['fit_rejected'], one['families'])} |"
        )
    pooled = [
        _pooled(cells, lambda one, key=key: one["coverage"][key])
        for key in ("effective dimension", "variance")
    ]
    outside = sum(abs(ratio - 1) > 0.1 for ratio in ratios)
    return [
        *lines,
        "",
        f"Over all sizes: ν covered {100 * pooled[0]:.1f} %, σ² {100 * pooled[1]:.1f} %, fit "
        f"rejected {100 * _pooled(cells, lambda one: one['fit_rejected']):.1f} %. The median "
        f"ratio lies from {min(ratios):.3f} to {max(ratios):.3f}; "
        f"{outside} of {len(cells)} sizes are off by more than 10 %.",
        "",
    ]


def _false_positives(cells: list[Row]) -> list[str]:
    lines = [
        "## False positives of the spike tests",
        "",
        "Share of families of pure noise in which a method finds a spike, at a level of 5 %. The "
        "sign test cannot go below 2^(1 − N), so that at 6 pairs its level is 1/32. "
        "The last column is the textbook test: Johnstone's scaling with the two-moment effective "
        "dimension, against the Tracy-Widom law.",
        "",
        "| N | d | α | " + " | ".join(NULLS) + " |",
        "|---|---|---|" + "---|" * len(NULLS),
    ]
    for cell in cells:
        one = cell["null"]
        shares = [_share(one["false_positives"][name], one["families"]) for name in NULLS]
        lines.append(f"| {_size(cell)} | " + " | ".join(shares) + " |")
    lines.append("")
    for name in NULLS[:3]:
        outside, sure = [], 0
        for cell in cells:
            share, trials = cell["null"]["false_positives"][name], cell["null"]["families"]
            if not _ALPHA / 1.5 <= share <= _ALPHA * 1.5:
                outside.append(f"{100 * share:.1f} % at N = {_size(cell).replace(' | ', ', ')}")
                sure += _surely_outside(round(share * trials), trials)
        pooled = _pooled(cells, lambda one, name=name: one["false_positives"][name])
        lines.append(
            f"* {name}: {100 * pooled:.1f} % over all sizes; within a factor 1.5 of 5 % in "
            f"{len(cells) - len(outside)} of {len(cells)}"
            + (f", not in: {'; '.join(outside)} ({sure} beyond sampling error)" if outside else "")
            + "."
        )
    return [*lines, ""]


def _spikes(cells: list[Row]) -> list[str]:
    lines = [
        "## Outlier, overlap and strength of a mean",
        "",
        "A mean drawn like a row of noise, at multiples of the threshold of the limit (Baik, Ben "
        "Arous and Péché, for the noise as it is). Seen over predicted: by the limit "
        "(`Spike`, N − 1 rows) and by simulation at the family's own size "
        "(`simulated_outlier`, true parameters). Errors in brackets are standard errors of what "
        "is seen. Last, the coverage of the 90 % interval of the strength θ.",
        "",
        "| N | d | α | × threshold | outlier, limit | outlier, simulated | overlap seen | limit | "
        "simulated | θ covered |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    covered, trials = 0.0, 0
    for cell in cells:
        for one in cell["spiked"]:
            covered += one["strength_coverage"] * one["families"]
            trials += one["families"]
            if one["times_threshold"] < 1.5:
                continue
            limit, simulated = one["outlier_limit"], one["outlier_simulated"]
            lines.append(
                f"| {_size(cell)} | {one['times_threshold']:g} | "
                f"{one['outlier'] / limit:.3f} ({one['outlier_error'] / limit:.3f}) | "
                f"{one['outlier'] / simulated:.3f} | "
                f"{one['overlap']:.3f} ({one['overlap_error']:.3f}) | "
                f"{one['overlap_limit']:.3f} | {one['overlap_simulated']:.3f} | "
                f"{_share(one['strength_coverage'], one['families'])} |"
            )
    above = [one for cell in cells for one in cell["spiked"] if one["times_threshold"] >= 1.5]
    large = [
        one
        for cell in cells
        if cell["rows"] >= 16 and cell["columns"] >= 256
        for one in cell["spiked"]
        if one["times_threshold"] >= 1.5
    ]
    parts = []
    for key in ("outlier", "overlap"):
        for kind, chosen, sizes in (
            ("limit", above, "all sizes"),
            ("simulated", above, "all sizes"),
            ("limit", large, "N from 16 and d from 256"),
        ):
            off = [one[key] / one[f"{key}_{kind}"] - 1 for one in chosen]
            near = sum(abs(value) <= _NEAR for value in off)
            parts.append(
                f"* {key}, {kind}, {sizes}: within 3 % in {near} of {len(off)}, median distance "
                f"{100 * float(np.median(np.abs(off))):.1f} %, largest "
                f"{100 * max(map(abs, off), default=0.0):.0f} %."
            )
    return [
        *lines,
        "",
        f"θ covered over all: {100 * covered / max(trials, 1):.1f} %. Seen against predicted, "
        "sampling error of what is seen included:",
        "",
        *parts,
        "",
    ]


def _power(cells: list[Row]) -> list[str]:
    names = NULLS[:4]
    lines = [
        "## Power",
        "",
        "Share of families with a mean in which it is found, against its strength over the "
        "threshold; mean over d of 256 and more.",
        "",
        "| N | α | × threshold | " + " | ".join(names) + " |",
        "|---|---|---|" + "---|" * len(names),
    ]
    groups: dict[tuple[int, float, float], list[Row]] = {}
    for cell in cells:
        if cell["columns"] > 16:
            for one in cell["spiked"]:
                key = (cell["rows"], cell["exponent"], one["times_threshold"])
                groups.setdefault(key, []).append(one["power"])
    for (rows, exponent, times), powers in sorted(groups.items()):
        shares = [f"{100 * float(np.mean([one[name] for one in powers])):.0f} %" for name in names]
        lines.append(f"| {rows} | {exponent:g} | {times:g} | " + " | ".join(shares) + " |")
    return [*lines, ""]


def _size(cell: Row) -> str:
    return f"{cell['rows']} | {cell['columns']:,} | {cell['exponent']:g}"


def _share(share: float, trials: int) -> str:
    error = np.sqrt(max(share * (1 - share), 1 / trials) / trials)
    return f"{100 * share:.1f} % ± {100 * error:.1f}"


def _surely_outside(found: int, trials: int) -> bool:
    """Whether no rate within a factor 1.5 of the level explains a count, at 1 % in each tail."""
    low, high = _ALPHA / 1.5, _ALPHA * 1.5
    return bool(binom.cdf(found, trials, low) < 0.01 or binom.sf(found - 1, trials, high) < 0.01)


def _pooled(cells: list[Row], value: Callable[[Row], float]) -> float:
    trials = sum(cell["null"]["families"] for cell in cells)
    return sum(value(cell["null"]) * cell["null"]["families"] for cell in cells) / max(trials, 1)


def _facts(title: str, facts: dict[str, str]) -> list[str]:
    return [f"{title}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + ".", ""]

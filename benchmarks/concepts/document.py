"""Write docs/concept-results.md from the results."""

from __future__ import annotations

from typing import Any

from scipy.stats import spearmanr

from benchmarks.concepts import random_pairs
from benchmarks.concepts.measure import BANDS

Row = dict[str, Any]

IN_PAPER = {
    "gram6-nationality-adjective": "country-nationality",
    "family": "male-female",
    "gram7-past-tense": "verb-pasttense",
    "gram1-adjective-to-adverb": "adj-adverb",
    "gram2-opposite": "adj-antonym",
}
"""Our families that figure 4 of the paper has, with its names."""
FIGURE = "figures/figure-4.png"
_SHOWN = (4, 16, 45, 128, 362, 1024, 4096)
_SHARE = 0.9
_REFUSED = 0.05


def markdown(results: Row, random: Row) -> str:
    """The document, with every figure taken from the results."""
    families = results["families"]
    seconds = results["seconds"]
    return "\n".join(
        [
            "# Concept directions of a real corpus",
            "",
            "Written by `python -m benchmarks.concepts run` and `document` from "
            "`benchmarks/concepts/results.json`; nothing here is typed by hand. The closed-form "
            f"embeddings of `{results['text']}` (26,283 Wikipedia articles; {results['words']:,} "
            f"words, {results['columns']:,} columns, seed 0) and Google's relations. What the "
            "quantities mean: [concepts](concepts.md); how far they can be trusted: "
            "[calibration](calibration.md).",
            "",
            *_facts("Machine", results["machine"]),
            *_facts("Versions", results["versions"]),
            f"Time of all of it, bootstraps and nulls included: {sum(seconds.values()):.0f} s ("
            + ", ".join(f"{stage} {value:.0f}" for stage, value in seconds.items())
            + f"); peak memory {results['peak_gib']:.1f} GiB.",
            "",
            *_null(results),
            *_verdicts(families),
            *_chance(results["rates"]),
            *random_pairs.section(random),
            *_curves(results),
            *_paper(results),
        ]
    )


def _null(results: Row) -> list[str]:
    """Say which noise the relations were held against."""
    if results.get("noise") == "random pairs":
        return ["Noise is random pairs of the embeddings themselves.", ""]
    return [
        "Verdicts and rates here were measured with normal noise of the shape of random pairs, "
        "before `spiked` held relations against random pairs themselves: what that changes is "
        "measured in [two nulls](#two-nulls-in-the-carried-corpus).",
        "",
    ]


def _verdicts(families: list[Row]) -> list[str]:
    lines = [
        "## Verdicts",
        "",
        "Held out: pairs ordered rightly by the direction of the others, with p after Holm's "
        "adjustment. Strength θ = N |m|² / (d σ²), beside its threshold, and how many of 20 "
        "families of random pairs of the same frequencies and order have less. Overlap: squared, "
        "of the first eigenvector with the mean, seen and predicted by the fit. Spikes by "
        "Tracy-Widom sequence / bulk quantiles / parallel analysis. Intervals of 90 %, of "
        "accuracy and peak 95 %. With a star, pairs share words, which the model does not know; "
        "with an exclamation mark, a number rests on a model that is refused.",
        "",
        "| relation | N | held out | strength | threshold | beats | overlap | predicted | d_eff | "
        "spikes | SNR peak | fit, p |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in families:
        rows = {row["quantity"]: row for row in one["rows"]}
        held = (
            "-"
            if one["held_out"] is None
            else f"{_percent(one['held_out'])}, p {one['held_out_p']:.2g}"
        )
        p = rows["p value of the fit"]["value"]
        mark = "!" if p <= _REFUSED else ""
        lines.append(
            f"| {one['family']}{'' if one['independent'] else '*'} | {one['pairs']} | {held} | "
            f"{_range(rows['strength'])}{mark} | {rows['threshold']['value']:.2g} | "
            f"{one['beaten']} | "
            f"{rows['overlap seen']['value']:.2f} | {_range(rows['overlap'])}{mark} | "
            f"{_range(rows['effective dimension'])}{mark} | {'/'.join(map(str, one['counts']))} | "
            f"{_three(one['peak'], '.0f')} | {p:.2g}" + (f" ({one['worst']}) |" if mark else " |")
        )
    rejected = sum(
        row["value"] <= 0.05
        for one in families
        for row in one["rows"]
        if row["quantity"] == "p value of the fit"
    )
    return [
        *lines,
        "",
        f"One mean plus noise of the shape of random pairs is refused for {rejected} of "
        f"{len(families)} relations, and for random pairs (below). Words of a relation "
        "resemble each other in the leading modes, so that their differences have less noise "
        "there than those of random words; the mean is seen more sharply than the fit predicts. "
        "Noise in a band of modes, over that of "
        "random pairs of the same frequencies, both of the same sum:",
        "",
        "| relation | " + " | ".join(_bands()) + " |",
        "|---|" + "---|" * len(BANDS),
        *(
            f"| {one['family']} | " + " | ".join(f"{ratio:.2f}" for ratio in one["noise"]) + " |"
            for one in families
        ),
        "",
    ]


def _bands() -> list[str]:
    firsts = [1, *(last + 1 for last in BANDS[:-1])]
    return [f"{first:,} to {last:,}" for first, last in zip(firsts, BANDS, strict=True)]


def _chance(rates: Row) -> list[str]:
    lines = [
        "## What the tests find in random pairs",
        "",
        "Each word of a relation is replaced by one of about its frequency, 20 times for each "
        "relation; the order within pairs is then random, except where it is kept. Misfit: the "
        "test of fit refuses one mean plus noise. At a level of 5 %:",
        "",
    ]
    for which, found in rates.items():
        if not found:
            continue
        if len(lines) == 4:
            lines += [
                "| pairs | families | " + " | ".join(rate["what"] for rate in found) + " |",
                "|---|---|" + "---|" * len(found),
            ]
        lines.append(
            f"| {which} | {found[0]['families']} | "
            + " | ".join(_percent(rate["share"]) for rate in found)
            + " |"
        )
    return [
        *lines,
        "",
        "With the order kept, a direction of frequency remains, which is why strength is held "
        "against random pairs. Counts of spikes find less than their level: the columns are "
        "orthogonal over the whole vocabulary, so that products of rows vary less than those of "
        "independent ones, by a factor 1 − d/V; and entries of word differences are not Gaussian, "
        "which the noise of the first two is. The test of fit refuses random pairs as well, so "
        "that its refusal is no mark of a relation. Where pairs share words, parallel analysis "
        "and bulk quantiles find the sharing.",
        "",
    ]


def _curves(results: Row) -> list[str]:
    dims = results["dims"]
    shown = [d for d in _SHOWN if d in dims]
    lines = [
        "## Signal and accuracy against dimension",
        "",
        "Share of the common direction in a squared difference, SNR / (1 + SNR), then analogy "
        "accuracy (95 % intervals in `benchmarks/concepts/results.json`).",
        "",
        "| relation | " + " | ".join(f"d = {d:,}" for d in shown) + " |",
        "|---|" + "---|" * len(shown),
    ]
    for one in results["families"]:
        cells = []
        for d in shown:
            at = dims.index(d)
            score = one["accuracy"][at]
            cells.append(
                f"{one['share'][at][0]:.2f}, {'-' if score is None else f'{score[0]:.0%}'}"
            )
        lines.append(f"| {one['family']} | " + " | ".join(cells) + " |")
    below = [one["family"] for one in results["families"] if one["mean_share"][-1] <= _SHARE]
    return [
        *lines,
        "",
        "The paper finds the share of the spike that is the mean above 0.9 for all categories. "
        f"Here, in all columns, it is not for {len(below)} of {len(results['families'])}: "
        f"{', '.join(below)}.",
        "",
    ]


def _paper(results: Row) -> list[str]:
    paper = results["paper"]
    if paper is None:
        return []
    dims = results["dims"]
    shown = [d for d in _SHOWN if d in dims and d in paper["d"]]
    lines = [
        "## Beside figure 4 of the paper",
        "",
        "The paper's SNR λ₁ rank / Tr, and accuracy: here, then as digitised from the paper "
        "(another corpus, of 2 billion tokens; arXiv 2502.09863).",
        "",
        f"![SNR and accuracy against dimension, here and in the paper]({FIGURE})",
        "",
        "| relation | " + " | ".join(f"d = {d:,}" for d in shown) + " |",
        "|---|" + "---|" * len(shown),
    ]
    found = {one["family"]: one for one in results["families"]}
    for family, named in IN_PAPER.items():
        snr, accuracy = [], []
        for d in shown:
            here, there = dims.index(d), paper["d"].index(d)
            snr.append(
                f"{found[family]['published'][here]:.1f}, {_known(paper[named]['snr'][there])}"
            )
            score = found[family]["accuracy"][here]
            ours = "-" if score is None else f"{score[0]:.2f}"
            accuracy.append(f"{ours}, {_known(paper[named]['acc'][there], '.2f')}")
        lines.append(f"| {named}, SNR | " + " | ".join(snr) + " |")
        lines.append(f"| {named}, accuracy | " + " | ".join(accuracy) + " |")
    best = [max(s[0] for s in one["accuracy"] if s) for one in results["families"]]
    orders = []
    for name, largest in (
        ("the paper's SNR", [max(one["published"]) for one in results["families"]]),
        ("the share", [max(s[0] for s in one["share"]) for one in results["families"]]),
    ):
        order = spearmanr(largest, best)
        orders.append(f"{name} {order.statistic:.2f} (p {order.pvalue:.2g})")
    return [
        *lines,
        "",
        "The paper says that the largest SNR orders categories by accuracy. Spearman's "
        f"correlation of the largest value with the largest accuracy over the {len(best)} "
        f"relations here: {', '.join(orders)}.",
        "",
    ]


def _range(row: Row) -> str:
    value, low, high = (
        f"{number:,.0f}" if number >= 100 else f"{number:.2g}"
        for number in (row["value"], row["low"], row["high"])
    )
    return f"{value} [{low}, {high}]"


def _three(found: list[float], how: str) -> str:
    value, low, high = (format(number, how) for number in found)
    return f"{value} [{low}, {high}]"


def _percent(found: list[float]) -> str:
    return f"{found[0]:.1%} [{found[1]:.1%}, {found[2]:.1%}]"


def _known(value: float | None, how: str = ".1f") -> str:
    return "-" if value is None else format(value, how)


def _facts(title: str, facts: dict[str, str]) -> list[str]:
    return [f"{title}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + ".", ""]

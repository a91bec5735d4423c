"""Write docs/trained.md from the results."""

from typing import Any

from benchmarks.trained.scoring import in_order
from benchmarks.weighted.measure import GENSIM

Row = dict[str, Any]
PAPER = {"SGNS": 0.680, "QWEM": 0.651, "M*": 0.663, "PPMI": 0.506, "PMI": 0.084}
"""Analogy accuracies of Karkada et al. 2025 (arXiv 2502.09863), figure 3b."""


def markdown(results: Row) -> str:
    """The document, with every figure taken from the results; what is missing is left out."""
    lines = [
        "# Trained embeddings beside the closed forms",
        "",
        "Written by `python -m benchmarks.trained document` from "
        "`benchmarks/trained/results.json`; nothing here is typed by hand. Analogies are the "
        "re-paired Google ones (3CosAdd, first choice), MEN and WordSim-353 are Spearman's "
        "correlations of cosines with human scores. 95 % intervals come from resampled pairs of "
        "words; differences and ratios are paired: both are given the same resamples.",
        "",
    ]
    for text, found in results.items():
        lines += _text(text, found)
    return "\n".join(lines)


def _text(text: str, found: Row) -> list[str]:
    runs = found["runs"]
    names = in_order([name for name in runs if "micro" in runs[name]])
    lines = [f"## {text}", ""]
    if "counts" in found:
        counts = found["counts"]
        lines += [
            f"{counts['words']:,} words, {counts['tokens']:,} tokens, counts in windows of "
            f"{counts['window']} words to each side, no subsampling. M*, PPMI and PMI are "
            f"{counts['dimension']} eigenpairs of a matrix, V Λ^(1/2); their time is that of "
            "counting and solving.",
            "",
        ]
    if any(name.startswith("gensim") for name in names):
        options = ", ".join(f"{name}={value}" for name, value in GENSIM.items())
        lines += [
            f"gensim's `Word2Vec` with {options}: embeddings and times are those of "
            "`docs/weighted.md`, scored here.",
            "",
        ]
    lines += [
        "| | analogies | mean of families | MEN | WordSim-353 | d | seconds from the corpus |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in names:
        run = runs[name]
        lines.append(
            f"| {name} | {_percent(run['micro'])} | {_percent(run['macro'])} | "
            f"{_number(run['men3000'])} | {_number(run['wordsim353'])} | {run['dimension']} | "
            f"{_seconds(run)} |"
        )
    lines.append("")
    if any(runs[name].get("shared") for name in names):
        lines += ["Times in brackets: other work ran on the machine, so they say nothing.", ""]
    first = runs[names[0]]
    lines += [
        f"{first['questions']:,} questions; {first['pairs']['men3000']:,} of 3,000 pairs of MEN "
        f"and {first['pairs']['wordsim353']} of 353 of WordSim-353 have both words in the "
        "vocabulary.",
        "",
    ]
    for rival in in_order(list(found.get("against", {}))):
        lines += _against(rival, found["against"][rival])
    if "density" in found:
        lines += _density(found["density"]["rows"])
    lines += _made(runs, names)
    return lines


def _density(rows: list[Row]) -> list[str]:
    lines = [
        "### Unseen pairs",
        "",
        "Where PPMI and PMI stand relative to M* depends on how many pairs of words were ever "
        "seen. Fewer words of the same text have met more of each other; with less text (its first "
        "documents) they have met less.",
        "",
        "| words | share of text | pairs seen | M* | PPMI, over M* | PMI, over M* |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['words']:,} | {row['text']:.3g} | {row['density']:.1%} | "
            f"{_percent(row['M*'])} | {_number(row['PPMI over M*'])} | "
            f"{_number(row['PMI over M*'])} |"
        )
    paper = ", ".join(f"{PAPER[name] / PAPER['M*']:.3f} for {name}" for name in ("PPMI", "PMI"))
    return [
        *lines,
        "",
        f"In the paper these are {paper}, on 2 billion tokens, where few pairs of 10,000 words "
        "were never seen. An unseen pair is -57.6 in PMI, 0 in PPMI and -2 in M*. Where half of "
        "all pairs are unseen, which ones they are is information, and PMI factorises that; "
        "where few are, they are accidents of rare words, and PMI still gives them most of its "
        "weight. This would explain PMI; that it holds, and that PPMI loses or gains by its 0 for "
        "unseen pairs, is conjecture and was not tested.",
        "",
    ]


def _against(rival: str, others: Row) -> list[str]:
    lines = [
        f"### Against {rival}",
        "",
        "| | analogies, less its | analogies, over its | in the paper | MEN, less its | "
        "WordSim-353, less its |",
        "|---|---|---|---|---|---|",
    ]
    for name in in_order(list(others)):
        row = others[name]
        method = name.partition(",")[0].removeprefix("trained ")
        paper = f"{PAPER[method] / PAPER['SGNS']:.3f}" if method in PAPER else ""
        lines.append(
            f"| {name} | {_points(row['difference'])} | {_number(row['ratio'])} | {paper} | "
            f"{_signed(row['men3000'])} | {_signed(row['wordsim353'])} |"
        )
    return [*lines, ""]


def _made(runs: Row, names: list[str]) -> list[str]:
    lines = []
    for name in names:
        run = runs[name]
        facts = {**run.get("machine", {}), **run.get("versions", {})}
        if "gensim" in run:
            facts["gensim"] = run["gensim"]
        parts = [run["note"]] if "note" in run else []
        if "source" in run:
            parts.append(f"time from `{run['source']}`")
        parts.append(", ".join(f"{key} {value}" for key, value in facts.items()))
        lines.append(f"* {name}: {'; '.join(parts)}.")
    return [*lines, ""]


def _seconds(run: Row) -> str:
    if run.get("seconds") is None:
        return ""
    return f"({run['seconds']:.0f})" if run.get("shared") else f"{run['seconds']:.1f}"


def _percent(interval: list[float]) -> str:
    value, low, high = (100 * number for number in interval)
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def _points(interval: list[float]) -> str:
    value, low, high = (100 * number for number in interval)
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]"


def _number(interval: list[float]) -> str:
    value, low, high = interval
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _signed(interval: list[float]) -> str:
    value, low, high = interval
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"

"""Write docs/weighted.md from the results."""

from collections import defaultdict
from typing import Any

from benchmarks.weighted.measure import GENSIM
from benchmarks.weighted.report import MATCHED, OURS, PLAIN
from benchmarks.weighted.search import WORTH_A_MOVE
from benchmarks.weighted.settings import (
    DIMENSION,
    EXPONENTS,
    GRID,
    LABELS,
    START_EXPONENT,
    TOLERANCE,
    VOCABULARY,
)

Row = dict[str, Any]


def markdown(search: Row, matched: Row, density: Row, results: Row, general: Row) -> str:
    """The document, with every figure taken from the results; a stage not run is left out."""
    lines = [
        "# The weighted closed form",
        "",
        "Written by `python -m benchmarks.weighted document` from the JSON files in "
        "`benchmarks/weighted/`; nothing here is typed by hand. Embeddings are "
        f"Γ⁻¹ V Λ^p from the top {DIMENSION} eigenpairs of Γ M* Γ over {VOCABULARY:,} words, "
        f"with g_i ∝ P_i^a and Γ = diag(g)^(1/2) (Lanczos with a tolerance of {TOLERANCE:g}). "
        "Accuracy is that on re-paired Google analogies, with 95 % intervals from resampled "
        "pairs; differences are paired.",
        "",
    ]
    if search:
        lines += ["## The setting, chosen on one corpus", "", *_search(search)]
    if matched and density:
        lines += _why_again(matched, density) + _search(matched)
    for text, found in results.items():
        lines += _report(text, found, search.get("text"))
    if general:
        lines += _general(general)
    return "\n".join(lines)


# -------------------------------------------------------------- the search


def _search(search: Row) -> list[str]:
    chosen = search["chosen"]
    settings = {**chosen["setting"], "exponent": chosen["exponent"]}
    start = search["trials"][0]["setting"]
    lines = [
        f"Corpus: `{search['text']}`, {search['words']:,} words, {search['tokens']:,} tokens. "
        "One choice at a time was moved over its grid from the start, "
        f"{len(search['trials'])} eigenproblems in all; the exponent of the eigenvalues is the "
        "best for each; a move had to gain "
        f"{100 * WORTH_A_MOVE:g} points. "
        + (
            "The search ended where no single move helped."
            if search["finished"]
            else "The search was ended by its budget, before a whole round without a change."
        ),
        "",
        "| choice | start | chosen | tried |",
        "|---|---|---|---|",
    ]
    for name, label in LABELS.items():
        met = [trial["setting"].get(name) for trial in search["trials"]]
        tried = [_value(v) for v in GRID[name] if v in met] if name in GRID else EXPONENTS
        lines.append(
            f"| {label} | {_value(start[name]) if name in start else ''} | "
            f"{_value(settings[name])} | {', '.join(map(str, tried))} |"
        )
    lines += ["", *_range_of_exponents(search)]
    changes: dict[tuple[str, str], Row] = {
        (row["what"], row["choice"]): row for row in search["single_changes"]
    }
    if ("chosen", "") not in changes:
        return lines
    lines += [
        "### What was gained by which choice",
        "",
        "Undone: the chosen setting with this choice as in plain M*, and the difference from the "
        "chosen setting. Alone: plain M* with this choice made, and the difference from plain M*.",
        "",
        "| choice | undone | difference | alone | difference |",
        "|---|---|---|---|---|",
    ]
    for name, label in LABELS.items():
        undone, alone = changes.get(("undone", name)), changes.get(("alone", name))
        if undone and alone:
            lines.append(
                f"| {label} = {_value(settings[name])} | {_percent(undone['accuracy'])} | "
                f"{_points(undone['difference'])} | {_percent(alone['accuracy'])} | "
                f"{_points(alone['difference'])} |"
            )
    everything, nothing = changes["chosen", ""], changes.get(("plain", ""))
    if nothing:
        lines.append(
            f"| all of them | {_percent(nothing['accuracy'])} | {_points(nothing['difference'])} | "
            f"{_percent(everything['accuracy'])} | {_points(everything['difference'])} |"
        )
    if ("start", "") in changes:
        row = changes["start", ""]
        lines += [
            "",
            "The setting that the search started from, with an exponent of the eigenvalues of "
            f"{START_EXPONENT:g}, has {_percent(row['accuracy'])} here, "
            f"{_points(row['difference'])} against plain M*.",
        ]
    lines += ["", *_shrinkage(search)]
    return lines


def _why_again(matched: Row, density: Row) -> list[str]:
    """The reason for a second choice, and when it was made."""
    large, small = (name for name in density if name not in ("words", "matched"))
    full = density[small][str(density["words"])]
    return [
        "## A second choice, at equal density",
        "",
        f"With {density['words']:,} words the counts of `{small}` are non-zero at "
        f"{100 * full:.0f} % of all pairs, those of the larger `{large}` at "
        f"{100 * density[large][str(density['words'])]:.0f} %, and how much the rare pairs are to "
        "be trusted is what the choices are about. So the search was made once more on "
        f"`{small}`, over its {matched['words']:,} most frequent words, which have "
        f"{100 * density[small][str(matched['words'])]:.0f} %. This was done after the first "
        "choice had been scored on the larger corpus, and with that score known; both are "
        "reported.",
        "",
    ]


def _range_of_exponents(search: Row) -> list[str]:
    """Accuracy of the chosen setting at every exponent of the eigenvalues."""
    chosen = search["chosen"]["setting"]
    best = next(t["accuracy"] for t in search["trials"] if t["setting"] == chosen)
    return [
        "At the chosen setting, by exponent of the eigenvalues:",
        "",
        "| " + " | ".join(best) + " |",
        "|---" * len(best) + "|",
        "| " + " | ".join(f"{100 * value:.1f} %" for value in best.values()) + " |",
        "",
    ]


def _shrinkage(search: Row) -> list[str]:
    """What optimal shrinkage did wherever it was tried."""
    by_setting: dict[str, dict[bool, Row]] = defaultdict(dict)
    for trial in search["trials"]:
        key = {name: value for name, value in trial["setting"].items() if name != "shrinkage"}
        by_setting[repr(sorted(key.items()))][trial["setting"]["shrinkage"]] = trial
    pairs = [both for both in by_setting.values() if len(both) == 2]
    if not pairs:
        return []
    changes = ", ".join(
        f"{100 * (both[True]['best'] - both[False]['best']):+.1f}" for both in pairs
    )
    both = pairs[-1]
    return [
        f"Optimal shrinkage of the eigenvalues for noise of equal variance, tried at {len(pairs)} "
        f"setting{'s' if len(pairs) > 1 else ''}, changed accuracy by {changes} points (the edge "
        f"of the noise was put at {both[True]['noise_edge']:.0f}, the last eigenvalue being "
        f"{both[True]['last_eigenvalue']:.0f}).",
        "",
    ]


# -------------------------------------------------------------- the report


def _report(text: str, found: Row, searched: str | None) -> list[str]:
    runs = found["runs"]
    rivals = [name for name in runs if name.startswith("gensim")]
    ours = [name for name in (OURS, MATCHED) if name in runs]
    lines = [
        f"## {text}",
        "",
        "The setting was chosen on this corpus."
        if text == searched
        else "The setting was not chosen on this corpus.",
        "",
    ]
    if rivals:
        options = ", ".join(f"{name}={value}" for name, value in GENSIM.items())
        lines += [
            f"gensim's `Word2Vec` with {options}, on the same tokens: words out of the vocabulary "
            "of the encoded corpus are removed beforehand and documents cut into lines of at most "
            "10,000 words, the longest that gensim reads whole. Its time is that of the "
            "constructor, vocabulary included; where times are given from text, the encoding of "
            "ours is added. Our kernels are warmed up (compiled and loaded) on a small text first.",
            "",
        ]
    lines += [
        "| | accuracy | mean of families | seconds from the encoded corpus | from text | "
        + " | ".join(f"{one}, less this" for one in ours)
        + " |",
        "|---|---|---|---|---" + "|---" * len(ours) + "|",
    ]
    for name, run in runs.items():
        differences = [found["differences"].get(one, {}).get(name) for one in ours]
        lines.append(
            f"| {name} | {_percent(run['micro'])} | {_percent(run['macro'])} | "
            f"{_seconds(run, 'seconds_from_corpus')} | {_seconds(run, 'seconds_from_text')} | "
            + " | ".join(_points(one) if one else "" for one in differences)
            + " |"
        )
    lines.append("")
    if any(run.get("shared") for run in runs.values()):
        lines += ["Times in brackets: other work ran on the machine, so they say nothing.", ""]
    for one in ours:
        mine = runs[one]
        lines += [
            f"{one.capitalize()}: encoding {mine['encoding_seconds']:.1f} s, subsampling and "
            f"counting {mine['counting_seconds']:.1f} s, target, eigenpairs and embeddings "
            f"{mine['solving_seconds']:.1f} s; {mine['questions']:,} questions."
        ]
        for kind, key in (
            ("the encoded corpus", "seconds_from_corpus"),
            ("text", "seconds_from_text"),
        ):
            alone = [name for name in rivals if not runs[name].get("shared")]
            ratios = [f"{runs[name][key] / mine[key]:.1f}" for name in alone]
            if ratios:
                lines.append(f"gensim took {', '.join(ratios)} times as long from {kind}.")
        lines.append("")
    lines += _families(runs, rivals)
    for name, run in runs.items():
        facts = {**run["machine"], **run["versions"]}
        if "gensim" in run:
            facts["gensim"] = run["gensim"]
        listed = ", ".join(f"{key} {value}" for key, value in facts.items())
        lines.append(f"* {name}: {run['date']}; {listed}.")
    return [*lines, ""]


def _families(runs: Row, rivals: list[str]) -> list[str]:
    """Accuracy by family, and where ours is lower than each of gensim's."""
    names = [name for name in (OURS, MATCHED, PLAIN, *rivals) if name in runs]
    lines = [
        "| family | questions | " + " | ".join(names) + " |",
        "|---|---" + "|---" * len(names) + "|",
    ]
    lost = []
    for family, (_, questions) in runs[names[0]]["families"].items():
        shares = {
            name: runs[name]["families"][family][0] / questions if questions else None
            for name in names
        }
        cells = ["" if share is None else f"{100 * share:.1f} %" for share in shares.values()]
        lines.append(f"| {family} | {questions:,} | " + " | ".join(cells) + " |")
        if rivals and OURS in runs and questions:
            gaps = [shares[name] - shares[OURS] for name in rivals]
            if min(gaps) > 0:
                lost.append(f"{family} (by {100 * min(gaps):.1f} to {100 * max(gaps):.1f} points)")
    lines.append("")
    if rivals and OURS in runs:
        lines += [
            f"Families where the {OURS} is below each seed of gensim: "
            + ("; ".join(lost) if lost else "none")
            + ".",
            "",
        ]
    return lines


# ---------------------------------------------------------- general weights


def _general(general: Row) -> list[str]:
    powers = list(general["rows"][0]["rank_1"])
    lines = [
        "## Rank-1 weights against general ones",
        "",
        f"The carried counts, their {general['words']} most frequent words, "
        "G_ij = P_ij + P_i P_j. Share of ¼ ΣG M*² that each factorisation explains under these "
        "weights: closed forms for g_i ∝ P_i^a, and the best of majorisation from the best of "
        "them and from random starts.",
        "",
        "| d | "
        + " | ".join(f"a = {power}" for power in powers)
        + " | majorisation | its starts |",
        "|---" * (len(powers) + 3) + "|",
    ]
    for row in general["rows"]:
        closed = " | ".join(f"{100 * row['rank_1'][power]:.1f} %" for power in powers)
        ends = ", ".join(f"{100 * share:.2f}" for share in row["general"])
        lines.append(f"| {row['d']} | {closed} | {100 * max(row['general']):.1f} % | {ends} |")
    return [*lines, ""]


# ----------------------------------------------------------------- wording


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}"


def _seconds(run: Row, key: str) -> str:
    return f"({run[key]:.0f})" if run.get("shared") else f"{run[key]:.1f}"


def _percent(interval: list[float]) -> str:
    value, low, high = (100 * number for number in interval)
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def _points(interval: list[float]) -> str:
    value, low, high = (100 * number for number in interval)
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]"

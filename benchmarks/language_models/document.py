"""Write docs/language-models-results.md from the results."""

from typing import Any

from probes.drawing.labels import family_label

_TITLES = {
    "prompts": "contrast pairs, last token",
    "prompts-untrained": "contrast pairs, weights drawn anew",
    "words": "relations between words",
    "words-untrained": "relations between words, weights drawn anew",
}
_NAMES = {"minilm": "all-MiniLM-L6-v2", "gemma": "Gemma 3 270M (Q4_K_M)"}
_MOST = 10


def markdown(results: dict[str, Any]) -> str:
    """The page, with every figure taken from `results`."""
    lines = [
        "# Concepts over the layers of language models",
        "",
        "Written by `python -m benchmarks.language_models document` from "
        "`benchmarks/language_models/results.json`; nothing here is typed by hand. What the "
        "numbers mean: [language models](language-models.md). Contrast pairs are those of "
        "`benchmarks/language_models/contrasts.jsonl`, 24 a concept, written for this; relations "
        "are Google's. Intervals are of 95 %; common shares stand in bold where the concept is a "
        "direction, and *less control* is the accuracy less that of the control. Seed 0.",
        "",
        "Of the numbers that stand here, those of MiniLM's relations are of the default words of "
        "`repsearch states`, of which random pairs were drawn; `states` of this program takes the "
        "relations' words alone, which gives other controls. States of Gemma's words and of the "
        "words under weights drawn anew were taken in another order, and their rows put into that "
        "of frequency afterwards. Of contrast pairs the intervals of *less control* here still "
        "take the share by length for known; `probe layers` now gives that of the paired "
        "difference.",
        "",
    ]
    for name, kinds in results["models"].items():
        lines += [f"## {_NAMES.get(name, name)}", ""]
        for kind, found in kinds.items():
            lines += _section(name, kind, found)
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, kind: str, found: dict[str, Any]) -> list[str]:
    states = found["states"]
    of = f"{states['prompts']} prompts" if states["prompts"] else f"{states['words']:,} words"
    lines = [
        f"### {_TITLES[kind]}",
        "",
        f"{of}, {states['layers']} layers of {states['width']}; states in "
        f"{states['seconds']:.0f} s of the clock on two cores that other work shared.",
        "",
        found["about"]["summary"],
        "",
    ]
    layers = sorted({row["layer"] for row in found["rows"]})
    shown = _spread(layers)
    lines += [
        "| concept | pairs | a direction at | right at the best layer | control | less control | "
        f"common share, per cent, at layer {', '.join(map(str, shown))} |",
        "|---|---|---|---|---|---|---|",
    ]
    by_concept: dict[str, list[dict[str, Any]]] = {}
    for row in found["rows"]:
        by_concept.setdefault(row["concept"], []).append(row)
    lines += [_row(concept, rows, shown) for concept, rows in by_concept.items()]
    if "untrained" not in kind:
        lines += ["", f"![layer curves](figures/layers-{name}-{kind}.png)"]
    return [*lines, ""]


def _row(concept: str, rows: list[dict[str, Any]], shown: list[int]) -> str:
    asked = [row for row in rows if row["accuracy"] is not None]
    best = max(asked, key=lambda row: (row["share"], row["accuracy"]))
    at = [row["layer"] for row in rows if row["found"]]
    where = "none" if not at else f"{len(at)} of {len(rows)}, first {at[0]}"
    shares = ", ".join(_share(row) for row in rows if row["layer"] in shown)
    return (
        f"| {family_label(concept)} | {best['used']} | {where} | {best['layer']}: "
        f"{_whole(best, 'accuracy')} | {100 * best['control']:.0f} | "
        f"{_whole(best, 'selectivity')} | {shares} |"
    )


def _whole(row: dict[str, Any], name: str) -> str:
    ends = ("low", "high") if name == "accuracy" else (f"{name}_low", f"{name}_high")
    value, low, high = (100 * row[one] for one in (name, *ends))
    return f"{value:.0f} [{low:.0f}, {high:.0f}]"


def _share(row: dict[str, Any]) -> str:
    if row["share"] is None:
        return "–"
    shown = f"{100 * row['share']:.0f}"
    if shown == "-0":
        shown = "0"
    return f"**{shown}**" if row["found"] else shown


def _spread(layers: list[int]) -> list[int]:
    if len(layers) <= _MOST:
        return layers
    return [layers[round(k * (len(layers) - 1) / (_MOST - 1))] for k in range(_MOST)]

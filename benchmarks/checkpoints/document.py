"""Write docs/checkpoints-results.md from the prediction, and from what was found after it."""

from __future__ import annotations

from typing import Any

from benchmarks.checkpoints.predicted import EXPECTED
from probes.drawing.labels import family_label

Row = dict[str, Any]


def markdown(prediction: Row, results: Row | None) -> str:
    """The page, with every figure taken from the results."""
    lines = [
        "# The order of learning in a language model",
        "",
        "Written by `python -m benchmarks.checkpoints document` from "
        "`benchmarks/checkpoints/prediction.json` and `results.json`; nothing here is typed by "
        "hand but the prediction, which is in `benchmarks/checkpoints/predicted.py`. What the "
        "numbers mean: [language models](language-models.md).",
        "",
        f"The text: {prediction['tokens']:,} words of English Wikipedia in a vocabulary of "
        f"{prediction['words']:,}, others left out before anything else, for the closed form and "
        "the language model alike.",
        "",
        "## What was predicted",
        "",
        f"Written down and committed on {prediction['date']}, before a checkpoint of this run was "
        "looked at:",
        "",
        *(f"{number}. {text}" for number, text in enumerate(EXPECTED, 1)),
        "",
        f"In closed form ({prediction['columns']} modes of M*, entries of W(0) of size "
        f"{prediction['start']:g}), the order in which relations are learned, and how often the "
        "words of a pair occur within 16 places, weighted by 17 − distance, in the median:",
        "",
        "| relation | pairs | learning time, flow time | co-occurrences |",
        "|---|---|---|---|",
        *_predicted(prediction["relations"]),
        "",
    ]
    return "\n".join(lines if results is None else [*lines, *_found(results)]).rstrip() + "\n"


def _predicted(relations: dict[str, Row]) -> list[str]:
    dated = [row for row in relations.values() if row["learning_time"] is not None]
    return [
        f"| {family_label(row['family'])} | {row['pairs']} | {row['learning_time']:.4f} "
        f"[{row['learning_time_low']:.4f}, {row['learning_time_high']:.4f}] | "
        f"{row['co_occurrences']:,.0f} |"
        for row in sorted(dated, key=lambda row: row["learning_time"])
    ]


def _found(results: Row) -> list[str]:
    last = results["training"][-1]
    recipe, steps = last["recipe"], [one["step"] for one in results["training"]]
    words, layers = recipe["width"], recipe["layers"]
    return [
        "## What was found",
        "",
        f"A GPT-2 of {layers} layers of {words}, embedding and unembedding tied, contexts of "
        f"{recipe['context']} words, {recipe['batch']} a step, AdamW at {recipe['rate']:g} after "
        f"{recipe['warmup']} steps of warm-up, seed {recipe['seed']}; {recipe['steps']:,} steps, "
        f"{last['tokens'] / 1e6:.0f} million words, {last['tokens'] / last['training_ids']:.1f} "
        f"times over the text; {len(steps)} checkpoints in bfloat16. Loss on held-out text: "
        + ", ".join(
            f"{one['held_out_loss']:.2f} at step {one['step']:,}"
            for one in results["training"][:: max(1, len(steps) // 6)]
        )
        + f". Asked in {results['process_seconds']:.0f} s of the clock on two cores that other "
        f"work shared, {results['peak_gib']:.1f} GiB.",
        "",
        *_verdicts(results),
        "",
        "Spearman's correlations over relations that are dated from both sides:",
        "",
        "| step | beside learning times in closed form | beside co-occurrences |",
        "|---|---|---|",
        *(
            f"| {title} | {_rho(results, name, 'learning time')} | "
            f"{_rho(results, name, 'co-occurrences')} |"
            for name, title in _MEASURES.items()
        ),
        "",
        "By relation, in the order of the closed form. A *direction* from: the two checkpoints "
        "between which it becomes one; *half* of the final share and of |m|²: steps; then at the "
        "last checkpoint the held-out order less that of random pairs of the same frequencies "
        "(per cent, with its interval), and the common share.",
        "",
        "| relation | pairs | direction | half of share | half of \\|m\\|² | less control | "
        "share |",
        "|---|---|---|---|---|---|---|",
        *_relations(results),
        "",
        "![held-out order and common share over training](figures/checkpoints.png)",
        "",
    ]


_MEASURES = {
    "direction": "first as a direction",
    "half": "half of the final share",
    "growth": "half of the final \\|m\\|²",
}


def _rho(results: Row, measured: str, beside: str) -> str:
    found, name = results["correlations"], f"{measured} beside {beside}"
    if found[name] is None:
        return f"too few ({found[f'{name}, relations']})"
    return (
        f"{found[name]:.2f} [{found[f'{name}, low']:.2f}, {found[f'{name}, high']:.2f}], "
        f"p = {found[f'{name}, p']:.2g} (n = {found[f'{name}, relations']})"
    )


def _verdicts(results: Row) -> list[str]:
    """What came of each prediction, in its order, worked out from the numbers."""
    found = results["correlations"]
    learning, together = (
        found[f"direction beside {beside}"] for beside in ("learning time", "co-occurrences")
    )
    signs = {
        name: [found[f"{name} beside learning time"], found[f"{name} beside co-occurrences"]]
        for name in ("half", "growth")
    }
    right = [name for name, (first, second) in signs.items() if first > 0 > second]
    shuffled, flipped = results["shuffled"], results["flipped"]
    at_start = [row for row in results["rows"] if row["step"] == 0 and row["found"]]
    asked = len({row["concept"] for row in results["rows"]})
    called = sum(len(one["found"]) for one in shuffled)
    return [
        "What came of the predictions, by number:",
        "",
        f"1. {_held(learning > 0 > together)}: ρ = {learning:.2f} with learning times and "
        f"{together:.2f} with co-occurrences.",
        f"2. {_held(abs(learning) > abs(together))}: {abs(learning):.2f} against "
        f"{abs(together):.2f} in size.",
        f"3. {_held(len(right) == len(signs))}: with learning times and with co-occurrences "
        + "; ".join(
            f"{first:.2f} and {second:.2f} ({_MEASURES[name]})"
            for name, (first, second) in signs.items()
        )
        + ".",
        f"4. {_held(found['growth beside learning time'] > 0.25 and learning > 0.15)}: "
        f"{found['growth beside learning time']:.2f} where 0.5 was expected, {learning:.2f} where "
        "0.3 was.",
        f"5. Step 0: {_held(not at_start)}, {len(at_start)} of {asked} relations are directions. "
        f"Shuffled pairs: {_held(not called)}, {called} of {asked * len(shuffled)} are called "
        "directions at some checkpoint. It was the wrong null: exchanging the second words of a "
        "relation leaves its two kinds of words, and so the direction between them, which is what "
        "held-out order measures. With the order within each pair drawn by a coin, "
        f"{sum(len(one['found']) for one in flipped)} of {asked * len(flipped)} are "
        f"({len(flipped)} draws).",
        "",
        *_conclusion(results),
    ]


def _conclusion(results: Row) -> list[str]:
    found, first = results["correlations"], {}
    values = [
        found[f"{name} beside {beside}, p"]
        for name in _MEASURES
        for beside in ("learning time", "co-occurrences")
        if found[f"{name} beside {beside}"] is not None
    ]
    for row in results["rows"]:
        if row["step"] == row["direction_from"] and row["becomes"] == "between":
            first[row["concept"]] = row["selectivity_low"]
    doubtful = sum(low <= 0 for low in first.values())
    below = sum(value < 0.05 for value in values)
    return [
        f"Of {len(values)} correlations {below} {'has' if below == 1 else 'have'} p below 0.05; "
        f"the smallest p is {min(values):.2g}, and {min(1, len(values) * min(values)):.2g} after "
        f"Bonferroni for all {len(values)}. Few relations are dated, and the intervals are wide: "
        "this is one small model, one text and one seed. And a first direction is not yet the "
        f"relation's own: at the step from which on they are directions, {doubtful} of "
        f"{len(first)} relations are not told from random pairs of the same frequencies (the "
        "dashed control below).",
        "",
    ]


def _held(held: bool) -> str:  # noqa: FBT001 - a verdict
    return "held" if held else "did not hold"


def _relations(results: Row) -> list[str]:
    last = {row["concept"]: row for row in results["rows"]}  # the last row of each
    order = {row["relation"]: row for row in results["order"]}
    known = sorted(last, key=lambda name: order[name]["learning_time"] or float("inf"))
    return [
        f"| {family_label(name)} | {last[name]['used']} | {_where(last[name])} | "
        f"{_step(order[name], 'half')} | {_step(order[name], 'growth')} | "
        f"{_cent(last[name], 'selectivity')} | {_cent(last[name], 'share')} |"
        for name in known
    ]


def _where(row: Row) -> str:
    if row["becomes"] == "between":
        return f"{row['not_at']:,} to {row['direction_from']:,}"
    return f"{row['becomes']} ({row['step']:,})"


def _step(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    return f"{row[name]:,.0f} [{row[f'{name}_low']:,.0f}, {row[f'{name}_high']:,.0f}]"


def _cent(row: Row, name: str) -> str:
    if row[name] is None:
        return "–"
    value, low, high = (100 * row[one] for one in (name, f"{name}_low", f"{name}_high"))
    return f"{value:.0f} [{low:.0f}, {high:.0f}]"

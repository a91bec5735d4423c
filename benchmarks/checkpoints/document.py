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
        f"Written down and committed on {prediction['date']}, before a checkpoint of this run was looked at:",
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
    return ["## What was found", ""]

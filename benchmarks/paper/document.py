"""Lay out the paper's numbers beside those of our runs, figure by figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probes.reproduce.published import LEGEND
from probes.reproduce.summary import compared, published_cell, told_of

RUNS = ("carried", "enwiki-low")
"""Names of the runs; the pictures are of the first."""
_CALLED = {"carried": "carried counts", "enwiki-low": "enwiki-low"}
_TITLES = {
    "1": "Loss, singular values and the embedding space over time",
    "2": "Singular values of word2vec, QWEM and theory",
    "3a": "Features: the words of modes",
    "3b": "Benchmarks",
    "4": "Concept directions: bulk, place, SNR and accuracy",
    "5": "Overlaps of modes",
    "6": "Four more relations",
    "7": "Ablation",
    "8": "How close analogies come to the right word",
}
_SEEN = {
    "1": "A row of panels each for the closed form, QWEM and word2vec: loss and singular values "
    "over flow time (closed form dashed), and words on principal axes 3 and 1 of the last moment, "
    "before the first mode is learned, when it stands alone, and at the end. The loss of word2vec "
    "is on another scale than that of the other two.",
    "2": "The first 20 singular values in units of the first mode's learning time. The theory is "
    "the closed form from the very start of the QWEM run, nothing fitted; the paper compares by "
    "eye.",
    "3a": "Words closest in cosine to a mode, of the end with the larger entries. Beside QWEM's "
    "mode stands that mode of the others which has most in common with it.",
    "3b": "Diamonds are the paper's numbers.",
    "4": "Left: eigenvalues of R Rᵀ / d with the law of the noise, dashed where the test of fit "
    "refuses it; nothing is scaled by hand. Right: the squared mean difference by mode, and SNR "
    "and accuracy beside the paper's curves.",
    "5": "Squared cosines of modes, and the overlap of spans of the leading k. The paper prints no "
    "number of this figure. In its pictures the modes of word2vec lie near QWEM's diagonal to "
    "about the 45th and near PPMI's to about the 20th: by eye, and no count such as that below.",
    "6": "As figure 4, at d = 256.",
    "7": "Two losses under two weights of pairs, each with the closed form of its own M* (dashed).",
    "8": "Mean cosine of b − a + a′ with b′, and over that of the nearest neighbour of b′; hollow: "
    "the paper.",
}


def markdown(results: Mapping[str, Any], pictures: Path) -> str:
    """Write the page.

    Parameters
    ----------
    results : mapping
        Of ``benchmarks/paper/results.json``: runs by name.
    pictures : Path
        Folder of the pictures; those that are there are shown.

    Returns
    -------
    str
        Markdown.
    """
    runs = {name: results[name] for name in RUNS if name in results}
    parts = [_head(runs)]
    for figure, title in _TITLES.items():
        parts += _figure(figure, title, runs, pictures)
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(runs: Mapping[str, Any]) -> str:
    lines = [
        "# The paper, figure by figure",
        "",
        "The chief numbers of the figures and tables of arXiv 2502.09863 (Karkada, Simon, Bahri, "
        "DeWeese) beside what is found here, and what differs. " + LEGEND + " The page is written "
        "by `python -m benchmarks.paper document`: what was found is that of "
        "`benchmarks/paper/results.json`; typed by hand are the paper's numbers, each with its "
        "source (`probes/reproduce/published.json`), the conditions under which a reason is given "
        "(`probes/reproduce/reasons.py`), and what introduces a figure "
        "(`benchmarks/paper/document.py`).",
        "",
        "The figures are those of one command on the counts that come with the package:",
        "",
        "```",
        "repsearch reproduce",
        "```",
        "",
        "It takes some minutes on two cores, and `--full` trains all words to the end, for hours. "
        "Run again it makes only what has changed; stopped, it goes on; `reproduce.toml` in the "
        "run folder has all settings, for `repsearch reproduce --settings`.",
        "",
    ]
    for name, run in runs.items():
        about = run["about"]
        settings = about["settings"]
        trained = (
            f"trained on the {settings['train_words']:,} most frequent words, d = "
            f"{settings['train_d']}, for twice the time of learning {settings['train_modes']} "
            f"modes{' (`--full`)' * settings['full']}"
            if about["torch"]
            else "nothing was trained"
        )
        machine = about["machine"]
        versions = ", ".join(f"{k} {v}" for k, v in about["versions"].items())
        lines.append(
            f"* **{_CALLED[name]}**: {about['counts']}; d = {settings['d']}, up to "
            f"{settings['columns']:,} columns; {trained}. {machine['system']}, "
            f"{machine['processor']}, {machine['processors']} processors; {versions}."
        )
    lines += [
        "",
        _not_run(runs),
        "",
        "The corpus of the paper is not here (English Wikipedia of November 2023, 2.0 billion "
        "words), so that no number has to agree; what should agree is the shape. What differs is "
        "numbered below each table; that it is the cause was not tested. Intervals are of 95 %, "
        "over pairs or words; singular values and losses are facts about the counts and have none.",
    ]
    return "\n".join(lines)


def _not_run(runs: Mapping[str, Any]) -> str:
    """Say plainly what no number here is of."""
    missing = [f"{_CALLED[name]} by this command" for name in RUNS if name not in runs]
    if not any(run["about"]["settings"]["full"] for run in runs.values()):
        missing.insert(0, "`--full` (all words to the end; 4 million steps in the paper)")
    said = f"**Not run:** {', and '.join(missing)}. " if missing else ""
    return (
        f"{said}What trained embeddings of enwiki-low score, beside the closed forms, is in "
        "[trained](trained.md); relations of enwiki-low up to d = 4,096 are in "
        "[concept results](concept-results.md)."
    )


def _figure(figure: str, title: str, runs: Mapping[str, Any], pictures: Path) -> list[str]:
    parts = [f"## Figure {figure}: {title}"]
    drawn = runs.get(RUNS[0], {"figures": {}})["figures"].get(figure, {}).get("made")
    if drawn and (pictures / f"paper-figure-{figure}.png").is_file():
        parts.append(f"![{title}](figures/paper-figure-{figure}.png)")
    parts.append(_SEEN[figure])
    for name, run in runs.items():
        one = run["figures"].get(figure)
        if one is None:
            parts.append(f"Not run on {_CALLED[name]}.")
            continue
        if not one["made"]:
            parts.append(f"Not made on {_CALLED[name]}: {one['reason']}.")
        notes = [f"* {line}" for line in told_of(one["facts"])]
        notes += [f"* {note}" for note in one["notes"]]
        if notes:
            parts.append(f"{_CALLED[name][0].upper()}{_CALLED[name][1:]}:\n\n" + "\n".join(notes))
    parts.append(_table(figure, runs))
    return parts


def _table(figure: str, runs: Mapping[str, Any]) -> str:
    by_run = {
        name: {
            row["name"]: row
            for row in compared(run["figures"], run["facts"])
            if row["figure"] == figure
        }
        for name, run in runs.items()
    }
    names = list(dict.fromkeys(name for rows in by_run.values() for name in rows))
    if not names:
        return ""
    heads = "".join(f" {_CALLED[run]} |" for run in runs)
    lines = [f"| | paper |{heads} what differs |", f"|---|---|{'---|' * len(runs)}---|"]
    reasons: dict[str, str] = {}
    for name in names:
        row = next(rows[name] for rows in by_run.values() if name in rows)
        cells = "".join(f" {_cell(rows.get(name))} |" for rows in by_run.values())
        marks = _marks(name, by_run, reasons)
        lines.append(f"| {row['what']} | {published_cell(row)} |{cells} {marks} |")
    return "\n".join([*lines, "", *(f"{number}. {text}" for text, number in reasons.items())])


def _marks(name: str, by_run: Mapping[str, Any], reasons: dict[str, str]) -> str:
    """Numbers of the reasons: what is said of several runs alike is one reason."""
    marks = []
    said: dict[str, dict[str, str]] = {}
    asked = 0
    for run, rows in by_run.items():
        if name in rows and (rows[name]["found"] is not None or rows[name]["at"]):
            asked += 1
            for key, reason in rows[name]["why"].items():
                said.setdefault(key, {})[run] = reason
    for told in said.values():
        texts = set(told.values())
        # What holds of all runs alike is said once, what does not with the run's name.
        text = texts.pop() if len(texts) == 1 and len(told) == asked else "; ".join(
            f"{_CALLED[run]}: {reason}" for run, reason in told.items()
        )  # fmt: skip
        marks.append(reasons.setdefault(text, str(len(reasons) + 1)))
    return ", ".join(marks)


def _cell(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "not run"
    if row["found"] is None:
        return str(row["at"]) or "-"
    ends = "" if row["low"] is None else f" [{_number(row, 'low')}, {_number(row, 'high')}]"
    return f"{_number(row, 'found')}{ends}" + (f" ({row['at']})" if row["at"] else "")


def _number(row: Mapping[str, Any], name: str) -> str:
    return f"{row[name]:,.{row['decimals']}f}".replace("-", "−")

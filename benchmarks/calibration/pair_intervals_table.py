"""Write the section of docs/calibration.md on intervals of analogy accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

Row = dict[str, Any]
_WITHIN = (0.92, 0.98)
_FROM = 6


def section(results: Row) -> list[str]:
    """The section, with every figure taken from the results."""
    models, relations = results["models"], results["relations"]
    names = list(dict.fromkeys(row["model"] for row in models))
    return [
        "## Intervals of analogy accuracy",
        "",
        f"Written by `python -m benchmarks.calibration pairs` (seed {results['seed']}, "
        f"{results['seconds']:.0f} s on {results['machine']['processor'] or 'an unnamed processor'}"
        f"). Nominal coverage {results['level']:.0%}; {results['trials']:,} families of N pairs a "
        "cell, all N (N − 1) questions asked. New: `probes.shared.effective_trials`. Bootstrap: "
        f"percentiles over pairs, {results['resamples']:,} resamples, "
        f"{results['bootstraps']:,} families a cell. Both give the exact bound where all answers "
        "are alike.",
        "",
        f"Mean over {len(names)} models of what makes a question right, with the least and the "
        f"largest of them: {'; '.join(names)}. None is what the interval assumes.",
        "",
        "| N | accuracy | new | least, largest | bootstrap | least |",
        "|---|---|---|---|---|---|",
        *(
            _model_row([r for r in models if (r["pairs"], r["share"]) == key], key)
            for key in dict.fromkeys((row["pairs"], row["share"]) for row in models)
        ),
        "",
        _verdict("models", models),
        _over_models(models),
        "",
        "At an accuracy of 0.98 few families have a wrong answer at all; then the exact bound "
        "covers, and nothing can be brought down to the nominal level. Below it fall families in "
        "which a rare pair of heavy tails spoils all of its questions, and is not in the sample.",
        "",
        f"Relations as they are answered: {len({(r['relation'], r['d']) for r in relations})} "
        "tables of the questions of one relation with the closed form of the carried counts "
        f"(d = {', '.join(str(d) for d in sorted({r['d'] for r in relations}))}; relations of 10 "
        "pairs and more, accuracy from "
        f"{min(r['share'] for r in relations):.2f} to {max(r['share'] for r in relations):.2f}), "
        "from which N pairs are drawn with replacement.",
        "",
        "| N | new | least, largest | within 92 to 98 % | bootstrap | least |",
        "|---|---|---|---|---|---|",
        *(
            _relation_row([r for r in relations if r["pairs"] == size], size)
            for size in dict.fromkeys(row["pairs"] for row in relations)
        ),
        "",
        _verdict("relations", relations),
        "",
        "Totals: every relation drawn anew, of its own number of pairs.",
        "",
        "| d | relations | pairs | all questions | covered | mean of families | covered |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['d']} | {row['relations']} | {row['pairs']} | "
            + " | ".join(
                f"{row['totals'][name]['share']:.3f} | {row['totals'][name]['covered']:.1%}"
                for name in ("micro", "macro")
            )
            + " |"
            for row in results["totals"]
        ),
        "",
    ]


def _over_models(rows: list[Row]) -> str:
    """How many means over the models lie within."""
    keys = dict.fromkeys((r["pairs"], r["share"]) for r in rows if r["pairs"] >= _FROM)
    means = [
        tuple(
            float(column.mean())
            for column in _columns([r for r in rows if (r["pairs"], r["share"]) == key])
        )
        for key in keys
    ]
    inside = [
        sum(_WITHIN[0] <= mean <= _WITHIN[1] for mean in one) for one in zip(*means, strict=True)
    ]
    ends = [(min(one), max(one)) for one in zip(*means, strict=True)]
    return (
        f"Of the {len(means)} means over the models, {inside[0]} lie within for the new interval "
        f"({ends[0][0]:.1%} to {ends[0][1]:.1%}) and {inside[1]} for the bootstrap "
        f"({ends[1][0]:.1%} to {ends[1][1]:.1%})."
    )


def _model_row(rows: list[Row], key: tuple[int, float]) -> str:
    new, old = _columns(rows)
    return (
        f"| {key[0]} | {key[1]} | {new.mean():.1%} | {new.min():.1%}, {new.max():.1%} | "
        f"{old.mean():.1%} | {old.min():.1%} |"
    )


def _relation_row(rows: list[Row], size: int) -> str:
    new, old = _columns(rows)
    inside = int(np.count_nonzero((new >= _WITHIN[0]) & (new <= _WITHIN[1])))
    return (
        f"| {size} | {new.mean():.1%} | {new.min():.1%}, {new.max():.1%} | {inside} of {len(new)} "
        f"| {old.mean():.1%} | {old.min():.1%} |"
    )


def _columns(rows: list[Row]) -> tuple[Any, Any]:
    return np.array([r["covered"] for r in rows]), np.array([r["bootstrap"] for r in rows])


def _verdict(what: str, rows: list[Row]) -> str:
    """How many cells of N from 6 up lie within, below and above, for both intervals."""
    said = []
    for name, column in zip(
        ("new", "bootstrap"), _columns([r for r in rows if r["pairs"] >= _FROM]), strict=True
    ):
        below = int(np.count_nonzero(column < _WITHIN[0]))
        above = int(np.count_nonzero(column > _WITHIN[1]))
        said.append(
            f"{name}: {len(column) - below - above} of {len(column)} cells from "
            f"{_WITHIN[0]:.0%} to {_WITHIN[1]:.0%}, {below} below and {above} above"
        )
    return f"Of the {what}, N from {_FROM}: {'; '.join(said)}."

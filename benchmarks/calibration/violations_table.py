"""Write the section of docs/calibration.md on noise that breaks the model."""

from __future__ import annotations

from typing import Any

from benchmarks.calibration.violations import EXPONENT, KINDS, TIMES, WORDS

Row = dict[str, Any]
_TESTS = (
    "Tracy-Widom sequence",
    "bulk quantiles",
    "parallel analysis",
    "mean by signs of rows",
)


def section(results: Row) -> list[str]:
    """The section, with every figure taken from the results."""
    cells = sorted(
        results["cells"],
        key=lambda cell: (KINDS.index(cell["kind"]), cell["rows"], cell["columns"]),
    )
    lines = [
        "## Where the model is broken",
        "",
        "Above, noise is drawn from the model that is fitted. Here it is not: independent "
        "Student entries of 4 degrees of freedom; rows of log-normal scale exp(z/2); a finite "
        f"vocabulary of {WORDS:g} d words (at least 100) with orthogonal columns, whose pairs "
        "share no word; and normal words with one word in half of the pairs. Eigenvalues "
        f"k^-{EXPONENT:g} throughout, as many families as given and a third as many with a mean "
        f"of {TIMES:g} times the threshold. The first rows, normal noise, are what the others "
        "are to be held against. Written by `python -m benchmarks.calibration violations` in "
        f"{results['seconds']:.0f} s.",
        "",
        "Coverage of the 90 % intervals, and how often the test of fit refuses the model at 5 %:",
        "",
        "| noise | N | d | families | ν covered | σ² covered | θ covered | refused |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {_head(cell)} | {cell['families']} | "
            f"{_share(cell['coverage']['effective dimension'])} | "
            f"{_share(cell['coverage']['variance'])} | {_share(cell['coverage']['strength'])} | "
            f"{_share(cell['refused'])} |"
            for cell in cells
        ),
        "",
        "False positives at 5 %, then power:",
        "",
        "| noise | N | d | " + " | ".join(_TESTS) + " |",
        "|---|---|---|" + "---|" * len(_TESTS),
    ]
    for cell in cells:
        found = [
            f"{_share(cell['false_positives'][test])}, {_share(cell['power'][test])}"
            for test in _TESTS
        ]
        lines.append(f"| {_head(cell)} | " + " | ".join(found) + " |")
    lines += [
        "",
        "All sizes together, each with the same weight:",
        "",
        "| noise | ν covered | refused | " + " | ".join(_TESTS) + " |",
        "|---|---|---|" + "---|" * len(_TESTS),
    ]
    for kind in KINDS:
        own = [cell for cell in cells if cell["kind"] == kind]
        means = [
            _mean([cell["coverage"]["effective dimension"] for cell in own]),
            _mean([cell["refused"] for cell in own]),
            *(_mean([cell["false_positives"][test] for cell in own]) for test in _TESTS),
        ]
        lines.append(f"| {kind} | " + " | ".join(_share(mean) for mean in means) + " |")
    return [
        *lines,
        "",
        "`spiked` therefore holds relations against random pairs of the embeddings themselves, "
        "which have all of this: [two nulls](concept-results.md#two-nulls-in-the-carried-corpus).",
        "",
    ]


def _head(cell: Row) -> str:
    return f"{cell['kind']} | {cell['rows']} | {cell['columns']:,}"


def _mean(shares: list[float]) -> float:
    return sum(shares) / len(shares)


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"

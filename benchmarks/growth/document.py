"""Write docs/growth.md from what was measured: exponents beside the arithmetic, and peers."""

from collections.abc import Sequence
from typing import Any

from benchmarks.growth.arithmetic import SWEEPS, Sweep
from benchmarks.growth.fit import FITTED, Exponent, Fitted, fitted
from benchmarks.growth.notes import EXPLAINED, MENDED

_OPENING = """# Growth of cost

Written by `python -m benchmarks.growth` from `benchmarks/growth/results.json`; nothing here is
typed by hand but what explains a row. Each row of the table is a stage along one axis, at four or
five sizes, each twice the one before. At each size the stage runs in a process of its own, with
libraries on one thread, first on something tiny, so that nothing is compiled or imported while it
is measured. **Processor time** is the median of up to three calls, all threads together; **memory**
is the peak of the first call beyond what the process held before it.

The **arithmetic** is what the stage has to do, written down in `benchmarks/growth/arithmetic.py`
before the first measurement: a sum of terms, of which the constants are not predicted. Beside
each term is its own slope over the sizes that are fitted. A measured **exponent** is a log-log
slope over the {fitted} largest sizes, once the time of the tiny call is taken away (the constant is
measured, not fitted), with Student's 95 % interval from the scatter about the line. Its verdict
is *above* where the whole interval lies above the steepest term, *below* where it lies below
the flattest, and *as predicted* otherwise. A wide interval says that the sizes are too few or too
small for more; a bend widens it too.

Inputs are made, with seed 0: text by Zipf's law with topics, random vectors with planted
relations. What they cannot show is how many products Lanczos needs on a real spectrum.
"""

_SMALL = """
## What CI holds

`python -m benchmarks.growth --small` counts operations in place of time, at small sizes: documents
read, pairs weighed, columns multiplied, inner products, evaluations, solutions, scores, calls of
functions, peak bytes of arrays. A test holds each exponent and ratio to what is written in
`benchmarks/growth/operations.py`; no test looks at a clock.
"""

PEERS = (
    ("counting", "reference's counting", "tokens", "the reference's dense arrays, one thread"),
    ("eigenpairs, Lanczos", "scikit-learn's TruncatedSVD", "V", "TruncatedSVD, ARPACK"),
    ("eigenpairs, Lanczos", "scikit-learn's TruncatedSVD", "d", "TruncatedSVD, ARPACK"),
)


def markdown(found: dict[str, Any]) -> str:
    """The page."""
    sweeps = [sweep for sweep in SWEEPS if sweep.name in found["sweeps"]]
    fits = {sweep.name: fitted(sweep, _rows(found, sweep.name)) for sweep in sweeps}
    dates = sorted({found["sweeps"][sweep.name]["date"] for sweep in sweeps})
    lines = [
        _OPENING.format(fitted=FITTED),
        f"Measured {', '.join(dates)}. Machine: "
        + ", ".join(f"{name} {value}" for name, value in found["machine"].items())
        + ".\n",
        "Versions: "
        + ", ".join(f"{name} {value}" for name, value in found["versions"].items())
        + ".\n",
        *_table(found, sweeps, fits),
        *_explained(sweeps, fits),
        *_peers(found),
        _SMALL,
    ]
    return "\n".join(lines)


def _rows(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = found["sweeps"][name]["rows"]
    return rows


def _table(found: dict[str, Any], sweeps: Sequence[Sweep], fits: dict[str, Fitted]) -> list[str]:
    lines = [
        "\n## Exponents\n",
        "| stage | by | sizes | seconds at the largest | exponent of time | of the arithmetic "
        "| verdict | MiB at the largest | exponent of memory |",
        "|---|---|---|---:|---|---|---|---:|---|",
    ]
    for sweep in sweeps:
        rows, fit = _rows(found, sweep.name), fits[sweep.name]
        terms = "; ".join(f"{name}: {slope:.2f}" for name, slope in fit.terms.items())
        cells = [
            sweep.stage,
            sweep.axis.replace("per_family", "pairs of a family"),
            f"{rows[0][sweep.axis]:,} to {rows[-1][sweep.axis]:,}",
            f"{rows[-1]['processor_seconds']:.3g}",
            _shown(fit.time),
            terms,
            fit.verdict,
            f"{rows[-1]['peak_bytes'] / 2**20:.0f}",
            _shown(fit.memory),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _shown(found: Exponent | None) -> str:
    if found is None:
        return "too small to tell"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _explained(sweeps: Sequence[Sweep], fits: dict[str, Fitted]) -> list[str]:
    above = [sweep.name for sweep in sweeps if fits[sweep.name].verdict == "above"]
    lines = ["\n## Above the arithmetic\n"]
    if not above:
        lines.append("No stage is.")
    lines += [f"* **{name}.** {EXPLAINED.get(name, 'Not explained yet.')}" for name in above]
    return [*lines, "\n## Mended while the table was made\n", *(f"* {one}" for one in MENDED)]


def _peers(found: dict[str, Any]) -> list[str]:
    lines = [
        "\n## Beside others\n",
        "Processor seconds in the same run, and the other's time over ours.",
        "",
        "| stage | by | other | sizes | ours | other | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for ours, other, axis, words in PEERS:
        names = f"{ours} by {axis}", f"{other} by {axis}"
        if not all(name in found["sweeps"] for name in names):
            continue
        pairs = list(zip(*(_rows(found, name) for name in names), strict=True))
        cells = [
            ours,
            axis,
            words,
            _listed(f"{a[axis]:,}" for a, _ in pairs),
            _listed(f"{a['processor_seconds']:.2g}" for a, _ in pairs),
            _listed(f"{b['processor_seconds']:.2g}" for _, b in pairs),
            _listed(f"{b['processor_seconds'] / a['processor_seconds']:.1f}" for a, b in pairs),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if "gensim's epoch by tokens" in found["sweeps"]:
        last = _rows(found, "gensim's epoch by tokens")[-1]
        each = last["processor_seconds"] / last["tokens"]
        lines.append(
            f"\nA training epoch of gensim takes {1e6 * each:.1f} microseconds a token at "
            f"d = {last['d']}, window 16 and 5 negatives; a gradient of all pairs here does not "
            "depend on the number of tokens."
        )
    return lines


def _listed(cells: Any) -> str:
    return "; ".join(cells)

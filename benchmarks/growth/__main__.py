"""Measure how processor time and memory of each stage grow, beside the arithmetic.

python -m benchmarks.growth                 every stage, then the page; half an hour
python -m benchmarks.growth topics target   these stages again, the rest as they were
python -m benchmarks.growth --write         the page again, from the last results
python -m benchmarks.growth --small         operations counted in place of time; seconds
"""

import argparse
import json
from datetime import date
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.growth import document
from benchmarks.growth.arithmetic import SWEEPS
from benchmarks.growth.fit import fitted
from benchmarks.growth.measure import rows
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "growth" / "results.json"
PAGE = REPOSITORY / "docs" / "growth.md"


def main(given: list[str] | None = None) -> None:
    """Measure and write."""
    stages = list(dict.fromkeys(sweep.stage for sweep in SWEEPS))
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=__doc__, formatter_class=_Plain
    )
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="; ".join(stages))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(given)
    unknown = [stage for stage in asked.stages if stage not in stages]
    if unknown:
        parser.error(f"there is no stage {unknown[0]!r}; there are {', '.join(stages)}")
    if asked.small:
        from benchmarks.growth import operations

        print(operations.table())
        return
    if not asked.write:
        _measure(asked.stages)
    PAGE.write_text(document.markdown(_results()), "utf-8")
    print(f"results: {RESULTS}\npage: {PAGE}")


def _results() -> dict[str, Any]:
    found: dict[str, Any] = {"sweeps": {}}
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else found


def _measure(stages: list[str]) -> None:
    for sweep in SWEEPS:
        if stages and sweep.stage not in stages:
            continue
        print(f"{sweep.name} ...", end=" ", flush=True)
        measured = list(rows(sweep))
        # After each, so that nothing measured is lost.
        found = _results() | {"machine": machine(), "versions": versions()}
        found["sweeps"][sweep.name] = {"date": date.today().isoformat(), "rows": measured}
        write_json(found, RESULTS)
        fit = fitted(sweep, measured)
        shown = "-" if fit.time is None else f"{fit.time.value:.2f}"
        print(
            f"{measured[-1]['processor_seconds']:.2f} s, exponent {shown}: {fit.verdict}",
            flush=True,
        )


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of this module's docstring."""


if __name__ == "__main__":
    main()

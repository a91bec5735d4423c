"""Choose the settings of the weighted closed form, measure it, and write the document.

python -m benchmarks.weighted search                  choose a setting on enwiki-featured
python -m benchmarks.weighted density                 how full the counts of the two corpora are
python -m benchmarks.weighted search --matched        choose again, on as many words as make the
                                                      counts of enwiki-featured as full as those
                                                      of enwiki-low
python -m benchmarks.weighted general                 rank-1 weights against general ones
python -m benchmarks.weighted report --ours           the chosen setting on enwiki-low
python -m benchmarks.weighted report --gensim-seed 1  gensim, one seed a call
python -m benchmarks.weighted report                  score again what has been run
python -m benchmarks.weighted document                write docs/weighted.md

Every stage adds to JSON files in this folder and can be run again. `report`
takes another text with --text FILE.
"""

import argparse
import json
from pathlib import Path

from benchmarks.corpora import REPOSITORY, large_text
from benchmarks.weighted import density, document, general, report
from benchmarks.weighted.search import search

HERE = REPOSITORY / "benchmarks" / "weighted"
FEATURED = REPOSITORY.parent / "shared/data/enwiki-featured.txt.xz"
SEARCH, MATCHED, RESULTS, GENERAL, DENSITY = (
    HERE / f"{name}.json" for name in ("search", "search-matched", "results", "general", "density")
)


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.weighted")
    stages = parser.add_subparsers(dest="stage", required=True)
    searching = stages.add_parser("search", help="choose a setting")
    searching.add_argument("--text", type=Path, default=FEATURED)
    searching.add_argument("--matched", action="store_true", help="on a matched vocabulary")
    searching.add_argument("--most", type=int, default=60, help="eigenproblems to solve at most")
    stages.add_parser("density", help="how full the counts are")
    stages.add_parser("general", help="rank-1 weights against general ones")
    reporting = stages.add_parser("report", help="measure the chosen setting")
    reporting.add_argument("--text", type=Path, help="enwiki-low by default")
    which = reporting.add_mutually_exclusive_group()
    which.add_argument("--ours", action="store_true", help="the chosen setting and plain M*")
    which.add_argument("--gensim-seed", type=int, help="gensim's SGNS with this seed")
    reporting.add_argument(
        "--shared", action="store_true", help="other work runs beside: the time will not count"
    )
    stages.add_parser("document", help="write docs/weighted.md")
    asked = parser.parse_args()
    if asked.stage == "search":
        if asked.matched:
            words = json.loads(DENSITY.read_text("utf-8"))["matched"]
            search(asked.text, MATCHED, asked.most, words)
        else:
            search(asked.text, SEARCH, asked.most)
    elif asked.stage == "density":
        density.measure(FEATURED, large_text(), DENSITY)
    elif asked.stage == "general":
        general.compare(GENERAL)
    elif asked.stage == "report":
        stage = "ours" if asked.ours else "score" if asked.gensim_seed is None else "gensim"
        text = asked.text or large_text()
        folder = REPOSITORY / "runs" / "weighted"
        searches = {report.OURS: SEARCH, report.MATCHED: MATCHED}
        report.measured(
            text, stage, asked.gensim_seed, searches, RESULTS, folder, shared=asked.shared
        )
    else:
        parts = [
            json.loads(file.read_text("utf-8")) if file.exists() else {}
            for file in (SEARCH, MATCHED, DENSITY, RESULTS, GENERAL)
        ]
        (REPOSITORY / "docs" / "weighted.md").write_text(document.markdown(*parts), "utf-8")


if __name__ == "__main__":
    main()

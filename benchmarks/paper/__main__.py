"""Take runs of ``repsearch reproduce`` into the page "the paper, figure by figure".

repsearch reproduce --out runs/paper                     make the figures, in minutes
python -m benchmarks.paper take runs/paper carried       keep its numbers and pictures
python -m benchmarks.paper take runs/low enwiki-low      keep the numbers of another run beside it
python -m benchmarks.paper document                      write docs/paper.md anew

All three end with docs/paper.md, written from benchmarks/paper/results.json.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.corpora import REPOSITORY
from benchmarks.paper import document
from repsearch.storage.atomic import replacing
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "paper" / "results.json"
PICTURES = REPOSITORY / "docs" / "figures"
_WIDEST, _COLOURS = 1400, 256


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper")
    stages = parser.add_subparsers(dest="stage", required=True)
    taking = stages.add_parser("take", help="keep a run's numbers, and write docs/paper.md")
    taking.add_argument("run", type=Path, help="folder of 'repsearch reproduce'")
    taking.add_argument(
        "name", choices=document.RUNS, help="what it is of; pictures are kept of the first alone"
    )
    stages.add_parser("document", help="write docs/paper.md from the numbers that are kept")
    given = parser.parse_args()
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if given.stage == "take":
        results[given.name] = kept(json.loads((given.run / "figures.json").read_text("utf-8")))
        write_json(results, RESULTS)
        if given.name == document.RUNS[0]:
            for picture in sorted((given.run / "figures").glob("*.png")):
                shrink(picture, PICTURES / f"paper-{picture.name}")
    with replacing(REPOSITORY / "docs" / "paper.md", "w") as stream:
        stream.write(document.markdown(results, PICTURES))


def kept(run: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a run: no path of a machine, no picture."""
    figures = {
        name: {key: one[key] for key in ("made", "reason", "numbers", "facts", "notes")}
        for name, one in run["figures"].items()
    }
    return {"about": run["about"], "facts": run["facts"], "figures": figures}


def shrink(picture: Path, to: Path) -> None:
    """Make a picture modest enough for the repository."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    if image.width > _WIDEST:
        size = (_WIDEST, round(image.height * _WIDEST / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
    few = image.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    with replacing(to) as stream:
        few.save(stream, "png", optimize=True)


if __name__ == "__main__":
    main()

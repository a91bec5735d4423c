"""Take runs of ``repsearch reproduce`` into the page "the paper, figure by figure".

repsearch reproduce --out runs/paper                     make the figures, in minutes
python -m benchmarks.paper take runs/paper carried       keep its numbers and pictures
python -m benchmarks.paper take runs/low enwiki-low      keep those of another run beside it
python -m benchmarks.paper document                      write docs/paper.md from the JSON alone
"""

import argparse
import json
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.corpora import REPOSITORY
from benchmarks.paper import document
from repsearch.storage.tables import write_json

RESULTS = REPOSITORY / "benchmarks" / "paper" / "results.json"
PICTURES = REPOSITORY / "docs" / "figures"
_WIDEST, _COLOURS = 1400, 256


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper")
    stages = parser.add_subparsers(dest="stage", required=True)
    taking = stages.add_parser("take")
    taking.add_argument("run", type=Path)
    taking.add_argument("name", choices=document.RUNS)
    stages.add_parser("document")
    given = parser.parse_args()
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if given.stage == "take":
        results[given.name] = kept(json.loads((given.run / "figures.json").read_text("utf-8")))
        write_json(results, RESULTS)
        if given.name == document.RUNS[0]:
            for picture in sorted((given.run / "figures").glob("*.png")):
                shrink(picture, PICTURES / f"paper-{picture.name}")
    page = REPOSITORY / "docs" / "paper.md"
    page.write_text(document.markdown(results), "utf-8")


def kept(run: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a run: no path of a machine, no picture."""
    figures = {
        name: {key: one[key] for key in ("title", "made", "reason", "facts", "notes")}
        for name, one in run["figures"].items()
    }
    return {"about": run["about"], "figures": figures, "published": run["published"]}


def shrink(picture: Path, to: Path) -> None:
    """Make a picture modest enough for the repository."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    if image.width > _WIDEST:
        size = (_WIDEST, round(image.height * _WIDEST / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
    to.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        to, optimize=True
    )


if __name__ == "__main__":
    main()

"""Compare trained SGNS and QWEM, M*, PPMI, PMI and gensim's SGNS in one table.

python -m benchmarks.trained run         closed forms: count the text, solve, keep the embeddings
python -m benchmarks.trained report      score all embeddings there are, old and new
python -m benchmarks.trained density     closed forms over fewer words and with less text
python -m benchmarks.trained document    write docs/trained.md from the JSON alone

`report` finds the closed forms that `run` left and gensim's embeddings, which
`python -m benchmarks.weighted report --gensim-seed N` leaves. Trained ones are
given once, each under a name that ends with its seed and that begins with
"trained SGNS" or "trained QWEM":

python -m benchmarks.trained report --embeddings "trained SGNS, seed 1=sgns.safetensors" \
    --seconds "trained SGNS, seed 1=840" --note "trained SGNS, seed 1=full batch, 2 CPU cores"
"""

import argparse
import json
from pathlib import Path

from benchmarks.corpora import REPOSITORY, large_text
from benchmarks.process import in_process
from benchmarks.trained import document
from benchmarks.trained.closed_forms import closed_forms
from benchmarks.trained.density import by_density
from benchmarks.trained.scoring import Given, from_gensim, report
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

HERE = REPOSITORY / "benchmarks" / "trained"
RESULTS = HERE / "results.json"
GENSIM = REPOSITORY / "benchmarks" / "weighted" / "results.json"


def main() -> None:
    """Run the stage that the command line names."""
    asked = _arguments().parse_args()
    if asked.stage == "document":
        results = json.loads(RESULTS.read_text("utf-8"))
        (REPOSITORY / "docs" / "trained.md").write_text(document.markdown(results), "utf-8")
        return
    text = asked.text or large_text()
    name = text.name.partition(".")[0]
    folder = REPOSITORY / "runs" / "trained" / name
    folder.mkdir(parents=True, exist_ok=True)
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    found = results.setdefault(text.name, {"runs": {}})
    facts = {"machine": machine(), "versions": versions()}
    if asked.stage == "run":
        solved = in_process(closed_forms, text, folder)
        runs = solved.pop("runs")
        for run in runs.values():
            run |= {"shared": asked.shared, **facts}
        found["counts"] = solved
        found["runs"] |= runs
    elif asked.stage == "density":
        found["density"] = in_process(by_density, text) | facts
    else:
        given = [
            Given(
                one,
                Path(file),
                asked.seconds.get(one),
                asked.note.get(one),
                facts | {"shared": asked.shared},
            )
            for one, file in asked.embeddings.items()
        ]
        given += from_gensim(GENSIM, text.name, REPOSITORY / "runs" / "weighted" / name)
        report(found, given, folder)
    write_json(results, RESULTS)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trained")
    stages = parser.add_subparsers(dest="stage", required=True)
    running = stages.add_parser("run", help="solve the closed forms")
    reporting = stages.add_parser("report", help="score")
    thinning = stages.add_parser("density", help="what unseen pairs do to the closed forms")
    for stage in (running, reporting):
        stage.add_argument(
            "--shared", action="store_true", help="other work ran beside: times do not count"
        )
    for stage in (running, reporting, thinning):
        stage.add_argument("--text", type=Path, help="enwiki-low by default")
    for option, what in (
        ("embeddings", "NAME=FILE"),
        ("seconds", "NAME=SECONDS, of training"),
        ("note", "NAME=TEXT, how it was trained"),
    ):
        reporting.add_argument(f"--{option}", action=_Named, default={}, metavar="NAME=", help=what)
    stages.add_parser("document", help="write docs/trained.md")
    return parser


class _Named(argparse.Action):
    """NAME=VALUE, any number of times, into a dictionary."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        name, equals, value = str(values).partition("=")
        if not (name and equals and value):
            parser.error(f"{option_string} is {values!r}; pass NAME=VALUE")
        kept = {**getattr(namespace, self.dest)}
        try:
            kept[name] = float(value) if self.dest == "seconds" else value
        except ValueError:
            parser.error(f"{option_string} is {values!r}; pass a number of seconds")
        setattr(namespace, self.dest, kept)


if __name__ == "__main__":
    main()

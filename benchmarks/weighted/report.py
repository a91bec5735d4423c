"""The chosen setting beside plain M* and gensim on a text, a stage at a time."""

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.process import in_process
from benchmarks.weighted import measure
from benchmarks.weighted.settings import Setting
from probes import AnalogyResult, analogies, compare_analogies, google_relations
from repsearch import Embeddings
from repsearch.cli.provenance import machine, versions
from repsearch.tables import write_json

OURS, PLAIN = "weighted closed form", "plain M*"


def measured(
    text: Path, stage: str, seed: int | None, search: Path, results: Path, folder: Path
) -> None:
    """Run one stage in a process of its own, then score all that has been run.

    Parameters
    ----------
    text : path
        One document a line.
    stage : {"ours", "gensim", "score"}
        What to run; "ours" runs plain M* as well.
    seed : int, optional
        Of gensim.
    search : path
        The result of the search, which holds the chosen setting.
    results : path
        JSON to add to.
    folder : path
        Where embeddings are kept between stages.
    """
    everything: dict[str, Any] = json.loads(results.read_text("utf-8")) if results.exists() else {}
    found = everything.setdefault(text.name, {"runs": {}})
    folder = folder / text.name.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    chosen = json.loads(search.read_text("utf-8"))["chosen"]
    if stage == "ours":
        setting = Setting(**chosen["setting"])
        how = (text, setting, chosen["exponent"], _file(folder, OURS))
        _note(found, OURS, in_process(measure.ours, *how), **chosen)
        _note(found, PLAIN, in_process(measure.plain, text, _file(folder, PLAIN)))
    elif stage == "gensim":
        name = f"gensim, seed {seed}"
        _note(found, name, in_process(measure.by_gensim, text, seed, _file(folder, name)))
    _score(found, folder)
    write_json(everything, results)
    for name, run in found["runs"].items():
        print(name, f"{run['seconds_from_corpus']:.1f} s", run.get("micro"), flush=True)


def _note(found: dict[str, Any], name: str, run: dict[str, Any], **more: Any) -> None:
    found["runs"][name] = {
        **run,
        **more,
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(),
    }


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name.replace(' ', '-').replace(',', '').replace('*', 'star')}.bin"


def _score(found: dict[str, Any], folder: Path) -> None:
    relations = google_relations()
    results: dict[str, AnalogyResult] = {}
    for name, run in found["runs"].items():
        result = analogies(Embeddings.open(_file(folder, name)), relations)
        results[name] = result
        run["questions"] = result.questions
        run["micro"] = _interval(result.micro)
        run["macro"] = _interval(result.macro)
        run["families"] = {
            family.family: [family.correct, family.questions] for family in result.families
        }
    if OURS in results:
        found["differences"] = {
            name: _interval(compare_analogies(results[OURS], result))
            for name, result in results.items()
            if name != OURS
        }
    by_seed = [name for name in results if name.startswith("gensim")]
    found["between_seeds"] = {
        f"{one} - {other}": _interval(compare_analogies(results[one], results[other]))
        for other, one in pairwise(by_seed)
    }


def _interval(interval: Any) -> list[float]:
    return [interval.value, interval.low, interval.high]

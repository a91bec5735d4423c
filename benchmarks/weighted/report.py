"""Compare the chosen setting with plain M* and gensim on a text, a stage at a time."""

import json
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.process import in_process
from benchmarks.weighted import measure
from benchmarks.weighted.settings import Setting
from probes import AnalogyResult, analogies, compare_analogies, google_relations
from repsearch import Embeddings
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

OURS, PLAIN = "weighted closed form", "plain M*"
MATCHED = "weighted closed form, second choice"


def measured(
    text: Path,
    stage: str,
    seed: int | None,
    searches: Mapping[str, Path],
    results: Path,
    folder: Path,
    *,
    shared: bool = False,
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
    searches : mapping of str to path
        Under the name of each choice the result of its search; one not made is left out.
    results : path
        JSON to add to.
    folder : path
        Where embeddings are kept between stages.
    shared : bool
        Other work runs on the machine meanwhile, so that times say nothing.
    """
    folder = folder / text.name.partition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    new: dict[str, Any] = {}
    if stage == "ours":
        for name, search in searches.items():
            if search.exists():
                chosen = json.loads(search.read_text("utf-8"))["chosen"]
                how = (text, Setting(**chosen["setting"]), chosen["exponent"], _file(folder, name))
                new[name] = _noted(in_process(measure.ours, *how), shared=shared, **chosen)
        plain = in_process(measure.plain, text, _file(folder, PLAIN))
        new[PLAIN] = _noted(plain, shared=shared)
    elif stage == "gensim":
        name = f"gensim, seed {seed}"
        run = in_process(measure.by_gensim, text, seed, _file(folder, name))
        new[name] = _noted(run, shared=shared)
    # Read only now: another stage may have added to it meanwhile.
    everything: dict[str, Any] = json.loads(results.read_text("utf-8")) if results.exists() else {}
    found = everything.setdefault(text.name, {"runs": {}})
    found["runs"] |= new
    _score(found, folder)
    write_json(everything, results)
    for name, run in found["runs"].items():
        print(name, f"{run['seconds_from_corpus']:.1f} s", run.get("micro"), flush=True)


def _noted(run: dict[str, Any], **more: Any) -> dict[str, Any]:
    facts = {"date": date.today().isoformat(), "machine": machine(), "versions": versions()}
    return {**run, **more, **facts}


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
    found["differences"] = {
        ours: {
            name: _interval(compare_analogies(results[ours], result))
            for name, result in results.items()
            if name not in (OURS, MATCHED)
        }
        for ours in (OURS, MATCHED)
        if ours in results
    }
    by_seed = [name for name in results if name.startswith("gensim")]
    found["between_seeds"] = {
        f"{one} - {other}": _interval(compare_analogies(results[one], results[other]))
        for other, one in pairwise(by_seed)
    }


def _interval(interval: Any) -> list[float]:
    return [interval.value, interval.low, interval.high]

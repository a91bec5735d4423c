"""Set the minimum of SGNS beside gensim: the same text, tokens, window and weights, one machine.

python -m benchmarks.beside_gensim run TEXT                    all documents
python -m benchmarks.beside_gensim run TEXT --every 4          each fourth document
python -m benchmarks.beside_gensim report                      print the tables

The ridge follows the tokens, by what held-out text asked for elsewhere (`python -m
benchmarks.minimum heldout`): no setting was chosen by an analogy or on these texts. Embeddings
are kept in `runs/`, results go to `benchmarks/beside_gensim.json`.
"""

import argparse
import json
import lzma
import resource
from pathlib import Path
from typing import Any

from benchmarks.corpora import REPOSITORY
from benchmarks.minimum import RIDGE_TIMES_TOKENS
from benchmarks.process import in_process, timed
from benchmarks.trained.paired import spearman_difference
from benchmarks.weighted.measure import GENSIM, by_gensim
from probes import analogies, compare_analogies, google_relations, similarity, similarity_sets
from repsearch import Embeddings, Window, Word2VecC, count, encode, minimise
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json

RESULTS = Path(__file__).with_suffix(".json")
WORDS, DIMENSION, WINDOW = 10_000, 200, Window(GENSIM["window"])
WEIGHTING = Word2VecC(GENSIM["negative"], subsample=GENSIM["sample"])
SETS = ("men3000", "wordsim353")


def minimum(text: Path, file: Path) -> dict[str, Any]:
    """Count and minimise."""
    warm = count(encode(["a few words to compile the kernels by " * 9], vocabulary_size=None))
    minimise(warm, 2, weighting=WEIGHTING, iterations=1)
    encoding, corpus = timed(encode, text, vocabulary_size=WORDS)
    before = _processor_seconds()
    counting, counts = timed(count, corpus, WINDOW)
    ridge = RIDGE_TIMES_TOKENS / len(corpus.tokens)
    minimising, found = timed(minimise, counts, DIMENSION, weighting=WEIGHTING, ridge=ridge)
    spent = _processor_seconds() - before
    found.embeddings.save(file)
    return {
        "tokens": len(corpus.tokens),
        "documents": corpus.n_documents,
        "ridge": ridge,
        "encoding_seconds": encoding,
        "counting_seconds": counting,
        "minimising_seconds": minimising,
        "seconds_from_corpus": counting + minimising,
        "processor_seconds": spent,
        "summary": found.summary(),
        "losses": found.losses.tolist(),
        "iteration_seconds": found.seconds.tolist(),
    }


def gensim(text: Path, seed: int, file: Path) -> dict[str, Any]:
    """Train by gensim; its processor time has the preparation of the text in it."""
    before = _processor_seconds()
    found = by_gensim(text, seed, file)
    return found | {"processor_seconds": _processor_seconds() - before}


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def each(text: Path, every: int, folder: Path) -> Path:
    """Write each so-many-th document of a text of one document a line, the last of each so many."""
    if every == 1:
        return text
    part = folder / "text.txt"
    with lzma.open(text, "rt", encoding="utf-8") as whole, part.open("w", encoding="utf-8") as kept:
        kept.writelines(line for place, line in enumerate(whole, 1) if place % every == 0)
    return part


def run(text: Path, every: int, seeds: list[int], *, shared: bool) -> None:
    """Measure one text; what is measured already stays."""
    name = text.name.partition(".")[0] + (f", each {every}th document" if every > 1 else "")
    folder = REPOSITORY / "runs" / "beside-gensim" / name.replace(", ", "-").replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    text = each(text, every, folder)
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    found = results.setdefault(name, {"machine": machine(), "versions": versions()})
    made = {"minimum": folder / "minimum.safetensors"}
    found["minimum"] = in_process(minimum, text, made["minimum"]) | {"shared": shared}
    print(found["minimum"]["summary"], found["minimum"]["seconds_from_corpus"], flush=True)
    for seed in seeds:
        one = f"gensim, seed {seed}"
        made[one] = folder / f"gensim-seed-{seed}.bin"
        if not (one in found and made[one].exists()):
            found[one] = in_process(gensim, text, seed, made[one]) | {"shared": shared}
        write_json(results, RESULTS)
        print(one, found[one]["seconds_from_corpus"], flush=True)
    _score(found, made)
    write_json(results, RESULTS)


def _score(found: dict[str, Any], made: dict[str, Path]) -> None:
    relations, sets = google_relations(), similarity_sets()
    scored = {}
    for name, file in made.items():
        embeddings = Embeddings.open(file)
        result = analogies(embeddings, relations)
        scored[name] = embeddings, result
        found[name] |= {"questions": result.questions, "micro": _numbers(result.micro)}
        for key in SETS:
            found[name][key] = _numbers(similarity(embeddings, sets[key]).spearman)
    ours = scored["minimum"]
    for name, (embeddings, result) in scored.items():
        if name != "minimum":
            found[name]["minimum_less_this"] = {
                "micro": _numbers(compare_analogies(ours[1], result)),
                **{
                    key: _numbers(spearman_difference(ours[0], embeddings, sets[key]))
                    for key in SETS
                },
            }


def _numbers(interval: Any) -> list[float]:
    return [interval.value, interval.low, interval.high]


def report() -> str:
    """Give a Markdown table a text."""
    lines = []
    for text, found in json.loads(RESULTS.read_text("utf-8")).items():
        ours = found["minimum"]
        lines += [
            f"{text}: {ours['tokens']:,} tokens of {ours['documents']:,} documents",
            "",
            "| | seconds | processor seconds | analogies | MEN | WordSim-353 |",
            "|---|---:|---:|---|---|---|",
        ]
        for name, one in found.items():
            if "micro" in one:
                seconds = "(shared)" if one.get("shared") else f"{one['seconds_from_corpus']:.0f}"
                lines.append(
                    f"| {name} | {seconds} | {one['processor_seconds']:.0f} "
                    f"| {_percent(one['micro'])} | {_three(one['men3000'])} "
                    f"| {_three(one['wordsim353'])} |"
                )
        for name, one in found.items():
            if "minimum_less_this" in one:
                less = one["minimum_less_this"]
                ratio = one["processor_seconds"] / ours["processor_seconds"]
                lines.append(
                    f"| minimum less {name} | | 1 / {ratio:.1f} "
                    f"| {_percent(less['micro'], '+')} | {_three(less['men3000'], '+')} "
                    f"| {_three(less['wordsim353'], '+')} |"
                )
        lines.append("")
    return "\n".join(lines)


def _percent(numbers: list[float], sign: str = "") -> str:
    value, low, high = (100 * number for number in numbers)
    return f"{value:{sign}.1f} % [{low:{sign}.1f}, {high:{sign}.1f}]"


def _three(numbers: list[float], sign: str = "") -> str:
    value, low, high = numbers
    return f"{value:{sign}.3f} [{low:{sign}.3f}, {high:{sign}.3f}]"


def main() -> None:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stages = parser.add_subparsers(dest="stage", required=True)
    running = stages.add_parser("run")
    running.add_argument("text", type=Path)
    running.add_argument("--every", type=int, default=1)
    running.add_argument("--shared", action="store_true", help="other work runs beside")
    running.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    stages.add_parser("report")
    asked = parser.parse_args()
    if asked.stage == "run":
        run(asked.text, asked.every, asked.seeds, shared=asked.shared)
    print(report())


if __name__ == "__main__":
    main()

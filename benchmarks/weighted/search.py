"""Choose a setting, one choice at a time, on one corpus."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.process import timed
from benchmarks.weighted.pipeline import counted, solved
from benchmarks.weighted.settings import (
    EXPONENTS,
    GRID,
    PLAIN,
    PLAIN_EXPONENT,
    START,
    START_EXPONENT,
    TOLERANCE,
    VOCABULARY,
    Setting,
)
from probes import AnalogyResult, analogies, compare_analogies, google_relations
from repsearch import Corpus, Counts, encode
from repsearch.dynamics.weighted.minimiser import WeightedMinimiser
from repsearch.storage.tables import write_json

WORTH_A_MOVE = 0.001
_CLEARLY_WORSE = 0.01  # no farther in this direction


def search(text: Path, file: Path, most: int = 60, words: int = VOCABULARY) -> None:
    """Search, then see what each choice is worth; every result goes to `file` at once.

    A search that was interrupted goes on from where it stood.

    Parameters
    ----------
    text : path
        One document a line.
    file : path
        Results as JSON.
    most : int
        Solve at most this many eigenproblems in the search.
    words : int
        Size of the vocabulary.
    """
    state: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    state.setdefault("text", text.name)
    state.setdefault("trials", [])
    state.setdefault("single_changes", [])
    corpus = encode(text, vocabulary_size=words)
    state["words"] = len(corpus.words)
    state["tokens"] = len(corpus.tokens)
    trial = _trials(corpus, state, file)
    setting, best, finished = _climb(state, trial, most)
    exponent = _best_exponent(best)
    chosen = {"setting": setting.as_dict(), "exponent": exponent}
    if state.get("chosen") != chosen:
        state["single_changes"] = []
    state["chosen"], state["finished"] = chosen, finished
    write_json(state, file)
    print("chosen", setting, exponent, best["best"], flush=True)
    _single_changes(corpus, state, file, setting, exponent)


def _climb(
    state: dict[str, Any], trial: Callable[[Setting], dict[str, Any]], most: int
) -> tuple[Setting, dict[str, Any], bool]:
    """Move one choice at a time until a whole round changes nothing, or the budget is spent."""
    setting = Setting(**state["at"]) if "at" in state else START
    best = trial(setting)
    changed = True
    while changed:
        changed = False
        for name, values in GRID.items():
            middle = values.index(getattr(setting, name))
            for values_on in (values[middle + 1 :], values[:middle][::-1]):
                for value in values_on:
                    if len(state["trials"]) >= most:
                        return setting, best, False
                    other = trial(setting.with_(name, value))
                    if other["best"] >= best["best"] + WORTH_A_MOVE:
                        setting, best, changed = setting.with_(name, value), other, True
                        state["at"] = setting.as_dict()
                    elif other["best"] < best["best"] - _CLEARLY_WORSE:
                        break
    return setting, best, True


def _trials(
    corpus: Corpus, state: dict[str, Any], file: Path
) -> Callable[[Setting], dict[str, Any]]:
    relations = google_relations()

    @lru_cache(maxsize=2)
    def counts_of(setting: Setting) -> Counts:
        return counted(corpus, setting)

    def trial(setting: Setting) -> dict[str, Any]:
        for known in state["trials"]:
            if known["setting"] == setting.as_dict():
                return dict(known)
        # Only these two matter to the counts.
        counts = counts_of(
            PLAIN.with_("subsample", setting.subsample).with_("window", setting.window)
        )
        seconds, (minimiser, edge) = timed(solved, counts, setting, TOLERANCE)
        accuracy = {}
        for exponent in EXPONENTS:
            embeddings = minimiser.embeddings(exponent=exponent, noise_edge=edge)
            accuracy[f"{exponent}"] = analogies(embeddings, relations, resamples=100).micro.value
        found = {
            "setting": setting.as_dict(),
            "accuracy": accuracy,
            "best": max(accuracy.values()),
            "noise_edge": edge,
            "last_eigenvalue": float(minimiser.spectrum.eigenvalues[-1]),
            "seconds": seconds,
        }
        state["trials"].append(found)
        write_json(state, file)
        print(
            setting, f"{found['best']:.4f}", _best_exponent(found), f"{seconds:.0f} s", flush=True
        )
        return found

    return trial


def _best_exponent(trial: dict[str, Any]) -> float:
    accuracy = trial["accuracy"]
    return float(max(accuracy, key=lambda exponent: float(accuracy[exponent])))


def _single_changes(
    corpus: Corpus, state: dict[str, Any], file: Path, chosen: Setting, exponent: float
) -> None:
    """The chosen setting with one choice undone, and the plain one with one choice made."""
    relations = google_relations()

    @lru_cache(maxsize=2)  # the chosen setting and the plain one are asked for again
    def solution(setting: Setting) -> tuple[WeightedMinimiser, float]:
        return solved(counted(corpus, setting), setting, TOLERANCE)

    def score(setting: Setting, power: float) -> AnalogyResult:
        minimiser, edge = solution(setting)
        return analogies(minimiser.embeddings(exponent=power, noise_edge=edge), relations)

    best, plain = score(chosen, exponent), score(PLAIN, PLAIN_EXPONENT)
    wanted: list[tuple[str, str, tuple[Setting, float], AnalogyResult]] = [
        ("chosen", "", (chosen, exponent), plain)
    ]
    if exponent != PLAIN_EXPONENT:
        wanted += [
            ("undone", "exponent", (chosen, PLAIN_EXPONENT), best),
            ("alone", "exponent", (PLAIN, exponent), plain),
        ]
    wanted += [("plain", "", (PLAIN, PLAIN_EXPONENT), best)]
    wanted += [("start", "", (START, START_EXPONENT), plain)]
    for name in GRID:
        if getattr(chosen, name) != getattr(PLAIN, name):
            undone = chosen.with_(name, getattr(PLAIN, name))
            alone = PLAIN.with_(name, getattr(chosen, name))
            wanted += [("undone", name, (undone, exponent), best)]
            wanted += [("alone", name, (alone, PLAIN_EXPONENT), plain)]
    done = {(row["what"], row["choice"]) for row in state["single_changes"]}
    for what, name, way, base in wanted:
        if (what, name) in done:
            continue
        result = score(*way)
        difference = compare_analogies(result, base)
        state["single_changes"].append(
            {
                "what": what,
                "choice": name,
                "questions": result.questions,
                "accuracy": [result.micro.value, result.micro.low, result.micro.high],
                "against": "chosen" if base is best else "plain",
                "difference": [difference.value, difference.low, difference.high],
            }
        )
        write_json(state, file)
        print(what, name, result.micro, difference, flush=True)

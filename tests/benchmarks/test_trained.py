"""The table of trained embeddings: its paired intervals, what it keeps, and the document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.trained import __main__ as command
from benchmarks.trained import document, scoring
from benchmarks.trained.closed_forms import embeddings_file
from benchmarks.trained.paired import ratio, spearman_difference
from benchmarks.trained.scoring import Given, from_gensim, in_order, report
from probes import analogies, google_relations, similarity, similarity_sets
from repsearch import Embeddings, InputError
from repsearch.storage.tables import write_json


def made(seed: int, sharp: float) -> Embeddings:
    """Vectors in which pairs of a family have an offset in common, the clearer the sharper."""
    words: dict[str, None] = {}
    for dataset in similarity_sets().values():
        words |= dict.fromkeys(word for pair in dataset.pairs[:60] for word in pair)
    rng = np.random.default_rng(0)
    offsets = []
    for name, pairs in google_relations().families.items():
        for a, b in pairs[:12]:
            offsets.append((a, b, name))
            words |= dict.fromkeys((a, b))
    place = {word: row for row, word in enumerate(words)}
    vectors = rng.standard_normal((len(words), 40))
    direction = {name: rng.standard_normal(40) for _, _, name in offsets}
    for a, b, name in offsets:
        vectors[place[b]] = vectors[place[a]] + sharp * direction[name]
    vectors += np.random.default_rng(seed).standard_normal(vectors.shape) * 0.6
    return Embeddings(tuple(words), vectors.astype(np.float32))


GOOD, BAD = made(1, 1.0), made(2, 0.2)


def test_ratio_is_that_of_the_right_answers() -> None:
    good, bad = (analogies(one, google_relations()) for one in (GOOD, BAD))
    assert good.correct > bad.correct > 0
    found = ratio(bad, good)
    assert found.value == pytest.approx(bad.correct / good.correct, rel=1e-15)
    assert found.low < found.value < found.high < 1
    same = ratio(good, good)
    assert (same.value, same.low, same.high) == (1, 1, 1)
    upside_down = ratio(good, bad)
    assert upside_down.low == pytest.approx(1 / found.high, rel=1e-3)


def test_ratio_does_not_depend_on_the_order_of_the_words() -> None:
    turned = Embeddings(GOOD.words[::-1], GOOD.vectors[::-1])
    good, bad, other = (analogies(one, google_relations()) for one in (GOOD, BAD, turned))
    assert ratio(other, bad) == ratio(good, bad)


def test_ratio_needs_the_same_questions() -> None:
    fewer = Embeddings(GOOD.words[:-30], GOOD.vectors[:-30])
    good, less = (analogies(one, google_relations()) for one in (GOOD, fewer))
    with pytest.raises(InputError, match="asked different questions of"):
        ratio(good, less)


@pytest.mark.parametrize("name", scoring.SETS)
def test_difference_of_correlations_is_that_of_the_two(name: str) -> None:
    dataset = similarity_sets()[name]
    values = [similarity(one, dataset).spearman for one in (GOOD, BAD)]
    assert values[0] is not None
    assert values[1] is not None
    found = spearman_difference(GOOD, BAD, dataset)
    assert found.value == pytest.approx(values[0].value - values[1].value, abs=1e-12)
    assert found.low < found.value < found.high
    none = spearman_difference(GOOD, GOOD, dataset)
    assert (none.value, none.low, none.high) == (0, 0, 0)
    # Paired: narrower than if the two errors were of different pairs.
    assert found.width < values[0].width + values[1].width


@pytest.fixture
def reported(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"runs": {"M*": {"seconds": 3.0, "shared": True}}}
    GOOD.save(embeddings_file(tmp_path, "M*"))
    BAD.save(tmp_path / "elsewhere.safetensors")
    made(3, 0.7).save(tmp_path / "gensim-seed-2.bin", "word2vec-binary")
    one = Given("trained SGNS, seed 1", tmp_path / "elsewhere.safetensors", 60.0, "a note", {})
    old = {
        "text": {
            "runs": {
                "plain M*": {},
                "gensim, seed 1": {"seconds_from_corpus": 7.0},
                "gensim, seed 2": {"seconds_from_corpus": 8.0, "shared": True, "gensim": "4"},
            }
        }
    }
    write_json(old, tmp_path / "old.json")
    report(found, [one, *from_gensim(tmp_path / "old.json", "text", tmp_path)], tmp_path)
    return {"text": found}


def test_report_scores_all_against_each_sgns(reported: dict[str, Any]) -> None:
    found = reported["text"]
    assert set(found["runs"]) == {"M*", "trained SGNS, seed 1", "gensim SGNS, seed 2"}
    assert set(found["against"]) == {"trained SGNS, seed 1", "gensim SGNS, seed 2"}
    against = found["against"]["trained SGNS, seed 1"]
    assert set(against) == {"M*", "gensim SGNS, seed 2"}
    runs = found["runs"]
    gain = runs["M*"]["micro"][0] - runs["trained SGNS, seed 1"]["micro"][0]
    assert against["M*"]["difference"][0] == pytest.approx(gain)
    assert runs["gensim SGNS, seed 2"]["source"].endswith("results.json")
    assert runs["gensim SGNS, seed 2"]["seconds"] == 8


def test_report_scores_again_what_it_kept(reported: dict[str, Any], tmp_path: Path) -> None:
    before = json.dumps(reported)
    (tmp_path / "elsewhere.safetensors").unlink()
    report(reported["text"], [], tmp_path)
    assert json.dumps(reported) == before


def test_document_says_what_the_results_say(reported: dict[str, Any]) -> None:
    text = document.markdown(reported)
    run = reported["text"]["runs"]["trained SGNS, seed 1"]
    assert f"| trained SGNS, seed 1 | {100 * run['micro'][0]:.1f} %" in text
    assert "| 60.0 |" in text
    assert "| (8) |" in text
    assert "a note" in text
    assert "### Against gensim SGNS, seed 2" in text
    # 66.3 / 68.0 of the paper's table, beside ours.
    assert "| 0.975 |" in text
    assert text.index("| trained SGNS, seed 1 |") < text.index("| M* |")


def test_rows_come_in_the_order_of_the_paper() -> None:
    names = ["gensim SGNS, seed 1", "PMI", "else", "M*", "trained QWEM, seed 1", "trained SGNS"]
    assert in_order(names) == [
        "trained SGNS",
        "trained QWEM, seed 1",
        "M*",
        "PMI",
        "gensim SGNS, seed 1",
        "else",
    ]


def test_named_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command._arguments()
    asked = parser.parse_args(
        ["report", "--embeddings", "a=x=y", "--embeddings", "b=z", "--seconds", "a=2"]
    )
    assert asked.embeddings == {"a": "x=y", "b": "z"}
    assert asked.seconds == {"a": 2.0}
    for wrong in (["--embeddings", "a"], ["--seconds", "a=fast"]):
        with pytest.raises(SystemExit):
            parser.parse_args(["report", *wrong])
        assert "pass" in capsys.readouterr().err

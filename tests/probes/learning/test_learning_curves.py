"""Concepts over training: what is planted is dated, and where there is nothing, nothing is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_checkpoints import RELATION, WORDS, save_all, save_checkpoint
from scipy.stats import binom

from probes.concepts import difference_vectors, held_out, signal
from probes.emergence import linear_times
from probes.layers import layer_curves, word_concepts
from probes.learning import learning_curves
from probes.relations import Relations
from repsearch.errors import InputError
from repsearch.language_models import Checkpoints

ONE = Relations({"one": RELATION})


@pytest.mark.parametrize(
    ("strengths", "when", "before", "step", "lost"),
    [
        ({0: 0, 10: 0, 20: 5, 40: 5}, "between", 10, 20, 0),
        ({0: 5, 10: 5, 20: 5, 40: 5}, "by the first", None, 0, 0),
        ({0: 0, 10: 0, 20: 0, 40: 0}, "not by the last", 40, None, 0),
        ({0: 0, 10: 5, 20: 5, 40: 0}, "not by the last", 40, None, 2),
        ({0: 0, 10: 5, 20: 0, 40: 5}, "between", 20, 40, 1),
    ],
)
def test_what_is_planted_is_dated_as_far_as_the_checkpoints_tell(
    tmp_path: Path, strengths: dict[int, float], when: str, before: int, step: int, lost: int
) -> None:
    opened = Checkpoints.open(save_all(tmp_path, strengths))
    found = learning_curves(opened, ONE, permutations=199, controls=0)
    (one,) = found.concepts
    assert (one.when, one.before, one.step, one.lost) == (when, before, step, lost)
    assert all(row["direction_from"] == step for row in found.table())
    assert [row["step"] for row in found.table()] == list(strengths)
    said = {"between": f"{before}-{step}", "by the first": "by 0", "not by the last": "not by 40"}
    assert f" {said[when]} " in found.text()
    assert ("lost again" in found.summary()) == bool(lost)


def test_numbers_at_a_step_are_those_of_its_embeddings(tmp_path: Path) -> None:
    opened = Checkpoints.open(save_all(tmp_path, {0: 0, 10: 1, 20: 2}))
    found = learning_curves(opened, ONE, permutations=99, controls=20)
    for row in found.table():
        embeddings = opened.embeddings(float(str(row["step"])))
        differences = difference_vectors(embeddings, RELATION, name="one")
        alone = held_out(differences, embeddings=embeddings, permutations=99, controls=20, seed=0)
        assert row["accuracy"] == alone.accuracy.value
        assert row["control"] == pytest.approx(np.mean(alone.control))
        assert row["share"] == signal(differences, seed=0).share.value
    alone_linear = linear_times(opened, ONE, seed=0)
    assert found.linear is not None
    assert found.linear.table() == alone_linear.table()
    layers = layer_curves(word_concepts(opened, ONE), permutations=99, controls=20)
    assert found.asked.table() == layers.table()


def test_only_the_steps_asked_for_are_looked_at(tmp_path: Path) -> None:
    opened = Checkpoints.open(save_all(tmp_path, {0: 0, 10: 5, 20: 5}))
    found = learning_curves(opened, ONE, steps=(0, 20), permutations=99, controls=0)
    assert found.steps == (0, 20)
    assert found.linear is None  # two times date nothing
    assert found.concepts[0].before == 0
    with pytest.raises(InputError, match="no checkpoint of step 5 in"):
        learning_curves(opened, ONE, steps=(0, 5))


def test_without_a_relation_few_are_called_directions(tmp_path: Path) -> None:
    """40 trainings in which nothing is learned: the level of 0.05 holds over all checkpoints."""
    rng = np.random.default_rng(5)
    wrong = 0
    for number in range(40):
        for step in (0, 8, 16):
            rows = rng.normal(size=(len(WORDS), 12))
            save_checkpoint(tmp_path / str(number) / f"step-{step}", rows)
        opened = word_concepts(Checkpoints.open(tmp_path / str(number)), ONE)
        wrong += bool(layer_curves(opened, permutations=59, controls=0).concepts[0].found)
    assert wrong <= binom.ppf(0.999, 40, 0.05)

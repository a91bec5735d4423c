"""The order of learning: against a training whose order is known, and counts against the text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_checkpoints import save_checkpoint

import repsearch as rs
from probes.learning import learning_curves, order_of_learning
from probes.learning.order import co_occurrences
from probes.relations import Relations
from repsearch.language_models import Checkpoints
from repsearch.synthetic import BinaryAttributes


@pytest.fixture(scope="module")
def world() -> BinaryAttributes:
    return BinaryAttributes([0.6, 0.5, 0.4, 0.3, 0.2])


def checkpoints(folder: Path, world: BinaryAttributes, sign: float) -> Checkpoints:
    """Save the closed form itself at many times as if it were a model, or in the wrong order."""
    counts = world.sample(1_000_000, seed=0)
    spectrum = rs.eigenpairs(rs.mstar(counts), 5)
    squares = np.asarray(spectrum.eigenvalues, float)
    if sign < 0:  # large modes last
        squares = squares[::-1].copy()
    for step in range(2, 50, 4):
        grown = 1 / (1 + np.exp(np.log(1e6) - 0.08 * squares * step))
        vectors = spectrum.eigenvectors * np.sqrt(np.abs(spectrum.eigenvalues) * grown)
        save_checkpoint(folder / f"step-{step}", vectors, words=spectrum.words)
    return Checkpoints.open(folder)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_order_of_a_known_training_is_found(
    tmp_path: Path, world: BinaryAttributes, sign: float
) -> None:
    counts = world.sample(1_000_000, seed=0)
    opened = checkpoints(tmp_path, world, sign)
    found = learning_curves(
        opened, Relations(world.relations), text_counts=counts, permutations=99, controls=0
    )
    assert found.order is not None
    beside = found.order.correlations["growth", "learning time"]
    assert beside is not None
    assert beside.points == 5
    assert beside.rho.value == pytest.approx(sign)
    assert beside.p_value <= 2 / 120 + 1e-9
    rows = found.order.table()
    assert [row["relation"] for row in rows] == list(world.relations)
    learned = [float(str(row["learning_time"])) for row in rows]
    assert learned == sorted(learned)  # correlations of the attributes fall


def test_too_few_relations_have_no_correlation_and_it_is_said(world: BinaryAttributes) -> None:
    found = order_of_learning(
        (), None, Relations(world.relations), world.sample(50_000, seed=0), d=3
    )
    assert set(found.correlations.values()) == {None}
    assert "0 relations are dated from both sides, too few" in found.summary()


def test_co_occurrences_are_those_of_the_text() -> None:
    text = ["the cat saw the dog", "a dog saw a cat and the cat"]
    counts = rs.count(rs.encode(text, vocabulary_size=None), rs.Window(2))
    pairs = (("cat", "dog"), ("the", "cat"), ("saw", "and"))
    expected = []
    for first, second in pairs:
        total = 0
        for document in text:
            words = document.split()
            for i, one in enumerate(words):
                for j, other in enumerate(words):
                    if i != j and abs(i - j) <= 2 and (one, other) == (first, second):
                        total += 3 - abs(i - j)
        expected.append(total)
    found = co_occurrences(counts, Relations({"all": pairs, "none": ()}))
    assert found == {"all": float(np.median(expected))}
    assert sorted(expected) != [0, 0, 0]

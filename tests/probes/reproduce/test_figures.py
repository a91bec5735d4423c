"""Pictures hide nothing of their numbers, and each loss stands on the scale that it has."""

from __future__ import annotations

import numpy as np
import pytest

from probes.reproduce import figure_3b, figure_8
from probes.reproduce.closed_form import followed, learning_span
from probes.reproduce.figure_5 import near_the_diagonal
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured
from probes.reproduce.settings import Settings
from probes.reproduce.trained import shown_loss
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes


def benchmarks(*scores: tuple[float, float, float]) -> Measured:
    rows = [
        {"model": f"m{k}", "benchmark": "men", "used": 9, "given": 9, "value": value, "low": low,
         "high": high, "paper": 0.755}
        for k, (value, low, high) in enumerate(scores)
    ]  # fmt: skip
    return Measured(tables={"benchmarks": rows})


@pytest.mark.parametrize(
    "scores",
    [[(0.7, 0.6, 0.8)], [(0.97, 0.9, 1.0)], [(-0.1, -0.3, 0.1), (0.5, 0.4, 0.6)],
     [(0.0, 0.0, 0.0)]],
)  # fmt: skip
def test_no_benchmark_is_cut_off(scores):
    (ax,) = figure_3b.draw(benchmarks(*scores)).axes
    low, high = ax.get_xlim()
    assert low <= min(0.0, *(one[1] for one in scores))
    assert high > max(0.755, *(one[2] for one in scores))
    assert low == 0 or min(one[1] for one in scores) < 0


def margins(low: float) -> Measured:
    rows = [
        {"family": "family", "named": "male-female", "questions": 9, "d": d,
         **{f"{name}{end}": value for name in ("cosine", "margin")
            for end, value in (("", low + 0.2), ("_low", low), ("_high", 0.9))},
         "paper_cosine": 0.5, "paper_margin": 0.6}
        for d in (4, 8)
    ]  # fmt: skip
    return Measured(tables={"curves": rows})


@pytest.mark.parametrize("low", [0.4, 0.0, -0.4])
def test_no_cosine_is_cut_off(low):
    for ax in figure_8.draw(margins(low)).axes:
        bottom, top = ax.get_ylim()
        assert bottom <= min(low, 0.0)
        assert top >= 0.9
        assert (bottom == 0) or low <= 0


def test_the_quartic_loss_falls_by_half_of_what_is_explained():
    """Against the spectrum itself: all positive modes learned, and none of the others."""
    spectrum = BinaryAttributes([0.5, 0.3, 0.2]).spectrum()
    values = spectrum.eigenvalues.astype(float)
    fallen = np.array([0.0, *(-np.cumsum(values[:3] ** 2) / 4)])
    shown, what = shown_loss(fallen, spectrum.squared_norm, explained=True)
    share = np.array([0.0, *np.cumsum(values[:3] ** 2)]) / spectrum.squared_norm
    assert shown == pytest.approx(1 - share / 2)
    assert "share of M*" in what


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_another_loss_is_shown_as_what_is_left_of_its_own_fall(scale):
    shown, what = shown_loss(scale * np.array([0.0, -1, -4, -3]), 1.0, explained=False)
    assert shown == pytest.approx([1, 0.75, 0, 0.25])
    assert "share of M*" not in what
    assert shown_loss(np.array([0.0, 1.0]), 1.0, explained=False)[0].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("waits", "span"),
    [
        ([1.0, 2.0, 3.0], (1.0, 3.0)),
        ([1.0, 2.0, 0.0], (1.0, 2.0)),  # the last is there from the start
        ([0.0, 0.0, 5.0], (5.0, 5.0)),
        ([1.0, np.inf], (1.0, 1.0)),
    ],
)
def test_times_go_from_the_first_to_the_last_mode_that_is_learned(waits, span):
    assert learning_span(np.array(waits)) == span


@pytest.mark.parametrize("waits", [[0.0, 0.0], [np.inf], []])
def test_where_no_mode_is_learned_there_is_nothing_to_show(waits):
    with pytest.raises(InputError, match="no mode is learned from such a start"):
        learning_span(np.array(waits, float))


def test_a_start_beyond_the_weak_modes_has_times_all_the_same(tmp_path):
    """Learning times of 0, from which there is no geometric progression."""
    world = BinaryAttributes([0.5, 0.3, 0.2, 0.02])
    world.spectrum().leading(10).save(tmp_path / "spectrum.safetensors")
    counts = world.sample(20_000, seed=0)
    have = Have(counts, Settings(d=10).settled(words=16), {"modes": tmp_path})
    found = followed(have, 1.5, 40)
    waits = found.flow.learning_times
    assert 0 in waits.tolist()
    assert len(found.times) == 40
    assert np.all(np.diff(found.times) > 0)
    assert found.times[0] == pytest.approx(found.unit / 4)


def test_modes_near_the_diagonal_are_counted_whatever_lies_between():
    squares = np.zeros((10, 14))
    for mode, at in enumerate((0, 1, 8, 3, 9, 10, 6, 13, 8, 9)):
        squares[mode, at] = 1.0
    near = near_the_diagonal(squares)
    assert np.flatnonzero(~near).tolist() == [2, 7]  # 6 away
    assert near_the_diagonal(0.49 * np.eye(4)).tolist() == [False] * 4

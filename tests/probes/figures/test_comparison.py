"""Figures of theory beside experiment show the numbers of the comparison."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from oracle_runs import OracleSettings, corpus, gaussian, integrated  # noqa: E402

from probes.figures import (  # noqa: E402
    plot_compared_loss,
    plot_compared_values,
    plot_comparison,
    plot_learning_times,
    save_figure,
)
from probes.theory_check import Comparison, compare  # noqa: E402
from repsearch.training.objectives.losses import Sgns  # noqa: E402


@cache
def comparison(until: float = 9.0, n_modes: int = 5) -> Comparison:
    times = np.concatenate([[0.0], np.linspace(0.05, until, 90)])
    start = gaussian((16, 6), 1e-3)
    run = integrated(corpus(), start, times, settings=OracleSettings(Sgns()))
    return compare(run, corpus(), n_modes=n_modes)


def lines(ax: Axes) -> list[tuple[np.ndarray, np.ndarray]]:
    found = [
        (np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in ax.get_lines()
    ]
    return [(x, y) for x, y in found if len(x)]


def test_curves_are_those_of_the_comparison() -> None:
    found = comparison()
    drawn = lines(plot_compared_values(found))
    assert len(drawn) == 10
    for k in range(5):
        for (x, y), values in zip(
            drawn[2 * k : 2 * k + 2], (found.curves.measured, found.curves.predicted), strict=True
        ):
            np.testing.assert_array_equal(x, found.curves.times)
            np.testing.assert_array_equal(y, values[:, k])


def test_points_are_the_learning_times_and_the_rest_are_counted() -> None:
    found = comparison()
    ax = plot_learning_times(found)
    known = [mode for mode in found.learning if mode.error is not None]
    points = [(x, y) for x, y in lines(ax) if len(x) == len(known) != 2]
    (x, y), *_ = points
    assert x.tolist() == [mode.predicted.time for mode in known if mode.predicted]
    assert y.tolist() == [mode.measured.time for mode in known if mode.measured]
    assert f"({5 - len(known)} of 5 modes without both)" in ax.get_xlabel()
    (low, high), limits = ax.get_xlim(), ax.get_ylim()
    assert limits == (low, high)
    assert low < min(x.min(), y.min()) <= max(x.max(), y.max()) < high


def test_the_loss_and_its_plateaus() -> None:
    found = comparison()
    ax = plot_compared_loss(found)
    whole = [(x, y) for x, y in lines(ax) if len(x) > 2]
    np.testing.assert_array_equal(whole[0][1], found.loss_curve.measured[1:])
    np.testing.assert_array_equal(whole[1][1], found.loss_curve.predicted[1:])
    levels = {one.predicted for one in found.loss_curve.plateaus}
    drawn = {float(y[0]) for x, y in lines(ax) if len(x) == 2}
    assert drawn
    assert drawn <= levels


def test_a_run_in_which_nothing_is_learned_can_be_drawn(tmp_path: Path) -> None:
    found = comparison(0.5, 1)
    assert not any(mode.error for mode in found.learning)
    png, pdf, svg = save_figure(plot_comparison(found), tmp_path, "short")
    assert svg.read_bytes().rstrip().endswith(b"</svg>")
    assert png.stat().st_size > 1000
    assert pdf.stat().st_size > 1000


def test_the_overview_has_four_views_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    first, second = plot_comparison(comparison()), plot_comparison(comparison())
    assert dict(mpl.rcParams) == before
    labels = [ax.get_ylabel() for ax in first.axes]
    for wanted in ("singular value of W", "learning time in training", "(L − L(0)) / 2cw"):
        assert wanted in labels
    one, *_ = save_figure(first, tmp_path, "one")
    two, *_ = save_figure(second, tmp_path, "two")
    assert one.read_bytes() == two.read_bytes()

"""Figures of training over time: what they show is what the closed form says."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import strategies  # noqa: F401  the profile of hypothesis
from figure_data import spectrum_of
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probes.figures import plot_loss_curve, plot_singular_values, save_figure
from probes.figures.modes.loss_curve import _told_apart
from repsearch.dynamics import Aligned, Gaussian, Start
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.errors import InputError
from repsearch.testing.oracle import integrate_tied

VALUES = 40.0 * np.arange(1, 9) ** -0.8
EPS = np.finfo(float).eps


def flow(
    start: Start | None = None, values: np.ndarray = VALUES, *, d: int | None = None
) -> Trajectory:
    return gradient_flow(spectrum_of(values), start or Aligned(1e-3), d=d)


def root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def curves(ax: Axes, *, marker: str = "None") -> list[np.ndarray]:
    """(2, n) data of the lines with that marker, without the legend's own."""
    lines = [line for line in ax.get_lines() if len(np.asarray(line.get_xdata()))]
    return [np.array(line.get_data()) for line in lines if line.get_marker() == marker]


def legend(ax: Axes) -> list[str]:
    shown = ax.get_legend()
    assert shown is not None
    return [text.get_text() for text in shown.get_texts()]


# ------------------------------------------------------- singular values


def test_curves_are_the_solution_of_the_flow() -> None:
    trajectory = flow(Gaussian(0.05, 2), d=4).at(np.geomspace(0.02, 1.5, 9))
    ax = plot_singular_values(trajectory)
    drawn = curves(ax)
    assert len(drawn) == 4
    start = trajectory.coordinates([0.0])[0]
    whole = integrate_tied(np.diag(VALUES), start, trajectory.times)
    expected = np.linalg.svd(whole, compute_uv=False)
    for k, (times, heights) in enumerate(drawn):
        # All of its times, and others between, so that it bends where the solution does.
        at = np.searchsorted(times, trajectory.times)
        np.testing.assert_array_equal(times[at], trajectory.times)
        np.testing.assert_allclose(heights[at], expected[:, k], rtol=1e-7)
        assert np.diff(np.log(times)).max() < 0.05
    assert ax.get_xscale() == "log"
    assert "flow time" in ax.get_xlabel()
    assert ax.get_xlim() == (0.02, 1.5)


def test_dots_stand_where_modes_are_half_learned() -> None:
    trajectory = flow()
    ax = plot_singular_values(trajectory, modes=5)
    dots = np.array(curves(ax, marker="o"))[:, :, 0]
    s0 = 1e-3
    times = np.log(VALUES[:5] / s0**2) / VALUES[:5]
    np.testing.assert_allclose(dots[:, 0], times, rtol=8 * EPS)
    heights = np.sqrt(VALUES[:5] ** 2 / (2 * VALUES[:5] - s0**2))
    # The exponent is up to 18, and its rounding is that of the height.
    np.testing.assert_allclose(dots[:, 1], heights, rtol=18 * 8 * EPS)
    colours = {
        line.get_color() if isinstance(line.get_color(), str) else tuple(line.get_color())
        for line in ax.get_lines()
        if line.get_marker() == "o"
    }
    assert len(colours) >= 5, "each mode has a colour of its own"
    assert legend(ax) == ["closed form", "learning time"]
    assert len(root(ax).axes) == 2, "a colour bar"


def test_modes_without_a_learning_time_in_sight_have_no_dot() -> None:
    values = np.array([10.0, 5.0, -1.0, -3.0])
    ax = plot_singular_values(flow(values=values))
    assert len(curves(ax)) == 4
    assert len(curves(ax, marker="o")) == 2
    early = flow().at(np.geomspace(1e-4, 1e-3, 5))
    ax = plot_singular_values(early)
    assert not curves(ax, marker="o")
    assert legend(ax) == ["closed form"]


def test_measured_points_lie_over_the_curves() -> None:
    trajectory = flow()
    at = trajectory.times[[0, 20, 60, 120]]
    seen = trajectory.singular_values(at)[:, :6] * 1.1
    ax = plot_singular_values(trajectory, modes=3, measured=(at, seen))
    points = curves(ax, marker="x")
    assert len(points) == 3
    for k, (times, heights) in enumerate(points):
        np.testing.assert_array_equal(times, at[1:], "0 has no place on a logarithmic axis")
        np.testing.assert_array_equal(heights, seen[1:, k])
    assert legend(ax)[-1] == "measured"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"modes": 0}, "modes is 0"),
        ({"modes": 9}, "from 1 to 8"),
        ({"modes": 2.0}, "modes is 2.0"),
        ({"measured": ([1.0, 2.0], [[1.0]])}, "measured times"),
        ({"measured": ([[1.0]], [[1.0]])}, "measured times"),
        ({"measured": ([1.0], [1.0])}, "measured times"),
        ({"measured": ([1.0], [[float("nan")]])}, "measured"),
    ],
)
def test_bad_arguments_are_named(options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        plot_singular_values(flow(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("plot", [plot_singular_values, plot_loss_curve])
def test_one_time_is_no_curve(plot: object) -> None:
    with pytest.raises(InputError, match="1 times after 0"):
        plot(flow().at([0.0, 1.0]))  # type: ignore[operator]


# ------------------------------------------------------------------ loss


def test_the_loss_steps_down_to_its_plateaus() -> None:
    values = np.array([100.0, 10.0, 1.0])
    trajectory = flow(Aligned(1e-8), values)
    ax = plot_loss_curve(trajectory)
    lines = [np.array(line.get_data()) for line in ax.get_lines()]
    times, loss = next(line for line in lines if len(line[0]) > 2)
    squares = trajectory.singular_values(times) ** 2
    whole = np.sum((values - squares) ** 2, axis=1) - np.sum(values**2)
    np.testing.assert_allclose(loss, whole / 4, atol=20 * EPS * np.sum(values**2))
    levels = sorted({line[1][0] for line in lines if len(line[0]) == 2}, reverse=True)
    # Two modes' lie too close to one mode's to be told apart; the end is always shown.
    assert levels == pytest.approx([0.0, -2500.0, -2525.25], rel=4 * EPS)
    near = np.abs(loss[:, None] - [0.0, -2500.0, -2525.0, -2525.25]).min(0)
    assert (near < 0.01).all(), "the curve rests on each plateau"


def test_the_right_axis_is_the_explained_share() -> None:
    trajectory = flow()
    ax = plot_loss_curve(trajectory)
    root(ax).draw_without_rendering()
    (right,) = ax.child_axes
    norm = trajectory.spectrum.squared_norm
    for share in (0.0, 25.0, 80.0):
        place = right.transData.transform((0, share))[1]
        assert place == pytest.approx(ax.transData.transform((1, -share / 400 * norm))[1])
    assert "explained" in right.get_ylabel()


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60))
def test_plateaus_shown_do_not_crowd(drops: list[float]) -> None:
    levels = -np.concatenate([[0.0], np.cumsum(np.square(sorted(drops, reverse=True)))])
    shown = _told_apart(levels)
    numbers = [m for m, _ in shown]
    heights = np.array([height for _, height in shown])
    assert numbers[0] == 0
    assert numbers[-1] == len(drops)
    assert numbers == sorted(set(numbers))
    np.testing.assert_array_equal(heights, levels[numbers])
    assert len(shown) <= 2 + 1 / 0.045
    # The end stands wherever it is; its label lies on the other side of the line.
    assert (-np.diff(heights[:-1]) > 0.045 * -levels[-1] * (1 - 4 * EPS)).all()


def test_nothing_to_learn_is_drawn_as_well() -> None:
    ax = plot_loss_curve(flow(values=np.array([-1.0, -2.0])))
    assert ax.get_lines()


# ------------------------------------------------------------------ both


@pytest.mark.parametrize("plot", [plot_singular_values, plot_loss_curve])
def test_they_draw_into_given_axes_and_leave_settings_alone(plot: object) -> None:
    ax = Figure(layout="constrained").add_subplot()
    before = dict(mpl.rcParams)
    assert plot(flow(), ax=ax) is ax  # type: ignore[operator]
    assert dict(mpl.rcParams) == before
    assert ax.get_xlabel()
    assert ax.get_ylabel()


@pytest.mark.parametrize("plot", [plot_singular_values, plot_loss_curve])
def test_equal_figures_make_equal_files(plot: object, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        save_figure(root(plot(flow())), tmp_path / folder, "f")  # type: ignore[operator]
    for suffix in ("png", "pdf"):
        one, two = ((tmp_path / f / f"f.{suffix}").read_bytes() for f in ("one", "two"))
        assert one == two

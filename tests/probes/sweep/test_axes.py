"""Axes of a sweep: lines join points that are equal in all but the axis, and nothing else."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.sweep.axes import WAY, axes_of, differing, lines_of, way_of
from probes.sweep.measures import measure
from probes.sweep.pictures import draw_axis, save_pictures

NAMES = ("corpus", "window", "target", "d", "seed")


def rows_of(points: list[dict], value=lambda point: float(point["d"])) -> list[dict]:
    """A chief measure of each point."""
    return [
        {"point": k, **point, "probe": "analogies",
         **measure("accuracy", "all questions", value(point), chief=True)}
        for k, point in enumerate(points, start=1)
    ]  # fmt: skip


def grid(**axes: list) -> list[dict]:
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]


@given(
    st.lists(st.tuples(*(st.integers(1, 3) for _ in NAMES)), min_size=1, max_size=20, unique=True)
)
def test_points_of_a_line_differ_along_its_axis_alone(drawn):
    points = [dict(zip(NAMES, values, strict=True)) for values in drawn]
    rows = rows_of(points, value=lambda point: 0.5)
    axes = axes_of(rows)
    for axis in axes:
        own = "target" if axis == WAY else axis
        pairs = {
            tuple(other[name] for name in NAMES if name != own)
            for other in points
        }  # fmt: skip
        for line in lines_of(rows, axis, "accuracy", "all questions"):
            joined = [row for row in line.rows if row is not None]
            assert len(joined) > 1
            assert len({tuple(row[name] for name in NAMES if name != own) for row in joined}) == 1
            assert len({row[own] for row in joined}) == len(joined)
        assert len(lines_of(rows, axis, "accuracy", "all questions")) <= len(pairs)
    for name in set(NAMES) - {"target"}:
        differ = any(
            one[name] != other[name]
            and all(one[k] == other[k] for k in NAMES if k != name)
            for one, other in product(points, points)
        )  # fmt: skip
        assert (name in axes) == differ


def test_a_line_over_all_of_an_axis_and_gaps_where_something_is_missing():
    points = grid(corpus=["a"], target=["mstar", "ppmi"], d=[5, 10, 20], seed=[0])
    rows = rows_of(points)
    assert axes_of(rows) == ["d", WAY]
    first, second = lines_of(rows, "d", "accuracy", "all questions")
    assert (first.series, second.series) == ("M*", "PPMI")
    assert first.values == (5, 10, 20)
    rows[1] |= {"value": None, "status": "failed"}
    first, _ = lines_of(rows, "d", "accuracy", "all questions")
    assert [row and row["value"] for row in first.rows] == [5.0, None, 20.0]
    figure = draw_axis(rows, "d")
    (line,) = [one for one in figure.axes[0].lines if one.get_ydata()[0] == 5.0][:1]
    assert math.isnan(line.get_ydata()[1])


def test_ways_are_told_apart_in_few_words():
    common = {"corpus": "a", "d": 5, "seed": 0}
    weights = [("setting31", None), ("word2vec.c", 1e-3)]
    points = [
        {**common, "loss": "sgns", "weights": name, "subsample": threshold, "negatives": k}
        for (name, threshold), k in product(weights, (1.0, 5.0))
    ]
    points.append({**common, "target": "mstar", "weights": "setting31", "negatives": 1.0})
    assert [way_of(point, points) for point in points] == [
        "SGNS, setting31, k = 1", "SGNS, setting31, k = 5", "SGNS, word2vec.c, k = 1",
        "SGNS, word2vec.c, k = 5", "M*",
    ]  # fmt: skip
    assert differing(points)[-1] == {"corpus": "a", WAY: "M*"}


def test_figures_of_an_earlier_grid_do_not_stay(tmp_path):
    both = rows_of(grid(corpus=["$a$", "b"], target=["mstar"], d=[5, 10], seed=[0]))
    names = [path.name for path in save_pictures(both, tmp_path)]
    assert names == ["axis-corpus.png", "axis-corpus.pdf", "axis-d.png", "axis-d.pdf"]
    (tmp_path / "figures" / "mine.png").write_bytes(b"of the user")
    save_pictures([row for row in both if row["corpus"] == "b"], tmp_path)
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        "axis-d.pdf", "axis-d.png", "mine.png",
    ]  # fmt: skip


def test_a_figure_that_is_damaged_is_drawn_again_and_else_none(tmp_path):
    rows = rows_of(grid(corpus=["a"], target=["mstar"], d=[5, 10], seed=[0]))
    png, pdf = save_pictures(rows, tmp_path)
    before = png.read_bytes()
    then = pdf.stat().st_mtime_ns
    assert save_pictures(rows, tmp_path) == [png, pdf]
    assert pdf.stat().st_mtime_ns == then
    png.write_bytes(b"damaged")
    save_pictures(rows, tmp_path)
    assert png.read_bytes() == before
    pdf.unlink()
    save_pictures(rows, tmp_path)
    assert pdf.exists()
    rows[0]["value"] = 3.0
    save_pictures(rows, tmp_path)
    assert png.read_bytes() != before


@pytest.mark.parametrize("values", [[5], [5, 5000], [1, 2, 3], [0, 1]])
def test_an_axis_of_numbers_has_its_values_for_ticks(values):
    rows = rows_of(grid(corpus=["a"], target=["mstar"], d=values, seed=[0]))
    if len(values) == 1:
        assert axes_of(rows) == []
        assert draw_axis(rows, "d") is None
        return
    ax = draw_axis(rows, "d").axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == [f"{one:g}" for one in values]
    assert ax.get_xscale() == ("log" if values[0] > 0 and values[-1] >= 4 * values[0] else "linear")

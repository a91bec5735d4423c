"""What chance gives beside emergence: when, in how few dimensions, and how it is shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import repsearch as rs
from probes import Relations
from probes.emergence import Emergence, emergence, followed_closed_form, linear_times
from probes.emergence.answers import measure_questions
from probes.emergence.chance import effective_dimensions
from probes.emergence.repaired import repaired_answers, repaired_questions
from probes.figures import plot_emergence, plot_share_plane
from probes.figures.relations.emergence_by_chance import _around
from repsearch import Embeddings
from repsearch.synthetic import BinaryAttributes

FEW = {"resamples": 100, "permutations": 100}


@pytest.fixture(scope="module")
def early_and_late() -> tuple[Emergence, Relations, Embeddings]:
    """Two kinds of words, far apart in the first mode; the relations are in later ones."""
    rng = np.random.default_rng(0)
    kinds = np.repeat([1.0, -1.0], 60) + 0.02 * rng.normal(size=120)
    vectors = np.column_stack([kinds, rng.normal(size=(120, 7))])
    vectors[1::2, 1:] = vectors[::2, 1:] + 0.2 * rng.normal(size=(60, 7))  # pairs are alike
    vectors[:60:2, 1] += 3.0  # the relation: even words less odd words, of the first kind
    q = np.linalg.qr(vectors)[0]
    words = tuple(f"w{k}" for k in range(120))
    values = np.array([9.0, 4.0, 3.0, 2.8, 2.6, 2.4, 2.2, 2.0])
    spectrum = rs.Spectrum(words, values, q, np.zeros(8), "M", {})
    relations = Relations({"kind": tuple((f"w{2 * k + 1}", f"w{2 * k}") for k in range(30))})
    followed = followed_closed_form(spectrum, scale=1e-4)
    times = [followed.times[0], followed.times[-1]]  # type: ignore[index]
    found = emergence(followed.source, relations, times=times, dims=[1, 8], **FEW)
    return found, relations, followed.source.embeddings(times[0])  # type: ignore[union-attr]


def test_a_margin_of_one_dimension_is_that_of_words_of_the_kind_paired_at_random(
    early_and_late: tuple[Emergence, Relations, Embeddings],
) -> None:
    found, _, _ = early_and_late
    (first, *_), (*_, last) = found["kind"].points
    margin = first.of("margin")
    assert margin is not None
    assert margin.value > 0.99  # a finding, one would think
    assert first.by_chance("margin") == pytest.approx(margin.value, abs=0.01)
    assert first.too_few_dimensions
    late = last.of("margin")
    assert late is not None
    assert not last.too_few_dimensions
    assert late.value > last.by_chance("margin") + 0.1  # type: ignore[operator]


def test_points_of_too_few_dimensions_are_those_of_an_effective_dimension_below_two(
    early_and_late: tuple[Emergence, Relations, Embeddings],
) -> None:
    found, _, at_first = early_and_late
    rows = found.table()
    assert [row["too_few_dimensions"] for row in rows] == [True, True, True, False]
    for row in rows:
        assert row["too_few_dimensions"] == (row["effective_dimension"] < 2)  # type: ignore[operator]
        assert row["share_by_chance"] is not None
    q = np.linalg.svd(at_first.vectors, full_matrices=False)
    own = effective_dimensions(Embeddings(at_first.words, q[0] * q[1]), [8])[0]
    assert rows[1]["effective_dimension"] == pytest.approx(own)


def test_summary_text_and_figures_say_so(
    early_and_late: tuple[Emergence, Relations, Embeddings],
) -> None:
    found, _, _ = early_and_late
    assert "At 3 of 4 points of time and dimension" in found.summary()
    assert "chance" in found.text()
    assert max(map(len, found.text().splitlines())) <= 80
    figure = plot_emergence(found, measures=("margin",))
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["margin", "95 % interval", "chance", "fewer than 2 dimensions"]
    assert len(figure.axes[0].patches) == 1
    plane = plot_share_plane(found)
    assert len(plane.axes[0].patches) == 3


def test_where_all_is_told_nothing_is_marked() -> None:
    world = BinaryAttributes([0.6, 0.4, 0.3])
    found = emergence(world.spectrum().embeddings(3), Relations(world.relations), dims=[3], **FEW)
    assert "fewer than 2" not in found.summary()
    assert not any(row["too_few_dimensions"] for row in found.table())


def test_questions_are_of_the_familys_words_and_of_none_of_its_pairs() -> None:
    pairs = np.array([[0, 4], [1, 5], [2, 6], [3, 4]])
    asked = repaired_questions(pairs, seed=3)
    own = {(a, b) for a, b in pairs.tolist()}
    assert len(asked)
    for row in asked.tolist():
        assert len(set(row)) == 4
        assert not own & {tuple(row[:2]), tuple(row[2:])}
        assert {row[0], row[2]} <= {0, 1, 2, 3}
        assert {row[1], row[3]} <= {4, 5, 6}
    # Two pairs that share their second word have no such question.
    assert len(repaired_questions(np.array([[0, 4], [1, 4]]), seed=0)) == 0


def test_answers_of_a_family_do_not_depend_on_which_others_are_asked() -> None:
    rng = np.random.default_rng(1)
    emb = Embeddings(tuple(f"w{k}" for k in range(40)), rng.normal(size=(40, 5)))
    one, other = rng.permutation(40)[:36].reshape(9, 4)[:4], rng.permutation(40).reshape(10, 4)
    both = repaired_answers(emb, {"none": one[:0], "one": one, "other": other})
    assert both["none"] is None
    assert both["one"] == repaired_answers(emb, {"one": one})["one"]
    ranks, cosines, near = measure_questions(emb.vectors, other)
    assert both["other"] is not None
    assert both["other"].accuracy == np.mean(ranks == 1)
    assert both["other"].margin == pytest.approx(np.mean((cosines / near)[near > 0]))


def test_times_begin_before_anything_is_learned_and_are_dense_while_modes_are() -> None:
    spectrum = BinaryAttributes([0.5, 0.4, 0.3, 0.2]).spectrum()
    found = followed_closed_form(spectrum, scale=1e-4)
    times, waits = np.array(found.times), found.theory.learning_times  # type: ignore[union-attr]
    waits = waits[np.isfinite(waits) & (waits > 0)]
    assert times[0] < waits.min() / 1.5
    assert times[-1] > 1.4 * waits.max()
    squares = found.theory.squares(times[:1])  # type: ignore[union-attr]
    assert squares.max() < 0.01 * spectrum.eigenvalues.max()
    # Between two learning times there is a time, unless they are nearly equal.
    apart = np.unique(waits.round(9))
    for early, late in pairwise(apart):
        assert np.count_nonzero((times > early) & (times < late)) or late < 1.1 * early


def test_the_ground_of_a_point_reaches_as_far_outwards_as_inwards() -> None:
    """Half of the grey of the first and the last point was missing."""
    logarithmic = np.array([1.0, 4.0, 16.0])
    assert _around(logarithmic, 0, geometric=True) == pytest.approx((0.5, 2.0))
    assert _around(logarithmic, 1, geometric=True) == pytest.approx((2.0, 8.0))
    assert _around(logarithmic, 2, geometric=True) == pytest.approx((8.0, 32.0))
    linear = np.array([0.0, 1.0, 3.0])
    assert _around(linear, 0, geometric=False) == (-0.5, 0.5)
    assert _around(linear, 1, geometric=False) == (0.5, 2.0)
    assert _around(linear, 2, geometric=False) == (2.0, 4.0)
    assert _around(linear[:1], 0, geometric=False) == (0.0, 0.0)


def test_times_on_a_linear_axis_have_their_middles_there(
    early_and_late: tuple[Emergence, Relations, Embeddings],
) -> None:
    """The geometric mean of two times of one size is not half of the way."""
    found, _, _ = early_and_late
    near = replace(found, times=(1.0, 3.0))
    points = [
        tuple(replace(point, time=time, effective_dimension=1.0) for point in row)
        for time, row in zip(near.times, found["kind"].points, strict=True)
    ]
    near = replace(near, families=(replace(found["kind"], points=tuple(points)),))
    panel = plot_emergence(near, measures=("margin",)).axes[0]
    assert panel.get_xscale() == "linear"
    spans = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in panel.patches)
    assert spans == [pytest.approx((0.0, 2.0)), pytest.approx((2.0, 4.0))]


def test_a_plane_says_whom_it_leaves_out_and_where_chance_is_not_known(
    early_and_late: tuple[Emergence, Relations, Embeddings],
) -> None:
    """A share beside no random family had the colour of one above chance."""
    found, _, _ = early_and_late
    one = found["kind"]
    unknown = replace(
        one,
        family="unknown",
        points=tuple(
            tuple(replace(point, share_by_chance=None) for point in row) for row in one.points
        ),
    )
    lacking = replace(
        one,
        family="lacking",
        points=tuple(tuple(replace(point, signal=None) for point in row) for row in one.points),
    )
    plane = plot_share_plane(replace(found, families=(one, unknown, lacking)))
    told, dotted = (ax for ax in plane.axes[:2])
    assert "1 family has no share at some time or dimension" in plane.get_supxlabel()
    assert np.ma.getmaskarray(dotted.collections[0].get_array()).all()
    assert not np.ma.getmaskarray(told.collections[0].get_array()).all()
    legend = [text.get_text() for text in plane.legends[0].get_texts()]
    assert "chance is not known" in legend
    assert "chance is not known" not in [
        text.get_text() for text in plot_share_plane(found).legends[0].get_texts()
    ]


def test_a_relation_that_can_be_told_from_the_very_first_time_is_dated() -> None:
    """A time of 0 was taken for none, so that it was said that nothing is dated before."""
    world = BinaryAttributes([0.6, 0.4, 0.3, 0.2])
    flow = rs.gradient_flow(world.spectrum(), rs.Aligned(1e-3), d=4)
    found = linear_times(flow, Relations(world.relations), times=[0.0, 5.0, 20.0, 40.0])
    one = found.families[0]
    early = replace(one, status="from the first", tells_from=0.0)
    late = replace(one, tells_from=20.0)
    assert "nothing is dated" in replace(found, families=(late,))._about_dimensions()
    assert replace(found, families=(early, late))._about_dimensions() == ""

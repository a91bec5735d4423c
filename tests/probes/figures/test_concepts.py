"""Figures of concepts: what they show is what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probes import Relations
from probes.concepts import (
    Differences,
    SnrCurve,
    SnrCurves,
    concept_angles,
    coverage,
    held_out,
    localise,
    snr_curve,
    snr_plane,
)
from probes.drawing.refusals import NothingToDrawError
from probes.drawing.save import rendered
from probes.figures.relations.concepts import (
    plot_concept_angles,
    plot_coverage,
    plot_held_out,
    plot_localisation,
)
from probes.figures.relations.family_panels import not_drawn, with_most_pairs
from probes.figures.relations.snr_curves import (
    plot_published_snr,
    plot_snr_curves,
    plot_snr_plane,
)
from probes.shared.intervals import Interval
from repsearch import Aligned, gradient_flow
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes


def family(name: str, *, n: int = 10, d: int = 32, seed: int = 0) -> Differences:
    rows = np.random.default_rng(seed).normal(size=(n, d))
    rows[:, :6] += 0.8
    return Differences(rows, tuple((f"a{k}", f"b{k}") for k in range(n)), name)


def curve(name: str, seed: int = 0) -> SnrCurve:
    return snr_curve(family(name, seed=seed), resamples=100, permutations=100)


def root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def test_one_panel_a_family_with_accuracy_beside_it() -> None:
    names = ("family", "gram7-past-tense", "$x_1$", "other")
    curves = [curve(name, seed) for seed, name in enumerate(names)]
    scores = [Interval(0.1 * k, 0.0, 0.1 * k + 0.1) for k in range(len(curves[0].dims))]
    accuracies = {"family": tuple(scores), "other": (None,) * len(scores)}
    first_panel = plot_snr_curves(SnrCurves(tuple(curves), accuracies, (), {}))
    figure = root(first_panel)
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert len(panels) == 4
    first = {line.get_label(): line for line in panels[0].get_lines()}
    shares = [found.share.value for found in curves[0].signals]
    assert list(first["common share"].get_ydata()) == shares
    assert list(first["common share"].get_xdata()) == list(curves[0].dims)
    (key,) = figure.legends
    named = {text.get_text() for text in key.get_texts()}
    assert {"common share", "analogy accuracy", "95 % interval"} <= named
    assert "d of the largest share, 95 % interval" in named
    supylabel = figure.get_supylabel()
    assert supylabel == "common share, analogy accuracy"
    assert list(first["analogy accuracy"].get_ydata()) == [s.value for s in scores]
    assert "analogy accuracy" not in {line.get_label() for line in panels[1].get_lines()}
    assert panels[0].get_title(loc="left") == "male – female (10)"
    assert rendered(figure, "png") == rendered(figure, "png")
    assert panels[0] is first_panel
    assert len(root(plot_snr_curves(SnrCurves(tuple(curves[:1]), {}, (), {}))).axes) == 1


def test_a_page_holds_twelve_panels_and_says_what_it_leaves_out() -> None:
    curves = tuple(curve(f"f{k}", k) for k in range(14))
    figure = root(plot_snr_curves(SnrCurves(curves, {}, (), {})))
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title(loc="left").split()[0] for ax in panels] == [f"f{k}" for k in range(12)]
    assert "2 families are in the table only" in figure.get_supxlabel()
    assert with_most_pairs("abcd", [3, 9, 3, 5], 2) == (["b", "d"], 2)
    assert with_most_pairs("abcd", [3, 9, 3, 5], 3) == (["a", "b", "d"], 1)
    assert not_drawn(0) == ""


def test_published_curves_lie_beside_ours() -> None:
    ax = plot_published_snr([curve("f"), curve("g", 1)], {"g": ([4, 8, 16], [2.0, 3.0, 2.5])})
    lines = ax.get_lines()
    assert len(lines) == 3
    assert list(lines[0].get_ydata()) == [paper.value for paper in curve("f").published]
    assert list(lines[2].get_ydata()) == [2.0, 3.0, 2.5]
    assert lines[2].get_color() == lines[1].get_color()
    assert ax.get_title(loc="right") == "dashed: published"
    rendered(root(ax), "pdf")


def test_bars_are_the_shares_with_the_words_of_their_modes() -> None:
    rng = np.random.default_rng(0)
    source = Embeddings(tuple(f"w{k}" for k in range(40)), rng.normal(size=(40, 32)))
    found = localise(family("family"), source=source, modes=5)
    ax = plot_localisation(found, modes=5)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [found.shares[mode - 1].value for mode in found.leading(5)]
    assert widths == sorted(widths, reverse=True)
    assert found.topics is not None
    label = ax.get_yticklabels()[0].get_text()
    assert label.startswith(f"{found.leading(1)[0]}   {found.topics.topics[0].words[0]}")
    bare = plot_localisation(localise(family("family")), modes=3)
    assert [text.get_text() for text in bare.get_yticklabels()] == [
        str(mode) for mode in found.leading(3)
    ]
    # Nothing is cut at the edges of the page, however long the words of the modes are.
    figure = root(ax)
    figure.draw_without_rendering()
    for text in (ax.xaxis.label, ax.get_children()[0], *ax.get_yticklabels()):
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1


def test_matrix_shows_cosines_of_those_that_are_not_orthogonal() -> None:
    rng = np.random.default_rng(1)
    words = {f"a{k}": rng.normal(size=20) for k in range(36)}
    pairs: dict[str, list[tuple[str, str]]] = {"f": [], "g": [], "h": []}
    for place, name in enumerate(pairs):
        for k in range(12):
            a, b = f"a{12 * place + k}", f"b{12 * place + k}"
            axis = np.eye(20)[max(0, place - 1)]
            words[b] = words[a] + axis + 0.02 * rng.normal(size=20)
            pairs[name].append((a, b))
    embeddings = Embeddings(tuple(words), np.array(list(words.values())))
    found = concept_angles(embeddings, Relations(pairs))
    assert [one.verdict for one in found.angles] == ["aligned", "orthogonal", "orthogonal"]
    ax = plot_concept_angles(found)
    shown = {tuple(text.get_position()): text.get_text() for text in ax.texts}
    assert shown[0, 1] == shown[1, 0] == "100"
    assert shown[2, 0] == shown[2, 1] == "·"
    assert np.array_equal(np.asarray(ax.get_images()[0].get_array()), found.matrix)
    rendered(root(ax), "png")


def test_an_accuracy_stands_above_what_it_is_compared_with() -> None:
    found = held_out(family("family"), permutations=50)
    ax = plot_held_out(found)
    heights = [bar.get_height() for bar in ax.patches]
    assert sum(heights) == pytest.approx(1)
    places = [bar.get_x() for bar in ax.patches if bar.get_height() > 0]
    assert min(places) <= min(found.null)
    (dot,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert list(dot.get_xdata()) == [found.accuracy.value]
    assert dot.get_ydata()[0] > max(heights)
    assert ax.get_title(loc="left") == f"male – female (10), p = {found.p_value:.2g}"


def test_a_plane_shows_the_shares_with_time_upwards() -> None:
    world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=6)
    plane = snr_plane(flow, world.relations["attribute 1"], [5.0, 30.0], [4, 6], permutations=100)
    ax = plot_snr_plane(plane)
    (image,) = ax.get_images()
    assert np.array_equal(np.asarray(image.get_array()), plane.shares)
    assert image.origin == "lower"
    assert [text.get_text() for text in ax.get_xticklabels()] == ["4", "6"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["5", "30"]


def test_bars_of_coverage_are_numbers_of_pairs() -> None:
    found = coverage({"f": [("a", "b"), ("c", "d")], "g": [("a", "c")]}, {"a", "b", "c"})
    ax = plot_coverage(found)
    assert [bar.get_width() for bar in ax.patches] == [2, 1, 1, 1]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(NothingToDrawError, match="no curve"):
        plot_snr_curves(SnrCurves((), {}, (), {}))
    with pytest.raises(InputError, match="do not fit"):
        SnrCurves((curve("f"),), {"f": (None,)}, (), {})
    one = SnrCurves((curve("f"),), {}, (), {})
    with pytest.raises(InputError, match="in 0 columns"):
        plot_snr_curves(one, columns=0)
    with pytest.raises(InputError, match="a panel for each family"):
        plot_snr_curves(one, ax=Figure().add_subplot())
    with pytest.raises(InputError, match="0 curves"):
        plot_published_snr([])
    with pytest.raises(InputError, match="9 curves"):
        plot_published_snr([curve("f")] * 9)


def test_a_legend_names_the_level_of_its_intervals() -> None:
    curves = (replace(curve("f"), peak=replace(curve("f").peak, level=0.8)),)
    (key,) = root(plot_snr_curves(SnrCurves(curves, {}, (), {}))).legends
    named = {text.get_text() for text in key.get_texts()}
    assert {"80 % interval", "d of the largest share, 80 % interval"} <= named


def test_shares_of_some_of_the_modes_say_so() -> None:
    """Of 300 modes the first 100 are looked at, and percentages were called those of all."""
    whole = family("family")
    found = localise(whole, d=8)
    rest = float(np.sum(whole.mean[:8] ** 2) / np.sum(whole.mean**2))
    assert found.part == pytest.approx(rest, rel=1e-12)
    assert found.rests_on()["part_on_these"] == found.part
    said = "of its part on the first 8 modes"
    assert said in found.summary()
    assert said in plot_localisation(found).get_xlabel()
    all_modes = localise(whole, d=whole.dimension)
    assert all_modes.part is None
    assert "its part" not in all_modes.summary()
    assert "its part" not in plot_localisation(all_modes).get_xlabel()


def test_the_accuracy_beside_a_peak_is_that_of_its_dimension() -> None:
    """It was the largest over all d."""
    one = curve("f")
    at = one.dims.index(int(one.peak.value))
    scores = [Interval(0.9, 0.8, 1.0)] * len(one.dims)
    scores[at] = Interval(0.25, 0.2, 0.3)
    text = SnrCurves((one,), {"f": tuple(scores)}, (), {}).text()
    assert text.splitlines()[2].split()[-1] == "25%"

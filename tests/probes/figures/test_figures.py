"""Figures: what they show is what was found, however often they are drawn."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from figure_data import ODD_WORDS, WORDS, relations, results, similarities, spectrum, spectrum_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from probes.analogy.scoring import analogies
from probes.drawing.label_placement import place_labels
from probes.drawing.labels import (
    family_label,
    in_two_lines,
    listed_words,
    set_label,
    shortened,
)
from probes.figures import (
    plot_analogies,
    plot_embedding_map,
    plot_similarity,
    plot_spectrum,
    plot_topic,
    save_figure,
)
from probes.figures.words.leading_topics import leading_topics
from probes.figures.words.map_positions import map_positions
from probes.modes import fit_power_law
from probes.topics.topics import topics
from repsearch.embeddings import Embeddings
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError

RANKS = np.arange(1, 201)


def root(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def legend_texts(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def whiskers(ax: Axes, series: int) -> tuple[np.ndarray, np.ndarray]:
    """Dots and the two ends of the whiskers of one series."""
    container = ax.containers[series]
    dots = np.asarray(container.lines[0].get_xdata())
    ends = np.array([segment[:, 0] for segment in container.lines[2][0].get_segments()])
    return dots, ends


# ------------------------------------------------------------- power law


def test_a_power_law_is_found_exactly() -> None:
    found = fit_power_law(50 * RANKS**-0.6)
    assert found.exponent == pytest.approx(0.6, abs=1e-12)
    assert found.scale == pytest.approx(50)
    assert found.halves == pytest.approx((0.6, 0.6))
    assert found.r_squared == pytest.approx(1)
    assert (found.first, found.last, found.middle) == (10, 200, 45)
    assert found.interval.width < 1e-9
    assert not found.bends or found.bend.width < 1e-9
    np.testing.assert_allclose(found.at(RANKS), 50 * RANKS**-0.6)
    assert "descriptive" in found.interval.method


def test_the_line_is_that_of_least_squares() -> None:
    values = np.sort(np.random.default_rng(0).lognormal(size=120))[::-1]
    found = fit_power_law(values, first=5, last=100, resamples=100)
    x, y = np.log(np.arange(5, 101)), np.log(values[4:100])
    slope, height = np.polyfit(x, y, 1)
    assert -found.exponent == pytest.approx(slope)
    assert found.scale == pytest.approx(np.exp(height))
    assert found.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert found.low <= found.exponent <= found.high


def test_a_bent_spectrum_is_called_bent() -> None:
    bent = fit_power_law(np.exp(-0.1 * np.log(RANKS) ** 2))
    assert bent.bends
    assert bent.r_squared > 0.97, "a high R^2 is no evidence"
    assert bent.halves[0] < bent.low < bent.high < bent.halves[1]
    assert bent.bend.value == pytest.approx(bent.halves[1] - bent.halves[0])
    assert bent.bend.low > 0
    noise = [0.05 * np.random.default_rng(seed).normal(size=200) for seed in range(60)]
    false = [fit_power_law(RANKS**-0.6 * np.exp(n), resamples=200).bends for n in noise]
    assert np.mean(false) < 0.2


def test_the_interval_holds_the_exponent_where_scatter_is_independent() -> None:
    held = []
    for seed in range(60):
        noise = 0.05 * np.random.default_rng(seed).normal(size=200)
        held.append(0.6 in fit_power_law(RANKS**-0.6 * np.exp(noise), resamples=200).interval)
    assert np.mean(held) > 0.8


def test_slow_waves_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    wave = 0.05 * np.sin(np.arange(200) / 12)
    fast = rng.permutation(wave)
    slow = fit_power_law(RANKS**-0.6 * np.exp(wave), resamples=500).interval.width
    assert slow > 2 * fit_power_law(RANKS**-0.6 * np.exp(fast), resamples=500).interval.width


def test_the_seed_decides_the_interval_alone() -> None:
    values = RANKS**-0.6 * np.exp(0.05 * np.random.default_rng(0).normal(size=200))
    assert fit_power_law(values) == fit_power_law(values)
    one, other = fit_power_law(values, seed=0), fit_power_law(values, seed=1)
    assert one.exponent == other.exponent
    assert one.interval != other.interval


def test_only_positive_eigenvalues_are_fitted() -> None:
    values = np.concatenate([30 * RANKS[:40] ** -1.0, [-1e-3, -5.0]])
    assert fit_power_law(values).last == 40


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (RANKS[:20] ** -1.0, {}, "too few"),
        (RANKS**-1.0, {"first": 0}, "from 1 up"),
        (RANKS**-1.0, {"first": 2.5}, "from 1 up"),
        (RANKS**-1.0, {"last": 201}, "up to rank 201"),
        (RANKS**-1.0, {"first": 150, "last": 155}, "too few"),
        (-(RANKS**-1.0), {}, "positive"),
        (np.array([]), {}, "positive"),
        (np.ones((3, 3)), {}, "one row"),
        (np.full(50, np.nan), {}, "finite"),
        (RANKS**-1.0, {"level": 1.0}, "level"),
        (RANKS**-1.0, {"seed": -1}, "seed"),
        (RANKS**-1.0, {"resamples": 3}, "resamples"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    values: np.ndarray, options: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fit_power_law(values, **options)  # type: ignore[arg-type]


# -------------------------------------------------------------- spectrum


def test_the_spectrum_shows_its_eigenvalues_and_the_line() -> None:
    ax = plot_spectrum(spectrum())
    dots, line = ax.lines[0], ax.lines[1]
    np.testing.assert_array_equal(dots.get_xdata(), np.arange(1, 31))
    np.testing.assert_array_equal(dots.get_ydata(), spectrum().eigenvalues)
    fit = fit_power_law(spectrum().eigenvalues)
    np.testing.assert_array_equal(line.get_ydata(), fit.at([10, 30]))
    assert ax.get_xscale() == ax.get_yscale() == "log"
    label = legend_texts(ax)[1].replace("−", "-")
    assert f"{-fit.exponent:.2f}" in label
    assert f"{-fit.high:.2f} to {-fit.low:.2f}" in label


def test_eigenvalues_without_a_logarithm_are_left_out() -> None:
    ax = plot_spectrum(spectrum_of(np.array([5.0, 3.0, 1.0, 0.0, -2.0])))
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2, 3])
    assert len(ax.lines) == 1, "three eigenvalues are too few for a line"


def test_the_line_can_be_given() -> None:
    given = fit_power_law(spectrum().eigenvalues, first=3, last=20)
    ax = plot_spectrum(spectrum(), power_law=given)
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [3, 20])


# ------------------------------------------------------- dots and whiskers


def test_analogies_stand_in_the_order_of_the_first_result() -> None:
    ax = plot_analogies(results())
    first, rival, _ = results().values()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    ranked = sorted(
        (s for s in first.families if s.accuracy),
        key=lambda s: -s.accuracy.value if s.accuracy else 0,
    )
    assert labels == [
        *(family_label(score.family) for score in ranked),
        "all questions",
        "mean of families",
    ]
    assert "country – nationality" in labels, "families have readable names"
    assert family_label("currency") not in labels, "no question, no row"
    assert legend_texts(ax) == list(results())
    for series, result in enumerate((first, rival)):
        dots, ends = whiskers(ax, series)
        by_name = {score.family: score.accuracy for score in result.families}
        intervals = [*(by_name[s.family] for s in ranked), result.micro, result.macro]
        np.testing.assert_allclose(dots, [100 * i.value for i in intervals if i])
        np.testing.assert_allclose(ends, [[100 * i.low, 100 * i.high] for i in intervals if i])


def test_a_family_that_only_a_rival_has_is_shown() -> None:
    relation, other = ("gram6-nationality-adjective", "<i>kin_and-kith</i>")
    embeddings = spectrum().embeddings()
    ax = plot_analogies(
        {
            "one": analogies(embeddings, relations().select([relation])),
            "both": analogies(embeddings, relations().select([relation, other])),
        }
    )
    assert len(ax.get_yticklabels()) == 4
    assert [len(whiskers(ax, series)[0]) for series in (0, 1)] == [3, 4]


def test_similarity_shows_what_there_is() -> None:
    ax = plot_similarity(similarities())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["MEN", "rare<sup>"]
    for series, found in enumerate(similarities().values()):
        dots, ends = whiskers(ax, series)
        known = found[0].spearman
        assert known is not None
        assert found[1].spearman is None
        np.testing.assert_allclose(dots, [known.value])
        np.testing.assert_allclose(ends, [[known.low, known.high]])
        assert ax.get_xlim()[0] <= known.low
        assert known.high <= ax.get_xlim()[1]


def test_nothing_to_plot_is_refused() -> None:
    with pytest.raises(InputError, match="no analogy result"):
        plot_analogies({})
    with pytest.raises(InputError, match="no similarity result"):
        plot_similarity({"M*": ()})


def test_topics_are_bars() -> None:
    table = topics(spectrum(), words_per_end=5)
    ax = plot_topic(table, mode=2)
    plus, minus = (t for t in table.topics if t.mode == 2)
    words = [label.get_text() for label in ax.get_yticklabels()]
    assert words == [*plus.words, *minus.words[::-1]]
    widths = [bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
    assert widths == [*plus.entries, *minus.entries[::-1]]
    with pytest.raises(InputError, match="no mode 99"):
        plot_topic(table, mode=99)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("gram7-past-tense", "verb – past tense"),
        ("gram12-my_own-thing", "my own thing"),
        ("plain", "plain"),
        ("--", "--"),
    ],
)
def test_families_have_readable_names(name: str, label: str) -> None:
    assert family_label(name) == label
    assert set_label("wordsim353") == "WordSim-353"
    assert set_label("mine") == "mine"


# ------------------------------------------------------------------- map


def test_the_map_is_the_same_every_time_and_changes_with_the_seed() -> None:
    vectors = spectrum().embeddings().vectors
    places = map_positions(vectors, seed=0)
    np.testing.assert_array_equal(places, map_positions(vectors, seed=0))
    assert not np.array_equal(places, map_positions(vectors, seed=1))
    assert np.ptp(places[:, 0]) > 0
    widths = places.var(axis=0)
    assert widths[0] >= widths[1], "widest from left to right"


def test_the_map_keeps_neighbours_together() -> None:
    rng = np.random.default_rng(0)
    centres = np.eye(3, 8) * 5
    groups = np.repeat([0, 1, 2], 30)
    places = map_positions(centres[groups] + 0.5 * rng.normal(size=(90, 8)))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert np.mean(groups[distances.argmin(axis=1)] == groups) > 0.95


def test_equal_and_zero_vectors_are_no_obstacle() -> None:
    assert np.isfinite(map_positions(np.zeros((12, 3)))).all()
    assert np.isfinite(map_positions(np.ones((12, 3)))).all()


def test_every_word_of_the_map_belongs_to_the_topic_it_loads_on_most() -> None:
    embeddings = spectrum().embeddings()
    found = leading_topics(embeddings, n_words=50)
    assert [(topic.mode, topic.end) for topic in found] == [
        (mode, end) for mode in (1, 2, 3, 4) for end in "+-"
    ]
    assert sorted(row for topic in found for row in topic.rows) == list(range(50))
    entries = unit_rows(embeddings.vectors[:50].astype(np.float64))[:, :4]
    named = topics(embeddings, modes=range(1, 5), words_per_end=3, normalise="cosine")
    for topic, name in zip(found, named.topics, strict=True):
        assert topic.top_words == name.words
        assert (np.diff(topic.entries) <= 0).all()
        for row, entry in zip(topic.rows, topic.entries, strict=True):
            assert entry == np.abs(entries[row]).max()
            assert (entries[row, topic.mode - 1] > 0) == (topic.end == "+")


def test_the_map_shows_the_words_it_names() -> None:
    ax = plot_embedding_map(spectrum().embeddings(), n_words=60)
    shown = np.concatenate([line.get_xydata() for line in ax.lines])
    assert shown.shape == (60, 2)
    places = map_positions(spectrum().embeddings().vectors[:60])
    labels = [child for child in ax.get_children() if isinstance(child, Annotation)]
    assert len(labels) > 15
    names = [shortened(word, 24) for word in WORDS]
    for label in labels:
        np.testing.assert_array_equal(label.xy, places[names.index(label.get_text())])
    figure = root(ax)
    figure.draw_without_rendering()
    boxes = [label.get_window_extent().extents for label in labels]
    room = ax.get_window_extent().extents
    for number, (left, bottom, right, top) in enumerate(boxes):
        assert room[0] - 1 <= left
        assert right <= room[2] + 1
        assert room[1] - 1 <= bottom
        assert top <= room[3] + 1
        for x0, y0, x1, y1 in boxes[:number]:
            clear = min(right, x1) - max(left, x0), min(top, y1) - max(bottom, y0)
            assert min(clear) < 1, "labels overlap by a pixel at most"


def test_a_map_takes_some_words() -> None:
    few = Embeddings(("a", "b", "c"), np.eye(3))
    with pytest.raises(InputError, match="at least 10 words"):
        plot_embedding_map(few)
    with pytest.raises(InputError, match="n_words"):
        plot_embedding_map(few, n_words=0)
    with pytest.raises(InputError, match="seed"):
        plot_embedding_map(spectrum().embeddings(), seed=-1)
    flat = Embeddings(WORDS, np.arange(1.0, len(WORDS) + 1)[:, None])
    with pytest.raises(InputError, match="2 dimensions"):
        plot_embedding_map(flat)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 3))
def test_labels_never_overlap(seed: int, number: int, crowding: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 200, size=(number, 2))
    sizes = np.stack([rng.uniform(5, 60, number), np.full(number, 8.0)], axis=1)
    placed = place_labels(
        points, sizes, range(number), bounds=(0, 0, 200, 200), most=30, crowding=crowding
    )
    assert len(placed) <= 30
    assert len({label.item for label in placed}) == len(placed)
    boxes = []
    for label in placed:
        middle = points[label.item] + (label.x, label.y)
        low, high = middle - sizes[label.item] / 2, middle + sizes[label.item] / 2
        assert (low >= 0).all()
        assert (high <= 200).all()
        inside = ((points > low) & (points < high)).all(axis=1)
        assert not inside[label.item], "a label does not cover its own point"
        assert inside.sum() <= crowding
        for other_low, other_high in boxes:
            assert (low >= other_high - 1e-9).any() or (high <= other_low + 1e-9).any()
        boxes.append((low, high))


# ----------------------------------------------------- common to all of them

PLOTS = {
    "spectrum": lambda ax: plot_spectrum(spectrum(), ax=ax),
    "analogies": lambda ax: plot_analogies(results(), ax=ax),
    "similarity": lambda ax: plot_similarity(similarities(), ax=ax),
    "topic": lambda ax: plot_topic(topics(spectrum(), words_per_end=8), ax=ax),
    "map": lambda ax: plot_embedding_map(spectrum().embeddings(), n_words=40, ax=ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_axes_are_taken_and_given_back(name: str) -> None:
    ax = Figure(figsize=(5, 5)).add_subplot()
    before = dict(mpl.rcParams)
    assert PLOTS[name](ax) is ax
    assert dict(mpl.rcParams) == before, "the user's settings come back"


@pytest.mark.parametrize("name", PLOTS)
def test_equal_figures_make_equal_files(name: str, tmp_path: Path) -> None:
    once = save_figure(root(PLOTS[name](None)), tmp_path / "once", name)
    again = save_figure(root(PLOTS[name](None)), tmp_path / "again" / "deeper", name)
    assert [path.name for path in once] == [f"{name}.{end}" for end in ("png", "pdf", "svg")]
    for one, other in zip(once, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
    png, pdf, svg = (path.read_bytes() for path in once)
    assert png.startswith(b"\x89PNG")
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf
    assert svg.rstrip().endswith(b"</svg>")
    assert b"<dc:date>" not in svg
    assert sorted(path.name for path in (tmp_path / "once").iterdir()) == sorted(
        path.name for path in once
    )


def test_settings_of_the_user_change_nothing(tmp_path: Path) -> None:
    plain, *_ = save_figure(root(plot_similarity(similarities())), tmp_path, "plain")
    with mpl.rc_context({"font.size": 20, "axes.grid": True, "savefig.dpi": 30}):
        other, *_ = save_figure(root(plot_similarity(similarities())), tmp_path, "other")
    assert plain.read_bytes() == other.read_bytes()


def test_dollar_signs_are_dollar_signs(tmp_path: Path) -> None:
    # "$x$" would be drawn as mathematics and "_{y}$" fail to parse.
    ax = plot_topic(topics(Embeddings(ODD_WORDS, np.diag(np.arange(1.0, 9.0))), words_per_end=8))
    assert "$x$" in [label.get_text() for label in ax.get_yticklabels()]
    odd = {f"$\\bad{{{name}": result for name, result in results().items()}
    for figure in (ax, plot_analogies(odd), plot_spectrum(spectrum_of(RANKS**-1.0, target="$_{"))):
        save_figure(root(figure), tmp_path, "odd")


def test_letters_without_a_font_do_not_warn(tmp_path: Path) -> None:
    words = tuple(chr(0x10380 + n) for n in range(12))  # Ugaritic
    save_figure(root(plot_topic(topics(Embeddings(words, np.eye(12))))), tmp_path, "ugaritic")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a\\b"])
def test_a_figure_needs_a_file_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot name"):
        save_figure(Figure(), tmp_path, name)


def test_a_figure_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write"):
        save_figure(Figure(), tmp_path / "file", "name")


# ------------------------------------------------------------ long names


def test_long_names_are_cut_to_the_room_there_is() -> None:
    assert shortened("as it is", 8) == "as it is"
    assert shortened("as it is not", 6) == "as it…"
    assert in_two_lines("short", 10) == "short"
    assert in_two_lines("a name of two lines", 12) == "a name of\ntwo lines"
    assert in_two_lines("a name that has more than two lines", 12) == "a name that\nhas more th…"
    assert in_two_lines("x" * 30, 12) == f"{'x' * 12}\n{'x' * 11}…"
    assert listed_words(("one", "two", "three"), 9) == "one, two"
    assert listed_words(("extraordinary", "two"), 6) == "extra…"


def test_long_words_and_names_leave_room_for_the_figure(tmp_path: Path) -> None:
    words = tuple(f"donaudampfschifffahrtsgesellschaft{n}" for n in range(40))
    vectors = np.random.default_rng(0).normal(size=(40, 6))
    named = {
        f"a target with a name of some length {n}": r for n, r in enumerate(results().values())
    }
    for ax in (
        plot_embedding_map(Embeddings(words, vectors)),
        plot_topic(topics(Embeddings(words, vectors))),
        plot_analogies(named),
    ):
        save_figure(root(ax), tmp_path, "long")  # warns if the axes vanish
        assert ax.get_position().width > 0.5
        legend = ax.get_legend()
        if legend is not None:
            box = legend.get_window_extent()
            assert box.x0 >= 0
            assert box.x1 <= root(ax).bbox.x1


def test_words_table_and_legend_have_one_sign_of_the_exponent() -> None:
    """The fit said 0.6 where the legend said -0.6."""
    fit = fit_power_law(RANKS**-0.6)
    rows = {row["quantity"]: row for row in fit.table()}
    assert rows["exponent"]["value"] == pytest.approx(-0.6)
    assert rows["exponent"]["low"] <= rows["exponent"]["high"] < 0
    assert rows["exponent of the first half"]["value"] == pytest.approx(-0.6)
    assert "exponent -0.600" in fit.text()
    assert "with exponent -0.600" in fit.summary()

"""Coverage of families, their differences, localisation, SNR curves and planes."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray
from strategies import settings  # noqa: F401  (sets the profile)
from training_runs import small_counts, spectrum_of, usual

from probes import Relations, analogies, google_relations
from probes.concepts import (
    PAPER_DIMS,
    Differences,
    accuracy_curves,
    coverage,
    detectability,
    difference_vectors,
    inverse_participation_ratio,
    localise,
    null_share_quantile,
    on_principal_axes,
    signal,
    snr_curve,
    snr_plane,
    unanswerable,
)
from probes.concepts.matched_pairs import can_be_matched
from probes.concepts.signal_to_noise.detectability import squared_noise
from probes.emergence.chance import Chance
from probes.relations.relation_folders import read_relation_folder
from repsearch import Aligned, Gaussian, gradient_flow, training
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

Real = NDArray[np.float64]
CITIES = {"city": [("houston", "texas"), ("dallas", "texas"), ("boston", "massachusetts")]}


def family(n: int, d: int, *, seed: int = 0, mean: float = 0.0) -> Differences:
    rows = mean + np.random.default_rng(seed).normal(size=(n, d))
    return Differences(rows, tuple((f"a{k}", f"b{k}") for k in range(n)), "f")


# ---------------------------------------------------------------- coverage


def test_coverage_of_the_google_families() -> None:
    found = coverage(google_relations())
    rows = found.table()
    assert sum(int(row["pairs"]) for row in rows) == 573
    assert sum(int(row["questions"]) for row in rows) == 30_494
    assert sum(int(row["unanswerable"]) for row in rows) == 316
    by_family = {found.family: found for found in found.families}
    assert len(by_family["city-in-state"].unanswerable) == 312
    assert len(by_family["currency"].unanswerable) == 4
    assert by_family["capital-common-countries"].shared == {"capital-world": 23}
    assert {one.reason for one in by_family["city-in-state"].unanswerable} == {"b"}
    assert max(by_family["city-in-state"].many_to_one.values(), key=len)
    assert found.source.startswith("Mikolov")
    assert "city – state" in str(found)
    with pytest.raises(InputError, match="no family 'nothing'"):
        found["nothing"]


def test_unanswerable_questions_are_those_the_scorer_leaves_out() -> None:
    pairs = [("a", "b"), ("c", "b"), ("b", "a"), ("d", "d"), ("e", "f"), ("f", "g")]
    words = tuple("abcdefg")
    vectors = np.random.default_rng(0).normal(size=(7, 4))
    score = analogies(Embeddings(words, vectors), Relations({"f": pairs}))
    found = unanswerable(pairs)
    assert len(found) == score.families[0].unanswerable
    for one in found:
        named = {"a": one.first[0], "b": one.first[1], "a'": one.second[0]}
        assert named[one.reason] == one.second[1]


def test_graph_of_a_family_shows_hubs_and_components() -> None:
    found = coverage(CITIES)["city"]
    assert found.components == (("dallas", "houston", "texas"), ("boston", "massachusetts"))
    assert found.many_to_one == {"texas": ("houston", "dallas")}
    assert found.one_to_many == {}
    assert isinstance(found.graph, nx.DiGraph)
    assert found.graph.has_edge("houston", "texas")
    assert [(one.first, one.second) for one in found.unanswerable] == [
        (("houston", "texas"), ("dallas", "texas")),
        (("dallas", "texas"), ("houston", "texas")),
    ]


def test_coverage_reports_defects_and_knows_word_zero() -> None:
    given = {
        "f": [("x", "y"), ("y", "x"), ("x", "y"), ("x", "z"), ("q", "r")],
        "g": [("x", "y"), ("p", "p")],
    }
    embeddings = Embeddings(("x", "y", "z"), np.eye(3))
    found = coverage(given, embeddings)
    f, g = found.families
    # "x" is in row 0, and a word as any other.
    assert f.pairs == (("x", "y"), ("y", "x"), ("x", "z"))
    assert f.missing == ("q", "r")
    assert f.share == 0.75
    assert f.repeated == {("x", "y"): 2}
    assert f.reversed_pairs == (("x", "y"),)
    assert f.one_to_many == {"x": ("y", "z")}
    assert f.shared == {"g": 1}
    assert g.shared == {"f": 1}
    assert g.missing == ("p",)
    assert coverage(Relations(given)).families[0].repeated == {}
    empty = coverage({"f": [("q", "r")], "g": []}, embeddings)
    assert [one.share for one in empty.families] == [0.0, 0.0]
    with pytest.raises(InputError, match="hold no pair"):
        coverage({})


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_folder_of_families(tmp_path: Path) -> None:
    root = tmp_path / "BATS"
    write(root / "1_Inflection" / "I01 [noun - plural].txt", "Album\talbums\narea\tareas/area\n")
    write(root / "2_Derivation" / "D01.txt", "# kept\nable unable\n\n")
    write(root / "notes.md", "no family\n")
    found = read_relation_folder(root)
    assert dict(found.families) == {
        "I01 [noun - plural]": (("Album", "albums"), ("area", "areas")),
        "D01": (("able", "unable"),),
    }
    assert (found.name, found.source) == ("BATS", str(root))
    assert found.further("I01 [noun - plural]", ("area", "areas")) == ("area",)
    assert read_relation_folder(root, keep_case=True).keep_case


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.txt": "one\n"}, "line 1 .* has 1 field, which is no layout"),
        ({"a.txt": "x y\nb\tc\td\n"}, "line 2 .* has 3 fields"),
        ({"a.txt": "b\t\n"}, "line 1 .* empty field"),
        ({"a.txt": "# none\n"}, "no pair in .*txt.* files"),
        ({"a.md": "b c\n"}, "no pair in .*txt.* files"),
        ({"p/a.txt": "b c\n", "q/a.txt": "d e\n"}, "two files .* hold the family 'a'"),
    ],
)
def test_bad_folders(tmp_path: Path, files: dict[str, str], said: str) -> None:
    for name, text in files.items():
        write(tmp_path / name, text)
    with pytest.raises(InputError, match=said):
        read_relation_folder(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        read_relation_folder(tmp_path / "nowhere")


# ---------------------------------------------------------------- differences


def test_differences_of_pairs() -> None:
    vectors = np.arange(12.0).reshape(4, 3) ** 2
    embeddings = Embeddings(("x", "y", "z", "w"), vectors.astype(np.float32))
    given = [("x", "y"), ("z", "z"), ("w", "q"), ("z", "w"), ("x", "y")]
    found = difference_vectors(embeddings, given, name="f")
    assert found.pairs == (("x", "y"), ("z", "w"))
    assert found.left_out == (("z", "z"), ("w", "q"))
    assert found.vectors.dtype == np.float64
    assert np.array_equal(found.vectors, [vectors[1] - vectors[0], vectors[3] - vectors[2]])
    assert np.array_equal(found.mean, found.vectors.mean(axis=0))
    assert found.words == ("x", "y", "z", "w")
    assert np.array_equal(found.first(2).vectors, found.vectors[:, :2])
    assert found.first(2).pairs == found.pairs
    assert np.array_equal(found.gram, found.vectors @ found.vectors.T)
    assert (len(found), found.dimension) == (2, 3)
    assert repr(found) == "<Differences 'f', 2 pairs, d = 3>"


def test_bad_differences() -> None:
    pairs = (("a", "b"), ("c", "d"))
    for rows, said in (
        (np.ones((3, 2)), "2 pairs and differences of shape"),
        (np.ones((2, 0)), "of shape"),
        (np.array([[1.0], [np.nan]]), "NaN"),
        (np.array([[1e200], [0.0]]), "1e\\+200, .* scale the embeddings"),
        (np.array([[1e-200], [0.0]]), "1e-200, .* scale the embeddings"),
    ):
        with pytest.raises(InputError, match=said):
            Differences(rows, pairs)
    with pytest.raises(InputError, match="comes twice"):
        Differences(np.ones((2, 2)), (("a", "b"), ("a", "b")))
    with pytest.raises(InputError, match="none of the 1 pairs of f"):
        difference_vectors(Embeddings(("a",), np.ones((1, 2))), [("a", "a")], name="f")
    for d in (0, 4, 1.0, True):
        with pytest.raises(InputError, match="whole number from 1 to 3"):
            family(2, 3).first(d)  # type: ignore[arg-type]


def test_principal_axes_are_left_singular_vectors_and_keep_the_gram() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 6)) * np.arange(6, 0, -1)
    mixed = vectors @ np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    turned = on_principal_axes(Embeddings(tuple(f"w{k}" for k in range(40)), mixed)).vectors
    left, values, _ = np.linalg.svd(mixed, full_matrices=False)
    room = 1e-12 * values[0]
    assert np.abs(np.abs(turned) - np.abs(left * values)).max() <= room
    assert np.abs(turned @ turned.T - mixed @ mixed.T).max() <= room * values[0]
    assert np.all(turned[np.abs(turned).argmax(axis=0), range(6)] > 0)


# ---------------------------------------------------------------- localisation


def test_mean_on_one_mode_is_localised_there() -> None:
    rng = np.random.default_rng(0)
    rows = 0.1 * rng.normal(size=(20, 50))
    rows[:, 7] += 3.0
    pairs = tuple((f"a{k}", f"b{k}") for k in range(20))
    words = tuple(w for pair in pairs for w in pair)
    source = Embeddings(words, rng.normal(size=(40, 50)))
    found = localise(Differences(rows, pairs, "f"), source=source, modes=3)
    p = rows.mean(axis=0) ** 2 / np.sum(rows.mean(axis=0) ** 2)
    assert [share.value for share in found.shares] == pytest.approx(p)
    assert found.ipr.value == pytest.approx(np.sum(p**2))
    assert found.leading(1) == (8,)
    assert found.shares[7].low > 0.9
    assert found.evenly == 1 / 50
    assert found.topics is not None
    assert found.topics.topics[0].mode == 8
    # A flip leaves the column of the concept as it is in all but a few, and the rest is noise.
    assert found.p_value < 0.01
    assert found.null_ipr.value < found.ipr.value


def test_localisation_of_noise_is_that_of_its_null() -> None:
    found = [localise(family(16, 40, seed=seed), resamples=200) for seed in range(60)]
    assert np.mean([one.p_value <= 0.1 for one in found]) <= 0.2
    assert np.mean([one.ipr.value for one in found]) == pytest.approx(3 / 42, rel=0.1)


def test_pairs_around_one_hub_say_nothing_of_their_spread() -> None:
    rows = np.array([[1.0, 0.0], [1.0, 1.0]])
    found = localise(Differences(rows, (("a", "b"), ("c", "b"))))
    assert found.shares[0].value == 0.8
    assert (found.shares[0].low, found.shares[0].high) == (0.0, 1.0)
    assert found.p_value == 1.0


def test_localisation_looks_at_the_leading_modes_alone() -> None:
    long = family(5, 300)
    assert len(localise(long).shares) == 100
    assert len(localise(family(5, 30)).shares) == 30
    assert localise(long, d=20).ipr.value == pytest.approx(
        inverse_participation_ratio(long.mean[:20])
    )


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        (np.array([[1.0, 0.0], [-1.0, 0.0]]), {}, "lies nowhere"),
        (np.ones((2, 2)), {"d": 0}, "from 1 up"),
        (np.ones((2, 2)), {"modes": 1.5}, "from 1 up"),
        (np.ones((2, 2)), {"level": 1.0}, "level lies between"),
        (np.ones((2, 2)), {"resamples": 10}, "at least 100"),
        (np.ones((2, 2)), {"seed": -1}, "seed"),
    ],
)
def test_bad_localisation(rows: Real, options: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        localise(Differences(rows, (("a", "b"), ("c", "d"))), **options)  # type: ignore[arg-type]
    for vector in ([], [0.0, 0.0], [np.inf], [[1.0]]):
        with pytest.raises(InputError, match="participation ratio"):
            inverse_participation_ratio(vector)


# ---------------------------------------------------------------- signal


@pytest.mark.parametrize(
    ("rows", "pairs", "options", "said"),
    [
        (np.ones((1, 3)), (("a", "b"),), {}, "joined by"),
        (np.ones((2, 3)), (("a", "b"), ("c", "b")), {}, "joined by"),
        (np.zeros((2, 3)), (("a", "b"), ("c", "d")), {}, "all differences of .* are zero"),
        (
            np.ones((2, 3)),
            (("a", "b"), ("c", "d")),
            {"permutations": 5},
            "permutations .* at least 100",
        ),
        (np.ones((2, 3)), (("a", "b"), ("c", "d")), {"level": 0}, "level lies"),
        (np.ones((2, 3)), (("a", "b"), ("c", "d")), {"seed": 0.5}, "seed"),
    ],
)
def test_signal_refuses(
    rows: Real, pairs: tuple[tuple[str, str], ...], options: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        signal(Differences(rows, pairs), **options)  # type: ignore[arg-type]


def test_two_pairs_have_a_value_and_an_interval_of_ignorance() -> None:
    rows = np.array([[1.0, 1.0], [1.0, 0.0]])
    found = signal(Differences(rows, (("a", "b"), ("c", "d"))))
    assert found.share.value == pytest.approx(1 / 1.5)
    assert (found.share.low, found.share.high) == (-1.0, 1.0)
    assert found.snr_ends == (-0.5, float("inf"))
    assert found.p_value == 0.5
    assert "too few" in found.share.method
    assert "SNR 2" in str(found)
    assert "too few to tell" in found.summary()


def test_a_hub_is_no_signal() -> None:
    """Pairs that share their second word have its noise in common, which is no relation."""
    rng = np.random.default_rng(0)
    found, naive = [], []
    for _ in range(40):
        words = rng.normal(size=(15, 30))
        pairs = [(k, 12 + k // 4) for k in range(12)]
        rows = np.array([words[b] - words[a] for a, b in pairs])
        names = tuple((f"a{a}", f"b{b}") for a, b in pairs)
        one = signal(Differences(rows, names), permutations=100)
        assert one.groups == 3
        found.append(one.share.value)
        gram = rows @ rows.T
        naive.append((gram.sum() - np.trace(gram)) / (132 * np.trace(gram) / 12))
    assert abs(np.mean(found)) <= 4 * np.std(found) / np.sqrt(40)
    assert np.mean(naive) > 0.1


@pytest.mark.parametrize(("probability", "pairs", "d"), [(0, 5, 5), (0.5, 1, 5), (0.5, 5, 0.5)])
def test_bad_null(probability: float, pairs: int, d: float) -> None:
    with pytest.raises(InputError):
        null_share_quantile(probability, pairs=pairs, effective_dimension=d)


def test_contrast_grows_with_the_root_of_the_dimension_at_equal_snr() -> None:
    for d in (16, 256):
        found = [detectability(family(20, d, seed=seed, mean=0.5)) for seed in range(40)]
        values = [one.value for one in found if one is not None]
        assert len(values) == 40
        # |m|^2 / Tr Sigma = 1/4 for both, the effective dimension is d.
        assert np.mean(values) == pytest.approx(0.25 * np.sqrt(d), rel=0.15)
        covered = [0.25 * np.sqrt(d) in one for one in found if one is not None]
        assert np.mean(covered) >= 0.85
    assert detectability(family(3, 5)) is None
    perfect = Differences(np.ones((5, 3)), tuple((f"a{k}", f"b{k}") for k in range(5)))
    assert detectability(perfect) is None


def test_squared_noise_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    spectrum = np.arange(1, 41) ** -0.6
    rows = [3.0 + rng.normal(size=(6, 40)) * np.sqrt(spectrum) for _ in range(2000)]
    found = [squared_noise(one @ one.T) for one in rows]
    assert abs(np.mean(found) - np.sum(spectrum**2)) <= 4 * np.std(found) / np.sqrt(2000)


# ---------------------------------------------------------------- curves and planes


def test_dimensions_of_the_paper() -> None:
    assert PAPER_DIMS[:6] == (4, 5, 8, 11, 16, 22)
    assert (len(PAPER_DIMS), PAPER_DIMS[-1]) == (21, 4096)


def test_curve_is_the_signal_of_each_cut() -> None:
    whole = family(12, 30, mean=0.4)
    curve = snr_curve(whole, [1, 7, 30], resamples=100, permutations=200)
    for d, found, paper in zip(curve.dims, curve.signals, curve.published, strict=True):
        alone = signal(whole.first(d), permutations=200)
        assert found.share.value == pytest.approx(alone.share.value, abs=1e-12)
        assert found.share.low == pytest.approx(alone.share.low, abs=1e-9)
        assert (found.p_value, found.dimension) == (alone.p_value, d)
        values = np.linalg.svd(whole.vectors[:, :d], compute_uv=False) ** 2
        assert paper.corrected == pytest.approx(values[0] * min(12, d) / values.sum())
    assert [row["d"] for row in curve.table()] == [1, 7, 30]
    assert snr_curve(whole, [1, 7, 30], resamples=100, permutations=200) == curve
    assert snr_curve(family(5, 3)).dims == (3,)
    assert snr_curve(family(5, 9)).dims == (4, 5, 8, 9)


def test_peak_is_found_where_it_was_put() -> None:
    """The mean lies on the first 8 of 64 columns, whose noise is even: the share falls after."""
    rng = np.random.default_rng(0)
    hit, widths = 0, []
    for _ in range(40):
        rows = rng.normal(size=(20, 64))
        rows[:, 4:8] += 3.0
        whole = Differences(rows, tuple((f"a{k}", f"b{k}") for k in range(20)))
        curve = snr_curve(whole, [2, 4, 6, 8, 16, 32, 64], resamples=200, permutations=100)
        hit += 8 in curve.peak
        widths.append(curve.peak.width)
        assert curve.at_peak == curve.signals[curve.dims.index(int(curve.peak.value))]
    assert hit == 40
    assert np.median(widths) <= 8
    flat = [snr_curve(family(20, 64, seed=seed), resamples=200).peak for seed in range(10)]
    few = snr_curve(family(4, 64, mean=1.0)).peak
    assert (few.low, few.high) == (4, 64)
    # Where there is nothing, the peak may lie anywhere.
    assert np.median([peak.width for peak in flat]) > 30


@pytest.mark.parametrize(
    ("dims", "options", "said"),
    [
        ([], {}, "do not increase"),
        ([3, 2], {}, "do not increase"),
        ([2, 2], {}, "do not increase"),
        ([0], {}, "no dimension 0"),
        ([6], {}, "between 1 and 5"),
        ([1.5], {}, "no dimension 1.5"),
        (None, {"resamples": 10}, "at least 100 resamples"),
        (None, {"permutations": 10}, "at least 100"),
    ],
)
def test_bad_curves(dims: list[int] | None, options: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        snr_curve(family(4, 5), dims, **options)  # type: ignore[arg-type]


def test_accuracy_beside_the_curve() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(size=(8, 12))
    vectors = np.vstack([first, first + 2 * np.eye(12)[0]])
    words = tuple(f"{side}{k}" for side in "ab" for k in range(8))
    pairs = [(f"a{k}", f"b{k}") for k in range(8)]
    relations = Relations({"f": pairs, "g": pairs[:1]})
    found = accuracy_curves(Embeddings(words, vectors), relations, [2, 12])
    alone = analogies(Embeddings(words, vectors[:, :2]), relations)
    assert found["f"][0] == alone.families[0].accuracy
    assert found["g"] == (None, None)
    assert found["f"][1].value > found["f"][0].value  # type: ignore[union-attr]


def test_plane_of_a_closed_form() -> None:
    spectrum = spectrum_of(small_counts())
    pairs = [(spectrum.words[k], spectrum.words[k + 10]) for k in range(8)]
    flow = gradient_flow(spectrum, Aligned(1e-4), d=6)
    late = float(flow.times[-1]) * 10
    plane = snr_plane(flow, pairs, [0.0, late], [1, 3, 6], name="f", permutations=100)
    assert plane.shares.shape == (2, 3)
    # At the end W is the minimiser, whose columns are its principal axes.
    best = difference_vectors(spectrum.embeddings(6), pairs)
    for place, d in enumerate(plane.dims):
        cut = signal(best.first(d), permutations=100)
        assert plane.shares[1, place] == pytest.approx(cut.share.value, abs=1e-6)
        assert plane.signals[1][place].dimension == d
    # At the start all modes have one size; with all of them no axis is left out.
    start = difference_vectors(
        Embeddings(spectrum.words, np.array(spectrum.eigenvectors[:, :6])), pairs
    )
    assert plane.shares[0, 2] == pytest.approx(
        signal(start, permutations=100).share.value, abs=1e-9
    )
    assert plane.published[1][2].full_rank == 6
    with pytest.raises(InputError, match="no time"):
        snr_plane(flow, pairs, [])


def test_plane_of_a_trained_run_is_that_of_the_closed_form(tmp_path: Path) -> None:
    counts = small_counts()
    spectrum = spectrum_of(counts)
    pairs = [(counts.words[k], counts.words[k + 10]) for k in range(8)]
    start = Gaussian(1e-2, seed=1)
    until = 1.2 / float(spectrum.eigenvalues[0]) * 10
    run = training.train(
        counts, tmp_path / "run", d=4, start=start, until=until, record=usual(until, snapshots=4)
    )
    times = run.snapshot_times.tolist()
    trained = snr_plane(run, pairs, times, [2, 4], permutations=100)
    closed = snr_plane(gradient_flow(spectrum, start, d=4), pairs, times, [2, 4], permutations=100)
    assert trained.shares == pytest.approx(closed.shares, abs=0.02)
    assert np.ptp(trained.shares, axis=0).max() > 0.05


def test_shared_pairs_are_those_that_are_used_and_counted_once() -> None:
    """Pairs of the file were counted, and one of three families twice."""
    given = {
        "one": [("a", "b"), ("c", "d"), ("e", "f")],
        "two": [("a", "b"), ("d", "c")],
        "three": [("b", "a"), ("e", "f")],
    }
    found = coverage(given, {"a", "b", "c", "d"})
    assert dict(found["one"].shared) == {"two": 2, "three": 1}
    row = found.table()[0]
    assert (row["pairs"], row["shared_pairs"]) == (2, 2)


def test_words_without_a_vector_stand_in_for_none() -> None:
    """They were counted where it was asked whether there are enough, and not where drawn."""
    vectors = np.zeros((40, 3))
    vectors[:8] = np.random.default_rng(0).normal(size=(8, 3))
    emb = Embeddings([f"w{k}" for k in range(40)], vectors)
    pairs = [(f"w{2 * k}", f"w{2 * k + 1}") for k in range(3)]
    assert not can_be_matched(emb, pairs)
    assert can_be_matched(emb, pairs[:2])
    assert len(Chance(emb, difference_vectors(emb, pairs), seed=0)) == 0

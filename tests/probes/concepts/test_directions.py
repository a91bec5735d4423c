"""Concept directions as estimators, held-out pairs, controls and angles between concepts."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import linalg, optimize, stats
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import check_estimator
from strategies import settings  # noqa: F401  (sets the profile)

from probes import Relations
from probes.concepts import (
    CausalInnerProduct,
    ConceptDirection,
    DiscriminantDirection,
    HeldOut,
    LeastSquaresErasure,
    LogisticDirection,
    MeanDifference,
    PrincipalDirection,
    RidgeDirection,
    concept_angles,
    difference_vectors,
    held_out,
    matched_pairs,
    pair_graph,
    probe_concepts,
    profiles,
    whitened,
)
from probes.concepts.directions.held_out import held_out_cosines
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

EPS = float(np.finfo(float).eps)
Real = NDArray[np.float64]
ESTIMATORS: tuple[ConceptDirection, ...] = (
    MeanDifference(),
    PrincipalDirection(),
    DiscriminantDirection(),
    RidgeDirection(),
    LogisticDirection(),
)


def name_of(estimator: Any) -> str:
    return type(estimator).__name__


def two_classes(n: int = 30, d: int = 8, seed: int = 0) -> tuple[Real, Real]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.normal(size=(n, d)) * np.arange(1, d + 1) + np.outer(y, np.linspace(0, 3, d)) + 5
    return x, y


# ---------------------------------------------------------------- estimators


@pytest.mark.parametrize(
    "estimator", [*ESTIMATORS, CausalInnerProduct(), LeastSquaresErasure()], ids=name_of
)
def test_estimators_pass_the_checks_of_scikit_learn(estimator: Any) -> None:
    check_estimator(estimator, on_skip=None)


@pytest.mark.parametrize("shape", [(30, 8), (20, 40)])
def test_directions_are_what_their_formulas_say(shape: tuple[int, int]) -> None:
    n, d = shape
    x, y = two_classes(n, d)
    means = np.stack([x[y == 0].mean(axis=0), x[y == 1].mean(axis=0)])
    centred = x - x.mean(axis=0)
    within = x - means[y]
    level = 0.1 * np.trace(within.T @ within) / min(d, n - 2)
    ridge = np.trace(centred.T @ centred) / min(d, n - 1)
    expected = {
        "MeanDifference": means[1] - means[0],
        "PrincipalDirection": linalg.eigh(centred.T @ centred)[1][:, -1],
        "DiscriminantDirection": np.linalg.solve(
            within.T @ within + level * np.eye(d), means[1] - means[0]
        ),
        "RidgeDirection": Ridge(alpha=ridge).fit(x, y).coef_,
    }
    for estimator in ESTIMATORS[:4]:
        found = estimator.fit(x, y)
        vector = expected[name_of(estimator)]
        cosine = found.direction_ @ vector / np.linalg.norm(vector)
        assert abs(cosine) == pytest.approx(1, abs=1e-9), name_of(estimator)
        assert np.linalg.norm(found.direction_) == pytest.approx(1)


@pytest.mark.parametrize("shape", [(30, 8), (20, 40)])
def test_logistic_direction_is_stationary(shape: tuple[int, int]) -> None:
    """Along its ray some length makes the gradient of the penalised log-loss vanish."""
    x, y = two_classes(*shape)
    found = LogisticDirection(C=0.5).fit(x, y).direction_
    middle = (x[y == 0].mean(axis=0) + x[y == 1].mean(axis=0)) / 2
    rows = x - middle
    rows = rows / np.sqrt(np.mean(np.sum(rows**2, axis=1)))

    def gradient(size: float, intercept: float) -> Real:
        chance = 1 / (1 + np.exp(-(size * rows @ found + intercept)))
        return np.append(size * found + 0.5 * rows.T @ (chance - y), 0.5 * np.sum(chance - y))

    best = min(
        (np.linalg.norm(gradient(size, shift)), size, shift)
        for size in np.linspace(0.05, 6, 200)
        for shift in np.linspace(-0.5, 0.5, 21)
    )
    _, size, shift = best
    solved = optimize.least_squares(lambda p: gradient(*p), [size, shift], xtol=1e-15, ftol=1e-15)
    assert np.linalg.norm(solved.fun) < 1e-4


@given(st.sampled_from(ESTIMATORS), st.integers(0, 50), st.floats(1e-3, 1e3))
def test_directions_turn_and_scale_with_the_words(
    estimator: ConceptDirection, seed: int, scale: float
) -> None:
    x, y = two_classes(24, 6, seed)
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(6, 6)))[0]
    before = estimator.fit(x, y).direction_
    after = type(estimator)().fit(scale * x @ turn + 1.0, y).direction_
    # The solver of the logistic regression stops at a gradient of 1e-6.
    room = 1e-3 if isinstance(estimator, LogisticDirection) else 1e-8
    assert np.abs(after - before @ turn).max() <= room


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_sign_runs_from_the_smaller_label_to_the_larger(estimator: ConceptDirection) -> None:
    x, y = two_classes(40, 5, 1)
    forward = type(estimator)().fit(x, np.where(y == 1, "queen", "king"))
    backward = type(estimator)().fit(x, np.where(y == 1, "king", "queen"))
    assert list(forward.classes_) == ["king", "queen"]
    assert backward.direction_ == pytest.approx(-forward.direction_, abs=1e-4)
    places = forward.transform(x)[:, 0]
    assert places[y == 1].mean() > 0 > places[y == 0].mean()
    assert places[y == 1].mean() == pytest.approx(-places[y == 0].mean())
    right = np.where(places > 0, "queen", "king") == np.where(y == 1, "queen", "king")
    assert forward.score(x, np.where(y == 1, "queen", "king")) == right.mean()


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_classes_that_do_not_differ_have_no_direction(estimator: ConceptDirection) -> None:
    x = np.ones((6, 3))
    found = type(estimator)().fit(x, [0, 0, 0, 1, 1, 1])
    if not isinstance(estimator, PrincipalDirection):
        assert not found.direction_.any()
    assert list(found.predict(x)) == [0] * 6


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (DiscriminantDirection(shrinkage=0), "shrinkage is 0"),
        (RidgeDirection(penalty=-1.0), "penalty is -1.0"),
        (LogisticDirection(C=0), "C is 0"),
        (RidgeDirection(penalty=float("nan")), "penalty is nan"),
    ],
)
def test_bad_parameters(estimator: ConceptDirection, said: str) -> None:
    with pytest.raises(InputError, match=said):
        estimator.fit(*two_classes())
    for labels, words in ((np.zeros(30), "one class"), (np.arange(30) % 3, "3 classes")):
        with pytest.raises(InputError, match=words):
            MeanDifference().fit(two_classes()[0], labels)


def test_causal_product_drops_what_no_word_varies_in() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, 3)) @ rng.normal(size=(3, 6)) + 2
    found = CausalInnerProduct().fit(vectors)
    assert found.rank_ == 3
    white = found.transform(vectors)
    values = np.linalg.eigvalsh(np.cov(white.T, bias=True))
    assert values == pytest.approx([0, 0, 0, 1, 1, 1], abs=1e-10)
    assert whitened(Embeddings(tuple(map(str, range(50))), vectors)).vectors == pytest.approx(white)


def test_causal_product_parts_concepts_that_are_independent() -> None:
    """Two binary concepts on skew directions: cosine 0.8, causal cosine 0 (Park et al.)."""
    rng = np.random.default_rng(0)
    first, second = np.array([1.0, 0.0]), np.array([0.8, 0.6])
    concepts = rng.choice([-1.0, 1.0], size=(4000, 2))
    vectors = concepts @ np.stack([first, second])
    found = CausalInnerProduct().fit(vectors)
    inner = found.inner(np.stack([first, second]), np.stack([first, second]))
    cosine = inner[0, 1] / np.sqrt(inner[0, 0] * inner[1, 1])
    assert first @ second == pytest.approx(0.8)
    # The concepts of a sample correlate by 1 / sqrt(n).
    assert abs(cosine) < 4 / np.sqrt(4000)


# ---------------------------------------------------------------- held-out pairs


class SlowMeanDifference(ConceptDirection):
    """The mean difference by the way that any other estimator goes."""

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        return centred[side].mean(axis=0) - centred[~side].mean(axis=0)


def world(n: int = 12, d: int = 20, *, mean: float = 1.0, seed: int = 0) -> Embeddings:
    """n pairs b = a + mean * e_0 + noise, among other words without the common part."""
    rng = np.random.default_rng(seed)
    words, vectors = [], rng.normal(size=(20 * n, d))
    for k in range(20 * n):
        words.append(f"a{k // 2}" if k % 2 == 0 else f"b{k // 2}")
        if k % 2:
            vectors[k] = vectors[k - 1] + 0.5 * rng.normal(size=d)
            vectors[k, 0] += mean if k < 2 * n else 0.0
    return Embeddings(tuple(words), vectors)


def held_out_with_control(
    embeddings: Embeddings, pairs: list[tuple[str, str]], **options: Any
) -> HeldOut:
    """Held-out pairs of embeddings whose other words make the control."""
    differences = difference_vectors(embeddings, pairs, name="f")
    return held_out(differences, embeddings=embeddings, **options)


PAIRS = [(f"a{k}", f"b{k}") for k in range(12)]
HUBS = [("a0", "b0"), ("a1", "b0"), ("a2", "b2"), ("a3", "b3"), ("a3", "b4"), ("a5", "b5")]


def test_no_word_is_on_both_sides_of_a_split() -> None:
    """Each word is an axis of its own: a direction made of other words is orthogonal."""
    words = tuple(dict.fromkeys(word for pair in HUBS for word in pair))
    embeddings = Embeddings(words, np.eye(len(words)))
    differences = difference_vectors(embeddings, HUBS)
    for estimator in (MeanDifference(), SlowMeanDifference(), RidgeDirection()):
        assert np.abs(held_out_cosines(differences, estimator)).max() < 1e-12
    # Leaving out the pair alone would have found the hub again.
    gram = differences.gram
    assert gram[0, 1] == 1


@pytest.mark.parametrize("pairs", [PAIRS, HUBS])
def test_closed_form_is_what_refitting_gives(pairs: list[tuple[str, str]]) -> None:
    embeddings = world(mean=0.3)
    differences = difference_vectors(embeddings, pairs)
    options: dict[str, Any] = {"embeddings": embeddings, "controls": 3, "permutations": 40}
    quick = held_out(differences, **options)
    slow = held_out(differences, estimator=SlowMeanDifference(), **options)
    assert slow.cosines == pytest.approx(quick.cosines, abs=1e-12)
    assert (slow.accuracy, slow.p_value, slow.null) == (quick.accuracy, quick.p_value, quick.null)
    assert slow.control == quick.control


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_relation_is_found_and_noise_is_not(estimator: ConceptDirection) -> None:
    options: dict[str, Any] = {"estimator": estimator, "permutations": 20, "controls": 3}
    found = held_out_with_control(world(mean=3.0), PAIRS, **options)
    assert found.accuracy.value == 1
    assert found.accuracy.low < 0.8
    assert found.p_value <= 2 / 21
    assert found.selectivity is not None
    assert found.selectivity.low > 0
    assert found.misplaced == ()
    assert found.estimator == name_of(estimator)
    nothing = held_out_with_control(world(mean=0.0, seed=2), PAIRS, **options)
    assert nothing.p_value > 0.05
    assert nothing.misplaced


def test_null_keeps_its_level() -> None:
    rng = np.random.default_rng(0)
    words = tuple(w for pair in PAIRS for w in pair)
    found = np.array(
        [
            held_out(
                difference_vectors(Embeddings(words, rng.normal(size=(24, 30))), PAIRS),
                permutations=99,
            ).p_value
            for _ in range(300)
        ]
    )
    # Accuracies are whole twelfths, so the test may be on the safe side of its level.
    for level in (0.05, 0.2):
        false = int(np.sum(found <= level))
        assert stats.binomtest(false, 300, level, alternative="greater").pvalue > 1e-3
    assert np.mean(found <= 0.5) > 0.25


def test_frequency_alone_is_not_selective() -> None:
    """First words are frequent, second ones rare, and one direction is frequency."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(600, 20))
    vectors[:, 0] += np.linspace(8, -8, 600)
    embeddings = Embeddings(tuple(f"w{k}" for k in range(600)), vectors)
    pairs = [(f"w{50 + 3 * k}", f"w{450 + 3 * k}") for k in range(12)]
    found = held_out_with_control(embeddings, pairs)
    assert found.accuracy.value == 1
    assert found.p_value < 0.05
    assert found.selectivity is not None
    assert 0 in found.selectivity


@given(st.integers(0, 100))
def test_control_families_keep_graph_and_frequency(seed: int) -> None:
    embeddings = Embeddings(tuple(f"w{k}" for k in range(500)), np.ones((500, 1)))
    pairs = [("w0", "w100"), ("w3", "w100"), ("w400", "w401"), ("w401", "w0")]
    own = {word for pair in pairs for word in pair}
    (control,) = matched_pairs(embeddings, pairs, families=1, seed=seed)
    new = {word for pair in control for word in pair}
    assert not own & new
    assert nx.is_isomorphic(pair_graph(pairs), pair_graph(control))
    for one, other in zip(pairs, control, strict=True):
        for word, stand_in in zip(one, other, strict=True):
            rank, near = embeddings.index[word] + 1, embeddings.index[stand_in] + 1
            assert abs(near - rank) <= 20 or 1 / 1.25 <= near / rank <= 1.25
    assert tuple(matched_pairs(embeddings, pairs, families=1, seed=seed)) == (control,)


@pytest.mark.parametrize(
    ("pairs", "options", "said"),
    [
        ([("a0", "b0"), ("a1", "b0")], {}, "joined by"),
        ([("x", "y")], {}, "none of the 1 pairs"),
        (PAIRS, {"permutations": 3}, "permutations .* at least 20"),
        (PAIRS, {"controls": -1}, "controls .* at least 0"),
        (PAIRS, {"level": 2}, "level lies"),
        (PAIRS, {"seed": -1}, "seed"),
    ],
)
def test_bad_held_out(pairs: list[tuple[str, str]], options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        held_out_with_control(world(), pairs, **options)
    small = Embeddings(("a0", "b0", "a1", "b1"), np.eye(4))
    with pytest.raises(InputError, match="cannot replace the 4 words"):
        held_out_with_control(small, [("a0", "b0"), ("a1", "b1")])
    alone = difference_vectors(small, [("a0", "b0"), ("a1", "b1")])
    assert held_out(alone, embeddings=small, controls=0).selectivity is None
    assert held_out(alone).selectivity is None


def test_a_probe_is_its_profiles_and_its_angles() -> None:
    embeddings = world(mean=3.0)
    relations = Relations({"f": PAIRS, "g": [(f"a{k}", f"b{k}") for k in range(20, 28)]})
    found = probe_concepts(embeddings, relations, permutations=99, controls=2, seed=3)
    alone = profiles(embeddings, relations, permutations=99, controls=2, seed=3)
    assert found.profiles.table() == alone.table()
    assert found.angles is not None
    assert found.angles.table() == concept_angles(embeddings, relations, seed=3).table()
    assert list(found.parts()) == ["concepts", "angles"]
    few = relations.select(["f"])
    assert probe_concepts(embeddings, few, permutations=99, controls=0).angles is None


# ---------------------------------------------------------------- between concepts


def families(
    cosine: float, *, n: int = 16, d: int = 60, noise: float = 0.3, seed: int = 0, shared: int = 0
) -> tuple[Embeddings, Relations]:
    """Two families with means of length 1 at an angle; `shared` first words are common to both."""
    rng = np.random.default_rng(seed)
    means = np.zeros((2, d))
    means[0, 0] = 1
    means[1, :2] = cosine, np.sqrt(1 - cosine**2)
    first = rng.normal(size=(2 * n, d))
    words = {f"a{k}": first[k] for k in range(2 * n)}
    pairs: dict[str, list[tuple[str, str]]] = {"f": [], "g": []}
    for place, name in enumerate(pairs):
        for k in range(n):
            a = f"a{k}" if k < shared else f"a{k + place * n}"
            b = f"b{k + place * n}"
            words[b] = words[a] + means[place] + noise * rng.normal(size=d)
            pairs[name].append((a, b))
    return Embeddings(tuple(words), np.array(list(words.values()))), Relations(pairs)


@pytest.mark.parametrize("cosine", [-0.9, 0.0, 0.4, 1.0])
def test_angles_are_unbiased_and_covered(cosine: float) -> None:
    found = [
        concept_angles(*families(cosine, seed=seed), resamples=200, permutations=100).angles[0]
        for seed in range(60)
    ]
    intervals = [one.cosine for one in found if one.cosine is not None]
    assert len(intervals) == 60
    values = [interval.value for interval in intervals]
    assert abs(np.mean(values) - cosine) <= 4 * np.std(values) / np.sqrt(60) + 0.02 * (cosine == 1)
    # Noise takes |m|^2 = 1 to 1 + 0.09 * 60 / 16, and the naive cosine down with it.
    assert np.mean([one.naive for one in found]) == pytest.approx(cosine / 1.34, abs=0.03)
    if abs(cosine) < 1:
        assert np.mean([cosine in interval for interval in intervals]) >= 0.87


@pytest.mark.parametrize(
    ("cosine", "verdict"),
    [(-0.9, "opposite"), (0.0, "orthogonal"), (0.4, "entangled"), (1.0, "aligned")],
)
def test_verdicts(cosine: float, verdict: str) -> None:
    found = [
        concept_angles(*families(cosine, n=40, noise=0.15, seed=seed)).angles[0].verdict
        for seed in range(20)
    ]
    # One in twenty intervals misses.
    assert found.count(verdict) >= 17


def test_shared_words_do_not_align_concepts() -> None:
    """Without a relation in either: only the noise of common words is common to both."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(30):
        words = {f"{side}{k}": rng.normal(size=40) for side in "abc" for k in range(12)}
        words = {w: v - 3 * (w[0] == "a") * np.eye(40)[0] for w, v in words.items()}
        words = {w: v + 3 * (w[0] == "c") * np.eye(40)[1] for w, v in words.items()}
        embeddings = Embeddings(tuple(words), np.array(list(words.values())))
        # a -> b along the first axis, and b -> c along the second, with b in both.
        relations = Relations(
            {
                "f": [(f"a{k}", f"b{k}") for k in range(12)],
                "g": [(f"b{k}", f"c{k}") for k in range(12)],
            }
        )
        found.append(
            concept_angles(embeddings, relations, resamples=100, permutations=100).angles[0]
        )
    values = np.array([one.cosine.value for one in found if one.cosine is not None])
    naive = np.array([one.naive for one in found])
    assert abs(values.mean()) <= 4 * values.std() / np.sqrt(len(values))
    assert naive.mean() < -0.1


def test_families_without_a_direction_have_no_angle() -> None:
    rng = np.random.default_rng(1)
    words = tuple(f"w{k}" for k in range(60))
    embeddings = Embeddings(words, rng.normal(size=(60, 50)))
    relations = Relations(
        {
            name: [(words[20 * place + 2 * k], words[20 * place + 2 * k + 1]) for k in range(9)]
            for place, name in enumerate("fgh")
        }
        | {"hub": [("w18", "w19"), ("w38", "w19")]}
    )
    found = concept_angles(embeddings, relations)
    assert found.names == ("f", "g", "h")
    assert found.left_out == ("hub",)
    assert "no direction" in {one.verdict for one in found.angles}
    assert not {"aligned", "opposite", "entangled"} & {one.verdict for one in found.angles}
    assert found.graph.number_of_edges() == 0
    assert set(found.graph) == {"f", "g", "h"}
    for row in found.table():
        assert (row["cosine"] is None) == (row["verdict"] == "no direction")


def test_null_of_angles_keeps_its_level() -> None:
    found = [
        concept_angles(*families(0.0, n=8, seed=seed), resamples=100, permutations=200)
        .angles[0]
        .p_value
        for seed in range(200)
    ]
    false = int(np.sum(np.array(found) <= 0.1))
    assert stats.binomtest(false, 200, 0.1, alternative="greater").pvalue > 1e-3


def test_graph_and_table_of_angles() -> None:
    found = concept_angles(*families(0.95, noise=0.05, shared=3))
    (edge,) = found.graph.edges(data=True)
    assert edge[2]["verdict"] == "aligned"
    assert edge[2]["cosine"] == pytest.approx(0.95, abs=0.02)
    assert found.matrix == pytest.approx(found.matrix.T)
    angle = found.angles[0].angle
    assert angle is not None
    assert np.cos(np.radians(angle.value)) == pytest.approx(edge[2]["cosine"])
    assert angle.low <= angle.value <= angle.high


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resamples": 5}, "resamples"),
        ({"permutations": 5}, "permutations"),
        ({"level": 0}, "level"),
    ],
)
def test_bad_angles(options: dict[str, Any], said: str) -> None:
    embeddings, relations = families(0.5)
    with pytest.raises(InputError, match=said):
        concept_angles(embeddings, relations, **options)
    with pytest.raises(InputError, match="1 of the families"):
        concept_angles(embeddings, relations.select(["f"]))

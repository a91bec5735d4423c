"""M* beside a model: spaces made of its own modes have the overlaps that were put in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import subspace_angles

from probes.model_theory import WordSpaces, theory_beside
from probes.model_theory.concept_signal import concept_prediction, family_shares
from probes.model_theory.frequency_bins import (
    LEAST,
    frequency_bins,
    frequency_functions,
    permuted_rows,
    without_frequency,
)
from probes.model_theory.measured import leading_directions, measured, modes_beyond_frequency
from probes.model_theory.mode_shares import ModesPresent
from probes.model_theory.word_spaces import counts_among
from probes.relations import Relations
from repsearch import Counts, Embeddings, eigenpairs, mstar
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes

WORLD = BinaryAttributes([0.5, 0.4, 0.3, 0.25, 0.2, 0.2, 0.1])
V = len(WORLD.words)
NONE = Relations({"elsewhere": [("ice", "fire")]})
"""Relations must have pairs; of these none is among the words."""


@pytest.fixture(scope="module")
def counts() -> Counts:
    return WORLD.sample(300_000, seed=0)


def axes(n_words: int, number: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(without_frequency(rng.normal(size=(n_words, number)))).Q


@given(st.integers(1, 3_000))
def test_bins_hold_every_word_once_and_are_as_wide_as_they_say(n_words: int) -> None:
    bins = frequency_bins(n_words)
    sizes = np.bincount(bins)
    begins = np.cumsum(sizes) - sizes
    assert len(bins) == n_words
    assert (np.diff(bins) >= 0).all()
    assert (sizes > 0).all()
    # All but the last, which takes what is left over.
    wide = np.maximum(LEAST, (0.2 * begins).astype(int))
    assert (sizes[:-1] == wide[:-1]).all()
    assert sizes[-1] < 1.5 * wide[-1] or len(sizes) == 1


@given(st.integers(1, 500), st.integers(0, 5))
def test_words_stay_in_their_bins(n_words: int, seed: int) -> None:
    bins = frequency_bins(n_words)
    rows = permuted_rows(bins, np.random.default_rng(seed))
    assert sorted(rows.tolist()) == list(range(n_words))
    assert (bins[rows] == bins).all()


@pytest.mark.parametrize("degrees", [0.0, 30.0, 60.0, 90.0])
def test_a_space_turned_out_of_the_modes_has_the_squared_cosine(degrees: float) -> None:
    whole = axes(400, 12)
    modes, others = whole[:, :6], whole[:, 6:]
    turned = np.cos(np.radians(degrees)) * modes + np.sin(np.radians(degrees)) * others
    # In any coordinates, with any lengths that keep the order, and any mean.
    vectors = (turned * [9, 8, 7, 6, 5, 4]) @ np.linalg.qr(np.eye(6) + 0.3).Q + 5.0
    found = measured(modes, vectors, [1, 3, 6], permutations=20, seed=0)
    expected = np.cos(np.radians(degrees)) ** 2
    assert found.overlaps == pytest.approx([expected] * 3, abs=1e-12)
    assert found.shares == pytest.approx([expected] * 6, abs=1e-12)
    assert found.rank == 6


def test_it_is_the_mean_squared_cosine_of_scipy() -> None:
    rng = np.random.default_rng(1)
    modes, vectors = axes(200, 8), rng.normal(size=(200, 10)) * np.arange(10, 0, -1)
    found = measured(modes, vectors, [3, 8], permutations=20, seed=0)
    space = leading_directions(vectors)
    for k, overlap in zip((3, 8), found.overlaps, strict=True):
        angles = subspace_angles(modes[:, :k], space[:, :k])
        assert overlap == pytest.approx(np.mean(np.cos(angles) ** 2), abs=1e-12)


@pytest.mark.parametrize(("words", "k", "d"), [(300, 10, 20), (200, 50, 60), (60, 10, 15)])
def test_noise_has_what_its_null_says_and_a_mode_is_called_present_as_often_as_stated(
    words: int, k: int, d: int
) -> None:
    modes = axes(words, k)
    present, above = 0, 0
    runs = 60
    nulls = []
    for seed in range(runs):
        vectors = np.random.default_rng([7, seed]).normal(size=(words, d))
        found = measured(modes, vectors, [k], permutations=39, seed=seed)
        of_modes = ModesPresent(np.ones(k), (("a", "b"),) * k, np.zeros(k), {"noise": found}, {})
        present += bool(of_modes.present("noise").any())
        above += bool(found.overlaps[0] > np.quantile(found.null_overlaps[:, 0], 0.975))
        nulls.append(found.null_shares.mean())
    # Of the directions that are not functions of frequency, d are in the space.
    free = words - frequency_functions(words).shape[1]
    assert np.mean(nulls) == pytest.approx(d / free, rel=0.02)
    # One in twenty spaces by either; 9 or more of 60 has a probability below 0.004.
    assert present <= 8
    assert above <= 8


def test_what_both_have_of_frequency_is_neither_overlap_nor_presence() -> None:
    """A mode and a space that follow frequency, each with noise of its own, share no meaning."""
    logs = np.log(np.arange(1, 501))
    logs -= logs.mean()
    raw = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        noisy = np.stack([logs + 0.5 * rng.normal(size=500) for _ in range(2)], axis=1)
        vectors = np.hstack([30 * noisy[:, 1:], rng.normal(size=(500, 8))])
        mode = noisy[:, :1] / np.linalg.norm(noisy[:, 0])
        assert (mode.T @ leading_raw(vectors)[:, :1]) ** 2 > 0.5  # it looks like an agreement
        rest, lost = modes_beyond_frequency(mode)
        assert lost[0] > 0.6
        found = measured(rest, vectors, [1], permutations=39, seed=seed)
        told = ModesPresent(np.ones(1), (("a", "b"),), lost, {"frequency": found}, {})
        raw += bool(told.present("frequency")[0])
    # One in twenty by the level of the test.
    assert raw <= 4


def leading_raw(
    vectors: np.ndarray[Any, np.dtype[np.float64]],
) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)[0]


def test_what_is_taken_out_is_every_smooth_function_of_the_rank_and_little_else() -> None:
    rank = np.arange(1, 2001)
    for smooth in (np.ones(2000), rank, np.log(rank + 10), rank**0.5):
        left = without_frequency(smooth[:, None].astype(float))
        # Knots are a fifth of the rank apart, so that a line between two is off by little.
        assert np.linalg.norm(left) < 0.01 * np.linalg.norm(smooth - smooth.mean()) + 1e-9
    noise = np.random.default_rng(0).normal(size=(2000, 1))
    assert np.linalg.norm(without_frequency(noise)) > 0.97 * np.linalg.norm(noise)
    with pytest.raises(InputError, match="mode 1 of M\\* is a function of frequency alone"):
        modes_beyond_frequency(np.full((100, 1), 0.1))


def test_m_star_of_a_sample_is_found_in_its_own_embeddings_alone(counts: Counts) -> None:
    own = WORLD.spectrum().embeddings(5)
    noise = Embeddings(WORLD.words, np.random.default_rng(0).normal(size=(V, 5)))
    found = theory_beside(
        WordSpaces.of({"own": own, "noise": noise}), counts, Relations(WORLD.relations), modes=5
    )
    assert found.overlaps.measures["own"].overlaps[-1] > 0.9
    assert found.modes.present("own").sum() >= 4
    assert not found.modes.present("noise").any()
    assert found.overlaps.p_value("own", 0) < 0.01 < found.overlaps.p_value("noise", 0)
    assert found.concepts is not None
    assert found.concepts.theory[0].share.value > 0.8
    assert np.mean([one.share.value for one in found.concepts.model["noise"]]) < 0.1


def test_rows_are_matched_by_word_and_others_left_out(counts: Counts) -> None:
    own = WORLD.spectrum().embeddings(4)
    rng = np.random.default_rng(3)
    order = rng.permutation(V)[: V - 20]
    some = Embeddings(
        [*(own.words[row] for row in order), "elsewhere"],
        np.vstack([own.vectors[order], rng.normal(size=4)]),
    )
    kept = {own.words[row] for row in order}
    sorted_ = own.restrict([word for word in counts.words if word in kept])
    spaces = WordSpaces.of({"in another order": some, "in order": sorted_})
    found = theory_beside(spaces, counts, NONE, modes=4)
    one, other = found.overlaps.measures.values()
    assert found.overlaps.n_words == V - 20
    assert one.overlaps == pytest.approx(other.overlaps, abs=1e-10)
    assert one.null_shares == pytest.approx(other.null_shares, abs=1e-10)
    assert one.overlaps[-1] > 5 * one.null_overlaps[:, -1].mean()
    assert found.concepts is None
    assert "Too few relations" in found.summary()


def test_counts_among_words_are_those_of_the_dense_matrix(counts: Counts) -> None:
    kept = tuple(counts.words[row] for row in range(0, V, 3))
    found = counts_among(counts, kept)
    rows = np.arange(0, V, 3)
    assert (found.matrix().toarray() == counts.matrix().toarray()[np.ix_(rows, rows)]).all()
    assert found.word_counts.tolist() == counts.word_counts[rows].tolist()
    assert counts_among(counts, counts.words) is counts
    assert eigenpairs(mstar(found), 3).words == kept


def test_concepts_as_clean_as_in_m_star_rank_alike_and_turned_round_they_do_not() -> None:
    """Differences with shares that were put in, in one order and in the opposite."""
    rng = np.random.default_rng(0)
    pairs = {f"c{c}": [(f"a{c}-{k}", f"b{c}-{k}") for k in range(25)] for c in range(6)}

    def made(signals: list[float]) -> Embeddings:
        words, rows = [], []
        for c, (family, size) in enumerate(zip(pairs.values(), signals, strict=True)):
            for a, b in family:
                first = rng.normal(size=12)
                words += [a, b]
                rows += [first, first + size * np.eye(12)[c] + 0.5 * rng.normal(size=12)]
        return Embeddings(words, np.array(rows))

    sizes = [0.3, 0.7, 1.2, 1.8, 2.5, 3.5]
    theory, alike, other = made(sizes), made(sizes), made(sizes[::-1])
    found = concept_prediction(
        theory, [("alike", alike), ("other", other)], Relations(pairs), controls=5
    )
    rho = {name: one.rho.value for name, one in found.correlations.items() if one is not None}
    assert rho["alike"] > 0.9
    assert rho["other"] < -0.9
    for one, size in zip(found.theory, sizes, strict=True):
        assert size**2 / (size**2 + 0.25 * 12) in one.share


def test_random_pairs_of_the_same_frequencies_are_subtracted() -> None:
    """Where all rare words lie beyond all frequent ones, any such pairs have a direction."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 10))
    vectors[:, 0] += np.linspace(0, 30, 400)
    space = Embeddings([f"w{k}" for k in range(400)], vectors)
    pairs = [(f"w{k}", f"w{350 + k}") for k in range(0, 40, 2)]
    [found] = family_shares(space, {"by frequency": pairs}, controls=20, seed=0, level=0.95)
    assert found.share.value > 0.9
    assert abs(found.beyond) < 0.05


def test_the_same_bits_twice(counts: Counts) -> None:
    spaces = WordSpaces.of({"own": WORLD.spectrum().embeddings(4)})
    asked = {"modes": 4, "permutations": 20, "controls": 0}
    one, other = (theory_beside(spaces, counts, NONE, **asked) for _ in range(2))
    assert one.modes.table() == other.modes.table()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"modes": 0}, "modes is 0; pass a whole number of at least 1"),
        ({"modes": 2.5}, "modes is 2.5"),
        ({"permutations": 5}, "permutations is a whole number of at least 20"),
        ({"controls": -1}, "controls is a whole number of at least 0"),
        ({"seed": -1}, "a seed is a whole number from 0 up"),
        ({"spaces": {"few": (10, 3)}}, "10 words of the counts have vectors in few"),
        (
            {"spaces": {"flat": "alike"}},
            "flat: vectors are the same for all words, or follow frequency alone",
        ),
    ],
)
def test_what_is_refused(counts: Counts, change: dict[str, Any], says: str) -> None:
    given_spaces = change.pop("spaces", {"own": (V, 4)})
    rng = np.random.default_rng(0)
    made = {
        name: Embeddings(WORLD.words, np.ones((V, 3)))
        if size == "alike"
        else Embeddings(WORLD.words[: size[0]], rng.normal(size=size))
        for name, size in given_spaces.items()
    }
    with pytest.raises(InputError) as refused:
        theory_beside(WordSpaces.of(made), counts, NONE, **change)
    assert str(refused.value).startswith(says)


def test_no_space_at_all() -> None:
    with pytest.raises(InputError, match="there are no vectors to set M"):
        WordSpaces({})


def test_too_few_relations_for_a_rank_correlation() -> None:
    emb = WORLD.spectrum().embeddings(4)
    some = Relations({name: WORLD.relations[name] for name in list(WORLD.relations)[:3]})
    with pytest.raises(InputError, match="3 relations have three groups of pairs or more"):
        concept_prediction(emb, [("same", emb)], some, controls=0)

"""Relations under the spiked model: chance, planted directions, perfect analogies."""

import numpy as np
import pytest
from scipy.stats import beta

from probes import Relations
from probes.concepts import difference_vectors, on_principal_axes, signal, spiked_families
from probes.concepts.false_positives import (
    FalsePositiveRate,
    NegativeControls,
    false_positive_rates,
)
from repsearch import Embeddings
from repsearch.errors import InputError

WORDS = tuple(f"w{k}" for k in range(4000))
PAIRS = tuple((f"w{1000 + 2 * k}", f"w{1001 + 2 * k}") for k in range(12))
SECOND = slice(1001, 1024, 2)
"""Rows of their second words. There are hundreds of words of about their rank."""


def embeddings(shift=0.0, seed=0, columns=60):
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((len(WORDS), columns)) * np.arange(1.0, columns + 1) ** -0.3
    direction = rng.standard_normal(columns)
    vectors[SECOND] += shift * direction / np.linalg.norm(direction)
    return Embeddings(WORDS, vectors)


def test_orthogonal_columns_stay_and_others_are_turned():
    rng = np.random.default_rng(1)
    columns = np.linalg.qr(rng.standard_normal((50, 6)))[0] * [1.0, 3, 2, 0.5, 0.1, 4]
    given = Embeddings(WORDS[:50], columns)
    turned = on_principal_axes(given).vectors
    assert np.array_equal(np.abs(turned), np.abs(columns[:, [5, 1, 2, 0, 3, 4]]))
    mixed = columns @ np.linalg.qr(rng.standard_normal((6, 6)))[0]
    again = on_principal_axes(Embeddings(WORDS[:50], mixed)).vectors
    assert np.allclose(np.abs(again), np.abs(turned), atol=1e-12)
    off = columns.copy()
    off[:, 0] += 1e-4 * off[:, 1]  # nearly orthogonal is not enough
    gram = on_principal_axes(Embeddings(WORDS[:50], off)).vectors
    gram = gram.T @ gram
    assert np.abs(gram - np.diag(np.diagonal(gram))).max() < 1e-12


def test_noise_has_no_direction():
    """Vectors without any relation: 20 seeds, and the random pairs beside them."""
    found = [
        spiked_families(embeddings(seed=s), Relations({"none": PAIRS}), controls=20, seed=s)
        for s in range(10)
    ]
    assert sum(one.families[0].fit.mean_p_value <= 0.05 for one in found) <= 3
    pooled = false_positive_rates(one.families[0].controls for one in found)
    assert [rate.families for rate in pooled] == [200] * 6
    for rate in pooled:
        # 200 at 5 %: outside of 2 to 20 with probability 0.004. With 99 draws the test of fit can
        # reach 4 % at most, for it is two tests in one.
        assert (0 if rate.what == "misfit" else 2) <= rate.found <= 20, rate


def test_a_planted_direction_is_found():
    found = spiked_families(embeddings(shift=4.0), Relations({"planted": PAIRS}), controls=20)
    one = found.families[0]
    assert one.fit.mean_p_value <= 0.01
    assert one.controls.beaten(one.fit.strength.value) == 20
    assert one.fit.counts[2].count >= 1
    assert "planted: a direction (p 0.00" in one.summary()
    truth = len(PAIRS) * 16 / (2 * (np.arange(1.0, 61) ** -0.6).sum())
    held = 0
    for seed in range(30):
        again = spiked_families(embeddings(4.0, seed), Relations({"planted": PAIRS}), controls=0)
        held += truth in again.families[0].fit.strength
    # 30 intervals of 90 %: fewer than 22 with probability 0.003.
    assert held >= 22, held


def test_shuffled_labels_are_chance():
    """The same vectors with the second words paired anew, in random order."""
    rng = np.random.default_rng(5)
    hits = 0
    for seed in range(10):
        second = rng.permutation([b for _, b in PAIRS])
        flips = rng.random(len(PAIRS)) < 0.5
        pairs = tuple(
            (b, a) if flip else (a, b) for (a, _), b, flip in zip(PAIRS, second, flips, strict=True)
        )
        one = spiked_families(
            embeddings(4.0), Relations({"shuffled": pairs}), controls=0, seed=seed
        ).families[0]
        hits += one.fit.mean_p_value <= 0.05
        assert not one.controls.strengths
    assert hits <= 3


def test_perfect_analogies_are_told_apart():
    """Equal differences: share 1 and infinite SNR, and no noise for a spiked model."""
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((len(WORDS), 40))
    vectors[SECOND] = vectors[1000:1023:2] + np.arange(40.0)
    perfect = Embeddings(WORDS, vectors)
    measured = signal(difference_vectors(perfect, PAIRS))
    assert measured.share.value == pytest.approx(1, abs=1e-12)
    found = spiked_families(perfect, Relations({"perfect": PAIRS, "few": PAIRS[:3]}), controls=0)
    assert not found.families
    assert dict(found.left_out).keys() == {"perfect", "few"}
    assert "without noise" in str(found)
    assert "fewer than 5" in str(found)


def test_equal_vectors_are_not_perfect():
    """Pairs of equal vectors have no difference, so nothing that could be perfect."""
    vectors = np.random.default_rng(0).standard_normal((len(WORDS), 40))
    vectors[SECOND] = vectors[1000:1023:2]
    found = spiked_families(Embeddings(WORDS, vectors), Relations({"same": PAIRS}), controls=0)
    assert not found.families
    assert dict(found.left_out)["same"].startswith("the two words of every pair have equal vectors")
    assert "perfect" not in str(found)


def test_pairs_that_share_words_are_marked():
    hub = tuple((f"w{k}", "w50") for k in range(8))
    found = spiked_families(embeddings(), Relations({"hub": hub, "free": PAIRS}), controls=5)
    of = {one.coverage.family: one for one in found.families}
    assert not of["hub"].independent
    assert of["free"].independent
    assert of["hub"].curve is None
    # A common word is a common direction, but random words have it as well.
    assert of["hub"].fit.mean_p_value <= 0.05
    assert "no stronger than in random pairs" in of["hub"].summary()
    assert "unknown to the model" in of["hub"].summary()
    assert [rate.families for rate in found.rates(independent=False)] == [5] * 6
    assert all(len(line) <= 84 for line in found.text(80).splitlines()[:4])


def test_rates_have_the_exact_interval():
    rate = FalsePositiveRate("mean", 7, 40)
    share = rate.share
    assert share.low == pytest.approx(beta.ppf(0.025, 7, 34))
    assert share.high == pytest.approx(beta.ppf(0.975, 8, 33))
    assert rate.beyond_chance
    assert not FalsePositiveRate("mean", 2, 40).beyond_chance
    assert false_positive_rates([NegativeControls()]) == ()


def test_bad_options():
    with pytest.raises(InputError, match="controls is -1"):
        spiked_families(embeddings(), Relations({"free": PAIRS}), controls=-1)
    with pytest.raises(InputError, match="70"):
        spiked_families(embeddings(), Relations({"free": PAIRS}), d=70)


def test_random_families_too_few_for_so_many_relations_are_said_to_be() -> None:
    given = {"one": PAIRS, "other": PAIRS[1:]}
    found = spiked_families(embeddings(4.0), Relations(given), controls=20)
    assert "20 random families are too few to tell that of so many relations" in found.summary()
    assert "takes 41 or more" in found.summary()
    assert (
        "too few"
        not in spiked_families(embeddings(4.0), Relations({"one": PAIRS}), controls=20).summary()
    )

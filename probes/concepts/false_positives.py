"""What the tests of the spiked model find in random pairs: it should be nothing but chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from probes.concepts.differences import difference_vectors
from probes.concepts.matched_pairs import matched_pairs
from probes.random_matrix.goodness_of_fit import goodness_of_fit
from probes.random_matrix.gram import gram
from probes.random_matrix.noise.noise_fit import fit_noise
from probes.random_matrix.noise.power_noise import PowerNoise, draw_noise
from probes.random_matrix.spikes.mean_shift import sign_test, strength
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from probes.relations.relations import Pair
from probes.shared.intervals import Interval
from probes.shared.wording import with_interval
from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]
LEVEL = 0.05
_SHAPE_FAMILIES = 30
_DRAWS = 99
"""Of each null distribution: fewer draws cost power, not the level; but the test of fit, two
tests in one, can then reach 4 % at most."""


@dataclass(frozen=True)
class NegativeControls:
    """Random pairs in the place of those of a relation, each word by one of about its frequency.

    Parameters
    ----------
    mean : tuple of bool
        Of each family of random pairs in random order, whether a mean is found at 0.05.
    mean_in_order : tuple of bool
        The same with the order of the relation kept. What is found beyond the level
        is made by frequency: the first words are rarer than the second, say.
    spikes : tuple of tuple of bool
        Of each family in random order, whether each of `METHODS` finds a spike.
    misfits : tuple of bool
        Of each family in random order, whether the test of fit refuses the model.
    strengths : tuple of float
        θ of each family with its order kept.
    """

    mean: tuple[bool, ...] = ()
    mean_in_order: tuple[bool, ...] = ()
    spikes: tuple[tuple[bool, ...], ...] = ()
    misfits: tuple[bool, ...] = ()
    strengths: tuple[float, ...] = ()

    def beaten(self, strength: float) -> int:
        """How many of them have a smaller θ."""
        return sum(one < strength for one in self.strengths)


@dataclass(frozen=True)
class FalsePositiveRate:
    """How often something is found in random pairs, with the exact interval.

    Parameters
    ----------
    what : str
        What is found.
    found, families : int
        In how many families, of how many.
    """

    what: str
    found: int
    families: int

    @property
    def share(self) -> Interval:
        """The rate with its 95 % interval of Clopper and Pearson."""
        exact = stats.binomtest(self.found, self.families).proportion_ci(0.95)
        return Interval(
            self.found / self.families, float(exact.low), float(exact.high), 0.95, "exact binomial"
        )

    @property
    def beyond_chance(self) -> bool:
        """Whether the level lies below the interval."""
        return self.share.low > LEVEL

    def __str__(self) -> str:
        return f"{self.what} {with_interval(self.share, '.1%')}"


def false_positive_rates(controls: Iterable[NegativeControls]) -> tuple[FalsePositiveRate, ...]:
    """How often each test finds something in the random pairs of all families together."""
    given = tuple(controls)
    spikes = [row for one in given for row in one.spikes]
    if not spikes:
        return ()
    named: list[tuple[str, list[bool]]] = [
        (method, [row[place] for row in spikes]) for place, method in enumerate(METHODS)
    ]
    named.append(("mean", [hit for one in given for hit in one.mean]))
    named.append(("mean, order kept", [hit for one in given for hit in one.mean_in_order]))
    named.append(("misfit", [hit for one in given for hit in one.misfits]))
    return tuple(FalsePositiveRate(what, sum(hits), len(hits)) for what, hits in named)


def noise_variances(embeddings: Embeddings, pairs: Sequence[Pair], *, seed: int) -> Real:
    """(d,) mean squares of the columns of differences of random pairs of the same frequencies.

    Parameters
    ----------
    embeddings : Embeddings
        On principal axes.
    pairs : sequence of (str, str)
        The family.
    seed : int
        Of the random pairs.
    """
    total = np.zeros(embeddings.dimension)
    for family in matched_pairs(embeddings, pairs, families=_SHAPE_FAMILIES, seed=seed):
        rows = difference_vectors(embeddings, family).vectors
        total += np.sum((rows - rows.mean(axis=0)) ** 2, axis=0)
    return np.asarray(total / (_SHAPE_FAMILIES * (len(pairs) - 1)))


def negative_controls(
    embeddings: Embeddings,
    pairs: Sequence[Pair],
    noise: PowerNoise,
    *,
    families: int,
    seed: int,
) -> NegativeControls:
    """Apply the tests to random pairs.

    Parameters
    ----------
    embeddings : Embeddings
        On principal axes.
    pairs : sequence of (str, str)
        The family that they take the place of.
    noise : PowerNoise
        The shape of the noise.
    families : int
        How many.
    seed : int
        Of pairs, order and null distributions.
    """
    rng = np.random.default_rng([seed, len(pairs)])
    mean, in_order, spikes, misfits, strengths = [], [], [], [], []
    for number, drawn_pairs in enumerate(
        matched_pairs(embeddings, pairs, families=families, seed=seed + 1)
    ):
        rows = difference_vectors(embeddings, drawn_pairs).vectors
        # New draws for each, lest all families share the error of one threshold.
        drawn = draw_noise(len(rows), noise, resamples=_DRAWS, seed=seed + number)
        matrix = gram(rows)
        in_order.append(sign_test(matrix, permutations=999, seed=seed) <= LEVEL)
        strengths.append(strength(matrix, fit_noise(matrix, drawn, level=0.9), level=0.9).value)
        rows = rows * rng.choice([-1.0, 1.0], (len(rows), 1))
        matrix = gram(rows)
        mean.append(sign_test(matrix, permutations=999, seed=seed) <= LEVEL)
        fit = fit_noise(matrix, drawn, level=0.9)
        misfits.append(goodness_of_fit(rows, fit, drawn).p_value <= LEVEL)
        spikes.append(
            tuple(
                count_spikes(rows, method=method, drawn=drawn, level=LEVEL, seed=number).count > 0
                for method in METHODS
            )
        )
    return NegativeControls(
        tuple(mean), tuple(in_order), tuple(spikes), tuple(misfits), tuple(strengths)
    )

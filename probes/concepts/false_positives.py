"""Count what the tests of the spiked model find in random pairs: their false positives."""

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
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise
from probes.random_matrix.noise.resampled_noise import resampled_noise
from probes.random_matrix.spikes.mean_shift import sign_test, strength
from probes.random_matrix.spikes.spike_count import METHODS, count_spikes
from probes.relations.relations import Pair
from probes.shared.intervals import Interval
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.wording import with_interval
from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]
_VARIANCE_FAMILIES = 30
_TESTED = 20
"""Random families of each relation to which all tests are applied; of the others the strength."""
_DRAWS = 199
"""Of each null distribution."""


@dataclass(frozen=True)
class NegativeControls:
    """What tests find in families of random pairs that take the place of a relation's.

    Each word of the relation gives way to one of about its frequency
    (`probes.concepts.matched_pairs`).

    Parameters
    ----------
    mean : tuple of bool
        Whether a mean is found at 0.05, in each family with its pairs in random order.
    mean_in_order : tuple of bool
        The same with the order of the relation kept. What is found beyond the level
        is made by frequency: the first words are rarer than the second, say.
    spikes : tuple of tuple of bool
        Whether each method of counting finds a spike, in each family in random order.
    misfits : tuple of bool
        Whether the test of fit refuses the model, in each family in random order.
    strengths : tuple of float
        Strength θ of each family with its order kept; of more families than the tests.
    """

    mean: tuple[bool, ...] = ()
    mean_in_order: tuple[bool, ...] = ()
    spikes: tuple[tuple[bool, ...], ...] = ()
    misfits: tuple[bool, ...] = ()
    strengths: tuple[float, ...] = ()

    def beaten(self, strength: float) -> int:
        """Count the families of random pairs that have a smaller strength.

        Parameters
        ----------
        strength : float
            Strength θ of the relation.

        Returns
        -------
        int
            From 0 to the number of families.
        """
        return sum(one < strength for one in self.strengths)


@dataclass(frozen=True)
class FalsePositiveRate:
    """How often something is found in random pairs, with the exact interval.

    Parameters
    ----------
    what : str
        What is found, in words.
    found : int
        Number of families in which it is.
    families : int
        Number of families looked at.

    Examples
    --------
    >>> rate = FalsePositiveRate("mean", 7, 40)
    >>> print(rate, rate.beyond_chance)
    mean 17.5% [7.3%, 32.8%] True
    """

    what: str
    found: int
    families: int

    @property
    def share(self) -> Interval:
        """Rate with its 95 % interval of Clopper and Pearson."""
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
    """Count how often each test finds something in the random pairs of all families together.

    Parameters
    ----------
    controls : iterable of NegativeControls
        One for each relation.

    Returns
    -------
    tuple of FalsePositiveRate
        One for each test; empty without a family of random pairs.
    """
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
    """Estimate the variance of each column of differences, from random pairs.

    Parameters
    ----------
    embeddings : Embeddings
        On principal axes.
    pairs : sequence of (str, str)
        The family whose frequencies the random pairs have.
    seed : int
        Seed of the random pairs.

    Returns
    -------
    (d,) float
        In squared units of the embeddings.

    Raises
    ------
    InputError
        The vocabulary is too small to draw the pairs from.
    """
    total = np.zeros(embeddings.dimension)
    for family in matched_pairs(embeddings, pairs, families=_VARIANCE_FAMILIES, seed=seed):
        rows = difference_vectors(embeddings, family).vectors
        total += np.sum((rows - rows.mean(axis=0)) ** 2, axis=0)
    return np.asarray(total / (_VARIANCE_FAMILIES * (len(pairs) - 1)))


def random_pair_noise(embeddings: Embeddings, pairs: Sequence[Pair], *, seed: int) -> NoiseDraws:
    """Draw noise that is differences of random pairs, with the frequencies and graph of a family.

    Parameters
    ----------
    embeddings : Embeddings
        On principal axes.
    pairs : sequence of (str, str)
        The family whose noise it is to be.
    seed : int
        Seed of the random pairs.

    Returns
    -------
    NoiseDraws
        For families of as many pairs.

    Raises
    ------
    InputError
        The vocabulary is too small to draw the pairs from.
    """
    noise = PowerNoise(embeddings.dimension, noise_variances(embeddings, pairs, seed=seed))
    families = matched_pairs(embeddings, pairs, families=_DRAWS, seed=seed + 2)
    rows = (difference_vectors(embeddings, family).vectors for family in families)
    return resampled_noise(rows, noise, seed=seed)


def negative_controls(
    embeddings: Embeddings,
    pairs: Sequence[Pair],
    drawn: NoiseDraws,
    *,
    families: int,
    seed: int,
) -> NegativeControls:
    """Apply the tests of the spiked model to families of random pairs.

    Parameters
    ----------
    embeddings : Embeddings
        On principal axes.
    pairs : sequence of (str, str)
        The family that they take the place of.
    drawn : NoiseDraws
        Noise, of other random pairs.
    families : int
        Number of families of random pairs.
    seed : int
        Seed of pairs, order and null distributions.

    Returns
    -------
    NegativeControls

    Raises
    ------
    InputError
        The vocabulary is too small to draw the pairs from.
    """
    rng = np.random.default_rng([seed, len(pairs)])
    mean, in_order, spikes, misfits, strengths = [], [], [], [], []
    for number, drawn_pairs in enumerate(
        matched_pairs(embeddings, pairs, families=families, seed=seed + 1)
    ):
        rows = difference_vectors(embeddings, drawn_pairs).vectors
        matrix = gram(rows)
        strengths.append(strength(matrix, fit_noise(matrix, drawn, level=0.9), level=0.9).value)
        if number >= _TESTED:
            continue
        in_order.append(is_finding(sign_test(matrix, permutations=999, seed=seed)))
        rows = rows * rng.choice([-1.0, 1.0], (len(rows), 1))
        matrix = gram(rows)
        mean.append(is_finding(sign_test(matrix, permutations=999, seed=seed)))
        fit = fit_noise(matrix, drawn, level=0.9)
        misfits.append(is_finding(goodness_of_fit(rows, fit, drawn).p_value))
        spikes.append(
            tuple(
                count_spikes(rows, method=method, drawn=drawn, level=LEVEL, seed=number).count > 0
                for method in METHODS
            )
        )
    return NegativeControls(
        tuple(mean), tuple(in_order), tuple(spikes), tuple(misfits), tuple(strengths)
    )

"""How well a concept direction orders pairs none of whose words it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.base import clone

from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.estimators import ConceptDirection, MeanDifference
from probes.concepts.matched_pairs import matched_pairs
from probes.relations.relations import Pair
from probes.shared.intervals import (
    Interval,
    check_level,
    largest_unseen_share,
    multiplicities,
    percentile_interval,
)
from probes.shared.resampling import Labels, check_draws, flips, indicator
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
RESAMPLES = 2000


@dataclass(frozen=True)
class HeldOut:
    """Held-out pairs ordered by a direction, against a null and a control.

    Parameters
    ----------
    family, estimator : str
        Names of the family and of what made the direction.
    pairs : tuple of (str, str)
        The pairs.
    cosines : tuple of float
        Of each held-out difference with the direction made without it; a pair
        is ordered rightly where it is positive.
    accuracy : Interval
        Share of pairs ordered rightly; 1/2 by chance.
    p_value : float
        Of the null that the order within pairs means nothing: the direction is
        made anew for each flip.
    null : tuple of float
        Accuracies under that null.
    control : tuple of float
        Accuracies on control families: the same graph of pairs with each word
        replaced by a random one of about its frequency. Empty if none were
        asked for.
    selectivity : Interval or None
        Accuracy less the mean of the control's (Hewitt and Liang 2019): what the
        direction owes to the relation and not to word frequency. None without
        control.
    """

    family: str
    estimator: str
    pairs: tuple[Pair, ...]
    cosines: tuple[float, ...]
    accuracy: Interval
    p_value: float
    null: tuple[float, ...] = field(repr=False)
    control: tuple[float, ...] = field(repr=False)
    selectivity: Interval | None

    @property
    def misplaced(self) -> tuple[Pair, ...]:
        """Pairs ordered wrongly, the worst first."""
        order = np.argsort(self.cosines, kind="stable")
        return tuple(self.pairs[k] for k in order if self.cosines[k] <= 0)

    def __str__(self) -> str:
        end = f", selectivity {self.selectivity}" if self.selectivity else ""
        return (
            f"{self.family or 'family'}, {self.estimator}: held-out pairs ordered rightly "
            f"{self.accuracy}, p = {self.p_value:.2g}{end}"
        )


@one_blas_thread()
def held_out(
    embeddings: Embeddings,
    pairs: Sequence[Pair],
    *,
    estimator: ConceptDirection | None = None,
    name: str = "",
    permutations: int = 200,
    controls: int = 50,
    seed: int = 0,
    level: float = 0.95,
) -> HeldOut:
    """Order each pair by the direction of all pairs that share no word with it.

    Whole connected components of the pair graph are left out, so that no word
    is on both sides of a split. The direction is made of pairs centred at
    their own middles, for what sets pairs apart from each other is not the
    relation; `PrincipalDirection` so becomes the first principal component of
    the difference vectors (Bolukbasi et al. 2016).

    Parameters
    ----------
    embeddings : Embeddings
        Words in the order of frequency, for the control.
    pairs : sequence of (str, str)
        The family, of at least two components.
    estimator : ConceptDirection, optional
        `MeanDifference()` by default, which is by far the fastest.
    name : str, optional
        Of the family.
    permutations : int, default 200
        Flips of the null at most, at least 20; all of them where there are fewer.
    controls : int, default 50
        Control families; 0 for none.
    seed : int, default 0
        Of flips, control and resamples.
    level : float, default 0.95
        Nominal coverage of the intervals, which are bootstraps over components.

    Returns
    -------
    HeldOut

    Raises
    ------
    InputError
        All pairs hang together, none is in the vocabulary, or a number is out
        of range.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with
    control tasks".
    """
    check_level(level)
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    estimator = MeanDifference() if estimator is None else estimator
    differences = difference_vectors(embeddings, pairs, name=name)
    groups = differences.groups
    if groups.max() < 1:
        raise InputError(
            f"all {len(groups)} pairs of {name or 'the family'} hang together by common words, so "
            "that none can be held out; add pairs of other words"
        )
    cosines = held_out_cosines(differences, estimator)
    drawn = flips(int(groups.max()) + 1, most=permutations, seed=seed)
    null = _flipped_accuracies(differences, estimator, drawn.signs)
    right = (cosines > 0).astype(np.float64)
    control = [
        float(np.mean(held_out_cosines(difference_vectors(embeddings, family), estimator) > 0))
        for family in matched_pairs(embeddings, differences.pairs, families=controls, seed=seed)
    ]
    resampled = _resampled(right, groups, seed=seed)
    accuracy = _interval(right, groups, resampled, level=level)
    return HeldOut(
        family=name,
        estimator=type(estimator).__name__,
        pairs=differences.pairs,
        cosines=tuple(cosines.tolist()),
        accuracy=accuracy,
        p_value=drawn.p_value(float(right.mean()), null),
        null=tuple(null.tolist()),
        control=tuple(control),
        selectivity=_selectivity(accuracy, np.array(control), resampled, seed=seed),
    )


def held_out_cosines(differences: Differences, estimator: ConceptDirection) -> Real:
    """(N,) cosines of each difference with the direction made without its component.

    A difference or a direction that is zero has cosine 0.
    """
    lengths = np.sqrt(np.diagonal(differences.gram))
    if isinstance(estimator, MeanDifference):
        others = differences.groups[:, None] != differences.groups
        along = np.sum(differences.gram * others, axis=1)
        # |sum of the others|^2, component by component.
        belongs = others.astype(np.float64)
        sizes = np.einsum("in,nm,im->i", belongs, differences.gram, belongs)
        return _ratio(along, lengths * np.sqrt(np.maximum(sizes, 0.0)))
    rows = _own_span(differences.vectors)
    return _ratio(_projections(rows, differences.groups, estimator), lengths)


def _projections(rows: Real, groups: Labels, estimator: ConceptDirection) -> Real:
    found = np.zeros(len(rows))
    for group in range(int(groups.max()) + 1):
        out = groups == group
        half = rows[~out] / 2
        labels = np.repeat([0, 1], len(half))
        fitted = clone(estimator).fit(np.vstack([-half, half]), labels)
        found[out] = rows[out] @ fitted.direction_
    return found


def _flipped_accuracies(differences: Differences, estimator: ConceptDirection, signs: Real) -> Real:
    groups = differences.groups
    if isinstance(estimator, MeanDifference):
        others = groups[:, None] != groups
        of_pairs = signs[:, groups]
        along = of_pairs * (of_pairs @ (differences.gram * others))
        return np.asarray(np.mean(along > 0, axis=1))
    rows = _own_span(differences.vectors)
    return np.array(
        [np.mean(_projections(rows * row[groups][:, None], groups, estimator) > 0) for row in signs]
    )


def _own_span(vectors: Real) -> Real:
    """Coordinates of the rows in their own span: directions are made of nothing else."""
    if vectors.shape[1] <= len(vectors):
        return vectors
    left, values, _ = linalg.svd(vectors, full_matrices=False)
    return np.asarray(left * values)


def _ratio(numerator: Real, denominator: Real) -> Real:
    safe = np.where(denominator > 0, denominator, 1.0)
    return np.asarray(np.where(denominator > 0, numerator / safe, 0.0))


def _resampled(right: Real, groups: Labels, *, seed: int) -> Real:
    belongs = indicator(groups)
    times = multiplicities(belongs.shape[1], RESAMPLES, np.random.default_rng(seed))
    return np.asarray((times @ (belongs.T @ right)) / (times @ belongs.sum(axis=0)))


def _interval(right: Real, groups: Labels, resampled: Real, *, level: float) -> Interval:
    value, number = float(right.mean()), int(groups.max()) + 1
    if value in (0.0, 1.0):
        unseen = largest_unseen_share([1.0], [number], level=level)
        low, high = max(0.0, value - unseen), min(1.0, value + unseen)
        return Interval(value, low, high, level, f"all alike: exact bound for {number} components")
    method = f"bootstrap over {number} components of pairs, {len(resampled):,} resamples"
    return percentile_interval(value, resampled, level=level, method=method)


def _selectivity(
    accuracy: Interval, control: Real, resampled: Real, *, seed: int
) -> Interval | None:
    if not len(control):
        return None
    times = multiplicities(len(control), len(resampled), np.random.default_rng([seed, 1]))
    means = times @ control / len(control)
    value = accuracy.value - float(control.mean())
    if accuracy.value in (0.0, 1.0):
        # The bootstrap would see no spread in answers that are all alike.
        spread = means - control.mean()
        low = accuracy.low - control.mean() - np.quantile(spread, (1 + accuracy.level) / 2)
        high = accuracy.high - control.mean() - np.quantile(spread, (1 - accuracy.level) / 2)
        return Interval(
            value, float(min(low, value)), float(max(high, value)), accuracy.level, accuracy.method
        )
    method = f"{accuracy.method}; control families resampled as well"
    return percentile_interval(value, resampled - means, level=accuracy.level, method=method)

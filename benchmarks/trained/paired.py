"""Compare two embeddings on the same questions and pairs, with bootstrap intervals."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from probes import AnalogyResult, Interval, SimilaritySet
from probes.analogy.pair_bootstrap import RESAMPLES, resampled_sums
from probes.shared.intervals import percentile_interval
from repsearch import Embeddings, InputError

LEVEL = 0.95
_PART = 250  # resamples ranked at a time


def ratio(first: AnalogyResult, second: AnalogyResult, *, seed: int = 0) -> Interval:
    """Right answers of `first` over those of `second`, on the same questions.

    The pairs of each family are resampled as in `probes.compare_analogies`, alike
    for both.

    Raises
    ------
    InputError
        The two were asked different questions, or `second` has no right answer.
    """
    first_right = second_right = 0.0
    totals = np.zeros((2, RESAMPLES))
    for one, other in zip(first.families, second.families, strict=True):
        mine = one.outcomes
        theirs = other.outcomes
        if set(mine.pairs) != set(theirs.pairs):
            raise InputError(
                f"the two were asked different questions of {one.family!r}; score both in the "
                "same vocabulary"
            )
        theirs = theirs.restricted(mine.pairs)
        first_right += float(mine.right.sum())
        second_right += float(theirs.right.sum())
        if mine.asked.any():
            totals += resampled_sums(
                mine, [mine.right, theirs.right], seed=seed, resamples=RESAMPLES
            )
    if second_right == 0 or not totals[1].all():
        raise InputError("the second has no right answer to compare with; leave the ratio out")
    return percentile_interval(
        first_right / second_right,
        totals[0] / totals[1],
        level=LEVEL,
        method=f"bootstrap over pairs, the same for both, {RESAMPLES:,} resamples",
    )


def spearman_difference(
    first: Embeddings, second: Embeddings, dataset: SimilaritySet, *, seed: int = 0
) -> Interval:
    """Spearman's correlation with human scores, that of `first` less that of `second`.

    On the pairs that both have; pairs are resampled, the same for both.
    """
    both = [
        place
        for place, pair in enumerate(dataset.pairs)
        if all(word in one.index for word in pair for one in (first, second))
    ]
    pairs = [dataset.pairs[place] for place in both]
    numbers = [_cosines(first, pairs), _cosines(second, pairs), dataset.scores[both]]
    everything = np.arange(len(both))[None, :]
    rng = np.random.default_rng(seed)
    resampled = np.concatenate(
        [
            _gain(numbers, rng.integers(len(both), size=(min(_PART, RESAMPLES - low), len(both))))
            for low in range(0, RESAMPLES, _PART)
        ]
    )
    return percentile_interval(
        float(_gain(numbers, everything)[0]),
        resampled,
        level=LEVEL,
        method=f"bootstrap over pairs, the same for both, {RESAMPLES:,} resamples",
    )


def _gain(numbers: list[NDArray[np.float64]], drawn: NDArray[np.int64]) -> NDArray[np.float64]:
    """The difference of the correlations in each row of draws."""
    one, other, scores = (rankdata(column[drawn], axis=1) for column in numbers)
    return _correlation(one, scores) - _correlation(other, scores)


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    x = x - x.mean(1, keepdims=True)
    y = y - y.mean(1, keepdims=True)
    found: NDArray[np.float64] = (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))
    return found


def _cosines(embeddings: Embeddings, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
    sides = []
    for place in (0, 1):
        rows = embeddings.vectors[[embeddings.index[pair[place]] for pair in pairs]].astype(float)
        sides.append(rows / np.linalg.norm(rows, axis=1, keepdims=True))
    # Equal cosines are a tie; without rounding their last bits would rank them.
    return np.round(np.einsum("ij,ij->i", *sides), 12)

"""Compare two analogy accuracies question by question."""

from __future__ import annotations

import numpy as np

from probes.analogy.pair_bootstrap import FEWEST_PAIRS
from probes.analogy.result import AnalogyResult
from probes.shared.intervals import Interval, check_level
from probes.shared.matched_shares import difference_interval, matched_pairs_of_pairs
from probes.shared.resampling import exact_bound
from repsearch.errors import InputError


def compare_analogies(
    first: AnalogyResult,
    second: AnalogyResult,
    *,
    level: float = 0.95,
) -> Interval:
    """Subtract micro accuracy of `second` from that of `first`, on questions both were asked.

    What makes a pair hard for both falls out of the difference: its interval can be far
    narrower than those of the two accuracies. It rests on the pairs, as theirs does, and is
    that of matched proportions (`probes.shared.matched_shares`). With vocabularies that
    differ, only pairs that both results used are compared.

    Parameters
    ----------
    first, second : AnalogyResult
        Accuracies on the same relations; methods and embeddings may differ.
    level : float, default 0.95
        Nominal coverage of the interval.

    Returns
    -------
    Interval
        A difference of fractions, between −1 and 1.

    Raises
    ------
    InputError
        When the two share no question, or asked different ones of the same pairs.

    Examples
    --------
    Three dimensions against two, on the same 36 questions:

    >>> import probes
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> relations = probes.Relations(world.relations)
    >>> two, three = (
    ...     probes.analogies(world.spectrum().embeddings(d), relations) for d in (2, 3)
    ... )
    >>> f"{probes.compare_analogies(three, two).value:.2f}"
    '0.22'
    """
    check_level(level)
    once = [result.protocol == "each pair once" for result in (first, second)]
    if once[0] != once[1]:
        raise InputError(
            f"{first.method} and {second.method} ask different questions, of which one asks for "
            "each pair once; compare results of the same kind of method"
        )
    others = {score.family: score.outcomes for score in second.families}
    pairs = []
    for score in first.families:
        mine, other = score.outcomes, others.get(score.family)
        if other is None:
            continue
        theirs = set(other.pairs)
        common = [pair for pair in mine.pairs if pair in theirs]
        mine, other = mine.restricted(common), other.restricted(common)
        if not np.array_equal(mine.asked, other.asked):
            raise InputError(
                f"the results asked different questions of family {score.family!r}; score both "
                "with the same relations and the same treatment of unanswerable questions"
            )
        if mine.asked.any():
            pairs.append((mine, other))
    if not pairs:
        raise InputError(
            "the two results share no question; score both with the same relations, in "
            "vocabularies that have words in common"
        )
    asked = np.array([mine.asked.sum() for mine, _ in pairs])
    gains = [mine.right - other.right for mine, other in pairs]
    value = float(sum(int(gain.sum()) for gain in gains) / asked.sum())
    if value in (-1.0, 0.0, 1.0) and all(
        np.array_equal(gain, round(value) * mine.asked)
        for gain, (mine, _) in zip(gains, pairs, strict=True)
    ):
        # Every question came out alike; the bootstrap would have no width.
        return exact_bound(
            value,
            trials=[mine.independent_questions for mine, _ in pairs],
            weights=asked / asked.sum(),
            level=level,
            over="questions without a common pair",
            ends=(-1.0, 1.0),
            change=2.0 if value else 1.0,
        )
    if max(mine.pairs_asked for mine, _ in pairs) < FEWEST_PAIRS:
        return Interval(value, -1.0, 1.0, level, "two pairs are too few to tell")
    matched = [
        matched_pairs_of_pairs(mine.asked, gain)
        for gain, (mine, _) in zip(gains, pairs, strict=True)
    ]
    return difference_interval(matched, asked / asked.sum(), level=level, over="pairs")

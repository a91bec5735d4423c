"""Two claims of the reference implementation that fail, each beside what is right.

Its loss floor (theory.md, section 4, item 13) and M* of its float32 counters (item 7).
"""

from __future__ import annotations

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch.counts.counts import Counts
from repsearch.target.mstar import mstar
from repsearch.testing.checks import floor, targets
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies import distributions, initialisations
from repsearch.testing.weighted_pairs import WeightedPairs

Real = NDArray[np.float64]

NEGATIVES = st.sampled_from([1.0, 2.0, 0.5])


def depends(p: Real) -> bool:
    """Whether some words do, by more than rounding, and all of them occur."""
    return bool(
        (p.sum(axis=1) > 0).all() and np.abs(WeightedPairs.unweighted(p).target).max() > 1e-3
    )


# -------------------------------------------------------------- loss floor


@pytest.mark.theory(
    18,
    "the least normalised loss is 1 - (1+k)/4 of the explained part of ||M*||^2",
    tolerance="256 V eps",
)
@given(distributions(5, zeros=True).filter(depends), NEGATIVES)
def test_least_normalised_loss(p: Real, k: float) -> None:
    assert floor.normalised_floor(p, negatives=k)


@pytest.mark.theory(
    18,
    "the reference's floor of 0 is false: with k = 1 no embeddings are below 0.5",
    tolerance="256 V eps",
)
@given(distributions(5, zeros=True).filter(depends), st.data())
def test_reference_floor_is_never_reached(p: Real, data: st.DataObject) -> None:
    found = floor.normalised_floor(p, floor=0.0)
    assert not found
    assert found.error >= 0.5 - found.tolerance
    size = data.draw(st.integers(1, len(p)))
    w = data.draw(initialisations(len(p), size))
    terms = max(1.0, float(np.abs(w).max()) ** 4) / float(
        (WeightedPairs.unweighted(p).target ** 2).mean()
    )
    assert floor.normalised_loss(p, w) >= 0.5 - 256 * len(p) ** 2 * floor.EPS * terms


@pytest.mark.theory(
    18,
    "M* != 0 is never positive semidefinite (p^T M* p < 0 with p the word shares, k = 1),"
    " so the floor 0.5 is a limit and no value",
    tolerance="16 V eps",
)
@given(distributions(5, zeros=True).filter(depends))
def test_target_is_never_positive_semidefinite(p: Real) -> None:
    # M* = 2(r - 1)/(r + 1) is concave in the ratio r, whose mean over p_i p_j is 1 (Jensen).
    shares = p.sum(axis=1)
    m = WeightedPairs.unweighted(p).target
    assert shares @ m @ shares <= 16 * len(p) * floor.EPS
    assert floor.normalised_floor(p).witness["least"] >= 0.5 - 64 * len(p) * floor.EPS


@pytest.mark.theory(
    18,
    "the floor comes down to 0.5 as words become independent",
    tolerance="64 eps over the dependence",
)
@pytest.mark.parametrize("u", [0.5, 0.1, 0.01, 1e-3])
def test_floor_tends_to_one_half(u: float) -> None:
    p = np.array([[1 + u, 1 - u], [1 - u, 1 + u]]) / 4
    same, other = 2 * u / (2 + u), -2 * u / (2 - u)
    positive, negative = same - other, same + other  # the two eigenvalues of M*
    least = 1 - positive**2 / (positive**2 + negative**2) / 2
    found = floor.normalised_floor(p, floor=least)
    # M* is a difference of numbers near 1/4.
    assert found.error <= 64 * floor.EPS / u
    assert 0.5 < least < 0.5 + u**2 / 7
    assert found.witness["least"] > 0.5


# --------------------------------------------------------- float32 counters


def float32_counter(n: int) -> int:
    """What a float32 counter holds after ``+= 1`` was done n times, addition by addition."""
    chunk = 1 << 20
    held = np.float32(0)
    while n > 0:
        ones = np.ones(min(chunk, n), np.float32)
        ones[0] += held
        held = np.add.accumulate(ones, dtype=np.float32)[-1]
        n -= len(ones)
    return int(held)


def counted_in_float32(counts: Counts) -> Counts:
    full = counts.matrix().toarray().astype(np.int64)
    stalled = np.vectorize(float32_counter, otypes=[np.int64])(full)
    return counts_from(stalled, word_counts=counts.word_counts)


# Counts of stop words beside those of others, as on two billion tokens.
STOP_WORDS = counts_from(np.array([[2**26, 2**23], [2**23, 2**22]]))


@pytest.mark.theory(49, "a float32 counter stalls at 2^24", tolerance="exact")
def test_float32_counter_stalls() -> None:
    assert float32_counter(2**24 - 1) == 2**24 - 1
    assert float32_counter(2**24 + 2**21) == 2**24


@pytest.mark.theory(
    49, "M* of exact counts beyond 2^24 is right, M* of float32 counts is not", tolerance="16 eps"
)
def test_mstar_of_float32_counts_is_wrong() -> None:
    assert targets.mstar_is_tanh(STOP_WORDS)
    found = targets.mstar_is_tanh(
        STOP_WORDS, target=lambda counts: mstar(counted_in_float32(counts)).dense()
    )
    assert not found
    assert found.error > 0.1  # entries are between -2 and 2


@pytest.mark.theory(49, "counts below 2^24 are exact in float32 too", tolerance="16 eps")
@given(distributions(3))
def test_small_counts_do_not_tell(p: Real) -> None:
    full = np.tril(np.round(p * 1000).astype(np.int64))
    assume(full.any())
    counts = counts_from(full + np.tril(full, -1).T)
    assert targets.mstar_is_tanh(
        counts, target=lambda given_: mstar(counted_in_float32(given_)).dense()
    )

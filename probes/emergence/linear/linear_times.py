"""Find when a relation becomes linear, and when the modes that its mean lives on are learned.

A family's *linear time* is the time from which on the common share of its
differences stays at half of its final value or above. A first crossing will not
do: while next to nothing is learned, the share is a ratio of two small numbers and
wanders. And before there are dimensions enough, random pairs have large shares as
well: a time counts only once half of the final share is more than what 95 % of
random families have at that moment (`probes.emergence.chance`), and more than chance
gives at that effective dimension by theory
(`probes.concepts.signal_to_noise.signal.null_share_quantile`), which is to be 2 at least.
What is up by the first such time is censored: it may have risen at any time before.

The squared mean itself, |m|^2, has such a time as well, its *growth
time*; in the closed form it is where the weighted logistic curves of the modes
reach half of their sum.

The *onset* is the first of the times from which on the share can be told from
chance at every later one. Testing backwards from the end and stopping at the
first failure keeps the level over all times without an adjustment (a fixed
sequence of hypotheses: Maurer, Hothorn and Lehmacher 1995); over families, the
test at the end is adjusted after Holm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.over_time import OverTime
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.signal import FLIPS, null_share_quantile, signals
from probes.emergence.chance import CONTROLS, FEWEST_DIMENSIONS, Chance, effective_dimensions
from probes.emergence.family_differences import differences_or_none
from probes.emergence.followed import times_of
from probes.emergence.linear.family_over_time import FamilyOverTime
from probes.emergence.linear.learned_modes import with_theory
from probes.emergence.linear.result import CENSORED, FamilyTimes, LinearTimes, Status, Timed
from probes.emergence.theory import Theory
from probes.relations.relations import Relations
from probes.shared.intervals import check_level, check_resampling
from probes.shared.rank_correlation import RankCorrelation, rank_correlation
from probes.shared.several_tests import LEVEL, holm, is_finding
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_TIMES = 3
"""At two times, where half of the final value is reached is not known at all."""


def linear_times(
    source: OverTime,
    relations: Relations,
    *,
    theory: Theory | None = None,
    times: Sequence[float] | None = None,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    permutations: int = FLIPS,
) -> LinearTimes:
    """Find when each relation becomes linear, in all columns.

    Parameters
    ----------
    source : Trajectory, TrainedTrajectory or Theory
        Embeddings over time.
    relations : Relations
        Families of pairs.
    theory : Theory, optional
        Adds the learning times of the modes that each mean lives on, and its growth
        time by the closed form; `theory_of` and `theory_of_run` make one.
    times : sequence of float, optional
        Flow times, at least 3; by default those of a run's snapshots, or of the closed form.
    seed : int, default 0
        Seed of resamples and flips.
    level : float, default 0.95
        Nominal coverage; intervals are bootstraps over groups of pairs without a
        common word.
    resamples : int, default 1000
        Number of resamples of the bootstrap.
    permutations : int, default 2000
        Number of flips of the null.

    Returns
    -------
    LinearTimes
        One row for each family, and correlations over families.

    Raises
    ------
    InputError
        Embeddings, which have no time; fewer than 3 times; no family with two
        pairs that share no word.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70. Maurer, Hothorn and Lehmacher 1995,
    on a fixed sequence of hypotheses.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import linear_times, theory_of
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=5)
    >>> found = linear_times(
    ...     flow, Relations(world.relations), theory=theory_of(flow), times=[1, 5, 10, 20, 40]
    ... )
    >>> [(one.family, one.leading[0], round(one.learning.value, 1)) for one in found.families][:2]
    [('attribute 1', 1, 1.7), ('attribute 2', 2, 2.7)]
    """
    check_level(level)
    check_resampling(seed=seed, resamples=resamples)
    if isinstance(source, Embeddings):
        raise InputError("embeddings have no training time to become linear at; pass a run")
    at = np.array(times_of(source, times), dtype=np.float64)
    if len(at) < FEWEST_TIMES:
        raise InputError(f"{len(at)} times are too few to see a rise; pass at least {FEWEST_TIMES}")
    found = []
    dimensions, grams_of = _grams(source, relations, at, seed=seed)
    for family, (grams, differences, chance) in grams_of.items():
        measured = FamilyOverTime(
            times=at,
            differences=differences,
            sums=ShareEstimator.of(grams, differences),
            signals=signals(grams, differences, seed=seed, level=level, permutations=permutations),
            seed=seed,
            level=level,
            resamples=resamples,
        )
        one = _family(family, measured, chance, dimensions)
        found.append(one if theory is None else with_theory(one, measured, theory))
    if not found:
        raise InputError(
            "no family has two pairs in the vocabulary without a common word; pass larger "
            "families, or check the language and the case"
        )
    families = _adjusted(found)
    known = {one.family for one in families}
    linear, growth = (
        _correlation(families, name, seed=seed, level=level, resamples=resamples)
        for name in CENSORED
    )
    return LinearTimes(
        families=families,
        times=tuple(at.tolist()),
        left_out=tuple(family for family in relations.families if family not in known),
        correlation=linear,
        growth_correlation=growth,
        dimensions=tuple(dimensions.tolist()),
        settings={
            "level": level,
            "significance": LEVEL,
            "resamples": resamples,
            "permutations": permutations,
            "random families": CONTROLS,
            "seed": seed,
            "theory": "closed form" if theory is not None else "none",
        },
    )


@one_blas_thread()
def _grams(
    source: OverTime, relations: Relations, times: Real, *, seed: int
) -> tuple[Real, dict[str, tuple[Real, Differences, Real]]]:
    """Effective dimension at each time; by family Gram matrices, pairs, and shares by chance.

    (T,), (T, N, N), the pairs at the last time, and (T,). A family whose differences are all
    zero at one of the times has no share there, and is left out.
    """
    grams: dict[str, list[Real]] = {}
    last: dict[str, Differences] = {}
    random: dict[str, Chance] = {}
    chance: dict[str, list[float]] = {}
    dimensions = []
    for time in times.tolist():
        turned = on_principal_axes(source.embeddings(time))
        columns = [turned.dimension]
        dimensions.append(float(effective_dimensions(turned, columns)[0]))
        for family in relations.families:
            here = differences_or_none(turned, relations, family)
            if here is None:
                continue
            if family not in random:
                random[family] = Chance(turned, here, seed=seed)
            grams.setdefault(family, []).append(here.gram)
            chance.setdefault(family, []).append(float(random[family].shares(turned, columns)[0]))
            last[family] = here
    return np.array(dimensions), {
        family: (np.stack(found), last[family], np.array(chance[family]))
        for family, found in grams.items()
        if len(found) == len(times)
    }


def _first_to_tell(height: float, groups: int, chance: Real, dimensions: Real) -> int:
    """First of the times from which on a share of this height is more than chance gives."""
    by_theory = np.array(
        [
            null_share_quantile(0.95, pairs=groups, effective_dimension=max(dimension, 1.0))
            for dimension in dimensions
        ]
    )
    tells = (dimensions >= FEWEST_DIMENSIONS) & (by_theory < height)
    tells &= ~(chance >= height)  # NaN where there are no random families
    failed = np.flatnonzero(~tells)
    return int(failed[-1]) + 1 if len(failed) else 0


def _family(family: str, measured: FamilyOverTime, chance: Real, dimensions: Real) -> FamilyTimes:
    """Measure times as if the final share were no chance; `_adjusted` takes back those that are."""
    final, times = measured.signals[-1], measured.times
    shares = measured.sums.shares()
    first = _first_to_tell(shares[-1] / 2, final.groups, chance, dimensions)
    linear = measured.share_rise(first) if first < len(times) else None
    growth = measured.growth()
    status: Status = "too small to date"
    if linear is not None:
        rises = (shares[first:] < shares[-1] / 2).any()
        status = "linear" if rises else "from the first"
    significant = np.array([is_finding(one.p_value) for one in measured.signals])
    significant &= ~(shares <= chance) & (dimensions >= FEWEST_DIMENSIONS)
    failed = np.flatnonzero(~significant)
    since = int(failed[-1]) + 1 if len(failed) else 0
    return FamilyTimes(
        family=family,
        status=status,
        final=final,
        adjusted_p=final.p_value,
        linear=linear.time if linear else None,
        between=linear.between if linear else None,
        tells_from=float(times[first]) if first < len(times) else None,
        onset=float(times[since]) if since < len(times) else None,
        growth=growth.time if growth else None,
        growth_censored=growth is not None and growth.between[0] == growth.between[1],
        predicted_growth=None,
        learning=None,
        learning_spread=None,
        leading=(),
    )


def _adjusted(found: list[FamilyTimes]) -> tuple[FamilyTimes, ...]:
    """Adjust the final p-values after Holm; families that fail have no linear time."""
    families = []
    for one, p_value in zip(found, holm([one.final.p_value for one in found]), strict=True):
        if is_finding(p_value) and one.final.share.value > 0:
            families.append(replace(one, adjusted_p=p_value))
            continue
        families.append(
            replace(
                one,
                status="not told from chance",
                adjusted_p=p_value,
                linear=None,
                between=None,
                onset=None,
                growth=None,
                growth_censored=False,
            )
        )
    return tuple(families)


def _correlation(
    families: tuple[FamilyTimes, ...], name: Timed, *, seed: int, level: float, resamples: int
) -> RankCorrelation | None:
    """Correlate over the families whose time lies within those looked at."""
    both = [
        (found.value, one.learning.value)
        for one in families
        if (found := one.uncensored(name)) is not None and one.learning is not None
    ]
    x, y = zip(*both, strict=True) if both else ((), ())
    return rank_correlation(x, y, seed=seed, level=level, resamples=resamples)

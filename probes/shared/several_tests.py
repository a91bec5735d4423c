"""Say what p-value is a finding, and adjust p-values for the number of tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LEVEL = 0.05
"""p-values below this are called findings."""


def is_finding(p_value: float, level: float = LEVEL) -> bool:
    """Tell whether a p-value is below the level.

    All probes ask here, so that no two compare in different ways: a p-value that is the level
    itself, as 50 relations and 999 permutations have it at the least, is no finding.

    Parameters
    ----------
    p_value : float
        As it is, or adjusted.
    level : float, default 0.05
        The level.

    Returns
    -------
    bool
        False of a p-value that is the level but for rounding.

    Examples
    --------
    >>> is_finding(0.049), is_finding(50 * (1 / 1000)), is_finding(3 * (0.05 / 3))
    (True, False, False)
    """
    return bool(p_value < level * (1 - 1e-12))


def draws_needed(tests: int, *, least: int) -> int:
    """Give the number of draws at which each of several tests can still be a finding.

    The least p-value of B draws is 1 / (B + 1); Holm's procedure multiplies it by the number of
    tests.

    Parameters
    ----------
    tests : int
        Tests that are adjusted for.
    least : int
        The fewest that are drawn.

    Returns
    -------
    int
        Draws for each test.

    Examples
    --------
    >>> draws_needed(14, least=300), draws_needed(60, least=300)
    (300, 1201)
    """
    return max(least, round(tests / LEVEL) + 1)


def too_few_draws(tests: int, draws: int) -> bool:
    """Tell whether no test can be a finding, whatever is seen, for want of draws.

    Parameters
    ----------
    tests : int
        Tests that are adjusted for.
    draws : int
        Draws for each.

    Returns
    -------
    bool

    Examples
    --------
    >>> too_few_draws(14, 300), too_few_draws(15, 299), too_few_draws(16, 300)
    (False, True, True)
    """
    return not is_finding(tests / (draws + 1))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values so that one false finding among all has the level's probability.

    Parameters
    ----------
    p_values : sequence of float
        One for each test, which may depend on each other.

    Returns
    -------
    list of float
        In the order given, at most 1.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.02])
    [0.03, 0.04, 0.04]
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * (len(raw) - np.arange(len(raw))))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]

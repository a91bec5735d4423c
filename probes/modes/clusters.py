"""Group modes with close eigenvalues, and bound how far a perturbation turns them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.modes.bases import Real
from repsearch.errors import InputError

Clusters: TypeAlias = tuple[tuple[int, ...], ...]


def clusters(eigenvalues: ArrayLike, tolerance: float) -> Clusters:
    """Group modes whose neighbours' eigenvalues are no further apart than a tolerance.

    Inside a group the basis is arbitrary, or as good as; only its span means
    something. `distinguishable_gap` turns the size of a perturbation into a tolerance.

    Parameters
    ----------
    eigenvalues : (d,) array_like
        Eigenvalues, decreasing.
    tolerance : float
        Largest gap within a group, at least 0; equal eigenvalues are always grouped.

    Returns
    -------
    tuple of tuples of int
        Numbers of the modes, from 0, each in one group.

    Raises
    ------
    InputError
        Eigenvalues that increase or are not finite, or a negative tolerance.

    Examples
    --------
    >>> clusters([5.0, 3.0, 2.9, 1.0], 0.2)
    ((0,), (1, 2), (3,))
    """
    values = _decreasing(eigenvalues)
    if not 0 <= tolerance < math.inf:
        raise InputError(f"tolerance is {tolerance!r}; pass a finite number of at least 0")
    cuts = np.flatnonzero(values[:-1] - values[1:] > tolerance) + 1
    return tuple(tuple(part.tolist()) for part in np.split(np.arange(len(values)), cuts))


def distinguishable_gap(perturbation: float, *, sine: float = 0.5) -> float:
    """Give the gap from which on a perturbation turns a mode by less than a given angle.

    ||E|| (1 + 1 / sine), from the bound of `sine_bounds`.

    Parameters
    ----------
    perturbation : float
        Its norm ||E||_2, at least 0. For eigenpairs with residual vectors of norms r_k,
        sqrt(sum r_k^2) bounds it.
    sine : float, default 0.5
        Sine of the angle, above 0 and at most 1.

    Returns
    -------
    float
        In the units of the eigenvalues.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> distinguishable_gap(0.5), distinguishable_gap(0.5, sine=1.0)
    (1.5, 1.0)
    """
    _check_perturbation(perturbation)
    if not 0 < sine <= 1:
        raise InputError(f"sine is {sine!r}; pass a number above 0 and at most 1")
    return perturbation * (1 + 1 / sine)


def sine_bounds(
    eigenvalues: ArrayLike,
    perturbation: float,
    *,
    groups: Sequence[Sequence[int]] | None = None,
    next_eigenvalue: float | None = None,
) -> Real:
    """Bound how far a perturbation of the matrix can turn each mode, or each cluster.

    For symmetric M and M + E, the largest sine between the span of modes i to j
    of M and that of the same numbers of M + E is at most

        ||E|| / (gap - ||E||),  gap = min(lambda_{i-1} - lambda_i, lambda_j - lambda_{j+1}),

    where ||E||_2 < gap / 2: the sin theta theorem of Davis and Kahan (1970), with
    Weyl's inequality for the gap between eigenvalues of the one matrix and of the
    other. Only one of the two spectra is needed. With E the difference between
    the targets of two samples of text, this is the stability of a mode against
    sampling.

    Parameters
    ----------
    eigenvalues : (d,) array_like
        The leading ones of M, decreasing.
    perturbation : float
        Its norm ||E||_2, at least 0.
    groups : sequence of sequences of int, optional
        Numbers of neighbouring modes, as from `clusters`; each mode alone by default.
    next_eigenvalue : float, optional
        Eigenvalue lambda_{d+1}. Without it nothing is known of the last group, whose bound
        is 1. ``-inf`` if the eigenvalues are all there are.

    Returns
    -------
    (number of groups,) array
        Sines, at most 1, where the bound says nothing.

    Raises
    ------
    InputError
        A number out of range, or groups that are not neighbouring modes.

    References
    ----------
    Davis and Kahan 1970, SIAM Journal on Numerical Analysis 7, 1-46.

    Examples
    --------
    Two close modes turn among themselves, but their span stays:

    >>> values = [5.0, 3.0, 2.9, 1.0]
    >>> sine_bounds(values, 0.1, next_eigenvalue=0.0).round(2).tolist()
    [0.05, 1.0, 1.0, 0.11]
    >>> groups = clusters(values, 0.2)
    >>> sine_bounds(values, 0.1, groups=groups, next_eigenvalue=0.0).round(2).tolist()
    [0.05, 0.06, 0.11]
    """
    values = _decreasing(eigenvalues)
    _check_perturbation(perturbation)
    d = len(values)
    chosen = [(k,) for k in range(d)] if groups is None else [tuple(group) for group in groups]
    after = values[-1] if next_eigenvalue is None else next_eigenvalue
    if not after <= values[-1]:
        raise InputError(
            f"next_eigenvalue is {next_eigenvalue!r}; pass one of at most {values[-1]:g}, the last"
        )
    padded = np.concatenate([[np.inf], values, [after]])
    bounds = np.empty(len(chosen))
    for place, group in enumerate(chosen):
        low, high = (group[0], group[-1]) if group else (0, -1)
        if not 0 <= low <= high < d or tuple(group) != tuple(range(low, high + 1)):
            raise InputError(
                f"group {group!r} is no run of neighbouring modes from 0 to {d - 1}; pass those of "
                "clusters(...)"
            )
        gap = min(padded[low] - padded[low + 1], padded[high + 1] - padded[high + 2])
        bounds[place] = 1.0 if gap <= 2 * perturbation else perturbation / (gap - perturbation)
    return bounds


def uncut(groups: Clusters, k: int) -> int:
    """Find the least number of leading modes, at least k, that splits no cluster.

    Parameters
    ----------
    groups : tuple of tuples of int
        Clusters, as of `clusters`.
    k : int
        Modes wanted, at least 1 and at most as many as there are.

    Returns
    -------
    int
        Modes to take.

    Raises
    ------
    InputError
        k is out of range.

    Examples
    --------
    >>> uncut(((0,), (1, 2), (3,)), 2)
    3
    """
    for group in groups:
        if 1 <= k <= group[-1] + 1:
            return group[-1] + 1
    raise InputError(f"k is {k!r}; pass a number from 1 to {groups[-1][-1] + 1}, the modes")


def _decreasing(eigenvalues: ArrayLike) -> NDArray[Any]:
    values = np.asarray(eigenvalues, float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise InputError(
            f"eigenvalues have shape {values.shape} or are not finite; pass a row of finite ones"
        )
    if np.any(np.diff(values) > 0):
        at = int(np.argmax(np.diff(values)))
        raise InputError(
            f"eigenvalue {at + 1} is {values[at + 1]:g}, above number {at}; sort them decreasing"
        )
    return values


def _check_perturbation(perturbation: float) -> None:
    if not 0 <= perturbation < math.inf:
        raise InputError(f"perturbation is {perturbation!r}; pass a norm, finite and at least 0")

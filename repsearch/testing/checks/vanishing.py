"""Check what is learned from small starts, when, and in which order.

Times are flow times, as in `repsearch.testing.checks.flow`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch import dynamics
from repsearch.testing.check import Check
from repsearch.testing.checks.flow import EPS, ExactSolution

Real = NDArray[np.float64]


def plateau_is_truncation(
    eigenvalues: ArrayLike,
    start: ArrayLike,
    learned: int,
    *,
    solution: ExactSolution = dynamics.coordinates,
) -> Check:
    """Check that between two learning times W W^T is the rank-m truncation of M.

    At t, the geometric mean of tau_m and tau_{m+1}, for a small start (arXiv 2502.09863,
    section 3). Mode m has yet e^(-lambda_m (t - tau_m)) to go, mode m + 1 has grown to
    e^(-lambda_{m+1} (tau_{m+1} - t)), and eigenvectors i and j are still mixed by
    e^(-(lambda_i - lambda_j) t / 2); ten times the largest of these is allowed.

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, decreasing; the first `learned` + 1 positive.
    start : (V, d) array_like
        W(0), small, in the basis of the eigenvectors.
    learned : int
        m, the number of modes learned by then, less than d.
    solution : callable, optional
        Your own closed form, (eigenvalues, start, times) to W(t) in the same basis.

    Returns
    -------
    Check
        The error is ||W W^T - M_m||_F / ||M_m||_F, with M_m the truncation.

    Examples
    --------
    >>> start = 1e-8 * np.array([[1.0, 0.5], [0.3, 1.0], [0.2, 0.1]])
    >>> found = plateau_is_truncation([4.0, 1.0, 0.2], start, 1)
    >>> found.holds, found.error < 1e-6
    (True, True)
    """
    values, w0 = np.asarray(eigenvalues, float), np.asarray(start, float)
    begun = np.asarray(dynamics.effective_start(w0))
    tau = np.asarray(dynamics.learning_times(values[: len(begun)], begun))
    before, after = tau[learned - 1], tau[learned]
    t = float(np.sqrt(before * after))
    found = np.asarray(solution(values, w0, np.array([t])))[0]
    kept = np.where(np.arange(len(values)) < learned, values, 0.0)
    error = float(np.linalg.norm(found @ found.T - np.diag(kept)) / np.linalg.norm(kept))
    to_go = np.exp(-values[learned - 1] * (t - before))
    grown = np.exp(-values[learned] * (after - t))
    gap = float(-np.diff(values[: learned + 1]).max())
    mixed = np.exp(-gap * t / 2) * np.linalg.norm(w0) / begun.min()
    return Check(
        "between two learning times W W^T is M truncated to the modes that are learned",
        error,
        float(10 * np.sqrt(len(values)) * max(to_go, grown, mixed)),
        {"eigenvalues": values, "learned": learned, "time": t, "tau": tau},
    )


def vanishing_limit(
    eigenvalues: ArrayLike,
    direction: ArrayLike,
    log_scale: float,
    *,
    comparator: Callable[[Real], Real] = dynamics.effective_start,
) -> Check:
    """Check that from a small start W(t) is an aligned trajectory, uniformly in time.

    Right with the aligned start |R_kk(0)|, R the triangular factor of W(0)^T V; with the
    singular values of W(0), as in arXiv 2502.09863, Result 3, each mode is late or early by
    (1 / lambda_k) ln(S_k^2 / R_kk^2), which does not shrink with the start.

    Parameters
    ----------
    eigenvalues : (V,) array_like
        Eigenvalues of M, decreasing, the first d positive and apart.
    direction : (V, d) array_like
        W(0) / scale in the basis of the eigenvectors.
    log_scale : float
        Natural logarithm of the scale.
    comparator : callable, optional
        From W(0) / scale, the aligned start divided by the scale.

    Returns
    -------
    Check
        The error is the largest over time of min_U ||W U - W*||_F / sqrt(lambda_1). Allowed is
        the largest mixed term, R_ij^2 ~ scale^(2 (lambda_i - lambda_j) / lambda_i), as an
        amplitude.

    Examples
    --------
    >>> direction = np.array([[1.0, 0.5], [-0.3, 1.0], [0.2, 0.1]])
    >>> vanishing_limit([4.0, 1.5, 0.2], direction, -60.0).holds
    True
    >>> by_singular_values = lambda w: np.linalg.svd(w, compute_uv=False)
    >>> vanishing_limit([4.0, 1.5, 0.2], direction, -60.0, comparator=by_singular_values).holds
    False
    """
    values, w0 = np.asarray(eigenvalues, float), np.asarray(direction, float)
    d = w0.shape[1]
    scale = float(np.exp(log_scale))
    aligned_start = np.asarray(comparator(w0), float)[:d] * scale
    tau = np.asarray(dynamics.learning_times(values[:d], aligned_start))
    at = np.sort(
        np.concatenate(
            [t + np.linspace(-6, 6, 25) / v for t, v in zip(tau, values[:d], strict=True)]
        )
    )
    at = at[at > 0]
    flow = np.asarray(dynamics.coordinates(values, scale * w0, at))
    curve = np.asarray(dynamics.aligned_singular_values(values[:d], aligned_start, at))
    distances = []
    for now, s in zip(flow, curve, strict=True):
        star = np.zeros_like(now)
        star[np.arange(d), np.arange(d)] = s
        left, _, right = np.linalg.svd(now.T @ star)
        distances.append(np.linalg.norm(now @ (left @ right) - star) / np.sqrt(values[0]))
    worst = int(np.argmax(distances))
    # Mode d + 1, for which there is no column, mixes in as well.
    ratios = [
        1 - values[j] / values[i] for i in range(d) for j in range(i + 1, min(d + 1, len(values)))
    ]
    mixed = np.exp(log_scale * min(ratios, default=1.0))
    return Check(
        "a small start follows the aligned trajectory that begins at the comparator",
        float(distances[worst]),
        float(
            10
            * np.linalg.norm(w0)
            * mixed
            * np.sqrt(d)
            / min(1.0, np.abs(aligned_start / scale).min())
        ),
        {"eigenvalues": values, "log_scale": log_scale, "time": at[worst], "tau": tau},
    )


def learning_order(eigenvalues: ArrayLike, start: float) -> Check:
    """Check that the learning time falls with lambda above e s^2(0) and rises below it.

    The time is tau = ln(lambda / s^2(0)) / lambda (arXiv 2502.09863, below Lemma 3.1).

    Parameters
    ----------
    eigenvalues : (n,) array_like
        Eigenvalues of M, positive, at least s^2(0).
    start : float
        s(0), the initial singular value of every mode.

    Returns
    -------
    Check
        The error is the largest step of tau in the wrong direction, beyond rounding; none is
        allowed.

    Examples
    --------
    >>> found = learning_order([0.02, 1.0, 2.0, 4.0], start=0.1)
    >>> found.holds, found.witness["tau"].round(1).tolist()  # 0.02 is below e times 0.01
    (True, [34.7, 4.6, 2.6, 1.5])
    """
    values = np.sort(np.asarray(eigenvalues, float))
    tau = np.asarray(dynamics.learning_times(values, start))
    limit = dynamics.order_reversal(start)
    steps = np.diff(tau)
    rising = values[1:] <= limit
    falling = values[:-1] >= limit
    # tau is stationary at the limit itself, so nearby values may tie to rounding.
    slack = 16 * EPS * np.maximum(tau[1:], tau[:-1])
    wrong = np.where(rising, -steps, np.where(falling, steps, 0.0)) - slack
    return Check(
        "learning times fall with the eigenvalue above e s^2(0) and rise below",
        float(max(wrong.max(initial=0.0), 0.0)),
        0.0,
        {"eigenvalues": values, "start": start, "tau": tau},
    )

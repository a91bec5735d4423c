"""Start the gradient flow of the quartic loss from W(0)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.effective_start import effective_start
from repsearch.dynamics.inputs.checks import checked_increasing_times
from repsearch.dynamics.inputs.numpy_or_torch import Array
from repsearch.dynamics.learning_times import learning_times
from repsearch.dynamics.starts import Given, Projection, Start
from repsearch.dynamics.trajectory import Trajectory
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

_POINTS = 200


def gradient_flow(
    spectrum: Spectrum, start: Start, *, d: int | None = None, times: Array | None = None
) -> Trajectory:
    """Follow dW/dt = (1/2)(M - W W^T) W from W(0), exact at every time.

    The gradient flow of the quartic loss in the time of arXiv 2502.09863, Lemma 3.1
    (docs/time.md converts optimiser steps). The lemma's solution for aligned starts, that of
    the matrix Riccati equation for any other. Nothing is integrated and nothing is
    worked out before it is asked for.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs of the target. With fewer of them than words the flow is that of the
        target and the start restricted to their span.
    start : Aligned, Gaussian, Vanishing or Given
        W(0).
    d : int, optional
        Dimension; that of a given W(0), or the number of eigenpairs.
    times : (T,) array, optional
        Flow times, increasing; by default 200 that cover all learning.

    Returns
    -------
    Trajectory
        The solution, to be asked at these times or others.

    Raises
    ------
    InputError
        A start that does not fit, d out of range, times that do not increase or are negative.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> spectrum.eigenvalues[:3].round(2).tolist()
    [3.22, 2.32, 1.51]
    >>> flow = rs.gradient_flow(spectrum, rs.Gaussian(1e-3), d=2)
    >>> flow.learning_times.round(1).tolist()
    [4.1, 6.4]
    >>> (flow.singular_values([0.0, 5.0, 50.0]) ** 2).round(2).tolist()
    [[0.0, 0.0], [3.06, 0.08], [3.22, 2.32]]
    """
    if d is None:
        d = start.dimension if isinstance(start, Given) else spectrum.dimension
    if not is_whole(d) or d < 1:
        raise InputError(f"d is {d!r}; pass a whole number of at least 1")
    projection = start.project(spectrum, d)
    if times is None:
        times = _covering(spectrum, projection)
    return Trajectory(spectrum, projection, checked_increasing_times(times))


def _covering(spectrum: Spectrum, start: Projection) -> NDArray[np.float64]:
    """Choose times from the start to twice the last learning time."""
    begun = start.matrix if start.aligned else effective_start(start.matrix)
    eigenvalues = spectrum.eigenvalues[: len(begun)].astype(float)
    waits = learning_times(eigenvalues, begun)
    waits = waits[np.isfinite(waits) & (waits > 0)]
    slowest = 1 / (float(np.abs(eigenvalues).max()) or 1.0)
    first, last = (waits.min(), waits.max()) if len(waits) else (slowest, 10 * slowest)
    return np.concatenate([[0.0], np.geomspace(first / 20, 2 * last, _POINTS - 1)])

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
    """Embeddings under dW/dt = (1/2)(M - W W^T) W, exact at every time.

    The gradient flow of the quartic loss in the paper's time (arXiv 2502.09863, Lemma 3.1;
    docs/time.md converts optimiser steps). Nothing is integrated and nothing is
    worked out before it is asked for.

    Parameters
    ----------
    spectrum : Spectrum
        Of the target. With fewer eigenpairs than words the flow is that of the
        target and the start restricted to their span.
    start : Aligned, Gaussian, Vanishing or Given
        W(0).
    d : int, optional
        Dimension; that of a given W(0), or the number of eigenpairs.
    times : (T,) array, optional
        Flow times, increasing; by default 200 that cover all learning.

    Raises
    ------
    InputError
        A start that does not fit, d out of range, times that do not increase or are negative.
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
    """Times from the start to twice the last learning time."""
    begun = start.matrix if start.aligned else effective_start(start.matrix)
    eigenvalues = spectrum.eigenvalues[: len(begun)].astype(float)
    waits = learning_times(eigenvalues, begun)
    waits = waits[np.isfinite(waits) & (waits > 0)]
    slowest = 1 / (float(np.abs(eigenvalues).max()) or 1.0)
    first, last = (waits.min(), waits.max()) if len(waits) else (slowest, 10 * slowest)
    return np.concatenate([[0.0], np.geomspace(first / 20, 2 * last, _POINTS - 1)])

"""Draw noise from rows that were seen, for rows that no normal law describes.

Differences of real word pairs have heavy tails, rows of unequal length, and columns that
are orthogonal over a finite vocabulary, so that products of rows vary less than those of
independent ones. Families of random pairs have all of this. Here their rows take the place of
normal numbers in `NoiseDraws`: each run of columns is divided by its root mean square and
given the eigenvalue u_b^α back, so that the same rows serve for all exponents and are at
α = 1 what was drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from probes.random_matrix.gram import contrasts
from probes.random_matrix.noise.power_noise import NoiseDraws, PowerNoise
from repsearch.errors import InputError

_FEWEST = 100


def resampled_noise(
    families: Iterable[NDArray[np.floating]], noise: PowerNoise, *, seed: int
) -> NoiseDraws:
    """Make draws of noise from families of rows without a common mean.

    Parameters
    ----------
    families : iterable of (N, d) float
        Rows of noise, as many in each as the data have, at least 100 families. Signs of
        rows are drawn anew.
    noise : PowerNoise
        Its shape is that of the rows: `spectrum` in proportion to their mean squares.
    seed : int
        Seed of the signs, and of the row that serves as a mean, which comes from
        another family of them.

    Returns
    -------
    NoiseDraws
        In coordinates in which the first N − 1 rows are the family about its mean (Helmert's
        contrasts), the next is √N times its mean, and the last the other family's row.

    Raises
    ------
    InputError
        Families of unequal or unusable shape, or fewer than 100.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> families = [rng.standard_t(4, size=(8, 40)) for _ in range(100)]
    >>> drawn = resampled_noise(families, PowerNoise(40, np.ones(40)), seed=0)
    >>> drawn.wishart.shape, round(float(np.trace(drawn.grams(0, rows=7).mean(0))), 1)
    ((100, 12, 9, 9), 7.0)
    """
    rng = np.random.default_rng([seed, noise.columns])
    starts, sizes = noise.starts, noise.sizes
    # Like `PowerNoise.eigenvalues`: one eigenvalue for each run, with its trace.
    unit = np.repeat(1 / np.sqrt(noise.eigenvalues(1.0)), sizes)
    parts: list[NDArray[np.float64]] = []
    before: NDArray[np.float64] | None = None
    first = np.zeros((0, noise.columns))
    for family in families:
        rows = np.asarray(family, np.float64)
        if rows.ndim != 2 or rows.shape[1] != noise.columns or len(rows) < 3:
            raise InputError(
                f"a family of noise has shape {rows.shape}; pass at least 3 rows of "
                f"{noise.columns} columns"
            )
        if before is not None and len(rows) != len(before):
            raise InputError(
                f"families of noise have {len(before)} rows and {len(rows)}; pass as many in each"
            )
        if before is not None:
            parts.append(_turned(before, rows, starts, unit, rng))
        else:
            first = rows
        before = rows
    if before is not None:
        parts.append(_turned(before, first, starts, unit, rng))
    if len(parts) < _FEWEST:
        raise InputError(
            f"{len(parts)} families of noise are too few for a null; pass at least {_FEWEST}"
        )
    wishart = np.stack(parts)
    energy = float(np.einsum("drii->", wishart))
    if not energy > 0:
        raise InputError("the families of noise are all zeros; pass pairs of different words")
    wishart = (wishart * (len(wishart) * wishart.shape[-1] / energy)).astype(np.float32)
    wishart.flags.writeable = False
    return NoiseDraws(noise, wishart)


def _turned(
    rows: NDArray[np.float64],
    other: NDArray[np.float64],
    starts: NDArray[np.int64],
    unit: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Make (runs, N + 1, N + 1) products of the turned rows and a row of another family."""
    size = len(rows)
    turn = np.zeros((size + 1, size + 1))
    turn[: size - 1, :size] = contrasts(size)
    turn[size - 1, :size] = 1 / np.sqrt(size)
    turn[size, size] = 1.0
    signs = rng.choice([-1.0, 1.0], (size + 1, 1))
    spare = other[rng.integers(size)]
    scaled = turn @ (signs * np.vstack([rows, spare]) * unit)
    bounds = [*starts.tolist(), scaled.shape[1]]
    return np.stack([scaled[:, low:high] @ scaled[:, low:high].T for low, high in pairwise(bounds)])

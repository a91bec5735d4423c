"""Find rows of states that are one observation given more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from probes.shared.resampling import Labels

Real = NDArray[np.float64]
NEAR, LEAST = 1e-3, 1e-6
_DIRECTIONS = 8
_NEIGHBOURS = 16


def equal_rows(rows: Real) -> Labels:
    """Number rows by what they are copies of, to within less than chance would bring together.

    Two rows are one where their distance is at most 1e-3 n^(−2/m), and in any case where
    it is at most 1e-6, of the root mean square length of the rows about their mean. m is
    the number of directions that they effectively lie in (the squared sum of the variances
    over the sum of their squares). Of n rows drawn apart, not even one sample in a thousand
    has two closer than the first, whatever m is.

    Parameters
    ----------
    rows : (n, d) float
        States about their mean.

    Returns
    -------
    (n,) int
        The same number for rows that are equal or nearly so, from 0 in their order.

    Examples
    --------
    >>> equal_rows(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1e-9], [-2.0, -1.0]]))
    array([0, 1, 0, 2])
    """
    n = len(rows)
    first: dict[bytes, int] = {}
    # Plus zero, for −0 is 0 but has other bytes.
    copies = np.array([first.setdefault((row + 0.0).tobytes(), k) for k, row in enumerate(rows)])
    distinct = np.flatnonzero(copies == np.arange(n))
    place = np.empty(n, dtype=np.int64)
    place[distinct] = np.arange(len(distinct))
    near = _near(rows[distinct], _reach(rows))
    labels = near[place[copies]]
    order = {label: number for number, label in enumerate(dict.fromkeys(labels.tolist()))}
    return np.array([order[label] for label in labels.tolist()], dtype=np.int64)


def _reach(rows: Real) -> float:
    n, d = rows.shape
    gram = rows.T @ rows if d <= n else rows @ rows.T
    total, squares = float(np.trace(gram)), float(np.sum(gram**2))
    if total == 0:
        return 0.0
    dimension = max(1.0, total**2 / squares)
    nearest: float = max(LEAST, NEAR * float(n) ** (-2 / dimension))
    return nearest * float(np.sqrt(total / n))


def _near(rows: Real, reach: float) -> Labels:
    """Components of rows that are closer than `reach`."""
    n, d = rows.shape
    if n < 2 or reach == 0:
        return np.arange(n, dtype=np.int64)
    shown = rows
    if d > _DIRECTIONS:
        # Turned into few dimensions, rows come no further apart: what is near stays near.
        axes, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(d, _DIRECTIONS)))
        shown = rows @ axes
    # Some neighbours of each are enough to hold together what is near, and bound the work.
    _, found = cKDTree(shown).query(shown, k=min(_NEIGHBOURS, n), distance_upper_bound=reach)
    reached: Labels = np.asarray(found, dtype=np.int64).reshape(n, -1)
    one, other = np.nonzero(reached < n)
    other = reached[one, other]
    apart = one != other
    one, other = one[apart], other[apart]
    kept = np.linalg.norm(rows[one] - rows[other], axis=1) <= reach
    links = coo_array((np.ones(int(kept.sum())), (one[kept], other[kept])), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)

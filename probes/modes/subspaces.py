"""Measure how far two spans of modes are apart, beside random spans."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from probes.modes.bases import Real, SharedWords, Source, basis, share_words
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.wording import counted
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class SubspaceOverlap(Result):
    """||A^T B||_F^2 / k of two spans, k the smaller dimension, beside its value by chance.

    Parameters
    ----------
    value : float
        Between 0, orthogonal, and 1, the one within the other.
    expected : float
        Its mean for random spans of these dimensions, max(d_a, d_b) / V.
    spread : float
        Its standard deviation for them.
    n_words : int
        V, the words that both have.
    coverage : (float, float)
        Share of each vocabulary that is shared.
    dimensions : (int, int)
        d_a and d_b.

    Examples
    --------
    >>> import numpy as np
    >>> found = subspace_overlap(np.eye(50)[:, :3], np.eye(50)[:, 1:4])
    >>> print(found)
    overlap 0.667, of random spans 0.060 ± 0.026
    """

    name = "subspace-overlap"

    value: float
    expected: float
    spread: float
    n_words: int
    coverage: tuple[float, float]
    dimensions: tuple[int, int]

    def __float__(self) -> float:
        return self.value

    def summary(self) -> str:
        """Say how much the spans overlap, and whether random ones do as much."""
        beyond = self.value > self.expected + 3 * self.spread
        first, second = self.dimensions
        return (
            f"Spans of {counted(first, 'mode')} and {counted(second, 'mode')} over "
            f"{counted(self.n_words, 'word')} have {self.value:.3f} of the smaller in common; "
            f"random spans have {self.expected:.3f} with a standard deviation of "
            f"{self.spread:.2g}."
            + ("" if beyond else " Within three standard deviations, this could be chance.")
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row: the overlap, and mean and standard deviation of random spans'."""
        return [{"overlap": self.value, "null_mean": self.expected, "null_deviation": self.spread}]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of modes and words, and the null."""
        return {
            "modes_one": self.dimensions[0],
            "modes_other": self.dimensions[1],
            "words": self.n_words,
            "coverage_one": self.coverage[0],
            "coverage_other": self.coverage[1],
            "null": "random spans of the same dimensions, in closed form",
        }

    def text(self, width: int = WIDTH) -> str:
        """Give the overlap beside that of random spans, in one line."""
        return f"overlap {self.value:.3f}, of random spans {self.expected:.3f} ± {self.spread:.3f}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the overlap above that of random spans, within two standard deviations."""
        from probes.drawing.interval_rows import plot_intervals

        low, high = self.expected - 2 * self.spread, self.expected + 2 * self.spread
        numbers = {
            "these spans": Interval(self.value, self.value, self.value),
            "random spans": Interval(self.expected, low, high, method="two standard deviations"),
        }
        return plot_intervals(numbers, label="mean squared cosine of the principal angles", ax=ax)


def principal_angles(a: Source, b: Source, *, k: int | None = None) -> Real:
    """Measure the angles between the spans of two bases (Bjorck and Golub 1973).

    From their sines and their cosines together, so that the error is some machine
    epsilons at any angle.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases; arrays have orthonormal columns.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    (min(d_a, d_b),) array
        In radians, the smallest first.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), or do not have k modes.

    References
    ----------
    Bjorck and Golub 1973, Mathematics of Computation 27, 579-594.

    Examples
    --------
    >>> import numpy as np
    >>> plane, line = np.eye(3)[:, :2], np.array([[0.0], [0.6], [0.8]])
    >>> np.degrees(principal_angles(plane, line)).round(1).tolist()
    [53.1]
    """
    shared = _leading(a, b, k)
    return _angles(shared)


def overlap(a: Source, b: Source, *, k: int | None = None) -> Real:
    """Compute (v_i . u_j)^2 of all pairs of modes.

    Between modes with nearly equal eigenvalues these depend on an arbitrary
    choice of basis; `match_modes` compares clusters of them.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    (d_a, d_b) array
        Between 0 and 1.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), or do not have k modes.

    Examples
    --------
    >>> import numpy as np
    >>> turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    >>> overlap(np.eye(2), turned).round(2).tolist()
    [[0.36, 0.64], [0.64, 0.36]]
    """
    shared = _leading(a, b, k)
    squares: Real = (shared.one.vectors.T @ shared.other.vectors) ** 2
    return squares


def subspace_overlap(a: Source, b: Source, *, k: int | None = None) -> SubspaceOverlap:
    """Measure ||A^T B||_F^2 / k, the mean squared cosine of the principal angles, with its null.

    For independent random spans P, Q of dimensions m and n among V,
    E Tr PQ = m n / V and Var Tr PQ = 2 m n (V - m)(V - n) / (V^2 (V - 1)(V + 2)).

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    SubspaceOverlap
        The overlap, with mean and standard deviation of random spans'.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), or do not have k modes.

    Examples
    --------
    Two of three modes in common, among 100 words:

    >>> import numpy as np
    >>> found = subspace_overlap(np.eye(100)[:, :3], np.eye(100)[:, 1:4])
    >>> round(found.value, 3), found.expected
    (0.667, 0.03)
    """
    shared = _leading(a, b, k)
    m, n, words = shared.one.dimension, shared.other.dimension, shared.n_words
    total = float(np.sum((shared.one.vectors.T @ shared.other.vectors) ** 2))
    least = min(m, n)
    mean, variance = chance_moments(m, n, words)
    return SubspaceOverlap(
        value=min(1.0, total / least),
        expected=mean / least,
        spread=math.sqrt(variance) / least,
        n_words=words,
        coverage=shared.coverage,
        dimensions=(m, n),
    )


def chance_moments(m: int, n: int, n_words: int) -> tuple[float, float]:
    """Give mean and variance of ||A^T B||_F^2 for random spans.

    Parameters
    ----------
    m, n : int
        Their dimensions.
    n_words : int
        Dimension of the space.

    Returns
    -------
    tuple of (float, float)
        Mean and variance.

    Examples
    --------
    >>> mean, variance = chance_moments(3, 3, 100)
    >>> mean, round(variance**0.5, 3)
    (0.09, 0.041)
    """
    v = float(n_words)
    if n_words == 1:
        return 1.0, 0.0
    variance = 2 * m * n * (v - m) * (v - n) / (v**2 * (v - 1) * (v + 2))
    return m * n / v, variance


def subspace_distance(a: Source, b: Source, *, k: int | None = None) -> float:
    """Compute the root mean squared sine of the principal angles of spans of equal dimension.

    Taken from sines, so that distances far below the square root of machine
    epsilon are right. If a cluster of nearly equal eigenvalues straddles mode k,
    the span itself is ill defined: `uncut` gives the next k that cuts none.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    float
        Between 0, the same span, and 1, orthogonal ones.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), do not have k modes, or differ in
        dimension.

    Examples
    --------
    One of three modes turned by 30 degrees out of the span:

    >>> import numpy as np
    >>> turned = np.eye(9)[:, :3]
    >>> turned[[2, 5], 2] = 0.75**0.5, 0.5
    >>> round(subspace_distance(np.eye(9)[:, :3], turned), 3)
    0.289
    """
    shared = _leading(a, b, k)
    if shared.one.dimension != shared.other.dimension:
        raise InputError(
            f"the spans have dimensions {shared.one.dimension} and {shared.other.dimension}; "
            "pass k to compare as many modes of each"
        )
    return float(np.sqrt(np.mean(np.sin(_angles(shared)) ** 2)))


def weighted_distance(a: Source, b: Source, *, k: int | None = None) -> float:
    """Compute ||A f A^T - B g B^T||_F over the norms of both, f and g the modes' values.

    Rotation inside a cluster of equal values does not change it, and a small
    perturbation changes it little, however close the values are: no
    tolerance is needed. The values of embeddings are their singular values.

    Parameters
    ----------
    a, b : Spectrum, Embeddings or Basis with values
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    float
        Divided by sqrt(||f||^2 + ||g||^2): 1 for orthogonal spans, and more only
        where values have opposite signs. 0 if all values are 0.

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), do not have k modes, or have no values.

    Examples
    --------
    Exchanging two modes matters the less, the closer their values are:

    >>> import numpy as np
    >>> from probes.modes import Basis
    >>> modes, swapped = np.eye(9)[:, [0, 1]], np.eye(9)[:, [1, 0]]
    >>> for second in (1.0, 1.9):
    ...     values = np.array([2.0, second])
    ...     print(round(weighted_distance(Basis(modes, values), Basis(swapped, values)), 3))
    0.447
    0.036
    """
    shared = _leading(a, b, k)
    one, other = shared.one, shared.other
    if one.values is None or other.values is None:
        raise InputError(
            "a basis has no values to weigh its modes by; pass Spectrum, Embeddings or "
            "Basis(vectors, values)"
        )
    # In a common basis of both spans, so that nothing V x V is made and small
    # differences are differences of small matrices.
    triangle: Real = np.linalg.qr(np.hstack([one.vectors, other.vectors])).R
    left, right = triangle[:, : one.dimension], triangle[:, one.dimension :]
    apart = np.linalg.norm((left * one.values) @ left.T - (right * other.values) @ right.T)
    norm = math.sqrt(float(np.sum(one.values**2) + np.sum(other.values**2)))
    return float(apart) / norm if norm else 0.0


def _leading(a: Source, b: Source, k: int | None) -> SharedWords:
    """Lead with k before words are lost, for the later modes are no part of the question."""
    if k is None:
        return share_words(a, b)
    return share_words(basis(a).leading(k), basis(b).leading(k))


def _angles(shared: SharedWords) -> Real:
    """Principal angles, ascending.

    SciPy's `subspace_angles` takes small angles from cosines where a large one is
    beside them, and loses half of their digits; arctan2 needs no such choice.
    """
    # Columns of a basis in float32 are orthonormal in float32 only.
    wide, narrow = (np.linalg.qr(one.vectors).Q for one in (shared.one, shared.other))
    if wide.shape[1] < narrow.shape[1]:
        wide, narrow = narrow, wide
    inner = wide.T @ narrow
    cosines = np.linalg.svd(inner, compute_uv=False)
    sines = np.linalg.svd(narrow - wide @ inner, compute_uv=False)[::-1]
    angles: Real = np.arctan2(sines, cosines)
    return angles

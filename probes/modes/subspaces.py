"""How far two spans of modes are apart, and how far chance alone would have them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from probes.modes.bases import Real, SharedWords, Source, basis, share_words
from repsearch.errors import InputError


@dataclass(frozen=True)
class SubspaceOverlap:
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
    """

    value: float
    expected: float
    spread: float
    n_words: int
    coverage: tuple[float, float]

    def __float__(self) -> float:
        return self.value


def principal_angles(a: Source, b: Source, *, k: int | None = None) -> Real:
    """Angles between the spans of two bases, in radians, the smallest first.

    From their sines and their cosines together (Bjorck and Golub 1973), so that the
    error is some machine epsilons at any angle.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases; arrays have orthonormal columns.
    k : int, optional
        Only the leading k modes of both.

    Returns
    -------
    (min(d_a, d_b),) array

    Raises
    ------
    InputError
        The bases cannot be compared (`share_words`), or do not have k modes.
    """
    shared = _leading(a, b, k)
    return _angles(shared)


def overlap(a: Source, b: Source, *, k: int | None = None) -> Real:
    """(v_i . u_j)^2 of all pairs of modes, of shape (d_a, d_b).

    Between modes with nearly equal eigenvalues these depend on an arbitrary
    choice of basis; `match_modes` compares clusters of them.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Raises
    ------
    InputError
        As for `principal_angles`.
    """
    shared = _leading(a, b, k)
    squares: Real = (shared.one.vectors.T @ shared.other.vectors) ** 2
    return squares


def subspace_overlap(a: Source, b: Source, *, k: int | None = None) -> SubspaceOverlap:
    """||A^T B||_F^2 / k, the mean squared cosine of the principal angles, with its null.

    For independent random spans P, Q of dimensions m and n among V,
    E Tr PQ = m n / V and Var Tr PQ = 2 m n (V - m)(V - n) / (V^2 (V - 1)(V + 2)).

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Raises
    ------
    InputError
        As for `principal_angles`.
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
    )


def chance_moments(m: int, n: int, n_words: int) -> tuple[float, float]:
    """Mean and variance of ||A^T B||_F^2 for random spans of dimensions m and n."""
    v = float(n_words)
    if n_words == 1:
        return 1.0, 0.0
    variance = 2 * m * n * (v - m) * (v - n) / (v**2 * (v - 1) * (v + 2))
    return m * n / v, variance


def subspace_distance(a: Source, b: Source, *, k: int | None = None) -> float:
    """Root mean squared sine of the principal angles, 0 to 1; of equal dimensions.

    Taken from sines, so that distances far below the square root of machine
    epsilon are right. If a cluster of nearly equal eigenvalues straddles mode k,
    the span itself is ill defined: `uncut` gives the next k that cuts none.

    Parameters
    ----------
    a, b : Spectrum, Embeddings, Basis or (V, d) array
        The bases.
    k : int, optional
        Only the leading k modes of both.

    Raises
    ------
    InputError
        As for `principal_angles`; the spans differ in dimension.
    """
    shared = _leading(a, b, k)
    if shared.one.dimension != shared.other.dimension:
        raise InputError(
            f"the spans have dimensions {shared.one.dimension} and {shared.other.dimension}; "
            "pass k to compare as many modes of each"
        )
    return float(np.sqrt(np.mean(np.sin(_angles(shared)) ** 2)))


def weighted_distance(a: Source, b: Source, *, k: int | None = None) -> float:
    """||A f A^T - B g B^T||_F over the norms of both, f and g the modes' values.

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
        As for `principal_angles`; a basis has no values.
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

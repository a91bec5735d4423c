"""Write the untied flow from a balanced start as a tied flow of both sides together.

Where A^T A - B^T B = l I, the pair Q = [A; B] / sqrt(2) obeys dQ/dt = (1/2)(N - Q Q^T) Q with

    N = [[(l/2) I, M], [M^T, -(l/2) I]].

A singular triple (u, s, v) of M gives N the eigenvalues +-r, r = sqrt(s^2 + l^2/4), with
eigenvectors (u cos a, v sin a) and (-u sin a, v cos a), cos 2a = l / (2r), sin 2a = s / r;
what M maps to 0 has +l/2 on the words' side and -l/2 on the contexts'.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics.inputs.numpy_or_torch import Array, as_float64
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]

_EPS = float(np.finfo(float).eps)


class TiedProblem(NamedTuple):
    """A tied flow, as `repsearch.dynamics.coordinates` takes it.

    Parameters
    ----------
    eigenvalues : (K,) float64
        Eigenvalues of its target.
    projection : (K, d) float64
        Its start on the eigenvectors.
    """

    eigenvalues: Real
    projection: Real


class Side(NamedTuple):
    """Words or contexts at the start, split by whether the triples reach it.

    Parameters
    ----------
    inside : (K, d) float64
        Their part along the triples.
    basis : (V, F) float64
        Orthonormal columns that span the rest of them.
    outside : (F, d) float64
        The rest, in that basis.
    """

    inside: Real
    basis: Real
    outside: Real


class Rotation(NamedTuple):
    """Eigenpairs of N on the plane of each triple, (u, 0) and (0, v).

    Parameters
    ----------
    radius : (K,) float64
        r, the positive one of the eigenvalues +-r.
    cos, sin : (K, 1) float64
        cos a and sin a of the eigenvectors.
    """

    radius: Real
    cos: Real
    sin: Real


def tied_problem(words: Side, contexts: Side, rotation: Rotation, imbalance: float) -> TiedProblem:
    """Express the start in the eigenbasis of N.

    Parameters
    ----------
    words, contexts : Side
        A(0) and B(0).
    rotation : Rotation
        Of the triples of M.
    imbalance : float
        l.

    Returns
    -------
    TiedProblem
        Modes +r_k first, in the order of the triples, then -r_k, then what lies outside.
    """
    half = imbalance / 2
    radius, cos, sin = rotation
    first = np.full(len(words.outside), half)
    second = np.full(len(contexts.outside), -half)
    start = [
        cos * words.inside + sin * contexts.inside,
        cos * contexts.inside - sin * words.inside,
        words.outside,
        contexts.outside,
    ]
    return TiedProblem(
        eigenvalues=np.concatenate([radius, -radius, first, second]),
        projection=np.concatenate(start) / math.sqrt(2),
    )


def rotation_of(values: Real, imbalance: float) -> Rotation:
    """Diagonalise N on the plane of each triple.

    Parameters
    ----------
    values : (K,) float64
        Singular values, or eigenvalues with their signs.
    imbalance : float
        l.

    Returns
    -------
    Rotation
        One angle for each triple.
    """
    half = imbalance / 2
    radius = np.hypot(values, half)
    sign = np.where(values < 0, -1.0, 1.0)
    if half == 0:
        # Equal to the bit, or a tied start would leave the tied manifold.
        larger = smaller = np.full(len(values), math.sqrt(0.5))
    else:
        larger = np.sqrt((1 + abs(half) / radius) / 2)
        smaller = np.abs(values) / (2 * radius * larger)
    cos, sin = (larger, smaller) if half >= 0 else (smaller, larger)
    return Rotation(radius, cos[:, None], (sign * sin)[:, None])


@one_blas_thread()
def side_of(vectors: Array, start: Array) -> Side:
    """Split one side of the start into what the triples reach and what they do not.

    Parameters
    ----------
    vectors : (V, K) array
        Left or right singular vectors.
    start : (V, d) array
        A(0) or B(0).

    Returns
    -------
    Side
        Its basis has at most min(V - K, d) columns, and none that are rounding.
    """
    known, w = as_float64(vectors), as_float64(start)
    inside = known.T @ w
    rest = w - known @ inside
    free = min(len(w) - known.shape[1], w.shape[1])
    if free == 0:
        return Side(inside, np.zeros((len(w), 0)), np.zeros((0, w.shape[1])))
    rest -= known @ (known.T @ rest)
    # Not QR: of a rest of low rank it would add directions that are rounding.
    basis, sizes, turned = np.linalg.svd(rest, full_matrices=False)
    kept = int(np.count_nonzero(sizes[:free] > len(w) * _EPS * np.linalg.norm(w, 2)))
    return Side(inside, basis[:, :kept], sizes[:kept, None] * turned[:kept])

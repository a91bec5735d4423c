"""Move embeddings along a direction, or project directions out of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

Real = NDArray[np.float64]


def steer(embeddings: Embeddings, direction: ArrayLike, amount: float) -> Embeddings:
    """Move all words by `amount` along a direction.

    Parameters
    ----------
    embeddings : Embeddings
        V words and vectors (V, d).
    direction : (d,) array_like
        Direction of any length but zero; only where it points matters.
    amount : float
        Distance, in the units of the embeddings; negative moves the other way.

    Returns
    -------
    Embeddings
        In float64.

    Raises
    ------
    InputError
        The direction does not fit, is zero or is not finite, or the amount is
        not finite.

    Examples
    --------
    >>> emb = Embeddings(("king", "queen"), np.array([[1.0, 0.0], [1.0, 2.0]]))
    >>> steer(emb, [0.0, 5.0], 2.0).vectors
    array([[1., 2.],
           [1., 4.]])
    """
    along = _directions(direction, embeddings.dimension)
    if len(along) != 1:
        raise InputError(f"words move along one direction; got {len(along)}")
    if not np.isfinite(amount):
        raise InputError(f"the amount is {amount!r}; pass a finite number")
    unit = along[0] / np.linalg.norm(along[0])
    return Embeddings(
        embeddings.words, embeddings.vectors.astype(np.float64) + amount * unit, embeddings.name
    )


def project_out(embeddings: Embeddings, directions: ArrayLike) -> Embeddings:
    """Project all words on the orthogonal complement of one direction or several.

    Afterwards nothing along them is left, but what a classifier used may be
    spread over other directions as well: `LeastSquaresErasure` removes that.

    Parameters
    ----------
    embeddings : Embeddings
        V words and vectors (V, d).
    directions : (d,) or (k, d) array_like
        Directions of any length but zero; they may depend on each other.

    Returns
    -------
    Embeddings
        In float64.

    Raises
    ------
    InputError
        A direction does not fit, is zero or is not finite.

    Examples
    --------
    >>> emb = Embeddings(("king", "queen"), np.array([[1.0, 0.0], [1.0, 2.0]]))
    >>> np.round(project_out(emb, [0.0, 1.0]).vectors, 9) + 0.0
    array([[1., 0.],
           [1., 0.]])
    """
    rows = _directions(directions, embeddings.dimension)
    basis = linalg.orth((rows / np.linalg.norm(rows, axis=1, keepdims=True)).T)
    vectors = embeddings.vectors.astype(np.float64)
    # Twice, for the first time leaves rounding along the directions.
    for _ in range(2):
        vectors = vectors - (vectors @ basis) @ basis.T
    return Embeddings(embeddings.words, vectors, embeddings.name)


def _directions(given: ArrayLike, dimension: int) -> Real:
    rows = np.atleast_2d(np.asarray(given, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != dimension or not len(rows):
        raise InputError(
            f"directions of shape {np.shape(given)} do not fit embeddings of dimension "
            f"{dimension}; pass ({dimension},) numbers, or (k, {dimension})"
        )
    if not np.isfinite(rows).all() or not rows.any(axis=1).all():
        raise InputError("a direction is zero or not finite; it points nowhere")
    return rows

"""Place words on a plane by t-SNE, words with similar vectors close together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from repsearch.checks import is_whole
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError

_PERPLEXITY = 30.0
_FEWEST_WORDS = 10


def map_positions(vectors: NDArray[np.floating], *, seed: int = 0) -> NDArray[np.float64]:
    """Place words by t-SNE of their unit vectors, begun from the principal components.

    The map is turned so that it is widest from left to right; t-SNE itself
    has no preferred direction.

    Runs on one thread, since sums over several come out in an order, and so
    with last bits, that differ from run to run. Equal input then gives equal
    output on one machine.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        Vectors of any length; at least 10 words and 2 dimensions.
    seed : int, default 0
        Seed of the small noise at the beginning, without which equal vectors
        would never part.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Coordinates, without a unit.

    Raises
    ------
    InputError
        Too few words or dimensions.

    References
    ----------
    Van der Maaten and Hinton 2008, Journal of Machine Learning Research 9,
    2579-2605; the beginning after Kobak and Berens 2019, Nature Communications
    10, 5416.

    Examples
    --------
    >>> vectors = np.random.default_rng(0).normal(size=(12, 3))
    >>> places = map_positions(vectors)
    >>> places.shape, bool(places[:, 0].std() >= places[:, 1].std())
    ((12, 2), True)
    """
    if not is_whole(seed) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
    n, d = vectors.shape
    if n < _FEWEST_WORDS or d < 2:
        raise InputError(
            f"a map takes at least {_FEWEST_WORDS} words and 2 dimensions; got {n} and {d}"
        )
    # Half a second that only maps take.
    from sklearn.manifold import TSNE

    rows = unit_rows(np.asarray(vectors, np.float64))
    begin = _principal_plane(rows) + 1e-5 * np.random.default_rng(seed).normal(size=(n, 2))
    with threadpool_limits(1):
        tsne = TSNE(
            perplexity=min(_PERPLEXITY, (n - 1) / 4), init=begin.astype(np.float32), random_state=0
        )
        places: NDArray[np.float64] = np.asarray(tsne.fit_transform(rows), dtype=np.float64)
    return _upright(places)


def _principal_plane(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """First two principal components, (n, 2), of the size that t-SNE begins with."""
    plane = _upright(rows)
    size = float(plane[:, 0].std())
    return plane * (1e-4 / size if size else 1.0)


def _upright(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates along the two widest directions, (n, 2), the widest first."""
    centred = rows - rows.mean(axis=0)
    with threadpool_limits(1):
        _, axes = np.linalg.eigh(centred.T @ centred)
        plane = centred @ axes[:, [-1, -2]]
    signs = np.sign(plane[np.argmax(np.abs(plane), axis=0), [0, 1]])
    return np.asarray(plane * np.where(signs == 0, 1.0, signs), dtype=np.float64)

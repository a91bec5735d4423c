"""Place labels beside points, without one lying on another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GAP = 2.6
# Where a label's middle lies, seen from its point: sides first, then corners.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


@dataclass(frozen=True)
class PlacedLabel:
    """Where a label goes.

    Parameters
    ----------
    item : int
        Number of its point.
    x, y : float
        Middle of the label less the point, in the units of the points.

    Examples
    --------
    >>> PlacedLabel(item=3, x=12.0, y=0.0).item
    3
    """

    item: int
    x: float
    y: float


def place_labels(
    points: NDArray[np.float64],
    sizes: NDArray[np.float64],
    order: Iterable[int],
    *,
    bounds: tuple[float, float, float, float],
    most: int,
    crowding: int = 1,
) -> list[PlacedLabel]:
    """Choose which points to label and on which side, greedily.

    Each point in turn gets its label on the side where it covers the fewest
    other points, unless on every side it would lie on another label, leave
    the bounds or cover more than `crowding` points.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        The points; units such as typographic points, y upward.
    sizes : ndarray of float, shape (n, 2)
        Width and height of each label.
    order : iterable of int
        Numbers of the points, the most important first.
    bounds : (float, float, float, float)
        Left, bottom, right and top of the room there is.
    most : int
        Labels to place at most.
    crowding : int, default 1
        How many other points a label may cover.

    Returns
    -------
    list of PlacedLabel
        In the order of placing.

    Examples
    --------
    Two points side by side: the labels go away from each other.

    >>> points = np.array([[50.0, 50.0], [54.0, 50.0]])
    >>> sizes = np.array([[20.0, 8.0], [20.0, 8.0]])
    >>> placed = place_labels(points, sizes, [0, 1], bounds=(0, 0, 100, 100), most=2)
    >>> [label.x for label in placed]
    [-12.6, 12.6]
    """
    left, bottom, right, top = bounds
    taken = np.empty((0, 4))
    placed: list[PlacedLabel] = []
    for item in order:
        if len(placed) >= most:
            break
        half = sizes[item] / 2
        best: tuple[int, tuple[float, float], NDArray[np.float64]] | None = None
        for side in _SIDES:
            # A corner's label need not clear the point both ways.
            reach = half + _GAP if 0 in side else half + _GAP * 0.6
            shift = np.array(side) * reach
            middle = points[item] + shift
            box = np.concatenate([middle - half, middle + half])
            if box[0] < left or box[1] < bottom or box[2] > right or box[3] > top:
                continue
            if (
                (taken[:, 0] < box[2])
                & (taken[:, 2] > box[0])
                & (taken[:, 1] < box[3])
                & (taken[:, 3] > box[1])
            ).any():
                continue
            covered = int(np.count_nonzero(((points > box[:2]) & (points < box[2:])).all(axis=1)))
            if covered <= crowding and (best is None or covered < best[0]):
                best = covered, (float(shift[0]), float(shift[1])), box
        if best is not None:
            _, (x, y), box = best
            placed.append(PlacedLabel(int(item), x, y))
            taken = np.vstack([taken, box])
    return placed

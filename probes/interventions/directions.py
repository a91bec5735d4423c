"""Make directions and erasers from the pairs of other folds, and random ones beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.directions.erasure import LeastSquaresErasure
from probes.interventions.asked import AskedPairs
from repsearch.errors import InputError
from repsearch.language_models import Change

Real = NDArray[np.float64]
DirectionFrom = Literal["states", "unembedding"]


@dataclass(frozen=True, eq=False)
class Erasers:
    """Least-squares erasers of one concept, one a row.

    Parameters
    ----------
    mean : (n, d) float
        Middle of what each was fitted to.
    read, erased : (n, 1, d) float
        What each reads, and what it takes away.
    """

    mean: Real
    read: Real
    erased: Real

    def joined(self, other: Erasers) -> Erasers:
        """Number others after these.

        Parameters
        ----------
        other : Erasers
            Of states of the same width.

        Returns
        -------
        Erasers
        """
        return Erasers(
            np.concatenate([self.mean, other.mean]),
            np.concatenate([self.read, other.read]),
            np.concatenate([self.erased, other.erased]),
        )

    def change(self, rows: NDArray[np.int64]) -> Change:
        """Give the change that applies one of them to each row.

        Parameters
        ----------
        rows : (m,) int
            Number of the eraser of each row.

        Returns
        -------
        Change
        """
        return Change.erase(self.mean[rows], self.read[rows], self.erased[rows])


def fold_directions(asked: AskedPairs, vectors: Real) -> Real:
    """Take the mean difference of the pairs outside each fold.

    Parameters
    ----------
    asked : AskedPairs
        The pairs.
    vectors : (W, d) float
        Of their words.

    Returns
    -------
    (folds, d) float
        Of length 1.

    Raises
    ------
    InputError
        A mean difference is zero.
    """
    apart = vectors[asked.sides[:, 1]] - vectors[asked.sides[:, 0]]
    means = np.stack(
        [apart[asked.folds != fold].mean(axis=0) for fold in range(asked.number_of_folds)]
    )
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    if not lengths.all():
        raise InputError(f"the words of {asked.family} have the same states; there is no direction")
    return np.asarray(means / lengths)


def random_directions(number: int, width: int, seed: int) -> Real:
    """Draw directions that mean nothing.

    Parameters
    ----------
    number : int
        How many.
    width : int
        Numbers in each.
    seed : int
        Seed of the draw.

    Returns
    -------
    (number, width) float
        Of length 1, all directions alike.
    """
    drawn = np.random.default_rng([seed, 1]).normal(size=(number, width))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def fold_erasers(asked: AskedPairs, states: Real) -> Erasers:
    """Fit a least-squares eraser to the words outside each fold.

    Parameters
    ----------
    asked : AskedPairs
        The pairs.
    states : (T, W, d) float
        States of their words in each template.

    Returns
    -------
    Erasers
        One a fold.
    """
    folds = asked.word_folds()
    return _stacked(
        [
            _fitted(states[:, folds != fold], asked.labels[folds != fold])
            for fold in range(asked.number_of_folds)
        ]
    )


def random_erasers(asked: AskedPairs, states: Real, number: int, seed: int) -> Erasers:
    """Fit erasers to labels that are flipped within groups of pairs at random.

    Parameters
    ----------
    asked : AskedPairs
        The pairs.
    states : (T, W, d) float
        States of their words in each template.
    number : int
        How many.
    seed : int
        Seed of the flips.

    Returns
    -------
    Erasers
    """
    rng = np.random.default_rng([seed, 2])
    of_groups = rng.integers(2, size=(number, int(asked.groups.max()) + 1)).astype(bool)
    groups = asked.word_groups()
    return _stacked([_fitted(states, asked.labels ^ flip[groups]) for flip in of_groups])


def _fitted(states: Real, labels: NDArray[np.bool_]) -> LeastSquaresErasure:
    rows = states.reshape(-1, states.shape[-1])
    return LeastSquaresErasure().fit(rows, np.tile(labels, len(states)))


def _stacked(fitted: list[LeastSquaresErasure]) -> Erasers:
    d = len(fitted[0].mean_)
    read, erased = np.zeros((len(fitted), 1, d)), np.zeros((len(fitted), 1, d))
    for row, one in enumerate(fitted):
        # Two labels leave one function, or none where the classes have one mean already.
        for k in range(len(one.read_)):
            read[row, k], erased[row, k] = one.read_[k], one.erased_[:, k]
    return Erasers(np.stack([one.mean_ for one in fitted]), read, erased)

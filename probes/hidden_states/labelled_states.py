"""Probe hidden states that come with their labels, groups and pairs, as a file holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.directions.estimators import (
    ConceptDirection,
    DiscriminantDirection,
    LogisticDirection,
    MeanDifference,
    PrincipalDirection,
    RidgeDirection,
)
from probes.hidden_states.probe import StateProbe, probe_hidden_states
from repsearch.progress import Progress, silent

EstimatorName = Literal["mean-difference", "principal", "discriminant", "ridge", "logistic"]
_ESTIMATORS: dict[EstimatorName, type[ConceptDirection]] = {
    "mean-difference": MeanDifference,
    "principal": PrincipalDirection,
    "discriminant": DiscriminantDirection,
    "ridge": RidgeDirection,
    "logistic": LogisticDirection,
}


@dataclass(frozen=True, eq=False, repr=False)
class LabelledStates:
    """Hidden states with what is known of each.

    Parameters
    ----------
    states : (n, d) ndarray
        States of one layer, one row a token, word or sentence.
    labels : (n,) ndarray
        Two labels, numbers or strings.
    groups : (n,) ndarray, optional
        Group of each row, such as its word or the template of its sentence.
    pairs : (n,) ndarray, optional
        Numbers of contrast pairs, of one row with each label.

    Examples
    --------
    >>> LabelledStates(np.zeros((4, 3)), np.array([0, 1, 0, 1]), pairs=np.array([0, 0, 1, 1]))
    <LabelledStates of shape (4, 3), with pairs>
    """

    states: NDArray[Any]
    labels: NDArray[Any]
    groups: NDArray[Any] | None = None
    pairs: NDArray[Any] | None = None

    def __repr__(self) -> str:
        known = [name for name in ("groups", "pairs") if getattr(self, name) is not None]
        held = f", with {' and '.join(known)}" if known else ""
        return f"<LabelledStates of shape {np.shape(self.states)}{held}>"


def probe_labelled_states(
    states: LabelledStates,
    *,
    estimator: EstimatorName = "mean-difference",
    folds: int = 5,
    permutations: int = 999,
    controls: int = 50,
    seed: int = 0,
    progress: Progress = silent,
) -> StateProbe:
    """Look for the direction of two labels in hidden states, on groups never seen.

    Parameters
    ----------
    states : LabelledStates
        States, labels, and groups and pairs where there are such.
    estimator : {"mean-difference", "principal", "discriminant", "ridge", "logistic"}
        What makes the direction, with its default parameters; the first is by far the fastest.
    folds : int, default 5
        Folds of the cross-validation over groups.
    permutations : int, default 999
        Shuffles of the labels at most.
    controls : int, default 50
        Number of control tasks: random labels by group.
    seed : int, default 0
        Seed of folds, shuffles, controls and resamples.
    progress : Progress
        What is told how many shuffles are done.

    Returns
    -------
    StateProbe

    Raises
    ------
    InputError
        Shapes do not fit, the labels are not two, a number is not finite or out of
        range, or a label has fewer than two groups.

    Examples
    --------
    >>> labels = np.arange(40) % 2
    >>> rows = np.random.default_rng(0).normal(size=(40, 3)) + 9.0 * labels[:, None]
    >>> given = LabelledStates(rows, labels)
    >>> probe_labelled_states(given, estimator="ridge", permutations=20, controls=0).estimator
    'RidgeDirection'
    """
    return probe_hidden_states(
        states.states,
        states.labels,
        groups=states.groups,
        pairs=states.pairs,
        estimator=_ESTIMATORS[estimator](),
        folds=folds,
        permutations=permutations,
        controls=controls,
        seed=seed,
        progress=progress,
    )

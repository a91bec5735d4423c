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
from probes.hidden_states.labels_probe import probe_many_labels
from probes.hidden_states.labels_result import LabelsProbe
from probes.hidden_states.layers_probe import LayersProbe, probe_layers
from probes.hidden_states.probe import StateProbe, probe_hidden_states
from probes.hidden_states.target_probe import TargetProbe, probe_targets
from probes.shared.wording import listed
from repsearch.errors import InputError
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
    """Hidden states with what is known of each row.

    Parameters
    ----------
    states : (n, d) or (L, n, d) ndarray
        States of one layer, one row a token, word or sentence; or of L layers.
    labels : (n,) ndarray
        Labels, numbers or strings, two or more of them; or numbers to be predicted.
    groups : (n,) ndarray, optional
        Group of each row, such as its word or the template of its sentence.
    pairs : (n,) ndarray, optional
        Numbers of contrast pairs, of one row with each of two labels.
    continuous : bool, default False
        Whether the labels are numbers to be predicted, and not names.
    layers : (L,) ndarray, optional
        Numbers of the layers, from 0 by default.

    Examples
    --------
    >>> LabelledStates(np.zeros((4, 3)), np.array([0, 1, 0, 1]), pairs=np.array([0, 0, 1, 1]))
    <LabelledStates of shape (4, 3), with pairs>
    """

    states: NDArray[Any]
    labels: NDArray[Any]
    groups: NDArray[Any] | None = None
    pairs: NDArray[Any] | None = None
    continuous: bool = False
    layers: NDArray[Any] | None = None

    def __repr__(self) -> str:
        known = [name for name in ("groups", "pairs") if getattr(self, name) is not None]
        held = f", with {listed(known)}" if known else ""
        return f"<LabelledStates of shape {np.shape(self.states)}{held}>"


def probe_labelled_states(
    states: LabelledStates,
    *,
    estimator: EstimatorName | None = None,
    folds: int = 5,
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> StateProbe | LabelsProbe | TargetProbe | LayersProbe:
    """Look for labels or numbers in hidden states, on groups never seen, layer by layer.

    Two labels are looked for as a direction (`probe_hidden_states`), more are told apart
    (`probe_many_labels`), and numbers are predicted (`probe_targets`). States of several layers are
    asked one by one (`probe_layers`).

    Parameters
    ----------
    states : LabelledStates
        States and labels, and groups and pairs where there are such.
    estimator : {"mean-difference", "principal", "discriminant", "ridge", "logistic"}, optional
        What makes the direction of two labels, the first by default, which is by far the fastest;
        what tells more labels apart: ridge, one against rest, by default, or logistic, which is
        multinomial. Targets are predicted by ridge.
    folds : int, default 5
        Folds of the cross-validation over groups.
    permutations : int, optional
        Shuffles of the labels or targets at most; 999 by default, or 49 for the multinomial
        regression.
    controls : int, optional
        Number of control tasks, labels passed between groups; 50 by default, or 5 for the
        multinomial regression.
    seed : int, default 0
        Seed of folds, shuffles, controls and resamples.
    progress : Progress
        What is told how far it is.

    Returns
    -------
    StateProbe, LabelsProbe, TargetProbe or LayersProbe

    Raises
    ------
    InputError
        Shapes do not fit, a number is not finite or out of range, a label has fewer than two
        groups, or an estimator or pairs that are for two labels.

    Examples
    --------
    >>> labels = np.arange(40) % 2
    >>> rows = np.random.default_rng(0).normal(size=(40, 3)) + 9.0 * labels[:, None]
    >>> given = LabelledStates(rows, labels)
    >>> probe_labelled_states(given, estimator="ridge", permutations=20, controls=0).estimator
    'RidgeDirection'
    >>> layers = LabelledStates(np.stack([rows, rows]), rows[:, 0], continuous=True)
    >>> probe_labelled_states(layers, permutations=20, controls=0).measure
    'R²'
    """
    two = not states.continuous and _two_at_most(np.asarray(states.labels))
    slow = not two and not states.continuous and estimator == "logistic"
    draws = (49 if slow else 999) if permutations is None else permutations
    tasks = (5 if slow else 50) if controls is None else controls
    settings: dict[str, Any] = {
        "groups": states.groups,
        "folds": folds,
        "permutations": draws,
        "controls": tasks,
        "seed": seed,
        "progress": progress,
    }
    if not two and states.pairs is not None:
        raise InputError("pairs are of two labels, one row of each; leave them out")

    def ask(layer: NDArray[Any]) -> StateProbe | LabelsProbe | TargetProbe:
        if states.continuous:
            if estimator not in (None, "ridge"):
                raise InputError(
                    f"estimator={estimator!r} is for labels; targets are read by ridge"
                )
            return probe_targets(layer, states.labels, **settings)
        if two:
            made = _ESTIMATORS[estimator or "mean-difference"]()
            return probe_hidden_states(
                layer, states.labels, pairs=states.pairs, estimator=made, **settings
            )
        if estimator not in (None, "ridge", "logistic"):
            raise InputError(
                f"estimator={estimator!r} makes the direction of two labels; with more choose "
                "'ridge' or 'logistic'"
            )
        return probe_many_labels(layer, states.labels, classifier=estimator or "ridge", **settings)

    if np.ndim(states.states) != 3:
        if states.layers is not None:
            raise InputError(
                f"there are numbers of layers and states of the shape {np.shape(states.states)}; "
                "pass states of the shape (layers, n, d)"
            )
        return ask(states.states)
    numbers = None if states.layers is None else _layer_numbers(states.layers)
    return probe_layers(states.states, ask, layers=numbers)


def _two_at_most(labels: NDArray[Any]) -> bool:
    """Whether there are no more labels than for a direction; objects are refused there too."""
    return labels.dtype.kind == "O" or len(np.unique(labels)) <= 2


def _layer_numbers(given: NDArray[Any]) -> list[float]:
    layers = np.asarray(given)
    if layers.ndim != 1 or layers.dtype.kind not in "iuf" or not np.isfinite(layers).all():
        raise InputError("layers are no list of finite numbers; pass one for each layer")
    if np.any(np.diff(layers) <= 0):
        raise InputError("layers do not increase; pass their numbers in order, with their states")
    return [float(one) for one in layers]

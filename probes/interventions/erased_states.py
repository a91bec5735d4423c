"""Train a fresh classifier on states after an erasure, at the layer and at the model's end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from probes.interventions.asked import AskedPairs
from probes.interventions.directions import Erasers
from probes.interventions.result import ErasedStates
from probes.shared.effective_trials import groups as in_groups
from probes.shared.effective_trials import share_interval
from probes.shared.intervals import Interval
from repsearch.language_models import CausalModel, Change
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
_WAYS = ("before", "projected", "erased")


def erased_states(
    model: CausalModel,
    asked: AskedPairs,
    templates: Sequence[str],
    layer: int,
    directions: Real,
    erasers: Erasers,
    *,
    level: float,
    progress: Progress = silent,
) -> tuple[ErasedStates, ...]:
    """Compare how well the two words of held-out pairs are told apart, before and after.

    The change is made where the word is read, and is fitted to the other folds alone; so is the
    classifier, anew after the change, on the same states as the eraser. At the last layer it
    tells whether what was erased comes back on the way.

    Parameters
    ----------
    model : CausalModel
        The model.
    asked : AskedPairs
        The pairs.
    templates : sequence of str
        Sentences in which the words are read.
    layer : int
        Layer that is changed.
    directions : (folds, d) float
        What is projected out, one a fold.
    erasers : Erasers
        One a fold.
    level : float
        Nominal coverage of the intervals.
    progress : Progress
        Is told how many prompts are done.

    Returns
    -------
    tuple of ErasedStates
        At the layer, and at the last one where that is another.
    """
    layers = list(dict.fromkeys((layer, model.n_layers)))
    texts = [template.replace("{}", word) for template in templates for word in asked.words]
    labels = np.tile(asked.labels, len(templates))
    folds = np.tile(asked.word_folds(), len(templates))
    before = model.states(texts, layers, progress=progress)
    right = {way: np.zeros((len(layers), len(texts))) for way in _WAYS}
    for fold in range(asked.number_of_folds):
        rows = np.full(len(texts), fold)
        changes = (None, Change.project_out(directions[rows]), erasers.change(rows))
        test = folds == fold
        for way, change in zip(_WAYS, changes, strict=True):
            states = before
            if change is not None:
                states = model.states(texts, layers, at=layer, change=change, progress=progress)
            for place in range(len(layers)):
                right[way][place, test] = _right(states[place], labels, test)
    groups = np.tile(asked.word_groups(), len(templates))

    def share(way: str, place: int) -> Interval:
        sums = np.bincount(groups, weights=right[way][place])
        of_groups = in_groups(sums, np.bincount(groups))
        return share_interval([of_groups], [1.0], level=level, over="groups")

    return tuple(
        ErasedStates(layer, read_at, *(share(way, place) for way in _WAYS))
        for place, read_at in enumerate(layers)
    )


@one_blas_thread()
def _right(
    states: NDArray[np.floating], labels: NDArray[np.bool_], test: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a logistic regression on the other rows gives the test rows their label."""
    rows = states.astype(np.float64)
    train = rows[~test]
    centre = train.mean(axis=0)
    size = float(np.sqrt(np.mean((train - centre) ** 2))) or 1.0
    fitted = LogisticRegression(max_iter=5000).fit((train - centre) / size, labels[~test])
    decision = fitted.decision_function((rows[test] - centre) / size)
    return np.asarray((decision > 0) == labels[test])

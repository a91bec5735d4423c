"""Ask of every layer whether concepts are directions there, with one null over all layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.directions.estimators import (
    ConceptDirection,
    DiscriminantDirection,
    LogisticDirection,
    MeanDifference,
)
from probes.concepts.directions.held_out import held_out
from probes.concepts.matched_pairs import can_be_matched
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, signal
from probes.hidden_states import LabelledStates, probe_hidden_states
from probes.layers.contrasts import ContrastDifferences
from probes.layers.curve import AtLayer, ConceptCurve
from probes.layers.curves import LayerCurves
from probes.layers.layered import Layered
from probes.layers.length_control import beyond_length, ordered_by_length
from probes.shared.resampling import check_draws, flips
from probes.shared.several_tests import draws_needed
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.progress import Progress, silent

Real = NDArray[np.float64]
Estimator = Literal["mean-difference", "discriminant", "logistic"]
_ESTIMATORS: dict[Estimator, Callable[[], ConceptDirection]] = {
    "mean-difference": MeanDifference,
    "discriminant": DiscriminantDirection,
    "logistic": LogisticDirection,
}
_TASKS = 50
"""Control tasks of labelled prompts."""


@dataclass(frozen=True)
class _How:
    """How every concept is asked at every layer."""

    estimator: Estimator
    permutations: int
    controls: int
    folds: int | None
    seed: int

    @property
    def made(self) -> ConceptDirection:
        return _ESTIMATORS[self.estimator]()


@dataclass
class _Asked:
    """One concept as it is asked, layer by layer."""

    kind: Literal["relation", "contrast", "labels"]
    used: int
    groups: int
    rows: list[AtLayer] = field(default_factory=list)
    nulls: list[Real | None] = field(default_factory=list)


def layer_curves(
    layered: Layered,
    *,
    estimator: Estimator = "mean-difference",
    permutations: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> LayerCurves:
    """Find at which layers concepts are directions.

    Of pairs of words, and of contrast pairs, each pair is ordered by the direction of all pairs
    that share no word, text or template with it (`probes.concepts.held_out`, the numbers of
    ``probe concepts``); prompts with labels alone are told apart by the direction of other groups
    (`probes.hidden_states.probe_hidden_states`). The labels are shuffled in the same ways at every
    layer. A layer's p-value is the share of shuffles whose best layer reaches what it has
    (Westfall and Young 1993), times the number of concepts: the probability that any layer of any
    concept is found is at most 5 % where there is none.

    Parameters
    ----------
    layered : Layered
        Concepts at the layers of a model.
    estimator : {"mean-difference", "discriminant", "logistic"}
        What makes the direction. All but the first are fitted five times to four fifths of the
        groups, and not without each group once.
    permutations : int, optional
        Shuffles of the labels at most; by default 999, 299 for the slower estimators, or 20 for
        each concept and one more where that is more.
    controls : int, optional
        Families of random pairs of the same frequencies, for relations; 300 by default, 50 for
        the slower estimators; 0 for none.
    seed : int, default 0
        Seed of shuffles, controls and folds.
    progress : Progress
        What is told how many concepts are done.

    Returns
    -------
    LayerCurves

    Raises
    ------
    InputError
        Not one concept has three groups, or a number is out of range.

    References
    ----------
    Westfall and Young 1993, "Resampling-based multiple testing".

    Examples
    --------
    A direction that is there at layer 1 and not at layer 0:

    >>> from probes.layers import Layered, OneLayer
    >>> pairs = tuple((f"a{k}", f"b{k}") for k in range(20))
    >>> noise = np.random.default_rng(0).normal(size=(20, 30))
    >>> rows = [noise, noise + 2.0 * np.eye(30)[0]]
    >>> at = lambda layer: OneLayer({"planted": Differences(rows[layer], pairs, "planted")})
    >>> found = layer_curves(Layered("toy", (0, 1), at, {"planted": 20}))
    >>> found.concepts[0].found
    (1,)
    """
    if estimator not in _ESTIMATORS:
        raise InputError(f"estimator is {estimator!r}; choose among {', '.join(_ESTIMATORS)}")
    fast = estimator == "mean-difference"
    how = _How(
        estimator,
        draws_needed(len(layered.asked), least=999 if fast else 299)
        if permutations is None
        else permutations,
        (300 if fast else 50) if controls is None else controls,
        None if fast else 5,
        seed,
    )
    check_draws(name="permutations", draws=how.permutations, least=20, seed=seed)
    check_draws(name="controls", draws=how.controls, least=0, seed=seed)
    asked: dict[str, _Asked] = {}
    few: dict[str, str] = {}
    done, total = 0, len(layered.numbers) * len(layered.asked)
    for layer in layered.numbers:
        one = layered.at(layer)
        here: dict[str, Differences | LabelledStates] = {**one.differences, **one.labelled}
        for name, held in here.items():
            progress("layers", done, total, "concepts")
            done += 1
            if name in few:
                continue
            if name not in asked:
                asked[name] = _begun(held)
                if asked[name].groups < FEWEST_GROUPS:
                    few[name] = f"fewer than {FEWEST_GROUPS} groups that share nothing"
                    del asked[name]
                    continue
            if isinstance(held, Differences):
                row, null = _pairs(layer, held, one.embeddings, how)
            else:
                row, null = _labelled(layer, held, how)
            asked[name].rows.append(row)
            asked[name].nulls.append(null)
    progress("layers", total, total, "concepts")
    if not asked:
        raise InputError(
            f"no concept has {FEWEST_GROUPS} groups of pairs that share no word, text or template; "
            "add pairs"
        )
    return LayerCurves(
        concepts=tuple(
            _curve(name, held, layered.asked[name], how, len(asked)) for name, held in asked.items()
        ),
        left_out=(*layered.left_out, *few.items()),
        estimator=estimator,
        settings={
            "model": layered.name,
            "permutations": how.permutations,
            "controls": how.controls,
            "folds": "one group at a time" if how.folds is None else how.folds,
            "level": 0.95,
            "seed": seed,
        },
    )


def _begun(held: Differences | LabelledStates) -> _Asked:
    if isinstance(held, Differences):
        kind: Literal["relation", "contrast"] = (
            "contrast" if isinstance(held, ContrastDifferences) else "relation"
        )
        return _Asked(kind, len(held), int(held.groups.max()) + 1)
    groups = held.labels if held.groups is None else held.groups
    return _Asked("labels", len(held.labels), len(np.unique(groups)))


def _pairs(
    layer: int, differences: Differences, embeddings: Embeddings | None, how: _How
) -> tuple[AtLayer, Real | None]:
    unordered = int(np.count_nonzero(~differences.vectors.any(axis=1)))
    if 2 * unordered > len(differences):
        return AtLayer(layer, unordered=unordered), None
    drawn = embeddings
    if drawn is not None and not can_be_matched(drawn, differences.pairs):
        drawn = None
    found = held_out(
        differences,
        embeddings=drawn if how.controls else None,
        estimator=how.made,
        permutations=how.permutations,
        controls=how.controls,
        folds=how.folds,
        seed=how.seed,
    )
    control = float(np.mean(found.control)) if found.control else None
    selectivity = found.selectivity
    if isinstance(differences, ContrastDifferences):
        lengths = ordered_by_length(differences)
        control = float(np.mean(lengths))
        selectivity = beyond_length(np.array(found.cosines) > 0, lengths, differences.groups)
    null = np.array(found.null)
    return AtLayer(
        layer=layer,
        accuracy=found.accuracy,
        null_95=float(np.quantile(null, 0.95, method="higher")),
        control=control,
        selectivity=selectivity,
        share=signal(differences, seed=how.seed).share,
        unordered=unordered,
    ), null


def _labelled(layer: int, states: LabelledStates, how: _How) -> tuple[AtLayer, Real | None]:
    try:
        found = probe_hidden_states(
            states.states,
            states.labels,
            groups=states.groups,
            estimator=how.made,
            permutations=how.permutations,
            controls=_TASKS,
            seed=how.seed,
        )
    except InputError:
        if len(np.unique(states.states, axis=0)) == len(states.states):
            raise
        return AtLayer(layer, unordered=len(states.states)), None  # copies of few states
    null = np.array(found.null)
    return AtLayer(
        layer=layer,
        accuracy=found.accuracy,
        null_95=float(np.quantile(null, 0.95, method="higher")),
        control=float(np.mean(found.control)) if found.control else None,
        selectivity=found.selectivity,
        unordered=found.design.equal,
    ), null


def _curve(name: str, held: _Asked, asked: int, how: _How, concepts: int) -> ConceptCurve:
    """Correct the p-values of one concept for its layers, and for all concepts."""
    p_values, least = _over_layers(
        [None if one.accuracy is None else one.accuracy.value for one in held.rows],
        held.nulls,
        groups=held.groups if held.kind != "labels" else None,
        how=how,
    )
    rows = tuple(
        AtLayer(**{**vars(one), "p_value": None if p is None else min(1.0, concepts * p)})
        for one, p in zip(held.rows, p_values, strict=True)
    )
    return ConceptCurve(
        name, held.kind, asked, held.used, held.groups, min(1.0, concepts * least), rows
    )


def _over_layers(
    observed: Sequence[float | None], nulls: Sequence[Real | None], *, groups: int | None, how: _How
) -> tuple[list[float | None], float]:
    """p-values against the best layer of each shuffle, and the least that there can be."""
    there = [null for null in nulls if null is not None]
    if not there:
        return [None] * len(observed), 1.0
    if len({len(null) for null in there}) > 1:
        # Copies at some layers changed the groups, and with them the shuffles: each for itself.
        shuffles = min(len(null) for null in there)
        found: list[float | None] = [
            None
            if value is None or null is None
            else min(
                1.0, len(there) * (1 + np.count_nonzero(null >= value - 1e-12)) / (1 + len(null))
            )
            for value, null in zip(observed, nulls, strict=True)
        ]
        return found, min(1.0, len(there) / (1 + shuffles))
    best = np.max(there, axis=0)
    if groups is None:
        found = [
            None
            if value is None
            else (1 + np.count_nonzero(best >= value - 1e-12)) / (1 + len(best))
            for value in observed
        ]
        return found, 1 / (1 + len(best))
    drawn = flips(groups, most=how.permutations, seed=how.seed)
    found = [None if value is None else drawn.p_value(value, best) for value in observed]
    return found, 1 / len(best) if drawn.exact else 1 / (1 + len(best))

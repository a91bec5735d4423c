"""Add directions of relations inside a causal model, project them out, erase them; and measure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probes.interventions.asked import AskedPairs, asked_pairs, check_last_word
from probes.interventions.directions import (
    DirectionFrom,
    fold_directions,
    fold_erasers,
    random_directions,
    random_erasers,
)
from probes.interventions.erased_states import erased_states
from probes.interventions.held_out_means import dose_of, response_of
from probes.interventions.next_word import NextWord
from probes.interventions.result import (
    Dose,
    Edit,
    ErasedStates,
    FamilySteering,
    Response,
    Steering,
)
from probes.relations.relations import Relations
from probes.shared.intervals import check_level
from probes.shared.resampling import Labels, check_draws
from repsearch.errors import InputError
from repsearch.language_models import TEMPLATES, CausalModel, Change
from repsearch.progress import Progress, silent

Answers = tuple[NDArray[np.float64], NDArray[np.float64]]
DOSES = (-0.5, -0.25, -0.1, 0.1, 0.25, 0.5)


def steering(
    model: CausalModel,
    relations: Relations,
    *,
    layers: Sequence[int] | None = None,
    doses: Sequence[float] = DOSES,
    direction: DirectionFrom = "states",
    templates: Sequence[str] = TEMPLATES,
    folds: int = 5,
    permutations: int = 39,
    seed: int = 0,
    level: float = 0.95,
    progress: Progress = silent,
) -> Steering:
    """Measure what a relation's direction does to the next word, at some layers and doses.

    Directions are made from pairs of other folds than those measured. Changed is the state of
    the last token alone: that of a prompt after which any word may come, for the next word, and
    that of a word itself, for what a classifier still reads after an erasure.

    Parameters
    ----------
    model : CausalModel
        The model.
    relations : Relations
        Families of pairs; a word is to be a single token.
    layers : sequence of int, optional
        Layers that are changed, one at a time; by default a third, two thirds and all of the
        way.
    doses : sequence of float
        Lengths of what is added, in root mean square lengths of the prompts' states there.
    direction : {"states", "unembedding"}
        Whether directions are mean differences of states where the words are read, or of the
        rows that predict them (Park et al. 2024, arXiv 2311.03658).
    templates : sequence of str
        Sentences that end with ``{}``; the prompts are what stands before it.
    folds : int, default 5
        Folds of the pairs at most.
    permutations : int, default 39
        Random directions, at least 19.
    seed : int, default 0
        Seed of folds and random directions.
    level : float, default 0.95
        Nominal coverage of the intervals, which are Student's over groups of pairs.
    progress : Progress
        Is told how many prompts are done.

    Returns
    -------
    Steering

    Raises
    ------
    InputError
        A setting out of range, or no relation that can be asked.

    References
    ----------
    Belrose et al. 2023, arXiv 2306.03819, for the erasure.

    Examples
    --------
    Settings are checked before the model is asked.

    >>> steering(None, Relations({"gender": [("king", "queen")]}), doses=())
    Traceback (most recent call last):
    repsearch.errors.InputError: doses is (); pass finite numbers other than 0, each once
    """
    check_level(level)
    check_draws(name="folds", draws=folds, least=2, seed=seed)
    check_draws(name="permutations", draws=permutations, least=19, seed=seed)
    check_last_word(templates)
    if not doses or len(set(doses)) < len(doses) or not all(np.isfinite(d) and d for d in doses):
        raise InputError(f"doses is {doses!r}; pass finite numbers other than 0, each once")
    if direction not in ("states", "unembedding"):
        raise InputError(f"direction is {direction!r}; choose 'states' or 'unembedding'")
    chosen = _layers(model, layers)
    families, refused = [], {}
    for name, pairs in relations.families.items():
        try:
            asked = asked_pairs(model, name, pairs, templates, folds=folds, seed=seed)
        except InputError as error:
            refused[name] = str(error).partition(";")[0]
            continue
        families.append(
            _family(
                model,
                asked,
                templates,
                layers=chosen,
                doses=sorted(doses),
                direction=direction,
                permutations=permutations,
                seed=seed,
                level=level,
                progress=progress,
            )
        )
    if not families:
        raise InputError(f"no relation can be asked: {'; '.join(refused.values()) or 'none given'}")
    return Steering(
        families=tuple(families),
        refused=refused,
        settings={
            "model": model.language.name,
            "layers": ", ".join(map(str, chosen)),
            "direction": direction,
            "templates": " | ".join(templates),
            "folds": folds,
            "random_directions": permutations,
            "level": level,
            "seed": seed,
        },
    )


def _layers(model: CausalModel, layers: Sequence[int] | None) -> tuple[int, ...]:
    last = model.n_layers
    if layers is None:
        return tuple(dict.fromkeys((max(1, last // 3), max(1, 2 * last // 3), last)))
    wrong = [layer for layer in layers if layer not in range(last + 1)]
    if wrong or not layers or len(set(layers)) < len(layers):
        raise InputError(
            f"layers is {tuple(layers)!r}; pass whole numbers from 0 to {last}, each once"
        )
    return tuple(layers)


def _family(
    model: CausalModel,
    asked: AskedPairs,
    templates: Sequence[str],
    *,
    layers: Sequence[int],
    doses: Sequence[float],
    direction: DirectionFrom,
    permutations: int,
    seed: int,
    level: float,
    progress: Progress,
) -> FamilySteering:
    texts = [template.replace("{}", word) for template in templates for word in asked.words]
    read = model.states(texts, layers, progress=progress).astype(np.float64)
    read = read.reshape(len(layers), len(templates), len(asked.words), -1)
    plain = model.states(asked.prompts, layers).astype(np.float64)
    before = NextWord.of(model, asked)
    rows_of_words = model.unembedding(asked.tokens.tolist())
    drawn = random_directions(permutations, read.shape[-1], seed)
    found: list[Dose] = []
    responses: list[Response] = []
    erased: list[ErasedStates] = []
    for place, layer in enumerate(layers):
        states = read[place]
        own = fold_directions(
            asked, states.mean(axis=0) if direction == "states" else rows_of_words
        )
        erasers = fold_erasers(asked, states)
        length = float(np.sqrt(np.mean(np.sum(plain[place] ** 2, axis=-1))))
        sources = np.concatenate([own, drawn])

        source, dose, prompt = _grid(len(sources), len(doses), len(asked.prompts))
        shifts = (length * np.array(doses)[dose])[:, None] * sources[source]
        answers = before.changed(model, layer, Change.add(shifts), prompt, progress)
        moved, apart = _over_prompts(answers, len(sources), len(doses))
        found += [
            dose_of(asked, layer, "add", size, moved[:, k], apart[:, k], level=level)
            for k, size in enumerate(doses)
        ]
        responses.append(response_of(asked, layer, moved, np.array(doses), level=level))

        flipped = random_erasers(asked, states, permutations, seed)
        source, _, prompt = _grid(len(sources), 1, len(asked.prompts))
        others: dict[Edit, Change] = {
            "project out": Change.project_out(sources[source]),
            "erase": erasers.joined(flipped).change(source),
        }
        for edit, change in others.items():
            answers = before.changed(model, layer, change, prompt, progress)
            moved, apart = _over_prompts(answers, len(sources), 1)
            found.append(dose_of(asked, layer, edit, None, moved[:, 0], apart[:, 0], level=level))
        erased += erased_states(
            model, asked, templates, layer, own, erasers, level=level, progress=progress
        )
    return FamilySteering(
        family=asked.family,
        pairs=len(asked.pairs),
        left_out=asked.left_out,
        doses=tuple(found),
        responses=tuple(responses),
        erased=tuple(erased),
    )


def _over_prompts(answers: Answers, sources: int, doses: int) -> Answers:
    """Means over prompts of what rows of `_grid` gave, by source and dose."""
    moved, apart = answers
    return (
        moved.reshape(sources, doses, -1, moved.shape[1]).mean(axis=2),
        apart.reshape(sources, doses, -1).mean(axis=2),
    )


def _grid(*sizes: int) -> tuple[Labels, ...]:
    """Numbers along each of several axes, one a row, the last axis running fastest."""
    return tuple(one.ravel() for one in np.indices(sizes))

"""Prepare what a causal model is asked of a relation: its words as tokens, prompts, folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from probes.shared.resampling import components
from repsearch.errors import InputError
from repsearch.language_models import CausalModel
from repsearch.language_models.templates import check_templates

FEWEST_GROUPS = 4
"""Directions are made from the pairs of other folds; below this too little is left of either."""
_GAP = "{}"


@dataclass(frozen=True, eq=False)
class AskedPairs:
    """Pairs of a relation whose words are single tokens after every prompt.

    Parameters
    ----------
    family : str
        Name of the relation.
    pairs : tuple of (str, str)
        N pairs.
    words : tuple of str
        Their W words.
    tokens : (W,) int
        Token of each word.
    sides : (N, 2) int
        Numbers of the first and the second word of each pair.
    groups : (N,) int
        Pairs of one group share words, directly or by way of others.
    folds : (N,) int
        Fold of each pair; groups stay together.
    prompts : tuple of str
        Texts after which a word is to come.
    left_out : int
        Pairs with a word that is cut into several tokens.
    """

    family: str
    pairs: tuple[Pair, ...]
    words: tuple[str, ...]
    tokens: NDArray[np.int64]
    sides: NDArray[np.int64]
    groups: NDArray[np.int64]
    folds: NDArray[np.int64]
    prompts: tuple[str, ...]
    left_out: int

    @property
    def number_of_folds(self) -> int:
        """How many folds there are."""
        return int(self.folds.max()) + 1

    @property
    def labels(self) -> NDArray[np.bool_]:
        """(W,) Whether a word is the second of its pair; one that is both counts as the second."""
        found = np.zeros(len(self.words), dtype=bool)
        found[self.sides[:, 1]] = True
        return found

    def word_folds(self) -> NDArray[np.int64]:
        """(W,) Fold of each word, that of its pairs."""
        found = np.zeros(len(self.words), dtype=np.int64)
        found[self.sides] = self.folds[:, None]
        return found

    def word_groups(self) -> NDArray[np.int64]:
        """(W,) Group of each word, that of its pairs."""
        found = np.zeros(len(self.words), dtype=np.int64)
        found[self.sides] = self.groups[:, None]
        return found


def check_last_word(templates: Sequence[str]) -> None:
    """Refuse templates whose word is not at the end.

    Parameters
    ----------
    templates : sequence of str
        Sentences that end with ``{}``.

    Raises
    ------
    InputError
        There is none, the same twice, or one that does not end with ``{}`` after other words.
    """
    for template in templates:
        if template.count(_GAP) != 1 or not template.endswith(_GAP) or template.strip() == _GAP:
            raise InputError(
                f"the template {template!r} does not end with a place for a word; write {_GAP} "
                "once, at the end and after other words, for what comes next is asked there"
            )
    check_templates(templates)


def asked_pairs(
    model: CausalModel,
    family: str,
    pairs: Sequence[Pair],
    templates: Sequence[str],
    *,
    folds: int,
    seed: int,
) -> AskedPairs:
    """Look words up in the model's tokenizer, and share the pairs out over folds.

    Parameters
    ----------
    model : CausalModel
        The model.
    family : str
        Name of the relation.
    pairs : sequence of (str, str)
        Its pairs.
    templates : sequence of str
        Sentences that end with ``{}``.
    folds : int
        Folds at most; there are no more than groups of pairs.
    seed : int
        Seed of the folds.

    Returns
    -------
    AskedPairs

    Raises
    ------
    InputError
        Fewer than four groups of pairs have words that are single tokens.
    """
    prompts = tuple(template.removesuffix(_GAP).rstrip() for template in templates)
    known: dict[str, int] = {}
    for word in dict.fromkeys(word for pair in pairs for word in pair):
        found = {model.continuation(prompt, word) for prompt in prompts}
        if len(found) == 1 and (token := found.pop()) is not None:
            known[word] = token
    used = tuple((a, b) for a, b in dict.fromkeys(pairs) if a != b and {a, b} <= known.keys())
    groups = components(used) if used else np.zeros(0, dtype=np.int64)
    number = int(groups.max(initial=-1)) + 1
    if number < FEWEST_GROUPS:
        raise InputError(
            f"{number} groups of pairs of {family} have words that are single tokens of "
            f"{model.language.name}; at least {FEWEST_GROUPS} are needed"
        )
    words = tuple(dict.fromkeys(word for pair in used for word in pair))
    places = {word: place for place, word in enumerate(words)}
    order = np.random.default_rng(seed).permutation(number)
    return AskedPairs(
        family=family,
        pairs=used,
        words=words,
        tokens=np.array([known[word] for word in words]),
        sides=np.array([[places[a], places[b]] for a, b in used]),
        groups=groups,
        folds=(order % min(folds, number))[groups],
        prompts=prompts,
        left_out=len(dict.fromkeys(pairs)) - len(used),
    )

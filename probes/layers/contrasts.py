"""Take the differences of contrast pairs, in groups that share a text or template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.shared.resampling import Labels, components
from repsearch.errors import InputError
from repsearch.language_models import LabelledPrompt

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ContrastDifferences(Differences):
    """Differences of the states of contrast pairs, from the first label to the second.

    Parameters
    ----------
    vectors, pairs, name, left_out
        As of `Differences`; in the place of words stand texts.
    templates : tuple of (str or None), optional
        Template of each pair; pairs of one template are one group.
    longer : (N,) float, optional
        By how many characters the second text is longer than the first.

    Examples
    --------
    >>> pairs = (("He sees.", "He saw."), ("She is.", "She was."), ("It has.", "It had."))
    >>> found = ContrastDifferences(np.eye(3), pairs, templates=("a", "b", "a"))
    >>> found.groups
    array([0, 1, 0])
    """

    templates: tuple[str | None, ...] = ()
    longer: Real = field(default_factory=lambda: np.zeros(0))

    @cached_property
    def groups(self) -> Labels:
        """(N,) Group of each pair; pairs of different groups share no text and no template."""
        # A text cannot begin so: letters of other texts are lower-cased, and this is not.
        by_template = [
            (first, f"TEMPLATE {template}")
            for (first, _), template in zip(self.pairs, self.templates, strict=False)
            if template is not None
        ]
        return components([*self.pairs, *by_template])[: len(self.pairs)]


@dataclass(frozen=True, eq=False)
class ContrastDesign:
    """Which prompts make the contrast pairs of a concept.

    Parameters
    ----------
    concept : str
        Its name.
    labels : tuple of (str, str)
        The two labels, sorted; differences go from the first to the second.
    first, second : (N,) int
        Rows of the prompts with either label.
    pairs : tuple of (str, str)
        Their texts, without regard to case and white space.
    templates : tuple of (str or None)
        Template of each pair.
    longer : (N,) float
        Characters of the second text less those of the first.
    """

    concept: str
    labels: tuple[str, str]
    first: Labels
    second: Labels
    pairs: tuple[tuple[str, str], ...]
    templates: tuple[str | None, ...]
    longer: Real

    def differences(self, states: NDArray[np.floating]) -> ContrastDifferences:
        """Take the differences at one layer.

        Parameters
        ----------
        states : (n, d) float
            States of all prompts.

        Returns
        -------
        ContrastDifferences
        """
        vectors = states[self.second].astype(np.float64) - states[self.first]
        return ContrastDifferences(
            vectors, self.pairs, self.concept, templates=self.templates, longer=self.longer
        )


def contrast_design(
    concept: str, prompts: Sequence[LabelledPrompt], rows: Sequence[int]
) -> ContrastDesign:
    """Pair the prompts of a concept.

    Parameters
    ----------
    concept : str
        Its name.
    prompts : sequence of LabelledPrompt
        Its prompts, each of a pair.
    rows : sequence of int
        Their rows in the states.

    Returns
    -------
    ContrastDesign

    Raises
    ------
    InputError
        The labels are not two.

    Examples
    --------
    >>> from repsearch.language_models import Prompt
    >>> texts = (("He saw.", "past"), ("He sees.", "present"))
    >>> given = [LabelledPrompt(Prompt(a, 0, len(a)), b, "tense", pair="1") for a, b in texts]
    >>> found = contrast_design("tense", given, [0, 1])
    >>> found.labels, found.pairs, found.longer
    (('past', 'present'), (('he saw.', 'he sees.'),), array([1.]))
    """
    labels = tuple(sorted({one.label for one in prompts}))
    if len(labels) != 2:
        raise InputError(f"{len(labels)} labels; contrast pairs have two")
    places: dict[str, dict[str, int]] = {}
    for place, one in enumerate(prompts):
        places.setdefault(str(one.pair), {})[one.label] = place
    # A pair that comes twice, in other letters or blanks, says nothing new.
    sides = {
        (_key(prompts[both[labels[0]]]), _key(prompts[both[labels[1]]])): both
        for both in places.values()
    }
    first, second = ([both[label] for both in sides.values()] for label in labels)
    return ContrastDesign(
        concept=concept,
        labels=(labels[0], labels[1]),
        first=np.array([rows[k] for k in first], dtype=np.int64),
        second=np.array([rows[k] for k in second], dtype=np.int64),
        pairs=tuple(sides),
        templates=tuple(
            prompts[a].template or prompts[b].template for a, b in zip(first, second, strict=True)
        ),
        longer=np.array(
            [
                len(prompts[b].prompt.text) - len(prompts[a].prompt.text)
                for a, b in zip(first, second, strict=True)
            ],
            dtype=np.float64,
        ),
    )


def _key(one: LabelledPrompt) -> str:
    """What a prompt is recognised by: its text, and the place in it that is looked at."""
    prompt = one.prompt
    text = " ".join(prompt.text.split()).casefold()
    whole = (prompt.begin, prompt.end) == (0, len(prompt.text))
    return text if whole else f"{text} [{prompt.begin}:{prompt.end}]"

"""Hold what was found of one concept at each layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from probes.shared.intervals import Interval
from probes.shared.several_tests import is_finding


@dataclass(frozen=True)
class AtLayer:
    """What was found of one concept at one layer.

    Parameters
    ----------
    layer : int
        Its number, 0 for the input embeddings.
    accuracy : Interval or None
        Share of held-out pairs that are ordered rightly, or balanced accuracy on held-out prompts;
        1/2 by chance. None where the two states of more than half of the pairs are equal, as those
        of a last full stop are before it has seen the words, or where prompts are copies of a few.
    p_value : float or None
        Of that, by shuffled labels; corrected for all layers and all concepts.
    null_95 : float or None
        What 95 % of shuffled labels reach at most, at this layer alone.
    control : float or None
        What random pairs of the same frequencies reach in the mean (relations), what the length of
        the texts alone does (contrast pairs), or what random labels by group do on rows held out
        (labelled prompts).
    selectivity : Interval or None
        The accuracy less the control; of labelled prompts that on rows held out is taken.
    share : Interval or None
        Common share of a squared difference, over all columns. None for labelled prompts
        without pairs.
    unordered : int
        Pairs whose two states are equal at this layer; they count as wrong.

    Examples
    --------
    >>> AtLayer(3, Interval(0.9, 0.8, 0.96), 0.02).found
    True
    """

    layer: int
    accuracy: Interval | None = None
    p_value: float | None = None
    null_95: float | None = None
    control: float | None = None
    selectivity: Interval | None = None
    share: Interval | None = None
    unordered: int = 0

    @property
    def found(self) -> bool:
        """Whether it is a direction here, at the level of 0.05 over all layers and concepts."""
        return self.p_value is not None and is_finding(self.p_value)


@dataclass(frozen=True)
class ConceptCurve:
    """One concept over the layers.

    Parameters
    ----------
    concept : str
        Its name.
    kind : {"relation", "contrast", "labels"}
        Pairs of words, contrast pairs of prompts, or labelled prompts without pairs.
    asked : int
        Pairs, or prompts, that were asked for.
    used : int
        Those among them that have states.
    groups : int
        Groups of them without a common word, text or template.
    least_p : float
        The least p-value that so many groups and draws allow, corrected.
    layers : tuple of AtLayer
        What was found at each, the first layer first.

    Examples
    --------
    >>> one = ConceptCurve("tense", "contrast", 9, 9, 9, 0.01, (AtLayer(0), AtLayer(1)))
    >>> one.clearest, one.found
    (None, ())
    """

    concept: str
    kind: Literal["relation", "contrast", "labels"]
    asked: int
    used: int
    groups: int
    least_p: float
    layers: tuple[AtLayer, ...] = field(repr=False)

    @property
    def found(self) -> tuple[int, ...]:
        """Numbers of the layers where it is a direction."""
        return tuple(one.layer for one in self.layers if one.found)

    @property
    def clearest(self) -> AtLayer | None:
        """The layer with the largest common share, or accuracy where there is no share.

        None where it could not be asked at any.
        """
        asked = [one for one in self.layers if one.accuracy is not None]
        return max(asked, key=_clarity, default=None)


def _clarity(at: AtLayer) -> tuple[float, float]:
    assert at.accuracy is not None
    return (at.accuracy.value if at.share is None else at.share.value, at.accuracy.value)

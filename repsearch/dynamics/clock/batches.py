"""Say how the loss of an optimiser step draws on pairs, and what it is in expectation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args, runtime_checkable

from repsearch.counts.window import Window
from repsearch.dynamics.inputs.checks import check_positive, check_whole
from repsearch.errors import InputError

Reduction = Literal["sum", "mean", "mean over positives"]


@runtime_checkable
class Batch(Protocol):
    """How the loss of a step is put together from pairs: a class with a `scale`.

    Examples
    --------
    >>> from repsearch.dynamics import FullBatch, SampledPairs
    >>> FullBatch().scale, SampledPairs(1000, negatives=3, reduction="mean").scale
    (1.0, 0.25)
    """

    @property
    def scale(self) -> float:
        """Expected loss of a step, in units of the sum over all pairs."""


@dataclass(frozen=True)
class FullBatch:
    """The sum over all pairs, as in arXiv 2502.09863, eqs. (1) and (3).

    Examples
    --------
    >>> from repsearch.dynamics import FullBatch, clock
    >>> clock(0.1, batch=FullBatch()).rate  # flow time of a step at learning rate 1
    2.0
    """

    @property
    def scale(self) -> float:
        """1."""
        return 1.0


@dataclass(frozen=True)
class MeanOverPairs:
    """The sum over all pairs divided by their number.

    Parameters
    ----------
    n_words : int
        V, number of words.

    Raises
    ------
    InputError
        No whole number of at least 1.

    Examples
    --------
    >>> from repsearch.dynamics import MeanOverPairs
    >>> MeanOverPairs(10).scale
    0.01
    """

    n_words: int

    def __post_init__(self) -> None:
        check_whole("n_words", self.n_words)

    @property
    def scale(self) -> float:
        """1 / V^2."""
        return 1.0 / self.n_words**2


@dataclass(frozen=True)
class SampledPairs:
    """Positive pairs drawn from P_ij with weight Psi+, negative ones from P_i P_j.

    There are k negative pairs to a positive one, each with weight Psi-_ij / k,
    k being part of Psi- in `repsearch.target.weighting`. A loop that gives its
    negative pairs another weight w- has G_ij = Psi+_ij P_ij + k w-_ij P_i P_j.

    Parameters
    ----------
    positives : int
        Positive pairs in a batch, B.
    negatives : float
        k, negative pairs to a positive one; k B need be no whole number, for it is an
        expectation.
    reduction : {"mean over positives", "mean", "sum"}
        Whether the sum over the batch is divided by B, by (1 + k) B, or not.

    Raises
    ------
    InputError
        A number out of range, an unknown reduction.

    Examples
    --------
    >>> from repsearch.dynamics import SampledPairs
    >>> SampledPairs(1000, negatives=3).scale, SampledPairs(1000, 3, "sum").scale
    (1.0, 1000.0)
    """

    positives: int
    negatives: float = 1.0
    reduction: Reduction = "mean over positives"

    def __post_init__(self) -> None:
        check_whole("positives", self.positives)
        check_positive("negatives", self.negatives)
        _check_reduction(self.reduction, get_args(Reduction))

    @property
    def scale(self) -> float:
        """1, 1 / (1 + k) or B."""
        if self.reduction == "sum":
            return float(self.positives)
        return 1.0 if self.reduction == "mean over positives" else 1.0 / (1.0 + self.negatives)


@dataclass(frozen=True)
class UniformPairs:
    """Pairs (i, j) drawn uniformly, each with both of its terms, Psi+P f+ + Psi-PP f-.

    Parameters
    ----------
    pairs : int
        Pairs in a batch, B.
    n_words : int
        V, number of words.
    reduction : {"mean", "sum"}
        Whether the sum over the batch is divided by `pairs`.

    Raises
    ------
    InputError
        A number out of range, an unknown reduction.

    Examples
    --------
    >>> from repsearch.dynamics import UniformPairs
    >>> UniformPairs(50, n_words=10, reduction="sum").scale
    0.5
    """

    pairs: int
    n_words: int
    reduction: Literal["mean", "sum"] = "mean"

    def __post_init__(self) -> None:
        check_whole("pairs", self.pairs)
        check_whole("n_words", self.n_words)
        _check_reduction(self.reduction, ("mean", "sum"))

    @property
    def scale(self) -> float:
        """1 / V^2, or B / V^2."""
        return (self.pairs if self.reduction == "sum" else 1) / self.n_words**2


@dataclass(frozen=True)
class StreamedPairs:
    """Pairs by windows from a stretch of text, step after step in the order of the text.

    The sum over all pairs is that with P_ij the pairs as they are drawn, which sums
    to 1, and k negative pairs to a positive one. A step is its part of the text, and
    what is in expectation holds for the mean over an epoch's steps.

    Parameters
    ----------
    tokens : int
        Places of the text that a step takes for centres of windows.
    window : Window
        A centre's window reaches distance m with probability weight_m / weight_1:
        linear weights are word2vec's windows of random size, flat ones have one size. Windows
        with weights of one's own, or two sides that differ, are not drawn.
    reduction : {"mean over positives", "sum"}
        Whether the sum over a step's pairs is divided by `positives`, or not, as in
        word2vec, where every pair is a step of its own.
    positives : float, optional
        Positive pairs of a step in expectation. What a step is in flow time depends on
        it for ``"sum"`` alone. `repsearch.training` works it out from the text.

    Raises
    ------
    InputError
        A number out of range, an unknown reduction.

    Examples
    --------
    >>> from repsearch.dynamics import StreamedPairs
    >>> StreamedPairs(1000).scale, StreamedPairs(1000, reduction="sum", positives=5210.0).scale
    (1.0, 5210.0)
    """

    tokens: int
    window: Window = field(default_factory=Window)
    reduction: Literal["mean over positives", "sum"] = "mean over positives"
    positives: float | None = None

    def __post_init__(self) -> None:
        check_whole("tokens", self.tokens)
        if not self.window.plain:
            raise InputError(
                f"pairs are not drawn from a {self.window.in_words}; pass one with a weighting by "
                "name and two equal sides"
            )
        _check_reduction(self.reduction, ("mean over positives", "sum"))
        if self.positives is not None:
            check_positive("positives", self.positives)

    @property
    def scale(self) -> float:
        """1, or `positives`.

        Raises
        ------
        InputError
            A sum over a number of pairs that is not known.
        """
        if self.reduction != "sum":
            return 1.0
        if self.positives is None:
            raise InputError(
                "positives is None, so the sum over a step's pairs has no known expectation; "
                "pass how many positive pairs a step has, or take the batch of a "
                "StreamedObjective, which works it out"
            )
        return self.positives


def _check_reduction(reduction: str, known: tuple[str, ...]) -> None:
    if reduction not in known:
        raise InputError(f"reduction is {reduction!r}; pass one of {', '.join(map(repr, known))}")

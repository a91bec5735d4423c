"""Test a concept direction on pairs none of whose words it was made from."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.directions.estimators import ConceptDirection, MeanDifference, row_space
from probes.concepts.matched_pairs import matched_pairs, matched_rows
from probes.concepts.quantities import quantity_rows, quantity_text
from probes.relations.relations import Pair
from probes.result import WIDTH, Result
from probes.shared.effective_trials import groups as in_groups
from probes.shared.effective_trials import share_interval
from probes.shared.intervals import Interval, check_level
from probes.shared.resampling import Labels, check_draws, flips, indicator
from probes.shared.selectivity import selectivity_interval
from probes.shared.several_tests import is_finding
from probes.shared.wording import counted, with_interval
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
RESAMPLES = 2000
CONTROLS = 300
"""Random families at the least: enough for p-values adjusted for 15 relations."""
_AT_ONCE = 4_000_000  # numbers in a temporary array
_NAMED = 5


@dataclass(frozen=True)
class HeldOut(Result):
    """Held-out pairs ordered by a direction, against a null and a control.

    Parameters
    ----------
    family : str
        Name of the family.
    estimator : str
        Name of the class that made the direction.
    pairs : tuple of (str, str)
        The N pairs.
    cosines : tuple of float
        Cosine of each held-out difference with the direction made without it; a pair
        is ordered rightly where it is positive.
    accuracy : Interval
        Share of pairs ordered rightly; 1/2 by chance.
    p_value : float
        p-value of the null that the order within pairs means nothing: the direction is
        made anew for each flip.
    null : tuple of float
        Accuracies under that null.
    control : tuple of float
        Accuracies on control families: the same graph of pairs with each word
        replaced by a random one of about its frequency. Empty if none were
        asked for.
    selectivity : Interval or None
        Accuracy less the mean of the control's (Hewitt and Liang 2019): what the
        direction owes to the relation and not to word frequency. None without
        control.
    settings : dict
        Permutations at most, controls, level and seed.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> pairs = world.relations["attribute 2"]
    >>> found = held_out(difference_vectors(world.spectrum().embeddings(3), pairs, name="second"))
    >>> print(found)
    quantity         value
    ----------------------
    accuracy  1 [0.398, 1]
    p value          0.125
    """

    name = "held-out"
    figure = "probes.figures.relations.concepts:plot_held_out"

    family: str
    estimator: str
    pairs: tuple[Pair, ...]
    cosines: tuple[float, ...]
    accuracy: Interval
    p_value: float
    null: tuple[float, ...] = field(repr=False)
    control: tuple[float, ...] = field(repr=False)
    selectivity: Interval | None
    settings: dict[str, Cell] = field(repr=False)

    @property
    def control_p_value(self) -> float:
        """Share of control families that are ordered as well, this one counted among them.

        1 without control; never below 1 / (their number + 1).
        """
        better = sum(one >= self.accuracy.value - 1e-12 for one in self.control)
        return (1 + better) / (1 + len(self.control))

    @property
    def misplaced(self) -> tuple[Pair, ...]:
        """Pairs ordered wrongly, the worst first."""
        order = np.argsort(self.cosines, kind="stable")
        return tuple(self.pairs[k] for k in order if self.cosines[k] <= 0)

    def summary(self) -> str:
        """Say how well held-out pairs are ordered, and whether random ones are as well.

        Returns
        -------
        str
            One paragraph.
        """
        text = (
            f"Of {counted(len(self.pairs), 'pair')} of {self.family or 'the family'}, "
            f"{with_interval(self.accuracy, '.0%')} are ordered rightly by the direction that "
            f"{self.estimator} makes of pairs with other words (50% by chance, "
            f"p = {self.p_value:.2g})."
        )
        if not is_finding(self.p_value):
            text += " This could be chance."
        if self.selectivity is not None:
            ordered = sum(self.control) / len(self.control)
            text += f" Of random pairs of the same frequencies {ordered:.0%} are."
            if is_finding(self.p_value) and self.selectivity.low <= 0:
                text += " It may be a direction of frequency."
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            Accuracy, p-value, accuracy on the control, selectivity.
        """
        return quantity_rows(self._numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, the estimator, numbers of pairs and flips, and settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "family": self.family,
            "estimator": self.estimator,
            "pairs": len(self.pairs),
            "flips": len(self.null),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay the quantities out, and name the pairs that are ordered wrongly.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table, and a line where there are such pairs.
        """
        lines = [quantity_text(self._numbers)]
        if self.misplaced:
            named = ", ".join(f"{a} - {b}" for a, b in self.misplaced[:_NAMED])
            more = len(self.misplaced) - _NAMED
            rest = f", and {more} more" if more > 0 else ""
            lines.append(textwrap.fill(f"Ordered wrongly: {named}{rest}.", width))
        return "\n".join(lines)

    @property
    def _numbers(self) -> dict[str, Interval | float | None]:
        numbers: dict[str, Interval | float | None] = {
            "accuracy": self.accuracy,
            "p value": self.p_value,
        }
        if self.selectivity is not None:
            numbers["accuracy on random pairs"] = float(np.mean(self.control))
            numbers["selectivity"] = self.selectivity
            numbers["p value among random pairs"] = self.control_p_value
        return numbers


@one_blas_thread()
def held_out(
    differences: Differences,
    *,
    embeddings: Embeddings | None = None,
    estimator: ConceptDirection | None = None,
    permutations: int = 200,
    controls: int = CONTROLS,
    folds: int | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> HeldOut:
    """Order each pair by the direction of all pairs that share no word with it.

    Whole connected components of the pair graph are left out, so that no word
    is on both sides of a split. The direction is made of pairs centred at
    their own middles, for what sets pairs apart from each other is not the
    relation; `PrincipalDirection` so becomes the first principal component of
    the difference vectors (Bolukbasi et al. 2016).

    Parameters
    ----------
    differences : Differences
        The family, of at least two components.
    embeddings : Embeddings, optional
        What the differences were taken of, with words in the order of frequency: the
        words of control families are drawn from it. There is no control by default.
    estimator : ConceptDirection, optional
        What makes the direction; `MeanDifference()` by default, which is by far the fastest.
    permutations : int, default 200
        Flips of the null at most, at least 20; all of them where there are fewer.
    controls : int, default 300
        Number of control families, where `embeddings` are given; 0 for none.
    folds : int, optional
        Leave components out in so many folds, to fit slow estimators less often; one
        component at a time by default.
    seed : int, default 0
        Seed of flips and control.
    level : float, default 0.95
        Nominal coverage of the intervals, which rest on the number of independent answers that
        the components are worth (`probes.shared.effective_trials`).

    Returns
    -------
    HeldOut

    Raises
    ------
    InputError
        All pairs are joined by common words, the vocabulary is too small for a control,
        or a number is out of range.

    References
    ----------
    Hewitt and Liang 2019, EMNLP, "Designing and interpreting probes with
    control tasks".

    Bolukbasi et al. 2016, arXiv:1607.06520.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> emb = world.spectrum().embeddings(3)
    >>> found = held_out(difference_vectors(emb, world.relations["attribute 1"]))
    >>> found.accuracy.value, found.p_value, found.misplaced
    (1.0, 0.125, ())
    """
    check_level(level)
    check_draws(name="permutations", draws=permutations, least=20, seed=seed)
    check_draws(name="controls", draws=controls, least=0, seed=seed)
    estimator = MeanDifference() if estimator is None else estimator
    groups = differences.groups
    number = int(groups.max()) + 1
    if number < 2:
        raise InputError(
            f"all {len(groups)} pairs of {differences.name or 'the family'} are joined by "
            "common words, so that none can be held out; add pairs of other words"
        )
    splits = _splits(groups, folds, seed=seed)
    cosines = held_out_cosines(differences, estimator, splits)
    drawn = flips(number, most=permutations, seed=seed)
    null = _flipped_accuracies(differences, estimator, splits, drawn.signs)
    right = (cosines > 0).astype(np.float64)
    control = (
        []
        if embeddings is None
        else _control_accuracies(
            differences, embeddings, estimator, splits, families=controls, seed=seed
        )
    )
    belongs = indicator(groups)
    accuracy = share_interval(
        [in_groups(belongs.T @ right, belongs.sum(axis=0))],
        [1.0],
        level=level,
        over="components of pairs",
    )
    return HeldOut(
        family=differences.name,
        estimator=type(estimator).__name__,
        pairs=differences.pairs,
        cosines=tuple(cosines.tolist()),
        accuracy=accuracy,
        p_value=drawn.p_value(float(right.mean()), null),
        null=tuple(null.tolist()),
        control=tuple(control),
        selectivity=selectivity_interval(accuracy, np.array(control)),
        settings={
            "permutations": permutations,
            "controls": len(control),
            "level": level,
            "seed": seed,
        },
    )


def held_out_cosines(
    differences: Differences, estimator: ConceptDirection, splits: Labels | None = None
) -> Real:
    """Take the cosine of each difference with the direction made without its component.

    Parameters
    ----------
    differences : Differences
        N pairs of at least two components.
    estimator : ConceptDirection
        What makes the direction.
    splits : (N,) int, optional
        Pairs of one number are left out together; the components by default.

    Returns
    -------
    (N,) float
        0 where the difference or the direction is zero.
    """
    splits = differences.groups if splits is None else splits
    lengths = np.sqrt(np.diagonal(differences.gram))
    if isinstance(estimator, MeanDifference):
        others = splits[:, None] != splits
        along = np.sum(differences.gram * others, axis=1)
        # |sum of the others|^2, component by component.
        belongs = others.astype(np.float64)
        sizes = np.einsum("in,nm,im->i", belongs, differences.gram, belongs)
        return _ratio(along, lengths * np.sqrt(np.maximum(sizes, 0.0)))
    rows = row_space(differences.vectors)[0]
    return _ratio(_projections(rows, splits, estimator), lengths)


def _splits(groups: Labels, folds: int | None, *, seed: int) -> Labels:
    """Components in folds of about as many each, as the seed has it."""
    number = int(groups.max()) + 1
    if folds is None or folds >= number:
        return groups
    if folds < 2:
        raise InputError(f"folds is {folds!r}; pass at least 2, or None")
    order: Labels = np.random.default_rng([seed, 1]).permutation(number)
    return np.asarray((order % folds)[groups], dtype=np.int64)


def _projections(rows: Real, splits: Labels, estimator: ConceptDirection) -> Real:
    found = np.zeros(len(rows))
    for split in range(int(splits.max()) + 1):
        out = splits == split
        half = rows[~out] / 2
        labels = np.repeat([0, 1], len(half))
        fitted = clone(estimator).fit(np.vstack([-half, half]), labels)
        found[out] = rows[out] @ fitted.direction_
    return found


def _flipped_accuracies(
    differences: Differences, estimator: ConceptDirection, splits: Labels, signs: Real
) -> Real:
    groups = differences.groups
    if isinstance(estimator, MeanDifference):
        others = splits[:, None] != splits
        of_pairs = signs[:, groups]
        along = of_pairs * (of_pairs @ (differences.gram * others))
        return np.asarray(np.mean(along > 0, axis=1))
    rows = row_space(differences.vectors)[0]
    return np.array(
        [np.mean(_projections(rows * row[groups][:, None], splits, estimator) > 0) for row in signs]
    )


def _control_accuracies(
    differences: Differences,
    embeddings: Embeddings,
    estimator: ConceptDirection,
    splits: Labels,
    *,
    families: int,
    seed: int,
) -> list[float]:
    if not isinstance(estimator, MeanDifference):
        return [
            float(
                np.mean(
                    held_out_cosines(difference_vectors(embeddings, family), estimator, splits) > 0
                )
            )
            for family in matched_pairs(embeddings, differences.pairs, families=families, seed=seed)
        ]
    # They have one graph of pairs, so that all are ordered at once.
    rows = matched_rows(embeddings, differences.pairs, families=families, seed=seed)
    others = splits[:, None] != splits
    step = max(1, _AT_ONCE // (len(differences) * embeddings.dimension))
    found: list[float] = []
    for begin in range(0, families, step):
        first, second = np.moveaxis(rows[begin : begin + step], -1, 0)
        between = embeddings.vectors[second].astype(np.float64) - embeddings.vectors[first]
        grams = between @ np.swapaxes(between, 1, 2)
        found += np.mean(np.sum(grams * others, axis=2) > 0, axis=1).tolist()
    return found


def _ratio(numerator: Real, denominator: Real) -> Real:
    safe = np.where(denominator > 0, denominator, 1.0)
    return np.asarray(np.where(denominator > 0, numerator / safe, 0.0))

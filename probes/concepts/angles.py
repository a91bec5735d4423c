"""Estimate angles between concept directions, without the bias of noise."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from math import acos, degrees
from typing import Literal, get_args

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from probes.concepts.coverage import coverage
from probes.concepts.differences import Differences, difference_vectors
from probes.concepts.shared_pairs import SharedPairs, about_shared_pairs, shared_pairs
from probes.concepts.signal_to_noise.cosine_estimator import CosineEstimator, cosines
from probes.drawing.labels import family_label
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import (
    Interval,
    check_level,
    interval_cells,
    multiplicities,
    percentile_interval,
)
from probes.shared.resampling import check_draws, flips
from probes.shared.several_tests import is_finding
from probes.shared.wording import counted, listed
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
Verdict = Literal["aligned", "opposite", "entangled", "orthogonal", "unclear", "no direction"]
ALIGNED = 0.7
"""A cosine of at least this at both ends of its interval, an angle of at most 46 degrees."""
ORTHOGONAL = 0.25
"""An interval that holds 0 and stays within this: at most 15 degrees off a right angle."""
NEGLIGIBLE = 0.1
"""An interval within this is orthogonal for all purposes, whether or not it holds 0."""
FEWEST_FOR_ANGLES = 4
"""Resamples of fewer groups are too much alike to show how far a direction is known."""
RESAMPLES = 1000
_NAMED = 5
_RELATED: tuple[Verdict, ...] = ("aligned", "opposite", "entangled")


@dataclass(frozen=True)
class ConceptAngle:
    """Cosine of two concept directions.

    Parameters
    ----------
    first, second : str
        Names of the two families f and g.
    cosine : Interval or None
        m_f . m_g / (|m_f| |m_g|) of the means themselves, estimated from
        products of differences that share no word; None where one of the
        families has no mean that can be told from zero, or where common words
        join the pairs of both into too few groups.
    naive : float
        Cosine of the two mean differences as they are: noise makes it too
        small, words that both families use too large.
    p_value : float
        p-value of the null that one family's differences have no part along the
        other's mean.
    adjusted : float
        That p-value adjusted for the number of angles (Benjamini and Hochberg 1995).
    verdict : str
        ``"aligned"`` or ``"opposite"``: the interval lies beyond 0.7 or −0.7.
        ``"orthogonal"``: it lies within 0.25 and holds 0, or lies within 0.1.
        ``"entangled"``: none of these, it leaves out 0, and the adjusted p-value is
        below 0.05. ``"unclear"``: the rest. ``"no direction"``: there is no cosine.

    Examples
    --------
    >>> half = Interval(0.5, 0.4, 0.6)
    >>> one = ConceptAngle("plural", "past tense", half, 0.3, 0.001, 0.004, "entangled")
    >>> print(one.angle)
    60.000 [53.130, 66.422]
    """

    first: str
    second: str
    cosine: Interval | None
    naive: float
    p_value: float
    adjusted: float
    verdict: Verdict

    @property
    def angle(self) -> Interval | None:
        """Angle in degrees; None where there is no cosine."""
        if self.cosine is None:
            return None
        value, high, low = (
            degrees(acos(max(-1.0, min(1.0, c))))
            for c in (self.cosine.value, self.cosine.low, self.cosine.high)
        )
        return Interval(
            value, min(low, value), max(high, value), self.cosine.level, self.cosine.method
        )


@dataclass(frozen=True)
class ConceptAngles(Result):
    """Angles between all concepts of a collection.

    Parameters
    ----------
    names : tuple of str
        Families with at least four groups of pairs without a common word.
    angles : tuple of ConceptAngle
        One for each two of them.
    left_out : tuple of str
        Families with fewer groups.
    settings : dict
        Resamples, flips at most, level and seed.
    shared : tuple of SharedPairs
        Families that have pairs in common, whose cosine is of the same words.

    Examples
    --------
    >>> from probes import Relations
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = concept_angles(world.spectrum().embeddings(4), Relations(world.relations))
    >>> np.abs(found.matrix.round(6))
    array([[1., 0., 0., 0.],
           [0., 1., 0., 0.],
           [0., 0., 1., 0.],
           [0., 0., 0., 1.]])
    >>> print(found.summary())
    Of 6 pairs of relations, 6 are orthogonal. Not one is shown to be related.
    """

    name = "angles"
    figure = "probes.figures.relations.concepts:plot_concept_angles"

    names: tuple[str, ...]
    angles: tuple[ConceptAngle, ...]
    left_out: tuple[str, ...]
    settings: dict[str, Cell]
    shared: tuple[SharedPairs, ...] = ()

    @property
    def matrix(self) -> Real:
        """(n, n) Cosines, symmetric, with ones on the diagonal; NaN where there is none."""
        place = {name: k for k, name in enumerate(self.names)}
        found = np.full((len(self.names),) * 2, np.nan)
        np.fill_diagonal(found, 1.0)
        for one in self.angles:
            if one.cosine is not None:
                i, j = place[one.first], place[one.second]
                found[i, j] = found[j, i] = one.cosine.value
        return found

    @property
    def graph(self) -> nx.Graph:
        """Graph of concepts, joined where they are aligned, opposite or entangled.

        Edges have the attributes ``cosine``, ``weight`` (its size) and ``verdict``.
        """
        graph = nx.Graph()
        graph.add_nodes_from(self.names)
        for one in self.angles:
            if one.cosine is not None and one.verdict in _RELATED:
                graph.add_edge(
                    one.first,
                    one.second,
                    cosine=one.cosine.value,
                    weight=abs(one.cosine.value),
                    verdict=one.verdict,
                )
        return graph

    def summary(self) -> str:
        """Say how many relations are aligned, opposite, entangled, orthogonal or neither.

        Returns
        -------
        str
            One paragraph.
        """
        number = Counter(one.verdict for one in self.angles)
        verdicts = [
            f"{number[verdict]} {'is' if number[verdict] == 1 else 'are'} "
            + ("without a cosine" if verdict == "no direction" else verdict)
            for verdict in get_args(Verdict)
            if number[verdict]
        ]
        text = f"Of {counted(len(self.angles), 'pair')} of relations, {listed(verdicts)}."
        if not any(number[verdict] for verdict in _RELATED):
            text += " Not one is shown to be related."
        if number["entangled"]:
            text += (
                " Entangled means a cosine other than 0 that is not near 1, at a rate of false "
                "discoveries of 5 %."
            )
        if number["unclear"]:
            text += " Where it is unclear, the interval of the cosine is too wide to tell."
        if number["no direction"]:
            text += (
                " There is no cosine where a mean cannot be told from zero, or where common words "
                "join the pairs of both into too few groups."
            )
        return " ".join(filter(None, [text, about_shared_pairs(self.shared)]))

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each two concepts.

        Returns
        -------
        list of dict
            Pairs in common, cosine with its interval, angle in degrees, p-values and verdict.
        """
        common = {(one.first, one.second): one.number for one in self.shared}
        return [
            {
                "first": one.first,
                "second": one.second,
                "shared_pairs": common.get((one.first, one.second), 0),
                **interval_cells("cosine", one.cosine, missing="no direction"),
                "angle": one.angle.value if one.angle else None,
                "naive_cosine": one.naive,
                "p_value": one.p_value,
                "adjusted_p_value": one.adjusted,
                "verdict": one.verdict,
            }
            for one in self.angles
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of families and angles, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.names),
            "angles": len(self.angles),
            "left_out": ", ".join(self.left_out),
            "null": "order flipped within the pairs of one family",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """List the concepts that are related, the strongest first, one line a kind.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width.
        """
        lines = []
        for verdict in _RELATED:
            found = [
                (one, one.cosine) for one in self.angles if one.verdict == verdict and one.cosine
            ]
            found.sort(key=lambda pair: -abs(pair[1].value))
            if not found:
                continue
            named = "; ".join(
                f"{family_label(one.first)} and {family_label(one.second)} {cosine}"
                for one, cosine in found[:_NAMED]
            )
            rest = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            lines.append(f"{verdict.capitalize()} (cosine of the means): {named}{rest}.")
        if not lines:
            lines.append("No two relations are aligned, opposite or entangled.")
        return "\n".join(textwrap.fill(line, width) for line in lines)


@one_blas_thread()
def concept_angles(
    embeddings: Embeddings,
    relations: Relations,
    *,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
    permutations: int = RESAMPLES,
) -> ConceptAngles:
    """Estimate the angles between the concept directions of all families.

    The cosine of two sample means is biased towards zero by their noise, and
    away from it by words that both families use ("run" in running and in ran).
    Here numerator and denominator are means over products of differences that
    share no word, each without bias. The interval is a bootstrap over the
    connected components of both families' pairs together; p-values flip the
    order within the pairs of one family.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors. For the causal inner product pass those of
        `probes.concepts.whitened`.
    relations : Relations
        Two families at least.
    seed : int, default 0
        Seed of resamples and flips.
    level : float, default 0.95
        Nominal coverage of the intervals.
    resamples : int, default 1000
        Resamples of the bootstrap.
    permutations : int, default 1000
        Flips of the null at most.

    Returns
    -------
    ConceptAngles
        One angle for each two families.

    Raises
    ------
    InputError
        Fewer than two families have four groups of pairs without a common word.

    References
    ----------
    Benjamini and Hochberg 1995, Journal of the Royal Statistical Society B 57.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> two = Relations(world.relations).select(["attribute 1", "attribute 2"])
    >>> found = concept_angles(world.spectrum().embeddings(6), two)
    >>> found.angles[0].verdict, round(found.angles[0].angle.value, 3)
    ('orthogonal', 90.0)
    """
    check_level(level)
    check_draws(name="resamples", draws=resamples, least=100, seed=seed)
    check_draws(name="permutations", draws=permutations, least=100, seed=seed)
    families = [
        difference_vectors(embeddings, family.pairs, name=family.family)
        for family in coverage(relations, embeddings).families
        if family.pairs
    ]
    usable = [family for family in families if family.groups.max() + 1 >= FEWEST_FOR_ANGLES]
    if len(usable) < 2:
        raise InputError(
            f"{len(usable)} of the families of {relations.name or 'the relations'} have "
            f"{FEWEST_FOR_ANGLES} groups of pairs without a common word; an angle needs two such"
        )
    names = tuple(family.name for family in usable)
    measured = [
        _measure(f, g, seed=seed, level=level, resamples=resamples, permutations=permutations)
        for f, g in combinations(usable, 2)
    ]
    adjusted = stats.false_discovery_control([p for _, _, p in measured])
    angles = [
        ConceptAngle(f, g, cosine, naive, p, float(q), _verdict(cosine, float(q)))
        for (f, g), (cosine, naive, p), q in zip(
            combinations(names, 2), measured, adjusted, strict=True
        )
    ]
    left_out = tuple(name for name in relations.families if name not in names)
    settings: dict[str, Cell] = {
        "resamples": resamples,
        "permutations": permutations,
        "level": level,
        "seed": seed,
    }
    # Of the pairs that are used, and not of all in the file.
    shared = shared_pairs({family.name: family.pairs for family in usable})
    return ConceptAngles(names, tuple(angles), left_out, settings, shared)


def _measure(
    f: Differences, g: Differences, *, seed: int, level: float, resamples: int, permutations: int
) -> tuple[Interval | None, float, float]:
    products = CosineEstimator.of(f, g)
    number = len(products.first_sizes)
    norms = float(np.linalg.norm(f.mean) * np.linalg.norm(g.mean))
    naive = float(f.mean @ g.mean) / norms if norms else 0.0
    drawn = flips(number, most=permutations, seed=seed)
    p_values = []
    for side in ("first", "second"):
        null = np.abs(products.flipped(drawn.signs, side))
        observed = float(np.abs(products.flipped(np.ones((1, number)), side))[0])
        p_values.append(drawn.p_value(observed, null))
    # A part along the other's mean has to show from both sides.
    p_value = max(p_values)
    value = float(cosines(*products.means(np.ones((1, number))))[0])
    if not np.isfinite(value):
        return None, naive, p_value
    times = multiplicities(number, resamples, np.random.default_rng([seed, 2]))
    resampled = cosines(*products.means(times))
    kept = resampled[np.isfinite(resampled)]
    # Where more than the interval leaves out has no direction, neither have we.
    if len(kept) < level * resamples:
        return None, naive, p_value
    method = f"bootstrap over {number} components of both families' pairs, {len(kept):,} resamples"
    found = percentile_interval(value, kept, level=level, method=method)
    return found, naive, p_value


def _verdict(cosine: Interval | None, adjusted: float) -> Verdict:
    if cosine is None:
        return "no direction"
    if cosine.low >= ALIGNED:
        return "aligned"
    if cosine.high <= -ALIGNED:
        return "opposite"
    margin = ORTHOGONAL if 0.0 in cosine else NEGLIGIBLE
    if cosine.low >= -margin and cosine.high <= margin:
        return "orthogonal"
    return "entangled" if 0.0 not in cosine and is_finding(adjusted) else "unclear"

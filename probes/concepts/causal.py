"""Compare concept directions under the plain and the causal inner product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

from probes.concepts.angles import FEWEST_FOR_ANGLES, ConceptAngles, concept_angles
from probes.concepts.coverage import coverage
from probes.concepts.differences import difference_vectors
from probes.concepts.directions.held_out import held_out
from probes.concepts.directions.inner_product import CausalInnerProduct
from probes.concepts.signal_to_noise.signal import signal
from probes.drawing.labels import family_label
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.several_tests import holm, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, listed
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENOUGH = 10
"""So many words a dimension, and the covariance is taken as it is."""
_INNER = ("plain", "causal")


@dataclass(frozen=True)
class CausalFamily:
    """One concept under one inner product.

    Parameters
    ----------
    family : str
        Its name.
    inner : {"plain", "causal"}
        The inner product.
    pairs, groups : int
        Its pairs, and those without a common word.
    accuracy : Interval
        Share of held-out pairs that the direction of the others orders rightly.
    p_value : float
        Of that, with the order within pairs flipped.
    share : Interval
        Common share of a squared difference, in the norm of the inner product.

    Examples
    --------
    >>> half = Interval(0.5, 0.4, 0.6)
    >>> CausalFamily("plural", "causal", 20, 20, half, 0.4, half).inner
    'causal'
    """

    family: str
    inner: str
    pairs: int
    groups: int
    accuracy: Interval
    p_value: float
    share: Interval


@dataclass(frozen=True)
class CausalGeometry(Result):
    """Concept directions under the plain and under the causal inner product.

    Parameters
    ----------
    families : tuple of CausalFamily
        Two for each concept, the plain one first.
    plain, causal : ConceptAngles or None
        Cosines between the concepts under either; None with fewer than two concepts.
    left_out : tuple of str
        Concepts with fewer than four groups of pairs without a common word.
    settings : dict
        Words and dimensions of the covariance, its rank, condition and shrinkage; seed.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = causal_geometry(world.spectrum().embeddings(4), Relations(world.relations))
    >>> found.sizes()["causal"].round(6)
    array([0., 0., 0., 0., 0., 0.])
    """

    name = "causal"
    columns: ClassVar[Mapping[str, str]] = {
        "right": "held-out pairs in the right order, in per cent; half by chance. 'causal' is by "
        "x' Cov^-1 y, Cov the covariance of all words (Park, Choe and Veitch 2023)",
        "share": "of a squared difference, what all pairs have in common, in per cent",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps intervals, p-values and every cosine; in Python "
        "`probes.concepts.whitened` makes embeddings whose plain inner product is the causal one, "
        "for every other probe."
    )

    families: tuple[CausalFamily, ...]
    plain: ConceptAngles | None
    causal: ConceptAngles | None
    left_out: tuple[str, ...]
    settings: dict[str, Cell] = field(repr=False)

    def sizes(self) -> dict[str, np.ndarray]:
        """Give the sizes of the cosines that both inner products know.

        Returns
        -------
        dict of str to ndarray
            Under ``"plain"`` and ``"causal"``, in one order.
        """
        if self.plain is None or self.causal is None:
            return {name: np.zeros(0) for name in _INNER}
        both = [
            (abs(a.cosine.value), abs(b.cosine.value))
            for a, b in zip(self.plain.angles, self.causal.angles, strict=True)
            if a.cosine is not None and b.cosine is not None
        ]
        return dict(zip(_INNER, np.array(both).reshape(-1, 2).T, strict=True))

    def adjusted(self) -> list[float]:
        """Adjust the p-values for the number of concepts, under each inner product apart.

        Returns
        -------
        list of float
            In the order of `families` (Holm 1979).
        """
        found = {
            inner: iter(holm([one.p_value for one in self.families if one.inner == inner]))
            for inner in _INNER
        }
        return [next(found[one.inner]) for one in self.families]

    def summary(self) -> str:
        """Say what the causal inner product changes, and how its covariance was made.

        Returns
        -------
        str
            One paragraph.
        """
        parts = []
        sizes = self.sizes()
        number = len(sizes["plain"])
        if number:
            smaller = int(np.count_nonzero(sizes["causal"] < sizes["plain"]))
            parts.append(
                f"Two concepts have a cosine of {sizes['plain'].mean():.2f} in the mean of its "
                f"size under the plain inner product, of {sizes['causal'].mean():.2f} under the "
                f"causal one, which is the smaller for {smaller} of {counted(number, 'pair')} of "
                "concepts."
            )
        else:
            parts.append("No two concepts have a cosine under both inner products.")
        ordered = [
            one.inner
            for one, p in zip(self.families, self.adjusted(), strict=True)
            if is_finding(p)
        ]
        told = [f"{ordered.count(inner)} ({inner})" for inner in _INNER]
        concepts = counted(len(self.families) // 2, "concept")
        parts.append(
            f"Of {concepts}, held-out pairs are in order beyond chance for {listed(told)} (p below "
            "0.05 after Holm's adjustment, under each apart)."
        )
        said = self.settings
        shrunk = (
            f"shrunk by {said['shrinkage']:.2g} towards equal variances"
            if said["shrinkage"]
            else "not shrunk"
        )
        parts.append(
            f"The covariance is of {said['words']:,} words in {said['d']:,} dimensions, "
            f"{shrunk}; its condition is {said['condition']:.2g}."
        )
        if int(str(said["words"])) < 2 * int(str(said["d"])):
            parts.append(
                "That is few words for so many dimensions: what is orthogonal may be so for want "
                "of words."
            )
        if self.left_out:
            parts.append(f"Left out, with too few pairs: {listed(self.left_out)}.")
        return " ".join(parts)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each concept and inner product.

        Returns
        -------
        list of dict
            Accuracy with its interval and p-value, and the share with its.
        """
        return [
            {
                "family": one.family,
                "inner_product": one.inner,
                "pairs": one.pairs,
                "groups": one.groups,
                **interval_cells("accuracy", one.accuracy, missing=""),
                "p_value": one.p_value,
                "adjusted": adjusted,
                "share": one.share.value,
                "share_low": one.share.low,
                "share_high": one.share.high,
            }
            for one, adjusted in zip(self.families, self.adjusted(), strict=True)
        ]

    def parts(self) -> dict[str, Result]:
        """Give the concepts, and the cosines between them under either inner product.

        Returns
        -------
        dict of str to Result
            ``causal``, and where there are several concepts ``angles-plain``, ``angles-causal``.
        """
        angles = {"angles-plain": self.plain, "angles-causal": self.causal}
        return {self.name: self, **{name: one for name, one in angles.items() if one is not None}}

    def rests_on(self) -> dict[str, Cell]:
        """Give how the covariance was made, numbers of concepts and pairs, and the seed.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.families) // 2,
            "pairs": sum(one.pairs for one in self.families) // 2,
            "left_out": ", ".join(self.left_out),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out one line a concept, both inner products beside each other.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table.
        """
        rows = []
        for plain, causal in zip(self.families[::2], self.families[1::2], strict=True):
            cells = [
                f"{100 * found.value:.0f}"
                for found in (plain.accuracy, causal.accuracy, plain.share, causal.share)
            ]
            rows.append((family_label(plain.family), str(plain.pairs), *cells))
        head = ("concept", "N", "right", "causal right", "share", "causal share")
        return fixed_width(head, rows, width=width)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the common share of each concept under both inner products, with intervals.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
        """
        from probes.drawing.interval_rows import plot_intervals

        series = {
            inner: {one.family: one.share for one in self.families if one.inner == inner}
            for inner in _INNER
        }
        return plot_intervals(series, label="common share of a squared difference", ax=ax)


@one_blas_thread()
def _shrinkage(embeddings: Embeddings) -> float:
    vectors = embeddings.vectors.astype(np.float64)
    return float(ledoit_wolf_shrinkage(vectors))


def causal_geometry(
    embeddings: Embeddings,
    relations: Relations,
    *,
    shrinkage: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> CausalGeometry:
    """Look at concepts under the plain and under the causal inner product.

    The causal inner product of two directions is x^T Cov^{-1} y, with the covariance of the
    unembeddings of all words; concepts that can be changed each on its own are orthogonal under it
    (Park, Choe and Veitch 2023). It can be had of the unembedding of a model, and of any
    embeddings. Cosines between concepts are without the bias of noise
    (`probes.concepts.concept_angles`).

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors, such as a model's unembedding.
    relations : Relations
        Counterfactual pairs by concept.
    shrinkage : float, optional
        Of the covariance towards equal variances, from 0 to 1. By default 0 where there are ten
        words a dimension, else as Ledoit and Wolf estimate it.
    seed : int, default 0
        Seed of flips and resamples.
    progress : Progress
        What is told how many concepts are done.

    Returns
    -------
    CausalGeometry

    Raises
    ------
    InputError
        No concept has four groups of pairs without a common word, or the shrinkage is out of
        range.

    References
    ----------
    Park, Choe and Veitch 2023, arXiv:2311.03658. Ledoit and Wolf 2004, Journal of Multivariate
    Analysis 88, 365-411.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> found = causal_geometry(world.spectrum().embeddings(4), Relations(world.relations))
    >>> found.rests_on()["shrinkage"] > 0  # 16 words in 4 dimensions
    True
    """
    relations.within(embeddings)  # refuses a vocabulary without a single pair
    enough = {
        one.family: one.pairs
        for one in coverage(relations, embeddings).families
        if len(one.components) >= FEWEST_FOR_ANGLES
    }
    if not enough:
        raise InputError(
            f"no concept has {FEWEST_FOR_ANGLES} groups of pairs without a common word in the "
            "vocabulary; pass larger ones"
        )
    if shrinkage is None:
        plenty = len(embeddings) >= ENOUGH * embeddings.dimension
        shrinkage = 0.0 if plenty else _shrinkage(embeddings)
    made = CausalInnerProduct(shrinkage).fit(embeddings.vectors)
    white = Embeddings(
        embeddings.words, made.transform(embeddings.vectors), f"{embeddings.name} whitened".strip()
    )
    found = []
    for done, (family, pairs) in enumerate(enough.items()):
        progress("inner products", done, len(enough), "concepts")
        for inner, given in zip(_INNER, (embeddings, white), strict=True):
            rows = difference_vectors(given, pairs, name=family)
            ordered = held_out(rows, seed=seed, permutations=999)
            share = signal(rows, seed=seed).share
            found.append(
                CausalFamily(
                    family,
                    inner,
                    len(rows),
                    int(rows.groups.max()) + 1,
                    ordered.accuracy,
                    ordered.p_value,
                    share,
                )
            )
    progress("inner products", len(enough), len(enough), "concepts")
    several = Relations(enough)
    angles = [
        concept_angles(given, several, seed=seed) if len(enough) > 1 else None
        for given in (embeddings, white)
    ]
    return CausalGeometry(
        families=tuple(found),
        plain=angles[0],
        causal=angles[1],
        left_out=tuple(name for name in relations.families if name not in enough),
        settings={
            "words": len(embeddings),
            "d": embeddings.dimension,
            "rank": made.rank_,
            "condition": made.condition_,
            "shrinkage": shrinkage,
            "seed": seed,
        },
    )

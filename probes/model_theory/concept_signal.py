"""Tell whether concepts that are clean directions in M* are clean directions in a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probes.concepts.differences import difference_vectors
from probes.concepts.matched_pairs import can_be_matched, matched_rows
from probes.concepts.signal_to_noise.share_estimator import ShareEstimator
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS, signal
from probes.drawing.labels import family_label
from probes.relations.relations import Pair, Relations
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval, interval_cells
from probes.shared.rank_correlation import RankCorrelation, rank_correlation
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.storage.tables import Cell, write_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESAMPLES = 2000
FEWEST_FAMILIES = 4
"""With three families every ranking agrees or not by chance once in six times."""


@dataclass(frozen=True)
class FamilyShare:
    """Common share of a family's differences in one space, beside that of random pairs.

    Parameters
    ----------
    family : str
        Name of the family.
    pairs : int
        Pairs with both words among those shared.
    share : Interval
        Share of a squared difference that is common to the pairs; SNR = share / (1 − share).
    by_frequency : float
        Mean share of families of random pairs of the same frequencies.
    """

    family: str
    pairs: int
    share: Interval
    by_frequency: float

    @property
    def beyond(self) -> float:
        """Share less what frequency gives."""
        return self.share.value - self.by_frequency


@dataclass(frozen=True)
class ConceptPrediction(Result):
    """Rank correlation over concepts of their share in M* and in each space.

    A share s is a signal-to-noise ratio s / (1 − s) in another unit, of the same order.

    Parameters
    ----------
    theory : tuple of FamilyShare
        In the embeddings of M*.
    model : mapping of str to tuple of FamilyShare
        Of the same families, by space.
    correlations : mapping of str to RankCorrelation or None
        Of the shares less those of random pairs of the same frequencies; None where a space has
        one share for all.
    plain : mapping of str to RankCorrelation or None
        Of the shares as they are.
    left_out : tuple of str
        Families with too few pairs.
    settings : dict
        Words, modes, controls, resamples and seed.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.1])
    >>> emb = world.spectrum().embeddings(6)
    >>> found = concept_prediction(
    ...     emb, [("the same", emb)], Relations(world.relations), controls=0
    ... )
    >>> round(found.correlations["the same"].rho.value, 6), found.correlations["the same"].points
    (1.0, 5)
    """

    name = "theory-concepts"
    columns: ClassVar[Mapping[str, str]] = {
        "beyond frequency": "Spearman's correlation over relations between the common share in "
        "M* and in the space, each less the mean of random pairs of the same frequencies; 95 % "
        "interval",
        "p": "of that, by permuting the relations",
        "as it is": "the same of the shares themselves, frequency and all",
        "mean share": "over relations, in the space",
    }

    theory: tuple[FamilyShare, ...]
    model: Mapping[str, tuple[FamilyShare, ...]]
    correlations: Mapping[str, RankCorrelation | None]
    plain: Mapping[str, RankCorrelation | None]
    left_out: tuple[str, ...]
    settings: dict[str, Cell] = field(repr=False)

    def summary(self) -> str:
        """Say where the order of concepts in M* is that in the model, and how sure that is.

        Returns
        -------
        str
            One paragraph.
        """
        known = {space: one for space, one in self.correlations.items() if one is not None}
        number = len(self.theory)
        out = f" Left out, with too few pairs: {len(self.left_out)}." if self.left_out else ""
        if not known:
            return f"No space tells {number} relations apart by their share.{out}"
        best = max(known, key=lambda space: known[space].rho.value)
        above = sum(one.rho.low > 0 for one in known.values())
        rho = known[best].rho
        several = (
            f", the largest of {len(known)} spaces and so on the high side"
            if len(known) > 1
            else ""
        )
        return (
            f"Over {number} relations, the share that is common to the pairs in M* goes with that "
            f"in {best} by a rank correlation of {with_interval(rho, '.2f')}{several}. The "
            f"interval is above 0 in {above} of {len(known)}.{out}"
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each space.

        Returns
        -------
        list of dict
            Rank correlation beyond frequency with its interval and p-value, the plain one, the
            number of relations, and their mean share.
        """
        rows: list[dict[str, Cell]] = []
        for space, families in self.model.items():
            one, plain = self.correlations[space], self.plain[space]
            rows.append(
                {
                    "space": space,
                    **interval_cells(
                        "rank_correlation",
                        None if one is None else one.rho,
                        missing="one share for all",
                    ),
                    "p": None if one is None else one.p_value,
                    "relations": len(families),
                    "rank_correlation_as_it_is": None if plain is None else plain.rho.value,
                    "mean_share": float(np.mean([each.share.value for each in families])),
                }
            )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of relations and pairs, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "relations": len(self.theory),
            "pairs": sum(one.pairs for one in self.theory),
            "left_out": ", ".join(self.left_out),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the correlation of each space.

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
        for space, families in self.model.items():
            one, plain = self.correlations[space], self.plain[space]
            rows.append(
                (
                    space,
                    "-" if one is None else with_interval(one.rho, ".2f"),
                    "-" if one is None else f"{one.p_value:.2g}",
                    "-" if plain is None else f"{plain.rho.value:.2f}",
                    f"{np.mean([each.share.value for each in families]):.2f}",
                )
            )
        head = ("space", "beyond frequency", "p", "as it is", "mean share")
        return fixed_width(head, rows, width=width)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rank correlation of each space with its interval.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        NothingToDrawError
            There is no correlation.
        """
        from probes.drawing.interval_rows import plot_intervals

        numbers = {
            space: None if one is None else one.rho for space, one in self.correlations.items()
        }
        return plot_intervals(
            numbers,
            label=f"rank correlation with M* of the share of {len(self.theory)} relations",
            reference=0.0,
            ax=ax,
        )

    def family_rows(self) -> list[dict[str, Cell]]:
        """Give one row for each space and family, M* first.

        Returns
        -------
        list of dict
            Share with its interval, and that of random pairs of the same frequencies.
        """
        return [
            {
                "space": space,
                "family": one.family,
                "relation": family_label(one.family),
                "pairs": one.pairs,
                **interval_cells("share", one.share, missing=""),
                "share_by_frequency": one.by_frequency,
            }
            for space, families in {"M*": self.theory, **self.model}.items()
            for one in families
        ]

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write the share of each family in each space.

        Parameters
        ----------
        folder : Path
            Where the tables are.

        Returns
        -------
        tuple of Path
            ``theory-families.csv`` and ``.json``.

        Raises
        ------
        InputError
            A file cannot be written.
        """
        write_table(self.family_rows(), folder, "theory-families")
        return (folder / "theory-families.csv", folder / "theory-families.json")


def concept_prediction(
    theory: Embeddings,
    spaces: Iterable[tuple[str, Embeddings]],
    relations: Relations,
    *,
    controls: int,
    seed: int = 0,
    level: float = 0.95,
) -> ConceptPrediction:
    """Correlate over relations the common share in M* with that in each space.

    Parameters
    ----------
    theory : Embeddings
        Of M*, words in the order of frequency.
    spaces : iterable of (str, Embeddings)
        The same words in the same order, by the name of the place.
    relations : Relations
        The families.
    controls : int
        Families of random pairs of the same frequencies for each, whose mean share is
        subtracted; 0 for none.
    seed : int, default 0
        Seed of controls and resamples.
    level : float, default 0.95
        Nominal coverage of the intervals.

    Returns
    -------
    ConceptPrediction

    Raises
    ------
    InputError
        Fewer than four relations have three groups of pairs without a common word.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> emb = world.spectrum().embeddings(6)
    >>> flat = Embeddings(emb.words, np.random.default_rng(0).normal(size=emb.vectors.shape))
    >>> found = concept_prediction(emb, [("noise", flat)], Relations(world.relations), controls=0)
    >>> 0.0 in found.correlations["noise"].rho
    True
    """
    families = usable_families(theory, relations)
    if len(families) < FEWEST_FAMILIES:
        raise InputError(
            f"{len(families)} relations have three groups of pairs or more without a common word "
            f"among the shared words; at least {FEWEST_FAMILIES} are needed for a rank correlation"
        )
    own = family_shares(theory, families, controls=controls, seed=seed, level=level)
    there: dict[str, tuple[FamilyShare, ...]] = {}
    beyond: dict[str, RankCorrelation | None] = {}
    plain: dict[str, RankCorrelation | None] = {}
    for name, space in spaces:
        found = family_shares(space, families, controls=controls, seed=seed, level=level)
        known = {one.family for one in found}
        both = [one for one in own if one.family in known]
        there[name] = found
        beyond[name], plain[name] = (
            rank_correlation(first, second, seed=seed, level=level, resamples=RESAMPLES)
            for first, second in (
                ([one.beyond for one in both], [one.beyond for one in found]),
                ([one.share.value for one in both], [one.share.value for one in found]),
            )
        )
    return ConceptPrediction(
        theory=own,
        model=there,
        correlations=beyond,
        plain=plain,
        left_out=tuple(name for name in relations.families if name not in families),
        settings={
            "controls": controls,
            "resamples": RESAMPLES,
            "level": level,
            "seed": seed,
        },
    )


def family_shares(
    space: Embeddings,
    families: Mapping[str, Sequence[Pair]],
    *,
    controls: int,
    seed: int,
    level: float,
) -> tuple[FamilyShare, ...]:
    """Estimate the common share of each family, and of random pairs in its place.

    Parameters
    ----------
    space : Embeddings
        Words in the order of frequency.
    families : mapping of str to sequence of (str, str)
        Pairs of words that are all there.
    controls : int
        Families of random pairs for each.
    seed : int
        Seed of the random pairs; the same words are drawn in every space.
    level : float
        Nominal coverage of the intervals.

    Returns
    -------
    tuple of FamilyShare
        Without families whose words have one vector each, as where only the last piece of a
        word is seen. Where there are too few other words for random pairs, nothing is taken off.
    """
    vectors = space.vectors.astype(np.float64)
    found = []
    for name, pairs in families.items():
        differences = difference_vectors(space, pairs, name=name)
        if not differences.vectors.any():
            continue
        by_frequency = 0.0
        if controls and can_be_matched(space, differences.pairs):
            rows = matched_rows(space, differences.pairs, families=controls, seed=seed)
            apart = vectors[rows[:, :, 1]] - vectors[rows[:, :, 0]]
            grams = apart @ apart.transpose(0, 2, 1)
            by_frequency = float(ShareEstimator.of(grams, differences).shares().mean())
        share = signal(differences, seed=seed, level=level).share
        found.append(FamilyShare(name, len(differences), share, by_frequency))
    return tuple(found)


def usable_families(theory: Embeddings, relations: Relations) -> dict[str, tuple[Pair, ...]]:
    """Find the families with enough pairs among the words.

    Parameters
    ----------
    theory : Embeddings
        The words.
    relations : Relations
        The families.

    Returns
    -------
    dict of str to tuple of (str, str)
        Pairs by family, of three groups without a common word or more.
    """
    families: dict[str, tuple[Pair, ...]] = {}
    for name, pairs in relations.families.items():
        try:
            known = difference_vectors(theory, pairs, name=name)
        except InputError:
            continue
        if known.groups.max() + 1 >= FEWEST_GROUPS:
            families[name] = known.pairs
    return families

"""Localise the mean difference of a relation on the modes of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probes.concepts.differences import Differences
from probes.result import WIDTH, Result
from probes.shared.intervals import (
    Interval,
    check_level,
    interval_cells,
    multiplicities,
    percentile_interval,
)
from probes.shared.resampling import check_draws, flips, indicator
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from probes.topics.topics import Modes, TopicTable, topics
from repsearch.checks import is_whole
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

Real = NDArray[np.float64]
RESAMPLES = 1000
FEWEST_GROUPS = 3
"""Resamples of fewer groups are too much alike to show a spread."""
_SAID = 3


@dataclass(frozen=True)
class Localisation(Result):
    """Shares of the squared mean difference on each of the leading modes.

    Parameters
    ----------
    family : str
        Name of the family.
    shares : tuple of Interval
        p_k = m_k^2 / sum_j m_j^2 of the mean m, for modes 1 to d; they sum to 1.
    ipr : Interval
        Inverse participation ratio, the sum of p_k^2, between 1/d (spread
        evenly) and 1 (on one mode).
    null_ipr : Interval
        Its median, with the interval that holds it at the same level, when the
        order within pairs means nothing.
    p_value : float
        Probability under that null of an `ipr` as large.
    settings : dict
        Pairs, groups of pairs without a common word, resamples, level and seed.
    topics : TopicTable or None
        Words at both ends of the modes with the largest shares.
    part : float or None
        Share of |m|^2 that lies on modes 1 to d; None where there are no others.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> emb = world.spectrum().embeddings(3)
    >>> found = localise(difference_vectors(emb, world.relations["attribute 2"]))
    >>> found.leading(1), round(found.shares[1].value, 6), round(found.ipr.value, 6)
    ((2,), 1.0, 1.0)
    """

    name = "localisation"
    figure = "probes.figures.relations.concepts:plot_localisation"

    family: str
    shares: tuple[Interval, ...] = field(repr=False)
    ipr: Interval
    null_ipr: Interval
    p_value: float
    settings: dict[str, Cell] = field(repr=False)
    topics: TopicTable | None = field(default=None, repr=False)
    part: float | None = None

    @property
    def evenly(self) -> float:
        """Least ratio there can be, 1/d."""
        return 1 / len(self.shares)

    @property
    def within(self) -> str:
        """Of what the shares are shares, where modes were left out; empty where none were."""
        if self.part is None:
            return ""
        return f"of its part on the first {len(self.shares)} modes"

    def leading(self, most: int = 7) -> tuple[int, ...]:
        """Give the numbers of the modes with the largest shares.

        Parameters
        ----------
        most : int, default 7
            Modes at most.

        Returns
        -------
        tuple of int
            From 1, the largest share first.
        """
        values = np.array([share.value for share in self.shares])
        return tuple(int(k) + 1 for k in np.argsort(-values, kind="stable")[:most])

    def words(self, mode: int) -> str | None:
        """Give the words at both ends of a mode.

        Parameters
        ----------
        mode : int
            Its number, from 1.

        Returns
        -------
        str or None
            The words of the positive end, a bar, those of the negative end; None where they are
            not known.
        """
        ends = {
            topic.end: ", ".join(topic.words)
            for topic in (self.topics.topics if self.topics else ())
            if topic.mode == mode
        }
        return f"{ends['+']} | {ends['-']}" if len(ends) == 2 else None

    def summary(self) -> str:
        """Say where the mean lies, and whether that is more than chance.

        Returns
        -------
        str
            One paragraph.
        """
        modes = ", ".join(
            f"{mode} ({with_interval(self.shares[mode - 1], '.0%')})"
            for mode in self.leading(_SAID)
        )
        place = (
            "lies on fewer modes than chance would have it"
            if is_finding(self.p_value)
            else "is spread over the modes as chance would have it"
        )
        return (
            f"The mean difference of {self.family or 'the family'} {place}: its inverse "
            f"participation ratio is {with_interval(self.ipr)}, that of flipped pairs "
            f"{with_interval(self.null_ipr)} (p = {self.p_value:.2g}). The largest shares of its "
            f"square{f' ({self.within})' if self.within else ''} are on modes {modes}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode.

        Returns
        -------
        list of dict
            Share with its interval; words of the mode where they are known.
        """
        return [
            {
                "family": self.family,
                "mode": mode,
                **interval_cells("share", share, missing=""),
                "words": self.words(mode),
            }
            for mode, share in enumerate(self.shares, 1)
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, the number of modes, pairs, and settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "family": self.family,
            "modes": len(self.shares),
            "part_on_these": 1.0 if self.part is None else self.part,
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the modes with the largest shares.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table.
        """
        rows = [
            (str(mode), with_interval(self.shares[mode - 1], ".2f"), self.words(mode) or "")
            for mode in self.leading()
        ]
        return fixed_width(("mode", "share", "words"), rows, left=(2,))


def localise(
    differences: Differences,
    *,
    d: int = 100,
    source: Modes | Embeddings | None = None,
    modes: int = 7,
    words_per_end: int = 4,
    seed: int = 0,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Localisation:
    """Find the modes on which the mean difference of a family lies.

    Parameters
    ----------
    differences : Differences
        On columns that are modes in their order (`on_principal_axes`).
    d : int, default 100
        Modes looked at, the leading ones; all of them if there are fewer. The
        paper's number (arXiv 2502.09863, figure 4).
    source : Spectrum or Embeddings, optional
        What the words of the modes are taken from; its columns are those of the differences.
        By default modes have numbers alone.
    modes : int, default 7
        Number of modes whose words are given, those with the largest shares.
    words_per_end : int, default 4
        Words at either end of each.
    seed : int, default 0
        Seed of resamples and flips.
    level : float, default 0.95
        Nominal coverage; intervals are bootstraps over groups of pairs
        without a common word.
    resamples : int, default 1000
        Resamples of the bootstrap, and flips of the null at most.

    Returns
    -------
    Localisation

    Raises
    ------
    InputError
        The mean difference is zero on these modes, or a number is out of range.

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3])
    >>> emb = world.spectrum().embeddings(3)
    >>> differences = difference_vectors(emb, world.relations["attribute 3"], name="third")
    >>> found = localise(differences, source=emb, modes=1, words_per_end=2)
    >>> found.leading(1), found.words(3) is not None, found.words(1)
    ((3,), True, None)
    """
    check_level(level)
    check_draws(name="resamples", draws=resamples, least=100, seed=seed)
    if not is_whole(d) or d < 1 or not is_whole(modes) or modes < 1:
        raise InputError(f"d and modes are whole numbers from 1 up; got {d!r} and {modes!r}")
    rows = differences.vectors[:, :d]
    mean = rows.mean(axis=0)
    if not mean.any():
        raise InputError(
            f"the mean difference of {differences.name or 'the family'} is zero on the first "
            f"{rows.shape[1]} modes, so it lies nowhere"
        )
    # Divided by the length first: its square may be out of range.
    more = differences.dimension > rows.shape[1]
    whole = float(np.linalg.norm(differences.mean)) if more else None
    belongs = indicator(differences.groups)
    sums, sizes = belongs.T @ rows, belongs.sum(axis=0)
    times = multiplicities(len(sizes), resamples, np.random.default_rng(seed))
    drawn = _shares(times @ sums)
    ratio = inverse_participation_ratio(mean)
    signs = flips(len(sizes), most=resamples, seed=seed)
    null = np.sum(_shares(signs.signs @ sums) ** 2, axis=1)
    low, middle, high = np.quantile(null, [(1 - level) / 2, 0.5, (1 + level) / 2])

    def interval(estimate: float, draws: Real) -> Interval:
        if len(sizes) < FEWEST_GROUPS:
            method = f"{len(sizes)} groups of pairs are too few to tell"
            return Interval(estimate, 0.0, 1.0, level, method)
        method = f"bootstrap over {len(sizes)} groups of pairs, {resamples:,} resamples"
        return percentile_interval(estimate, draws, level=level, method=method)

    found = Localisation(
        family=differences.name,
        shares=tuple(map(interval, _shares(mean).tolist(), drawn.T)),
        ipr=interval(ratio, np.sum(drawn**2, axis=1)),
        null_ipr=Interval(float(middle), float(low), float(high), level, "flips within pairs"),
        p_value=signs.p_value(ratio, null),
        settings={
            "pairs": len(differences),
            "groups": len(sizes),
            "resamples": resamples,
            "flips": len(signs.signs),
            "level": level,
            "seed": seed,
        },
        part=None if whole is None else float(np.sum((mean / whole) ** 2)),
    )
    if source is None:
        return found
    table = topics(source, modes=found.leading(modes), words_per_end=words_per_end)
    return replace(found, topics=table)


def inverse_participation_ratio(vector: ArrayLike) -> float:
    """Compute the sum of p_k^2 with p_k = x_k^2 / sum_j x_j^2.

    Parameters
    ----------
    vector : (d,) array_like
        x, not zero.

    Returns
    -------
    float
        Between 1/d, where all entries have one size, and 1, where all but one are zero.

    Raises
    ------
    InputError
        The vector is zero, or has no entry or one that is not finite.

    Examples
    --------
    >>> inverse_participation_ratio([1.0, -1.0, 1.0, 1.0])
    0.25
    >>> inverse_participation_ratio([0.0, 3.0, 0.0])
    1.0
    """
    x = np.asarray(vector, dtype=np.float64)
    if x.ndim != 1 or not x.any() or not np.isfinite(x).all():
        raise InputError(
            f"a vector of shape {x.shape} that is zero or not finite has no participation ratio; "
            "pass (d,) numbers that are not all zero"
        )
    return float(np.sum(_shares(x) ** 2))


def _shares(vectors: Real) -> Real:
    # Divided by the largest entry first, whose square may be too small or too large.
    largest = np.abs(vectors).max(axis=-1, keepdims=True)
    squares = (vectors / np.where(largest > 0, largest, 1.0)) ** 2
    total = squares.sum(axis=-1, keepdims=True)
    # A resample or flip that cancels exactly lies nowhere more than elsewhere.
    return np.asarray(
        np.where(total > 0, squares / np.where(total > 0, total, 1.0), 1 / vectors.shape[-1])
    )

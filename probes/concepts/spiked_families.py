"""Fit the spiked model to every relation, beside random pairs of the same frequencies."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.concepts.coverage import FamilyCoverage, coverage
from probes.concepts.differences import difference_vectors
from probes.concepts.directions.held_out import CONTROLS
from probes.concepts.false_positives import (
    FalsePositiveRate,
    false_positive_rates,
    negative_controls,
    random_pair_noise,
)
from probes.concepts.principal_axes import on_principal_axes
from probes.concepts.signal_to_noise.signal import FEWEST_GROUPS
from probes.concepts.signal_to_noise.snr_curve import snr_curve
from probes.concepts.spiked_family import SpikedFamily
from probes.drawing.labels import family_label, label_and_name
from probes.random_matrix import fit_spiked_covariance
from probes.random_matrix.gram import gram, without_noise
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.several_tests import LEVEL, draws_needed, holm, is_finding, too_few_draws
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings, WordsFound
from repsearch.errors import InputError
from repsearch.parallel import each
from repsearch.progress import Progress, silent
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_PAIRS = 5
"""Below this no test of eigenvalues exists."""


@dataclass(frozen=True)
class SpikedFamilies(Result):
    """All relations of a collection under the spiked model.

    Parameters
    ----------
    families : tuple of SpikedFamily
        In the order of the relations.
    left_out : tuple of (str, str)
        Families to which the model cannot be fitted, each with the reason.
    settings : dict
        Columns ``d``, ``controls`` and ``seed``, as they were asked for.
    words : WordsFound, optional
        How the words of the relations were found in the vocabulary.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.1])
    >>> given = Relations({"few": world.relations["attribute 1"][:3],
    ...                    "enough": world.relations["attribute 1"][:6]})
    >>> found = spiked_families(world.spectrum().embeddings(8), given, controls=0)
    >>> found.left_out
    (('few', 'fewer than 5 pairs.'),)
    """

    name = "spiked"
    columns: ClassVar[Mapping[str, str]] = {
        "N": "pairs in the vocabulary; *: some share words, which the model does not know",
        "spikes": "eigenvalues beyond noise, counted in three ways",
        "strength": "of the common direction, N |m|² / (d σ²); !: of a model that is refused",
        "overlap": "squared cosine of the first eigenvector with what all pairs have in common",
        "d_eff": "effective dimensions of the noise",
        "peak": "number of leading columns in which the common share is largest",
        "beats": "random families of the same frequencies that are weaker",
        "fit": "p of one mean plus noise; refused below 0.05",
    }
    next_step: ClassVar[str] = (
        "where fit is refused, trust 'probe concepts' and 'probe snr', which assume no model; "
        "docs/calibration.md says at which N and d these numbers can be trusted."
    )

    families: tuple[SpikedFamily, ...]
    left_out: tuple[tuple[str, str], ...]
    settings: dict[str, Cell]
    words: WordsFound | None = None

    def rates(self, *, independent: bool) -> tuple[FalsePositiveRate, ...]:
        """Count how often the tests find something in random pairs.

        Parameters
        ----------
        independent : bool
            Whether to look at the families whose pairs share no word, or at the others.

        Returns
        -------
        tuple of FalsePositiveRate
            One for each test; empty without random pairs.
        """
        return false_positive_rates(
            one.controls for one in self.families if one.independent is independent
        )

    def summary(self) -> str:
        """Say how many relations are directions, and to how many the model fits.

        Returns
        -------
        str
            One paragraph.
        """
        shown = [one for one in self.families if is_finding(one.fit.mean_p_value)]
        among = dict(
            zip(
                (one.coverage.family for one in self.families),
                holm([one.control_p_value for one in self.families]),
                strict=True,
            )
        )
        beyond = [
            one
            for one in shown
            if one.controls.strengths and is_finding(among[one.coverage.family])
        ]
        refused = [one for one in self.families if one.fit.refused]
        text = (
            f"Of {counted(len(self.families), 'relation')}, {len(shown)} have a common direction "
            f"(p below {LEVEL:g} each, not adjusted for their number), {len(beyond)} of them "
            "stronger than random pairs of the same frequencies (p below "
            f"{LEVEL:g} after Holm's adjustment)."
        )
        drawn = max((len(one.controls.strengths) for one in self.families), default=0)
        if drawn and too_few_draws(len(self.families), drawn):
            text += (
                f" {drawn} random families are too few to tell that of so many relations: it "
                f"takes {draws_needed(len(self.families), least=0)} or more."
            )
        if refused:
            text += (
                f" A mean plus noise does not describe {len(refused)} of them: strengths, "
                "dimensions and intervals of those rest on a model that is refused."
            )
        text += self._spikes()
        if self.left_out:
            text += f" {counted(len(self.left_out), 'family', 'families')} could not be fitted."
        return text if self.words is None else f"{text} {self.words}"

    def _spikes(self) -> str:
        """Say whether spikes tell these relations from random pairs."""
        spikes = [row[0] for one in self.families for row in one.controls.spikes]
        if not spikes:
            return ""
        found = sum(one.fit.counts[0].count > 0 for one in self.families)
        rate = FalsePositiveRate("", sum(spikes), len(spikes))
        told = (
            "spikes tell them from random pairs"
            if found / len(self.families) > rate.share.high
            else "spikes do not tell them from random pairs"
        )
        return (
            f" {self.families[0].fit.counts[0].method}: a spike in {found} of "
            f"{counted(len(self.families), 'relation')} and in {rate.found} of {rate.families} "
            f"random families, so that {told}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity of each family.

        Returns
        -------
        list of dict
            Family, quantity, and the number with its interval.
        """
        return [row for one in self.families for row in one.table()]

    def rests_on(self) -> dict[str, Cell]:
        """Give the settings, and the pairs of all families together.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.families),
            "pairs": sum(len(one.coverage.pairs) for one in self.families),
            "noise": "random pairs of the same frequencies, their shape to a fitted power",
            **({} if self.words is None else self.words.cells()),
            **self.settings,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the strength of each relation with its 90 % interval, apart where it is refused.

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
            The model could be fitted to no relation.
        """
        from probes.drawing.interval_rows import plot_intervals

        strengths = {one.coverage.family: one.fit for one in self.families}
        series = {
            said: {
                family: fit.strength if fit.refused is refused else None
                for family, fit in strengths.items()
            }
            for said, refused in (("model fits", False), ("model refused", True))
            if any(fit.refused is refused for fit in strengths.values())
        }
        return plot_intervals(series, label="strength θ of the common direction", ax=ax)

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give the strengths, and for each relation its eigenvalues beside the law of its noise.

        Returns
        -------
        dict of str to callable
            By the name of the file, ``spiked-`` and the family's name.
        """
        drawn = {f"spiked-{one.coverage.family}": one.fit.plot for one in self.families}
        return {self.name: self.plot, **drawn}

    def text(self, width: int = WIDTH) -> str:
        """Lay out a table, then a line in plain words for each family.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            Lines of at most that width, but for the table.
        """
        head = ("family", "N", "spikes", "strength", "overlap", "d_eff", "peak", "beats", "fit")
        rows = [_row(one) for one in self.families]
        lines = [
            *((fixed_width(head, rows, width=width), "") if rows else ()),
            *(textwrap.fill(one.summary(), width) for one in self.families),
            *(f"{label_and_name(name)}: {reason}" for name, reason in self.left_out),
        ]
        for independent, which in ((True, "no two share a word"), (False, "pairs share words")):
            found = self.rates(independent=independent)
            if found:
                lines += ["", textwrap.fill(_rates(found, which), width)]
        return "\n".join(lines)


def spiked_families(
    embeddings: Embeddings,
    relations: Relations,
    *,
    d: int | None = None,
    controls: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> SpikedFamilies:
    """Fit a mean plus noise to the difference vectors of every family.

    The noise is differences of random pairs of the same frequencies, drawn from the embeddings
    themselves, with columns scaled to a power of their shape that is fitted. Such pairs pass
    the tests at their level (docs/concept-results.md), which normal noise of the same shape
    does not have them do: heavy tails and a finite vocabulary are in the null.

    Parameters
    ----------
    embeddings : Embeddings
        Words and vectors of any origin, with words in the order of frequency. They are turned
        onto their principal axes, along which the noise is.
    relations : Relations
        The families.
    d : int, optional
        Number of leading columns that are used; by default all that are not zero.
    controls : int, optional
        Families of random pairs for each; 0 for none. All tests are applied to the first 20,
        the strength is found in all. By default 300, or 20 for each relation and one more where
        that is more, so that each can be told from them after Holm's adjustment.
    seed : int, default 0
        Seed of random pairs, null distributions and resamples.
    progress : Progress
        What is told how many families are done.

    Returns
    -------
    SpikedFamilies
        Families with fewer than five pairs, or without noise, are left out.

    Raises
    ------
    InputError
        No family has five pairs in the vocabulary, this is too small for random pairs, or a
        number is out of range.

    References
    ----------
    Where the model can be trusted is simulated in docs/calibration.md.

    Examples
    --------
    >>> import numpy as np
    >>> vectors = np.random.default_rng(0).normal(size=(100, 20))
    >>> vectors[1:20:2, 0] += 6.0  # the second words of ten pairs lie along one direction
    >>> pairs = [(f"w{k}", f"w{k + 1}") for k in range(0, 20, 2)]
    >>> emb = Embeddings([f"w{k}" for k in range(100)], vectors)
    >>> one = spiked_families(emb, Relations({"planted": pairs}), controls=0).families[0]
    >>> one.fit.counts[0].count, one.fit.mean_p_value < 0.01
    (1, True)
    """
    if controls is not None and controls < 0:
        raise InputError(f"controls is {controls!r}; pass the number of random families, or 0")
    turned = on_principal_axes(embeddings)
    turned = turned.truncate(_columns(turned) if d is None else d)
    relations.within(turned)  # refuses a vocabulary without a single pair
    covered = coverage(relations, turned)
    usable, left_out = [], []
    for family in covered.families:
        if len(family.pairs) < FEWEST_PAIRS:
            left_out.append((family.family, f"fewer than {FEWEST_PAIRS} pairs."))
            continue
        differences = difference_vectors(turned, family.pairs).vectors
        if _all_zero(differences, turned):
            left_out.append(
                (family.family, "the two words of every pair have equal vectors: nothing to fit.")
            )
        elif without_noise(gram(differences)):
            left_out.append(
                (family.family, "all differences are equal: perfect, without noise to fit.")
            )
        else:
            usable.append(family)
    if not usable and all("fewer" in reason for _, reason in left_out):
        raise InputError(f"no family has {FEWEST_PAIRS} pairs in the vocabulary; pass larger ones")
    if controls is None:
        controls = draws_needed(len(usable), least=CONTROLS)
    progress("spiked model", 0, len(usable), "families")
    ended = count(1)

    def fitted(family: FamilyCoverage) -> SpikedFamily:
        made = _fitted(turned, family, controls=controls, seed=seed)
        progress("spiked model", next(ended), len(usable), "families")
        return made

    found = each(fitted, usable)
    settings: dict[str, Cell] = {"d": turned.dimension, "controls": controls, "seed": seed}
    return SpikedFamilies(tuple(found), tuple(left_out), settings, words=covered.words)


def _fitted(
    turned: Embeddings, family: FamilyCoverage, *, controls: int, seed: int
) -> SpikedFamily:
    differences = difference_vectors(turned, family.pairs, name=family.family)
    drawn = random_pair_noise(turned, family.pairs, seed=seed)
    enough = len(family.components) >= FEWEST_GROUPS
    return SpikedFamily(
        coverage=family,
        fit=fit_spiked_covariance(differences.vectors, drawn=drawn, seed=seed),
        curve=snr_curve(differences, seed=seed) if enough else None,
        controls=negative_controls(turned, family.pairs, drawn, families=controls, seed=seed),
    )


def _all_zero(differences: NDArray[np.float64], turned: Embeddings) -> bool:
    """Whether no difference is more than rounding of the vectors it is between."""
    allowed = 1e-12 * float(np.abs(turned.vectors).max())
    return bool(np.abs(differences).max() <= allowed)


def _columns(turned: Embeddings) -> int:
    """How many leading columns are more than rounding."""
    energies = (turned.vectors**2).sum(axis=0)
    return int((energies > 1e-12 * energies[0]).sum())


def _row(one: SpikedFamily) -> tuple[str, ...]:
    fit, controls = one.fit, one.controls
    mark = "!" if fit.refused else ""
    return (
        family_label(one.coverage.family),
        f"{len(one.coverage.pairs)}" + ("" if one.independent else "*"),
        "/".join(f"{found.count}" for found in fit.counts),
        f"{fit.strength.value:.2g}{mark}",
        f"{fit.overlap_seen:.2f}",
        f"{fit.effective_dimension.value:.0f}{mark}",
        "-" if one.curve is None else f"{one.curve.peak.value:.0f}",
        f"{controls.beaten(fit.strength.value)}/{len(controls.strengths)}",
        f"{fit.fit.p_value:.2g}",
    )


def _rates(found: tuple[FalsePositiveRate, ...], which: str) -> str:
    beyond = [rate.what for rate in found if rate.beyond_chance]
    return (
        f"In {found[0].families} random families ({which}) at 5 %: "
        + "; ".join(str(rate) for rate in found)
        + "."
        + (f" More than chance: {' and '.join(beyond)}; no finding by itself." if beyond else "")
    )

"""Hold what was found of modes and their topics in other bases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.topics.topics import End
from repsearch.storage.tables import Cell

HALF = 0.5
"""Least overlap of a stable mode: half of its squared length."""


@dataclass(frozen=True)
class EndStability:
    """The topic at one end of a mode, and the lists of the others.

    Parameters
    ----------
    end : {"+", "-"}
        Which end of the mode.
    words : tuple of str
        The topic of the reference, over all of its words.
    common : tuple of int
        Words in common with each other basis, of lists over the words shared.
    by_chance : tuple of float
        The same for random words of about the same frequencies.
    p_value : float
        The largest among the others.
    coherent : bool or None
        Whether the topic is coherent above chance; None where that was not measured.

    Examples
    --------
    >>> end = EndStability("+", ("ice", "snow"), (2, 1), (0.1, 0.1), 0.02, coherent=None)
    >>> end.common
    (2, 1)
    """

    end: End
    words: tuple[str, ...]
    common: tuple[int, ...]
    by_chance: tuple[float, ...]
    p_value: float
    coherent: bool | None


@dataclass(frozen=True)
class ModeStability:
    """One mode of the reference.

    Parameters
    ----------
    mode : int
        Its number, from 1.
    partners : tuple of tuples of int
        Modes of each other basis that it was matched with, from 1; none where that has fewer.
    overlaps : tuple of float
        With each partner: (v . u)^2, or for clusters ||A^T B||_F^2 over the larger dimension.
    p_value : float
        The largest chance, among the others, that random vectors have so near a partner.
    cluster : tuple of int
        Modes it was matched together with, itself included.
    gap : float or None
        Distance to the nearest neighbouring eigenvalue (of embeddings: singular value), as a
        share of its own.
    kept_with : tuple of int
        For a mode that is not stable, the smallest run of neighbours, itself included, that is
        kept as a whole; empty if there is none.
    ends : (EndStability, EndStability)
        The positive end, then the negative one.

    Examples
    --------
    >>> ends = tuple(EndStability(end, ("a",), (1,), (0.0,), 0.01, False) for end in "+-")
    >>> mode = ModeStability(1, ((2,),), (0.8,), 1e-6, (1,), 0.3, (), ends)
    >>> mode.stable, mode.deserves_name("+")
    (True, False)
    """

    mode: int
    partners: tuple[tuple[int, ...], ...]
    overlaps: tuple[float, ...]
    p_value: float
    cluster: tuple[int, ...]
    gap: float | None
    kept_with: tuple[int, ...]
    ends: tuple[EndStability, EndStability]

    @property
    def stable(self) -> bool:
        """Decide whether the overlap is 1/2 or more in every other basis.

        Returns
        -------
        bool
            Above 1/2 no other mode is as near.
        """
        return min(self.overlaps) >= HALF

    def deserves_name(self, end: End) -> bool:
        """Decide whether a topic is stable, and coherent above chance where that is known.

        Parameters
        ----------
        end : {"+", "-"}
            Which end of the mode.

        Returns
        -------
        bool
            False for a mode that is not stable or a topic that is not coherent.
        """
        coherent = next(one.coherent for one in self.ends if one.end == end)
        return self.stable and coherent is not False


@dataclass(frozen=True)
class StabilityTable(Result):
    """Stability of the leading modes of a reference.

    Parameters
    ----------
    modes : tuple of ModeStability
        Modes in the order of the reference.
    n_words : int
        Words of a topic list.
    n_others : int
        Bases compared with.
    coherence_known : bool
        Whether the coherence of topics was given.
    settings : dict
        ``frequent``, ``tolerance``, ``false_discovery_rate``, ``permutations`` and ``seed``.

    Examples
    --------
    >>> import numpy as np
    >>> from probes.modes import Basis
    >>> from probes.topics import topic_stability
    >>> words = tuple(f"w{k}" for k in range(30))
    >>> modes = np.linalg.qr(np.random.default_rng(0).normal(size=(30, 2)))[0]
    >>> found = topic_stability(Basis(modes, words=words), [Basis(-modes, words=words)], words=3)
    >>> print(found)
    mode  gap  partner  overlap  words +  words -  stable
    -----------------------------------------------------
       1             1     1.00        3        3     yes
       2             2     1.00        3        3     yes
    """

    name = "stability"
    figure = "probes.figures.words.stability:plot_stability"

    modes: tuple[ModeStability, ...]
    n_words: int
    n_others: int
    coherence_known: bool
    settings: dict[str, Cell] = field(default_factory=dict)

    def summary(self) -> str:
        """Say which modes are stable, alone or with their neighbours, and which are not."""
        stable = [one.mode for one in self.modes if one.stable]
        where = "the other" if self.n_others == 1 else f"all {self.n_others} others"
        if not stable:
            lines = [f"No mode is found again in {where} with an overlap of 1/2."]
        else:
            lines = [
                f"Stable enough to deserve a name, with an overlap of 1/2 or more in {where}: "
                f"{in_runs(stable)}."
            ]
        unfit = [
            f"{one.mode}{end.end}"
            for one in self.modes
            if one.stable
            for end in one.ends
            if end.coherent is False
        ]
        if unfit:
            lines.append(f"Of these, not coherent above chance: {', '.join(unfit)}.")
        if stable:
            lines.append(self._about_lists())
        if stable and not self.coherence_known:
            lines.append("Whether their words belong together was not measured.")
        for run in dict.fromkeys(one.kept_with for one in self.modes if one.kept_with):
            mixed = [one for one in self.modes if one.kept_with == run]
            gaps = [one.gap for one in mixed if one.gap is not None]
            close = f" ({min(gaps):.1%} from the nearest eigenvalue)" if gaps else ""
            within = "as a group" if len(mixed) == len(run) else f"within {in_runs(run)}"
            lines.append(f"Only {within}: {in_runs(one.mode for one in mixed)}{close}.")
        lost = [one.mode for one in self.modes if not one.stable and not one.kept_with]
        if lost:
            lines.append(f"Not in {where}, alone or with neighbours: {in_runs(lost)}.")
        return " ".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each end of a mode and other basis."""
        return [
            {
                "mode": one.mode,
                "end": end.end,
                "other": number + 1,
                "partner": " ".join(map(str, one.partners[number])),
                "overlap": one.overlaps[number],
                "largest_p_value": one.p_value,
                "relative_gap": one.gap,
                "kept_with": " ".join(map(str, one.kept_with)),
                "words_in_common": end.common[number],
                "by_chance": end.by_chance[number],
                "jaccard": end.common[number] / (2 * self.n_words - end.common[number]),
                "largest_p_value_of_words": end.p_value,
                "deserves_name": str(one.deserves_name(end.end)).lower(),
            }
            for one in self.modes
            for end in one.ends
            for number in range(self.n_others)
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of modes, bases and words, and how chance was measured."""
        return {
            "modes": len(self.modes),
            "others": self.n_others,
            "words_per_end": self.n_words,
            "least_overlap": HALF,
            "null": "random words of about the same frequencies",
            "coherence_measured": self.coherence_known,
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out a row for each mode: its partner, its overlap, the words in common."""
        rows = []
        for one in self.modes:
            partners = {" ".join(map(str, partner)) or "none" for partner in one.partners}
            rows.append(
                (
                    str(one.mode),
                    "" if one.gap is None else f"{one.gap:.1%}",
                    partners.pop() if len(partners) == 1 else "various",
                    _spread(one.overlaps, "{:.2f}"),
                    *(_spread(end.common, "{:.0f}") for end in one.ends),
                    "yes" if one.stable else "no",
                )
            )
        head = ("mode", "gap", "partner", "overlap", "words +", "words -", "stable")
        return fixed_width(head, rows, left=())

    def _about_lists(self) -> str:
        ends = [end for one in self.modes if one.stable for end in one.ends]
        common = float(np.median([end.common for end in ends]))
        by_chance = float(np.mean([end.by_chance for end in ends]))
        return (
            f"Their lists have {common:g} of {self.n_words} words in common in the median, "
            f"with random words of the same frequencies {by_chance:.2g}."
        )


def in_runs(numbers: Iterable[int]) -> str:
    """Write numbers of modes as runs.

    Parameters
    ----------
    numbers : iterable of int
        Numbers of modes, in any order.

    Returns
    -------
    str
        With the noun.

    Examples
    --------
    >>> in_runs([1, 2, 3, 7])
    'modes 1 to 3, 7'
    """
    ordered = sorted(numbers)
    runs: list[list[int]] = []
    for number in ordered:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return f"mode{'s' if len(ordered) > 1 else ''} {', '.join(named)}"


def _spread(values: Sequence[float], form: str) -> str:
    """The median, and in brackets the least and the largest where they differ."""
    median = form.format(float(np.median(values)))
    if len(values) == 1:
        return median
    return f"{median} [{form.format(min(values))}, {form.format(max(values))}]"

"""Tell which modes of M* are present in which space of a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.model_theory.measured import SpaceMeasures
from probes.result import WIDTH, Result
from probes.shared.several_tests import is_finding
from probes.shared.text_table import fixed_width
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]
_SHOWN = 12


@dataclass(frozen=True)
class ModesPresent(Result):
    """Share of each mode of M* that lies in each space, and whether that is beyond frequency.

    Parameters
    ----------
    eigenvalues : (K,) float
        Of the modes.
    ends : tuple of (str, str)
        Words at the positive and the negative end of each.
    by_frequency : (K,) float
        Part of each mode's squared length that is a function of frequency, and is left out.
    measures : mapping of str to SpaceMeasures
        By space.
    settings : dict
        Words, modes, permutations and seed.

    Examples
    --------
    >>> from probes.model_theory.frequency_bins import without_frequency
    >>> from probes.model_theory.measured import measured
    >>> rng = np.random.default_rng(0)
    >>> axes = np.linalg.qr(without_frequency(rng.normal(size=(200, 2)))).Q
    >>> found = ModesPresent(
    ...     np.array([2.0, 1.0]),
    ...     (("ice", "fire"), ("red", "blue")),
    ...     np.zeros(2),
    ...     {"made": measured(axes, axes[:, :1], [1], permutations=99, seed=0)},
    ...     {"words": 200},
    ... )
    >>> found.present("made")
    array([ True, False])
    """

    name = "theory-modes"
    figure = "probes.figures.modes.model_theory:plot_mode_map"
    columns: ClassVar[Mapping[str, str]] = {
        "ends": "the word with the largest and the one with the smallest entry of the mode",
        "most in": "the space with the largest share of the mode beyond its null",
        "share": "squared length of the mode within the space, 1 if it lies inside, functions of "
        "frequency taken out of both; in brackets the mean with words permuted within bins of it",
        "in": "spaces in which it is present: above what the largest of all modes has in 95 % of "
        "permutations",
    }

    eigenvalues: Real
    ends: tuple[tuple[str, str], ...]
    by_frequency: Real
    measures: Mapping[str, SpaceMeasures]
    settings: dict[str, Cell] = field(repr=False)

    def p_values(self, space: str) -> Real:
        """Give p-values of the modes' shares, adjusted for their number.

        Each share is measured in standard deviations of its null, and held against the largest
        of all modes in each permutation (Westfall and Young 1993), so that one null mode in any
        space is called present with probability 0.05.

        Parameters
        ----------
        space : str
            Name of the space.

        Returns
        -------
        (K,) float
            Above 0, at most 1.
        """
        found = self.measures[space]
        mean, spread = found.null_shares.mean(axis=0), found.null_shares.std(axis=0)
        # A mode that every permutation has whole cannot be told from its null.
        spread = np.where(spread > 1e-12, spread, np.inf)
        largest = ((found.null_shares - mean) / spread).max(axis=1)
        own = (found.shares - mean) / spread
        above = (largest[:, None] >= own).sum(axis=0)
        return np.asarray((1 + above) / (1 + len(largest)))

    def present(self, space: str) -> NDArray[np.bool_]:
        """Tell which modes a space has more of than words of the same frequencies give.

        Parameters
        ----------
        space : str
            Name of the space.

        Returns
        -------
        (K,) bool
            With p below 0.05, adjusted for the number of modes.
        """
        return np.array([is_finding(p) for p in self.p_values(space)])

    def excess(self, space: str) -> Real:
        """Give the shares beyond their null, as a part of what there could be.

        Parameters
        ----------
        space : str
            Name of the space.

        Returns
        -------
        (K,) float
            (share − mean of the null) / (1 − mean of the null): 1 for a mode that lies inside.
        """
        found = self.measures[space]
        mean = found.null_shares.mean(axis=0)
        return np.asarray((found.shares - mean) / np.maximum(1 - mean, 1e-12))

    def summary(self) -> str:
        """Say how many modes are present in the first space, the last, and the best.

        Returns
        -------
        str
            One paragraph.
        """
        numbers = {space: int(self.present(space).sum()) for space in self.measures}
        names = list(numbers)
        best = max(names, key=lambda space: numbers[space])
        parts = [f"{numbers[name]} in {name}" for name in dict.fromkeys((names[0], names[-1]))]
        most = f"; most in {best}, {numbers[best]}" if best not in (names[0], names[-1]) else ""
        nowhere = np.flatnonzero(~np.any([self.present(space) for space in names], axis=0)) + 1
        if not len(nowhere):
            lacking = "Each is somewhere."
        else:
            some = ", ".join(map(str, nowhere[:8].tolist())) + (", ..." if len(nowhere) > 8 else "")
            lacking = f"Nowhere told from frequency: {len(nowhere)} (number {some})."
        return (
            f"Of {len(self.eigenvalues)} modes of M*, present beyond what words of the same "
            f"frequencies give: {', '.join(parts)}{most}. {lacking}"
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode and space.

        Returns
        -------
        list of dict
            Share, mean and 95 % interval of the null, adjusted p-value, whether it is present.
        """
        rows: list[dict[str, Cell]] = []
        for space, found in self.measures.items():
            adjusted = self.p_values(space)
            low, high = np.quantile(found.null_shares, [0.025, 0.975], axis=0)
            mean = found.null_shares.mean(axis=0)
            for mode, value in enumerate(self.eigenvalues.tolist()):
                rows.append(
                    {
                        "space": space,
                        "mode": mode + 1,
                        "eigenvalue": value,
                        "positive_end": self.ends[mode][0],
                        "negative_end": self.ends[mode][1],
                        "mode_by_frequency": float(self.by_frequency[mode]),
                        "share": float(found.shares[mode]),
                        "null_mean": float(mean[mode]),
                        "null_low": float(low[mode]),
                        "null_high": float(high[mode]),
                        "p_adjusted": float(adjusted[mode]),
                        "present": is_finding(adjusted[mode]),
                    }
                )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of words, modes and spaces, and the null.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "spaces": len(self.measures),
            "null": "words permuted within bins of frequency; the largest of all modes",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the leading modes: where each is found most, and in how many spaces.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A table.
        """
        names = list(self.measures)
        beyond = np.array([self.excess(space) for space in names])
        there = np.array([self.present(space) for space in names]).sum(axis=0)
        rows = []
        for mode in range(min(_SHOWN, len(self.eigenvalues))):
            best = names[int(np.argmax(beyond[:, mode]))]
            found = self.measures[best]
            null = found.null_shares[:, mode].mean()
            rows.append(
                (
                    " / ".join(self.ends[mode]),
                    str(mode + 1),
                    f"{self.eigenvalues[mode]:.4g}",
                    best,
                    f"{found.shares[mode]:.2f} ({null:.2f})",
                    f"{there[mode]} of {len(names)}",
                )
            )
        head = ("ends", "mode", "λ", "most in", "share", "in")
        table = fixed_width(head, rows, left=(0, 3), width=width)
        rest = len(self.eigenvalues) - _SHOWN
        return f"{table}\n... and {rest} more modes." if rest > 0 else table

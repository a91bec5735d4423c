"""Measure signal and noise of a relation mode by mode, from the eigenvectors alone.

Closed-form embeddings are W(t) = V diag(s_k(t)), so that the differences of a
family are those of the eigenvectors' entries, e_n = V[b_n] - V[a_n], times
s_k(t). With the unbiased estimates of `probes.concepts.signal_to_noise.signal`, taken for each
mode by itself,

    |m(t)|^2 = sum_k s_k^2(t) m_k^2,    Tr Sigma(t) = sum_k s_k^2(t) v_k,

in which only s_k(t) depends on time, and cutting to d columns is leaving out
modes. This is the whole curve of the common share over (t, d).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import difference_vectors
from probes.relations.relations import Pair
from probes.result import Result
from probes.shared.resampling import indicator
from probes.shared.wording import counted, listed
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ModeSignal(Result):
    """Common part and noise of a family's differences on each mode, per unit of s_k^2.

    Parameters
    ----------
    family : str
        Name of the relation.
    squared_mean : (K,) float
        Unbiased estimates of m_k^2, some of them negative where m_k is small.
    noise : (K,) float
        Unbiased estimates of the noise's variance v_k.
    mean : (K,) float
        The mean differences of eigenvectors' entries.
    settings : dict
        Target, and numbers of pairs and of groups of pairs without a common word.

    Examples
    --------
    >>> from probes.emergence import mode_signal
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = mode_signal(world.spectrum(), world.relations["attribute 2"], name="attribute 2")
    >>> (found.squared_mean[:3].round(3) + 0).tolist()  # on the second mode
    [0.0, 0.5, 0.0]
    """

    name = "mode-signal"
    figure = "probes.figures.relations.emergence:plot_mode_signal"

    family: str
    squared_mean: Real
    noise: Real
    mean: Real
    settings: dict[str, Cell]

    def summary(self) -> str:
        """Say which modes hold most of the mean difference, and how much is noise.

        Returns
        -------
        str
            A paragraph. Single estimates have no interval.
        """
        positive = np.maximum(self.squared_mean, 0.0)
        total = float(positive.sum())
        if total == 0:
            return (
                f"No mode of {len(self.mean)} has a common part of the differences of "
                f"{self.family or 'the family'}: all estimates of it are 0 or below."
            )
        first = np.argsort(-positive, kind="stable")[:3]
        shares = [f"{k + 1} ({positive[k] / total:.0%})" for k in first if positive[k] > 0]
        named = f"mode{'s' if len(shares) > 1 else ''} {listed(shares)}"
        above = int(np.count_nonzero(self.squared_mean > self.noise))
        return (
            f"The mean difference of {self.family or 'the family'} lies on {named} of "
            f"{len(self.mean)}, in shares of all that is estimated above 0. On "
            f"{counted(above, 'mode')} it is larger than the noise. Single estimates have no "
            "interval; those of a sum over modes are those of the common share."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode.

        Returns
        -------
        list of dict
            Columns ``mode``, from 1, ``squared_mean``, ``noise`` and ``mean``.
        """
        return [
            {"mode": k + 1, "squared_mean": square, "noise": noise, "mean": mean}
            for k, (square, noise, mean) in enumerate(
                zip(
                    self.squared_mean.tolist(), self.noise.tolist(), self.mean.tolist(), strict=True
                )
            )
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the family, the numbers of modes, pairs and groups, and the target.

        Returns
        -------
        dict
            Name to value.
        """
        return {"family": self.family, "modes": len(self.mean), **self.settings}

    def squared_means(self, squares: Real) -> Real:
        """Give |m|^2 at several times.

        Parameters
        ----------
        squares : (T, K) float
            Squares of singular values.

        Returns
        -------
        (T,) ndarray
            In squared units of the embeddings.
        """
        return np.asarray(squares @ self.squared_mean)

    def noises(self, squares: Real) -> Real:
        """Give Tr Sigma at several times.

        Parameters
        ----------
        squares : (T, K) float
            Squares of singular values.

        Returns
        -------
        (T,) ndarray
            In squared units of the embeddings.
        """
        return np.asarray(squares @ self.noise)

    def shares(self, squares: Real) -> Real:
        """Give the common share |m|^2 / (|m|^2 + Tr Sigma) at several times.

        Parameters
        ----------
        squares : (T, K) float
            Squares of singular values.

        Returns
        -------
        (T,) ndarray
            At most 1; NaN where all is zero.
        """
        mean, whole = self.squared_means(squares), squares @ (self.squared_mean + self.noise)
        known = whole > 0
        return np.asarray(np.where(known, mean / np.where(known, whole, 1.0), np.nan))

    def location(self, squares: Real) -> Real:
        """Give the shares p_k of the squared mean difference on the modes.

        Parameters
        ----------
        squares : (K,) float
            Squares of singular values at one time.

        Returns
        -------
        (K,) ndarray
            Shares that sum to 1; all 0 where there is no mean difference.
        """
        powers = squares * self.mean**2
        return np.asarray(powers / (powers.sum() or 1.0))


def mode_signal(spectrum: Spectrum, pairs: Iterable[Pair], *, name: str = "") -> ModeSignal:
    """Measure signal and noise of a family on the modes of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvectors of the target.
    pairs : iterable of (str, str)
        The family, as first and second words.
    name : str, optional
        What the family is called.

    Returns
    -------
    ModeSignal
        Per unit of the squared singular values, which alone depend on time.

    Raises
    ------
    InputError
        No pair is in the vocabulary, or no two are without a common word.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> found = mode_signal(world.spectrum(), world.relations["attribute 1"], name="attribute 1")
    >>> [row["mode"] for row in found.table() if row["squared_mean"] > 0.1]
    [1]
    """
    entries = Embeddings(spectrum.words, spectrum.eigenvectors.astype(float))
    found = difference_vectors(entries, pairs, name=name)
    belongs = indicator(found.groups)
    sizes = belongs.sum(axis=0)
    if len(sizes) < 2:
        raise InputError(
            f"all {len(found)} pairs of {name or 'the family'} are joined by common words, so "
            "that no two are independent; add pairs of other words"
        )
    rows = found.vectors
    weight = float(sizes.sum() ** 2 - np.sum(sizes**2))
    sums = belongs.T @ rows
    across = (sums.sum(axis=0) ** 2 - np.sum(sums**2, axis=0)) / weight
    lengths = (sizes.sum() - belongs @ sizes) @ rows**2 / weight
    settings: dict[str, Cell] = {
        "target": spectrum.target,
        "pairs": len(found),
        "groups": len(sizes),
    }
    return ModeSignal(name, across, lengths - across, found.mean, settings)

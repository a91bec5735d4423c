"""Signal and noise of a relation mode by mode, from the eigenvectors alone.

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
from probes.shared.resampling import indicator
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ModeSignal:
    """Common part and noise of a family's differences on each mode, per unit of s_k^2.

    Parameters
    ----------
    family : str
    squared_mean : (K,) float
        Unbiased estimates of m_k^2, some of them negative where m_k is small.
    noise : (K,) float
        Unbiased estimates of the noise's variance v_k.
    mean : (K,) float
        The mean differences themselves.
    """

    family: str
    squared_mean: Real
    noise: Real
    mean: Real

    def squared_means(self, squares: Real) -> Real:
        """(T,) |m|^2 at singular values whose squares are (T, K)."""
        return np.asarray(squares @ self.squared_mean)

    def noises(self, squares: Real) -> Real:
        """(T,) Tr Sigma, likewise."""
        return np.asarray(squares @ self.noise)

    def shares(self, squares: Real) -> Real:
        """(T,) |m|^2 / (|m|^2 + Tr Sigma); NaN where all is zero."""
        mean, whole = self.squared_means(squares), squares @ (self.squared_mean + self.noise)
        known = whole > 0
        return np.asarray(np.where(known, mean / np.where(known, whole, 1.0), np.nan))

    def location(self, squares: Real) -> Real:
        """(K,) shares p_k of the squared mean difference on the modes, at squares (K,)."""
        powers = squares * self.mean**2
        return np.asarray(powers / (powers.sum() or 1.0))


def mode_signal(spectrum: Spectrum, pairs: Iterable[Pair], *, name: str = "") -> ModeSignal:
    """Signal and noise of a family on the modes of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvectors of the target.
    pairs : iterable of (str, str)
        The family.
    name : str, optional
        Of it.

    Raises
    ------
    InputError
        No pair is in the vocabulary, or all hang together by common words.
    """
    entries = Embeddings(spectrum.words, spectrum.eigenvectors.astype(float))
    found = difference_vectors(entries, pairs, name=name)
    belongs = indicator(found.groups)
    sizes = belongs.sum(axis=0)
    if len(sizes) < 2:
        raise InputError(
            f"all {len(found)} pairs of {name or 'the family'} hang together by common words, so "
            "that no two are independent; add pairs of other words"
        )
    rows = found.vectors
    weight = float(sizes.sum() ** 2 - np.sum(sizes**2))
    sums = belongs.T @ rows
    across = (sums.sum(axis=0) ** 2 - np.sum(sums**2, axis=0)) / weight
    lengths = (sizes.sum() - belongs @ sizes) @ rows**2 / weight
    return ModeSignal(name, across, lengths - across, found.mean)

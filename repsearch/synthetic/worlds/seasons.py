"""Make words that follow a hidden time of the year (arXiv 2602.15029, section 4.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import as_numbers, check_size, check_whole
from repsearch.synthetic.fourier import fourier_basis
from repsearch.synthetic.spectra import known_spectrum
from repsearch.synthetic.topic_model import TextWorld
from repsearch.synthetic.word_names import base26, base26_width
from repsearch.synthetic.world import Pairs, Real


@dataclass(frozen=True)
class Seasons(TextWorld):
    """Equally frequent words around a year, each more probable near its own time.

    P(i|t) = P_i (1 + g(t - t_i)) with g(t) = sum_h a_h cos(2 pi h t), words
    independent given the hidden time t. So P_ij = P_i P_j (1 + K(t_i - t_j)) with
    K(t) = sum_h a_h^2 cos(2 pi h t) / 2, exactly: M* is circulant and its
    eigenvectors are cosines and sines of the year, though words co-occur only
    through the hidden time (arXiv 2602.15029, section 4.1).

    The words "montha", "monthb", ... are evenly spaced among the others.

    Parameters
    ----------
    size : int
        V, the number of words, a multiple of `months`.
    months : int
        Number of words that are months.
    harmonics : sequence of float
        a_1, a_2, ..., whose magnitudes sum to at most 1, for P(i|t) must not be
        negative; fewer than size / 2 of them.

    Raises
    ------
    InputError
        A number out of range, or a size that is no multiple of the months.

    Examples
    --------
    >>> world = Seasons(size=24, months=12)
    >>> world.words[:4]
    ('montha', 'wordb', 'monthb', 'wordd')
    >>> world.spectrum().eigenvalues[:4].round(3).tolist()  # waves of a year, then of half
    [3.893, 3.893, 0.003, 0.003]
    """

    size: int = 120
    months: int = 12
    harmonics: Sequence[float] = (0.8, 0.15)

    def __post_init__(self) -> None:
        check_whole("months", self.months, 1)
        check_whole("size", self.size, 3)
        check_size(self.size, "this year")
        if self.size % self.months:
            raise InputError(f"size is {self.size}; pass a multiple of the {self.months} months")
        harmonics = as_numbers("harmonics", self.harmonics)
        if not 1 <= len(harmonics) < self.size / 2:
            raise InputError(
                f"harmonics has {len(harmonics)} entries; pass at least one and fewer than "
                f"half of the {self.size} words"
            )
        amplitude = sum(map(abs, harmonics))
        if not 0 < amplitude <= 1:
            raise InputError(
                f"the magnitudes of the harmonics sum to {amplitude:.4g}; pass some that sum to "
                "more than 0, at most 1"
            )
        object.__setattr__(self, "harmonics", harmonics)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of their times."""
        width, few = base26_width(self.size), base26_width(self.months)
        step = self.size // self.months
        return tuple(
            f"word{base26(k, width)}" if k % step else f"month{base26(k // step, few)}"
            for k in range(self.size)
        )

    @property
    def relations(self) -> Mapping[str, Pairs]:
        """Empty: on a circle equal steps in time are no equal differences."""
        return {}

    @property
    def month_rows(self) -> NDArray[np.int64]:
        """(months,) rows of the months."""
        return np.arange(0, self.size, self.size // self.months)

    @property
    def times(self) -> Real:
        """(V,) t_i, the time of each word, in years."""
        return np.arange(self.size) / self.size

    @property
    def prior(self) -> Real:
        """(T,) the probability of each hidden time, all equal; the times are those of the words."""
        return np.full(self.size, 1 / self.size)

    @property
    def word_given_topic(self) -> Real:
        """(T, V) P(i|t), the probability of each word at each time; rows sum to 1."""
        lag = self.times[:, None] - self.times
        return np.asarray((1 + self._waves(self.harmonics, lag)) / self.size)

    def mstar(self) -> Real:
        """Compute M* from the harmonics.

        Returns
        -------
        (V, V) float64
            M*, a circulant matrix.
        """
        excess = self._waves([a**2 / 2 for a in self.harmonics], self.times)
        row = 2 * excess / (2 + excess)
        place = np.arange(self.size)
        return np.asarray(row[np.abs(place[:, None] - place)])

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs of M*: cosines and sines of the year.

        Returns
        -------
        Spectrum
            V eigenpairs, largest eigenvalue first.
        """
        matrix = self.mstar()
        frequencies, basis = fourier_basis(self.size)
        values = np.fft.fft(matrix[0]).real[frequencies]
        return known_spectrum(self.words, matrix, values, basis)

    def _waves(self, amplitudes: Sequence[float], time: Real) -> Real:
        return np.asarray(
            sum(a * np.cos(2 * np.pi * h * time) for h, a in enumerate(amplitudes, 1))
        )

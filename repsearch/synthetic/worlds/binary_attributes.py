"""Make words of binary attributes, after Korchinski et al. (arXiv 2505.18651)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic.checks import as_numbers
from repsearch.synthetic.kronecker import kronecker
from repsearch.synthetic.pair_distribution import PairWorld
from repsearch.synthetic.spectra import known_spectrum
from repsearch.synthetic.world import Pairs, Real

MOST_ATTRIBUTES = 12


@dataclass(frozen=True)
class BinaryAttributes(PairWorld):
    """All 2^n words of n binary attributes, which co-occur more if they share attributes.

    P_ij = P_i P_j prod_k F^(k) over the attributes, where the factor F^(k) is
    [[1 + s, 1 - q s], [1 - q s, 1 + q^2 s]] on (+, -) and an attribute is + with
    the probability q / (1 + q) (Korchinski et al., arXiv 2505.18651). A word's name has p
    or m for each attribute, the first attribute first; the words are sorted with p
    before m.

    Parameters
    ----------
    strengths : sequence of float
        s_k of each attribute, at least 0 and below 1 (at 1 and q = 1 words
        that differ never co-occur); 1 to 12 of them.
    asymmetry : float or sequence of float
        q, or q_k of each attribute, above 0 and at most 1; at 1 both values of
        the attribute are equally frequent.

    Raises
    ------
    InputError
        A number out of range, or not one asymmetry for each attribute.

    Examples
    --------
    >>> world = BinaryAttributes([0.3, 0.7])
    >>> world.words
    ('pp', 'pm', 'mp', 'mm')
    >>> world.relations["attribute 2"]
    (('pm', 'pp'), ('mm', 'mp'))
    >>> world.mstar()[0].round(2)
    array([ 0.75, -0.88,  0.17, -1.31])
    >>> delta, eta, gamma = world.pmi_coefficients
    >>> gamma.round(3)  # artanh of the strengths
    array([0.31 , 0.867])
    """

    strengths: Sequence[float]
    asymmetry: float | Sequence[float] = 1.0

    def __post_init__(self) -> None:
        strengths = as_numbers("strengths", self.strengths)
        if not 1 <= len(strengths) <= MOST_ATTRIBUTES:
            raise InputError(
                f"strengths has {len(strengths)} entries; pass one for each of 1 to "
                f"{MOST_ATTRIBUTES} attributes"
            )
        for strength in strengths:
            if not 0 <= strength < 1:
                raise InputError(
                    f"a strength is {strength!r}; pass numbers of at least 0 and below 1"
                )
        ratios = (
            as_numbers("asymmetry", self.asymmetry)
            if not isinstance(self.asymmetry, int | float)
            else as_numbers("asymmetry", [self.asymmetry] * len(strengths))
        )
        if len(ratios) != len(strengths):
            raise InputError(
                f"asymmetry has {len(ratios)} entries for {len(strengths)} attributes; pass one "
                "number, or one for each"
            )
        for ratio in ratios:
            if not 0 < ratio <= 1:
                raise InputError(f"an asymmetry is {ratio!r}; pass numbers above 0, at most 1")
        object.__setattr__(self, "strengths", strengths)
        object.__setattr__(self, "asymmetry", ratios)

    @property
    def n_attributes(self) -> int:
        """Number n of attributes."""
        return len(self.strengths)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The 2^n words, such as "pmp", in which each letter is an attribute."""
        return tuple("".join("p" if a > 0 else "m" for a in row) for row in self.attributes)

    @cached_property
    def attributes(self) -> Real:
        """(2^n, n) attributes of each word, +1 or -1."""
        n = self.n_attributes
        bits = np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1
        return np.asarray(1.0 - 2.0 * bits)

    @cached_property
    def relations(self) -> Mapping[str, Pairs]:
        """For "attribute k" all 2^(n-1) pairs that differ in it alone, the word with - first."""
        found = {}
        for k, column in enumerate(self.attributes.T):
            minus = np.flatnonzero(column < 0)
            plus = minus - 2 ** (self.n_attributes - 1 - k)
            found[f"attribute {k + 1}"] = tuple(
                (self.words[i], self.words[j]) for i, j in zip(minus, plus, strict=True)
            )
        return found

    # ------------------------------------------------------------ factors

    @property
    def factors(self) -> Real:
        """(n, 2, 2) F^(k) of each attribute, rows and columns in the order +, -."""
        s, q = self._settings
        return np.array([[1 + s, 1 - q * s], [1 - q * s, 1 + q**2 * s]]).transpose(2, 0, 1)

    @property
    def factor_eigenvalues(self) -> Real:
        """(n, 2) eigenvalues of each factor, the larger first.

        1 + s (1 + q^2) / 2 +- sqrt((s (1 - q^2) / 2)^2 + (1 - q s)^2), which is
        2 and 2 s at q = 1. To first order in 1 - q they are 2 + s (1 - q)^2 / 2
        and s (1 + q)^2 / 2.
        """
        s, q = self._settings
        root = np.hypot(s * (1 - q**2) / 2, 1 - q * s)
        larger = 1 + s * (1 + q**2) / 2 + root
        # The determinant s (1 + q)^2 over the larger one loses no digits for small s.
        return np.stack([larger, s * (1 + q) ** 2 / larger], axis=1)

    @cached_property
    def P(self) -> Real:
        """(2^n, 2^n) P_ij, the probability of a pair: symmetric, sums to 1."""
        return np.asarray(self.ratio() * np.outer(self.marginals, self.marginals))

    @cached_property
    def marginals(self) -> Real:
        """(2^n,) P_i, the product of the probabilities of the attributes."""
        _, q = self._settings
        return kronecker([np.array([x, 1.0]) / (1 + x) for x in q])

    def ratio(self) -> Real:
        """Multiply the factors of all attributes by Kronecker's product.

        Returns
        -------
        (2^n, 2^n) float64
            P_ij / (P_i P_j).
        """
        return kronecker(list(self.factors))

    def ratio_spectrum(self) -> Spectrum:
        """Compute all eigenpairs of P_ij / (P_i P_j) as products over the factors.

        Returns
        -------
        Spectrum
            2^n eigenpairs, largest eigenvalue first; the products of `factor_eigenvalues`.
        """
        vectors = []
        for factor, (larger, _) in zip(self.factors, self.factor_eigenvalues, strict=True):
            # (F - larger) v = 0; the off-diagonal entry is positive, so v is never zero.
            v = np.array([factor[0, 1], larger - factor[0, 0]])
            v /= np.linalg.norm(v)
            vectors.append(np.array([[v[0], -v[1]], [v[1], v[0]]]))
        return known_spectrum(
            self.words,
            self.ratio(),
            kronecker(list(self.factor_eigenvalues)),
            kronecker(vectors),
            name="P/PP",
        )

    # ---------------------------------------------------------------- PMI

    @property
    def pmi_coefficients(self) -> tuple[float, Real, Real]:
        """delta, eta (n,) and gamma (n,) of the bilinear form of PMI.

        PMI_ij = delta + eta.(a_i + a_j) + sum_k gamma_k a_ik a_jk with the attributes a of
        the words, exact for every strength. At q = 1, eta = 0, gamma = artanh(s) > 0 and
        delta = sum log(1 - s^2) / 2 < 0: the constant mode has the lowest eigenvalue, not the
        highest as the paper says.
        """
        s, q = self._settings
        both, neither, one = np.log1p(s), np.log1p(q**2 * s), np.log1p(-q * s)
        delta = float(np.sum(both + neither + 2 * one) / 4)
        return delta, (both - neither) / 4, (both + neither - 2 * one) / 4

    def pmi_spectrum(self) -> Spectrum:
        """Compute the n + 1 eigenpairs of PMI that need not be zero.

        The eigenvectors are affine functions of the attributes.

        Returns
        -------
        Spectrum
            n + 1 eigenpairs, largest eigenvalue first.
        """
        delta, eta, gamma = self.pmi_coefficients
        size = len(self.words)
        # The columns 1 and a_k are orthogonal over all 2^n words and of length 2^(n/2).
        small = np.diag(np.concatenate([[delta], gamma]))
        small[0, 1:] = small[1:, 0] = eta
        values, inner = np.linalg.eigh(small)
        affine = np.column_stack([np.ones(size), self.attributes]) / np.sqrt(size)
        return known_spectrum(self.words, self.pmi(), size * values, affine @ inner, name="PMI")

    def pmi(self) -> Real:
        """Compute PMI from its coefficients.

        Returns
        -------
        (2^n, 2^n) float64
            PMI_ij = log P_ij / (P_i P_j).
        """
        delta, eta, gamma = self.pmi_coefficients
        single = self.attributes @ eta
        return np.asarray(
            delta + single[:, None] + single + (self.attributes * gamma) @ self.attributes.T
        )

    # ----------------------------------------------------------------- M*

    def mstar(self) -> Real:
        """Compute M* from PMI.

        Returns
        -------
        (2^n, 2^n) float64
            2 tanh(PMI_ij / 2).
        """
        return np.asarray(2 * np.tanh(self.pmi() / 2))

    def spectrum(self) -> Spectrum:
        """Compute all eigenpairs of M*.

        At q = 1 they are exact: the Walsh functions diagonalise every function of PMI.
        Otherwise they come from LAPACK.

        Returns
        -------
        Spectrum
            2^n eigenpairs, largest eigenvalue first.
        """
        _, q = self._settings
        if np.any(q < 1):
            return super().spectrum()
        matrix = self.mstar()
        walsh = self.walsh
        return known_spectrum(
            self.words, matrix, walsh @ matrix[0], walsh / np.sqrt(len(self.words))
        )

    @property
    def walsh(self) -> Real:
        """(2^n, 2^n) Walsh functions in columns: products of attributes, +1 or -1."""
        return kronecker([np.array([[1.0, 1.0], [1.0, -1.0]])] * self.n_attributes)

    @property
    def _settings(self) -> tuple[Real, Real]:
        return np.array(self.strengths), np.array(self.asymmetry)

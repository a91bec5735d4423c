"""Minimise the quartic loss under weights g_i g_j of pairs, in closed form.

With G = g gᵀ and Γ = diag(g)^(1/2) the quartic loss is ||Γ (W Wᵀ - M*) Γ||² / 4
up to a constant, so that Γ W takes the place of W and Γ M* Γ that of M*
(arXiv 2502.09863, Proposition 2). What does not carry over is the time course:
Y = Γ W obeys dY/dt = ½ Γ² (Γ M* Γ - Y Yᵀ) Y, whose factor Γ² keeps the modes
from evolving on their own; `weighted_flow` integrates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.checks import is_whole
from repsearch.counts.counts import Counts
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.shrinkage import shrunk
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.scaled import Scaled, scaled
from repsearch.target.target import Target


def power_weights(counts: Counts, exponent: float = 0.75) -> NDArray[np.float64]:
    """Make weights of words g_i proportional to P_i^exponent, with mean 1.

    word2vec's own weights G_ij = P_ij + k P_i P_j are near those of exponent 1,
    Setting 3.1 has those of exponent 0.

    Parameters
    ----------
    counts : Counts
        P_i are its marginals.
    exponent : float
        Exponent of P_i, finite.

    Returns
    -------
    (V,) float64
        g. A word that co-occurs with nothing has 0 for a positive exponent, which
        `scaled` refuses by its name.

    Raises
    ------
    InputError
        An exponent that is not finite, or is negative where some P_i = 0.

    Examples
    --------
    >>> from repsearch.dynamics import power_weights
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3], asymmetry=0.5).sample(10_000, seed=0)
    >>> dict(zip(counts.words, power_weights(counts).round(1).tolist()))
    {'pp': 0.6, 'pm': 0.9, 'mp': 0.9, 'mm': 1.6}
    """
    if not np.isfinite(exponent):
        raise InputError(f"exponent is {exponent!r}; pass a finite number such as 0.75")
    marginals = counts.marginals
    lonely = np.flatnonzero(marginals == 0)
    if exponent < 0 and len(lonely):
        raise InputError(
            f"{counts.words[lonely[0]]!r} co-occurs with nothing, so that its weight with exponent "
            f"{exponent:g} is infinite; pass an exponent of at least 0 or leave the word out"
        )
    weights: NDArray[np.float64] = marginals**exponent
    weights /= weights.mean()
    return weights


@dataclass(frozen=True, eq=False, repr=False)
class WeightedMinimiser:
    """The minimiser of the quartic loss under weights g_i g_j; made by `weighted_minimiser`.

    Parameters
    ----------
    matrix : Scaled
        Γ M* Γ, which holds M* and g.
    spectrum : Spectrum
        Leading eigenpairs of Γ M* Γ, by signed value.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.dynamics import power_weights, weighted_minimiser
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3], asymmetry=0.5).sample(10_000, seed=0)
    >>> found = weighted_minimiser(rs.mstar(counts), power_weights(counts), d=2)
    >>> found.embeddings().vectors.shape, found.embeddings(1).vectors.shape, found.loss < 0
    ((4, 2), (4, 1), True)
    """

    matrix: Scaled
    spectrum: Spectrum

    def embeddings(
        self, d: int | None = None, *, exponent: float = 0.5, noise_edge: float = 0.0
    ) -> Embeddings:
        """Give W = Γ⁻¹ V_d Λ_d^exponent, the minimiser at exponent ½.

        Directions whose eigenvalue is not positive get 0, as in the minimiser:
        W Wᵀ = Γ⁻¹ (Γ M* Γ)_[d]+ Γ⁻¹ (arXiv 2502.09863, Proposition 2, eq. (9)).

        Parameters
        ----------
        d : int, optional
            Dimension; all eigenpairs by default.
        exponent : float
            Exponent of the eigenvalues. Below ½ the leading directions count less than
            in the minimiser (Levy, Goldberg and Dagan 2015 call it p).
        noise_edge : float
            Eigenvalues are first shrunk for noise with this edge
            (`repsearch.spectrum.shrinkage`); 0 leaves them as they are.

        Returns
        -------
        Embeddings
            (V, d), in the type of the eigenvectors.

        Raises
        ------
        InputError
            d out of range, a negative or infinite exponent or edge.
        """
        d = self.spectrum.dimension if d is None else d
        if not is_whole(d) or not 1 <= d <= self.spectrum.dimension:
            raise InputError(
                f"d is {d!r}; pass a whole number from 1 to {self.spectrum.dimension}, "
                "for that many eigenpairs were found"
            )
        if not 0 <= exponent < np.inf:
            raise InputError(f"exponent is {exponent!r}; pass a number of at least 0, such as 0.5")
        values = self.spectrum.eigenvalues[:d].astype(float)
        values = shrunk(np.where(values > self.spectrum.residuals[:d], values, 0.0), noise_edge)
        strengths = np.where(values > 0, values**exponent, 0.0)
        vectors = self.spectrum.eigenvectors[:, :d] * strengths / self.matrix.gamma[:, None]
        kind = self.spectrum.eigenvectors.dtype
        return Embeddings(self.matrix.words, vectors.astype(kind), self.matrix.name)

    @property
    def loss(self) -> float:
        """The loss of `embeddings()`, -¼ sum of squares of the positive eigenvalues found."""
        return float(-0.25 * (np.maximum(self.spectrum.eigenvalues, 0).astype(float) ** 2).sum())

    def __repr__(self) -> str:
        return f"WeightedMinimiser({self.matrix!r}, {self.spectrum!r})"


def weighted_minimiser(
    target: Target, g: ArrayLike, d: int = 200, **solver: Any
) -> WeightedMinimiser:
    """Minimise the quartic loss under G = g gᵀ, without a V x V array.

    arXiv 2502.09863, Proposition 2, with the condition that it means: it is the
    top of Γ M* Γ, not that of M*, that has to be positive. Where it is not, the
    minimiser has a lower rank.

    Parameters
    ----------
    target : Target
        A symmetric target.
    g : (V,) array_like of float
        Weights of words, all positive, for example `power_weights`.
    d : int
        Dimension of the embeddings.
    **solver
        Options of `repsearch.eigenpairs`, except ``by``.

    Returns
    -------
    WeightedMinimiser
        The leading d eigenpairs of Γ M* Γ, which make the minimiser.

    Raises
    ------
    InputError
        A target that is not symmetric, weights that are not positive and finite, d or an
        option of the solver out of range.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.dynamics import weighted_minimiser
    >>> from repsearch.synthetic import BinaryAttributes
    >>> target = rs.mstar(BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0))
    >>> plain = weighted_minimiser(target, np.ones(4), d=2).embeddings()  # constant weights
    >>> usual = rs.eigenpairs(target, 2).embeddings(2)
    >>> bool(np.allclose(np.abs(plain.vectors), np.abs(usual.vectors), atol=1e-6))
    True
    """
    matrix = scaled(target, g)
    return WeightedMinimiser(matrix, eigenpairs(matrix, d, by="value", **solver))

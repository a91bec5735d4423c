"""Scale a target by weights of words: the operator Γ M Γ, as sparse as M."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from scipy.sparse.linalg import LinearOperator

from repsearch.errors import InputError
from repsearch.kernels.symmetric import squares_by_row
from repsearch.target.target import Target


@dataclass(frozen=True, eq=False)
class Scaled:
    """Hold Γ M Γ for a target M and Γ = diag(g)^(1/2); made by `scaled`.

    With M = S + c 11ᵀ it is Γ S Γ + c γγᵀ, γ = g^(1/2): nothing is stored but
    the target and g. `eigenpairs` takes it in place of a target.

    Parameters
    ----------
    target : Target
        Target M.
    g : (V,) float64
        Weights of words, all positive; the weight of a pair is g_i g_j.

    Attributes
    ----------
    gamma : (V,) float64
        Square roots of `g`, the diagonal of Γ.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)))
    >>> rs.scaled(target, [0.5, 0.5, 2, 1])
    Scaled(M*, 4 words, g from 0.5 to 2)
    """

    target: Target
    g: NDArray[np.float64]
    gamma: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        g = _checked(self.g, self.target.words)
        object.__setattr__(self, "g", g)
        object.__setattr__(self, "gamma", np.sqrt(g))

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.target.words

    @property
    def name(self) -> str:
        """The target's name between two Γ."""
        return f"Γ {self.target.name} Γ"

    @property
    def symmetric(self) -> bool:
        """Whether the target is symmetric."""
        return self.target.symmetric

    @property
    def squared_norm(self) -> float:
        """Squared norm ||Γ M Γ||_F² = sum_ij g_i g_j M_ij², exact up to rounding.

        Pairs that were never seen add c² g_i g_j each: c² (sum_i g_i)² less
        what they would add at the stored entries.
        """
        target, c = self.target, self.target.constant
        seen = squares_by_row(target.indptr, target.columns, target.below, target.above, c, self.g)
        return c**2 * float(self.g.sum()) ** 2 + float((self.g * seen).sum())

    def dense(self, dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
        """Return the whole matrix.

        Parameters
        ----------
        dtype : dtype
            Type of the array, float32 or float64.

        Returns
        -------
        (V, V) float
            Γ M Γ.

        Raises
        ------
        InputError
            V above 20,000, where the array alone would take gigabytes; another
            dtype than float32 and float64.
        """
        full = self.target.dense(dtype)
        gamma = self.gamma.astype(full.dtype)
        full *= gamma[:, None]
        full *= gamma
        return full

    def operator(
        self, dtype: DTypeLike = np.float64, pool: ThreadPoolExecutor | None = None
    ) -> LinearOperator:
        """Return Γ M Γ as a linear operator on vectors and blocks of vectors.

        Parameters
        ----------
        dtype : dtype
            Precision of the products, float32 or float64.
        pool : ThreadPoolExecutor, optional
            Threads that compute parts of a product; the result does not depend on them.

        Returns
        -------
        LinearOperator
            Γ M Γ, of shape (V, V).

        Raises
        ------
        InputError
            Another dtype than float32 and float64.
        """
        inner = self.target.operator(dtype, pool)
        return _ScaledOperator(inner, self.gamma.astype(inner.dtype))

    def __repr__(self) -> str:
        return (
            f"Scaled({self.target.name}, {len(self.words):,} words, "
            f"g from {self.g.min():.3g} to {self.g.max():.3g})"
        )


class _ScaledOperator(LinearOperator):
    def __init__(self, inner: LinearOperator, gamma: NDArray[Any]) -> None:
        super().__init__(inner.dtype, inner.shape)  # type: ignore[call-arg]
        self._inner = inner
        self._gamma = gamma

    def _matvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._gamma * self._inner.matvec(self._gamma * x.reshape(-1))
        return y

    def _rmatvec(self, x: NDArray[Any]) -> NDArray[Any]:
        y: NDArray[Any] = self._gamma * self._inner.rmatvec(self._gamma * x.reshape(-1))
        return y

    def _matmat(self, block: NDArray[Any]) -> NDArray[Any]:
        gamma = self._gamma[:, None]
        y: NDArray[Any] = gamma * self._inner.matmat(gamma * block)
        return y


def scaled(target: Target, g: ArrayLike) -> Scaled:
    """Scale a target by weights of words: Γ M Γ with Γ = diag(g)^(1/2).

    Its eigenpairs solve the factorisation of M under the weights G_ij = g_i g_j
    (arXiv 2502.09863, Proposition 2): the minimiser has W Wᵀ = Γ⁻¹ (Γ M Γ)_[d] Γ⁻¹.
    The proposition allows g_i = 0, where Γ⁻¹ and with it the minimiser do not exist.

    Parameters
    ----------
    target : Target
        Target M.
    g : (V,) array_like of float
        Weights of words, all positive.

    Returns
    -------
    Scaled
        Γ M Γ, which `eigenpairs` takes in place of a target.

    Raises
    ------
    InputError
        A weight that is not a positive finite number, or not one for each word.

    Examples
    --------
    >>> import repsearch as rs
    >>> corpus = rs.encode(["the cat sat", "the dog sat"], vocabulary_size=None)
    >>> target = rs.mstar(rs.count(corpus, rs.Window(1)))
    >>> g = np.array([0.5, 0.5, 2, 1])
    >>> gamma = np.diag(np.sqrt(g))
    >>> bool(np.allclose(scaled(target, g).dense(), gamma @ target.dense() @ gamma))
    True
    """
    return Scaled(target, _checked(g, target.words))


def _checked(g: ArrayLike, words: tuple[str, ...]) -> NDArray[np.float64]:
    try:
        weights = np.array(g, np.float64)
    except (TypeError, ValueError):
        raise InputError(f"g is {g!r:.80}; pass one number for each word") from None
    if weights.shape != (len(words),):
        raise InputError(
            f"g has shape {weights.shape}; pass one weight for each of the {len(words):,} words"
        )
    wrong = np.flatnonzero(~((weights > 0) & (weights < np.inf)))
    if len(wrong):
        raise InputError(
            f"the weight of {words[wrong[0]]!r} is {weights[wrong[0]]:g}; weights must be positive "
            "and finite, so give it a small positive weight or leave the word out"
        )
    weights.setflags(write=False)
    return weights

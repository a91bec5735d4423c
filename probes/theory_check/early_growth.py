"""Give the matrix that drives embeddings while they are small, for `repsearch.eigenpairs`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from repsearch.counts.counts import Counts
from repsearch.dynamics import LossExpansion
from repsearch.errors import InputError
from repsearch.target.target import DENSE_LIMIT
from repsearch.target.weighting import Weighting

if TYPE_CHECKING:
    from repsearch.training.terms.pair_terms import PairTerms

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EarlyGrowth:
    """N of `PairTerms.near_origin`: dW/dt = (1/2) N W, as sparse as the counts.

    `repsearch.eigenpairs` takes it in place of a target.

    Parameters
    ----------
    counts : Counts
        Exact co-occurrence counts.
    weighting : Weighting
        Psi+ and Psi-, the weights of pairs.
    expansion : LossExpansion
        Slopes and curvature of the loss at 0.

    Raises
    ------
    InputError
        Counts without a pair.

    Examples
    --------
    Under Setting 3.1 the weights of pairs are constant, and the matrix is M* itself:

    >>> import numpy as np
    >>> from repsearch import Setting31, mstar
    >>> from repsearch.dynamics.clock.loss_expansion import QUARTIC
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> growth = EarlyGrowth(counts, Setting31(), QUARTIC)
    >>> bool(np.allclose(growth.dense(), mstar(counts).dense()))
    True
    """

    counts: Counts
    weighting: Weighting
    expansion: LossExpansion
    terms: PairTerms = field(init=False, repr=False)
    sparse_part: sparse.csr_array = field(init=False, repr=False)
    scale: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Here, for figures and probes that need no torch import this package.
        from repsearch.training.terms.pair_terms import pair_terms

        terms = pair_terms(self.counts, self.weighting)
        near, far = terms.near_origin(self.expansion)
        size = terms.n_words
        values = near * terms.positive.astype(float)
        part = sparse.csr_array((values, terms.columns, terms.indptr), shape=(size, size))
        object.__setattr__(self, "terms", terms)
        object.__setattr__(self, "sparse_part", part)
        object.__setattr__(self, "scale", far)

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.counts.words

    @property
    def name(self) -> str:
        """G o M*, as figures call it."""
        return "G∘M*"

    @property
    def symmetric(self) -> bool:
        """Whether the weighting is."""
        return self.weighting.symmetric

    @property
    def squared_norm(self) -> float:
        """||N||_F^2, from the stored entries and the outer products alone."""
        left, right = self.scale * self.terms.left, self.terms.right
        part = self.sparse_part
        outer = float(((left @ left.T) * (right @ right.T)).sum())
        crossed = sum(float(a @ (part @ b)) for a, b in zip(left, right, strict=True))
        return float((part.data**2).sum()) + 2 * crossed + outer

    def dense(self, dtype: DTypeLike = np.float64) -> NDArray[np.floating]:
        """Give the whole array.

        Parameters
        ----------
        dtype : dtype, default float64
            Precision of the array.

        Returns
        -------
        (V, V) ndarray
            N.

        Raises
        ------
        InputError
            More than 20,000 words.
        """
        if len(self.words) > DENSE_LIMIT:
            raise InputError(
                f"a dense array over {len(self.words):,} words would fill the memory; "
                "use the operator"
            )
        full = self.scale * (self.terms.left.T @ self.terms.right) + self.sparse_part.toarray()
        return np.asarray(full, dtype)

    def operator(
        self, dtype: DTypeLike = np.float64, pool: ThreadPoolExecutor | None = None
    ) -> LinearOperator:
        """Give N as an operator on vectors and blocks of vectors.

        Parameters
        ----------
        dtype : dtype, default float64
            Precision of the products.
        pool : ThreadPoolExecutor, optional
            Threads of other matrices over words; not needed here.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            Of shape (V, V).
        """
        kind = np.dtype(dtype)
        part = self.sparse_part.astype(kind)
        left, right = (self.scale * self.terms.left).astype(kind), self.terms.right.astype(kind)

        def product(block: NDArray[np.floating]) -> NDArray[np.floating]:
            found: NDArray[np.floating] = part @ block + left.T @ (right @ block)
            return found

        return LinearOperator(part.shape, matvec=product, matmat=product, dtype=kind)

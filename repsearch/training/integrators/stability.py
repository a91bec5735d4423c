"""Check whether gradient descent at a learning rate can settle at the minimum."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy import sparse

from repsearch import dynamics
from repsearch.dynamics import LossExpansion
from repsearch.dynamics.clock.batches import Batch
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import silent
from repsearch.spectrum.block_lanczos import leading_pairs
from repsearch.spectrum.vectors import HostVectors
from repsearch.training.integrators.gradient_descent import GradientDescent
from repsearch.training.integrators.momentum import Momentum
from repsearch.training.objectives.losses import Loss, Quartic
from repsearch.training.terms.pair_terms import PairTerms

Real = NDArray[np.float64]

# Up to this many words a dense eigensolver is used; Lanczos needs more than a few.
_DENSE_WORDS = 200
# Largest residual accepted, relative to the eigenvalue of largest magnitude; float32 products
# leave less.
_RESIDUAL = 1e-3


def check_learning_rate(
    integrator: GradientDescent | Momentum,
    terms: PairTerms,
    loss: Loss,
    *,
    tied: bool,
    batch: Batch | None = None,
) -> float:
    """Refuse a learning rate at which the minimum is not stable.

    Exact for the quartic loss under Setting 3.1, with untied weights for equal
    Gram matrices. For other losses and weightings it is the same formula with
    the eigenvalues of the weighted target, in units of the mean weight: an
    estimate, and often too large. Among 60 words of Wikipedia it was 1.3 to 1.6
    times the bound at the minimum, and 1.4 to 4 times for SGNS under Setting
    3.1, whose minimum lies far from the origin. A drawn batch has this bound in
    expectation; its noise may need less.

    Parameters
    ----------
    integrator : GradientDescent or Momentum
        Of a schedule, the largest learning rate counts.
    terms : PairTerms
        The coefficients of the loss over pairs.
    loss : Loss
        f+ and f-.
    tied : bool
        Whether words and contexts share their vectors.
    batch : Batch, optional
        How a step draws on pairs, as in `repsearch.dynamics.clock`; all by default.

    Returns
    -------
    float
        The bound, `repsearch.dynamics.stable_learning_rate`; with momentum times its `reach`.

    Raises
    ------
    InputError
        A learning rate above the bound, unless the integrator has ``force=True``.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from repsearch.training import GradientDescent, Quartic, check_learning_rate, pair_terms
    >>> terms = pair_terms(BinaryAttributes([0.4, 0.3]).sample(1000, seed=0), rs.Setting31())
    >>> round(check_learning_rate(GradientDescent(0.1), terms, Quartic(), tied=True), 2)
    0.64
    """
    largest, smallest = extreme_eigenvalues(terms, loss.expansion, tied=tied)
    bound = integrator.reach * dynamics.stable_learning_rate(
        largest,
        smallest,
        loss=loss.expansion,
        tied=tied,
        weight=terms.mean_weight,
        batch=batch,
    )
    if integrator.largest > bound and not integrator.force:
        exact = isinstance(loss, Quartic) and terms.constant
        kind = "" if exact else ", an estimate from the loss near the origin"
        plain = isinstance(integrator, GradientDescent)
        times = "" if plain else f"{integrator.reach:.4g} times "
        raise InputError(
            f"learning_rate is {integrator.largest:g}, above {bound:.4g}, where "
            f"{'gradient descent' if plain else 'momentum'} becomes unstable at the minimum "
            f"({times}2 over the largest eigenvalue of the Hessian{kind}); pass a smaller one, or "
            "force=True"
        )
    return bound


@one_blas_thread()
def extreme_eigenvalues(
    terms: PairTerms, expansion: LossExpansion, *, tied: bool
) -> tuple[float, float]:
    """Find the largest and the smallest eigenvalue of the target, each entry times its weight.

    The target is that of the loss near the origin, `PairTerms.near_origin`,
    symmetrised, for tied weights see nothing else (arXiv 2502.09863, appendix D).
    For untied weights, plus and minus the largest singular value.

    Parameters
    ----------
    terms : PairTerms
        The coefficients of the loss over pairs.
    expansion : LossExpansion
        Derivatives of the loss at 0.
    tied : bool
        Whether words and contexts share their vectors.

    Returns
    -------
    largest, smallest : float
        By signed value.

    Raises
    ------
    InputError
        Lanczos did not converge.
    """
    forward, backward = _products(terms, expansion)
    size = terms.n_words

    def symmetric(x: Real) -> Real:
        return np.asarray(forward(x) + backward(x)) / 2

    def both_sides(x: Real) -> Real:
        return np.concatenate([forward(x[size:]), backward(x[:size])])

    if tied:
        return _extreme_eigenvalue(symmetric, size, 1), _extreme_eigenvalue(symmetric, size, -1)
    # The spectrum of [[0, M], [M^T, 0]] is symmetric about 0.
    largest = _extreme_eigenvalue(both_sides, 2 * size, 1)
    return largest, -largest


def _products(
    terms: PairTerms, expansion: LossExpansion
) -> tuple[Callable[[Real], Real], Callable[[Real], Real]]:
    """Give the weighted target and its transpose, as functions of a vector or a block."""
    # Indices of one kind, so that scipy does not copy them.
    indptr = terms.indptr if len(terms.columns) >= 2**31 else terms.indptr.astype(np.int32)
    size = terms.n_words
    seen = sparse.csr_array((terms.positive, terms.columns, indptr), shape=(size, size))
    near, far = terms.near_origin(expansion)

    def product(x: Real, left: Real, right: Real) -> Real:
        # In the counts' own precision, or scipy would copy them each time.
        of_seen = (seen @ x.astype(terms.positive.dtype)).astype(np.float64)
        return np.asarray(near * of_seen + far * (left.T @ (right @ x)))

    def forward(x: Real) -> Real:
        return product(x, terms.left, terms.right)

    def backward(x: Real) -> Real:
        return product(x, terms.right, terms.left)

    return forward, backward


def _extreme_eigenvalue(multiply: Callable[[Real], Real], size: int, sign: int) -> float:
    """Find the largest eigenvalue, or with sign -1 the smallest."""

    def signed(x: NDArray[np.floating]) -> Real:
        return sign * multiply(np.asarray(x, np.float64))

    if size <= _DENSE_WORDS:
        matrix = np.stack([signed(column) for column in np.eye(size)], 1)
        return sign * float(scipy.linalg.eigvalsh(matrix)[-1])
    with ThreadPoolExecutor(1) as pool:
        space = HostVectors(signed, size, "float64", pool)
        values, vectors = leading_pairs(space, 1, 1e-6, 0, silent)
    residual = float(np.linalg.norm(signed(vectors[:, 0]) - values[0] * vectors[:, 0]))
    scale = max(abs(float(values[0])), float(np.linalg.norm(signed(np.full(size, size**-0.5)))))
    if residual > _RESIDUAL * scale:
        raise InputError(
            f"the end of the target's spectrum was found to {residual:.2g} only; pass counts "
            "without numbers of extreme size, or force=True without a check"
        )
    return sign * float(values[0])

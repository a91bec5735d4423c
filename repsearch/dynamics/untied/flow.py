"""Follow words A and contexts B of their own, exactly, from a balanced start.

With E = M - A B^T, the loss (1/4)||E||_F^2 has the flow

    dA/dt = (1/2) E B,    dB/dt = (1/2) E^T A,

which conserves A^T A - B^T B (Saxe et al. 2014). Where that matrix is l I, the pair
[A; B] / sqrt(2) obeys a tied flow (`tied_problem`; Fukumizu 1998 and Braun et al. 2022
for l = 0, Domine et al. 2024 for any l), so the tied solution is the untied one too. The
sign of a singular value is free, so eigenpairs of a symmetric M serve as they are: an
untied model learns a negative eigenvalue as readily as a positive one, with B = -A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics.closed_form.riccati import coordinates, singular_values
from repsearch.dynamics.inputs.checks import checked_eigenvalues
from repsearch.dynamics.inputs.numpy_or_torch import Array, as_float64, on_numpy
from repsearch.dynamics.untied.balance import checked_imbalance, checked_pair, rounding_of
from repsearch.dynamics.untied.tied_problem import (
    Rotation,
    Side,
    TiedProblem,
    rotation_of,
    side_of,
    tied_problem,
)
from repsearch.dynamics.untied.vanishing_start import residual_sizes
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UntiedFlow:
    """Words and contexts at any time, exact, from a balanced start.

    The target is M = sum_k values_k left_k right_k^T and nothing else: along
    directions that are not among the triples it is taken for 0, and what the start
    has there is followed as such (`outside` says how much that is).

    Parameters
    ----------
    left : (V, K) array
        Orthonormal columns.
    values : (K,) array
        Singular values, or eigenvalues with their signs.
    right : (U, K) array
        Orthonormal columns; `left` again for eigenpairs. A start with equal
        words and contexts stays so, to the bit, only if `right` equals `left`:
        pairs (v, -v) of a singular value decomposition hold to rounding, which
        the flow then amplifies as it would any small difference.
    words0 : (V, d) array
        A(0).
    contexts0 : (U, d) array
        B(0), with A^T A - B^T B = l I to rounding; see `balanced_contexts`.

    Raises
    ------
    InputError
        Shapes that do not fit, columns that are not orthonormal, numbers that
        are not finite, a start that is not balanced.

    Examples
    --------
    >>> from repsearch.dynamics import UntiedFlow, balanced_contexts
    >>> words0 = 1e-3 * np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    >>> basis = np.eye(3)  # M = diag(3, 1, -2)
    >>> flow = UntiedFlow(basis, [3.0, 1.0, -2.0], basis, words0, balanced_contexts(words0))
    >>> words, contexts = flow.at([100.0])
    >>> (words[0] @ contexts[0].T).round(3).diagonal().tolist()  # the two largest by magnitude
    [3.0, 0.0, -2.0]
    >>> flow.strengths([0.0, 5.0, 100.0]).round(1).tolist()
    [[0.0, 0.0], [1.0, 0.0], [3.0, 2.0]]
    """

    left: Array
    values: Array
    right: Array
    words0: Array
    contexts0: Array

    def __post_init__(self) -> None:
        values = checked_eigenvalues(as_float64(self.values))
        for name, basis in (("left", self.left), ("right", self.right)):
            _check_orthonormal(name, basis, len(values))
        a, b = checked_pair(self.words0, self.contexts0)
        if len(a) != len(self.left) or len(b) != len(self.right):
            raise InputError(
                f"words0 has {len(a)} rows and contexts0 {len(b)}; this target has "
                f"{len(self.left)} words and {len(self.right)} contexts"
            )
        _ = self.imbalance  # refuses a start that is not balanced

    @cached_property
    def imbalance(self) -> float:
        """The l of A^T A - B^T B = l I, which the flow conserves; 0 if it is 0 to rounding.

        Raises
        ------
        InputError
            A start that is not balanced.
        """
        return checked_imbalance(self.words0, self.contexts0)

    @property
    def outside(self) -> float:
        """Share of the start's ||A||_F^2 + ||B||_F^2 that lies outside `left` and `right`.

        Where the triples are all of M, this is no loss. Where M has more of them,
        that part of the start is treated as if M were 0 there, and modes learned
        out of it are missing.
        """
        sides = self._words, self._contexts
        rest = np.concatenate([side.outside.ravel() for side in sides])
        whole = np.concatenate([rest, *(side.inside.ravel() for side in sides)])
        scale = np.abs(whole).max() or 1.0
        return float(np.square(rest / scale).sum() / (np.square(whole / scale).sum() or 1.0))

    @cached_property
    def tied(self) -> TiedProblem:
        """The tied flow whose solution is [A; B] / sqrt(2), in the eigenbasis of N.

        Modes +r_k first, in the order of `values`, then -r_k, then what lies outside.
        """
        return tied_problem(self._words, self._contexts, self._rotation, self.imbalance)

    @one_blas_thread()
    def at(self, times: Array) -> tuple[Array, Array]:
        """Work out words and contexts at each time, up to one right rotation common to both.

        Parameters
        ----------
        times : (T,) array
            Flow times, at least 0.

        Returns
        -------
        words : (T, V, d) array
            A(t), of the kind and type of `words0`; worked out in float64.
        contexts : (T, U, d) array
            B(t), of the same.

        Raises
        ------
        InputError
            Times that are negative or not finite.
        """
        *_, back = on_numpy(self.words0)
        a, b, a_outside, b_outside = self._coordinates(times)
        words = as_float64(self.left) @ a + self._words.basis @ a_outside
        contexts = as_float64(self.right) @ b + self._contexts.basis @ b_outside
        return back(words), back(contexts)

    @one_blas_thread()
    def strengths(self, times: Array) -> Array:
        """Work out the singular values of A B^T: how much of each mode is learned.

        Parameters
        ----------
        times : (T,) array
            Flow times, at least 0.

        Returns
        -------
        (T, d) array
            Decreasing. With l = 0 each to its own rounding, otherwise to that
            of the largest.

        Raises
        ------
        InputError
            Times that are negative or not finite.
        """
        *_, back = on_numpy(self.words0)
        if self.imbalance == 0:
            # A and B have the singular values of Q, and A B^T has their squares.
            return back(singular_values(*self.tied, as_float64(times)) ** 2)
        a, b, a_outside, b_outside = self._coordinates(times)
        first = np.linalg.qr(np.concatenate([a, a_outside], axis=1), mode="r")
        second = np.linalg.qr(np.concatenate([b, b_outside], axis=1), mode="r")
        found = np.linalg.svd(first @ np.swapaxes(second, 1, 2), compute_uv=False)
        return back(np.pad(found, ((0, 0), (0, a.shape[2] - found.shape[1]))))

    @one_blas_thread()
    def loss(self, times: Array) -> Array:
        """Work out (1/4)||A B^T - M||_F^2 - (1/4)||M||_F^2, which is 0 at the origin.

        Parameters
        ----------
        times : (T,) array
            Flow times, at least 0.

        Returns
        -------
        (T,) array
            The loss, under Setting 3.1 with g = 1.

        Raises
        ------
        InputError
            Times that are negative or not finite.

        Examples
        --------
        >>> from repsearch.dynamics import UntiedFlow, balanced_contexts
        >>> words0 = 1e-3 * np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
        >>> basis = np.eye(3)
        >>> flow = UntiedFlow(basis, [3.0, 1.0, -2.0], basis, words0, balanced_contexts(words0))
        >>> flow.loss([100.0]).round(2).tolist()  # -(3^2 + 2^2) / 4
        [-3.25]
        """
        *_, back = on_numpy(self.words0)
        a, b, a_outside, b_outside = self._coordinates(times)
        first = np.swapaxes(a, 1, 2) @ a + np.swapaxes(a_outside, 1, 2) @ a_outside
        second = np.swapaxes(b, 1, 2) @ b + np.swapaxes(b_outside, 1, 2) @ b_outside
        squares = (first * second).sum((1, 2))  # ||A B^T||_F^2 = Tr(A^T A B^T B)
        overlap = np.einsum("k,tkd,tkd->t", as_float64(self.values), a, b)
        return back(squares / 4 - overlap / 2)

    @one_blas_thread()
    def vanishing_start(self) -> Array:
        """Work out the size from which each mode starts on its own, in the limit of a small start.

        Modes are learned in the order of |values|, each from what the start has
        of it in the columns that earlier ones left free: with P the rows of the
        start in the tied flow, |R_kk| of the QR decomposition of P^T in that order.
        `aligned_singular_values(abs(values), flow.vanishing_start(), times)` squared are
        the `strengths` in that limit, s e^(s t) a / (s + a (e^(s t) - 1)) with a the square of
        the start (Saxe et al. 2014), and every formula for learning
        times holds with |values| and this start.

        Returns
        -------
        (K,) array
            In the order of `values`; 0 for modes that are not learned, because d
            others come first or because the start has nothing of them, as
            that of a tied model has of negative eigenvalues.

        Raises
        ------
        InputError
            A start with l != 0, which is not small whatever its scale.

        Examples
        --------
        >>> from repsearch.dynamics import UntiedFlow, balanced_contexts, learning_times
        >>> words0 = 1e-3 * np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
        >>> basis = np.eye(3)
        >>> flow = UntiedFlow(basis, [3.0, 1.0, -2.0], basis, words0, balanced_contexts(words0))
        >>> learning_times(np.abs(flow.values), flow.vanishing_start()).round(1).tolist()
        [5.2, inf, 8.0]
        """
        values, start, back = on_numpy(self.values, self.tied.projection)
        if self.imbalance:
            raise InputError(
                f"this start has A^T A - B^T B = {self.imbalance:.3g} I, which never vanishes; "
                "start from balanced_contexts(words0) for the limit of a small start"
            )
        return back(residual_sizes(values, start))

    @cached_property
    def _words(self) -> Side:
        return side_of(self.left, self.words0)

    @cached_property
    def _contexts(self) -> Side:
        return side_of(self.right, self.contexts0)

    @cached_property
    def _rotation(self) -> Rotation:
        return rotation_of(as_float64(self.values), self.imbalance)

    def _coordinates(self, times: Array) -> tuple[Real, Real, Real, Real]:
        """Work out words and contexts along the triples and outside, (T, ., d) each."""
        _, cos, sin = self._rotation
        modes, free = len(cos), len(self._words.outside)
        now = coordinates(*self.tied, as_float64(times)) * math.sqrt(2)
        plus, minus, outside = np.split(now, [modes, 2 * modes], axis=1)
        return (
            cos * plus - sin * minus,
            sin * plus + cos * minus,
            outside[:, :free],
            outside[:, free:],
        )


def untied_flow(spectrum: Spectrum, words0: Array, contexts0: Array) -> UntiedFlow:
    """Follow the untied flow of a symmetric target whose eigenpairs are known.

    An untied model learns by |eigenvalue|, and a `Spectrum` is ordered by signed
    value: with fewer eigenpairs than words it lacks the most negative ones, which
    are often the largest of all. Then the flow is that of the part of M that
    is known, and `UntiedFlow.outside` is the share of the start it does not act on.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs of the target; all of them, or those of largest magnitude, for the
        flow of the target itself.
    words0 : (V, d) array
        A(0).
    contexts0 : (V, d) array
        B(0), balanced with A(0).

    Returns
    -------
    UntiedFlow
        With left = right, the eigenvectors.

    Raises
    ------
    InputError
        Shapes that do not fit, numbers that are not finite, a start that is not balanced.

    Examples
    --------
    >>> from repsearch.dynamics import balanced_contexts, untied_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> words0 = 1e-6 * np.random.default_rng(0).standard_normal((8, 3))
    >>> flow = untied_flow(spectrum, words0, balanced_contexts(words0))
    >>> flow.strengths([100.0]).round(2).tolist(), spectrum.eigenvalues[:3].round(2).tolist()
    ([[3.22, 2.32, 1.51]], [3.22, 2.32, 1.51])
    """
    vectors = spectrum.eigenvectors
    return UntiedFlow(vectors, spectrum.eigenvalues, vectors, words0, contexts0)


def _check_orthonormal(name: str, basis: Array, modes: int) -> None:
    vectors, eps = as_float64(basis), rounding_of(basis)
    if vectors.ndim != 2 or vectors.shape[1] != modes or not np.isfinite(vectors).all():
        raise InputError(
            f"{name} has shape {vectors.shape}; pass finite numbers, a column for each of the "
            f"{modes} values"
        )
    off = float(np.abs(vectors.T @ vectors - np.eye(modes)).max())
    if off > math.sqrt(eps):
        raise InputError(
            f"the columns of {name} are off orthonormal by {off:.2g}; pass singular vectors "
            "or eigenvectors as their solver gives them"
        )

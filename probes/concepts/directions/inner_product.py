"""Whiten embeddings by the covariance of the vocabulary: the causal inner product."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


class CausalInnerProduct(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """The inner product x^T Cov^{-1} y, under which independent concepts are orthogonal.

    Cov is the covariance of all words' vectors. `transform` centres vectors
    and multiplies them by Cov^{-1/2}; the inner product of differences of what
    comes out is the causal one. Directions in which no word varies, to
    rounding, are dropped from the inverse.

    With few words for their dimensions the covariance is of those words alone: whitened by it, any
    two of them come out orthogonal, whatever they mean. Shrinkage, (1 - s) Cov + s (Tr Cov / d) I,
    keeps the directions in which they vary least from being blown up.

    Parameters
    ----------
    shrinkage : float, default 0.0
        The s above, from 0 to 1. At 1 the inner product is the Euclidean one.

    Attributes
    ----------
    mean_ : (d,) ndarray
        Mean of the words.
    whitening_ : (d, d) ndarray
        Cov^{-1/2}, symmetric.
    rank_ : int
        Number of directions that are kept.
    condition_ : float
        Ratio of the largest to the smallest variance along them, after shrinkage.

    References
    ----------
    Park, Choe and Veitch 2023, arXiv:2311.03658, theorem 3.4.

    Examples
    --------
    Two concepts of all four words, on skew directions with a cosine of 0.8:

    >>> first, second = np.array([1.0, 0.0]), np.array([0.8, 0.6])
    >>> words = [a * first + b * second for a in (-1, 1) for b in (-1, 1)]
    >>> causal = CausalInnerProduct().fit(words)
    >>> round(float(first @ second), 3), abs(round(float(causal.inner(first, second)), 9))
    (0.8, 0.0)
    """

    def __init__(self, shrinkage: float = 0.0) -> None:
        self.shrinkage = shrinkage

    def fit(self, X: ArrayLike, y: None = None) -> CausalInnerProduct:
        """Take the covariance of word vectors.

        Parameters
        ----------
        X : (V, d) array_like
            Vectors of all words.
        y : None
            Not looked at; it is there for scikit-learn's pipelines.

        Returns
        -------
        CausalInnerProduct
            The estimator itself.

        Raises
        ------
        ValueError
            Fewer than two words, a number is not finite, or the shrinkage is out of range.
        """
        if not 0 <= self.shrinkage <= 1:
            raise InputError(f"shrinkage is {self.shrinkage!r}; pass a number from 0 to 1")
        checked = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        self.mean_ = checked.mean(axis=0)
        centred = checked - self.mean_
        with one_blas_thread():
            covariance = centred.T @ centred / len(checked)
            if self.shrinkage:
                level = self.shrinkage * float(np.trace(covariance)) / len(covariance)
                covariance = (1 - self.shrinkage) * covariance + level * np.eye(len(covariance))
            values, axes = np.linalg.eigh(covariance)
        floor = max(checked.shape) * np.finfo(np.float64).eps * max(0.0, float(values[-1]))
        kept = values > floor
        self.rank_ = int(np.count_nonzero(kept))
        self.condition_ = float(values[kept].max() / values[kept].min()) if kept.any() else 1.0
        self.whitening_ = (axes[:, kept] / np.sqrt(values[kept])) @ axes[:, kept].T
        self._n_features_out = checked.shape[1]
        return self

    def transform(self, X: ArrayLike) -> Real:
        """Centre and whiten vectors.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.

        Returns
        -------
        (n, d) float
            Vectors whose Euclidean inner product is the causal one.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        ValueError
            A number is not finite, or there are not d columns.
        """
        check_is_fitted(self)
        checked = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray((checked - self.mean_) @ self.whitening_)

    def inner(self, x: ArrayLike, y: ArrayLike) -> Any:
        """Compute x^T Cov^{-1} y of directions, which are not centred.

        Parameters
        ----------
        x : (d,) or (n, d) array_like
            One direction, or several.
        y : (d,) or (m, d) array_like
            One direction, or several.

        Returns
        -------
        float or ndarray
            A number for two directions; (n, m) for several.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        """
        check_is_fitted(self)
        one, other = (np.asarray(v, dtype=np.float64) @ self.whitening_ for v in (x, y))
        return one @ other.T


def whitened(embeddings: Embeddings, *, shrinkage: float = 0.0) -> Embeddings:
    """Whiten embeddings, so that their Euclidean inner product is the causal one of those given.

    All that takes embeddings then works with the causal inner product.

    Parameters
    ----------
    embeddings : Embeddings
        V words and vectors (V, d).
    shrinkage : float, default 0.0
        Of the covariance, as in `CausalInnerProduct`.

    Returns
    -------
    Embeddings
        The same words, centred and with a covariance of one in all directions that they fill.

    Raises
    ------
    ValueError
        There are fewer than two words, or the shrinkage is out of range.

    References
    ----------
    Park, Choe and Veitch 2023, arXiv:2311.03658.

    Examples
    --------
    >>> emb = Embeddings(("a", "b", "c", "d"), np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]]))
    >>> white = whitened(emb).vectors
    >>> np.round(white.T @ white / 4, 9) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """
    vectors = CausalInnerProduct(shrinkage).fit_transform(embeddings.vectors)
    return Embeddings(embeddings.words, vectors, f"{embeddings.name} whitened".strip())

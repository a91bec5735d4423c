"""Erase a concept by least squares: the smallest change that leaves no linear classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


class LeastSquaresErasure(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Change vectors as little as possible so that their covariance with the labels is zero.

    r(x) = x − W^+ P W (x − E x) with W = (Cov_xx^{1/2})^+ and P the orthogonal
    projection on the columns of W Cov_xz, z being the labels as indicators.
    Afterwards all classes have the same mean, so that on the words it was
    fitted to no linear classifier, with whatever convex loss, beats a constant
    one. On other words it leaves what the sample's covariances miss of the
    population's, which falls as the root of their number; and a classifier
    that is not linear may still succeed.

    Attributes
    ----------
    mean_ : (d,) ndarray
        Mean of the words.
    erased_ : (d, k) ndarray
        Columns whose span holds what is taken away.
    read_ : (k, d) ndarray
        How much of each column, as a linear function of the centred word.
    classes_ : (m,) ndarray
        Labels, sorted.

    References
    ----------
    Belrose et al. 2023, arXiv:2306.03819, theorem 4.2.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(20) % 2
    >>> X = rng.normal(size=(20, 3)) + 5 * y[:, None]
    >>> left = LeastSquaresErasure().fit_transform(X, y)
    >>> gap = left[y == 1].mean(axis=0) - left[y == 0].mean(axis=0)
    >>> np.abs(np.round(gap, 9))  # no linear classifier has anything to hold on to
    array([0., 0., 0.])
    """

    @one_blas_thread()
    def fit(self, X: ArrayLike, y: ArrayLike) -> LeastSquaresErasure:
        """Find what to take away.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.
        y : (n,) array_like
            Labels, of any number of classes.

        Returns
        -------
        LeastSquaresErasure
            The estimator itself.

        Raises
        ------
        ValueError
            A number is not finite, or the labels are no classes.
        """
        checked, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        self.mean_ = checked.mean(axis=0)
        centred = checked - self.mean_
        indicators = np.eye(len(self.classes_))[codes]
        indicators -= indicators.mean(axis=0)
        # With X = U S A and n rows, W Cov_xz = A^T U^T Z / sqrt(n): no small number is squared.
        left, values, axes = linalg.svd(centred, full_matrices=False)
        largest = float(values[0]) if len(values) else 0.0
        kept = values > max(centred.shape) * np.finfo(np.float64).eps * largest
        left, values, axes = left[:, kept], values[kept], axes[kept]
        basis = self._range(left.T @ indicators)
        self.erased_ = axes.T @ (values[:, None] * basis)
        self.read_ = (basis.T / values) @ axes
        self._n_features_out = checked.shape[1]
        return self

    def transform(self, X: ArrayLike) -> Real:
        """Take away what a linear classifier of the labels could use.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.

        Returns
        -------
        (n, d) float
            Vectors in the same space.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        ValueError
            A number is not finite, or there are not d columns.
        """
        check_is_fitted(self)
        checked = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(checked - (checked - self.mean_) @ self.read_.T @ self.erased_.T)

    @staticmethod
    def _range(matrix: Real) -> Real:
        if not matrix.size:
            return np.zeros((len(matrix), 0))
        basis, values, _ = linalg.svd(matrix, full_matrices=False)
        # The columns of the indicators sum to zero, so one value is rounding of sums of ones.
        size = float(np.sqrt(len(matrix))) * np.finfo(np.float64).eps
        return np.asarray(basis[:, values > 100 * size * max(1.0, float(values.max()))])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

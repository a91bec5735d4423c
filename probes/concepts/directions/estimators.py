"""Estimate concept directions from words of two classes, as scikit-learn does.

All five take word vectors X and two labels y. The fitted direction has length
one and points from ``classes_[0]`` to ``classes_[1]``, that is from a to b when
a has the smaller label: the mean of class 1 lies further along it than that of
class 0. `transform` gives the signed distance from the point half-way between
the two means, `predict` its sign.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from repsearch.errors import InputError

Real = NDArray[np.float64]


class ConceptDirection(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]
    TransformerMixin,  # type: ignore[misc]
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """What the five estimators of a concept direction share; not fitted itself.

    A subclass gives `_direction`, which fits a direction of any length and sign.

    Attributes
    ----------
    direction_ : (d,) ndarray
        Direction of length one, from ``classes_[0]`` to ``classes_[1]``; zero where the
        two classes do not differ.
    threshold_ : float
        Mean of the two class means' places along the direction.
    classes_ : (2,) ndarray
        The labels, sorted.
    n_features_in_ : int
        Number of columns d.

    Examples
    --------
    >>> issubclass(MeanDifference, ConceptDirection)
    True
    >>> X, y = [[0.0, 1.0], [0.0, 3.0], [4.0, 1.0], [4.0, 3.0]], ["king", "king", "queen", "queen"]
    >>> found = MeanDifference().fit(X, y)
    >>> found.direction_, found.predict([[1.0, 9.0]])
    (array([1., 0.]), array(['king'], dtype='<U5'))
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> ConceptDirection:
        """Find the direction.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.
        y : (n,) array_like
            Two labels.

        Returns
        -------
        ConceptDirection
            The estimator itself.

        Raises
        ------
        ValueError
            The labels are not two, a number is not finite, or a parameter is
            out of range.
        """
        checked, labels = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) != 2:
            kind = type_of_target(labels, input_name="y")
            if len(self.classes_) > 2:
                raise InputError(
                    "Only binary classification is supported. The type of the target is "
                    f"{kind}, with {len(self.classes_)} classes; pass two labels"
                )
            raise InputError("Classifier can't train when only one class is present; pass two")
        side = codes.astype(bool)
        means = checked[~side].mean(axis=0), checked[side].mean(axis=0)
        middle = (means[0] + means[1]) / 2
        found = self._direction(checked - middle, side)
        length = float(np.linalg.norm(found))
        found = found / length if length > 0 else found
        if found @ (means[1] - means[0]) < 0:
            found = -found
        self.direction_ = found
        self.threshold_ = float(middle @ found)
        self._n_features_out = 1
        return self

    def decision_function(self, X: ArrayLike) -> Real:
        """Measure signed distances from the point half-way between the two means.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.

        Returns
        -------
        (n,) float
            In units of the embeddings, positive towards ``classes_[1]``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        ValueError
            A number is not finite, or there are not d columns.
        """
        check_is_fitted(self)
        checked = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(checked @ self.direction_ - self.threshold_)

    def transform(self, X: ArrayLike) -> Real:
        """Give the signed distances as one feature.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.

        Returns
        -------
        (n, 1) float
            The numbers of `decision_function`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        ValueError
            A number is not finite, or there are not d columns.
        """
        return self.decision_function(X)[:, None]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Give each word the label of its side.

        Parameters
        ----------
        X : (n, d) array_like
            Word vectors.

        Returns
        -------
        (n,) ndarray
            Labels; a word exactly half-way gets that of class 0.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` was not called.
        ValueError
            A number is not finite, or there are not d columns.
        """
        further = self.decision_function(X) > 0
        return np.asarray(self.classes_[further.astype(int)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    @abstractmethod
    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        """Give a direction of any length and sign; `centred` has both class means' middle at 0."""


class MeanDifference(ConceptDirection):
    """The difference of the two class means.

    Of pairs (a_n, b_n) it is the mean of the difference vectors.

    Examples
    --------
    >>> found = MeanDifference().fit([[0.0, 0.0], [2.0, 0.0], [1.0, 3.0], [1.0, 5.0]], [0, 0, 1, 1])
    >>> found.direction_, found.threshold_
    (array([0., 1.]), 2.0)
    """

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        return np.asarray(centred[side].mean(axis=0) - centred[~side].mean(axis=0))


class PrincipalDirection(ConceptDirection):
    """First principal component of the words, its sign set by the labels.

    The labels decide no more than the sign: where the classes are not what the
    words differ in most, this is another direction than the concept's.

    Examples
    --------
    >>> X = [[-9.0, 0.0], [9.0, 0.0], [-9.0, 1.0], [9.5, 1.0]]  # the second column is the concept
    >>> np.round(PrincipalDirection().fit(X, [0, 0, 1, 1]).direction_)
    array([1., 0.])
    """

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        _, _, axes = linalg.svd(centred - centred.mean(axis=0), full_matrices=False)
        return np.asarray(axes[0])


class DiscriminantDirection(ConceptDirection):
    """Fisher's linear discriminant, with a within-class covariance that is shrunk.

    direction = (S + shrinkage * l I)^{-1} (mean_1 − mean_0), where l is the mean
    of the within-class covariance's eigenvalues that can be other than zero. The
    result does not change when the embeddings are turned or scaled.

    Parameters
    ----------
    shrinkage : float, default 0.1
        How much of l is added to the covariance. Above 0, for with fewer words than
        dimensions S has no inverse.

    References
    ----------
    Fisher 1936, Annals of Eugenics 7, 179-188.

    Examples
    --------
    Noise along the first column is large, so the discriminant turns away from it:

    >>> X, y = [[0.0, 0.0], [8.0, 0.0], [2.0, 1.0], [10.0, 1.1]], [0, 0, 1, 1]
    >>> np.round(MeanDifference().fit(X, y).direction_, 1)
    array([0.9, 0.5])
    >>> np.round(DiscriminantDirection().fit(X, y).direction_, 1)
    array([0.1, 1. ])
    """

    def __init__(self, shrinkage: float = 0.1) -> None:
        self.shrinkage = shrinkage

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        _check_positive("shrinkage", self.shrinkage)
        means = np.stack([centred[~side].mean(axis=0), centred[side].mean(axis=0)])
        within = centred - means[side.astype(int)]
        n, d = within.shape
        # By singular values: with few words a d x d covariance would be mostly zeros.
        _, values, axes = linalg.svd(within, full_matrices=False)
        spread = values**2
        between = means[1] - means[0]
        level = self.shrinkage * spread.sum() / max(1, min(d, n - 2))
        if level == 0:
            return np.asarray(between)
        coefficients = axes @ between
        inside = axes.T @ (coefficients / (spread + level))
        outside = (between - axes.T @ coefficients) / level
        return np.asarray(inside + outside)


class RidgeDirection(ConceptDirection):
    """Least squares of the labels on the words, with a penalty on the length.

    direction = (X^T X + penalty * l I)^{-1} X^T y of centred X and y, where l is
    the mean of the eigenvalues of X^T X that can be other than zero; so the
    result does not change when the embeddings are turned or scaled.

    Parameters
    ----------
    penalty : float, default 1.0
        How much of l is added to the eigenvalues; above 0.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [8.0, 0.0], [2.0, 1.0], [10.0, 1.0]], [0, 0, 1, 1]
    >>> weak, strong = (RidgeDirection(penalty).fit(X, y).direction_ for penalty in (1e-6, 1e6))
    >>> np.round(weak, 3) + 0.0, np.round(strong, 3)  # least squares, and the mean difference
    (array([0., 1.]), array([0.894, 0.447]))
    """

    def __init__(self, penalty: float = 1.0) -> None:
        self.penalty = penalty

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        _check_positive("penalty", self.penalty)
        rows = centred - centred.mean(axis=0)
        target = side - side.mean()
        left, values, axes = linalg.svd(rows, full_matrices=False)
        spread = values**2
        level = self.penalty * spread.sum() / max(1, min(rows.shape[1], len(rows) - 1))
        if level == 0:
            return np.zeros(rows.shape[1])
        return np.asarray(axes.T @ (values / (spread + level) * (left.T @ target)))


class LogisticDirection(ConceptDirection):
    """Normal of a logistic regression's boundary, with a penalty on its length.

    The words are first scaled to a mean squared length of one, so that
    the result does not change when the embeddings are turned or scaled.

    Parameters
    ----------
    C : float, default 1.0
        Inverse of the penalty's strength, above 0, as in
        `sklearn.linear_model.LogisticRegression`.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [3.0, 0.0], [3.0, 1.0]], [0, 0, 1, 1]
    >>> np.round(LogisticDirection().fit(X, y).direction_, 3) + 0.0
    array([1., 0.])
    """

    def __init__(self, C: float = 1.0) -> None:
        self.C = C

    def _direction(self, centred: Real, side: NDArray[np.bool_]) -> Real:
        _check_positive("C", self.C)
        size = float(np.sqrt(np.mean(np.einsum("ij,ij->i", centred, centred))))
        if size == 0:
            return np.zeros(centred.shape[1])
        coordinates, axes = row_space(centred / size)
        fitted = LogisticRegression(C=self.C, max_iter=2000, tol=1e-6).fit(coordinates, side)
        return np.asarray(axes.T @ fitted.coef_[0])


def row_space(rows: Real) -> tuple[Real, Real]:
    """Give the coordinates of rows in their own span: directions are made of nothing else.

    Parameters
    ----------
    rows : (n, d) float
        Any.

    Returns
    -------
    coordinates : (n, r) float
        The rows themselves where d is at most n, else r = n.
    axes : (r, d) float
        The orthonormal basis of the coordinates.

    Examples
    --------
    >>> coordinates, axes = row_space(np.array([[3.0, 0.0, 4.0]]))
    >>> coordinates.shape, np.round(coordinates @ axes, 9)
    ((1, 1), array([[3., 0., 4.]]))
    """
    if rows.shape[1] <= rows.shape[0]:
        return rows, np.eye(rows.shape[1])
    left, values, axes = linalg.svd(rows, full_matrices=False)
    return left * values, axes


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise InputError(f"{name} is {value!r}; pass a number above 0")

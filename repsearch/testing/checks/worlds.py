"""Check worlds with known answers, and a target or a whitening on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.synthetic import PairWorld, World, eigenvalue_errors, spectrum_of
from repsearch.target.mstar import mstar
from repsearch.target.target import Target
from repsearch.testing.check import Check

Real: TypeAlias = NDArray[np.float64]
_EPS = float(np.finfo(float).eps)


def is_distribution(world: PairWorld) -> Check:
    """Check that P is symmetric, not negative and sums to 1, with the world's marginals.

    Parameters
    ----------
    world : PairWorld
        A world of any kind that has P.

    Returns
    -------
    Check
        The error is the largest of the four deviations; 4 V machine epsilon are allowed.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> is_distribution(BinaryAttributes([0.3, 0.5], asymmetry=0.8)).holds
    True
    """
    p = world.P
    errors = {
        "asymmetry": float(np.abs(p - p.T).max()),
        "below zero": float(max(-p.min(), 0.0)),
        "sum off by": abs(float(p.sum()) - 1),
        "row sums off by": float(np.abs(p.sum(axis=1) - world.marginals).max()),
    }
    return Check(
        claim="P is a symmetric distribution of pairs with the stated marginals",
        error=max(errors.values()),
        tolerance=4 * len(p) * _EPS,
        witness={"world": world, **errors},
    )


def spectrum_solves(world: World) -> Check:
    """Check that the world's eigenpairs are all those of its M*, orthonormal and in order.

    Parameters
    ----------
    world : World
        A world of any kind.

    Returns
    -------
    Check
        The error is the largest of residual, deviation from orthonormality and step in the
        wrong direction; 8 V machine epsilon are allowed.

    Examples
    --------
    >>> from repsearch.synthetic import Tree
    >>> spectrum_solves(Tree(branching=3, depth=2)).holds
    True
    """
    found, matrix = world.spectrum(), world.mstar()
    size = len(matrix)
    values, vectors = found.eigenvalues, found.eigenvectors
    scale = float(np.linalg.norm(matrix)) or 1.0
    if vectors.shape != (size, size):
        error, where = np.inf, {"eigenvectors": f"of shape {vectors.shape} for {size} words"}
    else:
        parts = {
            "residual": float(np.linalg.norm(matrix @ vectors - vectors * values)) / scale,
            "off orthonormal": float(np.linalg.norm(vectors.T @ vectors - np.eye(size))),
            "out of order by": float(np.diff(values).max(initial=0.0)) / scale,
        }
        error, where = max(parts.values()), {name: f"{x:.1e}" for name, x in parts.items()}
    return Check(
        claim="the spectrum holds all eigenpairs of M*, largest eigenvalue first",
        error=error,
        tolerance=8 * size * _EPS,
        witness={"world": world, **where},
    )


def parallelograms_close(
    world: PairWorld, *, d: int, target: Callable[[PairWorld], Real] = PairWorld.pmi
) -> Check:
    """Check that all pairs of a relation differ by one vector in the top-d embeddings of a target.

    The embeddings are W = V_d Lambda_d^(1/2). The error is the largest distance
    of a pair's difference from the mean of its relation, over the norm of the
    longest embedding; infinite where that mean is zero, for then d dimensions
    do not show the relation. The tolerance is what the eigensolver's rounding
    can turn the top-d space by, 8 V eps lambda_1 / (lambda_d - lambda_(d+1)).

    Parameters
    ----------
    world : PairWorld
        A world with a relation of at least two pairs.
    d : int
        Dimension, at most the number of positive eigenvalues.
    target : callable
        Gives the symmetric (V, V) matrix to factorise for the world; PMI by default, of
        which arXiv 2505.18651 claims it.

    Returns
    -------
    Check
        With the relation that is furthest from the claim as a witness.

    Raises
    ------
    InputError
        No relation with two pairs, or a d out of range.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.5, 0.7])
    >>> parallelograms_close(world, d=3).holds
    True
    >>> parallelograms_close(world, d=3, target=lambda world: np.maximum(world.pmi(), 0)).holds
    False
    """
    spectrum = spectrum_of(world.words, target(world), name="the target")
    vectors = spectrum.embeddings(d).vectors
    row = {word: k for k, word in enumerate(world.words)}
    longest = float(np.linalg.norm(vectors, axis=1).max())
    values = np.append(spectrum.eigenvalues, 0.0)
    gap = max(float(values[d - 1] - values[d]), _EPS * float(values[0]))
    tolerance = 8 * len(world.words) * _EPS * float(values[0]) / gap
    errors = {}
    for name, pairs in world.relations.items():
        if len(pairs) < 2:
            continue
        steps = np.array([vectors[row[b]] - vectors[row[a]] for a, b in pairs]) / longest
        mean = steps.mean(axis=0)
        shown = np.linalg.norm(mean) > tolerance
        errors[name] = float(np.linalg.norm(steps - mean, axis=1).max()) if shown else np.inf
    if not errors:
        raise InputError(
            f"{world!r} has no relation of two pairs or more; pass a world that has one"
        )
    worst = max(errors, key=lambda name: errors[name])
    return Check(
        claim=f"pairs of a relation differ by one vector in {d} dimensions",
        error=errors[worst],
        tolerance=tolerance,
        witness={"world": world, "worst relation": worst},
    )


def eigenvalue_errors_hold(
    world: PairWorld,
    n_pairs: int,
    *,
    d: int,
    samples: int = 40,
    seed: int = 0,
    target: Callable[[Counts], Target] = mstar,
) -> Check:
    """Check that sampled eigenvalues scatter around the truth as `eigenvalue_errors` says.

    Over `samples` corpora the mean square error of each eigenvalue, in units of
    its predicted variance, is near 1. The error is the largest distance from 1
    in standard deviations of a chi-squared mean, sqrt(2 / samples); the
    tolerance is the normal quantile that all d stay within with probability 0.999.

    Parameters
    ----------
    world : PairWorld
        A world whose top eigenvalues are single.
    n_pairs : int
        Number of pairs in each corpus; many enough that second-order errors are small.
    d : int
        Number of eigenvalues.
    samples : int
        Number of corpora.
    seed : int
        Seed of the first corpus; corpus k has the seed `seed` + k.
    target : callable
        From counts to the target whose eigenvalues are compared; `mstar` by default.

    Returns
    -------
    Check
        With the mean square errors over the predicted ones as a witness.

    Raises
    ------
    InputError
        A number out of range, or a world with pairs that never occur.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> eigenvalue_errors_hold(BinaryAttributes([0.3, 0.7]), 100_000, d=2, samples=10).holds
    True
    """
    truth = world.spectrum().eigenvalues[:d]
    expected = eigenvalue_errors(world, n_pairs, d=d)
    found = np.array(
        [
            eigenpairs(
                target(world.sample(n_pairs, seed=seed + k)), d, dtype="float64", method="dense"
            ).eigenvalues
            for k in range(samples)
        ]
    )
    shares = np.mean(((found - truth) / expected) ** 2, axis=0)
    return Check(
        claim=f"eigenvalues from {n_pairs:,} pairs err as first-order sampling theory says",
        error=float(np.abs(shares - 1).max() / np.sqrt(2 / samples)),
        tolerance=float(norm.isf(0.0005 / d)),
        witness={"world": world, "mean square error / predicted": shares},
    )


def whitening(unembeddings: Real) -> Real:
    """Compute the map A = Cov^(-1/2) that whitens the rows of a matrix.

    With A the causal inner product x^T Cov^-1 y of Park, Choe and Veitch (2024) is the
    Euclidean one of A x and A y.

    Parameters
    ----------
    unembeddings : (V, d) float
        Vectors that span the space.

    Returns
    -------
    (d, d) float
        A, symmetric.

    Raises
    ------
    InputError
        A covariance without an inverse: no more words than dimensions, or vectors
        that do not span them.

    Examples
    --------
    >>> whitening(np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])).round(3)
    array([[0.707, 0.   ],
           [0.   , 1.414]])
    """
    centred = unembeddings - unembeddings.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    if values[0] <= len(values) * _EPS * values[-1]:
        raise InputError(
            f"the covariance of {len(centred)} vectors in {len(values)} dimensions has no "
            "inverse; pass more vectors, or fewer dimensions"
        )
    return np.asarray((vectors / np.sqrt(values)) @ vectors.T)


def whitened_is_causal(unembeddings: Real, *, whiten: Callable[[Real], Real] = whitening) -> Check:
    """Check that after whitening the Euclidean inner product is the causal one, x^T Cov^-1 y.

    Of all pairs of unembeddings (Park, Choe and Veitch 2024); the whitened
    unembeddings have the identity for a covariance.

    Parameters
    ----------
    unembeddings : (V, d) float
        Vectors that span the space.
    whiten : callable
        From unembeddings to the (d, d) map A; `whitening` by default.

    Returns
    -------
    Check
        The error is the larger of the relative error of the inner products and of that of
        the covariance; 8 d machine epsilon times the condition of the covariance are allowed.

    Raises
    ------
    InputError
        A covariance without an inverse.

    Examples
    --------
    >>> vectors = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> whitened_is_causal(vectors).holds
    True
    >>> whitened_is_causal(vectors, whiten=lambda vectors: np.eye(2)).holds
    False
    """
    vectors = np.asarray(unembeddings, np.float64)
    centred = vectors - vectors.mean(axis=0)
    covariance = centred.T @ centred / len(vectors)
    changed = vectors @ whiten(vectors).T
    causal = vectors @ np.linalg.solve(covariance, vectors.T)
    d = len(covariance)
    parts = {
        "inner products off by": float(
            np.linalg.norm(changed @ changed.T - causal) / np.linalg.norm(causal)
        ),
        "covariance off by": float(np.linalg.norm(np.cov(changed.T, bias=True) - np.eye(d))),
    }
    return Check(
        claim="whitening turns the causal inner product into the Euclidean one",
        error=max(parts.values()),
        tolerance=8 * d * _EPS * float(np.linalg.cond(covariance)),
        witness={"unembeddings": vectors, **parts},
    )

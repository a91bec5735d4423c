"""Eigenpairs of Γ M Γ against its dense twin, and the order by magnitude."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from strategies import count_matrices, counts_from
from threadpoolctl import threadpool_limits

from repsearch.errors import InputError
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.scaled import scaled
from repsearch.target.target import Target
from repsearch.target.weighting import Word2Vec

EPS = {"float32": float(np.finfo(np.float32).eps), "float64": float(np.finfo(np.float64).eps)}
ASKED = {"float32": 1e-5, "float64": 1e-10}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Any:
    """Keep the many small products of these tests from waiting for one another."""
    with threadpool_limits(1):
        yield


def poisson_target(size: int, mean: float = 1.0, seed: int = 0, **how: Any) -> Target:
    """M* of random counts in which frequent words meet more often."""
    rng = np.random.default_rng(seed)
    rank = np.arange(1, size + 1)
    latent = rng.standard_normal((size, 5))
    rate = mean * np.exp(0.3 * latent @ latent.T) * size**0.8 / np.sqrt(np.outer(rank, rank))
    half = np.tril(rng.poisson(rate))
    half[np.arange(1, size), np.arange(size - 1)] += 1
    return mstar(counts_from(half + np.tril(half, -1).T), **how)


def twin(target: Target, g: NDArray[np.float64]) -> NDArray[np.float64]:
    """Γ M Γ in the plainest way."""
    gamma = np.diag(np.sqrt(g))
    dense: NDArray[np.float64] = gamma @ target.dense() @ gamma
    return dense


def weights(size: int, seed: int = 0) -> NDArray[np.float64]:
    return np.exp(np.random.default_rng(seed).normal(size=size) * 1.5)


def check(
    found: Spectrum,
    dense: NDArray[np.float64],
    wanted: NDArray[np.float64],
    dtype: str,
    asked: float = 0.0,
) -> None:
    """Values as wanted, in decreasing order, with orthonormal vectors that belong to them."""
    size = len(dense)
    allowed = float(np.linalg.norm(dense)) * (asked + 32 * size * EPS[dtype])
    assert np.abs(found.eigenvalues - wanted).max() <= allowed
    assert (np.diff(found.eigenvalues) <= 0).all()
    v = found.eigenvectors.astype(float)
    assert np.abs(v.T @ v - np.eye(v.shape[1])).max() <= 32 * size * EPS[dtype]
    residuals = np.linalg.norm(dense @ v - v * found.eigenvalues.astype(float), axis=0)
    assert np.abs(residuals - found.residuals).max() <= 32 * size * EPS["float64"] * max(
        float(np.linalg.norm(dense)), 1
    )
    assert residuals.max() <= allowed


def by_magnitude(dense: NDArray[np.float64], d: int) -> NDArray[np.float64]:
    values = np.linalg.eigvalsh(dense)
    return np.sort(values[np.argsort(-np.abs(values), kind="stable")[:d]])[::-1]


# ------------------------------------------------------------- the matrix


@given(
    matrix=count_matrices(1, 7),
    kind=st.sampled_from([mstar, pmi, shifted_ppmi]),
    seed=st.integers(0, 1000),
)
def test_the_scaled_target_is_its_dense_twin(matrix: Any, kind: Any, seed: int) -> None:
    target = kind(counts_from(matrix))
    g = weights(len(matrix), seed)
    found, dense = scaled(target, g), twin(target, g)
    size = len(matrix)
    scale = float(np.abs(dense).max())
    assert np.abs(found.dense() - dense).max() <= 8 * EPS["float64"] * scale
    block = np.random.default_rng(seed).normal(size=(size, 3))
    allowed = (
        16
        * size
        * EPS["float64"]
        * float(np.abs(block).max())
        * g.max()
        * (np.abs(target.dense()).max() + abs(target.constant))
    )
    assert np.abs(found.operator() @ block - dense @ block).max() <= allowed
    assert np.abs(found.operator() @ block[:, 0] - dense @ block[:, 0]).max() <= allowed
    assert np.abs(found.operator().T @ block[:, 0] - dense @ block[:, 0]).max() <= allowed
    assert found.operator("float32").dtype == np.float32
    # What unseen pairs would add is taken away again where there are counts.
    parts = g.sum() ** 2 * target.constant**2 + (dense**2).sum()
    assert found.squared_norm == pytest.approx(
        (dense**2).sum(), abs=16 * size * EPS["float64"] * parts
    )
    assert (found.words, found.name) == (target.words, f"Γ {target.name} Γ")


def test_an_asymmetric_target_is_scaled_on_both_sides() -> None:
    target = poisson_target(12, weighting=Word2Vec(subsample=1e-2, symmetrise=False))
    g = weights(12)
    found, dense = scaled(target, g), twin(target, g)
    assert not found.symmetric
    x = np.arange(12.0)
    assert np.allclose(found.operator() @ x, dense @ x, rtol=1e-12)
    assert np.allclose(found.operator().T @ x, dense.T @ x, rtol=1e-12)
    assert found.squared_norm == pytest.approx((dense**2).sum(), rel=1e-12)
    with pytest.raises(InputError, match=r"Γ M\* Γ is not symmetric"):
        eigenpairs(found, 2)


def test_it_is_not_changed_by_what_happens_to_g() -> None:
    target, g = poisson_target(5), np.ones(5)
    found = scaled(target, g)
    g[:] = 7
    assert (found.g == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        found.g[0] = 2
    assert repr(found) == "Scaled(M*, 5 words, g from 1 to 1)"


@pytest.mark.parametrize(
    ("g", "sentence"),
    [
        ([1.0, 0.0, 2.0], "the weight of 'w1' is 0; weights must be positive and finite"),
        ([1.0, 1.0, -2.0], "the weight of 'w2' is -2"),
        ([np.nan, 1.0, 1.0], "the weight of 'w0' is nan"),
        ([1.0, np.inf, 1.0], "the weight of 'w1' is inf"),
        ([1.0, 1.0], "g has shape (2,); pass one weight for each of the 3 words"),
        (np.ones((3, 1)), "g has shape (3, 1)"),
        (["a", "b", "c"], "g is ['a', 'b', 'c']; pass one number for each word"),
        ([[1.0], 2.0, 3.0], "g is [[1.0], 2.0, 3.0]; pass one number for each word"),
    ],
)
def test_weights_that_will_not_do(g: Any, sentence: str) -> None:
    with pytest.raises(InputError) as raised:
        scaled(poisson_target(3), g)
    assert sentence in str(raised.value)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("method", ["dense", "krylov"])
@pytest.mark.parametrize("by", ["value", "magnitude"])
def test_eigenpairs_of_a_scaled_target_are_numpys(by: Any, method: Any, dtype: Any) -> None:
    # Most pairs are unseen, so that eigenvalues far below zero lead by magnitude.
    target, g = poisson_target(200, mean=0.05), weights(200)
    dense = twin(target, g)
    every = np.linalg.eigvalsh(dense)[::-1]
    for d in (1, 6, 30):
        found = eigenpairs(scaled(target, g), d, by=by, method=method, dtype=dtype)
        wanted = every[:d] if by == "value" else by_magnitude(dense, d)
        check(found, dense, wanted, dtype, 0.0 if method == "dense" else ASKED[dtype])
    assert by_magnitude(dense, 1)[0] < 0 < every[0]


def test_weights_of_one_change_nothing() -> None:
    target = poisson_target(100)
    plain, found = eigenpairs(target, 9), eigenpairs(scaled(target, np.ones(100)), 9)
    assert np.array_equal(plain.eigenvectors, found.eigenvectors)
    assert found.squared_norm == pytest.approx(plain.squared_norm, rel=1e-13)


# ------------------------------------------------------------ the magnitude


@settings(max_examples=60)
@given(
    matrix=count_matrices(2, 9),
    dtype=st.sampled_from(["float32", "float64"]),
    data=st.data(),
)
def test_dense_pairs_by_magnitude_are_numpys(matrix: Any, dtype: Any, data: st.DataObject) -> None:
    target = pmi(counts_from(matrix), zero_ratio=1e-3)
    d = data.draw(st.integers(1, len(matrix)))
    found = eigenpairs(target, d, by="magnitude", method="dense", dtype=dtype)
    dense = target.dense()
    # Eigenvalues of equal magnitude and opposite sign may change places with one another.
    magnitudes = np.sort(np.abs(by_magnitude(dense, d)))
    # Sparse part and constant are rounded by themselves.
    scale = float(np.linalg.norm(dense)) + len(dense) * abs(target.constant)
    allowed = scale * 32 * len(dense) * EPS[dtype]
    assert np.abs(np.sort(np.abs(found.eigenvalues)) - magnitudes).max() <= allowed
    assert (np.diff(found.eigenvalues) <= 0).all()
    assert (found.residuals <= allowed).all()


class Repeated:
    """A matrix with given eigenvalues in a random basis, as `eigenpairs` needs it."""

    symmetric = True
    name = "repeated"

    def __init__(self, values: list[float], seed: int = 0) -> None:
        size = len(values)
        basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))[0]
        self.array = (basis * np.array(values)) @ basis.T
        self.words = tuple(f"w{k}" for k in range(size))
        self.squared_norm = float((self.array**2).sum())

    def dense(self, dtype: Any = np.float64) -> NDArray[Any]:
        return self.array.astype(dtype)

    def operator(self, dtype: Any = np.float64, pool: Any = None) -> Any:
        return sparse.linalg.aslinearoperator(self.array.astype(dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 6 + [-4.0] * 7 + [3.0] * 4 + [-2.0] * 3,
        [-5.0] * 12 + [4.0] * 3,
        [5.0] * 9,
        [-3.0, 3.0] * 8,
        [9.0, -8.0, 7.0, 7.0, 7.0, -6.0, -6.0, -6.0, -6.0],
    ],
    ids=["both ends", "below", "above", "mirrored", "mixed"],
)
def test_every_copy_is_found_at_both_ends(values: list[float], dtype: Any) -> None:
    # Lanczos from one start vector sees one copy of each, and its residuals look fine.
    rest = np.linspace(-1, 1, 60 - len(values)).tolist()
    matrix = Repeated(values + rest)
    sizes = np.sort(np.abs(values + rest))[::-1]
    for d in (1, 4, 9, len(values)):
        for seed in range(2):
            found = eigenpairs(matrix, d, by="magnitude", method="krylov", dtype=dtype, seed=seed)
            allowed = 10 * ASKED[dtype] * sizes[0] + 32 * 60 * EPS[dtype] * sizes[0]
            assert np.abs(np.sort(np.abs(found.eigenvalues))[::-1] - sizes[:d]).max() <= allowed
            assert (np.diff(found.eigenvalues) <= 0).all()
            assert found.residuals.max() <= allowed


def test_one_look_alone_would_miss_copies() -> None:
    # The test above can fail: a single run of ARPACK does.
    matrix = Repeated([5.0] * 6 + [-4.0] * 7 + np.linspace(-1, 1, 47).tolist())
    start = np.random.default_rng(0).standard_normal(60)
    values = sparse.linalg.eigsh(
        matrix.operator(), 13, which="LM", v0=start, ncv=27, tol=1e-10, return_eigenvectors=False
    )
    assert np.abs(values).min() < 1.1  # though 13 eigenvalues are at least 4 in magnitude


def test_the_two_orders_differ_where_they_should() -> None:
    target = poisson_target(150, mean=0.01)
    values = np.linalg.eigvalsh(target.dense())
    tied = eigenpairs(target, 5, dtype="float64")
    untied = eigenpairs(target, 5, by="magnitude", dtype="float64")
    assert np.allclose(tied.eigenvalues, values[::-1][:5])
    assert untied.eigenvalues[-1] == pytest.approx(values[0])
    assert untied.eigenvalues[-1] < -tied.eigenvalues[0]
    assert np.linalg.norm(untied.eigenvalues) > np.linalg.norm(tied.eigenvalues)
    # The best rank-5 approximation is the one by magnitude (Eckart and Young).
    u, s, vt = scipy.linalg.svd(target.dense())
    v = untied.eigenvectors.astype(float)
    assert np.allclose((v * untied.eigenvalues) @ v.T, (u[:, :5] * s[:5]) @ vt[:5], atol=1e-8)


def test_the_bits_by_magnitude_do_not_depend_on_threads() -> None:
    matrix = scaled(poisson_target(120), weights(120))
    one, two = (
        eigenpairs(matrix, 7, by="magnitude", method="krylov", threads=threads)
        for threads in (1, 3)
    )
    assert np.array_equal(one.eigenvectors, two.eigenvectors)
    assert np.array_equal(one.eigenvalues, two.eigenvalues)


@pytest.mark.parametrize(
    ("what", "arguments", "sentence"),
    [
        ("plain", {"by": "size"}, "by is 'size'; choose 'value' or 'magnitude'"),
        ("other", {"device": "meta"}, "scaled one are found, not of repeated; leave out device"),
    ],
)
def test_bad_arguments(what: str, arguments: dict[str, Any], sentence: str) -> None:
    target = poisson_target(6)
    matrix: Any = target if what == "plain" else Repeated([3.0, 2.0, 1.0])
    with pytest.raises(InputError) as raised:
        eigenpairs(matrix, 2, **arguments)
    assert sentence in str(raised.value)

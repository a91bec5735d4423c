"""Eigenpairs: the right ones, in signed order, to the same bits everywhere."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from places import FORMATS, HELPERS, ROOT
from safetensors import safe_open
from safetensors.numpy import save_file
from strategies import count_matrices, counts_from
from threadpoolctl import threadpool_limits

from repsearch.errors import InputError
from repsearch.spectrum import block_lanczos, eigensolver
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage import memory
from repsearch.storage.checksum import sha256_of_arrays
from repsearch.target.mstar import mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.target import Target
from repsearch.target.weighting import Unweighted, Word2Vec

EPS = {"float32": float(np.finfo(np.float32).eps), "float64": float(np.finfo(np.float64).eps)}


ASKED = {"float32": 1e-5, "float64": 1e-10}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Keep the many small products of these tests from waiting for one another."""
    with threadpool_limits(1):
        yield


def zipf_target(size: int, seed: int = 0, mean: float = 1.0, **how: Any) -> Target:
    """M* of random counts in which frequent words meet more often."""
    rng = np.random.default_rng(seed)
    rank = np.arange(1, size + 1)
    latent = rng.standard_normal((size, 5))
    rate = mean * np.exp(0.3 * latent @ latent.T) * size**0.8 / np.sqrt(np.outer(rank, rank))
    half = np.tril(rng.poisson(rate))
    half[np.arange(1, size), np.arange(size - 1)] += 1
    return mstar(counts_from(half + np.tril(half, -1).T), **how)


def blocks(size: int, copies: int, seed: int = 0) -> Target:
    """The same counts again and again in words that never meet: repeated eigenvalues."""
    half = np.tril(np.random.default_rng(seed).poisson(2.0, (size, size)))
    half[np.arange(1, size), np.arange(size - 1)] += 1
    return mstar(counts_from(np.kron(np.eye(copies, dtype=int), half + np.tril(half, -1).T)))


def scale(dense: NDArray[Any]) -> float:
    return float(np.abs(np.linalg.eigvalsh(dense)).max())


def check(found: Spectrum, target: Target, d: int, dtype: str, *, asked: float = 0.0) -> None:
    """Compare with NumPy's eigenvalues of the whole matrix, and with what the fields promise.

    `asked` is the tolerance that Lanczos stops at.
    """
    dense = target.dense()
    size = len(dense)
    expected = np.linalg.eigvalsh(dense)[::-1][:d]
    # Entries are stored less the constant, which is -57.6 for PMI.
    largest = max(scale(dense), size * abs(target.constant), 1)
    tolerance = (50 * math.sqrt(size) * EPS[dtype] + 2 * asked) * largest
    assert found.eigenvalues.shape == (d,)
    assert found.eigenvectors.shape == (size, d)
    assert found.eigenvalues.dtype == found.eigenvectors.dtype == dtype
    assert np.abs(found.eigenvalues - expected).max() <= tolerance
    assert (np.diff(found.eigenvalues) <= 0).all()
    vectors = found.eigenvectors.astype(float)
    skew = np.abs(vectors.T @ vectors - np.eye(d)).max()
    assert skew <= 50 * math.sqrt(size) * EPS[dtype] + asked
    true = np.linalg.norm(dense @ vectors - vectors * found.eigenvalues.astype(float), axis=0)
    rounding = 50 * size * EPS["float64"] * largest
    assert np.abs(found.residuals - true).max() <= rounding
    assert found.residuals.max() <= tolerance
    # An eigenvalue of M lies within the residual of each.
    distance = np.abs(np.linalg.eigvalsh(dense)[:, None] - found.eigenvalues[None, :]).min(axis=0)
    assert (distance <= found.residuals + rounding).all()
    peaks = np.argmax(np.abs(found.eigenvectors), axis=0)
    assert (found.eigenvectors[peaks, np.arange(d)] > 0).all()
    assert math.isclose(found.squared_norm, (dense**2).sum(), rel_tol=1e-12, abs_tol=1e-12)
    assert found.words == target.words
    assert found.target == target.name


# -------------------------------------------------------- the right pairs


@settings(max_examples=60)
@given(
    matrix=count_matrices(2, 7),
    kind=st.sampled_from([mstar, pmi, shifted_ppmi]),
    dtype=st.sampled_from(["float32", "float64"]),
    data=st.data(),
)
def test_dense_pairs_are_numpys(matrix: Any, kind: Any, dtype: Any, data: st.DataObject) -> None:
    target = kind(counts_from(matrix))
    d = data.draw(st.integers(1, len(matrix)))
    check(eigenpairs(target, d, method="dense", dtype=dtype), target, d, dtype)


@settings(max_examples=60)
@given(
    matrix=count_matrices(2, 12),
    kind=st.sampled_from([mstar, functools.partial(pmi, zero_ratio=1e-3)]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 100),
    data=st.data(),
)
def test_krylov_pairs_of_tiny_targets_are_numpys(
    matrix: Any, kind: Any, dtype: Any, seed: int, data: st.DataObject
) -> None:
    target = kind(counts_from(matrix))
    d = data.draw(st.integers(1, len(matrix)))
    found = eigenpairs(target, d, method="krylov", dtype=dtype, seed=seed)
    check(found, target, d, dtype, asked=ASKED[dtype])


@pytest.mark.smoke
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "how", [{}, {"zeros": "smooth"}, {"zeros": "neutral"}, {"weighting": Word2Vec(subsample=1e-2)}]
)
def test_krylov_pairs_are_numpys(how: dict[str, Any], dtype: Any) -> None:
    target = zipf_target(300, **how)
    for d in (1, 7, 40):
        found = eigenpairs(target, d, method="krylov", dtype=dtype)
        check(found, target, d, dtype, asked=ASKED[dtype])


@pytest.mark.parametrize("method", ["dense", "krylov"])
def test_a_dominating_negative_eigenvalue_comes_last(method: Any) -> None:
    # theory.md section 4, item 11: most pairs unseen.
    target = zipf_target(250, mean=0.002)
    every = np.linalg.eigvalsh(target.dense())
    assert -every[0] > 8 * every[-1] > 0
    found = eigenpairs(target, 10, method=method, dtype="float64")
    assert np.allclose(found.eigenvalues, every[::-1][:10], rtol=1e-9)
    assert (found.eigenvalues > 0).all()
    whole = eigenpairs(target, 250, dtype="float64")
    assert whole.eigenvalues[-1] == pytest.approx(every[0])
    assert whole.n_positive == (every > 1e-9).sum()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("size", "copies"), [(10, 8), (20, 20), (5, 50), (2, 100), (40, 4)])
def test_every_copy_of_a_repeated_eigenvalue_is_found(size: int, copies: int, dtype: Any) -> None:
    # Lanczos from one start vector sees one copy, and its residuals look fine.
    target = blocks(size, copies)
    every = np.linalg.eigvalsh(target.dense())[::-1]
    assert np.isclose(every[1], every[0], rtol=1e-9)
    for d in (3, 10, 30):
        for seed in range(2):
            found = eigenpairs(target, d, method="krylov", dtype=dtype, seed=seed)
            check(found, target, d, dtype, asked=ASKED[dtype])


def test_auto_takes_the_dense_way_where_it_is_the_better_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken = []
    for name in ("_dense", "_krylov"):
        way = getattr(eigensolver, name)
        monkeypatch.setattr(
            eigensolver, name, lambda *a, n=name, way=way: taken.append(n) or way(*a)
        )
    target = zipf_target(60)
    eigenpairs(target, 5)
    monkeypatch.setattr(eigensolver, "_DENSE_WORDS", {"value": 60, "magnitude": 59})
    eigenpairs(target, 5)
    eigenpairs(target, 5, by="magnitude")
    eigenpairs(target, 21, by="magnitude")
    assert taken == ["_dense", "_dense", "_krylov", "_dense"]


def test_a_vocabulary_of_one_word() -> None:
    target = mstar(counts_from(np.array([[4]])))
    found = eigenpairs(target, 1)
    assert found.eigenvalues.tolist() == [0]
    assert found.explained.tolist() == [0]


# ---------------------------------------------------------- the same bits


def bits(spectrum: Spectrum) -> str:
    hashed = hashlib.sha256()
    for array in (spectrum.eigenvalues, spectrum.eigenvectors, spectrum.residuals):
        hashed.update(np.ascontiguousarray(array).tobytes())
    return hashed.hexdigest()


def all_bits(folder: Path) -> list[str]:
    """Of many spectra, and of the files they make."""
    found = []
    for size, d in ((700, 30), (150, 5)):
        target = zipf_target(size)
        for method in ("dense", "krylov"):
            for dtype in ("float32", "float64"):
                spectrum = eigenpairs(target, d, method=method, dtype=dtype)  # type: ignore[arg-type]
                spectrum.save(folder / "bits.safetensors")
                file = hashlib.sha256((folder / "bits.safetensors").read_bytes()).hexdigest()
                found += [bits(spectrum), file]
    return found


@pytest.mark.smoke
def test_the_bits_do_not_depend_on_the_processors(tmp_path: Path) -> None:
    script = (
        "import sys, json, pathlib; from test_spectrum import all_bits; "
        "print(json.dumps(all_bits(pathlib.Path(sys.argv[1]))))"
    )
    found = []
    for threads in ("1", "2"):
        folder = tmp_path / threads
        folder.mkdir()
        names = (
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
            "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
        )  # fmt: skip
        environment = os.environ | dict.fromkeys(names, threads)
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(Path(__file__).parent), str(HELPERS), str(ROOT)]
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]
    assert len(set(found[0])) == len(found[0])


def test_the_bits_do_not_depend_on_threads_but_on_the_seed() -> None:
    target = zipf_target(300)
    one = eigenpairs(target, 10, method="krylov", threads=1)
    assert bits(one) == bits(eigenpairs(target, 10, method="krylov", threads=2))
    assert bits(one) == bits(eigenpairs(target, 10, method="krylov", threads=4))
    other = eigenpairs(target, 10, method="krylov", seed=1)
    assert bits(one) != bits(other)
    assert np.allclose(one.eigenvalues, other.eigenvalues, rtol=1e-5)
    # The sign is settled, so that even the vectors agree.
    assert np.abs(one.eigenvectors - other.eigenvectors).max() < 1e-3


def test_a_smaller_tolerance_gives_smaller_residuals() -> None:
    target = zipf_target(300)
    rough, fine = (
        eigenpairs(target, 10, method="krylov", dtype="float64", tolerance=t) for t in (1e-2, 1e-13)
    )
    assert fine.residuals.max() < 1e-10 < rough.residuals.max()


def test_the_dense_way_asks_for_three_arrays_and_tells_when_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, seen = [], []
    monkeypatch.setattr(eigensolver, "require_memory", lambda size, *_: asked.append(size))
    told = {"method": "dense", "progress": lambda *step: seen.append(step)}
    eigenpairs(zipf_target(30), 3, dtype="float64", **told)
    assert asked == [3 * 30**2 * 8]
    assert seen == [("eigenpairs", n, 1, "decompositions") for n in (0, 1)]


def test_progress_is_told() -> None:
    seen: list[tuple[str, float, float | None, str]] = []
    eigenpairs(zipf_target(200), 10, method="krylov", progress=lambda *step: seen.append(step))
    assert [done for _, done, _, _ in seen[:3]] == [16, 32, 48]
    assert all(total is not None and done <= total for _, done, total, _ in seen)
    assert seen[-1][1] == seen[-1][2]


# ------------------------------------------------------------- embeddings


@given(count_matrices(3, 7), st.data())
def test_embeddings_are_the_minimiser(matrix: Any, data: st.DataObject) -> None:
    # 11, 14, 60 (theory.md 1.6): the first d columns have the Gram matrix M*_[d]
    target = mstar(counts_from(matrix))
    dense = target.dense()
    spectrum = eigenpairs(target, len(matrix), dtype="float64")
    values, vectors = np.linalg.eigh(dense)
    positive = spectrum.n_positive
    assert positive == (values > 1e-12).sum() or np.abs(values).min() < 1e-10
    if not positive:
        with pytest.raises(InputError, match="only 0 of"):
            spectrum.embeddings()
        return
    d = data.draw(st.integers(1, positive))
    w = spectrum.embeddings(d).vectors
    assert w.shape == (len(matrix), d)
    if d == len(values) or values[-d] - values[-d - 1] > 1e-6:
        top = vectors[:, -d:] * values[-d:] @ vectors[:, -d:].T
        assert np.abs(w @ w.T - top).max() <= 1e-8
    assert np.array_equal(w, spectrum.embeddings(positive).vectors[:, :d])
    # L = (||WW' - M||^2 - ||M||^2) / 4 is - sum lambda^2 / 4 there, and the gradient is 0.
    loss = (np.sum((w @ w.T - dense) ** 2) - spectrum.squared_norm) / 4
    assert math.isclose(loss, -(values[-d:] ** 2).sum() / 4, rel_tol=1e-9, abs_tol=1e-9)
    assert np.abs((w @ w.T - dense) @ w).max() <= 1e-9
    shares = np.cumsum(np.maximum(values[::-1], 0) ** 2) / (values**2).sum()
    assert np.allclose(spectrum.explained, shares, atol=1e-12)
    # No other matrix of d columns does better.
    rng = np.random.default_rng(0)
    for size in (1e-3, 0.3):
        moved = w + size * rng.standard_normal(w.shape)
        assert np.sum((moved @ moved.T - dense) ** 2) >= np.sum((w @ w.T - dense) ** 2) - 1e-9


def made(values: list[float], residuals: list[float] | None = None) -> Spectrum:
    d = len(values)
    return Spectrum(
        words=("owl", "naïve", "猫", "the"),
        eigenvalues=np.array(values, float),
        eigenvectors=np.eye(4)[:, :d],
        residuals=np.array(residuals or [0.0] * d),
        squared_norm=100.0,
        target="M*",
    )


@pytest.mark.parametrize(
    ("spectrum", "d", "sentence"),
    [
        (
            made([3, 1, -2]),
            None,
            "embeddings of dimension 3 were asked for, but only 2 of the 3 leading eigenvalues of "
            "M* are positive; ask for at most 2",
        ),
        (
            made([3, 1e-9], [1e-8, 1e-8]),
            2,
            "embeddings of dimension 2 were asked for, but only 1 of the 2 leading eigenvalues of "
            "M* are positive; ask for at most 1",
        ),
        (
            made([-1, -2]),
            1,
            "embeddings of dimension 1 were asked for, but only 0 of the 2 leading eigenvalues of "
            "M* are positive; take another target, or counts of more text",
        ),
        (
            made([3, 1]),
            3,
            "d is 3; pass a whole number from 1 to 2, for that many eigenpairs are in this "
            "spectrum",
        ),
        (
            made([3, 1]),
            0,
            "d is 0; pass a whole number from 1 to 2, for that many eigenpairs are in this "
            "spectrum",
        ),
        (
            made([3, 1]),
            1.0,
            "d is 1.0; pass a whole number from 1 to 2, for that many eigenpairs are in this "
            "spectrum",
        ),
    ],
)
def test_embeddings_that_do_not_exist(spectrum: Spectrum, d: Any, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        spectrum.embeddings(d)
    assert str(caught.value) == sentence


def test_a_power_of_the_eigenvalues() -> None:
    spectrum = eigenpairs(zipf_target(40), 4)
    for exponent in (0.0, 0.25, 0.5, 1.0):
        found = spectrum.embeddings(exponent=exponent).vectors
        lengths = np.linalg.norm(found, axis=0)
        assert lengths == pytest.approx(spectrum.eigenvalues**exponent, rel=1e-5)
    for bad in (-0.5, 1.1, math.nan):
        with pytest.raises(InputError, match="pass a number from 0 to 1"):
            spectrum.embeddings(exponent=bad)


def test_embeddings_carry_words_and_name() -> None:
    embeddings = made([4, 1]).embeddings()
    assert embeddings.words == ("owl", "naïve", "猫", "the")
    assert embeddings.name == "M*"
    assert embeddings["owl"].tolist() == [2, 0]
    assert made([4, 1]).embeddings(np.int64(1)).dimension == 1  # type: ignore[arg-type]


def test_it_prints_as_one_line() -> None:
    assert repr(made([3, 1, -2], [0, 1e-9, 0])) == (
        "Spectrum(M*, 4 words, d = 3, lambda_1 = 3, lambda_d = -2, largest residual 1.0e-09)"
    )


# ------------------------------------------------------------------ torch


@pytest.mark.parametrize("device", ["meta", "cuda:99", "toaster", "cpu:x"])
def test_a_device_that_does_not_exist_is_told(device: str) -> None:
    torch = pytest.importorskip("torch", reason="torch, an extra, is not installed")
    with pytest.raises(InputError) as caught:
        eigenpairs(zipf_target(20), 2, device=device)
    sentence = str(caught.value)
    assert sentence.startswith(f"torch has no device '{device}' here: ")
    assert "\n" not in sentence
    if device == "meta":
        with pytest.raises(InputError, match="torch has no device 'meta' here"):
            eigenpairs(zipf_target(20), 2, device=torch.device("meta"))


def test_a_device_without_torch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError) as caught:
        eigenpairs(zipf_target(20), 2, device="cuda")
    message = str(caught.value)
    assert message.startswith("device 'cuda' needs torch, which is not installed; install it with")
    assert "https://pytorch.org/get-started" in message
    assert eigenpairs(zipf_target(20), 2, device="cpu").dimension == 2


# ---------------------------------------------------- what cannot be done

TARGET = zipf_target(20)


@pytest.mark.parametrize(
    ("target", "arguments", "sentence"),
    [
        (
            zipf_target(20, weighting=Word2Vec(symmetrise=False)),
            {"d": 2},
            "M* is not symmetric, so that it has no real eigenpairs in general; take its singular "
            "vectors, which untied weights learn: singular_triplets(target)",
        ),
        (TARGET, {}, "d is 200; pass a whole number from 1 to 20, the number of words"),
        (TARGET, {"d": 0}, "d is 0; pass a whole number from 1 to 20, the number of words"),
        (TARGET, {"d": -3}, "d is -3; pass a whole number from 1 to 20, the number of words"),
        (TARGET, {"d": 2.0}, "d is 2.0; pass a whole number from 1 to 20, the number of words"),
        (TARGET, {"d": True}, "d is True; pass a whole number from 1 to 20, the number of words"),
        (
            TARGET,
            {"d": 2, "method": "lanczos"},
            "method is 'lanczos'; choose 'auto', 'dense' or 'krylov'",
        ),
        (
            TARGET,
            {"d": 2, "dtype": "float16"},
            "dtype is 'float16'; choose 'float32' or 'float64'",
        ),
        (
            TARGET,
            {"d": 2, "tolerance": 0.0},
            "tolerance is 0.0; pass a small positive number such as 1e-6",
        ),
        (
            TARGET,
            {"d": 2, "tolerance": math.nan},
            "tolerance is nan; pass a small positive number such as 1e-6",
        ),
        (TARGET, {"d": 2, "seed": -1}, "seed is -1; pass a whole number of at least 0"),
        (TARGET, {"d": 2, "seed": 0.5}, "seed is 0.5; pass a whole number of at least 0"),
        (
            TARGET,
            {"d": 2, "threads": 0},
            "threads is 0; pass a whole number of at least 1, or None for all processors",
        ),
    ],
)
def test_bad_arguments(target: Target, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        eigenpairs(target, **arguments)
    assert str(caught.value) == sentence


def test_numbers_of_numpy_will_do() -> None:
    found = eigenpairs(
        TARGET,
        np.int64(3),
        seed=np.int64(1),
        threads=np.int32(1),
        method="krylov",  # type: ignore[arg-type]
    )
    assert found.dimension == 3


def test_lanczos_that_does_not_converge_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_lanczos, "_MOST_RESTARTS", 1)
    with pytest.raises(InputError) as caught:
        eigenpairs(zipf_target(400), 8, method="krylov", dtype="float64")
    sentence = str(caught.value)
    assert sentence.startswith("only ")
    assert sentence.endswith(
        " of 8 eigenpairs converged; ask for fewer, a larger tolerance, float64 or the dense way"
    )


def test_a_symmetric_weighting_that_is_not_setting_31_has_eigenpairs() -> None:
    target = zipf_target(40, weighting=Unweighted(2))
    check(eigenpairs(target, 5, dtype="float64"), target, 5, "float64")


# ------------------------------------------------------------------ files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spectrum.safetensors"


def same(one: Spectrum, other: Spectrum) -> bool:
    return (
        bits(one) == bits(other)
        and one.eigenvalues.dtype == other.eigenvalues.dtype
        and one.eigenvectors.shape == other.eigenvectors.shape
        and (one.words, one.squared_norm, one.target)
        == (other.words, other.squared_norm, other.target)
    )


@pytest.mark.smoke
@given(
    size=st.integers(1, 5),
    d=st.integers(1, 5),
    dtype=st.sampled_from([np.float32, np.float64]),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    seed=st.integers(0, 2**32 - 1),
    order=st.sampled_from("CF"),
)
def test_what_goes_in_comes_out(
    size: int,
    d: int,
    dtype: Any,
    name: str,
    seed: int,
    order: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rng = np.random.default_rng(seed)
    d = min(d, size)
    vectors = np.linalg.qr(rng.standard_normal((size, d)))[0].astype(dtype)
    eigenvalues = np.sort(rng.standard_normal(d))[::-1].astype(dtype)
    spectrum = Spectrum(
        words=tuple(f"größe{k}猫" for k in range(size)),
        eigenvalues=eigenvalues,
        eigenvectors=np.array(vectors, order=order),
        residuals=rng.random(d),
        squared_norm=float(np.sum(eigenvalues.astype(float) ** 2) + rng.random()),
        target=name,
    )
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    spectrum.save(path)
    opened = Spectrum.open(path)
    assert same(spectrum, opened)
    assert Spectrum.is_at(path)
    content = path.read_bytes()
    opened.save(path)
    assert path.read_bytes() == content


@pytest.mark.smoke
def test_a_stored_file_of_version_1_opens() -> None:
    specification = importlib.util.spec_from_file_location("make", FORMATS / "make_spectrum.py")
    assert specification is not None
    assert specification.loader is not None
    made = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(made)
    opened = Spectrum.open(FORMATS / "spectrum-v1.safetensors")
    assert same(opened, made.SPECTRUM)
    assert opened.words == ("the", "naïve", "猫")
    assert opened.eigenvalues.tolist() == [2.5, float(np.float32(-1e-3))]
    assert opened.residuals.tolist() == [1e-7, 1 / 3]
    assert opened.squared_norm == 6.75
    assert opened.n_positive == 1


def test_the_file_is_plain_safetensors(path: Path) -> None:
    made([3, 1]).save(path)
    with safe_open(path, "numpy") as file:
        assert set(file.keys()) == {
            "eigenvalues", "eigenvectors", "residuals", "squared_norm", "words",
        }  # fmt: skip
        assert file.metadata()["format"] == "repsearch-spectrum"
        assert file.get_tensor("words").tobytes().decode() == "owl\nnaïve\n猫\nthe"


DAMAGED = "is damaged or is no spectrum; solve again"


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Spectrum.open(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} ")
    assert "; " in sentence
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path} ")


def test_a_file_cut_short_anywhere_is_refused(path: Path) -> None:
    made([3, 1]).save(path)
    content = path.read_bytes()
    for length in [*range(0, len(content), 11), len(content) - 1]:
        path.write_bytes(content[:length])
        assert refusal(path) == DAMAGED


def test_a_flipped_byte_is_refused_or_harmless(path: Path) -> None:
    spectrum = made([3, 1])
    spectrum.save(path)
    content = path.read_bytes()
    refused = 0
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= (0x01, 0x80, 0xFF)[place % 3]
        path.write_bytes(flipped)
        Spectrum.is_at(path)
        try:
            opened = Spectrum.open(path)
        except InputError as error:
            refused += 1
            assert str(error).startswith(f"{path} is")  # noqa: PT017
        else:
            assert same(opened, spectrum)
    assert refused >= 0.95 * len(content)


Edit = Callable[[dict[str, Any], dict[str, str]], Any]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (
            lambda tensors, notes: notes.update(format="weights"),
            "is no spectrum; make one with 'repsearch solve'",
        ),
        (
            lambda tensors, notes: notes.clear(),
            "is no spectrum; make one with 'repsearch solve'",
        ),
        (
            lambda tensors, notes: notes.update(version="2"),
            "is a spectrum of version 2, this program reads version 1; solve again",
        ),
        (lambda tensors, notes: notes.pop("version"), DAMAGED),
        (lambda tensors, notes: notes.pop("target"), DAMAGED),
        (lambda tensors, notes: notes.pop("sha256"), DAMAGED),
        (
            lambda tensors, notes: tensors["eigenvalues"].__imul__(2),
            "is damaged: its checksum is wrong; solve again",
        ),
        (
            lambda tensors, notes: tensors.pop("residuals"),
            "is damaged: its checksum is wrong; solve again",
        ),
    ],
)
def test_a_file_with_something_wrong_is_refused(path: Path, edit: Edit, sentence: str) -> None:
    made([3, 1]).save(path)
    with safe_open(path, "numpy") as file:
        notes = dict(file.metadata())
        tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
    edit(tensors, notes)
    save_file(tensors, path, notes or None)
    assert refusal(path) == sentence


def altered(what: str) -> str:
    return f"is damaged or was altered: {what}; solve again"


def field(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors.update({name: np.ascontiguousarray(change(tensors[name]))})


def put(name: str, place: Any, number: float) -> Callable[[dict[str, Any]], None]:
    return lambda tensors: tensors[name].__setitem__(place, number)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (put("eigenvalues", 1, np.nan), "eigenvalues[1] is nan, not a finite number"),
        (put("eigenvalues", 0, np.inf), "eigenvalues[0] is inf, not a finite number"),
        (
            put("eigenvalues", 1, 7.0),
            "eigenvalues are not in decreasing order (eigenvalues[1] is 7.0 after 3.0)",
        ),
        (field("eigenvalues", lambda a: a[:1]), "eigenvectors has shape (4, 2), not (4, 1)"),
        (field("eigenvalues", lambda a: a[None]), "eigenvalues has shape (1, 2), not (d)"),
        (
            field("eigenvalues", lambda a: a.astype(np.float16)),
            "eigenvalues is float16, not float32 or float64",
        ),
        (
            field("eigenvectors", lambda a: a.astype(np.float16)),
            "eigenvectors is float16, not float32 or float64",
        ),
        (
            field("eigenvectors", lambda a: a.astype(np.int64)),
            "eigenvectors is int64, not float32 or float64",
        ),
        (field("eigenvectors", lambda a: a[1:]), "eigenvectors has shape (3, 2), not (4, 2)"),
        (field("eigenvectors", lambda a: a.T), "eigenvectors has shape (2, 4), not (4, 2)"),
        (put("eigenvectors", (2, 1), np.nan), "eigenvectors[2, 1] is nan, not a finite number"),
        (put("eigenvectors", (0, 0), -np.inf), "eigenvectors[0, 0] is -inf, not a finite number"),
        (put("eigenvectors", (0, 0), 1e200), "eigenvectors are not orthonormal"),
        (field("eigenvectors", lambda a: a * 1.01), "eigenvectors are not orthonormal"),
        (field("eigenvectors", lambda a: a[:, [0, 0]]), "eigenvectors are not orthonormal"),
        (field("eigenvectors", lambda a: a * 0), "eigenvectors are not orthonormal"),
        (put("residuals", 0, -1.0), "residuals[0] is -1.0, less than 0"),
        (put("residuals", 1, np.nan), "residuals[1] is nan, not a finite number"),
        (field("residuals", lambda a: a[:0]), "residuals has shape (0,), not (2)"),
        (put("squared_norm", 0, -1.0), "squared_norm[0] is -1.0, less than 0"),
        (put("squared_norm", 0, 9.0), "squared_norm is 9, less than eigenvalues have (10)"),
        (field("squared_norm", lambda a: a[:0]), "squared_norm has shape (0,), not (1)"),
        (field("words", lambda a: a.astype(np.int32)), "words is int32, not uint8"),
        (put("words", -1, 0xFF), "word 4 is not UTF-8"),
        (put("words", 0, 10), "word 1 is empty"),
        (
            field("words", lambda a: np.frombuffer(b"a\nb\nc\na", np.uint8)),
            "word 4, 'a', is word 1 again",
        ),
        (
            field("words", lambda a: np.frombuffer(b"a\nb\nc", np.uint8)),
            "eigenvectors has shape (4, 2), not (3, 2)",
        ),
        (lambda tensors: tensors.pop("residuals"), "it lacks residuals"),
        (
            lambda tensors: [
                tensors.update({name: tensors[name][..., :0]})
                for name in ("eigenvalues", "eigenvectors", "residuals")
            ],
            "there are 0 eigenpairs of 4 words",
        ),
    ],
)
def test_a_valid_checksum_over_nonsense_is_not_enough(
    path: Path, edit: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    made([3, 1]).save(path)
    Spectrum.open(path)
    with safe_open(path, "numpy") as file:
        notes = dict(file.metadata())
        tensors = {name: file.get_tensor(name).copy() for name in file.keys()}  # noqa: SIM118
    edit(tensors)
    save_file(tensors, path, notes | {"sha256": sha256_of_arrays(notes["target"], tensors)})
    assert refusal(path) == altered(sentence)


@pytest.mark.parametrize("kind", ["F8_E5M2", "F8_E4M3", "BF16"])
def test_a_tensor_of_a_type_that_numpy_lacks_is_refused(path: Path, kind: str) -> None:
    made([3, 1]).save(path)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    stop = header["words"]["data_offsets"][1]
    header["words"]["data_offsets"][1] = stop - stop % 2
    size = (stop - stop % 2 - header["words"]["data_offsets"][0]) // (2 if kind == "BF16" else 1)
    header["words"] |= {"dtype": kind, "shape": [size]}
    text = json.dumps(header).encode()
    numbers = content[8 + length :]
    path.write_bytes(len(text).to_bytes(8, "little") + text + numbers[: len(numbers) - stop % 2])
    assert refusal(path) == DAMAGED


def test_what_is_no_spectrum_is_refused(path: Path, tmp_path: Path) -> None:
    assert refusal(path) == "does not exist; check the path"
    assert refusal(tmp_path) == "is a folder; give the spectrum file in it"
    path.write_text("the 0.1 0.2\n")
    assert refusal(path) == DAMAGED
    stored = FORMATS / "embeddings-v1.safetensors"
    assert refusal(stored) == "is no spectrum; make one with 'repsearch solve'"
    for other in (path, tmp_path, stored, tmp_path / "none"):
        assert not Spectrum.is_at(other)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*folder"):
        made([3, 1]).save(tmp_path)


def test_the_dense_way_is_refused_where_memory_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 10_000)
    with pytest.raises(InputError, match=r"dense way with 40 words asks for .* of memory"):
        eigenpairs(zipf_target(40), 3, method="dense")
    eigenpairs(zipf_target(40), 3, method="krylov")

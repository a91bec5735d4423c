"""The strategies of `repsearch.testing` make what they promise, and shrink to what can be read."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probes.relations.relations import Relations
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.counts.window import Window
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.testing import strategies as made
from repsearch.testing.counts_from import counts_from
from repsearch.testing.strategies.damaged_files import DamagedFile, _written

Real = NDArray[np.float64]

EPS = float(np.finfo(float).eps)
SIGNS = ["any", "positive", "non-negative", "negative"]
signs = st.sampled_from(SIGNS)
WORDS = ["king", "queen", "man", "woman"]


def smallest(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    # Without the phase that explains, which takes most of the time.
    phases = [Phase.generate, Phase.shrink]
    how = settings(database=None, derandomize=True, max_examples=500, phases=phases)
    return find(strategy, condition, settings=how)


# --------------------------------------------------------------- shrinking


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (made.documents(), ["a"]),
        (made.windows(), Window(1, "linear")),
        (made.count_matrices(), [[1]]),
        (made.count_matrices(min_size=2), [[0, 1], [1, 0]]),
        (made.distributions(min_size=1), [[1.0]]),
        (made.eigenvalues(3), [1.0, 1.0, 1.0]),
        (made.eigenvalues(3, gap=0.5), [1.5, 1.0, 0.5]),
        (made.eigenvalues(2, signs="negative"), [-1.0, -1.0]),
        (made.eigenvalues(2, decay=1.0), [1.0, 0.5]),
        (made.rotations(2), [[1.0, 0.0], [0.0, 1.0]]),
        (made.initialisations(3, 2), [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]),
        (made.times(), [0.0]),
        (made.times(min_times=2, latest=64), [0.0, 1.0]),
        (made.concept_pairs(WORDS), {"r0": [("king", "queen")]}),
        (made.damaged_embedding_files(), DamagedFile(".vec", "empty", b"")),
    ],
)
def test_simplest_example(strategy: st.SearchStrategy[Any], expected: Any) -> None:
    found = smallest(strategy, lambda _: True)
    if isinstance(found, np.ndarray):
        found = found.tolist()
    assert found == expected


def test_simplest_objects() -> None:
    operator = smallest(made.symmetric_operators(), lambda _: True)
    assert repr(operator) == "Operator(eigenvalues=[1.0], eigenvectors=the identity)"
    flow = smallest(made.trajectories(), lambda _: True)
    assert flow.start.tolist() == [[1.0]]
    assert flow.times.tolist() == [0.0]
    data = smallest(made.spiked_data(), lambda _: True)
    assert (data.shape, data.strength, data.seed) == ((2, 1), 0, 0)
    values, start = smallest(made.aligned_modes(), lambda _: True)
    assert (values.tolist(), start.tolist()) == ([0.0], [1.0])
    assert smallest(made.counts(), lambda _: True).matrix().toarray().tolist() == [[1]]
    assert smallest(made.corpora(), lambda _: True).words == ("a",)


@pytest.mark.parametrize(
    ("strategy", "condition", "words"),
    [
        (made.symmetric_operators(8), lambda o: o.eigenvalues[-1] < 0, 1),
        (made.symmetric_operators(8), lambda o: -o.eigenvalues[-1] > o.eigenvalues[0] > 0, 2),
        (
            made.symmetric_operators(8),
            lambda o: not np.isin(np.abs(o.eigenvectors), (0, 1)).all(),
            2,
        ),
        (made.count_matrices(9), lambda c: (c == 0).any() and c.sum() > 10, 2),
        (made.count_matrices(9), lambda c: len(c) >= 4, 4),
    ],
)
def test_counterexamples_have_few_words(
    strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool], words: int
) -> None:
    found = smallest(strategy, condition)
    assert len(getattr(found, "matrix", found)) == words


@pytest.mark.parametrize(
    ("d", "condition"),
    [
        (3, lambda w: np.abs(w).max() < 1e-11),
        (3, lambda w: (w[:, 0] == w[:, 2]).all()),
        (3, lambda w: not w[:, 2].any()),
        (3, lambda w: (w < 0).any()),
        (1, lambda w: not w.any()),
    ],
    ids=["tiny", "repeated", "zero column", "negative", "zero"],
)
def test_initialisations_reach_the_corners(d: int, condition: Callable[[Any], bool]) -> None:
    assert smallest(made.initialisations(4, d), condition).shape == (4, d)


# ---------------------------------------------------------- what they promise


@given(made.corpora(), made.windows(5, min_size=2))
def test_texts(corpus: Corpus, window: Window) -> None:
    assert len(corpus.words) >= 1
    assert 2 <= window.size <= 5


@given(made.counts(5, min_size=2, zeros=False, max_count=99))
def test_counts(counts: Counts) -> None:
    matrix = counts.matrix().toarray()
    assert 2 <= len(matrix) <= 5
    assert (matrix == matrix.T).all()
    assert 1 <= matrix.min() <= matrix.max() <= 99


@given(made.distributions(zeros=True))
def test_distributions(p: Real) -> None:
    assert (p == p.T).all()
    assert abs(p.sum() - 1) <= 8 * EPS
    assert (p >= 0).all()


@given(st.data(), st.integers(1, 6), st.sampled_from([0.0, 0.3, 2.0]), signs)
def test_eigenvalues(data: st.DataObject, size: int, gap: float, sign: Any) -> None:
    decay = data.draw(st.sampled_from([None, 0.6, 2.0]))
    values = data.draw(made.eigenvalues(size, gap=gap, signs=sign, decay=decay))
    assert values.shape == (size,)
    steps = -np.diff(values)
    assert (steps >= max(gap, 0) * (1 - 16 * EPS)).all()
    if sign == "positive":
        assert values[-1] > 0
    elif sign == "non-negative":
        assert values[-1] >= 0
    elif sign == "negative":
        assert values[0] < 0
    if decay is not None:
        sizes = np.sort(np.abs(values))[::-1]
        expected = sizes[0] * np.arange(1, size + 1) ** -decay
        allowed = (sizes == 0) | (np.abs(sizes - expected) <= 16 * EPS * sizes[0])
        assert allowed.all()


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_are_used(sign: Any) -> None:
    drawn = made.eigenvalues(3, gap=1.0, signs=sign)
    for present, allowed in [
        (lambda v: v[0] > 0, sign != "negative"),
        (lambda v: v[-1] < 0, sign in ("any", "negative")),
        (lambda v: (v == 0).any(), sign in ("any", "non-negative")),
    ]:
        if allowed:
            smallest(drawn, present)


@given(made.symmetric_operators(6, gap=0.5))
def test_operators_have_the_eigenpairs_they_say(operator: made.Operator) -> None:
    size, norm = len(operator.eigenvalues), np.abs(operator.eigenvalues).max()
    vectors = operator.eigenvectors
    assert np.abs(vectors.T @ vectors - np.eye(size)).max() <= 64 * EPS
    assert (operator.matrix == operator.matrix.T).all()
    found = np.linalg.eigvalsh(operator.matrix)[::-1]
    assert np.abs(found - operator.eigenvalues).max() <= 64 * size * EPS * norm
    residual = operator.matrix @ vectors - vectors * operator.eigenvalues
    assert np.abs(residual).max() <= 64 * size * EPS * norm


@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_initialisations(words: int, d: int, data: st.DataObject) -> None:
    w = data.draw(made.initialisations(words, d, min_scale=1e-3, full_rank=True))
    assert w.shape == (words, d)
    assert np.linalg.matrix_rank(w) == min(words, d)
    whole = [np.round(w * scale) for scale in (1, 10, 1000)]
    scales = (1, 10, 1000)
    assert any(
        np.allclose(w * s, n, rtol=0, atol=1e-12) for s, n in zip(scales, whole, strict=True)
    )


@given(made.aligned_modes(4, signs="positive", min_scale=0.1))
def test_aligned_modes(modes: tuple[Real, Real]) -> None:
    values, start = modes
    assert 1 <= len(values) == len(start) <= 4
    assert (np.diff(values) <= 0).all()
    assert (values > 0).all()
    assert (start >= 0.1).all()


@given(made.times(4, min_times=2, latest=3.0))
def test_times(times: Real) -> None:
    assert times[0] == 0
    assert (np.diff(times) > 0).all()
    assert 2 <= len(times) <= 4
    assert times[-1] <= 3


@settings(max_examples=30)
@given(made.trajectories(3, latest=1.0))
def test_trajectories(flow: made.IntegratedTrajectory) -> None:
    assert np.array_equal(flow.embeddings[0], flow.start)
    assert flow.embeddings.shape == (len(flow.times), *flow.start.shape)
    assert (np.diff(flow.singular_values, axis=1) <= 0).all()
    # The velocity at the end, from the definition, against a short step more.
    w, m, h = flow.embeddings[-1], flow.operator.matrix, 1e-6
    longer = made.IntegratedTrajectory(flow.operator, w, np.array([0, h])).embeddings[-1]
    slope = (m @ w - w @ w.T @ w) / 2
    scale = np.abs(w).max() * (np.abs(m).sum() + (w**2).sum())
    curvature = h * scale * (np.abs(m).sum() + (w**2).sum())
    assert np.abs((longer - w) / h - slope).max() <= 4 * curvature + 4 * EPS * np.abs(w).max() / h


@given(made.spiked_data())
def test_spiked_data(data: made.SpikedData) -> None:
    n, d = data.shape
    assert data.rows.shape == (n, d)
    assert np.linalg.matrix_rank(data.spike) == (data.strength > 0)
    expected = data.strength * data.noise * np.sqrt(n * d)
    assert abs(np.linalg.norm(data.spike) - expected) <= 16 * EPS * expected
    noise = (data.rows - data.spike) / data.noise
    drawn = np.random.default_rng(data.seed).standard_normal((n, d))
    assert np.abs(noise - drawn).max() <= 64 * EPS * (1 + data.strength) * np.sqrt(n * d) * 8


@given(made.concept_pairs(WORDS, min_pairs=2))
def test_concept_pairs(families: dict[str, list[tuple[str, str]]]) -> None:
    relations = Relations(families)
    assert relations.pair_count == sum(map(len, families.values()))
    for pairs in families.values():
        assert 2 <= len(pairs) <= 4
        assert all(one != other and {one, other} <= set(WORDS) for one, other in pairs)


# ------------------------------------------------------------ damaged files


@pytest.mark.parametrize("suffix", [".vec", ".bin", ".safetensors", ".npz"])
def test_files_are_valid_before_they_are_damaged(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"whole{suffix}"
    vectors = np.array([[1, -2], [3, 4], [0, 9]], np.float32)
    path.write_bytes(_written(suffix, ["w0", "w1", "w2"], vectors, 3))
    found = Embeddings.open(path)
    assert found.words == ("w0", "w1", "w2")
    assert np.array_equal(found.vectors, vectors)


@settings(max_examples=300)
@given(made.damaged_embedding_files())
def test_damaged_files_give_one_clear_error_or_valid_embeddings(damaged: DamagedFile) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = damaged.save(folder)
        try:
            found = Embeddings.open(path)
        except InputError:
            return
    assert not damaged.unreadable, damaged.fault
    assert len(set(found.words)) == len(found.words) > 0
    assert np.isfinite(found.vectors).all()


# ------------------------------------------------------------ bad arguments


@pytest.mark.parametrize(
    ("call", "culprit"),
    [
        (lambda: made.documents(0), "0"),
        (lambda: made.documents(27), "27"),
        (lambda: made.documents(max_length=0), "0"),
        (lambda: made.documents(max_documents=-1), "-1"),
        (lambda: made.windows(2, min_size=3), "from 3 to 2"),
        (lambda: made.count_matrices(2.5), "2.5"),  # type: ignore[arg-type]
        (lambda: made.count_matrices(max_count=0), "0"),
        (lambda: made.counts(3, min_size=4), "from 4 to 3"),
        (lambda: made.distributions(1), "from 2 to 1"),
        (lambda: made.eigenvalues(0), "0"),
        (lambda: made.eigenvalues(2, gap=-1.0), "-1.0"),
        (lambda: made.eigenvalues(2, gap=float("nan")), "nan"),
        (lambda: made.eigenvalues(2, signs="plus"), "plus"),  # type: ignore[arg-type]
        (lambda: made.eigenvalues(2, decay=-0.5), "-0.5"),
        (lambda: made.eigenvalues(2, gap=1.0, decay=0.0), "1.0"),
        (lambda: made.rotations(2.0), "2.0"),  # type: ignore[arg-type]
        (lambda: made.rotations(2, max_reflections=-1), "-1"),
        (lambda: made.symmetric_operators(2, min_size=3), "from 3 to 2"),
        (lambda: made.symmetric_operators(2, gap=-1.0), "-1.0"),
        (lambda: made.aligned_modes(0), "0"),
        (lambda: made.aligned_modes(signs="up"), "up"),  # type: ignore[arg-type]
        (lambda: made.aligned_modes(min_scale=0), "0"),
        (lambda: made.initialisations(0, 1), "0"),
        (lambda: made.initialisations(2, 0), "0"),
        (lambda: made.initialisations(2, 2, min_scale=2.0), "2.0"),
        (lambda: made.times(0), "0"),
        (lambda: made.times(66), "66"),
        (lambda: made.times(latest=0.0), "0.0"),
        (lambda: made.trajectories(0), "0"),
        (lambda: made.spiked_data(1), "from 2 to 1"),
        (lambda: made.concept_pairs(["one"]), "1 words"),
        (lambda: made.concept_pairs(WORDS, max_families=0), "0"),
        (lambda: made.damaged_embedding_files(0), "0"),
        (lambda: counts_from(np.array([[1.5]])), "float64"),  # type: ignore[arg-type]
        (lambda: counts_from(np.array([[0, 1], [2, 0]])), "symmetric"),
        (lambda: counts_from(np.array([[1, 2]])), "(1, 2)"),
    ],
)
def test_bad_arguments_are_refused_at_once(call: Callable[[], object], culprit: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert culprit in str(caught.value)


def test_checks_work_without_hypothesis_and_strategies_say_what_is_missing() -> None:
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "import numpy as np\n"
        "from repsearch.testing import counting, curvature, floor, losses, minima, targets\n"
        "assert minima.minimum(np.eye(2), 1)\n"
        "try:\n"
        "    import repsearch.testing.strategies\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "-m pip install 'hypothesis>=" in done.stdout

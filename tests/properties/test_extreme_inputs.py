"""The whole data flow at the ends of what it takes: widths of types, lengths, sizes, settings."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from command_line import TEXT, repsearch
from strategies import brute_force, by_words, counts_from, same_counts

from repsearch.corpus.encoding import encode
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.window import Window
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.target.mstar import mstar
from repsearch.text.tokenizers import Tokenizer

EDGES = [top + step for top in (2**8, 2**16, 2**24, 2**31, 2**32, 2**53) for step in (-1, 0, 1)]


@pytest.mark.parametrize("value", EDGES)
def test_a_count_at_the_edge_of_a_type_is_exact(value: int, tmp_path: Path) -> None:
    parts = [
        counts_from(np.array([[2 * part, part], [part, 0]]), corpora=(name,))
        for name, part in (("a", value - 5), ("b", 5))
    ]
    merged = merge(parts)
    merged.save(tmp_path / "counts.npz")
    opened = Counts.open(tmp_path / "counts.npz")
    assert same_counts(opened, merged)
    assert opened.matrix().toarray().tolist() == [[2 * value, value], [value, 0]]
    assert opened.total == 4 * value
    # P = 1/4 and p p' = 3/16
    assert mstar(opened).dense()[0, 1] == pytest.approx(2 / 7, rel=1e-15)


@pytest.mark.parametrize("size", [1, 2, 7])
@pytest.mark.parametrize("weighting", ["flat", "linear", "harmonic"])
def test_documents_about_as_long_as_the_window(size: int, weighting: str) -> None:
    lengths = [0, *sorted({1, 2, size, size + 1, size + 2, 2 * size, 2 * size + 1})]
    texts = [" ".join("abc"[(k * k + n) % 3] for k in range(n)) for n in lengths]
    window = Window(size, weighting)  # type: ignore[arg-type]
    corpus = encode(texts, vocabulary_size=None)
    whole = count(corpus, window)
    assert whole.matrix().toarray().tolist() == brute_force(corpus, window).tolist()
    shards = [count(encode([text], vocabulary=whole.words), window) for text in texts if text]
    assert by_words(merge(shards[::-1])) == by_words(whole)


def test_more_words_than_16_bits_and_more_pairs_than_32() -> None:
    n = 70_001
    words = Tokenizer("white-space", str.split)
    # A walk along a chain of words, and back.
    text = " ".join(map(str, [*range(n), *range(n - 2, -1, -1)]))
    counts = count(encode([text], vocabulary_size=None, tokenizer=words), Window(1, "flat"))
    assert len(counts.words) == n
    assert n * n > 2**32
    place = {int(word): k for k, word in enumerate(counts.words)}
    matrix = counts.matrix()
    for k in (0, 1, 32_768, 65_535, 65_536, n - 2):
        row = matrix[[place[k]]].tocoo()
        found = {int(counts.words[j]): int(c) for j, c in zip(row.col, row.data, strict=True)}
        expected = {near: 2 for near in (k - 1, k + 1) if 0 <= near < n}
        assert found == expected
    assert counts.total == 2 * 2 * (n - 1)


def test_words_that_never_meet_have_their_own_modes() -> None:
    counts = count(encode(["a b a b b c", "d e d d e f"], vocabulary_size=None), Window(2, "flat"))
    target = mstar(counts)
    dense = target.dense()
    one = [counts.words.index(word) for word in "abc"]
    other = [counts.words.index(word) for word in "def"]
    assert (dense[np.ix_(one, other)] == -2).all()
    values = np.linalg.eigvalsh(dense)[::-1]
    for method in ("dense", "krylov"):
        found = eigenpairs(target, 3, method=method, dtype="float64").eigenvalues
        np.testing.assert_allclose(found, values[:3], rtol=1e-12)


@pytest.mark.smoke
def test_the_commands_write_the_same_bytes_wherever_and_however_often_they_run(
    tmp_path: Path,
) -> None:
    found = []
    for seed, threads in (("0", "1"), ("12345", "2")):
        folder = tmp_path / f"a folder called {seed}"
        folder.mkdir()
        (folder / "text.txt").write_text(TEXT, "utf-8")
        environment = {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads}
        environment["NUMBA_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = threads
        for words in (
            "count text.txt -V 40 -L 4 --out counts.npz",
            "solve counts.npz -d 8 --out spectrum.safetensors",
            "topics spectrum.safetensors --out topics",
        ):
            done = repsearch(*words.split(), cwd=folder, **environment)
            assert done.returncode == 0, done.stderr
        files = sorted(path for path in folder.rglob("*") if path.suffix in _COMPARED)
        found.append(
            {
                str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in files
            }
        )
    assert found[0] == found[1]
    assert len(found[0]) >= 3


_COMPARED = (".npz", ".safetensors", ".csv")

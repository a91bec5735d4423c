"""Topics of spectra and of embeddings."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probes.topics.topics import Modes, topics
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError


@dataclass
class Spectrum:
    """The least that `topics` asks of a spectrum."""

    words: tuple[str, ...]
    eigenvalues: NDArray[np.float64]
    eigenvectors: NDArray[np.float64]


def of_matrix(size: int, seed: int, d: int | None = None) -> tuple[NDArray[np.float64], Spectrum]:
    """A random symmetric matrix and its leading eigenpairs in signed order."""
    matrix = np.random.default_rng(seed).normal(size=(size, size))
    matrix = matrix + matrix.T
    values, vectors = np.linalg.eigh(matrix)
    words = tuple(f"w{n}" for n in range(size))
    return matrix, Spectrum(words, values[::-1][:d], vectors[:, ::-1][:, :d])


def column_of(table_rows: list[dict[str, object]], mode: int, size: int) -> NDArray[np.float64]:
    column = np.zeros(size)
    for row in table_rows:
        if row["mode"] == mode and row["end"] == "+":
            column[int(str(row["word"])[1:])] = row["entry"]
    return column


def test_the_ends_of_known_columns() -> None:
    vectors = np.array([[0.1, 3.0], [-2.0, 0.0], [0.5, -1.0], [4.0, 2.0]])
    embeddings = Embeddings(("the", "of", "and", "to"), vectors, "toy")
    table = topics(embeddings, words_per_end=2)
    assert [(t.mode, t.end, t.words, t.entries) for t in table.topics] == [
        (1, "+", ("to", "and"), (4.0, 0.5)),
        (1, "-", ("of", "the"), (-2.0, 0.1)),
        (2, "+", ("the", "to"), (3.0, 2.0)),
        (2, "-", ("and", "of"), (-1.0, 0.0)),
    ]
    assert table.topics[0].eigenvalue is None
    assert table.topics[0].mean_entry == 2.25
    cosine = topics(embeddings, modes=[2], words_per_end=2, normalise="cosine")
    assert cosine.topics[0].words == ("the", "to")
    assert cosine.topics[0].entries == pytest.approx((3 / np.hypot(0.1, 3), 2 / np.sqrt(20)))
    assert cosine.topics[1].words == ("and", "of")


def test_only_frequent_words_are_looked_at() -> None:
    vectors = np.arange(10.0)[:, None] + 1
    embeddings = Embeddings(tuple("abcdefghij"), vectors)
    table = topics(embeddings, words_per_end=2, frequent=5)
    assert (table.topics[0].words, table.considered) == (("e", "d"), 5)
    assert topics(embeddings, words_per_end=2).considered == 10


@pytest.mark.parametrize("normalise", ["raw", "cosine"])
def test_equal_entries_stand_in_the_order_of_frequency(normalise: str) -> None:
    vectors = np.tile([[1.0, 0.0], [-1.0, 0.0]], (3, 1))
    table = topics(
        Embeddings(tuple("abcdef"), vectors), modes=[1], words_per_end=4, normalise=normalise
    )
    assert table.topics[0].words == ("a", "c", "e", "b")
    assert table.topics[1].words == ("b", "d", "f", "a")


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.data())
@settings(max_examples=40, deadline=None)
def test_the_entries_are_those_of_the_closed_form(
    seed: int, size: int, data: st.DataObject
) -> None:
    # Property 60: the first d columns have the Gram matrix of the best PSD fit of rank d.
    matrix, spectrum = of_matrix(size, seed)
    usable = int((spectrum.eigenvalues > 0).sum())
    if usable == 0:
        return
    d = data.draw(st.integers(1, usable))
    rows = topics(spectrum, modes=range(1, d + 1), words_per_end=size).table()
    w = np.stack([column_of(rows, mode, size) for mode in range(1, d + 1)], axis=1)
    values, vectors = np.linalg.eigh(matrix)
    values[: size - d] = 0
    np.testing.assert_allclose(w @ w.T, (vectors * values) @ vectors.T, atol=1e-10)


def test_cosines_of_a_spectrum_are_by_rows_of_w() -> None:
    _, spectrum = of_matrix(8, 1)
    positive = spectrum.eigenvalues > 0
    w = spectrum.eigenvectors[:, positive] * np.sqrt(spectrum.eigenvalues[positive])
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    table = topics(spectrum, modes=[2], words_per_end=8, normalise="cosine")
    np.testing.assert_allclose(column_of(table.table(), 2, 8), w[:, 1])
    assert table.topics[0].eigenvalue == spectrum.eigenvalues[1]


def test_a_spectrum_and_its_embeddings_have_the_same_topics() -> None:
    _, spectrum = of_matrix(12, 2, d=4)
    w = spectrum.eigenvectors * np.sqrt(spectrum.eigenvalues)
    for normalise in ("raw", "cosine"):
        one = topics(spectrum, words_per_end=3, normalise=normalise)
        other = topics(Embeddings(spectrum.words, w), words_per_end=3, normalise=normalise)
        assert [t.words for t in one.topics] == [t.words for t in other.topics]


def test_scaling_keeps_the_words_and_a_sign_swaps_the_ends() -> None:
    _, spectrum = of_matrix(12, 3, d=2)
    table = topics(spectrum, words_per_end=3)
    scaled = topics(
        Spectrum(spectrum.words, 7 * spectrum.eigenvalues, spectrum.eigenvectors), words_per_end=3
    )
    assert [t.words for t in scaled.topics] == [t.words for t in table.topics]
    swapped = topics(
        Spectrum(spectrum.words, spectrum.eigenvalues, -spectrum.eigenvectors), words_per_end=3
    )
    assert swapped.topics[0].words == table.topics[1].words


@pytest.mark.parametrize("width", [50, 80, 132])
def test_the_text_fits_the_width(width: int) -> None:
    _, spectrum = of_matrix(60, 4)
    text = topics(spectrum, modes=[1, 12], words_per_end=30).text(width)
    assert max(map(len, text.splitlines())) <= width
    assert text.splitlines()[0].split() == ["mode", "eigenvalue", "end", "mean", "entry", "words"]
    embeddings = Embeddings(spectrum.words, spectrum.eigenvectors.copy())
    table = topics(embeddings, words_per_end=30)
    assert "eigenvalue" not in table.text(width)
    assert max(map(len, str(table).splitlines())) <= 80


def test_the_table_has_a_row_a_word() -> None:
    _, spectrum = of_matrix(9, 5)
    rows = topics(spectrum, modes=[2, 1], words_per_end=3).table()
    assert len(rows) == 12
    assert [row["mode"] for row in rows[::6]] == [2, 1]
    assert [row["place"] for row in rows[:3]] == [1, 2, 3]
    assert list(rows[0]) == ["mode", "eigenvalue", "end", "place", "word", "entry"]


def test_by_default_no_more_modes_than_there_are() -> None:
    _, spectrum = of_matrix(40, 6)
    assert isinstance(spectrum, Modes)
    assert len(topics(spectrum).topics) == 20
    _, small = of_matrix(5, 6)
    positive = int((small.eigenvalues > 0).sum())
    assert len(topics(small, words_per_end=2).topics) == 2 * positive


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"modes": [0]}, "no mode 0; modes are numbered from 1 to 6"),
        ({"modes": [7]}, "no mode 7"),
        ({"modes": [1.5]}, r"no mode 1\.5"),
        ({"modes": [6]}, "mode 6 has eigenvalue -.*positive eigenvalues are 1 to"),
        ({"modes": []}, "no modes are asked for"),
        ({"words_per_end": 0}, "got 0"),
        ({"words_per_end": 7}, "between 1 and the 6 words looked at; got 7"),
        ({"words_per_end": 3, "frequent": 2}, "the 2 words"),
        ({"frequent": 0}, "got 0"),
        ({"normalise": "l2"}, "got 'l2'"),
    ],
)
def test_bad_arguments(options: dict[str, object], said: str) -> None:
    _, spectrum = of_matrix(6, 7)
    with pytest.raises(InputError, match=said):
        topics(spectrum, **{"words_per_end": 2, **options})


def test_too_narrow_and_without_positive_eigenvalues() -> None:
    _, spectrum = of_matrix(6, 7)
    with pytest.raises(InputError, match="got 49"):
        topics(spectrum, words_per_end=2).text(49)
    negative = Spectrum(spectrum.words, -np.ones(6), spectrum.eigenvectors)
    with pytest.raises(InputError, match="no mode has a positive eigenvalue"):
        topics(negative, words_per_end=2)

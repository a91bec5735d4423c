"""The export for viewers: every column against a plainer computation."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from made_report import HOSTILE, world

from probes.studies.atlas import atlas_of
from repsearch import Embeddings
from repsearch.errors import InputError
from repsearch.storage.visible import visible


def embeddings(number: int = 700, d: int = 6) -> Embeddings:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((number, d)) * np.arange(d, 0, -1)
    return Embeddings([f"w{k}" for k in range(number)], vectors)


def test_neighbours_are_those_of_all_cosines_sorted() -> None:
    emb = embeddings()
    found = atlas_of(emb, neighbours=5)
    units = emb.vectors / np.linalg.norm(emb.vectors, axis=1)[:, None]
    cosines = units @ units.T
    np.fill_diagonal(cosines, -2)
    assert found.neighbours.tolist() == np.argsort(-cosines, axis=1)[:, :5].tolist()
    expected = 1 - np.sort(cosines, axis=1)[:, ::-1][:, :5]
    np.testing.assert_allclose(found.distances, expected, atol=1e-6)


def test_equal_cosines_stand_in_the_order_of_the_words() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [-1.0, 0.0]])
    found = atlas_of(Embeddings(list("abcde"), vectors), neighbours=2)
    assert found.neighbours.tolist() == [[1, 2], [2, 3], [1, 3], [1, 2], [1, 2]]


def test_coordinates_are_on_principal_axes_and_keep_all_distances() -> None:
    emb = embeddings()
    found = atlas_of(emb)
    gram = found.vectors.astype(float)
    np.testing.assert_allclose(gram @ gram.T, emb.vectors @ emb.vectors.T, atol=1e-3)
    energies = np.square(found.vectors).sum(axis=0)
    assert (np.diff(energies) <= 0).all()


def test_a_words_topic_is_the_end_it_lies_closest_to() -> None:
    found = atlas_of(embeddings())
    units = found.vectors / np.linalg.norm(found.vectors, axis=1)[:, None]
    for row in (0, 13, 699):
        mode = int(np.abs(units[row]).argmax())
        assert found.topic[row].startswith(f"{mode + 1}{'+' if units[row, mode] > 0 else '-'} ")
        assert found.topic_cosine[row] == pytest.approx(abs(units[row, mode]), abs=1e-6)


def test_parquet_has_the_columns_that_embedding_atlas_reads(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    spectrum, _ = world()
    found = atlas_of(spectrum.embeddings(5), neighbours=3)
    (path,) = found.save(tmp_path / "words.parquet")
    table = parquet.read_table(path)
    columns = ["word", "rank", "mode_1", "mode_2", "mode_3", "topic", "topic_cosine"]
    assert table.column_names == [*columns, "vector", "neighbors"]
    rows = table.to_pylist()
    assert [row["word"] for row in rows] == [visible(word) for word in spectrum.words]
    assert rows[0]["word"] == HOSTILE[0]
    assert [row["rank"] for row in rows] == list(range(1, 65))
    for row, near, far in zip(rows, found.neighbours, found.distances, strict=True):
        assert row["neighbors"] == {"ids": near.tolist(), "distances": far.tolist()}
        assert row["vector"][:3] == [row["mode_1"], row["mode_2"], row["mode_3"]]


def test_tsv_is_read_back_with_the_words_beside_it(tmp_path: Path) -> None:
    found = atlas_of(embeddings())
    vectors, metadata = found.save(tmp_path / "tensorboard" / "vectors.tsv")
    assert metadata.name == "vectors-metadata.tsv"
    read = Embeddings.open(vectors, word_list=metadata)
    assert read.words == found.words
    np.testing.assert_array_equal(read.vectors.astype(np.float32), found.vectors)
    with metadata.open(encoding="utf-8", newline="") as stream:
        head, first, *_ = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert head == ["word", "rank", "topic"]
    assert first == ["w0", "1", found.topic[0]]


def test_two_tables_in_a_folder_have_their_own_words(tmp_path: Path) -> None:
    few, many = atlas_of(embeddings(5)), atlas_of(embeddings(9))
    one, of_one = few.save(tmp_path / "emb.v1.tsv")
    other, of_other = many.save(tmp_path / "emb.v2.tsv")
    for found, vectors, words in ((few, one, of_one), (many, other, of_other)):
        assert Embeddings.open(vectors, word_list=words).words == found.words
    with pytest.raises(InputError, match=f"such as {of_one}"):
        Embeddings.open(one)


def test_lists_beyond_32_bits_have_offsets_of_64(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    found = atlas_of(embeddings(9), neighbours=3)
    usual = parquet.read_table(found.save(tmp_path / "a.parquet")[0])
    monkeypatch.setattr("probes.studies.atlas._MOST_IN_LISTS", 9 * 3)
    large = parquet.read_table(found.save(tmp_path / "b.parquet")[0])
    assert [str(t.field("vector").type)[:5] for t in (usual.schema, large.schema)] == [
        "list<", "large",
    ]  # fmt: skip
    assert large.to_pylist() == usual.to_pylist()


def test_every_line_of_the_tsv_is_a_word_whatever_the_words(tmp_path: Path) -> None:
    spectrum, _ = world()
    vectors, metadata = atlas_of(spectrum.embeddings(5)).save(tmp_path / "vectors.tsv")
    lines = metadata.read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines[1:]] == [visible(w) for w in spectrum.words]
    assert all(line.count("\t") == 2 for line in lines)
    assert len(vectors.read_text("utf-8").splitlines()) == len(spectrum.words)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda folder: atlas_of(embeddings(), neighbours=0), "neighbours is 0"),
        (lambda folder: atlas_of(embeddings(1)), "a single word has no neighbours"),
        (lambda folder: atlas_of(embeddings(9)).save(folder / "a.csv"), "neither with .parquet"),
    ],
)
def test_what_cannot_be_is_refused(call, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        call(tmp_path)
    assert list(tmp_path.iterdir()) == []

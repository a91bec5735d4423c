"""Directions of relations: unit mean differences, in files that tell when they are not whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save as to_safetensors

from probes import Relations
from probes.concepts import (
    RelationDirections,
    difference_vectors,
    probe_concepts,
    relation_directions,
)
from probes.studies.verification import verify
from repsearch import Embeddings
from repsearch.errors import InputError
from repsearch.storage.checksum import sha256_of_arrays
from repsearch.synthetic import BinaryAttributes


def world(seed: int, d: int) -> tuple[Embeddings, Relations]:
    rng = np.random.default_rng(seed)
    emb = Embeddings(tuple(f"w{k}" for k in range(30)), rng.normal(size=(30, d)), "made")
    pairs = {f"f{n}": [(f"w{4 * k + n}", f"w{4 * k + n + 2}") for k in range(6)] for n in (0, 1)}
    return emb, Relations(pairs)


@given(st.integers(0, 1000), st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_a_direction_is_the_unit_mean_difference(seed: int, d: int) -> None:
    emb, relations = world(seed, d)
    found = relation_directions(emb, relations)
    for family, pairs in relations.families.items():
        mean = difference_vectors(emb, pairs).mean
        np.testing.assert_allclose(found[family] * np.linalg.norm(mean), mean, atol=1e-12)


@given(st.integers(0, 1000), st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_words_along_it_are_those_of_the_extreme_cosines_and_never_its_own(
    seed: int, d: int
) -> None:
    emb, relations = world(seed, d)
    found = relation_directions(emb, relations)
    second, first = found.words_along(emb, "f0", n=3, frequent=28)
    own = {word for pair in relations.families["f0"] for word in pair}
    units = emb.vectors / np.linalg.norm(emb.vectors, axis=1, keepdims=True)
    cosine = dict(zip(emb.words[:28], (units @ found["f0"])[:28], strict=True))
    others = sorted((value, word) for word, value in cosine.items() if word not in own)
    assert list(first) == [word for value, word in others[:3] if value < 0]
    assert list(second) == [word for value, word in others[::-1][:3] if value > 0]


def test_they_come_back_to_the_bit_with_what_they_were_made_of(tmp_path: Path) -> None:
    emb, relations = world(0, 4)
    found = relation_directions(emb, relations)
    for name in ("one", "two"):
        found.save(tmp_path / f"{name}.safetensors")
    again = RelationDirections.open(tmp_path / "one.safetensors")
    assert again.vectors.tobytes() == found.vectors.tobytes()
    assert dict(again.pairs) == dict(found.pairs)
    assert (again.source, again.digest, again.estimator) == (
        "made",
        found.digest,
        "mean difference",
    )
    assert again.made_from(emb)
    moved = emb.vectors.copy()
    moved[3, 1] += 1e-12
    assert not again.made_from(Embeddings(emb.words, moved))
    assert not again.made_from(Embeddings(emb.words[::-1], emb.vectors))
    one, two = (tmp_path / f"{name}.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    (checked,) = verify(one)
    assert checked.fault is None
    assert "directions" in checked.kind


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_flipped_bit_is_seen(tmp_path: Path, place: int) -> None:
    emb, relations = world(0, 4)
    path = tmp_path / "d.safetensors"
    relation_directions(emb, relations).save(path)
    content = bytearray(path.read_bytes())
    content[len(content) * place // 100] ^= 4
    path.write_bytes(content)
    with pytest.raises(InputError):
        RelationDirections.open(path)


def test_other_files_are_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    with pytest.raises(InputError, match="is no file"):
        RelationDirections.open(path)
    path.write_bytes(to_safetensors({"directions": np.eye(2)}, {"format": "something"}))
    with pytest.raises(InputError, match="holds no directions; make it again with"):
        RelationDirections.open(path)


def test_a_newer_version_is_named(tmp_path: Path) -> None:
    emb, relations = world(0, 4)
    path = tmp_path / "d.safetensors"
    relation_directions(emb, relations).save(path)
    with safe_open(path, "numpy") as file:
        sealed = json.loads(file.metadata()["repsearch-directions"])
        vectors = file.get_tensor("directions")
    about = json.dumps({**json.loads(sealed["about"]), "version": "2"})
    again = {"about": about, "sha256": sha256_of_arrays(about, {"directions": vectors})}
    path.write_bytes(
        to_safetensors({"directions": vectors}, {"repsearch-directions": json.dumps(again)})
    )
    with pytest.raises(InputError, match="version 2, this program reads version 1"):
        RelationDirections.open(path)


def test_what_cannot_be_is_refused() -> None:
    emb, relations = world(0, 4)
    found = relation_directions(emb, relations)
    with pytest.raises(InputError, match="no direction of 'f7'; there are those of f0, f1"):
        found["f7"]
    with pytest.raises(InputError, match="have 4 columns and the embeddings 3"):
        found.words_along(emb.truncate(3), "f0")
    with pytest.raises(InputError, match="a row for each relation"):
        RelationDirections({"f": ()}, np.eye(2), "x", "")
    with pytest.raises(InputError, match="not of unit length"):
        RelationDirections({"f": ()}, 2 * np.eye(1), "x", "")


def test_a_relation_without_a_direction_is_left_out() -> None:
    emb, _ = world(0, 2)
    back = [("w0", "w1"), ("w1", "w0")]
    found = relation_directions(emb, Relations({"none": [("x", "y")], "back": back}))
    assert found.families == ()


def test_the_probe_keeps_them_in_the_columns_that_were_given(tmp_path: Path) -> None:
    made = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    plain = made.spectrum().embeddings(4)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    turned = Embeddings(plain.words, plain.vectors @ turn)
    relations = Relations(made.relations)
    found = probe_concepts(turned, relations, controls=0)
    written = found.save(tmp_path)
    assert tmp_path / "directions.safetensors" in written
    kept = RelationDirections.open(tmp_path / "directions.safetensors")
    assert kept.made_from(turned)
    for family, pairs in relations.families.items():
        mean = difference_vectors(turned, pairs).mean
        np.testing.assert_allclose(kept[family], mean / np.linalg.norm(mean), atol=1e-9)
    one = found.profiles.profiles[0]
    assert one.along == kept.words_along(turned, one.coverage.family)
    row = found.table()[0]
    assert row["words_towards_second"] == " ".join(one.along[0])
    assert row["verdict"] == "direction"
    assert not [check.fault for check in verify(tmp_path) if check.fault]

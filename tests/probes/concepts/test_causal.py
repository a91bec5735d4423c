"""The causal inner product: by its formula, on concepts that are skew, and with too few words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from probes.concepts import CausalInnerProduct, causal_geometry, whitened
from probes.relations import Relations, read_relation_folder
from repsearch import Embeddings
from repsearch.cli import app
from repsearch.errors import InputError

RNG = np.random.default_rng(0)
WORDS, D, N = 400, 2, 15
DIRECTIONS = np.array([[1.0, 0.0], [0.8, 0.6]])


def skew() -> tuple[Embeddings, Relations]:
    """Two concepts whose directions have a cosine of 0.8, and that words have independently."""
    rng = np.random.default_rng(2)
    sides = rng.choice([-1.0, 1.0], size=(WORDS, 2))
    families = {}
    for concept in (0, 1):
        # Of each pair the second word differs in this concept alone.
        pairs = []
        for k in range(N):
            first = 2 * (concept * N + k)
            sides[first + 1] = sides[first]
            sides[first, concept], sides[first + 1, concept] = -1.0, 1.0
            pairs.append((f"w{first}", f"w{first + 1}"))
        families[f"concept {concept}"] = pairs
    vectors = 0.02 * rng.normal(size=(WORDS, D))
    vectors += sides @ DIRECTIONS
    return Embeddings([f"w{k}" for k in range(WORDS)], vectors), Relations(families)


def test_concepts_that_words_have_independently_become_orthogonal() -> None:
    found = causal_geometry(*skew())
    sizes = found.sizes()
    assert sizes["plain"] == pytest.approx([0.8], abs=0.02)
    # What is left is the correlation of the two concepts among these words.
    words, _ = skew()
    sides = np.linalg.lstsq(DIRECTIONS.T, words.vectors.T, rcond=None)[0]
    inverse = np.linalg.inv(np.cov(sides))
    left = abs(inverse[0, 1]) / np.sqrt(inverse[0, 0] * inverse[1, 1])
    assert left < 0.2
    assert sizes["causal"] == pytest.approx([left], abs=0.02)
    assert found.settings["shrinkage"] == 0.0
    assert "smaller for 1 of 1 pair of concepts" in found.summary()
    assert all(one.p_value < 0.01 for one in found.families)


def test_shares_are_those_of_the_formula() -> None:
    """|m|^2 and squared lengths by x' Cov^-1 y, with numpy's inverse."""
    words, relations = skew()
    found = causal_geometry(words, relations)
    vectors = words.vectors
    inverse = np.linalg.inv(np.cov(vectors.T, bias=True))
    for place, pairs in enumerate(relations.families.values()):
        rows = np.array(
            [words.vectors[words.index[b]] - words.vectors[words.index[a]] for a, b in pairs]
        )
        for offset, metric in enumerate((np.eye(D), inverse)):
            gram = rows @ metric @ rows.T
            between = (gram.sum() - np.trace(gram)) / (N * (N - 1))
            expected = between / (np.trace(gram) / N)
            assert found.families[2 * place + offset].share.value == pytest.approx(expected)


def test_shrinkage_is_the_formula_and_at_one_nothing_changes() -> None:
    words, relations = skew()
    cov = np.cov(words.vectors.T, bias=True)
    x, y = RNG.normal(size=(2, D))
    for s in (0.0, 0.3, 1.0):
        made = CausalInnerProduct(s).fit(words.vectors)
        shrunk = (1 - s) * cov + s * np.trace(cov) / D * np.eye(D)
        assert made.inner(x, y) == pytest.approx(x @ np.linalg.inv(shrunk) @ y)
        assert made.condition_ == pytest.approx(np.linalg.cond(shrunk))
    plain = causal_geometry(words, relations, shrinkage=1.0)
    assert plain.sizes()["causal"] == pytest.approx(plain.sizes()["plain"])
    assert whitened(words, shrinkage=1.0).vectors @ np.ones(D) == pytest.approx(
        (words.vectors - words.vectors.mean(0)) @ np.ones(D) / np.sqrt(np.trace(cov) / D)
    )


def test_few_words_are_shrunk_by_themselves_and_it_is_said() -> None:
    """Unshrunk, two random words of 40 in 39 dimensions are orthogonal by construction."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(40, 39)) + 4 * rng.normal(size=(40, 1)) * np.eye(39)[0]
    words = Embeddings([f"w{k}" for k in range(40)], vectors)
    family = [(f"w{k}", f"w{k + 1}") for k in range(0, 20, 2)]
    found = causal_geometry(words, Relations({"x": family}))
    assert 0.05 < float(str(found.settings["shrinkage"])) <= 1
    assert "That is few words for so many dimensions" in found.summary()
    assert "No two concepts have a cosine" in found.summary()
    unshrunk = whitened(words).vectors
    cosines = unshrunk @ unshrunk.T / 40
    assert abs(cosines[~np.eye(40, dtype=bool)]).max() < 0.03  # whatever the words are


def test_random_pairs_are_no_concept() -> None:
    words, _ = skew()
    numbers = np.random.default_rng(3).permutation(np.arange(100, 160)).reshape(-1, 2)
    random = Relations({"random": [(f"w{a}", f"w{b}") for a, b in numbers]})
    found = causal_geometry(words, random)
    assert all(one.p_value > 0.05 for one in found.families)
    assert all(one.share.low <= 0 for one in found.families)


def test_counterfactual_pairs_one_a_line_in_files_named_after_concepts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layout of the files that come with Park, Choe and Veitch: tabs, brackets in names."""
    monkeypatch.chdir(tmp_path)
    words, relations = skew()
    words.save(tmp_path / "emb.vec")
    folder = tmp_path / "word_pairs"
    folder.mkdir()
    for name, pairs in zip(
        ("verb - 3pSg", "male - female"), relations.families.values(), strict=True
    ):
        (folder / f"[{name}].txt").write_text("".join(f"{a}\t{b}\n" for a, b in pairs))
    assert read_relation_folder(folder).families == {
        "male - female": relations.families["concept 1"],
        "verb - 3pSg": relations.families["concept 0"],
    }
    command = ["probe", "causal", "emb.vec", "--relations", "word_pairs", "--out", "found"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "not shrunk; its condition is" in " ".join(done.output.split())
    assert "verb – 3pSg" in done.output
    assert max(map(len, done.output.splitlines()[:12])) <= 80
    written = {path.name for path in (tmp_path / "found").iterdir()}
    assert {"causal.csv", "causal.png", "angles-plain.csv", "angles-causal.csv"} <= written


def test_what_is_refused() -> None:
    words, relations = skew()
    with pytest.raises(InputError, match=r"shrinkage is 1\.5; pass a number from 0 to 1"):
        causal_geometry(words, relations, shrinkage=1.5)
    with pytest.raises(InputError, match="no concept has 4 groups of pairs without a common word"):
        causal_geometry(words, Relations({"x": [("w1", "w2"), ("w1", "w3"), ("w4", "w5")]}))
    with pytest.raises(InputError, match="in the vocabulary"):
        causal_geometry(words, Relations({"x": [("a", "b")]}))

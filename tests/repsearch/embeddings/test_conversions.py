"""What gensim, pandas and notebooks are given: the same words and numbers, and nothing harmful."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import repsearch as rs
from repsearch.embeddings.formats.contents import Contents
from repsearch.embeddings.formats.table_text import write_tsv
from repsearch.errors import InputError
from repsearch.notebook import html_table
from repsearch.synthetic import BinaryAttributes

WORDS = ("cat", "dog", "mouse", "house", "tree")


def made(dtype: type = np.float32) -> rs.Embeddings:
    return rs.Embeddings(WORDS, np.random.default_rng(0).normal(size=(5, 3)).astype(dtype), "made")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keyed_vectors_hold_and_answer_the_same(dtype: type) -> None:
    pytest.importorskip("gensim")
    emb = made(dtype)
    given = emb.to_keyedvectors()
    assert tuple(given.index_to_key) == WORDS
    assert given.vectors.dtype == dtype
    assert np.array_equal(given.vectors, emb.vectors)
    ours = emb.most_similar(["cat", "dog"], ["tree"], topn=2)
    theirs = given.most_similar(["cat", "dog"], ["tree"], topn=2)
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    assert [x for _, x in ours] == pytest.approx([x for _, x in theirs], abs=1e-6)
    given.vectors[:] = 0
    assert emb.vectors.any()


def test_the_odd_one_out_is_gensims() -> None:
    pytest.importorskip("gensim")
    rng = np.random.default_rng(1)
    for _ in range(50):
        emb = rs.Embeddings(WORDS, rng.normal(size=(5, 4)))
        words = rng.permutation(WORDS)[: rng.integers(2, 6)].tolist()
        ours, theirs = emb.doesnt_match(words), emb.to_keyedvectors().doesnt_match(words)
        unit = emb.unit()[[WORDS.index(word) for word in words]]
        cosines = dict(zip(words, unit @ unit.mean(axis=0), strict=True))
        # Of two words both are as far from their mean.
        assert cosines[ours] == pytest.approx(cosines[theirs], abs=1e-6)
        assert len(words) == 2 or ours == theirs


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "at least two"),
        (["cat"], "at least two"),
        (["cat", "cat"], "at least two"),
        (["cat", "zero"], "is zero"),
        (["cat", "anticat"], "add up to zero"),
        (["cat", "catt"], "did you mean 'cat'"),
    ],
)
def test_the_odd_one_out_is_refused(words: list[str], said: str) -> None:
    vectors = np.array([[1.0, 2.0], [0.0, 0.0], [-1.0, -2.0]])
    with pytest.raises(InputError, match=said):
        rs.Embeddings(("cat", "zero", "anticat"), vectors).doesnt_match(words)


def test_get_vector() -> None:
    emb = made()
    assert np.array_equal(emb.get_vector("dog"), emb["dog"])
    assert np.linalg.norm(emb.get_vector("dog", norm=True)) == pytest.approx(1, rel=1e-6)
    with pytest.raises(KeyError):
        emb.get_vector("nothing")


def test_a_frame_is_a_copy_by_word() -> None:
    pytest.importorskip("pandas")
    emb = made(np.float64)
    frame = emb.to_frame()
    assert (tuple(frame.index), frame.index.name, frame.attrs["name"]) == (WORDS, "word", "made")
    assert np.array_equal(frame.to_numpy(), emb.vectors)
    frame.loc["cat"] = 0.0
    assert emb["cat"].all()


@pytest.mark.parametrize(
    ("module", "method"), [("gensim.models", "to_keyedvectors"), ("pandas", "to_frame")]
)
def test_without_the_package(module: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"{method} needs \w+, which is not .*-m pip install"):
        getattr(made(), method)()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\t\n\r"), min_size=1)
        .filter(lambda word: bool(word.strip())),
        min_size=1, max_size=6, unique=True,
    ),
    st.sampled_from([np.float32, np.float64]),
    st.data(),
)  # fmt: skip
def test_tsv_gives_back_words_and_bits(tmp_path_factory, words, dtype, data) -> None:
    width = 32 if dtype is np.float32 else 64
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=width)
    vectors = data.draw(arrays(dtype, (len(words), data.draw(st.integers(1, 4))), elements=numbers))
    path = tmp_path_factory.mktemp("tsv") / "a.tsv"
    rs.Embeddings(tuple(words), vectors).save(path)
    found = rs.Embeddings.open(path)
    assert found.words == tuple(words)
    assert found.vectors.tobytes() == vectors.tobytes()


def test_tsv_refuses_what_it_cannot_say(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has a tab or a line end"):
        write_tsv(tmp_path / "a.tsv", Contents(["a\tb"], np.ones((1, 2))))
    assert not (tmp_path / "a.tsv").exists()


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        assert all(name == "style" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = {"div", "b", "p", "table", "thead", "tbody", "tr", "th", "td"}
HOSTILE = "<script>alert(1)</script>"


def test_a_notebook_shows_objects_and_runs_no_word() -> None:
    counts = BinaryAttributes([0.4, 0.3]).sample(1000, seed=0)
    spectrum = rs.eigenpairs(rs.mstar(counts), 2)
    for thing in (made(), counts, spectrum):
        page = _Tags(thing._repr_html_())
        assert page.tags <= PLAIN
        assert repr(thing) in page.text
    hostile = rs.Embeddings((HOSTILE, "b\u202e"), np.eye(2), f"x{HOSTILE}")
    page = _Tags(hostile._repr_html_())
    assert page.tags <= PLAIN
    assert HOSTILE in page.text
    assert "\u202e" not in page.text


def test_a_result_says_what_it_found_in_a_notebook() -> None:
    from probes.geometry import isotropy

    found = isotropy(BinaryAttributes([0.3, 0.2, 0.1, 0.1]).spectrum().embeddings(4))
    page = _Tags(found._repr_html_())
    assert page.tags <= PLAIN
    assert found.summary() in page.text


@given(st.lists(st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.floats())))
def test_any_rows_are_shown_harmlessly(rows: list[dict]) -> None:
    assert _Tags(html_table("x", rows)).tags <= PLAIN

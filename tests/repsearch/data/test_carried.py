"""The data that come with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from places import CORPORA
from strategies import same_counts

from probes import analogies, google_relations
from repsearch import CorpusSettings, count, eigenpairs, encode, mstar, pmi, shifted_ppmi
from repsearch.counts.possible import contradiction
from repsearch.data import CARRIED, carried_counts

TEXT = CORPORA / "enwiki-low.txt.xz"
needs_text = pytest.mark.skipif(
    not TEXT.exists(), reason=f"needs the text that the carried counts were made from ({TEXT.name})"
)


def test_every_file_is_there_small_and_named() -> None:
    for name, entry in CARRIED.items():
        assert entry.path.stat().st_size <= 12 * 2**20, name
        assert entry.licence
        assert entry.source


def test_counts_are_what_their_title_says() -> None:
    counts = carried_counts()
    assert len(counts.words) == 4_500
    assert counts.n_documents == 26_283
    assert (counts.window.size, counts.window.weighting) == (16, "linear")
    assert counts.words[:3] == ("the", "of", "and")
    assert np.all(np.diff(counts.word_counts) <= 0)
    # Each token has at most 2 (16 + 15 + ... + 1) = 272 units of weight around it.
    assert 0.99 * 272 * counts.n_tokens < counts.total < 272 * counts.n_tokens


@pytest.mark.corpus
@needs_text
def test_counting_the_text_again_gives_the_same_counts(tmp_path: Path) -> None:
    corpus = encode(TEXT, tmp_path / "corpus", settings=CorpusSettings(vocabulary_size=4_500))
    again, carried = count(corpus), carried_counts()
    assert same_counts(again, carried)
    for name in ("window", "tokenizer", "out_of_vocabulary", "n_words_read", "n_documents"):
        assert getattr(again, name) == getattr(carried, name)
    assert contradiction(carried) is None


@pytest.mark.corpus
@needs_text
def test_targets_come_in_the_order_of_the_paper(tmp_path: Path) -> None:
    """Accuracies of the top 10,000 words, d = 200, with unanswerable questions as wrong."""
    corpus = encode(TEXT, tmp_path / "corpus")
    counts = count(corpus)
    assert counts.density == pytest.approx(0.52, abs=0.005)
    found = {}
    for make in (mstar, shifted_ppmi, pmi):
        spectrum = eigenpairs(make(counts, dtype="float32"), 200)
        assert spectrum.residuals.max() < 1e-4 * spectrum.eigenvalues[0]
        score = analogies(spectrum.embeddings(), google_relations(), unanswerable="wrong")
        assert score.questions == 6_328
        found[spectrum.target] = score.micro.value
    assert found["M*"] >= 0.625
    assert found["PPMI"] == pytest.approx(0.567, abs=0.01)
    assert found["PMI"] == pytest.approx(0.371, abs=0.01)

"""Seventy features of the tools around this one, each by a snippet that runs.

The list is our own: what the documentation of gensim, hyperwords, GloVe, vectorizers, WEFE,
WeightWatcher, BERTopic, TransformerLens and the program of the paper (arXiv 2502.09863) offers to
their users. A row names the tool and the feature and says what stands in its place here. What is
there in part says what is lacking, and its snippet shows the part; what is missing says why.
docs/neighbouring-tools.md has the table, and a test holds it to this file; `python
tests/test_feature_table.py` prints it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import repsearch as rs
from probes import SimilaritySet, analogies, similarity, topics
from repsearch.synthetic import BinaryAttributes, TopicMixture

PAGE = Path(__file__).parent.parent / "docs" / "neighbouring-tools.md"
TOOLS = {
    "gensim": 18,
    "hyperwords": 8,
    "GloVe": 6,
    "vectorizers": 6,
    "WEFE": 7,
    "WeightWatcher": 6,
    "BERTopic": 9,
    "TransformerLens": 5,
    "the paper's program": 5,
}


@dataclass(frozen=True)
class Row:
    """A feature of another tool, and what stands in its place here."""

    tool: str
    feature: str
    here: str
    lacks: str = ""
    shown: Callable[[Path], None] | None = None

    @property
    def state(self) -> str:
        if self.shown is None:
            return "missing"
        return "in part" if self.lacks else "yes"


ROWS: list[Row] = []
MIXTURE = TopicMixture(topics=6, others=60)


def row(tool: str, feature: str, here: str, *, part: str = "") -> Callable[[Any], Any]:
    def add(shown: Callable[[Path], None]) -> Callable[[Path], None]:
        ROWS.append(Row(tool, feature, here, part, shown))
        return shown

    return add


def missing(tool: str, feature: str, why: str) -> None:
    ROWS.append(Row(tool, feature, "", why))


# ------------------------------------------------------------------ what the snippets work on


@cache
def texts() -> tuple[str, ...]:
    return tuple(MIXTURE.documents(6000, seed=0, length=12))


@cache
def corpus() -> rs.Corpus:
    return rs.encode(texts(), vocabulary_size=None)


@cache
def counts() -> rs.Counts:
    return rs.count(corpus(), rs.Window(4))


@cache
def spectrum() -> rs.Spectrum:
    return rs.eigenpairs(rs.mstar(counts()), 8, method="dense")


@cache
def world() -> BinaryAttributes:
    return BinaryAttributes([0.5, 0.45, 0.4, 0.35, 0.3])


@cache
def emb() -> rs.Embeddings:
    """32 words whose relations are known."""
    return world().spectrum().embeddings(5)


def unit() -> np.ndarray[Any, Any]:
    return emb().vectors / np.linalg.norm(emb().vectors, axis=1)[:, None]


def trained(folder: Path, **more: Any) -> Any:
    pytest.importorskip("torch", reason="needs torch")
    from repsearch import training

    given = {
        "d": 3,
        "until": 2.0,
        "start": rs.Gaussian(1e-2, 0),
        "record": training.Record(when=training.evenly(2.0, 4), snapshots=training.evenly(2.0, 2)),
    }
    return training.train(counts(), folder / "run", **(given | more))


def cli(*arguments: object) -> str:
    from typer.testing import CliRunner

    from repsearch.cli import app

    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


# ------------------------------------------------------------------------------------- gensim


@row("gensim", "Word2Vec: skip-gram with negative sampling", "`train(loss=Sgns())`, `minimise`")
def _(folder: Path) -> None:
    pytest.importorskip("torch", reason="needs torch")
    from repsearch import training
    from repsearch.dynamics import SampledPairs

    run = trained(
        folder,
        loss=training.Sgns(),
        batch=SampledPairs(500, 5),
        integrator=training.GradientDescent([(20, 0.05)], force=True),
        until=None,
        record=training.Record(when=training.Every(10), snapshots=training.Every(10)),
        weighting=rs.Word2VecC(negatives=5),
        tied=False,
    )
    assert run.finished
    assert run.embeddings(run.snapshot_times[-1]).vectors.shape == (len(counts().words), 3)


@row("gensim", "Word2Vec(compute_loss=True)", "`run.loss()`, exact over all pairs")
def _(folder: Path) -> None:
    loss = trained(folder).loss()
    assert (np.diff(loss) < 0).all()


@row("gensim", "CallbackAny2Vec", "`Record(callbacks=[...])`")
def _(folder: Path) -> None:
    pytest.importorskip("torch", reason="needs torch")
    from repsearch import training

    seen: list[float] = []
    record = training.Record(
        when=training.evenly(2.0, 2), callbacks=[lambda one: seen.append(one.time)]
    )
    trained(folder, record=record)
    assert seen == [0.0, 1.0, 2.0]


@row("gensim", "Phrases", "`rs.learn_phrases`, `repsearch phrases`")
def _(folder: Path) -> None:
    text = ["new york is large", "new york is old", "the york of old is new"] * 5
    found = rs.learn_phrases(text, min_count=3, threshold=0.5)
    assert ("new", "york") in found.pairs
    assert "new_york" in rs.encode(text, vocabulary_size=None, phrases=found).words


@row("gensim", "min_count, max_final_vocab", "`encode(min_count=, vocabulary_size=)`")
def _(folder: Path) -> None:
    text = ["a a a b b c"]
    assert set(rs.encode(text, vocabulary_size=None, min_count=2).words) == {"a", "b"}
    assert rs.encode(text, vocabulary_size=1).words == ("a",)


@row("gensim", "sample: subsampling of frequent words", "`rs.subsample`, `Word2VecC(subsample=)`")
def _(folder: Path) -> None:
    thinner = rs.subsample(corpus(), 1e-3, seed=0)
    assert len(thinner.tokens) < len(corpus().tokens)


@row("gensim", "ns_exponent", "`Word2VecC(exponent=)`")
def _(folder: Path) -> None:
    one, other = (rs.mstar(counts(), rs.Word2VecC(exponent=e, subsample=None)) for e in (0.75, 1.0))
    vector = np.ones(len(counts().words))
    assert not np.allclose(one @ vector, other @ vector)


@row("gensim", "window, shrink_windows", '`Window(size, "linear" or "flat")`')
def _(folder: Path) -> None:
    small = rs.encode(["a b c"], vocabulary_size=None)
    linear, flat = (rs.count(small, rs.Window(2, kind)) for kind in ("linear", "flat"))
    place = linear.words.index
    of = [one.matrix().toarray() for one in (linear, flat)]
    assert [one[place("a"), place("b")] / one[place("a"), place("c")] for one in of] == [2, 1]


@row("gensim", "KeyedVectors.most_similar", "`emb.most_similar(positive, negative)`")
def _(folder: Path) -> None:
    (a, b), (c, d) = world().relations["attribute 1"][:2]
    assert emb().most_similar([b, c], [a], topn=1)[0][0] == d


@row(
    "gensim",
    "KeyedVectors.most_similar_cosmul",
    '`analogies(method="3CosMul")`',
    part="for the questions of a family, and not for a single query",
)
def _(folder: Path) -> None:
    found = analogies(spectrum().embeddings(8), _relations(), method="3CosMul")
    assert found.micro.value == pytest.approx(_by_formula("3CosMul"))


@row("gensim", "doesnt_match, n_similarity, get_mean_vector", "the same names")
def _(folder: Path) -> None:
    a, b, c = emb().words[:3]
    mean = emb().get_mean_vector([a, b])
    np.testing.assert_allclose(mean, unit()[:2].mean(axis=0), atol=1e-6)
    assert -1 <= emb().n_similarity([a], [b, c]) <= 1
    assert emb().doesnt_match([a, b, c]) in (a, b, c)


@row("gensim", "similarity, distances, rank, closer_than", "the same names")
def _(folder: Path) -> None:
    a, b = emb().words[:2]
    assert emb().similarity(a, b) == pytest.approx(float(unit()[0] @ unit()[1]), abs=1e-6)
    assert emb().distances(a, [b])[0] == pytest.approx(1 - emb().similarity(a, b))
    assert emb().rank(a, b) == len(emb().closer_than(a, b)) + 1


@row("gensim", "evaluate_word_analogies", "`probes.analogies`, `repsearch evaluate`")
def _(folder: Path) -> None:
    found = analogies(spectrum().embeddings(8), _relations())
    assert found.micro.value == pytest.approx(_by_formula("3CosAdd"))
    assert found.micro.low <= found.micro.value <= found.micro.high
    assert found.questions > 100


@row("gensim", "evaluate_word_pairs", "`probes.similarity`")
def _(folder: Path) -> None:
    words = emb().words
    pairs = [(words[k], words[k + 1]) for k in range(8)]
    scores = [emb().similarity(a, b) for a, b in pairs]
    found = similarity(emb(), SimilaritySet(tuple(pairs), np.array(scores)))
    assert found.spearman.value == pytest.approx(1.0)


@row("gensim", "save_word2vec_format, load_word2vec_format", "`emb.save`, `Embeddings.open`")
def _(folder: Path) -> None:
    single = rs.Embeddings(emb().words, emb().vectors.astype(np.float32))
    for name in ("emb.vec", "emb.bin"):
        single.save(folder / name)
        again = rs.Embeddings.open(folder / name)
        assert again.words == single.words
        np.testing.assert_array_equal(again.vectors, single.vectors)


@row("gensim", "KeyedVectors as an object", "`emb.to_keyedvectors()`")
def _(folder: Path) -> None:
    pytest.importorskip("gensim", reason="needs gensim")
    theirs = emb().to_keyedvectors()
    a, b = emb().words[:2]
    assert theirs.similarity(a, b) == pytest.approx(emb().similarity(a, b), abs=1e-5)


@row("gensim", "Annoy and NMSLIB indexers", "`repsearch.embeddings.NeighbourIndex`")
def _(folder: Path) -> None:
    pytest.importorskip("usearch", reason="needs usearch")
    from repsearch.embeddings import NeighbourIndex

    index = NeighbourIndex(emb(), fewest=10)
    assert not index.exact
    assert index.recall(3).share > 0.9


@row("gensim", "CoherenceModel: u_mass, c_v, c_npmi", "`probes.topics.coherence.coherence`")
def _(folder: Path) -> None:
    from probes.topics.coherence import coherence

    words = {f"{one.mode}{one.end}": one.words for one in topics(spectrum(), modes=[1]).topics}
    for measure in ("npmi", "c_v", "u_mass"):
        found = coherence(words, corpus(), measure=measure, permutations=100)
        assert len(found.topics) == 2


# --------------------------------------------------------------------------------- hyperwords


@row("hyperwords", "corpus2pairs: dynamic windows", '`Window(L, "linear")`, exact')
def _(folder: Path) -> None:
    assert counts().values.dtype.kind in "iu"
    assert (counts().matrix() != counts().matrix().T).nnz == 0


@row(
    "hyperwords",
    "positional contexts",
    "`Window(left=, right=)`",
    part="one side apart from the other, and not each place a context of its own",
)
def _(folder: Path) -> None:
    small = rs.encode(["a b"], vocabulary_size=None)
    after = rs.count(small, rs.Window(1, left=0)).matrix().toarray()
    a, b = (small.words.index(word) for word in "ab")
    assert (after[a, b] > 0, after[b, a]) == (True, 0)


@row("hyperwords", "del: dirty and clean deletion", '`out_of_vocabulary="keep-place"`')
def _(folder: Path) -> None:
    def near(rule: Any) -> float:
        found = rs.encode(["a x b a b"], vocabulary=("a", "b"), out_of_vocabulary=rule)
        return float(rs.count(found, rs.Window(1, "flat")).total)

    assert near("remove") > near("keep-place")


@row("hyperwords", "counts2pmi, neg: shifted PPMI", "`rs.shifted_ppmi(counts, negatives=)`")
def _(folder: Path) -> None:
    _compare_ppmi(negatives=5.0, exponent=1.0)


@row("hyperwords", "cds: smoothed contexts", "`exponent=0.75`, `--context-exponent`")
def _(folder: Path) -> None:
    _compare_ppmi(negatives=1.0, exponent=0.75)


def _compare_ppmi(*, negatives: float, exponent: float) -> None:
    n = counts().matrix().toarray().astype(float)
    contexts = n.sum(axis=0) ** exponent
    with np.errstate(divide="ignore"):
        pmi = np.log(n / n.sum() / np.outer(n.sum(axis=1) / n.sum(), contexts / contexts.sum()))
    expected = np.maximum(pmi - np.log(negatives), 0)
    target = rs.shifted_ppmi(counts(), negatives=negatives, exponent=exponent)
    found = target @ np.eye(len(n))
    np.testing.assert_allclose(found, expected, atol=1e-10)


@row("hyperwords", "pmi2svd, eig", "`rs.singular_triplets`, `embeddings(exponent=)`")
def _(folder: Path) -> None:
    target = rs.shifted_ppmi(counts(), exponent=0.75)
    found = rs.singular_triplets(target, 4, dtype="float64", method="dense")
    exact = np.linalg.svd(target @ np.eye(len(counts().words)), compute_uv=False)
    np.testing.assert_allclose(found.values, exact[:4], rtol=1e-8)
    plain = found.embeddings(exponent=0.0).vectors
    np.testing.assert_allclose(np.linalg.norm(plain, axis=0), 1, rtol=1e-6)


@row(
    "hyperwords",
    "w+c: words and contexts added",
    "`embeddings()`, `contexts()`",
    part="both are given; the sum is one line of numpy",
)
def _(folder: Path) -> None:
    found = rs.singular_triplets(rs.pmi(counts()), 4, method="dense")
    both = found.embeddings().vectors + found.contexts().vectors
    assert rs.Embeddings(found.words, both).dimension == 4


@row("hyperwords", "analogy_eval: 3CosAdd and 3CosMul", "`repsearch evaluate --method`")
def _(folder: Path) -> None:
    for method in ("3CosAdd", "3CosMul"):
        found = analogies(spectrum().embeddings(8), _relations(), method=method)
        assert found.micro.value == pytest.approx(_by_formula(method))


def _relations() -> Any:
    from probes import Relations

    return Relations(dict(MIXTURE.relations))


def _by_formula(method: str) -> float:
    """Right answers over questions, each asked by its formula (Levy and Goldberg 2014)."""
    found = spectrum().embeddings(8)
    unit = found.vectors.astype(float)
    unit /= np.linalg.norm(unit, axis=1)[:, None]
    right = []
    for pairs in MIXTURE.relations.values():
        for one in pairs:
            for other in pairs:
                if one == other:
                    continue
                a, b, c, d = (found.index[word] for word in (*one, *other))
                cosines = unit @ unit[[a, b, c]].T
                if method == "3CosAdd":
                    scores = cosines[:, 1] - cosines[:, 0] + cosines[:, 2]
                else:
                    near = (1 + cosines) / 2
                    scores = near[:, 1] * near[:, 2] / (near[:, 0] + 1e-3)
                scores[[a, b, c]] = -np.inf
                right.append(int(scores.argmax()) == d)
    return float(np.mean(right))


# -------------------------------------------------------------------------------------- GloVe


@row("GloVe", "vocab_count", "`repsearch vocabulary`, `corpus.Vocabulary`")
def _(folder: Path) -> None:
    (folder / "a.txt").write_text("cat dog cat\n")
    cli("vocabulary", folder / "a.txt", "--out", folder / "words.tsv")
    assert "cat\t2" in (folder / "words.tsv").read_text()


@row("GloVe", "cooccur: weights 1/m", '`Window(L, "harmonic")`, in whole numbers')
def _(folder: Path) -> None:
    small = rs.encode(["a b c"], vocabulary_size=None)
    found = rs.count(small, rs.Window(2, "harmonic"))
    n, place = found.matrix().toarray(), found.words.index
    assert n[place("a"), place("b")] == 2 * n[place("a"), place("c")]


@row("GloVe", "cooccur -symmetric 0", "`Window(right=0)`, `count --right 0`")
def _(folder: Path) -> None:
    small = rs.encode(["a b"], vocabulary_size=None)
    assert not rs.count(small, rs.Window(1, right=0)).symmetric


@row("GloVe", "cooccur -memory", "`rs.count(memory=)`, `count --memory`")
def _(folder: Path) -> None:
    little = rs.count(corpus(), rs.Window(4), memory=2**23)
    assert (little.matrix() != counts().matrix()).nnz == 0


missing(
    "GloVe",
    "glove: its weighted least squares of log counts, by AdaGrad",
    "losses here are sums over pairs of two functions of w·w' under weights of the theory; "
    "GloVe's has biases and a target for each pair. Its vectors are read",
)


@row("GloVe", "vectors.txt", '`Embeddings.open(file)`, `save(format="glove")`')
def _(folder: Path) -> None:
    emb().save(folder / "vectors.txt", format="glove")
    again = rs.Embeddings.open(folder / "vectors.txt", format="glove")
    assert again.words == emb().words


# -------------------------------------------------------------------------------- vectorizers


@row("vectorizers", "kernel functions of windows", "`Window(weights=(4, 2, 1))`")
def _(folder: Path) -> None:
    small = rs.encode(["a b c"], vocabulary_size=None)
    found = rs.count(small, rs.Window(weights=(4, 1)))
    n, place = found.matrix().toarray(), found.words.index
    assert n[place("a"), place("b")] == 4 * n[place("a"), place("c")]


@row("vectorizers", "window_orientation", "`Window(left=, right=)`")
def _(folder: Path) -> None:
    small = rs.encode(["a b c"], vocabulary_size=None)
    n = rs.count(small, rs.Window(2, left=0)).matrix().toarray()
    other = rs.count(small, rs.Window(2, right=0)).matrix().toarray()
    np.testing.assert_array_equal(n, other.T)


@row("vectorizers", "excluded tokens, mask_string", "`stop_words=`, `keep-place`")
def _(folder: Path) -> None:
    found = rs.encode(["the cat and the dog"], vocabulary_size=None, stop_words=["the"])
    assert "the" not in found.words


@row("vectorizers", "adding counts of further text", "`rs.merge`, `repsearch merge`")
def _(folder: Path) -> None:
    words = corpus().words
    halves = [
        rs.count(rs.encode(part, vocabulary=words), rs.Window(4))
        for part in (texts()[:250], texts()[250:])
    ]
    assert (rs.merge(halves).matrix() != counts().matrix()).nnz == 0


@row(
    "vectorizers",
    "vectors of documents (WassersteinVectorizer)",
    "`probes.topics.documents`",
    part="weights of modes in documents, each with a null; no distances between documents",
)
def _(folder: Path) -> None:
    assert _documents().weights.weight.shape[0] == 60


missing(
    "vectorizers",
    "co-occurrence by expectation-maximisation (n_iter)",
    "counts here are of the text as it is, so that they add up to the bit",
)


# --------------------------------------------------------------------------------------- WEFE


@row(
    "WEFE",
    "queries of two sets of targets and two of attributes (WEAT, RNSB, MAC)",
    "`concepts.held_out`, `probe concepts`",
    part="a direction made of pairs is tested on pairs held out, with nulls of frequency; the "
    "scores of WEAT and its kin are not there, for they have no held-out words",
)
def _(folder: Path) -> None:
    found = _held_out()
    assert found.p_value < 0.05


def _held_out() -> Any:
    from probes.concepts import difference_vectors, held_out

    return held_out(difference_vectors(emb(), world().relations["attribute 1"]), permutations=99)


@row("WEFE", "p-values by permutation", "in every probe, adjusted for several tests")
def _(folder: Path) -> None:
    assert len(_held_out().null) >= 20


@row("WEFE", "bias direction, direct bias", "`MeanDifference`, `PrincipalDirection`")
def _(folder: Path) -> None:
    from probes.concepts import PrincipalDirection

    direction = _direction(PrincipalDirection())
    first, second = np.array(world().relations["attribute 1"]).T
    along = emb().rows(second) @ direction - emb().rows(first) @ direction
    assert (along > 0).all() or (along < 0).all()


def _direction(estimator: Any) -> np.ndarray[Any, Any]:
    first, second = np.array(world().relations["attribute 1"]).T
    rows = np.vstack([emb().rows(first), emb().rows(second)]).astype(float)
    found: np.ndarray[Any, Any] = estimator.fit(rows, np.repeat([0, 1], len(first))).direction_
    return found


@row("WEFE", "HardDebias", "`concepts.project_out`, `LeastSquaresErasure`")
def _(folder: Path) -> None:
    from probes.concepts import MeanDifference, project_out

    direction = _direction(MeanDifference())
    gone = project_out(emb(), direction)
    np.testing.assert_allclose(gone.vectors @ direction, 0, atol=1e-6)


@row("WEFE", "word sets from files, words that are lost", "`read_relations`, `concepts.coverage`")
def _(folder: Path) -> None:
    from probes import read_relations
    from probes.concepts import coverage

    known = world().relations["attribute 1"][0]
    (folder / "words.txt").write_text(f": first\n{known[0]} {known[1]}\nmissing {known[1]}\n")
    found = coverage(read_relations(folder / "words.txt"), emb().index)
    assert found.families[0].missing == ("missing",)


@row(
    "WEFE",
    "ranking of several models",
    "`repsearch sweep`, `compare_analogies`",
    part="models are compared by differences with intervals, not by aggregated ranks",
)
def _(folder: Path) -> None:
    from probes import compare_analogies

    found = compare_analogies(
        analogies(spectrum().embeddings(8), _relations()),
        analogies(spectrum().embeddings(2), _relations()),
    )
    assert found.low <= found.value <= found.high


missing(
    "WEFE",
    "half-sibling regression and other debiasing than projection",
    "what is erased here is tested against a fresh classifier, and linear erasure is what passes",
)


# ------------------------------------------------------------------------------ WeightWatcher


@row("WeightWatcher", "power-law exponent of a spectrum", "`modes.fit_power_law`")
def _(folder: Path) -> None:
    from probes.modes import fit_power_law

    values = np.arange(1, 81) ** -0.7
    found = fit_power_law(values, resamples=100)
    assert abs(found.exponent) == pytest.approx(0.7, abs=0.01)


@row("WeightWatcher", "mp_fit: Marchenko-Pastur law", "`random_matrix.MarchenkoPastur`")
def _(folder: Path) -> None:
    from probes.random_matrix import MarchenkoPastur

    law = MarchenkoPastur(0.25)
    assert law.moment(1) == pytest.approx(1.0)


@row("WeightWatcher", "number of spikes", "`random_matrix.fit_spiked_covariance`")
def _(folder: Path) -> None:
    from probes.random_matrix import fit_spiked_covariance

    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 12))
    rows[:, 0] *= 6
    assert fit_spiked_covariance(rows, resamples=100).counts[0].count == 1


@row(
    "WeightWatcher",
    "randomize",
    "a null beside each number: exchanged graphs, shuffled words, random pairs",
)
def _(folder: Path) -> None:
    from probes.topics import topic_tree

    found = topic_tree(spectrum(), level=0.1, permutations=20)
    assert all(0 < one.p_value <= 1 for one in found.nearest)


@row("WeightWatcher", "stable rank, entropy", "`dynamics.effective_rank`, `geometry.isotropy`")
def _(folder: Path) -> None:
    from repsearch.dynamics import effective_rank

    assert float(effective_rank(np.ones(7))) == pytest.approx(7)


@row(
    "WeightWatcher",
    "layer by layer over a model",
    "`huggingface_embeddings(folder, tensor=)`",
    part="matrices of words and hidden states at each layer; no spectra of all weight matrices",
)
def _(folder: Path) -> None:
    found = rs.embeddings.huggingface_embeddings(_model())
    assert found.dimension == 16


# ----------------------------------------------------------------------------------- BERTopic


@row("BERTopic", "topics with words and labels", "`probes.topics`, `topic_labels`")
def _(folder: Path) -> None:
    from probes.topics import topic_labels

    assert len(topic_labels(spectrum(), modes=[1, 2]).labels) == 4


def _documents(values: bool = False) -> Any:  # noqa: FBT001, FBT002
    from probes.topics.documents import Documents, document_topics

    years = [str(2000 + k % 2) for k in range(60)] if values else None
    documents = Documents.of_texts(texts()[:60], values=years)
    return document_topics(
        spectrum(), documents, against=counts(), modes=range(1, 4), permutations=99
    )


@row("BERTopic", "transform: topics of documents", "`document_topics`, `topics --documents`")
def _(folder: Path) -> None:
    assert _documents().weights.weight.shape == (60, 3)


@row("BERTopic", "get_representative_docs", "`documents.representatives`")
def _(folder: Path) -> None:
    from probes.topics.documents import representatives

    assert representatives(_documents(), number=2).table()


@row("BERTopic", "topics_over_time, topics_per_class", "`topics_by_value`, `topics --by FIELD`")
def _(folder: Path) -> None:
    from probes.topics.documents import topics_by_value

    assert topics_by_value(_documents(values=True), permutations=99).table()


@row("BERTopic", "merge_topics, hierarchical_topics", "`topic_tree`, `topics --merge`")
def _(folder: Path) -> None:
    from probes.topics import topic_tree

    found = topic_tree(spectrum(), level=0.1, permutations=20)
    assert sum(map(len, found.groups)) == len(found.nearest)


@row("BERTopic", "find_topics", "`search_topics`, `topics --search WORD`")
def _(folder: Path) -> None:
    from probes.topics import search_topics

    assert search_topics(spectrum(), spectrum().words[:1], permutations=99).topics


@row("BERTopic", "visualize_topics, visualize_documents", "`plot()` of every result, the report")
def _(folder: Path) -> None:
    drawn = topics(spectrum(), modes=[1, 2]).plot()
    assert drawn.texts or drawn.has_data()


@row(
    "BERTopic",
    "save, load",
    "`result.save(folder)`, `Spectrum.save`",
    part="results are saved as tables and pictures, and worked out again from the spectrum",
)
def _(folder: Path) -> None:
    spectrum().save(folder / "s.safetensors")
    again = rs.Spectrum.open(folder / "s.safetensors")
    assert topics(again, modes=[1]).table() == topics(spectrum(), modes=[1]).table()


missing(
    "BERTopic",
    "clusters of sentence embeddings, labels by a language model",
    "topics here are the modes of M*, which the theory gives; clusters of UMAP coordinates are "
    "not. `repsearch atlas` writes files for viewers that make them",
)


# ---------------------------------------------------------------------------- TransformerLens


@cache
def _kept_model(folder: str) -> Path:
    from tiny_language_models import save_model

    return save_model(Path(folder) / "tiny")


@pytest.fixture(scope="session", autouse=True)
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    MODEL.append(str(tmp_path_factory.mktemp("model")))


MODEL: list[str] = []


def _model() -> Path:
    pytest.importorskip("torch", reason="needs torch")
    pytest.importorskip("transformers", reason="needs transformers")
    return _kept_model(MODEL[-1])


def _causal() -> Any:
    folder = _model()  # skips where there is no torch
    from repsearch.language_models import CausalModel

    return CausalModel.open(folder, dtype="float32")


@row("TransformerLens", "run_with_cache: states of each layer", "`repsearch states`, `word_states`")
def _(folder: Path) -> None:
    states = _causal().states(["they spoke of the king"], [0, 1, 2])
    assert states.shape == (3, 1, 16)


@row("TransformerLens", "hooks that change activations", "`CausalModel`, `Change`")
def _(folder: Path) -> None:
    model = _causal()
    from repsearch.language_models import Change

    prompts = ["they spoke of the king", "this is about the"]
    change = Change.add(np.random.default_rng(0).normal(size=(2, 16)))
    plain = next(iter(model.next_tokens(prompts)))[1]
    moved = next(iter(model.next_tokens(prompts, at=1, change=change)))[1]
    assert not np.allclose(plain, moved)


@row(
    "TransformerLens",
    "unembedding, logit lens",
    "`model.unembedding`, `huggingface_embeddings`",
    part="the matrix is there; reading each layer through it is left to a product",
)
def _(folder: Path) -> None:
    assert _causal().unembedding is not None


@row(
    "TransformerLens",
    "activation patching",
    "`Change`, `repsearch steer`",
    part="directions are added, projected out and erased at the last token; a state of another "
    "prompt put in its place is a shift by their difference",
)
def _(folder: Path) -> None:
    model = _causal()
    from repsearch.language_models import Change

    one, other = "they spoke of the king", "they spoke of the queen"
    states = model.states([one, other], [1])[0]
    patch = Change.add((states[1] - states[0])[None].astype(float))
    moved = model.states([one], [1], at=1, change=patch)
    assert moved.shape == (1, 1, 16)


missing(
    "TransformerLens",
    "attention patterns, circuits, head attribution",
    "the questions here are of directions in states, whatever made them",
)


# ------------------------------------------------------------------------ the paper's program


@row("the paper's program", "corpus to counts", "`rs.encode`, `rs.count`: exact")
def _(folder: Path) -> None:
    small = rs.encode(["a b a"], vocabulary_size=None)
    n = rs.count(small, rs.Window(1, "flat")).matrix().toarray()
    assert n[small.words.index("a"), small.words.index("b")] == 2


@row("the paper's program", "M* and its eigenvectors", "`rs.mstar`, `rs.eigenpairs`")
def _(folder: Path) -> None:
    matrix = rs.mstar(counts()) @ np.eye(len(counts().words))
    values = np.linalg.eigvalsh(matrix)[::-1]
    np.testing.assert_allclose(spectrum().eigenvalues, values[:8], rtol=1e-4)


@row("the paper's program", "training of QWEM and SGNS over time", "`training.train`")
def _(folder: Path) -> None:
    run = trained(folder)
    assert run.singular_values().shape == (5, 3)


@row("the paper's program", "closed-form training over time", "`rs.gradient_flow`")
def _(folder: Path) -> None:
    flow = rs.gradient_flow(spectrum(), rs.Gaussian(1e-3, 0), d=3)
    end = flow.singular_values([1e3])[0] ** 2
    np.testing.assert_allclose(end, spectrum().eigenvalues[:3], rtol=1e-4)


@row(
    "the paper's program", "concept vectors and their signal to noise", "`published_snr`, `signal`"
)
def _(folder: Path) -> None:
    from probes.concepts import difference_vectors, signal

    found = signal(difference_vectors(emb(), world().relations["attribute 1"]))
    assert 0 < found.share.value <= 1


# ----------------------------------------------------------------------------------- the test

NAMES = [f"{one.tool}: {one.feature}" for one in ROWS]


@pytest.mark.parametrize("found", [one for one in ROWS if one.shown], ids=lambda one: one.feature)
def test_row(found: Row, tmp_path: Path) -> None:
    assert found.shown is not None
    found.shown(tmp_path)


def test_there_are_seventy_rows_each_named_once_and_what_is_missing_says_why() -> None:
    assert len(ROWS) == len(set(NAMES)) == 70
    assert {tool: sum(one.tool == tool for one in ROWS) for tool in TOOLS} == TOOLS
    assert all(one.lacks for one in ROWS if one.state != "yes")
    assert all(one.here for one in ROWS if one.state != "missing")


def table() -> str:
    """The table of the page."""
    states = [one.state for one in ROWS]
    lines = [
        f"Of {len(ROWS)} features {states.count('yes')} are there, {states.count('in part')} in "
        f"part, {states.count('missing')} missing.",
        "",
        "| tool | feature | here | by | what is lacking, or why |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.tool} | {one.feature} | {one.state} | {one.here} | {one.lacks} |" for one in ROWS
    ]
    return "\n".join(lines)


def test_the_page_has_this_table() -> None:
    assert table() in PAGE.read_text("utf-8"), "print it with: python tests/test_feature_table.py"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")

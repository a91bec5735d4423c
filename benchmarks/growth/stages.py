"""Set up each stage at given sizes, so that a single call does what is measured.

What only some stages need is imported by these: each row has a process of its own.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.growth import inputs
from repsearch import Gaussian, Given, Window, count, eigenpairs, encode, gradient_flow, mstar

Sizes = dict[str, int]
Facts = dict[str, float]
Ready = tuple[Callable[[], Any], Facts]
"""What to call, and facts that were not set but came out."""

NEGATIVES = 5
ITERATIONS = 5


def encoding(sizes: Sizes) -> Ready:
    """From a plain text file to a corpus in memory."""
    folder = tempfile.TemporaryDirectory()
    path = inputs.text_file(Path(folder.name), sizes["tokens"], sizes["V"])

    def call(kept: Any = folder) -> Any:
        return encode(path, vocabulary_size=None)

    return call, {}


def counting(sizes: Sizes) -> Ready:
    """From a corpus to counts."""
    corpus, window = inputs.corpus(sizes["tokens"], sizes["V"]), Window(sizes["window"])
    pairs = len(count(corpus, window).values)
    return lambda: count(corpus, window, threads=sizes["threads"]), {"pairs": pairs}


def reference_counting(sizes: Sizes) -> Ready:
    """The reference's dense arrays."""
    from benchmarks.reference_counting import count_as_reference

    corpus, window = inputs.corpus(sizes["tokens"], sizes["V"]), sizes["window"]
    pairs = len(count(corpus, Window(window)).values)
    return lambda: count_as_reference(corpus, window), {"pairs": pairs}


def _counts(sizes: Sizes) -> tuple[Any, Facts]:
    tokens = sizes.get("tokens") or sizes["per_word"] * sizes["V"]
    counts = inputs.counts(tokens, sizes["V"])
    return counts, {"pairs": len(counts.values), "tokens": tokens}


def target(sizes: Sizes) -> Ready:
    """M* from counts."""
    counts, facts = _counts(sizes)
    return lambda: mstar(counts, dtype="float32"), facts


def _solving(sizes: Sizes, method: str) -> Ready:
    counts, facts = _counts(sizes)
    matrix = mstar(counts, dtype="float32")
    done: list[float] = [0.0]

    def note(stage: str, products: float, total: float | None, unit: str) -> None:
        done[0] = products

    def call() -> dict[str, float]:
        eigenpairs(
            matrix,
            sizes["d"],
            method=method,  # type: ignore[arg-type]
            threads=sizes.get("threads", 1),
            progress=note,
        )
        return {"products": done[0]} if method == "krylov" else {}

    return call, facts


def lanczos(sizes: Sizes) -> Ready:
    """The leading eigenpairs by block Lanczos, in float32, residuals included."""
    return _solving(sizes, "krylov")


def lapack(sizes: Sizes) -> Ready:
    """The leading eigenpairs by LAPACK."""
    return _solving(sizes, "dense")


def truncated_svd(sizes: Sizes) -> Ready:
    """Singular vectors of the sparse part of M* by scikit-learn, with ARPACK."""
    from sklearn.decomposition import TruncatedSVD

    from repsearch.target.target import sparse_part

    counts, facts = _counts(sizes)
    matrix = sparse_part(mstar(counts, dtype="float32")).tocsr()
    solver = TruncatedSVD(sizes["d"], algorithm="arpack", random_state=0)
    return lambda: solver.fit(matrix), facts


def _gradient(sizes: Sizes, loss: Any) -> Ready:
    import torch

    from repsearch.target.weighting import Setting31
    from repsearch.training import Compute, full_batch, pair_terms

    counts, facts = _counts(sizes)
    terms = pair_terms(counts, Setting31(), np.float32)
    compute = Compute(dtype="float32", threads=sizes.get("threads", 1))
    objective = full_batch(terms, loss, tied=True, compute=compute)
    generator = torch.Generator().manual_seed(0)
    weights = 0.1 * torch.randn(sizes["V"], sizes["d"], generator=generator)
    return lambda: objective.gradient(weights, 0), facts


def sgns(sizes: Sizes) -> Ready:
    """The exact gradient of SGNS over all pairs."""
    from repsearch.training import Sgns

    return _gradient(sizes, Sgns())


def quartic(sizes: Sizes) -> Ready:
    """The exact gradient of the quartic loss."""
    from repsearch.training import Quartic

    return _gradient(sizes, Quartic())


def minimum(sizes: Sizes) -> Ready:
    """Iterations of the minimiser from given weights, its certificate included."""
    from repsearch import minimise
    from repsearch.training import Compute

    counts, facts = _counts(sizes)
    start = Given(0.1 * np.random.default_rng(0).standard_normal((sizes["V"], sizes["d"])))

    def call() -> dict[str, float]:
        found = minimise(
            counts,
            sizes["d"],
            tied=True,
            start=start,
            iterations=ITERATIONS,
            tolerance=1e-9,
            compute=Compute(dtype="float32", threads=1),
        )
        return {"evaluations": found.evaluations}

    return call, facts


def closed_form(sizes: Sizes) -> Ready:
    """Embeddings at many times, one after the other, from a Gaussian start."""
    spectrum = inputs.spectrum(sizes["V"], sizes["d"])
    flow = gradient_flow(spectrum, Gaussian(1e-3), times=np.linspace(0.1, 2.0, sizes["times"]))

    def call() -> None:
        for _ in flow.snapshots():
            pass

    return call, {}


def _words(sizes: Sizes) -> tuple[Any, Any]:
    embeddings = inputs.embeddings(sizes["V"], sizes["d"])
    relations = inputs.relations(embeddings.words, sizes["families"], sizes["per_family"])
    return embeddings, relations


def analogy(sizes: Sizes) -> Ready:
    """All questions of all families, intervals included."""
    from probes import analogies

    embeddings, relations = _words(sizes)
    n = sizes["per_family"]
    return lambda: analogies(embeddings, relations), {"questions": sizes["families"] * n * (n - 1)}


def similar(sizes: Sizes) -> Ready:
    """Rank correlation with ratings, its interval included."""
    from probes import similarity

    embeddings = inputs.embeddings(sizes["V"], sizes["d"])
    dataset = inputs.similarity_set(embeddings.words, sizes["rated"])
    return lambda: similarity(embeddings, dataset), {}


def concepts(sizes: Sizes) -> Ready:
    """Directions of all families, nulls and controls of a fixed number."""
    from probes.concepts import probe_concepts

    embeddings, relations = _words(sizes)
    drawn = {"permutations": sizes["draws"], "controls": sizes["controls"]}
    return lambda: probe_concepts(embeddings, relations, **drawn), {}


def spiked(sizes: Sizes) -> Ready:
    """The spiked model for all families, with a fixed number of controls."""
    from probes.concepts import spiked_families

    embeddings, relations = _words(sizes)
    return lambda: spiked_families(embeddings, relations, controls=sizes["controls"]), {}


def topic(sizes: Sizes) -> Ready:
    """Topics of all modes over all words, and their labels."""
    from probes.topics import topic_labels, topics

    spectrum = inputs.spectrum(sizes["V"], sizes["d"])
    asked = {"modes": range(1, sizes["d"] + 1), "frequent": sizes["V"]}
    return lambda: (topics(spectrum, **asked), topic_labels(spectrum, **asked)), {}


def graph(sizes: Sizes) -> Ready:
    """Words that topics share, of all modes over all words, beside rewired graphs."""
    from probes.topics import topic_graph

    spectrum = inputs.spectrum(sizes["V"], sizes["d"])
    modes = range(1, sizes["d"] + 1)
    return lambda: topic_graph(spectrum, modes=modes, frequent=sizes["V"]), {}


def neighbours(sizes: Sizes) -> Ready:
    """Nearest words, one query after the other."""
    embeddings = inputs.embeddings(sizes["V"], sizes["d"])
    embeddings.unit()  # worked out once for all queries
    asked = embeddings.words[: sizes["queries"]]

    def call() -> None:
        for word in asked:
            embeddings.most_similar(word)

    return call, {}


def gensim_epoch(sizes: Sizes) -> Ready:
    """One epoch of gensim's SGNS, with one worker."""
    from gensim.models import Word2Vec

    corpus = inputs.corpus(sizes["tokens"], sizes["V"])
    sentences = [corpus.document(k) for k in range(corpus.n_documents)]
    model = Word2Vec(
        sg=1, vector_size=sizes["d"], window=16, negative=NEGATIVES, sample=0, min_count=1,
        workers=1, seed=1,
    )  # fmt: skip
    model.build_vocab(sentences)
    return (
        lambda: model.train(sentences, total_examples=len(sentences), epochs=1),
        {},
    )


STAGES: dict[str, Callable[[Sizes], Ready]] = {
    "encoding": encoding,
    "counting": counting,
    "reference's counting": reference_counting,
    "target": target,
    "eigenpairs, Lanczos": lanczos,
    "eigenpairs, LAPACK": lapack,
    "scikit-learn's TruncatedSVD": truncated_svd,
    "gradient, SGNS": sgns,
    "gradient, quartic": quartic,
    "minimum, 5 iterations": minimum,
    "closed form": closed_form,
    "analogies": analogy,
    "similarity": similar,
    "concepts": concepts,
    "spiked fits": spiked,
    "topics and labels": topic,
    "topic graph": graph,
    "neighbours": neighbours,
    "gensim's epoch": gensim_epoch,
}

TINY: Sizes = {
    "tokens": 3_000, "V": 128, "window": 4, "threads": 1, "d": 8, "times": 2, "families": 3,
    "per_family": 6, "draws": 20, "controls": 2, "rated": 20, "queries": 2,
}  # fmt: skip
"""Sizes at which a stage is called first, so that nothing is compiled or imported while it is
measured."""

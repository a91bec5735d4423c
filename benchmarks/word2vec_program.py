"""Hold two weightings of pairs against gensim: the paper's formula and word2vec.c's own.

python -m benchmarks.word2vec_program run         train gensim, write the JSON and the document
python -m benchmarks.word2vec_program document    write docs/word2vec-weights.md from the JSON alone

Two texts: a chain of 200 words whose vectors have room for every entry, so that what gensim
learns is the logarithm of the ratio of positive to negative pairs itself; and the first articles
of a real text, at d far below the number of words.
"""

import argparse
import json
import lzma
import time
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpora import REPOSITORY, large_text
from repsearch import (
    Corpus,
    Counts,
    Window,
    Word2Vec,
    Word2VecC,
    count,
    eigenpairs,
    encode,
    mstar,
    subsample,
)
from repsearch.storage.provenance import machine, versions
from repsearch.storage.tables import write_json
from repsearch.target.weighting import Weighting

RESULTS = REPOSITORY / "benchmarks" / "word2vec_program.json"
DOCUMENT = REPOSITORY / "docs" / "word2vec-weights.md"
SEEDS = (1, 2)
_LONGEST = 10_000
_MODES = 20
_ENOUGH = 20
"""Occurrences from which a pair is compared."""
_PASSES = 5
"""Draws of the subsampled text."""

Real = NDArray[np.float64]
TEXTS: dict[str, dict[str, Any]] = {
    "chain of 200 words": {
        "window": 5,
        "negative": 5,
        "sample": 1e-2,
        "vector_size": 200,
        "epochs": 100,
        "alpha": 0.05,
    },
    "1,500 articles": {
        "window": 5,
        "negative": 5,
        "sample": 1e-4,
        "vector_size": 100,
        "epochs": 10,
        "alpha": 0.025,
    },
}


def main() -> None:
    """Run the stage that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.word2vec_program")
    parser.add_argument("stage", choices=("run", "document"))
    if parser.parse_args().stage == "run":
        began = time.monotonic()
        found = [measure(name, seed) for name in TEXTS for seed in SEEDS]
        write_json(
            {
                "machine": machine(),
                "versions": versions(),
                "seconds": time.monotonic() - began,
                "found": found,
            },
            RESULTS,
        )
    DOCUMENT.write_text(markdown(json.loads(RESULTS.read_text("utf-8"))), "utf-8")


def text(name: str) -> Corpus:
    """The corpus of that name."""
    if name == "1,500 articles":
        with lzma.open(large_text(), "rt", encoding="utf-8") as documents:
            return encode(islice(documents, 1500), vocabulary_size=2000)
    rng = np.random.default_rng(0)
    words = [f"{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(200)]
    shares = 1 / np.arange(1, 201)
    # Each word is followed by words of its own, over the shares of all.
    follow = shares * rng.gamma(0.5, size=(200, 200))
    cumulative = np.cumsum(follow, axis=1) / follow.sum(axis=1, keepdims=True)
    documents = []
    for _ in range(100):
        document = [0]
        for draw in rng.random(2000):
            document.append(int(np.searchsorted(cumulative[document[-1]], draw)))
        documents.append(" ".join(words[k] for k in document))
    return encode(documents, vocabulary_size=None)


def measure(name: str, seed: int) -> dict[str, Any]:
    """Train gensim on a text, and hold three predictions against what it learned."""
    corpus, options = text(name), TEXTS[name]
    words, contexts = by_gensim(corpus, seed, options)
    learned = words @ contexts.T
    leading = np.linalg.svd(words, full_matrices=False)[0][:, :_MODES]
    whole = count(corpus, Window(options["window"]))
    k, t = options["negative"], options["sample"]
    thinned = _thinned(corpus, options, seed=100)
    again = _thinned(corpus, options, seed=200)
    predictions: dict[str, tuple[Counts, Weighting]] = {
        "appendix A.3 (Word2Vec)": (whole, Word2Vec(k, subsample=t)),
        "word2vec.c (Word2VecC)": (whole, Word2VecC(k, subsample=t)),
        "word2vec.c, text subsampled": (thinned, Word2VecC(k, subsample=None)),
    }
    often = again.matrix().toarray() >= _ENOUGH * again.window.unit * _PASSES
    p = again.matrix().toarray() / again.total
    rows = []
    for what, (counts, weighting) in predictions.items():
        positive, negative = _pairs(counts, weighting)
        seen = often & (positive > 0)
        predicted = np.log(positive[seen] / negative[seen])
        difference = learned[seen] - predicted
        modes = eigenpairs(mstar(counts, weighting), _MODES, by="magnitude").eigenvectors
        rows.append(
            {
                "prediction": what,
                "correlation": float(np.corrcoef(learned[seen], predicted)[0, 1]),
                "offset": float(difference.mean()),
                "error": float(np.abs(difference).mean()),
                "overlap": float(((leading.T @ modes) ** 2).sum() / _MODES),
                "first": float(eigenpairs(mstar(counts, weighting), 1).eigenvalues[0]),
            }
        )
    skipped = -np.log1p(-(p / p.sum(1, keepdims=True))[often])
    return {
        "text": name,
        "seed": seed,
        "words": len(corpus.words),
        "tokens": int(corpus.word_counts.sum()),
        "pairs": int(often.sum()),
        "skipped": [float(skipped.mean()), float(skipped.max())],
        "rows": rows,
    }


def by_gensim(corpus: Corpus, seed: int, options: dict[str, Any]) -> tuple[Real, Real]:
    """Word and context vectors of gensim's SGNS, in the order of the corpus's words."""
    from gensim.models import Word2Vec as Gensim

    words = np.array(corpus.words, dtype=object)
    sentences = [
        words[corpus.tokens[low : min(low + _LONGEST, end)]].tolist()
        for begin, end in zip(
            corpus.offsets[:-1].tolist(), corpus.offsets[1:].tolist(), strict=True
        )
        for low in range(begin, end, _LONGEST)
    ]
    model = Gensim(sentences, sg=1, seed=seed, workers=1, min_count=1, **options)
    order = [model.wv.key_to_index[word] for word in corpus.words]
    return model.wv.vectors[order].astype(float), model.syn1neg[order].astype(float)


def _thinned(corpus: Corpus, options: dict[str, Any], seed: int) -> Counts:
    """Counts of several draws of the subsampled text, with the word counts of the whole text."""
    draws = [
        count(subsample(corpus, options["sample"], seed=seed + k), Window(options["window"]))
        for k in range(_PASSES)
    ]
    from scipy import sparse

    lower = sum((one.lower() for one in draws[1:]), draws[0].lower())
    assert isinstance(lower, sparse.csr_array)
    lower.sort_indices()
    return replace(
        draws[0],
        word_counts=corpus.word_counts,
        indptr=lower.indptr.astype(np.int64),
        columns=lower.indices.astype(np.int32),
        values=lower.data.astype(np.int64),
    )


def _pairs(counts: Counts, weighting: Weighting) -> tuple[Real, Real]:
    """Psi+P and Psi-PP as arrays."""
    size = len(counts.words)
    i, j = (index.ravel() for index in np.indices((size, size)))
    p = (counts.matrix().toarray() / counts.total).ravel()
    independent = np.outer(counts.marginals, counts.marginals).ravel()
    weights = weighting.of(counts)
    return (
        weights.positive(i, j, p, independent).reshape(size, size),
        weights.negative(i, j, p, independent).reshape(size, size),
    )


def markdown(results: dict[str, Any]) -> str:
    """The document, with every figure taken from the results."""
    lines = [
        "# What the two word2vec weightings predict for gensim",
        "",
        "Written by `python -m benchmarks.word2vec_program run` from "
        "`benchmarks/word2vec_program.json`; nothing here is typed by hand. `Word2Vec` is the "
        "formula of the paper's appendix A.3; `Word2VecC` draws k negatives for each pair that "
        "subsampling leaves, as word2vec.c and gensim do; the third row has the counts of "
        f"{_PASSES} draws of the subsampled text, in which windows reach farther ([choices]"
        "(choices.md)). gensim is trained untied with these options:",
        "",
        *(
            f"* {name}: " + ", ".join(f"{key}={value}" for key, value in options.items()) + "."
            for name, options in TEXTS.items()
        ),
        "",
        "Its logits w_i · c_j are held against log(Ψ⁺P / Ψ⁻PP), over the pairs that are seen at "
        f"least {_ENOUGH} times in a subsampled text that none of the predictions has seen: "
        "correlation, mean difference, mean absolute difference. Overlap: mean squared cosine of "
        f"the {_MODES} leading left singular vectors of its word vectors with the span of the "
        f"{_MODES} eigenvectors of M* of largest magnitude. λ₁: first eigenvalue of M*.",
        "",
        "| text | seed | prediction | correlation | mean difference | mean absolute | overlap | "
        "λ₁ |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in results["found"]:
        lines += [
            f"| {one['text']} | {one['seed']} | {row['prediction']} | {row['correlation']:.3f} | "
            f"{row['offset']:+.2f} | {row['error']:.2f} | {row['overlap']:.3f} | "
            f"{row['first']:.1f} |"
            for row in one["rows"]
        ]
    lines += ["", "## Negatives that are skipped", ""]
    lines += [
        "word2vec.c and gensim skip a negative that is the word to be told apart, which adds "
        "−log(1 − D_ij / D_i) to the logit of a pair; the weightings keep such negatives. Over "
        "the pairs above: "
        + "; ".join(
            f"{one['skipped'][0]:.3f} on average and {one['skipped'][1]:.2f} at most in "
            f"{one['text']} ({one['words']:,} words, {one['tokens']:,} tokens, "
            f"{one['pairs']:,} pairs)"
            for one in results["found"]
            if one["seed"] == SEEDS[0]
        )
        + ".",
        "",
        *(
            f"{title}: " + ", ".join(f"{k} {v}" for k, v in results[key].items()) + ".\n"
            for title, key in (("Machine", "machine"), ("Versions", "versions"))
        ),
        f"It took {results['seconds']:.0f} s.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

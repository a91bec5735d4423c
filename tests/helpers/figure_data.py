"""Small results for figures and reports, with words that must not be taken for markup."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from probes.analogy.difference import compare_analogies
from probes.analogy.result import AnalogyResult
from probes.analogy.scoring import analogies
from probes.relations.relations import Relations
from probes.relations.similarity_sets import SimilaritySet
from probes.report import ReportContents
from probes.similarity.similarity import SimilarityResult, similarity
from probes.topics.topics import topics
from repsearch.embeddings import Embeddings
from repsearch.spectrum.spectrum import Spectrum

PAIRS = 9
ODD_WORDS = ("<u>", "a&b", "$x$", '"q"', "<script>alert(1)</script>", "_{y}", "été", "{{ z }}")
WORDS = (
    *ODD_WORDS,
    *(f"a{n}" for n in range(PAIRS)),
    *(f"b{n}" for n in range(PAIRS)),
    *(f"w{n}" for n in range(40)),
)


def spectrum_of(values: np.ndarray, *, target: str = "M*", seed: int = 0) -> Spectrum:
    """A spectrum with given eigenvalues and random eigenvectors, over as many words as needed."""
    words = WORDS if len(values) < len(WORDS) else tuple(f"w{n}" for n in range(2 * len(values)))
    noise = np.random.default_rng(seed).normal(size=(len(words), len(values)))
    return Spectrum(
        words=words,
        eigenvalues=np.asarray(values, dtype=np.float64),
        eigenvectors=np.linalg.qr(noise)[0],
        residuals=np.full(len(values), 1e-9),
        squared_norm=float(np.sum(np.square(values))),
        target=target,
    )


@cache
def spectrum() -> Spectrum:
    """Eigenvalues of a power law with a little noise, and analogies that partly hold."""
    rng = np.random.default_rng(1)
    values = np.sort(900 * np.arange(1, 31) ** -0.7 * np.exp(0.03 * rng.normal(size=30)))[::-1]
    base = spectrum_of(values)
    vectors = np.array(base.eigenvectors)
    first, second = (
        slice(len(ODD_WORDS) + side * PAIRS, len(ODD_WORDS) + (side + 1) * PAIRS) for side in (0, 1)
    )
    vectors[second] = vectors[first] + 0.3 * vectors[second] + 0.15 * rng.normal(size=30)
    return Spectrum(
        words=base.words,
        eigenvalues=values,
        eigenvectors=np.linalg.qr(vectors)[0],
        residuals=base.residuals,
        squared_norm=base.squared_norm,
        target="M*",
    )


def relations() -> Relations:
    """Two families with questions, one of them with unanswerable ones, and one without."""
    return Relations(
        {
            "gram6-nationality-adjective": tuple((f"a{n}", f"b{n}") for n in range(5)),
            "<i>kin_and-kith</i>": (
                *((f"a{n}", f"b{n}") for n in range(5, PAIRS)),
                ("w1", "b5"),
                ("unheard", "of"),
            ),
            "currency": (("not", "there"), ("w3", "nowhere")),
        },
        name="toy",
    )


@cache
def results() -> Mapping[str, AnalogyResult]:
    """Analogies of the spectrum, of noise, and of fewer dimensions."""
    embeddings = spectrum().embeddings()
    noise = np.random.default_rng(2).normal(size=(len(WORDS), 6))
    return {
        "Setting 3.1 M*": analogies(embeddings, relations()),
        "PPMI": analogies(Embeddings(WORDS, noise, "PPMI"), relations()),
        "few & <small>": analogies(embeddings.truncate(8), relations()),
    }


@cache
def similarities() -> Mapping[str, tuple[SimilarityResult, ...]]:
    """Two sets, one of which shares too few words with the vocabulary."""
    pairs = tuple((f"w{n}", f"w{n + 1}") for n in range(20))
    known = SimilaritySet((*pairs, ("w1", "unheard")), np.arange(21.0), name="men3000")
    unknown = SimilaritySet((("no", "word"), ("of", "these")), np.arange(2.0), name="rare<sup>")
    noise = Embeddings(WORDS, np.random.default_rng(3).normal(size=(len(WORDS), 6)), "PPMI")
    return {
        name: tuple(similarity(embeddings, dataset, resamples=200) for dataset in (known, unknown))
        for name, embeddings in (("Setting 3.1 M*", spectrum().embeddings()), ("PPMI", noise))
    }


def contents(**changes: object) -> ReportContents:
    """A whole report's worth, with some parts replaced."""
    main, *rivals = results()
    parts: dict[str, object] = {
        "title": "A toy & its <em>report</em>",
        "facts": {"Corpus": "12 toy <texts>", "Vocabulary": f"{len(WORDS)} words"},
        "spectrum": spectrum(),
        "embeddings": spectrum().embeddings(),
        "analogies": results(),
        "differences": {
            rival: compare_analogies(results()[main], results()[rival]) for rival in rivals
        },
        "similarities": similarities(),
        "topics": topics(spectrum(), modes=range(1, 13), words_per_end=4),
        "topics_normalised": topics(
            spectrum(), modes=range(1, 13), words_per_end=4, normalise="cosine"
        ),
        "run": {"Command": "repsearch run 'a < b'", "Seed": "0"},
        "notes": ("A small & <strong>made-up</strong> corpus.",),
    }
    return ReportContents(**(parts | changes))  # type: ignore[arg-type]

"""A report with all its parts, of a made corpus whose words are dangerous to show."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from figure_data import ODD_WORDS

from probes.analogy.scoring import analogies
from probes.relations.relations import Relations
from probes.report import ReportContents
from probes.report.concepts import concepts_of
from probes.report.learning import learning_of
from probes.topics import topic_study
from probes.topics.topics import topics
from repsearch.spectrum.spectrum import Spectrum
from repsearch.synthetic import BinaryAttributes

HOSTILE = (*ODD_WORDS, "</script><script>document.title='taken'</script>", "\u202etxt.exe", "a\tb")

_PAIRS = 12  # of 32, so that words are left that are in none


@cache
def world() -> tuple[Spectrum, Relations]:
    """Words of six attributes, some of them renamed to what a page could act on."""
    made = BinaryAttributes([0.5, 0.4, 0.35, 0.3, 0.25, 0.2])
    spectrum = made.spectrum()
    new = dict(zip(spectrum.words, HOSTILE, strict=False))
    # Every mode and every vector a little its own, so that no two words share a vector.
    rng = np.random.default_rng(0)
    vectors = spectrum.eigenvectors + 0.01 * rng.standard_normal(spectrum.eigenvectors.shape)
    named = replace(
        spectrum,
        words=tuple(new.get(word, word) for word in spectrum.words),
        eigenvectors=np.linalg.qr(vectors)[0],
    )
    relations = {
        family: tuple((new.get(a, a), new.get(b, b)) for a, b in pairs[:_PAIRS])
        for family, pairs in made.relations.items()
    }
    return named, Relations(relations, name="attributes")


@cache
def whole_report(seed: int = 0) -> ReportContents:
    """Learning, concepts, topics and analogies of that world."""
    spectrum, relations = world()
    kept = int((spectrum.eigenvalues > 0).sum())
    embeddings = spectrum.embeddings(kept)
    learning = learning_of(spectrum, seed=seed)
    shown = range(1, min(kept, 12) + 1)
    return ReportContents(
        title="A made world",
        facts={"Corpus": "a made world"},
        run={"Command": "repsearch demo", "Seed": str(seed)},
        spectrum=spectrum,
        embeddings=embeddings,
        analogies={"M*": analogies(embeddings, relations)},
        differences={},
        similarities={},
        topics=topics(spectrum, modes=shown, words_per_end=6),
        topics_normalised=topics(spectrum, modes=shown, words_per_end=6, normalise="cosine"),
        learning=learning,
        concepts=concepts_of(embeddings, relations, learning, seed=seed),
        topic_study=topic_study(embeddings, k=min(kept, 10), words=6, seed=seed),
    )

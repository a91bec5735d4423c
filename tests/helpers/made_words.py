"""A small result of every class of `probes.analogy`, `similarity`, `topics` and `modes`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

import repsearch as rs
from probes.analogy import AnalogyResult, analogies
from probes.modes import (
    ModeLineage,
    ModeMatching,
    SubspaceOverlap,
    TrajectoryComparison,
    compare_trajectories,
    lineage,
    match_modes,
    subspace_overlap,
)
from probes.modes.power_law import PowerLaw, fit_power_law
from probes.relations import Relations, SimilaritySet
from probes.result import Result
from probes.similarity import SimilarityResult, similarity
from probes.studies.evaluation import Evaluation, SimilarityScores, evaluate
from probes.topics import (
    LabelTable,
    StabilityTable,
    TopicGraph,
    TopicSearch,
    TopicStudy,
    TopicTable,
    TopicTree,
    search_topics,
    topic_graph,
    topic_labels,
    topic_stability,
    topic_study,
    topic_tree,
    topics,
)
from probes.topics.coherence import CoherenceTable, coherence
from probes.topics.documents import (
    Documents,
    DocumentTopics,
    TopicDocuments,
    TopicsByValue,
    document_topics,
    representatives,
    topics_by_value,
)
from repsearch.synthetic import BinaryAttributes, TopicMixture


@cache
def counts() -> rs.Counts:
    """Counts of a text of six topics."""
    texts = TopicMixture(topics=6, others=60).documents(1500, seed=0, length=12)
    return rs.count(rs.encode(texts, vocabulary_size=None), rs.Window(4))


@cache
def spectrum(*, zeros: str = "smooth") -> rs.Spectrum:
    """Leading modes of that text."""
    return rs.eigenpairs(rs.mstar(counts(), zeros=zeros), 5)


def flow(init: float) -> rs.Trajectory:
    """Training of a world with three attributes, from a start of a given size."""
    return rs.gradient_flow(BinaryAttributes([0.3, 0.2, 0.1]).spectrum(), rs.Gaussian(init))


def made_analogies() -> AnalogyResult:
    """Of one family that is solved, one that is not, and one that has no question."""
    world = BinaryAttributes([0.3, 0.2, 0.1])
    families = {
        **world.relations,
        "by/chance": [(word, world.words[0]) for word in world.words[1:4]],
        "absent": [("x", "y")],
    }
    return analogies(world.spectrum().embeddings(2), Relations(families))


def made_similarity() -> SimilarityResult:
    """Of twelve pairs, one of them out of the vocabulary."""
    words = spectrum().words
    pairs = [(words[k], words[k + 1]) for k in range(12)]
    scores = np.random.default_rng(0).normal(size=13)
    return similarity(
        spectrum().embeddings(), SimilaritySet([*pairs, ("no", "nowhere")], scores, name="toy")
    )


def made_coherence() -> CoherenceTable:
    """Of the ends of three modes."""
    return coherence(
        topics(spectrum(), modes=[1, 2, 3], words_per_end=4), counts(), permutations=100
    )


def made_labels() -> LabelTable:
    """Of the same ends, some of them perhaps no more coherent than chance."""
    return topic_labels(spectrum(), modes=[1, 2, 3], coherence=made_coherence())


def made_stability() -> StabilityTable:
    """Of three modes in two other targets of the same text."""
    others = [spectrum(zeros="neutral"), rs.eigenpairs(rs.pmi(counts()), 5)]
    return topic_stability(
        spectrum(), others, k=3, words=4, coherence=made_coherence(), permutations=100
    )


def made_study() -> TopicStudy:
    """Of three modes, with all parts."""
    return topic_study(spectrum(), [spectrum(zeros="neutral")], counts(), k=3, words=4, graph=True)


@cache
def made_document_topics() -> DocumentTopics:
    """Of new documents of that world, one without a known word, in two years and without one."""
    texts = TopicMixture(topics=6, others=60).documents(4000, seed=1, length=80)
    values: list[str | None] = [("1999", "2001")[k % 2] for k in range(len(texts))]
    documents = Documents.of_texts([*texts, "unknown"], values=[*values, None], by="year")
    return document_topics(spectrum(), documents, against=counts(), modes=[1, 2, 3])


def made_evaluation() -> Evaluation:
    """One linear relation, and two similarity sets, of which one has no correlation."""
    world = BinaryAttributes([0.3, 0.2, 0.1])
    pairs = [(world.words[k], world.words[k + 1]) for k in range(6)]
    sets = [
        SimilaritySet(pairs, range(6), name="toy"),
        SimilaritySet(pairs[:2], [1, 2], name="small"),
    ]
    return evaluate(world.spectrum().embeddings(3), Relations(world.relations), sets)


MADE: dict[type[Result], Callable[[], Result]] = {
    Evaluation: made_evaluation,
    SimilarityScores: lambda: made_evaluation().similarity,
    AnalogyResult: made_analogies,
    SimilarityResult: made_similarity,
    TopicTable: lambda: topics(spectrum(), modes=[1, 2, 3], words_per_end=4),
    LabelTable: made_labels,
    CoherenceTable: made_coherence,
    TopicGraph: lambda: topic_graph(spectrum(), level=0.1, labels=topic_labels(spectrum())),
    StabilityTable: made_stability,
    TopicStudy: made_study,
    TopicTree: lambda: topic_tree(spectrum(), level=0.1, permutations=20),
    TopicSearch: lambda: search_topics(spectrum(), spectrum().words[:2]),
    DocumentTopics: made_document_topics,
    TopicDocuments: lambda: representatives(made_document_topics(), number=2),
    TopicsByValue: lambda: topics_by_value(made_document_topics(), permutations=99),
    ModeMatching: lambda: match_modes(spectrum(), spectrum(zeros="neutral"), k=4),
    SubspaceOverlap: lambda: subspace_overlap(spectrum(), spectrum(zeros="neutral"), k=3),
    ModeLineage: lambda: lineage(flow(1e-3), [1.0, 6.0, 12.0, 25.0], threshold=0.1),
    TrajectoryComparison: lambda: compare_trajectories(flow(1e-2), flow(1e-3), [5.0, 20.0], k=2),
    PowerLaw: lambda: fit_power_law(
        np.arange(1, 61) ** -0.5 * np.exp(0.01 * np.random.default_rng(0).normal(size=60)),
        resamples=100,
    ),
}

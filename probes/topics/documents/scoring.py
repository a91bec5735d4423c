"""Ask documents for the topics of modes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import false_discovery_control

from probes.shared.resampling import check_draws
from probes.topics.documents.documents import Documents
from probes.topics.documents.entries import ComparedEntries
from probes.topics.documents.result import LEVEL, DocumentTopics
from probes.topics.documents.weights import Weights, weigh
from probes.topics.squared_cosines import leading_rows
from probes.topics.topics import Modes, TopicTable, topics
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.progress import Progress, silent

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings


_MANY = 2_000_000


@one_blas_thread()
def document_topics(
    source: Modes | Embeddings,
    documents: Documents | Corpus,
    *,
    modes: Iterable[int] | None = None,
    against: Counts | Corpus | None = None,
    among: TopicTable | None = None,
    permutations: int | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> DocumentTopics:
    """Weigh the topics of modes in documents, and tell which documents have one.

    The weight of mode k in document d is how far its words lie towards the positive end:
    the mean of their entries W_ik less that of the text that it is held against, in standard
    deviations τ_k of one word of that text. It estimates the a of P(i|d) = P_i (1 + a z_ik),
    z_ik = R_ik / τ_k, and is the score by which small a are told from 0 best. So it does
    not grow with the length of a document; what shrinks is its noise.

    From each entry the mean over words of the same frequency (a factor of 2) is taken first:
    R_ik. A document of rarer words than others has no topic by that alone, and the few most
    frequent words, which have no others of their frequency, add nothing.

    The null exchanges words for others of the same frequency, with the numbers of times that
    they are repeated: a document that repeats a rare word often has no topic by that alone.
    A document has a topic if in no more than chance allows some mode stands out from
    that null as far; the mode that stands out most is its topic.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes.
    documents : Documents or Corpus
        Documents, words spelt as those of the modes.
    modes : iterable of int, optional
        Numbers of the modes, from 1; the first ten by default, or as many as there are.
    against : Counts or Corpus, optional
        What has the frequencies P_i; the documents together by default.
    among : TopicTable, optional
        Topics that are made already, of the same modes; `modes` is then left out.
    permutations : int, optional
        Draws of the null, at least 19: no p is below 1 / (1 + permutations). 999 by default, or
        199 where the documents' different words are more than two million together, for time.
    seed : int, default 0
        Seed of the draws.
    progress : Progress
        Told how many documents are weighed.

    Returns
    -------
    DocumentTopics

    Raises
    ------
    InputError
        No document with words of the modes, words without frequencies, a single document that
        is held against itself, or a number out of range.

    References
    ----------
    Rao 1948, Proceedings of the Cambridge Philosophical Society 44, 50-57 (the score).

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> words = ["ice", "cold", "snow", "frost", "wave", "tide", "salt", "fish"]
    >>> modes = Embeddings(words, np.repeat([[1.0], [-1.0]], 4, axis=0))
    >>> texts = ["ice cold snow frost"] * 9 + ["wave tide salt fish"] * 6
    >>> found = document_topics(modes, Documents.of_texts(texts))
    >>> found.weights.weight[[0, 9], 0].round(2).tolist()
    [0.82, -1.22]
    """
    check_draws(
        name="permutations", draws=19 if permutations is None else permutations, least=19, seed=seed
    )
    held = Documents.of_corpus(documents) if isinstance(documents, Corpus) else documents
    table = topics(source, modes=modes) if among is None else among
    numbers = [topic.mode for topic in table.topics[::2]]
    counts = held.over(source.words)
    known = np.asarray(counts.sum(axis=1), dtype=np.int64)
    if not known.any():
        some = ", ".join(repr(word) for word in held.words[:3])
        raise InputError(
            f"no document has a word of the modes: theirs are such as {some}, those of the modes "
            f"{source.words[0]!r}; pass the text or the tokeniser that the modes are of"
        )
    draws = permutations
    if draws is None:
        draws = 999 if counts.nnz <= _MANY else 199
    frequencies = _frequencies(source.words, against, counts, documents=len(held))
    rows = leading_rows(source, len(source.words))[:, [number - 1 for number in numbers]]
    found = weigh(
        counts,
        ComparedEntries.of(rows, frequencies),
        permutations=draws,
        seed=seed,
        progress=progress,
    )
    return DocumentTopics(
        documents=held,
        topics=table.topics,
        known=known,
        weights=found,
        own=_own(found, known),
        settings={
            "against": _called(against),
            "permutations": draws,
            "seed": seed,
        },
    )


def _own(found: Weights, known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The end of the mode that stands out most, of documents in which one does."""
    own = np.full(len(known), -1, dtype=np.int64)
    usable = np.flatnonzero(known > 0)
    z = found.z[usable]
    best = np.abs(z).argmax(axis=1)
    rows = np.arange(len(usable))
    kept = false_discovery_control(found.p[usable][rows, best]) <= LEVEL
    ends = 2 * best + (z[rows, best] < 0)
    own[usable[kept]] = ends[kept]
    return own


def _frequencies(
    words: tuple[str, ...],
    against: Counts | Corpus | None,
    counts: csr_array,
    *,
    documents: int,
) -> NDArray[np.float64]:
    if against is None:
        if documents < 2:
            raise InputError(
                "a single document cannot be held against itself; pass the counts of the text that "
                "the modes are of (--counts)"
            )
        return np.asarray(counts.sum(axis=0), dtype=np.float64)
    times = dict(zip(against.words, against.word_counts.tolist(), strict=True))
    lacking = [word for word in words if word not in times]
    if lacking:
        raise InputError(
            f"{len(lacking):,} of the {len(words):,} words of the modes, such as {lacking[0]!r}, "
            f"are not in {_called(against)}; pass those of the text that the modes are of"
        )
    return np.array([times[word] for word in words], dtype=np.float64)


def _called(against: Counts | Corpus | None) -> str:
    if against is None:
        return "the documents together"
    if isinstance(against, Corpus):
        return "the corpus"
    return "the counts" if against.file is None else against.file.name

"""Study the topics of modes: list, label and score them, look for them elsewhere, link them."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.topics.coherence import CoherenceTable, Measure, coherence
from probes.topics.documents import (
    Documents,
    DocumentTopics,
    TopicDocuments,
    TopicsByValue,
    document_topics,
    representatives,
    topics_by_value,
)
from probes.topics.graph import TopicGraph, topic_graph
from probes.topics.labels import LabelTable, topic_labels
from probes.topics.search import TopicSearch, search_topics
from probes.topics.stability import StabilityTable, topic_stability
from probes.topics.topics import Normalise, TopicTable, topics
from probes.topics.tree import TopicTree, topic_tree
from repsearch.corpus.corpus import Corpus
from repsearch.counts.counts import Counts
from repsearch.data import carried_counts
from repsearch.embeddings import Embeddings, WordsFound, look_up
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS_BESIDE_LABELS = 42
_LEAST_SHARE = 0.5
"""Of a topic's words that are counted, for it to be scored by those alone."""


@dataclass(frozen=True)
class TopicStudy(Result):
    """What the leading modes are about, and whether that deserves a name.

    Parameters
    ----------
    topics : TopicTable
        The words at both ends of each mode.
    labels : LabelTable
        A label for each end.
    coherence : CoherenceTable or None
        Coherence of the topics; None where it was not measured.
    not_measured : str
        Why it was not; empty where it was.
    stability : StabilityTable or None
        Which modes other bases have; None where there were none.
    graph : TopicGraph or None
        Topics that share words; None where it was not asked for.
    settings : dict
        ``measure`` and ``seed``, as they were asked for.
    words : WordsFound, optional
        How the words of the topics were found where coherence was measured; those that are
        missing there are left out of it.
    capped : bool
        Whether there are fewer words at each end than by default, there being too few.
    search : TopicSearch, optional
        Topics that words asked for belong to.
    documents : DocumentTopics, optional
        Weights of the topics in documents.
    typical : TopicDocuments, optional
        The clearest documents of each topic.
    by_value : TopicsByValue, optional
        Topics by the value of a field of the documents.
    tree : TopicTree, optional
        Topics merged where they share words.

    Examples
    --------
    >>> from probes.topics import topic_study
    >>> from repsearch import Embeddings
    >>> words = ["hot", "cold", "loud", "quiet"]
    >>> vectors = [[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    >>> found = topic_study(Embeddings(words, vectors), words=1)
    >>> list(found.parts()), found.not_measured
    (['topics', 'labels'], 'a topic of one word has none; ask for two or more (--words)')
    """

    name = "topics"
    columns: ClassVar[Mapping[str, str]] = {
        "end": "which end of the mode has no meaning of its own: signs can be exchanged",
        "mean entry": "of its words in W; eigenvalue: how much of the target the mode explains",
        "by chance": "coherence of as many random words of these topics, beside the topic's own",
        "coherent": "above chance, at a false discovery rate of 5 % over all topics",
        **TopicSearch.columns,
        **TopicTree.columns,
        **DocumentTopics.columns,
        **TopicDocuments.columns,
    }
    next_step: ClassVar[str] = (
        "--against ANOTHER.safetensors says which modes another text or half of this one has as "
        "well (a mode that it lacks deserves no name), --graph which topics share words."
    )

    topics: TopicTable
    labels: LabelTable
    coherence: CoherenceTable | None
    not_measured: str
    stability: StabilityTable | None
    graph: TopicGraph | None
    settings: dict[str, Cell] = field(default_factory=dict)
    words: WordsFound | None = None
    capped: bool = False
    search: TopicSearch | None = None
    documents: DocumentTopics | None = None
    typical: TopicDocuments | None = None
    by_value: TopicsByValue | None = None
    tree: TopicTree | None = None

    def parts(self) -> dict[str, Result]:
        """Give the tables, each under the name of its files."""
        made = (self.topics, self.labels, self.coherence, *self._asked_for)
        return {part.name: part for part in made if part is not None}

    @property
    def _asked_for(self) -> list[Result]:
        """What is there only where it was asked for."""
        made = (
            self.stability,
            self.graph,
            self.tree,
            self.search,
            self.documents,
            self.typical,
            self.by_value,
        )
        return [part for part in made if part is not None]

    def summary(self) -> str:
        """Say which topics are coherent, which modes are stable, and which topics share words."""
        return " ".join(self.paragraphs())

    def paragraphs(self) -> list[str]:
        """Give what is said of coherence, of stability and of words that topics share.

        Returns
        -------
        list of str
            Together they are `summary`.
        """
        if self.coherence is None:
            lines = [
                f"Coherence was not measured: {self.not_measured}. {self.topics.diversity:.0%} of "
                "the words of these topics are different."
            ]
        else:
            lines = [f"{self.coherence.summary()} It was measured in {self._place}."]
            if self.words is not None and (self.words.missing or self.words.spelt):
                lines.append(f"Words of the topics where they were counted: {self.words}")
        if self.capped:
            shown = len(self.topics.topics[0].words)
            lines.append(
                f"{shown} word{'s' * (shown != 1)} at each end instead of the 10 of the default, "
                f"for {self.topics.considered} are looked at."
            )
        lines += [part.summary() for part in self._asked_for]
        return lines

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each word of each topic; the other tables are in `parts`."""
        return self.topics.table()

    def rests_on(self) -> dict[str, Cell]:
        """Give the settings of the topics, and what they were compared with."""
        return {
            **self.topics.rests_on(),
            "coherence": self.not_measured if self.coherence is None else self.coherence.unit,
            "others": 0 if self.stability is None else self.stability.n_others,
            "graph": self.graph is not None,
            "merge": self.tree is not None,
            "documents": 0 if self.documents is None else len(self.documents.known),
            **({} if self.words is None else self.words.cells()),
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out topics, labels with their coherence, stability, and communities."""
        blocks = [self.topics.text(width), self._labels(width)]
        blocks += [part.text(width) for part in self._asked_for]
        return "\n\n".join(blocks)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the words of the leading modes."""
        return self.topics.plot(ax)

    @property
    def _place(self) -> str:
        return str(self.settings.get("counted_in", "the counts"))

    def _labels(self, width: int) -> str:
        head: tuple[str, ...] = ("topic", "label")
        room = width - _COLUMNS_BESIDE_LABELS
        rows = [
            (label.name, textwrap.shorten(str(label), room, placeholder=" ..."))
            for label in self.labels.labels
        ]
        if self.coherence is None:
            return fixed_width(head, rows, left=(0, 1))
        measured = {topic.name: topic for topic in self.coherence.topics}
        cells = [
            (
                f"{measured[label.name].value:.3f}",
                f"{measured[label.name].null:.3f}",
                f"{measured[label.name].p:.2g}",
                "yes" if label.coherent else "no",
            )
            for label in self.labels.labels
        ]
        head += (self.coherence.measure, "by chance", "p", "coherent")
        return fixed_width(
            head, [row + more for row, more in zip(rows, cells, strict=True)], left=(0, 1)
        )


def topic_study(
    modes: Spectrum | Embeddings,
    others: Sequence[Spectrum | Embeddings] = (),
    counted: Counts | Corpus | None = None,
    documents: Documents | Corpus | None = None,
    *,
    k: int | None = None,
    words: int | None = None,
    frequent: int = 4000,
    normalise: Normalise = "raw",
    measure: Measure = "npmi",
    graph: bool = False,
    merge: bool = False,
    search: list[str] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> TopicStudy:
    """Find out what each of the leading modes is about, and whether that deserves a name.

    Parameters
    ----------
    modes : Spectrum or Embeddings
        With words, the most frequent first; embeddings on their principal axes.
    others : sequence of Spectrum or Embeddings
        Bases from another text, half or seed, in which the modes are looked for
        (`topic_stability`); none by default.
    counted : Counts or Corpus, optional
        Where coherence is measured, by default in the carried counts, if they have the words;
        and what `documents` are held against, by default the carried counts if they have the
        very words, or else the documents together.
    documents : Documents or Corpus, optional
        Documents whose topics are told (`document_topics`), with the clearest ones of each
        topic, and where they have values of a field, how these differ (`topics_by_value`).
    k : int, optional
        How many modes; ten, or all there are.
    words : int, optional
        Words at each end; ten by default, or half of a vocabulary of fewer than 20.
    frequent : int, default 4000
        Only so many of the most frequent words are looked at.
    normalise : {"raw", "cosine"}, default "raw"
        Whether words are ordered by entries, or by cosine with the mode (`topics`).
    measure : {"npmi", "c_v", "u_mass"}, default "npmi"
        Measure of coherence; C_v and U_mass need a corpus.
    graph : bool, default False
        Whether communities of topics that share words are looked for (`topic_graph`).
    merge : bool, default False
        Whether topics that share more words than chance has it are merged (`topic_tree`).
    search : list of str, optional
        Words whose topics are looked for (`search_topics`).
    seed : int, default 0
        Seed of all nulls.
    progress : Progress
        Told how many documents are weighed.

    Returns
    -------
    TopicStudy
        With the parts that were asked for.

    Raises
    ------
    InputError
        A number out of range; C_v or U_mass without a corpus; words that are not in
        `counted`; bases that cannot be compared; documents without words of the modes.

    Examples
    --------
    >>> from repsearch import Embeddings, encode
    >>> corpus = encode(["ice cold snow"] * 9 + ["red blue green"] * 9, vocabulary_size=None)
    >>> words = ["ice", "cold", "snow", "red", "blue", "green"]
    >>> vectors = [[2.0, 0.1], [2.1, 0.0], [1.9, 0.2], [-2.0, 0.1], [-1.9, 0.0], [-2.1, 0.2]]
    >>> found = topic_study(Embeddings(words, vectors), counted=corpus, k=1, words=3)
    >>> [sorted(topic.words) for topic in found.topics.topics]
    [['cold', 'ice', 'snow'], ['blue', 'green', 'red']]
    >>> [round(topic.value, 2) for topic in found.coherence.topics]
    [1.0, 1.0]
    """
    table = topics(
        modes,
        modes=None if k is None else range(1, k + 1),
        words_per_end=words,
        frequent=frequent,
        normalise=normalise,
    )
    numbers = range(1, len(table.topics) // 2 + 1)
    scored, not_measured, found = _coherence(table, counted, measure, seed)
    labels = topic_labels(modes, modes=numbers, frequent=frequent, coherence=scored)
    stability = linked = None
    if others:
        stability = topic_stability(
            modes,
            others,
            k=len(numbers),
            words=len(table.topics[0].words),
            frequent=frequent,
            coherence=scored,
            seed=seed,
        )
    if graph:
        linked = topic_graph(modes, modes=numbers, frequent=frequent, seed=seed, labels=labels)
    tree = None
    if merge:
        tree = topic_tree(modes, modes=numbers, frequent=frequent, seed=seed, labels=labels)
    near = None if search is None else search_topics(modes, search, among=table, seed=seed)
    weighed = typical = by_value = None
    if documents is not None:
        weighed = document_topics(
            modes,
            documents,
            against=_held_against(modes, counted),
            among=table,
            seed=seed,
            progress=progress,
        )
        if counted is None and weighed.settings["against"] != "the documents together":
            named = weighed.settings | {"against": "the carried counts"}
            weighed = replace(weighed, settings=named)
        typical = representatives(weighed)
        if weighed.documents.values is not None:
            by_value = topics_by_value(weighed, seed=seed)
    capped = words is None and len(table.topics[0].words) < 10
    settings: dict[str, Cell] = {"measure": measure, "seed": seed}
    if scored is not None:
        settings["counted_in"] = _called(counted)
    return TopicStudy(
        table,
        labels,
        scored,
        not_measured,
        stability,
        linked,
        settings,
        words=found,
        capped=capped,
        search=near,
        documents=weighed,
        typical=typical,
        by_value=by_value,
        tree=tree,
    )


def _held_against(
    modes: Spectrum | Embeddings, counted: Counts | Corpus | None
) -> Counts | Corpus | None:
    """What has the frequencies of the text that the modes are of, where that is known."""
    if counted is not None:
        return counted
    carried = carried_counts()
    return carried if tuple(modes.words) == carried.words else None


def _called(counted: Counts | Corpus | None) -> str:
    """Say where coherence was measured."""
    if counted is None:
        return "the carried counts"
    if isinstance(counted, Corpus):
        return "the corpus"
    return "the counts" if counted.file is None else counted.file.name


def _coherence(
    table: TopicTable, counted: Counts | Corpus | None, measure: Measure, seed: int
) -> tuple[CoherenceTable | None, str, WordsFound | None]:
    """Coherence, or why it was not measured; and how the words of the topics were found."""
    if measure != "npmi" and not isinstance(counted, Corpus):
        raise InputError(
            f"{measure} counts windows or documents of a text; pass a corpus (--corpus)"
        )
    if len(table.topics[0].words) < 2:
        return None, "a topic of one word has none; ask for two or more (--words)", None
    seen = carried_counts() if counted is None else counted
    words = look_up(_occurring(seen), (word for topic in table.topics for word in topic.words))
    there = {
        f"{topic.mode}{topic.end}": tuple(
            dict.fromkeys(words.spelling(word) for word in topic.words if word in words.rows)
        )
        for topic in table.topics
    }
    # A topic is scored without the words that are missing while most of it is there.
    few = [
        name
        for (name, kept), topic in zip(there.items(), table.topics, strict=True)
        if len(kept) < max(2, _LEAST_SHARE * len(topic.words))
    ]
    if few:
        listed = {word for topic in table.topics for word in topic.words}
        said = (
            f"{len(words.missing)} of the {len(listed)} words, such as "
            f"{min(words.missing, default='')!r}, are not in"
        )
        if counted is None:
            return None, f"{said} the carried counts; pass --counts or --corpus", None
        kind = "corpus" if isinstance(counted, Corpus) else "counts"
        raise InputError(
            f"{said} the {kind}, too many to score topic {few[0]!r}; pass those of a text with the "
            "same vocabulary"
        )
    return coherence(there, seen, measure=measure, seed=seed), "", words


def _occurring(seen: Counts | Corpus) -> tuple[str, ...]:
    """Words that a text has, and not its vocabulary alone."""
    if isinstance(seen, Corpus):
        ids = np.unique(seen.tokens)
        return tuple(seen.words[k] for k in ids[ids >= 0].tolist())
    return tuple(word for word, times in zip(seen.words, seen.marginals, strict=True) if times > 0)

"""Hold what a report is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from probes.analogy.result import AnalogyResult
from probes.report.concepts import Concepts
from probes.report.learning import Learning
from probes.result import Result
from probes.shared.intervals import Interval
from probes.similarity.similarity import SimilarityResult
from probes.topics.study import TopicStudy
from probes.topics.topics import TopicTable
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Section:
    """A section about what one probe found.

    Parameters
    ----------
    anchor : str
        Where links lead; the probe's command.
    title : str
        Headline.
    answer : Result
        What was found.
    how_to_read : str
        What a reader needs to know of the numbers; may be empty.

    Examples
    --------
    >>> from probes.geometry import isotropy
    >>> from repsearch.synthetic import BinaryAttributes
    >>> embeddings = BinaryAttributes([0.3, 0.2, 0.1, 0.1]).spectrum().embeddings(4)
    >>> Section("isotropy", "Isotropy", isotropy(embeddings)).answer.name
    'isotropy'
    """

    anchor: str
    title: str
    answer: Result
    how_to_read: str = ""


@dataclass(frozen=True, eq=False)
class ReportContents:
    """Results of one main target and of its rivals.

    Targets go by the names that readers are to see, such as "Setting 3.1 M*".

    Parameters
    ----------
    title : str
        Stands at the top.
    facts : mapping of str to str
        Corpus and settings, label to value. The summary speaks of the value
        of "Corpus", if there is one.
    spectrum : Spectrum
        Of the main target.
    embeddings : Embeddings
        Of the main target.
    analogies : mapping of str to AnalogyResult
        By target; the first is the main one. Empty where none could be asked.
    differences : mapping of str to Interval
        By rival: micro accuracy of the main target less the rival's, from the
        same questions.
    similarities : mapping of str to sequence of SimilarityResult
        By target. Empty where there are no ratings for the language.
    topics, topics_normalised : TopicTable
        Of the main target, from raw and from cosine-normalised entries.
    learning : Learning, optional
        The closed form of the main target over time.
    concepts : Concepts, optional
        What was asked of relations.
    topic_study : TopicStudy, optional
        Topics of more modes than are listed, with labels and coherence.
    sections : sequence of Section
        Of other probes, those of the registry that ask for it
        (`probes.registry.Probe.in_report`).
    run : mapping of str to str
        How it was made: versions, seed, machine, times, command.
    notes : sequence of str
        Warnings in plain words.

    Raises
    ------
    InputError
        A difference from a target without analogies, tables of topics the
        wrong way round, or an empty title.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from probes.topics import topics
    >>> spectrum = BinaryAttributes([0.3, 0.2]).spectrum()
    >>> contents = ReportContents(
    ...     title="A world of two attributes", facts={}, run={},
    ...     spectrum=spectrum, embeddings=spectrum.embeddings(2),
    ...     analogies={}, differences={}, similarities={},
    ...     topics=topics(spectrum, words_per_end=2),
    ...     topics_normalised=topics(spectrum, words_per_end=2, normalise="cosine"),
    ... )
    >>> contents.main
    'M*'
    """

    title: str
    facts: Mapping[str, str]
    spectrum: Spectrum
    embeddings: Embeddings
    analogies: Mapping[str, AnalogyResult]
    differences: Mapping[str, Interval]
    similarities: Mapping[str, Sequence[SimilarityResult]]
    topics: TopicTable
    topics_normalised: TopicTable
    run: Mapping[str, str]
    learning: Learning | None = None
    concepts: Concepts | None = None
    topic_study: TopicStudy | None = None
    sections: Sequence[Section] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise InputError("the report has no title; give one")
        for rival in self.differences:
            if rival not in self.analogies or rival == self.main:
                raise InputError(
                    f"there is a difference from {rival!r}, which is no rival among the analogies "
                    f"({', '.join(self.analogies) or 'none'}); name the rivals alike"
                )
        if (self.topics.normalise, self.topics_normalised.normalise) != ("raw", "cosine"):
            raise InputError(
                "topics are to be raw and topics_normalised cosine-normalised; got "
                f"{self.topics.normalise!r} and {self.topics_normalised.normalise!r}"
            )
        for name in ("facts", "analogies", "differences", "run"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        similarities = {target: tuple(results) for target, results in self.similarities.items()}
        object.__setattr__(self, "similarities", MappingProxyType(similarities))
        object.__setattr__(self, "notes", tuple(self.notes))
        object.__setattr__(self, "sections", tuple(self.sections))

    @property
    def main(self) -> str:
        """Name of the main target."""
        for named in (self.analogies, self.similarities):
            for name in named:
                return name
        return self.spectrum.target

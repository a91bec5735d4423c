"""Search for the topics that words belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from probes.result import WIDTH, Result
from probes.shared.resampling import check_draws
from probes.shared.several_tests import LEVEL, is_finding
from probes.shared.text_table import fixed_width
from probes.shared.wording import listed
from probes.topics.squared_cosines import leading_rows
from probes.topics.topics import End, Modes, TopicTable, topics
from repsearch.embeddings import look_up
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

_NEIGHBOURS = 200
"""Words to each side in frequency whose cosines say what is usual."""


@dataclass(frozen=True)
class FoundTopic:
    """A topic, and how near the words asked for are to it.

    Parameters
    ----------
    topic : str
        Its name, such as "3+".
    cosine : float
        Cosine of the mode, this end of it, with the sum of the words' unit vectors.
    p : float
        Share of as many words of about the same frequencies that are as near to the mode, at
        either end. Not adjusted for the number of modes.
    words : tuple of str
        Words of the topic.
    places : tuple of int
        Place of each word asked for among all at that end, 1 for the most extreme entry.

    Examples
    --------
    >>> round(FoundTopic("1+", 0.8, 0.01, ("ice", "snow"), (1,)).share, 2)
    0.64
    """

    topic: str
    cosine: float
    p: float
    words: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def share(self) -> float:
        """Share of the words' direction that lies on the mode, the squared cosine."""
        return self.cosine**2


@dataclass(frozen=True)
class TopicSearch(Result):
    """Topics by how near they are to words.

    Parameters
    ----------
    asked : tuple of str
        The words, as the modes spell them.
    topics : tuple of FoundTopic
        The nearest first; of each mode the end at which the words lie.
    missing : tuple of str
        Words that the modes do not have.
    settings : dict
        Draws of the null and seed.

    Examples
    --------
    >>> from probes.topics import search_topics
    >>> from repsearch import Embeddings
    >>> words = ["hot", "cold", "loud", "quiet"]
    >>> vectors = [[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    >>> found = search_topics(Embeddings(words, vectors), ["quiet"])
    >>> [(one.topic, one.cosine) for one in found.topics]
    [('2-', 1.0), ('1+', 0.0)]
    """

    name = "topic-search"
    figure = "probes.figures.words.document_topics:plot_topic_search"
    columns: ClassVar[Mapping[str, str]] = {
        "cosine": "of the words' common direction with this end of the mode, 1 at most; p: the "
        "share of words of the same frequencies that are as near to the mode, at either end",
        "place": "of each word asked for among all, by its entry at that end",
    }

    asked: tuple[str, ...]
    topics: tuple[FoundTopic, ...]
    missing: tuple[str, ...] = ()
    settings: dict[str, Cell] = field(default_factory=dict)

    def summary(self) -> str:
        """Say which topics the words belong to, beyond words of their frequencies."""
        said = listed([repr(word) for word in self.asked])
        first = self.topics[0]
        nearest = (
            f"Nearest to {said} of these {len(self.topics)} modes is {first.topic} "
            f"({', '.join(first.words[:3])}): cosine {first.cosine:.2f}, place "
            f"{_some(first.places)} at that end; {first.p:.1%} of words of the same frequencies "
            "are as near to that mode."
        )
        near = [one for one in self.topics[1:] if is_finding(one.p)]
        if near:
            names = listed([f"{one.topic} ({', '.join(one.words[:3])})" for one in near])
            nearest += f" Fewer than one in twenty words are as near to {names} either."
        if not is_finding(first.p):
            nearest += " So near to some mode are many words; theirs may be a later one."
        lines = [
            nearest,
            f"By chance one in twenty modes has a word so near as to have a share below 5%: "
            f"{LEVEL * len(self.topics):.1f} of these {len(self.topics)}.",
        ]
        if self.missing:
            lines.append(f"Not among the words of the modes: {', '.join(self.missing)}.")
        return " ".join(lines)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each topic, the nearest first."""
        return [
            {
                "topic": one.topic,
                "cosine": one.cosine,
                "share": one.share,
                "p": one.p,
                "place": " ".join(f"{place}" for place in one.places),
                "words": " ".join(one.words),
            }
            for one in self.topics
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the words, and the null."""
        return {
            "asked": " ".join(self.asked),
            "missing": " ".join(self.missing),
            "modes": len(self.topics),
            "null": "cosines of as many words of about the same frequencies",
            **self.settings,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out the topics, the nearest first.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal.

        Returns
        -------
        str
            A row for each.
        """
        places = [_some(one.places) for one in self.topics]
        room = max(12, width - 27 - max(map(len, places)))
        rows = []
        for one, place in zip(self.topics, places, strict=True):
            words = one.words[0]
            for word in one.words[1:]:
                if len(words) + len(word) + 1 > room:
                    break
                words += f" {word}"
            rows.append((one.topic, f"{one.cosine:.2f}", f"{one.p:.2g}", place, words))
        return fixed_width(("topic", "cosine", "p", "place", "words"), rows, left=(0, 4))


def search_topics(
    source: Modes | Embeddings,
    words: Sequence[str],
    *,
    among: TopicTable | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> TopicSearch:
    """Find the topics that words belong to.

    Vectors of the words, of length one, are added; a topic is as near as the cosine of that sum
    with its end of the mode. The null takes for each word another of about its frequency (among
    200 to either side, or as many as there are): p is the share of such words that are as near
    to the mode, at either end. It is for each mode by itself: of twenty modes one has any word
    at p ≤ 0.05 by chance.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes.
    words : sequence of str
        One word or more, found in another spelling where only that is there.
    among : TopicTable, optional
        The topics that are searched; those of the first ten modes by default.
    permutations : int, default 999
        Draws of the null, at least 19.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    TopicSearch

    Raises
    ------
    InputError
        No word is among those of the modes, or none of them has a direction.

    Examples
    --------
    >>> from repsearch import Embeddings
    >>> words = ["hot", "cold", "loud", "quiet"]
    >>> modes = Embeddings(words, [[2.0, 0.0], [-2.0, 0.1], [0.0, 1.0], [0.0, -1.0]])
    >>> [(one.topic, one.places) for one in search_topics(modes, ["cold", "loud"]).topics]
    [('2+', (2, 1)), ('1-', (1, 2))]
    """
    check_draws(name="permutations", draws=permutations, least=19, seed=seed)
    if isinstance(words, str) or not words:
        raise InputError(f"the words to search for are {words!r}; pass a list of one or more")
    table = topics(source) if among is None else among
    found = look_up(source.words, words)
    if not found.rows:
        raise InputError(
            f"none of the words searched for ({', '.join(map(repr, found.missing))}) is among the "
            f"{len(source.words):,} of the modes; pass words such as {source.words[-1]!r}"
        )
    numbers = [topic.mode for topic in table.topics[::2]]
    rows = leading_rows(source, len(source.words))
    units = unit_rows(rows)
    asked = list(dict.fromkeys(found.rows.values()))
    columns = np.array(numbers) - 1
    sums = units[asked].sum(axis=0)
    length = float(np.linalg.norm(sums))
    if length == 0:
        raise InputError(
            f"{', '.join(source.words[row] for row in asked)}: these words have no direction "
            "together; search for one of them"
        )
    cosines = sums[columns] / length
    chance = _by_chance(units, np.array(asked), columns, permutations, seed)
    above = np.count_nonzero(chance >= np.abs(cosines) * (1 - 1e-9), axis=0)
    p_values = ((1 + above) / (1 + permutations)).tolist()
    order = np.argsort(-np.abs(cosines), kind="stable")
    chosen = []
    for place in order.tolist():
        end: End = "-" if cosines[place] < 0 else "+"
        entries = rows[:, columns[place]] * (-1.0 if end == "-" else 1.0)
        topic = table.topics[2 * place + (end == "-")]
        chosen.append(
            FoundTopic(
                topic=f"{topic.mode}{topic.end}",
                cosine=float(abs(cosines[place])),
                p=p_values[place],
                words=topic.words,
                places=tuple(1 + int(np.count_nonzero(entries > entries[row])) for row in asked),
            )
        )
    return TopicSearch(
        asked=tuple(source.words[row] for row in asked),
        topics=tuple(chosen),
        missing=found.missing,
        settings={"permutations": permutations, "seed": seed},
    )


def _by_chance(
    units: NDArray[np.float64],
    asked: NDArray[np.int64],
    columns: NDArray[np.int64],
    permutations: int,
    seed: int,
) -> NDArray[np.float64]:
    """Cosines with each of the modes, of as many words of the same frequencies."""
    many = len(units)
    reach = min(_NEIGHBOURS, many - 1)
    rng = np.random.default_rng(seed)
    sums = np.zeros((permutations, units.shape[1]))
    for row in asked.tolist():
        first = min(max(row - reach, 0), max(many - 2 * reach - 1, 0))
        last = min(max(row + reach, min(2 * reach, many - 1)), many - 1)
        sums += units[rng.integers(first, last + 1, size=permutations)]
    lengths = np.linalg.norm(sums, axis=1)
    return np.asarray(np.abs(sums[:, columns]) / np.where(lengths > 0, lengths, 1.0)[:, None])


def _some(places: tuple[int, ...]) -> str:
    shown = " ".join(f"{place:,}" for place in places[:3])
    return f"{shown} ..." if len(places) > 3 else shown

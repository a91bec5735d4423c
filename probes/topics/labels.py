"""Label the two ends of each mode with words of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from probes.result import WIDTH, Result
from probes.shared.wording import counted
from probes.topics.coherence import CoherenceTable, above_chance
from probes.topics.shared_stem import beginning, share_stem
from probes.topics.squared_cosines import Real, leading_rows
from probes.topics.topics import End, Modes, topics
from repsearch.checks import is_whole
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

_MOST_WORDS = 5


@dataclass(frozen=True)
class TopicLabel:
    """A label for one end of one mode.

    Parameters
    ----------
    mode : int
        Number of the mode, from 1.
    end : {"+", "-"}
        Which of its ends.
    words : tuple of str
        The label, the best word first; empty if no word is left for it.
    shares : tuple of float
        Share of the squared embedding of each word that lies on the mode.
    coherent : bool or None
        Whether the topic is coherent above chance; None where that was not measured. A label
        without coherence is a list of words and not a name.

    Examples
    --------
    >>> label = TopicLabel(3, "+", ("religion", "beliefs"), (0.4, 0.3), coherent=True)
    >>> print(label.name, label)
    3+ religion, beliefs
    """

    mode: int
    end: End
    words: tuple[str, ...]
    shares: tuple[float, ...]
    coherent: bool | None

    @property
    def name(self) -> str:
        """Name the topic by its mode and its end.

        Returns
        -------
        str
            Such as ``3+`` for the positive end of mode 3.
        """
        return f"{self.mode}{self.end}"

    @property
    def reliable(self) -> bool:
        """Decide whether the words have been shown to belong together.

        Returns
        -------
        bool
            False too where that was not measured.
        """
        return bool(self.words) and self.coherent is True

    def __str__(self) -> str:
        return ", ".join(self.words) or "(no word of its own)"


@dataclass(frozen=True)
class LabelTable(Result):
    """Labels of several modes, both ends of each.

    Parameters
    ----------
    labels : tuple of TopicLabel
        Labels by mode as asked for, the positive end first.
    settings : dict
        ``words`` of a label, the ``frequent`` words looked at, and the
        ``false_discovery_rate`` of coherence.

    Examples
    --------
    >>> labels = LabelTable((TopicLabel(1, "+", ("ice", "snow"), (0.8, 0.7), None),))
    >>> print(labels, labels["1+"].words)
      1+  ice, snow ('ice', 'snow')
    """

    name = "labels"
    figure = "probes.figures.words.topics:plot_labels"

    labels: tuple[TopicLabel, ...]
    settings: dict[str, Cell] = field(default_factory=dict)

    def __getitem__(self, name: str) -> TopicLabel:
        """Look up the label of a topic.

        Parameters
        ----------
        name : str
            Such as ``3+``.

        Returns
        -------
        TopicLabel
            Of that topic.

        Raises
        ------
        InputError
            No such topic.
        """
        for label in self.labels:
            if label.name == name:
                return label
        there = ", ".join(label.name for label in self.labels)
        raise InputError(f"there is no topic {name!r}; those labelled are {there}")

    def summary(self) -> str:
        """Say how many topics have a label, and which labels are not to be trusted."""
        named = [label for label in self.labels if label.words]
        text = f"{len(named)} of {counted(len(self.labels), 'topic')} have words for a label."
        if all(label.coherent is None for label in self.labels):
            return f"{text} Whether the words of a label belong together was not measured."
        doubtful = [label.name for label in self.labels if label.coherent is False]
        if not doubtful:
            return f"{text} All are coherent above chance."
        return (
            f"{text} No more coherent than chance, so lists of words and not names: "
            f"{', '.join(doubtful)}."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each label."""
        return [
            {
                "mode": label.mode,
                "end": label.end,
                "label": " ".join(label.words),
                "coherent": None if label.coherent is None else str(label.coherent).lower(),
            }
            for label in self.labels
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the number of topics, and how words were chosen."""
        known = any(label.coherent is not None for label in self.labels)
        return {"topics": len(self.labels), "coherence_measured": known, **self.settings}

    def text(self, width: int = WIDTH) -> str:
        """Give one line for each label, with a warning where coherence is not above chance."""
        said = {True: "", False: "  (unreliable: no more coherent than chance)", None: ""}
        lines = [f"{one.name:>4}  {one}{said[one.coherent]}" for one in self.labels]
        return "\n".join(
            line if len(line) <= width else f"{line[: width - 3].rstrip()}..." for line in lines
        )


def topic_labels(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None = None,
    words: int = 3,
    frequent: int = 4000,
    coherence: CoherenceTable | None = None,
    level: float = 0.05,
) -> LabelTable:
    """Label both ends of each mode with words that are extreme in it and particular to it.

    The score of word i for mode k is |W_ik| |W_ik| / |W_i|: its entry times its cosine with
    the mode. Words are taken by falling score. A word is kept for the mode on which it lies
    most, among all d modes, and only where a mode runs out of such words are others taken,
    each once. No label has a word with the stem (`share_stem`) of another label's. Both ends of
    a mode choose together and modes in their order, so that the sign of an eigenvector, which
    is arbitrary, makes no difference.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes, and words in order of frequency, the most frequent first.
    modes : iterable of int, optional
        Numbers of the modes, from 1. By default the first ten, or as many as there are.
    words : int, default 3
        Words of a label at most, up to 5.
    frequent : int, default 4000
        Only so many of the most frequent words serve.
    coherence : CoherenceTable, optional
        Coherence of the topics of the same modes: says which labels are reliable.
    level : float, default 0.05
        Share of false findings among the topics called coherent (`above_chance`).

    Returns
    -------
    LabelTable
        Both ends of each mode.

    Raises
    ------
    InputError
        A mode that is not there (`topics`); a number out of range; a topic without a
        coherence.

    Examples
    --------
    "hot" and "cold" lie on the first mode alone, "ice" on both:

    >>> from repsearch import Embeddings
    >>> words = ["ice", "hot", "cold", "loud", "quiet"]
    >>> vectors = [[-2.0, -2.0], [2.0, 0.0], [-2.0, 0.0], [0.0, 1.5], [0.0, -1.5]]
    >>> print(topic_labels(Embeddings(words, vectors), modes=[1], words=1))
      1+  hot
      1-  cold
    """
    if not is_whole(words) or not 1 <= words <= _MOST_WORDS:
        raise InputError(f"a label has 1 to {_MOST_WORDS} words; got {words!r}")
    # The probe of topics knows which modes there are, and says so.
    found = topics(source, modes=modes, words_per_end=1, frequent=frequent)
    numbers = list(dict.fromkeys(topic.mode for topic in found.topics))
    coherent: dict[str, bool | None] = dict.fromkeys(f"{k}{end}" for k in numbers for end in "+-")
    if coherence is not None:
        passed = above_chance(coherence, level=level)
        if missing := [name for name in coherent if name not in passed]:
            raise InputError(
                f"topic {missing[0]!r} has no coherence; measure that of the same modes"
            )
        coherent.update((name, passed[name]) for name in coherent)
    entries = leading_rows(source, found.considered)
    cosines = unit_rows(entries)
    chosen = _chosen(entries, cosines, source.words, sorted(numbers), words)
    ends: tuple[End, End] = ("+", "-")
    return LabelTable(
        tuple(
            TopicLabel(
                mode=mode,
                end=end,
                words=tuple(source.words[row] for row in chosen[mode, end]),
                shares=tuple(float(cosines[row, mode - 1] ** 2) for row in chosen[mode, end]),
                coherent=coherent[f"{mode}{end}"],
            )
            for mode in numbers
            for end in ends
        ),
        {"words": words, "frequent": found.considered, "false_discovery_rate": level},
    )


def _chosen(
    entries: Real, cosines: Real, names: tuple[str, ...], numbers: list[int], words: int
) -> dict[tuple[int, End], list[int]]:
    """Rows of the words of each label."""
    home = np.argmax(np.abs(entries), axis=1)
    # By their beginnings, for a word is compared with each that is taken of its own.
    taken: dict[str, list[str]] = {}
    labels: dict[tuple[int, End], list[int]] = {}
    for mode in numbers:
        labels[mode, "+"], labels[mode, "-"] = [], []
    # Words that lie most on the mode first; the rest only when every mode has had these.
    for own in (True, False):
        for mode in numbers:
            if min(len(labels[mode, "+"]), len(labels[mode, "-"])) >= words:
                continue
            column = entries[:, mode - 1]
            score = np.abs(column * cosines[:, mode - 1])
            # Only these are gone through: few lie most on a late mode, and it would take long.
            among = np.flatnonzero((home == mode - 1) == own)
            for row in among[np.argsort(-score[among], kind="stable")].tolist():
                if min(len(labels[mode, "+"]), len(labels[mode, "-"])) >= words:
                    break
                if score[row] == 0:
                    break
                label = labels[mode, "+" if column[row] > 0 else "-"]
                if len(label) >= words:
                    continue
                alike = taken.setdefault(beginning(names[row]), [])
                if any(share_stem(names[row], word) for word in alike):
                    continue
                label.append(row)
                alike.append(names[row])
    return labels

"""List the words at the two ends of each mode."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from probes.result import WIDTH, Result
from probes.shared.wording import counted
from repsearch.checks import is_whole
from repsearch.embeddings.neighbours import unit_rows
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.embeddings import Embeddings

Normalise = Literal["raw", "cosine"]
End = Literal["+", "-"]


@runtime_checkable
class Modes(Protocol):
    """Modes with eigenvalues, as `topics` needs them: those of a spectrum."""

    @property
    def words(self) -> tuple[str, ...]:
        """List the words.

        Returns
        -------
        tuple of str
            V words, the most frequent first.
        """

    @property
    def eigenvalues(self) -> NDArray[np.floating[Any]]:
        """Give the eigenvalues.

        Returns
        -------
        (d,) float
            In descending order.
        """

    @property
    def eigenvectors(self) -> NDArray[np.floating[Any]]:
        """Give the unit eigenvectors.

        Returns
        -------
        (V, d) float
            As columns.
        """


@dataclass(frozen=True)
class Topic:
    """The words at one end of one mode, the most extreme first.

    Parameters
    ----------
    mode : int
        Number of the mode, from 1.
    eigenvalue : float or None
        Eigenvalue of the mode; None where embeddings were given, which have none.
    end : {"+", "-"}
        Whether these are the largest or the smallest entries. Which end is
        which has no meaning: the sign of an eigenvector is arbitrary.
    words : tuple of str
        The words.
    entries : tuple of float
        Their entries: of W, or of W with rows of length one.

    Examples
    --------
    >>> Topic(1, 2.5, "+", ("ice", "snow"), (0.9, 0.7)).mean_entry
    0.8
    """

    mode: int
    eigenvalue: float | None
    end: End
    words: tuple[str, ...]
    entries: tuple[float, ...]

    @property
    def mean_entry(self) -> float:
        """Average the entries.

        Returns
        -------
        float
            In the units of the entries.
        """
        return float(np.mean(self.entries))


@dataclass(frozen=True)
class TopicTable(Result):
    """Topics of several modes, both ends of each.

    Parameters
    ----------
    topics : tuple of Topic
        Topics by mode, the positive end first.
    normalise : {"raw", "cosine"}
        What the entries are of.
    considered : int
        How many of the most frequent words were looked at.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> found = topics(BinaryAttributes([0.3, 0.2]).spectrum(), modes=[1], words_per_end=2)
    >>> [(topic.end, len(topic.words)) for topic in found.topics]
    [('+', 2), ('-', 2)]
    """

    name = "topics"
    figure = "probes.figures.words.topics:plot_topics"

    topics: tuple[Topic, ...]
    normalise: Normalise
    considered: int

    @property
    def diversity(self) -> float:
        """Measure how many of the words are different (Dieng, Ruiz and Blei 2020, TACL 8).

        Returns
        -------
        float
            Share of different words among all words of the topics, in (0, 1].
        """
        words = [word for topic in self.topics for word in topic.words]
        return len(set(words)) / len(words)

    def summary(self) -> str:
        """Say which words were looked at, and name the ends of the first mode."""
        modes = dict.fromkeys(topic.mode for topic in self.topics)
        listed = max(len(topic.words) for topic in self.topics)
        first = next(iter(modes))
        ends = " against ".join(
            ", ".join(topic.words[:3]) for topic in self.topics if topic.mode == first
        )
        by = "cosines with the mode" if self.normalise == "cosine" else "entries of W"
        return (
            f"{counted(len(modes), 'mode')}, {counted(listed, 'word')} at each end by {by}, among "
            f"the {self.considered:,} most frequent. Mode {first}: {ends}. Which end is + has no "
            f"meaning. {self.diversity:.0%} of the words of these topics are different; whether "
            "those of a topic belong together is not measured by their entries."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each word; ``place`` 1 is the most extreme word."""
        return [
            {
                "mode": topic.mode,
                "eigenvalue": topic.eigenvalue,
                "end": topic.end,
                "place": place,
                "word": word,
                "entry": entry,
            }
            for topic in self.topics
            for place, (word, entry) in enumerate(
                zip(topic.words, topic.entries, strict=True), start=1
            )
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of modes and words, and how words were ordered."""
        return {
            "modes": len({topic.mode for topic in self.topics}),
            "words_per_end": max(len(topic.words) for topic in self.topics),
            "frequent": self.considered,
            "normalise": self.normalise,
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out modes and words in lines of at most `width` characters.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal, at least 50.

        Returns
        -------
        str
            Long lists of words are wrapped.

        Raises
        ------
        InputError
            When the width is below 50.
        """
        if width < 50:
            raise InputError(f"a table of topics needs a width of 50 or more; got {width!r}")
        known = any(topic.eigenvalue is not None for topic in self.topics)
        head = f"{'mode':>4}  " + (f"{'eigenvalue':>10}  " if known else "") + "end  mean entry  "
        lines = [f"{head}words", "-" * width]
        for topic in self.topics:
            first = topic.end == "+"
            cells = f"{topic.mode if first else '':>4}  "
            if known:
                value = topic.eigenvalue if first and topic.eigenvalue is not None else None
                cells += f"{'' if value is None else f'{value:.5g}':>10}  "
            cells += f"{topic.end:>3}  {topic.mean_entry:>+10.3g}  "
            lines += textwrap.wrap(
                " ".join(topic.words),
                width,
                initial_indent=cells,
                subsequent_indent=" " * len(head),
                break_on_hyphens=False,
            )
        return "\n".join(lines)


_SHOWN = 10
"""Words at each end, where there are enough of them."""


def topics(
    source: Modes | Embeddings,
    *,
    modes: Iterable[int] | None = None,
    words_per_end: int | None = None,
    frequent: int = 4000,
    normalise: Normalise = "raw",
) -> TopicTable:
    """List the words with the largest and the smallest entries in each mode.

    For a spectrum the entries are those of W = V √Λ, the closed-form
    embeddings; for embeddings they are the vectors' columns as they are, which
    are modes only where the embeddings have principal axes for their columns.

    Parameters
    ----------
    source : Spectrum or Embeddings
        With d modes, and words in order of frequency, the most frequent first.
    modes : iterable of int, optional
        Numbers of the modes, from 1, in the order wanted, such as
        ``range(1, 21)``. By default the first ten, or as many as there are.
    words_per_end : int, optional
        Words listed at either end; ten by default, or half of a vocabulary of fewer than 20.
    frequent : int, default 4000
        Only so many of the most frequent words are looked at, since rare words
        have noisy entries. The paper's number.
    normalise : {"raw", "cosine"}, default "raw"
        Whether words are ordered by their entries, or by their entries after
        every word's row of W is divided by its length, that is by their cosine
        with the mode. The paper's figure 3 does the latter.

    Returns
    -------
    TopicTable
        Equal entries stand in the order of frequency.

    Raises
    ------
    InputError
        When a mode is not among the d, its eigenvalue is not positive (W has
        no such column), or a number is out of range.

    References
    ----------
    Karkada et al. 2025, arXiv:2502.09863, figure 3a and its program.

    Examples
    --------
    Words with an attribute stand at one end of its mode, those without at the other:

    >>> import probes
    >>> from repsearch import Embeddings
    >>> words = ["hot", "cold", "loud", "quiet"]
    >>> vectors = [[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
    >>> found = probes.topics(Embeddings(words, vectors), words_per_end=1)
    >>> [(topic.mode, topic.end, topic.words[0]) for topic in found.topics]
    [(1, '+', 'hot'), (1, '-', 'cold'), (2, '+', 'loud'), (2, '-', 'quiet')]
    """
    if normalise not in get_args(Normalise):
        raise InputError(f"normalise is 'raw' or 'cosine'; got {normalise!r}")
    if not is_whole(frequent) or frequent < 1:
        raise InputError(f"frequent is the number of words to look at, 1 or more; got {frequent!r}")
    considered = min(frequent, len(source.words))
    if words_per_end is None:
        words_per_end = words_shown(considered)
    if not is_whole(words_per_end) or not 1 <= words_per_end <= considered:
        raise InputError(
            f"words_per_end lies between 1 and the {considered} words looked at; "
            f"got {words_per_end!r}"
        )
    eigenvalues, rows = _rows(source, considered)
    numbers = _checked_modes(modes, eigenvalues, rows.shape[1])
    if normalise == "cosine":
        rows = unit_rows(rows)
    found = []
    for mode in numbers:
        column = rows[:, mode - 1]
        ends: tuple[tuple[End, NDArray[np.float64]], ...] = (("+", -column), ("-", column))
        for end, key in ends:
            best = np.argsort(key, kind="stable")[:words_per_end]
            found.append(
                Topic(
                    mode=mode,
                    eigenvalue=None if eigenvalues is None else float(eigenvalues[mode - 1]),
                    end=end,
                    words=tuple(source.words[row] for row in best),
                    entries=tuple(float(column[row]) for row in best),
                )
            )
    return TopicTable(tuple(found), normalise=normalise, considered=considered)


def words_shown(considered: int) -> int:
    """Give the number of words at each end where none was asked for.

    Parameters
    ----------
    considered : int
        Number of words that are looked at.

    Returns
    -------
    int
        Ten, or half of them, so that no word stands at both ends.

    Examples
    --------
    >>> words_shown(4000), words_shown(7), words_shown(1)
    (10, 3, 1)
    """
    return min(_SHOWN, max(considered // 2, 1))


def _rows(
    source: Modes | Embeddings, considered: int
) -> tuple[NDArray[np.floating[Any]] | None, NDArray[np.float64]]:
    if not isinstance(source, Modes):
        return None, np.asarray(source.vectors[:considered], dtype=np.float64)
    eigenvalues = np.asarray(source.eigenvalues)
    vectors = np.asarray(source.eigenvectors[:considered], dtype=np.float64)
    return eigenvalues, vectors * np.sqrt(np.maximum(eigenvalues, 0.0))


def _checked_modes(
    modes: Iterable[int] | None, eigenvalues: NDArray[np.floating[Any]] | None, d: int
) -> tuple[int, ...]:
    usable = d if eigenvalues is None else int(np.count_nonzero(eigenvalues > 0))
    if usable == 0:
        raise InputError("no mode has a positive eigenvalue, so there are no topics; check counts")
    numbers = tuple(range(1, min(10, usable) + 1)) if modes is None else tuple(modes)
    if not numbers:
        raise InputError("no modes are asked for; give numbers from 1, such as range(1, 11)")
    for mode in numbers:
        if not is_whole(mode) or not 1 <= mode <= d:
            raise InputError(f"there is no mode {mode!r}; modes are numbered from 1 to {d}")
        if mode > usable and eigenvalues is not None:
            raise InputError(
                f"mode {mode} has eigenvalue {eigenvalues[mode - 1]:.3g}, so the embeddings have "
                f"no such column; the modes with positive eigenvalues are 1 to {usable}"
            )
    return tuple(int(mode) for mode in numbers)

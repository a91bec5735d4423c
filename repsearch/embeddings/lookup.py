"""Look words up in a vocabulary: as given first, in another spelling where only that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from repsearch.embeddings.embeddings import Embeddings
from repsearch.embeddings.spellings import folded_rows
from repsearch.text.normalisation import fold, normalise

_SHOWN = 3


@dataclass(frozen=True)
class WordsFound:
    """Words that were looked up, by the way they were found.

    Parameters
    ----------
    rows : mapping of str to int
        Row of each word that is covered: that is there in some spelling, with a vector
        that is not zero.
    spelt : mapping of str to str
        The vocabulary's spelling, of the covered words that are not found as given.
    lower_case : tuple of str
        Words found in lower case only.
    other_spelling : tuple of str
        Words found only in another spelling: other capitals, another Unicode form.
    zero : tuple of str
        Words whose only vectors are zero, which have no direction and are not covered.
    missing : tuple of str
        Words that are there in no spelling.
    choices : mapping of str to tuple of str
        Spellings that the vocabulary has of a word, the one taken first, where there are several.
    collisions : tuple of tuple of str
        Words that were given apart and fell on one vector.

    Examples
    --------
    >>> import numpy as np
    >>> from repsearch import Embeddings
    >>> emb = Embeddings(("athens", "Rome", "void"), np.array([[1.0, 0], [0, 1], [0, 0]]))
    >>> found = look_up(emb, ["Athens", "athens", "rome", "void", "Oslo"])
    >>> found.rows
    {'Athens': 0, 'athens': 0, 'rome': 1}
    >>> print(found)
    Of 5 words, 1 is found as given, 1 in lower case, 1 in another spelling; 1 is not in the
    vocabulary; 1 is not covered, its vector being zero. One vector stands for several words: Athens
    and athens.
    """

    rows: Mapping[str, int]
    spelt: Mapping[str, str] = field(default_factory=dict)
    lower_case: tuple[str, ...] = ()
    other_spelling: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    collisions: tuple[tuple[str, ...], ...] = ()

    @property
    def as_given(self) -> int:
        """Number of words found as they were given."""
        return len(self.rows) - len(self.spelt)

    def spelling(self, word: str) -> str:
        """Give the vocabulary's spelling of a word.

        Parameters
        ----------
        word : str
            One of those looked up.

        Returns
        -------
        str
            The word itself where it is found as given, or not at all.
        """
        return self.spelt.get(word, word)

    def cells(self) -> dict[str, int]:
        """Give the numbers of words by the way they were found.

        Returns
        -------
        dict of str to int
            For a table or the settings of a result.
        """
        return {
            "words_as_given": self.as_given,
            "words_in_lower_case": len(self.lower_case),
            "words_in_another_spelling": len(self.other_spelling),
            "words_missing": len(self.missing),
            "words_zero": len(self.zero),
        }

    def __str__(self) -> str:
        number = len(self.rows) + len(self.zero) + len(self.missing)
        others = {
            "in lower case": len(self.lower_case),
            "in another spelling": len(self.other_spelling),
        }
        ways = [f"{self.as_given:,} {_is(self.as_given)} found as given"]
        ways += [f"{many:,} {way}" for way, many in others.items() if many]
        parts = [", ".join(ways)]
        if missing := len(self.missing):
            parts.append(f"{missing:,} {_is(missing)} not in the vocabulary")
        if zero := len(self.zero):
            vectors = "its vector" if zero == 1 else "their vectors"
            parts.append(f"{zero:,} {_is(zero)} not covered, {vectors} being zero")
        said = f"Of {number:,} word{'s' * (number != 1)}, {'; '.join(parts)}."
        if self.collisions:
            shown = _listed([" and ".join(words) for words in self.collisions])
            said += f" One vector stands for several words: {shown}."
        if self.choices:
            shown = _listed([f"{word} ({', '.join(c)})" for word, c in self.choices.items()])
            said += (
                f" Of several spellings the lower-case one was taken, or else the first: {shown}."
            )
        return said


class _Words:
    """A vocabulary without vectors."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.index = {word: row for row, word in enumerate(words)}

    @cached_property
    def folded(self) -> Mapping[str, Sequence[int]]:
        return folded_rows(self.words)


def look_up(
    vocabulary: Embeddings | Sequence[str],
    words: Iterable[str],
    *,
    keep_case: bool = False,
    zero: bool = False,
) -> WordsFound:
    """Look words up, each as given first and in another spelling where only that is there.

    The ways, in this order: as given; in normalisation form C; that in lower case; any
    word of the vocabulary that is equal after full case folding. Of several such words
    the one in lower case is taken, and without one the first, which is the most
    frequent. Where there is none, the case of Turkish and Azerbaijani is tried, whose "I"
    is the capital of "ı": "Işık" is found as "ışık", unless "işık" is there. A word whose
    vector is zero has no direction and is passed over.

    Parameters
    ----------
    vocabulary : Embeddings or sequence of str
        Embeddings, or distinct words such as those of counts, the most frequent first.
    words : iterable of str
        Words; repeats are looked up once.
    keep_case : bool, default False
        Whether capitals are kept, and a word is found as given or in normalisation form C only.
    zero : bool, default False
        Whether a word whose vector is zero is found as well: at a moment of training, zero
        is a value as any other.

    Returns
    -------
    WordsFound

    Examples
    --------
    Capitals tell two words apart where the vocabulary does:

    >>> import numpy as np
    >>> from repsearch import Embeddings
    >>> emb = Embeddings(("turkey", "Turkey"), np.array([[1.0, 0], [0, 1]]))
    >>> look_up(emb, ["Turkey", "turkey", "TURKEY"]).rows
    {'Turkey': 1, 'turkey': 0, 'TURKEY': 0}
    """
    known = vocabulary if isinstance(vocabulary, Embeddings) else _Words(tuple(vocabulary))
    index, every = known.index, np.ones(len(known.words), dtype=bool)
    covered = known.has_direction if isinstance(known, Embeddings) and not zero else every
    rows: dict[str, int] = {}
    spelt: dict[str, str] = {}
    ways: dict[str, list[str]] = {"lower": [], "other": [], "zero": [], "missing": []}
    choices: dict[str, tuple[str, ...]] = {}
    for word in dict.fromkeys(words):
        row = index.get(word)
        if row is not None and covered[row]:
            rows[word] = row
            continue
        exact = normalise(word)
        near = [] if row is None else [row]
        for way, spelling in (("other", exact), ("lower", exact.lower())):
            row = index.get(spelling)
            if row is None or (keep_case and way == "lower"):
                continue
            near.append(row)
            if covered[row]:
                break
        else:
            way = "other"
            key = fold(word)
            own = [index[key]] if key in index else []
            found = known.folded.get(key, own)
            if keep_case:
                found = [n for n in found if normalise(known.words[n]) == exact]
            turkish = index.get(fold(word, language="tr"))
            if not found and turkish is not None and not keep_case:
                found = [turkish]
            near += found
            several = [n for n in near if covered[n]]
            row = _preferred(several, known.words, exact)
            if len(several) > 1 and row is not None:
                others = [known.words[n] for n in several if n != row]
                choices[word] = (known.words[row], *others)
        if row is None:
            ways["zero" if near else "missing"].append(word)
            continue
        rows[word] = row
        spelt[word] = known.words[row]
        ways[way].append(word)
    return WordsFound(
        rows=rows,
        spelt=spelt,
        lower_case=tuple(ways["lower"]),
        other_spelling=tuple(ways["other"]),
        zero=tuple(ways["zero"]),
        missing=tuple(ways["missing"]),
        choices=choices,
        collisions=_collisions(rows),
    )


def _preferred(rows: Sequence[int], words: Sequence[str], exact: str) -> int | None:
    """The same capitals first, then lower case, then the most frequent."""
    if not rows:
        return None
    return min(
        rows,
        key=lambda row: (
            normalise(words[row]) != exact,
            words[row] != words[row].lower(),
            row,
        ),
    )


def _collisions(rows: Mapping[str, int]) -> tuple[tuple[str, ...], ...]:
    if len(set(rows.values())) == len(rows):
        return ()
    by_row: dict[int, list[str]] = {}
    for word, row in rows.items():
        by_row.setdefault(row, []).append(word)
    return tuple(tuple(words) for words in by_row.values() if len(words) > 1)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _listed(items: Sequence[str]) -> str:
    shown = "; ".join(items[:_SHOWN])
    more = len(items) - _SHOWN
    return f"{shown}; and {more:,} more" if more > 0 else shown

"""Hold relations: families of word pairs."""

from __future__ import annotations

import zlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from probes.shared.wording import counted
from repsearch.checks import is_whole
from repsearch.embeddings import Embeddings, WordsFound, look_up
from repsearch.errors import InputError

Pair = tuple[str, str]


@dataclass(frozen=True)
class Relations:
    """Families of word pairs, each pair an instance of its family's relation.

    Parameters
    ----------
    families : mapping of str to iterable of (str, str)
        Pairs of every family, such as ``{"family": [("king", "queen"), ...]}``.
        The order of families and pairs is kept; a pair that comes again within
        its family is kept once, for a second copy would be no second instance.
    name : str, optional
        What tables and figures call the collection.
    source : str, optional
        Where it comes from: a file, or a citation.
    answers : mapping of str to mapping of (str, str) to tuple of str, optional
        Further words that are right as the second of a pair, by family and pair, such as
        ``{"family": {("boy", "girl"): ("lass",)}}``.
    keep_case : bool, default False
        Whether words are looked up with their capitals only; otherwise another spelling is
        taken where only that is in the vocabulary (`repsearch.embeddings.look_up`).

    Raises
    ------
    InputError
        When there is no pair at all, a family has no name, or an entry is not
        two non-empty words.

    Examples
    --------
    >>> relations = Relations({"plural": [("cat", "cats"), ("dog", "dogs")]}, name="toy")
    >>> print(relations)
    toy: 2 pairs in 1 family
    >>> relations.within({"cat", "cats", "dog"}).families["plural"]
    (('cat', 'cats'),)
    """

    families: Mapping[str, tuple[Pair, ...]]
    name: str = ""
    source: str = ""
    answers: Mapping[str, Mapping[Pair, tuple[str, ...]]] = field(default_factory=dict)
    keep_case: bool = False

    def __post_init__(self) -> None:
        families = {
            family: tuple(dict.fromkeys(_pair(family, pair) for pair in pairs))
            for family, pairs in self.families.items()
        }
        if not any(families.values()):
            raise InputError(
                f"the relations {self.source or self.name} hold no pair; give at least one family"
            )
        if not all(family.strip() for family in families):
            raise InputError("a family of relations has an empty name; name it")
        object.__setattr__(self, "families", MappingProxyType(families))

    @property
    def pair_count(self) -> int:
        """Count the pairs of all families together.

        Returns
        -------
        int
            One that two families share counts twice.
        """
        return sum(len(pairs) for pairs in self.families.values())

    def words(self) -> tuple[str, ...]:
        """Give the distinct words of all pairs, further answers included.

        Returns
        -------
        tuple of str
            In their order.
        """
        return tuple(
            dict.fromkeys(
                word
                for family, pairs in self.families.items()
                for pair in pairs
                for word in (*pair, *self.further(family, pair))
            )
        )

    def further(self, family: str, pair: Pair) -> tuple[str, ...]:
        """Give the further words that are right as the second of a pair.

        Parameters
        ----------
        family : str
            Its family.
        pair : (str, str)
            The pair.

        Returns
        -------
        tuple of str
            Mostly none.
        """
        return self.answers.get(family, {}).get(pair, ())

    def look_up(self, embeddings: Embeddings, *, zero: bool = False) -> WordsFound:
        """Look the words of all pairs up in a vocabulary.

        Parameters
        ----------
        embeddings : Embeddings
            The vocabulary.
        zero : bool, default False
            Whether words whose vector is zero are found as well.

        Returns
        -------
        WordsFound
        """
        return look_up(embeddings, self.words(), keep_case=self.keep_case, zero=zero)

    def spelt(self, found: WordsFound) -> Relations:
        """Write the pairs as the vocabulary spells their words.

        Parameters
        ----------
        found : WordsFound
            What `look_up` gave.

        Returns
        -------
        Relations
            The second word of a pair is the first of its answers that is covered; words that
            are not stay as they are. Pairs that become equal are one.
        """
        families: dict[str, list[Pair]] = {}
        answers: dict[str, dict[Pair, tuple[str, ...]]] = {}
        for family, pairs in self.families.items():
            families[family] = []
            for pair in pairs:
                right = [pair[1], *self.further(family, pair)]
                known = [found.spelling(word) for word in right if word in found.rows] or right
                spelt = (found.spelling(pair[0]), known[0])
                families[family].append(spelt)
                if known[1:]:
                    answers.setdefault(family, {})[spelt] = tuple(dict.fromkeys(known[1:]))
        spelt_families = {family: tuple(pairs) for family, pairs in families.items()}
        return replace(self, families=spelt_families, answers=answers)

    def within(self, vocabulary: Container[str]) -> Relations:
        """Keep the pairs whose two words are both in a vocabulary.

        Parameters
        ----------
        vocabulary : container of str
            The words there are. Those of `Embeddings` are looked up as `look_up` does, and
            the pairs kept are in their spelling; of others exact strings are looked for.

        Returns
        -------
        Relations
            All families are kept, some perhaps without a pair.

        Raises
        ------
        InputError
            When no pair is left.
        """
        asked = self
        if isinstance(vocabulary, Embeddings):
            found = self.look_up(vocabulary)
            asked = self.spelt(found)
            vocabulary = {found.spelling(word) for word in found.rows}
        kept = {
            family: tuple(pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary)
            for family, pairs in asked.families.items()
        }
        if not any(kept.values()):
            raise InputError(
                f"no pair of the relations {self.name} has both its words in the vocabulary, in "
                "any spelling; check that both are of one language"
            )
        return replace(asked, families=kept)

    def select(self, names: Iterable[str]) -> Relations:
        """Keep some of the families.

        Parameters
        ----------
        names : iterable of str
            Names of the families.

        Returns
        -------
        Relations
            With those families, in that order.

        Raises
        ------
        InputError
            When there is no family of one of the names.
        """
        names = tuple(names)
        for name in names:
            if name not in self.families:
                raise InputError(
                    f"there is no family {name!r}; there are {', '.join(self.families)}"
                )
        return replace(self, families={name: self.families[name] for name in names})

    def shuffled(self, *, seed: int = 0) -> Relations:
        """Pair the first words of each family with the second words of others of its pairs.

        The null of what is measured of pairs: the same words, and no relation. Along a random
        cycle of the family's pairs, so that none stays; what falls on a pair of the family by
        chance, or on twice the same word, is left out.

        Parameters
        ----------
        seed : int, default 0
            Seed of the cycles, which also depend on the family's name and not on other families.

        Returns
        -------
        Relations
            All families are kept, some perhaps without a pair; one of a single pair has none.

        Raises
        ------
        InputError
            The seed is no whole number from 0 up, or no family has two pairs that differ in
            both words.

        Examples
        --------
        >>> pairs = [("athens", "greece"), ("paris", "france"), ("rome", "italy")]
        >>> Relations({"capital": pairs}).shuffled().families["capital"][0]
        ('athens', 'italy')
        """
        if not is_whole(seed) or seed < 0:
            raise InputError(f"a seed is a whole number from 0 up; got {seed!r}")
        families: dict[str, tuple[Pair, ...]] = {}
        for family, pairs in self.families.items():
            rng = np.random.default_rng([seed, zlib.crc32(family.encode())])
            order = rng.permutation(len(pairs)).tolist()
            following = dict(zip(order, [*order[1:], *order[:1]], strict=True))
            known = {
                (pair[0], right)
                for pair in pairs
                for right in (pair[1], *self.further(family, pair))
            }
            made = [(pair[0], pairs[following[k]][1]) for k, pair in enumerate(pairs)]
            families[family] = tuple(
                pair for pair in made if pair not in known and pair[0] != pair[1]
            )
        if not any(families.values()):
            raise InputError(
                f"no family of the relations {self.name} has two pairs that differ in both words, "
                "so none can be shuffled; add pairs"
            )
        return replace(self, families=families, name=f"{self.name} shuffled".strip(), answers={})

    def __str__(self) -> str:
        return (
            f"{self.name or 'relations'}: {counted(self.pair_count, 'pair')} in "
            f"{counted(len(self.families), 'family', 'families')}"
        )


def _pair(family: str, pair: Iterable[object]) -> Pair:
    # A string of two letters is iterable, but no pair.
    words = (pair,) if isinstance(pair, str) else tuple(pair)
    if len(words) == 2:
        first, second = words
        if isinstance(first, str) and isinstance(second, str) and first and second:
            return first, second
    raise InputError(f"family {family!r} holds {pair!r}; a pair is two non-empty words")

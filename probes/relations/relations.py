"""Hold relations: families of word pairs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from probes.shared.wording import counted
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

    def within(self, vocabulary: Container[str]) -> Relations:
        """Keep the pairs whose two words are both in a vocabulary.

        Parameters
        ----------
        vocabulary : container of str
            The words there are, such as an `Embeddings`.

        Returns
        -------
        Relations
            All families are kept, some perhaps without a pair.

        Raises
        ------
        InputError
            When no pair is left.
        """
        kept = {
            family: tuple(pair for pair in pairs if pair[0] in vocabulary and pair[1] in vocabulary)
            for family, pairs in self.families.items()
        }
        if not any(kept.values()):
            raise InputError(
                f"no pair of the relations {self.name} has both its words in the vocabulary; "
                "check the language, and the case: relations are read in lower case "
                "unless lowercase=False is passed"
            )
        return Relations(kept, name=self.name, source=self.source)

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
        return Relations(
            {name: self.families[name] for name in names}, name=self.name, source=self.source
        )

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

"""Hold analogy questions, four words each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from probes.relations.relations import Pair, Relations
from probes.shared.wording import counted
from repsearch.embeddings import Embeddings, WordsFound, look_up
from repsearch.errors import InputError

Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class Questions:
    """Analogy questions a : b :: a′ : b′ by family; b′ is the answer.

    Parameters
    ----------
    families : mapping of str to iterable of (str, str, str, str)
        Questions of every family. Their order is kept, repeats as well.
    name : str, optional
        What tables call the collection.
    source : str, optional
        Where it comes from: a file, or a citation.
    keep_case : bool, default False
        Whether words are looked up with their capitals only, as of `Relations`.

    Raises
    ------
    InputError
        When there is no question at all or one is not four non-empty words.

    Examples
    --------
    >>> questions = Questions({"family": [("man", "king", "woman", "queen")]}, name="toy")
    >>> print(questions)
    toy: 1 question in 1 family
    >>> questions.relations().families["family"]
    (('man', 'king'), ('woman', 'queen'))
    """

    families: Mapping[str, tuple[Question, ...]]
    name: str = ""
    source: str = ""
    keep_case: bool = False

    def __post_init__(self) -> None:
        families = {
            family: tuple(_question(family, question) for question in questions)
            for family, questions in self.families.items()
        }
        if not any(families.values()):
            raise InputError(
                f"the questions {self.source or self.name} are none; give at least one family"
            )
        object.__setattr__(self, "families", MappingProxyType(families))

    @property
    def question_count(self) -> int:
        """Count the questions of all families together.

        Returns
        -------
        int
            Repeats included.
        """
        return sum(len(questions) for questions in self.families.values())

    def relations(self) -> Relations:
        """Collect the distinct pairs (a, b) and (a′, b′) of every family.

        Returns
        -------
        Relations
            In the questions' order; from a full file of questions these are the pairs it
            was made of.
        """
        return Relations(
            {
                family: tuple(
                    pair for question in questions for pair in (question[:2], question[2:])
                )
                for family, questions in self.families.items()
            },
            name=self.name,
            source=self.source,
            keep_case=self.keep_case,
        )

    def words(self) -> tuple[str, ...]:
        """Give the distinct words of all questions.

        Returns
        -------
        tuple of str
            In their order.
        """
        return tuple(
            dict.fromkeys(
                word
                for questions in self.families.values()
                for question in questions
                for word in question
            )
        )

    def look_up(self, embeddings: Embeddings) -> WordsFound:
        """Look the words of all questions up in a vocabulary.

        Parameters
        ----------
        embeddings : Embeddings
            The vocabulary.

        Returns
        -------
        WordsFound
        """
        return look_up(embeddings, self.words(), keep_case=self.keep_case)

    def __str__(self) -> str:
        return (
            f"{self.name or 'questions'}: {counted(self.question_count, 'question')} "
            f"in {counted(len(self.families), 'family', 'families')}"
        )


def pairs_of(question: Question) -> tuple[Pair, Pair]:
    """Split a question into its two pairs.

    Parameters
    ----------
    question : (str, str, str, str)
        The words a, b, a′, b′.

    Returns
    -------
    tuple of ((str, str), (str, str))
        The pairs (a, b) and (a′, b′).

    Examples
    --------
    >>> pairs_of(("man", "king", "woman", "queen"))
    (('man', 'king'), ('woman', 'queen'))
    """
    return question[:2], question[2:]


def _question(family: str, question: Iterable[object]) -> Question:
    words = () if isinstance(question, str) else tuple(question)
    strings = [word for word in words if isinstance(word, str) and word]
    if len(words) != 4 or len(strings) != 4:
        raise InputError(
            f"family {family!r} holds {question!r}; a question is four non-empty words"
        )
    return strings[0], strings[1], strings[2], strings[3]

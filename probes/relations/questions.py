"""Read analogy questions as a file asks them, four words each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from probes.relations.relations import Pair, Relations
from probes.relations.word_files import checked_word, numbered_lines
from probes.shared.wording import counted
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
        )

    def __str__(self) -> str:
        return (
            f"{self.name or 'questions'}: {counted(self.question_count, 'question')} "
            f"in {counted(len(self.families), 'family', 'families')}"
        )


def read_questions(path: Path | str, *, lowercase: bool = True) -> Questions:
    r"""Read a file of analogy questions in the layout of Google's.

    A line ``: family`` begins a section; each other line is one question of
    four words. Empty lines and lines that begin with ``#`` are passed over.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8, such as ``questions-words.txt``.
    lowercase : bool, default True
        Whether words are put in lower case, as those of the paper's
        vocabularies are.

    Returns
    -------
    Questions
        Named after the file.

    Raises
    ------
    InputError
        When the file cannot be read, a line does not have four words, or a
        question stands before the first section; the message names the line.

    References
    ----------
    Mikolov, Chen, Corrado and Dean, "Efficient estimation of word
    representations in vector space", 2013, arXiv:1301.3781.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "toy.txt"
    ...     _ = path.write_text(": family\nman king woman queen\n")
    ...     read_questions(path).families["family"]
    (('man', 'king', 'woman', 'queen'),)
    """
    path = Path(path)
    found: dict[str, list[Question]] = {}
    family: str | None = None
    for number, line in numbered_lines(path):
        if line.startswith(":"):
            family = line[1:].strip()
            if not family:
                raise InputError(f"line {number} of {path} is a section without a name; add one")
            found.setdefault(family, [])
            continue
        if family is None:
            raise InputError(
                f"line {number} of {path} stands before any section; "
                "begin the file with a line ': family'"
            )
        words = [checked_word(word, path, number, lowercase=lowercase) for word in line.split()]
        if len(words) != 4:
            raise InputError(
                f"line {number} of {path} has {len(words)} word{'s' * (len(words) != 1)}; "
                "a question has four (a file of pairs is read with read_relations)"
            )
        found[family].append((words[0], words[1], words[2], words[3]))
    if not any(found.values()):
        raise InputError(f"{path} holds no question; write lines of four words below ': family'")
    return Questions(
        {family: tuple(questions) for family, questions in found.items()},
        name=path.stem,
        source=str(path),
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

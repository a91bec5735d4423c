"""Read analogy questions from a file, with sections or without."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from probes.relations.questions import Question, Questions
from probes.relations.tables import Row, heading_of, refuse_width, rows_of, separator_of
from probes.relations.word_files import checked_word, numbered_lines
from repsearch.errors import InputError

LAYOUTS = (
    "four words a line, below sections ': family' or without any, perhaps with a tag such as "
    "JJ_JJR first or last"
)
_TAG = re.compile(r"[A-Z]+[A-Z0-9$]*_[A-Z]+[A-Z0-9$]*")


def read_questions(path: Path | str, *, keep_case: bool = False) -> Questions:
    r"""Read a file of analogy questions, four words a line.

    The content shows the layout; empty lines and lines that begin with ``#``
    are passed over.

    * Sections, as in Google's file: a line ``: family``, then questions.
    * Questions alone, as in MSR's: one family, named after the file. A first or
      last column of tags (``JJ_JJR``) makes a family of each tag. Tabs, commas,
      semicolons or blanks separate the columns.
    * MSR's own two files, of three words a line (``.questions``) and of tag and
      answer (``.answers``) beside it.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8, such as ``questions-words.txt``.
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`Questions`).

    Returns
    -------
    Questions
        Named after the file.

    Raises
    ------
    InputError
        When the file cannot be read or a line is no question; the message
        names the line.

    References
    ----------
    Mikolov, Chen, Corrado and Dean, "Efficient estimation of word
    representations in vector space", 2013, arXiv:1301.3781; Mikolov, Yih and
    Zweig 2013, NAACL (MSR).

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
    lines = list(numbered_lines(path))
    if not lines:
        raise InputError(f"{path} holds no question; write {LAYOUTS}")
    sections = lines[0][1].startswith(":")
    found = _sections(lines, path) if sections else _table(lines, path)
    if not any(found.values()):
        raise InputError(f"{path} holds no question; write lines of four words below ': family'")
    return Questions(
        {family: tuple(questions) for family, questions in found.items()},
        name=path.stem,
        source=str(path),
        keep_case=keep_case,
    )


def _sections(lines: Sequence[tuple[int, str]], path: Path) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = {}
    family = ""
    for number, line in lines:
        if line.startswith(":"):
            family = line[1:].strip()
            if not family:
                raise InputError(f"line {number} of {path} is a section without a name; add one")
            found.setdefault(family, [])
            continue
        fields = line.split()
        if len(fields) != 4:
            raise InputError(
                f"line {number} of {path} has {len(fields)} word{'s' * (len(fields) != 1)}; "
                "a question has four (a file of two is one of relations, not of questions)"
            )
        found[family].append(_question(fields, path, number))
    return found


def _table(lines: Sequence[tuple[int, str]], path: Path) -> dict[str, list[Question]]:
    separator = separator_of([line for _, line in lines])
    rows = rows_of(lines, separator)
    heading = heading_of(rows[0].fields)
    first, body = rows[0], rows[1:] if heading else rows
    for row in body:
        refuse_width(row, path, "the words of a question", first=first, separator=separator)
    width = len(first.fields)
    words: tuple[int, ...] = tuple(range(4))
    family: int | None = None
    if heading is not None and len(heading.words) == 4:
        words, family = heading.words, heading.family
    elif width == 5 and body and all(_TAG.fullmatch(row.fields[0]) for row in body):
        words, family = (1, 2, 3, 4), 0
    elif width == 5 and body and all(_TAG.fullmatch(row.fields[4]) for row in body):
        family = 4
    elif width == 3 and (answers := path.with_suffix(".answers")) != path and answers.is_file():
        return _with_answers(body, path, answers)
    elif width != 4:
        raise InputError(
            f"line {first.number} of {path} has {width} field{'s' * (width != 1)}, where a "
            f"question has four; a file of questions has {LAYOUTS}"
        )
    found: dict[str, list[Question]] = {}
    for row in body:
        name = path.stem if family is None else checked_word(row.fields[family], path, row.number)
        fields = [row.fields[place] for place in words]
        found.setdefault(name, []).append(_question(fields, path, row.number))
    return found


def _with_answers(body: Sequence[Row], path: Path, answers: Path) -> dict[str, list[Question]]:
    right = rows_of(numbered_lines(answers), "tabs or blanks")
    if len(right) != len(body):
        raise InputError(
            f"{path} has {len(body)} questions but {answers} has {len(right)} answers; get both "
            "from one place"
        )
    found: dict[str, list[Question]] = {}
    for row, answer in zip(body, right, strict=True):
        if len(answer.fields) != 2:
            raise InputError(
                f"line {answer.number} of {answers} has {len(answer.fields)} fields; an answer is "
                "a tag and a word"
            )
        tag, word = answer.fields
        found.setdefault(tag, []).append(_question([*row.fields, word], path, row.number))
    return found


def _question(fields: Sequence[str], path: Path, number: int) -> Question:
    a, b, c, d = (checked_word(field, path, number) for field in fields)
    return a, b, c, d

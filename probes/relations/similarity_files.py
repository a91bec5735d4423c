"""Read word pairs with human scores, in the layouts that they come in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import as_file, files
from math import isfinite, isnan, nan
from pathlib import Path

import numpy as np

from probes.relations.relations import Pair
from probes.relations.similarity_sets import SimilaritySet
from probes.relations.tables import Row, heading_of, refuse_width, rows_of, separator_of
from probes.relations.word_files import checked_word, numbered_lines
from repsearch.errors import InputError

_CARRIED = {
    "wordsim353": "Finkelstein et al. 2002, ACM TOIS 20, 116-131 (CC BY 4.0)",
    "men3000": "Bruni, Tran and Baroni 2014, JAIR 49, 1-47 (CC BY 2.0)",
    "simlex999": "Hill, Reichart and Korhonen 2015, Computational Linguistics 41, 665-695",
}
_SCORES = {
    *("simlex999", "human (mean)", "score", "scores", "rating", "similarity", "sim", "mean"),
    *("gold", "gold score", "relatedness", "average", "avg", "avg score", "average score"),
    *("mean score", "mean rating", "human", "human score", "simverb", "value", "average rating"),
}
_LEMMA = re.compile(r"[-_][nvjar]")
"""Ending of MEN's lemma form: cat-n, run-v, red-j."""


def read_similarity(path: Path | str, *, keep_case: bool = False) -> SimilaritySet:
    r"""Read word pairs with scores, one a line: word, word and score.

    Tabs, commas, semicolons or blanks separate the fields; a comma may be the
    decimal sign where it does not separate. Empty lines and lines that begin
    with ``#`` are passed over; any other line that is not as described is an
    error, so that no pair is lost unseen.

    * Three columns: word, word, score (MEN, RG-65, MTurk-771, WordSim-353).
    * A heading line, and further columns: of SimLex-999 the column
      ``SimLex999`` is taken, of WordSim-353 ``Human (mean)``, of others the
      one called score, rating, mean or the like.
    * Without a heading, further columns that are no numbers (SimVerb-3500), or
      whose mean the first number is (the raters of Rare Words).
    * MEN's lemma form (``cat-n``): the ending is taken off if all words have one.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8.
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`SimilaritySet`).

    Returns
    -------
    SimilaritySet
        Named after the file.

    Raises
    ------
    InputError
        When the file cannot be read or a line is not as described; the message
        names the line.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "toy.csv"
    ...     _ = path.write_text("Word 1,Word 2,Human (mean)\ncat,lion,7.5\ncat,car,1.0\n")
    ...     read_similarity(path).pairs
    (('cat', 'lion'), ('cat', 'car'))
    """
    path = Path(path)
    lines = list(numbered_lines(path))
    if not lines:
        raise InputError(f"{path} holds no pair; write lines of word, word and score with tabs")
    separator = separator_of([line for _, line in lines])
    rows = rows_of(lines, separator)
    first = rows[0]
    headed = _is_heading(first)
    body = rows[1:] if headed else rows
    for row in body:
        refuse_width(
            row,
            path,
            "the columns of its heading" if headed else "a pair and its score",
            first=first,
            separator=separator,
        )
    if len(first.fields) < 3 or not body:
        found = len(first.fields)
        raise InputError(
            f"line {first.number} of {path} has {found} field{'s' * (found != 1)}"
            f"{' and no score below it' * (found > 2)}; write word, word and score, separated by "
            "tabs, commas, semicolons or blanks"
        )
    column = _column_of_heading(first, body, path) if headed else _column_of_scores(body, path)
    pairs: list[Pair] = []
    for row in body:
        a, b = (checked_word(word, path, row.number) for word in row.fields[:2])
        pairs.append((a, b))
    return SimilaritySet(
        tuple(_without_lemma_endings(pairs)),
        np.array([_score(row, column, path) for row in body]),
        name=path.stem,
        source=str(path),
        keep_case=keep_case,
    )


def similarity_sets(*, keep_case: bool = False) -> dict[str, SimilaritySet]:
    """Open the carried sets WordSim-353, MEN and SimLex-999.

    Parameters
    ----------
    keep_case : bool, default False
        Whether words are looked up with their capitals only (`SimilaritySet`).

    Returns
    -------
    dict of str to SimilaritySet
        ``wordsim353`` (353 pairs) and ``men3000`` (3,000) hold ratings of
        relatedness, ``simlex999`` (999) of similarity in the narrow sense. The
        files' first lines have citation and licence.

    Examples
    --------
    >>> {name: len(dataset) for name, dataset in similarity_sets().items()}
    {'wordsim353': 353, 'men3000': 3000, 'simlex999': 999}
    """
    found = {}
    for name, source in _CARRIED.items():
        with as_file(files("repsearch.data") / f"{name}.tsv") as path:
            read = read_similarity(path)
        found[name] = SimilaritySet(
            read.pairs, read.scores, name=name, source=source, keep_case=keep_case
        )
    return found


def _is_heading(first: Row) -> bool:
    """Whether a line names columns; one that only lacks a number is a bad line."""
    names = [field.lower() for field in first.fields]
    return heading_of(names) is not None or any(name in _SCORES for name in names[2:])


def _column_of_heading(heading: Row, body: Sequence[Row], path: Path) -> int:
    names = [field.lower() for field in heading.fields]
    called = [place for place in range(2, len(names)) if names[place] in _SCORES]
    if len(called) == 1:
        return called[0]
    numbers = [
        place
        for place in range(2, len(names))
        if all(_is_number(row.fields[place]) for row in body)
    ]
    among = called or numbers
    if len(among) == 1:
        return among[0]
    shown = ", ".join(heading.fields)
    raise InputError(
        f"line {heading.number} of {path} is a heading ({shown}) with "
        f"{'several columns' if among else 'no column'} that may be the score; call "
        "one of them score, after two columns of words"
    )


def _column_of_scores(body: Sequence[Row], path: Path) -> int:
    """The one column of numbers, or the mean of those that follow it."""
    first = body[0]
    numbers = [place for place in range(2, len(first.fields)) if _is_number(first.fields[place])]
    if len(numbers) == 1 or len(first.fields) == 3:
        return numbers[0] if numbers else 2
    if numbers:
        values = np.array([[_number(row.fields[place]) for place in numbers] for row in body])
        rest = values[:, 1:]
        if np.isfinite(values).all() and np.allclose(values[:, 0], rest.mean(axis=1), atol=0.051):
            return numbers[0]
    raise InputError(
        f"line {first.number} of {path} has {len(numbers) or 'no'} numbers after its two words "
        "and the file has no heading, so that it is open which is the score (a decimal comma needs "
        "semicolons, tabs or quotes around the fields); add a heading with a column called score"
    )


def _score(row: Row, column: int, path: Path) -> float:
    score = _number(row.fields[column])
    if not isfinite(score):
        raise InputError(
            f"line {row.number} of {path} has the score {row.fields[column]!r}; write a number "
            "such as 7.5, or, if this is a heading, call the columns word1, word2 and score"
        )
    return score


def _is_number(text: str) -> bool:
    return not isnan(_number(text))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ".") if re.fullmatch(r"[-+]?\d+,\d+", text) else text)
    except ValueError:
        return nan


def _without_lemma_endings(pairs: list[Pair]) -> list[Pair]:
    if all(len(word) > 2 and _LEMMA.fullmatch(word[-2:]) for pair in pairs for word in pair):
        return [(first[:-2], second[:-2]) for first, second in pairs]
    return pairs

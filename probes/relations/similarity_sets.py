"""Read word pairs with human scores: the carried sets, and files."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from probes.relations.word_files import checked_word, numbered_lines
from repsearch.errors import InputError

_CARRIED = {
    "wordsim353": "Finkelstein et al. 2002, ACM TOIS 20, 116-131 (CC BY 4.0)",
    "men3000": "Bruni, Tran and Baroni 2014, JAIR 49, 1-47 (CC BY 2.0)",
    "simlex999": "Hill, Reichart and Korhonen 2015, Computational Linguistics 41, 665-695",
}


@dataclass(frozen=True, eq=False)
class SimilaritySet:
    """Word pairs with human scores.

    Parameters
    ----------
    pairs : sequence of (str, str)
        The n pairs; one may come again, with another score.
    scores : array_like of float, shape (n,)
        Their scores in any unit, higher meaning more similar. Kept read-only.
    name : str, optional
        What tables call the set.
    source : str, optional
        Where it comes from: a file, or a citation.

    Raises
    ------
    InputError
        When there is no pair, there are not as many scores, or one is not finite.

    Examples
    --------
    >>> dataset = SimilaritySet([("cat", "lion"), ("cat", "car")], [7.5, 1.0], name="toy")
    >>> len(dataset), float(dataset.scores.max())
    (2, 7.5)
    """

    pairs: tuple[Pair, ...]
    scores: NDArray[np.float64]
    name: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        pairs = tuple((first, second) for first, second in self.pairs)
        scores = np.array(self.scores, dtype=np.float64)
        if not pairs:
            raise InputError(f"the similarity set {self.name} has no pair; give some")
        if scores.shape != (len(pairs),):
            raise InputError(
                f"{len(pairs)} pairs need as many scores in one row; got shape {scores.shape}"
            )
        if not np.isfinite(scores).all():
            place = int(np.argmin(np.isfinite(scores)))
            raise InputError(
                f"the score of {' '.join(pairs[place])} is {scores[place]}; leave the pair out"
            )
        scores.flags.writeable = False
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        return len(self.pairs)


def read_similarity(path: Path | str, *, lowercase: bool = True) -> SimilaritySet:
    r"""Read word pairs with scores: word, word and score a line, separated by tabs or blanks.

    Empty lines and lines that begin with ``#`` are passed over; any other line
    that is not two words and a number is an error, so that no pair is lost
    unseen.

    Parameters
    ----------
    path : Path or str
        The file, in UTF-8.
    lowercase : bool, default True
        Whether words are put in lower case, as those of the paper's
        vocabularies are.

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
    ...     path = Path(folder) / "toy.txt"
    ...     _ = path.write_text("cat lion 7.5\ncat car 1.0\n")
    ...     read_similarity(path).pairs
    (('cat', 'lion'), ('cat', 'car'))
    """
    path = Path(path)
    pairs: list[Pair] = []
    scores: list[float] = []
    for number, line in numbered_lines(path):
        fields = line.split("\t") if "\t" in line else line.split()
        if len(fields) != 3:
            raise InputError(
                f"line {number} of {path} has {len(fields)} field{'s' * (len(fields) != 1)}; "
                "write word, word and score, separated by tabs"
            )
        try:
            score = float(fields[2])
        except ValueError:
            score = float("nan")
        if not isfinite(score):
            raise InputError(
                f"line {number} of {path} has the score {fields[2]!r}; write a number such as 7.5"
            )
        first, second = (checked_word(w, path, number, lowercase=lowercase) for w in fields[:2])
        pairs.append((first, second))
        scores.append(score)
    if not pairs:
        raise InputError(f"{path} holds no pair; write lines of word, word and score with tabs")
    return SimilaritySet(tuple(pairs), np.array(scores), name=path.stem, source=str(path))


def similarity_sets(*, lowercase: bool = True) -> dict[str, SimilaritySet]:
    """Open the carried sets WordSim-353, MEN and SimLex-999.

    Parameters
    ----------
    lowercase : bool, default True
        Whether words are put in lower case.

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
            read = read_similarity(path, lowercase=lowercase)
        found[name] = SimilaritySet(read.pairs, read.scores, name=name, source=source)
    return found

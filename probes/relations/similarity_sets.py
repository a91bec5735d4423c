"""Hold word pairs with human scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.relations.relations import Pair
from repsearch.embeddings import Embeddings, WordsFound, look_up
from repsearch.errors import InputError


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
    keep_case : bool, default False
        Whether words are looked up with their capitals only, as of `Relations`.

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
    keep_case: bool = False

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

    def words(self) -> tuple[str, ...]:
        """Give the distinct words of all pairs.

        Returns
        -------
        tuple of str
            In their order.
        """
        return tuple(dict.fromkeys(word for pair in self.pairs for word in pair))

    def look_up(self, embeddings: Embeddings) -> WordsFound:
        """Look the words of all pairs up in a vocabulary.

        Parameters
        ----------
        embeddings : Embeddings
            The vocabulary.

        Returns
        -------
        WordsFound
        """
        return look_up(embeddings, self.words(), keep_case=self.keep_case)

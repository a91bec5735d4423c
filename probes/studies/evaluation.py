"""Score embeddings on analogies and on human ratings of word pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probes.analogy import AnalogyResult, analogies
from probes.analogy.search import Method
from probes.relations import Questions, Relations, SimilaritySet
from probes.result import WIDTH, Result
from probes.similarity import SimilarityResult, similarity
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class SimilarityScores(Result):
    """Correlations with several sets of human ratings.

    Parameters
    ----------
    results : tuple of SimilarityResult
        One for each set, of the same embeddings.

    Raises
    ------
    InputError
        There is none.
    """

    name = "similarity"

    results: tuple[SimilarityResult, ...]

    def __post_init__(self) -> None:
        if not self.results:
            raise InputError("there is no similarity set; pass one or more")

    def summary(self) -> str:
        """Say how well cosines rank the pairs of each set."""
        return " ".join(result.summary() for result in self.results)

    def table(self) -> list[dict[str, Cell]]:
        """Give one row a set."""
        return [row for result in self.results for row in result.table()]

    def rests_on(self) -> dict[str, Cell]:
        """Give the embeddings, the numbers of pairs by set, and the settings of the intervals."""
        pairs: dict[str, Cell] = {
            f"pairs of {result.dataset or 'a set'}": result.pairs_used for result in self.results
        }
        return {"embeddings": self.results[0].embeddings, **pairs, **self.results[0].settings}

    def text(self, width: int = WIDTH) -> str:
        """Give one line a set."""
        return "\n".join(result.text(width) for result in self.results)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the correlations with their intervals, a row a set."""
        from probes.figures.relations.similarity import plot_similarity

        name = self.results[0].embeddings or "embeddings"
        return plot_similarity({name: self.results}, ax=ax)


@dataclass(frozen=True)
class Evaluation(Result):
    """Analogies and similarity of one embedding.

    Parameters
    ----------
    analogies : AnalogyResult
        Accuracy by family and in total.
    similarity : SimilarityScores
        Correlations with human ratings.
    """

    name = "analogies"

    analogies: AnalogyResult
    similarity: SimilarityScores

    def summary(self) -> str:
        """Say how many analogies are right, and how well cosines rank pairs."""
        return f"{self.analogies.summary()} {self.similarity.summary()}"

    def table(self) -> list[dict[str, Cell]]:
        """Give the rows of the analogies; those of similarity are a part of their own."""
        return self.analogies.table()

    def rests_on(self) -> dict[str, Cell]:
        """Give what the analogies rest on."""
        return self.analogies.rests_on()

    def parts(self) -> dict[str, Result]:
        """Give both, under the names of their files."""
        return {"analogies": self.analogies, "similarity": self.similarity}

    def text(self, width: int = WIDTH) -> str:
        """Lay out the table of families, then a line for each set of ratings."""
        return f"{self.analogies.text(width)}\n{self.similarity.text(width)}"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the accuracy of each family."""
        return self.analogies.plot(ax)


def evaluate(
    embeddings: Embeddings,
    asked: Relations | Questions,
    sets: Sequence[SimilaritySet],
    *,
    method: Method = "3CosAdd",
    seed: int = 0,
) -> Evaluation:
    """Score embeddings on analogies and on human ratings of word pairs.

    Parameters
    ----------
    embeddings : Embeddings
        Of the vocabulary to be asked.
    asked : Relations or Questions
        What analogies are made of.
    sets : sequence of SimilaritySet
        Word pairs with ratings, at least one set.
    method : {"3CosAdd", "3CosMul", "PairDirection", "3CosAvg"}
        How the candidates of an analogy are scored.
    seed : int, default 0
        Seed of the resampling behind the intervals of similarity.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        No question can be asked, or there is no similarity set.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> pairs = SimilaritySet([(world.words[0], word) for word in world.words[1:5]], [4, 3, 2, 1])
    >>> found = evaluate(world.spectrum().embeddings(3), Relations(world.relations), [pairs])
    >>> found.analogies.micro.value
    1.0
    """
    return Evaluation(
        analogies(embeddings, asked, method=method),
        SimilarityScores(tuple(similarity(embeddings, one, seed=seed) for one in sets)),
    )

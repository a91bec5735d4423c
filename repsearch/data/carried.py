"""Open data that come with the package: counts of a real corpus, relations, similarity sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from repsearch.counts.counts import Counts

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class CarriedData:
    """Describe a data file of the package.

    Parameters
    ----------
    file : str
        Name of the file in ``repsearch/data``.
    title : str
        Description in one line.
    licence : str
        Terms under which it may be used.
    source : str
        Authors and reference.

    Examples
    --------
    >>> sorted(CARRIED)
    ['counts', 'google-relations', 'men3000', 'simlex999', 'wordsim353']
    >>> CARRIED["wordsim353"].title
    'WordSim-353, 353 word pairs with human scores of relatedness'
    """

    file: str
    title: str
    licence: str
    source: str

    @property
    def path(self) -> Path:
        """Path of the file."""
        return _FOLDER / self.file


CARRIED: Mapping[str, CarriedData] = MappingProxyType(
    {
        "counts": CarriedData(
            "enwiki-2015-v4500.counts.npz",
            "Co-occurrence counts of 26,283 English Wikipedia articles (dump of 2015, page ids "
            "12 to 60,633), 4,500 words, window 16, linear weights",
            "Counts are facts; the text they were counted in is CC BY-SA 3.0 and is not carried",
            "Wikipedia; made by 'repsearch count' (repsearch/data/README.md has the command)",
        ),
        "google-relations": CarriedData(
            "google-relations.tsv",
            "Google analogy relations, 14 families of word pairs",
            "Apache-2.0",
            "Mikolov et al. 2013, arXiv 1301.3781",
        ),
        "wordsim353": CarriedData(
            "wordsim353.tsv",
            "WordSim-353, 353 word pairs with human scores of relatedness",
            "CC BY 4.0",
            "Finkelstein et al. 2002",
        ),
        "men3000": CarriedData(
            "men3000.tsv",
            "MEN, 3,000 word pairs with human scores of relatedness",
            "CC BY 2.0",
            "Bruni, Tran and Baroni 2014",
        ),
        "simlex999": CarriedData(
            "simlex999.tsv",
            "SimLex-999, 999 word pairs with human scores of similarity",
            "published for research; scores are facts",
            "Hill, Reichart and Korhonen 2015",
        ),
    }
)


def carried_counts() -> Counts:
    """Open the counts that come with the package.

    Returns
    -------
    Counts
        Counts of English Wikipedia over 4,500 words; it takes about a second.

    Examples
    --------
    >>> CARRIED["counts"].path.name
    'enwiki-2015-v4500.counts.npz'
    """
    from repsearch.counts.counts import Counts  # word lists are read without its kernels

    return Counts.open(CARRIED["counts"].path)

"""Compute the paper's signal-to-noise ratio, and the share of its spike that is the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from probes.concepts.quantities import quantity_rows, quantity_text
from probes.result import WIDTH, Result
from probes.shared.wording import counted
from repsearch.parallel import one_blas_thread
from repsearch.storage.tables import Cell

Real = NDArray[np.float64]


@dataclass(frozen=True)
class PublishedSnr(Result):
    """lambda_max(G) rank(G) / Tr G of the Gram matrix G = R R^T.

    Parameters
    ----------
    value : float
        The ratio as published: with the numerical rank. Between 1 and the rank; 0 where
        all differences are zero.
    corrected : float
        With min(N, d) in the place of the rank: N for perfect analogies.
    rank : int
        Numerical rank of R, by the tolerance of `numpy.linalg.matrix_rank` on G.
    mean_share : float
        1^T G 1 / (N lambda_max), how much of the spike is the mean difference;
        between 0 and 1, and 1 for perfect analogies.
    pairs : int
        Number of pairs N.
    dimension : int
        Number of columns d.

    References
    ----------
    Karkada et al. 2025, arXiv:2502.09863, section 4.

    Examples
    --------
    Perfect analogies have the least value there is:

    >>> found = published_of(np.ones((5, 5)), dimension=3)
    >>> round(found.value, 6), round(found.corrected, 6), found.degenerate
    (1.0, 3.0, True)
    """

    name = "published-snr"
    figure = "probes.figures.relations.snr_curves:plot_published_ratio"

    value: float
    corrected: float
    rank: int
    mean_share: float
    pairs: int
    dimension: int

    @property
    def full_rank(self) -> int:
        """Largest rank there can be, min(N, d)."""
        return min(self.pairs, self.dimension)

    @property
    def degenerate(self) -> bool:
        """Whether the rank is below min(N, d), so that the published value says little.

        Perfect analogies have rank 1 and so the published value 1, its minimum.
        """
        return self.rank < self.full_rank

    def summary(self) -> str:
        """Give the ratio, and say where its rank makes it useless.

        Returns
        -------
        str
            One paragraph.
        """
        text = (
            f"The published ratio of {counted(self.pairs, 'pair')} in "
            f"{counted(self.dimension, 'dimension')} is {self.value:.3g}, between 1 and "
            f"{self.full_rank}; {self.mean_share:.0%} of its spike is the mean difference. It "
            "grows with the number of pairs, so families of different sizes cannot be compared "
            "by it."
        )
        if self.degenerate:
            text += (
                f" The rank is {self.rank}, which makes the ratio small where the differences are "
                f"most alike; with {self.full_rank} in its place it is {self.corrected:.3g}."
            )
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            Ratio as published and with the full rank, rank, share of the mean.
        """
        return quantity_rows(self._numbers)

    def rests_on(self) -> dict[str, Cell]:
        """Give the numbers of pairs and columns.

        Returns
        -------
        dict
            Name to value.
        """
        return {"pairs": self.pairs, "d": self.dimension}

    def text(self, width: int = WIDTH) -> str:
        """Lay the quantities out.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has its own width.

        Returns
        -------
        str
            A table.
        """
        return quantity_text(self._numbers)

    @property
    def _numbers(self) -> dict[str, float]:
        return {
            "SNR, as published": self.value,
            "SNR, with full rank": self.corrected,
            "rank": float(self.rank),
            "share of the mean in the spike": self.mean_share,
        }


@one_blas_thread()
def published_snr(differences: Differences) -> PublishedSnr:
    """Compute the signal-to-noise ratio as the paper defines it (arXiv 2502.09863, section 4).

    It is the rank times the share of the leading eigenvalue in the trace. Below
    d = N the rank is d, so that it rises with d even where that share falls;
    and since its largest value is N it depends on the number of pairs. Families
    and dimensions are compared with `probes.concepts.signal_to_noise.signal`.

    Parameters
    ----------
    differences : Differences
        N pairs in d dimensions.

    Returns
    -------
    PublishedSnr

    Examples
    --------
    >>> from probes.concepts import difference_vectors
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2])
    >>> pairs = world.relations["attribute 1"]
    >>> found = published_snr(difference_vectors(world.spectrum().embeddings(6), pairs))
    >>> found.rank, round(found.mean_share, 6)
    (3, 1.0)
    """
    return published_of(differences.gram, dimension=differences.dimension)


def published_of(gram: Real, *, dimension: int) -> PublishedSnr:
    """Compute the ratio of a Gram matrix.

    Parameters
    ----------
    gram : (N, N) float
        Inner products of the differences.
    dimension : int
        Number of columns that the differences have.

    Returns
    -------
    PublishedSnr
        0 where all differences are zero.
    """
    n = len(gram)
    full = min(n, dimension)
    values = np.linalg.eigvalsh(gram)
    largest, trace = float(values[-1]), float(np.trace(gram))
    if trace <= 0:
        return PublishedSnr(0.0, 0.0, 0, 0.0, n, dimension)
    # Of a symmetric matrix the singular values are the sizes of the eigenvalues.
    rank = int(np.count_nonzero(np.abs(values) > largest * n * np.finfo(np.float64).eps))
    # G has no more eigenvalues than R has columns; what is beyond is rounding.
    rank = min(rank, full)
    return PublishedSnr(
        value=largest * rank / trace,
        corrected=largest * full / trace,
        rank=rank,
        mean_share=float(min(1.0, gram.sum() / (n * largest))),
        pairs=n,
        dimension=dimension,
    )

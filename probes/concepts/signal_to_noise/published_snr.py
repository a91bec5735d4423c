"""The paper's signal-to-noise ratio and the share of its spike that is the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.concepts.differences import Differences
from repsearch.parallel import one_blas_thread

Real = NDArray[np.float64]


@dataclass(frozen=True)
class PublishedSnr:
    """lambda_max(G) rank(G) / Tr G of the Gram matrix G = R R^T.

    Parameters
    ----------
    value : float
        As published: with the numerical rank. Between 1 and the rank; 0 where
        all differences are zero.
    corrected : float
        With min(N, d) in the place of the rank: N for perfect analogies.
    rank : int
        Numerical rank of R, by the tolerance of `numpy.linalg.matrix_rank` on G.
    mean_share : float
        1^T G 1 / (N lambda_max), how much of the spike is the mean difference;
        between 0 and 1, and 1 for perfect analogies.
    full_rank : int
        min(N, d).
    """

    value: float
    corrected: float
    rank: int
    mean_share: float
    full_rank: int

    @property
    def degenerate(self) -> bool:
        """Whether the rank is below min(N, d), so that the published value says little.

        Perfect analogies have rank 1 and so the published value 1, its minimum.
        """
        return self.rank < self.full_rank


@one_blas_thread()
def published_snr(differences: Differences) -> PublishedSnr:
    """Signal-to-noise ratio as the paper defines it (arXiv 2502.09863, section 4).

    It is the rank times the share of the leading eigenvalue in the trace. Below
    d = N the rank is d, so that it rises with d even where that share falls;
    and since its largest value is N it depends on the number of pairs. Families
    and dimensions are compared with `probes.concepts.signal_to_noise.signal`.

    Parameters
    ----------
    differences : Differences
        N pairs in d dimensions.
    """
    return published_of(differences.gram, dimension=differences.dimension)


def published_of(gram: Real, *, dimension: int) -> PublishedSnr:
    """`published_snr` of a Gram matrix (N, N) of vectors in `dimension` dimensions."""
    n = len(gram)
    full = min(n, dimension)
    values = np.linalg.eigvalsh(gram)
    largest, trace = float(values[-1]), float(np.trace(gram))
    if trace <= 0:
        return PublishedSnr(0.0, 0.0, 0, 0.0, full)
    # Of a symmetric matrix the singular values are the sizes of the eigenvalues.
    rank = int(np.count_nonzero(np.abs(values) > largest * n * np.finfo(np.float64).eps))
    # G has no more eigenvalues than R has columns; what is beyond is rounding.
    rank = min(rank, full)
    return PublishedSnr(
        value=largest * rank / trace,
        corrected=largest * full / trace,
        rank=rank,
        mean_share=float(min(1.0, gram.sum() / (n * largest))),
        full_rank=full,
    )

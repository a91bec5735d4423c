"""Give targets and weights of pairs by their names."""

from __future__ import annotations

from typing import Literal

from repsearch.counts.counts import Counts
from repsearch.target.mstar import ZeroCounts, mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.target import Target
from repsearch.target.weighting import Setting31, Unweighted, Weighting, Word2Vec

TargetName = Literal["mstar", "ppmi", "pmi"]
WeightsName = Literal["setting31", "unweighted", "word2vec"]


def weighting_called(name: WeightsName, *, negatives: float = 1.0) -> Weighting:
    """Give weights of pairs by their name.

    Parameters
    ----------
    name : {"setting31", "unweighted", "word2vec"}
        The paper's Setting 3.1; pairs as they are; or word2vec's subsampling and negative
        sampling.
    negatives : float, default 1
        Negative pairs per positive pair, k.

    Returns
    -------
    Weighting
        Psi+ and Psi-.

    Examples
    --------
    >>> weighting_called("setting31", negatives=2.0)
    Setting31(negatives=2.0)
    """
    if name == "setting31":
        return Setting31(negatives=negatives)
    return (
        Unweighted(negatives=negatives) if name == "unweighted" else Word2Vec(negatives=negatives)
    )


def target_called(
    name: TargetName,
    counts: Counts,
    *,
    weights: WeightsName = "setting31",
    negatives: float = 1.0,
    zeros: ZeroCounts = "exact",
    smoothing: float = 0.01,
    dtype: Literal["float32", "float64"] = "float64",
) -> Target:
    """Compute a target of counts by its name.

    Parameters
    ----------
    name : {"mstar", "ppmi", "pmi"}
        M*, PPMI shifted by log k, or PMI.
    counts : Counts
        Exact co-occurrence counts.
    weights : {"setting31", "unweighted", "word2vec"}
        Weights of pairs, of M* alone.
    negatives : float, default 1
        Negative pairs per positive pair, k; of M* and PPMI.
    zeros : {"exact", "smooth", "neutral"}
        What pairs that were never seen are taken for, of M* alone.
    smoothing : float, default 0.01
        Share of independence mixed in, for smooth zeros.
    dtype : {"float64", "float32"}
        Precision of the stored entries.

    Returns
    -------
    Target
        Matrix over words.

    Raises
    ------
    InputError
        A number out of range.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> target_called("mstar", counts).name, target_called("pmi", counts).name
    ('M*', 'PMI')
    """
    if name == "ppmi":
        return shifted_ppmi(counts, negatives=negatives, dtype=dtype)
    if name == "pmi":
        return pmi(counts, dtype=dtype)
    weighting = weighting_called(weights, negatives=negatives)
    return mstar(counts, weighting, zeros=zeros, smoothing=smoothing, dtype=dtype)

"""Give targets and weights of pairs by their names."""

from __future__ import annotations

from typing import Literal

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.target.mstar import ZeroCounts, mstar
from repsearch.target.mutual_information import pmi, shifted_ppmi
from repsearch.target.target import Target
from repsearch.target.weighting import Setting31, Unweighted, Weighting, Word2Vec
from repsearch.target.word2vec_program import Word2VecC

TargetName = Literal["mstar", "ppmi", "pmi"]
WeightsName = Literal["setting31", "unweighted", "word2vec", "word2vec.c"]


def weighting_called(
    name: WeightsName,
    *,
    negatives: float = 1.0,
    subsample: float | None = None,
    symmetrise: bool = True,
) -> Weighting:
    """Give weights of pairs by their name.

    Parameters
    ----------
    name : {"setting31", "unweighted", "word2vec", "word2vec.c"}
        The paper's Setting 3.1; pairs as they are; the paper's formula for word2vec's
        subsampling and negative sampling; or these as word2vec.c and gensim do them.
    negatives : float, default 1
        Negative pairs per positive pair, k.
    subsample : float, optional
        Threshold of subsampling, of "word2vec" (1e-5 by default) and "word2vec.c" (1e-3).
    symmetrise : bool, default True
        Whether the weights of sampling take a pair alike in both orders.

    Returns
    -------
    Weighting
        Psi+ and Psi-.

    Raises
    ------
    InputError
        A number out of range; a threshold for weights without subsampling.

    Examples
    --------
    >>> weighting_called("setting31", negatives=2.0)
    Setting31(negatives=2.0)
    >>> weighting_called("word2vec.c", subsample=1e-4).subsample
    0.0001
    """
    if name in ("setting31", "unweighted"):
        if subsample is not None:
            raise InputError(
                f"subsample is {subsample!r}, but weights {name!r} have no subsampling; "
                "use weights='word2vec' or weights='word2vec.c'"
            )
        of = Setting31 if name == "setting31" else Unweighted
        return of(negatives=negatives)
    by_sampling = Word2Vec if name == "word2vec" else Word2VecC
    if subsample is None:
        return by_sampling(negatives=negatives, symmetrise=symmetrise)
    return by_sampling(negatives=negatives, subsample=subsample, symmetrise=symmetrise)


def target_called(
    name: TargetName,
    counts: Counts,
    *,
    weights: WeightsName = "setting31",
    negatives: float = 1.0,
    subsample: float | None = None,
    zeros: ZeroCounts = "exact",
    smoothing: float = 0.01,
    context_exponent: float = 1.0,
    dtype: Literal["float32", "float64"] = "float64",
) -> Target:
    """Compute a target of counts by its name.

    Parameters
    ----------
    name : {"mstar", "ppmi", "pmi"}
        M*, PPMI shifted by log k, or PMI.
    counts : Counts
        Exact co-occurrence counts.
    weights : {"setting31", "unweighted", "word2vec", "word2vec.c"}
        Weights of pairs, of M* alone.
    negatives : float, default 1
        Negative pairs per positive pair, k; of M* and PPMI.
    subsample : float, optional
        Threshold of subsampling of weights that have it.
    zeros : {"exact", "smooth", "neutral"}
        What pairs that were never seen are taken for, of M* alone.
    smoothing : float, default 0.01
        Share of independence mixed in, for smooth zeros.
    context_exponent : float, default 1
        Power that smooths the distribution of contexts, of PMI and PPMI alone. Below 1 the
        matrix is not symmetric.
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
    if not 0 <= context_exponent <= 1:
        raise InputError(
            f"context_exponent is {context_exponent!r}; pass a number from 0 to 1, such as 0.75"
        )
    if name == "ppmi":
        return shifted_ppmi(counts, negatives=negatives, exponent=context_exponent, dtype=dtype)
    if name == "pmi":
        return pmi(counts, exponent=context_exponent, dtype=dtype)
    if context_exponent != 1:
        raise InputError(
            f"context_exponent is {context_exponent:g}, but it smooths the contexts of PMI and "
            "PPMI alone; leave it out, or choose another target"
        )
    weighting = weighting_called(
        weights, negatives=negatives, subsample=subsample, symmetrise=counts.symmetric
    )
    return mstar(counts, weighting, zeros=zeros, smoothing=smoothing, dtype=dtype)

"""Compute a target entry by entry from the ratio of positive to negative pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.storage.mapped import Pieces, is_mapped
from repsearch.target.operator import precision
from repsearch.target.target import Target
from repsearch.target.weighting import Weighting


def target_from_ratios(
    name: str,
    counts: Counts,
    weighting: Weighting,
    entry: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    constant: float,
    dtype: DTypeLike,
) -> Target:
    """Compute the entries of a target from r_ij = Psi+_ij P_ij / (Psi-_ij P_i P_j).

    Of counts in a window that is not alike on both sides, P_j is the share of word j as a
    context, a column sum, and the target is not symmetric.

    Parameters
    ----------
    name : str
        Name of the target.
    counts : Counts
        Co-occurrence counts.
    weighting : Weighting
        Weights of pairs, Psi+ and Psi-.
    entry : callable
        Function from an array of ratios to entries less `constant`.
    constant : float
        Entry of a pair that was never seen.
    dtype : dtype
        Type of the stored entries.

    Returns
    -------
    Target
        Over the words of the counts, with the sparsity of the counts.

    Raises
    ------
    InputError
        Counts without a pair; another dtype than float32 and float64; weights that take a pair
        alike in both orders, of counts that do not.
    """
    if counts.total == 0:
        raise InputError("the counts hold no pair of words; count a longer text or a wider window")
    dtype = precision(dtype)
    if not counts.symmetric and getattr(weighting, "symmetrise", False):
        raise InputError(
            f"{weighting} takes a pair alike in both orders, but these counts are of a "
            f"{counts.window.in_words}; pass weights with symmetrise=False"
        )
    pairs = weighting.of(counts)
    symmetric = weighting.symmetric and counts.symmetric
    n = len(counts.values)
    # Where pairs are kept in files, so are the entries.
    mapped = is_mapped(counts.columns)
    sides = [Pieces(n, dtype, mapped=mapped) for _ in range(1 if symmetric else 2)]
    total, words, contexts = counts.total, counts.marginals, counts.context_marginals
    other = counts.values if counts.above is None else counts.above
    for low, high, rows in counts.blocks():
        columns = counts.columns[low:high]
        both = ((counts.values, rows, columns), (other, columns, rows))[: len(sides)]
        for side, (counted, i, j) in zip(sides, both, strict=True):
            p = counted[low:high] / total
            # A pair that was seen in the other order alone has the constant.
            seen = slice(None) if counts.symmetric else p > 0
            i, j, p = i[seen], j[seen], p[seen]
            independent = words[i] * contexts[j]
            ratio = pairs.positive(i, j, p, independent) / pairs.negative(i, j, p, independent)
            part = np.zeros(high - low, dtype)
            part[seen] = entry(ratio)
            side.append(part)
    below, *others = [side.finish() for side in sides]
    above = others[0] if others else below
    return Target(
        name=name if counts.window.plain else f"{name} ({counts.window.in_words})",
        words=counts.words,
        indptr=counts.indptr,
        columns=counts.columns,
        below=below,
        above=above,
        constant=constant,
        counts=counts,
        weighting=weighting,
    )

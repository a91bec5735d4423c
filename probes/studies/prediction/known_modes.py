"""Give what is known of a target's spectrum, from a spectrum or from counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from repsearch.progress import Progress, prefixed, silent
from repsearch.spectrum.eigensolver import eigenpairs
from repsearch.spectrum.spectrum import Spectrum
from repsearch.target.mstar import mstar
from repsearch.target.weighting import Setting31

if TYPE_CHECKING:
    from repsearch.counts.counts import Counts

DIMENSION = 200
_FEWEST_FOR_LANCZOS = 50


class KnownModes(NamedTuple):
    """Leading eigenpairs of a target, and bounds of the others.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs: by value for tied weights, by magnitude for untied ones.
    smallest : float
        The least of all eigenvalues, or a lower bound of it.
    beyond : float
        Bound of the magnitudes of the eigenvalues that are not known; 0 where the
        largest magnitudes are known.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> KnownModes(spectrum, smallest=-1.0, beyond=0.0).spectrum.dimension
    4
    """

    spectrum: Spectrum
    smallest: float
    beyond: float


def modes_of_spectrum(spectrum: Spectrum) -> KnownModes:
    """Give what a spectrum alone tells of its target.

    Parameters
    ----------
    spectrum : Spectrum
        Leading eigenpairs.

    Returns
    -------
    KnownModes
        Eigenvalues that are missing are bounded by what is left of the squared norm.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> modes_of_spectrum(BinaryAttributes([0.5, 0.3]).spectrum()).beyond  # none is missing
    0.0
    """
    values = spectrum.eigenvalues.astype(float)
    rest = max(spectrum.squared_norm - float(values @ values), 0.0)
    unknown = math.sqrt(rest) if len(values) < len(spectrum.words) else 0.0
    return KnownModes(spectrum, min(float(values.min()), -unknown), unknown)


def modes_of_counts(
    counts: Counts,
    *,
    d: int | None = None,
    negatives: float = 1.0,
    tied: bool = True,
    threads: int | None = None,
    progress: Progress = silent,
) -> KnownModes:
    """Find the leading eigenpairs of M* of counts, and its least eigenvalue.

    Parameters
    ----------
    counts : Counts
        Exact co-occurrence counts.
    d : int, optional
        How many eigenpairs; 200 by default, or as many as there are words.
    negatives : float, default 1
        Negative pairs per positive pair, k.
    tied : bool, default True
        Whether words and contexts share their vectors, so that modes come by value.
    threads : int, optional
        All processors by default.
    progress : Progress, optional
        Told how far the eigenpairs are.

    Returns
    -------
    KnownModes
        Leading eigenpairs, by magnitude for untied weights.

    Raises
    ------
    InputError
        More eigenpairs than words, or negatives out of range.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3, 0.2]).sample(10_000, seed=0)
    >>> modes_of_counts(counts, d=3).spectrum.dimension
    3
    """
    target = mstar(counts, Setting31(negatives), dtype="float32")
    shared: dict[str, Any] = {"by": "magnitude", "threads": threads}
    spectrum = eigenpairs(
        target,
        min(DIMENSION, len(counts.words)) if d is None else d,
        progress=progress,
        **shared | ({"by": "value"} if tied else {}),
    )
    if tied:
        few = len(counts.words) < _FEWEST_FOR_LANCZOS
        end = eigenpairs(
            target,
            1,
            method="dense" if few else "krylov",
            progress=prefixed(progress, "lowest: "),
            **shared,
        )
    else:
        end = spectrum
    # Where the one farthest from 0 is positive, it bounds the lowest, and that will do.
    return KnownModes(spectrum, -float(abs(end.eigenvalues).max()), beyond=0.0)

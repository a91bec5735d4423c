"""W(0) as training begins with it, from the same starts that the closed forms take."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from repsearch.dynamics import Aligned, Gaussian, Given, balanced_contexts
from repsearch.dynamics.starts import Start
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.training.compute import Compute


def initial_weights(
    start: Start,
    words: tuple[str, ...],
    d: int,
    *,
    tied: bool,
    compute: Compute,
    contexts: Given | None = None,
    spectrum: Spectrum | None = None,
) -> Tensor:
    """W(0), or words and contexts of an untied model.

    The draw of a Gaussian start is that of the closed form with the same seed, so
    that both begin at the same point.

    Parameters
    ----------
    start : Gaussian, Aligned or Given
        Of the words.
    words : tuple of str
        The vocabulary.
    d : int
        Dimension.
    tied : bool
    compute : Compute
        Device and precision of the result.
    contexts : Given, optional
        Of an untied model; by default a random rotation of the words that balances
        them (`dynamics.balanced_contexts`), with the seed of a Gaussian start.
    spectrum : Spectrum, optional
        Whose eigenvectors an aligned start goes along.

    Returns
    -------
    (V, d) or (2, V, d) tensor

    Raises
    ------
    InputError
        A start that is a limit (`Vanishing`), an aligned one without a spectrum, or
        one that does not fit the vocabulary; a start so small that it is 0 in this precision.
    """
    first = _words(start, words, d, spectrum)
    if tied:
        if contexts is not None:
            raise InputError("contexts are given for tied weights; pass tied=False, or no contexts")
        weights = first
    elif contexts is not None:
        weights = np.stack([first, contexts.matrix(words, d)])
    else:
        seed = start.seed if isinstance(start, Gaussian) else 0
        weights = np.stack([first, np.asarray(balanced_contexts(first, seed=seed))])
    tensor = torch.from_numpy(weights).to(compute.torch_device, compute.torch_dtype)
    if not tensor.any():
        raise InputError(
            f"W(0) is 0 in {compute.dtype}, which training never leaves; pass a larger start"
        )
    return tensor


def _words(
    start: Start, words: tuple[str, ...], d: int, spectrum: Spectrum | None
) -> NDArray[np.float64]:
    if isinstance(start, Gaussian):
        return start.scale * start.draw(len(words), d)
    if isinstance(start, Given):
        return start.matrix(words, d)
    if isinstance(start, Aligned):
        if spectrum is None or spectrum.words != words:
            raise InputError("an aligned start needs eigenvectors; pass the spectrum of the target")
        sizes = start.project(spectrum, d).matrix
        aligned: NDArray[np.float64] = spectrum.eigenvectors[:, :d].astype(float) * sizes
        return aligned
    raise InputError(
        f"training cannot begin with {start!r}, which is a limit; pass a small Gaussian start"
    )

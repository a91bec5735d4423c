"""Make W(0) as training begins with it, from the same starts that the closed forms take."""

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
    """Make W(0), or words and contexts of an untied model.

    The draw of a Gaussian start is that of the closed form with the same seed, so
    that both begin at the same point.

    Parameters
    ----------
    start : Gaussian, Aligned or Given
        W(0) of the words.
    words : tuple of str
        The vocabulary, V words.
    d : int
        Dimension of the embeddings.
    tied : bool
        Whether words and contexts share their vectors.
    compute : Compute
        Device and precision of the result.
    contexts : Given, optional
        W'(0) of an untied model; by default a random rotation of the words that balances
        them (`repsearch.dynamics.balanced_contexts`), with the seed of a Gaussian start.
    spectrum : Spectrum, optional
        Eigenpairs along which an aligned start goes.

    Returns
    -------
    (V, d) or (2, V, d) tensor
        W(0) of tied weights; words and contexts of untied ones.

    Raises
    ------
    InputError
        A start that is a limit (`Vanishing`), an aligned one without a spectrum, or
        one that does not fit the vocabulary; a start so small that it is 0 in this precision.

    Examples
    --------
    >>> from repsearch import Gaussian
    >>> initial_weights(Gaussian(1e-3), ("a", "b", "c"), 2, tied=False, compute=Compute()).shape
    torch.Size([2, 3, 2])
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

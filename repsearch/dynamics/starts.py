"""Where training starts: W(0), as the closed forms need it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from repsearch.checks import is_whole
from repsearch.dynamics.effective_start import effective_start
from repsearch.dynamics.inputs.checks import checked_start
from repsearch.dynamics.inputs.numpy_or_torch import as_float64
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.spectrum.spectrum import Spectrum

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Projection:
    """A start as the modes of a spectrum see it.

    Parameters
    ----------
    matrix : (K, d) or (d,) float
        V^T W(0), or the singular values of an aligned start, V^T W(0) = diag(.).
    outside : float
        Share of ||W(0)||_F^2 that lies outside the span of the spectrum's
        eigenvectors, which the closed forms leave out.
    """

    matrix: Real
    outside: float

    @property
    def aligned(self) -> bool:
        """Whether the modes never mix."""
        return self.matrix.ndim == 1


class Start(Protocol):
    """A recipe for W(0)."""

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """W(0) of dimension d on the spectrum's eigenvectors."""


@dataclass(frozen=True)
class Aligned:
    """W(0) = V_d diag(s): each dimension begins along an eigenvector of its own (Lemma 3.1).

    Parameters
    ----------
    scale : float or tuple of float
        s_k(0), one for all modes or one each.
    """

    scale: float | tuple[float, ...]

    def __post_init__(self) -> None:
        if isinstance(self.scale, list | np.ndarray):
            object.__setattr__(self, "scale", tuple(float(s) for s in self.scale))
        checked_start(self.scale, 1 if np.ndim(self.scale) == 0 else len(np.atleast_1d(self.scale)))

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """All of it lies in the span."""
        _check_modes(spectrum, d)
        return Projection(checked_start(self.scale, d), 0.0)


@dataclass(frozen=True)
class Gaussian:
    """Independent entries W_ij(0) ~ N(0, scale^2), the usual initialisation.

    Parameters
    ----------
    scale : float
        Standard deviation of an entry. The paper's code has init_sz / sqrt(d).
    seed : int
    """

    scale: float
    seed: int = 0

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.seed)

    def draw(self, n_words: int, d: int) -> Real:
        """(V, d) W(0) / scale."""
        return np.random.default_rng(self.seed).standard_normal((n_words, d))

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Draw W(0) and project it."""
        projection = _project(self.draw(len(spectrum.words), d), spectrum)
        return Projection(self.scale * projection.matrix, projection.outside)


@dataclass(frozen=True)
class Vanishing:
    """The limit of `Gaussian` with the same seed for small scales, mode by mode.

    An aligned start from s_k(0) = |R_kk|, the diagonal of the QR decomposition of W(0)^T V*
    (`effective_start`), which the trajectory of the Gaussian start approaches
    uniformly in time.

    Parameters
    ----------
    scale : float
    seed : int
    """

    scale: float
    seed: int = 0

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.seed)

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Aligned, from the diagonal of R."""
        _check_modes(spectrum, d)
        drawn = Gaussian(1.0, self.seed).project(spectrum, d)
        return Projection(self.scale * effective_start(drawn.matrix), 0.0)


@dataclass(frozen=True, eq=False)
class Given:
    """A W(0) that you have.

    Parameters
    ----------
    vectors : (V, d) array, tensor or Embeddings
        Rows in the order of the spectrum's words; of embeddings, the words must
        be the same.
    """

    vectors: Any

    def matrix(self, words: tuple[str, ...], d: int) -> Real:
        """(V, d) W(0) in float64, checked.

        Raises
        ------
        InputError
            Other words, another shape, a number that is not finite.
        """
        vectors = self.vectors
        if isinstance(vectors, Embeddings):
            if vectors.words != words:
                raise InputError("the start's words are not those of the spectrum, in its order")
            vectors = vectors.vectors
        start = as_float64(vectors)
        if start.shape != (len(words), d):
            raise InputError(
                f"the start has shape {start.shape}; pass {len(words)} rows, one for "
                f"each word, of {d} numbers"
            )
        if not np.isfinite(start).all():
            raise InputError("the start holds a number that is not finite; pass finite ones")
        return start

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Project it; its dimension must be d."""
        return _project(self.matrix(spectrum.words, d), spectrum)

    @property
    def dimension(self) -> int:
        """Its number of columns."""
        vectors = self.vectors
        shape = vectors.vectors.shape if isinstance(vectors, Embeddings) else np.shape(vectors)
        return int(shape[-1]) if shape else 0


@one_blas_thread()
def _project(start: Real, spectrum: Spectrum) -> Projection:
    matrix = spectrum.eigenvectors.T.astype(float) @ start
    whole = float(np.square(start).sum())
    inside = float(np.square(matrix).sum())
    return Projection(matrix, max(0.0, 1 - inside / whole) if whole else 0.0)


def _check_modes(spectrum: Spectrum, d: int) -> None:
    if d > spectrum.dimension:
        raise InputError(
            f"d is {d}, but there are only {spectrum.dimension} eigenpairs to be aligned with; "
            "solve for more, or take a Gaussian start"
        )


def _check_scale(scale: float, seed: int) -> None:
    if not 0 < scale < math.inf:
        raise InputError(f"scale is {scale!r}; pass a positive standard deviation")
    if not is_whole(seed) or seed < 0:
        raise InputError(f"seed is {seed!r}; pass a whole number of at least 0")

"""Describe W(0): aligned, Gaussian, its vanishing limit, or given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

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
    """W(0) on the modes of a spectrum; made by the `project` of a start.

    Parameters
    ----------
    matrix : (K, d) or (d,) float64
        V^T W(0), or the singular values of an aligned start, V^T W(0) = diag(.).
    outside : float
        Share of ||W(0)||_F^2 that lies outside the span of the spectrum's
        eigenvectors, which the closed forms leave out.

    Examples
    --------
    >>> from repsearch.dynamics import Gaussian
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> projection = Gaussian(1e-3).project(spectrum, 2)
    >>> projection.matrix.shape, projection.aligned, round(projection.outside, 6)
    ((8, 2), False, 0.0)
    """

    matrix: Real
    outside: float

    @property
    def aligned(self) -> bool:
        """Whether the modes never mix."""
        return self.matrix.ndim == 1


@runtime_checkable
class Start(Protocol):
    """A recipe for W(0): `Aligned`, `Gaussian`, `Vanishing`, `Given`, or one of your own.

    Examples
    --------
    >>> from repsearch import gradient_flow
    >>> from repsearch.dynamics import Projection
    >>> from repsearch.synthetic import BinaryAttributes
    >>> class Growing:
    ...     def project(self, spectrum, d):
    ...         return Projection(1e-3 * np.arange(1.0, d + 1), outside=0.0)
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> gradient_flow(spectrum, Growing(), d=3).learning_times.round(2).tolist()
    [4.66, 5.72, 7.98]
    """

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Work out W(0) of dimension d on the spectrum's eigenvectors.

        Parameters
        ----------
        spectrum : Spectrum
            K eigenpairs of the target over V words.
        d : int
            Dimension of the embeddings.

        Returns
        -------
        Projection
            V^T W(0), or the singular values of an aligned start.
        """


@dataclass(frozen=True)
class Aligned:
    """W(0) = V_d diag(s): each dimension begins along an eigenvector of its own.

    The initialisation of arXiv 2502.09863, Lemma 3.1.

    Parameters
    ----------
    scale : float or sequence of float
        s_k(0), one for all modes or one each.

    Raises
    ------
    InputError
        A singular value that is negative or not finite.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> flow = gradient_flow(spectrum, Aligned(1e-3), d=2)
    >>> flow.coordinates([0.0])[0, :3].round(6).tolist()  # V^T W(0), the first three modes
    [[0.001, 0.0], [0.0, 0.001], [0.0, 0.0]]
    """

    scale: float | tuple[float, ...]

    def __post_init__(self) -> None:
        if isinstance(self.scale, list | np.ndarray):
            object.__setattr__(self, "scale", tuple(float(s) for s in self.scale))
        checked_start(self.scale, 1 if np.ndim(self.scale) == 0 else len(np.atleast_1d(self.scale)))

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Give the singular values of W(0); all of it lies in the span.

        Parameters
        ----------
        spectrum : Spectrum
            Eigenpairs of the target, at least d of them.
        d : int
            Dimension of the embeddings.

        Returns
        -------
        Projection
            An aligned one, (d,).

        Raises
        ------
        InputError
            Fewer eigenpairs than d, or another number of singular values.
        """
        _check_modes(spectrum, d)
        return Projection(checked_start(self.scale, d), 0.0)


@dataclass(frozen=True)
class Gaussian:
    """Independent entries W_ij(0) ~ N(0, scale^2), the usual initialisation.

    The start of arXiv 2502.09863, Result 3.

    Parameters
    ----------
    scale : float
        Standard deviation of an entry. The paper's code has init_sz / sqrt(d).
    seed : int
        Seed of the draw.

    Raises
    ------
    InputError
        A scale that is not positive and finite, a seed that is no whole number of at least 0.

    Examples
    --------
    >>> from repsearch import Gaussian, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> Gaussian(1e-3, seed=1).draw(n_words=8, d=2).shape
    (8, 2)
    >>> gradient_flow(spectrum, Gaussian(1e-3, seed=1), d=2).learning_times.round(1).tolist()
    [4.9, 8.2]
    """

    scale: float
    seed: int = 0

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.seed)

    def draw(self, n_words: int, d: int) -> Real:
        """Draw W(0) / scale.

        Parameters
        ----------
        n_words : int
            V.
        d : int
            Dimension of the embeddings.

        Returns
        -------
        (V, d) float64
            Standard normal numbers, which depend on the seed and the shape alone.
        """
        return np.random.default_rng(self.seed).standard_normal((n_words, d))

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Draw W(0) and project it on the eigenvectors.

        Parameters
        ----------
        spectrum : Spectrum
            K eigenpairs of the target over V words.
        d : int
            Dimension of the embeddings.

        Returns
        -------
        Projection
            (K, d); what lies outside the span is nearly all where K is much less than V.
        """
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
        Standard deviation of an entry of the Gaussian W(0).
    seed : int
        Seed of the draw.

    Raises
    ------
    InputError
        A scale that is not positive and finite, a seed that is no whole number of at least 0.

    Examples
    --------
    >>> from repsearch import Gaussian, Vanishing, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> limit = gradient_flow(spectrum, Vanishing(1e-9), d=2)
    >>> small = gradient_flow(spectrum, Gaussian(1e-9), d=2).at(limit.times)
    >>> bool(np.abs(small.singular_values() - limit.singular_values()).max() < 0.02)
    True
    """

    scale: float
    seed: int = 0

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.seed)

    def project(self, spectrum: Spectrum, d: int) -> Projection:
        """Draw W(0), and give |R_kk| as the singular values of an aligned start.

        Parameters
        ----------
        spectrum : Spectrum
            Eigenpairs of the target, at least d of them.
        d : int
            Dimension of the embeddings.

        Returns
        -------
        Projection
            An aligned one, (d,).

        Raises
        ------
        InputError
            Fewer eigenpairs than d.
        """
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

    Examples
    --------
    >>> from repsearch import Given, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.4, 0.3, 0.2]).spectrum()
    >>> start = Given(0.1 * np.random.default_rng(0).standard_normal((8, 2)))
    >>> flow = gradient_flow(spectrum, start)  # of dimension 2, as the start
    >>> (flow.singular_values([1e6]) ** 2).round(2).tolist()  # the leading eigenvalues
    [[3.22, 2.32]]
    """

    vectors: Any

    def matrix(self, words: tuple[str, ...], d: int) -> Real:
        """Give W(0) in float64, checked.

        Parameters
        ----------
        words : tuple of str
            The vocabulary, in the order of the spectrum.
        d : int
            Dimension it is to have.

        Returns
        -------
        (V, d) float64
            W(0).

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
        """Project W(0) on the eigenvectors.

        Parameters
        ----------
        spectrum : Spectrum
            K eigenpairs of the target over V words.
        d : int
            Dimension of the embeddings; W(0) must have it.

        Returns
        -------
        Projection
            (K, d).

        Raises
        ------
        InputError
            Other words, another shape, a number that is not finite.
        """
        return _project(self.matrix(spectrum.words, d), spectrum)

    @property
    def dimension(self) -> int:
        """Number of columns of W(0)."""
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

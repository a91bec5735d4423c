"""Hold embeddings at the minimum of a loss, with how they were found and what vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings

Status = Literal["converged", "stalled", "out of iterations", "out of time", "interrupted"]
STATUSES: tuple[Status, ...] = get_args(Status)
_IN_WORDS: dict[Status, str] = {
    "converged": "converged: the gradient is as small as was asked for, or as nothing",
    "stalled": "stalled: no step lowers the loss further in this precision",
    "out of iterations": "out of iterations: the loss would still fall",
    "out of time": "out of time: the loss would still fall",
    "interrupted": "interrupted: the best point so far is given",
}


@dataclass(frozen=True)
class Certificate:
    """What vouches for a minimum.

    Parameters
    ----------
    gradient : float
        Norm of the gradient at the end relative to that at the start, in the scale of
        `repsearch.minimum` in which the loss curves alike in all directions.
    decrease : float
        Decrease of the loss over the last iterations (at most five), as a share of the decrease
        from embeddings of 0; infinite where there is none.
    last : int
        How many iterations these were.
    curvature : dict of str to float
        Second derivative of the loss along directions of length 1 in that scale, by what the
        direction is; empty where the run was interrupted.
    doubt : float
        A curvature below -`doubt` is negative beyond the error of its measurement.
    left : int
        Saddles found on the way and left.

    Examples
    --------
    >>> Certificate(1e-4, 1e-9, 5, {"random direction 1": 0.9}, 0.01, 0).saddle
    False
    >>> Certificate(1e-4, 1e-9, 5, {"random direction 1": -0.9}, 0.01, 0).saddle
    True
    """

    gradient: float
    decrease: float
    last: int
    curvature: dict[str, float]
    doubt: float
    left: int

    @property
    def least(self) -> float | None:
        """The smallest curvature found; None where none was measured."""
        return min(self.curvature.values(), default=None)

    @property
    def saddle(self) -> bool:
        """Whether the loss bends down along some direction: a saddle, or a point on the way."""
        return self.least is not None and self.least < -self.doubt

    def summary(self) -> str:
        """Say what vouches for the minimum.

        Returns
        -------
        str
            A sentence or two.
        """
        said = "The start solves the first-order conditions."
        if self.last:
            iterations = "iteration" if self.last == 1 else f"{self.last} iterations"
            said = (
                f"The gradient is {self.gradient:.2g} of that at the start; the last {iterations} "
                f"gained {self.decrease:.2g} of all that was gained over embeddings of 0."
            )
        if self.least is None:
            return f"{said} No curvature was measured, so this may be a saddle."
        where = min(self.curvature, key=self.curvature.__getitem__)
        found = f"The smallest curvature of {len(self.curvature)} directions is {self.least:.2g}"
        if self.saddle:
            said += (
                f" {found} ({where}): NO MINIMUM but a SADDLE, or a point on "
                "the way, for the loss bends down along that direction."
            )
        else:
            said += f" {found} ({where}), so that no sign of a saddle was found."
        if self.left:
            ways = "saddle on the way was" if self.left == 1 else "saddles on the way were"
            said += f" {self.left} {ways} left."
        return said


@dataclass(frozen=True, eq=False, repr=False)
class Minimum:
    """Embeddings at the minimum of a loss over all of rank d; made by `minimise`.

    Parameters
    ----------
    embeddings : Embeddings
        W, or the vectors of words of untied weights, in principal axes: the columns are
        orthogonal, the longest first.
    contexts : Embeddings or None
        Vectors of contexts of untied weights, balanced with those of the words: of all pairs
        with the same inner products the one with A^T A = B^T B.
    loss : float
        The loss at the end, the ridge included.
    zero_loss : float
        That of embeddings of 0.
    losses, gradients, seconds : (n + 1,) float64
        Loss, norm of the gradient relative to the start, and seconds since the start, before
        the first iteration and after each.
    status : {"converged", "stalled", "out of iterations", "out of time", "interrupted"}
        Why it ended.
    certificate : Certificate
        What vouches for the minimum.
    evaluations : int
        Passes over all pairs, those of the certificate included.

    Examples
    --------
    >>> import repsearch as rs
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> found = rs.minimise(counts, 2, weighting=rs.Unweighted())
    >>> found.status, found.certificate.saddle, found.embeddings.vectors.shape
    ('converged', False, (4, 2))
    """

    embeddings: Embeddings
    contexts: Embeddings | None
    loss: float
    zero_loss: float
    losses: NDArray[np.float64]
    gradients: NDArray[np.float64]
    seconds: NDArray[np.float64]
    status: Status
    certificate: Certificate
    evaluations: int

    @property
    def iterations(self) -> int:
        """How many iterations were made."""
        return len(self.losses) - 1

    @property
    def singular_values(self) -> NDArray[np.float64]:
        """(d,) singular values of W; of untied weights, of words and of contexts alike."""
        found: NDArray[np.float64] = np.linalg.norm(self.embeddings.vectors.astype(float), axis=0)
        return found

    def summary(self) -> str:
        """Say how it ended and what vouches for it, in plain words.

        Returns
        -------
        str
            A paragraph.
        """
        number = f"{self.iterations} iteration{'s' * (self.iterations != 1)}"
        return (
            f"Loss {self.loss:.7g} (embeddings of 0: {self.zero_loss:.7g}; start: "
            f"{self.losses[0]:.7g}) after {number} and {self.seconds[-1]:.3g} s; "
            f"{_IN_WORDS[self.status]}. {self.certificate.summary()}"
        )

    def __repr__(self) -> str:
        return (
            f"Minimum({self.embeddings!r}, loss {self.loss:.6g}, {self.iterations} iterations, "
            f"{self.status})"
        )

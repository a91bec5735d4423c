"""Compute leading eigenpairs by block Lanczos with thick restarts.

A product with sixteen vectors reads the matrix once, as one with a single vector does, and
reading it is what takes the time. The basis is kept orthogonal in full; when it is full,
it is replaced by its better half of Ritz vectors (Wu and Simon 2000, in blocks).
"""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.spectrum.leading import Rank, leading
from repsearch.spectrum.vectors import Block, Vectors

_MOST_RESTARTS = 1_000
_FEWEST_BLOCKS = 8
"""Blocks between one restart and the next, at least."""
_BLOCKS_OF_SEARCH = 24
"""Blocks of the search for what was missed before it must restart."""
_CHANCE = 1e-9
"""Chance that a missed eigenvalue is not seen by the search for it."""


def leading_pairs(
    vectors: Vectors,
    d: int,
    tolerance: float,
    seed: int,
    progress: Progress,
    *,
    by: Rank = "value",
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the leading d eigenpairs of a symmetric matrix.

    A pair has converged when its residual, as the recurrence has it, is at most
    `tolerance` times its eigenvalue. From b start vectors at most b copies of a repeated
    eigenvalue are found for certain. So at the end the space orthogonal to all that was
    seen is searched from fresh random vectors, until the chance that it holds an
    eigenvalue which belongs to the leading ones is below 1e-9, by the bound of Kuczynski and
    Wozniakowski (SIAM J. Matrix Anal. Appl. 13, 1992) for Lanczos from a random vector; or,
    where its edge lies too near the smallest leading one for that, until the edge itself
    is found to 1e-3. What is found is added and the search repeated.

    Parameters
    ----------
    vectors : Vectors
        Where vectors are kept, and the matrix.
    d : int
        Number of eigenpairs.
    tolerance : float
        Relative accuracy.
    seed : int
        Seed of the start vectors.
    progress : Progress
        Called with the number of products computed.
    by : {"value", "magnitude"}
        Whether the largest lead or those farthest from zero.

    Returns
    -------
    values : (d,) float64
        Eigenvalues, in decreasing order.
    vectors : (V, d) float
        Their eigenvectors.

    Raises
    ------
    InputError
        No convergence.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from repsearch.progress import silent
    >>> from repsearch.spectrum.vectors import HostVectors
    >>> diagonal = np.arange(50.0)[:, None]
    >>> with ThreadPoolExecutor(1) as pool:
    ...     space = HostVectors(lambda x: diagonal * x, 50, "float64", pool)
    ...     values, _ = leading_pairs(space, 2, 1e-10, 0, silent)
    >>> values.round(6).tolist()
    [49.0, 48.0]
    """
    random = np.random.default_rng(seed)
    # For the basis, and behind it for that of the search for what was missed.
    most, width = _most(d, vectors.width), vectors.width
    vectors.make_room(min(vectors.size, most + (_BLOCKS_OF_SEARCH + 2) * width))
    search = _Search(vectors, random, d, progress, locked=0)
    values, weights = search.until_converged(d, tolerance, by)
    found = vectors.combined(0, weights)
    # Each turn adds at least one eigenvalue to those known.
    for _ in range(d + 1):
        low = float(np.abs(values).min() if by == "magnitude" else values.min())
        rounding = 10 * vectors.epsilon * search.scale
        # What is above by less is as large as far as is known.
        bound = low + 10 * tolerance * abs(low) + rounding
        if not search.has_missed(bound, by, max(tolerance, 1e-3)):
            break
        vectors.store(vectors.moved(found.astype(np.float64)), 0)
        search = _Search(vectors, random, d, progress, locked=d, products=search.products)
        others, weights = search.until_converged(min(d, vectors.size - d), tolerance, by)
        both = np.concatenate([values, others])
        order = leading(both, d, by)
        found = np.hstack([found, vectors.combined(d, weights)])[:, order]
        values = both[order]
    progress("eigenpairs", search.products, search.products, "products")
    return values, found


def _most(d: int, width: int) -> int:
    """Number of vectors in the basis for d pairs, at most."""
    return max(3 * d, d + _FEWEST_BLOCKS * width)


class _Search:
    """Grow a Krylov space in the complement of the first, locked, columns of the basis.

    Columns [locked, locked + filled) are its basis, in which the matrix is `projected`;
    the block after them is orthogonal to it and waits to be multiplied. `coupling` is
    what the matrix makes of the last block along the waiting one.
    """

    def __init__(
        self,
        vectors: Vectors,
        random: np.random.Generator,
        d: int,
        progress: Progress,
        *,
        locked: int,
        products: int = 0,
    ) -> None:
        self.vectors = vectors
        self.random = random
        self.progress = progress
        self.products = products
        self.scale = 0.0
        self.usual = max(10 * d, 4 * vectors.width)
        self.begin(locked, _most(d, vectors.width))

    def begin(self, locked: int, most: int) -> None:
        """Start anew from a random block, with room for a basis of `most` vectors."""
        vectors = self.vectors
        self.locked = locked
        self.filled = self.kept = self.previous = 0
        free = vectors.size - locked
        self.most = min(free, most)
        self.projected = np.zeros((self.most + vectors.width,) * 2)
        self.coupling = np.zeros((0, 0))
        vectors.make_room(locked + min(self.most + vectors.width, free))
        self.waiting = 0
        self._add_waiting(None, min(vectors.width, free))

    def until_converged(
        self, d: int, tolerance: float, by: Rank
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Values and weights, in this space's basis, of the d leading pairs."""
        converged = 0
        for _ in range(_MOST_RESTARTS):
            while self.waiting and self.filled + self.waiting <= self.most:
                self._expand()
            values, weights, errors = self._ritz()
            order = leading(values, d, by)
            # An estimate below the rounding of the products says nothing.
            asked = np.maximum(
                tolerance * np.abs(values[order]), self.vectors.epsilon * np.abs(values).max()
            )
            converged = int((errors[order] <= asked).sum())
            if converged == d:
                return values[order], weights[:, order]
            self._restart(values, weights, d, by)
        raise InputError(
            f"only {converged} of {d} eigenpairs converged; ask for fewer, "
            "a larger tolerance, float64 or the dense way"
        )

    def has_missed(self, bound: float, by: Rank, tolerance: float) -> bool:
        """Whether the space orthogonal to all seen so far has an eigenvalue beyond `bound`."""
        most = _BLOCKS_OF_SEARCH * self.vectors.width
        self.begin(self.locked + self.filled + self.waiting, most)
        steps = 0
        while self.waiting:
            if self.filled + self.waiting > self.most:
                # Rare: its edge lies so near the bound that it must be found itself.
                values, _ = self.until_converged(1, tolerance, by)
                return float(values[0] if by == "value" else np.abs(values[0])) > bound
            self._expand()
            steps += 1
            edges = np.linalg.eigvalsh(self._matrix())
            low, high = float(edges[0]), float(edges[-1])
            if high > bound or (by == "magnitude" and -low > bound):
                return True
            # How far the edges are below the bound, as shares of the spectrum up to it.
            gap = (bound - high) / (bound - low) if low < bound else 0.0
            if by == "magnitude":
                gap = min(gap, (bound + low) / (bound + high) if high > -bound else 0.0)
            if self._chance(gap, steps) <= _CHANCE:
                return False
        return False

    def _chance(self, gap: float, steps: int) -> float:
        """Chance that each of the random vectors has led Lanczos that far below an eigenvalue."""
        one = math.log(1.648) + 0.5 * math.log(self.vectors.size) - math.sqrt(gap) * (2 * steps - 1)
        return math.exp(min(self.vectors.width * one, 0.0))

    def _expand(self) -> None:
        """Multiply the waiting block, and let what is new in the product wait."""
        vectors, locked = self.vectors, self.locked
        first, last = self.filled, self.filled + self.waiting
        block = vectors.product(locked + first, locked + last)
        self.products += self.waiting
        self.progress("eigenpairs", self.products, max(self.usual, self.products), "products")
        # Almost all of it lies along the last two blocks. Once that is gone, one pass over
        # the whole basis takes out what rounding left of the rest.
        near = 0 if first == self.kept else first - self.previous
        along = vectors.project_out(block, locked + near, locked + last)[first - near :]
        along = along + vectors.project_out(block, 0, locked + last)[locked + first :]
        self.projected[first:last, first:last] = (along + along.T) / 2
        self.scale = max(self.scale, float(np.abs(along).max()))
        self.previous, self.filled = self.waiting, last
        self.coupling = self._add_waiting(block, min(vectors.width, self._free()))
        end = last + self.waiting
        self.projected[last:end, first:last] = self.coupling
        self.projected[first:last, last:end] = self.coupling.T

    def _free(self) -> int:
        return self.vectors.size - self.locked - self.filled

    def _add_waiting(self, block: Block | None, width: int) -> NDArray[np.float64]:
        """Store an orthonormal block of `width` behind the basis: what is given, then random.

        Returns what the given one is in terms of it.
        """
        vectors = self.vectors
        given = 0 if block is None else self.previous
        coupling = np.zeros((width, given))
        ready, used = block, 0
        if block is not None and width:
            ready, used, part = self._orthonormal(block, width)
            coupling[:used] = part
        # Where the space is closed, a fresh direction leads out of it.
        while used < width:
            more = vectors.moved(self.random.standard_normal((vectors.size, width - used)))
            end = self.locked + self.filled
            if used:
                vectors.store(ready, end)
            for _ in range(2):
                vectors.project_out(more, 0, end + used)
            more, new, _ = self._orthonormal(more, width - used, floor=1e3 * vectors.epsilon)
            if not new:  # no direction is left that rounding does not blur
                width, coupling = used, coupling[:used]
                break
            ready = vectors.joined(ready, more) if used else more
            used += new
        self.waiting = width
        if width:
            vectors.store(ready, self.locked + self.filled)
        return coupling

    def _orthonormal(
        self, block: Block, most: int, floor: float | None = None
    ) -> tuple[Block, int, NDArray[np.float64]]:
        """Make the columns of a block orthonormal to one another, and leave out what is noise.

        Twice by its Gram matrix (Stathopoulos and Wu 2002). With the number of columns
        comes the matrix that gives the block back.
        """
        vectors = self.vectors
        total = np.eye(0)
        for turn in range(3):
            squares, axes = np.linalg.eigh(vectors.gram(block))
            lengths = np.sqrt(np.maximum(squares[::-1], 0))
            axes = axes[:, ::-1]
            if turn == 0:
                noise = 10 * vectors.epsilon * max(self.scale, float(lengths.max(initial=0)))
                kept = (lengths > (noise if floor is None else floor)).nonzero()[0][:most]
            else:
                kept = (lengths > 0.1).nonzero()[0]
            if not len(kept):
                return block, 0, np.zeros((0, axes.shape[0]))
            block = vectors.times(block, axes[:, kept] / lengths[kept])
            part = lengths[kept, None] * axes[:, kept].T
            total = part @ total if turn else part
            if turn and lengths.max() - lengths.min() <= 100 * vectors.epsilon:
                break
            if turn == 0 and lengths[kept].min() < 0.01 * lengths.max():
                # What was short is now long, and so is what rounding had left along the basis.
                vectors.project_out(block, 0, self.locked + self.filled)
        return block, len(total), total

    def _matrix(self) -> NDArray[np.float64]:
        return self.projected[: self.filled, : self.filled]

    def _ritz(
        self,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Ritz values in increasing order, their vectors, and their residuals' norms."""
        values, weights = scipy.linalg.eigh(self._matrix(), driver="evd", check_finite=False)
        if not self.waiting:
            return values, weights, np.zeros(len(values))
        errors = np.linalg.norm(self.coupling @ weights[self.filled - self.previous :], axis=0)
        return values, weights, errors

    def _restart(
        self, values: NDArray[np.float64], weights: NDArray[np.float64], d: int, by: Rank
    ) -> None:
        """Keep the better half of the Ritz vectors, and the waiting block."""
        vectors = self.vectors
        number = d + (self.filled - d) // 2
        number = min(number, self.most - 2 * vectors.width) if self.waiting else number
        number = max(number, min(d, self.filled))
        kept = leading(values, number, by)
        if by == "value" and number > d + 2 * vectors.width:
            # A few far below zero would be found again and again if they were let go.
            lowest = np.argsort(values, kind="stable")[: vectors.width]
            kept = np.union1d(kept[: number - vectors.width], lowest)
        end = self.locked + self.filled
        waiting = vectors.block(end, end + self.waiting) if self.waiting else None
        rows = self.coupling @ weights[self.filled - self.previous :, kept]
        vectors.rotate(self.locked, weights[:, kept])
        self.filled = self.kept = len(kept)
        self.previous = self.filled
        self.projected[:] = 0
        places = np.arange(self.filled)
        self.projected[places, places] = values[kept]
        if waiting is not None:
            vectors.store(waiting, self.locked + self.filled)
            last = self.filled + self.waiting
            self.projected[self.filled : last, : self.filled] = rows
            self.projected[: self.filled, self.filled : last] = rows.T

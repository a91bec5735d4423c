"""Describe a change of hidden states: add a vector, project a direction out, erase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from repsearch.errors import InputError

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Change:
    """x becomes x + shift − sum over k of (read_k . (x − mean)) erased_k, for each of n rows.

    All changes that are asked of a model have this form: `add` has nothing to read, `project_out`
    reads what it takes, and `erase` reads along other directions than those it takes.

    Parameters
    ----------
    shift, mean : (n, d) float
        What is added, and what counts as the middle.
    read, erased : (n, k, d) float
        Linear functions of a state, and what is taken away for each.

    Raises
    ------
    InputError
        Shapes do not fit, or a number is not finite.

    Examples
    --------
    >>> Change.project_out([[0.0, 2.0]]).of(np.array([[3.0, 4.0]]))
    array([[3., 0.]])
    """

    shift: Real
    mean: Real
    read: Real
    erased: Real

    def __post_init__(self) -> None:
        n, d = self.shift.shape
        shapes = [one.shape for one in (self.mean, self.read, self.erased)]
        k = self.read.shape[1] if self.read.ndim == 3 else 0
        if shapes != [(n, d), (n, k, d), (n, k, d)]:
            raise InputError(
                f"a change of {n} rows of {d} numbers has parts of the shapes {shapes}; pass "
                f"({n}, {d}), and twice ({n}, k, {d})"
            )
        parts = (self.shift, self.mean, self.read, self.erased)
        if not all(np.isfinite(one).all() for one in parts):
            raise InputError("a change of states has a NaN or an infinity; mend its direction")

    @classmethod
    def add(cls, vectors: ArrayLike) -> Change:
        """Add a vector to each row.

        Parameters
        ----------
        vectors : (n, d) array_like
            Vectors.

        Returns
        -------
        Change

        Raises
        ------
        InputError
            They are no matrix, or not finite.
        """
        rows = _matrix(vectors)
        none = np.zeros((len(rows), 0, rows.shape[1]))
        return cls(rows, np.zeros_like(rows), none, none)

    @classmethod
    def project_out(cls, directions: ArrayLike) -> Change:
        """Take away what lies along a direction, one for each row.

        Parameters
        ----------
        directions : (n, d) array_like
            Directions of any length but zero.

        Returns
        -------
        Change

        Raises
        ------
        InputError
            One is zero or not finite.
        """
        rows = _matrix(directions)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not lengths.all() or not np.isfinite(lengths).all():
            raise InputError("a direction is zero or not finite; it points nowhere")
        unit = (rows / lengths)[:, None, :]
        zero = np.zeros_like(rows)
        return cls(zero, zero, unit, unit)

    @classmethod
    def erase(cls, mean: ArrayLike, read: ArrayLike, erased: ArrayLike) -> Change:
        """Apply an eraser to each row, as least-squares erasure finds it.

        Parameters
        ----------
        mean : (n, d) array_like
            Mean of what each was fitted to.
        read : (n, k, d) array_like
            How much of each column is taken, as linear functions of the centred state.
        erased : (n, k, d) array_like
            What is taken away.

        Returns
        -------
        Change

        Raises
        ------
        InputError
            Shapes do not fit, or a number is not finite.
        """
        middle = _matrix(mean)
        functions, columns = (np.asarray(one, np.float64) for one in (read, erased))
        return cls(np.zeros_like(middle), middle, functions, columns)

    def __len__(self) -> int:
        return len(self.shift)

    def at(self, rows: NDArray[np.integer[Any]]) -> Change:
        """Give the change of some rows.

        Parameters
        ----------
        rows : (m,) int
            Their numbers.

        Returns
        -------
        Change
        """
        return Change(self.shift[rows], self.mean[rows], self.read[rows], self.erased[rows])

    def of(self, states: Any) -> Any:
        """Change states.

        Parameters
        ----------
        states : (n, d) ndarray or torch.Tensor
            Of any precision; tensors are changed in float32 where they are.

        Returns
        -------
        (n, d) ndarray or torch.Tensor
            Of the same kind and precision.
        """
        if isinstance(states, np.ndarray):
            amounts = np.einsum("nkd,nd->nk", self.read, states - self.mean)
            return states + self.shift - np.einsum("nk,nkd->nd", amounts, self.erased)
        import torch

        shift, mean, read, erased = (
            torch.from_numpy(one).to(states.device, torch.float32)
            for one in (self.shift, self.mean, self.read, self.erased)
        )
        wide = states.float()
        amounts = torch.einsum("nkd,nd->nk", read, wide - mean)
        changed = wide + shift - torch.einsum("nk,nkd->nd", amounts, erased)
        return changed.to(states.dtype)


def _matrix(given: ArrayLike) -> Real:
    rows = np.asarray(given, dtype=np.float64)
    if rows.ndim != 2 or not rows.size:
        raise InputError(f"a change needs one vector for each row; got the shape {rows.shape}")
    return rows

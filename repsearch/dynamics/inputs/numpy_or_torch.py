"""Accept NumPy arrays, lists and torch tensors, and answer with what was passed.

The closed forms work on K x d matrices, small next to the V x d embeddings, and
need float64 whatever the embeddings are in. So they are worked out by NumPy and
handed back as what came in: an array or a torch tensor, of its type, on its device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError

Array: TypeAlias = Any
"""A NumPy array, a list of numbers, or a torch tensor."""

Back: TypeAlias = Callable[[NDArray[np.float64]], Array]


def on_numpy(first: Array, *others: Array) -> tuple[Any, ...]:
    """Convert arrays to float64, and make a function that converts a result back.

    Parameters
    ----------
    first : array
        Its kind, type and device are those of the result.
    *others : array
        Further arrays, of any kind.

    Returns
    -------
    tuple
        The float64 arrays in their order, and last a function from a float64 array to one
        of the kind of `first`.

    Raises
    ------
    InputError
        Something that holds no real numbers.

    Examples
    --------
    >>> squares, back = on_numpy(np.ones(2, np.float32))
    >>> squares.dtype, back(squares).dtype
    (dtype('float64'), dtype('float32'))
    """
    arrays = tuple(as_float64(one) for one in (first, *others))
    return *arrays, _back(first)


def as_float64(given: Array) -> NDArray[np.float64]:
    """Convert an array, a list of numbers or a tensor to a NumPy array in float64.

    Parameters
    ----------
    given : array
        Real numbers, of any kind and shape.

    Returns
    -------
    array of float64
        A copy, of the same shape.

    Raises
    ------
    InputError
        Something that holds no real numbers.

    Examples
    --------
    >>> as_float64([1, 2])
    array([1., 2.])
    """
    if _is_tensor(given):
        given = given.detach().cpu().numpy()
    array = np.asarray(given)
    if array.dtype.kind not in "fiu":
        raise InputError(f"an array of {array.dtype} was passed; pass real numbers")
    return array.astype(np.float64)


def _back(first: Array) -> Back:
    """Make the function that converts a result to the kind of `first`."""
    if _is_tensor(first):
        import torch

        kind = first.dtype if first.dtype.is_floating_point else torch.float64
        return lambda result: torch.as_tensor(result, dtype=kind, device=first.device)
    dtype = np.asarray(first).dtype
    kind = dtype if dtype in (np.float32, np.float64) else np.dtype(np.float64)
    return lambda result: result.astype(kind, copy=False)


def _is_tensor(given: Array) -> bool:
    return type(given).__module__.partition(".")[0] == "torch"

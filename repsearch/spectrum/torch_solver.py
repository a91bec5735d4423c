"""Compute leading eigenpairs on a torch device, which makes the matrix from the stored entries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.extras import missing
from repsearch.progress import Progress
from repsearch.spectrum import block_lanczos, torch_matrix
from repsearch.spectrum.leading import TOLERANCE, Rank, leading
from repsearch.spectrum.torch_vectors import TorchVectors
from repsearch.storage.memory import free_memory, in_bytes
from repsearch.target.scaled import Scaled
from repsearch.target.target import DENSE_LIMIT, Target

if TYPE_CHECKING:
    import torch

_ARRAYS = 5
"""Arrays of V x V that a decomposition takes: the matrix, its eigenvectors, what they need."""
_AT_ONCE = 64

DType = Literal["float32", "float64"]


def solve(
    target: Target | Scaled,
    d: int,
    by: Rank,
    method: str,
    dtype: DType | None,
    tolerance: float | None,
    seed: int,
    device: Any,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.float64]]:
    """Find the leading d eigenpairs on `device`.

    What goes there are the stored entries, once, and what comes back are the pairs: the
    array of V x V is made on the device and never on the host. By block Lanczos,
    coefficients of a few hundred numbers come back for every block of products.

    Parameters
    ----------
    target : Target or Scaled
        Symmetric target.
    d : int
        Number of eigenpairs.
    by : {"value", "magnitude"}
        Order in which eigenvalues lead.
    method : {"auto", "dense", "krylov"}
        A dense eigendecomposition or block Lanczos; ``"auto"`` takes the dense one up to
        20,000 words where the device has the memory.
    dtype : {"float32", "float64"} or None
        Precision; None for float64 in the dense way, if the memory of the device allows,
        and float32 otherwise.
    tolerance : float or None
        Relative accuracy asked of Lanczos; None for that of `dtype`.
    seed : int
        Seed of the start vectors of Lanczos.
    device : str or torch.device
        Device that computes.
    progress : Progress
        Called with the number of products computed.

    Returns
    -------
    values : (d,) float
        Eigenvalues, in decreasing order.
    vectors : (V, d) float
        Their eigenvectors.
    residuals : (d,) float64
        Norms of M v - lambda v, in float64.

    Raises
    ------
    InputError
        torch is not installed, or has no such device; a device with too little memory
        for the dense way; no convergence.
    """
    place = _place(device)
    size = len(target.words)
    room = _free(place)

    def fits(kind: DType) -> bool:
        return room is None or _ARRAYS * size**2 * np.dtype(kind).itemsize <= room

    if method == "auto":
        dense = size <= DENSE_LIMIT and fits(dtype or "float32")
        method = "dense" if dense or 3 * d > size else "krylov"
    if method == "dense":
        kind: DType = dtype or ("float64" if fits("float64") else "float32")
        if not fits(kind):
            raise InputError(
                f"the dense way with {size:,} words asks for "
                f"{in_bytes(_ARRAYS * size**2 * np.dtype(kind).itemsize)} of memory, device "
                f"{str(device)!r} has {in_bytes(room or 0)} free; take the other way (krylov), "
                "fewer words, or another precision"
            )
        with _full_products():
            return _dense(target, d, by, kind, place, progress)
    with _full_products():
        return _krylov(target, d, by, dtype or "float32", tolerance, seed, place, progress)


def _dense(
    target: Target | Scaled,
    d: int,
    by: Rank,
    dtype: DType,
    place: torch.device,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.float64]]:
    import torch

    progress("eigenpairs", 0, 1, "decompositions")
    full = torch_matrix.dense(target, dtype, place)
    every, vectors = torch.linalg.eigh(full)
    every = torch_matrix.to_host(every)
    chosen = leading(every, d, by)
    vectors = vectors[:, torch_matrix.to_device(chosen, place)]
    values = every[chosen]
    if dtype != "float64":
        del full  # before there is another
        full = torch_matrix.dense(target, "float64", place)
    known = torch_matrix.to_device(values.astype(np.float64), place)
    wide = vectors.to(torch.float64)
    residuals = torch.linalg.norm(full @ wide - wide * known, dim=0)
    progress("eigenpairs", 1, 1, "decompositions")
    return values, torch_matrix.to_host(vectors), torch_matrix.to_host(residuals)


def _krylov(
    target: Target | Scaled,
    d: int,
    by: Rank,
    dtype: DType,
    tolerance: float | None,
    seed: int,
    place: torch.device,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.float64]]:
    import torch

    matrix = torch_matrix.Product(target, dtype, place)
    space = TorchVectors(matrix, len(target.words), dtype, place)
    asked = tolerance or TOLERANCE[dtype]
    found, vectors = block_lanczos.leading_pairs(space, d, asked, seed, progress, by=by)
    values = found.astype(dtype)
    matrix = torch_matrix.Product(target, "float64", place) if dtype != "float64" else matrix
    residuals = []
    for first in range(0, d, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        block = torch_matrix.to_device(vectors[:, part].astype(np.float64), place)
        known = torch_matrix.to_device(values[part].astype(np.float64), place)
        off = torch.linalg.norm(matrix(block) - block * known, dim=0)
        residuals.append(torch_matrix.to_host(off))
    return values, vectors, np.concatenate(residuals)


def _place(device: Any) -> torch.device:
    try:
        import torch
    except ImportError:
        raise missing(f"device {str(device)!r}", "torch") from None
    try:
        place = torch.device(device)
        torch.zeros(1, device=place).cpu()  # the device "meta" accepts data and cannot return it
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"torch has no device {str(device)!r} here: {reason}") from None
    return place


def _free(place: torch.device) -> int | None:
    """Bytes that the device has free, where it tells."""
    import torch

    if place.type == "cuda":
        free, _ = torch.cuda.mem_get_info(place)
        return int(free)
    return free_memory() if place.type == "cpu" else None


@contextmanager
def _full_products() -> Iterator[None]:
    """Multiply in the precision of the numbers, whatever was allowed for training."""
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)

"""Compute leading eigenpairs on a torch device."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from repsearch.errors import InputError
from repsearch.progress import Progress
from repsearch.spectrum import lanczos
from repsearch.target.target import DENSE_LIMIT, Target, sparse_part


def solve(
    target: Target,
    d: int,
    method: str,
    dtype: str,
    tolerance: float | None,
    seed: int,
    device: Any,
    progress: Progress,
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Find the top d eigenpairs by signed value on `device`.

    The matrix is kept on the device, dense up to 20,000 words and sparse plus
    constant beyond; Lanczos itself runs on the host, which receives one vector per
    product.

    Parameters
    ----------
    target : Target
        Symmetric target.
    d : int
        Number of eigenpairs.
    method : {"dense", "krylov"}
        Algorithm: a dense eigendecomposition or Lanczos.
    dtype : {"float32", "float64"}
        Precision of products and vectors.
    tolerance : float or None
        Relative accuracy asked of ARPACK; None for that of `dtype`.
    seed : int
        Seed of the start vector of Lanczos.
    device : str or torch.device
        Device that computes the products.
    progress : Progress
        Called with the number of products computed.

    Returns
    -------
    values : (d,) float
        Eigenvalues.
    vectors : (V, d) float
        Their eigenvectors.

    Raises
    ------
    InputError
        torch is not installed, or has no such device.
    """
    try:
        import torch
    except ImportError:
        raise InputError(
            f"device {str(device)!r} needs torch, which is not installed; "
            "see https://pytorch.org/get-started"
        ) from None
    try:
        place = torch.device(device)
        torch.zeros(1, device=place).cpu()  # the device "meta" accepts data and cannot return it
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"torch has no device {str(device)!r} here: {reason}") from None
    kind = {"float32": torch.float32, "float64": torch.float64}[dtype]
    size = len(target.words)
    if method == "dense":
        full = torch.as_tensor(target.dense(dtype), device=place)
        values, vectors = torch.linalg.eigh(full)
        return values[-d:].cpu().numpy(), vectors[:, -d:].cpu().numpy()
    if size <= DENSE_LIMIT:
        matrix = torch.as_tensor(target.dense(dtype), device=place)
        constant = 0.0
    else:
        part = sparse_part(target)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta")
            matrix = torch.sparse_csr_tensor(
                torch.as_tensor(part.indptr),
                torch.as_tensor(part.indices),
                torch.as_tensor(part.data),
                part.shape,
                dtype=kind,
                device=place,
                check_invariants=True,  # torch warns where this is left open
            )
        constant = target.constant

    def multiply(x: NDArray[Any]) -> NDArray[Any]:
        column = torch.as_tensor(np.ascontiguousarray(x.reshape(-1, 1)), dtype=kind, device=place)
        product = (matrix @ column + constant * column.sum()).reshape(-1)
        result: NDArray[Any] = product.cpu().numpy()
        return result

    return lanczos.top_eigenpairs(multiply, size, d, dtype, tolerance, seed, progress)
